"""The triage officer: the tray says what runs out first, the table says where to, and every paper has its number."""

from __future__ import annotations

import pytest

from petitions.actions import advance
from petitions.models import Assignment, Paper, Petition
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage, fill, open_step, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_transfer_to_the_body_that_the_table_names(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.registered().petition
    page = stage.seat(office.triage)
    assert page.locator("td[data-label='建议转送']").inner_text().startswith("自然资源和规划局")
    stage.look(page, "tray")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".matter-head:has-text('{petition.number}')")
    stage.look(page, "case")
    open_step(page, "转送")
    page.locator("#step .item:has-text('自然资源和规划局')").wait_for()
    stage.look(page, "transfer")
    send(page, "转送")
    held = Assignment.objects.get(petition=petition)
    assert held.department == office.bureau and held.state == "sent"
    page.locator(".files a:has-text('转送函')").click()
    page.wait_for_selector(f"text={Paper.objects.get(kind='transfer_letter').number}")
    stage.look(page, "transfer-letter")


def test_who_types_quickly_gets_what_was_typed(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.registered().petition
    page = stage.seat(office.triage, f"/petitions/{petition.ref}/")
    open_step(page, "转送")
    page.locator("#id_step_department-ts-control").focus()
    page.keyboard.insert_text("住房")
    page.keyboard.press("Enter")
    page.locator("#step .item:has-text('住房和城乡建设局')").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator("#messages:has-text('已转送')").wait_for()
    assert Assignment.objects.get(petition=petition).department == office.sibling


AT_ONCE = """box => {
  box.focus();
  box.value = '住房';
  box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 13, bubbles: true, cancelable: true }));
}"""


def test_a_choice_stays_shown_when_the_keys_come_before_any_timer(office: Cast, ready: Makes, stage: Stage) -> None:
    """On a slow machine the browser hands over all keys first: the list must not open again over the choice."""
    petition = ready.registered().petition
    page = stage.seat(office.triage, f"/petitions/{petition.ref}/")
    open_step(page, "转送")
    page.locator("#id_step_department-ts-control").evaluate(AT_ONCE)
    page.evaluate("() => new Promise(done => setTimeout(() => requestAnimationFrame(done), 50))")
    assert page.locator("#step .item:has-text('住房和城乡建设局')").is_visible()


def test_many_at_once_and_a_report_of_each(office: Cast, ready: Makes, stage: Stage) -> None:
    filings = [ready.registered(title=f"反映第{mark}组补偿款未发").filing for mark in "一二三"]
    page = stage.seat(office.triage)
    page.check("[data-pick-all]")
    page.locator("text=已选 3 件").wait_for()
    page.click("button:has-text('批量转送')")
    page.wait_for_selector("h1:has-text('批量转送 3 件')")
    stage.look(page, "bulk")
    advance("transfer", on=filings[1], by=office.head, department=office.sibling)  # a colleague is quicker
    page.click("button[data-primary]")
    page.wait_for_selector("text=已转送 2 件，1 件没有转送")
    row = page.locator("tr:has-text('第二组')")
    assert "依据" in row.inner_text() and "没有转送" in row.inner_text()
    stage.look(page, "bulk-report")
    assert Assignment.objects.filter(department=office.bureau).count() == 2


def test_not_accepted_with_its_ground(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.registered().petition
    page = stage.seat(office.triage, f"/petitions/{petition.ref}/")
    open_step(page, "不予受理")
    page.click("#step [data-primary]")
    page.locator("#step .errors").wait_for()
    stage.look(page, "not-accept-refused")
    fill(page, ground="out_of_remit", explanation="属于人民法院管辖，请向人民法院提起诉讼。")
    send(page, "不予受理")
    petition.refresh_from_db()
    assert (petition.stage, petition.outcome) == ("ended", "not_accepted")
    page.locator(".files a:has-text('不予受理告知书')").click()
    page.wait_for_selector("text=第二十三条")
    stage.look(page, "not-accepted-notice")


def test_a_direct_reply(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.registered().petition
    page = stage.seat(office.triage, f"/petitions/{petition.ref}/")
    open_step(page, "直接回复")
    fill(page, reply="您反映的补贴已经于本月10日发放到卡，请查收。")
    send(page, "直接回复")
    assert Petition.objects.get().outcome == "direct_reply"
    stage.look(page, "replied")
    page.locator("#bar-q").fill(petition.number)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    stage.look(page, "found")
    page.goto(f"{stage.address}/petitions/")
    stage.look(page, "list")
    page.goto(f"{stage.address}/notices/")
    stage.look(page, "notices")
