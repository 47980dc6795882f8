"""Who may come when?  Booked at home or at the counter, waiting where all is taken, given back; one a telephone and day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

from django.db import IntegrityError, connection, transaction

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from accounts.identity import normalise_phone
from accounts.models import Department
from accounts.privacy import blind
from accounts.text import TextRefused, clean_text
from petitions import querycode
from petitions.actions import moment
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.lifecycle import REPRESENTATIVES
from visits import access, book, slots
from visits.actions.conflict import check_filed, check_party
from visits.actions.record import locked, must_be, note
from visits.actions.ringing import owe, wipe
from visits.models import LIVE, Booking, BookingState, Status, Visit, Why

MOST_PEOPLE = 200
SAFE_KEY = 8  # shorter keys were not made by our pages
NEEDS = ("行动不便", "听力不便", "视力不便", "需要方言或手语翻译", "带小孩")
NAMED = ("visit__place", "visit__leader__user", "visit__replaces__leader__user")  # what the pages of a booking read
_LINES = {"name": 40, "representatives": 200, "filed_number": 40}


@dataclass(frozen=True)
class Wish:
    """What somebody who books says."""

    name: str
    phone: str = ""
    people: int = 1
    representatives: str = ""
    matter: str = ""
    filed_number: str = ""
    field: Department | None = None
    needs: str = ""
    slot: time | None = None
    wait: bool = False


@dataclass(frozen=True)
class Booked:
    """The booking and its code in clear, told once; with it, and it alone, the booking is found and given back."""

    booking: Booking
    code: str


def open_slots(visit: Visit) -> list[slots.Slot]:
    """Return the slots of ``visit`` that can still be booked."""
    return free_slots(visit, BookingState.BOOKED, BookingState.ARRIVED, BookingState.ABSENT)


def free_slots(visit: Visit, *states: BookingState) -> list[slots.Slot]:
    """Return the slots of ``visit`` that are not over, with the room that bookings in one of ``states`` leave in each."""
    now = moment.now().astimezone(SHANGHAI)
    if now.date() > visit.day:
        return []
    times = slots.times(visit.starts, visit.ends, book.number(visit.office_id, "minutes"), visit.capacity)
    after = now.time() if now.date() == visit.day else None
    rows = visit.bookings.filter(state__in=states, slot__isnull=False) if states else visit.bookings.none()
    return slots.free(times, [at for at in rows.values_list("slot", flat=True) if at], visit.ends, after=after)


def reserve(visit: Visit, wish: Wish, *, by: Actor | None, key: str = "") -> Booked:
    """Book ``visit``: a slot where there is one; the waiting list where all is taken and the party is willing to wait.

    Args:
        by: who books at the counter; ``None``: the party itself, on the public page.
        key: of the sending, known to one browser alone: sent again after a crash it opens the same booking with a new code.

    Raises:
        NotSeen, WrongPerson; WrongMoment: it is not open to booking; BadInput: full, a second one, what was typed.
    """
    if by is not None:
        access.check(by, access.ROOM, "登记预约")
    wish = clean(wish, public=by is None)
    with transaction.atomic():
        visit = locked(by, visit)
        if (again := _sent_before(visit, key)) is not None:
            return new_code(again, by=by)
        must_be(visit, Status.PUBLISHED)
        check_party(visit, wish.name)
        check_filed(visit.leader, wish.filed_number, by)
        if moment.today() > visit.day:
            raise WrongMoment("这场接访的日期已经过去，不能再预约。", rule="预约")
        _not_too_many(visit, wish.phone)
        slot = _slot(visit, wish)
        code = querycode.new_code()
        booking = Booking(
            visit=visit, state=BookingState.BOOKED if slot else BookingState.WAITING, slot=slot, people=wish.people, name=wish.name,
            phone=wish.phone, representatives=wish.representatives, matter=wish.matter, filed_number=wish.filed_number,
            needs=wish.needs, field=wish.field, day_key=day_key(visit, wish.phone), phone_key=_phone_key(wish.phone), code_hash=_code_hash(code),
            public=by is None, made_at=moment.now(), sent_key=_sent_key(key),
        )  # fmt: skip
        _insert(booking)
        note(visit, "book", by, booking=booking.ref, state=booking.state)
    return Booked(booking, code)


def _phone_key(phone: str) -> str:
    """Equal for one telephone; kept only as long as a booking is to come."""
    return blind(phone, "booking-phone") if phone else ""


def _not_too_many(visit: Visit, phone: str) -> None:
    """Refuse a telephone that holds as many times as one may: what it holds nobody else can have.

    Two who book under one telephone wait for each other here, whichever visits they are for.
    """
    most, key = book.number(visit.office_id, "phone_bookings"), _phone_key(phone)
    if not key or not most:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    if Booking.objects.filter(phone_key=key, state__in=LIVE, visit__day__gte=moment.today()).count() >= most:
        words = f"这个电话已经有{most}个还没到期的预约，先取消一个再约；也可以当天直接到现场取号，同样接待。"
        raise BadInput({"phone": words}, rule="预约")


def _sent_key(key: str) -> str:
    return blind(key, "booking-sent") if len(key) >= SAFE_KEY else ""


def _sent_before(visit: Visit, key: str) -> Booking | None:
    found = _sent_key(key)
    return visit.bookings.filter(sent_key=found, state__in=LIVE).first() if found else None


def new_code(booking: Booking, *, by: Actor | None) -> Booked:
    """Give a live booking another code, the old one opens nothing any more: the first was lost before it was read.

    Args:
        by: at the counter, for who lost the slip; ``None``: the browser that booked, by the key it had sent.
    """
    if by is not None:
        access.check(by, access.ROOM, "重发预约码")
    with transaction.atomic():
        visit = _visit_of(booking, by)
        booking = Booking.objects.select_for_update().get(pk=booking.pk)
        if booking.state not in LIVE:
            raise WrongMoment(f"这个预约现在是“{booking.get_state_display()}”，不用预约码。", rule="预约")
        code = querycode.new_code()
        booking.code_hash = _code_hash(code)
        booking.save(update_fields=["code_hash"])
        note(visit, "recode", by, booking=booking.ref)
    return Booked(booking, code)


def _insert(booking: Booking) -> None:
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError:
        raise BadInput(
            {"phone": "这个电话当天已经预约过一场。要换时间，请先取消原来的预约。"}, rule="一个电话一天一次"
        ) from None


def _slot(visit: Visit, wish: Wish) -> time | None:
    left = {slot.at for slot in open_slots(visit)}
    if wish.slot is not None and wish.slot in left:
        return wish.slot
    if wish.slot is not None and left:
        first = min(left)
        raise BadInput({"slot": f"{wish.slot:%H:%M}已经约满，最早还有{first:%H:%M}。"}, rule="预约批次")
    if left:
        return min(left)
    if not wish.wait:
        raise BadInput({"slot": "这一场已经约满。可以选候补，或者当天到现场取号，同样接待。"}, rule="预约批次")
    return None


def clean(wish: Wish, *, public: bool) -> Wish:
    """Return ``wish`` as it may be kept; on the public page a telephone is needed.

    Raises:
        BadInput: ``fields`` says what is wrong with each, in words.
    """
    wrong: dict[str, str] = {}
    said = {name: _line(getattr(wish, name), limit, name, wrong) for name, limit in _LINES.items()}
    said["matter"] = _line(wish.matter, 600, "matter", wrong, one_line=False)
    if not said["name"]:
        wrong["name"] = "请填写姓名。"
    phone = normalise_phone(wish.phone) if wish.phone.strip() else ""
    if phone is None or (public and not phone):
        wrong["phone"] = "请填写能打通的电话号码。"
    if not isinstance(wish.people, int) or not 1 <= wish.people <= MOST_PEOPLE:
        wrong["people"] = f"人数在1到{MOST_PEOPLE}之间。"
    elif wish.people > REPRESENTATIVES and not said["representatives"]:
        wrong["representatives"] = f"多人反映同一事项的，请推选代表，不超过{REPRESENTATIVES}人（第二十条）。"
    if len(names_of(said["representatives"])) > REPRESENTATIVES:
        wrong["representatives"] = f"代表不超过{REPRESENTATIVES}人（第二十条）。"
    if wish.needs and wish.needs not in NEEDS:
        wrong["needs"] = "请从列出的选项中选择。"
    if not said["matter"] and not said["filed_number"]:
        wrong["matter"] = "请写一两句要反映什么事，或者填已登记事项的编号。"
    if wrong:
        raise BadInput(wrong, rule="预约")
    return Wish(
        people=wish.people,
        field=wish.field,
        needs=wish.needs,
        slot=wish.slot,
        wait=wish.wait,
        phone=phone or "",
        **said,
    )


def names_of(text: str) -> list[str]:
    """Return the names that were typed one after another, each once, in their order; a blank is part of a name (张 三)."""
    return list(dict.fromkeys(name for part in re.split("[、，,；;]", text) if (name := part.strip())))


def _line(value: str, limit: int, name: str, wrong: dict[str, str], *, one_line: bool = True) -> str:
    try:
        return clean_text(value, limit=limit, one_line=one_line)
    except TextRefused as refused:
        wrong[name] = str(refused)
        return ""


def day_key(visit: Visit, phone: str) -> str:
    """Equal for one telephone on one day: it says nothing about any other day, and is emptied when this one is over."""
    return blind(f"{visit.day.isoformat()}:{phone}", "booking-day") if phone else ""


def _code_hash(code: str) -> str:
    return blind(querycode.normalise(code), "booking-code")


def by_code(code: str) -> Booking | None:
    """Return the booking that ``code`` opens."""
    plain = querycode.normalise(code)
    if not querycode.is_code(plain):
        return None
    return Booking.objects.select_related(*NAMED).filter(code_hash=_code_hash(plain)).first()


def give_back(booking: Booking, *, by: Actor | None) -> Booking | None:
    """Cancel a booking, and give its slot to the first who waits.

    Returns:
        the booking that moved up, if one did: its party is to be told.
    """
    if by is not None:
        access.check(by, access.ROOM, "取消预约")
    with transaction.atomic():
        visit = _visit_of(booking, by)
        booking = Booking.objects.select_for_update().get(pk=booking.pk)
        if booking.state not in LIVE:
            raise WrongMoment(f"这个预约现在是“{booking.get_state_display()}”，不能再取消。", rule="预约")
        slot = booking.slot
        wipe(booking, BookingState.CANCELLED)
        note(visit, "unbook", by, booking=booking.ref)
        return _promote(visit, slot, by) if slot and visit.status == Status.PUBLISHED else None


def _visit_of(booking: Booking, by: Actor | None) -> Visit:
    """The visit of a booking, locked before it, as every verb of a room does."""
    visit = Visit.objects.get(pk=booking.visit_id)
    if by is None and visit.published_on is None:
        raise NotSeen
    return locked(by, visit)


def _promote(visit: Visit, slot: time, by: Actor | None) -> Booking | None:
    """Let the first who waits have the time that was given back, or where that is over the first that is not."""
    left = {one.at for one in open_slots(visit)}
    first = visit.bookings.select_for_update().filter(state="waiting").order_by("made_at", "pk").first()
    if first is None or not left:
        return None
    first.state, first.slot = BookingState.BOOKED, slot if slot in left else min(left)
    first.save(update_fields=["state", "slot"])
    owe([first], Why.PROMOTED)
    note(visit, "promote", by, booking=first.ref)
    return first


def forget_before(day: datetime) -> int:
    """Wipe what was left of bookings whose day is over, and return how many."""
    today = day.astimezone(SHANGHAI).date()
    rows = Booking.objects.filter(visit__day__lt=today)
    count = 0
    for booking in rows.filter(state__in=LIVE):
        wipe(booking, BookingState.ABSENT)
        count += 1
    for booking in rows.filter(state=BookingState.CANCELLED, told_at=None).exclude(to_tell=""):  # nobody was reached
        wipe(booking, BookingState.CANCELLED)
        count += 1
    left = rows.exclude(day_key="", sent_key="", phone_key="")
    return count + left.update(day_key="", sent_key="", phone_key="")
