"""Another system's number is added to a filing afterwards: recorded, found, and never twice."""

from __future__ import annotations

import pytest

from petitions.actions import advance
from petitions.errors import BadInput, WrongPerson
from petitions.models import Event
from petitions.search import search
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SYSTEM = "省信访信息系统"


def test_a_number_from_elsewhere_is_recorded_and_leads_to_its_matter(cast: Cast, make: Makes) -> None:
    done = make.registered()
    advance("add_reference", on=done.filing, by=cast.registrar, system=SYSTEM, number="ZJ2026-0001")
    assert Event.objects.get(step="add_reference").data["reference"] == f"{SYSTEM} ZJ2026-0001"
    found = [petition for group in search(cast.triage, "ZJ2026-0001").groups for petition in group.petitions]
    assert done.petition.pk in {petition.pk for petition in found}


def test_the_same_number_is_never_given_twice(cast: Cast, make: Makes) -> None:
    one, other = make.registered(), make.registered()
    advance("add_reference", on=one.filing, by=cast.registrar, system=SYSTEM, number="ZJ1")
    for filing in (one.filing, other.filing):
        with pytest.raises(BadInput, match="已经登记过"):
            advance("add_reference", on=filing, by=cast.registrar, system=SYSTEM, number="ZJ1")
    advance("add_reference", on=other.filing, by=cast.registrar, system="12345热线", number="ZJ1")
    assert Event.objects.filter(step="add_reference").count() == 2


@pytest.mark.parametrize(("system", "number"), [("", "ZJ1"), (SYSTEM, " "), ("系" * 41, "ZJ1"), (SYSTEM, "1" * 81)])
def test_both_parts_are_wanted_and_neither_too_long(cast: Cast, make: Makes, system: str, number: str) -> None:
    with pytest.raises(BadInput):
        advance("add_reference", on=make.registered().filing, by=cast.registrar, system=system, number=number)


def test_the_unit_that_only_handles_it_does_not(cast: Cast, make: Makes) -> None:
    filing = make.handling().petition.filings.get()
    with pytest.raises(WrongPerson):
        advance("add_reference", on=filing, by=cast.handler, system=SYSTEM, number="ZJ1")
