"""Leaders go to the people: planned, approved, made known, by the people whose work it is, in a browser."""

from __future__ import annotations

import pytest

from accounts.dates import today
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import PHONE, Stage, choose
from tests.visits.conftest import Days, next_workday
from tests.visits.test_day import heard, new
from tests.visits.test_results import held, sponsored
from visits.actions import tables
from visits.actions.carry import carry
from visits.actions.day import arrive, call_next
from visits.models import Status, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def days(office: Cast) -> Days:
    return Days(office)


def test_a_month_is_planned_approved_and_made_known(office: Cast, days: Days, stage: Stage) -> None:
    head = stage.seat(office.head, "/visits/tables/")
    stage.look(head, "tables")
    head.get_by_role("link", name="采用一套规则").click()
    head.check("[name=code][value='2013']")
    stage.look(head, "adopt")
    head.click("[data-primary]")
    head.locator("text=每月至少1次").first.wait_for()

    desk = stage.seat(office.triage, "/visits/")
    stage.look(desk, "empty-month")
    desk.get_by_role("link", name="编制计划").click()
    desk.get_by_role("link", name="下个季度").click()
    desk.click("[name=look]")
    desk.locator("#s-rows").wait_for()
    stage.look(desk, "draft")
    desk.click("[data-primary]")
    desk.locator(".visit-chip").first.wait_for()
    stage.look(desk, "month")
    desk.locator(".visit-chip a").first.click()
    desk.get_by_text("调整", exact=True).click()
    stage.look(desk, "move")
    desk.fill("[name=topic]", "征地补偿")
    desk.click("[data-primary]")
    desk.locator("text=已调整").wait_for()
    stage.look(desk, "visit")

    visit = Visit.objects.get(topic="征地补偿")
    head.goto(f"{stage.address}/visits/?month={visit.day:%Y-%m}")
    head.get_by_text("审定本月草稿").click()
    head.locator("text=的草稿已审定").wait_for()
    desk.goto(f"{stage.address}/visits/?month={visit.day:%Y-%m}")
    desk.get_by_text("公示本月已审定").click()
    desk.locator("text=已公示").first.wait_for()

    far = days.published(next_workday(200), office.other_leader)
    public = stage.window(PHONE)
    public.goto(f"{stage.address}/v/?month={far.day:%Y-%m}")
    stage.look(public, "notices-of-a-month")
    public.get_by_role("link", name="最近的").click()
    public.locator("text=以后还有1场").wait_for()
    stage.look(public, "notices")
    public.get_by_text("看详情、预约").first.click()
    stage.look(public, "notice")
    public.goto(f"{stage.address}/v/{visit.ref}/poster/")
    stage.look(public, "poster")
    assert Visit.objects.get(pk=visit.pk).status == Status.PUBLISHED


def test_a_broken_rule_stands_beside_the_calendar_and_a_refusal_beside_its_field(
    office: Cast, days: Days, stage: Stage
) -> None:
    tables.adopt(office.head, "2013", valid_from=next_workday(0).replace(day=1))
    visit = days.drafted(next_workday(40))
    desk = stage.seat(office.triage, f"/visits/?month={visit.day:%Y-%m}")
    desk.locator("text=与规则不符").wait_for()
    desk.locator(f"text={office.other_leader.user.name}").first.wait_for()
    stage.look(desk, "broken-rule")
    desk.goto(f"{stage.address}/visits/{visit.ref}/move/")
    desk.fill("[name=day]", "2020-01-02")
    desk.click("[data-primary]")
    desk.locator(".field-error:has-text('已经过去')").wait_for()
    stage.look(desk, "refused")


