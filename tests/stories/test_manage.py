"""The system administrator: holidays are read from the notice, looked at, then kept; a longer limit is refused."""

from __future__ import annotations

import pytest

from accounts.dates import today
from petitions.models import CalendarYear, LocalRule
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_next_years_holidays(office: Cast, ready: Makes, stage: Stage) -> None:
    ready.registered()
    page = stage.seat(office.system_admin)
    page.click("nav[aria-label='主菜单'] a:has-text('管理')")
    stage.look(page, "manage")
    page.click("a:has-text('节假日')")
    stage.look(page, "years")
    year = today().year + 1
    page.click(f"a.matter:has-text('{year}年')")
    page.fill("[name=text]", "元旦：1月1日放假\n国庆节：10月1日至7日放假")
    page.fill("[name=source]", "国办发明电〔2026〕9号")
    page.keyboard.press("Enter")
    page.locator("h2:has-text('运行中的时限')").wait_for()
    stage.look(page, "preview")
    page.click("button:has-text('保存并重新计算')")
    page.locator("text=节假日已保存").wait_for()
    stage.look(page, "kept")
    assert CalendarYear.objects.filter(year=year).exists()


def test_a_longer_limit_is_refused_with_its_article(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.system_admin, "/manage/local-rules/")
    stage.look(page, "rules")
    page.click("a:has-text('新增地方规则')")
    page.select_option("[name=code]", "T1")
    page.fill("[name=value]", "20")
    page.check("[name=working][value='1']")
    page.fill("[name=source]", "本县信访工作办法第八条")
    page.click("[data-primary]")
    page.locator(".errors").wait_for()
    assert "第二十二条" in page.locator(".errors").inner_text()
    stage.look(page, "refused")
    page.fill("[name=value]", "5")
    page.click("[data-primary]")
    page.locator("text=已新增").wait_for()
    stage.look(page, "added")
    assert LocalRule.objects.get().value == 5
