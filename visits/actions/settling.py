"""What becomes of the bookings when a visit is moved?  Each keeps its turn and gets a time of the new day; the counter tells them.

Those who wait come after those who are booked: more room lets them move up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from visits.actions.booking import day_key, times_of
from visits.actions.record import note
from visits.actions.ringing import owe
from visits.models import LIVE, Booking, BookingState, Visit, Why


def resettle(visit: Visit, *, by: Actor, moved: bool) -> int:
    """Give the booked parties of a moved, locked visit their times anew, in the order they had; who finds none waits.

    Args:
        moved: to another day.

    Returns:
        how many have another day or time than before: they are to be told.
    """
    live = visit.bookings.select_for_update().filter(state__in=LIVE)
    rows = sorted(live, key=lambda row: (row.slot is None, row.slot or time.min, row.made_at, row.pk))
    free = _free(visit)
    changed = [row for row in rows if _resettled(visit, row, next(free, None), moved=moved)]
    if changed:
        note(visit, "resettle", by, bookings=len(changed))
    return len(changed)


def _resettled(visit: Visit, row: Booking, slot: time | None, *, moved: bool) -> bool:
    """Whether the party has another day or time now; then it is to be told."""
    waited, changed = row.slot is None, moved or slot != row.slot
    row.slot, row.state = slot, BookingState.BOOKED if slot else BookingState.WAITING
    _save(row, day_key(visit, row.phone))
    if changed:
        owe([row], Why.PROMOTED if waited and slot else Why.MOVED)
    return changed


def _free(visit: Visit) -> Iterator[time]:
    for at, room in sorted(times_of(visit).items()):
        yield from [at] * room


def _save(row: Booking, key: str) -> None:
    """Under the key of its new day; where the same telephone has booked that day already, without one."""
    row.day_key = key
    try:
        with transaction.atomic():
            row.save(update_fields=["slot", "state", "day_key"])
    except IntegrityError:
        row.day_key = ""
        row.save(update_fields=["slot", "state", "day_key"])
