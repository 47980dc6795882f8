"""What do the steps of repeats and joint matters change?  Art.19 ¶3, 20, 36."""

from __future__ import annotations

from petitions import hooks, lifecycle, limits
from petitions.access import visible_to
from petitions.actions import clocks, moment, record
from petitions.actions.door import Work, effect
from petitions.actions.matter import Matter, save_reach
from petitions.actions.triage import master_of, merge_into
from petitions.actions.unit import resume_t1
from petitions.errors import BadInput, WrongMoment
from petitions.models import Filing, Party, Petition, Supervision
from petitions.workdays import is_overdue


def late_below(other: Petition, work: Work) -> bool:
    """Whether the duty that runs out first in ``other`` is over: then Art.19 ¶3 is no ground any more."""
    return other.due is not None and is_overdue(other.due, work.occurred_on)


@effect("merge_supervise")
def merge_supervise(work: Work, *, into: Petition) -> None:
    """The body below is overdue: take the filing, put it under the matter it repeats, and supervise that body (Art.19 ¶3, 40)."""
    master = master_of(work, into)
    if master is None or not late_below(master, work):
        raise WrongMoment(
            "那一件还在期限内：可以不予受理或者并件，不需要督办。", rule=f"《{lifecycle.TEXT}》第十九条第三款"
        )
    merge_into(work, master)
    matter = Matter.of(master)
    held = matter.lead
    unit = held.department_id if held else master.office_id
    evidence = {"due": str(master.due), "number": master.number, "repeat": work.petition.number}
    row = Supervision.objects.create(
        petition=master,
        department_id=unit,
        trigger="repeat_overdue",
        evidence=evidence,
        opened_on=work.occurred_on,
        state="open",
    )
    clock = clocks.new_clock(master, "TV", row, start=work.occurred_on, rules=work.rules, department_id=unit)
    clock.save(force_insert=True)
    matter.clocks.append(clock)
    event = record.make_event(master, "supervision_opened", by=work.by, on="supervision", on_id=row.pk, occurred_on=work.occurred_on,
                              data={"trigger": "repeat_overdue", "department": unit, **evidence})  # fmt: skip
    master.save(update_fields=[*matter.derive(), "events_count", "chain_head"])
    save_reach(matter)
    event.save(force_insert=True)
    hooks.tell(master, was=matter.was, step="supervision_opened", at=moment.now())


@effect("unmerge")
def unmerge(work: Work, *, reason: str) -> None:
    """The merging was a mistake: the matter is its own again, with the first due day it had."""
    if not reason.strip():
        raise BadInput({"reason": "请写明为什么不是同一事项。"}, rule="第十九条第三款")
    master = work.petition.merged_into
    if master is None:
        raise WrongMoment("这一件没有并入别的事项。", rule=f"《{lifecycle.TEXT}》第十九条第三款")
    work.set_petition(merged_into=None, outcome="", closed_on=None)
    work.data["from"] = master.number
    work.text["reason"] = reason
    resume_t1(work)


@effect("relate")
def relate(work: Work, *, to: Petition) -> None:
    """Same trouble, other people: the two stay apart and point to each other."""
    other = visible_to(work.by).filter(pk=to.pk).exclude(pk=work.petition.pk).first()
    if other is None:
        raise BadInput({"to": "没有找到要关联的事项。"}, rule="职责范围")
    root = other.related_to or other
    if root.pk == work.petition.pk:
        raise BadInput({"to": "已经关联。"})
    work.set_petition(related_to=root)
    work.data["related"] = root.number


@effect("unrelate")
def unrelate(work: Work, *, reason: str) -> None:
    """They are not about the same trouble after all."""
    if not reason.strip():
        raise BadInput({"reason": "请写明原因。"})
    work.set_petition(related_to=None)
    work.text["reason"] = reason


def _filing(work: Work) -> Filing:
    assert isinstance(work.row, Filing)
    return work.row


@effect("choose_representatives")
def choose_representatives(work: Work, *, people: str) -> None:
    """The petitioners have chosen who speaks for them: five at most, fewer by local rule (Art.20 ¶3).

    Args:
        people: the numbers of the persons as the case page counts them, with commas between.
    """
    filing = _filing(work)
    parts = list(Party.objects.filter(filing=filing).order_by("petitioner_id"))
    chosen = {int(number) for number in people.replace("，", ",").split(",") if number.strip().isdecimal()}
    most = limits.most_representatives(max(filing.head_count, len(parts)), work.rules)
    if not chosen or not chosen <= set(range(1, len(parts) + 1)):
        raise BadInput({"people": f"请填写1到{len(parts)}之间的序号，用逗号隔开。"}, rule="第二十条第三款")
    if len(chosen) > most:
        raise BadInput({"people": f"{filing.head_count}人的，代表不得超过{most}人。"}, rule="第二十条第三款、地方规则")
    for number, part in enumerate(parts, start=1):
        part.representative = number in chosen
    Party.objects.bulk_update(parts, ["representative"])
    work.data["representatives"] = len(chosen)


@effect("count_heads")
def count_heads(work: Work, *, actual: int) -> None:
    """How many really came, beside how many were registered: for order at the counter, never held against anyone."""
    if not 1 <= actual <= 100_000:
        raise BadInput({"actual": "请填写实到人数。"})
    work.set(actual_count=actual)
    work.data |= {"heads": _filing(work).head_count, "actual": actual}


@effect("pass_on")
def pass_on(work: Work, *, text: str, people: str = "") -> None:
    """The representatives have told the others what was answered ([S:SD15 Art27])."""
    if not text.strip():
        raise BadInput({"text": "请写明何时、怎样转告的。"}, rule="第二十条第三款")
    work.text |= {"text": text, "people": people}
