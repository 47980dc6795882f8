"""Does the measuring of every step time the verbs, and leave out what was refused?"""

from __future__ import annotations

import pytest

from bench import verbs
from petitions.demo import hands
from petitions.demo.stories import STORIES
from petitions.errors import NotSeen
from petitions.models import Event
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_every_story_is_walked_as_far_as_it_goes_without_nights_and_its_steps_are_timed(db: None) -> None:
    row = verbs.measured(len(STORIES), first=0)
    assert row["histories"] == len(STORIES)
    assert 0 < row["waited_in_vain"] < len(STORIES) / 10  # for what only a night brings: lapses, and what they open
    assert row["kinds"] > row["of"] / 2  # the demo stands on every road; what it never needs is not measured
    steps = set(Event.objects.values_list("step", flat=True))
    assert set(row["slowest"]) <= steps
    assert all(one["taken"] >= verbs.FEW for one in row["slowest"].values())


def test_a_step_that_is_refused_is_not_timed(cast: Cast, make: Makes) -> None:
    sent = make.sent()
    with verbs._timed() as times:
        with pytest.raises(NotSeen):
            hands.advance("sign_for", on=sent, by=cast.stranger)
        hands.advance("sign_for", on=sent, by=cast.signer)
    assert {step: len(took) for step, took in times.items()} == {"sign_for": 1}
