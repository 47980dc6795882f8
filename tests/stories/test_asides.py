"""What runs beside the stage, as its people walk it: a hearing, a mediation that is performed, a wish to withdraw, an urgent matter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.dates import today
from petitions.models import Clock, Hearing, Mediation, Paper, Petition, UrgentReport, Withdrawal
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import PHONE, Stage, fill, open_step, send, take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_hearing_while_handling_moves_no_day_and_stands_before_the_signature(
    office: Cast, ready: Makes, stage: Stage
) -> None:
    run = ready.drafted()
    case = f"/petitions/{run.petition.ref}/"
    due = Clock.objects.get(proceeding=run, name="T5").due
    desk = stage.seat(office.handler, case)
    open_step(desk, "决定听证")
    stage.look(desk, "call-a-hearing")
    fill(desk, hold_on=today().isoformat(), place="镇政府会议室", chair="李主持", matters="补偿标准")
    desk.click("#step [data-primary]")
    desk.locator("#step .errors:has-text('提前')").wait_for()  # so many days ahead, said beside the field
    hold_on = (today() + timedelta(days=8)).isoformat()
    fill(desk, hold_on=hold_on)
    send(desk, "决定听证")
    leader = stage.seat(office.unit_leader, case)
    take(leader, "核稿")
    head = stage.seat(office.unit_head, case)
    open_step(head, "签发处理意见书")
    head.click("#step [data-primary]")
    head.locator("#step .errors:has-text('听证'), #messages:has-text('听证')").first.wait_for()
    desk.goto(f"{stage.address}{case}")
    open_step(desk, "记录听证")
    fill(desk, people="李主持、王小明", text="没有等到那一天。")
    desk.click("#step [data-primary]")
    desk.locator("#step .errors:has-text('通知各方的日期')").wait_for()
    Hearing.objects.update(hold_on=today())  # the day that everybody was told comes
    take(desk, "记录听证", people="李主持、王小明、经办人", text="双方质证，对面积没有异议。")
    take(desk, "作出听证结论", conclusion_text="面积属实，标准适用有误。")
    assert Hearing.objects.get().state == "concluded" and Clock.objects.get(proceeding=run, name="T5").due == due
    head.goto(f"{stage.address}{case}")
    take(head, "签发处理意见书")
    desk.goto(f"{stage.address}{case}")
    stage.look(desk, "heard-and-signed")
    kinds = {"hearing_notice", "hearing_record", "hearing_conclusion", "opinion"}
    assert kinds <= set(Paper.objects.filter(petition=run.petition).values_list("kind", flat=True))


def test_both_agree_and_what_was_agreed_is_performed_before_the_matter_closes(
    office: Cast, ready: Makes, stage: Stage
) -> None:
    run = ready.handling()
    case = f"/petitions/{run.petition.ref}/"
    desk = stage.seat(office.handler, case)
    open_step(desk, "组织调解、引导和解")
    fill(desk, petitioner_agrees="no", other="寺前村委会", other_agrees="yes", mediator="周调解")
    desk.click("#step [data-primary]")
    desk.locator("#step .errors").first.wait_for()  # nobody is mediated with against his will
    fill(desk, petitioner_agrees="yes")
    send(desk, "组织调解、引导和解")
    take(desk, "记录调解", people="王小明、村主任、周调解", text="愿意分两期支付。")
    perform_by = (today() + timedelta(days=30)).isoformat()
    take(desk, "达成协议", parties="王小明、寺前村委会", terms="分两期支付，每期一万元。", perform_by=perform_by)
    stage.look(desk, "agreed")
    head = stage.seat(office.unit_head, case)
    take(head, "以调解、和解办结")
    desk.goto(f"{stage.address}{case}")
    open_step(desk, "协议履行完毕")
    fill(desk, evidence="两次转账凭证")
    desk.click("#step [data-primary]")
    desk.locator("#messages:has-text('已记录：协议履行完毕')").wait_for()
    take(desk, "办结")
    assert Mediation.objects.get().state == "performed"
    assert Petition.objects.get(pk=run.petition_id).outcome == "settled"
    stage.look(desk, "performed-and-closed")


def test_a_wish_to_withdraw_is_asked_about_by_another_and_bars_nothing(
    office: Cast, ready: Makes, stage: Stage
) -> None:
    run = ready.handling()
    case = f"/petitions/{run.petition.ref}/"
    desk = stage.seat(office.handler, case)
    take(desk, "记录撤回", how="written", words="补偿款已经收到，我不再要求了。")
    assert desk.locator("#rail .steps a:has-text('核实后确认撤回')").count() == 0  # not by who wrote it down
    triage = stage.seat(office.triage, case)
    open_step(triage, "核实后确认撤回")
    stage.look(triage, "ask-whether-it-is-meant")
    fill(triage, words="电话核实，是本人意思")
    send(triage, "核实后确认撤回")
    assert Withdrawal.objects.get().state == "confirmed" and not Clock.objects.filter(petition=run.petition, ended="")
    stage.look(triage, "withdrawn")
    triage.locator("main:has-text('撤回')").wait_for()
    again = ready.registered()  # the same person, the same matter, any day
    assert again.filing.state == "registered"


def test_an_urgent_matter_is_told_upward_and_sideways_at_once_and_reported_on_until_it_is_over(
    office: Cast, ready: Makes, stage: Stage
) -> None:
    held = ready.signed()
    case = f"/petitions/{held.petition.ref}/"
    triage = stage.seat(office.triage, case)
    open_step(triage, "重大紧急上报")
    triage.click("#step [data-primary]")
    triage.locator("#step [name='measures'][aria-invalid='true'], #step [name='measures']:invalid").wait_for()
    said = {
        "when_where": "今天上午，镇政府门口",
        "people": "约三十人",
        "event": "要求答复补偿",
        "measures": "镇领导到场接待",
    }
    fill(triage, **said, competent="县公安局")
    stage.look(triage, "report-urgent")
    send(triage, "重大紧急上报")
    leader = stage.seat(office.leader, "/", PHONE)
    leader.locator("#urgent a.matter").wait_for()  # told at once, on the telephone too
    stage.look(leader, "leader-is-told", PHONE)
    take(triage, "续报处置情况", text="人员已经散去，约定三日内答复。")
    take(triage, "结束紧急处置", finding="已经平息。")
    assert UrgentReport.objects.get().state == "over"
    stage.look(triage, "urgent-over")
    leader.goto(stage.address)
    assert leader.locator("#urgent").count() == 0
    signer = stage.seat(office.signer, case)
    assert signer.locator("#rail .steps a:has-text('受理')").count() > 0  # the ordinary road goes on beside it
