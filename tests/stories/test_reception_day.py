"""The day, by person: the old farmer books on a phone, the counter signs in, the board hangs on the wall, the tablet listens."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.dates import today
from petitions.models import Petition
from tests.cast import PASSWORD, Cast
from tests.stories.stage import DESK, PHONE, Stage, choose
from tests.visits.conftest import Days, next_workday
from tests.visits.test_day import SAID, heard, new
from visits.actions import plan
from visits.actions.day import close
from visits.actions.outcome import record
from visits.models import Outcome, Reception

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_NO_NETWORK = re.compile("ERR_INTERNET_DISCONNECTED|Send Error|sendError|afterRequest")
WALL, TABLET = {"width": 1920, "height": 1080}, {"width": 1024, "height": 768}


@pytest.fixture
def days(office: Cast) -> Days:
    return Days(office)


def test_an_old_farmer_books_on_a_phone_and_gives_the_time_back(office: Cast, days: Days, stage: Stage) -> None:
    visit = days.published(next_workday(10))
    page = stage.window(PHONE, has_touch=True, is_mobile=True)
    page.goto(f"{stage.address}/v/{visit.ref}/")
    page.get_by_role("link", name="预约", exact=True).tap()
    page.locator("[name=name]").wait_for()
    stage.look(page, "form")
    page.get_by_role("button", name="预约", exact=True).tap()
    page.locator(".errors").wait_for()
    stage.look(page, "refused")
    page.fill("[name=name]", "王小明")
    page.fill("[name=phone]", "138 0000 0001")
    page.fill("[name=matter]", "承包地补偿款没有发")
    page.get_by_role("button", name="预约", exact=True).tap()
    page.locator("h1:has-text('约好了')").wait_for()
    stage.look(page, "booked")
    code = page.locator("dd.mono").inner_text()
    page.goto(f"{stage.address}/v/booking/")
    stage.look(page, "code")
    page.fill("[name=code]", code)
    page.get_by_role("button", name="查看").tap()
    page.get_by_role("button", name="取消这个预约").wait_for()
    stage.look(page, "mine")
    page.get_by_role("button", name="取消这个预约").tap()
    page.locator("text=时间让给了别人").wait_for()


def test_the_counter_rings_up_whose_reception_was_cancelled(office: Cast, days: Days, stage: Stage) -> None:
    visit = days.published(next_workday(10))
    done = days.booked(visit)
    plan.cancel(office.triage, visit, reason="防汛值班")
    phone = stage.window(PHONE, has_touch=True, is_mobile=True)
    phone.goto(f"{stage.address}/v/booking/")
    phone.fill("[name=code]", done.code)
    phone.get_by_role("button", name="查看").tap()
    phone.locator("text=这场接访取消了").wait_for()
    stage.look(phone, "cancelled")
    desk = stage.seat(office.registrar)
    desk.locator("#s-tell").wait_for()
    stage.look(desk, "to-tell")
    desk.get_by_role("link", name="王小明").click()
    desk.locator("#s-bookings").wait_for()
    stage.look(desk, "to-tell-visit")
    desk.get_by_role("button", name="已告知").click()
    desk.locator("text=已记录：电话告知").wait_for()
    stage.look(desk, "told")
    assert "王小明" not in desk.locator("#s-bookings").inner_text()


def test_the_counter_signs_in_and_the_board_calls(office: Cast, days: Days, stage: Stage) -> None:
    visit = days.published()
    days.published(leader=office.other_leader, room="2号室")
    days.booked(visit)
    desk = stage.seat(office.registrar, f"/visits/{visit.ref}/")
    stage.look(desk, "bookings")
    desk.get_by_role("button", name="签到").click()
    desk.locator("text=已签到：1号").wait_for()
    board = stage.seat(office.registrar2, "/visits/day/", WALL)
    board.locator("text=1号").first.wait_for()
    desk.goto(f"{stage.address}/visits/{visit.ref}/walk-in/")
    stage.look(desk, "walk-in")
    desk.fill("[name=name]", "李四")
    desk.fill("[name=matter]", "低保停发")
    desk.get_by_role("button", name="取号").click()
    desk.locator("text=2号，1号室").wait_for()
    board.locator(".board-next:has-text('2号')").wait_for()  # without a reload: asked for every three seconds
    assert "李四" not in board.content()
    desk = stage.seat(office.triage, "/visits/day/")
    desk.get_by_role("link", name="大屏链接").click()
    desk.get_by_role("link", name="生成链接").click()
    desk.fill("[name=name]", "接待大厅东墙")
    desk.click("[data-primary]")
    desk.locator("#fresh").wait_for()
    stage.look(desk, "wall-links")
    wall = stage.window(WALL)  # nobody is signed in there
    wall.goto(desk.locator("#fresh").inner_text())
    wall.locator(".wall-next:has-text('2')").first.wait_for()
    assert not wall.locator("a, button").count(), "nothing to press on a wall"
    assert "李四" not in wall.content()
    stage.look(wall, "wall", WALL, DESK)
    desk.get_by_role("button", name="撤回").click()
    desk.locator("text=已撤回").first.wait_for()
    wall.locator(".wall-rooms").wait_for(
        state="detached"
    )  # it asks by itself, and is told that there is nothing any more
    stage.look(board, "board", WALL, DESK, PHONE)
    room = stage.seat(office.triage, f"/visits/{visit.ref}/room/", TABLET)
    room.get_by_role("button", name="叫下一批").click()
    board.locator(".board-busy strong:has-text('1')").wait_for()
    leader = stage.seat(office.leader, f"/visits/{visit.ref}/room/", PHONE, has_touch=True, is_mobile=True)
    leader.locator("text=正在接谈：1号").wait_for()
    stage.look(leader, "leader")


def _fill(page: Any, days: Days, answer: str = "查明并发放") -> None:
    page.fill("[name=origin]", "寺前村，征地款滞留")
    page.fill("[name='m-0-title']", "补偿款没有到位")
    page.fill("[name='m-0-content']", "承包地被征收，补偿款没有发放。")
    for name, value in (("m-0-category", days.cast.category.pk), ("m-0-unit", str(days.cast.bureau.pk))):
        choose(page, name, value)
    page.check("[name='m-0-kind'][value=assigned]")
    page.fill("[name='m-0-answer']", answer)
    page.fill("[name='m-0-due']", f"{today() + timedelta(days=30):%Y-%m-%d}")


def test_the_record_is_filled_in_on_a_tablet_while_listening(office: Cast, days: Days, stage: Stage) -> None:
    row = days.in_room(days.published())
    page = stage.seat(office.triage, f"/visits/{row.visit.ref}/room/", TABLET)
    page.locator("text=正在接谈：1号").wait_for()
    stage.look(page, "empty", TABLET, PHONE)
    page.click("#session [data-primary]")
    page.locator(".errors").first.wait_for()
    stage.look(page, "refused", TABLET, PHONE)
    _fill(page, days)
    page.click("#session [data-primary]")
    page.locator("text=已登记 JF").wait_for()
    stage.look(page, "recorded", TABLET, PHONE)
    petition = Petition.objects.get()
    page.goto(f"{stage.address}/petitions/{petition.ref}/")
    page.locator("#s-visits").wait_for()
    stage.look(page, "case")
    page.goto(f"{stage.address}/visits/{row.visit.ref}/")
    page.locator("text=1件还没有答复").wait_for()
    stage.look(page, "visit")


STORED = """async () => {
  const base = await new Promise((done, no) => { const asked = indexedDB.open('room', 1); asked.onsuccess = () => done(asked.result); asked.onerror = no; });
  const all = (store) => new Promise((done) => { const asked = base.transaction(store).objectStore(store).getAll(); asked.onsuccess = () => done(asked.result); });
  const [keys, rows] = [await all('keys'), await all('records')];
  base.close();
  let out = 'refused';
  try { await crypto.subtle.exportKey('raw', keys[0]); out = 'exported'; } catch { out = 'refused'; }
  return { keys: keys.length, rows: rows.length, out, text: rows.map((row) => new TextDecoder().decode(row.sealed)).join('') };
}"""


def test_ten_minutes_without_a_network_lose_nothing_and_send_once(office: Cast, days: Days, stage: Stage) -> None:
    user = office.triage.user
    user.set_password(PASSWORD)
    user.save()
    row = days.in_room(days.published())
    page = stage.seat(office.triage, f"/visits/{row.visit.ref}/room/", TABLET)
    page.locator("#session").wait_for()
    page.clock.install()
    page.context.set_offline(True)
    _fill(page, days)
    page.locator("[data-kept-at]:has-text('本机已加密保存')").wait_for()
    page.click("#session [data-primary]")
    page.locator("[data-kept]:has-text('网络断开')").wait_for()
    stage.look(page, "offline", TABLET, PHONE)
    stored = page.evaluate(STORED)
    assert (stored["keys"], stored["rows"], stored["out"]) == (1, 1, "refused"), "the key cannot be taken out"
    assert "补偿款" not in stored["text"]
    page.clock.fast_forward("10:00")
    page.locator("[data-kept]:has-text('网络断开')").wait_for()
    assert page.evaluate(STORED)["rows"] == 1, "kept for ten minutes, and longer"
    assert not Outcome.objects.exists()

    # The session has run out meanwhile: what was typed waits for the same person.
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.locator("[data-kept]:has-text('登录已过期')").wait_for()
    assert not Outcome.objects.exists()
    page.goto(f"{stage.address}/sign-in/?next=/visits/{row.visit.ref}/room/")
    page.fill("[name=username]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("form [type=submit]")
    page.locator("text=已登记 JF").wait_for()
    assert Outcome.objects.count() == 1
    assert Reception.objects.get().state == "done"
    assert page.evaluate(STORED)["rows"] == 0, "wiped when it was sent"
    # A browser without a network, and a page whose session is over, say so on their console: that is what was tried.
    stage.complaints = [said for said in stage.complaints if not _NO_NETWORK.search(said)]


def test_signing_out_wipes_what_the_tablet_kept(office: Cast, days: Days, stage: Stage) -> None:
    row = days.in_room(days.published())
    page = stage.seat(office.triage, f"/visits/{row.visit.ref}/room/", TABLET)
    page.fill("[name=origin]", "寺前村")
    page.locator("[data-kept-at]:has-text('本机已加密保存')").wait_for()
    page.reload()
    page.locator("[name=origin]").wait_for()
    page.locator("[data-kept]:has-text('已恢复')").wait_for()
    assert page.input_value("[name=origin]") == "寺前村"
    page.goto(f"{stage.address}/")  # away from the room: the first page wipes as well
    page.evaluate("document.querySelector('.bar-end details.menu').open = true")
    page.click("[data-sign-out] button")
    page.locator("[name=username]").wait_for()
    assert page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)") == []


LAID = """async ([id, room, age]) => {
  const base = await new Promise((done, no) => { const asked = indexedDB.open('room', 1); asked.onsuccess = () => done(asked.result); asked.onerror = no; });
  const turn = base.transaction('records', 'readwrite');
  turn.objectStore('records').put({ person: document.body.dataset.signedIn, room, at: Date.now() - age, iv: new Uint8Array(12), sealed: new Uint8Array(9) }, id);
  await new Promise((done) => { turn.oncomplete = done; });
  base.close();
}"""
IDS = """async () => {
  const base = await new Promise((done, no) => { const asked = indexedDB.open('room', 1); asked.onsuccess = () => done(asked.result); asked.onerror = no; });
  const ids = await new Promise((done) => { const asked = base.transaction('records').objectStore('records').getAllKeys(); asked.onsuccess = () => done(asked.result); });
  base.close();
  return ids;
}"""
HALF_DAY = 12 * 3600 * 1000


def test_an_old_row_goes_by_itself_and_on_any_page_and_leaves_the_draft_that_is_typed_now(
    office: Cast, days: Days, stage: Stage
) -> None:
    row = days.in_room(days.published())
    page = stage.seat(office.triage, f"/visits/{row.visit.ref}/room/", TABLET)
    page.clock.install()
    page.fill("[name=origin]", "寺前村")
    page.locator("[data-kept-at]:has-text('本机已加密保存')").wait_for()
    page.evaluate(LAID, ["orphan", "elsewhere", HALF_DAY + 1000])
    page.reload()
    page.locator("[data-kept]:has-text('已恢复')").wait_for()
    assert page.input_value("[name=origin]") == "寺前村"
    assert page.evaluate(IDS) == [row.ref]
    page.goto(f"{stage.address}/")
    page.clock.fast_forward("12:02:00")
    page.wait_for_function(f"async () => !(await ({IDS})()).length")


def test_what_was_sent_and_whose_answer_was_lost_is_dropped_when_the_room_says_that_the_party_has_gone(
    office: Cast, days: Days, stage: Stage
) -> None:
    visit = days.published()
    row = days.in_room(visit)
    waiting = days.walked_in(visit)
    page = stage.seat(office.triage, f"/visits/{visit.ref}/room/", TABLET)
    page.fill("[name=origin]", "寺前村")
    page.locator("[data-kept-at]:has-text('本机已加密保存')").wait_for()
    page.evaluate(LAID, [waiting.ref, visit.ref, 0])
    record(row, by=office.triage, said=SAID, matters=[new(days, "explained")])  # taken; the tablet never heard of it
    page.reload()
    page.get_by_role("button", name="叫下一批").wait_for()
    page.wait_for_function(f"async () => (await ({IDS})()).length === 1")
    assert page.evaluate(IDS) == [waiting.ref], "who was only sent back to wait keeps what was typed"


def test_after_twelve_hours_the_tablet_has_forgotten(office: Cast, days: Days, stage: Stage) -> None:
    row = days.in_room(days.published())
    page = stage.seat(office.triage, f"/visits/{row.visit.ref}/room/", TABLET)
    page.fill("[name=origin]", "寺前村")
    page.locator("[data-kept-at]:has-text('本机已加密保存')").wait_for()
    page.clock.set_fixed_time(timezone.now() + timedelta(hours=12, minutes=1))
    page.reload()
    page.locator("#session").wait_for()
    page.fill("[name=opinion]", "先核实")  # kept as soon as the store has been asked what it still has
    page.locator("[data-kept-at]:has-text('本机已加密保存')").wait_for()
    assert page.input_value("[name=origin]") == ""
    assert page.evaluate(STORED)["rows"] == 1


def test_what_is_owed_afterwards_has_its_pages(office: Cast, days: Days, stage: Stage) -> None:
    visit = days.published()
    heard(days, new(days, "sponsored"), visit=visit)
    close(visit, by=office.triage)
    coming = days.approved(next_workday(10), place=days.town, room="接待室")
    leader = stage.seat(office.leader, "/visits/sponsored/", PHONE, has_touch=True, is_mobile=True)
    stage.look(leader, "ledger")
    leader.tap("[data-row-link]")
    leader.get_by_role("link", name="化解方案").tap()
    leader.fill("[name=crux]", "款项滞留")
    leader.fill("[name=plan]", "由财政补齐")
    stage.look(leader, "plan-form")
    leader.tap("[data-primary]")
    leader.locator("text=由财政补齐").first.wait_for()
    stage.look(leader, "case")

    unit = stage.seat(office.handler, "/visits/follow-ups/")
    stage.look(unit, "unit-duties")
    unit.get_by_role("link", name="办理").first.click()
    unit.fill("[name=words]", "补偿款已发放")
    stage.look(unit, "duty")
    unit.click("[data-primary]")
    unit.locator("text=已记录").wait_for()

    desk = stage.seat(office.triage, f"/visits/{visit.ref}/research/")
    desk.fill("[name=topic]", "征地补偿款的发放")
    desk.fill("[name=findings]", "三个村的补偿款都滞留在镇里。")
    stage.look(desk, "research")
    desk.click("[data-primary]")
    desk.locator("h1:has-text('调研报告')").wait_for()
    desk.goto(f"{stage.address}/visits/{visit.ref}/")
    desk.locator("#s-research").wait_for()
    stage.look(desk, "held")
    for name, path in (("where", "where/"), ("figures", "figures/"), ("figure", "figures/outcomes/"), ("carry", f"{coming.ref}/carry/"),
                       ("duties", "follow-ups/")):  # fmt: skip
        desk.goto(f"{stage.address}/visits/{path}")
        stage.look(desk, name)
