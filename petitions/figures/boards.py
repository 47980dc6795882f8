"""What does each person's page of figures show?  A few lines with the period before and the year before, where it is late, and the trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Role
from petitions import trees
from petitions.figures.bits import MEASURES
from petitions.figures.count import Figure, Numbers, counted, figure_of
from petitions.figures.cut import Cut, month_end, units_for
from petitions.figures.formulas import FORMULAS, Formula, chosen

TREND_MONTHS = 13
TREND = ("filings", "closed", "reply_in_time")
MOST = 12  # rows of a split that one page shows first; the rest folds away


@dataclass(frozen=True)
class Layout:
    """How a page is laid out for a post: its heading, the tiles above, whether units are compared."""

    title: str
    tiles: tuple[str, ...]
    units: bool = True


_LEADER = Layout("分管领域的信访情况", ("overdue", "open", "filings", "reply_in_time", "content", "sponsored_resolved"))
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
class Line:
    """An indicator: now, in the period before, a year ago.

    Attributes:
        cut: what it is reckoned over; without a period where the indicator is about what stands now.
    """

    formula: Formula
    cut: Cut
    now: Figure
    before: Figure | None
    last_year: Figure | None


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


def board_of(actor: Actor, cut: Cut) -> Board:
    """The page of ``actor`` over ``cut``; seven statements whatever there is.

    Raises:
        WrongPerson, NotSeen: as `units_for`.
    """
    units, formulas = units_for(actor, cut), chosen()
    mine = [formula for formula in formulas.values() if cut.capacity in formula.capacities]
    return Board(
        layout_of(actor), cut, _lines(cut, units, mine), _by_unit(cut, units, formulas), _late(cut, units), _by_category(cut, units),
        _trend(cut, units, formulas), formulas,
    )  # fmt: skip


def _lines(cut: Cut, units: Sequence[int] | None, formulas: Sequence[Formula]) -> list[Line]:
    wanted = sorted({code for formula in formulas for code in formula.measures})
    standing = replace(cut, first=None, last=None)
    now, ever = counted(cut, units, wanted)[""], counted(standing, units, wanted)[""]
    before, year = counted(cut.before(), units, wanted)[""], counted(cut.moved(-12), units, wanted)[""]
    bounded = cut.first is not None and cut.last is not None
    return [
        Line(formula, standing, figure_of(formula, ever), None, None)
        if formula.standing
        else Line(
            formula, cut, figure_of(formula, now), figure_of(formula, before) if bounded else None,
            figure_of(formula, year) if bounded else None,
        )
        for formula in formulas
    ]  # fmt: skip


_OF_UNIT = ("filings", "matters", "closed")
_SHARES = ("notify_in_time", "reply_in_time", "content", "repeats")


def _by_unit(cut: Cut, units: Sequence[int] | None, formulas: Mapping[str, Formula]) -> list[Row]:
    """The units in the order of the tree: a page about duties is no league."""
    shares = {code: formulas[code] for code in _SHARES}
    wanted = [*_OF_UNIT, *(measure for formula in shares.values() for measure in formula.measures)]
    found = counted(cut, units, wanted, by="unit")
    nodes = trees.departments().nodes
    return [
        Row(node.name, replace(cut, unit=int(key), alone=True), found[str(key)], {code: figure_of(formula, found[str(key)]) for code, formula in shares.items()})
        for key, node in nodes.items()
        if found.get(str(key), {}).get("filings")
    ]  # fmt: skip


def _late(cut: Cut, units: Sequence[int] | None) -> list[Row]:
    """Where something is overdue now, most first: where help is needed."""
    standing = replace(cut, first=None, last=None)
    found = counted(standing, units, ("overdue", "open"), by="unit")
    rows = [
        Row(trees.departments().name(int(key)), replace(standing, unit=int(key), alone=True), numbers, {})
        for key, numbers in found.items()
        if numbers["overdue"]
    ]
    return sorted(rows, key=lambda row: -row.numbers["overdue"])


def _by_category(cut: Cut, units: Sequence[int] | None) -> list[Row]:
    """What it is about: the first level of contents, most first."""
    if cut.category:
        return []
    tree, sums = trees.categories(), dict[str, Numbers]()
    for key, numbers in counted(cut, units, ("filings", "joint"), by="category").items():
        node = tree.nodes.get(key)
        top = str(node.above or node.key) if node else ""
        kept = sums.setdefault(top, dict.fromkeys(numbers, 0))
        for code, many in numbers.items():
            kept[code] += many
    rows = [
        Row(tree.name(top) or "未分类", replace(cut, category=top), numbers, {})
        for top, numbers in sums.items()
        if numbers["filings"]
    ]
    return sorted(rows, key=lambda row: -row.numbers["filings"])


def _trend(cut: Cut, units: Sequence[int] | None, formulas: Mapping[str, Formula]) -> list[Row]:
    """The last months up to the period's end, each by itself."""
    end = month_end(cut.last) if cut.last else month_end(today())
    months = [replace(cut, first=end.replace(day=1), last=end).moved(-back) for back in reversed(range(TREND_MONTHS))]
    formula = formulas["reply_in_time"]
    wanted = ("filings", "closed", *formula.measures)
    found = counted(replace(cut, first=months[0].first, last=end), units, wanted, by="month")
    none = dict.fromkeys(wanted, 0)
    return [
        Row(f"{month.first:%Y-%m}", month, numbers, {"reply_in_time": figure_of(formula, numbers)})
        for month in months
        for numbers in (found.get(str(month.first), none),)
    ]


assert all(code in MEASURES for formula in FORMULAS.values() for code in formula.measures)
