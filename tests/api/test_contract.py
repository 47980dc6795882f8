"""Does the API keep its contract?  schemathesis sends right and wrong requests made from openapi.yaml as three people.

No request may bring an answer of 5xx, or one that the document does not describe, or one that names a row out of scope.
Each request is undone.  ``CONTRACT_EXAMPLES=500`` makes a longer, random run.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from accounts.actor import Actor
from config.embedded import ROOT
from petitions import access
from petitions.actions import Person
from petitions.lifecycle import STEPS
from petitions.models import Assignment, Attachment, Filing, Paper, Petition, Petitioner, Proceeding
from petitions.querycode import new_ref
from tests.api.caller import token_for
from tests.api.test_files import filed
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "10"))
BOUNDS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES <= 10, print_blob=False,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
load_all_checks()
ASKED = CHECKS.get_by_names([
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "missing_required_header",
])  # fmt: skip
PEOPLE = ("triage", "sibling_signer", "registrar")
_REF = re.compile(r"[0-9a-hjkmnp-tv-z]{16}")


def _document() -> Any:
    schema = schemathesis.openapi.from_dict(yaml.safe_load((ROOT / "openapi.yaml").read_text()))
    schema.app = get_wsgi_application()
    return schema


OPERATIONS = {each.ok().label: each.ok() for each in _document().get_all_operations()}


def _drafts_of(post: int | None) -> str:
    return f"drafts of {post}"


@dataclass
class County:
    """Matters at every stage: some the sibling's, most the bureau's; every ref with the matter it belongs to."""

    cast: Cast

    def matters(self) -> Mapping[str, str]:
        """Each ref that there is, and its matter's; of a file that waits in somebody's draft, whose it is."""
        kinds = (Filing, Assignment, Proceeding, Paper)
        rows = (kind.objects.values_list("ref", "petition__ref") for kind in kinds)
        files = Attachment.objects.values_list("ref", "petition__ref", "draft__post")
        kept = [(ref, matter or _drafts_of(post)) for ref, matter, post in files]
        return dict(chain(Petition.objects.values_list("ref", "ref"), kept, *rows))

    def words(self) -> Mapping[str, tuple[set[str], set[str]]]:
        """Of each matter what tells it to whoever knows no ref: its number and title, and the names of its people."""
        found: dict[str, tuple[set[str], set[str]]] = {
            ref: ({number, title}, {lead}) for ref, *(number, title, lead) in Petition.objects.values_list("ref", "number", "title", "lead_name")
        }  # fmt: skip
        for ref, name in Petitioner.objects.values_list("petition__ref", "name"):
            found[ref][1].add(name)
        return found

    def nameless_to(self, actor: Actor) -> set[str]:
        """The matters whose petitioner the actor may not be told, because that was asked."""
        rows = access.visible_to(actor).filter(hide_name=True)
        return {row.ref for row in rows if not access.sees_name(actor, row)}

    def seen_by(self, actor: Actor) -> set[str]:
        """The matters in the actor's scope, and the own drafts."""
        return {*access.visible_to(actor).values_list("ref", flat=True), _drafts_of(actor.post.pk)}


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A request leaves the connection open: all of them are in the test's own transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def county(cast: Cast, make: Makes, settings: Any) -> County:
    settings.API_PER_MINUTE = 100_000
    for nth, made in enumerate(
        (make.registered, make.sent, make.signed, make.handling, make.checked, make.issued, make.closed)
    ):
        made(**_own(nth))
    make.signed(hide_name=True, **_own(7))
    filed(cast)
    make.cast.bureau, make.cast.sibling = make.cast.sibling, make.cast.bureau
    make.sent(**_own(8))  # this one is the sibling's
    make.cast.bureau, make.cast.sibling = make.cast.sibling, make.cast.bureau
    return County(cast)


def _own(nth: int) -> dict[str, Any]:
    """A title and a name that no other matter has, and no word of an answer."""
    sign = "甲乙丙丁戊己庚辛壬"[nth]
    return {"title": f"反映{sign}字号水塘淤塞", "people": [Person(name=f"欧阳{sign}塘", phone=f"1990000010{nth}")]}


def check_scope(county: County, actor: Actor, seen: set[str], text: str) -> None:
    """No ref, number, title or name in an answer is of a matter that was out of scope before and after it; nor is a name that the
    petitioner has asked to be kept from the actor."""
    known, allowed = county.matters(), seen | county.seen_by(actor)
    plain, nameless = _in_clear(text), county.nameless_to(actor)
    named = {known[ref] for ref in _REF.findall(plain) if ref in known}
    assert named <= allowed, f"out of scope: {named - allowed}"
    for ref, (told, names) in county.words().items():
        kept = (told | names if ref not in allowed else set()) | (names if ref in nameless else set())
        assert not (found := {word for word in kept if word and word in plain}), f"out of scope: {found}"


