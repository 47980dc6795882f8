"""What was brought before: inside the clerk's scope alone, each with its reason, and never a count of a person."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actor import Actor
from petitions.actions import Person, register
from petitions.models import Petition
from petitions.repeats import Earlier, same_person
from tests.cast import Cast
from tests.makes import Makes, entry

ID, OTHER_ID = "330726195603021234", "330726198001013333"
PHONE, NAME = "+8613800000001", "周桂英"


def brought(cast: Cast, by: Actor | None = None, **changes: Any) -> Petition:
    """A matter of one person, registered by ``by``."""
    fields: dict[str, Any] = {name: changes.pop(name) for name in ("name", "id_number", "phone") if name in changes}
    person = Person(**({"name": NAME} | fields))
    if person.id_number:
        person = Person(name=person.name, id_kind="414", id_number=person.id_number, phone=person.phone)
    return register(entry(cast, people=[person], **changes), by=by or cast.registrar).petition


def shown(found: list[Earlier]) -> list[tuple[int, str]]:
    return [(one.petition.pk, one.why) for one in found]


# --- the same person ----------------------------------------------------------------------------------------------------


def test_by_document_by_telephone_and_by_name_each_says_which(cast: Cast) -> None:
    by_id = brought(cast, id_number="E12345678", name="周贵英")
    by_phone = brought(cast, phone=PHONE, name="周小妹")
    by_name = brought(cast)
    found = same_person(cast.registrar, name=NAME, id_number="E12345678", phone=PHONE)
    assert shown(found) == [
        (by_id.pk, "证件号码相同"), (by_phone.pk, "电话相同"), (by_name.pk, "同名，请核对是否同一人"),
    ]  # fmt: skip


def test_a_matter_is_shown_once_for_its_surest_reason(cast: Cast) -> None:
    matter = brought(cast, id_number="E12345678", phone=PHONE)
    found = same_person(cast.registrar, name=NAME, id_number="E12345678", phone=PHONE)
    assert shown(found) == [(matter.pk, "证件号码相同")]


def test_who_bears_the_same_name_and_another_number_is_another_person(cast: Cast) -> None:
    brought(cast, id_number="E99999999")
    unknown = brought(cast)
    assert [one.petition for one in same_person(cast.registrar, name=NAME, id_number="E12345678")] == [unknown]
    assert len(same_person(cast.registrar, name=NAME)) == 2


def test_a_name_is_asked_whole(cast: Cast) -> None:
    brought(cast, name="周桂英子")
    assert same_person(cast.registrar, name=NAME) == [] and same_person(cast.registrar, name="周桂%") == []


def test_open_ones_first_then_the_newest_and_no_more_than_asked(cast: Cast, make: Makes) -> None:
    people = [Person(name=NAME, id_kind="414", id_number="E12345678")]
    done = make.confirmed(people=people)
    old, new = (make.registered(people=people).petition for _ in range(2))
    found = same_person(cast.registrar, id_number="E12345678")
    assert [(one.petition.pk, one.open) for one in found] == [(new.pk, True), (old.pk, True), (done.pk, False)]
    assert len(same_person(cast.registrar, id_number="E12345678", limit=2)) == 2


def test_nothing_typed_asks_nothing(cast: Cast, django_assert_num_queries: Any) -> None:
    brought(cast)
    with django_assert_num_queries(0):
        assert same_person(cast.registrar) == []


def test_only_inside_the_clerks_scope(cast: Cast) -> None:
    ours, theirs = brought(cast, phone=PHONE), brought(cast, by=cast.township_registrar, phone=PHONE)
    assert [one.petition for one in same_person(cast.township_registrar, phone=PHONE, name=NAME)] == [theirs]
    assert [one.petition for one in same_person(cast.registrar, phone=PHONE, name=NAME)] == [ours]
    for nobody in (cast.auditor, cast.system_admin, cast.sibling_signer):
        assert same_person(nobody, phone=PHONE, name=NAME) == []


@pytest.mark.parametrize("asked", [{"name": NAME}, {"id_number": "E12345678"}, {"phone": PHONE}])
def test_who_asked_not_to_be_named_to_the_unit_is_not_found_by_it(
    cast: Cast, make: Makes, asked: dict[str, Any]
) -> None:
    people = [Person(name=NAME, id_kind="414", id_number="E12345678", phone=PHONE)]
    held = make.sent(people=people, hide_name=True)
    assert same_person(cast.signer, **asked) == []
    assert [one.petition.pk for one in same_person(cast.registrar, **asked)] == [held.petition_id]
    make.sent(people=people)
    assert len(same_person(cast.signer, **asked)) == 1


def test_a_common_name_in_other_houses_does_not_hide_ones_own(cast: Cast) -> None:
    mine = brought(cast, by=cast.township_registrar)
    for _ in range(3):
        brought(cast)
    assert [one.petition for one in same_person(cast.township_registrar, name=NAME)] == [mine]


def test_the_answer_holds_nothing_but_matters(cast: Cast) -> None:
    brought(cast)
    assert set(vars(same_person(cast.registrar, name=NAME)[0])) == {"petition", "why", "open"}
