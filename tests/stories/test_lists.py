"""Lists as work tools: columns that a person picks, an order, a name for both, rows walked by keys alone."""

from __future__ import annotations

import pytest

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
