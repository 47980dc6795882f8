"""The same trouble told by another person: seen while it is typed, at triage, and where it is merged."""

from __future__ import annotations

import pytest

from petitions.actions import Person, register
from petitions.models import Petition
from tests.cast import Cast
from tests.makes import entry
from tests.stories.stage import Stage, open_step, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORY = "万家花园二期的地下车库渗水三年，开发商宏达置业一直推诿，物业也不管，请求督促维修。"
AGAIN = "我住万家花园，地下车库渗水已经很久，宏达置业推诿不修。"
ROAD = "万家花园二期门口的路灯不亮，晚上老人出门不便，请求物业和开发商尽快修理。"


def _told(office: Cast, content: str, name: str) -> Petition:
    return register(
        entry(office, title=content[:18], content=content, people=[Person(name=name)]), by=office.registrar
    ).petition


def test_while_it_is_typed_and_from_half_a_sentence_on(office: Cast, stage: Stage) -> None:
    first = _told(office, STORY, "王小明")
    _told(office, ROAD, "李桂芳")
    page = stage.seat(office.registrar, "/register/")
    page.locator("[name=content]").press_sequentially(AGAIN[:17])
    page.locator(f"#suggested :text('{first.number}')").wait_for()
    page.locator("[name=content]").press_sequentially(AGAIN[17:])
    page.locator("#suggested :text('都写到“地下车库渗水”')").wait_for()
    assert "王小明" not in page.locator("#suggested").inner_text()
    stage.look(page, "register-near")


def test_at_triage_and_merged_by_one_choice(office: Cast, stage: Stage) -> None:
    first, second = _told(office, STORY, "王小明"), _told(office, AGAIN, "周桂英")
    page = stage.seat(office.triage, f"/petitions/{second.ref}/")
    page.locator("#near :text('同一地点：“万家花园”')").wait_for()
    stage.look(page, "case-near")
    open_step(page, "并入已有事项")
    page.locator(f"#step label:has-text('{first.number}')").wait_for()
    stage.look(page, "merge")
    page.locator(f"#step label:has-text('{first.number}')").click()
    send(page, "并入已有事项")
    second.refresh_from_db()
    assert second.merged_into_id == first.pk


def test_without_a_script_it_is_a_page(office: Cast, stage: Stage) -> None:
    first, second = _told(office, STORY, "王小明"), _told(office, AGAIN, "周桂英")
    page = stage.seat(office.triage, f"/petitions/{second.ref}/near/")
    assert page.locator(f"main :text('{first.number}')").first.is_visible()
    stage.look(page, "near-page")
