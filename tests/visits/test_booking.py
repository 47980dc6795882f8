"""Booked at home or at the counter; no more than there is room for; nobody remembered when the day is over."""

from __future__ import annotations

import threading
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.dates import SHANGHAI
from petitions.actions import moment
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from tests.cast import Cast, build_cast
from tests.visits.conftest import Days, next_workday
from visits.actions import plan, tables
from visits.actions.booking import Wish, by_code, forget_before, give_back, names_of, open_slots, reserve
from visits.actions.day import arrive
from visits.actions.plan import move
from visits.actions.ringing import to_tell, told
from visits.models import Booking, Visit
from visits.slots import Slot, free, times

pytestmark = pytest.mark.django_db
SOON = next_workday(10)


def test_slots_share_the_parties_evenly() -> None:
    found = times(time(9), time(11, 30), 15, 12)
    assert len(found) == 10
    assert sum(found.values()) == 12
    assert next(iter(found)) == time(9)
    assert times(time(9), time(9, 10), 15, 5) == {time(9): 5}


def test_a_party_that_keeps_its_time_takes_room_in_a_timetable_that_has_changed() -> None:
    """It stands in the last slot with room that is not after its own time, else in the first."""
    table = {time(9): 1, time(9, 30): 1, time(10): 2}
    assert free(table, [time(9, 40)], time(11)) == [Slot(time(9), 1), Slot(time(10), 2)]
    assert free(table, [time(9, 40), time(9, 45), time(8)], time(11)) == [Slot(time(10), 1)]
    assert free(table, [time(10)] * 5, time(11)) == []
    assert free(table, [time(10)], time(11), after=time(9, 30)) == [Slot(time(9, 30), 1), Slot(time(10), 1)]


def test_a_booking_gets_the_first_slot_or_the_one_wished(days: Days) -> None:
    visit = days.published(SOON, starts=time(9), ends=time(10))
    first = days.booked(visit)
    assert first.booking.slot == time(9)
    assert days.booked(visit, phone="13800000002", slot=time(9, 30)).booking.slot == time(9, 30)
    with pytest.raises(BadInput) as caught:
        days.booked(visit, phone="13800000003", slot=time(9, 30))
    assert "已经约满" in caught.value.fields["slot"]


def test_a_full_visit_takes_no_more_but_those_who_wait_move_up(days: Days, cast: Cast) -> None:
    visit = days.published(SOON)
    held = [days.booked(visit, f"群众{n}", f"1380000001{n}") for n in range(4)]
    with pytest.raises(BadInput) as caught:
        days.booked(visit, phone="13800000020")
    assert "到现场取号" in caught.value.fields["slot"]
    waiting = days.booked(visit, phone="13800000021", wait=True).booking
    assert (waiting.state, waiting.slot) == ("waiting", None)
    up = give_back(held[1].booking, by=None)
    assert up is not None
    assert up.pk == waiting.pk
    waiting.refresh_from_db()
    assert (waiting.state, waiting.slot) == ("booked", held[1].booking.slot)


def test_one_telephone_books_once_a_day_and_no_key_of_a_day_is_that_of_another(days: Days, cast: Cast) -> None:
    one, other_room = days.published(SOON), days.published(SOON, cast.other_leader, room="2号室")
    later = days.published(next_workday(20))
    days.booked(one)
    with pytest.raises(BadInput) as caught:
        days.booked(other_room, phone="138 0000 0001")
    assert "已经预约过" in caught.value.fields["phone"]
    days.booked(later)
    keys = Booking.objects.exclude(day_key="").values_list("day_key", flat=True)
    assert len(set(keys)) == 2, "of what is over nothing tells that it was the same telephone"


