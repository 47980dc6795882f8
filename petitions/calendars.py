"""Which days are off in a year, and who says so?  Entered by the system administrator, with a look at what it moves first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import ExtractYear

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment
from accounts.manage import changed, check_manages
from petitions import holidays, limits
from petitions.actions import recalendar
from petitions.actions.recalendar import Move
from petitions.holidays import Days, Off
from petitions.models import CalendarDay, CalendarYear, Clock
from petitions.workdays import Calendar

FIRST, AHEAD = 2022, 2  # the statute's own year; how many years ahead of today can be entered


@dataclass(frozen=True)
class Plan:
    """A year's days as they are to be, and what they would move."""

    year: int
    days: Days
    source: str
    moves: tuple[Move, ...] = ()
    settled: int = 0  # clocks whose day stays and is provisional no longer

    @property
    def mark(self) -> str:
        """What was seen before saying yes: other days, or other clocks by now, and it is another mark."""
        days = sorted((day.isoformat(), off.works, off.name) for day, off in self.days.items())
        rows = [(row.duty, row.department, row.was.isoformat(), row.now.isoformat(), row.many) for row in self.moves]
        said = json.dumps([self.year, self.source, days, rows], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def many(self) -> int:
        """How many clocks would move."""
        return sum(row.many for row in self.moves)


def years() -> range:
    """The years that can be entered."""
    return range(FIRST, today().year + AHEAD + 1)


def kept(year: int) -> Days:
    """Return the days kept for ``year``."""
    rows = CalendarDay.objects.filter(day__year=year).order_by("day")
    return {row.day: Off(row.is_workday, row.name) for row in rows}


def plan(year: int, text: str, source: str) -> Plan:
    """Return what ``text`` (see :mod:`petitions.holidays`) would make of ``year``; nothing is changed.

    Raises:
        BadInput: the year is too far away, or a line cannot be read.
    """
    if year not in years():
        raise BadInput({"text": f"只能录入{years()[0]}年至{years()[-1]}年。"})
    try:
        days = holidays.read(text, year)
    except holidays.Unreadable as fault:
        raise BadInput({"text": str(fault)}) from None
    return _seen(Plan(year, days, source))


def _seen(plan: Plan) -> Plan:
    after = _with(limits.rules_on(today(), back_to=date(FIRST, 1, 1)).calendar, plan)
    return replace(plan, moves=tuple(recalendar.moves(after)))


def _with(calendar: Calendar, plan: Plan) -> Calendar:
    """``calendar`` with the plan's year in place of what it has."""
    days = {day: works for day, works in calendar.days.items() if day.year != plan.year}
    names = {day: name for day, name in calendar.names.items() if day.year != plan.year}
    days |= {day: off.works for day, off in plan.days.items()}
    names |= {day: off.name for day, off in plan.days.items()}
    return Calendar(days=days, names=names, years=calendar.years | {plan.year})


def enter(year: int, text: str, source: str, *, by: Actor, mark: str) -> Plan:
    """Keep a year's days.  The clocks are moved after that, by :func:`move_clocks`.

    Args:
        source: the notice that says so (its number).
        mark: the plan's mark that was seen.

    Raises:
        WrongPerson: the calendar is another administrator's.
        BadInput: a line cannot be read.
        WrongMoment: what would move is no longer what was seen.
    """
    check_manages(by, "calendar")
    with transaction.atomic():
        list(CalendarYear.objects.select_for_update().order_by("year"))
        made = plan(year, text, source)
        if made.mark != mark:
            raise WrongMoment("预览之后时限有了变化，请核对新的预览再保存。", rule="节假日录入")
        before = kept(year)
        CalendarDay.objects.filter(day__year=year).delete()
        CalendarDay.objects.bulk_create(
            CalendarDay(day=day, is_workday=off.works, name=off.name) for day, off in sorted(made.days.items())
        )
        CalendarYear.objects.update_or_create(year=year, defaults={"source": source})
        said = {"安排": holidays.say(before)} if before else {}
        changed(
            by, f"calendar:{year}", "录入节假日", before=said, after={"安排": holidays.say(made.days)}, reason=source
        )
    return made


def move_clocks(year: int, *, by: Actor, on_step: Callable[[int, int], None] | None = None) -> int:
    """Bring every running clock in step with the calendar and return how many moved.  Safe to run again after a stop.

    Args:
        on_step: told (done, total) after each clock.
    """
    check_manages(by, "calendar")
    calendar = limits.rules_on(today(), back_to=date(FIRST, 1, 1)).calendar
    ids, moved = recalendar.waiting(calendar), 0
    for done, pk in enumerate(ids, start=1):
        moved += recalendar.recalculate(pk, calendar, by=by, why={"year": year})
        if on_step is not None:
            on_step(done, len(ids))
    return moved


def unsettled() -> Mapping[int, int]:
    """Return by year how many running clocks are provisional because that year's holidays are missing."""
    rows = Clock.objects.filter(ended="", provisional=True).annotate(year=ExtractYear("due"))
    return dict(rows.values_list("year").annotate(many=Count("pk")).order_by("year"))
