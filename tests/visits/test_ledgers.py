"""The ledger of matters heard, and the conditions of the ledgers of visits: unit, leader, place, state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict

from accounts.actor import Actor
from accounts.dates import today
from petitions.errors import BadInput, NotSeen
from petitions.ledgers import Asked, found
from petitions.models import Filing
from tests.cast import Cast
from tests.visits.conftest import Days, next_workday
from tests.visits.test_day import heard, new
from visits.models import Outcome, Place, Receiver

pytestmark = pytest.mark.django_db


def rows(actor: Actor, code: str, query: str = "") -> list[Any]:
    return list(Asked.of(found(actor, code), QueryDict(query)).rows(actor))


def cells(actor: Actor, code: str, row: Any) -> dict[str, Any]:
    return {column.code: column.value(row) for column in found(actor, code).columns}


def test_each_matter_heard_is_a_row_without_a_name(days: Days, cast: Cast, signed_in: Any) -> None:
    (outcome,) = heard(days, new(days, "sponsored"))
    (row,) = rows(cast.triage, "received")
    said = cells(cast.triage, "received", row)
    assert (said["number"], said["kind"], said["unit"]) == (outcome.petition.number, "领导包案", cast.bureau.short_name)
    assert (said["region"], said["origin"]) == (cast.region.name, "寺前村，去年征地后款项滞留")
    assert (said["due"], said["sponsored"], said["closed"], said["again"]) == (outcome.due, "包案", None, "")
    page = signed_in(cast.triage).get("/ledgers/received/").content.decode()
    assert outcome.petition.title in page and "王小明" not in page and "13800000001" not in page


def test_what_was_brought_again_within_ninety_days_says_so_once(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "explained"))
    Outcome.objects.update(recorded_on=today() - timedelta(days=40))
    first = outcome.petition.filings.get()
    for number in range(2):
        first.pk, first.ref, first.number, first.query_code_hash = None, f"again{number}", f"again-{number}", ""
        first.repeat, first.received_on = True, today()
        first.save(force_insert=True)
    assert Filing.objects.filter(repeat=True).count() == 2
    (row,) = rows(cast.triage, "received")
    assert cells(cast.triage, "received", row)["again"] == "是", "that it was, not how often"


def test_a_leader_reads_of_his_own_visits_alone_and_no_matter_outside_his_fields(days: Days, cast: Cast) -> None:
    heard(days, new(days, "explained"))  # answered by the office: in no leader's fields
    (row,) = rows(cast.leader, "received")
    said = cells(cast.leader, "received", row)
    assert said["title"] == "（不在您的职责范围）" and (said["region"], said["origin"], said["category"]) == (
        "",
        "",
        "",
    )
    assert rows(cast.other_leader, "received") == []
    assert [len(rows(one, "visits")) for one in (cast.leader, cast.other_leader)] == [1, 0]
    for code in ("received", "visits", "receptions"):
        with pytest.raises(NotSeen):
            found(cast.handler, code)


def test_ledgers_are_narrowed_by_unit_leader_place_and_state(days: Days, cast: Cast) -> None:
    visit = days.published()
    heard(days, new(days, "sponsored"), new(days, "explained", entry=days.entry(title="路灯不亮")), visit=visit)
    along = days.published(
        next_workday(10), leader=cast.other_leader, place=days.town, room="接待室", units=[cast.bureau]
    )
    leader, other, hall, town = cast.leader.post.pk, cast.other_leader.post.pk, days.hall.pk, days.town.pk
    bureau, sibling = cast.bureau.pk, cast.sibling.pk

    def many(code: str, query: str) -> int:
        return len(rows(cast.triage, code, query))

    assert [
        many("received", q) for q in (f"unit={bureau}", f"unit={sibling}", f"leader={leader}", f"leader={other}")
    ] == [1, 0, 2, 0]
    assert [many("received", q) for q in (f"place={hall}", f"place={town}", "state=open", "state=closed")] == [
        2,
        0,
        1,
        1,
    ]
    assert [row.pk for row in rows(cast.triage, "visits", f"unit={bureau}")] == [along.pk]
    assert [row.pk for row in rows(cast.triage, "visits", f"leader={leader}&place={hall}")] == [visit.pk]
    assert [
        many("sponsorships", q)
        for q in (f"sponsor={leader}", f"sponsor={other}", f"unit={bureau}", f"place={hall}", f"place={town}")
    ] == [1, 0, 1, 1, 0]
    assert [many("receptions", q) for q in (f"leader={leader}", f"leader={other}", f"place={hall}")] == [1, 0, 1]


def offered(actor: Actor, code: str) -> dict[str, list[str]]:
    return {one.code: [words for _, words, _ in one.options()] for one in found(actor, code).choices}


def test_leaders_and_places_of_another_office_stand_in_no_ones_conditions(
    days: Days, cast: Cast, signed_in: Any
) -> None:
    other = Place.objects.create(name="邻县岩头镇", office=cast.city_review, region_id="330726101000")
    Receiver.objects.create(post=cast.unit_head.post, office=cast.city_review, level="county")
    heard(days, new(days, "sponsored"))
    ours = sorted([cast.leader.user.name, cast.other_leader.user.name])
    for code, who in (
        ("visits", "leader"),
        ("receptions", "leader"),
        ("received", "leader"),
        ("sponsorships", "sponsor"),
    ):
        said = offered(cast.triage, code)
        assert (sorted(said[who]), sorted(said["place"])) == (ours, sorted([days.hall.name, days.town.name])), code
        page = signed_in(cast.triage).get(f"/ledgers/{code}/").content.decode()
        assert days.town.name in page and other.name not in page
        with pytest.raises(BadInput):
            rows(cast.triage, code, f"place={other.pk}")
    assert offered(cast.leader, "visits")["leader"] == [cast.leader.user.name]
    assert sorted(offered(cast.leader, "visits")["place"]) == sorted([days.hall.name, days.town.name])
    unit = offered(cast.handler, "sponsorships")
    assert (unit["sponsor"], unit["place"]) == ([cast.leader.user.name], [days.hall.name]), "of the cases it sees alone"
