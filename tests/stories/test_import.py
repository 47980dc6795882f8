"""A list comes in: the file, its columns, a look, the work, its report; and the worker that does it is killed half way."""

from __future__ import annotations

from typing import Any

import pytest

from petitions.models import Filing, Petition
from tests.cast import Cast
from tests.stories.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = "编号,标题,内容,信访日期,姓名,手机,内容分类,属地"


def rows(count: int) -> str:
    """A list of another system, of invented people."""
    lines = [
        f"S{n},第{n}户补偿款没有发,第{n}户的征地补偿款至今没有发放。,2026-03-01,王小明,139{n:08d},土地征收,寺前村"
        for n in range(1, count + 1)
    ]
    return "\n".join([NAMES, *lines])


def choose(page: Any, text: str) -> None:
    """Choose a file of that text and go on to its columns."""
    page.set_input_files(
        "[name=file]", {"name": "省系统.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
    )
    page.click("[data-primary]")
    page.locator("h1:has-text('对应列')").wait_for()


def test_from_the_file_to_the_report(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar)
    page.click("nav[aria-label='主菜单'] a:has-text('导入来件')")
    stage.look(page, "import")
    page.click("[data-primary]")
    page.locator(".errors").wait_for()
    stage.look(page, "no-file")
    choose(page, rows(3) + "\nS9,,,明天,,,,")
    assert page.locator("[name=column_content]").input_value() == "内容"
    stage.look(page, "columns")
    page.fill("[name=source]", "省信访系统")
    page.click("button:has-text('试导入')")
    page.locator("caption:has-text('未成的行')").wait_for()
    assert not Filing.objects.exists()
    stage.look(page, "looked")
    page.click("a:has-text('改对应或正式导入')")
    page.click("button:has-text('正式导入')")
    page.locator("dd:has-text('3')").first.wait_for()
    stage.look(page, "done")
    assert Petition.objects.count() == 3
    page.goto(f"{stage.address}/import/")
    choose(page, rows(4))
    assert page.locator("[name=source]").input_value() == "省信访系统"
    page.click("button:has-text('正式导入')")
    page.locator("dt:has-text('已有')").wait_for()
    stage.look(page, "again")
    assert Petition.objects.count() == 4
