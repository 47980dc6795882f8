"""Who is told of a visit inside the house, and when?  Its leader, the substitute, the units that accompany; and the desk where nobody can come.

What is published, changed or cancelled is told in the same transaction; each morning whoever was not told yet of a visit that is
near is told, and the list of bookings goes out (domain.md §3.2).  Texts name no petitioner: they leave the house by mail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from accounts.actor import Actor, system_actor
from accounts.models import Department, Post
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
    bodies = visit.units.all() if units is None else units
    posts = [visit.leader, *([visit.backup] if visit.backup else []), *also]
    posts += [post for unit in bodies for post in posts_of(unit.pk, *_UNITS)]
    return _send(posts, step, f"{words}：{when(visit)}")


def _send(posts: Iterable[Post], step: str, text: str) -> int:
    once = {post.pk: post for post in posts}.values()
    rows = to_posts(once, step=step, petition=None, text=text[:LONGEST], at=moment.now())
    return len(Notice.objects.bulk_create(rows))


def when(visit: Visit) -> str:
    """Day, time, place and who receives, in one line."""
    return f"{spoken(visit.day)} {visit.starts:%H:%M} {visit.place.name}{visit.room}，{visit.leader.user.name}接访"


def told_of_change(visit: Visit, step: str, words: str, *, also: Iterable[Post] = ()) -> None:
    """Tell of a published, changed visit; one that is near is thereby told ahead as well."""
    tell(visit, step, words, also=also)
    if visit.status == Status.PUBLISHED and visit.day <= _ahead(visit, "told_days") and visit.told_for != visit.day:
        visit.told_for = visit.day
        visit.save(update_fields=["told_for"])


def _ahead(visit: Visit, code: str) -> date:
    """The last day that is no more than the house's number of working days ahead."""
    today, days = moment.today(), book.number(visit.office_id, code)
    return add_workdays(today, days, book.calendar(today, today))


# --- each morning --------------------------------------------------------------------------------------------------


def tell_ahead() -> int:
    """Tell of every published visit that is near and send its list of bookings, each once for its day.

    Returns:
        how many visits were told of; run again, late or twice at once it tells of none twice.
    """
    today = moment.today()
    near = Visit.objects.filter(status=Status.PUBLISHED, day__gte=today).order_by("day", "pk")
    return sum(_morning(pk) for pk in near.values_list("pk", flat=True))


def _morning(pk: int) -> bool:
    with transaction.atomic():
        rows = Visit.objects.select_for_update(of=("self",)).select_related("leader__user", "backup__user", "place")
        visit = rows.filter(pk=pk, status=Status.PUBLISHED).first()
        if visit is None:
            return False
        ahead, listed = _tell_ahead(visit), _send_list(visit)
        return ahead or listed


def _tell_ahead(visit: Visit) -> bool:
    if visit.told_for == visit.day or visit.day > _ahead(visit, "told_days"):
        return False
    visit.told_for = visit.day
    visit.save(update_fields=["told_for"])
    tell(visit, "tell_ahead", "接访将近，请安排好时间；来不了请尽早在接访页面报告")
    note(visit, "tell_ahead", system_actor(), day=visit.day)
    return True


def _send_list(visit: Visit) -> bool:
    if visit.listed_for == visit.day or visit.day > _ahead(visit, "list_days"):
        return False
    visit.listed_for = visit.day
    visit.save(update_fields=["listed_for"])
    booked = list(visit.bookings.filter(state=BookingState.BOOKED).order_by("slot", "pk"))
    waiting = visit.bookings.filter(state=BookingState.WAITING).count()
    sums = _sums([row.people for row in booked], [row.needs for row in booked if row.needs], waiting)
    numbers = [row.filed_number for row in booked if row.filed_number]
    for post in _who_reads_lists(visit):
        own = sorted(known(Actor(post.user, post), numbers))
        _send([post], "tell_list", f"{spoken(visit.day)}接访预约名单：{sums}{_named(own)}。{when(visit)}")
    note(visit, "tell_list", system_actor(), bookings=len(booked))
    return True


def _who_reads_lists(visit: Visit) -> Sequence[Post]:
    units = [post for unit in visit.units.all() for post in posts_of(unit.pk, *_UNITS)]
    return list({post.pk: post for post in (visit.leader, *([visit.backup] if visit.backup else []), *units)}.values())


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
