"""How are facts added up?  The same sums in Python (for what changed) and in SQL (for everything), cube by cube.

A *cube* splits a month of a unit once more: not at all, by category, by town, by channel.  A filter by one of these is
answered from its cube; by two at once from the facts themselves (`petitions.figures.count`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.db import connection
from psycopg2.extras import execute_values

from petitions.figures.bits import MEASURES
from petitions.figures.derive import Fact
from petitions.models.figures import CURRENT, FigureDay

BASES: Mapping[str, str] = {"registered": "registered_on", "filed": "filed_on", "closed": "closed_on"}
_TOWN = 9  # digits of a township in a region's code
CUBES: Mapping[str, tuple[str, Callable[[Fact], str]]] = {
    "unit": ("''", lambda fact: ""),
    "category": ("category", lambda fact: fact.category),
    "region": (f"left(region, {_TOWN})", lambda fact: fact.region[:_TOWN]),
    "channel": ("channel", lambda fact: fact.channel),
}
Key = tuple[str, str, str, date, int, str]  # cube, basis, capacity, month, unit, value


def expression(code: str, alias: str = "") -> str:
    """The SQL of one measure over a group of facts."""
    one, dot = MEASURES[code], f"{alias}." if alias else ""
    where = f"{dot}bits & {one.mask} = {int(one.want)}"
    what = (
        f"coalesce(sum({dot}{one.sum_of}) FILTER (WHERE {where}), 0)"
        if one.sum_of
        else f"count(*) FILTER (WHERE {where})"
    )
    return f"{what}::int"


def kept(day: date) -> tuple[str, ...]:
    """The codes of the measures that the totals of ``day`` hold, in their order; none where it has not been counted."""
    if day == CURRENT:
        return tuple(MEASURES)
    made = FigureDay.objects.filter(day=day, made_at__isnull=False)
    return tuple(made.values_list("measures", flat=True).first() or ())


def counts_of(fact: Fact) -> list[int]:
    """What one fact adds to each measure."""
    bits = fact.bits
    return [
        (getattr(fact, one.sum_of) or 0 if one.sum_of else 1) if bits & one.mask == int(one.want) else 0
        for one in MEASURES.values()
    ]


class Difference:
    """What is to be added to the totals."""

    def __init__(self) -> None:
        self.rows: dict[Key, list[int]] = {}

    def add(self, fact: Fact, sign: int) -> None:
        """Count ``fact`` in (1) or out (-1)."""
        counts = counts_of(fact)
        for basis, column in BASES.items():
            day = getattr(fact, column)
            if day is None:
                continue
            for cube, (_, value) in CUBES.items():
                key = (cube, basis, fact.capacity, day.replace(day=1), fact.unit_id, value(fact))
                mine = self.rows.setdefault(key, [0] * len(counts))
                for at, many in enumerate(counts):
                    mine[at] += sign * many

    def write(self) -> None:
        """Apply it to the totals that go on, in the transaction that changed the facts."""
        rows = [(CURRENT, *key, counts) for key, counts in sorted(self.rows.items()) if any(counts)]
        if not rows:
            return
        with connection.cursor() as cursor:
            execute_values(
                cursor.cursor, _APPLY, rows, template="(%s, %s, %s, %s, %s, %s, %s, %s::int[])", page_size=500
            )


_APPLY = """
INSERT INTO petitions_figuretotal AS t (day, cube, basis, capacity, month, unit_id, value, counts) VALUES %s
ON CONFLICT (day, cube, basis, capacity, month, unit_id, value) DO UPDATE SET counts = (
  SELECT array_agg(a + b ORDER BY place) FROM unnest(t.counts, excluded.counts) WITH ORDINALITY AS u (a, b, place))"""


def recount(day: date = CURRENT) -> None:
    """Count the totals of ``day`` anew from the facts that held at its end (`CURRENT`: that hold now)."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM petitions_figuretotal WHERE day = %s", [day])
        cursor.execute(f"INSERT INTO petitions_figuretotal ({_COLUMNS}) {_sums(day)}", {"day": day})


def freeze(day: date) -> None:
    """Keep the totals that go on as they are now, as those of ``day``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO petitions_figuretotal ({_COLUMNS}) SELECT %s, cube, basis, capacity, month, unit_id, value, counts
                FROM petitions_figuretotal WHERE day = %s ON CONFLICT DO NOTHING""",
            [day, CURRENT],
        )


def differences(day: date = CURRENT) -> int:
    """How many rows of the totals of ``day`` are not what the facts of its end add up to, in the measures that both know."""
    held = kept(day)
    codes = [code for code in held if code in MEASURES]
    said = ", ".join(f"counts[{held.index(code) + 1}]" for code in codes)
    mine = f"""SELECT * FROM (SELECT cube, basis, capacity, month, unit_id, value, ARRAY[{said}]::int[] AS counts
        FROM petitions_figuretotal WHERE day = %(day)s) k WHERE counts <> %(none)s"""
    found = f"SELECT cube, basis, capacity, month, unit_id, value, counts FROM ({_sums(day, codes)}) s WHERE counts <> %(none)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH kept AS MATERIALIZED ({mine}), found AS MATERIALIZED ({found})
                SELECT (SELECT count(*) FROM (TABLE kept EXCEPT TABLE found) a) + (SELECT count(*) FROM (TABLE found EXCEPT TABLE kept) b)""",
            {"day": day, "none": [0] * len(codes)},
        )
        return int(cursor.fetchone()[0])


_COLUMNS = "day, cube, basis, capacity, month, unit_id, value, counts"


def in_force(day: date, alias: str = "f") -> str:
    """The condition on facts that they held at the end of ``%(day)s``."""
    if day == CURRENT:
        return f"{alias}.valid_to IS NULL"
    return f"{alias}.valid_from <= %(day)s AND ({alias}.valid_to IS NULL OR {alias}.valid_to > %(day)s)"


def _sums(day: date, codes: Sequence[str] = tuple(MEASURES)) -> str:
    measures = ", ".join(expression(code, "f") for code in codes)
    parts = [
        f"""SELECT %(day)s::date AS day, '{cube}' AS cube, '{basis}' AS basis, f.capacity,
            date_trunc('month', f.{column})::date AS month, f.unit_id, {said}::text AS value, ARRAY[{measures}] AS counts
            FROM petitions_figurefact f WHERE {in_force(day)} AND f.{column} IS NOT NULL
            GROUP BY 4, 5, 6, 7"""
        for basis, column in BASES.items()
        for cube, (said, _) in CUBES.items()
    ]
    return " UNION ALL ".join(parts)
