"""How does the petitioner say whether it was well done?  Only the public page comes here, never a staff session."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.text import TextRefused, clean_text
from petitions import lifecycle
from petitions.actions import moment, record
from petitions.actions.public import petitioner_actor
from petitions.errors import BadInput, WrongMoment
from petitions.models import Assignment, Filing, Petition, Rating

REPRINT_WATCH = timedelta(hours=24)
LONGEST = 500  # characters of a comment


def rate(filing: Filing, *, target: str, value: str, comment: str = "") -> Rating:
    """Write the petitioner's verdict on the office or the unit, once each, after closure.

    There is no ``by``: whoever holds the query code and the second factor is the petitioner, and no staff post is
    taken.  A rating within 24 hours of a code that the counter reprinted, or made for a repeat, is kept and flagged for
    audit: the clerk who typed it knew both code and second factor.

    Raises:
        BadInput: no such target or value.
        WrongMoment: not closed yet, excluded from rating, or rated already.
    """
    if target not in Rating.Target.values or value not in Rating.Value.values:
        raise BadInput({"value": "请选择满意、基本满意或不满意。"})
    with transaction.atomic():
        petition = Petition.objects.select_for_update(of=("self",)).get(pk=filing.petition_id)
        department_id = _target_department(petition, target)
        rule = f"《{lifecycle.TEXT}》第二十一条"
        if not petition.rateable:
            raise WrongMoment("这件事项办结以后才能评价。", rule=rule)
        if petition.ratings.filter(target=target).exists():
            raise WrongMoment("您已经评价过了，谢谢。", rule=rule)
        now, words = moment.now(), _comment(comment)
        row = Rating.objects.create(
            filing=filing, petition=petition, target=target, department_id=department_id, value=value,
            comment=words, rated_at=now, flagged=_fresh_code(filing, now),
        )  # fmt: skip
        event = record.make_event(
            petition, "rated", by=petitioner_actor(), on="filing", on_id=filing.pk,
            data={"target": target, "value": value, "flagged": row.flagged}, text={"comment": words},
        )  # fmt: skip
        petition.save(update_fields=["events_count", "chain_head"])
        event.save(force_insert=True)
    return row


def _fresh_code(filing: Filing, now: datetime) -> bool:
    made = filing.query_code_made_at if filing.repeat else None
    return any(day is not None and now - day < REPRINT_WATCH for day in (filing.query_code_reprinted_at, made))


def _comment(text: str) -> str:
    """What may be kept of a comment; marks that turn the writing are left out, not refused: it is said once only."""
    try:
        return clean_text(text[:LONGEST], bidi="strip")[:LONGEST]
    except TextRefused:
        return ""


def _target_department(petition: Petition, target: str) -> int:
    if target == Rating.Target.OFFICE:
        return petition.office_id
    lead = Assignment.objects.filter(petition=petition, lead=True).exclude(state="returned").order_by("-pk").first()
    if lead is None:
        raise BadInput({"target": "这件事项没有责任单位。"})
    return lead.department_id
