"""The main road once more in a browser without JavaScript: everything works, only slower."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actor import Actor
from petitions.models import Assignment, Petition
from tests.cast import PASSWORD, Cast
from tests.petitions.test_registration import PNG, right_id
from tests.stories.stage import DESK, Stage
from tests.stories.test_registrar import CARD, STORY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _sign_in(stage: Stage, actor: Actor, path: str = "/") -> Any:
    actor.user.set_password(PASSWORD)
    actor.user.save()
    page = stage.window(DESK, java_script_enabled=False)
    page.goto(stage.address + path)
    page.fill("[name=username]", actor.user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.locator("main h1").wait_for()
    return page


def test_register_transfer_and_sign_for(office: Cast, stage: Stage) -> None:
    page = _sign_in(stage, office.registrar)
    page.click(".big-action")
    page.fill("[name=reader]", CARD)
    page.click("[data-read]")
    assert page.input_value("[name=p-0-id_number]") == right_id()
    page.click("[data-formset-add]")
    page.fill("[name=p-1-name]", "张二妹")
    page.fill("[name=content]", STORY)
    page.set_input_files("#id_files", {"name": "现场照片.png", "mimeType": "image/png", "buffer": PNG})
    page.click("[data-upload]")
    page.locator(".files a:has-text('现场照片.png')").wait_for()
    page.click("button[value^='take:category']")
    page.click("button[value^='take:region'] >> nth=0")
    assert page.input_value("[name=category]") == office.category.pk
    page.click(".form-end button.btn-primary")
    page.wait_for_url("**/register/done/**")
    assert page.locator("[data-code]").is_visible()
    petition = Petition.objects.get()
    assert petition.head_count == 2 and petition.region == office.region

    triage = _sign_in(stage, office.triage)
    triage.click(f"tr:has-text('{petition.number}') a")
    triage.locator("#rail .steps a").get_by_text("转送", exact=True).click()
    triage.wait_for_url("**/step/transfer/**")
    triage.click("[data-primary]")
    triage.locator("text=已转送").first.wait_for()

    signer = _sign_in(stage, office.signer)
    signer.click(f"tr:has-text('{petition.number}') a")
    signer.locator("#rail .steps a").get_by_text("签收", exact=True).click()
    signer.click("[data-primary]")
    signer.locator("text=已签收").first.wait_for()
    held = Assignment.objects.get()
    assert held.state == "signed" and held.department == office.bureau
