"""Inside the house everybody is told in time: leader, substitute, units; the list of bookings the day before; who cannot come says so."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from petitions.actions import moment
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.models import Notice
from petitions.workdays import add_workdays
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days, next_workday
from visits import book, owed
from visits.actions import plan, tables
from visits.actions.booking import Wish, reserve
from visits.actions.notice import publish
from visits.actions.telling import cannot_come, tell_ahead
from visits.models import Visit

pytestmark = pytest.mark.django_db


def told(step: str, actor: Actor) -> list[str]:
    return list(
        Notice.objects.filter(step=step, post=actor.post, channel="desk").order_by("pk").values_list("text", flat=True)
    )


def morning(day: date) -> datetime:
    return datetime.combine(day, time(6, 40), SHANGHAI)


def working_days_before(day: date, count: int) -> date:
    found, calendar = day, book.calendar(day - timedelta(days=60), day)
    for _ in range(count):
        found -= timedelta(days=1)
        while not calendar.is_workday(found):
            found -= timedelta(days=1)
    return found


@pytest.fixture
def visit(days: Days, cast: Cast) -> Visit:
    """A month ahead, with a substitute and a unit along, published today."""
    row = days.approved(next_workday(30), backup=cast.other_leader.post, units=[cast.bureau])
    publish(cast.triage, [row])
    row.refresh_from_db()
    return row


def test_leader_substitute_and_units_are_told_when_a_visit_is_published(visit: Visit, cast: Cast) -> None:
    for actor in (cast.leader, cast.other_leader, cast.unit_head, cast.signer):
        (text,) = told("visit_published", actor)
        assert "接访安排已公示" in text and "县接访大厅1号室" in text
    assert not told("visit_published", cast.sibling_head)


def test_a_change_and_a_cancellation_are_told_and_a_draft_is_not(visit: Visit, days: Days, cast: Cast) -> None:
    later = next_workday(37)
    plan.move(cast.triage, visit, day=later, reason="与全会冲突")
    (text,) = told("visit_changed", cast.leader)
    assert "原为" in text and f"{later.month}月{later.day}日" in text
    plan.cancel(cast.triage, visit, reason="防汛")
    assert [len(told("visit_cancelled", actor)) for actor in (cast.leader, cast.other_leader, cast.unit_head)] == [
        1,
        1,
        1,
    ]
    before = Notice.objects.count()
    plan.cancel(cast.triage, days.drafted(next_workday(31)), reason="不排了")
    assert Notice.objects.count() == before


def test_who_is_replaced_and_who_comes_instead_are_both_told(visit: Visit, cast: Cast) -> None:
    plan.substitute(cast.triage, visit, leader=cast.other_leader.post, reason="赴省开会")
    for actor in (cast.leader, cast.other_leader):
        (text,) = told("visit_changed", actor)
        assert f"原由{cast.leader.user.name}接访" in text and f"{cast.other_leader.user.name}接访" in text


def test_a_unit_named_later_is_told_alone(visit: Visit, cast: Cast) -> None:
    plan.set_units(cast.triage, visit, [cast.bureau, cast.sibling])
    assert len(told("visit_published", cast.sibling_head)) == 1
    assert len(told("visit_published", cast.unit_head)) == 1


def test_five_working_days_ahead_everybody_is_told_once(visit: Visit, cast: Cast) -> None:
    for back, expected in ((6, 0), (5, 1), (5, 1), (4, 1)):
        with moment.at(morning(working_days_before(visit.day, back))):
            tell_ahead()
        assert len(told("tell_ahead", cast.leader)) == expected, f"{back} working days before"
    assert len(told("tell_ahead", cast.unit_head)) == 1


def test_numbers_and_calendar_are_asked_once_in_a_morning_however_many_visits_there_are(
    visit: Visit, days: Days, cast: Cast
) -> None:
    """And a visit that is far is not even opened."""
    near = days.approved(visit.day, cast.other_leader, room="2号室")
    publish(cast.triage, [near])
    Visit.objects.update(told_for=None, listed_for=None)

    def asked(table: str, back: int) -> int:
        with moment.at(morning(working_days_before(visit.day, back))), CaptureQueriesContext(connection) as queries:
            tell_ahead()
        return sum(table in one["sql"] for one in queries)

    assert asked("FOR UPDATE", 9) == 0
    assert asked("visits_housenumber", 6) == 1 and not told("tell_ahead", cast.leader)
    assert asked("petitions_calendarday", 5) == 1 and len(told("tell_ahead", cast.other_leader)) == 2


def test_one_published_or_moved_near_its_day_is_told_by_that_alone(days: Days, cast: Cast) -> None:
    near = add_workdays(moment.today(), 3, book.calendar(moment.today(), moment.today()))
    visit = days.approved(near)
    publish(cast.triage, [visit])
    tell_ahead()
    assert len(told("visit_published", cast.leader)) == 1 and not told("tell_ahead", cast.leader)


def test_a_visit_moved_to_another_day_is_told_ahead_anew(visit: Visit, cast: Cast) -> None:
    with moment.at(morning(working_days_before(visit.day, 5))):
        tell_ahead()
        visit = plan.move(cast.triage, visit, day=next_workday(60), reason="改期")
    with moment.at(morning(working_days_before(visit.day, 5))):
        tell_ahead()
    assert len(told("tell_ahead", cast.leader)) == 2


def test_the_list_of_bookings_goes_out_the_working_day_before_without_names(
    visit: Visit, make: Makes, cast: Cast
) -> None:
    seen, other = make.handling().petition, make.registered().petition
    for number, filed in enumerate((seen.number, other.number, "")):
        wish = Wish(
            name="王小明",
            phone=f"1380000000{number}",
            people=2,
            matter="补偿款",
            filed_number=filed,
            needs="行动不便" if number else "",
        )
        reserve(visit, wish, by=None)
    for back, expected in ((2, 0), (1, 1), (1, 1), (0, 1)):
        with moment.at(morning(working_days_before(visit.day, back))):
            tell_ahead()
        assert len(told("tell_list", cast.leader)) == expected, f"{back} working days before"
    (text,) = told("tell_list", cast.leader)
    assert "3批6人" in text and "行动不便2批" in text and seen.number in text
    assert other.number not in text, "outside the leader's fields"
    assert not Notice.objects.filter(step="tell_list", text__contains="王小明").exists()
    assert seen.number in told("tell_list", cast.unit_head)[0]


def test_the_houses_own_numbers_say_how_far_ahead(visit: Visit, cast: Cast) -> None:
    tables.set_number(cast.head, "told_days", 8, source="县委办通知", valid_from=moment.today())
    with moment.at(morning(working_days_before(visit.day, 8))):
        tell_ahead()
    assert len(told("tell_ahead", cast.leader)) == 1


def test_a_switch_is_on_or_off_and_nothing_else(cast: Cast, days: Days) -> None:
    with pytest.raises(BadInput):
        tables.set_number(cast.head, "results_public", 2, source="县委办通知", valid_from=moment.today())
    tables.set_number(cast.head, "results_public", 1, source="县委办通知", valid_from=moment.today())
    assert book.numbers(cast.office)["results_public"] == book.number(cast.office, "results_public") == 1
    assert book.numbers(cast.office)["told_days"] == 5


def test_the_leader_sees_who_booked_his_own_visit_and_no_telephone(
    visit: Visit, days: Days, cast: Cast, signed_in: Any
) -> None:
    days.booked(visit)
    page = signed_in(cast.leader).get(f"/visits/{visit.ref}/").content.decode()
    assert "王小明" in page and "承包地补偿款没有到位" in page and "13800000001" not in page
    assert "13800000001" in signed_in(cast.registrar).get(f"/visits/{visit.ref}/").content.decode()
    assert "王小明" not in signed_in(cast.handler).get(f"/visits/{visit.ref}/").content.decode()


def test_a_leader_who_cannot_come_asks_the_desk_for_a_substitute(visit: Visit, cast: Cast, signed_in: Any) -> None:
    with pytest.raises(WrongPerson):
        cannot_come(visit, by=cast.other_leader, reason="开会")
    with pytest.raises(BadInput):
        cannot_come(visit, by=cast.leader, reason=" ")
    page = signed_in(cast.leader).get(f"/visits/{visit.ref}/").content.decode()
    assert f"/visits/{visit.ref}/cannot-come/" in page
    assert signed_in(cast.leader).post(f"/visits/{visit.ref}/cannot-come/", {"reason": "赴省里开会"}).status_code == 302
    assert len(told("cannot_come", cast.triage)) == len(told("cannot_come", cast.head)) == 1
    assert [row.label for row in owed.for_office(cast.triage, moment.today()).rows] == ["领导来不了，请换人"]
    shown = signed_in(cast.triage).get(f"/visits/{visit.ref}/").content.decode()
    assert "赴省里开会" in shown and f"候补领导是{cast.other_leader.user.name}" in shown
    assert "赴省里开会" not in signed_in(cast.handler).get(f"/visits/{visit.ref}/").content.decode()
    fresh = plan.substitute(cast.triage, visit, leader=cast.other_leader.post, reason="赴省开会")
    assert fresh.absence == "" and not owed.for_office(cast.triage, moment.today()).rows


def test_a_visit_that_is_over_is_kept_from_nobody_any_more(days: Days, cast: Cast) -> None:
    visit = days.published()
    with moment.at(morning(visit.day + timedelta(days=2))), pytest.raises(WrongMoment):
        cannot_come(visit, by=cast.leader, reason="病了")


def test_the_plan_says_which_visit_has_no_substitute(days: Days, cast: Cast) -> None:
    alone = days.drafted(next_workday(20))
    days.drafted(next_workday(25), backup=cast.other_leader.post)
    look = plan.look(cast.triage, next_workday(15), next_workday(30))
    assert [(one.day, one.hard) for one in look.breaches if one.code == "no_backup"] == [(alone.day, False)]
