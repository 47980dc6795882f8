"""Day one: an empty database, the code on the terminal, five steps, a spreadsheet, a first password, and the first receipt."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from openpyxl import load_workbook

from accounts import founding, standing
from accounts.models import Office
from petitions.models import Filing
from petitions.seeds import categories, days
from tests.petitions.test_registration import right_id
from tests.stories.stage import Keys, Stage, focused

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OWN = "Ren-min-zhi-shang-26"
BUREAU = "浦江县自然资源和规划局"
UNITS = [[BUREAU, "资规局", "政府部门", "", "", "浦资规", "0579-84000001", "仙华路1号", ""]]
PEOPLE = [
    ["周桂香", "zhougx", "浦江县信访局", "窗口登记"], ["吴受理", "wusl", "浦江县信访局", "受理甄别"],
    ["郑局长", "zhengjz", "浦江县信访局", "信访部门负责人"], ["郑局长", "zhengjz", "浦江县信访局", "督查"],
    ["王资规", "wangzg", BUREAU, "单位签收"], ["王资规", "wangzg", BUREAU, "承办人"], ["孙局长", "sunjz", BUREAU, "单位主要负责人"],
]  # fmt: skip
CARD = f"姓名：周桂英 身份证号：{right_id()} 住址：浙江省浦江县檀溪镇寺前村8号"


@pytest.fixture
def empty(transactional_db: Any) -> None:
    """What `make office` makes of an empty database (the command refuses under the suite's own settings)."""
    cache.clear()
    standing.take("office")
    days.build()
    categories.build()
    Office.objects.create()


def filled(template: bytes, *, wrong: bool) -> bytes:
    """The template that the page offers, filled in the way an office does."""
    book = load_workbook(io.BytesIO(template))
    for row in UNITS:
        book["单位"].append(row)
    for row in PEOPLE:
        book["人员"].append(row)
    if wrong:
        book["人员"].append(["错岗位", "", "浦江县檀溪镇人民政府", "县领导"])
        book["人员"].append(["没单位", "", "浦江县没有的局", "承办人"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(page: Any, folder: Path, data: bytes) -> None:
    path = folder / "单位和人员.xlsx"
    path.write_bytes(data)
    page.set_input_files("[name=sheet]", path)
    page.click("button:has-text('上传并检查')")


def test_from_nothing_to_the_first_receipt(empty: None, stage: Stage, tmp_path: Path, capsys: Any) -> None:
    call_command("first_run")
    code = capsys.readouterr().out.split()[-1]
    page = stage.window()
    page.goto(stage.address)
    page.wait_for_url("**/setup/")
    stage.look(page, "door")
    page.fill("[name=code]", "aaaa-bbbb-cccc")
    page.click("[data-primary]")
    page.locator("text=还可以试4次").first.wait_for()
    stage.look(page, "wrong-code")
    page.fill("[name=code]", code)
    page.click("[data-primary]")

    page.locator("a:has-text('浙江省')").wait_for()
    stage.look(page, "provinces")
    page.click("a:has-text('浙江省')")
    page.click("a:has-text('金华市')")
    stage.look(page, "counties")
    page.click("a:has-text('浦江县')")
    page.locator("text=带入 15 个乡镇街道").wait_for()
    stage.look(page, "county")
    page.click("[data-primary]")

    page.locator("[name=paper_prefix]").fill("浦信")
    page.fill("[name=phone]", "0579-84000000")
    page.fill("[name=address]", "浦阳街道行政中心")
    stage.look(page, "office")
    page.click("[data-primary]")
    page.locator("text=请先核实是否仍然有效").first.wait_for()
    stage.look(page, "rules")
    page.click("[data-primary]")

    page.locator("text=三步录入").wait_for()
    stage.look(page, "people")
    with page.expect_download() as download:
        page.click("a:has-text('下载模板')")
    template = Path(download.value.path()).read_bytes()
    upload(page, tmp_path, filled(template, wrong=True))
    page.locator("text=有 2 处要改").wait_for()
    stage.look(page, "wrong-rows")
    upload(page, tmp_path, filled(template, wrong=False))
    page.locator("text=检查通过").wait_for()
    stage.look(page, "sound")
    page.click("button:has-text('全部录入')")
    page.locator("h1:has-text('初始密码')").wait_for()
    stage.look(page, "slips")
    slip = page.locator(".setup-slips li:has-text('周桂香')")
    password = slip.locator("[data-password]").inner_text()
    page.click("text=已经打印，下一步")
    for role, name, username in (
        ("system", "王系统", "wangxt"),
        ("security", "李安全", "lianquan"),
        ("audit", "赵审计", "zhaosj"),
    ):
        page.fill(f"[name={role}_admin_name]", name)
        page.fill(f"[name={role}_admin_username]", username)
    stage.look(page, "administrators")
    page.click("[data-primary]")
    page.locator("h1:has-text('已经启用')").wait_for()
    stage.look(page, "begun")
    administrator = page.locator(".setup-slips li:has-text('王系统') [data-password]").inner_text()
    assert not founding.needed()

    _registers_the_first(stage, password)
    _sees_what_is_left(stage, administrator)


def _sign_in(stage: Stage, username: str, password: str) -> Any:
    """A new browser; the first password is changed before anything else opens."""
    page = stage.window()
    page.goto(f"{stage.address}/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.locator("h1:has-text('修改密码')").wait_for()
    stage.look(page, f"password-{username}")
    page.fill("[name=old]", password)
    page.fill("[name=new]", OWN)
    page.fill("[name=again]", OWN)
    page.keyboard.press("Enter")
    page.locator("text=密码已修改").wait_for()
    return page


def _registers_the_first(stage: Stage, password: str) -> None:
    page = _sign_in(stage, "zhougx", password)
    stage.look(page, "counter")
    keys = Keys(page)
    keys.press("n")
    focused(page, "p-0-name")
    keys.swipe(CARD)
    focused(page, "p-0-phone")
    page.fill("[name=p-0-phone]", "13812345678")
    page.fill("[name=content]", "前年修路征收了我家在檀溪镇寺前村的承包地三分，说好的征收补偿款至今没有发。")
    page.locator("[data-fill-key=c]").wait_for()
    keys.press("Alt+c", "Alt+r")
    page.locator(".ts-wrapper .item:has-text('寺前村')").wait_for()
    stage.look(page, "register")
    keys.press("Control+Enter")
    page.wait_for_url("**/register/done/**")
    filing = Filing.objects.select_related("petition").get()
    assert filing.petition.number.startswith("浦信") and filing.petition.number.endswith("-000001")
    stage.look(page, "registered")
    page.click("text=打印回执")
    page.wait_for_selector("text=信访事项登记回执")
    assert "0579-84000000" in page.locator("body").inner_text()
    stage.look(page, "receipt")


def _sees_what_is_left(stage: Stage, password: str) -> None:
    page = _sign_in(stage, "wangxt", password)
    page.goto(f"{stage.address}/manage/")
    stage.look(page, "rooms")
    page.click("a:has-text('启用清单')")
    page.locator("text=内容分类有责任单位").wait_for()
    assert "没有做" in page.locator("li:has-text('每个责任单位')").inner_text()
    stage.look(page, "to-do")
