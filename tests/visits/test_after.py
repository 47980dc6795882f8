"""After the visit: every promise has an owner and a day; the petitioner is asked by somebody else; a case is struck off when verified."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessLog
from petitions.actions import advance
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Filing, Paper, Petition
from petitions.papers import html_of
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days, next_workday
from tests.visits.test_day import LATER, SAID, heard, new
from visits import book, erasing, indicators, owed
from visits.actions import sponsor, tables
from visits.actions.after import ask_repeats_again, carry_out, revisit, suggest, write_research
from visits.actions.carry import carry
from visits.actions.day import close
from visits.matching import cases_for
from visits.models import Brief, Carried, FrequencyRule, Outcome, Pledge, Receiver, Reception, Sponsorship
from visits.pressure import pressure_of

pytestmark = pytest.mark.django_db


def test_a_duty_is_carried_out_by_the_unit_that_owes_it(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "assigned"))
    duty = outcome.follow_ups.get(kind="carry_out")
    with pytest.raises(NotSeen):
        carry_out(duty, by=cast.sibling_handler, words="已发放")
    with pytest.raises(WrongPerson):
        carry_out(duty, by=cast.triage, words="已发放")
    with pytest.raises(BadInput):
        carry_out(duty, by=cast.handler, words=" ")
    carry_out(duty, by=cast.handler, words="补偿款已发放")
    duty.refresh_from_db()
    assert (duty.done_on, duty.words) == (today(), "补偿款已发放")
    assert "visit_follow_up" in outcome.petition.events.values_list("step", flat=True)
    with pytest.raises(WrongMoment):
        carry_out(duty, by=cast.handler, words="又一次")


def test_what_came_of_a_heads_own_reception_and_another_unit_owes_is_none_of_his_units_duties(
    days: Days, cast: Cast
) -> None:
    tables.keep_receiver(cast.head, cast.unit_head.post, level="town", main=True)
    two = new(days, "assigned", unit=cast.sibling), new(days, "assigned", entry=days.entry(title="路灯不亮"))
    theirs, ours = heard(days, *two, visit=days.published(leader=cast.unit_head))
    assert [row.number for row in owed.for_unit(cast.sibling_handler, today()).rows] == [theirs.petition.number]
    assert [row.number for row in owed.for_unit(cast.unit_head, today()).rows] == [ours.petition.number]


def test_what_is_owed_stands_on_the_first_page_of_who_owes_it(days: Days, cast: Cast, signed_in: Any) -> None:
    """With its day and its way: the unit its assignment, the leader the answer that is out, the office whom to ask."""
    soon = today() + timedelta(days=5)
    assert "接访、包案要办的" not in signed_in(cast.handler).get("/").content.decode()
    (outcome,) = heard(days, new(days, "assigned", due=soon))
    duty, asked = outcome.follow_ups.get(kind="carry_out"), outcome.follow_ups.get(kind="revisit")
    asked.due = soon
    asked.save()
    ways = {
        "handler": f"/visits/follow-ups/{duty.ref}/",
        "unit_head": f"/visits/follow-ups/{duty.ref}/",
        "leader": f"/visits/{outcome.reception.visit.ref}/",
        "triage": f"/visits/follow-ups/{asked.ref}/",
        "supervisor": f"/visits/follow-ups/{asked.ref}/",
    }
    for who, way in ways.items():
        page = signed_in(getattr(cast, who)).get("/").content.decode()
        assert f'href="{way}"' in page and f'datetime="{soon:%Y-%m-%d}"' in page, who
    assert "接访、包案要办的" not in signed_in(cast.sibling_handler).get("/").content.decode()
    carry_out(duty, by=cast.handler, words="已发放")
    assert "还没有答复" in signed_in(cast.handler).get("/").content.decode(), (
        "done, but the petitioner has no answer yet"
    )


def test_the_petitioner_is_asked_by_somebody_who_had_no_hand_in_it(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "assigned"))
    duty = outcome.follow_ups.get(kind="revisit")
    with pytest.raises(WrongPerson):
        revisit(duty, by=cast.triage, reached=True, words="满意", heard="content")
    with pytest.raises(WrongPerson):
        revisit(duty, by=cast.handler, reached=True, words="满意", heard="content")
    revisit(duty, by=cast.supervisor, reached=False)
    duty.refresh_from_db()
    assert (duty.tries, duty.done_on) == (1, None)
    with pytest.raises(BadInput):
        revisit(duty, by=cast.supervisor, reached=True, words="", heard="content")
    revisit(duty, by=cast.supervisor, reached=True, words="钱已收到", heard="content", at_home=True)
    duty.refresh_from_db()
    assert (duty.done_on, duty.heard, duty.at_home) == (today(), "content", True)
    assert not outcome.petition.ratings.exists(), "what was heard is never a rating"
    assert not outcome.follow_ups.filter(kind="second").exists()


def test_who_was_not_content_is_asked_again_after_ninety_days(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "explained"))
    revisit(outcome.follow_ups.get(), by=cast.supervisor, reached=True, words="还是不满意", heard="not")
    assert outcome.follow_ups.get(kind="second").due == today() + timedelta(days=90)


def test_what_was_brought_again_is_asked_after_on_the_ninetieth_day_once(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "explained"))
    assert ask_repeats_again() == 0
    Outcome.objects.update(recorded_on=today() - timedelta(days=40))
    first = outcome.petition.filings.get()
    Filing.objects.filter(pk=first.pk).update(repeat=True, received_on=today())
    assert (ask_repeats_again(), ask_repeats_again()) == (1, 0)
    duty = outcome.follow_ups.get(kind="second")
    assert (duty.due, duty.unit_id) == (today() + timedelta(days=50), cast.office.pk)
    revisit(outcome.follow_ups.get(kind="revisit"), by=cast.supervisor, reached=True, words="还是不满意", heard="not")
    assert outcome.follow_ups.filter(kind="second").count() == 1


def test_of_a_registration_that_was_taken_back_nothing_is_owed(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "sponsored"))
    coming = days.published(next_workday())
    asked = {
        "visit": coming,
        "petition": outcome.petition,
        "unit": cast.bureau,
        "asked_by": cast.triage.post,
        "asked_on": today(),
    }
    Brief.objects.create(due=coming.day, **asked)
    advance("sign_for", on=outcome.petition.assignments.get(), by=cast.signer)
    advance("object", on=outcome.petition.assignments.get(), by=cast.signer, reason="不归我局", suggested=cast.sibling)
    advance("uphold_objection", on=outcome.petition.assignments.get(), by=cast.triage, reason="属实")
    unit, office = owed.for_unit(cast.handler, today()), owed.for_office(cast.supervisor, today() + timedelta(days=90))
    assert {row.label for row in unit.rows} >= {"接访预审", "落实交办", "领导包案"} and office.rows
    advance("retract", on=outcome.petition.filings.get(), by=cast.triage)
    assert not outcome.follow_ups.exists() and not Brief.objects.exists()
    row = Sponsorship.objects.get()
    assert (row.state, row.result, row.ended_on) == ("ended", "", today())
    for rows in (owed.for_unit(cast.handler, today()), owed.for_leader(cast.leader, today())):
        assert rows.rows == []
    assert owed.for_office(cast.supervisor, today() + timedelta(days=90)).rows == []
    assert erasing.hold(outcome.petition) == ""


# --- sponsored cases ---------------------------------------------------------------------------------------------


@pytest.fixture
def row(days: Days) -> Sponsorship:
    heard(days, new(days, "sponsored"))
    return Sponsorship.objects.get()


def test_a_sponsored_case_from_the_plan_to_the_end(days: Days, cast: Cast, row: Sponsorship) -> None:
    sponsor.plan(
        row, by=cast.leader, crux="款项滞留", plan="由财政补齐", measures=["policy", "aid"], steps=[days.step()]
    )
    sponsor.milestone(row, by=cast.handler, words="已到账一半")
    with pytest.raises(WrongMoment):
        sponsor.verify(row, by=cast.head, agree=True, finding="x")
    with pytest.raises(BadInput) as caught:
        sponsor.report(row, by=cast.leader, result="settled", words="全部到账")
    assert "还有1步没有完成" in caught.value.fields["result"]
    sponsor.milestone(row, by=cast.handler, words="全部到账", step=row.milestones.get())
    sponsor.report(row, by=cast.leader, result="settled", words="全部到账")
    with pytest.raises(WrongMoment):
        sponsor.verify(row, by=cast.head, agree=True, finding="已核实")  # the matter itself is not closed
    with pytest.raises(WrongPerson):
        sponsor.verify(row, by=cast.leader, agree=True, finding="自己核查")
    sponsor.verify(row, by=cast.head, agree=False, finding="还差两户")
    sponsor.report(row, by=cast.leader, result="partly", words="余款另行安排")
    sponsor.verify(row, by=cast.head, agree=True, finding="电话核实")
    row.refresh_from_db()
    assert (row.state, row.ended_on) == ("ended", today())
    kinds = list(row.notes.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["milestone", "milestone", "reported", "returned", "reported", "ended"]


def test_a_plan_says_who_does_what_until_when_and_how_far_it_is(
    days: Days, cast: Cast, row: Sponsorship, signed_in: Any
) -> None:
    """Steps that do not fit are refused in words; done ones stay as they were; the page and the ledger say how far it is."""
    said: dict[str, Any] = {"crux": "款项滞留", "plan": "由财政补齐", "measures": []}
    for steps, words in (
        ([], "至少写一步"),
        ([days.step(due=row.due + timedelta(days=1))], "晚于化解期限"),
        ([days.step(due=today() - timedelta(days=1))], "日期已经过去"),
        ([days.step(unit=cast.sibling)], "不是责任单位，也不是协同单位"),
        ([days.step(done_when=" ")], "做到什么算完成"),
    ):
        with pytest.raises(BadInput) as caught:
            sponsor.plan(row, by=cast.leader, steps=steps, **said)
        assert words in caught.value.fields["steps"]
    second = days.step(what="当面答复信访人", unit=cast.sibling, due=row.due)
    sponsor.plan(row, by=cast.leader, steps=[days.step(), second], co_units=[cast.sibling], **said)
    first = row.milestones.get(unit=cast.bureau)
    sponsor.milestone(row, by=cast.handler, words="三户都到账了", step=first, met=True)
    with pytest.raises(WrongMoment):
        sponsor.milestone(row, by=cast.handler, words="又一次", step=first)
    left = row.milestones.get(done_on=None)
    changed = days.step(what="上门答复信访人", ref=left.ref, due=row.due)
    sponsor.plan(row, by=cast.leader, steps=[changed], **said)
    assert [(step.what, bool(step.done_on)) for step in row.milestones.all()] == [
        ("财政补齐补偿款", True), ("上门答复信访人", False),
    ]  # fmt: skip
    for who, address in ((cast.leader, f"/visits/sponsored/{row.ref}/"), (cast.head, "/ledgers/sponsorships/")):
        assert "2步完成1步" in signed_in(who).get(address).content.decode()
    assert row.notes.filter(kind="met").exists()


def test_a_step_can_be_taken_away_on_the_page_and_a_plan_whose_steps_are_done_asks_for_no_more(
    days: Days, cast: Cast, row: Sponsorship, signed_in: Any
) -> None:
    said: dict[str, Any] = {"crux": "款项滞留", "plan": "由财政补齐"}
    steps = [days.step(), days.step(what="上门答复信访人")]
    sponsor.plan(row, by=cast.leader, measures=[], steps=steps, **said)
    page, client = f"/visits/sponsored/{row.ref}/plan/", signed_in(cast.leader)
    assert "去掉" in client.get(page).content.decode()
    many: dict[str, Any] = said | {"s-TOTAL_FORMS": "2", "s-INITIAL_FORMS": "2"}
    for number, step in enumerate(row.milestones.all()):
        told = {
            "ref": step.ref,
            "what": step.what,
            "unit": step.unit_id,
            "due": f"{step.due}",
            "done_when": step.done_when,
        }
        many |= {f"s-{number}-{name}": value for name, value in told.items()}
    assert client.post(page, many | {"s-1-what": ""}).status_code == 422, "half a step is no step"
    assert client.post(page, many | {"s-1-what": "", "s-1-DELETE": "on"}).status_code == 302
    left = row.milestones.get()
    assert left.what == "财政补齐补偿款"
    sponsor.milestone(row, by=cast.handler, words="三户都到账了", step=left)
    untouched = {"s-TOTAL_FORMS": "1", "s-INITIAL_FORMS": "1", "s-0-unit": row.unit_id, "s-0-due": f"{row.due}"}
    assert client.post(page, said | untouched | {"plan": "由财政补齐，并回访"}).status_code == 302
    begun = untouched | {"s-0-due": f"{today() + timedelta(days=3)}"}
    assert client.post(page, said | begun).status_code == 422, "a day alone is half a step"
    row.refresh_from_db()
    assert (row.plan, row.milestones.count()) == ("由财政补齐，并回访", 1)


def test_what_a_sponsor_takes_upon_himself_is_a_list_that_the_office_keeps(
    days: Days, cast: Cast, row: Sponsorship
) -> None:
    assert row.pledges == ["包掌握情况", "包思想教育", "包解决化解", "包息诉息访"]
    with pytest.raises(WrongPerson):
        tables.adopt_pledges(cast.triage, "five_aid", valid_from=today())
    with pytest.raises(BadInput):
        tables.adopt_pledges(cast.head, "five_aid", valid_from=today() - timedelta(days=1))
    tables.adopt_pledges(cast.head, "five_aid", valid_from=today())
    tables.adopt_pledges(cast.head, "five_town", valid_from=today() + timedelta(days=5))
    assert book.pledges(cast.office)[-1] == "包帮扶救助"
    assert book.pledges(cast.office, today() + timedelta(days=5))[0] == "包案件"
    row.refresh_from_db()
    assert "包帮扶救助" not in row.pledges, "a later list rewrites no charge"


def test_rules_and_pledges_of_another_office_are_not_ended(days: Days, cast: Cast) -> None:
    theirs = Pledge.objects.create(office=cast.city_review, text="包案件", source="文件", valid_from=today())
    rule = FrequencyRule.objects.create(
        office=cast.city_review, level="city", who="every", times=1, per="month", where="any", source="文件", valid_from=today()
    )  # fmt: skip
    with pytest.raises(NotSeen):
        tables.end_pledge(cast.head, theirs, on_day=today())
    with pytest.raises(NotSeen):
        tables.end_rule(cast.head, rule, on_day=today())


def test_busy_days_are_written_down_with_who_wrote_them(days: Days, cast: Cast) -> None:
    row = tables.keep_busy(cast.triage, cast.leader.post, first=today(), last=today())
    tables.drop_busy(cast.triage, row)
    said = AccessLog.objects.filter(target=f"visit_busy:{cast.leader.post.pk}").order_by("pk")
    assert [one.data["what"] for one in said] == ["登记领导日程", "删除领导日程"]


def test_more_time_is_given_by_a_main_leader_and_never_by_the_sponsor(
    days: Days, cast: Cast, row: Sponsorship, signed_in: Any
) -> None:
    until = LATER + timedelta(days=20)
    with pytest.raises(BadInput):
        sponsor.ask_more_time(row, by=cast.leader, until=LATER, words="来不及")
    sponsor.ask_more_time(row, by=cast.leader, until=until, words="涉及三个部门")
    with pytest.raises(WrongPerson):
        sponsor.decide_more_time(row, by=cast.leader, agree=True)
    row.refresh_from_db()
    assert row.due == LATER
    assert list(sponsor.waiting_for(cast.other_leader)) == [row]
    assert not sponsor.waiting_for(cast.leader).exists(), "nobody is asked about his own"
    assert "等您批复的包案延期" in signed_in(cast.other_leader).get("/").content.decode()
    assert "我包的案" in signed_in(cast.leader).get("/").content.decode()
    sponsor.decide_more_time(row, by=cast.other_leader, agree=True)
    assert not sponsor.waiting_for(cast.other_leader).exists()
    row.refresh_from_db()
    assert row.due == until
    with pytest.raises(WrongMoment):
        sponsor.decide_more_time(row, by=cast.other_leader, agree=True)


@pytest.mark.parametrize("changes", [{"office": "city_review"}, {"active": False}, {"level": "town"}, {"main": False}])
def test_more_time_is_neither_seen_nor_given_by_a_main_leader_who_is_not_over_the_case(
    days: Days, cast: Cast, row: Sponsorship, signed_in: Any, changes: dict[str, Any]
) -> None:
    """Of another office, no longer receiving, of a lower level than the sponsor, or no main leader."""
    sponsor.ask_more_time(row, by=cast.leader, until=LATER + timedelta(days=20), words="涉及三个部门")
    page = f"/visits/sponsored/{row.ref}/"
    assert signed_in(cast.other_leader).get(page).status_code == 200
    if "office" in changes:
        changes = {"office": getattr(cast, changes["office"])}
    Receiver.objects.filter(post=cast.other_leader.post).update(**changes)
    assert not sponsor.waiting_for(cast.other_leader).exists()
    assert signed_in(cast.other_leader).get(page).status_code == 404
    assert signed_in(cast.other_leader).post(f"{page}decide/", {"agree": "yes"}).status_code == 404
    with pytest.raises(WrongPerson):
        sponsor.decide_more_time(row, by=cast.other_leader, agree=True)
    row.refresh_from_db()
    assert row.due == LATER


def test_a_unit_that_helps_sees_its_step_where_it_sees_the_matter_and_says_when_that_is_done(
    days: Days, cast: Cast, row: Sponsorship, signed_in: Any
) -> None:
    theirs = days.step(what="当面答复信访人", unit=cast.sibling)
    sponsor.plan(row, by=cast.leader, crux="款项滞留", plan="由财政补齐", measures=[], co_units=[cast.sibling],
                 steps=[days.step(), theirs])  # fmt: skip
    ours, step = row.milestones.get(unit=cast.bureau), row.milestones.get(unit=cast.sibling)
    page = f"/visits/sponsored/{row.ref}/"
    assert signed_in(cast.sibling_handler).get(page).status_code == 404, "it does not see the matter"
    held = row.petition.assignments.get()
    advance("sign_for", on=held, by=cast.signer)
    held.refresh_from_db()
    advance("accept", on=held, by=cast.signer, handler=cast.handler.post)
    held.refresh_from_db()
    advance("add_co_unit", on=held, by=cast.signer, department=cast.sibling, demand="核对安置面积")
    client = signed_in(cast.sibling_handler)
    assert f'href="{page}"' in client.get("/").content.decode()
    text = client.get(page).content.decode()
    assert f"?step={step.ref}" in text and f"?step={ours.ref}" not in text
    for verb, told in (
        (sponsor.ask_more_time, {"until": LATER + timedelta(days=20), "words": "来不及"}),
        (sponsor.report, {"result": "partly", "words": "部分到账"}),
        (sponsor.plan, {"crux": "x", "plan": "y", "measures": []}),
    ):
        with pytest.raises(WrongPerson):
            verb(row, by=cast.sibling_handler, **told)  # type: ignore[operator]
    for words in ({"words": "已办"}, {"words": "已办", "step": ours}):
        with pytest.raises(WrongPerson):
            sponsor.milestone(row, by=cast.sibling_handler, **words)
    form = {"words": "已当面答复", "step": step.pk}
    assert client.post(f"{page}milestone/", form | {"step": ours.pk}).status_code == 422
    assert client.post(f"{page}milestone/", form).status_code == 302
    step.refresh_from_db()
    assert step.done_by_id == cast.sibling_handler.post.pk
    assert f'href="{page}"' not in client.get("/").content.decode(), "nothing of it is left to do"


def test_a_case_is_handed_over_only_to_somebody_in_whose_fields_it_is(days: Days, cast: Cast, row: Sponsorship) -> None:
    with pytest.raises(BadInput) as caught:
        sponsor.hand_over(row, by=cast.head, sponsor=cast.other_leader.post, words="材料一册")
    assert "分管领域" in caught.value.fields["kind"]


def test_a_matter_has_one_sponsor_at_a_time(days: Days, cast: Cast, row: Sponsorship) -> None:
    with pytest.raises(BadInput) as caught:
        sponsor.take_on(row.petition, sponsor=cast.leader.post, unit=cast.bureau, due=LATER, by=cast.head)
    assert "已经有领导包案" in caught.value.fields["kind"]


# --- research ----------------------------------------------------------------------------------------------------


def test_a_held_visit_ends_in_a_suggestion_that_the_body_must_answer(days: Days, cast: Cast) -> None:
    visit = days.published()
    with pytest.raises(WrongMoment):
        write_research(visit, by=cast.triage, topic="征地", findings="x")
    heard(days, new(days, "explained"), visit=visit)
    close(visit, by=cast.triage)
    with pytest.raises(BadInput):
        write_research(visit, by=cast.triage, topic="征地", findings="x", suggestion="明确到账时限")
    row = write_research(visit, by=cast.triage, topic="征地", findings="x", suggestion="明确到账时限", to=cast.bureau)
    petition = Outcome.objects.get().petition
    with pytest.raises(WrongPerson):
        suggest(row, by=cast.triage, petition=petition, basis="实施细则第三条")
    suggest(row, by=cast.supervisor, petition=petition, basis="实施细则第三条")
    row.refresh_from_db()
    assert row.advice is not None
    assert (row.advice.kind, row.advice.department_id, row.advice.petition_id) == (
        "policy",
        cast.bureau.pk,
        petition.pk,
    )
    paper = Paper.objects.get(petition=petition, kind="advice_policy")
    assert "明确到账时限" in html_of(paper)
    with pytest.raises(WrongMoment):
        suggest(row, by=cast.supervisor, petition=petition, basis="又")
    with pytest.raises(WrongMoment):
        write_research(visit, by=cast.triage, topic="征地", findings="改")
    advance("answer_advice", on=row.advice, by=cast.unit_head, adopted="part", answer="下月起执行")
    cut = indicators.Cut(today(), today())
    counts = indicators.figures(cast.supervisor, cut)
    assert (counts["research"], counts["suggested"], counts["adopted"]) == (1, 1, 1)


def test_a_report_without_a_suggestion_suggests_nothing(days: Days, cast: Cast) -> None:
    visit = days.published()
    (outcome,) = heard(days, new(days, "explained"), visit=visit)
    close(visit, by=cast.triage)
    row = write_research(visit, by=cast.triage, topic="征地", findings="x")
    with pytest.raises(BadInput):
        suggest(row, by=cast.head, petition=outcome.petition, basis="x")


# --- where to go, what to bring ----------------------------------------------------------------------------------


def test_places_stand_by_their_matters_and_say_why(days: Days, make: Makes, cast: Cast) -> None:
    for _ in range(3):
        make.handling()
    make.registered(head_count=8)
    found = pressure_of(cast.triage, [days.town, days.hall]).places
    assert (found[days.town.pk].open, found[days.town.pk].joint) == (4, 1)
    assert "未办结4件" in found[days.town.pk].reasons
    assert "“土地征收”4件" in found[days.town.pk].reasons
    assert found[days.hall.pk].weight == 0
    assert pressure_of(cast.sibling_head, [days.town]).places[days.town.pk].open == 0, "within the reader's scope"


def test_cases_are_ranked_with_reasons_and_what_is_left_out_is_said(days: Days, make: Makes, cast: Cast) -> None:
    visit = days.approved(next_workday(), place=days.town, room="接待室")
    joint = make.handling(head_count=9).petition
    own = make.handling(people=[days.entry(cast.leader.user.name).people[0]], head_count=9).petition
    plain = make.registered().petition
    matched = cases_for(visit, cast.triage)
    assert matched.cases[0].petition.pk == joint.pk
    assert "集体事项（9人）" in matched.cases[0].reasons
    assert any("由这位领导分管" in reason for reason in matched.cases[0].reasons)
    assert own.pk not in {case.petition.pk for case in matched.cases}
    assert any("同名" in words for words in matched.left_out)
    with pytest.raises(BadInput):
        carry(visit, [(own, [])], by=cast.triage)
    assert carry(visit, [(joint, matched.cases[0].reasons)], by=cast.triage) == 1
    assert carry(visit, [(joint, [])], by=cast.triage) == 0
    assert Carried.objects.get().reasons == matched.cases[0].reasons
    assert "carried" in Petition.objects.get(pk=joint.pk).events.values_list("step", flat=True)
    assert plain.pk not in {carried.petition_id for carried in Carried.objects.all()}


# --- figures -----------------------------------------------------------------------------------------------------


def test_a_figure_is_as_long_as_its_list_for_each_cut(days: Days, cast: Cast, signed_in: Any) -> None:
    heard(days, new(days, "assigned"), new(days, "explained", entry=days.entry(title="路灯不亮")))
    client: Client = signed_in(cast.supervisor)
    cut = indicators.Cut(today() - timedelta(days=30), today(), leader=cast.leader.post.pk)
    counts = indicators.figures(cast.supervisor, cut)
    assert (counts["groups"], counts["outcomes"], counts["assigned"], counts["explained"]) == (1, 2, 1, 1)
    query = f"first={cut.first}&last={cut.last}&leader={cut.leader}"
    for code, count in counts.items():
        page = client.get(f"/visits/figures/{code}/?{query}").content.decode()
        assert f"data-count>{count}<" in page, code
        assert page.count('class="line-item"') == (count if code != "people" else counts["groups"]), code
    assert counts["people"] == Reception.objects.get().people
    nobody = indicators.figures(cast.supervisor, indicators.Cut(cut.first, cut.last, leader=cast.other_leader.post.pk))
    assert set(nobody.values()) == {0}
    assert client.get(f"/visits/figures/?{query}").status_code == 200


LINKED = re.compile(r'<a [^>]*href="(/visits/figures/\w+/\?[^"]*)"[^>]*>([^<]+)</a>(?:</span><b class="num">(\d+))?')


def test_every_number_of_receptions_opens_its_list_on_their_own_page_and_on_the_page_of_figures(
    days: Days, cast: Cast, signed_in: Any
) -> None:
    heard(days, new(days, "assigned"), new(days, "explained", entry=days.entry(title="路灯不亮")))
    for who in (cast.supervisor, cast.triage, cast.leader):
        client: Client = signed_in(who)
        for page, least in (("/visits/figures/", 40), ("/figures/?all=1", 8)):
            links = LINKED.findall(client.get(page).content.decode())
            assert len(links) >= least
            for address, inner, beside in links:
                found = re.search(r"data-count>([\d,]+)<", client.get(unescape(address)).content.decode())
                assert found and found.group(1) == (beside or inner), address
    narrowed = signed_in(cast.triage).get(f"/figures/?unit={cast.bureau.pk}").content.decode()
    assert "接访下访</h2>" not in narrowed
    assert "接访下访</h2>" not in signed_in(cast.unit_head).get("/figures/").content.decode()


def test_a_long_list_behind_a_figure_of_receptions_is_turned_page_by_page(
    days: Days, cast: Cast, signed_in: Any
) -> None:
    visit, day = days.published(), today()
    Reception.objects.bulk_create(
        Reception(visit=visit, place=visit.place, day=day, queue_number=at + 100, arrived_at=timezone.now(), state="done") for at in range(30)
    )  # fmt: skip
    client: Client = signed_in(cast.supervisor)
    address = f"/visits/figures/people/?first={day}&last={day}"
    first = client.get(address)
    assert len(first.context["lines"]) == 25 and first.context["page"].after
    rest = client.get(f"{address}&after={first.context['page'].after}")
    assert (len(rest.context["lines"]), rest.context["total"]) == (5, 30)


def test_a_leader_sees_his_own_figures_alone(days: Days, cast: Cast) -> None:
    heard(days, new(days, "explained"))
    cut = indicators.Cut(today(), today())
    assert indicators.figures(cast.leader, cut)["groups"] == 1
    assert indicators.figures(cast.other_leader, cut)["groups"] == 0


def test_recusals_and_said_are_kept(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "explained"))
    tables.keep_apart(cast.head, cast.leader.post, place=None, department=cast.sibling, reason="亲属任职")
    outcome.reception.refresh_from_db()
    assert outcome.reception.origin == SAID.origin
    assert Outcome.objects.get().recorded_on == today()


def test_a_case_says_which_visits_touched_it_in_a_part_of_its_page(
    cast: Cast, make: Makes, signed_in: Callable[[Actor], Client]
) -> None:
    petition = make.handling().petition
    address, client = f"/petitions/{petition.ref}/visits/", signed_in(cast.triage)
    assert address in client.get(f"/petitions/{petition.ref}/").content.decode()
    assert "还没有领导接访" in client.get(address).content.decode()
    assert not client.get(address, headers={"HX-Request": "true"}).content.strip()
