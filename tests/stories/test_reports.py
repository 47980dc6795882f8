"""A ledger is opened, narrowed and exported; the year's report of Art.41 is drafted, edited and issued."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from accounts.dates import today
from petitions import figures
from petitions.actions import advance
from petitions.figures import keep
from petitions.models import Report
from petitions.reports import verbs
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.figures.when import on_day
from tests.stories.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_ledger_is_narrowed_and_exported(office: Cast, ready: Makes, stage: Stage) -> None:
    for _ in range(2):
        run = ready.handling()
        advance("supervise", on=run.petition, by=office.supervisor, trigger="t5_lapsed", demand="请说明。")
    page = stage.seat(office.supervisor, "/ledgers/")
    stage.look(page, "ledgers")
    page.get_by_role("link", name="未结督办").click()
    page.get_by_role("heading", name="督办台账").wait_for()
    assert page.locator("tbody tr").count() == 2
    stage.look(page, "supervision")
    with page.expect_download() as got:
        page.get_by_role("button", name="导出表格").click()
    assert got.value.suggested_filename.endswith(".xlsx")


def test_the_years_report_is_drafted_edited_and_issued(office: Cast, ready: Makes, stage: Stage) -> None:
    with on_day(date(today().year - 1, 12, 30)):
        ready.registered()
    for _ in range(5):
        ready.handling()
    ready.confirmed()
    figures.refresh()
    page = stage.seat(office.head, "/reports/")
    page.locator("[name=kind]").select_option("annual")
    page.locator("[name=year]").select_option(str(today().year - 1))
    page.get_by_role("button", name="起草").click()
    page.get_by_role("heading", name="年度报告").first.wait_for()
    stage.look(page, "uncounted")
    keep.make_day(date(today().year - 1, 12, 31))
    page.reload()
    stage.look(page, "draft")
    page.locator("[name=more]").fill("本年建成一站式接待大厅。")
    page.get_by_role("button", name="保存文字").click()
    page.locator("#messages:has-text('文字已保存')").wait_for()
    page.get_by_role("button", name="印发").click()
    page.locator("#messages:has-text('已印发')").wait_for()
    stage.look(page, "issued")
    assert "本年建成一站式接待大厅。" in page.locator("main").inner_text() and page.locator("textarea").count() == 0
    page.goto(f"{stage.address}/reports/")
    stage.look(page, "list")
    row = Report.objects.get()
    this = verbs.begin(office.head, "annual", today().year)
    page.goto(f"{stage.address}/reports/{this.ref}/")
    page.locator("canvas").first.wait_for()
    stage.look(page, "this-year")
    if folder := os.environ.get("STORY_SHOTS"):
        page.emulate_media(media="print")
        page.pdf(path=str(Path(folder) / "page.pdf"))
        Path(folder, "report.docx").write_bytes(verbs.file_of(this, office.head))
    assert row.number == f"浦信信访报字〔{today().year}〕1号"
