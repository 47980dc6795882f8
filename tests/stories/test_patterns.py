"""A burst becomes a warning, is looked at, becomes a suggestion to better a policy and a visit about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.dates import today
from petitions.models import Advice, Pattern, PatternCase
from petitions.patterns import night
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.test_patterns import past, plant
from tests.stories.stage import Stage, choose
from tests.visits.conftest import Days, next_workday
from visits.models import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_burst_to_a_suggestion_and_a_visit(office: Cast, ready: Makes, stage: Stage) -> None:
    past(office)
    plant(office, today() - timedelta(days=3), 13, joint=True)
    matter = ready.registered().petition
    assert night.run_night() == 1
    row = Pattern.objects.get()
    PatternCase.objects.get_or_create(pattern=row, petition=matter, part="now")
    days = Days(office)

    page = stage.seat(office.supervisor, "/patterns/")
    stage.look(page, "list")
    page.get_by_role("link", name="檀溪镇").first.click()
    page.get_by_role("heading", name="为什么提示").wait_for()
    stage.look(page, "evidence")
    page.get_by_role("button", name="记为已研判").click()
    page.locator("#messages:has-text('已记为研判')").wait_for()

    page.get_by_role("link", name="提完善政策建议").click()
    page.get_by_role("heading", name="提完善政策建议").wait_for()
    stage.look(page, "suggestion")
    page.locator("[name=suggestion]").fill("统一补偿款发放时限，逾期计息。")
    page.locator("[name=basis]").fill("《土地管理法》第四十八条。")
    choose(page, "matter", matter.pk)
    page.locator("[data-primary]").click()
    page.locator("#messages:has-text('建议书已制作')").wait_for()
    assert Advice.objects.get().kind == "policy"

    desk = stage.seat(office.head, f"/patterns/{row.ref}/")
    desk.get_by_role("link", name="安排专题接访下访").click()
    desk.get_by_text("由苗头预警转来").wait_for()
    stage.look(desk, "visit")
    assert "土地征收" in desk.locator("[name=topic]").input_value()
    desk.locator("[name=day]").fill(next_workday(12).isoformat())
    choose(desk, "leader", office.leader.post.pk)
    choose(desk, "place", days.town.pk)
    desk.locator("[data-primary]").click()
    desk.wait_for_url(f"**/visits/{Visit.objects.get().ref}/")
    desk.goto(f"{stage.address}/patterns/{row.ref}/")
    stage.look(desk, "turned")
    row.refresh_from_db()
    assert row.state == "turned" and [step.step for step in row.steps.order_by("pk")] == ["look", "advice", "visit"]
