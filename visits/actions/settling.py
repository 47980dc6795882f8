"""What becomes of the bookings when a visit is moved?  Each keeps its turn and gets a time of the new day; the counter tells them.

Those who wait come after those who are booked: more room lets them move up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import time

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from petitions.actions import moment
from visits.actions.booking import day_key, free_slots
from visits.actions.record import note
from visits.actions.ringing import owe
from visits.models import LIVE, Booking, BookingState, Visit, Why


def resettle(visit: Visit, *, by: Actor, moved: bool) -> int:
    """Give the booked parties of a moved, locked visit their times anew, in the order they had; who finds none waits.

    Nobody gets a time that is over, or that a party who has come keeps.  Who is late at a visit that has begun keeps the time he
    had: he is expected still, and takes none from those after him.

    Args:
        moved: to another day.

    Returns:
        how many have another day or time than before: they are to be told.
    """
    live = visit.bookings.select_for_update().filter(state__in=LIVE)
    rows = sorted(live, key=lambda row: (row.slot is None, row.slot or time.min, row.made_at, row.pk))
    late = frozenset() if moved else _late(visit, rows)
    free = _free(visit)
    changed = [row for row in rows if row.pk not in late and _resettled(visit, row, next(free, None), moved=moved)]
    if changed:
        note(visit, "resettle", by, bookings=len(changed))
    return len(changed)


def _late(visit: Visit, rows: Iterable[Booking]) -> frozenset[int]:
    """Of a visit that is under way, those whose time was before the one that is running."""
    now = moment.now().astimezone(SHANGHAI)
    if (visit.day, visit.starts) > (now.date(), now.time()):
        return frozenset()
    running = next((slot.at for slot in free_slots(visit)), time.max)
    return frozenset(row.pk for row in rows if row.slot is not None and row.slot < running)


def _resettled(visit: Visit, row: Booking, slot: time | None, *, moved: bool) -> bool:
    """Whether the party has another day or time now; then it is to be told."""
    waited, changed = row.slot is None, moved or slot != row.slot
    row.slot, row.state = slot, BookingState.BOOKED if slot else BookingState.WAITING
    _save(row, day_key(visit, row.phone))
    if changed:
        owe([row], Why.PROMOTED if waited and slot else Why.MOVED)
    return changed


def _free(visit: Visit) -> Iterator[time]:
    for slot in free_slots(visit, BookingState.ARRIVED, BookingState.ABSENT):
        yield from [slot.at] * slot.left


def _save(row: Booking, key: str) -> None:
    """Under the key of its new day; where the same telephone has booked that day already, without one."""
    row.day_key = key
    try:
        with transaction.atomic():
            row.save(update_fields=["slot", "state", "day_key"])
    except IntegrityError:
        row.day_key = ""
        row.save(update_fields=["slot", "state", "day_key"])
