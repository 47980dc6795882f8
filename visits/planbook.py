"""What is a plan made of?  Leaders, rules, places and rows, as plain values: what the draft writes and the checker reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from petitions.workdays import Calendar
from visits.frequency import Frequency

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Leader:
    """Somebody who receives.

    Attributes:
        main: 主要领导; ``busy`` days; ``not_at`` places he keeps away from (回避).
        fields: the units in his charge (分管), by id and name.
    """

    key: int
    name: str
    level: str
    main: bool = False
    busy: frozenset[date] = frozenset()
    not_at: frozenset[int] = frozenset()
    fields: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Site:
    """A place where people are received.

    Attributes:
        hall: a fixed reception hall (接访); else it lies at the grass roots (下访).
        problems: how many and how sharp its open problems are: a sum over matters, never over people.
        by_unit: open problems there of each unit (by id) that is in a leader's charge; empty where nobody asked.
        rooms: names of its rooms; as many visits at one time; none where it is no longer used.
    """

    key: int
    name: str
    hall: bool = False
    problems: int = 0
    rooms: tuple[str, ...] = ("",)
    by_unit: Mapping[int, int] = field(default_factory=dict)


def charge(leader: Leader, site: Site) -> tuple[int, str]:
    """Return how many open problems at ``site`` are of the unit in ``leader``'s charge that has most there, and its name."""
    return max(((site.by_unit.get(key, 0), name) for key, name in leader.fields), default=(0, ""))


def reason(leader: Leader, site: Site) -> str:
    """Say why this leader fits this place, ``""`` where there is nothing to say."""
    count, name = charge(leader, site)
    return f"这里{name}未办结{count}件，由他分管" if count else ""


@dataclass(frozen=True)
class RuleRow:
    """A frequency in force from ``since`` to ``until`` (both included; ``None`` = until ended)."""

    key: int
    rule: Frequency
    since: date
    until: date | None = None

    def applies_to(self, leader: Leader) -> bool:
        """Whether ``leader`` is one of those the rule speaks of."""
        rule = self.rule
        return leader.level == rule.level and rule.who in ("every", "team", "main" if leader.main else "member")


@dataclass(frozen=True)
class Row:
    """One visit of a plan.  ``key`` is 0 for a row that is only drafted."""

    leader: int
    day: date
    starts: time
    ends: time
    site: int
    room: str = ""
    key: int = 0
    backup: int | None = None

    def overlaps(self, other: Row) -> bool:
        """Whether both are at one time."""
        return self.day == other.day and self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True)
class Facts:
    """Everything that a plan for ``first`` to ``last`` (both included) depends on.

    Attributes:
        kept: the visits that stand in it; ``beside``: those outside it, in weeks, quarters, … that reach into it.
    """

    first: date
    last: date
    today: date
    calendar: Calendar
    leaders: Mapping[int, Leader]
    sites: Mapping[int, Site]
    rules: tuple[RuleRow, ...]
    starts: time = time(9, 0)
    ends: time = time(11, 30)
    kept: tuple[Row, ...] = field(default=())
    beside: tuple[Row, ...] = field(default=())

    def workdays(self, first: date | None = None, last: date | None = None) -> Iterator[date]:
        """Working days of a part of the plan, in order."""
        return self.days(max(first or self.first, self.first), min(last or self.last, self.last))

    def days(self, first: date, last: date) -> Iterator[date]:
        """Working days from ``first`` to ``last``, in the plan or not, in order."""
        while first <= last:
            if self.calendar.is_workday(first):
                yield first
            first += DAY

    def days_left(self, first: date, last: date) -> Iterator[date]:
        """Working days of a period from today on."""
        return self.days(max(first, self.today), last)

    def days_after(self, first: date, last: date) -> Iterator[date]:
        """Working days of a period after the plan's end, from today on: what is missing can still be planned then."""
        return self.days_left(max(first, self.last + DAY), last)


def around(per: str, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Every week, month, quarter, … of ``per`` that has a day between ``first`` and ``last``, whole."""
    day = _begin(per, first)
    while day <= last:
        end = _begin(per, _after(per, day)) - DAY
        yield day, end
        day = end + DAY


def reach_of(rules: Iterable[Frequency], first: date, last: date) -> tuple[date, date]:
    """Return the first and the last day of all periods of ``rules`` that reach into ``first`` to ``last``."""
    whole = [span for rule in rules for span in around(rule.per, first, last)]
    return min([first, *(begin for begin, _ in whole)]), max([last, *(end for _, end in whole)])


def periods(rule: RuleRow, facts: Facts) -> list[tuple[date, date]]:
    """Return the periods of ``rule`` that a plan has a say in.

    They have a working day in it, are not over today, and the rule is in force on their last day: where one rule takes the place
    of another within a period, the whole of it is judged by the new one, and never by both or by none.
    """

    def in_force(last: date) -> bool:
        return rule.since <= last and (rule.until is None or last <= rule.until)

    return [
        (first, last) for first, last in around(rule.rule.per, facts.first, facts.last)
        if last >= facts.today and in_force(last) and any(True for _ in facts.workdays(first, last))
    ]  # fmt: skip


_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def _begin(per: str, day: date) -> date:
    if per == "workday":
        return day
    if per == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[per]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _after(per: str, day: date) -> date:
    if per in ("workday", "week"):
        return day + timedelta(days=1 if per == "workday" else 7)
    month = day.month - 1 + _MONTHS[per]
    return date(day.year + month // 12, month % 12 + 1, 1)


def counts_for(rule: Frequency, row: Row, sites: Mapping[int, Site]) -> bool:
    """Whether a visit is of the kind that ``rule`` asks for."""
    return rule.where == "any" or (rule.where == "hall") == sites[row.site].hall
