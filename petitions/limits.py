"""Which limit holds on this day, and which days are off?  The national rule, tightened by a local one if there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection

from petitions import lifecycle
from petitions.law import aside, repeats
from petitions.workdays import Calendar, DayKind, DueDate, Limit, PauseSpan, due

# No national limit with its extension reaches further than this many days from its start.
HORIZON = timedelta(days=420)

_FACTS = """
SELECT 'day', day::text, is_workday::int, name FROM petitions_calendarday WHERE day BETWEEN %(first)s AND %(last)s
UNION ALL SELECT 'year', year::text, 0, '' FROM petitions_calendaryear
UNION ALL (SELECT DISTINCT ON (code) 'rule', code, value, (CASE WHEN working THEN 'w' ELSE 'c' END) || source
 FROM petitions_localrule WHERE valid_from <= %(day)s AND (valid_to IS NULL OR valid_to >= %(day)s) AND value > 0
 ORDER BY code, valid_from DESC)
"""


def backdate_days() -> int:
    """How many days back a person may date a receipt, with a reason (a house rule; setting BACKDATE_DAYS)."""
    days: int = settings.BACKDATE_DAYS
    return days


LAST_DAY = 100


def warn_at() -> tuple[int, ...]:
    """Shares of a limit (percent) at which its holder is warned; the last day is always one (setting WARN_AT)."""
    return (*sorted(set(settings.WARN_AT)), LAST_DAY)


def soon_from() -> int:
    """The share (percent) from which a clock is shown as running out: the second of them, or the only one."""
    shares = warn_at()[:-1] or (LAST_DAY,)
    return shares[:2][-1]


def share_told(start: date, raw_due: date, day: date) -> int:
    """Return the highest share of :func:`warn_at` that is used up on ``day``, 0 before the first."""
    used, whole = (day - start).days * 100, max(0, (raw_due - start).days)  # whole numbers: 57 % of 100 is day 57
    return max((share for share in warn_at() if used >= share * whole), default=0)


@dataclass(frozen=True)
class LocalLimit:
    """A local number in force: how many days, of which kind, by which rule."""

    value: int
    working: bool
    source: str


@dataclass(frozen=True)
class Rules:
    """The calendar around a day and the local rules in force on it, read in one round trip."""

    calendar: Calendar
    local: dict[str, LocalLimit]

    def number(self, code: str, default: int) -> int:
        """Return the local number for ``code``, or ``default`` where there is none."""
        rule = self.local.get(code)
        return rule.value if rule else default


_kept: ContextVar[dict[tuple[date, date], Rules] | None] = ContextVar("rules", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Within: the rules of a day are read once; for one verb that asks for them again and again, never longer."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def rules_on(day: date, *, back_to: date | None = None) -> Rules:
    """Return calendar and local rules for ``day`` (an Asia/Shanghai date) with one query."""
    first, kept_rules = min(back_to or day, day) - timedelta(days=10), _kept.get()
    if kept_rules is not None and (first, day) in kept_rules:
        return kept_rules[first, day]
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"first": first, "last": day + HORIZON, "day": day})
        found = _read(cursor.fetchall())
    if kept_rules is not None:
        kept_rules[first, day] = found
    return found


def _read(rows: Iterable[tuple[str, str, int, str]]) -> Rules:
    days: dict[date, bool] = {}
    names: dict[date, str] = {}
    years: set[int] = set()
    local: dict[str, LocalLimit] = {}
    for what, key, value, text in rows:
        if what == "day":
            days[date.fromisoformat(key)] = bool(value)
            names[date.fromisoformat(key)] = text
        elif what == "year":
            years.add(int(key))
        else:
            local[key] = LocalLimit(value, text[0] == "w", text[1:])
    return Rules(Calendar(days=days, names=names, years=frozenset(years)), local)


@dataclass(frozen=True)
class Chosen:
    """The limit that binds and the day it gives."""

    limit: Limit
    due: DueDate


def choose(code: str, start: date, rules: Rules, *, length: int | None = None) -> Chosen:
    """Return the limit for clock ``code`` starting on ``start``: the tighter of the national and the local one.

    A window of the petitioner is never shortened, and where the law gives no number the local one stands alone
    (house.md §3).

    Args:
        length: days as set by the assigning body, for clocks without a length of their own (T8, TB); 0: the day it starts.

    Raises:
        ValueError: the law gives no length, and nobody has set one.
    """
    rule = lifecycle.CLOCKS[code]
    if length is None and not rule.length:
        raise ValueError(f"{code} has no length of its own")
    kind = DayKind.WORKING if rule.working else DayKind.CALENDAR
    national = Limit(rule.length if length is None else length, kind, _source(rule))
    first = Chosen(national, due(start, national, rules.calendar))
    local = rules.local.get(code)
    if local is None or rule.window:
        return first
    limit = Limit(local.value, DayKind.WORKING if local.working else DayKind.CALENDAR, local.source)
    second = Chosen(limit, due(start, limit, rules.calendar))
    return second if rule.local or second.due.rolled < first.due.rolled else first


def most_representatives(people: int, rules: Rules) -> int:
    """Return how many may represent ``people`` together: the law's five, or fewer by the local rules in force (Art.20 ¶3)."""
    codes = ("REPRESENTATIVES", "REPRESENTATIVES_10")
    local = {code: rules.local[code].value for code in codes if code in rules.local}
    return repeats.most_representatives(people, local)


def hearing_days(rules: Rules) -> tuple[int, int]:
    """Return how many calendar days ahead everybody is told of a hearing, and within how many of that it is held (local rules)."""
    ahead = rules.number("HEARING_NOTICE", aside.NOTICE_DAYS)
    return ahead, max(ahead, rules.number("HEARING_HOLD", aside.HOLD_DAYS))


def _source(rule: lifecycle.ClockRule) -> str:
    return rule.article if rule.local else f"《{lifecycle.TEXT}》{rule.article}"


def again(
    *,
    start: date,
    length: int,
    working: bool,
    rule: str,
    calendar: Calendar,
    extended: int = 0,
    pauses: Iterable[PauseSpan] = (),
    today: date | None = None,
) -> DueDate:
    """Recompute a stored clock's due day, to explain it or after the calendar changed."""
    limit = Limit(length, DayKind.WORKING if working else DayKind.CALENDAR, rule)
    return due(start, limit, calendar, tuple(pauses), today, extended=extended)
