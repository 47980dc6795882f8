"""Lists as work tools: columns that a person picks, an order, a name for both, rows walked by keys alone."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook

from accounts.dates import today
from petitions import bulk_steps, exports, jobs
from petitions.models import Job
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_columns_and_order(office: Cast, ready: Makes, stage: Stage) -> None:
    ready.registered(title="反映寺前村道路积水")
    ready.handling(title="反映征地补偿款未到位")
    ready.confirmed(title="反映自来水管破裂")
    page = stage.seat(office.triage, "/petitions/")
    stage.look(page, "list")
    page.click("text=先到期")
    page.wait_for_selector("text=只列有期限")
    assert page.locator("tbody tr").count() == 2
    page.click("text=选择列")
    stage.look(page, "columns")
    page.check("input[value=handler]")
    page.uncheck("input[value=category]")
    page.click("button[aria-label='承办人前移']")
    page.wait_for_selector("button[aria-label='承办人前移']:focus")
    page.click("[data-primary]")
    page.wait_for_selector("th:has-text('承办人')")
    assert "分类" not in page.locator("thead").inner_text()
    assert page.locator("nav[aria-label='排序'] [aria-current]").inner_text() == "先到期"
    stage.look(page, "chosen")
    every = "title.number.name.stage.category.responsible.region.channel.handler.co_units.heads.outcome.resolved.due"
    page.goto(f"{stage.address}/petitions/?cols={every}")
    stage.look(page, "many-columns")
    page.goto(f"{stage.address}/tray/to_route/")
    page.click("text=选择列")
    stage.look(page, "tray-columns")
    page.check("input[value=channel]")
    page.click("[data-primary]")
    page.wait_for_selector("th:has-text('形式')")
    assert page.locator("thead th:not(.pick)").first.inner_text() == "到期"
    page.goto(f"{stage.address}/tray/to_route/?cols={every}")
    stage.look(page, "tray-many-columns")


def test_a_view_is_kept_shared_and_opened_with(office: Cast, ready: Makes, stage: Stage) -> None:
    ready.handling(title="反映征地补偿款未到位")
    ready.sent(title="反映寺前村道路积水")
    page = stage.seat(office.unit_head, "/petitions/")
    page.select_option("#id_stage", "sent")
    page.click(".filters-end .btn-primary")
    page.click("summary:has-text('存为视图')")
    page.fill("#id_view_name", "待我局签收")
    page.check("[name=default]")
    page.check("[name=shared]")
    stage.look(page, "saving")
    page.click(".views-save button")
    page.wait_for_selector("text=视图“待我局签收”已保存")
    page.goto(f"{stage.address}/petitions/")
    page.wait_for_selector(".chip--on:has-text('待我局签收')")
    assert page.locator("tbody tr").count() == 1
    stage.look(page, "in-use")
    page.click("text=管理视图")
    stage.look(page, "views")
    other = stage.seat(office.signer, "/petitions/")
    other.click(".views-list a:has-text('待我局签收')")
    other.wait_for_selector("tbody tr")
    assert other.locator("tbody tr").count() == 1
    page.click("button:has-text('删除')")
    page.wait_for_selector("text=还没有保存过视图")
    stage.look(page, "none")


def standing(page: object) -> str:
    """The title of the matter whose row has the focus."""
    return str(page.evaluate("document.activeElement.closest('tr')?.querySelector('.matter')?.textContent ?? ''"))  # type: ignore[attr-defined]


def test_a_list_is_worked_by_keys_alone(office: Cast, ready: Makes, stage: Stage) -> None:
    for mark in "一二三四":
        ready.registered(title=f"反映第{mark}组补偿款未发")
    page = stage.seat(office.triage, "/tray/to_route/")
    keys = page.keyboard
    keys.press("j")
    assert standing(page) == "反映第一组补偿款未发"
    stage.look(page, "first-row")
    keys.press("j")
    keys.press("ArrowDown")
    keys.press("k")
    assert standing(page) == "反映第二组补偿款未发"
    keys.press("x")
    page.locator("text=已选 1 件").wait_for()
    keys.press("End")
    keys.press("Shift+X")
    page.locator("text=已选 3 件").wait_for()
    keys.press("Home")
    assert standing(page) == "反映第一组补偿款未发"
    keys.press("k")
    assert standing(page) == "反映第一组补偿款未发"
    keys.press("?")
    page.locator("#keys[open]").wait_for()
    assert page.locator("#keys dt:visible").count() == 10
    stage.look(page, "keys")
    keys.press("j")
    keys.press("Escape")
    page.locator("#keys[open]").wait_for(state="hidden")
    assert standing(page) == "反映第一组补偿款未发"
    keys.press("j")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('第二组')")
    page.go_back()
    page.locator("tr:focus-within:has-text('第二组')").wait_for()


def test_keys_are_letters_again_where_one_writes_and_where_they_are_turned_off(
    office: Cast, ready: Makes, stage: Stage
) -> None:
    ready.registered(title="反映寺前村道路积水")
    page = stage.seat(office.triage, "/petitions/")
    keys = page.keyboard
    keys.press("f")
    page.locator("#id_stage:focus").wait_for()
    keys.press("/")  # a field: the key is its own
    page.locator("#id_stage:focus").wait_for()
    page.locator("#main").focus()
    keys.press("/")
    page.locator("#bar-q:focus").wait_for()
    keys.type("j?nfx")
    assert page.locator("#bar-q").input_value() == "j?nfx"
    assert page.locator("#keys[open]").count() == 0
    page.locator("#main").focus()
    composing = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', keyCode: 229, bubbles: true }))"
    page.evaluate(composing)
    assert standing(page) == ""
    page.click("[data-open-keys]")
    page.uncheck("[data-letters]")
    keys.press("Escape")
    page.locator("#main").focus()
    keys.press("j")
    assert standing(page) == ""
    keys.press("ArrowDown")
    assert standing(page) == "反映寺前村道路积水"
    keys.press("?")
    page.locator("#keys[open]").wait_for()
    page.check("[data-letters]")
    keys.press("Escape")
    keys.press("Home")
    page.reload()
    page.locator("#main").focus()
    keys.press("j")
    assert standing(page) == "反映寺前村道路积水"


def test_a_list_leaves_as_a_spreadsheet(
    office: Cast, ready: Makes, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mark in "一二三":
        ready.sent(title=f"反映第{mark}组补偿款未发")
    page = stage.seat(office.triage, "/petitions/?stage=sent&cols=title.due")
    with page.expect_download() as short:
        page.click("button:has-text('导出表格')")
    rows = list(load_workbook(short.value.path().open("rb")).worksheets[0].values)
    assert rows[0] == ("标题", "到期") and len(rows) == 4
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    page.locator("button:has-text('导出表格'):enabled").click()
    page.wait_for_url("**/jobs/**")
    stage.look(page, "waiting")
    jobs.run(Job.objects.get().ref)
    page.reload()
    stage.look(page, "written")
    with page.expect_download() as long:
        page.click("a:has-text('下载信访事项')")
    assert len(list(load_workbook(long.value.path().open("rb")).worksheets[0].values)) == 4


def test_many_are_signed_for_and_urged_on(
    office: Cast, ready: Makes, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mark in "一二三":
        ready.sent(title=f"反映第{mark}组补偿款未发")
    page = stage.seat(office.signer, "/tray/to_sign/")
    page.check("[data-pick-all]")
    page.click("button:has-text('批量签收'):not(:has-text('协办'))")
    page.wait_for_selector("h1:has-text('批量签收 3 件')")
    stage.look(page, "sign-for")
    page.click("[data-primary]")
    page.wait_for_selector("text=已办 3 件")
    stage.look(page, "report")
    monkeypatch.setattr(bulk_steps, "AT_ONCE", 1)
    desk = stage.seat(office.supervisor, "/petitions/?stage=review")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    desk.keyboard.press("j")
    desk.keyboard.press("Shift+X")
    desk.click("button:has-text('批量催办')")
    desk.fill("[name=demand]", "请在本周内告知是否受理")
    stage.look(desk, "remind")
    desk.click("[data-primary]")
    desk.wait_for_url("**/jobs/**")
    jobs.run(Job.objects.get().ref)
    desk.reload()
    desk.wait_for_selector("text=已办")
    stage.look(desk, "job")


def test_a_reminder_of_ones_own(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.sent(title="反映寺前村道路积水").petition
    page = stage.seat(office.triage, f"/petitions/{petition.ref}/")
    page.click("a:has-text('我的提醒')")
    page.locator("#step h2:has-text('我的提醒')").wait_for()
    page.fill("#id_remind_day", today().isoformat())
    page.fill("#id_remind_words", "问自规局是否已经接谈")
    stage.look(page, "setting")
    page.click("#step [data-primary]")
    page.locator("#messages:has-text('提醒您')").wait_for()
    page.goto(stage.address)
    page.wait_for_selector("text=问自规局是否已经接谈")
    stage.look(page, "home")
    page.click("text=全部提醒")
    stage.look(page, "all")
    page.click("button:has-text('已办')")
    page.wait_for_selector("text=没有设提醒")
