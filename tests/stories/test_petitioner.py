"""The petitioner, on a phone: where it is, who has it, what was answered; and a verdict that nobody else can give."""

from __future__ import annotations

from typing import Any

import pytest

from petitions.models import Rating
from petitions.querycode import grouped
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import PHONE, Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAIL = "0001"


def _ask(page: Any, code: str, tail: str) -> None:
    page.fill("[name=code]", code)
    page.fill("[name=tail]", tail)
    page.click("button:has-text('查询')")


def test_where_it_is_and_what_was_answered(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.handling().petition
    code = ready.code(petition)
    page = stage.window(PHONE, is_mobile=True, has_touch=True)
    page.goto(f"{stage.address}/q/?code={code}")
    stage.look(page, "query")
    _ask(page, grouped(code).lower(), TAIL)
    page.wait_for_selector("h1:has-text('正在办理')")
    assert page.locator("text=最晚").is_visible() and page.locator("text=自然资源和规划局").first.is_visible()
    stage.look(page, "status")
    page.click("a:has-text('受理告知书')")
    page.wait_for_selector("text=告知书")
    stage.look(page, "paper")
    page.go_back()
    page.click("button:has-text('大字')")
    page.click("button:has-text('更清楚')")
    page.locator("html.large.high").wait_for()
    stage.look(page, "large-and-clear")
    page.click("button:has-text('退出')")
    page.wait_for_url("**/q/")


def test_the_office_and_the_unit_are_rated_apart(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.confirmed()
    page = stage.window(PHONE, is_mobile=True, has_touch=True)
    page.goto(f"{stage.address}/q/")
    _ask(page, ready.code(petition), TAIL)
    cards = page.locator("form .card")
    cards.nth(1).wait_for()
    stage.look(page, "to-rate")
    page.click("text=提交评价")
    page.locator("text=还没有评价").wait_for()
    stage.look(page, "nothing-chosen")
    cards.first.locator("[type=radio]").first.check()
    cards.last.locator("[type=radio]").last.check()
    cards.last.locator("textarea").fill("钱是到了，但是拖了一年。")
    page.click("text=提交评价")
    page.locator("text=收到您的评价了").wait_for()
    assert cards.count() == 0
    stage.look(page, "rated")
    found = {row.target: row for row in Rating.objects.all()}
    assert set(found) == {"office", "unit"} and found["office"].value != found["unit"].value
    assert not any(row.flagged for row in found.values())


def test_wrong_tails_are_told_nothing_and_made_to_wait(office: Cast, ready: Makes, stage: Stage) -> None:
    code = ready.code(ready.handling().petition)
    page = stage.window(PHONE, is_mobile=True, has_touch=True)
    page.goto(f"{stage.address}/q/")
    for number in range(5):
        _ask(page, code, f"999{number}")
        page.wait_for_selector("text=查询码或者后4位不对")
    stage.look(page, "wrong")
    _ask(page, code, TAIL)
    page.wait_for_selector("h1:has-text('填错的次数太多了')")
    stage.look(page, "wait")


def test_where_staff_is_signed_in_nobody_rates(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.confirmed()
    page = stage.seat(office.registrar, "/q/", PHONE)
    _ask(page, ready.code(petition), TAIL)
    page.locator("form .card [type=radio]").first.check()
    page.click("text=提交评价")
    page.wait_for_selector("h1:has-text('不能评价')")
    stage.look(page, "not-here")
    assert not Rating.objects.exists()
