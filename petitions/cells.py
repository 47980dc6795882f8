"""What does a column say of a matter?  One answer for the page and for the spreadsheet, so that both show the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.actor import Actor
from petitions import access, lifecycle, trees
from petitions.columns import Column, before_received
from petitions.models import Channel, Kind, Outcome, Petition, Purpose, Rating
from petitions.trees import Tree

HIDDEN_NAME = "（不透露）"
Value = str | int | date | None


@dataclass(frozen=True)
class Reader:
    """Who reads: whose names he may know, and the trees that names come from."""

    names: access.Names
    categories: Tree
    regions: Tree
    units: Tree


def reader_for(actor: Actor) -> Reader:
    """Return ``actor`` as a reader of rows: asked once for a page, not for each row."""
    return Reader(access.names_of(actor), trees.categories(), trees.regions(), trees.departments())


def value(column: Column, row: Petition, reader: Reader) -> Value:
    """Return what ``column`` says of ``row``: words, a number, a day, or nothing.  Names not to be told are not given."""
    found = _OWN.get(column.code)
    if found is not None:
        return found(row, reader)
    answer: Value = getattr(row, f"shown_{column.code}" if column.sql else column.fields[0])
    words = _WORDS.get(column.code)
    return words.get(str(answer), answer) if words and answer is not None else answer


def written(column: Column, row: Petition, reader: Reader) -> Value:
    """Return what ``column`` says of ``row`` in a spreadsheet: as on the page, the marks beside a title in words."""
    found = value(column, row, reader)
    return f"{found}{_marks(row)}" if column.shape == "title" else found


def _marks(row: Petition) -> str:
    return (f"（联名{row.head_count}人）" if row.joint else "") + ("（紧急）" if row.urgent else "")


def in_tray(
    row: Petition, reader: Reader, columns: Sequence[Column], *, due: date | None, duty: str, more: Sequence[Value] = ()
) -> list[Value]:
    """Return what a tray says of a row: `tray_heads`, in their order.

    Args:
        more: what the tray says besides, as its heads have it.
    """
    said, at = [written(column, row, reader) for column in columns], before_received(columns)
    return [due, duty, *said[:at], *more, *said[at:]]


Head = tuple[str, int]
SUGGESTED: tuple[Head, ...] = (("建议转送", 18), ("建议理由", 36))
UNIT: tuple[Head, ...] = (("单位", 18),)


def tray_heads(columns: Sequence[Column], more: Sequence[Head]) -> tuple[Head, ...]:
    """The columns of a tray, their words and widths: with ``more`` where the page has it."""
    heads, at = [(column.label, column.width) for column in columns], before_received(columns)
    return (("到期", 12), ("期限", 18), *heads[:at], *more, *heads[at:])


def _name(row: Petition, reader: Reader) -> str:
    return row.lead_name if reader.names.may_know(row) else HIDDEN_NAME


def _words(choices: type) -> Mapping[str, str]:
    return {str(value): str(label) for value, label in choices.choices}  # type: ignore[attr-defined]


_WORDS: Mapping[str, Mapping[str, str]] = {
    "channel": _words(Channel), "kind": _words(Kind), "purpose": _words(Purpose), "outcome": _words(Outcome),
    "rating_office": _words(Rating.Value), "rating_unit": _words(Rating.Value), "stage": lifecycle.STAGES,
    "resolved": {"True": "已化解", "False": "未化解"},
}  # fmt: skip
_OWN: Mapping[str, Callable[[Petition, Reader], Value]] = {
    "name": _name,
    "category": lambda row, reader: reader.categories.name(row.category_id),
    "responsible": lambda row, reader: reader.units.name(row.responsible_id),
    "region": lambda row, reader: reader.regions.name(row.region_id),
    "office": lambda row, reader: reader.units.name(row.office_id),
    "heads": lambda row, reader: row.head_count,
}
