"""What happens on the day?  Signed in, a number taken, called, moved to another room, gone; and the room closed at the end."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from petitions.actions import moment
from petitions.errors import BadInput, WrongMoment
from visits import access
from visits.actions.booking import Wish, clean
from visits.actions.conflict import check_filed, check_party
from visits.actions.record import locked, must_be, note
from visits.actions.ringing import wipe
from visits.models import LIVE, Booking, BookingState, Place, Reception, Status, Visit


def arrive(booking: Booking, *, by: Actor) -> Reception:
    """Sign a booked party in: it takes the next number of the place.  Pressed twice it keeps its first number."""
    access.check(by, access.ROOM, "签到")
    with transaction.atomic():
        visit = locked(by, Visit.objects.get(pk=booking.visit_id))
        booking = Booking.objects.select_for_update().get(pk=booking.pk)
        if booking.state == BookingState.ARRIVED:
            return booking.reception
        if booking.state not in LIVE:
            raise WrongMoment(f"这个预约现在是“{booking.get_state_display()}”，请现场取号。", rule="签到")
        _today(visit)
        check_filed(visit.leader, booking.filed_number, by)
        reception = _take_number(visit, Reception(
            booking=booking, people=booking.people, name=booking.name, phone=booking.phone, matter=booking.matter,
            filed_number=booking.filed_number, needs=booking.needs, slot=booking.slot, representatives=booking.representatives,
            field=booking.field,
        ))  # fmt: skip
        booking.state, booking.day_key, booking.phone_key = BookingState.ARRIVED, "", ""
        # What was said now stands with the party; the booking keeps none of it.
        booking.name = booking.phone = booking.matter = booking.filed_number = booking.representatives = ""
        booking.save()
        note(visit, "arrive", by, booking=booking.ref, reception=reception.ref, number=reception.queue_number)
    return reception


def walk_in(visit: Visit, wish: Wish, *, by: Actor) -> Reception:
    """Give a party that did not book the next number: it is as welcome as the others."""
    access.check(by, access.ROOM, "现场取号")
    wish = clean(wish, public=False)
    with transaction.atomic():
        visit = locked(by, visit)
        _today(visit)
        check_party(visit, wish.name)
        check_filed(visit.leader, wish.filed_number, by)
        reception = _take_number(visit, Reception(
            people=wish.people, name=wish.name, phone=wish.phone, matter=wish.matter, filed_number=wish.filed_number,
            needs=wish.needs, representatives=wish.representatives, field=wish.field,
        ))  # fmt: skip
        note(visit, "walk_in", by, reception=reception.ref, number=reception.queue_number)
    return reception


def _today(visit: Visit) -> None:
    must_be(visit, Status.PUBLISHED)
    if visit.day != moment.today():
        raise WrongMoment(f"这场接访在{visit.day:%-m月%-d日}，当天才能签到、取号。", rule="签到")


def _take_number(visit: Visit, reception: Reception) -> Reception:
    """Give the next number of the place and day; the place is locked so that no two are the same."""
    Place.objects.select_for_update().get(pk=visit.place_id)
    last = Reception.objects.filter(place=visit.place_id, day=visit.day).aggregate(last=Max("queue_number"))["last"]
    reception.visit, reception.place_id, reception.day = visit, visit.place_id, visit.day
    reception.queue_number, reception.arrived_at = (last or 0) + 1, moment.now()
    reception.save(force_insert=True)
    return reception


def turn(reception: Reception) -> tuple[bool, str, int]:
    """What decides who is next: special needs first, then the booked time or the time of arrival, then the number."""
    at = reception.slot.strftime("%H:%M") if reception.slot else _clock(reception)
    return not reception.needs, at, reception.queue_number


def _clock(reception: Reception) -> str:
    return reception.arrived_at.astimezone(SHANGHAI).strftime("%H:%M")


def call_next(visit: Visit, *, by: Actor, reception: Reception | None = None) -> Reception:
    """Call the next party (or the one named) into the room; one at a time.

    Raises:
        WrongMoment: somebody is in the room, or nobody waits.
    """
    access.check(by, access.ROOM, "叫号")
    with transaction.atomic():
        visit = locked(by, visit)
        must_be(visit, Status.PUBLISHED)
        mine = list(visit.receptions.select_for_update().filter(state__in=["waiting", "in_room"]))
        if any(row.state == "in_room" for row in mine):
            raise WrongMoment("还有一批正在接谈，登记完再叫下一批。", rule="叫号")
        waiting = [row for row in mine if row.state == "waiting" and (reception is None or row.pk == reception.pk)]
        if not waiting:
            raise WrongMoment("现在没有候访的群众。", rule="叫号")
        found = min(waiting, key=turn)
        found.state, found.called_at = Reception.State.IN_ROOM, moment.now()
        found.save(update_fields=["state", "called_at"])
        note(visit, "call", by, reception=found.ref, number=found.queue_number)
    return found


def to_room(reception: Reception, to: Visit, *, by: Actor) -> Reception:
    """Let a waiting party be heard in another room of the same place and day."""
    access.check(by, access.ROOM, "调整接待室")
    with transaction.atomic():
        # Both in the order of their ids, so that two who move parties across never wait for each other.
        rooms = {pk: locked(by, Visit(pk=pk)) for pk in sorted({reception.visit_id, to.pk})}
        visit, reception = with_visit(reception, by)
        to = rooms[to.pk]
        must_be(to, Status.PUBLISHED)
        if reception.state != "waiting":
            raise WrongMoment("已经进了接待室，不能再换。", rule="换接待室")
        if (to.day, to.place_id) != (visit.day, visit.place_id) or to.pk == visit.pk:
            raise BadInput({"to": "只能换到同一天同一地点的另一间接待室。"}, rule="换接待室")
        check_party(to, reception.name, "to")
        check_filed(to.leader, reception.filed_number, by, "to")
        reception.visit = to
        reception.save(update_fields=["visit"])
        note(visit, "to_room", by, reception=reception.ref, to=to.ref)
        note(to, "to_room", by, reception=reception.ref, came_from=visit.ref)
    return reception


def leave(reception: Reception, *, by: Actor) -> Reception:
    """A party went before it was heard; what it had said is not kept."""
    access.check(by, access.ROOM, "登记离开")
    with transaction.atomic():
        visit, reception = with_visit(reception, by)
        if reception.state not in ("waiting", "in_room"):
            raise WrongMoment("这一批已经接谈完。", rule="叫号")
        reception.state, reception.ended_at = Reception.State.LEFT, moment.now()
        forget(reception)
        reception.save()
        note(visit, "leave", by, reception=reception.ref)
    return reception


def forget(reception: Reception) -> None:
    """Empty who came and what they had said beforehand; not saved here."""
    reception.name = reception.phone = reception.representatives = reception.matter = reception.filed_number = ""


def back(reception: Reception, *, by: Actor) -> Reception:
    """Called by mistake: back among those who wait."""
    access.check(by, access.ROOM, "叫号")
    with transaction.atomic():
        visit, reception = with_visit(reception, by)
        if reception.state != "in_room":
            raise WrongMoment("这一批不在接待室里。", rule="叫号")
        reception.state, reception.called_at = Reception.State.WAITING, None
        reception.save(update_fields=["state", "called_at"])
        note(visit, "back", by, reception=reception.ref)
    return reception


def with_visit(reception: Reception, by: Actor) -> tuple[Visit, Reception]:
    """A party's visit and the party, locked in this order; the party may have been moved meanwhile."""
    visit = locked(by, Visit.objects.get(pk=reception.visit_id))
    fresh = Reception.objects.select_for_update().get(pk=reception.pk)
    if fresh.visit_id != visit.pk:
        raise WrongMoment("这一批刚刚换到别的接待室。", rule="换接待室")
    fresh.visit = visit
    return visit, fresh


def close(visit: Visit, *, by: Actor) -> Visit:
    """End the reception: nobody is waiting any more; who booked and did not come is forgotten.

    Raises:
        WrongMoment: somebody still waits or is in the room; BadInput: it has not begun.
    """
    access.check(by, access.DESK, "结束接访")
    with transaction.atomic():
        visit = locked(by, visit)
        must_be(visit, Status.PUBLISHED)
        if visit.day > moment.today():
            raise WrongMoment("接访还没有开始。", rule="接访下访安排")
        left = visit.receptions.filter(state__in=["waiting", "in_room"]).count()
        if left:
            raise WrongMoment(f"还有{left}批群众没有接谈完，不能结束。", rule="登记的群众都要接待")
        absent = list(visit.bookings.select_for_update().filter(state__in=LIVE))
        for booking in absent:
            wipe(booking, BookingState.ABSENT)
        visit.status, visit.held_on = Status.HELD, visit.day
        visit.save(update_fields=["status", "held_on"])
        done = visit.receptions.filter(state="done")
        note(visit, "close", by, absent=len(absent), received=done.count())
    return visit


__all__ = ["arrive", "back", "call_next", "close", "forget", "leave", "to_room", "turn", "walk_in", "with_visit"]
