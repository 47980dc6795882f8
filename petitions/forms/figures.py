"""What may figures be narrowed to?  The form above a page of figures; its address is read by `petitions.figures.cut`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms

from petitions import trees
from petitions.figures.cut import BASIS_WORDS
from petitions.filters import Day, Pick
from petitions.models import Channel
from petitions.trees import TOWN_DEPTH, Option


def _bodies(mine: Collection[int] | None) -> Iterable[Option]:
    """The bodies that may be counted, in the order of the tree; ``None``: all."""
    return [one for one in trees.bodies() if mine is None or int(one[0]) in mine]


class CutForm(forms.Form):
    """Period, basis, unit, place, category, channel, and a day that is over."""

    first, last = Day("自"), Day("至")
    basis = forms.ChoiceField(
        label="时段依据", choices=list(BASIS_WORDS.items()), widget=forms.Select({"class": "form-select"})
    )
    unit = forms.CharField(label="单位（含下级）", required=False)
    category = forms.CharField(
        label="内容分类", required=False, widget=Pick(lambda: trees.options(trees.categories()), "不限", search=True)
    )
    region = forms.CharField(
        label="问题属地", required=False, widget=Pick(lambda: trees.options(trees.regions(), TOWN_DEPTH, 2), "不限")
    )
    channel = forms.CharField(
        label="形式",
        required=False,
        widget=Pick(lambda: trees.flat(Channel.choices), "不限"),
    )
    day = Day("历史时点（日终）")

    def __init__(self, *args: Any, bodies: Collection[int] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].widget = Pick(lambda: _bodies(bodies), "不限", search=True)