def test_a_leader_sees_his_next_reception_on_the_phone_and_writes_his_days(
    office: Cast, days: Days, stage: Stage
) -> None:
    days.published(next_workday(10))
    page = stage.seat(office.leader, "/", PHONE, has_touch=True, is_mobile=True)
    page.locator("#s-coming").wait_for()
    stage.look(page, "leader-home")
    page.tap("section:has(#s-coming) .matter")
    stage.look(page, "leader-visit")
    page.goto(f"{stage.address}/visits/busy/".replace("/visits/busy", "/visits/tables/busy"))
    page.fill("[name=first]", f"{next_workday(20):%Y-%m-%d}")
    page.fill("[name=last]", f"{next_workday(20):%Y-%m-%d}")
    stage.look(page, "leader-days")
    page.tap("[data-primary]")
    page.locator("text=已保存").wait_for()


TABLET = {"width": 1024, "height": 768}


def test_the_desk_gets_the_papers_of_a_visit_ready_and_the_leader_reads_them(
    office: Cast, days: Days, ready: Makes, stage: Stage
) -> None:
    visit = days.published(next_workday(10), place=days.town, room="接待室", backup=office.other_leader.post)
    carry(visit, [(ready.delivered().petition, ["集体事项"])], by=office.triage)
    desk = stage.seat(office.triage, f"/visits/{visit.ref}/")
    desk.get_by_role("link", name="接访材料").click()
    desk.locator("#s-ask").wait_for()
    stage.look(desk, "pack", TABLET, PHONE)
    desk.get_by_role("button", name="请单位写").click()
    desk.locator("text=已请责任单位预审").wait_for()
    desk.get_by_role("link", name="现场秩序和应急预案").click()
    desk.fill("[name=venue_order]", "门口由小李引导，老人先坐")
    desk.fill("[name=emergency]", "突发疾病找镇卫生院")
    stage.look(desk, "order")
    desk.click("[data-primary]")
    desk.locator("text=突发疾病找镇卫生院").wait_for()

    unit = stage.seat(office.handler, "/")
    unit.locator("#s-owed").wait_for()
    unit.goto(f"{stage.address}/visits/follow-ups/")
    stage.look(unit, "duties")
    unit.get_by_role("link", name="写预审").first.click()
    unit.click("[data-primary]")
    unit.locator(".errors").first.wait_for()
    stage.look(unit, "brief-refused")
    unit.fill("[name=checked]", "款项已到镇财政")
    unit.fill("[name=basis]", "土地管理法第四十八条")
    unit.fill("[name=promise]", "本月内发放")
    unit.click("[data-primary]")
    unit.locator("text=已保存").wait_for()

    leader = stage.seat(office.leader, f"/visits/{visit.ref}/", PHONE, has_touch=True, is_mobile=True)
    leader.get_by_role("link", name="接访材料").tap()
    leader.locator("text=本月内发放").wait_for()
    stage.look(leader, "leader-pack", PHONE, TABLET)
    leader.emulate_media(media="print")
    assert leader.locator(".bar, .btn").evaluate_all("all => all.every((one) => !one.getClientRects().length)")
    assert leader.locator(".pack-sheet").evaluate("one => getComputedStyle(one).breakBefore") == "page"
    leader.emulate_media(media="screen")
    leader.goto(f"{stage.address}/visits/{visit.ref}/")
    leader.get_by_role("link", name="来不了").tap()
    leader.fill("[name=reason]", "赴省里开会")
    stage.look(leader, "cannot-come", PHONE)
    leader.tap("[data-primary]")
    leader.locator("text=已报告").wait_for()
    desk.goto(f"{stage.address}/")
    desk.locator("text=领导来不了，请换人").wait_for()


