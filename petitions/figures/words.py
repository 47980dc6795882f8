"""How is an answer written?  A share, a mean of days, a count, or that there is nothing to share."""

from __future__ import annotations

from petitions.figures.count import Figure

NONE = "—"


def said(figure: Figure | None) -> str:
    """The answer in words; an empty denominator is no nought."""
    if figure is None or figure.value is None:
        return NONE
    if figure.formula.unit == "%":
        return f"{figure.value:.1%}"
    if figure.formula.unit == "日":
        return f"{figure.value:.1f}日"
    return f"{figure.above:,}"
