"""The hall: the notice board of Art.18, the queue of numbers, the device that petitioners rate on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import bodies
from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment, WrongPerson
from accounts.models import AccessLog, Department
from petitions import hall, public_access, querycode
from petitions.actions import Person, register
from petitions.actions.register import Registered
from petitions.actions.sweep import sweep
from petitions.models import BoardEntry, Event, HallDevice, Rating, Ticket
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.test_races import together

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def put(cast: Cast, **changes: object) -> BoardEntry:
    said: dict[str, object] = {
        "kind": "place", "title": "县信访局接待大厅", "text": "人民东路1号，工作日8:30到17:00", "place": 1,
        "valid_from": today(), "valid_to": None,
    }  # fmt: skip
    return hall.put_entry(None, by=cast.system_admin, **(said | changes))


@pytest.fixture
def device(cast: Cast) -> Client:
    """A browser that the administrator has made one of the hall's devices."""
    cache.clear()
    _, code = hall.add_device(cast.office, by=cast.system_admin, name="东侧评价机")
    browser = Client()
    assert browser.post("/hall/kiosk/open/", {"code": code}).status_code == 302
    return browser


def key_in(browser: Client, code: str, tail: str) -> int:
    """Press every key as a petitioner would; return the last status."""
    page = browser.get("/hall/kiosk/code/")
    said = {"visit": page.context["visit"], "code": "", "tail": ""}
    for sign in code:
        page = browser.post("/hall/kiosk/code/", {**said, "press": sign})
        said["code"] = page.context["code"]
    page = browser.post("/hall/kiosk/code/", {**said, "do": "go"})
    said |= {"second": "1"}
    for sign in tail:
        page = browser.post("/hall/kiosk/code/", {**said, "press": sign})
        said["tail"] = page.context["tail"]
    return browser.post("/hall/kiosk/code/", {**said, "do": "go"}).status_code


# --- the board -----------------------------------------------------------------------------------------------------


def test_the_board_shows_what_holds_today_and_asks_nobody_to_sign_in(cast: Cast, client: Client) -> None:
    put(cast)
    put(cast, title="旧地址", valid_from=today() - timedelta(days=9), valid_to=today() - timedelta(days=1))
    put(cast, title="新地址", valid_from=today() + timedelta(days=1))
    body = client.get("/hall/").content.decode()
    assert "县信访局接待大厅" in body and "旧地址" not in body and "新地址" not in body
    assert "15日内" in body and "60日内" in body and "信访工作条例" in body


def test_a_board_without_entries_tells_how_the_office_itself_is_reached(cast: Cast, client: Client) -> None:
    cast.office.address, cast.office.opening_hours = "浦江县人民东路1号", "工作日8:30—17:00"
    cast.office.save()
    body = client.get("/hall/").content.decode()
    for words in (
        "到哪里、什么时间来",
        "地址：浦江县人民东路1号",
        "接待时间：工作日8:30—17:00",
        "打电话",
        "0579-0000000",
        "写信",
        "浦江县信访局收",
    ):
        assert words in body
    assert "还没有录入" not in body
    put(cast, text="西门，每周一")
    body = client.get("/hall/").content.decode()
    assert "西门，每周一" in body and "接待时间：工作日8:30—17:00" not in body
    assert "0579-0000000" in body


def test_the_screen_of_another_body_calls_its_own_numbers(cast: Cast, client: Client) -> None:
    hall.take(cast.office.pk)
    for _ in range(3):
        hall.take(cast.township.pk)
    hall.call(cast.township.pk, "2")
    here = client.get(f"/hall/screen/?office={cast.township.code}")
    body = here.content.decode()
    assert "檀溪镇人民政府接待大厅" in body and "2 号窗口" in body and here.context["queue"].waiting == 2
    assert f"?office={cast.township.code}&amp;seen=" in body  # and so it asks on
    main = client.get("/hall/screen/")
    assert main.context["queue"].waiting == 1 and "檀溪镇" not in main.content.decode()
    mark = here.context["queue"].mark
    asked = client.get(f"/hall/screen/?office={cast.township.code}&seen={mark}", headers={"HX-Request": "true"})
    assert asked.status_code == 204
    for unknown in ("X-NONE", cast.county.code):
        assert client.get(f"/hall/screen/?office={unknown}").status_code == 404


def test_a_device_of_another_body_has_the_screen_of_that_body_beside_it(cast: Cast, signed_in: SignIn) -> None:
    hall.add_device(cast.township, by=cast.system_admin, name="镇便民中心")
    page = signed_in(cast.system_admin).get("/manage/hall/").content.decode()
    assert f'href="/hall/screen/?office={cast.township.code}"' in page


