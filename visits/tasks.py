"""What does the worker do for visits?  It forgets who booked a day that is over, puts second revisits down, tells of what is near."""

from __future__ import annotations

from celery import shared_task

from petitions.actions import moment
from visits.actions.after import ask_repeats_again
from visits.actions.booking import forget_before
from visits.actions.telling import tell_ahead


@shared_task(name="visits.forget")
def forget() -> int:
    """Wipe bookings whose day is over; may run again, late, or twice at once."""
    return forget_before(moment.now())


@shared_task(name="visits.second_wave")
def second_wave() -> int:
    """Put down a revisit on the ninetieth day for what was brought again; may run again, late, or twice at once."""
    return ask_repeats_again()


@shared_task(name="visits.tell_ahead")
def tell_of_visits() -> int:
    """Tell leaders and units of visits that are near, and send the lists of bookings; may run again, late, or twice at once."""
    return tell_ahead()
