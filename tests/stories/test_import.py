"""A list comes in: the file, its columns, a look, the work, its report; and the worker that does it is killed half way."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.dates import today
from config import embedded
from petitions import jobs
from petitions.models import ExternalReference, Filing, Job, Petition
from petitions.tasks import take_up_jobs
from petitions.views import jobs as job_pages
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.test_take_over import filled, row_of
from tests.stories.stage import Stage, fill, focused, go, open_step, send, take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = "编号,标题,内容,信访日期,姓名,手机,内容分类,属地"


def rows(count: int) -> str:
    """A list of another system, of invented people."""
    lines = [
        f"S{n},第{n}户补偿款没有发,第{n}户的征地补偿款至今没有发放。,2026-03-01,王小明,139{n:08d},土地征收,寺前村"
        for n in range(1, count + 1)
    ]
    return "\n".join([NAMES, *lines])


def choose(page: Any, text: str) -> None:
    """Choose a file of that text and go on to its columns."""
    page.set_input_files(
        "[name=file]", {"name": "省系统.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
    )
    page.click("[data-primary]")
    page.locator("h1:has-text('对应列')").wait_for()


def test_from_the_file_to_the_report(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar)
    go(page, "导入导出")
    stage.look(page, "import")
    page.click("[data-primary]")
    page.locator(".errors").wait_for()
    stage.look(page, "no-file")
    choose(page, rows(3) + "\nS9,,,明天,,,,")
    assert page.locator("[name=column_content]").input_value() == "内容"
    stage.look(page, "columns")
    page.fill("[name=source]", "省信访系统")
    page.click("button:has-text('试导入')")
    page.locator("caption:has-text('未成的行')").wait_for()
    assert not Filing.objects.exists()
    stage.look(page, "looked")
    page.click("a:has-text('改对应或正式导入')")
    page.click("button:has-text('正式导入')")
    page.locator("dd:has-text('3')").first.wait_for()
    stage.look(page, "done")
    assert Petition.objects.count() == 3
    page.goto(f"{stage.address}/import/")
    choose(page, rows(4))
    assert page.locator("[name=source]").input_value() == "省信访系统"
    page.click("button:has-text('正式导入')")
    page.locator("dt:has-text('已有')").wait_for()
    stage.look(page, "again")
    assert Petition.objects.count() == 4


# A worker in a process of its own, killed by the system's hardest signal inside the transaction of its second piece.
WORKER = """
import os, signal, sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from petitions import jobs, tasks
step = jobs.Run.step
def watched(run, done, **more):
    step(run, done, **more)
    if done >= 200:
        os.kill(os.getpid(), signal.SIGKILL)
