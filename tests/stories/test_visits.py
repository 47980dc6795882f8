"""Leaders go to the people: planned, approved, made known, by the people whose work it is, in a browser."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.stories.stage import PHONE, Stage
from tests.visits.conftest import Days, next_workday
from visits.actions import tables
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

    public = stage.window(PHONE)
    public.goto(f"{stage.address}/v/")
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
