"""What does a program read?  What the person of its post would read on the pages, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import AccessLog
from petitions import access
from petitions.actions import Person
from tests.api.caller import Caller
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.test_registration import right_id

pytestmark = pytest.mark.django_db
Call = Callable[[Actor], Caller]
SECRETS = (right_id(), "19900000001", "檀溪镇寺前村1号")


def _people() -> list[Person]:
    return [Person(name="王小明", id_kind="111", id_number=right_id(), phone="19900000001", address="檀溪镇寺前村1号")]


def test_the_list_shows_what_is_in_scope_newest_first_with_the_pages_filters(
    cast: Cast, make: Makes, call: Call
) -> None:
    held = make.sent()
    make.registered()
    mine = call(cast.signer).get("petitions/").json()
    assert [row["ref"] for row in mine["results"]] == [held.petition.ref]
    assert mine["results"][0]["name"] == "王小明"
    assert mine["results"][0]["responsible"]["code"] == str(cast.bureau.pk)
    assert call(cast.stranger).get("petitions/").json()["results"] == []
    narrowed = call(cast.triage).get("petitions/", stage="registered").json()
    assert (narrowed["count"], narrowed["results"][0]["stage"]) == (1, "registered")


def test_pages_are_turned_by_marks(cast: Cast, make: Makes, call: Call) -> None:
    made = {make.registered().petition.ref for _ in range(27)}
    program = call(cast.triage)
    first = program.get("petitions/").json()
    second = program.get("petitions/", after=first["after"]).json()
    assert {row["ref"] for row in first["results"] + second["results"]} == made
    assert second["after"] == "" and second["before"]
    assert program.get("petitions/", before=second["before"]).json()["results"] == first["results"]
    assert program.get("petitions/", after="nonsense").status_code == 422


@pytest.mark.parametrize(
    "asked", ["stage=none", "staage=sent", "size=1000", "received_from=26-11-2026", "responsible=x"]
)
def test_a_filter_that_is_not_known_is_refused_by_name(cast: Cast, call: Call, asked: str) -> None:
    name, value = asked.split("=")
    answer = call(cast.triage).get("petitions/", **{name: value})
    assert answer.status_code == 422
    assert name in answer.json()["fields"]


def test_a_name_that_is_not_to_be_told_is_not_in_any_answer(cast: Cast, make: Makes, call: Call) -> None:
    held = make.signed(hide_name=True, people=_people())
    unit, office = call(cast.signer), call(cast.triage)
    for path in ("petitions/", f"petitions/{held.petition.ref}/", f"petitions/{held.petition.ref}/steps/"):
        assert "王小明" not in unit.get(path).content.decode()
    assert unit.get("petitions/").json()["results"][0]["name"] is None
    assert office.get("petitions/").json()["results"][0]["name"] == "王小明"


def test_numbers_and_addresses_are_masked_for_everybody(cast: Cast, make: Makes, call: Call) -> None:
    run = make.checked(people=_people())
    for actor in (cast.registrar, cast.triage, cast.head, cast.signer, cast.handler, cast.leader):
        said = call(actor).get(f"petitions/{run.petition.ref}/").content.decode()
        assert "王小明" in said
        assert not [secret for secret in SECRETS if secret in said]


def test_a_matter_is_told_whole_and_the_reading_is_written_down(cast: Cast, make: Makes, call: Call) -> None:
    run = make.delivered(references=[("省平台", "ZJ-7")])
    said = call(cast.handler).get(f"petitions/{run.petition.ref}/").json()
    assert said["claims"][0] | {"text": ""} == {
        "serial": 1, "text": "", "route": "信访程序", "support": "支持", "answer": "补偿款于本月内发放。",
    }  # fmt: skip
    assert said["filings"][0]["references"] == [{"system": "省平台", "number": "ZJ-7"}]
    assert [unit["department"] for unit in said["units"]] == [cast.bureau.name]
    assert said["clocks"] and all(clock["reasons"] for clock in said["clocks"])
    assert [event["step"] for event in said["events"]][:2] == ["deliver", "sign"]
    assert any(paper["title"] for paper in said["papers"])
    row = AccessLog.objects.get(kind="read", target=f"petition:{run.petition.ref}")
    assert (row.user, row.data["token"][:3]) == (cast.handler.user, "xf_")


def test_a_draft_answer_is_not_told_before_it_is_signed(cast: Cast, make: Makes, call: Call) -> None:
    run = make.checked()
    said = call(cast.handler).get(f"petitions/{run.petition.ref}/").json()
    assert said["claims"][0]["answer"] == ""


def test_a_matter_out_of_scope_is_one_that_does_not_exist(cast: Cast, make: Makes, call: Call) -> None:
    petition = make.handling().petition
    program = call(cast.sibling_signer)
    assert not access.visible_to(cast.sibling_signer).filter(pk=petition.pk).exists()
    real, invented = (program.get(f"petitions/{ref}/") for ref in (petition.ref, "0" * 16))
    assert (real.status_code, real.content) == (404, invented.content)
    assert real.json()["code"] == "not_seen"


def test_every_refusal_has_one_shape(cast: Cast, call: Call) -> None:
    program = call(cast.triage)
    answers = [
        Client().get("/api/petitions/"), program.get("no/such/thing/"), program.get("petitions/0/"),
        program.client.delete("/api/petitions/", headers=program.headers),
        program.client.get("/api/petitions/", headers=program.headers | {"Accept": "text/html"}),
        program.post("filings/", {}), program.get("petitions/", after="x"),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [401, 404, 404, 405, 406, 422, 422]
    for answer in answers:
        said = json.loads(answer.content)
        assert set(said) == {"code", "message", "rule", "fields"}
        assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "path", ["", "no/such/", "a%0Ab/", "petitions/%00/", "petitions/..%2F/", "petitions/%F0%9F%98%80/"]
)
def test_an_address_that_there_is_not_is_refused_in_the_same_shape(cast: Cast, call: Call, path: str) -> None:
    answer = call(cast.triage).get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_seen")


def test_no_cookie_is_taken_or_given(cast: Cast, signed_in: Any, call: Call) -> None:
    client = signed_in(cast.triage)
    assert client.get("/petitions/").status_code == 200
    answer = client.get("/api/petitions/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert not answer.cookies
    assert not call(cast.triage).get("petitions/").cookies


def test_who_asks_too_often_waits(cast: Cast, call: Call, settings: Any) -> None:
    settings.API_PER_MINUTE = 2
    program, other = call(cast.triage), call(cast.head)
    assert [program.get("petitions/").status_code for _ in range(3)] == [200, 200, 429]
    answer = program.get("petitions/")
    assert (answer.json()["code"], int(answer["Retry-After"]) > 0) == ("throttled", True)
    assert other.get("petitions/").status_code == 200