def test_a_cancelled_booking_leaves_neither_name_nor_number_and_frees_the_telephone(days: Days) -> None:
    visit = days.published(SOON)
    done = days.booked(visit)
    found = by_code(done.code.lower())
    assert found is not None
    give_back(found, by=None)
    found.refresh_from_db()
    assert (found.name, found.phone, found.matter, found.day_key, found.state) == ("", "", "", "", "cancelled")
    assert days.booked(visit).booking.state == "booked"
    with pytest.raises(WrongMoment):
        give_back(found, by=None)


def test_when_the_day_is_over_nobody_is_remembered(days: Days, cast: Cast) -> None:
    visit = days.published(SOON)
    booking = days.booked(visit).booking
    later = timezone.now() + timedelta(days=(SOON - timezone.localdate()).days + 1)
    assert forget_before(timezone.now()) == 0
    assert forget_before(later) == 1
    booking.refresh_from_db()
    assert (booking.state, booking.name, booking.phone, booking.day_key) == ("absent", "", "", "")


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(name="", phone="13800000001", matter="x"), "name"),
        (Wish(name="王", phone="123", matter="x"), "phone"),
        (Wish(name="王", phone="", matter="x"), "phone"),
        (Wish(name="王", phone="13800000001", matter=""), "matter"),
        (Wish(name="王", phone="13800000001", matter="x", people=0), "people"),
        (Wish(name="王", phone="13800000001", matter="x", people=12), "representatives"),
        (
            Wish(name="王", phone="13800000001", matter="x", people=12, representatives="甲、乙、丙、丁、戊、己"),
            "representatives",
        ),
        (Wish(name="王", phone="13800000001", matter="x", needs="特殊"), "needs"),
        (Wish(name="王" * 60, phone="13800000001", matter="x"), "name"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(days: Days, wish: Wish, field: str) -> None:
    visit = days.published(SOON)
    with pytest.raises(BadInput) as caught:
        reserve(visit, wish, by=None)
    assert field in caught.value.fields
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("张 三、李四", ["张 三", "李四"]),
        ("古丽 阿依，古丽 阿依； 王小明 ,李四;", ["古丽 阿依", "王小明", "李四"]),
        (" 、 ", []),
    ],
)
def test_a_blank_within_a_name_parts_no_names(typed: str, names: list[str]) -> None:
    assert names_of(typed) == names


def test_five_representatives_with_blanks_in_their_names_are_five(days: Days, cast: Cast) -> None:
    wish = Wish(name="张 三", matter="路灯坏了", people=12, representatives="张 三、李 四、王 五、赵 六、钱 七")
    assert reserve(days.published(SOON), wish, by=cast.registrar).booking.state == "booked"


def test_the_counter_books_for_somebody_without_a_telephone(days: Days, cast: Cast) -> None:
    visit = days.published(SOON)
    done = reserve(visit, Wish(name="老张", matter="路灯坏了"), by=cast.registrar)
    assert not done.booking.public
    with pytest.raises(WrongPerson):
        reserve(visit, Wish(name="老张", matter="路灯坏了"), by=cast.handler)


def test_a_leader_is_not_booked_with_himself(days: Days, cast: Cast) -> None:
    visit = days.published(SOON)
    with pytest.raises(BadInput) as caught:
        days.booked(visit, cast.leader.user.name)
    assert "同名" in caught.value.fields["name"]


def test_only_a_published_visit_that_is_to_come_can_be_booked(days: Days, cast: Cast) -> None:
    approved = days.approved(SOON)
    with pytest.raises(NotSeen):
        days.booked(approved)
    with pytest.raises(WrongMoment):
        reserve(approved, Wish(name="王", matter="x"), by=cast.registrar)
    visit = days.published(next_workday(20))
    with moment.at(timezone.now() + timedelta(days=60)):
        assert open_slots(visit) == []
        with pytest.raises(WrongMoment):
            days.booked(visit)
    plan.cancel(cast.triage, visit, reason="防汛")
    with pytest.raises(WrongMoment):
        days.booked(visit)


