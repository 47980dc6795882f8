"""When does a supervision open without a supervisor?  By a step that shows its ground; the night opens those of lapses (Art.40)."""

from __future__ import annotations

from typing import Any

from petitions.actions import clocks
from petitions.actions.door import Work
from petitions.models import Supervision


def open_by_itself(work: Work, department_id: int, trigger: str, evidence: dict[str, Any]) -> Supervision:
    """Open a supervision that a step of this work calls for, with its evidence and its clock."""
    row = Supervision.objects.create(
        petition=work.petition,
        department_id=department_id,
        trigger=trigger,
        evidence=evidence,
        opened_on=work.occurred_on,
        state="open",
    )
    clock = clocks.new_clock(
        work.petition, "TV", row, start=work.occurred_on, rules=work.rules, department_id=department_id
    )
    clock.save(force_insert=True)
    work.matter.clocks.append(clock)
    work.data |= {"supervision": row.pk, "trigger": trigger}
    return row
