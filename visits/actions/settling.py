"""What becomes of the bookings when a visit is moved?  Each keeps its turn and gets a time of the new day; the counter tells them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from visits.actions.booking import day_key, times_of
from visits.actions.record import note
from visits.models import Booking, BookingState, Visit


def resettle(visit: Visit, *, by: Actor) -> int:
    """Give the booked parties of a moved, locked visit their times anew, in the order they had; who finds none waits.

    Returns:
        how many have another day or time than before: they are to be told.
    """
    rows = list(visit.bookings.select_for_update().filter(state=BookingState.BOOKED).order_by("slot", "made_at", "pk"))
    free = _free(visit)
    changed = 0
    for row in rows:
        slot = next(free, None)
        key = day_key(visit, row.phone)
        changed += (slot, key) != (row.slot, row.day_key)
        row.slot, row.state = slot, BookingState.BOOKED if slot else BookingState.WAITING
        _save(row, key)
    if changed:
        note(visit, "resettle", by, bookings=changed)
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
