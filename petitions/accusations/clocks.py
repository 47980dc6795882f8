"""Until when must a sealed report be passed on and answered?  By the same rows of the law, and the same days off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from petitions import limits
from petitions.law.accusations import ANSWER_DAYS, ANSWER_RULE, CLOCKS
from petitions.models import Accusation, AccusationClock
from petitions.workdays import DayKind, DueDate, Limit, due


def start(row: Accusation, name: str, day: date) -> AccusationClock:
    """Start a clock on ``day`` (Asia/Shanghai) and return it, saved."""
    limit, found = _found(name, day)
    return AccusationClock.objects.create(
        accusation=row, name=name, length=limit.length, working=limit.kind is DayKind.WORKING, start=day,
        raw_due=found.raw, due=found.rolled, provisional=found.provisional, rule=limit.article,
    )  # fmt: skip


def _found(name: str, day: date) -> tuple[Limit, DueDate]:
    """A clock with a row in the law keeps what a local rule makes of that row; the answer has a house default."""
    rules, (_, code) = limits.rules_on(day), CLOCKS[name]
    if code:
        chosen = limits.choose(code, day, rules)
        return chosen.limit, chosen.due
    limit = Limit(ANSWER_DAYS, DayKind.CALENDAR, ANSWER_RULE)
    return limit, due(day, limit, rules.calendar)


def end(row: Accusation, names: Iterable[str], day: date, *, cancelled: bool = False) -> None:
    """End the running clocks ``names``: met or late by comparing days, or no longer asked for."""
    for clock in row.clocks.filter(name__in=list(names), ended=""):
        clock.ended_on = day
        clock.ended = "cancelled" if cancelled else ("met" if day <= clock.due else "late")
        clock.save(update_fields=["ended_on", "ended"])


def next_due(row: Accusation) -> date | None:
    """Return the due day of the clock that runs out first, if one runs."""
    return row.clocks.filter(ended="").order_by("due").values_list("due", flat=True).first()
