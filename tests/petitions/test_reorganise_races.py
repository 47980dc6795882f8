"""A merger and everyday steps at one moment, in real threads: each step is taken before it or refused, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from petitions import reorganise
from petitions.actions import advance, register
from petitions.errors import Refused
from petitions.models import Assignment, Event, Petition
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.test_races import together
from tests.petitions.test_reorganise import homeless

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def merger(cast: Cast) -> Callable[[], Any]:
    seen = reorganise.plan(cast.bureau, cast.sibling)
    return lambda: reorganise.close(
        cast.bureau, cast.sibling, by=cast.system_admin, reason="机构改革方案", mark=seen.mark, seen=seen.seen
    )


def whole() -> None:
    """Every chain ends in its head, and nothing unfinished names a body that is gone."""
    assert homeless() == []
    for petition in Petition.objects.all():
        assert bytes(petition.chain_head) == bytes(Event.objects.filter(petition=petition).latest("seq").digest)


def test_steps_of_the_unit_while_it_is_merged(cast: Cast, make: Makes) -> None:
    runs, held = [make.handling() for _ in range(4)], make.signed()
    works: list[Callable[[], Any]] = [
        *[lambda run=run: advance("interview", on=run, by=cast.handler, text="谈了一次") for run in runs],  # type: ignore[misc]
        lambda: advance("accept", on=held, by=cast.signer, handler=cast.handler.post),
    ]
    results = together(merger(cast), *works)
    assert not isinstance(results[0], BaseException) and results[0] is not None
    assert all(result is not None for result in results)  # none was killed by a deadlock
    whole()
    for run in runs:
        run.refresh_from_db()
        assert run.department == cast.sibling


def test_matters_sent_to_the_unit_while_it_is_merged_arrive_or_are_refused(cast: Cast, make: Makes) -> None:
    for _ in range(3):
        make.handling()
    filings = [make.registered().filing for _ in range(4)]
    sent = [lambda f=f: advance("transfer", on=f, by=cast.triage, department=cast.bureau) for f in filings]
    results = together(*sent, merger(cast))
    assert all(result is not None for result in results)
    whole()
    arrived = Assignment.objects.filter(petition__in=[f.petition_id for f in filings])
    assert arrived.count() == sum(isinstance(result, Event) for result in results[:-1])


def test_registrations_while_the_body_is_merged_are_kept_or_refused(cast: Cast) -> None:
    seen = reorganise.plan(cast.township, cast.sibling)
    results = together(
        *[lambda: register(entry(cast), by=cast.township_registrar)] * 4,
        lambda: reorganise.close(
            cast.township, cast.sibling, by=cast.system_admin, reason="乡镇撤并", mark=seen.mark, seen=seen.seen
        ),
    )
    assert all(result is not None for result in results)
    whole()
    kept = sum(not isinstance(result, Refused) for result in results[:-1])
    assert Petition.objects.filter(office__in=(cast.sibling, cast.township)).count() == kept


def test_two_bodies_merged_into_each_other_at_once_leave_one(cast: Cast, make: Makes) -> None:
    make.handling()
    there, back = reorganise.plan(cast.bureau, cast.sibling), reorganise.plan(cast.sibling, cast.bureau)
    results = together(
        lambda: reorganise.close(cast.bureau, cast.sibling, by=cast.system_admin, reason="方案", mark=there.mark),
        lambda: reorganise.close(cast.sibling, cast.bureau, by=cast.system_admin, reason="方案", mark=back.mark),
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    whole()
