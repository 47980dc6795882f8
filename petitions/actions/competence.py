"""What do the steps of a dispute of competence change?  Art.24."""

from __future__ import annotations

from accounts.models import COMPETENT_KINDS, Department
from petitions.access import unit_of
from petitions.actions.door import Work, effect
from petitions.actions.entered import in_force
from petitions.errors import BadInput
from petitions.models import Dispute

_24 = "第二十四条第一款"


def _need(**words: str) -> None:
    missing = {name: "不能为空。" for name, value in words.items() if not value.strip()}
    if missing:
        raise BadInput(missing, rule=_24)


def _dispute(work: Work) -> Dispute:
    assert isinstance(work.row, Dispute)
    return work.row


@effect("refer_dispute")
def refer_dispute(
    work: Work, *, one: Department, other: Department, reason: str, superior: bool, third: Department | None = None
) -> None:
    """Lay the dispute before the bodies' common superior, or, where they have none, before the joint conference.

    T1 goes on running: a dispute among offices buys nobody time against the petitioner.

    Args:
        one, other, third: the bodies that do not agree who is to accept.
        superior: whether they have a common superior.
    """
    _need(reason=reason)
    bodies = [body for body in (one, other, third) if body is not None]
    if len({body.pk for body in bodies}) < len(bodies):
        raise BadInput({"other": "争议至少在两个不同的单位之间。"}, rule=_24)
    names = "、".join(body.name for body in bodies)[:200]
    row = Dispute.objects.create(
        petition=work.petition, department_id=unit_of(work.by), between=names, asked_on=work.occurred_on,
        state="asked" if superior else "conference",
    )  # fmt: skip
    work.data["dispute"] = row.pk
    work.text |= {"between": names, "reason": reason}


@effect("dispute_to_conference")
def dispute_to_conference(work: Work, *, reason: str) -> None:
    """There is no common superior after all, or it leaves the matter to the conference."""
    _need(reason=reason)
    work.text["reason"] = reason


def _settle(work: Work, body: Department) -> None:
    """The body that is to accept, which exists today and may decide."""
    if not in_force(body, work.occurred_on) or body.kind not in COMPETENT_KINDS:
        raise BadInput({"body": f"{body.name}不是现有的、有权处理的机关、单位。"}, rule=_24)
    work.set(body=body, decided_on=work.occurred_on)
    work.data |= {"department": body.pk, "demand": ""}


@effect("decide_dispute")
def decide_dispute(work: Work, *, body: Department, decider: str, number: str, reason: str) -> None:
    """Write down what the common superior has decided, under which number."""
    _need(decider=decider, number=number, reason=reason)
    _settle(work, body)
    work.data["number"] = number[:60]
    work.text |= {"decider": decider, "reason": reason}
    work.paper_words |= _words(work, body, f"{decider}（{number}）", reason)


@effect("coordinate_dispute")
def coordinate_dispute(work: Work, *, body: Department, reason: str) -> None:
    """The joint conference has coordinated: this body accepts."""
    _need(reason=reason)
    _settle(work, body)
    work.text["reason"] = reason
    work.paper_words |= _words(work, body, "信访工作联席会议", reason)


def _words(work: Work, body: Department, decider: str, reason: str) -> dict[str, object]:
    return {"unit": body, "between": _dispute(work).between, "decider": decider, "reason": reason}


@effect("dispute_agreed")
def dispute_agreed(work: Work, *, body: Department, words: str) -> None:
    """The bodies have agreed among themselves, as Art.24 has it first of all."""
    _need(words=words)
    _settle(work, body)
    work.text["text"] = words
