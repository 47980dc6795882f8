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


def changed(now: Figure, then: Figure | None) -> str:
    """How an answer differs from another period's: a share in points, a mean in days, a count in percent; empty where nothing can be said."""
    if then is None or now.value is None or then.value is None:
        return ""
    unit, by = now.formula.unit, now.value - then.value
    if unit == "件" and not then.value:
        return ""
    size = {"%": f"{abs(by):.1%}".replace("%", "个百分点"), "日": f"{abs(by):.1f}日"}.get(
        unit
    ) or f"{abs(by) / then.value:.1%}"
    if not size.strip("0.%个百分点日"):
        return "持平"
    return f"{'升' if by > 0 else '降'}{size}"
