"""How is a list read whole, from one moment, whatever its length?  By a cursor that the database holds beyond its transaction.

What the question finds is put aside by the server when the transaction ends; it is then handed out piece by piece.  The
rows are those of one moment, no transaction stays open while a file is written, and no more than one piece is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction

from petitions.querycode import new_ref


@dataclass(frozen=True)
class Held:
    """What a question found.

    Attributes:
        count: how many rows there are.
    """

    name: str
    count: int

    def pieces(self, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows in their order, ``size`` at a time."""
        while True:
            with connection.cursor() as cursor:
                cursor.execute(f"FETCH FORWARD {int(size)} FROM {self.name}")
                rows = cursor.fetchall()
            if not rows:
                return
            yield rows


@dataclass(frozen=True)
class Question:
    """A statement with its parameters, by place or by name."""

    sql: str
    params: Sequence[Any] | Mapping[str, Any] = ()


@contextmanager
def held(question: Question) -> Iterator[Held]:
    """Put aside what ``question`` finds now, for as long as the block lasts."""
    name = f"held_{new_ref()}"  # letters and digits
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DECLARE {name} SCROLL CURSOR WITH HOLD FOR {question.sql}", question.params)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"MOVE FORWARD ALL IN {name}")
            count = int(cursor.cursor.statusmessage.split()[-1])
            cursor.execute(f"MOVE ABSOLUTE 0 IN {name}")
        yield Held(name, count)
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # a broken transaction has closed it already
            cursor.execute(f"CLOSE {name}")
