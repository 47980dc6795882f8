"""A report-accusation: told at the counter, never to the unit it is about, passed on, answered; and who is not on the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.dates import today
from accounts.models import Post, Role, User
from petitions.accusations import figures
from petitions.models import Accusation, AccusationReading, Draft, Petition
from tests.cast import SINCE, Cast
from tests.makes import Makes
from tests.petitions.accusations import WORDS, Sealed
from tests.petitions.test_registration import PNG
from tests.stories.stage import Stage, choose, go, open_step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def press(page: Any, label: str) -> None:
    """Open a step from the rail."""
    page.locator(".rail .steps a").get_by_text(label, exact=True).click()
    page.locator(f"#step-title:has-text('{label}')").wait_for()


def send(page: Any, label: str) -> None:
    """Send the open step and wait until it is said to be done."""
    page.click("#step [data-primary]")
    page.locator(f"#messages:has-text('已{label}')").wait_for()


def test_from_the_counter_to_an_answer(office: Cast, stage: Stage) -> None:
    room = Sealed(office)
    page = stage.seat(room.first)
    go(page, "专门受理")
    stage.look(page, "empty")
    page.click("a:has-text('登记检举控告')")
    page.click("[data-primary]")
    page.locator(".errors").wait_for()
    assert "反映的情况" in page.locator(".errors").inner_text()
    stage.look(page, "missing")
    page.fill("[name=accused]", "钱某")
    choose(page, "unit", office.bureau.pk)
    page.fill("[name=name]", "赵举")
    page.fill("[name=phone]", "139 0000 0077")
    page.fill("[name=content]", WORDS)
    page.click("[data-primary]")
    page.locator("#messages:has-text('已登记')").wait_for()
    stage.look(page, "report")
    row = Accusation.objects.get()
    page.click("a:has-text('打印回执')")
    page.locator("h1:has-text('来件回执')").wait_for()
    stage.look(page, "slip")
    page.click("a:has-text('返回')")
    press(page, "甄别")
    page.check("[name=remit][value=discipline]")
    page.check("[name=cadre][value=yes]")
    stage.look(page, "examine")
    send(page, "甄别")
    press(page, "转送有权处理的机关")
    choose(page, "body", office.bureau.pk)
    page.click("#step [data-primary]")
    page.locator(".errors:has-text('不得透露或者转给')").wait_for()
    stage.look(page, "refused")
    choose(page, "body", room.discipline.pk)
    send(page, "转送有权处理的机关")
    assert "拒绝转给被反映的单位" in page.locator("#s-timeline >> xpath=../..").inner_text()
    stage.look(page, "transferred")
    page.click("a:has-text('转送函')")
    stage.look(page, "letter")
    page.click("a:has-text('返回')")
    press(page, "通报组织（人事）部门")
    choose(page, "body", room.organisation.pk)
    send(page, "通报组织（人事）部门")
    press(page, "补充材料")
    page.check("[name=origin][value=body]")
    page.fill("[name=words]", "纪委案管室来函：已经受理。")
    page.set_input_files("[name=uploads]", {"name": "来函.png", "mimeType": "image/png", "buffer": PNG})
    stage.look(page, "material")
    send(page, "补充材料")
    press(page, "作废文书")
    page.check("label:has-text('情况通报函')")
    page.fill("[name=reason]", "通报函写错，已收回重发。")
    stage.look(page, "void")
    send(page, "作废文书")
    press(page, "通报组织（人事）部门")
    choose(page, "body", room.organisation.pk)
    send(page, "通报组织（人事）部门")
    press(page, "记录办理结果")
    page.fill("[name=result]", "已立案审查。")
    send(page, "记录办理结果")
    press(page, "答复检举控告人")
    page.check("[name=how][value=letter]")
    page.fill("[name=answer]", "您反映的情况已由有权处理的机关立案。")
    stage.look(page, "answer")
    send(page, "答复检举控告人")
    press(page, "记录答复函送达")
    page.locator("[name=paper]").first.check()
    page.fill("[name=receiver]", "赵举")
    stage.look(page, "serve")
    send(page, "记录答复函送达")
    stage.look(page, "answered")
    press(page, "了结")
    send(page, "了结")
    row.refresh_from_db()
    assert row.state == "closed"
    page.goto(f"{stage.address}/guarded/?show=closed")
    stage.look(page, "closed")
    page.goto(f"{stage.address}/guarded/year/")
    page.locator("button:has-text('写入年度报告')").first.click()
    page.locator("#messages:has-text('已写入')").wait_for()
    stage.look(page, "year")
    archived_and_destroyed(room, stage, page, row)


def archived_and_destroyed(room: Sealed, stage: Stage, page: Any, row: Accusation) -> None:
    """Archived by the one, proposed for destruction by him when its period is over, destroyed by the other."""
    page.goto(f"{stage.address}/guarded/case/{row.ref}/")
    press(page, "归档")
    page.check("[name=period][value='30']")
    stage.look(page, "archive")
    send(page, "归档")
    Accusation.objects.filter(pk=row.pk).update(keep_until=today() - timedelta(days=1))
    page.goto(f"{stage.address}/guarded/?show=archive")
    stage.look(page, "archived")
    page.fill("#sealed-text", "钱某")
    page.locator("form:has(#sealed-text) button").click()
    page.locator("h1:has-text('查找')").wait_for()
    assert "钱某" not in page.url
    stage.look(page, "found")
    page.click(f"a:has-text('{row.number}')")
    press(page, "提出销毁")
    page.check("[name=ground][value=settled]")
    stage.look(page, "propose-destruction")
    send(page, "提出销毁")
    other = stage.seat(room.second, f"/guarded/case/{row.ref}/")
    press(other, "同意销毁")
    stage.look(other, "destroy")
    send(other, "同意销毁")
    other.locator("h1:has-text('档案已销毁')").wait_for()
    stage.look(other, "tombstone")
    assert WORDS not in other.content()


def test_whom_it_turns_out_to_be_about_is_said_late_and_a_namesake_is_told_apart(office: Cast, stage: Stage) -> None:
    room = Sealed(office)
    row = room.transferred()
    other = User.objects.create(username="t-qian", name="钱某")
    Post.objects.create(user=other, department=office.sibling, role=Role.HANDLER, valid_from=SINCE)
    page = stage.seat(room.first, f"/guarded/case/{row.ref}/")
    press(page, "更正被反映的人和单位")
    page.fill("[name=accused]", "钱某（副所长）\n孙某")
    page.fill("[name=reason]", "核查中发现还涉及孙某。")
    stage.look(page, "amend")
    send(page, "更正被反映的人和单位")
    press(page, "写明是同名的另一人")
    choose(page, "holder", other.pk)
    page.fill("[name=reason]", "出生年份不同。")
    stage.look(page, "namesake")
    send(page, "写明是同名的另一人")
    stage.look(page, "amended")
    assert "同名的任职人员：钱某" in page.content()


def test_who_is_not_on_the_list_sees_nothing(office: Cast, stage: Stage) -> None:
    row = Sealed(office).received()
    for outsider in (office.triage, office.leader, office.handler):
        page = stage.seat(outsider)
        assert page.locator("text=专门受理").count() == 0
        for path in (f"/guarded/case/{row.ref}/", "/guarded/", f"/petitions/{row.ref}/"):
            answer = page.goto(stage.address + path)
            assert answer.status == 404
        page.goto(f"{stage.address}/search/?q=钱某")
        assert row.number not in page.content()


def test_a_clerk_hands_in_and_keeps_nothing(office: Cast, stage: Stage) -> None:
    Sealed(office)
    page = stage.seat(office.registrar, "/register/")
    page.fill("[name=p-0-name]", "赵举")
    page.fill("[name=content]", WORDS)
    page.click("summary:has-text('这是检举、控告')")
    stage.look(page, "register")
    page.click("button:has-text('转专门受理')")
    page.locator("h1:has-text('转专门受理')").wait_for()
    page.fill("[name=accused]", "钱某")
    choose(page, "unit", office.bureau.pk)
    stage.look(page, "between")
    page.click("[data-primary]")
    page.locator("h1:has-text('来件回执')").wait_for()
    stage.look(page, "receipt")
    assert WORDS not in page.content()
    page.goto(f"{stage.address}/register/")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('typed:')).length") == 0
    assert page.input_value("[name=content]") == ""
    assert (Accusation.objects.count(), Draft.objects.count(), Petition.objects.count()) == (1, 0, 0)


def test_who_asked_not_to_be_named_and_a_grave_one(office: Cast, stage: Stage) -> None:
    room = Sealed(office)
    room.lead()
    row = room.take(
        room.received(content=f"我叫赵举。{WORDS}", hide_reporter=True),
        "examine",
        **room.about(major=True, remit="other"),
    )
    page = stage.seat(room.first, f"/guarded/case/{row.ref}/")
    press(page, "呈报负责同志")
    choose(page, "leader", office.leader.post.pk)
    page.fill("[name=proposal]", "拟转有权处理的机关。")
    page.click("#step [data-primary]")
    page.locator(".errors:has-text('摘录')").wait_for()
    stage.look(page, "excerpt")
    page.fill("[name=excerpt]", WORDS)
    send(page, "呈报负责同志")
    page.click("a:has-text('呈报件')")
    stage.look(page, "laid-before")


def test_what_was_registered_openly_is_moved_and_leaves_a_mistake(office: Cast, ready: Makes, stage: Stage) -> None:
    Sealed(office)
    petition = ready.registered(content=WORDS, title="反映土地所的问题").petition
    page = stage.seat(office.triage, f"/petitions/{petition.ref}/")
    open_step(page, "撤销登记")
    page.check("[name=why][value=report]")
    page.fill("[name=accused]", "钱某")
    choose(page, "unit", office.bureau.pk)
    stage.look(page, "take-back")
    page.click("#step [data-primary]")
    page.locator("h1:has-text('来件回执')").wait_for()
    stage.look(page, "moved-receipt")
    page.click("a:has-text('返回')")
    page.locator("text=登记有误，已撤销").first.wait_for()
    stage.look(page, "taken-back")
    assert WORDS not in page.content()
    assert (Accusation.objects.count(), Petition.objects.get().outcome) == (1, "mistaken")


def test_the_list_an_export_and_who_read_what(office: Cast, stage: Stage) -> None:
    room = Sealed(office)
    row = room.transferred()
    head = stage.seat(office.head)
    go(head, "专门受理名单")
    stage.look(head, "people")
    head.click("a:has-text('提议变更')")
    choose(head, "user", office.leader.user.pk)
    head.fill("[name=reason]", "县委会议决定")
    stage.look(head, "propose")
    head.click("[data-primary]")
    head.locator("#messages:has-text('已提议')").wait_for()
    page = stage.seat(room.second, "/guarded/people/")
    stage.look(page, "confirm")
    page.click("button:has-text('确认')")
    page.locator("#messages:has-text('已确认')").wait_for()
    page.goto(f"{stage.address}/guarded/case/{row.ref}/")
    page.goto(f"{stage.address}/guarded/export/")
    stage.look(page, "export")
    asked = figures.ask(room.second, first=today(), last=today(), unit=None, to="市委巡察组")
    figures.make(asked.ref)
    page.goto(f"{stage.address}/guarded/export/{asked.ref}/")
    stage.look(page, "export-made")
    with page.expect_download() as taken:
        page.click("button:has-text('取走文件')")
    assert taken.value.suggested_filename == "信访举报情况.xlsx"
    for _ in range(7):
        room.received()
    page.goto(f"{stage.address}/guarded/")
    auditor = stage.seat(room.auditor, "/guarded/readings/")
    stage.look(auditor, "readings")
    assert row.number in auditor.content()
    assert "提供给巡视巡察机构" in stage.seat(room.second, f"/guarded/case/{row.ref}/").content()
    handed = AccusationReading.objects.filter(kind="export", note="handed out", accusation=row)
    assert handed.count() == 1
