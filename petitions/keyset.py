"""Where in a list does a page begin?  Opaque, signed marks: the last row's day and id, never an offset."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db.models import QuerySet

from petitions.errors import BadInput

Row = TypeVar("Row")
_SHAPE = struct.Struct(">Iq")  # day as an ordinal, id


@dataclass(frozen=True, order=True)
class Mark:
    """A place between two rows of a list by (``day``, ``pk``)."""

    day: date
    pk: int


@lru_cache(maxsize=1)
def _cipher() -> AESSIV:
    return AESSIV(sha256(b"keyset:" + settings.SECRET_KEY.encode()).digest())


def pack(mark: Mark, order: str) -> str:
    """Return ``mark`` for a URL: sealed, so that no serial id is shown; equal marks give equal texts.

    ``order`` names the list's order, so that a mark of one list is no mark of another.
    """
    sealed = _cipher().encrypt(_SHAPE.pack(mark.day.toordinal(), mark.pk), [order.encode()])
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unpack(text: str, order: str) -> Mark | None:
    """Return the mark of a URL, ``None`` for none.

    Raises:
        BadInput: it was not made here, or for another order.
    """
    if not text:
        return None
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        day, pk = _SHAPE.unpack(_cipher().decrypt(sealed, [order.encode()]))
    except (ValueError, InvalidTag, struct.error):
        raise BadInput({"after": "翻页标记不对，请从第一页看起。"}, rule="列表翻页") from None
    return Mark(date.fromordinal(day), pk)


@dataclass(frozen=True)
class Turn:
    """Which page is asked for: ``size`` rows behind ``after``, or the last ``size`` before ``before``."""

    after: Mark | None = None
    before: Mark | None = None
    size: int = 25

    @property
    def mark(self) -> Mark | None:
        """Where the reading starts."""
        return self.before or self.after

    @property
    def backwards(self) -> bool:
        """Whether the rows are read from the mark towards the newer ones."""
        return self.before is not None


@dataclass
class Page(Generic[Row]):
    """One page as the pager part reads it; ``before`` and ``after`` are marks for the URL, empty where there is none.

    ``count``: how many there are in all, capped; ``None`` where counting would cost more than it tells.
    """

    rows: list[Row]
    before: str = ""
    after: str = ""
    count: int | None = None
    size: int = 25
    sizes: tuple[int, ...] = (25, 50)

    @property
    def shown(self) -> int:
        """How many rows this page has."""
        return len(self.rows)


def cut(rows: Sequence[Row], turn: Turn) -> tuple[list[Row], bool, bool]:
    """Return the page's rows, newest first, and whether there are rows before and after it.

    ``rows``: up to ``size + 1`` found from the turn's mark, in the direction of reading.
    """
    more = len(rows) > turn.size
    page = list(rows[: turn.size])
    if turn.backwards:
        return page[::-1], more, bool(page)
    return page, turn.after is not None and bool(page), more


def page_by(
    rows: QuerySet, field: str, turn: Turn, *, order: str, count: int | None, ascending: bool = False
) -> Page[Any]:
    """Return the page of ``rows`` that ``turn`` asks for, by a day of theirs and their id: the newest first, or ``ascending``.

    Args:
        field: the day, through relations too (``visit__day``); every row has one.
        order: names the list and its order, for the marks of its pages.
        count: how many rows there are in all.
    """
    sign, way = ("gt", "") if ascending is not turn.backwards else ("lt", "-")
    if turn.mark:
        same = rows.filter(**{field: turn.mark.day, f"pk__{sign}": turn.mark.pk})
        rows = rows.filter(**{f"{field}__{sign}": turn.mark.day}) | same
    shown, before, after = cut(list(rows.order_by(f"{way}{field}", f"{way}pk")[: turn.size + 1]), turn)
    ends = [pack(Mark(_day_of(row, field), row.pk), order) for row in (shown[:1] + shown[-1:])]
    return Page(shown, before=ends[0] if before else "", after=ends[-1] if after else "", count=count, size=turn.size)


def _day_of(row: Any, field: str) -> date:
    for name in field.split("__"):
        row = getattr(row, name)
    day: date = row
    return day
