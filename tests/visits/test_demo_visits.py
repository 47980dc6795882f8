"""The demo county receives: through the verbs, once, on whatever day it is made."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine

from accounts.dates import SHANGHAI
from petitions.demo.county import build_county
from visits.demo import tell
from visits.models import FollowUp, Outcome, Research, Sponsorship, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize("day", ["2026-11-26", "2026-10-03"])
def test_the_demo_county_has_held_and_coming_receptions(day: str) -> None:
    with time_machine.travel(datetime.fromisoformat(f"{day}T09:30").replace(tzinfo=SHANGHAI), tick=True):
        build_county()
        assert tell() > 4
        assert tell() == 0
    assert set(Outcome.objects.values_list("kind", flat=True)) == {
        "resolved",
        "explained",
        "assigned",
        "studied",
        "sponsored",
    }
    assert Visit.objects.filter(status="held").count() == 3
    assert set(Visit.objects.values_list("status", flat=True)) >= {"draft", "published", "held", "cancelled", "swapped"}
    assert set(Sponsorship.objects.values_list("state", flat=True)) == {"running", "reported", "ended"}
    assert Research.objects.get().advice is not None and Visit.objects.exclude(before="").exists()
    assert {bool(day) for day in FollowUp.objects.values_list("done_on", flat=True)} == {True, False}
