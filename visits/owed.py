"""What do receptions still ask of somebody?  Duties with their day, answers that are out, steps of sponsored cases; for first pages.

About matters, units and days; nothing of a person is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import Role
from petitions.access import unit_of, visible_to
from petitions.lifecycle import OPEN_STAGES
from visits import access
from visits.models import OPEN, Brief, FollowUp, Milestone, Outcome, Sponsorship, Visit

AHEAD = timedelta(days=14)  # what an office is reminded of beforehand
SHOWN = 5
# From here on the petitioner has an answer: the opinion is on its way to him, or the matter has ended.
ANSWERED = frozenset({"delivered", "lapsed", "closed", "confirmed", "ended"})
UNANSWERED = frozenset(OPEN_STAGES) - ANSWERED


@dataclass(frozen=True)
class Owed:
    """One thing that is owed: what, on which matter, by which unit, until when, and where it is done."""

    label: str
    title: str
    number: str
    unit: str
    due: date
    url: str
    late: bool


@dataclass(frozen=True)
class List:
    """The nearest, and whether there are more."""

    rows: list[Owed]
    more: bool


def for_unit(actor: Actor, day: date) -> List:
    """What ``actor``'s unit owes from receptions: assignments, answers, steps of sponsored cases."""
    unit = unit_of(actor)
    duties = [_duty(row, day) for row in _open(access.follow_ups_of(actor).filter(unit_id=unit))]
    told = {row.number for row in duties}
    mine = Q(unit_id=unit, petition__in=visible_to(actor).values("pk"))
    answers = [_answer(row, day, reverse("petitions:case", args=[row.petition.ref])) for row in _unanswered(mine)]
    steps = _steps(access.sponsorships_of(actor), unit, day)
    briefs = [_brief(row, day) for row in open_briefs(actor)[: SHOWN + 1]]
    return _nearest([*briefs, *duties, *(row for row in answers if row.number not in told), *steps])


def for_office(actor: Actor, day: date) -> List:
    """What the office owes soon: people to ask, studies to answer, sponsored cases to verify."""
    rows = _open(access.follow_ups_of(actor).filter(unit_id=access.office_of(actor), due__lte=day + AHEAD))
    reported = access.sponsorships_of(actor).filter(state=Sponsorship.State.REPORTED)
    verify = reported.select_related("petition", "unit").order_by("reported_on", "pk")[: SHOWN + 1]
    away = (
        access.rooms_of(actor)
        .filter(day__gte=day, status__in=OPEN)
        .exclude(absence="")
        .select_related("leader__user", "place")
    )
    absent = [_absent(row) for row in away.order_by("day", "pk")[: SHOWN + 1]]
    return _nearest([*absent, *(_duty(row, day) for row in rows), *(_verify(row) for row in verify)])


def for_leader(actor: Actor, day: date) -> List:
    """What the leader assigned or promised in a reception, and that has no answer yet: he owes it (谁接待、谁负责)."""
    rows = _unanswered(Q(reception__visit__leader=actor.post, due__isnull=False))
    return _nearest([_answer(row, day, reverse("visits:visit", args=[row.reception.visit.ref])) for row in rows])


def of(actor: Actor, day: date) -> List | None:
    """Return what stands on ``actor``'s first page; ``None`` where receptions ask nothing of the post."""
    if actor.role == Role.LEADER:
        return for_leader(actor, day)
    if access.office_of(actor) is not None:
        return None if actor.role == Role.REGISTRAR else for_office(actor, day)
    return for_unit(actor, day) if actor.role in access.UNIT else None


def _nearest(rows: Iterable[Owed]) -> List:
    found = sorted(rows, key=lambda row: (row.due, row.number))
    return List(found[:SHOWN], len(found) > SHOWN)


def _open(rows: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    found = rows.filter(done_on=None).select_related("unit", "outcome__petition", "sponsorship__petition")
    return found.order_by("due", "pk")[: SHOWN + 1]


def _duty(row: FollowUp, day: date) -> Owed:
    petition = row.petition
    return Owed(
        row.get_kind_display(), petition.title, petition.number, row.unit.short_name, row.due,
        reverse("visits:follow_up", args=[row.ref]), row.due < day,
    )  # fmt: skip


def open_briefs(actor: Actor) -> QuerySet[Brief]:
    """What ``actor``'s unit was asked to say before a visit and has not said yet, on matters that it sees, the nearest first."""
    asked = access.briefs_of(actor).filter(petition__in=visible_to(actor).values("pk"))
    rows = asked.filter(written_on=None, visit__status__in=OPEN)
    return rows.select_related("petition", "unit", "visit__leader__user").order_by("due", "pk")


def _brief(row: Brief, day: date) -> Owed:
    url = reverse("visits:brief", args=[row.ref])
    return Owed("接访预审", row.petition.title, row.petition.number, row.unit.short_name, row.due, url, row.due < day)


def _unanswered(whose: Q) -> QuerySet[Outcome]:
    """Matters that were assigned or are studied, and whose petitioner has no answer yet."""
    rows = Outcome.objects.filter(whose, due__isnull=False, petition__stage__in=UNANSWERED)
    return rows.select_related("petition", "unit", "reception__visit").order_by("due", "pk")[: SHOWN + 1]


def _answer(row: Outcome, day: date, url: str) -> Owed:
    assert row.due is not None
    unit = row.unit.short_name if row.unit else ""
    return Owed("还没有答复", row.petition.title, row.petition.number, unit, row.due, url, row.due < day)


def _steps(rows: QuerySet[Sponsorship], unit: int, day: date) -> list[Owed]:
    """The next open step of each running case, or its own day where it has no plan yet; of a case it helps with the unit's own."""
    steps = Milestone.objects.filter(sponsorship=OuterRef("pk"), done_on=None)
    running = rows.filter(Q(unit_id=unit) | Exists(steps.filter(unit_id=unit)), state=Sponsorship.State.RUNNING)
    next_step = steps.filter(Q(unit_id=unit) | Q(sponsorship__unit_id=unit)).order_by("due", "pk")
    said = {
        "next_due": Subquery(next_step.values("due")[:1]),
        "next_unit": Subquery(next_step.values("unit__short_name")[:1]),
    }
    found = running.select_related("petition", "unit").annotate(**said).order_by("due", "pk")
    return [_step(row, row.next_due, row.next_unit, day) for row in found[: SHOWN + 1]]  # type: ignore[attr-defined]


def _step(row: Sponsorship, next_due: date | None, next_unit: str | None, day: date) -> Owed:
    label, due = ("包案步骤", next_due) if next_due is not None else ("领导包案", row.due)
    url = reverse("visits:sponsorship", args=[row.ref])
    return Owed(label, row.petition.title, row.number, next_unit or row.unit.short_name, due, url, due < day)


def _absent(row: Visit) -> Owed:
    """A visit whose leader has said that he cannot come: a substitute is to be found before its day."""
    url = reverse("visits:substitute", args=[row.ref])
    return Owed(
        "领导来不了，请换人",
        f"{row.leader.user.name}{row.day:%-m月%-d日}接访",
        row.place.name,
        "",
        row.day,
        url,
        late=False,
    )


def _verify(row: Sponsorship) -> Owed:
    due = row.reported_on or row.due
    url = reverse("visits:sponsorship", args=[row.ref])
    return Owed("包案待核查", row.petition.title, row.number, row.unit.short_name, due, url, late=False)


__all__ = ["ANSWERED", "List", "Owed", "of"]
