"""Who is told of a visit inside the house, and when?  Its leader, the substitute, the units that accompany; and the desk where nobody can come.

What is published, changed or cancelled is told in the same transaction; each morning whoever was not told yet of a visit that is
near is told, and the list of bookings goes out (domain.md §3.2).  Texts name no petitioner: they leave the house by mail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from accounts.actor import Actor, system_actor
from accounts.models import Department, Post
from petitions import limits
from petitions.actions import moment
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.models import Notice
from petitions.notices import posts_of, to_posts
from petitions.workdays import add_workdays, spoken
from visits import book
from visits.actions.record import locked, must_be, note
from visits.expected import known
from visits.models import BookingState, Status, Visit

RULE = "接访前通知（地方规则）"
LONGEST = 300  # characters of a notice
MOST_NUMBERS = 8
_UNITS = ("unit_head", "signer")  # heads of the places and units concerned attend


def tell(
    visit: Visit, step: str, words: str, *, also: Iterable[Post] = (), units: Iterable[Department] | None = None
) -> int:
    """Tell the leader, the substitute and the accompanying units (or ``units``) of ``visit``; returns how many notices were written."""
    return _send(_recipients(visit, units, also), step, f"{words}：{when(visit)}")


def _recipients(visit: Visit, units: Iterable[Department] | None = None, also: Iterable[Post] = ()) -> list[Post]:
    """Each once: the leader, the substitute, ``also``, and who acts for the accompanying units (or ``units``)."""
    bodies = visit.units.all() if units is None else units
    heads = [post for unit in bodies for post in posts_of(unit.pk, *_UNITS)]
    posts = [visit.leader, *([visit.backup] if visit.backup else []), *also, *heads]
    return list({post.pk: post for post in posts}.values())


def _send(posts: Iterable[Post], step: str, text: str) -> int:
    rows = to_posts(posts, step=step, petition=None, text=text[:LONGEST], at=moment.now())
    return len(Notice.objects.bulk_create(rows))


def when(visit: Visit) -> str:
    """Day, time, place and who receives, in one line."""
    return f"{spoken(visit.day)} {visit.starts:%H:%M} {visit.place.name}{visit.room}，{visit.leader.user.name}接访"


def told_of_change(visit: Visit, step: str, words: str, *, also: Iterable[Post] = ()) -> None:
    """Tell of a published, changed visit; one that is near is thereby told ahead as well."""
    tell(visit, step, words, also=also)
    if visit.status == Status.PUBLISHED and visit.day <= _ahead(visit.office_id).told and visit.told_for != visit.day:
        visit.told_for = visit.day
        visit.save(update_fields=["told_for"])


@dataclass(frozen=True)
class _Ahead:
    """The last days of which an office tells today: ``told`` the leader, ``listed`` with the bookings."""

    told: date
    listed: date


def _ahead(office: int) -> _Ahead:
    """The house's numbers of working days ahead, as days."""
    today, numbers = moment.today(), book.numbers(office)
    calendar = book.calendar(today, today)
    return _Ahead(*(add_workdays(today, numbers[code], calendar) for code in ("told_days", "list_days")))


# --- each morning --------------------------------------------------------------------------------------------------


def tell_ahead() -> int:
    """Tell of every published visit that is near and send its list of bookings, each once for its day.

    Returns:
        how many visits were told of; run again, late or twice at once it tells of none twice.
    """
    coming = Visit.objects.filter(status=Status.PUBLISHED, day__gte=moment.today())
    with limits.kept():
        offices = {pk: _ahead(pk) for pk in coming.values_list("office", flat=True).distinct()}
    near = Q()
    for pk, ahead in offices.items():
        near |= Q(office=pk, day__lte=max(ahead.told, ahead.listed))
    rows = coming.filter(near).order_by("day", "pk").values_list("pk", "office")
    return sum(_morning(pk, offices[office]) for pk, office in rows) if offices else 0


def _morning(pk: int, ahead: _Ahead) -> bool:
    with transaction.atomic():
        rows = Visit.objects.select_for_update(of=("self",)).select_related("leader__user", "backup__user", "place")
        visit = rows.filter(pk=pk, status=Status.PUBLISHED).first()
        if visit is None:
            return False
        told, listed = _tell_ahead(visit, ahead.told), _send_list(visit, ahead.listed)
        return told or listed


def _tell_ahead(visit: Visit, last: date) -> bool:
    if visit.told_for == visit.day or visit.day > last:
        return False
    visit.told_for = visit.day
    visit.save(update_fields=["told_for"])
    tell(visit, "tell_ahead", "接访将近，请安排好时间；来不了请尽早在接访页面报告")
    note(visit, "tell_ahead", system_actor(), day=visit.day)
    return True


def _send_list(visit: Visit, last: date) -> bool:
    if visit.listed_for == visit.day or visit.day > last:
        return False
    visit.listed_for = visit.day
    visit.save(update_fields=["listed_for"])
    booked = list(visit.bookings.filter(state=BookingState.BOOKED).order_by("slot", "pk"))
    waiting = visit.bookings.filter(state=BookingState.WAITING).count()
    sums = _sums([row.people for row in booked], [row.needs for row in booked if row.needs], waiting)
    numbers = [row.filed_number for row in booked if row.filed_number]
    for post in _recipients(visit):
        own = sorted(known(Actor(post.user, post), numbers))
        _send([post], "tell_list", f"{spoken(visit.day)}接访预约名单：{sums}{_named(own)}。{when(visit)}")
    note(visit, "tell_list", system_actor(), bookings=len(booked))
    return True


def _sums(people: Sequence[int], needs: Sequence[str], waiting: int) -> str:
    """How many parties and people, how many wait, what care they need."""
    care = "、".join(f"{need}{count}批" for need, count in Counter(needs).items())
    said = f"{len(people)}批{sum(people)}人" if people else "还没有人预约"
    return said + (f"，候补{waiting}批" if waiting else "") + (f"，需要照顾：{care}" if care else "")


def _named(numbers: Sequence[str]) -> str:
    """The numbers of matters that the reader sees; the rest stands on the page."""
    shown = "、".join(numbers[:MOST_NUMBERS])
    return f"，事项{shown}{'等' if len(numbers) > MOST_NUMBERS else ''}" if numbers else ""


# --- who cannot come -----------------------------------------------------------------------------------------------


def cannot_come(visit: Visit, *, by: Actor, reason: str) -> Visit:
    """Say that one's own visit cannot be kept, and why: the desk is asked for a substitute; nothing is changed by it yet.

    Raises:
        WrongPerson: it is another's; NotSeen, WrongMoment; BadInput: no reason.
    """
    if visit.leader_id != by.post.pk:
        raise WrongPerson("由接访领导本人报告。", rule=RULE)
    if not reason.strip():
        raise BadInput({"reason": "请写明来不了的原因。"}, rule=RULE)
    with transaction.atomic():
        visit = locked(by, visit)
        must_be(visit, Status.APPROVED, Status.PUBLISHED)
        if visit.day < moment.today():
            raise WrongMoment("这场接访的日期已经过去。", rule=RULE)
        visit.absence, visit.absent_on = reason.strip(), moment.today()
        visit.save(update_fields=["absence", "absent_on"])
        _send(
            posts_of(visit.office_id, "triage", "office_head"), "cannot_come", f"接访领导来不了，请换人：{when(visit)}"
        )
        note(visit, "absent", by, words=reason)
    return visit
