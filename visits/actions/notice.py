"""When is a visit made known?  Approved, and so many working days ahead; a change or a cancellation is published as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.actor import Actor
from petitions.actions import moment
from petitions.errors import BadInput
from petitions.workdays import add_workdays, spoken, workdays_between
from visits import access, book
from visits.actions.record import note
from visits.actions.telling import told_of_change
from visits.models import Status, Visit


def publish(by: Actor, visits: Sequence[Visit]) -> int:
    """Publish approved visits; one that is too near is refused, with the last day on which it could have been published.

    Returns:
        how many were published now.

    Raises:
        WrongPerson; BadInput: a visit is not ``notice_days`` working days away, or nobody can be rung up.
    """
    office = access.check(by, access.DESK, "公示接访安排")
    today = moment.today()
    days = book.number(office, "notice_days", today)
    with transaction.atomic():
        found = access.rooms_of(by).select_for_update(of=("self",))
        found = found.select_related("leader__user", "backup__user", "place", "office")
        rows = list(found.filter(pk__in=[one.pk for one in visits], status=Status.APPROVED))
        if not rows:
            return 0
        calendar = book.calendar(today, max(row.day for row in rows))
        first = add_workdays(today, days, calendar)
        late = [row for row in rows if row.day < first]
        if late:
            raise BadInput({"day": _too_late(late[0], days, first)}, rule="接访公示（地方规则）")
        _with_phone(rows)
        for row in rows:
            row.status, row.published_on = Status.PUBLISHED, today
            row.lead_days = workdays_between(today, row.day, calendar)
            row.save(update_fields=["status", "published_on", "lead_days", "phone"])
            note(row, "publish", by, lead_days=row.lead_days)
            told_of_change(row, "visit_published", "接访安排已公示")
    return len(rows)


def _with_phone(rows: Sequence[Visit]) -> None:
    """A notice says where to ring up (domain.md §3.2): the office's telephone, where a draft was made before it had one."""
    for row in rows:
        row.phone = row.phone or row.office.phone
    if not all(row.phone for row in rows):
        words = f"公示要有预约电话：{rows[0].office.name}还没有填电话，请系统管理员在“管理 › 单位”里补上。"
        raise BadInput({"phone": words}, rule="接访公示")


def give_notice(visit: Visit, *, urgent: bool) -> None:
    """Count anew how many working days ahead a published, moved visit is made known; not saved here.

    Args:
        urgent: said by a person, with the reason that is published: then it may be nearer than notice is given.

    Raises:
        BadInput: it is too near.
    """
    today = moment.today()
    days, calendar = book.number(visit.office_id, "notice_days", today), book.calendar(today, visit.day)
    first = add_workdays(today, days, calendar)
    near = visit.day < first
    if near and not urgent:
        raise BadInput({"day": _too_near(visit, days, first)}, rule="接访公示（地方规则）")
    visit.lead_days, visit.urgent = workdays_between(today, visit.day, calendar), near


def _too_near(visit: Visit, days: int, first: date) -> str:
    return (
        f"改到{spoken(visit.day)}来不及公示：要提前{days}个工作日，今天公示的最早为{spoken(first)}。"
        "确有紧急情况的，勾选“紧急变更”并写明原因。"
    )


def _too_late(visit: Visit, days: int, first: date) -> str:
    name = visit.leader.user.name
    return f"{name}{spoken(visit.day)}的接访来不及公示：要提前{days}个工作日，今天公示的最早为{spoken(first)}。请改期后再公示。"
