"""Which clocks start, stop and move?  Stored with both due days, so that overdue is a question and never a state."""

from __future__ import annotations

from datetime import date

from petitions import lifecycle, limits
from petitions.access import ON, Row
from petitions.actions import moment
from petitions.actions.matter import Matter, hangs_on
from petitions.models import Clock, Petition
from petitions.workdays import DueDate, PauseSpan
from petitions.workdays import extend as extended_day


def new_clock(
    petition: Petition,
    code: str,
    row: Row,
    *,
    start: date,
    rules: limits.Rules,
    department_id: int | None,
    length: int | None = None,
    shadow: bool = False,
) -> Clock:
    """Return an unsaved clock ``code`` on ``row`` starting on ``start``, under the rules in force that day."""
    rule = lifecycle.CLOCKS[code]
    chosen = limits.choose(code, start, rules, length=length)
    clock = Clock(
        petition=petition, name=code, window=rule.window, shadow=shadow, department_id=department_id,
        length=chosen.limit.length, working=chosen.limit.kind == "working", start=start, raw_due=chosen.due.raw,
        due=chosen.due.rolled, provisional=chosen.due.provisional,
        rule=lifecycle.SHADOW if shadow else chosen.limit.article,
    )  # fmt: skip
    setattr(clock, ON[type(row)], row)
    return clock


def stop(matter: Matter, names: tuple[str, ...], row: Row, on_day: date, *, how: str = "") -> list[Clock]:
    """End the running clocks ``names`` that hang on ``row`` or on the assignment it was made under, and return them.

    A filing's clocks are ended by steps on a filing only: a unit's report is not the office's report upward.

    Args:
        how: how they ended; by default met or late, by comparing days (a clock is late from the day after it is due).
    """
    ended = []
    for clock in matter.running(*names):
        if hangs_on(clock, row) or _same_hold(clock, row):
            ended.append(clock)
    _end(ended, on_day, how)
    return ended


def _end(ended: list[Clock], on_day: date, how: str) -> None:
    for clock in ended:
        clock.ended_on = on_day
        clock.ended = how or (Clock.Ended.MET if on_day <= clock.due else Clock.Ended.LATE)
        clock.save(update_fields=["ended_on", "ended"])  # seldom more than one


def _same_hold(clock: Clock, row: Row) -> bool:
    """Whether ``clock`` hangs on the assignment that ``row`` (a proceeding) was made under."""
    return clock.assignment_id is not None and clock.assignment_id == getattr(row, "assignment_id", None)


def lengthen(clock: Clock, days: int, rules: limits.Rules) -> None:
    """Move ``clock`` by ``days`` on top of what it has (Art.34: thirty at most in all).

    Raises:
        ValueError: more than the law leaves.
    """
    longer(clock, days, rules)
    clock.warned = limits.share_told(clock.start, clock.raw_due, moment.today())  # the shares of the longer limit count
    clock.save(update_fields=["extended", "raw_due", "due", "provisional", "warned"])


def until(clock: Clock, day: date, rules: limits.Rules) -> None:
    """Let ``clock``, whose length a body has set itself (T8), run out on ``day`` instead."""
    clock.length = (day - clock.start).days
    due = explained(clock, rules)
    clock.raw_due, clock.due, clock.provisional = due.raw, due.rolled, due.provisional
    clock.warned = limits.share_told(clock.start, clock.raw_due, moment.today())
    clock.lapse_logged_on = None  # missing the new day is another lapse
    clock.save(update_fields=["length", "raw_due", "due", "provisional", "warned", "lapse_logged_on"])


def longer(clock: Clock, days: int, rules: limits.Rules) -> None:
    """As `lengthen`, in memory."""
    extended_day(clock.raw_due, days, clock.extended)
    clock.extended += days
    due = explained(clock, rules)
    clock.raw_due, clock.due, clock.provisional = due.raw, due.rolled, due.provisional


def paused(clock: Clock, rules: limits.Rules) -> None:
    """Move ``clock`` by the pauses that stand on it now."""
    pauses = [PauseSpan(row.start, row.end, row.basis) for row in clock.pauses.all()]
    due = limits.again(
        start=clock.start, length=clock.length, working=clock.working, rule=clock.rule, calendar=rules.calendar,
        extended=clock.extended, pauses=pauses, today=moment.today(),
    )  # fmt: skip
    clock.raw_due, clock.due, clock.provisional = due.raw, due.rolled, due.provisional
    clock.warned = min(clock.warned, limits.share_told(clock.start, clock.raw_due, moment.today()))
    clock.save(update_fields=["raw_due", "due", "provisional", "warned"])


def explained(clock: Clock, rules: limits.Rules) -> DueDate:
    """Return ``clock``'s due day computed afresh, with every reason in words."""
    return limits.again(
        start=clock.start, length=clock.length, working=clock.working, rule=clock.rule,
        calendar=rules.calendar, extended=clock.extended,
    )  # fmt: skip
