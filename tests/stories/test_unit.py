"""The unit: receive or object, accept by the right road, handle, and put the answer into the petitioner's hand."""

from __future__ import annotations

import pytest

from petitions.actions import advance
from petitions.models import Assignment, Petition, Proceeding
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage, fill, open_step, send, take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CLAIMS = ["发放征地补偿款", "确认宅基地相邻权"]


def test_from_receipt_to_delivery(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.sent(claims=CLAIMS).petition
    case = f"/petitions/{petition.ref}/"
    signer = stage.seat(office.signer)
    stage.look(signer, "signer-home")
    signer.click(f"tr:has-text('{petition.number}') [data-row-link]")
    take(signer, "签收")
    stage.look(signer, "signed-for")
    open_step(signer, "受理")
    fill(signer, route_2="1", note="请准备材料。")
    signer.click("#step [data-primary]")
    signer.locator("#step .errors:has-text('请填写法定程序')").wait_for()
    stage.look(signer, "accept-refused")
    fill(signer, procedure_2="民事诉讼", body_2="浦江县人民法院", limit_2="三年诉讼时效")
    send(signer, "受理")
    take(signer, "确定承办人", handler=office.handler.user.name)
    assert Assignment.objects.get().handler == office.handler.post

    handler = stage.seat(office.handler)
    stage.look(handler, "handler-home")
    handler.goto(stage.address + case)
    open_step(handler, "记录接谈调查")
    fill(handler, people="王小明、经办人", place="檀溪镇便民服务中心", text="王小明陈述：补偿款分两次，第二次没有到。")
    stage.look(handler, "interview")
    send(handler, "记录接谈调查")

    head = stage.seat(office.unit_head, case)
    open_step(head, "延长办理期限")
    fill(head, days="40", reason="需要向省里查档。")
    head.click("#step [data-primary]")
    head.locator("#step .field-error").first.wait_for()
    stage.look(head, "extend-refused")
    fill(head, days="15")
    send(head, "延长办理期限")

    handler.reload()
    open_step(handler, "起草处理意见")
    number = Proceeding.objects.get(kind="handling").claims.get().serial
    fill(handler, facts="经查，第二笔补偿款滞留在村账。", basis="《中华人民共和国土地管理法》第四十八条。")
    fill(handler, **{f"support_{number}": "support", f"answer_{number}": "补偿款于本月底前发放。"})
    stage.look(handler, "draft")
    send(handler, "起草处理意见")
    leader = stage.seat(office.unit_leader)
    stage.look(leader, "checker-home")
    leader.goto(stage.address + case)
    open_step(leader, "核稿")
    leader.locator("#step:has-text('滞留在村账')").wait_for()
    stage.look(leader, "check")
    send(leader, "核稿")
    head.reload()
    open_step(head, "签发处理意见书")
    send(head, "签发处理意见书")
    stage.look(head, "issued")
    head.locator(".files a:has-text('信访事项处理意见书')").click()
    head.wait_for_selector("text=补偿款于本月底前发放")
    stage.look(head, "opinion")

    handler.reload()
    open_step(handler, "送达")
    fill(handler, how="hand", receiver="王小明", view="0")
    stage.look(handler, "deliver")
    send(handler, "送达")
    take(handler, "办结")
    petition.refresh_from_db()
    assert petition.stage == "closed"
    stage.look(handler, "closed")


def test_an_objection_is_decided_by_the_sender(office: Cast, ready: Makes, stage: Stage) -> None:
    held = ready.signed()
    case = f"/petitions/{held.petition.ref}/"
    signer = stage.seat(office.signer, case)
    open_step(signer, "提出异议")
    fill(signer, reason="该地块已划归住建部门管理。", suggested=office.sibling.name)
    stage.look(signer, "object")
    send(signer, "提出异议")
    triage = stage.seat(office.triage, "/tray/objection/")
    triage.click(f"tr:has-text('{held.petition.number}') [data-row-link]")
    triage.locator("text=建议由").first.wait_for()
    stage.look(triage, "objection")
    take(triage, "不同意退回", reason="经核实，仍属你局职权。")
    signer.reload()
    assert signer.locator("#rail .steps a").get_by_text("受理", exact=True).is_visible()
    stage.look(signer, "objection-refused")

    assert signer.locator("#rail").get_by_text("提出异议", exact=True).count() == 0  # it was made, and is decided


def test_an_objection_upheld_goes_to_another_unit(office: Cast, ready: Makes, stage: Stage) -> None:
    held = ready.signed()
    case = f"/petitions/{held.petition.ref}/"
    advance("object", on=held, by=office.signer, reason="另有划转文件。", suggested=office.sibling)
    triage = stage.seat(office.triage, case)
    take(triage, "同意退回", reason="划转文件属实。")
    held.refresh_from_db()
    assert held.state == "returned" and Petition.objects.get().stage == "triaged"
    open_step(triage, "转送")
    fill(triage, department=office.sibling.name)
    send(triage, "转送")
    assert Assignment.objects.get(state="sent").department == office.sibling
    stage.look(triage, "sent-anew")


def test_somebody_else_has_acted_meanwhile(office: Cast, ready: Makes, stage: Stage) -> None:
    held = ready.signed()
    page = stage.seat(office.signer, f"/petitions/{held.petition.ref}/")
    open_step(page, "受理")
    fill(page, note="请于下周携带承包合同原件到局。")
    advance("assign_handler", on=held, by=office.unit_head, handler=office.handler.post)
    page.click("#step [data-primary]")
    told = page.locator("#step .notice--soon")
    told.wait_for()
    assert office.unit_head.user.name in told.inner_text() and "确定承办人" in told.inner_text()
    assert page.locator("#step [name=note]").input_value() == "请于下周携带承包合同原件到局。"
    stage.look(page, "stale")
    send(page, "受理")
    assert Petition.objects.get().stage == "handling"


def test_the_step_itself_has_been_taken_meanwhile(office: Cast, ready: Makes, stage: Stage) -> None:
    held = ready.signed()
    page = stage.seat(office.signer, f"/petitions/{held.petition.ref}/")
    open_step(page, "受理")
    fill(page, note="请于下周携带承包合同原件到局。")
    advance("accept", on=held, by=office.unit_head, handler=office.handler.post)
    page.click("#step [data-primary]")
    page.locator("#step .errors").wait_for()
    assert office.unit_head.user.name in page.locator("#step").inner_text()
    assert page.locator("#step [name=note]").input_value() == "请于下周携带承包合同原件到局。"
    assert page.locator("#step [data-primary]").count() == 0
    stage.look(page, "too-late")


def test_what_was_filed_with_the_unit_itself_takes_its_roads_or_goes_below(
    office: Cast, ready: Makes, stage: Stage
) -> None:
    below, _ = ready.below()
    mine, theirs = ready.direct(claims=CLAIMS).petition, ready.direct().petition
    signer = stage.seat(office.signer, "/tray/received/")
    signer.locator(f"tr:has-text('{theirs.number}')").wait_for()
    stage.look(signer, "received-tray")
    signer.goto(f"{stage.address}/petitions/{mine.ref}/")
    open_step(signer, "本机关受理")
    fill(signer, route_2="1", procedure_2="民事诉讼", body_2="浦江县人民法院", limit_2="三年诉讼时效")
    stage.look(signer, "take-up")
    send(signer, "本机关受理")
    kinds = Proceeding.objects.filter(petition=mine).values_list("kind", flat=True)
    assert set(kinds) == {"handling", "outside"}
    signer.goto(f"{stage.address}/petitions/{theirs.ref}/")
    open_step(signer, "转送下级机关")
    fill(signer, department=below.name)
    stage.look(signer, "pass-down")
    send(signer, "转送下级机关")
    assert Assignment.objects.get(petition=theirs).department == below
