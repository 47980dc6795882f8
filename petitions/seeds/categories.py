"""What do petitions speak of?  The two levels of contents that petition offices use, with words that suggest each.

The 17 names of the first level and the 112 of the second are those of the systems in use; the codes are ours, because the
national ones are not published, and other systems' codes are entered beside them.  Whom a content goes to is never seeded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from petitions.models import Category
from petitions.seeds.tables import rows

DATA = Path(__file__).resolve().parent / "data"
# The one value known of the national list (domain.md §6.1); other digits are not published and stay empty.
_NATIONAL = {"其他": "990000"}


@dataclass(frozen=True)
class Named:
    """A second-level category: its code, what it is called, what it stands under, and the words that suggest it."""

    code: str
    name: str
    parent: str
    hints: tuple[str, ...]


@lru_cache(maxsize=1)
def tops() -> tuple[tuple[str, str], ...]:
    """Code and name of each first-level category."""
    return tuple((row[0][:2], row[0][3:]) for row in rows(DATA / "categories.txt", 2) if len(row) == 1)


@lru_cache(maxsize=1)
def seconds() -> tuple[Named, ...]:
    """Every second-level category, in the order of its code."""
    return tuple(_read())


def _read() -> Iterator[Named]:
    parent, serial = "", 0
    for row in rows(DATA / "categories.txt", 2):
        if len(row) == 1:
            parent, serial = row[0][:2], 0
            continue
        serial += 1
        yield Named(f"{parent}{serial:02d}", row[0], parent, tuple(row[1].split()))


def build(more_hints: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """Make the missing categories.  ``more_hints``: by code, words of a place."""
    more = more_hints or {}
    upper = [Category(code=code, name=name, outside_codes=_outside(name)) for code, name in tops()]
    lower = [
        Category(
            code=row.code, name=row.name, parent_id=row.parent, hints=[*row.hints, *more.get(row.code, ())],
            outside_codes=_outside(row.name),
        )
        for row in seconds()
    ]  # fmt: skip
    Category.objects.bulk_create([*upper, *lower], ignore_conflicts=True)


def _outside(name: str) -> dict[str, str | None]:
    return {"national": _NATIONAL.get(name)}
