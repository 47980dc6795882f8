"""What may a list be narrowed to?  One form for the page, the API and the export; it reads the URL and gives `Wanted`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from petitions import lifecycle, trees
from petitions.lifecycle import LONG_DAYS
from petitions.models import Channel, Kind
from petitions.querysets import Wanted
from petitions.trees import TOWN_DEPTH, Key, Option, Tree

_INDENT = "\u3000"
YES_NO = (("yes", "是", 0), ("no", "否", 0))
HEADS = {str(many): f"{many}人以上" for many in (5, 30, 50, 100)}


class Pick(forms.Widget):
    """A select drawn without templates: a list page has several hundred options, and draws them on every request."""

    def __init__(self, options: Callable[[], Iterable[Option]], empty: str, *, search: bool = False) -> None:
        super().__init__({"class": "form-select"})
        self.options, self.empty, self.search = options, empty, search

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the select with ``value`` chosen."""
        chosen = str(value or "")
        body = _options_html(tuple(self.options()))
        if chosen:
            mark = format_html('value="{}"', chosen)
            body = mark_safe(body.replace(mark, f"{mark} selected", 1))  # noqa: S308  (both sides are escaped)
        more = mark_safe(" data-search") if self.search else ""
        return format_html(
            '<select name="{0}" id="id_{0}" class="form-select"{1}><option value="">{2}</option>{3}</select>',
            name, more, self.empty, body,
        )  # fmt: skip


_drawn: dict[tuple[Option, ...], SafeString] = {}


def _options_html(options: tuple[Option, ...]) -> SafeString:
    """The options as HTML; drawn once for each set of them (there are some twenty)."""
    if options not in _drawn:
        if len(_drawn) > 50:
            _drawn.clear()
        _drawn[options] = format_html_join(
            "", '<option value="{}">{}{}</option>', ((value, _INDENT * depth, words) for value, words, depth in options)
        )
    return _drawn[options]


class Chosen(forms.Field):
    """A choice of one key out of a set that may be large; an empty one is ``""``."""

    def __init__(
        self, label: str, options: Callable[[], Iterable[Option]], known: Callable[[str], bool], **more: Any
    ) -> None:
        search = more.pop("search", False)
        super().__init__(label=label, required=False, widget=Pick(options, "不限", search=search), **more)
        self.known = known

    def clean(self, value: Any) -> str:
        """Return the key, or refuse one that is not there."""
        text = str(value or "").strip()
        if text and not self.known(text):
            raise ValidationError("没有这个选项。")
        return text


def _flat(choices: Iterable[tuple[Any, Any]]) -> Callable[[], Iterable[Option]]:
    options = trees.flat(choices)
    return lambda: options


