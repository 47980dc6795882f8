"""When does a clock run out, and why?  Pure functions: dates in, dates and reasons out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
# Art.34: an extension may not exceed 30 days; the text does not say "once", so the sum is what counts.
MOST_EXTENSION = 30
# No calendar of a real country has so many days off in a row: stops a walk over a wrong table.
MOST_DAYS_OFF = 60


class DayKind(StrEnum):
    """Calendar days (日) or working days (工作日); only the objection of Art.23 counts the latter nationally."""

    CALENDAR = "calendar"
    WORKING = "working"


class Level(StrEnum):
    """How near a clock is to its end; the shares are those of domain.md §2.3."""

    NORMAL = "normal"
    NOTICE = "notice"
    WARNING = "warning"
    SERIOUS = "serious"
    OVERDUE = "overdue"


LEVEL_LABELS = {
    Level.NORMAL: "正常",
    Level.NOTICE: "提醒",
    Level.WARNING: "预警",
    Level.SERIOUS: "严重预警",
    Level.OVERDUE: "已超期",
}


@dataclass(frozen=True)
class Calendar:
    """Days that differ from the plain week.

    ``days``: True = make-up workday (调休上班), False = day off. ``names``: which holiday a listed day belongs to.
    ``years``: the years whose holidays have been entered; a date in any other year is only provisional.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    names: Mapping[date, str] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether offices work on ``day``; a day not listed follows the plain week."""
        listed = self.days.get(day)
        return day.weekday() < 5 if listed is None else listed

    def known(self, day: date) -> bool:
        """Whether the holidays of the year of ``day`` have been entered."""
        return day.year in self.years


@dataclass(frozen=True)
class Limit:
    """A length of time set by a rule.

    ``length`` in days of ``kind``, 0 where a body has set the very day that the clock starts on; ``article`` is quoted to the reader as it stands ("《信访工作条例》第二十三条").
    ``start_next_day`` and ``roll_over`` are settings because the regulation is silent (domain.md §2.3).
    """

    length: int
    kind: DayKind
    article: str
    start_next_day: bool = True
    roll_over: bool = True

    def __post_init__(self) -> None:
        if self.length < 0:
            raise ValueError("a limit cannot end before it starts")


@dataclass(frozen=True)
class PauseSpan:
    """Days that do not count, both ends included; ``end`` None = still open. ``basis`` names the rule (Art.36)."""

    start: date
    end: date | None
    basis: str

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError("a pause cannot end before it starts")


@dataclass(frozen=True)
class Reason:
    """One ground for a due date: ``code`` for programs, ``text`` one Chinese clause, ``day`` the day it speaks of."""

    code: str
    text: str
    day: date | None = None


@dataclass(frozen=True)
class DueDate:
    """The last day. ``raw``: as counted (warnings measure on it); ``rolled``: moved off days of rest (overdue counts).

    ``provisional``: a year's holidays were missing, so only weekends were known.
    """

    start: date
    raw: date
    rolled: date
    provisional: bool
    reasons: tuple[Reason, ...]


# --- words -----------------------------------------------------------------------------------------------------------


def spoken(day: date) -> str:
    """Return ``day`` as people say it: "2026年11月26日 周四"."""
    return f"{day.year}年{day.month}月{day.day}日 {WEEKDAYS[day.weekday()]}"


def explain(due_date: DueDate) -> str:
    """Return the reasons as one Chinese paragraph."""
    return "".join(sentences(due_date))


def sentences(due_date: DueDate) -> list[str]:
    """Return the reasons as Chinese sentences, one each, for a list on a page."""
    return [f"{reason.text}。" for reason in due_date.reasons]


def _named(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def _span(first: date, last: date) -> str:
    return _named(first) if first == last else f"{_named(first)}至{_named(last)}"


def _unit(kind: DayKind) -> str:
    return "个工作日" if kind is DayKind.WORKING else "日"


# --- days ------------------------------------------------------------------------------------------------------------


def next_workday(day: date, calendar: Calendar) -> date:
    """Return ``day`` itself when it is a workday, else the first workday after it."""
    for _ in range(MOST_DAYS_OFF):
        if calendar.is_workday(day):
            return day
        day += DAY
    raise ValueError(f"no workday in {MOST_DAYS_OFF} days: the calendar is wrong")


def add_workdays(start: date, count: int, calendar: Calendar) -> date:
    """Return the ``count``-th workday after ``start`` (``start`` itself is not counted; 0 returns ``start``)."""
    day = start
    for _ in range(count):
        day = next_workday(day + DAY, calendar)
    return day


def workdays_between(first: date, last: date, calendar: Calendar) -> int:
    """Count the workdays after ``first`` up to and including ``last``; 0 when ``last`` is not later."""
    return sum(calendar.is_workday(day) for day in _days(first + DAY, last))


def _days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


# --- the clock -------------------------------------------------------------------------------------------------------


def due(
    start: date,
    limit: Limit,
    calendar: Calendar,
    pauses: Sequence[PauseSpan] = (),
    today: date | None = None,
    *,
    extended: int = 0,
) -> DueDate:
    """Return the last day of a clock with every reason for it.

    ``start``: the day of the act that starts the clock (received, accepted, ...). ``today`` is needed only for an open
    pause, which moves the due day by its days so far. ``extended``: days already granted on top of the limit, in the
    limit's own kind of day; whether they may be granted is asked of `extension_room`.
    """
    first = start + DAY if limit.start_next_day else start
    spans = _joined(pauses, today)
    length = limit.length + extended
    if limit.kind is DayKind.WORKING:
        raw = _last_workday(first, length, calendar, spans)
    else:
        raw = _last_day(first, length, spans)
    rolled = next_workday(raw, calendar) if limit.roll_over else raw
    reasons = [_rule(start, limit, extended), *_pause_reasons(pauses, first, raw, today)]
    if limit.kind is DayKind.WORKING:
        reasons += _skipped(first, raw, calendar)
    if length:
        reasons.append(Reason("raw", f"第{length}{_unit(limit.kind)}为{_named(raw)}", raw))
    reasons += _roll_reasons(raw, rolled, limit, calendar)
    provisional = _is_provisional(first, raw, rolled, limit, calendar)
    if provisional:
        reasons.append(_provisional(first, raw, rolled, limit, calendar))
    return DueDate(start, raw, rolled, provisional, tuple(reasons))


def _joined(pauses: Sequence[PauseSpan], today: date | None) -> list[tuple[date, date]]:
    """Pauses as closed spans in order, overlapping ones joined so that no day is given back twice."""
    closed = sorted((pause.start, _end_of(pause, today)) for pause in pauses)
    joined: list[tuple[date, date]] = []
    for first, last in closed:
        if last < first:
            continue
        if joined and first <= joined[-1][1] + DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _end_of(pause: PauseSpan, today: date | None) -> date:
    if pause.end is not None:
        return pause.end
    if today is None:
        raise ValueError("an open pause needs today")
    return today


def _last_day(first: date, length: int, spans: list[tuple[date, date]]) -> date:
    raw = first + timedelta(days=length - 1)
    for begin, end in spans:
        begin = max(begin, first)
        if begin <= raw and begin <= end:
            raw += end - begin + DAY
    return raw


def _last_workday(first: date, length: int, calendar: Calendar, spans: list[tuple[date, date]]) -> date:
    day = first - DAY
    for _ in range(length):
        day = next_workday(day + DAY, calendar)
        while end := _pause_over(day, spans):
            day = next_workday(end + DAY, calendar)
    return day


def _pause_over(day: date, spans: list[tuple[date, date]]) -> date | None:
    return next((end for begin, end in spans if begin <= day <= end), None)


def _is_provisional(first: date, raw: date, rolled: date, limit: Limit, calendar: Calendar) -> bool:
    """Only the days looked up in the calendar matter: all of a working-day clock, else those rolled over."""
    if limit.kind is DayKind.WORKING:
        return not all(year in calendar.years for year in range(first.year, rolled.year + 1))
    return limit.roll_over and not (calendar.known(raw) and calendar.known(rolled))


# --- reasons ---------------------------------------------------------------------------------------------------------


def _rule(start: date, limit: Limit, extended: int) -> Reason:
    if not limit.length + extended:
        return Reason("rule", f"依据{limit.article}，期限就是{_named(start)}当日", start)
    unit = _unit(limit.kind)
    begin = "的次日起算" if limit.start_next_day else "当日起算"
    more = f"，另延长{extended}{unit}" if extended else ""
    return Reason("rule", f"依据{limit.article}，自{_named(start)}{begin}，期限{limit.length}{unit}{more}", start)


def _pause_reasons(pauses: Sequence[PauseSpan], first: date, raw: date, today: date | None) -> list[Reason]:
    return [_pause_reason(pause, first, raw, today) for pause in sorted(pauses, key=lambda pause: pause.start)]


def _pause_reason(pause: PauseSpan, first: date, raw: date, today: date | None) -> Reason:
    end = _end_of(pause, today)
    begin = max(pause.start, first)
    if begin > end or begin > raw:
        return Reason("pause_outside", f"中止（{pause.basis}）不在期限内，不影响期限", pause.start)
    days = (end - begin).days + 1
    if pause.end is None:
        return Reason("pause_open", f"自{_named(begin)}起中止（{pause.basis}），至今{days}日不计入期限", begin)
    return Reason("pause", f"{_span(begin, end)}中止（{pause.basis}），{days}日不计入期限", begin)


def _skipped(first: date, raw: date, calendar: Calendar) -> list[Reason]:
    """What a working-day clock stepped over, and which make-up days it counted."""
    off = [day for day in _days(first, raw) if not calendar.is_workday(day)]
    made_up = [day for day in _days(first, raw) if day.weekday() >= 5 and calendar.is_workday(day)]
    reasons = []
    if off:
        reasons.append(Reason("skipped", f"期间{_rest_words(off, calendar)}不计", off[0]))
    if made_up:
        days = "、".join(_named(day) for day in made_up)
        reasons.append(Reason("makeup", f"{days}为调休上班日，计入", made_up[0]))
    return reasons


def _rest_words(off: Sequence[date], calendar: Calendar) -> str:
    """Name days of rest: "国庆节7天、周末2天"."""
    counts: dict[str, int] = {}
    for day in off:
        name = calendar.names.get(day) or ("周末" if day.weekday() >= 5 else "放假")
        counts[name] = counts.get(name, 0) + 1
    return "、".join(f"{name}{count}天" for name, count in counts.items())


def _roll_reasons(raw: date, rolled: date, limit: Limit, calendar: Calendar) -> list[Reason]:
    if rolled > raw:
        off = _rest_words(list(_days(raw, rolled - DAY)), calendar)
        return [Reason("rolled", f"遇{off}，顺延至{_named(rolled)}", rolled)]
    if limit.kind is DayKind.WORKING:
        return []
    if not limit.roll_over:
        return [] if calendar.is_workday(raw) else [Reason("not_rolled", "按设定遇休息日不顺延", raw)]
    if raw.weekday() >= 5:
        name = calendar.names.get(raw, "")
        return [Reason("makeup", f"{_named(raw)}为{name}调休上班日，不顺延", raw)]
    return []


def _provisional(first: date, raw: date, rolled: date, limit: Limit, calendar: Calendar) -> Reason:
    begin = first if limit.kind is DayKind.WORKING else raw
    years = "、".join(str(year) for year in range(begin.year, rolled.year + 1) if year not in calendar.years)
    return Reason("provisional", f"{years}年节假日安排尚未录入，仅按周末推算，录入后可能变动", rolled)


# --- extensions (Art.34) ---------------------------------------------------------------------------------------------


def extension_room(already: int) -> int:
    """Return how many days of extension are left when ``already`` days were granted (Art.34: 30 in all)."""
    return max(0, MOST_EXTENSION - already)


def extend(raw: date, days: int, already: int = 0) -> date:
    """Return the new raw due day; raise ValueError unless 1 <= ``days`` <= what Art.34 leaves."""
    room = extension_room(already)
    if not 1 <= days <= room:
        raise ValueError(f"延长期限累计不得超过{MOST_EXTENSION}日，还可延长{room}日（《信访工作条例》第三十四条）")
    return raw + timedelta(days=days)


# --- how far along ---------------------------------------------------------------------------------------------------


def days_left(due_date: DueDate | date, today: date) -> int:
    """Return calendar days from ``today`` to the rolled due day: 0 on the last day, negative when overdue."""
    last = due_date.rolled if isinstance(due_date, DueDate) else due_date
    return (last - today).days


def is_overdue(rolled: date, today: date) -> bool:
    """Whether the clock has run out: from the day after the rolled due day."""
    return today > rolled


def share_used(start: date, raw_due: date, today: date) -> float:
    """Return the share of the limit used by ``today``: 0.0 on the start day, 1.0 on the raw due day, then more."""
    whole = (raw_due - start).days
    if whole <= 0:
        return 1.0 if today >= raw_due else 0.0
    return max(0.0, (today - start).days / whole)


def warning_level(share: float) -> Level:
    """Return the level for a share of the limit measured on the raw day; overdue is asked of the rolled day."""
    if share < 0.5:
        return Level.NORMAL
    if share < 0.75:
        return Level.NOTICE
    return Level.WARNING if share < 0.85 else Level.SERIOUS


def level_on(start: date, raw: date, rolled: date, today: date) -> Level:
    """Return the level of a running clock on ``today``, overdue included."""
    if is_overdue(rolled, today):
        return Level.OVERDUE
    return warning_level(share_used(start, raw, today))