def test_a_body_without_counters_is_offered_no_device_and_a_screen_is_linked_where_it_opens(
    cast: Cast, signed_in: SignIn
) -> None:
    village, gone = (
        bodies.add(
            by=cast.system_admin, code=f"T-{n}", name=name, short_name=name, kind=kind, level="town", parent=cast.township,
            reason="新设",
        ) for n, (name, kind) in enumerate((("寺前村村民委员会", "village"), ("檀溪便民中心", "bureau")), start=1)
    )  # fmt: skip
    keeper = signed_in(cast.system_admin)
    form = keeper.get("/manage/hall/devices/add/").context["form"]
    offered = set(form.fields["office"].queryset)
    assert {cast.office, cast.township, village} <= offered and cast.county not in offered
    for body in (village, cast.county, gone):
        hall.add_device(body, by=cast.system_admin, name=body.name)
    Department.objects.filter(pk=gone.pk).update(valid_to=today() - timedelta(days=1))
    page = keeper.get("/manage/hall/")
    links = {line["row"].office: line["screen"] for line in page.context["devices"]}
    assert (links[cast.county], links[gone]) == ("", "")
    assert page.content.decode().count('<a href="">') == 0
    assert keeper.get(links[village]).status_code == 200


def test_the_administrator_sees_what_the_board_still_owes(cast: Cast, signed_in: SignIn) -> None:
    page = signed_in(cast.system_admin).get("/manage/hall/")
    assert page.context["missing"] == ["到哪里、什么时间来", "写信", "上网"]
    assert page.context["ours"] == ["打电话"]
    assert "公示页上用信访部门自己的电话" in page.content.decode()


def test_a_change_of_the_board_is_written_down_and_an_entry_ends(cast: Cast) -> None:
    row = put(cast)
    hall.end_entry(row, by=cast.system_admin, reason="搬迁")
    assert not hall.board().exists()
    assert AccessLog.objects.filter(target=f"board:{row.pk}").count() == 2
    with pytest.raises(WrongMoment):
        hall.end_entry(row, by=cast.system_admin, reason="再撤")


def test_days_that_do_not_fit_and_the_wrong_administrator_are_refused(cast: Cast) -> None:
    with pytest.raises(BadInput):
        put(cast, valid_to=today() - timedelta(days=1))
    with pytest.raises(WrongPerson):
        hall.add_device(cast.office, by=cast.security_admin, name="评价机")


# --- the queue -----------------------------------------------------------------------------------------------------


def test_numbers_are_called_in_their_order_to_the_window_that_asks(cast: Cast) -> None:
    assert [hall.take(cast.office.pk).number for _ in range(3)] == [1, 2, 3]
    first, second = hall.call(cast.office.pk, "1"), hall.call(cast.office.pk, "2")
    assert first is not None and second is not None
    assert (first.number, second.number) == (1, 2)
    queue = hall.queue(cast.office.pk)
    assert [row.number for row in queue.called] == [2, 1] and queue.coming == (3,)
    hall.leave(cast.office.pk, "2", missed=True)
    third = hall.call(cast.office.pk, "2")
    assert third is not None and third.number == 3
    assert hall.call(cast.office.pk, "2") is None


def test_calling_again_is_another_mark_and_nothing_new_is_none(cast: Cast, client: Client) -> None:
    hall.take(cast.office.pk)
    hall.call(cast.office.pk, "1")
    Ticket.objects.update(called_at=timezone.now() - timedelta(seconds=30))
    mark = hall.queue(cast.office.pk).mark
    asked = {"headers": {"HX-Request": "true"}}
    assert client.get("/hall/screen/", {"seen": mark}, **asked).status_code == 204
    hall.again(cast.office.pk, "1")
    assert hall.queue(cast.office.pk).mark != mark
    assert client.get("/hall/screen/", {"seen": mark}, **asked).status_code == 200


def test_a_counter_gives_numbers_and_calls_and_a_unit_without_counter_does_not(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.registrar)
    browser.post("/hall/ticket/")
    assert browser.post("/hall/call/").status_code == 422  # no window yet
    browser.post("/hall/window/", {"window": "3"})
    browser.post("/hall/call/")
    assert hall.queue(cast.office.pk).called[0].window == "3"
    assert "正在接待" in browser.get("/").content.decode()
    assert signed_in(cast.handler).post("/hall/ticket/").status_code == 403


