"""A projector shows the board by a link of the office: numbers alone, for some days, until it is withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.dates import today
from accounts.models import AccessLog
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from tests.cast import Cast
from tests.visits.conftest import Days, noon
from visits.actions import walls
from visits.models import WallLink

pytestmark = pytest.mark.django_db


def wall(token: str, **asked: Any) -> Any:
    return Client().get(reverse("notices:wall", args=[token]), **asked)


def test_a_link_opens_the_board_for_nobody_in_particular_and_names_nobody_who_came(days: Days, cast: Cast) -> None:
    with pytest.raises(WrongPerson):
        walls.make(cast.registrar, name="大厅", last_day=today())
    for name, day, field in ((" ", today(), "name"), ("大厅", today() - timedelta(days=1), "last_day"),
                             ("大厅", today() + timedelta(days=32), "last_day")):  # fmt: skip
        with pytest.raises(BadInput) as caught:
            walls.make(cast.triage, name=name, last_day=day)
        assert field in caught.value.fields
    made = walls.make(cast.triage, name="大厅", last_day=today() + timedelta(days=2))
    days.in_room(days.published(units=[cast.bureau]), "王小明")
    days.drafted(leader=cast.other_leader, room="2号室")
    page = wall(made.token)
    said = page.content.decode()
    assert cast.leader.user.name in said and "号 请进" in said
    assert days.hall.name in said and cast.bureau.short_name in said, "where, and which units are there"
    assert "王小明" not in said and "13800000001" not in said and "承包地" not in said
    assert cast.other_leader.user.name not in said, "a draft is on no wall"
    assert "sessionid" not in page.cookies and "no-store" in page["Cache-Control"]
    assert "王小明" not in wall(made.token, headers={"HX-Request": "true"}).content.decode()
    assert wall(made.token + "x").status_code == 404 and wall("x" * 200).status_code == 404
    assert made.token not in WallLink.objects.values_list("token_hash", flat=True)
    assert AccessLog.objects.filter(target=f"wall_link:{made.row.pk}").exists()


def test_a_link_ends_with_its_day_or_when_it_is_withdrawn(cast: Cast) -> None:
    made = walls.make(cast.head, name="大厅", last_day=today() + timedelta(days=1))
    with time_machine.travel(noon(today() + timedelta(days=2)), tick=False):
        assert wall(made.token).status_code == 404
    walls.withdraw(cast.triage, made.row)
    assert wall(made.token).status_code == 404
    part = wall(made.token, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Refresh"]) == (204, "true"), "what hangs there goes at once"
    with pytest.raises(WrongMoment):
        walls.withdraw(cast.triage, made.row)
    with pytest.raises((NotSeen, WrongPerson)):
        walls.withdraw(cast.leader, made.row)
