"""How does a recipient find a report again?  By opening, in memory, those that he sees, one after the other; nothing is kept.

There is no index, not even of keyed words: equal words would have equal tokens, and who can read the table could try names
against it.  What is searched for is in no address, no log and no row.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.models import Department
from petitions.accusations import access, record, words
from petitions.errors import BadInput
from petitions.models import Accusation, AccusationReading

LEAST, MOST = 2, 60  # characters
WALK, SHOWN = 2_000, 50  # reports opened at one press; hits of one page


@dataclass
class Found:
    """What one walk found: reports with what is known of them; ``after``: from which to go on, ``back_to`` its day."""

    hits: list[tuple[Accusation, dict[str, Any]]] = field(default_factory=list)
    after: str = ""
    back_to: date | None = None


def plain(text: str) -> str:
    """Return a text as it is compared: full and half width alike, no blanks, lower case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def find(actor: Actor, text: str, after: str = "") -> Found:
    """Walk the reports that ``actor`` sees, newest first, and return those in which ``text`` stands.

    Args:
        after: the ref at which an earlier walk ended.

    Raises:
        NotSeen: the actor is not on the list.
        BadInput: too short or too long to look for.
    """
    rows, sought = access.visible_to(actor), plain(text)
    if not LEAST <= len(sought) <= MOST:
        raise BadInput({"text": f"请填写{LEAST}到{MOST}个字。"})
    found, bodies = Found(), _bodies()
    for seen, row in enumerate(older(rows, after).iterator(200), start=1):
        known = words.of(row) if row.wrapped_key else {}
        if any(sought in plain(said) for said in said_in(row, known, bodies)):
            found.hits.append((row, known))
        if seen == WALK or len(found.hits) == SHOWN:
            found.after, found.back_to = row.ref, row.received_on
            break
    record.note_readings(actor, AccusationReading.Kind.SEARCH, [row for row, _ in found.hits])
    return found


def older(rows: QuerySet[Accusation], ref: str) -> QuerySet[Accusation]:
    """Return ``rows`` newest first, from behind the one named ``ref``; from the newest where it names none of them."""
    ordered = rows.order_by("-received_on", "-pk")
    last = rows.filter(ref=ref).values_list("received_on", "pk").first() if ref else None
    if last is None:
        return ordered
    day, pk = last
    return ordered.filter(Q(received_on__lt=day) | Q(received_on=day, pk__lt=pk))


def said_in(row: Accusation, known: dict[str, Any], bodies: dict[int, tuple[str, str]]) -> Iterator[str]:
    """Yield what may be looked for: numbers, everything that is known, and the names of the bodies it is about."""
    yield from (row.number, row.slip)
    yield from _texts(value for name, value in known.items() if name not in ("accused_units", "recused"))
    for pk in known.get("accused_units", []):
        yield from bodies[pk]


def _bodies() -> dict[int, tuple[str, str]]:
    """Every body's names: all of them, so that the statement does not tell which were asked for."""
    return {pk: (name, short) for pk, name, short in Department.objects.values_list("pk", "name", "short_name")}


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)
