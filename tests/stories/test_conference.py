"""The joint conference's office: a dispute of competence is coordinated, a measure is decided, both from its first page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.dates import today
from petitions.models import Dispute, Measure
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage, take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_waits_for_the_conference_is_decided(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.registered().petition
    measure = ready.measure()
    triage = stage.seat(office.triage, f"/petitions/{petition.ref}/")
    take(triage, "提请确定受理机关", one=office.bureau.name, other=office.sibling.name, superior="no",
         reason="双方都认为是对方的职权，协商两次没有一致。")  # fmt: skip
    page = stage.seat(office.conference)
    stage.look(page, "conference-home")
    page.locator(f"li:has-text('{petition.number}') a.matter").click()
    take(page, "协调确定受理机关", body=office.bureau.name, reason="三定规定由自然资源和规划局负责。")
    assert Dispute.objects.get().body == office.bureau
    stage.look(page, "coordinated")
    page.goto(f"{stage.address}/")
    page.locator(f"li:has-text('{measure.petition.number}') a.matter").click()
    until = (today() + timedelta(days=10)).isoformat()
    take(page, "决定采取措施", kind="listed", demand="十日内办结并书面报告。", rectify_by=until)
    measure.refresh_from_db()
    assert (measure.state, measure.kind) == ("decided", "listed")
    assert Measure.objects.count() == 1
    page.goto(f"{stage.address}/")
    stage.look(page, "conference-home-after")
