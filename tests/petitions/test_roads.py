"""The roads beside the ordinary one: suggestions, routes 1 to 5, simplified handling, hearings, mediation, withdrawal, urgent."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.dates import SHANGHAI, today
from petitions import lifecycle, local_rules, papers, plainly
from petitions.access import steps_for
from petitions.actions import advance, moment, run_night
from petitions.dossier import dossier_of
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.forms.steps import form_for
from petitions.models import Clock, Event, LocalRule, Notice, Paper, Petition, Proceeding
from tests.cast import Cast
from tests.makes import URGENT, Makes
from tests.petitions.whole import complaints

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def words(row: Any, kind: str) -> str:
    return papers.html_of(Paper.objects.filter(petition_id=row.petition_id, kind=kind).latest("pk"))


def matter(row: Any) -> Petition:
    return Petition.objects.get(pk=row.petition_id)


def running(row: Any) -> set[str]:
    return set(Clock.objects.filter(petition_id=row.petition_id, ended="").values_list("name", flat=True))


# --- suggestions -------------------------------------------------------------------------------------------------


def test_a_suggestion_is_answered_by_how_far_it_is_adopted_and_opens_no_review(make: Makes, cast: Cast) -> None:
    run = make.replied("draft_reply", "sign_reply", "deliver_reply")
    text = words(run, "suggestion_reply")
    assert "部分采纳" in text and "复查" not in text
    assert "T6" not in running(run) and "T5" not in set(Clock.objects.values_list("name", flat=True))
    advance("close_reply", on=run, by=cast.handler)
    advance("confirm_closure", on=run, by=cast.triage)
    assert (matter(run).stage, matter(run).outcome, matter(run).rateable) == ("confirmed", "suggestion", True)


def test_the_reward_of_an_adopted_suggestion_stands_in_its_reply(make: Makes, cast: Cast) -> None:
    run = make.studying()
    said = {"reply": "采纳。", "basis": "规划。"}
    for wrong in ({"adopted": "none", "reward": "奖金"}, {"adopted": "whole", "reward": "奖" * 201}):
        with pytest.raises(BadInput) as refused:
            advance("draft_reply", on=run, by=cast.handler, **said, **wrong)
        assert "reward" in refused.value.fields
    advance("draft_reply", on=run, by=cast.handler, adopted="whole", reward="奖金1000元（县人民建议奖励办法）", **said)
    run.refresh_from_db()
    assert run.reward.startswith("奖金1000元")
    advance("sign_reply", on=run, by=cast.unit_head)
    text = words(run, "suggestion_reply")
    assert "奖金1000元" in text and "第二十九条第二款" in text
    plain = make.replied("draft_reply", "sign_reply")
    assert "奖励" not in words(plain, "suggestion_reply")


def test_a_duty_has_no_reward(make: Makes, cast: Cast) -> None:
    said = {"reply": "已查处。", "basis": "土地管理法。", "remedy": "县政府；法院", "reward": "奖金"}
    with pytest.raises(BadInput) as refused:
        advance("draft_reply", on=make.duty(), by=cast.handler, **said)
    assert "reward" in refused.value.fields


def test_what_has_ended_may_turn_urgent_too(make: Makes, cast: Cast) -> None:
    filing = make.registered().filing
    advance("direct_reply", on=filing, by=cast.triage, reply="周一至周五开放。")
    petition = matter(filing)
    advance("report_urgent", on=petition, by=cast.triage, **URGENT)
    petition.refresh_from_db()
    assert petition.urgent and petition.stage == "ended" and petition.urgent_reports.get().state == "reported"
    with pytest.raises(WrongMoment, match="紧急处置"):
        advance("archive", on=petition, by=cast.registrar, period="30")


def test_a_suggestion_sent_back_at_the_audit_waits_with_the_unit_again(make: Makes, cast: Cast) -> None:
    run = make.replied("draft_reply", "sign_reply", "deliver_reply", "close_reply")
    advance("refuse_closure", on=run, by=cast.triage, reason="缺回证")
    run.refresh_from_db()
    assert run.state == "reply_delivered" and matter(run).closed_on is None


def test_a_claim_is_not_taken_as_a_suggestion_nor_the_other_way(make: Makes, cast: Cast) -> None:
    with pytest.raises(WrongMoment):
        advance("accept", on=make.taken(), by=cast.signer)
    with pytest.raises(WrongMoment):
        advance("take_suggestion", on=make.signed(), by=cast.signer)


@pytest.mark.parametrize("said", [{"adopted": ""}, {"adopted": "maybe"}, {"reply": " "}])
def test_a_reply_to_a_suggestion_says_whether_it_is_adopted(make: Makes, cast: Cast, said: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        advance(
            "draft_reply",
            on=make.studying(),
            by=cast.handler,
            **({"reply": "好", "basis": "规划", "adopted": "whole"} | said),
        )


# --- routes ------------------------------------------------------------------------------------------------------


def test_route_five_is_answered_here_with_reconsideration_and_lawsuit_not_review(make: Makes, cast: Cast) -> None:
    run = make.duty()
    assert matter(run).stage == "handling" and "TY" in running(run)
    run = make.replied("draft_reply", "sign_reply", "deliver_reply", run=run)
    text = words(run, "duty_reply")
    assert "60日内依法申请行政复议" in text and "6个月内依法提起行政诉讼" in text and "复查" not in text
    advance("close_reply", on=run, by=cast.handler)
    assert matter(run).outcome == "duty" and running(run) == {"TA"}


def test_a_duty_names_where_to_go_against_its_reply(make: Makes, cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        advance("draft_reply", on=make.duty(), by=cast.handler, reply="已查处", basis="土地管理法", remedy="")
    assert "remedy" in refused.value.fields


def three_roads(make: Makes, cast: Cast) -> Any:
    held = make.signed(claims=["发放补偿款", "查处违法占地", "确认合同无效"])
    outside = {
        2: {"procedure": "土地管理法查处"},
        3: {"procedure": "民事诉讼", "body": "浦江县人民法院", "limit": "六个月"},
    }
    advance("accept", on=held, by=cast.signer, handler=cast.handler.post, routes={1: 6, 2: 5, 3: 1}, outside=outside)
    return held


def test_each_claim_takes_its_own_road_and_only_the_sixth_yields_the_opinion(make: Makes, cast: Cast) -> None:
    held = three_roads(make, cast)
    runs = {run.kind: run for run in held.petition.proceedings.all()}
    assert set(runs) == {"handling", "duty", "outside"} and running(held) == {"T5", "TY"}
    assert [claim.proceeding.kind for claim in held.petition.claims.all()] == ["handling", "duty", "outside"]
    advance(
        "draft",
        on=runs["handling"],
        by=cast.handler,
        facts="一",
        basis="二",
        answers={1: {"support": "support", "answer": "发放"}},
    )
    advance("check", on=runs["handling"], by=cast.unit_leader)
    advance("sign", on=runs["handling"], by=cast.unit_head)
    advance("deliver", on=runs["handling"], by=cast.handler, how="hand", view="0")
    with pytest.raises(WrongMoment, match="履行法定职责"):
        advance("close", on=runs["handling"], by=cast.handler)
    make.replied("draft_reply", "sign_reply", "deliver_reply", run=runs["duty"])
    advance("close", on=runs["handling"], by=cast.handler)
    assert words(held, "opinion").count("（1）") >= 1 and "（3）" not in words(held, "opinion")


def test_a_claim_that_comes_back_opens_the_matter_again_with_sixty_days(make: Makes, cast: Cast) -> None:
    run = make.channelled()
    assert matter(run).stage == "ended"
    advance("outside_result", on=run, by=cast.handler, result="法院裁定不予受理", result_on=today())
    advance("come_back", on=run, by=cast.triage, reason="不属于法院受理范围")
    assert matter(run).stage == "handling" and matter(run).outcome == ""
    clock = Clock.objects.get(petition=run.petition, ended="")
    assert (clock.name, clock.start, clock.length) == ("T5", today(), 60)
    assert run.petition.claims.get().route == 6
    assert "不属于法院受理范围" in words(run, "come_back_notice")


def test_a_claim_that_comes_back_joins_the_run_under_way_without_a_second_clock(make: Makes, cast: Cast) -> None:
    held = three_roads(make, cast)
    advance("come_back", on=held.petition.proceedings.get(kind="outside"), by=cast.handler, reason="法院不予立案")
    assert held.petition.proceedings.filter(kind="handling").count() == 1
    assert Clock.objects.filter(petition=held.petition, name="T5").count() == 1
    assert held.petition.claims.get(serial=3).proceeding.kind == "handling"


@pytest.mark.parametrize("steps", [(), ("draft_reply",)])
def test_what_was_no_duty_is_handled_from_the_day_it_was_accepted(
    make: Makes, cast: Cast, steps: tuple[str, ...]
) -> None:
    run = make.replied(*steps, run=make.duty())
    Proceeding.objects.filter(pk=run.pk).update(started_on=today() - 20 * DAY)
    advance("come_back", on=run, by=cast.handler, reason="不属于申请履行职责，请求的是补偿")
    clock = Clock.objects.get(petition=run.petition, ended="")
    assert (clock.name, clock.start, clock.length) == ("T5", today() - 20 * DAY, 60)
    assert Clock.objects.get(proceeding=run, name="TY").ended == "cancelled"
    assert (matter(run).stage, matter(run).outcome, run.petition.claims.get().route) == ("handling", "", 6)
    assert complaints(run.petition, cast.everybody().values()) == []


def test_what_was_answered_as_a_duty_may_still_come_back_with_sixty_days_from_then(make: Makes, cast: Cast) -> None:
    run = make.replied("draft_reply", "sign_reply", "deliver_reply", run=make.duty())
    Proceeding.objects.filter(pk=run.pk).update(started_on=today() - 20 * DAY)
    advance("come_back", on=run, by=cast.triage, reason="行政复议机关以不属于受案范围不予受理")
    clock = Clock.objects.get(petition=run.petition, ended="")
    assert (clock.name, clock.start, matter(run).outcome) == ("T5", today(), "")
    assert Paper.objects.filter(petition=run.petition, kind="duty_reply", void_on=None).exists()


def test_a_duty_that_joined_the_opinion_does_not_keep_the_matter_from_being_closed(make: Makes, cast: Cast) -> None:
    held = make.signed(claims=["发放补偿款", "查处占地"])
    advance(
        "accept", on=held, by=cast.signer, routes={2: 5}, outside={2: {"procedure": "查处"}}, handler=cast.handler.post
    )
    run = held.petition.proceedings.get(kind="handling")
    advance("come_back", on=held.petition.proceedings.get(kind="duty"), by=cast.handler, reason="不属于履行职责")
    answers = {n: {"support": "support", "answer": "照办。"} for n in (1, 2)}
    advance("draft", on=run, by=cast.handler, facts="经查属实。", basis="土地管理法。", answers=answers)
    advance("check", on=run, by=cast.unit_leader)
    advance("sign", on=run, by=cast.unit_head)
    advance("deliver", on=run, by=cast.handler, how="hand", receiver="王小明", view="0")
    advance("close", on=run, by=cast.handler)
    assert matter(held).stage == "closed" and running(held) == {"T6", "TA"}


@pytest.mark.parametrize("kind", ["outside", "duty"])
def test_nothing_comes_back_from_a_matter_that_is_archived(make: Makes, cast: Cast, kind: str) -> None:
    roads = {"outside": make.channelled, "duty": lambda: make.replied("draft_reply", "sign_reply", "deliver_reply", run=make.duty())}  # fmt: skip
    run = roads[kind]()
    assert "come_back" in offered(cast.triage, run)
    Petition.objects.filter(pk=run.petition_id).update(archived_on=today())
    run = Proceeding.objects.get(pk=run.pk)
    assert "come_back" not in offered(cast.triage, run)
    with pytest.raises(WrongMoment):
        advance("come_back", on=run, by=cast.triage, reason="法院不予立案")
    assert matter(run).stage == run.petition.stage


def test_a_suggestion_has_nowhere_to_come_back_from(make: Makes, cast: Cast) -> None:
    with pytest.raises(WrongMoment):
        advance("come_back", on=make.studying(), by=cast.handler, reason="x")


def test_a_result_is_dated_between_the_way_out_and_today(make: Makes, cast: Cast) -> None:
    with pytest.raises(BadInput):
        advance("outside_result", on=make.channelled(), by=cast.handler, result="判决", result_on=today() + DAY)


# --- simplified --------------------------------------------------------------------------------------------------


def test_turning_back_to_ordinary_gives_sixty_days_from_acceptance_not_from_today(make: Makes, cast: Cast) -> None:
    held = make.signed()
    advance("accept", on=held, by=cast.signer, simplified=True, handler=cast.handler.post)
    run = held.proceedings.get()
    Proceeding.objects.filter(pk=run.pk).update(started_on=today() - 5 * DAY)
    advance("to_ordinary", on=run, by=cast.handler, reason="需要测绘")
    assert running(run) == {"T5"}
    assert Clock.objects.get(proceeding=run, name="T5").start == today() - 5 * DAY
    assert Clock.objects.get(proceeding=run, name="T5'").ended == "cancelled"
    advance("extend", on=run, by=cast.unit_head, days=10, reason="复杂")


# --- hearings ----------------------------------------------------------------------------------------------------


def test_a_hearing_is_called_so_many_days_ahead_as_the_local_rule_says(make: Makes, cast: Cast) -> None:
    run = make.handling()
    said: dict[str, Any] = {"place": "镇政府", "chair": "李主持", "matters": "补偿"}
    with pytest.raises(BadInput):
        advance("call_hearing", on=run, by=cast.handler, hold_on=today() + 6 * DAY, **said)
    LocalRule.objects.create(code="HEARING_NOTICE", value=10, source="本县听证规则", valid_from=today())
    with pytest.raises(BadInput):
        advance("call_hearing", on=run, by=cast.handler, hold_on=today() + 9 * DAY, **said)
    advance("call_hearing", on=run, by=cast.handler, hold_on=today() + 10 * DAY, **said)
    assert (
        "镇政府" in words(run, "hearing_notice") and Notice.objects.filter(step="call_hearing", channel="sms").exists()
    )


@pytest.mark.parametrize("where", ["handling", "reviewing"])
def test_at_handling_and_review_the_days_of_a_hearing_count(make: Makes, cast: Cast, where: str) -> None:
    run = getattr(make, where)()
    name = "T5" if where == "handling" else "T6D"
    before = Clock.objects.get(proceeding=run, name=name).due
    row = make.hearing_day(run)
    by = cast.handler if where == "handling" else cast.reviewer
    advance("hold_hearing", on=row, by=by, people="各方", text="笔录")
    advance("conclude_hearing", on=row, by=by, conclusion_text="事实清楚")
    assert Clock.objects.get(proceeding=run, name=name).due == before


def test_a_hearing_is_not_held_before_the_day_that_everybody_was_told(make: Makes, cast: Cast) -> None:
    row = make.hearing(days=8)
    with pytest.raises(BadInput, match="通知各方的日期"):
        advance("hold_hearing", on=row, by=cast.handler, people="各方", text="笔录")
    row.refresh_from_db()
    assert (row.state, row.hold_on) == ("called", today() + 8 * DAY)


def rereviewing(make: Makes, cast: Cast) -> Proceeding:
    run = make.reasked()
    advance("accept_review", on=run, by=cast.rereviewer)
    run.refresh_from_db()
    return run


def test_at_re_review_the_days_of_a_hearing_do_not_count(make: Makes, cast: Cast) -> None:
    run = rereviewing(make, cast)
    clock = Clock.objects.get(proceeding=run, name="T7D")
    before = clock.raw_due
    row = make.hearing(run, days=10)
    clock.refresh_from_db()
    assert (clock.raw_due - before).days == 10
    pause = clock.pauses.get()
    assert "第三十六条" in pause.basis and pause.approver == cast.rereviewer.post
    advance("cancel_hearing", on=row, by=cast.rereviewer, reason="信访人放弃")
    clock.refresh_from_db()
    assert clock.raw_due == before and not clock.pauses.exists()


SAID: dict[str, Any] = {"place": "听证室", "chair": "何某", "matters": "面积"}


def on(day: date) -> AbstractContextManager[None]:
    return moment.at(datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI))


def paused(run: Proceeding) -> tuple[int, date]:
    """Days that do not count so far, and the raw last day of the re-review."""
    clock = Clock.objects.get(proceeding=run, name="T7D", ended="")
    return sum((row.end - row.start).days + 1 for row in clock.pauses.all() if row.end), clock.raw_due


def test_a_hearing_is_held_soon_after_its_notice(make: Makes, cast: Cast) -> None:
    run = rereviewing(make, cast)
    with pytest.raises(BadInput, match="30日内举行"):
        advance("call_hearing", on=run, by=cast.rereviewer, hold_on=today() + 31 * DAY, **SAID)
    LocalRule.objects.create(code="HEARING_HOLD", value=15, source="本县听证规则", valid_from=today())
    with pytest.raises(BadInput, match="15日内举行"):
        advance("call_hearing", on=run, by=cast.rereviewer, hold_on=today() + 16 * DAY, **SAID)
    advance("call_hearing", on=run, by=cast.rereviewer, hold_on=today() + 15 * DAY, **SAID)
    assert paused(run)[0] == 15


def test_a_local_rule_makes_hearings_shorter_never_longer() -> None:
    assert "最多30日" in local_rules.refusal("HEARING_HOLD", 31, working=False)
    assert "最多20日" in local_rules.refusal("HEARING_CONCLUSION", 21, working=False)
    assert local_rules.refusal("HEARING_HOLD", 15, working=False) == ""


def test_a_cancelled_hearing_took_no_time_however_late_it_is_called_off(make: Makes, cast: Cast) -> None:
    run = rereviewing(make, cast)
    before, row = paused(run)[1], make.hearing(run, days=20)
    with on(today() + 18 * DAY):
        advance("cancel_hearing", on=row, by=cast.rereviewer, reason="信访人不再要求听证")
    assert paused(run) == (0, before)
    event = Event.objects.get(petition=run.petition, step="cancel_hearing")
    assert event.data["due"] == matter(run).due.isoformat()


def test_a_late_conclusion_brings_no_day_more_than_its_rule_gives(make: Makes, cast: Cast) -> None:
    run = rereviewing(make, cast)
    before, row = paused(run)[1], make.hearing(run, days=10)
    with on(today() + 10 * DAY):
        advance("hold_hearing", on=row, by=cast.rereviewer, people="各方", text="笔录")
    assert paused(run) == (30, before + 30 * DAY)  # ten to the hearing, twenty for its conclusion
    with on(today() + 45 * DAY):
        advance("conclude_hearing", on=row, by=cast.rereviewer, conclusion_text="事实清楚")
    assert paused(run) == (30, before + 30 * DAY)


def test_an_early_conclusion_ends_what_does_not_count(make: Makes, cast: Cast) -> None:
    run = rereviewing(make, cast)
    before, row = paused(run)[1], make.hearing(run, days=10)
    with on(today() + 10 * DAY):
        advance("hold_hearing", on=row, by=cast.rereviewer, people="各方", text="笔录")
    with on(today() + 13 * DAY):
        advance("conclude_hearing", on=row, by=cast.rereviewer, conclusion_text="事实清楚")
    assert paused(run) == (13, before + 13 * DAY)


def test_one_hearing_after_another_adds_no_more_than_one_may(make: Makes, cast: Cast) -> None:
    run = rereviewing(make, cast)
    before, day = paused(run)[1], today()
    for _ in range(3):
        with on(day):
            advance("call_hearing", on=run, by=cast.rereviewer, hold_on=day + 20 * DAY, **SAID)
        row = run.hearings.get(state="called")
        with on(day + 20 * DAY):
            advance("hold_hearing", on=row, by=cast.rereviewer, people="各方", text="笔录")
        day += 22 * DAY
        with on(day):
            advance("conclude_hearing", on=row, by=cast.rereviewer, conclusion_text="事实清楚")
    assert paused(run) == (50, before + 50 * DAY)


def test_a_hearing_held_after_the_re_review_has_lapsed_revives_nothing(make: Makes, cast: Cast) -> None:
    run = rereviewing(make, cast)
    row = make.hearing(run, days=10)
    late = Clock.objects.get(proceeding=run, name="T7D").due + DAY
    run_night(late)
    with on(late):
        advance("hold_hearing", on=row, by=cast.rereviewer, people="各方", text="笔录")
        advance("conclude_hearing", on=row, by=cast.rereviewer, conclusion_text="事实清楚")
    assert paused(run)[0] == 10


@pytest.mark.parametrize("logged", [True, False])
def test_a_hearing_called_after_the_re_review_has_lapsed_revives_nothing(make: Makes, cast: Cast, logged: bool) -> None:
    run = rereviewing(make, cast)
    clock = Clock.objects.get(proceeding=run, name="T7D")
    late, before = clock.due + DAY, (clock.raw_due, clock.due)
    if logged:
        run_night(late)
    with on(late):
        advance("call_hearing", on=run, by=cast.rereviewer, hold_on=late + 10 * DAY, **SAID)
    clock.refresh_from_db()
    assert (clock.raw_due, clock.due) == before and not clock.pauses.exists()
    row = run.hearings.get(state="called")
    with on(late + 10 * DAY):
        advance("hold_hearing", on=row, by=cast.rereviewer, people="各方", text="笔录")
        advance("conclude_hearing", on=row, by=cast.rereviewer, conclusion_text="事实清楚")
    clock.refresh_from_db()
    assert (clock.raw_due, clock.due, clock.ended) == (*before, "")


def test_nothing_is_signed_while_a_hearing_has_no_conclusion(make: Makes, cast: Cast) -> None:
    run = make.drafted()
    make.hearing(run)
    advance("check", on=run, by=cast.unit_leader)
    with pytest.raises(WrongMoment, match="听证"):
        advance("sign", on=run, by=cast.unit_head)


# --- mediation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["petitioner_agrees", "other_agrees"])
def test_mediation_begins_only_where_both_say_yes(make: Makes, cast: Cast, who: str) -> None:
    said: dict[str, Any] = {"petitioner_agrees": True, "other": "村委会", "other_agrees": True, "mediator": "周"} | {
        who: False
    }
    with pytest.raises(BadInput):
        advance("start_mediation", on=make.handling(), by=cast.handler, **said)


def test_mediation_stops_no_clock_and_an_agreement_may_go_to_court_within_thirty_days(make: Makes, cast: Cast) -> None:
    row = make.agreed()
    assert running(row) == {"T5", "TQ"}
    window = Clock.objects.get(mediation=row)
    assert (window.window, window.length) == (True, 30)
    assert "分两期支付" in words(row, "mediation_paper")
    advance("court_confirms", on=row, by=cast.triage, court="浦江县人民法院", number="司确1号")
    assert running(row) == {"T5"}


def test_a_party_that_refuses_ends_the_mediation_and_handling_goes_on(make: Makes, cast: Cast) -> None:
    row = make.mediation()
    advance("stop_mediation", on=row, by=cast.handler, reason="村委会不同意")
    with pytest.raises(WrongMoment):
        advance("mediation_session", on=row, by=cast.handler, people="双方", text="再谈")
    assert matter(row).stage == "handling" and running(row) == {"T5"}


def test_a_settled_matter_closes_when_the_agreement_is_performed(make: Makes, cast: Cast) -> None:
    run = make.settled()
    assert run.state == "settled" and "T5" not in running(run)
    with pytest.raises(WrongMoment, match="履行完毕"):
        advance("close_settled", on=run, by=cast.handler)
    advance("perform_mediation", on=run.mediations.get(), by=cast.handler, evidence="转账凭证")
    advance("close_settled", on=run, by=cast.handler)
    assert matter(run).outcome == "settled"


def test_an_agreement_that_is_broken_brings_handling_back_with_the_day_it_had(make: Makes, cast: Cast) -> None:
    run = make.settled()
    before = Clock.objects.get(proceeding=run, name="T5")
    advance("break_mediation", on=run.mediations.get(), by=cast.triage, reason="没有付款")
    run.refresh_from_db()
    again = Clock.objects.get(proceeding=run, name="T5", ended="")
    assert (run.state, again.start, again.due) == ("handling", before.start, before.due)


# --- withdrawal --------------------------------------------------------------------------------------------------


def test_a_withdrawal_is_confirmed_by_another_and_ends_every_duty(make: Makes, cast: Cast) -> None:
    row = make.withdrawal()
    recorder_as_triage = Actor(cast.handler.user, cast.triage.post)
    with pytest.raises(WrongPerson, match="另一人"):
        advance("confirm_withdrawal", on=row, by=recorder_as_triage, words="属实")
    assert matter(row).stage == "handling"
    advance("confirm_withdrawal", on=row, by=cast.triage, words="电话核实，本人意思")
    found = matter(row)
    assert (found.stage, found.outcome) == ("ended", "withdrawn") and running(row) == set()
    assert "随时可以重新提出" in words(row, "withdrawal_notice")
    steps = list(Event.objects.filter(petition=found).order_by("seq").values_list("step", flat=True))
    assert steps[-3:] == ["confirm_withdrawal", "stop_hold", "stop_run"]


def test_whoever_withdrew_comes_back_with_the_same_matter_any_day(make: Makes, cast: Cast) -> None:
    row = make.withdrawal()
    advance("confirm_withdrawal", on=row, by=cast.triage, words="属实")
    assert make.handling().state == "handling"


def test_the_call_afterwards_is_made_by_a_third_person(make: Makes, cast: Cast) -> None:
    row = make.withdrawal()
    advance("confirm_withdrawal", on=row, by=cast.triage, words="属实")
    with pytest.raises(WrongPerson):
        advance("follow_up", on=row.petition, by=cast.triage, reached=True, words="是自愿的")
    advance("follow_up", on=row.petition, by=cast.registrar, reached=True, words="是自愿的")


def test_a_wish_that_was_not_his_own_changes_nothing(make: Makes, cast: Cast) -> None:
    row = make.withdrawal()
    advance("deny_withdrawal", on=row, by=cast.head, words="是村干部代写的")
    assert matter(row).stage == "handling" and "T5" in running(row)


# --- urgent ------------------------------------------------------------------------------------------------------


def test_an_urgent_report_goes_to_those_the_article_names_and_the_stage_stays(make: Makes, cast: Cast) -> None:
    row = make.urgent()
    assert (matter(row).stage, matter(row).urgent) == ("review", True)
    told = set(Notice.objects.filter(petition=row.petition, step="report_urgent").values_list("post", flat=True))
    assert {
        cast.leader.post.pk,
        cast.head.post.pk,
        cast.unit_head.post.pk,
    } <= told and cast.other_leader.post.pk not in told
    text = words(row, "urgent_report")
    assert "国家信访局" in text and "县公安局" in text
    advance("accept", on=row.petition.assignments.get(), by=cast.signer)
    assert matter(row).stage == "handling"


@pytest.mark.parametrize("name", ["when_where", "people", "event", "measures", "competent"])
def test_an_urgent_report_says_what_is_known(make: Makes, cast: Cast, name: str) -> None:
    from tests.makes import URGENT

    with pytest.raises(BadInput) as refused:
        advance("report_urgent", on=make.signed().petition, by=cast.triage, **(URGENT | {name: " "}))
    assert name in refused.value.fields


def test_the_night_leaves_what_runs_beside_alone(make: Makes) -> None:
    make.urgent()
    make.mediation()
    make.hearing()
    assert run_night(date.today()).failed == 0


def test_the_message_names_the_kind_of_paper_that_was_issued(make: Makes, signed_in: Any, cast: Cast) -> None:
    run = make.replied("draft_reply", run=make.duty())
    address = f"/petitions/{run.petition.ref}/step/sign_reply/{run.ref}/"
    page = signed_in(cast.unit_head).post(address, {}, follow=True).content.decode()
    assert "履行法定职责答复：" in page and "建议采纳情况回复：" not in page


# --- what the screens and papers say of each road ------------------------------------------------------------------


def offered(actor: Actor, row: Any) -> set[str]:
    found = dossier_of(matter(row))
    return {step.code for step, _ in steps_for(actor, found.petition, found.rows)}


def test_what_two_parties_settled_between_themselves_goes_to_no_court(make: Makes, cast: Cast) -> None:
    run = make.handling()
    said = {"petitioner_agrees": True, "other": "村民委员会", "other_agrees": True, "between_them": True}
    advance("start_mediation", on=run, by=cast.handler, **said)
    row = run.petition.mediations.get()
    day = today() + 20 * DAY
    advance("agree_mediation", on=row, by=cast.handler, terms="各退一步", parties="王某；村委会", perform_by=day)
    assert "TQ" not in running(run) and "司法确认" not in words(run, "settlement_paper")
    assert "court_confirms" not in offered(cast.handler, row) and "perform_mediation" in offered(cast.handler, row)


def test_mediation_is_led_by_somebody_and_one_at_a_time(make: Makes, cast: Cast) -> None:
    run = make.handling()
    said = {"petitioner_agrees": True, "other": "村民委员会", "other_agrees": True}
    with pytest.raises(BadInput) as refused:
        advance("start_mediation", on=run, by=cast.handler, **said)
    assert "mediator" in refused.value.fields
    advance("start_mediation", on=run, by=cast.handler, mediator="镇调委会", **said)
    assert "start_mediation" not in offered(cast.handler, run)
    with pytest.raises(WrongMoment, match="没有结束"):
        advance("start_mediation", on=run, by=cast.handler, mediator="镇调委会", **said)


def test_a_settled_matter_says_so_until_the_agreement_is_performed(make: Makes, cast: Cast) -> None:
    run = make.settled()
    assert matter(run).stage == "settled" and "close_settled" not in offered(cast.handler, run)
    assert "达成协议" in plainly.SAYING["settled"]


def test_a_second_hearing_is_not_offered_before_the_first_has_ended(make: Makes, cast: Cast) -> None:
    row = make.hearing()
    assert "call_hearing" not in offered(cast.handler, row) and "hold_hearing" in offered(cast.handler, row)


def test_a_hearing_cites_the_article_of_its_own_stage(make: Makes, cast: Cast) -> None:
    assert "第三十一条第六项" in words(make.hearing(), "hearing_notice")
    again = words(make.hearing(rereviewing(make, cast)), "hearing_notice")
    assert "第三十六条第二款" in again and "不计算在复核期限内" in again and "第三十一条" not in again


@pytest.mark.parametrize(("step", "kind"), [("accept", "accept_notice"), ("take_suggestion", "suggestion_notice")])
def test_a_notice_promises_the_day_that_the_clock_has(make: Makes, cast: Cast, step: str, kind: str) -> None:
    LocalRule.objects.create(
        code="T5", value=45, valid_from=today() - DAY, source="地方规则"
    )  # tighter than the law's 60
    held = make.signed() if step == "accept" else make.taken()
    advance(step, on=held, by=cast.signer)
    due = Clock.objects.get(petition=held.petition, name="T5" if step == "accept" else "TG").due
    text = words(held, kind)
    assert f"{due:%Y年%-m月%-d日}前" in text and "60日" not in text


def test_routes_one_to_four_are_told_with_the_limit_of_that_procedure(make: Makes, cast: Cast) -> None:
    held = make.signed()
    outside = {1: {"procedure": "民事诉讼", "body": "浦江县人民法院"}}
    with pytest.raises(BadInput, match="期限"):
        advance("channel", on=held, by=cast.signer, routes={1: 1}, outside=outside)


def test_route_five_says_that_the_unit_answers_itself_and_by_when(make: Makes, cast: Cast) -> None:
    run = make.duty()
    due = Clock.objects.get(proceeding=run, name="TY").due
    text = words(run, "channel_notice")
    assert f"{due:%Y年%-m月%-d日}前书面答复" in text and "受理机关" not in text


def test_talks_are_recorded_while_a_suggestion_or_a_duty_is_worked_on(make: Makes, cast: Cast) -> None:
    advance("interview", on=make.studying(), by=cast.handler, text="请建议人到场说明")
    assert Paper.objects.filter(kind="interview_record").exists()


@pytest.mark.parametrize(
    ("kind", "said"),
    [("duty", "行政复议"), ("study", "没有复查程序"), ("review", "申请复核"), ("rereview", "不再受理")],
)
def test_the_form_of_delivery_names_the_remedy_of_that_very_paper(
    make: Makes, cast: Cast, kind: str, said: str
) -> None:
    run = make.handling()
    run.kind = kind
    form = form_for(lifecycle.STEPS["deliver_reply"], run.petition, run, cast.handler)
    assert said in form.fields["view"].help_text and "30日期限不受影响" not in form.fields["view"].help_text


def test_an_urgent_report_may_also_be_owed_while_a_review_is_under_way(make: Makes, cast: Cast) -> None:
    assert "report_urgent" in offered(cast.triage, make.reviewing())


def test_an_urgent_report_is_addressed_by_name(make: Makes, cast: Cast) -> None:
    text = words(make.urgent(), "urgent_report")
    assert "本级党委" not in text and "浦江县" in text