def test_signing_in_twice_keeps_the_number(days: Days, cast: Cast) -> None:
    visit = days.published()
    booking = days.booked(visit).booking
    first = arrive(booking, by=cast.registrar)
    assert arrive(booking, by=cast.registrar).pk == first.pk
    booking.refresh_from_db()
    assert (booking.state, booking.name, booking.day_key) == ("arrived", "", "")
    assert (first.name, first.queue_number) == ("王小明", 1)


def test_signing_in_before_the_day_is_refused(days: Days, cast: Cast) -> None:
    booking = days.booked(days.published(SOON)).booking
    with pytest.raises(WrongMoment):
        arrive(booking, by=cast.registrar)


# --- the public pages --------------------------------------------------------------------------------------------


def test_a_booking_on_the_page_is_told_once_found_by_its_code_and_given_back(days: Days, client: Client) -> None:
    visit = days.published(SOON)
    sheet = {
        "name": "王小明",
        "phone": "13800000001",
        "people": "2",
        "matter": "补偿款",
        "slot": "",
        "idempotency_key": "k1",
    }
    assert client.get(f"/v/{visit.ref}/book/").status_code == 200
    assert client.post(f"/v/{visit.ref}/book/", sheet).status_code == 302
    assert client.post(f"/v/{visit.ref}/book/", sheet).status_code == 302, "pressed twice: the first answer"
    assert Booking.objects.count() == 1
    page = client.get("/v/booked/").content.decode()
    assert "约好了" in page
    code = client.session["booked"]["code"]
    other = Client()
    assert other.get("/v/booked/").status_code == 302
    assert other.post("/v/booking/", {"code": "ACDEFGH234"}).status_code == 422
    assert "取消这个预约" in other.post("/v/booking/", {"code": code}).content.decode()
    assert other.post("/v/booking/", {"code": code, "give_back": "1"}).status_code == 302
    assert Booking.objects.get().state == "cancelled"


def test_a_booking_lost_in_a_crash_between_two_pages_is_opened_anew_by_the_same_sending(
    days: Days, client: Client
) -> None:
    visit = days.published(SOON)
    sheet = {"name": "王小明", "phone": "13800000001", "people": "1", "matter": "补偿款", "idempotency_key": "k" * 32}
    assert client.post(f"/v/{visit.ref}/book/", sheet).status_code == 302
    lost = client.session["booked"]["code"]
    again = Client()  # the answer never came: the browser has no session, and sends the same form again
    assert again.post(f"/v/{visit.ref}/book/", sheet).status_code == 302
    code = again.session["booked"]["code"]
    assert Booking.objects.count() == 1 and code != lost
    assert again.get("/v/booked/").status_code == 200
    assert Client().post("/v/booking/", {"code": lost}).status_code == 422, "the code that nobody read opens nothing"
    assert "取消这个预约" in Client().post("/v/booking/", {"code": code}).content.decode()
    stranger = Client().post(f"/v/{visit.ref}/book/", sheet | {"idempotency_key": "j" * 32})
    assert stranger.status_code == 422 and "已经预约过" in stranger.content.decode()


def test_the_counter_gives_another_code_to_who_lost_the_first(days: Days, cast: Cast, signed_in: Any) -> None:
    booked = days.booked(days.published(SOON))
    client = signed_in(cast.registrar)
    page = client.post(f"/visits/bookings/{booked.booking.ref}/new-code/", follow=True).content.decode()
    assert "新的预约码" in page
    assert by_code(booked.code) is None


def test_a_moved_visit_takes_its_bookings_along_and_each_keeps_its_turn(days: Days, cast: Cast) -> None:
    visit = days.published(SOON, starts=time(8), ends=time(10), capacity=2)
    first, second = days.booked(visit, "甲", "13800000001").booking, days.booked(visit, "乙", "13800000002").booking
    later = next_workday(20)
    move(cast.triage, visit, day=later, starts=time(14), ends=time(16), reason="防汛")
    for row in (first, second):
        row.refresh_from_db()
    assert (first.slot, second.slot, first.state) == (time(14), time(15), "booked")
    with pytest.raises(BadInput):
        days.booked(days.published(later, cast.other_leader, room="2号室"), "甲", "13800000001")


