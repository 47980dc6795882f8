"""Who is to be told that a booking changed, and what is kept of one that is over?  It stands in a list until somebody rang."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from petitions.actions import moment
from petitions.errors import WrongMoment
from visits import access
from visits.actions.record import locked, note
from visits.models import LIVE, Booking, BookingState, Visit, Why

RULE = "预约变更电话告知"


def owe(bookings: Iterable[Booking], why: Why) -> None:
    """Put down that the parties of locked bookings are to be told; what they were told before holds no more."""
    for booking in bookings:
        booking.to_tell, booking.told_at, booking.told_by = why, None, None
        booking.save(update_fields=["to_tell", "told_at", "told_by"])


def wipe(booking: Booking, state: BookingState) -> None:
    """Leave of a booking that brought nobody only that it was: no name, no telephone, no words, no key."""
    booking.state, booking.slot = state, None
    booking.name = booking.phone = ""
    if booking.told_at is None:
        booking.to_tell = ""
    _forget_words(booking)
    booking.save()


def _forget_words(booking: Booking) -> None:
    booking.representatives = booking.matter = booking.filed_number = booking.needs = ""
    booking.day_key = booking.sent_key = booking.phone_key = ""


def call_off(visit: Visit) -> int:
    """Cancel the bookings of a cancelled, locked visit: name, telephone and time stay until the party was told, at most for the day.

    Returns:
        how many there were.
    """
    rows = list(visit.bookings.select_for_update().filter(state__in=LIVE))
    for booking in rows:
        booking.state = BookingState.CANCELLED
        _forget_words(booking)
        booking.save()
    owe(rows, Why.CANCELLED)
    return len(rows)


def to_tell(actor: Actor) -> QuerySet[Booking]:
    """Return the bookings to come whose parties ``actor``'s office has still to ring up, the nearest day first."""
    if not access.may(actor, access.ROOM):
        return Booking.objects.none()
    rows = Booking.objects.filter(visit__in=access.rooms_of(actor), told_at=None, visit__day__gte=moment.today())
    rows = rows.exclude(to_tell="").filter(state__in=[*LIVE, BookingState.CANCELLED])
    return rows.select_related("visit__leader__user", "visit__place").order_by("visit__day", "slot", "pk")


def told(booking: Booking, *, by: Actor) -> Booking:
    """Write down that the party was told; of a cancelled visit's booking nothing personal is kept after that.

    Raises:
        WrongPerson, NotSeen; WrongMoment: there is nothing to tell, or it has been told.
    """
    access.check(by, access.ROOM, "电话告知")
    with transaction.atomic():
        visit = locked(by, Visit(pk=booking.visit_id))
        booking = Booking.objects.select_for_update().get(pk=booking.pk)
        if not booking.to_tell or booking.told_at is not None:
            raise WrongMoment("这个预约没有要告知的，或者已经告知。", rule=RULE)
        booking.told_at, booking.told_by = moment.now(), by.post
        booking.save(update_fields=["told_at", "told_by"])
        if booking.state == BookingState.CANCELLED:
            wipe(booking, BookingState.CANCELLED)
        note(visit, "told", by, booking=booking.ref, why=booking.to_tell)
    return booking


__all__ = ["call_off", "owe", "to_tell", "told", "wipe"]
