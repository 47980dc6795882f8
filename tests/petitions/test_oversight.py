"""Supervision and what follows, repeats, joint matters (Art.19, 20, 32, 36, 38 to 40)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.dates import today
from petitions import local_rules, papers
from petitions.access import steps_for
from petitions.actions import advance, register, run_night
from petitions.dossier import dossier_of
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.law import oversight, repeats
from petitions.models import Assignment, Clock, Event, LocalRule, Notice, Paper, Petition, Reach, Supervision
from petitions.views import case_parts
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.test_steps import Rows
from tests.petitions.whole import complaints

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def rows(cast: Cast, make: Makes) -> Rows:
    return Rows(cast, make)


def words(row: Any, kind: str) -> str:
    return papers.html_of(Paper.objects.filter(petition_id=row.petition_id, kind=kind).latest("pk"))


def lapse(row: Any, name: str) -> None:
    """Let a running duty be over since yesterday, and the night come."""
    Clock.objects.filter(petition_id=row.petition_id, name=name, ended="").update(
        due=today() - DAY, raw_due=today() - DAY
    )
    assert run_night().failed == 0


# --- what opens by itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "clock", "trigger"),
    [
        ("registered", "T1", "t1_lapsed"),
        ("direct", "T2", "t3_lapsed"),
        ("signed", "T3", "t3_lapsed"),
        ("handling", "T5", "t5_lapsed"),
        ("asked", "T6D", "review_lapsed"),
        ("reasked", "T7D", "review_lapsed"),
        ("executing", "TE", "not_executed"),
        ("watched", "TV", "no_feedback"),
        ("advice", "T9", "no_feedback"),
    ],
)
def test_a_lapse_opens_a_supervision_with_the_lapse_as_its_evidence_once(
    make: Makes, made: str, clock: str, trigger: str
) -> None:
    row = getattr(make, made)()
    row = row.filing if made == "registered" else row
    lapse(row, clock)
    run_night()
    found = Supervision.objects.get(petition=row.petition, trigger=trigger)
    assert (found.evidence["clock"], found.opened_on) == (clock, today())
    owner = Clock.objects.filter(petition=row.petition, name=clock).latest("pk").department_id
    assert found.department_id == owner
    assert Clock.objects.filter(supervision=found, name="TV", ended="").exists()


LOOK = {
    "form": "onsite",
    "facts_true": "yes",
    "claim_fair": "part",
    "understood": "none",
    "cause": "科室推诿",
    "text": "查阅案卷",
}


def test_an_office_that_routes_late_answers_to_its_own_supervisor(make: Makes, cast: Cast) -> None:
    filing = make.registered().filing
    lapse(filing, "T1")
    found = Supervision.objects.get(petition=filing.petition, trigger="t1_lapsed")
    assert found.department == cast.office
    assert Notice.objects.filter(post=cast.head.post, petition=filing.petition, step="supervision_by_lapse").exists()
    with pytest.raises(WrongPerson):
        advance("answer_supervision", on=found, by=cast.registrar, answer="x")
    advance("answer_supervision", on=found, by=cast.head, answer="人手不足，当日转送")
    with pytest.raises(WrongPerson, match="反馈"):
        advance("end_supervision", on=found, by=cast.head, finding="属实")
    advance("return_answer", on=found, by=cast.supervisor, reason="没有写明措施")
    advance("answer_supervision", on=found, by=cast.triage, answer="已增加人手")
    with pytest.raises(WrongPerson, match="反馈"):
        advance("end_supervision", on=found, by=cast.head, finding="属实")
    advance("end_supervision", on=found, by=cast.supervisor, finding="属实")


def test_what_a_look_finds_is_kept_as_codes_and_stands_on_its_record(make: Makes, cast: Cast) -> None:
    row = make.watched()
    for name in ("facts_true", "claim_fair", "understood", "form"):
        with pytest.raises(BadInput) as refused:
            advance("look_into", on=row, by=cast.supervisor, **{**LOOK, name: "perhaps"})
        assert name in refused.value.fields
    advance("look_into", on=row, by=cast.supervisor, **LOOK)
    event = Event.objects.get(petition=row.petition, step="look_into")
    assert {name: event.data[name] for name in ("facts_true", "claim_fair", "understood")} == {
        "facts_true": "yes", "claim_fair": "part", "understood": "none",
    }  # fmt: skip
    text = words(row, "look_record")
    assert all(word in text for word in ("属实", "部分合理", "没有联系上", "科室推诿", "实地督办", cast.bureau.name))


@pytest.mark.parametrize("trigger", ["procedure", "wrong"])
def test_a_person_supervises_wrong_procedure_and_plain_errors(make: Makes, cast: Cast, trigger: str) -> None:
    petition = make.signed().petition
    advance("supervise", on=petition, by=cast.supervisor, trigger=trigger, demand="请说明")
    assert oversight.TRIGGERS[trigger] in words(Supervision.objects.get(petition=petition), "supervision_letter")


def test_who_is_to_be_held_to_account_is_told_by_which_article(make: Makes, cast: Cast) -> None:
    petition = make.signed().petition
    said = {"department": cast.sibling, "facts": "多次逾期", "suggestion": "依规处理"}
    for wrong in ({"kind": "blame", "basis": "条例"}, {"kind": "blame", "article": "40"}, {"kind": "improve", "basis": "条例", "article": "45"}):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            advance("advise", on=petition, by=cast.supervisor, **said, **wrong)
        assert "article" in refused.value.fields
    advance("advise", on=petition, by=cast.supervisor, kind="blame", article="45", **said)
    text = papers.html_of(Paper.objects.get(petition=petition, kind="advice_blame"))
    assert "第四十五条" in text and "未按期办结" in text
    assert Event.objects.get(petition=petition, step="advise").data["article"] == "45"


def test_a_review_body_that_is_late_answers_its_own_supervision(make: Makes, cast: Cast) -> None:
    row = make.asked()
    lapse(row, "T6D")
    found = Supervision.objects.get(petition=row.petition, trigger="review_lapsed")
    advance("answer_supervision", on=found, by=cast.reviewer, answer="人手不足，本周内作出意见。")
    assert Clock.objects.get(supervision=found).ended == "met"


def test_a_withdrawal_ends_no_duty_of_a_body_that_was_advised_or_supervised(make: Makes, cast: Cast) -> None:
    row = make.withdrawal()
    words = {"kind": "policy", "facts": "政策冲突", "suggestion": "统一口径", "basis": "条例第四十条"}
    advance("advise", on=row.petition, by=cast.supervisor, department=cast.sibling, **words)
    advance("confirm_withdrawal", on=row, by=cast.triage, words="电话核实属实")
    assert set(Clock.objects.filter(petition=row.petition, ended="").values_list("name", flat=True)) == {"T9"}


def test_a_matter_that_goes_from_hand_to_hand_is_supervised_with_the_returns(make: Makes, cast: Cast) -> None:
    held = make.signed()
    for body, signer in ((cast.bureau, cast.signer), (cast.sibling, cast.sibling_signer)):
        if body is not cast.bureau:
            advance("transfer", on=held.petition.filings.get(), by=cast.triage, department=body)
            held = held.petition.assignments.get(department=body)
            advance("sign_for", on=held, by=signer)
        advance("object", on=held, by=signer, reason="不属于本局职权")
        advance("uphold_objection", on=held, by=cast.triage, reason="属实")
    row = Supervision.objects.get(petition=held.petition)
    assert (row.trigger, row.evidence["returned"]) == ("returned", 2) and len(row.evidence["units"]) == 2


def test_one_supervision_of_what_goes_from_hand_to_hand_is_open_at_a_time(make: Makes, cast: Cast) -> None:
    petition = make.signed().petition

    def returned() -> Event:
        held = Assignment.objects.filter(petition=petition).latest("pk")
        if held.state == "returned":
            advance("transfer", on=petition.filings.get(), by=cast.triage, department=cast.bureau)
            held = Assignment.objects.filter(petition=petition).latest("pk")
            advance("sign_for", on=held, by=cast.signer)
        advance("object", on=held, by=cast.signer, reason="不属于本局职权")
        return advance("uphold_objection", on=held, by=cast.triage, reason="属实")

    said = [returned().data.get("trigger") for _ in range(3)]
    assert said == [None, "returned", None]
    row = Supervision.objects.get(petition=petition)
    assert Clock.objects.filter(petition=petition, name="TV", ended="").count() == 1
    advance("answer_supervision", on=row, by=cast.signer, answer="已协调")
    assert returned().data.get("trigger") is None
    advance("end_supervision", on=row, by=cast.supervisor, finding="属实")
    assert returned().data.get("trigger") == "returned"
    assert complaints(petition, cast.everybody().values()) == []


# --- forms, measures, suggestions --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", sorted(oversight.BY_HEAD))
def test_going_out_and_joint_supervision_are_begun_by_the_head(make: Makes, cast: Cast, form: str) -> None:
    petition = make.signed().petition
    with pytest.raises(WrongPerson):
        advance("supervise", on=petition, by=cast.supervisor, trigger="shirking", form=form)
    advance("supervise", on=petition, by=cast.head, trigger="shirking", form=form)
    assert Supervision.objects.get(petition=petition).form == form


def test_an_answer_that_will_not_do_is_owed_again(make: Makes, cast: Cast) -> None:
    row = make.watched()
    advance("answer_supervision", on=row, by=cast.handler, answer="正在办")
    advance("return_answer", on=row, by=cast.supervisor, reason="没有写明措施")
    assert Clock.objects.filter(supervision=row, name="TV", ended="").count() == 1
    advance("answer_supervision", on=row, by=cast.handler, answer="已支付一半")
    advance("end_supervision", on=row, by=cast.supervisor, finding="属实")


def test_the_office_proposes_and_the_conference_decides_with_a_day_to_put_it_right(make: Makes, cast: Cast) -> None:
    row = make.measure()
    with pytest.raises(WrongPerson):
        advance("decide_measure", on=row, by=cast.head, kind="talk", demand="整改", rectify_by=today() + 5 * DAY)
    make.step_measure(row, "decide_measure")
    row.refresh_from_db()
    assert (row.kind, row.rectify_by) == ("listed", today() + 10 * DAY)  # by gravity: not what was proposed
    assert "挂牌督办" in words(row, "measure_notice") and "限期整改" in words(row, "measure_notice")
    clock = Clock.objects.get(measure=row)
    assert (clock.name, clock.due, clock.department_id) == ("TZ", clock.due, cast.bureau.pk)
    make.step_measure(row, "answer_measure")
    advance("reopen_measure", on=row, by=cast.conference, reason="不到位", rectify_by=today() + 20 * DAY)
    assert Clock.objects.filter(measure=row, ended="").count() == 1


def test_a_day_to_put_it_right_is_ahead(make: Makes, cast: Cast) -> None:
    with pytest.raises(BadInput):
        advance("decide_measure", on=make.measure(), by=cast.conference, kind="talk", demand="整改", rectify_by=today())


@pytest.mark.parametrize("kind", oversight.ADVICE)
def test_a_suggestion_is_a_paper_of_its_kind_and_its_recipient_answers_in_writing(
    make: Makes, cast: Cast, kind: str
) -> None:
    row = make.advice(kind=kind)
    assert "建立台账" in words(row, f"advice_{kind}")
    reach = Reach.objects.get(petition=row.petition, department=cast.sibling)
    assert (reach.role, reach.tray) == ("advised", "to_answer")
    assert Notice.objects.filter(post=cast.sibling_head.post, step="advise").exists()
    advance("answer_advice", on=row, by=cast.sibling_head, adopted="none", answer="已有制度")
    assert "未采纳" in words(row, "adoption_report")
    reach.refresh_from_db()
    assert reach.tray == ""
    advance("note_advice", on=row, by=cast.supervisor, finding="继续关注")


def test_what_a_body_was_advised_on_stays_in_its_sight_when_the_matter_goes_on(make: Makes, cast: Cast) -> None:
    row = make.advice()
    advance("accept", on=row.petition.assignments.get(), by=cast.signer)
    assert Reach.objects.filter(
        petition=row.petition, department=cast.sibling, role="advised", tray="to_answer"
    ).exists()


def test_nobody_else_sees_the_matter_for_a_suggestion(make: Makes, cast: Cast) -> None:
    with pytest.raises(NotSeen):
        advance("answer_advice", on=make.advice(), by=cast.stranger, adopted="whole", answer="好")


@pytest.mark.parametrize(("conclusion", "tracked"), [("change", True), ("revoke", False)])
def test_what_is_carried_out_is_what_the_review_left_standing(
    make: Makes, cast: Cast, conclusion: str, tracked: bool
) -> None:
    run = make.review_delivered(conclusion)
    handled = run.after
    said = {"executor": cast.bureau, "what": "发放", "due_on": today() + 20 * DAY}
    if tracked:
        advance("track_execution", on=handled, by=cast.handler, **said)
        return
    with pytest.raises(WrongMoment):
        advance("track_execution", on=handled, by=cast.handler, **said)


def test_execution_is_tracked_for_what_was_supported_and_once(make: Makes, cast: Cast) -> None:
    run = make.executing()
    assert "发放补偿款" in words(run, "execution_letter")
    assert Clock.objects.get(proceeding=run).length == 20
    found = dossier_of(run.petition)
    assert "track_execution" not in {step.code for step, _ in steps_for(cast.handler, found.petition, found.rows)}
    with pytest.raises(WrongMoment):
        advance("track_execution", on=run.after, by=cast.handler, executor=cast.bureau, what="再", due_on=today() + DAY)
    advance("execution_done", on=run, by=cast.handler, evidence="银行回单")
    assert Clock.objects.get(proceeding=run).ended == "met"


def test_a_letter_of_supervision_names_the_day_that_the_clock_has(make: Makes, cast: Cast) -> None:
    row = make.watched()
    due = Clock.objects.get(supervision=row, name="TV").due
    assert f"{due:%Y年%-m月%-d日}前书面反馈" in words(row, "supervision_letter")
    advised = make.advice()
    due = Clock.objects.get(advice=advised, name="T9").due
    assert f"{due:%Y年%-m月%-d日}前书面反馈采纳情况" in words(advised, "advice_improve")


def test_two_supervisions_of_one_body_are_told_apart_by_their_grounds(make: Makes, cast: Cast) -> None:
    row = make.watched()
    advance("supervise", on=row.petition, by=cast.supervisor, trigger="false", demand="请说明")
    labels = [button["label"] for button in case_parts.steps(dossier_of(row.petition), cast.supervisor)]
    assert len(labels) == len(set(labels))


def test_an_opinion_is_copied_to_the_petition_office_and_to_whoever_sent_it(make: Makes, cast: Cast) -> None:
    assert f"抄送：{cast.office.name}" in words(make.issued(), "opinion")


def test_who_set_the_limit_of_a_report_may_set_a_later_one_before_it_runs_out(make: Makes, cast: Cast) -> None:
    held = make.sent("assign")
    limit = Clock.objects.get(assignment=held, name="T8").raw_due
    advance("sign_for", on=held, by=cast.signer)
    with pytest.raises(BadInput) as refused:
        advance("extend_report", on=held, by=cast.triage, limit_on=limit, reason="鉴定")
    assert "limit_on" in refused.value.fields
    advance("extend_report", on=held, by=cast.triage, limit_on=limit + 10 * DAY, reason="委托鉴定尚未完成")
    clock = Clock.objects.get(assignment=held, name="T8", ended="")
    assert clock.raw_due == limit + 10 * DAY and clock.due >= clock.raw_due
    Clock.objects.filter(pk=clock.pk).update(due=today() - DAY, raw_due=today() - DAY)
    with pytest.raises(WrongMoment, match="届满"):
        advance("extend_report", on=held, by=cast.triage, limit_on=limit + 15 * DAY, reason="再延")


def test_a_settled_matter_is_reported_without_empty_dates(make: Makes, cast: Cast) -> None:
    run = make.settled("perform_mediation")
    advance("close_settled", on=run, by=cast.handler)
    held = run.assignment
    Assignment.objects.filter(pk=held.pk).update(mode="assign")
    advance("report_back", on=held, by=cast.handler, result="已经付清")
    text = words(run, "closing_report")
    assert "调解和解" in text and "作出日期：；" not in text and "调解协议书" in text


# --- repeats -----------------------------------------------------------------------------------------------------


def test_a_superior_refuses_only_while_the_body_below_is_in_time(rows: Rows, make: Makes, cast: Cast) -> None:
    in_time, filing = make.handling().petition, make.registered().filing
    said = {"ground": "in_progress", "explanation": "请等待办理"}
    late = rows.overdue()
    with pytest.raises(WrongMoment, match="逾期"):
        advance("not_accept", on=filing, by=cast.triage, other=late, **said)
    advance("not_accept", on=filing, by=cast.triage, other=in_time, **said)
    assert Event.objects.filter(petition=filing.petition, step="not_accept").get().data["other"] == in_time.number


def test_what_no_other_body_was_given_is_no_ground(make: Makes, cast: Cast) -> None:
    said = {"ground": "in_progress", "explanation": "请等待办理"}
    with pytest.raises(BadInput, match="交由下级") as refused:
        advance("not_accept", on=make.registered().filing, by=cast.triage, other=make.registered().petition, **said)
    assert "other" in refused.value.fields
    own = make.handling().petition
    with pytest.raises(BadInput, match="交由下级"):
        advance("decline", on=make.signed(), by=cast.unit_head, other=own, **said)


def test_what_the_office_itself_is_late_with_leaves_the_body_below_in_time(make: Makes, cast: Cast) -> None:
    held, filing = make.signed(), make.registered().filing
    advance("object", on=held, by=cast.signer, reason="不属本局职权")
    own = Clock.objects.get(petition=held.petition, name="TC", department=cast.office)
    Clock.objects.filter(pk=own.pk).update(due=today() - DAY, raw_due=today() - DAY)
    Petition.objects.filter(pk=held.petition_id).update(due=today() - DAY)
    said = {"ground": "in_progress", "explanation": "请等待办理"}
    advance("not_accept", on=filing, by=cast.triage, other=held.petition, **said)
    assert Event.objects.get(petition=filing.petition, step="not_accept").data["other"] == held.petition.number


def test_what_has_ended_is_not_in_progress(make: Makes, cast: Cast) -> None:
    with pytest.raises(BadInput):
        advance(
            "not_accept",
            on=make.registered().filing,
            by=cast.triage,
            ground="in_progress",
            explanation="x",
            other=make.confirmed(),
        )


def test_where_the_body_below_is_late_the_superior_takes_it_and_supervises(rows: Rows, make: Makes, cast: Cast) -> None:
    late, done = rows.overdue(), make.registered()
    advance("merge_supervise", on=done.filing, by=cast.triage, into=late)
    row = Supervision.objects.get(petition=late)
    assert (row.trigger, row.department_id, row.evidence["repeat"]) == (
        "repeat_overdue",
        cast.bureau.pk,
        done.petition.number,
    )
    assert Petition.objects.get(pk=done.petition.pk).merged_into == late


def test_a_plain_merge_under_a_late_matter_supervises_the_late_body_too(rows: Rows, make: Makes, cast: Cast) -> None:
    late, done = rows.overdue(), make.registered()
    advance("merge", on=done.filing, by=cast.triage, into=late)
    row = Supervision.objects.get(petition=late)
    assert (row.trigger, row.department_id, row.evidence["repeat"]) == ("repeat_overdue", cast.bureau.pk, done.petition.number)  # fmt: skip
    assert Clock.objects.filter(supervision=row, name="TV", ended="").exists()
    assert Notice.objects.filter(post=cast.unit_head.post, petition=late, step="supervision_by_lapse").exists()
    assert complaints(late, cast.everybody().values()) == []


def test_a_repeat_registered_under_a_late_matter_supervises_the_late_body(rows: Rows, make: Makes, cast: Cast) -> None:
    late = rows.overdue()
    done = register(entry(cast), by=cast.registrar, under=late)
    row = Supervision.objects.get(petition=late)
    assert (row.trigger, row.evidence["repeat"]) == ("repeat_overdue", done.filing.number)
    assert Event.objects.filter(petition=late, step="supervision_opened", on_id=row.pk).exists()
    assert complaints(late, cast.everybody().values()) == []


@pytest.mark.parametrize("again", ["merge", "merge_supervise", "register"])
def test_one_supervision_for_a_repeat_is_open_at_a_time(rows: Rows, make: Makes, cast: Cast, again: str) -> None:
    late = rows.overdue()
    advance("merge_supervise", on=make.registered().filing, by=cast.triage, into=late)
    if again == "register":
        register(entry(cast), by=cast.registrar, under=late)
    else:
        advance(again, on=make.registered().filing, by=cast.triage, into=late)
    row = Supervision.objects.get(petition=late)
    advance("answer_supervision", on=row, by=cast.signer, answer="已改正")
    advance("end_supervision", on=row, by=cast.supervisor, finding="属实")
    register(entry(cast), by=cast.registrar, under=late)
    assert Supervision.objects.filter(petition=late, trigger="repeat_overdue").count() == 2


def test_nobody_is_supervised_where_the_office_itself_is_late_or_all_are_in_time(make: Makes, cast: Cast) -> None:
    own, in_time = make.registered().petition, make.handling().petition
    Clock.objects.filter(petition=own).update(due=today() - DAY)
    for master in (own, in_time):
        register(entry(cast), by=cast.registrar, under=master)
        advance("merge", on=make.registered().filing, by=cast.triage, into=master)
    with pytest.raises(WrongMoment):
        advance("merge_supervise", on=make.registered().filing, by=cast.triage, into=own)
    assert not Supervision.objects.exists()


def test_a_unit_that_registers_a_repeat_supervises_nobody(rows: Rows, cast: Cast) -> None:
    register(entry(cast), by=cast.signer, under=rows.overdue())
    assert not Supervision.objects.exists()


def test_one_in_time_is_not_supervised_for_being_repeated(make: Makes, cast: Cast) -> None:
    with pytest.raises(WrongMoment, match="还在期限内"):
        advance("merge_supervise", on=make.registered().filing, by=cast.triage, into=make.handling().petition)


def test_a_merging_undone_gives_the_matter_back_with_the_first_day_it_had(make: Makes, cast: Cast) -> None:
    done = make.registered()
    before = Clock.objects.get(filing=done.filing, name="T1")
    advance("merge", on=done.filing, by=cast.triage, into=make.registered().petition)
    advance("unmerge", on=done.filing, by=cast.head, reason="另一块地")
    found = Petition.objects.get(pk=done.petition.pk)
    again = Clock.objects.get(filing=done.filing, name="T1", ended="")
    assert (found.stage, found.merged_into, found.outcome) == ("registered", None, "")
    assert (again.start, again.due) == (before.start, before.due)


def test_new_facts_or_reasons_make_a_new_matter(make: Makes, cast: Cast) -> None:
    said = {"earlier": make.ended_by_rereview(), "explanation": "同"}
    with pytest.raises(BadInput) as refused:
        advance("no_further", on=make.registered().filing, by=cast.triage, same=False, **said)
    assert "新的事项" in refused.value.fields["same"]


def test_related_matters_point_to_one_and_stay_apart(make: Makes, cast: Cast) -> None:
    one, two, three = (make.signed().petition for _ in range(3))
    advance("relate", on=two, by=cast.triage, to=one)
    two.refresh_from_db()
    advance("relate", on=three, by=cast.triage, to=two)
    three.refresh_from_db()
    assert (two.related_to, three.related_to) == (one, one)
    advance("unrelate", on=three, by=cast.triage, reason="不是同一问题")


# --- joint matters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "band"),
    [(1, ""), (4, ""), (5, "5至10人"), (10, "5至10人"), (11, "11至20人"), (20, "11至20人"), (21, "21至50人"), (51, "51至100人"), (100, "51至100人"),
     (101, "100人以上")],
)  # fmt: skip
def test_the_bands_of_a_joint_matter(people: int, band: str) -> None:
    assert repeats.band(people) == band


@given(st.integers(1, 500), st.integers(1, 9), st.integers(1, 9))
def test_a_local_rule_makes_representatives_fewer_never_more_than_five(people: int, all_: int, small: int) -> None:
    most = repeats.most_representatives(people, {"REPRESENTATIVES": all_, "REPRESENTATIVES_10": small})
    assert 1 <= most <= 5 and (people > 10 or most <= small)


def test_representatives_are_chosen_within_the_local_limit(make: Makes, cast: Cast) -> None:
    filing = make.joint().filing
    LocalRule.objects.create(code="REPRESENTATIVES", value=2, source="本省条例", valid_from=today())
    with pytest.raises(BadInput) as refused:
        advance("choose_representatives", on=filing, by=cast.registrar, people="1,2,3")
    assert "不得超过2人" in refused.value.fields["people"]
    advance("choose_representatives", on=filing, by=cast.registrar, people="1，3")
    assert [party.representative for party in filing.parties.order_by("petitioner_id")] == [True, False, True]


def test_the_law_s_five_are_not_raised_by_a_local_rule() -> None:
    assert "法定" in local_rules.refusal("REPRESENTATIVES", 6, working=False)
    assert local_rules.refusal("REPRESENTATIVES_10", 3, working=False) == ""
    assert local_rules.refusal("HEARING_NOTICE", 10, working=False) == ""


def test_heads_registered_and_really_there_are_both_kept(make: Makes, cast: Cast) -> None:
    filing = make.joint().filing
    advance("count_heads", on=filing, by=cast.registrar, actual=14)
    filing.refresh_from_db()
    assert (filing.head_count, filing.actual_count) == (11, 14)