def test_whoever_booked_a_cancelled_visit_is_to_be_told_and_may_book_another_that_day(
    days: Days, cast: Cast, client: Client, signed_in: Any
) -> None:
    visit, other = days.published(SOON), days.published(SOON, cast.other_leader, room="2号室")
    sheet = {"name": "王小明", "phone": "13800000001", "people": "1", "matter": "补偿款", "idempotency_key": "k" * 32}
    client.post(f"/v/{visit.ref}/book/", sheet)
    code = client.session["booked"]["code"]
    plan.cancel(cast.triage, visit, reason="防汛值班")
    row = visit.bookings.get()
    assert (row.state, row.to_tell, row.name, row.phone, row.matter) == (
        "cancelled", "cancelled", "王小明", "+8613800000001", "",
    )  # fmt: skip
    for page in (client.get("/v/booked/"), Client().post("/v/booking/", {"code": code})):
        assert "这场接访取消了" in page.content.decode() and "防汛值班" in page.content.decode()
        assert "取消这个预约" not in page.content.decode()
    assert days.booked(other).booking.state == "booked", "the same telephone is free that day"

    desk = signed_in(cast.registrar)
    for address in ("/", f"/visits/{visit.ref}/"):
        page = desk.get(address).content.decode()
        assert "王小明" in page and f"/visits/bookings/{row.ref}/told/" in page
    assert "要电话告知" not in signed_in(cast.handler).get("/").content.decode()
    desk = signed_in(cast.registrar)
    assert desk.post(f"/visits/bookings/{row.ref}/told/", {"from": "home"})["Location"] == "/"
    row.refresh_from_db()
    assert (row.told_by_id, row.name, row.phone) == (cast.registrar.post.pk, "", "")
    assert "要电话告知" not in desk.get("/").content.decode()
    with pytest.raises(WrongMoment):
        told(row, by=cast.registrar)


def test_who_moves_up_after_a_booking_was_given_back_at_home_is_to_be_told(
    days: Days, cast: Cast, client: Client
) -> None:
    visit = days.published(SOON, capacity=1)
    first = days.booked(visit)
    waiting = days.booked(visit, "李四", "13800000002", wait=True).booking
    client.post("/v/booking/", {"code": first.code, "give_back": "1"})
    assert list(to_tell(cast.registrar)) == [waiting]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.to_tell) == ("booked", "promoted")
    told(waiting, by=cast.registrar)
    waiting.refresh_from_db()
    assert waiting.name == "李四", "who still comes is not forgotten"
    assert not to_tell(cast.registrar).exists()


def test_whoever_gets_another_day_place_or_leader_is_to_be_told(days: Days, cast: Cast, signed_in: Any) -> None:
    visit = days.published(SOON)
    row = days.booked(visit).booking
    sheet = {"form": "reception", "day": f"{SOON}", "starts": "00:00", "ends": "23:59", "place": visit.place_id, "room": "2号室",
             "capacity": "4", "topic": "", "reason": "1号室检修"}  # fmt: skip
    page = signed_in(cast.triage).post(f"/visits/{visit.ref}/move/", sheet, follow=True).content.decode()
    assert "有1批预约要电话告知" in page
    for act, why in (
        (lambda: plan.move(cast.triage, visit, day=next_workday(20), reason="防汛"), "moved"),
        (lambda: plan.substitute(cast.triage, visit, leader=cast.other_leader.post, reason="开会"), "swapped"),
    ):
        row.refresh_from_db()
        told(row, by=cast.registrar)
        act()
        row.refresh_from_db()
        assert (row.to_tell, row.told_at) == (why, None)


