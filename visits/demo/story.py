"""In which order is it told?  Once, whole or not at all, on whatever day the demo is made."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts.dates import today
from petitions.demo.guard import demo_only
from petitions.saved_views import save
from petitions.workdays import add_workdays, next_workday
from visits import book
from visits.actions import plan
from visits.demo.after import follow_up, research
from visits.demo.changes import change, queue
from visits.demo.sponsored import sponsor_all
from visits.demo.teller import PARTIES, Teller
from visits.models import Place, Visit


def tell() -> int:
    """Tell it once; return how many visits there are now.  Running it again changes nothing.

    Raises:
        NotADemo: this is a real office.
    """
    demo_only()
    if Visit.objects.exists() or Place.objects.exists():
        return 0
    with transaction.atomic():
        return _told()


def _told() -> int:
    teller, now = Teller(), today()
    hall, towns = teller.tables()
    calendar = book.calendar(now - timedelta(days=60), now + timedelta(days=60))
    held = [teller.visit(next_workday(now - timedelta(days=back), calendar), number, place)
            for number, (back, place) in enumerate(((27, hall), (15, towns[0])))]  # fmt: skip
    teller.hold(held[0], PARTIES[:3])
    teller.hold(held[1], PARTIES[3:])
    sponsor_all(teller, teller.visit(next_workday(now - timedelta(days=40), calendar), 2, hall), now)
    follow_up(teller, held)
    research(teller, held[1])
    if calendar.is_workday(now):
        queue(teller, teller.visit(now, 2, hall))
    for number, ahead in enumerate((4, 8), start=3):
        teller.visit(add_workdays(now, ahead, calendar), number, hall if number % 2 else towns[1])
    changing = [
        teller.visit(add_workdays(now, ahead, calendar), number, hall)
        for number, ahead in enumerate((5, 6, 7), start=5)
    ]
    change(teller, changing, add_workdays(now, 9, calendar))
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    save(teller.head, "matters", "积案台账", "long=yes", shared=True)
    plan.draft_plan(teller.triage, first, last, f"{first:%Y-%m}")
    return Visit.objects.count()
