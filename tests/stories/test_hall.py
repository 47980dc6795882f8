"""A day in the hall: the board is filled in, a farmer takes a number, is called, comes back and rates without a phone."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from petitions.models import Rating
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_day_in_the_hall(office: Cast, ready: Makes, stage: Stage) -> None:
    keeper = stage.seat(office.system_admin, "/manage/hall/")
    stage.look(keeper, "empty")
    keeper.click("a:has-text('新增公示')")
    keeper.select_option("[name=kind]", "place")
    keeper.fill("[name=title]", "县信访局接待大厅")
    keeper.fill(
        "[name=text]", "浦江县人民东路1号，乘1路、3路车到县府站。\n星期一到星期五，上午8:30到12:00，下午1:30到5:00。"
    )
    stage.look(keeper, "entry")
    keeper.click("[data-primary]")
    keeper.locator("text=公示页上已经更新").wait_for()
    keeper.click("a:has-text('新增设备')")
    keeper.fill("[name=name]", "大厅东侧评价机")
    keeper.click("[data-primary]")
    code = keeper.locator("[data-code]").inner_text()
    stage.look(keeper, "device")
    keeper.goto(f"{stage.address}/manage/hall/")
    stage.look(keeper, "kept")

    board = stage.window()
    board.goto(f"{stage.address}/hall/")
    stage.look(board, "board")
    board.click("button:has-text('大字')")
    board.click("button:has-text('更清楚')")
    stage.look(board, "board-large")

    kiosk = stage.window({"width": 1024, "height": 768}, java_script_enabled=True)
    kiosk.goto(f"{stage.address}/hall/kiosk/")
    stage.look(kiosk, "not-open")
    kiosk.fill("[name=code]", code)
    kiosk.click("button:has-text('启用')")
    kiosk.locator("h1:has-text('您要办什么')").wait_for()
    stage.look(kiosk, "start")
    kiosk.click("button:has-text('取号排队')")
    kiosk.locator("h1:has-text('您是 1 号')").wait_for()
    stage.look(kiosk, "number")

    screen = stage.window({"width": 1920, "height": 1080})
    screen.goto(f"{stage.address}/hall/screen/")
    screen.locator("text=共 1 位等候").wait_for()
    window = stage.seat(office.registrar)
    window.keyboard.press("t")
    window.locator("text=取到 2 号").wait_for()
    window.fill("[name=window]", "3")
    window.click("form[action$='/window/'] button")
    window.locator("text=您在3号窗口").wait_for()
    window.keyboard.press("c")
    window.locator("text=请 1 号到3号窗口").wait_for()
    stage.look(window, "counter")
    screen.locator("[role=status]:has-text('请 1 号到 3 号窗口')").wait_for()
    stage.look(screen, "screen")


def test_a_farmer_without_a_phone_rates_on_the_device(office: Cast, ready: Makes, stage: Stage) -> None:
    cache.clear()
    from petitions import hall

    _, code = hall.add_device(office.office, by=office.system_admin, name="评价机")
    own = ready.code(ready.confirmed())
    kiosk = stage.window({"width": 1024, "height": 768}, java_script_enabled=False)
    kiosk.goto(f"{stage.address}/hall/kiosk/")
    kiosk.fill("[name=code]", code)
    kiosk.click("button:has-text('启用')")
    kiosk.click("a:has-text('查询、评价')")
    for sign in own:
        kiosk.click(f".kiosk-key[value='{sign}']")
    kiosk.click("button:has-text('下一步')")
    for sign in "0001":
        kiosk.click(f".kiosk-key[value='{sign}']")
    kiosk.click("button:has-text('查询')")
    kiosk.locator("h2:has-text('浦江县信访局')").wait_for()
    kiosk.click("button:text-is('满意')")
    kiosk.locator("h2:has-text('自然资源和规划局')").wait_for()
    kiosk.click("button:text-is('不满意')")
    kiosk.locator("text=评价都收到了").wait_for()
    kiosk.click("a:has-text('办完了')")
    kiosk.locator("h1:has-text('您要办什么')").wait_for()
    assert dict(Rating.objects.values_list("target", "value")) == {"office": "0", "unit": "3"}


def test_the_keys_of_the_device_are_looked_at(office: Cast, ready: Makes, stage: Stage) -> None:
    cache.clear()
    from petitions import hall

    _, code = hall.add_device(office.office, by=office.system_admin, name="评价机")
    own = ready.code(ready.confirmed())
    kiosk = stage.window({"width": 1024, "height": 768})
    kiosk.goto(f"{stage.address}/hall/kiosk/open/")
    kiosk.fill("[name=code]", code)
    kiosk.click("button:has-text('启用')")
    kiosk.click("a:has-text('查询、评价')")
    stage.look(kiosk, "code")
    for sign in own:
        kiosk.click(f".kiosk-key[value='{sign}']")
    stage.look(kiosk, "code-full")
    kiosk.click("button:has-text('下一步')")
    stage.look(kiosk, "second")
    for sign in "0001":
        kiosk.click(f".kiosk-key[value='{sign}']")
    kiosk.click("button:has-text('查询')")
    kiosk.locator("h2:has-text('浦江县信访局')").wait_for()
    assert "最晚" not in kiosk.inner_text("main")  # what is over has no day to wait for
    stage.look(kiosk, "rate")
