"""The day: numbers, rooms, the record, and an answer for every matter, through the verbs that the counter uses."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.dates import today
from petitions.errors import BadInput, NotSeen, Refused, WrongMoment, WrongPerson
from petitions.models import Clock, Filing, Paper, Petition
from tests.cast import Cast, build_cast
from tests.makes import Makes
from tests.visits.conftest import Days
from visits.actions import plan, tables
from visits.actions.booking import Wish
from visits.actions.day import arrive, back, call_next, close, leave, to_room, walk_in
from visits.actions.outcome import Matter, Said, record
from visits.models import FollowUp, Outcome, Reception, Sponsorship, Visit

pytestmark = pytest.mark.django_db
LATER = today() + timedelta(days=30)
SAID = Said(origin="寺前村，去年征地后款项滞留", opinion="请自然资源局月底前发放")


def new(days: Days, kind: str, /, **changes: Any) -> Matter:
    routed = kind in ("assigned", "sponsored")
    matter = Matter(
        kind=kind, answer="补偿款于本月内发放", entry=days.entry(), unit=days.cast.bureau if routed else None,
        due=LATER if routed or kind == "studied" else None, category=days.cast.category,
    )  # fmt: skip
    return replace(matter, **changes)


def heard(days: Days, *matters: Matter, visit: Visit | None = None) -> list[Outcome]:
    row = days.in_room(visit or days.published())
    return record(row, by=days.cast.triage, said=SAID, matters=matters).outcomes


def test_special_needs_come_first_then_the_booked_time_then_the_number(days: Days, cast: Cast) -> None:
    visit = days.published()
    days.walked_in(visit, "甲")
    old = walk_in(visit, Wish(name="乙", matter="x", needs="行动不便"), by=cast.registrar)
    booked = days.waiting(visit)
    order = []
    for _ in range(3):
        row = call_next(visit, by=cast.registrar)
        order.append(row.pk)
        leave(row, by=cast.registrar)
    assert order[0] == old.pk
    assert order[1] == booked.pk, "whose time has come goes before who came just now"


def test_one_party_in_a_room_at_a_time(days: Days, cast: Cast) -> None:
    visit = days.published()
    with pytest.raises(WrongMoment):
        call_next(visit, by=cast.registrar)
    first = days.in_room(visit)
    days.walked_in(visit)
    with pytest.raises(WrongMoment):
        call_next(visit, by=cast.registrar)
    back(first, by=cast.registrar)
    assert call_next(visit, by=cast.registrar).pk == first.pk


def test_a_waiting_party_is_moved_to_another_room_and_only_there(days: Days, cast: Cast) -> None:
    one, two = days.published(), days.published(leader=cast.other_leader, room="2号室")
    row = days.waiting(one)
    to_room(row, two, by=cast.registrar)
    row.refresh_from_db()
    assert (row.visit_id, row.queue_number) == (two.pk, 1)
    assert call_next(two, by=cast.registrar).pk == row.pk
    with pytest.raises(WrongMoment):
        to_room(row, one, by=cast.registrar)


def test_an_assignment_enters_the_ordinary_lifecycle_with_clock_paper_and_unit(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "assigned"))
    petition = Petition.objects.get(pk=outcome.petition_id)
    assert (petition.stage, petition.responsible_id) == ("sent", cast.bureau.pk)
    clocks = set(Clock.objects.filter(petition=petition, ended="").values_list("name", flat=True))
    assert {"TS", "T8"} <= clocks
    paper = Paper.objects.get(petition=petition, kind="assign_letter")
    assert outcome.paper == paper.number
    assert petition.assignments.get().limit_on == LATER
    assert "received" in petition.events.values_list("step", flat=True)
    assert set(outcome.follow_ups.values_list("kind", flat=True)) == {"carry_out", "revisit"}


@pytest.mark.parametrize("kind", ["resolved", "explained"])
def test_what_is_answered_on_the_spot_has_its_paper_and_is_ended(days: Days, kind: str) -> None:
    (outcome,) = heard(days, new(days, kind))
    petition = Petition.objects.get(pk=outcome.petition_id)
    assert (petition.stage, petition.outcome) == ("ended", "direct_reply")
    assert Paper.objects.get(petition=petition, kind="direct_reply").number == outcome.paper
    assert not Clock.objects.filter(petition=petition, ended="").exclude(window=True).exists()


def test_what_is_studied_further_stays_registered_and_somebody_owes_the_answer(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "studied"))
    assert Petition.objects.get(pk=outcome.petition_id).stage == "registered"
    duty = outcome.follow_ups.get(kind="study")
    assert (duty.unit_id, duty.due) == (cast.office.pk, LATER)


def test_a_case_taken_on_by_the_leader_is_assigned_and_sponsored(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "sponsored"))
    row = Sponsorship.objects.get(petition=outcome.petition_id)
    assert (row.sponsor_id, row.unit_id, row.state) == (cast.leader.post.pk, cast.bureau.pk, "running")
    assert Petition.objects.get(pk=outcome.petition_id).stage == "sent"


def test_a_case_outside_the_leaders_fields_is_not_taken_on_and_nothing_is_half_done(days: Days, cast: Cast) -> None:
    before = Petition.objects.count()
    with pytest.raises(BadInput) as caught:
        heard(days, new(days, "sponsored", unit=cast.sibling))
    assert "分管领域" in caught.value.fields["kind"]
    assert Petition.objects.count() == before
    assert not Outcome.objects.exists()
    assert Reception.objects.get().state == "in_room"


def test_two_matters_of_one_party_each_have_their_answer(days: Days) -> None:
    outcomes = heard(days, new(days, "assigned"), new(days, "explained", entry=days.entry(title="路灯不亮")))
    assert [row.kind for row in outcomes] == ["assigned", "explained"]
    row = outcomes[0].reception
    row.refresh_from_db()
    assert (row.state, row.name, row.phone) == ("done", "", "")
    assert row.code is not None
    assert row.code.startswith(f"JF{today().year}-")


def test_a_matter_that_a_unit_handles_keeps_its_course_and_the_leader_is_asked_to_instruct(
    days: Days, make: Makes, cast: Cast
) -> None:
    petition = make.handling().petition
    before = petition.assignments.count()
    (outcome,) = heard(days, new(days, "assigned", entry=None, petition=petition))
    petition.refresh_from_db()
    assert petition.stage == "handling"
    assert petition.assignments.count() == before
    assert petition.instructions.get().leader_id == cast.leader.post.pk
    assert not outcome.new


def test_a_filed_matter_that_waits_for_triage_is_assigned_by_the_same_step(days: Days, make: Makes) -> None:
    petition = make.registered().petition
    heard(days, new(days, "assigned", entry=None, petition=petition))
    petition.refresh_from_db()
    assert petition.stage == "sent"
    assert Filing.objects.filter(petition=petition).count() == 1, "being heard is no second filing"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"unit": None}, "unit"), ({"due": None}, "due"), ({"due": today()}, "due"), ({"answer": " "}, "answer"),
        ({"kind": "punished"}, "kind"), ({"entry": None}, "matters"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_nothing_is_written(days: Days, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        heard(days, new(days, "assigned", **changes))
    assert field in caught.value.fields
    assert not Petition.objects.exists()


def test_a_leader_hears_neither_his_own_matter_nor_one_he_keeps_away_from(days: Days, make: Makes, cast: Cast) -> None:
    own = make.registered(people=[days.entry(cast.leader.user.name).people[0]]).petition
    with pytest.raises(BadInput) as caught:
        heard(days, new(days, "explained", entry=None, petition=own))
    assert "同名" in caught.value.fields["petition"]
    tables.keep_apart(cast.head, cast.leader.post, place=None, department=cast.bureau, reason="曾任该局局长")
    row = Reception.objects.get()
    with pytest.raises(BadInput) as caught:
        record(row, by=cast.triage, said=SAID, matters=[new(days, "assigned")])
    assert "回避" in caught.value.fields["unit"]


def test_only_the_triage_desk_records_and_only_who_is_in_the_room(days: Days, cast: Cast) -> None:
    visit = days.published()
    waiting = days.waiting(visit)
    with pytest.raises(WrongMoment):
        record(waiting, by=cast.triage, said=SAID, matters=[new(days, "explained")])
    call_next(visit, by=cast.registrar)
    for who in (cast.registrar, cast.leader, cast.handler):
        with pytest.raises(WrongPerson):
            record(waiting, by=who, said=SAID, matters=[new(days, "explained")])
    record(waiting, by=cast.triage, said=SAID, matters=[new(days, "explained")])
    with pytest.raises(WrongMoment):
        record(waiting, by=cast.triage, said=SAID, matters=[new(days, "explained")])


def test_a_reception_ends_when_everybody_was_heard_and_forgets_who_did_not_come(days: Days, cast: Cast) -> None:
    visit = days.published()
    absent = days.booked(visit, "没来的人", "13800000077").booking
    row = days.in_room(visit)
    with pytest.raises(WrongMoment):
        close(visit, by=cast.triage)
    record(row, by=cast.triage, said=SAID, matters=[new(days, "explained")])
    close(visit, by=cast.triage)
    absent.refresh_from_db()
    visit.refresh_from_db()
    assert (absent.state, absent.name, absent.phone) == ("absent", "", "")
    assert (visit.status, visit.held_on) == ("held", today())
    with pytest.raises(WrongMoment):
        days.walked_in(visit)


def test_a_visit_with_people_in_it_is_not_cancelled(days: Days, cast: Cast) -> None:
    visit = days.published()
    days.waiting(visit)
    with pytest.raises(BadInput):
        plan.cancel(cast.triage, visit, reason="临时有事")


def test_the_room_is_unseen_to_other_leaders_and_units(days: Days, cast: Cast) -> None:
    visit = days.published()
    days.waiting(visit)
    for who in (cast.other_leader, cast.handler):
        with pytest.raises((NotSeen, WrongPerson)):
            call_next(visit, by=who)


# --- pages -------------------------------------------------------------------------------------------------------


def sheet(days: Days, **changes: str) -> dict[str, str]:
    fields = {
        "name": "王小明", "id_number": "", "phone": "13800000001", "address": "", "people": "2", "representatives": "", "region": days.cast.region.pk,
        "origin": "寺前村", "opinion": "限期办理", "m-TOTAL_FORMS": "1", "m-INITIAL_FORMS": "0", "m-0-number": "",
        "m-0-title": "补偿款没有到位", "m-0-content": "承包地被征收，补偿款没有发放。", "m-0-category": days.cast.category.pk,
        "m-0-kind": "assigned", "m-0-answer": "查明并发放", "m-0-unit": str(days.cast.bureau.pk), "m-0-due": LATER.isoformat(),
        "idempotency_key": "tablet-1",
    }  # fmt: skip
    return fields | changes


def test_a_record_sent_twice_by_a_tablet_is_written_once(days: Days, cast: Cast, signed_in: Any) -> None:
    row = days.in_room(days.published())
    client: Client = signed_in(cast.triage)
    first = client.post(f"/visits/receptions/{row.ref}/record/", sheet(days))
    again = client.post(f"/visits/receptions/{row.ref}/record/", sheet(days))
    assert (first.status_code, again.status_code) == (302, 302)
    assert Petition.objects.count() == 1
    assert Outcome.objects.count() == 1


def test_a_refused_record_comes_back_with_everything_that_was_typed(days: Days, cast: Cast, signed_in: Any) -> None:
    row = days.in_room(days.published())
    answer = signed_in(cast.triage).post(f"/visits/receptions/{row.ref}/record/", sheet(days, **{"m-0-unit": ""}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "交办、包案要写明责任单位" in page
    assert "承包地被征收，补偿款没有发放。" in page
    assert not Petition.objects.exists()


def test_the_board_shows_numbers_and_no_names(days: Days, cast: Cast, signed_in: Any) -> None:
    visit = days.published()
    days.in_room(visit, "王小明")
    days.walked_in(visit, "李四")
    page = signed_in(cast.registrar).get("/visits/day/").content.decode()
    assert "王小明" not in page
    assert "李四" not in page
    assert "1<small>号" in page
    assert "2号" in page


def test_the_case_page_shows_the_visit_and_the_visit_what_became_of_it(days: Days, cast: Cast, signed_in: Any) -> None:
    (outcome,) = heard(days, new(days, "assigned"))
    client: Client = signed_in(cast.triage)
    page = client.get(f"/petitions/{outcome.petition.ref}/").content.decode()
    assert cast.leader.user.name in page
    assert "交办" in page
    ours = client.get(f"/visits/{outcome.reception.visit.ref}/").content.decode()
    assert outcome.petition.number in ours
    assert "1件还没有答复" in ours


def test_the_representatives_that_were_named_beforehand_stand_in_the_registered_matter(
    days: Days, cast: Cast, signed_in: Any
) -> None:
    """Twelve people, three of whom speak for all: shown in the room, corrected there, and kept with the matter alone."""
    visit = days.published()
    booking = days.booked(visit, people=12, representatives="甲一、乙二，丙三", field=cast.bureau).booking
    row = arrive(booking, by=cast.registrar)
    assert (row.representatives, row.field) == ("甲一、乙二，丙三", cast.bureau)
    call_next(visit, by=cast.registrar)
    client: Client = signed_in(cast.triage)
    page = client.get(f"/visits/{visit.ref}/room/").content.decode()
    assert 'value="甲一、乙二，丙三"' in page and f"想谈：{cast.bureau.short_name}" in page
    said = sheet(days, people="12", representatives="王小明、甲一、乙二")
    assert client.post(f"/visits/receptions/{row.ref}/record/", said).status_code == 302
    parties = Filing.objects.get().parties.order_by("pk")
    assert [(one.petitioner.name, one.role, one.representative) for one in parties] == [
        ("王小明", "lead", True), ("甲一", "companion", True), ("乙二", "companion", True),
    ]  # fmt: skip
    row.refresh_from_db()
    assert row.representatives == ""


def test_a_walk_in_names_its_representatives_and_they_are_forgotten_when_it_leaves(days: Days, cast: Cast) -> None:
    visit = days.published()
    wish = Wish(name="王小明", matter="x", people=12, representatives="甲一、乙二")
    row = walk_in(visit, wish, by=cast.registrar)
    assert row.representatives == "甲一、乙二"
    leave(row, by=cast.registrar)
    row.refresh_from_db()
    assert row.representatives == ""


# --- races -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_record_taken_by_two_tablets_at_once_is_one_record() -> None:
    cache.clear()
    days = Days(build_cast())
    row = days.in_room(days.published())
    gate, done, refused = threading.Barrier(4), [], []

    def send() -> None:
        gate.wait()
        try:
            done.append(record(row, by=days.cast.triage, said=SAID, matters=[new(days, "assigned")]))
        except Refused as no:
            refused.append(no)
        finally:
            connection.close()

    crowd = [threading.Thread(target=send) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert (len(done), len(refused)) == (1, 3)
    assert Petition.objects.count() == 1
    assert FollowUp.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_bring_one_party_in() -> None:
    cache.clear()
    days = Days(build_cast())
    visit = days.published()
    for n in range(3):
        days.walked_in(visit, f"群众{n}")
    gate, called = threading.Barrier(3), []

    def call() -> None:
        gate.wait()
        try:
            called.append(call_next(visit, by=days.cast.registrar))
        except WrongMoment:
            pass
        finally:
            connection.close()

    crowd = [threading.Thread(target=call) for _ in range(3)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(called) == 1
    assert Reception.objects.filter(state="in_room").count() == 1
