"""What is to be done in a sponsored case, by whom, until when, and how far is it?  The steps of its plan, planned and done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.actor import Actor
from accounts.models import Department
from petitions.actions import moment
from petitions.errors import BadInput, WrongMoment
from visits.models import Milestone, Sponsorship

MOST = 12
RULE = "一案一策"


@dataclass(frozen=True)
class Planned:
    """One step as it is planned; ``ref``: the open step that it changes, empty = a new one."""

    what: str
    unit: Department
    due: date
    done_when: str
    person: str = ""
    ref: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a plan is: steps done of steps planned, the next that is open, and whether that is late."""

    done: int
    of: int
    next: Milestone | None
    late: bool

    @property
    def words(self) -> str:
        """As it is said: 3步完成1步."""
        return f"{self.of}步完成{self.done}步" if self.of else "还没有步骤"


def progress(steps: Iterable[Milestone], day: date) -> Progress:
    """Return how far the plan with ``steps`` is on ``day``."""
    rows = sorted(steps, key=lambda step: (step.due, step.pk))
    first = next((step for step in rows if step.done_on is None), None)
    done = sum(step.done_on is not None for step in rows)
    return Progress(done, len(rows), first, first is not None and first.due < day)


def settle(row: Sponsorship, planned: Sequence[Planned], helpers: Sequence[Department]) -> None:
    """Make ``planned`` the open steps of a locked case; what is done stays, what is open and not named any more goes.

    The plan as it was stands on the paper that was issued with it.

    Raises:
        BadInput: none, too many, out of the case's time, or of a unit that has no part in it.
    """
    steps = list(row.milestones.select_for_update())
    open_ = {step.ref: step for step in steps if step.done_on is None}
    _check(row, planned, {row.unit_id, *(unit.pk for unit in helpers)}, open_, len(steps) - len(open_))
    kept = {one.ref for one in planned if one.ref in open_}
    row.milestones.filter(done_on=None).exclude(ref__in=kept).delete()
    for one in planned:
        step = open_.get(one.ref) or Milestone(sponsorship=row)
        step.what, step.unit, step.person, step.due, step.done_when = (
            one.what,
            one.unit,
            one.person,
            one.due,
            one.done_when,
        )
        step.save()


def _check(
    row: Sponsorship, planned: Sequence[Planned], units: set[int], open_: dict[str, Milestone], done: int
) -> None:
    if not planned and not done:
        raise BadInput({"steps": "请至少写一步：谁、做什么、什么时候做完、做到什么算完成。"}, rule=RULE)
    if len(planned) > MOST:
        raise BadInput({"steps": f"最多{MOST}步。"}, rule=RULE)
    for number, one in enumerate(planned, start=1):
        wrong = _wrong(row, one, units, open_.get(one.ref))
        if wrong:
            raise BadInput({"steps": f"第{number}步：{wrong}"}, rule=RULE)


def _wrong(row: Sponsorship, one: Planned, units: set[int], before: Milestone | None) -> str:
    if not one.what.strip() or not one.done_when.strip():
        return "请写明做什么、做到什么算完成。"
    if one.unit.pk not in units:
        return f"{one.unit.short_name}不是责任单位，也不是协同单位。"
    if one.due > row.due:
        return f"晚于化解期限{row.due:%-m月%-d日}；来不及的，先申请延期。"
    if one.due < moment.today() and (before is None or before.due != one.due):
        return "日期已经过去。"
    return ""


def reach(row: Sponsorship, step: Milestone, *, by: Actor, words: str) -> Milestone:
    """Mark a step of a locked case as done today, with what was achieved.

    Raises:
        WrongMoment: it is done, or no longer in the plan; BadInput: no words.
    """
    found = row.milestones.select_for_update().filter(pk=step.pk).first()
    if found is None or found.done_on is not None:
        raise WrongMoment("这一步已经完成，或者已经不在方案里。", rule=RULE)
    if not words.strip():
        raise BadInput({"words": "请写明这一步做到了什么。"}, rule=RULE)
    found.done_on, found.done_by, found.words = moment.today(), by.post, words
    found.save(update_fields=["done_on", "done_by", "words"])
    return found


def check_done(row: Sponsorship) -> None:
    """Refuse to call a case settled while steps of its plan are open.

    Raises:
        BadInput: how many are.
    """
    left = row.milestones.filter(done_on=None).count()
    if left:
        raise BadInput(
            {"result": f"还有{left}步没有完成，不能报“已化解”。不再需要的步骤，先在化解方案里去掉。"}, rule=RULE
        )


__all__ = ["MOST", "Planned", "Progress", "check_done", "progress", "reach", "settle"]
