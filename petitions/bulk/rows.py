"""How does a life become rows of tables?  Columns in the order of COPY, and a value as COPY reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db.models import Field, Model

from petitions.bulk.life import Happened, Life, Row, Ticking
from petitions.models import Assignment, Claim, Clock, Event, Filing, Party, Petition, Petitioner, Proceeding, Reach

# Parents before children; every concrete column is named, so that a new one cannot be forgotten.
MODELS: dict[str, type[Model]] = {
    "petition": Petition, "filing": Filing, "petitioner": Petitioner, "party": Party, "assignment": Assignment,
    "proceeding": Proceeding, "claim": Claim, "clock": Clock, "event": Event, "reach": Reach,
}  # fmt: skip
GIVEN_IDS = ("petition", "filing", "petitioner", "assignment", "proceeding", "clock")  # named by other rows


def columns_of(table: str) -> list[str]:
    """The columns that COPY fills; the others' ids come from their sequences."""
    found = [str(each.column) for each in MODELS[table]._meta.concrete_fields]
    return found if table in GIVEN_IDS else [name for name in found if name != "id"]


def copy_of(table: str) -> str:
    """The COPY statement of a table."""
    names = ", ".join(f'"{name}"' for name in columns_of(table))
    return f"COPY {MODELS[table]._meta.db_table} ({names}) FROM STDIN"


_COLUMNS = {table: columns_of(table) for table in MODELS}
_PLACES = {table: {name: place for place, name in enumerate(names)} for table, names in _COLUMNS.items()}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_escapes = re.compile(r"[\\\t\n\r]").search
NULL = "\\N"


def _text(value: str) -> str:
    return value.translate(_ESCAPES) if _escapes(value) else value


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


_AS_TEXT: dict[type, Callable[[Any], str]] = {
    str: _text, int: str, type(None): lambda _: NULL, bool: lambda value: "t" if value else "f",
    date: date.isoformat, datetime: datetime.isoformat, bytes: _bytes,
}  # fmt: skip


def cell(value: Any) -> str:
    """A value in COPY's text format; what is a kind of text or number by inheritance (an enum) is written as that."""
    known = _AS_TEXT.get(type(value))
    return known(value) if known else _text(str(value))


def _unsaid(table: str) -> list[str]:
    """Cells of what the model says where nothing is said; a column without that has a mark that COPY refuses."""
    fields = {each.column: each for each in MODELS[table]._meta.concrete_fields}
    return [_default(fields[name]) for name in _COLUMNS[table]]


def _default(column: Field[Any, Any]) -> str:
    if not (column.has_default() or column.null or column.empty_strings_allowed) or column.column in ("id", "ref"):
        return "?"
    value = column.get_default()
    return cell(b"" if column.get_internal_type() == "BinaryField" and value == "" else value)


class Sheets:
    """The lines of some thousand lives by table, ready for COPY."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {table: [] for table in MODELS}
        self._unsaid = {table: _unsaid(table) for table in MODELS}

    def add(self, life: Life) -> None:
        """Write one life down."""
        petition = life.petition["id"]
        self._put("petition", life.petition)
        for row in [*life.filings, *life.holds, *life.runs]:
            row.columns["id"], row.columns["petition_id"] = row.pk, petition
            self._put(row.kind, row.columns)
        for table, rows in (("petitioner", life.people), ("party", life.parties), ("claim", life.claims)):
            for each in rows:
                self._put(table, each)
        self.lines["clock"] += [_clock(clock, petition) for clock in life.clocks]
        self.lines["event"] += [_event(event, petition) for event in life.events]
        for reach in life.reach():
            self._put("reach", reach)

    def _put(self, table: str, row: dict[str, Any]) -> None:
        cells, places, known = self._unsaid[table].copy(), _PLACES[table], _AS_TEXT
        for name, value in row.items():
            if value is not None:
                as_text = known.get(type(value))
                cells[places[name]] = as_text(value) if as_text else _text(str(value))
        self.lines[table].append("\t".join(cells) + "\n")


def _day(value: date | None) -> str:
    return NULL if value is None else value.isoformat()


# Every matter has several clocks and events, so that their lines are written out, in the order of the columns.


def _clock(clock: Ticking, petition: int) -> str:
    on = clock.on
    hangs = "\t".join([str(on.pk) if on.kind == kind else NULL for kind in ("filing", "assignment", "proceeding")])
    return (
        f"{clock.pk}\t{petition}\t{hangs}\t{NULL}\t{NULL}\t{NULL}\t{NULL}\t{NULL}\t{clock.name}\t{'t' if clock.window else 'f'}\tf\t"
        f"{NULL if clock.department is None else clock.department}\t{clock.span.cells}\t{_day(clock.ended_on)}\t"
        f"{clock.ended}\t{_day(clock.lapse_logged_on)}\t0\n"
    )


def _event(event: Happened, petition: int) -> str:
    sealed = NULL if event.sealed is None else _bytes(event.sealed)
    hand = event.hand
    return (
        f"{petition}\t{event.seq}\t{event.step}\t{event.on}\t{event.on_id}\t{hand.user}\t{hand.post}\t{NULL}\t"
        f"{event.occurred_on.isoformat()}\t{event.recorded_at.isoformat()}\t{_text(event.data)}\t{sealed}\t{_bytes(event.digest)}\n"
    )


__all__ = ["GIVEN_IDS", "MODELS", "Row", "Sheets", "cell", "columns_of", "copy_of"]
