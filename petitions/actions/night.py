"""What happens by itself when a day is over?  Lapses are logged once; windows close; supervisions open."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from accounts.actor import Actor, system_actor
from petitions import hooks, limits, notices
from petitions.actions import clocks, moment, record, supervised, warn
from petitions.actions.door import advance
from petitions.actions.matter import Matter, save_reach
from petitions.errors import Refused
from petitions.law import oversight
from petitions.models import Clock, Petition, Proceeding

logger = logging.getLogger(__name__)


# The petitioner's windows: what stands open by them, and the step that closes it when nobody has come.
_WINDOWS = {"T6": ("delivered", "lapse"), "T7": ("review_delivered", "lapse_review")}


@dataclass
class Night:
    """What a nightly run did."""

    lapsed: int = 0
    closed_windows: int = 0
    supervisions: int = 0
    refused: int = 0
    failed: int = 0


def run_night(today: date | None = None) -> Night:
    """Log every lapse up to ``today`` (Asia/Shanghai), close windows that are over, open the supervisions that
    ``oversight.BY_LAPSE`` names.

    Safe to run again: a lapse is one event, logged once, and each matter is its own transaction.
    """
    day, by, night = today or moment.today(), system_actor(), Night()
    for clock in _due_before(day):
        try:
            # Where the petitioner agreed the matter is closed already: then only the window ends.
            state, step = _WINDOWS.get(clock.name, ("", ""))
            run = Proceeding.objects.filter(pk=clock.proceeding_id or 0, state=state).first()
            if run is not None:
                advance(step, on=run, by=by, occurred_on=clock.due + timedelta(days=1))
                night.closed_windows += 1
            else:
                _log_lapse(clock, day, by, night)
        except Refused:
            night.refused += 1
        except Exception:
            logger.exception(
                "clock %s: the night's work failed", clock.pk
            )  # the others go on; the next night tries again
            night.failed += 1
    return night


def _due_before(day: date) -> Iterator[Clock]:
    """Running clocks whose rolled due day is over and whose lapse has not been logged."""
    rows = Clock.objects.filter(ended="", due__lt=day, lapse_logged_on=None).order_by("due", "pk")
    return rows.iterator(chunk_size=500)


def _log_lapse(clock: Clock, day: date, by: Actor, night: Night) -> None:
    """Write the lapse as one event dated to the first overdue day, and do what the law does then."""
    with transaction.atomic():
        petition = Petition.objects.select_for_update(of=("self",)).select_related("office").get(pk=clock.petition_id)
        running = Clock.objects.select_related("petition", "assignment", "proceeding")
        fresh = running.filter(pk=clock.pk, ended="", lapse_logged_on=None).first()
        if fresh is None:
            return
        matter = Matter.of(petition)
        lapsed_on = fresh.due + timedelta(days=1)
        if fresh.window:
            fresh.ended, fresh.ended_on = Clock.Ended.LAPSED, lapsed_on
        fresh.lapse_logged_on = day
        fresh.save(update_fields=["lapse_logged_on", "ended", "ended_on"])
        if fresh.window:
            return
        _write(matter, "clock_lapsed", fresh, lapsed_on, by)
        night.lapsed += 1
        if not fresh.shadow:
            warn.tell(fresh, "clock_lapsed", warn.words_late(fresh), heads=fresh.name != "T3")  # T3: by the supervision
        _supervise(matter, fresh, lapsed_on, by, night)
        _save(matter)


def _write(matter: Matter, step: str, clock: Clock, day: date, by: Actor) -> None:
    data = {"clock": clock.name, "due": clock.due, "department": clock.department_id}
    event = record.make_event(matter.petition, step, by=by, on="clock", on_id=clock.pk, occurred_on=day, data=data)
    event.save(force_insert=True)


def _supervise(matter: Matter, clock: Clock, lapsed_on: date, by: Actor, night: Night) -> None:
    """Open the supervision that Art.40 wants for a lapse of this duty, if any, with the lapse as its evidence."""
    trigger = oversight.BY_LAPSE.get(clock.name)
    if trigger is None or clock.shadow or clock.department_id is None:
        return
    rules = limits.rules_on(lapsed_on)
    evidence = {"clock": clock.name, "due": clock.due.isoformat(), "number": matter.petition.number}
    row = supervised.open_once(matter, clock.department_id, trigger, evidence, day=lapsed_on, rules=rules)
    if row is None:
        return
    if clock.name == "T3":
        _shadow(matter, clock, lapsed_on, rules)
    _write(matter, "supervision_opened", clock, lapsed_on, by)
    step = "supervision_opened" if clock.name == "T3" else "supervision_by_lapse"
    notices.tell(step, matter=matter, row=row, by=by, at=moment.now())
    night.supervisions += 1


def _shadow(matter: Matter, clock: Clock, lapsed_on: date, rules: limits.Rules) -> None:
    """T3 has lapsed without a decision: T5 runs in the shadow from that day (house.md §2)."""
    held = next(row for row in matter.assignments if row.pk == clock.assignment_id)
    shadow = clocks.new_clock(
        matter.petition, "T5", held, start=lapsed_on, rules=rules, department_id=held.department_id, shadow=True
    )
    shadow.save(force_insert=True)
    matter.clocks.append(shadow)


def _save(matter: Matter) -> None:
    columns = [*matter.derive(), "events_count", "chain_head"]
    matter.petition.save(update_fields=columns)
    save_reach(matter)
    hooks.tell(matter.petition, was=matter.was, step="clock_lapsed", at=moment.now())