jobs.Run.step = watched
jobs.run(sys.argv[2])
"""


def test_an_import_killed_half_way(office: Cast, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_pages, "wake", lambda ref: None)  # the worker is another process
    page = stage.seat(office.registrar, "/import/")
    choose(page, rows(250))
    page.fill("[name=source]", "省信访系统")
    page.click("button:has-text('正式导入')")
    page.locator(".progress-line:has-text('排队中')").wait_for()
    job = Job.objects.get(kind="import_filings")
    database = str(connection.settings_dict["NAME"])
    killed = subprocess.run(
        [sys.executable, "-c", WORKER, database, job.ref], cwd=embedded.ROOT, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    page.locator(".progress-line:has-text('100 / 250')").wait_for()
    assert Filing.objects.count() == 100
    stage.look(page, "half-way")
    assert take_up_jobs() == 0  # it might still be working
    job.refresh_from_db()
    assert job.beat_at is not None
    Job.objects.filter(pk=job.pk).update(beat_at=job.beat_at - jobs.LEASE - timedelta(seconds=1))
    assert take_up_jobs() == 1
    page.locator("dd:has-text('250')").wait_for()
    stage.look(page, "whole")
    assert Filing.objects.count() == ExternalReference.objects.values("number").distinct().count() == 250


def test_work_under_way_comes_from_paper(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.triage)
    go(page, "导入导出")
    page.click("nav[aria-label='导入导出'] a:has-text('接收在办件')")
    stage.look(page, "take-over")
    with page.expect_download() as download:
        page.click("a:has-text('下载模板')")
    assert download.value.path().read_bytes()[:2] == b"PK"
    content = filled(row_of("浦信老2026-17"), row_of("浦信老2026-18", 受理日期=""))
    page.set_input_files("[name=file]", {"name": "在办件.xlsx", "mimeType": "application/zip", "buffer": content})
    page.click("[data-primary]")
    page.locator("td:has-text('要有受理日期')").wait_for()
    assert not Petition.objects.exists()
    stage.look(page, "looked")
    page.click("button:has-text('正式接收')")
    page.locator("dt:text-is('登记')").wait_for()
    taken = Petition.objects.get()
    page.goto(f"{stage.address}/petitions/{taken.ref}/")
    page.locator("text=此前的办理过程见纸质档案").wait_for()
    stage.look(page, "case")
    page.click(".papers a, a:has-text('受理告知书')")
    page.locator("text=内容见纸质档案").wait_for()
    stage.look(page, "paper")


def test_a_scanners_number_found(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar, "/register/")
    page.click("summary:has-text('有其他系统的编号')")
    scan(page, "[name=reference_number]", "330726202611250017")
    focused(page, "reference_system")
    page.fill("[name=reference_system]", "省信访系统")
    page.fill("[name=p-0-name]", "王小明")
    page.fill("[name=content]", "村道破损两年没有修，请求修复。")
    stage.look(page, "register")
    page.keyboard.press("Control+Enter")
    page.locator("h1:has-text('已登记')").wait_for()
    scan(page, "#search, [name=q]", "330726202611250017")
    page.locator("h1:has-text('村道破损')").wait_for()
    assert Petition.objects.get().ref in page.url
    page.locator("text=省信访系统 330726202611250017").wait_for()
    stage.look(page, "case")
    other = stage.seat(office.stranger, "/")
    scan(other, "#search, [name=q]", "330726202611250017")
    other.wait_for_url("**/search/**")
    assert "村道破损" not in other.content()


def scan(page: Any, where: str, number: str) -> None:
    """A scanner types a line and Enter."""
    page.locator(where).first.click()
    page.keyboard.insert_text(number)
    page.keyboard.press("Enter")


def test_the_county_as_the_one_assigned_to(office: Cast, ready: Makes, stage: Stage) -> None:
    due = today() + timedelta(days=30)
    filing = ready.registered(
        channel="handed_down", handed_by=office.city, handed_number="金信交5号", handed_due=due
    ).filing
    page = stage.seat(office.triage, f"/petitions/{filing.petition.ref}/")
    take(page, "签收上级交转")
    stage.look(page, "signed")
    open_step(page, "向上级提出异议")
    stage.look(page, "objecting")
    fill(page, reason="属于市级职权。", body="金华市交通运输局")
    send(page, "向上级提出异议")
    take(page, "登记上级不同意退回", answer="属于县级职权，请依法办理。")
    open_step(page, "登记上级同意延长期限")
    stage.look(page, "longer")
    fill(page, limit_on=(due + timedelta(days=20)).isoformat(), letter="金信延〔2026〕3号", reason="委托鉴定尚未完成。")
    send(page, "登记上级同意延长期限")
    page.locator("text=上级期限：").wait_for()
    stage.look(page, "extended")
    take(page, "直接回复", reply="已经答复信访人。")
    page.goto(f"{stage.address}/tray/report_up/")
    page.locator(f"td:has-text('{filing.petition.number}')").wait_for()
    stage.look(page, "tray")
    page.goto(f"{stage.address}/petitions/{filing.petition.ref}/")
    take(page, "向上级报送办结报告", result="已答复信访人，信访人没有异议。")
    page.locator("text=已报告").wait_for()
    stage.look(page, "reported")


def test_records_for_the_province(office: Cast, ready: Makes, stage: Stage) -> None:
    ready.confirmed()
    page = stage.seat(office.head, "/exchange/")
    stage.look(page, "exchange")
    page.click("[data-primary]")
    with page.expect_download() as download:
        page.click("a:has-text('下载结果')")
    assert download.value.suggested_filename.startswith("信访件交换-")
    stage.look(page, "exported")
