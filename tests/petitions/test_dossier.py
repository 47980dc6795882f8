"""A matter is read in a fixed number of queries, and what is read is what is stored."""

from __future__ import annotations

from typing import Any

from petitions.actions import advance
from petitions.dossier import dossier_of
from petitions.models import Petition, Petitioner
from tests.cast import Cast
from tests.makes import Makes


def test_the_parts_are_what_the_tables_hold(cast: Cast, make: Makes) -> None:
    run = make.delivered()
    petition = Petition.objects.select_related("office", "responsible").get(pk=run.petition_id)
    found = dossier_of(petition)
    person = Petitioner.objects.get(petition=petition)
    assert (found.petitioners[0].phone, found.petitioners[0].address) == (person.phone, person.address)
    assert [clock.due for clock in found.clocks] == list(petition.clocks.order_by("pk").values_list("due", flat=True))
    assert found.filings[0].recorded_at == petition.filings.get().recorded_at
    assert found.handling == run
    assert found.events[-1].user.name == cast.handler.user.name


def test_the_number_of_queries_does_not_grow(cast: Cast, make: Makes, django_assert_num_queries: Any) -> None:
    run = make.handling()
    for number in range(12):
        advance("interview", on=run, by=cast.handler, text=f"第{number}次谈话")
    petition = Petition.objects.select_related("office", "responsible").get(pk=run.petition_id)
    with django_assert_num_queries(3):
        found = dossier_of(petition)
        assert found.posts
        assert all(event.post.department.name for event in found.events if event.post)
        assert all(clock.department for clock in found.clocks if clock.department_id)
