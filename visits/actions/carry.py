"""Which cases go along?  Those a person chose, with the reasons that were shown; said in each matter's own record."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.actor import Actor
from petitions.access import visible_to
from petitions.actions.beside import write_beside
from petitions.errors import BadInput, NotSeen
from petitions.models import Petition
from visits import access
from visits.actions.conflict import check_leader
from visits.actions.record import locked, must_be, note
from visits.models import OPEN, Carried, Visit


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
    if not visible_to(by).filter(pk=petition.pk).exists():
        raise NotSeen
    if petition.proceedings.filter(kind="outside").exists():
        raise BadInput({"pick": f"{petition.number}已在法定程序中，不能带案。"}, rule="诉访分离（第二十八条）")
    check_leader(visit.leader, petition, "pick")
    Carried.objects.create(visit=visit, petition=petition, reasons=reasons, chosen_by=by.post)
    words = f"{visit.day:%Y年%-m月%-d日}{visit.leader.user.name}{visit.place.name}带案下访：{'、'.join(reasons)}"
    write_beside("carried", on=petition, by=by, data={"visit": visit.ref}, text={"note": words})
