"""What does a new holiday move?  Shown first, then done: running clocks only, one event each; ended ones keep their days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.test import Client

from accounts.actor import Actor
from accounts.errors import BadInput, WrongMoment, WrongPerson
from petitions import calendars
from petitions.actions import advance
from petitions.models import CalendarDay, CalendarYear, Clock, Event, Notice, Reach
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
# Registered on 2026年12月18日 周五: T1 (15 calendar days) is raw due on 2027年1月2日 周六, rolled to 周一 4日.
NOW = "2026-12-18T02:00:00Z"
TEXT = "元旦：1月1日（周五）至5日（周二）放假调休，共5天。1月9日（周六）上班。"
SOURCE = "国办发明电〔2026〕9号"


@pytest.fixture(autouse=True)
def _then() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def _enter(cast: Cast, text: str = TEXT) -> int:
    mark = calendars.plan(2027, text, SOURCE).mark
    calendars.enter(2027, text, SOURCE, by=cast.system_admin, mark=mark)
    return calendars.move_clocks(2027, by=cast.system_admin)


def test_a_look_says_what_would_move_and_changes_nothing(cast: Cast, make: Makes) -> None:
    petition = make.registered().petition
    clock = Clock.objects.get(petition=petition, name="T1")
    assert (clock.raw_due, clock.due, clock.provisional) == (date(2027, 1, 2), date(2027, 1, 4), True)  # 周六 → 周一
    plan = calendars.plan(2027, TEXT, SOURCE)
    assert [(row.duty, row.was, row.now, row.many) for row in plan.moves] == [
        ("转送交办", date(2027, 1, 4), date(2027, 1, 6), 1)  # 周一 → 周三: 4日、5日放假
    ]
    clock.refresh_from_db()
    assert clock.due == date(2027, 1, 4)
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_saving_moves_running_clocks_with_one_event_each_and_tells_who_holds_the_duty(cast: Cast, make: Makes) -> None:
    petition = make.registered().petition
    assert _enter(cast) == 1
    clock = Clock.objects.get(petition=petition, name="T1")
    assert (clock.due, clock.provisional) == (date(2027, 1, 6), False)
    petition.refresh_from_db()
    assert petition.due == date(2027, 1, 6)
    assert Reach.objects.get(petition=petition, department=cast.office).due == date(2027, 1, 6)
    event = Event.objects.get(petition=petition, step="clock_moved")
    assert event.data == {"clock": "T1", "was": "2027-01-04", "due": "2027-01-06", "year": 2027}
    assert "改为1月6日" in Notice.objects.filter(step="clock_moved").first().text  # type: ignore[union-attr]
    assert calendars.move_clocks(2027, by=cast.system_admin) == 0  # again: nothing is left to move
    assert Event.objects.filter(step="clock_moved").count() == 1


def test_a_clock_that_has_ended_keeps_the_day_it_was_judged_by(cast: Cast, make: Makes) -> None:
    done = make.registered()
    advance("transfer", on=done.filing, by=cast.triage, department=cast.bureau)
    ended = Clock.objects.get(petition=done.petition, name="T1")
    _enter(cast)
    fresh = Clock.objects.get(pk=ended.pk)
    assert (fresh.due, fresh.provisional) == (ended.due, True)


def test_a_mark_of_provisional_goes_without_an_event(cast: Cast, make: Makes) -> None:
    petition = make.registered().petition
    _enter(cast, "清明节：4月3日至5日放假")
    assert Clock.objects.get(petition=petition, name="T1").provisional is False
    assert not Event.objects.filter(step="clock_moved").exists()


def test_a_lapse_that_was_none_after_all_can_lapse_again(cast: Cast, make: Makes) -> None:
    petition = make.registered().petition
    with time_machine.travel("2027-01-05T02:00:00Z", tick=False):
        Clock.objects.filter(petition=petition).update(lapse_logged_on=date(2027, 1, 5))
        _enter(cast)
        assert Clock.objects.get(petition=petition, name="T1").lapse_logged_on is None


def test_what_changed_since_the_look_is_looked_at_again(cast: Cast, make: Makes) -> None:
    mark = calendars.plan(2027, TEXT, SOURCE).mark
    make.registered()
    with pytest.raises(WrongMoment, match="请核对新的预览"):
        calendars.enter(2027, TEXT, SOURCE, by=cast.system_admin, mark=mark)
    assert not CalendarDay.objects.filter(day__year=2027).exists()


def test_only_the_system_administrator_keeps_the_calendar(cast: Cast) -> None:
    for other in (cast.security_admin, cast.audit_admin, cast.head):
        with pytest.raises(WrongPerson):
            calendars.enter(2027, TEXT, SOURCE, by=other, mark="")


def test_a_year_too_far_away_is_refused(cast: Cast) -> None:
    with pytest.raises(BadInput, match="只能录入2022年至2028年"):
        calendars.plan(2031, TEXT, SOURCE)


def test_the_pages_look_then_keep(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.registered()
    client = signed_in(cast.system_admin)
    assert "请录入" in client.get("/manage/calendar/").content.decode()
    look = client.post("/manage/calendar/2027/", {"text": TEXT, "source": SOURCE, "do": "look"})
    assert "1 个运行中的时限会改到期日" in look.content.decode()
    mark = look.context["plan"].mark
    make.registered()
    stale = client.post("/manage/calendar/2027/", {"text": TEXT, "source": SOURCE, "do": "keep", "mark": mark})
    assert stale.status_code == 409
    mark = stale.context["plan"].mark
    kept = client.post(
        "/manage/calendar/2027/", {"text": TEXT, "source": SOURCE, "do": "keep", "mark": mark}, follow=True
    )
    assert "2个运行中的时限改了到期日" in kept.content.decode()
    assert "录入节假日" in kept.content.decode()
    bad = client.post("/manage/calendar/2027/", {"text": "放假", "source": SOURCE, "do": "look"})
    assert bad.status_code == 422
    assert client.get("/manage/calendar/1999/").status_code == 404


def test_the_case_page_says_from_which_day_it_was_moved(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.registered().petition
    _enter(cast)
    page = signed_in(cast.triage).get(f"/petitions/{petition.ref}/").content.decode()
    assert "原定2027年1月4日 周一" in page