def _is_department(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19 and int(text) in trees.departments().nodes


def _one_of(choices: Mapping[str, str] | Iterable[str]) -> Callable[[str], bool]:
    known = set(choices)
    return lambda text: text in known


class Day(forms.DateField):
    """A day of a filter, as browsers send it."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label, required=False, input_formats=["%Y-%m-%d"],
            widget=forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
            error_messages={"invalid": "日期写成2026-11-26这样。"},
        )  # fmt: skip


@dataclass(frozen=True)
class Chip:
    """A filter in use: its label, its value in words, and the address of the list without it."""

    label: str
    words: str
    href: str


class Filters(forms.Form):
    """The filters of a list of matters."""

    stage = Chosen("阶段", _flat(lifecycle.STAGES.items()), _one_of(lifecycle.STAGES))
    category = Chosen(
        "内容分类",
        lambda: trees.options(trees.categories()),
        lambda text: text in trees.categories().nodes,
        search=True,
    )
    responsible = Chosen("责任单位", trees.bodies, _is_department, search=True)
    region = Chosen(
        "问题属地", lambda: trees.options(trees.regions(), TOWN_DEPTH, 2), lambda text: text in trees.regions().nodes
    )
    received_from = Day("收到日期自")
    received_to = Day("至")
    channel = Chosen("形式", _flat(Channel.choices), _one_of(Channel.values))
    kind = Chosen("类别", _flat(Kind.choices), _one_of(Kind.values))
    overdue = Chosen("超期", _flat([("yes", "已超期")]), _one_of(["yes"]))
    long = Chosen("长期", _flat([("yes", f"超过{LONG_DAYS}日未办结")]), _one_of(["yes"]))
    joint = Chosen("联名集体", lambda: YES_NO, _one_of(["yes", "no"]))
    resolved = Chosen("化解", lambda: YES_NO, _one_of(["yes", "no"]))
    # What makes a matter a key one (重点事项); each is true of the matter, and none counts how often anybody came.
    urgent = Chosen("重大紧急", _flat([("yes", "是")]), _one_of(["yes"]))
    repeated = Chosen("重复件", _flat([("yes", "有重复件")]), _one_of(["yes"]))
    listed = Chosen("挂牌督办", _flat([("yes", "联席会议决定挂牌的")]), _one_of(["yes"]))
    sponsored = Chosen("领导包案", _flat([("yes", "领导包案的")]), _one_of(["yes"]))
    heads = Chosen("人数", _flat(HEADS.items()), _one_of(HEADS))

    KEY = ("urgent", "repeated", "listed", "sponsored", "heads")
    MORE = ("channel", "kind", "overdue", "long", "joint", "resolved", *KEY)

    def clean(self) -> dict[str, Any]:
        """Refuse a span that ends before it begins."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("received_from"), cleaned.get("received_to")
        if first and last and last < first:
            self.add_error("received_to", "截止日期早于开始日期。")
        return cleaned

    @property
    def shown_first(self) -> list[forms.BoundField]:
        """The fields that are always in view."""
        return [self[name] for name in self.fields if name not in self.MORE]

    @property
    def shown_more(self) -> list[forms.BoundField]:
        """The fields behind 更多条件."""
        return [self[name] for name in self.MORE]

    @property
    def more_open(self) -> bool:
        """Whether one of those is in use."""
        return any(self.data.get(name) for name in self.MORE)

    def wanted(self, today: date) -> Wanted:
        """Return what the (valid) form asks for; ``today`` is the Shanghai day that 已超期 compares with."""
        said = self.cleaned_data
        return Wanted(
            stages=(said["stage"],) if said["stage"] else (),
            categories=_texts(_below(trees.categories(), said["category"])),
            regions=_texts(_below(trees.regions(), said["region"])),
            responsible=tuple(int(key) for key in _below(trees.departments(), _number(said["responsible"]))),
            channel=said["channel"],
            kind=said["kind"],
            received_from=said["received_from"],
            received_to=said["received_to"],
            overdue_on=today if said["overdue"] else None,
            open_before=today - timedelta(days=LONG_DAYS) if said["long"] else None,
            joint=_flag(said["joint"]),
            resolved=_flag(said["resolved"]),
            urgent=bool(said["urgent"]),
            repeated=bool(said["repeated"]),
            listed=bool(said["listed"]),
            sponsored=bool(said["sponsored"]),
            heads=int(said["heads"] or 0),
        )

    def chips(self, beside: Mapping[str, str] | None = None) -> list[Chip]:
        """The filters in use, each with the way to drop it; ``beside``: what else the address keeps."""
        used = [(name, field) for name, field in self.fields.items() if self.cleaned_data.get(name)]
        return [
            Chip(str(field.label), self._words(name, field), self._without(name, beside or {})) for name, field in used
        ]

    def gone(self) -> list[str]:
        """The labels of conditions that can no longer be met: what was chosen is not there, or no longer in use."""
        self.full_clean()
        trees_of = {"category": trees.categories, "region": trees.regions, "responsible": trees.departments}
        found = [str(self.fields[name].label) for name in self.errors if name in self.fields]
        for name, tree in trees_of.items():
            value = self.cleaned_data.get(name)
            node = tree().nodes.get(int(value) if name == "responsible" else value) if value else None
            if node is not None and not node.active:
                found.append(f"{self.fields[name].label}（{node.name}已停用或撤销）")
        return found

    def _without(self, name: str, beside: Mapping[str, str]) -> str:
        kept = {key: value for key in self.fields if key != name and (value := self.data.get(key))}
        return f"?{urlencode({**kept, **beside}) or 'all=1'}"

    def _words(self, name: str, field: forms.Field) -> str:
        value = self.cleaned_data[name]
        if not isinstance(field.widget, Pick):
            return f"{value:%Y-%m-%d}"
        tree = {"category": trees.categories, "region": trees.regions, "responsible": trees.departments}.get(name)
        if tree is not None:
            return tree().name(int(value) if name == "responsible" else value)
        return next((words for key, words, _ in field.widget.options() if key == value), value)


def _below(tree: Tree, key: Key | None) -> tuple[Key, ...]:
    return tree.below(key) if key else ()


def _texts(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(str(key) for key in keys)


def _number(text: str) -> int | None:
    return int(text) if text else None


def _flag(text: str) -> bool | None:
    return None if not text else text == "yes"
