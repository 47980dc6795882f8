"""The homes as people meet them: at a desk and on a phone, by key and by thumb, with nothing for axe to find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client

from accounts.actor import Actor
from accounts.dates import today
from petitions.actions import advance
from petitions.models import Clock, Instruction, Petition, Reach, Supervision
from tests.cast import Cast, build_cast
from tests.makes import Makes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
Open = Callable[..., Any]


@pytest.fixture
def office(transactional_db: Any) -> Cast:
    """Something in every tray, something overdue, something before the leader."""
    cast = build_cast()
    make = Makes(cast)
    for stage in ("registered", "registered", "sent", "signed", "handling", "checked", "closed"):
        getattr(make, stage)()
    late, asked = make.handling().petition, make.signed().petition
    due = today() - timedelta(days=9)
    Clock.objects.filter(petition=late, ended="", window=False).update(due=due, raw_due=due)
    Petition.objects.filter(pk=late.pk).update(due=due)
    Reach.objects.filter(petition=late, open=True).update(due=due)
    advance("submit_to_leader", on=asked, by=cast.head, leader=cast.leader.post, proposal="拟请自然资源局限期办结")
    return cast


@pytest.fixture
def visit(live_server: Any, browser: Any) -> Iterator[Open]:
    """Open the home of a person, signed in, in a window of that size."""
    contexts: list[Any] = []

    def open_home(actor: Actor, size: dict[str, int], **more: Any) -> Any:
        client = Client()
        client.force_login(actor.user)
        session = client.session
        session["post"] = actor.post.pk
        session.save()
        context = browser.new_context(viewport=size, **more)
        contexts.append(context)
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/")
        return page

    yield open_home
    for context in contexts:
        context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_for_axe_and_nothing_to_push_sideways(office: Cast, visit: Open, size: dict[str, int]) -> None:
    people = ("registrar", "triage", "signer", "leader", "supervisor")
    for who in people if size == PHONE else (*people, "unit_head", "auditor", "system_admin"):
        page = visit(getattr(office, who), size)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], who
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], who


def test_n_opens_the_registration(office: Cast, visit: Open) -> None:
    page = visit(office.registrar, DESK)
    page.keyboard.press("n")
    page.wait_for_url("**/register/**")


def test_two_taps_on_a_phone_write_an_instruction(office: Cast, visit: Open) -> None:
    page = visit(office.leader, PHONE, has_touch=True)
    page.tap("#waiting .btn-primary")
    page.fill("textarea[name=text]", "请依法尽快办结。")
    page.tap("button[data-primary]")
    page.wait_for_selector("text=已批示")
    assert page.url.endswith("/")
    assert Instruction.objects.get().text == "请依法尽快办结。"


def test_a_supervision_is_opened_from_the_row(office: Cast, visit: Open) -> None:
    page = visit(office.supervisor, DESK)
    page.click("a[href*='/step/supervise/']")
    page.fill("#step textarea[name=demand]", "请说明超期原因。")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=已督办")
    assert Supervision.objects.get().trigger == "t5_lapsed"
    assert page.locator("text=督办中").count() == 1


def test_many_are_transferred_by_keyboard(office: Cast, visit: Open) -> None:
    page = visit(office.triage, DESK)
    for box in page.locator("input[name=pick]").all():
        box.focus()
        page.keyboard.press("Space")
    page.locator("text=已选 2 件").wait_for()
    page.click("button:has-text('批量转送')")
    page.wait_for_selector("h1:has-text('批量转送 2 件')")
    for select in page.locator("select[name$=department_id]").all():
        select.evaluate("(field, value) => { field.tomselect ? field.tomselect.setValue(value) : field.value = value }",
                        str(office.bureau.pk))  # fmt: skip
    page.click("button[data-primary]")
    page.wait_for_selector("text=已转送 2 件")
