"""What was brought before: inside the clerk's scope alone, each with its reason, and never a count of a person."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from petitions import repeats
from petitions.actions import Person, register
from petitions.models import Petition
from petitions.repeats import Earlier, same_person, similar
from tests.cast import Cast
from tests.makes import Makes, entry

ID, OTHER_ID = "330726195603021234", "330726198001013333"
PHONE, NAME = "+8613800000001", "周桂英"
STORY = "万家花园二期的地下车库渗水三年，开发商宏达置业一直推诿，物业也不管，请求督促维修。"
AGAIN = "我住万家花园，地下车库渗水已经很久，宏达置业推诿不修。"
ELSE = "村里的路灯坏了半年，晚上出行不便，请求派人修理。"


@pytest.fixture(autouse=True)
def _fresh_statistics() -> None:
    repeats.forget()


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


# --- what reads alike -----------------------------------------------------------------------------------------------------


def told(cast: Cast, content: str, by: Actor | None = None, **changes: Any) -> Petition:
    return register(entry(cast, title=content[:14], content=content, **changes), by=by or cast.registrar).petition


def test_the_same_trouble_in_other_words_is_found_and_says_what_both_speak_of(cast: Cast) -> None:
    first = told(cast, STORY)
    told(cast, ELSE)
    (found,) = similar(cast.registrar, AGAIN)
    assert found.petition == first and found.open
    assert "“地下车库渗水”" in found.why and "“万家花园”" in found.why


def test_another_trouble_is_not(cast: Cast) -> None:
    told(cast, STORY)
    assert similar(cast.registrar, ELSE) == []


@pytest.mark.parametrize("text", ["", "渗水", "，。！？" * 30, "a b c", "\n\n"])
def test_too_little_says_nothing(cast: Cast, text: str) -> None:
    told(cast, STORY)
    assert similar(cast.registrar, text) == []


@pytest.mark.parametrize(
    "text", ["'); DROP TABLE x; --" + STORY, "\\" + STORY + "'&|!<->:*", "%s%(a)s" + STORY, "𠮷" + STORY]
)
def test_hostile_texts_are_texts(cast: Cast, text: str) -> None:
    first = told(cast, STORY)
    assert [one.petition for one in similar(cast.registrar, text)] == [first]


def test_a_house_number_alone_is_no_likeness(cast: Cast) -> None:
    told(cast, "家住前吴294号，林地界线有争议，请求重新测量。")
    assert similar(cast.registrar, "家住横溪294号，拖欠工资半年之久，请求帮助讨要。") == []


def test_only_inside_the_scope(cast: Cast) -> None:
    ours, theirs = told(cast, STORY), told(cast, STORY, by=cast.township_registrar)
    assert [one.petition for one in similar(cast.township_registrar, AGAIN)] == [theirs]
    assert [one.petition for one in similar(cast.township_registrar, AGAIN, region=cast.region)] == [theirs]
    assert {one.petition for one in similar(cast.registrar, AGAIN)} == {ours}
    assert {one.petition for one in similar(cast.triage, AGAIN)} == {ours, theirs}
    for nobody in (cast.auditor, cast.system_admin, cast.sibling_signer):
        assert similar(nobody, AGAIN) == [] and similar(nobody, AGAIN, region=cast.region) == []


def test_the_same_place_is_said(cast: Cast) -> None:
    told(cast, STORY)
    (found,) = similar(cast.registrar, AGAIN, region=cast.region)
    assert found.why.startswith("同一属地；都提到")


def test_open_ones_come_first(cast: Cast, make: Makes) -> None:
    done = make.confirmed(title=STORY[:14], content=STORY)
    alive = told(cast, AGAIN + "另有其他问题也请一并处理，具体情况见材料。")
    assert [one.petition for one in similar(cast.registrar, STORY)] == [alive, done]
    assert len(similar(cast.registrar, STORY, limit=1)) == 1


def test_an_old_matter_is_found_among_many_newer_by_its_rare_words(cast: Cast, monkeypatch: Any) -> None:
    old = told(cast, STORY)
    for number in range(6):
        told(cast, f"{ELSE}第{number}次反映。")
    monkeypatch.setattr(repeats, "RECENT", 2)
    monkeypatch.setattr(repeats, "NEAR", 2)
    for region in (None, cast.region):
        assert [one.petition for one in similar(cast.registrar, AGAIN, region=region)] == [old]


def test_two_or_three_statements_whatever_the_text(cast: Cast) -> None:
    told(cast, STORY)
    counts = []
    for text in (AGAIN, AGAIN, AGAIN + ELSE * 20):
        with CaptureQueriesContext(connection) as asked:
            similar(cast.registrar, text, region=cast.region)
        counts.append(len(asked))
    assert counts == [3, 1, 2]  # statistics once, then only of new words
