"""Who chooses between two readings of an indicator, and how is it written down?  The system administrator, with a reason."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import BadInput
from accounts.manage import changed
from petitions.figures.formulas import FORMULAS, INDICATORS, chosen
from petitions.models import FigureChoice

TARGET = "figures"


def to_choose() -> dict[str, str]:
    """The indicators that have two readings, by code, with their names."""
    return {code: readings[0].name for code, readings in INDICATORS.items() if len(readings) > 1}


def choose(said: Mapping[str, str], *, by: Actor, reason: str) -> int:
    """Use the formula ``said`` names for each indicator from now on; return how many changed.

    Raises:
        BadInput: no such reading, or no reason.
    """
    using = chosen()
    wrong = {
        code: "没有这个算法。"
        for code, formula in said.items()
        if formula not in {one.code for one in INDICATORS.get(code, ())}
    }
    if wrong:
        raise BadInput(wrong)
    new = {code: FORMULAS[formula] for code, formula in said.items() if using[code].code != formula}
    if new and not reason.strip():
        raise BadInput({"reason": "请写明改动的原因（如上级考核口径）。"})
    with transaction.atomic():
        for code, formula in new.items():
            FigureChoice.objects.create(
                indicator=code, formula=formula.code, chosen_at=timezone.now(), chosen_by=by.post
            )
        if new:
            before = {formula.name: using[code].reading for code, formula in new.items()}
            after = {formula.name: formula.reading for formula in new.values()}
            changed(by, TARGET, "改选指标算法", before=before, after=after, reason=reason.strip())
    return len(new)
