"""A leader, an office head and a supervisor look at the figures: on a desk, on a phone, on paper, and without a script."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.dates import today
from petitions import figures, jobs
from petitions.actions import rate
from petitions.models import FigureState, Job
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.figures.when import on_day
from tests.stories.stage import PHONE, Stage
from visits.actions import sponsor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_figures_are_read_by_each_person(stage: Stage, cast: Cast, make: Makes) -> None:
    petition = make.confirmed()
    rate(petition.filings.get(), target="unit", value="0")
    make.handling()
    make.sent("assign")
    make.registered()
    figures.refresh()

    desk = stage.seat(cast.triage, "/figures/")
    desk.locator("canvas").first.wait_for()
    stage.look(desk, "office")
    desk.locator(".figure", has_text="信访总量").click()
    desk.locator("[data-count]").wait_for()
    assert desk.locator("[data-count]").inner_text() == "4"
    stage.look(desk, "list")
    desk.goto(stage.address + "/figures/about/")
    stage.look(desk, "about")

    for who in ("unit_head", "supervisor"):
        page = stage.seat(getattr(cast, who), "/figures/")
        stage.look(page, who)

    admin = stage.seat(cast.system_admin, "/manage/figures/")
    stage.look(admin, "formulas")

    bare = stage.window(java_script_enabled=False)
    bare.context.add_cookies(desk.context.cookies())
    bare.goto(stage.address + "/figures/?capacity=office")
    assert bare.locator("table").count() >= 3 and not bare.locator("canvas").count()

    folder = os.environ.get("STORY_SHOTS")
    if folder:
        desk.goto(stage.address + "/figures/?capacity=office")
        desk.pdf(path=Path(folder) / "figures.pdf", format="A4")


def test_a_leader_reads_one_page_on_a_phone_and_on_one_sheet_of_paper(stage: Stage, cast: Cast, make: Makes) -> None:
    with on_day(today() - timedelta(days=80)):
        FigureState.objects.update(done_to=today().replace(day=1))
        make.signed()
    for number in range(6):
        run = make.handling()
        said = {
            "sponsor": cast.leader.post,
            "unit": cast.bureau,
            "due": today() + timedelta(days=30 + number),
            "crux": "标准不一",
            "approval": "县长批准",
        }
        sponsor.put_up(run.petition, by=cast.head, **said)
    figures.refresh()

    phone = stage.seat(cast.leader, "/figures/", PHONE, has_touch=True, is_mobile=True)
    for words in ("哪里超期", "我包的案", "逐月走势", "反映什么问题"):
        phone.locator("h2", has_text=words).wait_for()
    assert phone.locator("main h2").count() == 4
    stage.look(phone, "leader")
    sheet = phone.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "12mm"))
    if folder := os.environ.get("STORY_SHOTS"):
        Path(folder, "leader.pdf").write_bytes(sheet)
    assert pages_of(sheet) == 1
    phone.get_by_role("link", name="全部指标").click()
    phone.locator("h2", has_text="全部指标").wait_for()
    stage.look(phone, "leader-whole")


def test_a_past_day_is_asked_for_counted_and_opened_from_its_work(stage: Stage, cast: Cast, make: Makes) -> None:
    day = today() - timedelta(days=2)
    with on_day(today() - timedelta(days=4)):
        make.handling()
    figures.refresh()
    page = stage.seat(cast.triage, f"/figures/?day={day}")
    stage.look(page, "day")
    page.get_by_role("button", name="开始计算").click()
    page.locator("h1", has_text="历史时点指标").wait_for()
    jobs.run(Job.objects.get().ref)
    page.reload()
    stage.look(page, "day-counted")
    page.get_by_role("link", name="查看这一天的数字").click()
    page.locator(".figures-scope", has_text="日终的数字").wait_for()
    stage.look(page, "past-day")


def pages_of(pdf: bytes) -> int:
    """How many sheets a printed page takes."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
