"""How does a program act?  Through the pages' forms and the one door, once for each key."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.actor import Actor
from accounts.dates import today
from petitions import querycode
from petitions.models import Event, ExternalReference, Filing, IdempotencyKey, Petition
from tests.api.caller import Caller, entry
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
Call = Callable[[Actor], Caller]


def steps_path(petition: Petition, step: str = "") -> str:
    return f"petitions/{petition.ref}/steps/" + (f"{step}/" if step else "")


def test_the_steps_are_those_of_the_page_each_with_the_fields_of_its_form(cast: Cast, make: Makes, call: Call) -> None:
    done = make.registered()
    said = call(cast.triage).get(steps_path(done.petition)).json()
    codes = [one["step"] for one in said["steps"]]
    assert {"triage", "transfer", "assign", "merge"} <= set(codes)
    assert "sign_for" not in codes
    transfer = said["steps"][codes.index("transfer")]
    fields = {field["name"]: field for field in transfer["fields"]}
    assert transfer["row"] == done.filing.ref
    assert fields["department"]["required"] and fields["department"]["type"] == "choice"
    assert {"value": str(cast.bureau.pk), "label": cast.bureau.name} in fields["department"]["options"]
    assert fields["category"]["value"] == cast.category.pk
    assert "idempotency_key" not in fields and "seen" not in fields
    assert call(cast.supervisor).get(steps_path(done.petition)).json()["steps"] != said["steps"]


def test_a_step_is_taken_as_its_form_would_be(cast: Cast, make: Makes, call: Call) -> None:
    done = make.registered()
    fields = {
        "department": str(cast.bureau.pk), "kind": "claim", "category": cast.category.pk, "region": cast.region.pk,
    }  # fmt: skip
    answer = call(cast.triage).post(steps_path(done.petition, "transfer"), {"fields": fields, "seen": 1})
    assert answer.status_code == 200, answer.content.decode()
    said = answer.json()
    assert (said["stage"], said["seen"]) == ("sent", 2)
    assert said["paper"]
    event = Event.objects.get(petition=done.petition, step="transfer")
    assert (event.user, event.post) == (cast.triage.user, cast.triage.post)
    assert event.data["token"].startswith("xf_")


def test_what_the_form_begins_with_is_neither_taken_over_nor_wiped_out_unseen(
    cast: Cast, make: Makes, call: Call
) -> None:
    done = make.registered()
    fields = {"department": str(cast.bureau.pk), "kind": "claim", "category": cast.category.pk}
    answer = call(cast.triage).post(steps_path(done.petition, "transfer"), {"fields": fields})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["region"])


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"nonsense": "1"}, "nonsense"), ({"note": 5}, "note"), ({"note": ["a"]}, "note"), ({"note": {"a": 1}}, "note"),
        ({"occurred_on": "26.11.2026"}, "occurred_on"), ({"occurred_on": 20261126}, "occurred_on"),
        ({"simplified": "yes"}, "simplified"), ({"handler": "999999999999999999999999"}, "handler"),
        ({"route_1": 6}, "route_1"), ({"route_1": "7"}, "route_1"), ({"seen": 3}, "seen"),
    ],
)  # fmt: skip
def test_a_field_of_the_wrong_kind_is_refused_by_name(
    cast: Cast, make: Makes, call: Call, fields: dict[str, Any], named: str
) -> None:
    held = make.signed()
    answer = call(cast.signer).post(steps_path(held.petition, "accept"), {"fields": {"route_1": "6"} | fields})
    assert answer.status_code == 422
    assert named in answer.json()["fields"]
    assert Petition.objects.get(pk=held.petition_id).stage == "review"


def test_the_wrong_person_the_wrong_moment_and_the_late_reader_are_told_apart(
    cast: Cast, make: Makes, call: Call
) -> None:
    held = make.sent()
    path, program = steps_path(held.petition, "sign_for"), call(cast.signer)
    assert call(cast.triage).post(path, {}).json()["code"] == "wrong_person"
    assert program.post(steps_path(held.petition, "accept"), {}).json()["code"] == "wrong_moment"
    stale = program.post(path, {"seen": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert cast.triage.user.name in stale.json()["fields"]["seen"]
    assert call(cast.sibling_signer).post(path, {}).status_code == 404
    assert program.post(steps_path(held.petition, "lapse"), {}).status_code == 404
    assert program.post(path, {"seen": 2}).status_code == 200


def test_where_several_rows_fit_it_must_be_said_which(cast: Cast, make: Makes, call: Call) -> None:
    petition = make.registered().petition
    program = call(cast.registrar)
    rows = [filing.ref for filing in _with_a_repeat(program, petition)]
    asked = program.post(steps_path(petition, "reissue_code"), {"fields": {"reason": "遗失"}})
    assert asked.status_code == 422 and all(ref in asked.json()["fields"]["row"] for ref in rows)
    body = {"row": rows[0], "fields": {"reason": "遗失"}}
    answer = program.post(steps_path(petition, "reissue_code"), body)
    assert querycode.code_hash(answer.json()["code"]) == Filing.objects.get(ref=rows[0]).query_code_hash


def _with_a_repeat(program: Caller, petition: Petition) -> list[Filing]:
    assert program.post("filings/", entry(under=petition.ref)).status_code == 201
    return list(petition.filings.order_by("pk"))


def test_a_filing_is_registered_with_its_code_and_its_other_numbers(cast: Cast, call: Call) -> None:
    body = entry(claims=["发放补偿款", "说明原因"], references=[{"system": "省平台", "number": "ZJ-2026-1"}],
                 category=cast.category.pk, region=cast.region.pk)  # fmt: skip
    answer = call(cast.registrar).post("filings/", body)
    assert answer.status_code == 201, answer.content.decode()
    said, filing = answer.json(), Filing.objects.get()
    assert (said["filing"], said["number"], said["petition"]) == (filing.ref, filing.number, filing.petition.ref)
    assert querycode.code_hash(said["code"]) == filing.query_code_hash
    assert said["due"] and said["repeat"] is False
    assert [claim.text for claim in filing.petition.claims.all()] == ["发放补偿款", "说明原因"]
    assert ExternalReference.objects.get().number == "ZJ-2026-1"
    assert filing.received_on == today()
    again = call(cast.registrar).post("filings/", entry(references=body["references"], under="new"))
    assert (again.status_code, list(again.json()["fields"])) == (422, ["references"])


def test_a_repeat_is_filed_under_its_open_matter(cast: Cast, call: Call) -> None:
    program = call(cast.registrar)
    first = program.post("filings/", entry()).json()
    asked = program.post("filings/", entry(content="还没有答复，再来问一次。"))
    assert asked.status_code == 422 and first["petition"] in asked.json()["fields"]["under"]
    again = program.post("filings/", entry(content="还没有答复，再来问一次。", under=first["petition"])).json()
    assert (again["repeat"], again["petition"]) == (True, first["petition"])
    assert program.post("filings/", entry(under="new")).json()["petition"] != first["petition"]
    assert program.post("filings/", entry(under="0" * 16)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"people": []}, "people"), ({"people": "王"}, "people"), ({"people": [{"name": ""}]}, "people[0].name"),
        ({"people": [{"name": "王", "phone": "abc"}]}, "people[0].phone"), ({"people": [{"name": 1}]}, "people[0].name"),
        ({"people": [{"name": "王", "nick": "x"}]}, "people[0].nick"), ({"content": ""}, "content"),
        ({"content": 5}, "content"), ({"channel": "pigeon"}, "channel"), ({"claims": "一"}, "claims"),
        ({"claims": [1]}, "claims"), ({"references": [["a", "b"]]}, "references"), ({"urgent": "yes"}, "urgent"),
        ({"references": [{"system": "", "number": ""}]}, "references"), ({"nonsense": 1}, "nonsense"),
        ({"received_on": "2026-13-40"}, "received_on"), ({"head_count": 0}, "head_count"),
        ({"head_count": True}, "head_count"), ({"people": [{"name": "王"}] * 201}, "people"),
        ({"content": "好" * 20_001}, "content"), ({"category": "no"}, "category"),
    ],
)  # fmt: skip
def test_a_filing_that_cannot_be_taken_says_what_is_wrong_and_leaves_nothing(
    cast: Cast, call: Call, changes: dict[str, Any], named: str
) -> None:
    answer = call(cast.registrar).post("filings/", entry(**changes))
    assert answer.status_code == 422
    assert named in answer.json()["fields"], answer.json()
    assert not Filing.objects.exists() and not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("said", [{"kind": "检举控告"}, {"purpose": "揭发控告"}], ids=["kind", "purpose"])
def test_a_report_accusation_is_refused_and_sent_to_the_sealed_room(
    cast: Cast, call: Call, said: dict[str, str]
) -> None:
    refused = call(cast.registrar).post("filings/", entry(**said))
    assert refused.status_code == 422
    assert "专门受理" in refused.content.decode()
    assert not Petition.objects.exists()


def test_who_does_not_register_is_told_so(cast: Cast, call: Call) -> None:
    for actor in (cast.handler, cast.leader, cast.supervisor):
        assert call(actor).post("filings/", entry()).status_code == 403
        assert call(actor).get("filings/").status_code == 403
    fields = call(cast.registrar).get("filings/").json()
    assert {"content", "channel", "category"} <= {field["name"] for field in fields["fields"]}
    assert fields["person"][0]["name"] == "name"


# --- once for each key -------------------------------------------------------------------------------------------


def test_the_same_key_and_body_get_the_first_answer(cast: Cast, call: Call) -> None:
    program = call(cast.registrar)
    first, second = (program.post("filings/", entry(), key="K-1") for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert "Idempotency-Replayed" not in first and second["Idempotency-Replayed"] == "true"
    assert Filing.objects.count() == 1
    other = program.post("filings/", entry(content="另一件事情的内容。", under="new"), key="K-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert Filing.objects.count() == 1


def test_a_code_is_told_again_for_a_quarter_of_an_hour_only(cast: Cast, call: Call) -> None:
    program = call(cast.registrar)
    first = program.post("filings/", entry(), key="K-2").json()
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        again = program.post("filings/", entry(), key="K-2").json()
    assert first["code"] and again == first | {"code": ""}


def test_a_step_that_took_the_matter_out_of_scope_is_answered_again_too(cast: Cast, make: Makes, call: Call) -> None:
    held = make.signed()
    advance_body = {"fields": {"reason": "不属于本单位职权范围"}}
    program = call(cast.signer)
    path = steps_path(held.petition, "object")
    first, second = (program.post(path, advance_body, key="K-3") for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert Event.objects.filter(petition=held.petition, step="object").count() == 1


def test_a_refusal_gives_the_key_back(cast: Cast, make: Makes, call: Call) -> None:
    held = make.sent()
    path, program = steps_path(held.petition, "sign_for"), call(cast.signer)
    assert program.post(path, {"seen": 1}, key="K-4").status_code == 409
    assert program.post(path, {"seen": 2}, key="K-4").status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "键".encode().decode("latin-1")])
def test_without_a_key_nothing_is_done(cast: Cast, call: Call, key: str) -> None:
    answer = call(cast.registrar).post("filings/", entry(), key=key)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["Idempotency-Key"])
    assert not Filing.objects.exists()


# --- bodies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"{", "application/json", 400), (b"\xff\xfe{}", "application/json", 400), (b'{"a": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400), (b'{"content": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"[]", "application/json", 422), (b"null", "application/json", 422), (b'"text"', "application/json", 422),
        (b'{"content": "a\\u0000b"}', "application/json", 422), (b'{"content": "\\ud800"}', "application/json", 422),
        (b'{"\\ud800": "a"}', "application/json", 422), (b'{"a":' * 20 + b"1" + b"}" * 20, "application/json", 422),
        (b'{"content": "' + b"x" * 10 * 2**20 + b'"}', "application/json", 413),
        (b"a=b", "application/x-www-form-urlencoded", 415), (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"<a/>", "text/xml", 415), (b"", "application/json", 422),
    ],
)  # fmt: skip
def test_no_body_breaks_anything(cast: Cast, call: Call, raw: bytes, kind: str, status: int) -> None:
    program = call(cast.registrar)
    headers = program.headers | {"Idempotency-Key": "K-5"}
    answer = program.client.post("/api/filings/", raw, content_type=kind, headers=headers)
    assert answer.status_code == status
    assert set(json.loads(answer.content)) == {"code", "message", "rule", "fields"}


def test_a_program_does_not_rate_unmask_or_administer(cast: Cast, make: Makes, call: Call) -> None:
    petition = make.confirmed()
    for actor in (cast.triage, cast.signer):
        client, headers = call(actor).client, call(actor).headers
        for path in (
            f"/petitions/{petition.ref}/reveal/?person=1",
            f"/petitions/{petition.ref}/",
            "/manage/",
            "/audit/log/",
        ):
            answer = client.post(path, headers=headers) if "reveal" in path else client.get(path, headers=headers)
            assert answer.status_code in (302, 401)
        assert client.post("/q/rate/", {"target": "unit", "value": "0"}, headers=headers).status_code == 302
    assert not petition.ratings.exists()
