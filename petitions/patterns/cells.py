"""Which kinds of problem are counted, where, with whom?  Counts by category, town, body and written place, in stretches of days.

Of a matter five columns are read, and no other: category, region, responsible body, written place, day received.  A matter
that was merged into another is not counted twice, and what a person came again for is one matter: no visit is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Left, Substr

from accounts.models import Region, RegionLevel
from petitions.likeness import project_in
from petitions.models import Clock, PatternCase, Petition, Rating
from petitions.patterns.growth import AROUND, BEFORE, LEAST, WINDOW, Growth, Past, growth

TOWN = 9  # digits of a region's code that name its town
YEAR = 364  # days: last year's day on the same weekday
NO_TOWN = ""  # where a matter lies above the towns, or nowhere that is known
_BELOW_COUNTY = slice(6, 9)
Key = tuple[str | None, str | None, int | None]  # category, town's digits, body


@dataclass(frozen=True)
class Days:
    """A span of days, both ends included."""

    first: date
    last: date

    def of(self, rows: QuerySet[Petition]) -> QuerySet[Petition]:
        """The matters received within it."""
        return rows.filter(received_on__gte=self.first, received_on__lte=self.last)


@dataclass(frozen=True)
class Stretches:
    """The days that a night looks at: the stretch that ended the day before, those before it, and last year's."""

    now: Days
    before: tuple[Days, ...]
    season: Days | None

    @classmethod
    def of(cls, day: date) -> Stretches:
        """What the night of ``day`` looks at, as far back as the record reaches: one question, from the index of days."""
        last = day - timedelta(days=1)
        oldest = Petition.objects.aggregate(first=Min("received_on"))["first"] or day
        ends = [last - timedelta(days=WINDOW * n) for n in range(BEFORE + 1)]
        spans = [Days(end - timedelta(days=WINDOW - 1), end) for end in ends]
        year = timedelta(days=YEAR)
        season = Days(spans[0].first - year - timedelta(days=AROUND), last - year + timedelta(days=AROUND))
        known = tuple(span for span in spans[1:] if span.first >= oldest)
        return cls(spans[0], known, season if season.first >= oldest else None)

    @property
    def all_before(self) -> Days | None:
        """The stretches before as one span."""
        return Days(self.before[-1].first, self.before[0].last) if self.before else None


def counted() -> QuerySet[Petition]:
    """Every matter that counts: not those merged into another."""
    return Petition.objects.filter(merged_into=None)


@dataclass(frozen=True)
class Cell:
    """One kind of problem: what it is about, where, whose, at which written place or project; what is not said is any.

    Attributes:
        town: its digits; `NO_TOWN` for matters that lie above the towns.
        place: as `named` calls it: two towns may each have a 中心路, which are two.
    """

    category: str | None = None
    town: str | None = None
    unit: int | None = None
    place: str = ""

    @property
    def kind(self) -> str:
        """How a pattern in it was found."""
        return "place" if self.place else "growth"

    @property
    def narrowness(self) -> int:
        """How many of the four are said."""
        return sum(bool(part) for part in (self.category, self.town, self.unit, self.place))

    def matters(self) -> QuerySet[Petition]:
        """The matters in it, of any day; of a written place: see `within`."""
        rows = counted()
        if self.category:
            rows = rows.filter(category=self.category)
        if self.town:
            rows = rows.filter(region__gte=self.town + "000", region__lte=self.town + "999")
        return rows.filter(responsible=self.unit) if self.unit else rows

    def within(self, span: Days) -> QuerySet[Petition]:
        """The matters in it within some days; which written places are its own is asked of those days alone."""
        rows = span.of(self.matters())
        if not self.place:
            return rows
        if self.town == NO_TOWN:
            below = Substr("region_id", _BELOW_COUNTY.start + 1, _BELOW_COUNTY.stop - _BELOW_COUNTY.start)
            rows = rows.annotate(below=below).filter(Q(below__isnull=True) | Q(below__in=["", "000"]))
        written = rows.exclude(place="").order_by().values_list("place", flat=True).distinct()
        return rows.filter(place__in=[place for place in written if named(place) == self.place])


