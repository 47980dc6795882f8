"""What may everybody read afterwards?  Of a held visit how many came and what became of it; of sponsored cases who answers for them.

Both only where the office has switched it on, and nothing that is less than ``LEAST``: a number so small points at somebody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet, Sum

from visits import book
from visits.models import HouseNumber, Kind, Outcome, Sponsorship, Status, Visit

LEAST = 5
SHOWN = 200
STAYS = timedelta(days=365)  # how long a case that has ended still stands in public


@dataclass(frozen=True)
class Result:
    """How many parties and people were received, and what became of their matters; ``None``: fewer than ``LEAST``.

    Attributes:
        kinds: each outcome with how often; those fewer than ``LEAST`` stand under 其他 together, or not at all.
    """

    parties: int | None
    people: int | None
    kinds: list[tuple[str, int]]


def result_of(visit: Visit) -> Result | None:
    """Return what the public reads of ``visit``; ``None`` where it was not held, or the office has not switched it on."""
    if visit.status != Status.HELD or not book.number(visit.office_id, "results_public"):
        return None
    done = visit.receptions.filter(state="done").aggregate(parties=Count("pk"), people=Sum("people"))
    parties, people = done["parties"], done["people"] or 0
    if parties < LEAST:  # its outcomes are no more
        return Result(None, _enough(people), [])
    rows = Outcome.objects.filter(reception__visit=visit).order_by().values_list("kind").annotate(n=Count("pk"))
    return Result(parties, _enough(people), _kinds(dict(rows)))


def _enough(count: int) -> int | None:
    return count if count >= LEAST else None


def _kinds(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The outcomes in the order of their table; those too few to be shown alone are taken together."""
    large = [(Kind(kind).label, counts[kind]) for kind in Kind.values if counts.get(kind, 0) >= LEAST]
    rest = sum(counts.values()) - sum(count for _, count in large)
    return [*large, ("其他", rest)] if rest >= LEAST else large


@dataclass(frozen=True)
class Shown:
    """The sponsored cases that stand in public, and how many of each state (``None``: fewer than ``LEAST``)."""

    rows: list[Sponsorship]
    states: list[tuple[str, int | None]]


def sponsored_in_public(day: date) -> Shown | None:
    """Return the sponsored cases that everybody may read of on ``day``; ``None`` where no office has switched it on.

    An office with fewer than ``LEAST`` shows none.
    """
    offices = _switched_on(day)
    if not offices:
        return None
    rows = _open_to_all(offices, day)
    many = dict(rows.order_by().values_list("office").annotate(n=Count("pk")))
    enough = [pk for pk, count in many.items() if count >= LEAST]
    shown = rows.filter(office__in=enough).select_related("sponsor__user", "unit").order_by("-taken_on", "-pk")
    states = dict(rows.filter(office__in=enough).order_by().values_list("state").annotate(n=Count("pk")))
    words = [(state.label, _enough(states[state.value])) for state in Sponsorship.State if states.get(state.value)]
    return Shown(list(shown[:SHOWN]), words)


def any_sponsored(day: date) -> bool:
    """Whether any office shows its sponsored cases to everybody."""
    return bool(_switched_on(day))


def _open_to_all(offices: list[int], day: date) -> QuerySet[Sponsorship]:
    rows = Sponsorship.objects.filter(office__in=offices)
    # Ended without a result: its registration was taken back.
    rows = rows.exclude(state=Sponsorship.State.ENDED, result=Sponsorship.Result.NONE)
    return rows.exclude(state=Sponsorship.State.ENDED, ended_on__lt=day - STAYS)


def _switched_on(day: date) -> list[int]:
    """The offices whose switch is on that day: the last row of each speaks."""
    rows = HouseNumber.objects.filter(code="sponsored_public", valid_from__lte=day).order_by("valid_from")
    return [office for office, value in dict(rows.values_list("office", "value")).items() if value]
