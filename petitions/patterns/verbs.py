"""What do people do about a warning?  Look at it, set it aside with a reason, take it up again, turn it into work.

Each locks the warning, asks whether it still stands where it stood, and writes who did what, in one transaction.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.actor import Actor
from petitions.actions import advance, moment
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Advice, Pattern, PatternStep, Petition
from petitions.patterns import reading

RULE = "苗头预警"
_OPEN = ("new", "seen", "turned")


def check_acts(by: Actor) -> None:
    """Let only those pass who judge warnings.

    Raises:
        WrongPerson.
    """
    if not reading.may_act(by):
        raise WrongPerson("研判和处置预警是信访部门负责人和督查人员的职责。", rule="第十四条、第四十条")


def look(pattern: Pattern, *, by: Actor) -> Pattern:
    """Somebody has looked at the evidence.

    Raises:
        NotSeen, WrongPerson; WrongMoment: it has been looked at.
    """
    return _take(pattern, "look", by, ("new",), "seen")


def set_aside(pattern: Pattern, *, by: Actor, reason: str) -> Pattern:
    """It asks for nothing, for a reason that is kept.

    Raises:
        BadInput: no reason. NotSeen, WrongPerson, WrongMoment.
    """
    if not reason.strip():
        raise BadInput({"reason": "请写明搁置的理由。"}, rule=RULE)
    return _take(pattern, "aside", by, ("new", "seen"), "aside", reason=reason.strip()[:200])


def take_again(pattern: Pattern, *, by: Actor) -> Pattern:
    """It was set aside, and is looked at again."""
    return _take(pattern, "again", by, ("aside",), "seen")


def to_suggestion(pattern: Pattern, *, by: Actor, on: Petition, **said: Any) -> Advice:
    """Suggest to a body to better a policy (Art.40), by the verb of the matter ``on``, one of the warning's cases.

    Args:
        said: what the verb ``advise`` is told: department, facts, suggestion, basis.

    Raises:
        NotSeen: the matter is none of its cases. What the verb raises.
    """
    check_acts(by)
    if not reading.cases_of(by, pattern, "now").filter(pk=on.pk).exists():
        raise NotSeen
    with transaction.atomic():
        row = _locked(pattern, by, _OPEN)
        event = advance("advise", on=on, by=by, kind="policy", **said)
        made = Advice.objects.get(pk=event.data["advice"])
        _write(row, "advice", by, "turned", target=made.ref)
    return made


def turned(pattern: Pattern, step: str, *, by: Actor, target: str) -> Pattern:
    """Write down that ``pattern`` became what another app made of it, inside that app's transaction.

    Args:
        step: of `PatternStep.Step`; ``target``: the ref of what was made.

    Raises:
        NotSeen; WrongMoment: it was set aside meanwhile.
    """
    with transaction.atomic():
        row = _locked(pattern, by, _OPEN)
        _write(row, step, by, "turned", target=target)
    return row


def _take(pattern: Pattern, step: str, by: Actor, states: tuple[str, ...], to: str, reason: str = "") -> Pattern:
    if not reading.visible_to(by).filter(pk=pattern.pk).exists():
        raise NotSeen
    check_acts(by)
    with transaction.atomic():
        row = _locked(pattern, by, states)
        _write(row, step, by, to, reason=reason)
    return row


def _locked(pattern: Pattern, by: Actor, states: tuple[str, ...]) -> Pattern:
    if not reading.visible_to(by).filter(pk=pattern.pk).exists():
        raise NotSeen
    row = Pattern.objects.select_for_update().get(pk=pattern.pk)
    if row.state not in states:
        raise WrongMoment(f"这条预警{row.get_state_display()}，请刷新后再办。", rule=RULE)
    return row


def _write(row: Pattern, step: str, by: Actor, to: str, *, reason: str = "", target: str = "") -> None:
    row.state = to
    row.save(update_fields=["state"])
    PatternStep.objects.create(
        pattern=row, step=step, on_day=moment.today(), post=by.post, reason=reason, target=target
    )
