"""What is on a person's desk today?  Drafts, today's queue, what waits for a leader, what went wrong by unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Min, QuerySet

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from accounts.models import Department
from petitions.access import scope_of, unit_of, visible_to
from petitions.models import Clock, Draft, Filing, Instruction, Notice, Rating, Supervision
from petitions.querysets import units_of

QUEUE = 50
SHORT = 10


def todays_filings(actor: Actor, day: date) -> QuerySet[Filing]:
    """What the actor's office registered on ``day``, the newest first."""
    since = datetime.combine(day, time.min, SHANGHAI)
    rows = Filing.objects.filter(office_id=unit_of(actor), recorded_at__gte=since, petition__in=visible_to(actor))
    return rows.select_related("petition", "registrar__user").order_by("-recorded_at")[:QUEUE]


def drafts_of(actor: Actor) -> QuerySet[Draft]:
    """The actor's unfinished registrations, the latest first."""
    return Draft.objects.filter(post=actor.post, registered=None).defer("fields").order_by("-saved_at")[:SHORT]


def waiting_for(leader: Actor) -> QuerySet[Instruction]:
    """What has been laid before the leader and waits for words, the oldest first."""
    rows = Instruction.objects.filter(leader=leader.post, state="asked", petition__in=visible_to(leader))
    return rows.select_related("petition__responsible").order_by("asked_on", "pk")[:QUEUE]


def answered_to(leader: Actor) -> QuerySet[Instruction]:
    """The leader's instructions and what became of them, the latest first."""
    rows = Instruction.objects.filter(leader=leader.post, petition__in=visible_to(leader)).exclude(state="asked")
    return rows.select_related("petition", "department").order_by("-written_on", "-pk")[:SHORT]


@dataclass(frozen=True)
class Trouble:
    """What went wrong at one unit, and since when."""

    unit: Department
    late: int
    since: date | None
    longest: int
    supervisions: int


def trouble_by_unit(actor: Actor, day: date) -> list[Trouble]:
    """Return the units in scope with overdue duties or open supervisions, the longest overdue first."""
    units = units_of(scope_of(actor))
    late = Clock.objects.filter(ended="", window=False, shadow=False, due__lt=day)
    open_ = Supervision.objects.exclude(state="ended")
    if units is not None:
        late, open_ = late.filter(department__in=units), open_.filter(department__in=units)
    found = {
        row["department_id"]: (row["many"], row["first"])
        for row in late.values("department_id").annotate(many=Count("petition_id", distinct=True), first=Min("due"))
        if row["department_id"]
    }
    watched = {row["department_id"]: row["many"] for row in open_.values("department_id").annotate(many=Count("pk"))}
    names = Department.objects.in_bulk(set(found) | set(watched))
    rows = [_trouble(unit, found.get(pk, (0, None)), watched.get(pk, 0), day) for pk, unit in names.items()]
    return sorted(rows, key=lambda row: (-row.longest, -row.late, row.unit.code))


def _trouble(unit: Department, late: tuple[int, date | None], supervisions: int, day: date) -> Trouble:
    many, first = late
    return Trouble(unit, many, first, (day - first).days if first else 0, supervisions)


def notices_of(actor: Actor, size: int = 50) -> QuerySet[Notice]:
    """The post's own notices, the newest first."""
    rows = Notice.objects.filter(post=actor.post, channel="desk").select_related("petition")
    return rows.order_by("-made_at", "-pk")[:size]


def flagged_ratings(size: int = 50) -> QuerySet[Rating]:
    """Ratings given within 24 hours of a reprinted query code, the newest first: for audit only."""
    rows = Rating.objects.filter(flagged=True).select_related("petition", "filing", "department")
    return rows.order_by("-rated_at")[:size]
