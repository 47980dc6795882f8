"""Answering for a case, asking before it is brought, and what research leads to: by person, in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.dates import today
from petitions.models import Paper
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import PHONE, Stage, choose
from tests.visits.conftest import Days, next_workday
from tests.visits.test_day import heard, new
from visits.actions import sponsor
from visits.actions.carry import carry
from visits.actions.day import close
from visits.models import Outcome, Sponsorship

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def days(office: Cast) -> Days:
    return Days(office)


def test_the_head_puts_a_case_into_a_leaders_hands_and_a_main_leader_gives_time_on_the_phone(
    office: Cast, days: Days, stage: Stage
) -> None:
    petition = Makes(office).handling().petition
    head = stage.seat(office.head, f"/visits/sponsored/add/?number={petition.number}")
    head.click("[data-primary]")
    head.locator(".field-error").first.wait_for()
    stage.look(head, "put-up-refused")
    for name, value in (("sponsor", office.leader.post.pk), ("unit", office.bureau.pk)):
        choose(head, name, value)
    head.fill("[name=due]", f"{today() + timedelta(days=40):%Y-%m-%d}")
    head.fill("[name=crux]", "三个村的补偿款滞留")
    head.fill("[name=approval]", "县长11月20日批准")
    head.click("[data-primary]")
    head.locator("text=责任书已生成").wait_for()
    stage.look(head, "sponsored-case")
    head.get_by_role("link", name="领导包案责任书").click()
    head.locator(".paper-title").wait_for()
    stage.look(head, "charge")

    row = Sponsorship.objects.get()
    mine = stage.seat(office.leader, "/", PHONE, has_touch=True, is_mobile=True)
    mine.locator("#s-cases").wait_for()
    stage.look(mine, "my-cases")
    desk = stage.seat(office.leader, f"/visits/sponsored/{row.ref}/plan/")
    desk.fill("[name=plan]", "由财政补齐，当面答复")
    desk.click("[data-primary]")
    desk.locator("text=请至少写一步").first.wait_for()
    desk.fill("[name='s-0-what']", "财政补齐补偿款")
    desk.fill("[name='s-0-done_when']", "三户全部到账")
    stage.look(desk, "plan")
    desk.click("[data-primary]")
    desk.locator("text=1步完成0步").first.wait_for()
    desk.get_by_role("link", name="完成").click()
    desk.fill("[name=words]", "三户都到账了")
    stage.look(desk, "step-done")
    desk.click("[data-primary]")
    desk.locator("text=1步完成1步").first.wait_for()
    stage.look(desk, "case-with-steps")
    sponsor.ask_more_time(row, by=office.leader, until=row.due + timedelta(days=20), words="还要等省里的批复")
    main = stage.seat(office.other_leader, "/", PHONE, has_touch=True, is_mobile=True)
    main.locator("#s-asked").wait_for()
    stage.look(main, "asked-of-me")
    main.get_by_role("link", name="批复").tap()
    main.check("[name=agree][value=yes]")
    stage.look(main, "decide")
    main.tap("[data-primary]")
    main.locator("text=已保存").wait_for()
    assert Paper.objects.filter(petition=petition, kind="sponsor_time").exists()


def test_the_petitioner_is_asked_before_a_case_is_brought(office: Cast, days: Days, stage: Stage) -> None:
    make = Makes(office)
    petitions = [make.handling(title="反映阳光花园小区污水外溢", head_count=9).petition for _ in range(2)]
    visit = days.approved(next_workday(10), place=days.town, room="接待室", topic="污水")
    desk = stage.seat(office.triage, f"/visits/{visit.ref}/carry/")
    desk.locator("text=涉及同一项目“阳光花园小区”未办结2件").first.wait_for()
    stage.look(desk, "cases")
    carry(visit, [(one, ["集体事项"]) for one in petitions], by=office.triage)
    desk.goto(f"{stage.address}/visits/{visit.ref}/")
    stage.look(desk, "carried")
    desk.get_by_role("link", name="征求本人意见").first.click()
    desk.check("[name=consent][value=agreed]")
    desk.fill("[name=words]", "电话里说愿意当面谈")
    stage.look(desk, "consent")
    desk.click("[data-primary]")
    desk.locator("text=本人同意").wait_for()
    desk.get_by_role("link", name="撤回").last.click()
    desk.fill("[name=reason]", "已经约到大厅")
    stage.look(desk, "take-out")
    desk.click("[data-primary]")
    desk.locator("text=已撤回").wait_for()


def test_a_report_leads_to_a_suggestion_on_the_record(office: Cast, days: Days, stage: Stage) -> None:
    visit = days.published()
    heard(days, new(days, "assigned"), visit=visit)
    close(visit, by=office.triage)
    desk = stage.seat(office.head, f"/visits/{visit.ref}/research/")
    desk.fill("[name=topic]", "征地补偿款的发放")
    desk.fill("[name=findings]", "三个村的补偿款都滞留在镇里。")
    desk.fill("[name=suggestion]", "明确补偿款到账后十日内发放到户。")
    choose(desk, "to", office.bureau.pk)
    desk.click("[data-primary]")
    desk.locator("h1:has-text('调研报告：征地补偿款的发放')").wait_for()
    stage.look(desk, "report")
    desk.get_by_role("link", name="提出完善政策建议").click()
    desk.fill("[name=basis]", "浦江县征地补偿实施细则第三条")
    stage.look(desk, "suggest")
    desk.click("[data-primary]")
    desk.locator("text=已提出，待反馈").wait_for()
    stage.look(desk, "suggested")
    assert Paper.objects.filter(petition=Outcome.objects.get().petition, kind="advice_policy").exists()
    desk.goto(f"{stage.address}/visits/{visit.ref}/")
    desk.get_by_role("link", name="接访交办单").first.click()
    desk.locator(".paper-title").wait_for()
    stage.look(desk, "order")
