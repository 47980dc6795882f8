"""How is a sealed report's file kept and destroyed?  Inside the room, by its recipients alone: one proposes, another decides.

The open archive knows nothing of it: no number of its series, no line on its lists and registers, no reminder.  What is
destroyed is gone as there: key, words, names, files.  The tombstone is a number with days and who signed for what.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.actor import Actor
from petitions import attachments, retention
from petitions.accusations import access, figures, record
from petitions.accusations.door import Work, effect
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.law import archive as periods
from petitions.law.accusations import WORTHLESS
from petitions.models import Accusation, AccusationReading

RULE = f"{periods.DESTROYING}、两人销毁"
Kind = AccusationReading.Kind


def least(known: dict[str, Any], day: date) -> retention.Period:
    """Return how long the file is kept at least: with a result as an answered matter, without one as the others."""
    return retention.least_of("answered" if known.get("result") else "other", day)


def ending(actor: Actor, day: date) -> QuerySet[Accusation]:
    """Return the files that the actor sees whose period is over, or ends within three months."""
    soon = day + timedelta(days=periods.REMIND_DAYS)
    return access.visible_to(actor).filter(state="archived", keep_until__lte=soon)


def why_not(row: Accusation, day: date) -> str:
    """Return why the file may not be destroyed on ``day``; ``""`` where it may."""
    if row.keep_until is None:
        return "永久保管"
    if row.keep_until >= day:
        return f"保管期限到{row.keep_until.year}年{row.keep_until.month}月{row.keep_until.day}日为止"
    return ""


def _chosen(period: str) -> int | None:
    if period not in periods.PERIODS:
        raise BadInput({"period": "请选择保管期限。"})
    return periods.PERIODS[period][1]


def _keep(work: Work, years: int | None) -> None:
    work.known["years"] = years
    work.row.keep_until = periods.last_day(work.row.closed_on or work.row.received_on, years)
    work.said["period"] = periods.label_of(years)


@effect("archive")
def _archive(work: Work, *, period: str) -> None:
    years, need = _chosen(period), least(work.known, work.day)
    if periods.shorter(years, need.years):
        raise BadInput({"period": f"这件案卷至少保管{need.words}，只能更长。"}, rule=need.source)
    _keep(work, years)
    work.row.archived_on = work.day


@effect("keep_longer")
def _keep_longer(work: Work, *, period: str) -> None:
    years, now = _chosen(period), work.known.get("years")
    if now is None:
        raise WrongMoment("这件案卷永久保管。", rule=RULE)
    if not periods.shorter(now, years):
        raise BadInput({"period": "只能延长。"}, rule=RULE)
    _keep(work, years)


@effect("propose_destruction")
def _propose(work: Work, *, ground: str) -> None:
    if why := why_not(work.row, work.day):
        raise WrongMoment(f"还不能销毁：{why}。", rule=RULE)
    if ground not in WORTHLESS:
        raise BadInput({"ground": "请选择鉴定意见。"}, rule=RULE)
    work.known["doomed_by"] = work.by.user.pk
    work.said["note"] = WORTHLESS[ground]
    record.note_reading(work.by, Kind.DOOMED, work.row, note=ground)


def _another(work: Work) -> None:
    if work.known.get("doomed_by") == work.by.user.pk:
        raise WrongPerson("提出销毁的人不能自己决定：由名单上的另一人决定。", rule=RULE)


@effect("keep")
def _refuse(work: Work) -> None:
    _another(work)
    work.known.pop("doomed_by", None)


@effect("destroy")
def _destroy(work: Work) -> None:
    _another(work)
    if why := why_not(work.row, work.day):
        raise WrongMoment(f"还不能销毁：{why}。", rule=RULE)
    record.note_reading(work.by, Kind.DESTROYED, work.row)
    work.then = lambda: wipe(work.row)


def wipe(row: Accusation) -> None:
    """Destroy the key of a locked report, its words, whom it was kept from, its files, and every export in which it stands.

    Events and papers stay as ciphertext, so that their chain and seals verify; nothing opens them any more.
    """
    attachments.destroy_released(list(row.files.values_list("stored_as", flat=True)))
    row.files.all().delete()
    figures.forget_with(row)
    row.auditors = access.auditors_of(row)
    row.words, row.bars, row.wrapped_key = b"", [], None
    row.save(update_fields=["words", "bars", "wrapped_key", "auditors"])
