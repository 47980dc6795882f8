"""Which fields does a form want, and what does JSON say for them?  Descriptions and values, both from the very forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict

from petitions.forms.base import COMMON, faults
from petitions.forms.fields import Line, Words

# What each kind is in JSON, and how to say what was expected.
KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "boolean": (bool, "这里要填 true 或 false。"),
    "integer": (int, "这里要填整数。"),
    "date": (str, "这里要填日期，如 2026-11-26。"),
    "choice": (str, "这里要填选项的 value。"),
    "text": (str, "这里要填文字。"),
}

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def kind_of(field: forms.Field) -> str:
    """Return which of KINDS ``field`` takes."""
    if isinstance(field, forms.BooleanField):
        return "boolean"
    if isinstance(field, forms.IntegerField):
        return "integer"
    if isinstance(field, forms.DateField):
        return "date"
    return "choice" if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) else "text"


# --- out: what a form wants ------------------------------------------------------------------------------------------


class Options:
    """Choices of the fields of many forms, each list read once for an answer."""

    def __init__(self) -> None:
        self.read: dict[str, list[dict[str, str]]] = {}

    def of(self, field: Any) -> list[dict[str, str]]:
        """Return the choices of ``field``; the empty one is no choice."""
        if not isinstance(field.choices, ModelChoiceIterator):
            return [_option(value, label) for value, label in field.choices if str(value)]
        key = f"{type(field).__name__} {field.queryset.query}"
        if key not in self.read:
            self.read[key] = [
                {"value": str(field.prepare_value(row)), "label": field.label_from_instance(row)}
                for row in field.queryset
            ]
        return self.read[key]


def _option(value: Any, label: Any) -> dict[str, str]:
    return {"value": str(value), "label": str(label)}


def described(form: Any, options: Options) -> list[dict[str, Any]]:
    """Return a description of each field that ``form`` wants, in the order it is drawn."""
    groups = {name: group.legend for group in form.GROUPS for name in group.names}
    shown = [bound.name for group in form.drawn_groups() for bound in group.fields]
    return [of_field(form, name, options, groups.get(name, "")) for name in shown]


def of_field(form: Any, name: str, options: Options, group: str = "") -> dict[str, Any]:
    """Return the description of one field of ``form`` (`petitions.api.shapes.Field`)."""
    field = form.fields[name]
    kind = kind_of(field)
    return {
        "name": name, "label": str(field.label or name), "hint": str(field.help_text), "group": group, "type": kind,
        "required": field.required and name not in COMMON, "value": _plain(form.get_initial_for_field(field, name), kind),
        "max_length": most_of(field), "minimum": getattr(field, "min_value", None),
        "maximum": getattr(field, "max_value", None),
        "options": options.of(field) if kind == "choice" else [],
    }  # fmt: skip


def most_of(field: forms.Field) -> int | None:
    """How many characters a field of words takes."""
    return field.limit if isinstance(field, Words | Line) else getattr(field, "max_length", None)


def _plain(value: Any, kind: str) -> Any:
    """A value to begin with, as JSON."""
    if value is None or value == "":
        return None
    if kind in ("boolean", "integer"):
        return value
    return value.isoformat() if isinstance(value, date) else str(getattr(value, "pk", value))


# --- in: what was said for it ----------------------------------------------------------------------------------------


def posted(form: Any, said: Mapping[str, Any]) -> tuple[QueryDict, dict[str, str]]:
    """Return what a browser would have posted for ``said``, and what is wrong with it.

    Unknown names are wrong.  A field that begins with a value must be said, even if to say the same: what is left out
    is never taken over or wiped out unseen.
    """
    known = [name for name in form.fields if not form.fields[name].widget.is_hidden]
    data, wrong = values(form.fields, said, known)
    for name in known:
        begins = form.get_initial_for_field(form.fields[name], name)
        if name in said or begins in (None, "", False):
            continue
        if name in COMMON:
            data[name] = _text(begins)  # the day of a step is today unless another is said
        else:
            wrong[name] = "这一项已有内容：请写明要保留还是改成什么。"
    return data, wrong


def values(
    fields: Mapping[str, forms.Field], said: Mapping[str, Any], known: Iterable[str], prefix: str = ""
) -> tuple[QueryDict, dict[str, str]]:
    """Return ``said`` as posted values of ``fields`` (``null``: left empty), and what is of the wrong kind."""
    data, wrong, known = QueryDict(mutable=True), dict[str, str](), set(known)
    for name, value in said.items():
        if name not in known:
            wrong[name[:60]] = "没有这一项。"
            continue
        sentence = _fault(fields[name], value)
        if sentence:
            wrong[name] = sentence
        elif value is not None:
            data[prefix + name] = _text(value)
    return data, wrong


def _fault(field: forms.Field, value: Any) -> str:
    if value is None:
        return ""
    kind = kind_of(field)
    wanted, sentence = KINDS[kind]
    right = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    if kind == "date" and right:
        right = _DAY.fullmatch(value) is not None
    return "" if right else sentence


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# --- for the document ------------------------------------------------------------------------------------------------


def schema_of(name: str, field: forms.Field, *, options: bool = True) -> dict[str, Any]:
    """Return the JSON schema of one field; ``options``: its choices are the same in every office."""
    kind = kind_of(field)
    found: dict[str, Any] = {"title": str(field.label or name)}
    if kind in ("boolean", "integer"):
        found["type"] = kind
    else:
        found["type"] = "string"
    if kind == "date":
        found["format"] = "date"
    if kind == "choice" and options and isinstance(field, forms.ChoiceField):
        found["enum"] = [str(value) for value, _ in field.choices if str(value)]  # type: ignore[misc, union-attr]
    if kind == "text" and (most := most_of(field)):
        found["maxLength"] = most
    for bound, word in (("min_value", "minimum"), ("max_value", "maximum")):
        if getattr(field, bound, None) is not None:
            found[word] = getattr(field, bound)
    if not field.required:
        found["nullable"] = True
        if "enum" in found:
            found["enum"].append(None)
    if field.help_text:
        found["description"] = str(field.help_text)
    return found


__all__ = ["Options", "described", "faults", "kind_of", "of_field", "posted", "schema_of", "values"]