def test_a_visit_gets_a_substitute_two_leaders_exchange_and_one_is_cancelled(
    office: Cast, days: Days, stage: Stage
) -> None:
    first = days.published(next_workday(10), backup=office.other_leader.post)
    second = days.published(next_workday(14))  # never the same day, whatever weekday it is
    third = days.published(next_workday(18), leader=office.other_leader)
    days.booked(second)
    name = office.other_leader.user.name
    desk = stage.seat(office.triage, f"/visits/{first.ref}/")
    desk.get_by_role("link", name="换人").click()
    stage.look(desk, "substitute")
    desk.click("[data-primary]")
    desk.locator(".errors").first.wait_for()
    desk.fill("[name=reason]", "赴省开会")
    desk.click("[data-primary]")
    desk.locator("text=已换人").wait_for()
    desk.locator(f"h1:has-text('{name}')").wait_for()
    stage.look(desk, "substituted")

    desk.goto(f"{stage.address}/visits/{second.ref}/")
    desk.get_by_role("link", name="互换领导").click()
    choose(desk, "other", str(third.pk))
    desk.fill("[name=reason]", "工作调整")
    stage.look(desk, "swap")
    desk.click("[data-primary]")
    desk.locator("text=已互换").wait_for()
    fresh = Visit.objects.get(replaces=second)
    assert fresh.leader_id == office.other_leader.post.pk and fresh.bookings.count() == 1

    desk.goto(f"{stage.address}/visits/{fresh.ref}/cancel/")
    desk.locator("text=已有1批预约").wait_for()
    desk.fill("[name=reason]", "防汛值班")
    stage.look(desk, "cancel")
    desk.click("[data-primary]")
    desk.locator("text=已取消").first.wait_for()
    public = stage.window(PHONE)
    public.goto(f"{stage.address}/v/")
    stage.look(public, "notices-after-changes")
    for visit, words in ((first, "换人接访"), (second, "换人接访"), (fresh, "这场接访取消了")):
        public.goto(f"{stage.address}/v/{visit.ref}/")
        public.locator(f"text={words}").wait_for()
    stage.look(public, "cancelled-notice")


def test_figures_of_receptions_stand_in_tables_whose_numbers_open_their_lists(
    office: Cast, days: Days, ready: Makes, stage: Stage
) -> None:
    heard(days, new(days, "assigned"))
    page = stage.seat(office.supervisor, "/visits/figures/")
    page.locator("#s-by-place").wait_for()
    stage.look(page, "figures", {"width": 1440, "height": 900}, TABLET, PHONE)
    page.locator("section:has(#s-by-place) td a").first.click()
    page.locator("[data-count]").wait_for()
    page.goto(f"{stage.address}/ledgers/received/")
    stage.look(page, "ledger-of-matters")


def test_in_the_room_stands_what_is_known_of_the_partys_matter(
    office: Cast, days: Days, ready: Makes, stage: Stage
) -> None:
    petition, visit = ready.delivered().petition, days.published()
    arrive(days.booked(visit, filed_number=petition.number).booking, by=office.registrar)
    call_next(visit, by=office.registrar)
    room = stage.seat(office.triage, f"/visits/{visit.ref}/room/", TABLET)
    room.locator(f".room-side summary:has-text('{petition.number}')").wait_for()
    stage.look(room, "known", TABLET, PHONE)
    room.click("#session [data-primary]")
    room.locator(".errors").first.wait_for()
    room.locator(f".room-side summary:has-text('{petition.number}')").wait_for()
    leader = stage.seat(office.leader, f"/visits/{visit.ref}/room/", PHONE, has_touch=True, is_mobile=True)
    leader.locator(f".room-side summary:has-text('{petition.number}')").wait_for()
    stage.look(leader, "known-leader", PHONE)


def test_afterwards_everybody_reads_numbers_and_who_answers_for_sponsored_cases(
    office: Cast, days: Days, ready: Makes, stage: Stage
) -> None:
    for code in ("results_public", "sponsored_public"):
        tables.set_number(office.head, code, 1, source="县委办通知", valid_from=today())
    visit = held(days, ready, assigned=6, resolved=5)
    rows = sponsored(days, ready, 5)
    page = stage.window(PHONE)
    page.goto(f"{stage.address}/v/{visit.ref}/")
    page.locator("text=11批，33人").wait_for()
    stage.look(page, "results")
    page.goto(f"{stage.address}/v/")
    page.get_by_role("link", name="领导包案公开").click()
    page.locator(f"text={rows[0].number}").wait_for()
    stage.look(page, "sponsored")
