"""Figures: what is counted, by which formula, and the very cases behind each number (docs/architecture.md, "Figures").

For other rooms::

    cut = Cut(capacity="body", basis="registered", first=date(2026, 10, 1), last=date(2026, 10, 31))
    numbers = counts(actor, cut, ("filings", "repeats"))[""]        # {"filings": 812, "repeats": 91}
    by_unit = counts(actor, cut, ("matters",), by="unit")            # {"17": {"matters": 40}, …}
    answer = figure(actor, "reply_in_time", cut)                     # Figure: above, below, value (None: empty denominator)
    behind = Behind.of(actor, cut, answer.formula.below)             # the list: .count(), .page(turn), .every()
"""

from __future__ import annotations

from accounts.actor import Actor
from petitions.figures import days
from petitions.figures.bits import MEASURES
from petitions.figures.count import SPLITS, Figure, counted, counts, figure_of
from petitions.figures.cut import Cut, reads, units_for
from petitions.figures.formulas import FORMULAS, INDICATORS, Formula, chosen
from petitions.figures.keep import compare, rebuild, refresh
from petitions.figures.listed import Behind
from petitions.models.figures import CURRENT


def figure(actor: Actor, indicator: str, cut: Cut) -> Figure:
    """The answer of ``indicator`` by the formula in use over ``cut``; the page that shows it says which formula that is.

    Raises:
        WrongPerson, NotSeen: the actor reads no figures, or not of that body.
    """
    formula = chosen()[indicator]
    return figure_of(formula, counts(actor, cut, formula.measures)[""])


__all__ = [
    "CURRENT", "FORMULAS", "INDICATORS", "MEASURES", "SPLITS", "Behind", "Cut", "Figure", "Formula", "chosen", "compare", "counted", "counts", "days",
    "figure", "figure_of", "reads", "rebuild", "refresh", "units_for",
]  # fmt: skip