def test_more_room_lets_those_who_wait_move_up_in_their_turn(days: Days, cast: Cast) -> None:
    visit = days.published(SOON, starts=time(9), ends=time(11), capacity=1)
    days.booked(visit)
    second = days.booked(visit, "乙", "13800000002", wait=True).booking
    third = days.booked(visit, "丙", "13800000003", wait=True).booking
    move(cast.triage, visit, capacity=2, reason="增加批次")
    for row in (second, third):
        row.refresh_from_db()
    assert (second.state, second.to_tell) == ("booked", "promoted")
    assert (third.state, third.to_tell) == ("waiting", "")


def under_way(days: Days) -> tuple[Visit, list[Booking]]:
    """From nine to eleven in four slots of half an hour, each booked."""
    visit = days.published(SOON, starts=time(9), ends=time(11), capacity=4)
    return visit, [days.booked(visit, f"群众{n}", f"1380000003{n}").booking for n in range(4)]


def at_clock(hour: int, minute: int) -> datetime:
    return datetime.combine(SOON, time(hour, minute), SHANGHAI)


def times_of(rows: list[Booking]) -> list[str]:
    return [
        f"{row.slot:%H:%M}" if row.slot else row.state
        for row in Booking.objects.filter(pk__in=[one.pk for one in rows]).order_by("pk")
    ]


def test_nobody_is_given_a_time_that_is_over_or_that_a_party_who_came_keeps(days: Days, cast: Cast) -> None:
    visit, rows = under_way(days)
    waiting = days.booked(visit, "乙", "13800000041", wait=True).booking
    with moment.at(at_clock(9, 35)):
        arrive(rows[0], by=cast.registrar)
        arrive(rows[3], by=cast.registrar)  # of half past ten, early
        move(cast.triage, visit, capacity=6, reason="增加批次")  # every twenty minutes
    assert times_of([*rows, waiting]) == ["09:00", "09:20", "09:40", "10:30", "10:00"]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.to_tell) == ("booked", "promoted")
    visit.refresh_from_db()
    with moment.at(at_clock(9, 35)):
        assert [slot.at for slot in open_slots(visit)] == [time(10, 40)]


def test_who_is_late_keeps_his_time_and_takes_none_from_those_after_him(days: Days, cast: Cast) -> None:
    visit, rows = under_way(days)
    with moment.at(at_clock(10, 10)):
        move(cast.triage, visit, capacity=5, reason="增加批次")
        assert times_of(rows) == ["09:00", "09:30", "09:48", "10:12"]
        move(cast.triage, visit, starts=time(14), ends=time(16), capacity=4, reason="上午停电")
    assert times_of(rows) == ["14:00", "14:30", "15:00", "15:30"], "it has not begun any more"


def test_a_visit_takes_no_fewer_parties_than_booked_and_came(days: Days, cast: Cast) -> None:
    visit, rows = under_way(days)
    with moment.at(at_clock(9, 5)):
        arrive(rows[0], by=cast.registrar)
        with pytest.raises(BadInput) as caught:
            move(cast.triage, visit, capacity=3, reason="只有一间接待室")
    assert "已有4批预约" in caught.value.fields["capacity"]


def test_a_time_that_is_given_back_when_it_is_over_moves_nobody_up_to_it(days: Days, cast: Cast) -> None:
    visit, rows = under_way(days)
    waiting = days.booked(visit, "乙", "13800000041", wait=True).booking
    with moment.at(at_clock(9, 35)):
        assert give_back(rows[0], by=cast.registrar) is None
        assert give_back(rows[2], by=cast.registrar) == waiting
    assert times_of([waiting]) == ["10:00"]


def test_a_party_that_nobody_reached_is_forgotten_with_the_day(days: Days, cast: Cast) -> None:
    visit = days.published(SOON)
    row = days.booked(visit).booking
    plan.cancel(cast.triage, visit, reason="防汛")
    assert forget_before(timezone.now() + timedelta(days=(SOON - timezone.localdate()).days + 1)) == 1
    row.refresh_from_db()
    assert (row.state, row.name, row.phone, row.to_tell, row.phone_key) == ("cancelled", "", "", "", "")


