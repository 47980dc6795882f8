"""Are there more than chance would bring?  One plain rule of counts; pure functions.

A kind of problem has a past: how many matters came in each of the stretches of `WINDOW` days before, and how many in the
same days of last year.  If nothing had changed, how likely would so many have come now?  A warning wants all of this:

- at least `LEAST` matters now (smaller groups are neither counted nor shown);
- at least `TIMES` as many as the past lets expect, by the stretches before and by last year alike;
- a chance below `CHANCE` against the stretches before, and below `SEASON_CHANCE` against last year.

The chance allows for how little a short past tells (Gamma-Poisson: a past of B matters in m stretches), and for a past that
is itself restless: where its counts vary more than chance does, now and past are both divided by as much.
How often flat noise and a yearly season raise a warning is measured in tests/petitions/test_pattern_rule.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, floor, lgamma, log

WINDOW = 28  # days of a stretch: four whole weeks, so that each has as many Mondays
BEFORE = 6  # stretches before that are looked at
FEWEST_BEFORE = 3  # of a younger record no rule is asked
AROUND = 14  # days on each side of last year's stretch that are counted with it: a season is not punctual
LEAST = 5  # matters; smaller groups are never shown
TIMES = 1.5
CHANCE = 1e-4
SEASON_CHANCE = 0.005


@dataclass(frozen=True)
class Past:
    """What came before: matters in each stretch of WINDOW days, the latest first; last year's same days with AROUND.

    ``season``: ``None`` where the record does not reach back so far.
    """

    before: tuple[int, ...]
    season: int | None = None

    @property
    def usual(self) -> float:
        """Matters of an average stretch before."""
        return sum(self.before) / len(self.before) if self.before else 0.0

    @property
    def last_year(self) -> float | None:
        """Matters of a stretch of last year's same days."""
        return None if self.season is None else self.season / season_stretches()


@dataclass(frozen=True)
class Growth:
    """A count that its past does not explain."""

    count: int
    past: Past
    chance: float
    season_chance: float | None

    @property
    def numbers(self) -> dict[str, object]:
        """What is kept of it, as JSON."""
        return {
            "before": list(self.past.before), "usual": round(self.past.usual, 2), "season": self.past.season,
            "last_year": None if self.past.last_year is None else round(self.past.last_year, 2),
            "chance": self.chance, "season_chance": self.season_chance,
        }  # fmt: skip


def season_stretches() -> float:
    """How many stretches last year's days with AROUND are."""
    return (WINDOW + 2 * AROUND) / WINDOW


def restlessness(counts: Sequence[int]) -> float:
    """How much more ``counts`` vary than chance alone: variance over mean, at least 1."""
    mean = sum(counts) / len(counts) if counts else 0.0
    if len(counts) < 2 or not mean:
        return 1.0
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
    return max(1.0, variance / mean)


def chance_of(count: int, total: int, stretches: float, restless: float = 1.0) -> float:
    """Return how likely ``count`` or more come in one stretch, where ``total`` came in ``stretches`` before.

    ``restless``: as from `restlessness`; both numbers are divided by it.
    """
    now, shape = floor(count / restless), total / restless + 0.5
    one = log(stretches / (stretches + 1)) * shape  # of a negative binomial: (m/(m+1))^shape
    step = log(1 / (stretches + 1))
    terms = (exp(lgamma(k + shape) - lgamma(shape) - lgamma(k + 1) + one + k * step) for k in range(now))
    return max(0.0, 1.0 - sum(terms))


def growth(count: int, past: Past) -> Growth | None:
    """Return the growth that ``count`` is beyond its past, ``None`` where there is none to speak of."""
    if count < LEAST or len(past.before) < FEWEST_BEFORE or count < TIMES * past.usual:
        return None
    chance = chance_of(count, sum(past.before), len(past.before), restlessness(past.before))
    if chance >= CHANCE:
        return None
    if past.season is None:
        return Growth(count, past, chance, None)
    again = chance_of(count, past.season, season_stretches())
    if again >= SEASON_CHANCE or count < TIMES * past.season / season_stretches():
        return None
    return Growth(count, past, chance, again)
