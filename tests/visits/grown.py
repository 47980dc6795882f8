"""As many rows of each kind as a baseline asks for: parties, outcomes, duties, sponsored cases, cases brought along, places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta

from django.utils import timezone

from accounts.dates import today
from petitions.models import Petition
from tests.makes import Makes
from tests.visits.conftest import Days
from visits.models import (
    Booking,
    Brief,
    Carried,
    FollowUp,
    Milestone,
    Outcome,
    Place,
    Reception,
    Research,
    SponsorNote,
    Sponsorship,
)

LATER = timedelta(days=20)


class Grown:
    """A reception of today with its queue, and everything that came of it, for the county's deputy magistrate."""

    def __init__(self, days: Days, make: Makes) -> None:
        self.days, self.make, self.size = days, make, 0
        self.visit = days.published()
        self.inside = days.in_room(self.visit)
        self.report = Research.objects.create(
            visit=self.visit, topic="征地", findings="情况", written_on=today(), written_by=days.cast.triage.post
        )

    def grow(self, size: int) -> None:
        """Bring every kind to ``size`` rows."""
        for number in range(self.size, size):
            petition = self.make.handling().petition
            outcome = self._met(number, petition)
            FollowUp.objects.create(outcome=outcome, kind="carry_out", unit=self.days.cast.bureau, due=today())
            FollowUp.objects.create(outcome=outcome, kind="revisit", unit=self.days.cast.office, due=today())
            self.sponsored = self._sponsored(number, petition, outcome)
            Brief.objects.create(
                visit=self.visit, petition=petition, unit=self.days.cast.bureau, asked_by=self.days.cast.triage.post, asked_on=today(), due=today()
            )  # fmt: skip
            Carried.objects.create(
                visit=self.visit, petition=petition, reasons=["集体事项"], chosen_by=self.days.cast.triage.post
            )
            Place.objects.create(
                office=self.days.cast.office, name=f"下访点{number}", region=self.days.cast.region, rooms="接待室"
            )
            Booking.objects.create(
                visit=self.visit, name=f"群众{number}", code_hash=f"{number}", made_at=timezone.now(), slot=time(9)
            )
        self.size = size

    def _met(self, number: int, petition: Petition) -> Outcome:
        common = {
            "visit": self.visit,
            "day": today(),
            "place": self.days.hall,
            "people": 1,
            "arrived_at": timezone.now(),
        }
        Reception.objects.create(**common, queue_number=2 * number + 100)
        done = Reception.objects.create(**common, queue_number=2 * number + 101, state="done", code=f"JF-{number}")
        return Outcome.objects.create(
            reception=done,
            petition=petition,
            kind="assigned",
            unit=self.days.cast.bureau,
            due=today() + LATER,
            recorded_on=today(),
        )

    def _sponsored(self, number: int, petition: Petition, outcome: Outcome) -> Sponsorship:
        """One that its sponsor asks more time for."""
        cast = self.days.cast
        row = Sponsorship.objects.create(
            number=f"HJ-{number}", petition=petition, outcome=outcome, office=cast.office, sponsor=cast.leader.post, unit=cast.bureau,
            taken_on=today(), due=today() + LATER,
        )  # fmt: skip
        SponsorNote.objects.create(
            sponsorship=row,
            kind="asked",
            on_day=today(),
            post=cast.leader.post,
            until=today() + 2 * LATER,
            words="来不及",
        )
        # On the newest alone: the steps of one plan grow with the rest.
        Milestone.objects.create(sponsorship=row, what="查清", unit=cast.bureau, due=today() + LATER, done_when="报告")
        Milestone.objects.filter(sponsorship__number__startswith="HJ-").update(sponsorship=row)
        return row

    def pages(self) -> Iterator[tuple[str, str, str]]:
        """Name, person and address of each page."""
        yield "board", "triage", "/visits/day/"
        yield "room", "triage", f"/visits/{self.visit.ref}/room/"
        yield "visit of today", "triage", f"/visits/{self.visit.ref}/"
        yield "pack", "triage", f"/visits/{self.visit.ref}/pack/"
        yield "pack of a leader", "leader", f"/visits/{self.visit.ref}/pack/"
        yield "carry", "triage", f"/visits/{self.visit.ref}/carry/"
        yield "follow-ups", "triage", "/visits/follow-ups/"
        yield "follow-ups of a unit", "handler", "/visits/follow-ups/"
        yield "sponsored", "head", "/visits/sponsored/"
        yield "sponsored, asked of a main leader", "other_leader", "/visits/sponsored/"
        yield "sponsored case", "leader", f"/visits/sponsored/{self.sponsored.ref}/"
        yield "where", "triage", "/visits/where/"
        yield "figures", "supervisor", "/visits/figures/"
        yield "figures of a leader", "leader", "/visits/figures/"
        yield "figure", "supervisor", "/visits/figures/outcomes/"
        yield "report", "head", f"/visits/research/{self.report.ref}/"
        yield "leader's calendar", "leader", "/visits/"


__all__ = ["Grown"]
