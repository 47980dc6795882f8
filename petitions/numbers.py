"""Which number comes next?  Per body, kind and year; gap-free, because a number is rolled back with its transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

# Bodies whose numbers begin alike (a successor keeps the 代字 of the body it follows) take from one series, kept under
# the eldest of them and going on where the furthest of them stopped: no number is given twice.
_TAKE = """
WITH alike AS (
  SELECT d.id FROM accounts_department d JOIN accounts_department mine ON mine.id = %(office)s
   WHERE coalesce(nullif(d.paper_prefix, ''), d.short_name) = coalesce(nullif(mine.paper_prefix, ''), mine.short_name)
)
INSERT INTO petitions_numberseries AS s (office_id, kind, year, last)
SELECT min(alike.id), %(kind)s, %(year)s, %(count)s + coalesce(
  (SELECT max(n.last) FROM petitions_numberseries n JOIN alike a ON a.id = n.office_id
    WHERE n.kind = %(kind)s AND n.year = %(year)s), 0) FROM alike
ON CONFLICT (office_id, kind, year)
DO UPDATE SET last = greatest(s.last, EXCLUDED.last - %(count)s) + %(count)s RETURNING s.last
"""

# Several series of one body at once, their rows locked in the order of their names: whoever takes many waits for none in a ring.
_AHEAD = """
WITH alike AS (
  SELECT d.id FROM accounts_department d JOIN accounts_department mine ON mine.id = %(office)s
   WHERE coalesce(nullif(d.paper_prefix, ''), d.short_name) = coalesce(nullif(mine.paper_prefix, ''), mine.short_name)
)
INSERT INTO petitions_numberseries AS s (office_id, kind, year, last)
SELECT (SELECT min(id) FROM alike), w.kind, %(year)s, w.count + coalesce(
  (SELECT max(n.last) FROM petitions_numberseries n JOIN alike a ON a.id = n.office_id
    WHERE n.kind = w.kind AND n.year = %(year)s), 0)
  FROM unnest(%(kinds)s, %(counts)s::int[]) AS w (kind, count) ORDER BY w.kind
ON CONFLICT (office_id, kind, year)
DO UPDATE SET last = greatest(s.last, EXCLUDED.last - (%(counts)s::int[])[array_position(%(kinds)s, EXCLUDED.kind::text)])
  + (%(counts)s::int[])[array_position(%(kinds)s, EXCLUDED.kind::text)] RETURNING s.kind, s.last
"""
_GIVE_BACK = """
UPDATE petitions_numberseries s SET last = s.last - w.count FROM unnest(%(kinds)s, %(counts)s::int[]) AS w (kind, count)
 WHERE s.kind = w.kind AND s.year = %(year)s AND s.office_id = (
  SELECT min(d.id) FROM accounts_department d JOIN accounts_department mine ON mine.id = %(office)s
   WHERE coalesce(nullif(d.paper_prefix, ''), d.short_name) = coalesce(nullif(mine.paper_prefix, ''), mine.short_name))
"""
_Series = tuple[int, str, int]
_held: ContextVar[dict[_Series, list[int]] | None] = ContextVar("held", default=None)

# A number that was given on paper is never given again: the series goes on above it.
_RESERVE = """
INSERT INTO petitions_numberseries AS s (office_id, kind, year, last)
SELECT min(d.id), %s, %s, %s FROM accounts_department d JOIN accounts_department mine ON mine.id = %s
 WHERE coalesce(nullif(d.paper_prefix, ''), d.short_name) = coalesce(nullif(mine.paper_prefix, ''), mine.short_name)
ON CONFLICT (office_id, kind, year) DO UPDATE SET last = greatest(s.last, EXCLUDED.last)
"""
# How brackets are written on typewriters and telephones; the standard's are six-angled.
_BRACKETS = str.maketrans("[]［］【】()（）", "〔〕〔〕〔〕〔〕〔〕", " \u3000")

MATTER = "matter"


def take(office_id: int, kind: str, year: int, count: int = 1) -> int:
    """Take ``count`` serials of a series and return the first; the row stays locked until the transaction ends."""
    held = (_held.get() or {}).get((office_id, kind, year))
    if held and count == 1:
        return held.pop(0)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"office": office_id, "kind": kind, "year": year, "count": count})
        last: int = cursor.fetchone()[0]
    return last - count + 1


@contextmanager
def ahead(office_id: int, year: int, wanted: Mapping[str, int]) -> Iterator[None]:
    """Within: ``take`` answers from the ``wanted`` serials of each kind, taken here in one round trip; what is left goes back.

    For a verb that takes many numbers: it waits for other such verbs once, after everything that needs no number, and asks
    the database once. Gap-free as `take` is: the rows are locked until the transaction ends, so that nobody has seen what goes back.
    """
    kinds = sorted(kind for kind, count in wanted.items() if count)
    counts = [wanted[kind] for kind in kinds]
    facts = {"office": office_id, "year": year}
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD, facts | {"kinds": kinds, "counts": counts})
        lasts = dict(cursor.fetchall())
    held = {(office_id, kind, year): list(range(lasts[kind] - count + 1, lasts[kind] + 1))
            for kind, count in zip(kinds, counts, strict=True)}  # fmt: skip
    token = _held.set(held)
    try:
        yield
    finally:
        _held.reset(token)
    left = {kind: len(serials) for (_, kind, _), serials in held.items() if serials}
    if left:
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, facts | {"kinds": list(left), "counts": list(left.values())})


def reserve(office_id: int, kind: str, year: int, serial: int) -> None:
    """Let the series go on above ``serial``, which was given elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [kind, year, serial, office_id])


def matter_serial(number: str, prefix: str) -> tuple[int, int] | None:
    """Return (year, serial) of a matter's number where it is written as ours are, else nothing."""
    return _read(rf"{re.escape(prefix)}(\d{{4}})-(\d{{1,6}})", number)


def paper_serial(number: str, prefix: str, mark: str) -> tuple[int, int] | None:
    """Return (year, serial) of a paper's number where it reads as one of ours, whatever its brackets, else nothing."""
    plain = number.translate(_BRACKETS)
    return _read(rf"{re.escape(prefix)}信访{re.escape(mark)}字〔(\d{{4}})〕0*(\d{{1,6}})号", plain)


def _read(form: str, number: str) -> tuple[int, int] | None:
    found = re.fullmatch(form, number, re.ASCII)
    return (int(found[1]), int(found[2])) if found and int(found[2]) else None


def matter_number(prefix: str, year: int, serial: int) -> str:
    """Return a matter's number, as people read it out: 浦信2026-000123."""
    return f"{prefix}{year}-{serial:06d}"


def filing_number(matter: str, nth: int) -> str:
    """Return the number of the ``nth`` filing of a matter: 浦信2026-000123-02."""
    return f"{matter}-{nth:02d}"


def paper_number(prefix: str, mark: str, year: int, serial: int) -> str:
    """Return a paper's number by GB/T 9704-2012: six-angle brackets, no leading zeros."""
    return f"{prefix}信访{mark}字〔{year}〕{serial}号"
