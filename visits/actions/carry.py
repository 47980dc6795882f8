"""Which cases go along?  Those a person chose, with the reasons that were shown, and whose petitioner agrees; said in each matter's record."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.actor import Actor
from petitions.access import visible_to
from petitions.actions import moment
from petitions.actions.beside import write_beside
from petitions.errors import BadInput, NotSeen
from petitions.models import Petition
from visits import access
from visits.actions.conflict import check_leader
from visits.actions.record import locked, must_be, note
from visits.models import OPEN, Carried, Consent, Visit
from visits.pressure import in_law


def carry(visit: Visit, cases: Sequence[tuple[Petition, list[str]]], *, by: Actor) -> int:
    """Bring ``cases`` along, each with its reasons; those that are along already stay.

    Returns:
        how many were added.

    Raises:
        NotSeen; BadInput: one is in a legal procedure, or the leader must keep away from it.
    """
    access.check(by, access.DESK, "确定带案")
    with transaction.atomic():
        visit = locked(by, visit)
        must_be(visit, *OPEN)
        there = set(visit.carried.values_list("petition_id", flat=True))
        fresh = [(petition, reasons) for petition, reasons in cases if petition.pk not in there]
        for petition, reasons in fresh:
            _one(visit, petition, reasons, by)
        if fresh:
            note(visit, "carry", by, cases=[petition.ref for petition, _ in fresh])
    return len(fresh)


def _one(visit: Visit, petition: Petition, reasons: list[str], by: Actor) -> None:
    found = visible_to(by).filter(pk=petition.pk).annotate(in_law=in_law()).values_list("in_law", flat=True).first()
    if found is None:
        raise NotSeen
    if found:
        raise BadInput({"pick": f"{petition.number}已在法定程序中，不能带案。"}, rule="诉访分离（第二十八条）")
    check_leader(visit.leader, petition, "pick")
    Carried.objects.create(visit=visit, petition=petition, reasons=reasons, chosen_by=by.post)
    words = f"{visit.day:%Y年%-m月%-d日}{visit.leader.user.name}{visit.place.name}带案下访：{'、'.join(reasons)}"
    write_beside("carried", on=petition, by=by, data={"visit": visit.ref}, text={"note": words})


def ask(row: Carried, *, by: Actor, consent: str, words: str) -> Carried:
    """Write down whether the petitioner wishes the matter to be brought to the visit; one who does not is left in peace.

    Args:
        words: how he was asked and what he said.

    Raises:
        WrongPerson, NotSeen, WrongMoment; BadInput.
    """
    access.check(by, access.ROOM, "征求信访人意见")
    if consent not in (Consent.AGREED, Consent.DECLINED) or not words.strip():
        raise BadInput({"words": "请选择本人意见，并写明怎样征求的、本人怎么说。"}, rule="带案下访征求本人意见")
    with transaction.atomic():
        row = _locked(by, row)
        row.consent, row.asked_on = consent, moment.today()
        row.save(update_fields=["consent", "asked_on"])
        write_beside("carried_consent", on=row.petition, by=by, data={"visit": row.visit.ref, "consent": str(consent)},
                     text={"note": f"{Consent(consent).label}：{words}"})  # fmt: skip
    return row


def take_out(row: Carried, *, by: Actor, reason: str) -> None:
    """Leave a case at home after all.

    Raises:
        WrongPerson, NotSeen, WrongMoment; BadInput: no reason.
    """
    access.check(by, access.DESK, "撤回带案")
    if not reason.strip():
        raise BadInput({"reason": "请写明为什么不带这件案。"}, rule="带案下访")
    with transaction.atomic():
        row = _locked(by, row)
        note(row.visit, "uncarry", by, words=reason, case=row.petition.ref)
        write_beside("uncarried", on=row.petition, by=by, data={"visit": row.visit.ref}, text={"note": reason})
        row.delete()


def _locked(by: Actor, row: Carried) -> Carried:
    """The row with its visit locked before it."""
    visit = locked(by, Visit(pk=row.visit_id))
    must_be(visit, *OPEN)
    found = Carried.objects.select_for_update(of=("self",)).select_related("petition").filter(pk=row.pk).first()
    if found is None:
        raise NotSeen
    found.visit = visit
    return found
