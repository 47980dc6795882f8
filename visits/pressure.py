"""Where are the problems, and which are they?  Counts of matters by place and topic, within the reader's scope.

Matters alone are counted: open, overdue, joint, long open, returned by a unit, dissatisfied.  Nobody's visits, and no person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from accounts.actor import Actor
from accounts.dates import today
from petitions.access import visible_to
from petitions.lifecycle import LONG_DAYS, OPEN_STAGES
from petitions.models import Assignment, Category, Petition, Rating
from visits.models import Place

# How much each fact adds to a place's weight in the plan; the page shows the counts, never the sum alone.
WEIGHTS = {"open": 1, "overdue": 2, "joint": 2, "long": 2, "returned": 1, "dissatisfied": 2}
MOST_TOPICS = 10
_DEPTH = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}


@dataclass(frozen=True)
class Pressure:
    """How many matters at one place are open, and in which way they are pressing; the topics that return most."""

    open: int = 0
    overdue: int = 0
    joint: int = 0
    long: int = 0
    returned: int = 0
    dissatisfied: int = 0
    topics: tuple[tuple[str, int], ...] = field(default=())

    @property
    def weight(self) -> int:
        """The sum that places are ordered by."""
        return sum(getattr(self, name) * factor for name, factor in WEIGHTS.items())

    @property
    def reasons(self) -> list[str]:
        """Why the place stands where it stands, in words."""
        said = (
            ("未办结", self.open), ("已超期", self.overdue), ("集体事项", self.joint), (f"超过{LONG_DAYS}日未办结", self.long),
            ("曾被退回", self.returned), ("评价不满意", self.dissatisfied),
        )  # fmt: skip
        words = [f"{label}{count}件" for label, count in said if count]
        return words + [f"“{name}”{count}件" for name, count in self.topics if count > 1]


@dataclass(frozen=True)
class Topic:
    """A content of matters, and how it presses."""

    code: str
    name: str
    pressure: Pressure


def pressing(matters: QuerySet[Petition], day: date) -> dict[str, Q | Exists]:
    """Each fact of a matter, as a condition."""
    mine = {"petition": OuterRef("pk")}
    return {
        "open": Q(stage__in=OPEN_STAGES),
        "overdue": Q(stage__in=OPEN_STAGES, due__lt=day),
        "joint": Q(stage__in=OPEN_STAGES, joint=True),
        "long": Q(stage__in=OPEN_STAGES, received_on__lt=day - timedelta(days=LONG_DAYS)),
        "returned": Exists(Assignment.objects.filter(**mine, state="returned")),
        "dissatisfied": Exists(Rating.objects.filter(**mine, value=Rating.Value.DISSATISFIED)),
    }


def pressure_of(actor: Actor, places: Sequence[Place]) -> dict[int, Pressure]:
    """Return the pressure at each of ``places`` (by id): three queries, however many places."""
    matters = visible_to(actor).exclude(region=None)
    facts = pressing(matters, today())
    by_area = _grouped(matters, facts, Substr("region_id", 1, 12))
    topics = _topics(matters)
    found = {}
    for place in places:
        prefix = prefix_of(place)
        if not prefix:
            found[place.pk] = Pressure()
            continue
        sums = {name: sum(row[name] for area, row in by_area.items() if area.startswith(prefix)) for name in WEIGHTS}
        found[place.pk] = Pressure(**sums, topics=_most(topics, prefix))
    return found


def topics_of(actor: Actor) -> list[Topic]:
    """Return the contents of which most is open and most is pressing, the first first; one query."""
    matters = visible_to(actor).exclude(category=None)
    found = _grouped(matters, pressing(matters, today()), F("category_id"))
    names = dict(Category.objects.filter(pk__in=found).values_list("pk", "name"))
    topics = [Topic(code, names[code], Pressure(**sums, topics=())) for code, sums in found.items() if sums["open"]]
    return sorted(topics, key=lambda topic: (-topic.pressure.weight, topic.code))[:MOST_TOPICS]


def prefix_of(place: Place) -> str:
    """The digits that the code of every region within ``place`` begins with."""
    return place.region_id[: _DEPTH[place.region.level]] if place.region_id and place.region else ""


def within(matters: QuerySet[Petition], place: Place) -> QuerySet[Petition]:
    """Matters that happened within ``place``; all of them for a hall."""
    prefix = prefix_of(place)
    return matters.filter(region__code__startswith=prefix) if prefix and not place.hall else matters


def _grouped(matters: QuerySet[Petition], facts: dict[str, Q | Exists], area: Any) -> dict[str, dict[str, int]]:
    marked = matters.filter(Q(stage__in=OPEN_STAGES) | Q(facts["dissatisfied"])).annotate(
        area=area, is_returned=facts["returned"], is_dissatisfied=facts["dissatisfied"]
    )
    counts = {name: Count("pk", filter=facts[name]) for name in ("open", "overdue", "joint", "long")}
    counts |= {"returned": Count("pk", filter=Q(is_returned=True, stage__in=OPEN_STAGES)),
               "dissatisfied": Count("pk", filter=Q(is_dissatisfied=True))}  # fmt: skip
    rows: Any = marked.values("area").annotate(**counts).order_by()
    return {str(row["area"]): {name: int(row[name]) for name in counts} for row in rows}


def _topics(matters: QuerySet[Petition]) -> list[tuple[str, str, int]]:
    rows = matters.filter(stage__in=OPEN_STAGES).exclude(category=None)
    found = rows.values_list("region_id", "category_id").annotate(Count("pk")).order_by()
    names = dict(Category.objects.values_list("pk", "name"))
    return [(region or "", names[category or ""], count) for region, category, count in found]


def _most(topics: Iterable[tuple[str, str, int]], prefix: str) -> tuple[tuple[str, int], ...]:
    sums: dict[str, int] = {}
    for region, name, count in topics:
        if region.startswith(prefix):
            sums[name] = sums.get(name, 0) + count
    return tuple(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:3])


__all__ = ["Pressure", "Topic", "prefix_of", "pressing", "pressure_of", "topics_of", "within"]