def _in_clear(text: str) -> str:
    """An answer as a person reads it: a program may be sent its Chinese as escapes."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def test_an_answer_that_names_a_matter_out_of_scope_in_any_way_is_found(county: County) -> None:
    """The check itself: each of what a leak could carry, in a list of an actor who does not see the matter."""
    actor = county.cast.sibling_signer
    theirs = Petition.objects.get(title=_own(2)["title"])
    hidden = Petition.objects.get(hide_name=True)
    seen = county.seen_by(actor)
    for leak in (theirs.ref, theirs.number, theirs.title, theirs.lead_name, hidden.lead_name):
        with pytest.raises(AssertionError, match="out of scope"):
            check_scope(county, actor, seen, json.dumps({"results": [{"words": f"见{leak}"}]}))
    unit = county.cast.signer
    with pytest.raises(AssertionError, match="out of scope"):
        check_scope(county, unit, county.seen_by(unit), json.dumps({"lead": hidden.lead_name}))
    mine = Petition.objects.get(title=_own(8)["title"])
    check_scope(county, actor, seen, json.dumps({"lead": mine.lead_name, "title": mine.title, "number": mine.number}))


@pytest.mark.parametrize("who", PEOPLE)
def test_no_request_breaks_the_contract(county: County, who: str) -> None:
    actor: Actor = getattr(county.cast, who)
    headers = {"Authorization": f"Bearer {token_for(county.cast, actor)}"}
    for operation in OPERATIONS.values():
        _try(county, actor, operation, headers)


def _try(county: County, actor: Actor, operation: Any, headers: dict[str, str]) -> None:
    kind = Attachment if "/files/{" in operation.path else Petition
    refs = [*kind.objects.values_list("ref", flat=True), new_ref()]

    @BOUNDS
    @given(
        case=operation.as_strategy(), ref=st.sampled_from(refs), step=st.sampled_from([*STEPS]), known=st.integers(0, 3)
    )
    def ask(case: Any, ref: str, step: str, known: int) -> None:
        if known and "ref" in (case.path_parameters or {}):  # else what schemathesis made up
            case.path_parameters |= {"ref": ref} | ({"step": step} if "step" in case.path_parameters else {})
        seen = county.seen_by(actor)
        with transaction.atomic():
            answer = case.call(headers=headers)
            check_scope(county, actor, seen, answer.content.decode("utf-8", "replace"))
            transaction.set_rollback(True)
        case.validate_response(answer, checks=ASKED)

    ask()


# --- every step, with what its own description offers ----------------------------------------------------------------

_JUNK = st.one_of(st.text(max_size=30), st.integers(), st.booleans(), st.none(), st.just("2026-02-30"))
_DAYS = st.dates().map(lambda day: day.isoformat())


def _value(field: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    right: st.SearchStrategy[Any] = {
        "boolean": st.booleans(), "integer": st.integers(field["minimum"] or 0, field["maximum"] or 100), "date": _DAYS,
        "text": st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=min(field["max_length"] or 50, 50)),
    }.get(field["type"], st.nothing())  # fmt: skip
    if field["options"]:
        right = st.sampled_from([option["value"] for option in field["options"]])
    begins = st.just(field["value"]) if field["value"] is not None else st.nothing()
    return st.one_of(right, right, right, begins, _JUNK) if field["type"] != "choice" or field["options"] else _JUNK


def test_no_values_of_a_step_break_it(county: County) -> None:
    for who in (*PEOPLE, "signer", "handler", "unit_head", "leader"):
        _take_any(county, getattr(county.cast, who))


def _take_any(county: County, actor: Actor) -> None:
    operation = OPERATIONS["POST /api/petitions/{ref}/steps/{step}/"]
    headers = {"Authorization": f"Bearer {token_for(county.cast, actor)}"}
    offered = _offered(county, actor, headers)

    @BOUNDS
    @given(st.data())
    def take(data: Any) -> None:
        ref, seen, step = data.draw(st.sampled_from(offered))
        fields = {
            field["name"]: data.draw(_value(field))
            for field in step["fields"]
            if field["required"] or field["value"] is not None or data.draw(st.booleans())
        }
        case = operation.Case(
            method="POST", path_parameters={"ref": ref, "step": step["step"]}, headers={"Idempotency-Key": new_ref()},
            body={"row": step["row"], "seen": seen, "fields": fields}, media_type="application/json",
        )  # fmt: skip
        visible = county.seen_by(actor)
        with transaction.atomic():
            answer = case.call(headers=headers)
            check_scope(county, actor, visible, answer.content.decode())
            transaction.set_rollback(True)
        assert answer.status_code in (200, 409, 422), answer.content
        case.validate_response(answer, checks=ASKED[:5])

    if offered:
        take()


def _offered(county: County, actor: Actor, headers: dict[str, str]) -> list[tuple[str, int, dict[str, Any]]]:
    """Every step that the actor may take now, on any matter."""
    operation, found = OPERATIONS["GET /api/petitions/{ref}/steps/"], []
    for ref in access.visible_to(actor).values_list("ref", flat=True):
        said = operation.Case(method="GET", path_parameters={"ref": ref}).call(headers=headers).json()
        found += [(ref, said["seen"], step) for step in said["steps"]]
    return found
