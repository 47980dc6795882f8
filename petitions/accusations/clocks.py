"""Until when must a sealed report be passed on and answered?  By the same rows of the law, and the same days off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.db.models import Min

from accounts.dates import today
from petitions import limits
from petitions.law.accusations import CLOCKS, HOUSE, PARAGRAPHS
from petitions.models import Accusation, AccusationClock
from petitions.workdays import Calendar, DayKind, DueDate, Limit, due


def start(row: Accusation, name: str, day: date) -> AccusationClock:
    """Start a clock on ``day`` (Asia/Shanghai) and return it, saved."""
    limit, found = _found(name, day)
    return AccusationClock.objects.create(
        accusation=row, name=name, length=limit.length, working=limit.kind is DayKind.WORKING, start=day,
        raw_due=found.raw, due=found.rolled, provisional=found.provisional, rule=limit.article,
    )  # fmt: skip


def _found(name: str, day: date) -> tuple[Limit, DueDate]:
    """A clock with a row in the law keeps what a local rule makes of that row; the others have a house default."""
    rules, (_, code) = limits.rules_on(day), CLOCKS[name]
    if code:
        chosen = limits.choose(code, day, rules)
        return _cited(chosen.limit, name), chosen.due
    days, rule = HOUSE[name]
    limit = Limit(days, DayKind.CALENDAR, rule)
    return limit, due(day, limit, rules.calendar)


def _cited(limit: Limit, name: str) -> Limit:
    """The same limit, its article cited by paragraph where a local rule is not the one that binds."""
    more = PARAGRAPHS.get(name, "")
    return replace(limit, article=limit.article + more) if more and limit.article.endswith("条") else limit


def resume(row: Accusation, name: str) -> None:
    """Let the clock ``name`` go on under the first due day it had, as T1 does at the open door; nothing where it runs."""
    first = row.clocks.filter(name=name).order_by("pk").first()
    if first is None or runs(row, name):
        return
    AccusationClock.objects.create(
        accusation=row, name=name, length=first.length, working=first.working, start=first.start, raw_due=first.raw_due,
        due=first.due, provisional=first.provisional, rule=first.rule,
    )  # fmt: skip


def runs(row: Accusation, name: str) -> bool:
    """Whether the clock ``name`` of the report runs."""
    return row.clocks.filter(name=name, ended="").exists()


def end(row: Accusation, names: Iterable[str], day: date, *, cancelled: bool = False) -> None:
    """End the running clocks ``names``: met or late by comparing days, or no longer asked for."""
    for clock in row.clocks.filter(name__in=list(names), ended=""):
        clock.ended_on = day
        clock.ended = "cancelled" if cancelled else ("met" if day <= clock.due else "late")
        clock.save(update_fields=["ended_on", "ended"])


def next_due(row: Accusation) -> date | None:
    """Return the due day of the clock that runs out first, if one runs."""
    return row.clocks.filter(ended="").order_by("due").values_list("due", flat=True).first()


def recompute() -> None:
    """Bring every running clock in step with the calendar without a word: neither a count nor a preview tells of it.

    The nightly counterpart of what entering a year's holidays does to open clocks.  Safe to run again.
    """
    running = AccusationClock.objects.filter(ended="").order_by("accusation_id")
    first = running.aggregate(first=Min("start"))["first"]
    if first is None:
        return
    calendar = limits.rules_on(today(), back_to=first).calendar
    for pk in list(running.values_list("accusation_id", flat=True).distinct()):
        with transaction.atomic():
            row = Accusation.objects.select_for_update().get(pk=pk)
            for clock in row.clocks.filter(ended=""):
                _move(clock, calendar)
            row.due = next_due(row)
            row.save(update_fields=["due"])


def _move(clock: AccusationClock, calendar: Calendar) -> None:
    found = limits.again(
        start=clock.start, length=clock.length, working=clock.working, rule=clock.rule, calendar=calendar
    )
    clock.raw_due, clock.due, clock.provisional = found.raw, found.rolled, found.provisional
    clock.save(update_fields=["raw_due", "due", "provisional"])
