"""What may figures be narrowed to?  The form above a page of figures; its address is read by `petitions.figures.cut`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms

from petitions import trees
from petitions.figures.cut import BASIS_WORDS
from petitions.filters import TOWN_DEPTH, Day, Option, Pick
from petitions.models import Channel


def _bodies(mine: Collection[int] | None) -> Iterable[Option]:
    """The bodies that may be counted, in the order of the tree; ``None``: all."""
    nodes = trees.departments().nodes.values()
    return [(str(node.key), node.name, min(node.depth, 3)) for node in nodes if mine is None or node.key in mine]


def _categories() -> Iterable[Option]:
    return [(str(node.key), node.name, node.depth) for node in trees.categories().nodes.values()]


def _regions() -> Iterable[Option]:
    nodes = trees.regions().nodes.values()
    return [(str(node.key), node.name, node.depth - 2) for node in nodes if 2 <= node.depth <= TOWN_DEPTH]


class CutForm(forms.Form):
    """Period, basis, unit, place, category, channel, and a day that is over."""

    first, last = Day("自"), Day("至")
    basis = forms.ChoiceField(
        label="时段依据", choices=list(BASIS_WORDS.items()), widget=forms.Select({"class": "form-select"})
    )
    unit = forms.CharField(label="单位（含下级）", required=False)
    category = forms.CharField(label="内容分类", required=False, widget=Pick(_categories, "不限", search=True))
    region = forms.CharField(label="问题属地", required=False, widget=Pick(_regions, "不限"))
    channel = forms.CharField(
        label="形式",
        required=False,
        widget=Pick(lambda: [(value, words, 0) for value, words in Channel.choices], "不限"),
    )
    day = Day("历史时点（日终）")

    def __init__(self, *args: Any, bodies: Collection[int] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].widget = Pick(lambda: _bodies(bodies), "不限", search=True)
