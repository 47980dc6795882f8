"""Is there one way from a filled form to the door?  A page, a program and a step on many matters tell the verb the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from petitions import bulk_steps, lifecycle, taking
from petitions.actions import advance
from petitions.errors import WrongPerson
from petitions.forms.steps import form_for
from petitions.models import Assignment, Event
from petitions.views.links import step_link
from tests.api.caller import Caller, token_for
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
SIGN_FOR = lifecycle.STEPS["sign_for"]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the verb is told each time."""
    heard: list[dict[str, Any]] = []

    def listening(step: str, **said: Any) -> Event:
        heard.append({"step": step, **{name: value for name, value in said.items() if name not in ("on", "by")}})
        return advance(step, **said)

    monkeypatch.setattr(taking, "advance", listening)
    return heard


def test_page_program_and_many_tell_the_verb_the_same(
    cast: Cast, make: Makes, signed_in: SignIn, told: list[dict[str, Any]]
) -> None:
    by_page, by_program, by_many = make.sent(), make.sent(), make.sent()
    day = by_page.petition.assignments.get().sent_on.isoformat()
    address = step_link(by_page.petition, SIGN_FOR, by_page)
    signed_in(cast.signer).post(address, {"occurred_on": day, "note": "收到", "seen": "2"})
    Caller(token_for(cast, cast.signer)).post(
        f"petitions/{by_program.petition.ref}/steps/sign_for/",
        {"seen": 2, "fields": {"occurred_on": day, "note": "收到"}},
    )
    (picked,) = bulk_steps.picked(cast.signer, SIGN_FOR, [(by_many.petition.ref, 2)])
    bulk_steps.take(cast.signer, SIGN_FOR, picked, {"occurred_on": day, "note": "收到"})
    assert len(told) == 3
    assert told[0] == told[1] == told[2]
    assert set(Assignment.objects.values_list("state", flat=True)) == {"signed"}


def test_who_acted_meanwhile_is_told_to_a_program_as_on_the_page(cast: Cast, make: Makes) -> None:
    """Also where the step has become impossible by that: who did what says more than that it is over."""
    held = make.sent()
    advance("sign_for", on=held, by=cast.signer)
    answer = Caller(token_for(cast, cast.signer)).post(
        f"petitions/{held.petition.ref}/steps/sign_for/", {"seen": 2, "row": held.ref}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert "签收" in answer.json()["fields"]["seen"]


def test_an_unfit_form_is_told_only_to_who_may_take_the_step(cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    for actor, refusal in ((cast.supervisor, WrongPerson), (cast.triage, taking.Unfit)):
        form = form_for(lifecycle.STEPS["transfer"], filing.petition, filing, actor, {})
        with pytest.raises(refusal):
            taking.attempt(form, key="", body=b"")


def test_a_sending_is_taken_once_and_answered_again(cast: Cast, make: Makes, told: list[dict[str, Any]]) -> None:
    held = make.sent()
    form = form_for(SIGN_FOR, held.petition, held, cast.signer, {"occurred_on": held.sent_on.isoformat()})
    first = taking.attempt(form, key="k", body=b"1", also=lambda: {"asked": "once"})
    again = form_for(SIGN_FOR, held.petition, held, cast.signer, {})
    assert taking.attempt(again, key="k", body=b"1") == first == {"paper": first["paper"], "asked": "once"}
    assert len(told) == 1
