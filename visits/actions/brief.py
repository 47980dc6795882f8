"""What is prepared before a visit?  Units are asked, with a day, what they found and what may be promised; the venue is put in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.actor import Actor
from petitions.access import unit_of, visible_to
from petitions.actions import moment
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Notice, Petition
from petitions.notices import posts_of, to_posts
from petitions.workdays import spoken
from visits import access
from visits.actions.record import locked, must_be, note
from visits.expected import expected_at
from visits.models import OPEN, Brief, Visit

RULE = "接访前预审"


def ask(visit: Visit, petitions: Sequence[Petition], *, due: date, by: Actor) -> int:
    """Ask the responsible unit of each matter that will be at ``visit`` for its brief until ``due``; one already written stays.

    Returns:
        how many units are asked now, or asked anew with another day.

    Raises:
        WrongPerson, WrongMoment; NotSeen: one will not be there; BadInput: the day, or no unit has it.
    """
    access.check(by, access.DESK, "要求责任单位预审")
    with transaction.atomic():
        visit = locked(by, visit)
        must_be(visit, *OPEN)
        _check_due(visit, due)
        there = expected_at(by, visit).why
        if not petitions or any(petition.pk not in there for petition in petitions):
            raise NotSeen
        asked = [row for row in (_ask(visit, petition, due, by) for petition in petitions) if row is not None]
        if asked:
            note(visit, "ask_brief", by, cases=[row.petition.ref for row in asked], due=due)
        _tell(visit, asked)
    return len(asked)


def _check_due(visit: Visit, due: date) -> None:
    if not moment.today() <= due <= visit.day:
        raise BadInput({"due": f"期限在今天和接访当天（{spoken(visit.day)}）之间。"}, rule=RULE)


def _ask(visit: Visit, petition: Petition, due: date, by: Actor) -> Brief | None:
    if petition.responsible is None:
        raise BadInput({"pick": f"{petition.number}还没有责任单位，请先转送或者交办。"}, rule=RULE)
    row = Brief.objects.select_for_update().filter(visit=visit, petition=petition).first()
    if row is not None and row.written_on is not None:
        return None
    row = row or Brief(visit=visit, petition=petition)
    row.unit, row.due, row.asked_by, row.asked_on = petition.responsible, due, by.post, moment.today()
    row.save()
    return row


def _tell(visit: Visit, asked: Sequence[Brief]) -> None:
    rows = [
        notice
        for row in asked
        for notice in to_posts(
            posts_of(row.unit_id, "signer", "handler"), step="ask_brief", petition=row.petition, at=moment.now(),
            text=f"{row.petition.number} 将在{spoken(visit.day)}接访中听取，请于{row.due:%-m月%-d日}前写预审意见",
        )
    ]  # fmt: skip
    Notice.objects.bulk_create(rows)


def may_write(row: Brief, by: Actor) -> bool:
    """Whether ``by`` writes the brief: somebody at work in the unit that was asked."""
    return by.role in access.UNIT and unit_of(by) == row.unit_id


def write(row: Brief, *, by: Actor, checked: str, basis: str, promise: str) -> Brief:
    """Write what the unit found, by which law or policy, and what the leader may promise; it may be written anew until the day.

    Raises:
        WrongPerson: another unit; NotSeen; WrongMoment: the visit is over; BadInput: something is missing.
    """
    missing = {
        name: "请填写。"
        for name, words in (("checked", checked), ("basis", basis), ("promise", promise))
        if not words.strip()
    }
    if missing:
        raise BadInput(missing, rule=RULE)
    if not may_write(row, by):
        raise WrongPerson(f"由{row.unit.short_name}写预审意见。", rule=RULE)
    with transaction.atomic():
        visit = Visit.objects.select_for_update(of=("self",)).get(pk=row.visit_id)
        must_be(visit, *OPEN)
        row = access.briefs_of(by).select_for_update(of=("self",)).select_related("petition").get(pk=row.pk)
        _check_seen(row, by)
        row.checked, row.basis, row.promise = checked, basis, promise
        row.written_on, row.written_by = moment.today(), by.post
        row.save(update_fields=["checked", "basis", "promise", "written_on", "written_by"])
        note(visit, "brief", by, case=row.petition.ref)
    return row


def _check_seen(row: Brief, by: Actor) -> None:
    """The matter may have gone to another unit since."""
    if not visible_to(by).filter(pk=row.petition_id).exists():
        raise WrongMoment(f"{row.petition.number}已经不由本单位办理。", rule=RULE)


def set_order(visit: Visit, *, by: Actor, venue_order: str, emergency: str) -> Visit:
    """Write how order is kept at the venue, and what is done in an emergency: for whoever works there, never published."""
    access.check(by, access.DESK, "安排接访现场")
    with transaction.atomic():
        visit = locked(by, visit)
        must_be(visit, *OPEN)
        visit.venue_order, visit.emergency = venue_order.strip(), emergency.strip()
        visit.save(update_fields=["venue_order", "emergency"])
        note(visit, "order", by)
    return visit
