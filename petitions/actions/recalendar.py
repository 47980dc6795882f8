"""Which running clocks does a change of the calendar move?  First shown as counts, then done: one event a clock.

A clock that has ended keeps the days it was judged by.  A running one keeps its rule, its length and its start: only the
days of rest that it meets are others (house.md §3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.actor import Actor
from petitions import hooks, lifecycle, limits
from petitions.actions import moment, record, warn
from petitions.actions.matter import Matter, save_reach
from petitions.models import Clock, Petition
from petitions.workdays import Calendar, DueDate, PauseSpan

_CHUNK = 500


@dataclass(frozen=True)
class Move:
    """Clocks of one duty at one body that go from one day to another; ``many`` of them."""

    duty: str
    department: int | None
    was: date
    now: date
    many: int


def moves(calendar: Calendar) -> list[Move]:
    """Return what running clocks would do under ``calendar``, the largest groups first; nothing is changed.

    Counts by duty and body only: whoever keeps the calendar sees no matters.
    """
    groups: Counter[tuple[str, int | None, date, date]] = Counter()
    for clock, due in _moved(calendar):
        if due.rolled != clock.due:
            groups[(clock.name, clock.department_id, clock.due, due.rolled)] += 1
    rows = [Move(lifecycle.CLOCKS[name].label, unit, was, now, many) for (name, unit, was, now), many in groups.items()]
    return sorted(rows, key=lambda row: (-row.many, row.was, row.duty, row.department or 0))


def _moved(calendar: Calendar) -> Iterator[tuple[Clock, DueDate]]:
    """Running clocks whose days or provisional mark ``calendar`` changes, each with its new due day."""
    rows = Clock.objects.filter(ended="").prefetch_related("pauses").order_by("due", "pk")
    for clock in rows.iterator(chunk_size=_CHUNK):
        due = due_under(clock, calendar)
        if (due.raw, due.rolled, due.provisional) != (clock.raw_due, clock.due, clock.provisional):
            yield clock, due


def due_under(clock: Clock, calendar: Calendar) -> DueDate:
    """Return ``clock``'s due day as ``calendar`` gives it, its extensions and pauses counted in."""
    pauses = [PauseSpan(pause.start, pause.end, pause.basis) for pause in clock.pauses.all()]
    return limits.again(
        start=clock.start, length=clock.length, working=clock.working, rule=clock.rule, calendar=calendar,
        extended=clock.extended, pauses=pauses, today=moment.today(),
    )  # fmt: skip


def waiting(calendar: Calendar) -> list[int]:
    """Return the ids of the running clocks that are not yet as ``calendar`` (the one in force) has them."""
    return [clock.pk for clock, _ in _moved(calendar)]


def recalculate(pk: int, calendar: Calendar, *, by: Actor, why: Mapping[str, object]) -> bool:
    """Bring one running clock in step with ``calendar`` and say whether its day moved.  Safe to run again.

    One event for a day that moved; a mark of "provisional" that goes is no event.

    Args:
        why: codes for the event: ``{"year": 2027}``.
    """
    with transaction.atomic():
        petition = Petition.objects.select_for_update(of=("self",)).select_related("office").get(clocks=pk)
        matter = Matter.of(petition)
        clock = next((row for row in matter.clocks if row.pk == pk), None)
        if clock is None:  # it ended in the meantime
            return False
        due = due_under(clock, calendar)
        moved, was = due.rolled != clock.due, clock.due
        _set(clock, due)
        if moved:
            _record(matter, clock, was, by, why)
        return moved


def _set(clock: Clock, due: DueDate) -> None:
    clock.raw_due, clock.due, clock.provisional = due.raw, due.rolled, due.provisional
    if clock.due >= moment.today():  # not over after all: should it lapse one day, that is a lapse of its own
        clock.lapse_logged_on = None
    clock.warned = min(clock.warned, limits.share_told(clock.start, clock.raw_due, moment.today()))
    clock.save(update_fields=["raw_due", "due", "provisional", "lapse_logged_on", "warned"])


def _record(matter: Matter, clock: Clock, was: date, by: Actor, why: Mapping[str, object]) -> None:
    data = {"clock": clock.name, "was": was, "due": clock.due, **why}
    event = record.make_event(matter.petition, "clock_moved", by=by, on="clock", on_id=clock.pk, data=data)
    matter.petition.save(update_fields=[*matter.derive(), "events_count", "chain_head"])
    save_reach(matter)
    event.save(force_insert=True)
    hooks.tell(matter.petition, was=matter.was, step="clock_moved", at=moment.now())
    if not clock.window and not clock.shadow:
        fresh = Clock.objects.select_related("petition", "assignment", "proceeding").get(pk=clock.pk)
        warn.tell(fresh, "clock_moved", _words(fresh, was), heads=False)


def _words(clock: Clock, was: date) -> str:
    label = lifecycle.CLOCKS[clock.name].label
    days = f"{was.month}月{was.day}日改为{clock.due.month}月{clock.due.day}日"
    return f"{clock.petition.number} “{label}”的到期日因节假日安排由{days}"
