"""What happens to a paper after it is issued, as its people walk it: taken back and signed anew, served and void, printed by the dozen."""

from __future__ import annotations

from datetime import date

import pytest
from docx import Document

from accounts.dates import today
from petitions import bulk_steps, jobs
from petitions.models import Clock, Job, Paper
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage, fill, open_step, send, settled, take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def said(day: date) -> str:
    """A day as papers write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def test_an_opinion_is_taken_back_before_it_is_served_and_signed_anew(office: Cast, ready: Makes, stage: Stage) -> None:
    run = ready.issued()
    case = f"/petitions/{run.petition.ref}/"
    due = Clock.objects.filter(proceeding=run, name="T5").latest("pk").due
    head = stage.seat(office.unit_head, case)
    open_step(head, "收回未送达的意见书")
    stage.look(head, "take-it-back")
    fill(head, reason="依据条款引用有误")
    send(head, "收回未送达的意见书")
    old = Paper.objects.get(petition=run.petition, kind="opinion")
    assert old.void_on == today() and Clock.objects.get(proceeding=run, name="T5", ended="").due == due
    head.locator(f"main:has-text('{old.number}'):has-text('作废')").wait_for()
    desk = stage.seat(office.handler, case)
    desk.locator("#rail .steps a").first.wait_for()
    leader = stage.seat(office.unit_leader, case)
    take(leader, "核稿")
    head.goto(f"{stage.address}{case}")
    take(head, "签发处理意见书")
    numbers = list(
        Paper.objects.filter(petition=run.petition, kind="opinion").order_by("pk").values_list("number", flat=True)
    )
    assert numbers[0] == old.number and len(set(numbers)) == 2  # the old number stays, void; the new one follows it
    stage.look(head, "signed-anew")
    head.goto(f"{stage.address}/papers/{old.ref}/")
    head.locator(f".paper-void:has-text('自{said(today())}起作废')").wait_for()
    stage.look(head, "the-void-one")
    with head.expect_download() as word:
        head.click("a:has-text('下载可编辑的 Word 文件')")
    assert "作废" in Document(word.value.path()).sections[0].header.paragraphs[0].text


def test_a_notice_that_was_served_is_void_and_the_petitioner_is_told_why(
    office: Cast, ready: Makes, stage: Stage
) -> None:
    run = ready.handling()
    case = f"/petitions/{run.petition.ref}/"
    notice = Paper.objects.get(petition=run.petition, kind="accept_notice")
    desk = stage.seat(office.handler, case)
    open_step(desk, "送达其他文书")
    fill(desk, paper=notice.number, how="hand", receipt="refused", witness="")
    stage.look(desk, "serve")
    desk.click("#step [data-primary]")
    desk.locator("#step .errors:has-text('见证人')").wait_for()  # whoever refuses is witnessed
    fill(desk, witness="村委会主任李某")
    send(desk, "送达其他文书")
    head = stage.seat(office.unit_head, case)
    open_step(head, "作废文书")
    head.locator(f"#step option:has-text('{notice.number}（已送达）')").wait_for(state="attached")
    stage.look(head, "make-void")
    fill(head, paper=notice.number, reason="受理日期写错")
    send(head, "作废文书")
    told = Paper.objects.get(petition=run.petition, kind="void_notice")
    assert (
        told.for_petitioner and not Paper.objects.filter(petition=run.petition, kind="opinion", void_on=None).exists()
    )
    head.goto(f"{stage.address}/papers/{told.ref}/")
    head.locator(f"main:has-text('{notice.number}'):has-text('受理日期写错')").wait_for()
    stage.look(head, "told-why")


def test_what_one_work_issued_for_many_is_printed_in_one_go(
    office: Cast, ready: Makes, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [ready.signed() for _ in range(3)]
    page = stage.seat(office.signer, "/tray/to_accept/")
    for row in held:
        page.locator(f"input[name=pick][value='{row.petition.ref}']").check()
    page.click("button:has-text('批量受理')")
    page.wait_for_selector("h1:has-text('批量受理 3 件')")
    settled(page)
    page.select_option("[name=handler]", str(office.handler.post.pk))
    stage.look(page, "accept-three")
    monkeypatch.setattr(bulk_steps, "AT_ONCE", 1)
    page.click("main [type=submit]")
    page.wait_for_url("**/jobs/**")
    jobs.run(Job.objects.get().ref)
    page.reload()
    stage.look(page, "issued")
    page.click("a:has-text('打印出具的文书')")
    page.locator("article.paper").nth(2).wait_for()
    assert page.locator("article.paper").count() == 3
    stage.look(page, "all-of-them")
    sheets = page.pdf(format="A4", print_background=True)
    assert sheets.count(b"/Type /Page\n") == 3 or sheets.count(b"/Type /Page") - sheets.count(b"/Type /Pages") == 3
