"""A leader, an office head and a supervisor look at the figures: on a desk, on a phone, on paper, and without a script."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from petitions import figures
from petitions.actions import rate
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage

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

    for who in ("leader", "unit_head", "supervisor"):
        page = stage.seat(getattr(cast, who), "/figures/")
        stage.look(page, who)
    page.goto(stage.address + "/figures/?day=2026-01-01")
    stage.look(page, "day")

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