def test_yesterdays_numbers_are_gone_the_next_night_and_nothing_else_knew_them(cast: Cast) -> None:
    hall.take(cast.office.pk)
    Ticket.objects.update(day=today() - timedelta(days=1))
    assert hall.take(cast.office.pk).number == 1
    assert sweep().tickets == 1
    assert Ticket.objects.count() == 1
    assert {field.name for field in Ticket._meta.concrete_fields} == {
        "id", "office", "day", "number", "window", "state", "called_at",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_numbers_taken_at_once_are_each_given_once(cast: Cast) -> None:
    made = together(*[lambda: hall.take(cast.office.pk).number] * 6)
    assert sorted(made) == [1, 2, 3, 4, 5, 6]
    called = together(*[lambda w=w: hall.call(cast.office.pk, w).number for w in "1234"])  # type: ignore[union-attr, misc]
    assert sorted(called) == [1, 2, 3, 4]


# --- the device ----------------------------------------------------------------------------------------------------


def test_a_device_opens_with_its_code_once(cast: Cast) -> None:
    cache.clear()
    row, code = hall.add_device(cast.office, by=cast.system_admin, name="评价机")
    assert hall.open_device(code) is not None
    assert hall.open_device(code) is None
    late, other = hall.add_device(cast.office, by=cast.system_admin, name="二号机")
    HallDevice.objects.filter(pk=late.pk).update(code_made_at=timezone.now() - timedelta(hours=1))
    assert hall.open_device(other) is None
    hall.end_device(row, by=cast.system_admin, reason="损坏")
    assert not HallDevice.objects.exclude(token_hash="").exists()


def test_guessing_a_devices_code_is_slowed_down(cast: Cast, client: Client) -> None:
    cache.clear()
    statuses = [client.post("/hall/kiosk/open/", {"code": "ACDEFGH234"}).status_code for _ in range(12)]
    assert statuses[:10] == [422] * 10 and statuses[10:] == [429, 429]


def test_a_browser_that_is_no_device_and_one_with_staff_in_it_get_nothing(
    cast: Cast, client: Client, device: Client, signed_in: SignIn
) -> None:
    assert client.get("/hall/kiosk/").headers["Location"] == "/hall/kiosk/open/"
    device.force_login(cast.registrar.user)
    for path in ("/hall/kiosk/", "/hall/kiosk/code/", "/hall/kiosk/rate/"):
        assert device.get(path).status_code == 403
    assert device.post("/hall/kiosk/rate/", {"target": "unit", "value": "0"}).status_code == 403
    assert device.post("/hall/kiosk/ticket/").status_code == 403


def test_the_petitioner_rates_office_and_unit_on_the_device_and_leaves_nothing(
    cast: Cast, make: Makes, device: Client
) -> None:
    done = register(entry(cast), by=cast.registrar)
    petition = done.petition
    type(petition).objects.filter(pk=petition.pk).update(stage="confirmed", rateable=True, responsible=cast.bureau)
    make_lead(cast, petition)
    assert key_in(device, done.code, "0001") == 302
    page = device.get("/hall/kiosk/rate/")
    assert page.context["target"] == "office"
    device.post("/hall/kiosk/rate/", {"target": "office", "value": "0"})
    device.post("/hall/kiosk/rate/", {"target": "unit", "value": "3"})
    assert dict(Rating.objects.values_list("target", "value")) == {"office": "0", "unit": "3"}
    event = Event.objects.filter(petition=petition, step="rated").latest("seq")
    assert (event.user_id, event.post_id) == (None, None)
    device.get("/hall/kiosk/")
    assert device.get("/hall/kiosk/rate/").headers["Location"] == "/hall/kiosk/"


def _nobody_reachable(cast: Cast) -> Registered:
    """Somebody who has left neither ID nor telephone, with a matter that may be rated."""
    done = register(entry(cast, people=[Person(name="王小明")]), by=cast.registrar)
    type(done.petition).objects.filter(pk=done.petition.pk).update(
        stage="confirmed", rateable=True, responsible=cast.bureau
    )
    make_lead(cast, done.petition)
    return done


def test_who_has_left_neither_id_nor_phone_rates_with_the_digits_of_the_receipt(cast: Cast, device: Client) -> None:
    done = _nobody_reachable(cast)
    assert key_in(device, done.code, public_access.receipt_tail(done.filing, done.code)) == 302
    assert device.get("/hall/kiosk/rate/").context["target"] == "office"
    device.post("/hall/kiosk/rate/", {"target": "office", "value": "1"})
    assert Rating.objects.get().value == "1"


def test_without_the_digits_of_the_receipt_the_stage_alone_is_told_and_wrong_ones_are_counted(
    cast: Cast, device: Client
) -> None:
    done = _nobody_reachable(cast)
    assert key_in(device, done.code, "") == 302
    assert device.get("/hall/kiosk/rate/").context["target"] == ""
    device.post("/hall/kiosk/rate/", {"target": "office", "value": "0"})
    assert not Rating.objects.exists()
    right = public_access.receipt_tail(done.filing, done.code)
    wrong = f"{(int(right) + 1) % 10_000:04d}"
    statuses = [key_in(device, done.code, wrong) for _ in range(public_access.TRIES_PER_CODE)]
    assert statuses == [422] * public_access.TRIES_PER_CODE
    assert key_in(device, done.code, right) == 429


def test_the_receipts_digits_are_printed_for_whoever_has_left_nothing_and_end_with_the_code(
    cast: Cast, signed_in: SignIn
) -> None:
    clerk = signed_in(cast.registrar)
    named, bare = (
        register(entry(cast, people=[Person(name="王小明", phone=phone)]), by=cast.registrar)
        for phone in ("19900000001", "")
    )
    assert public_access.receipt_tail(named.filing, named.code) == ""
    assert public_access.open_with(named.code, querycode.tail_of(named.code), address="10.0.0.1") is None
    path = f"/register/reissue/{bare.filing.ref}/"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', clerk.get(path).content.decode()))
    page = clerk.post(path, hidden | {"reason": "遗失"}, follow=True)
    code, tail = page.context["code"], page.context["tail"]
    assert tail == querycode.tail_of(code) and code != bare.code
    receipt = clerk.get(page.context["receipt_url"]).content.decode()
    assert f"<strong>{tail}</strong>" in receipt and "没有留身份证和手机号" in receipt
    assert public_access.open_with(code, tail, address="10.0.0.1") is not None
    assert public_access.open_with(bare.code, querycode.tail_of(bare.code), address="10.0.0.1") is None


def make_lead(cast: Cast, petition: object) -> None:
    from petitions.models import Assignment

    Assignment.objects.create(
        petition=petition, department=cast.bureau, sender=cast.office, sender_post=cast.triage.post, mode="transfer",
        lead=True, state="accepted", sent_on=today(),
    )  # fmt: skip


def test_what_the_browser_keeps_of_an_earlier_visit_opens_nothing(cast: Cast, device: Client) -> None:
    done = register(entry(cast), by=cast.registrar)
    page = device.get("/hall/kiosk/code/")
    said = {"visit": page.context["visit"], "code": done.code, "tail": "0001", "second": "1", "do": "go"}
    assert device.post("/hall/kiosk/code/", said).headers["Location"] == "/hall/kiosk/rate/"
    device.get("/hall/kiosk/")
    assert device.post("/hall/kiosk/code/", said).headers["Location"] == "/hall/kiosk/"


def test_wrong_second_factors_run_into_the_same_throttle_as_at_home(cast: Cast, device: Client) -> None:
    done = register(entry(cast), by=cast.registrar)
    statuses = [key_in(device, done.code, "9999") for _ in range(public_access.TRIES_PER_CODE + 1)]
    assert statuses == [422] * public_access.TRIES_PER_CODE + [429]
    assert Client().post("/q/", {"code": done.code, "tail": "0001"}).status_code == 429


def test_every_page_of_the_device_goes_back_by_itself_and_is_kept_nowhere(cast: Cast, device: Client) -> None:
    page = device.get("/hall/kiosk/code/")
    assert page.headers["Refresh"] == "60; url=/hall/kiosk/"
    assert "no-store" in page.headers["Cache-Control"]
    assert device.get("/hall/kiosk/").headers["Clear-Site-Data"] == '"cache"'
    assert "script" not in page.content.decode()


def test_a_number_is_taken_on_the_device(cast: Cast, device: Client) -> None:
    assert "您是 1 号" in device.post("/hall/kiosk/ticket/").content.decode()
    assert hall.queue(cast.office.pk).waiting == 1


@pytest.mark.parametrize("path", ["/q/", "/hall/", "/hall/kiosk/open/", "/hall/kiosk/", "/hall/kiosk/code/"])
def test_every_public_page_comes_large_and_plain_where_that_was_asked(cast: Cast, device: Client, path: str) -> None:
    assert "大字" in device.get(path).content.decode()
    device.cookies["type"], device.cookies["contrast"] = "large", "high"
    body = device.get(path).content.decode()
    assert '<html lang="zh-Hans" class="large high">' in body and "恢复字号" in body


def test_the_board_read_on_a_device_leads_back_to_its_start(cast: Cast, device: Client, client: Client) -> None:
    page = device.get("/hall/")
    assert (
        page.headers["Refresh"].endswith("url=/hall/kiosk/") and "/q/" not in page.content.decode().split("<footer")[0]
    )
    assert "Refresh" not in client.get("/hall/").headers
