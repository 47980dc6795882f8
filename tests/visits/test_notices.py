"""What everybody reads of a visit that does not stay as it was: on its notice, on the poster, in a telephone's calendar."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.visits.conftest import Days, next_workday
from visits.actions import plan
from visits.models import Visit

pytestmark = pytest.mark.django_db


def read(path: str) -> str:
    return Client().get(path).content.decode()


def entry(visit: Visit) -> dict[str, str]:
    """The lines of a visit's entry in the calendar, unfolded."""
    text = read("/v/visits.ics").replace("\r\n ", "")
    block = next(part for part in text.split("BEGIN:VEVENT")[1:] if f"UID:{visit.ref}@" in part)
    return dict(line.split(":", 1) for line in block.split("END:VEVENT")[0].split("\r\n") if ":" in line)


@pytest.fixture
def visit(days: Days) -> Visit:
    return days.published(next_workday(10), units=[days.cast.bureau])


def test_a_cancelled_visit_says_so_and_why_everywhere(visit: Visit, cast: Cast) -> None:
    before = int(entry(visit)["SEQUENCE"])
    plan.cancel(cast.triage, visit, reason="防汛值班")
    notice, poster, line = read(f"/v/{visit.ref}/"), read(f"/v/{visit.ref}/poster/"), entry(visit)
    assert "这场接访取消了" in notice and "防汛值班" in notice and "/book/" not in notice
    assert "本场接访取消" in poster and "防汛值班" in poster and "扫一扫" not in poster
    assert line["STATUS"] == "CANCELLED" and "防汛值班" in line["DESCRIPTION"] and int(line["SEQUENCE"]) > before
    assert "已取消" in read("/v/")


def test_a_swapped_visit_leads_to_who_comes_instead(visit: Visit, cast: Cast) -> None:
    fresh = plan.substitute(cast.triage, visit, leader=cast.other_leader.post, reason="赴省开会")
    other = cast.other_leader.user.name
    notice, poster = read(f"/v/{visit.ref}/"), read(f"/v/{visit.ref}/poster/")
    assert "换人接访" in notice and f"改由{other}" in notice and f'href="/v/{fresh.ref}/"' in notice
    assert "换人接访" in poster and f"改由{other}" in poster and "扫一扫" not in poster
    assert entry(visit)["STATUS"] == "CANCELLED", "the first leader's entry goes"
    assert entry(fresh)["STATUS"] == "CONFIRMED" and other in entry(fresh)["SUMMARY"]
    new = read(f"/v/{fresh.ref}/")
    assert f"原由{cast.leader.user.name}接访" in new and f'href="/v/{fresh.ref}/book/"' in new
    assert other in read(f"/v/{fresh.ref}/poster/") and "扫一扫" in read(f"/v/{fresh.ref}/poster/")


def test_a_moved_visit_says_what_it_was_and_why(visit: Visit, cast: Cast) -> None:
    was, later, before = visit.day, next_workday(17), entry(visit)
    plan.move(cast.triage, visit, day=later, reason="与全会冲突")
    old, notice, poster, line = (
        f"{was.year}年{was.month}月{was.day}日",
        read(f"/v/{visit.ref}/"),
        read(f"/v/{visit.ref}/poster/"),
        entry(visit),
    )
    assert (
        "有变更" in notice
        and "与全会冲突" in notice
        and f"原定{old}" in notice
        and f"{later.month}月{later.day}日" in notice
    )
    assert "变更" in poster and "与全会冲突" in poster and f"原定{old}" in poster
    assert line["UID"] == before["UID"] and int(line["SEQUENCE"]) > int(before["SEQUENCE"]), "the same entry, renewed"
    assert (
        line["STATUS"] == "CONFIRMED" and line["DTSTART"] != before["DTSTART"] and "与全会冲突" in line["DESCRIPTION"]
    )


def test_two_leaders_who_exchange_their_days_both_stand_as_swapped(visit: Visit, days: Days, cast: Cast) -> None:
    other = days.published(next_workday(12), leader=cast.other_leader, room="2号室")
    one, two = plan.swap(cast.triage, visit, other, reason="工作调整")
    for was, now, leader in ((visit, one, cast.other_leader), (other, two, cast.leader)):
        assert f"改由{leader.user.name}" in read(f"/v/{was.ref}/") and leader.user.name in entry(now)["SUMMARY"]
        assert entry(was)["STATUS"] == "CANCELLED" and entry(now)["STATUS"] == "CONFIRMED"
        assert re.search("换人", read(f"/v/{was.ref}/poster/"))
