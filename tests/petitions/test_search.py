"""Does the search find what was meant, and nothing that the person may not know?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import AccessLog
from petitions import search as searching
from petitions.actions import Person
from petitions.models import ExternalReference, Filing, Petition
from petitions.search import search
from petitions.search_words import QueryKind
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
ID = "330726198503070016"


def found(actor: Actor, text: str) -> dict[str, list[str]]:
    return {group.why: [p.number for p in group.petitions] for group in search(actor, text).groups}


def people(**changes: Any) -> dict[str, Any]:
    return {"people": [Person(**({"name": "王小明", "phone": "+8619900000001", "id_number": ID} | changes))]}


def test_by_number_whole_or_beginning(cast: Cast, make: Makes) -> None:
    petition = make.registered().petition
    number = petition.number
    assert found(cast.triage, number) == {"number": [number]}
    assert found(cast.triage, number[:-2]) == {"number": [number]}
    assert found(cast.triage, number.removeprefix("浦信")) == {"number": [number]}
    assert found(cast.triage, f"{number}-01") == {"filing": [number]}
    assert found(cast.triage, "浦信1999-000001") == {}


def test_by_another_systems_number(cast: Cast, make: Makes) -> None:
    done = make.registered()
    ExternalReference.objects.create(filing=done.filing, system="省平台", number="ZJ20260000123")
    assert found(cast.triage, "ZJ20260000123")["reference"] == [done.petition.number]


def test_by_paper_number(cast: Cast, make: Makes) -> None:
    held = make.sent()
    for paper in held.petition.papers.all():
        assert found(cast.triage, paper.number)["paper"] == [held.petition.number]


@pytest.mark.parametrize(
    ("text", "why"),
    [(ID, "id"), ("199 0000 0001", "phone"), ("王小明", "name"), ("王小", "named"), ("wxm", "initials")],
)
def test_by_person(cast: Cast, make: Makes, text: str, why: str) -> None:
    number = make.registered(**people()).petition.number
    assert found(cast.triage, text)[why] == [number]


def test_an_id_in_part_finds_nobody(cast: Cast, make: Makes) -> None:
    make.registered(**people())
    assert found(cast.triage, ID[-6:]) == {}


@pytest.mark.parametrize("text", [ID, "19900000001", "王小明", "王小", "wxm"])
def test_a_hidden_name_is_not_found_by_the_unit(cast: Cast, make: Makes, text: str) -> None:
    held = make.sent(**people(), hide_name=True)
    number = held.petition.number
    assert [number] in found(cast.triage, text).values()
    assert found(cast.signer, text) == {}
    assert found(cast.signer, number)["number"] == [number]


@pytest.mark.parametrize("text", ["补偿款未到位", "承包地", "征收 寺前村", "款"])
def test_by_words(cast: Cast, make: Makes, text: str) -> None:
    number = make.registered().petition.number
    make.registered(title="反映路灯不亮", content="村口的路灯坏了两个月。", claims=["修好"])
    assert found(cast.triage, text)["words"] == [number]


@pytest.mark.parametrize("text", ["𠮷家", "𠮷", "㛃", "㛃䶮", "KTV", "ktv噪声", "A区100%"])
def test_rare_marks_and_latin(cast: Cast, make: Makes, text: str) -> None:
    number = make.registered(
        title="𠮷家村㛃䶮街KTV噪声", content="A区100%的住户都睡不着，KTV噪声太大。"
    ).petition.number
    make.registered()
    assert found(cast.triage, text)["words"] == [number]


def test_wildcards_are_only_characters(cast: Cast, make: Makes) -> None:
    make.registered()
    assert found(cast.triage, "承%款") == {}
    assert found(cast.triage, "承_地") == {}


def test_words_of_a_repeat(cast: Cast, make: Makes) -> None:
    first = make.registered()
    Filing.objects.create(
        petition=first.petition, number=f"{first.petition.number}-02", channel="letter", office=cast.office,
        registrar=cast.registrar.post, received_on=first.petition.received_on, recorded_at=first.filing.recorded_at,
        repeat=True, state="merged", content="又来反映水渠被挖断的事",
    )  # fmt: skip
    assert found(cast.triage, "水渠")["words"] == [first.petition.number]


@pytest.mark.parametrize("through_index", [True, False])
def test_both_ways_find_the_same(cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch, through_index: bool) -> None:
    held = make.sent()
    make.registered(title="另一件承包地的事")
    size = 1e9 if through_index else 0.0
    monkeypatch.setattr(searching, "FEW", size)
    for actor, many in ((cast.triage, 2), (cast.signer, 1), (cast.stranger, 0)):
        query = search(actor, "承包地")
        assert query.count == many
    assert found(cast.signer, "承包地") == {"words": [held.petition.number]}


def test_a_long_walk_stops_and_goes_on(cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch) -> None:
    old = make.registered(title="水库移民的旧事", content="水库移民。").petition
    for _ in range(4):
        make.registered()
    monkeypatch.setattr(searching, "WALK", 2)
    monkeypatch.setattr(searching, "FEW", 0.0)
    numbers, after, turns = [], "", 0
    while turns < 6:
        mark = searching.unpack(after, searching.WORDS_ORDER) if after else None
        page = search(cast.triage, "库", mark)
        numbers += [p.number for group in page.groups for p in group.petitions]
        after, turns = page.after, turns + 1
        if not after:
            break
    assert numbers == [old.number]
    assert turns == 3


def test_scope_and_log(cast: Cast, make: Makes) -> None:
    make.sent(**people())
    assert found(cast.sibling_signer, "王小明") == {}
    assert found(cast.auditor, "王小明") == {}
    row = AccessLog.objects.filter(kind="search").latest("pk")
    assert row.user == cast.auditor.user
    assert ID not in str(AccessLog.objects.filter(kind="search").values_list("data", flat=True))
    search(cast.triage, ID)
    data = AccessLog.objects.filter(kind="search").latest("pk").data
    assert data["kind"] == QueryKind.ID
    assert len(data["hash"]) == 64
    assert ID not in str(data)


def test_the_page(cast: Cast, make: Makes, signed_in: Callable[[Actor], Client]) -> None:
    petition = make.registered().petition
    client = signed_in(cast.triage)
    page = client.get("/search/", {"q": "承包地\x00"})
    assert page.status_code == 200
    assert petition.title in page.content.decode()
    assert client.get("/search/").status_code == 200
    assert client.get("/search/", {"q": "x", "after": "forged"}).status_code == 422
    assert Petition.objects.count() == 1
