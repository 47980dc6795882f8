"""When is a count more than chance?  The rule alone: bursts are found, noise and winters are not; how often is measured.

What the simulations count is what docs/adr/0017-patterns.md states: seeded, so that it is the same on every machine.
"""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petitions.patterns.growth import BEFORE, LEAST, Past, chance_of, growth, restlessness, season_stretches

NIGHTS = 365
RATES = (0.3, 1.0, 3.0, 10.0, 30.0)  # matters in four weeks


def poisson(noise: random.Random, rate: float) -> int:
    """A count by chance (Knuth; rates are small)."""
    edge, many, product = math.exp(-rate), 0, noise.random()
    while product > edge:
        many, product = many + 1, product * noise.random()
    return many


def days(noise: random.Random, rate_on: list[float]) -> list[int]:
    return [poisson(noise, rate) for rate in rate_on]


def seen(counts: list[int], today: int) -> tuple[int, Past]:
    """What a night sees of a series of days: the stretch that ended yesterday, those before, and last year's."""

    def stretch(end: int, length: int = 28) -> int:
        return sum(counts[end - length : end])

    season = stretch(today - 364 + 14, 56) if today >= 364 + 42 else None
    return stretch(today), Past(tuple(stretch(today - 28 * (n + 1)) for n in range(BEFORE)), season)


def warnings(counts: list[int], first: int) -> int:
    """How many warnings a year of nights raises, each once: while one's days last, no other of the same is raised."""
    raised, quiet_until = 0, 0
    for today in range(first, first + NIGHTS):
        if today >= quiet_until and growth(*seen(counts, today)):
            raised, quiet_until = raised + 1, today + 28
    return raised


# --- what chance is ------------------------------------------------------------------------------------------------


@given(st.integers(0, 200), st.integers(0, 400), st.floats(1, 6))
def test_a_chance_is_a_chance_and_falls_with_the_count(count: int, total: int, stretches: float) -> None:
    here, more = chance_of(count, total, stretches), chance_of(count + 1, total, stretches)
    assert 0 <= more <= here <= 1.0 + 1e-9


@given(st.integers(LEAST, 100), st.lists(st.integers(0, 40), min_size=BEFORE, max_size=BEFORE), st.integers(0, 80))
def test_more_now_is_never_less_of_a_warning(count: int, before: list[int], season: int) -> None:
    past = Past(tuple(before), season)
    if growth(count, past):
        assert growth(count + 1, past)


@given(st.integers(0, LEAST - 1), st.integers(0, 3))
def test_fewer_than_five_are_no_group(count: int, season: int) -> None:
    assert growth(count, Past((0,) * BEFORE, season)) is None


def test_a_young_record_is_not_judged() -> None:
    assert growth(40, Past((1, 1), None)) is None
    assert growth(40, Past((1, 1, 1), None)) is not None


def test_a_restless_past_asks_for_more() -> None:
    calm, restless = Past((4, 4, 4, 4, 4, 4)), Past((0, 12, 0, 12, 0, 0))
    assert restlessness(restless.before) > 5 > restlessness(calm.before)
    assert growth(18, calm) and growth(18, restless) is None


# --- measured ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
def test_flat_noise_raises_next_to_no_warning(rate: float) -> None:
    """100 kinds of problem that do not change, watched every night for a year: none (measured: 0 at every rate)."""
    noise = random.Random(20261125)
    raised = sum(warnings(days(noise, [rate / 28] * 900), 500) for _ in range(100))
    assert raised == 0


@pytest.mark.parametrize(("rate", "peak"), [(2.0, 4.0), (5.0, 4.0), (10.0, 3.0)])
def test_a_season_that_comes_each_winter_raises_next_to_none(rate: float, peak: float) -> None:
    """Heating: ``peak`` times as many from mid-November to mid-March, as the winter before (measured: 4, 5 and 9)."""
    noise = random.Random(7)
    rates = [rate / 28 * (peak if (day % 365) < 75 or (day % 365) > 319 else 1.0) for day in range(1100)]
    raised = sum(warnings(days(noise, rates), 700) for _ in range(100))
    assert raised <= 10


@pytest.mark.parametrize("usual", [0.3, 1.0, 3.0, 10.0])
def test_a_planted_burst_is_found(usual: float) -> None:
    """Ten more than usual and three times as many within four weeks: found in at least 95 of 100."""
    noise = random.Random(11)
    found = 0
    for _ in range(100):
        counts = days(noise, [usual / 28] * 700)
        for day in noise.choices(range(600, 628), k=round(10 + 3 * usual)):
            counts[day] += 1
        found += any(growth(*seen(counts, today)) for today in range(607, 632))
    assert found >= 95


def test_last_years_days_are_two_stretches_wide() -> None:
    assert season_stretches() == 2.0


@settings(max_examples=50)
@given(st.integers(1, 60))
def test_the_same_as_always_is_no_growth(usual: int) -> None:
    assert growth(usual, Past((usual,) * BEFORE, 2 * usual)) is None
