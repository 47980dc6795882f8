"""What do the steps of repeats and joint matters change?  Art.19 ¶3, 20, 36."""

from __future__ import annotations

from django.db import OperationalError, transaction

from petitions import hooks, lifecycle, limits
from petitions.access import unit_of, visible_to
from petitions.actions import moment, record, supervised
from petitions.actions.door import Work, effect
from petitions.actions.matter import Matter, save_reach
from petitions.actions.triage import end_matter
from petitions.actions.unit import resume_t1
from petitions.errors import BadInput, WrongMoment
from petitions.models import Filing, Party, Petition


@effect("merge")
def merge(work: Work, *, into: Petition) -> None:
    """File a duplicate under an open matter (Art.19 ¶3); both keep their numbers.

    Where a body below is late with the open matter, the petition office takes the filing and supervises that body.
    """
    master = _master_of(work, into)
    _merge_into(work, master)
    _supervise_late(work, Matter.of(master))


@effect("merge_supervise")
def merge_supervise(work: Work, *, into: Petition) -> None:
    """The body below is overdue: take the filing, put it under the matter it repeats, and supervise that body (Art.19 ¶3, 40)."""
    master = _master_of(work, into)
    matter = Matter.of(master)
    if supervised.late_below(matter, unit_of(work.by), work.occurred_on) is None:
        raise WrongMoment(
            "那一件还在期限内：可以不予受理或者并件，不需要督办。", rule=f"《{lifecycle.TEXT}》第十九条第三款"
        )
    _merge_into(work, master)
    _supervise_late(work, matter)


def _supervise_late(work: Work, matter: Matter) -> None:
    """Open the supervision that the repeat of a late matter calls for, one of its kind at a time."""
    if not work.petition.office.is_petition_office:
        return  # supervision is the petition offices' (Art.40)
    event = supervised.open_for_repeat(
        matter, own=unit_of(work.by), by=work.by, day=work.occurred_on, repeat=work.petition.number
    )
    if event is None:
        return
    matter.petition.save(update_fields=[*matter.derive(), "events_count", "chain_head"])
    save_reach(matter)
    event.save(force_insert=True)
    hooks.tell(matter.petition, was=matter.was, step="supervision_opened", at=moment.now())


def _merge_into(work: Work, master: Petition) -> None:
    """Put the matter under ``master``, which the caller has locked."""
    if master.merged_into_id is not None:
        raise BadInput({"into": f"{master.number}本身已并入其他事项。"}, rule="第十九条第三款")
    if master.stage not in lifecycle.OPEN_STAGES:
        raise BadInput({"into": f"{master.number}已经办结，不能再并入。"}, rule="第十九条第三款")
    work.set_petition(merged_into=master)
    _note_in(master, work)
    end_matter(work, "merged")
    work.data["into"] = master.number


def _master_of(work: Work, into: Petition) -> Petition:
    """The matter to merge into, locked: two matters merged into each other at once would both be lost."""
    rows = visible_to(work.by).select_for_update(of=("self",), nowait=True)
    try:
        with transaction.atomic():
            master = rows.filter(pk=into.pk).exclude(pk=work.petition.pk).first()
    except OperationalError:
        raise WrongMoment("要并入的事项正在被别人办理，请稍后再试。", rule="同一事项先后办理") from None
    if master is None:
        raise BadInput({"into": "没有找到要并入的事项。"}, rule="职责范围")
    return master


def _note_in(master: Petition, work: Work) -> None:
    """Whoever works on the master is told what came to it."""
    event = record.make_event(
        master, "merged_in", by=work.by, on_id=work.petition.pk, occurred_on=work.occurred_on,
        data={"from": work.petition.number},
    )  # fmt: skip
    master.save(update_fields=["events_count", "chain_head"])
    event.save(force_insert=True)


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
