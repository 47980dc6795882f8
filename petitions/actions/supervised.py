"""When does a supervision open without a supervisor?  By a step that shows its ground; the night opens those of lapses (Art.40)."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.actor import Actor
from petitions import limits, notices
from petitions.actions import clocks, moment, record
from petitions.actions.door import Work
from petitions.actions.matter import Matter
from petitions.models import Clock, Event, Supervision
from petitions.workdays import is_overdue


def is_open(petition_id: int, department_id: int, trigger: str) -> bool:
    """Whether a supervision of this body by ``trigger`` is open on the matter: there is one of a kind at a time."""
    rows = Supervision.objects.filter(petition=petition_id, department=department_id, trigger=trigger)
    return rows.exclude(state="ended").exists()


def late_below(matter: Matter, own: int, day: date) -> Clock | None:
    """The duty of another body than ``own`` that ran out first and is over on ``day``: Art.19 ¶3 is no ground any more."""
    late = [
        clock
        for clock in matter.clocks
        if clock.ended == "" and not (clock.window or clock.shadow) and is_overdue(clock.due, day)
        and clock.department_id not in (None, own)
    ]  # fmt: skip
    return min(late, key=lambda clock: clock.due, default=None)


def open_for_repeat(matter: Matter, *, own: int, by: Actor, day: date, repeat: str) -> Event | None:
    """The petitioner has come again while a body below is late: supervise that body (Art.19 ¶3, 40).

    The caller holds the matter's lock and saves it, then the event that is returned.

    Args:
        own: the body that took the repeat; it does not supervise itself.
        repeat: the number of what came again.

    Returns:
        The unsaved event, ``None`` where nobody is late or such a supervision is open already.
    """
    late = late_below(matter, own, day)
    if late is None or late.department_id is None:
        return None
    evidence = {"due": late.due.isoformat(), "clock": late.name, "number": matter.petition.number, "repeat": repeat}
    row = open_once(matter, late.department_id, "repeat_overdue", evidence, day=day, rules=limits.rules_on(day))
    if row is None:
        return None
    notices.tell("supervision_by_lapse", matter=matter, row=row, by=by, at=moment.now())
    data = {"trigger": "repeat_overdue", "department": late.department_id, **evidence}
    return record.make_event(
        matter.petition, "supervision_opened", by=by, on="supervision", on_id=row.pk, occurred_on=day, data=data
    )


def open_by_itself(work: Work, department_id: int, trigger: str, evidence: dict[str, Any]) -> None:
    """Open the supervision that a step of this work calls for, where none of its kind is open; its event says which."""
    row = open_once(work.matter, department_id, trigger, evidence, day=work.occurred_on, rules=work.rules)
    if row is not None:
        work.data |= {"supervision": row.pk, "trigger": trigger}


def open_once(
    matter: Matter, department_id: int, trigger: str, evidence: dict[str, Any], *, day: date, rules: limits.Rules
) -> Supervision | None:
    """Open a supervision of a body on ``day`` (Asia/Shanghai), with the clock of its answer (TV).

    The caller holds the matter's lock, saves it, records the event and tells whom it concerns.

    Returns:
        ``None`` where one of this kind is open already.
    """
    if is_open(matter.petition.pk, department_id, trigger):
        return None
    row = Supervision.objects.create(
        petition=matter.petition, department_id=department_id, trigger=trigger, evidence=evidence, opened_on=day, state="open",
    )  # fmt: skip
    clock = clocks.new_clock(matter.petition, "TV", row, start=day, rules=rules, department_id=department_id)
    clock.save(force_insert=True)
    matter.clocks.append(clock)
    return row
