"""What does the worker do for visits?  Each night it forgets who booked a day that is over, and puts second revisits down."""

from __future__ import annotations

from celery import shared_task

from petitions.actions import moment
from visits.actions.after import ask_repeats_again
from visits.actions.booking import forget_before


@shared_task(name="visits.forget")
def forget() -> int:
    """Wipe bookings whose day is over; may run again, late, or twice at once."""
    return forget_before(moment.now())


@shared_task(name="visits.second_wave")
def second_wave() -> int:
    """Put down a revisit on the ninetieth day for what was brought again; may run again, late, or twice at once."""
    return ask_repeats_again()
