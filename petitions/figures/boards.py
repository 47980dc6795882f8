"""What does each person's page of figures show?  A few lines with the period before and the year before, where it is late, and the trend."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Role
from petitions import trees
from petitions.figures import totals
from petitions.figures.bits import MEASURES
from petitions.figures.count import Figure, Numbers, counted, figure_of
from petitions.figures.cut import UNSORTED, Cut, month_end, month_ends_before, units_for
from petitions.figures.formulas import FORMULAS, Formula, chosen
from petitions.figures.words import changed
from petitions.models.figures import CURRENT

Count = partial[dict[str, Numbers]]  # `counted`, of the units and the measures of a page
TREND_MONTHS = 13
TREND = ("filings", "closed", "reply_in_time")


# What a page is made of, in its order: where it is overdue, the reader's own sponsored cases, the trend, every indicator,
# what other apps show, the units, what it is about.
SECTIONS = ("late", "own", "trend", "indicators", "beside", "units", "topics")


@dataclass(frozen=True)
class Layout:
    """How a page is laid out for a post: its heading, the tiles above, and the sections of the page.

    Attributes:
        topics: how many contents are shown at most; ``None``: all.
    """

    title: str
    tiles: tuple[str, ...]
    sections: tuple[str, ...] = tuple(one for one in SECTIONS if one != "own")
    topics: int | None = None

    @property
    def short(self) -> bool:
        """Whether it leaves something out, which stands behind a link."""
        return "indicators" not in self.sections

    def whole(self) -> Layout:
        """The same with everything."""
        return replace(self, sections=SECTIONS, topics=None)


# A leader reads one page: domain.md §9.
_LEADER = Layout(
    "分管领域的信访情况", ("overdue", "open", "filings", "reply_in_time", "content", "sponsored_resolved"),
    ("late", "own", "trend", "topics"), topics=8,
)  # fmt: skip
_OFFICE = Layout("信访工作情况", ("filings", "route_in_time", "reply_in_time", "content", "repeats", "overdue"))
_UNIT = Layout("本单位信访工作情况", ("open", "overdue", "notify_in_time", "reply_in_time", "content", "settled_first"))
_SUPERVISOR = Layout(
    "督查：期限与化解", ("overdue", "route_in_time", "notify_in_time", "reply_in_time", "long_resolved", "repeats")
)
_LAYOUTS: Mapping[str, Layout] = {
    Role.LEADER: _LEADER, Role.TRIAGE: _OFFICE, Role.OFFICE_HEAD: _OFFICE, Role.SUPERVISOR: _SUPERVISOR, Role.CONFERENCE: _SUPERVISOR,
    Role.REVIEWER: _OFFICE, Role.REREVIEWER: _OFFICE,
}  # fmt: skip
_OF_BODIES = frozenset({Role.LEADER, Role.SUPERVISOR, Role.CONFERENCE})


@dataclass(frozen=True)
class Then:
    """An indicator in another period."""

    cut: Cut
    figure: Figure


@dataclass(frozen=True)
class Line:
    """An indicator: now, in the period before, a year ago; of what stands now: at the end of last month, and a year before that.

    Attributes:
        cut: what it is reckoned over; without a period where the indicator is about what stands now.
    """

    formula: Formula
    cut: Cut
    now: Figure
    before: Then | None
    last_year: Then | None

    def change(self, then: Then | None) -> str:
        """How it differs from then, in words; empty where nothing can be said."""
        return changed(self.now, then.figure if then else None)


@dataclass(frozen=True)
class Row:
    """A unit, a category or a month with its numbers; ``cut``: what they are counted over."""

    label: str
    cut: Cut
    numbers: Numbers
    shares: Mapping[str, Figure]


@dataclass(frozen=True)
class Board:
    """A page of figures."""

    layout: Layout
    cut: Cut
    lines: Sequence[Line]
    units: Sequence[Row]
    late: Sequence[Row]
    categories: Sequence[Row]
    trend: Sequence[Row]
    formulas: Mapping[str, Formula]

    @property
    def running(self) -> bool:
        """Whether its period is still running, so that other periods are taken as far as it has come."""
        return self.cut.reached() != self.cut

    @property
    def tiles(self) -> list[Line]:
        """The lines that stand above, as far as they are reckoned for this capacity."""
        mine = {line.formula.indicator: line for line in self.lines}
        return [mine[code] for code in self.layout.tiles if code in mine]


def layout_of(actor: Actor) -> Layout:
    """The layout of the actor's post."""
    return _LAYOUTS.get(actor.role, _UNIT)


def first_cut(actor: Actor, day: date) -> Cut:
    """What a page opens with: this month, for the capacity that the post works in."""
    bodies = layout_of(actor) is _UNIT or actor.role in _OF_BODIES
    return Cut("body" if bodies else "office", first=day.replace(day=1), last=month_end(day))


