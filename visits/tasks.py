"""What does the worker do for visits?  It forgets, each night, who booked a day that is over."""

from __future__ import annotations

from celery import shared_task

from petitions.actions import moment
from visits.actions.booking import forget_before


@shared_task(name="visits.forget")
def forget() -> int:
    """Wipe bookings whose day is over; may run again, late, or twice at once."""
    return forget_before(moment.now())
