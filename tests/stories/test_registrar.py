"""The registrar: by keyboard alone, nothing lost, one press one filing, and a code in the petitioner's hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from petitions.models import Attachment, Draft, Filing, Party, Petition
from petitions.querycode import code_hash
from tests.cast import PASSWORD, Cast
from tests.petitions.test_registration import PNG, right_id
from tests.stories.stage import PHONE, Keys, Stage, focused, settled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_STROKES = 25
CARD = f"姓名：周桂英 身份证号：{right_id()} 住址：浙江省浦江县檀溪镇寺前村8号"
STORY = "我家在檀溪镇寺前村，前年修路征收了我家的承包地三分，说好的补偿款至今没有发。我去村里问过三次，都说等通知。"


def _content(page: Any, keys: Keys, *, most: int = 20) -> None:
    """Enter after Enter until the narrative has the focus."""
    for _ in range(most):
        if page.evaluate("document.activeElement.name") == "content":
            return
        keys.press("Enter")
    raise AssertionError(f"the focus stays at {page.evaluate('document.activeElement.outerHTML')}")


def _suggested(page: Any, keys: Keys) -> None:
    """Take the suggested category and place, each with one chord."""
    page.locator("[data-fill-key=c]").wait_for()
    keys.press("Alt+c", "Alt+r")
    page.locator(".ts-wrapper .item:has-text('土地征收')").wait_for()
    page.locator(".ts-wrapper .item:has-text('寺前村')").wait_for()


def test_a_walk_in_by_keyboard_alone(office: Cast, stage: Stage, record_property: Any) -> None:
    page = stage.window()
    page.goto(stage.address)
    stage.look(page, "sign-in")
    page.fill("[name=username]", office.registrar.user.username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=今天还没有登记")
    stage.look(page, "home")

    keys = Keys(page)
    keys.press("n")
    focused(page, "p-0-name")
    stage.look(page, "register-empty")
    keys.swipe(CARD)
    focused(page, "p-0-phone")
    assert page.input_value("[name=p-0-name]") == "周桂英"
    assert page.input_value("[name=p-0-birth_date]") == "1956-03-02"
    keys.write("13812345678")
    _content(page, keys)
    keys.narrate(STORY)
    _suggested(page, keys)
    assert page.locator("#earlier:has-text('没有查到此人')").is_visible()
    stage.look(page, "register-filled")
    keys.press("Control+Enter")

    page.wait_for_url("**/register/done/**")
    record_property("strokes", keys.strokes)
    assert keys.strokes <= MOST_STROKES - 3  # the number gave sex and birth date: Enter does not stop there
    filing = Filing.objects.get()
    assert code_hash(page.locator("[data-code]").inner_text()) == filing.query_code_hash
    assert page.locator(".done-qr svg").is_visible() and page.locator("text=转送交办").first.is_visible()
    assert filing.petition.region_id == office.region.pk and filing.petition.category_id == office.category.pk
    stage.look(page, "registered")
    page.locator("summary:has-text('为什么是这一天')").first.click()
    page.click("text=打印回执")
    page.wait_for_selector("text=信访事项登记回执")
    assert page.locator(".slip-code svg").is_visible()
    stage.look(page, "receipt")
    assert keys.strokes <= MOST_STROKES


def test_the_number_is_checked_while_it_is_typed(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar, "/register/")
    number = right_id()
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    page.locator("[name=p-0-id_number]").press_sequentially(wrong)
    page.wait_for_selector(".id-note[data-wrong]:has-text('校验位不符')")
    stage.look(page, "wrong-number")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".errors:has-text('校验位')")
    assert page.evaluate("document.activeElement.className") == "errors"
    stage.look(page, "refused")
    page.fill("[name=p-0-id_number]", number)
    page.wait_for_selector(".id-note:not([data-wrong]):has-text('1956-03-02')")
    assert page.input_value("[name=p-0-sex]") == "1"


def test_a_second_visit_is_filed_under_the_open_matter(office: Cast, stage: Stage) -> None:
    first = _registered(office)
    page = stage.seat(office.registrar, "/register/")
    keys = Keys(page)
    focused(page, "p-0-name")
    keys.swipe(CARD)
    page.locator("#earlier").get_by_text(first.number).wait_for()
    stage.look(page, "earlier")
    page.fill("[name=content]", "我再来问问，补偿款还是没有发。")
    keys.press("Control+Enter")
    page.wait_for_selector(".errors:has-text('尚未办结')")  # the clerk says what it is, not the machine
    page.focus("[name=content]")
    keys.press("Alt+1", "Control+Enter")
    page.wait_for_selector(f"h1:has-text('已并入 {first.number}')")
    stage.look(page, "filed-under")
    assert Petition.objects.count() == 1 and first.filings.filter(repeat=True).count() == 1


def test_five_people_come_together_with_a_photograph(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar, "/register/")
    names = ["王一平", "张二妹", "李三元", "赵四海", "陈五福"]
    for number, name in enumerate(names):
        if number:
            page.focus("[data-formset-add]")
            page.keyboard.press("Enter")
        page.fill(f"[name=p-{number}-name]", name)
    for number in (0, 1):
        page.check(f"[name=p-{number}-representative]")
    page.fill("[name=actual_count]", "12")
    page.fill("[name=content]", STORY)
    page.set_input_files("#id_files", {"name": "现场照片.png", "mimeType": "image/png", "buffer": PNG})
    page.locator(".files a:has-text('现场照片.png')").wait_for()
    assert page.input_value("[name=p-4-name]") == "陈五福"
    stage.look(page, "joint")
    page.set_input_files("#id_files", {"name": "照片.png", "mimeType": "image/png", "buffer": b"MZ\x90\x00 no picture"})
    page.locator(".field-error:has-text('照片.png')").first.wait_for()
    stage.look(page, "wrong-file")
    settled(page)  # the look for near matters that the choice set off is answered before the page is left
    page.click(".form-end button.btn-primary")
    page.wait_for_url("**/register/done/**")
    petition = Petition.objects.get()
    assert petition.joint and petition.head_count == 5 and Party.objects.filter(representative=True).count() == 2
    assert Attachment.objects.get(petition=petition).name == "现场照片.png"
    page.click("text=打开案卷")
    page.locator("text=现场照片.png").wait_for()
    stage.look(page, "joint-case")


def test_a_draft_saves_itself_and_is_taken_up_again(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar, "/register/")
    page.fill("[name=p-0-name]", "周桂英")
    page.fill("[name=content]", STORY)
    page.wait_for_selector("[data-saved]:has-text('已自动保存')")
    page.goto(stage.address)
    page.locator("section:has(#s-drafts)").get_by_text("我家在檀溪镇寺前村").click()
    page.wait_for_url("**/register/draft/**")
    assert page.input_value("[name=content]") == STORY and page.input_value("[name=p-0-name]") == "周桂英"
    stage.look(page, "draft")
    page.keyboard.press("Control+Enter") if page.evaluate(
        "document.activeElement.form?.id"
    ) == "register" else page.click(".form-end button.btn-primary")
    page.wait_for_url("**/register/done/**")
    assert Petition.objects.count() == 1 and not Draft.objects.filter(registered=None).exists()


def test_a_draft_is_thrown_away(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar, "/register/")
    page.fill("[name=content]", STORY)
    page.wait_for_selector("[data-saved]:has-text('已自动保存')")
    page.goto(stage.address)
    page.locator("section:has(#s-drafts) summary:has-text('扔掉')").click()
    stage.look(page, "throw-away")
    page.locator("section:has(#s-drafts) button:has-text('扔掉')").click()
    page.locator("text=没有草稿").wait_for()
    assert not Draft.objects.exists()


def test_a_session_that_ends_in_the_middle_loses_nothing(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar, "/register/")
    page.fill("[name=p-0-name]", "周桂英")
    Session.objects.all().delete()
    page.fill("[name=content]", STORY)
    page.locator("#signed-out").wait_for()
    stage.look(page, "signed-out")
    with page.context.expect_page() as opened:
        page.click("#signed-out a")
    second = opened.value
    second.fill("[name=username]", office.registrar.user.username)
    second.fill("[name=password]", PASSWORD)
    second.keyboard.press("Enter")
    second.wait_for_selector("h1:has-text('窗口')")
    page.bring_to_front()
    if page.locator("#signed-out").is_visible():
        page.click("#signed-out button", timeout=5_000, no_wait_after=True)
    page.wait_for_selector("[data-saved]:has-text('已自动保存')")
    assert page.locator("#signed-out").count() == 0
    assert page.input_value("[name=content]") == STORY and page.input_value("[name=p-0-name]") == "周桂英"
    page.click(".form-end button.btn-primary")
    page.wait_for_url("**/register/done/**")
    assert Petition.objects.get().lead_name == "周桂英"


def test_a_form_sent_after_the_session_ended_waits_in_the_tab(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar, "/register/")
    page.fill("[name=p-0-name]", "周桂英")
    page.fill("[name=content]", STORY)
    Session.objects.all().delete()
    page.click(".form-end button.btn-primary")
    page.wait_for_selector("[name=username]")
    stage.look(page, "sign-in-again")
    page.fill("[name=username]", office.registrar.user.username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    if "/register/" not in page.url:
        page.goto(f"{stage.address}/register/")
    page.click("#put-back button:has-text('恢复')")
    assert page.input_value("[name=content]") == STORY and page.input_value("[name=p-0-name]") == "周桂英"


def test_a_double_click_registers_once(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.registrar, "/register/", PHONE)
    page.fill("[name=p-0-name]", "周桂英")
    page.fill("[name=content]", STORY)
    page.dblclick(".form-end button.btn-primary")
    page.wait_for_url("**/register/done/**")
    assert Filing.objects.count() == 1
    assert re.search("[A-Z0-9]", page.locator("[data-code]").inner_text())


def _registered(office: Cast) -> Petition:
    from petitions.actions import Person, register
    from tests.makes import entry

    person = Person(name="周桂英", id_kind="111", id_number=right_id(), phone="13812345678")
    return register(entry(office, people=[person]), by=office.registrar2).petition