def test_a_booking_past_capacity_is_refused_in_words_on_the_page(days: Days, client: Client) -> None:
    visit = days.published(SOON, capacity=1)
    days.booked(visit)
    answer = client.post(
        f"/v/{visit.ref}/book/", {"name": "李四", "phone": "13800000002", "people": "1", "matter": "低保"}
    )
    assert answer.status_code == 422
    assert "已经约满" in answer.content.decode()


def test_one_address_cannot_book_everything(days: Days, client: Client) -> None:
    visit = days.published(SOON, capacity=40)
    cache.clear()
    answers = [
        client.post(
            f"/v/{visit.ref}/book/", {"name": "群众", "phone": f"138000010{n:02}", "people": "1", "matter": "x"}
        ).status_code
        for n in range(22)
    ]
    assert answers.count(302) == 20
    assert answers[-1] == 429


def test_one_telephone_holds_no_more_than_a_few_times_to_come(days: Days, cast: Cast) -> None:
    visits = [days.published(next_workday(10 + 4 * n), starts=time(8 + n), ends=time(9 + n)) for n in range(4)]
    first = days.booked(visits[0])
    for visit in visits[1:3]:
        days.booked(visit)
    with pytest.raises(BadInput) as caught:
        days.booked(visits[3])
    assert "已经有3个还没到期的预约" in caught.value.fields["phone"]
    give_back(first.booking, by=None)
    first.booking.refresh_from_db()
    assert first.booking.phone_key == "", "known only as long as a booking is to come"
    days.booked(visits[3])
    tables.set_number(cast.head, "phone_bookings", 0, source="本县办法", valid_from=timezone.localdate())
    assert days.booked(visits[0]).booking.state == "booked"


def test_a_year_that_was_published_stands_whole_in_the_list_by_months_and_in_the_feed(
    days: Days, client: Client
) -> None:
    near, far = days.published(next_workday(10)), days.published(next_workday(300))
    page = client.get("/v/").content.decode()
    assert near.ref in page and far.ref not in page
    assert "以后还有1场" in page and f"?month={far.day:%Y-%m}" in page
    month = client.get(f"/v/?month={far.day:%Y-%m}").content.decode()
    assert far.ref in month and near.ref not in month
    assert client.get("/v/?month=nonsense").status_code == 200
    feed = client.get("/v/visits.ics").content.decode()
    assert near.ref in feed and far.ref in feed


# --- races -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_eight_who_want_the_last_place_and_one_who_gets_it() -> None:
    cache.clear()
    visit = Days(build_cast()).published(SOON, capacity=1)
    gate, got, refused = threading.Barrier(8), [], []

    def want(number: int) -> None:
        gate.wait()
        try:
            got.append(reserve(visit, Wish(name="群众", phone=f"1380000010{number}", matter="x"), by=None))
        except BadInput as no:
            refused.append(no)
        finally:
            connection.close()

    crowd = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert (len(got), len(refused)) == (1, 7)


@pytest.mark.django_db(transaction=True)
def test_those_who_sign_in_at_once_get_different_numbers() -> None:
    cache.clear()
    cast = build_cast()
    days = Days(cast)
    # So many slots that four are left in the last hours of the day, too.
    rooms = [days.published(capacity=95), days.published(leader=cast.other_leader, room="2号室", capacity=95)]
    bookings = [days.booked(rooms[n % 2], f"群众{n}", f"1380000020{n}").booking for n in range(8)]
    gate, numbers = threading.Barrier(8), []

    def come(booking: Booking) -> None:
        gate.wait()
        try:
            numbers.append(arrive(booking, by=cast.registrar).queue_number)
        finally:
            connection.close()

    crowd = [threading.Thread(target=come, args=(booking,)) for booking in bookings]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sorted(numbers) == list(range(1, 9))
