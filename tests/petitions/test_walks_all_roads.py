"""Random walks over the whole table, from wherever a matter may stand: no dead end, no lost clock, no paper left out.

A state machine picks what somebody may do next, through the step's own form as `test_steps` fills it in, or lets days go by.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actor import Actor
from accounts.dates import SHANGHAI, today
from petitions import access
from petitions.actions import advance, moment, run_night
from petitions.dossier import dossier_of, row_of
from petitions.errors import Refused
from petitions.forms.steps import form_for
from petitions.lifecycle import STEPS, Step
from petitions.models import Petition
from tests.cast import build_cast
from tests.makes import Makes
from tests.petitions.test_steps import CASES, Rows, typed
from tests.petitions.whole import complaints

FIRST = date(2026, 3, 2)  # a Monday
CASE = {case.step: case for case in CASES}
# From where walks begin: each road's far end is near some of these.
STARTS: dict[str, Callable[[Makes], Any]] = {
    "registered": lambda make: make.registered().petition,
    "joint": lambda make: make.joint().petition,
    "direct": lambda make: make.direct().petition,
    "assigned": lambda make: make.sent("assign"),
    "signed": Makes.signed,
    "handling": Makes.handling,
    "checked": Makes.checked,
    "delivered": lambda make: make.delivered(view="1"),
    "asked": Makes.asked,
    "review_issued": lambda make: make.review_issued("redo"),
    "revoked": lambda make: make.review_issued("revoke"),
    "reasked": Makes.reasked,
    "heard at re-review": lambda make: _taken(make),
    "suggestion": Makes.studying,
    "duty": Makes.duty,
    "channelled": Makes.channelled,
    "hearing": Makes.hearing_day,
    "agreed": Makes.agreed,
    "settled": Makes.settled,
    "withdrawal": Makes.withdrawal,
    "urgent": Makes.urgent,
    "dispute": Makes.dispute,
    "measure": lambda make: make.measure("decide_measure"),
    "advice": Makes.advice,
    "executing": Makes.executing,
    "closed": Makes.closed,
}  # fmt: skip


def _taken(make: Makes) -> Any:
    run = make.reasked()
    advance("accept_review", on=run, by=make.cast.rereviewer)
    return make.hearing_day(run)


class Matters(RuleBasedStateMachine):
    """One matter and everybody who may do something about it."""

    def __init__(self) -> None:
        super().__init__()
        self.day = FIRST
        self.said: list[str] = []
        self.around = transaction.atomic()
        self.around.__enter__()

    def teardown(self) -> None:
        """Leave nothing behind."""
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    def now(self) -> Any:
        return moment.at(datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=SHANGHAI))

    @initialize(start=st.sampled_from(sorted(STARTS)))
    def begin(self, start: str) -> None:
        self.cast = build_cast()
        self.make, self.start = Makes(self.cast), start
        self.rows = Rows(self.cast, self.make)
        self.people = list(self.cast.everybody().values())
        with self.now():
            made = STARTS[start](self.make)
        self.petition: Petition = made if isinstance(made, Petition) else made.petition

    @rule(days=st.sampled_from([1, 3, 6, 16, 31, 61]))
    def time_goes_by(self, days: int) -> None:
        self.day += timedelta(days=days)
        with self.now():
            assert run_night(self.day).failed == 0
        self.said.append(f"{days} days")

    @precondition(lambda self: self.day < date(2027, 6, 1))
    @rule(choice=st.integers(0, 10_000))
    def somebody_does_something(self, choice: int) -> None:
        choices = self.choices()
        if not choices:
            return
        step, row, actor = choices[choice % len(choices)]
        with self.now(), suppress(Refused, ObjectDoesNotExist), transaction.atomic():
            if self.take(step, row, actor):
                self.said.append(step.code)

    def choices(self) -> list[tuple[Step, Any, Actor]]:
        """Every step that somebody may take now, each once: the rarer ones come as often as the common ones."""
        found = dossier_of(Petition.objects.get(pk=self.petition.pk))
        once: dict[tuple[str, int], tuple[Step, Any, Actor]] = {}
        for actor in self.people:
            for step, row in access.steps_for(actor, found.petition, found.rows):
                once.setdefault((step.code, row.pk), (step, row, actor))
        return list(once.values())

    def take(self, step: Step, row: Any, actor: Actor) -> bool:
        """Fill the step's own form in and send it; a refusal is fine, but must change nothing."""
        petition = Petition.objects.get(pk=self.petition.pk)
        mine = row_of(petition, step.on, row.ref)
        assert mine is not None
        data = {name: self.in_time(value) for name, value in self.typed(step, mine).items()}
        form = form_for(step, petition, mine, actor, data)
        if not form.is_valid():
            return False
        advance(step.code, on=mine, by=actor, **form.changes(), **form.common())
        return True

    def typed(self, step: Step, row: Any) -> dict[str, Any]:
        data = typed(CASE[step.code], self.rows, row)
        del data["occurred_on"]
        if "department" in data and step.code != "route_legal":  # one that does not have it yet
            held = set(self.petition.assignments.exclude(state="returned").values_list("department_id", flat=True))
            bodies = (self.cast.bureau, self.cast.sibling, self.cast.township)
            data["department"] = next((body.pk for body in bodies if body.pk not in held), data["department"])
        return data

    def in_time(self, value: Any) -> Any:
        """A day told from the real today becomes one told from this walk's."""
        with suppress(TypeError, ValueError):
            return (date.fromisoformat(value) - today() + self.day).isoformat()
        return value

    @invariant()
    def the_matter_is_whole(self) -> None:
        if hasattr(self, "petition"):
            with self.now():
                assert complaints(self.petition, self.people) == [], f"{self.start}: {' → '.join(self.said)}"


@pytest.mark.django_db
def test_no_way_through_the_law_ends_nowhere_or_loses_what_is_owed() -> None:
    run_state_machine_as_test(
        Matters,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a walk says itself which way it went
        ),
    )


def test_every_step_of_people_can_be_taken_by_the_walks() -> None:
    assert set(CASE) == {code for code, step in STEPS.items() if set(step.who) != {"system"}}
