"""Do the requests of the measuring ask what they say they ask?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.actor import Actor
from bench import scenarios, targets
from petitions.actions import Person
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]
WOMAN = "11010519491231002X"


@pytest.mark.django_db
def test_each_look_up_measured_finds_the_matter_of_its_person(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.registered(people=[Person(name="李桂芳", id_number=WOMAN, phone="13912345678")])
    found = {
        "cookies": {"registrar": ""}, "names": targets.common_names(), "id_numbers": [WOMAN], "phones_seen": ["13912345678"],
    }  # fmt: skip
    looked_up = scenarios.looking_up(found)
    assert [one.name for one in looked_up] == ["look_up_name", "look_up_id_number", "look_up_phone"]
    for one in looked_up:
        assert one.ours is not None
        body = one.ours.request(0).partition(b"\r\n\r\n")[2].decode()
        answer = signed_in(cast.registrar).post("/register/look-up/", body, content_type=scenarios.FORM)
        assert (answer.status_code, one.ours.find in answer.content) == (one.ours.expect, True), one.name


def test_a_look_up_that_nobody_can_be_found_by_is_left_out_with_its_reason() -> None:
    none = {"cookies": {"registrar": ""}, "names": [], "id_numbers": [], "phones_seen": []}
    assert {(one.ours, bool(one.why)) for one in scenarios.looking_up(none)} == {(None, True)}


@pytest.mark.django_db
def test_the_report_measured_is_the_draft_of_the_year_with_its_numbers(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    make.handling()
    ref = targets.annual_draft(cast.triage.post)
    one = scenarios.drafting({"cookies": {"triage": ""}, "report": ref})
    assert one.ours is not None
    path = one.ours.request(0).split()[1].decode()
    answer = signed_in(cast.triage).get(path)
    assert (path, answer.status_code) == (f"/reports/{ref}/", one.ours.expect)
    assert one.ours.find in answer.content and "草稿" in answer.content.decode()
