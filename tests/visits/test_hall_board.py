"""The hall's notice board shows which leaders will receive, as soon as that is published, and not before."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.dates import today
from tests.cast import Cast
from tests.visits.conftest import Days, next_workday

pytestmark = pytest.mark.django_db


def test_a_published_reception_stands_on_the_board_and_a_draft_does_not(cast: Cast, days: Days) -> None:
    board = Client().get("/hall/").content.decode()
    assert "领导接待日" not in board
    days.drafted(next_workday(14), leader=cast.other_leader)
    visit = days.published(next_workday(10))
    board = Client().get("/hall/").content.decode()
    assert visit.leader.user.name in board and "领导接待日" in board
    assert cast.other_leader.user.name not in board and visit.day >= today()