def grown(days: Stretches) -> list[tuple[Cell, Growth]]:
    """Return the cells that grew beyond their past, the narrowest and then the least likely first.

    One statement for each stretch, each along the index of days; only cells with LEAST matters now are judged.
    """
    now = _counts(days.now)
    before = [_counts(span) for span in days.before]
    season = _counts(days.season) if days.season else None
    found = []
    for cell, count in now.items():
        if count >= LEAST:
            past = Past(tuple(each[cell] for each in before), season[cell] if season is not None else None)
            found += [(cell, more)] if (more := growth(count, past)) else []
    return sorted(found, key=lambda pair: (-pair[0].narrowness, pair[1].chance, str(pair[0])))


def _counts(span: Days) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    # Ordered by nothing: a grouped question must not be ordered by days.
    rows = span.of(counted()).order_by()
    by_cell: Any = rows.exclude(category=None).annotate(town=Left("region_id", TOWN))
    for category, town, unit, count in by_cell.values_list("category_id", "town", "responsible_id").annotate(
        Count("pk")
    ):
        for cell in _cells(category, town_or_none(town), unit):
            found[cell] += count
    places: Any = rows.exclude(place="").annotate(town=Left("region_id", TOWN))
    for place, town, category, count in places.values_list("place", "town", "category_id").annotate(Count("pk")):
        here = Cell(town=town_or_none(town) or NO_TOWN, place=named(place))
        found[here] += count
        if category:
            found[replace(here, category=category)] += count
    return found


def named(place: str) -> str:
    """What a written place is counted under: the project it names, else what is written."""
    return project_in(place) or place


def town_or_none(code: str | None) -> str | None:
    """The town's digits of a region's code, ``None`` where it lies above the towns."""
    return code[:TOWN] if code and code[_BELOW_COUNTY] not in ("", "000") else None


def _cells(category: str, town: str | None, unit: int | None) -> Iterator[Cell]:
    yield Cell(category)
    if town:
        yield Cell(category, town)
    if unit:
        yield Cell(category, None, unit)
    if town and unit:
        yield Cell(category, town, unit)


def town_region(town: str | None) -> Region | None:
    """The region of a town's digits."""
    if not town:
        return None
    rows = Region.objects.filter(code__gte=town + "000", code__lte=town + "999", level=RegionLevel.TOWN)
    return rows.order_by("code").first() or Region.objects.filter(code=town + "000").first()


# --- the cases behind the numbers --------------------------------------------------------------------------------------


def evidence(part: str, ids: Any) -> list[PatternCase]:
    """Return rows (not saved) for matters, marked as they stand now: joint, dissatisfied, once overdue.

    ``ids``: their ids, as a list or a subquery.
    """
    mine: Mapping[str, Any] = {"petition": OuterRef("pk")}
    lapsed = Clock.objects.filter(**mine, window=False, shadow=False, lapse_logged_on__isnull=False)
    bad = Rating.objects.filter(**mine, value=Rating.Value.DISSATISFIED)
    rows = Petition.objects.filter(pk__in=ids).annotate(late=Exists(lapsed), bad=Exists(bad)).order_by("pk")
    return [
        PatternCase(petition_id=pk, part=part, joint=joint, overdue=late, dissatisfied=bad)
        for pk, joint, late, bad in rows.values_list("pk", "joint", "late", "bad")
    ]


def evidence_of(cell: Cell, days: Stretches) -> list[PatternCase]:
    """Return the cases behind a cell's numbers: now, before, last year."""
    spans = {"now": days.now, "before": days.all_before, "season": days.season}
    return [row for part, span in spans.items() if span for row in evidence(part, cell.within(span).values("pk"))]
