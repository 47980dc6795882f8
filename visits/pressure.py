"""Where are the problems, and which are they?  Counts of matters by place and topic, within the reader's scope.

Matters alone are counted: open, overdue, joint, long open, returned by a unit, dissatisfied.  Nobody's visits, and no person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from accounts.actor import Actor
from accounts.dates import today
from petitions.access import visible_to
from petitions.lifecycle import LONG_DAYS, OPEN_STAGES
from petitions.models import Assignment, Category, Petition, Proceeding, Rating
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


def pressing(day: date) -> dict[str, Q | Exists]:
    """Each fact of an open matter, as a condition."""
    mine = {"petition": OuterRef("pk")}
    return {
        "open": Q(),
        "overdue": Q(due__lt=day),
        "joint": Q(joint=True),
        "long": Q(received_on__lt=day - timedelta(days=LONG_DAYS)),
        "returned": Exists(Assignment.objects.filter(**mine, state="returned")),
        "dissatisfied": Exists(Rating.objects.filter(**mine, value=Rating.Value.DISSATISFIED)),
    }


def in_law() -> Exists:
    """Whether a matter is in another legal procedure now; one that has come back from it is not."""
    return Exists(Proceeding.objects.filter(petition=OuterRef("pk"), kind="outside", state="outside"))


@dataclass(frozen=True)
class Felt:
    """How it presses at each place (by id), and the contents of which most is open and most is pressing, the first first."""

    places: dict[int, Pressure]
    topics: list[Topic]


def pressure_of(actor: Actor, places: Sequence[Place]) -> Felt:
    """Return how it presses at ``places``, and by which topics: three queries, however many places."""
    cells = _grouped(visible_to(actor), _deepest(places), "category_id")
    names = dict(Category.objects.values_list("pk", "name"))
    areas = _areas(cells)
    return Felt({place.pk: _at(place, areas, names) for place in places}, _topics(cells, names))


def weights_of(actor: Actor, places: Sequence[Place]) -> dict[int, int]:
    """Return how much each of ``places`` (by id) weighs, as `pressure_of` has it: without the topics, from fewer rows."""
    if not places:
        return {}
    areas = _areas(_grouped(visible_to(actor).exclude(region=None), _deepest(places)))
    return {place.pk: _at(place, areas, {}).weight for place in places}


def open_by_unit(actor: Actor, places: Sequence[Place], units: Iterable[int]) -> dict[int, Counter[int]]:
    """Return for each place (by id) how many matters each of ``units`` (by id) has open there: one query."""
    wanted = set(units)
    if not places or not wanted:
        return {}
    matters = visible_to(actor).filter(stage__in=OPEN_STAGES, responsible__in=wanted).exclude(region=None)
    rows = matters.annotate(area=Substr("region_id", 1, _deepest(places))).values_list("area", "responsible_id")
    found: dict[int, Counter[int]] = {place.pk: Counter() for place in places}
    for area, unit, count in rows.annotate(n=Count("pk")).order_by():
        for place in places:
            prefix = prefix_of(place)
            if prefix and area.startswith(prefix):
                found[place.pk][unit] += count
    return found


def prefix_of(place: Place) -> str:
    """The digits that the code of every region within ``place`` begins with."""
    return place.region_id[: _DEPTH[place.region.level]] if place.region_id and place.region else ""


def _deepest(places: Iterable[Place]) -> int:
    """As many digits as the deepest of the places fills: what lies below it need not be told apart."""
    return max((len(prefix_of(place)) for place in places), default=0) or _DEPTH["county"]


def within(matters: QuerySet[Petition], place: Place) -> QuerySet[Petition]:
    """Matters that happened within ``place``; all of them for a hall."""
    prefix = prefix_of(place)
    return matters.filter(region__code__startswith=prefix) if prefix and not place.hall else matters


Cells = dict[tuple[str | None, ...], dict[str, int]]  # region, or region and category → each fact's number


def _grouped(matters: QuerySet[Petition], depth: int, *by: str) -> Cells:
    """Each cell's counts, regions taken together by ``depth`` digits: of what is open by one question, of what somebody was
    dissatisfied with by another.

    Together they would look through every matter there has been; apart, each has an index that holds no more than it needs.
    """
    facts, by = pressing(today()), ("area", *by)
    matters = matters.annotate(area=Substr("region_id", 1, depth))
    open_ones = matters.filter(stage__in=OPEN_STAGES).annotate(is_returned=facts["returned"])
    counts: dict[str, Any] = {name: Count("pk", filter=facts[name]) for name in ("open", "overdue", "joint", "long")}
    counts["returned"] = Count("pk", filter=Q(is_returned=True))
    found: Cells = {}
    for asked, wanted in ((open_ones, counts), (matters.filter(facts["dissatisfied"]), {"dissatisfied": Count("pk")})):
        for row in asked.values_list(*by).annotate(**wanted).order_by():
            cell = found.setdefault(row[: len(by)], dict.fromkeys(WEIGHTS, 0))
            cell.update(zip(wanted, row[len(by) :], strict=True))
    return found


@dataclass
class Area:
    """One region's counts, and how much of each category is open there."""

    cells: list[dict[str, int]] = field(default_factory=list)
    topics: Counter[str] = field(default_factory=Counter)


def _areas(cells: Cells) -> dict[str, Area]:
    """The cells by region: read once, however many places are asked about."""
    found: dict[str, Area] = {}
    for (region, *category), cell in cells.items():
        area = found.setdefault(region or "", Area())
        area.cells.append(cell)
        if category and category[0]:
            area.topics[category[0]] += cell["open"]
    return {region: Area([_summed(area.cells)], area.topics) for region, area in found.items()}


def _at(place: Place, areas: Mapping[str, Area], names: Mapping[str, str]) -> Pressure:
    prefix = prefix_of(place)
    here = [area for region, area in areas.items() if prefix and region.startswith(prefix)]
    topics = sum((area.topics for area in here), Counter[str]())
    named = sorted(
        ((names[code], count) for code, count in topics.items() if count), key=lambda pair: (-pair[1], pair[0])
    )
    return Pressure(**_summed(cell for area in here for cell in area.cells), topics=tuple(named[:3]))


def _topics(cells: Cells, names: Mapping[str, str]) -> list[Topic]:
    """What is open nowhere in particular counts too."""
    by_topic: dict[str, list[dict[str, int]]] = {}
    for (_, category), cell in cells.items():
        if category:
            by_topic.setdefault(category, []).append(cell)
    topics = [Topic(code, names[code], Pressure(**_summed(held), topics=())) for code, held in by_topic.items()]
    open_ones = [topic for topic in topics if topic.pressure.open]
    return sorted(open_ones, key=lambda topic: (-topic.pressure.weight, topic.code))[:MOST_TOPICS]


def _summed(cells: Iterable[Mapping[str, int]]) -> dict[str, int]:
    held = list(cells)
    return {name: sum(cell[name] for cell in held) for name in WEIGHTS}


__all__ = [
    "Felt",
    "Pressure",
    "Topic",
    "in_law",
    "open_by_unit",
    "prefix_of",
    "pressing",
    "pressure_of",
    "weights_of",
    "within",
]
