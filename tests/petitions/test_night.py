"""What happens by itself when days pass: lapses logged once, windows closed, supervisions opened."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.dates import SHANGHAI
from petitions.actions import advance, moment, night, run_night
from petitions.actions.matter import Matter
from petitions.models import Clock, Event, Petition, Proceeding, Supervision
from tests.cast import Cast
from tests.makes import Makes


def on(day: date) -> AbstractContextManager[None]:
    return moment.at(datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI))


MONDAY = date(2026, 3, 2)


def test_a_lapse_is_one_event_logged_once_and_dated_to_the_first_overdue_day(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        petition = make.registered().petition
    for day in (date(2026, 3, 17), date(2026, 3, 18), date(2026, 3, 19), date(2026, 3, 25)):
        with on(day):
            run_night()
    events = Event.objects.filter(petition=petition, step="clock_lapsed")
    assert [(e.occurred_on, e.data["clock"]) for e in events] == [(date(2026, 3, 18), "T1")]


def test_on_its_last_day_a_clock_has_not_lapsed(make: Makes) -> None:
    with on(MONDAY):
        make.registered()
    with on(date(2026, 3, 17)):  # the fifteenth day, a Tuesday
        assert run_night().lapsed == 0


def test_t3_without_a_decision_opens_a_supervision_and_a_shadow_t5_from_that_day(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        held = make.signed()
    with on(date(2026, 3, 20)):
        run_night()
        run_night()
    row = Supervision.objects.get(petition=held.petition)
    shadow = Clock.objects.get(petition=held.petition, name="T5", shadow=True)
    assert (row.trigger, row.opened_on) == ("t3_lapsed", date(2026, 3, 18))
    assert (shadow.start, shadow.length) == (date(2026, 3, 18), 60)
    assert "未按期告知受理" in shadow.rule


def test_accepting_late_ends_the_shadow_and_starts_the_real_t5(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        held = make.signed()
    with on(date(2026, 3, 20)):
        run_night()
        held.refresh_from_db()
        advance("accept", on=held, by=cast.signer)
    clocks = {(c.name, c.shadow): c.ended for c in Clock.objects.filter(petition=held.petition)}
    assert clocks[("T5", True)] == "replaced"
    assert clocks[("T5", False)] == ""
    assert clocks[("T3", False)] == "late"


def test_the_right_to_object_lapses_quietly(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        held = make.signed()
    with on(date(2026, 3, 10)):
        assert run_night().lapsed == 0
    assert Clock.objects.get(petition=held.petition, name="T4").ended == "lapsed"


def test_the_window_for_review_closes_on_day_31_and_the_matter_may_be_closed(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        run = make.delivered(view="1")
    with on(MONDAY + timedelta(days=30)):  # Wednesday 1 April: the thirtieth day
        assert run_night().closed_windows == 0
    with on(MONDAY + timedelta(days=31)):
        assert run_night().closed_windows == 1
        run.refresh_from_db()
        advance("close", on=run, by=cast.handler)
    assert Petition.objects.get(pk=run.petition_id).stage == "closed"
    assert Proceeding.objects.get(pk=run.pk).state == "closed"


def test_a_returned_matter_keeps_the_first_due_day_and_can_lapse_again_only_once(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        held = make.signed()
    with on(date(2026, 3, 5)):
        advance("object", on=held, by=cast.signer, reason="不属本局职权")
    with on(date(2026, 3, 9)):
        advance("uphold_objection", on=held, by=cast.triage, reason="属实")
    with on(date(2026, 3, 30)):
        run_night()
        run_night()
    assert Event.objects.filter(petition=held.petition, step="clock_lapsed", data__clock="T1").count() == 1


def test_what_was_handed_down_carries_the_superiors_limit_until_it_has_been_reported(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        done = make.registered(channel="handed_down", handed_by=cast.city, handed_due=date(2026, 5, 1))
        advance("transfer", on=done.filing, by=cast.triage, department=cast.bureau)
        limit = Clock.objects.get(petition=done.petition, name="T8")
        assert (limit.due, limit.ended) == (date(2026, 5, 1), "")
        held = done.petition.assignments.get()
        advance("sign_for", on=held, by=cast.signer)
        make.declined(held)
    limit.refresh_from_db()
    assert limit.ended == ""
    with on(date(2026, 3, 10)):
        advance("report_up", on=done.filing, by=cast.triage, result="责任单位不予受理，已书面告知。")
    limit.refresh_from_db()
    assert (limit.ended, limit.ended_on) == ("met", date(2026, 3, 10))


def test_one_matter_that_cannot_be_dealt_with_stops_no_other(
    cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with on(MONDAY):
        first, second = make.signed().petition, make.signed().petition
    supervise = night._supervise

    def broken(matter: Matter, *rest: Any) -> None:
        if matter.petition.pk == first.pk:
            raise RuntimeError("a broken row")
        supervise(matter, *rest)

    with monkeypatch.context() as patch, on(date(2026, 3, 20)):
        patch.setattr(night, "_supervise", broken)
        done = run_night()
    assert (done.failed, done.supervisions) == (1, 1)
    assert not Event.objects.filter(petition=first, step="clock_lapsed").exists()  # nothing half done
    assert Supervision.objects.get().petition == second
    with on(date(2026, 3, 21)):
        assert run_night().supervisions == 1  # made up for, dated to the day it lapsed
    assert {row.opened_on for row in Supervision.objects.all()} == {date(2026, 3, 18)}
