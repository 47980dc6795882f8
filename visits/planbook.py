"""What is a plan made of?  Leaders, rules, places and rows, as plain values: what the draft writes and the checker reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from petitions.workdays import Calendar
from visits.frequency import Frequency

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Leader:
    """Somebody who receives: ``main`` 主要领导; ``busy`` days; ``not_at`` places he keeps away from (回避)."""

    key: int
    name: str
    level: str
    main: bool = False
    busy: frozenset[date] = frozenset()
    not_at: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Site:
    """A place where people are received.

    Attributes:
        hall: a fixed reception hall (接访); else it lies at the grass roots (下访).
        problems: how many and how sharp its open problems are: a sum over matters, never over people.
        rooms: names of its rooms; as many visits at one time.
    """

    key: int
    name: str
    hall: bool = False
    problems: int = 0
    rooms: tuple[str, ...] = ("",)


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
    """Everything that a plan for ``first`` to ``last`` (both included) depends on."""

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

    def workdays(self, first: date | None = None, last: date | None = None) -> Iterator[date]:
        """Working days of a part of the plan, in order."""
        day, end = max(first or self.first, self.first), min(last or self.last, self.last)
        while day <= end:
            if self.calendar.is_workday(day):
                yield day
            day += DAY


def spans(per: str, first: date, last: date) -> list[tuple[date, date]]:
    """Return the whole weeks, months, quarters, … of ``per`` that lie between ``first`` and ``last``."""
    found, day = [], _begin(per, first)
    while day <= last:
        end = _begin(per, _after(per, day)) - DAY
        if day >= first and end <= last:
            found.append((day, end))
        day = end + DAY
    return found


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