def board_of(actor: Actor, cut: Cut, mine: tuple[int, ...] | None = None, *, whole: bool = False) -> Board:
    """The page of ``actor`` over ``cut``; as many statements whatever there is.

    Args:
        mine: all bodies in scope, where they are known.
        whole: everything, whatever the post's layout leaves out.

    Raises:
        WrongPerson, NotSeen: as `units_for`.
    """
    units, formulas = mine if mine and not cut.unit else units_for(actor, cut), chosen()
    layout = layout_of(actor).whole() if whole else layout_of(actor)
    used = [
        one
        for one in formulas.values()
        if cut.capacity in one.capacities and (not layout.short or one.indicator in layout.tiles)
    ]
    standing = cut.standing()
    by_unit = _OF_UNIT if "units" in layout.sections else ()
    held = totals.kept(cut.day)
    count = partial(counted, units=units, held=held)
    now = count(cut, codes=[*_measures(used, standing=False), *by_unit], by="unit")
    ever = count(standing, codes=[*_measures(used, standing=True), "overdue", "open"], by="unit")
    return Board(
        layout, cut, _lines(cut, count, used, now, ever), _by_unit(cut, now, formulas) if by_unit else [], _late(standing, ever),
        _by_category(cut, count)[: layout.topics], _trend(cut, count, formulas), formulas,
    )  # fmt: skip


def _measures(formulas: Sequence[Formula], *, standing: bool) -> list[str]:
    return sorted({code for formula in formulas if formula.standing is standing for code in formula.measures})


def _sum(by_unit: Mapping[str, Numbers], codes: Sequence[str], held: Collection[str]) -> Numbers:
    """What the units come to together; what the day was not counted in is left out."""
    return {code: sum(numbers[code] for numbers in by_unit.values()) for code in codes if code in held}


def _lines(
    cut: Cut, count: Count, formulas: Sequence[Formula], now: Mapping[str, Numbers], ever: Mapping[str, Numbers]
) -> list[Line]:  # fmt: skip
    moving, fixed = _measures(formulas, standing=False), _measures(formulas, standing=True)
    span, held = cut.reached(), count.keywords["held"]
    spans = (cut.before(span), span.moved(-12)) if cut.first is not None and cut.last is not None else ()
    then = [(one, count(one, codes=moving)[""]) for one in spans]
    past = _past(cut.standing(), count.keywords["units"], fixed)
    sums = _sum(now, moving, held), _sum(ever, fixed, held)
    return [_line(formula, cut, *sums, past if formula.standing else then) for formula in formulas]


def _past(standing: Cut, units: Sequence[int] | None, codes: Sequence[str]) -> list[tuple[Cut, Numbers]]:
    """What stood at the last end of a month, and a year before that; nothing of a day that is not kept."""
    ends = month_ends_before(today() if standing.day == CURRENT else standing.day)
    return [(one, counted(one, units, codes)[""]) for one in (replace(standing, day=end) for end in ends)]


def _line(formula: Formula, cut: Cut, now: Numbers, ever: Numbers, then: Sequence[tuple[Cut, Numbers]]) -> Line:
    before, year = [Then(one, figure_of(formula, numbers)) for one, numbers in then] or (None, None)
    here = (cut.standing(), ever) if formula.standing else (cut, now)
    return Line(formula, here[0], figure_of(formula, here[1]), before, year)


_OF_UNIT = ("filings", "matters", "closed")
_SHARES = ("notify_in_time", "reply_in_time", "content", "repeats")


def _by_unit(cut: Cut, found: Mapping[str, Numbers], formulas: Mapping[str, Formula]) -> list[Row]:
    """The units in the order of the tree: a page about duties is no league."""
    shares = {code: formulas[code] for code in _SHARES}
    nodes = trees.departments().nodes
    return [
        Row(node.name, replace(cut, unit=int(key), alone=True), found[str(key)], {code: figure_of(formula, found[str(key)]) for code, formula in shares.items()})
        for key, node in nodes.items()
        if found.get(str(key), {}).get("filings")
    ]  # fmt: skip


def _late(standing: Cut, found: Mapping[str, Numbers]) -> list[Row]:
    """Where something is overdue now, in the order of the tree."""
    return [
        Row(node.name, replace(standing, unit=int(key), alone=True), found[str(key)], {})
        for key, node in trees.departments().nodes.items()
        if found.get(str(key), {}).get("overdue")
    ]


def _by_category(cut: Cut, count: Count) -> list[Row]:
    """What it is about: the first level of contents, most first."""
    if cut.category:
        return []
    tree, sums = trees.categories(), dict[str, Numbers]()
    for key, numbers in count(cut, codes=("filings", "joint"), by="category").items():
        top = str(tree.top(key))
        kept = sums.setdefault(top, dict.fromkeys(numbers, 0))
        for code, many in numbers.items():
            kept[code] += many
    rows = [
        Row(tree.name(top) or "未分类", replace(cut, category=top or UNSORTED), numbers, {})
        for top, numbers in sums.items()
        if numbers["filings"]
    ]
    return sorted(rows, key=lambda row: -row.numbers["filings"])


def _trend(cut: Cut, count: Count, formulas: Mapping[str, Formula]) -> list[Row]:
    """The last months up to the period's end, each by itself."""
    end = month_end(cut.last) if cut.last else month_end(today())
    months = [replace(cut, first=end.replace(day=1), last=end).moved(-back) for back in reversed(range(TREND_MONTHS))]
    formula = formulas["reply_in_time"]
    wanted = ("filings", "closed", *formula.measures)
    found = count(replace(cut, first=months[0].first, last=end), codes=wanted, by="month")
    none = dict.fromkeys(wanted, 0)
    return [
        Row(f"{month.first:%Y-%m}", month, numbers, {"reply_in_time": figure_of(formula, numbers)})
        for month in months
        for numbers in (found.get(str(month.first), none),)
    ]


assert all(code in MEASURES for formula in FORMULAS.values() for code in formula.measures)
