"""Which matters does a list show?  Pages by keyset, within the actor's scope, at a speed that does not depend on how many.

Every page is one statement, whatever the filters.  A *road* is an index that holds the rows newest first under some
keys: for whoever sees everything, the petitions' own indexes (all, by stage, category, place, unit); for units, Reach.
From each key the first page is taken and the pages are merged, so that a quiet branch costs what it has and no more
(house.md §5).  Among the roads that lead to the same rows the shortest is taken, by PostgreSQL's own estimate.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.actor import Actor
from petitions import access
from petitions.access import Scope
from petitions.keyset import Mark, Page, Turn, cut, pack
from petitions.models import Petition

CAP = 1000  # counts stop here: "1,000+"
ORDER = "newest"
# What a list shows of a matter; never its content.
COLUMNS = (
    "pk", "ref", "number", "title", "stage", "due", "received_on", "joint", "head_count", "urgent", "hide_name",
    "lead_name", "category_id", "region_id", "responsible_id", "office_id", "closed_on", "outcome", "resolved",
)  # fmt: skip


def for_list(petitions: QuerySet[Petition]) -> QuerySet[Petition]:
    """Narrow ``petitions`` to the columns a list shows; a list carries no narrative about."""
    return petitions.only(*COLUMNS)


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; empty fields ask for nothing.  Trees are given with everything below them."""

    stages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    responsible: tuple[int, ...] = ()
    channel: str = ""
    kind: str = ""
    received_from: date | None = None
    received_to: date | None = None
    overdue_on: date | None = None
    joint: bool | None = None
    resolved: bool | None = None

    @property
    def narrow(self) -> bool:
        """Whether anything is asked for at all."""
        return self != Wanted()


# --- conditions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Where:
    """A piece of SQL about the petition ``p`` with its parameters."""

    sql: str
    params: tuple[Any, ...] = ()


def _conditions(wanted: Wanted) -> list[Where]:
    """The filters as conditions, but for those that a road answers by its keys."""
    found: list[Where] = []
    if wanted.channel:
        found.append(
            Where(
                "EXISTS (SELECT FROM petitions_filing f WHERE f.petition_id = p.id AND f.channel = %s)",
                (wanted.channel,),
            )
        )
    if wanted.kind:
        found.append(Where("p.kind = %s", (wanted.kind,)))
    if wanted.overdue_on:
        found.append(Where("p.due < %s", (wanted.overdue_on,)))
    if wanted.joint is not None:
        found.append(Where("p.joint = %s", (wanted.joint,)))
    if wanted.resolved is not None:
        found.append(Where("p.resolved = %s", (wanted.resolved,)))
    return found


@dataclass(frozen=True)
class Road:
    """Keys under which rows are found newest first; ``condition`` says the same of ``p`` where another road is taken."""

    table: str
    column: str
    keys: tuple[Any, ...]
    kind: str
    roles: tuple[str, ...] = ()

    @property
    def by_reach(self) -> bool:
        """Whether the road is Reach and not an index of the petitions' own."""
        return self.table == "petitions_reach"

    def condition(self) -> Where:
        """The road as a condition on ``p``."""
        if not self.by_reach:
            return Where(f"p.{self.column} = ANY(%s::{self.kind}[])", (list(self.keys),))
        sql = "EXISTS (SELECT FROM petitions_reach x WHERE x.petition_id = p.id AND x.department_id = ANY(%s::bigint[])"
        return Where(f"{sql}{self._roles('x')})", (list(self.keys), *self._role_params()))

    def _roles(self, alias: str) -> str:
        return f" AND {alias}.role = ANY(%s::text[])" if self.roles else ""

    def _role_params(self) -> tuple[Any, ...]:
        return (list(self.roles),) if self.roles else ()

    def estimate(self) -> Where:
        """A query whose planned rows say how long the road is."""
        return Where(f"SELECT FROM {self.table} WHERE {self.column} = ANY(%s::{self.kind}[])", (list(self.keys),))


def _roads(units: Sequence[int] | None, roles: tuple[str, ...], wanted: Wanted) -> list[Road]:
    """Every road that leads to the rows wanted; ``units`` is None for whoever sees everything."""
    own = (
        ("stage", wanted.stages, "text"),
        ("category_id", wanted.categories, "text"),
        ("region_id", wanted.regions, "text"),
        ("responsible_id", wanted.responsible, "bigint"),
    )
    found = [Road("petitions_petition", column, keys, kind) for column, keys, kind in own if keys]
    if units is not None:
        found.insert(0, Road("petitions_reach", "department_id", tuple(units), "bigint", roles))
    return found


def _shortest(roads: list[Road]) -> Road | None:
    """The road with the fewest rows by the planner's statistics; asked only where there is a choice."""
    if len(roads) < 2:
        return roads[0] if roads else None
    lengths = planned_rows([road.estimate() for road in roads])
    return min(zip(lengths, roads, strict=True), key=lambda pair: pair[0])[1]


def planned_rows(questions: Sequence[Where]) -> list[float]:
    """How many rows PostgreSQL expects of each question: one EXPLAIN for all, nothing is read."""
    sql = " UNION ALL ".join(f"({question.sql})" for question in questions)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", [p for question in questions for p in question.params])
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    parts = plan["Plans"] if plan["Node Type"] == "Append" else [plan]
    return [float(part["Plan Rows"]) for part in parts]


# --- the page --------------------------------------------------------------------------------------------------------


def units_of(scope: Scope) -> list[int] | None:
    """The ids of the departments in scope, ``None`` for everything."""
    if scope.all:
        return None
    if not scope.paths:
        return list(scope.units)
    return list(scope.departments().values_list("pk", flat=True))


def _bounds(alias: str, pk: str, wanted: Wanted, turn: Turn) -> list[Where]:
    """The days asked for and the mark, as conditions on the columns that the road is ordered by."""
    found = []
    if wanted.received_from:
        found.append(Where(f"{alias}.received_on >= %s", (wanted.received_from,)))
    if wanted.received_to:
        found.append(Where(f"{alias}.received_on <= %s", (wanted.received_to,)))
    if turn.mark:
        sign = ">" if turn.backwards else "<"
        found.append(Where(f"({alias}.received_on, {alias}.{pk}) {sign} (%s, %s)", (turn.mark.day, turn.mark.pk)))
    return found


def along(
    road: Road | None, wanted: Wanted, filters: list[Where], turn: Turn, limit: int, *, ordered: bool = True
) -> Where:
    """The (received_on, id) of up to ``limit`` rows along a road, from the turn's mark, in its direction."""
    way = "ASC" if turn.backwards else "DESC"
    reach = road is not None and road.by_reach
    alias, pk = ("r", "petition_id") if reach else ("p", "id")
    where = [*_bounds(alias, pk, wanted, turn), *filters]
    source = "petitions_petition p"
    if reach:
        source = "petitions_reach r" + (" JOIN petitions_petition p ON p.id = r.petition_id" if filters else "")
        if road is not None and road.roles:
            where.insert(0, Where("r.role = ANY(%s::text[])", (list(road.roles),)))
    if road is not None:
        where.insert(0, Where(f"{alias}.{road.column} = road.key"))
    sql = f"SELECT {alias}.received_on, {alias}.{pk} AS id FROM {source}"  # noqa: S608  (our own names)
    if where:
        sql += " WHERE " + " AND ".join(each.sql for each in where)
    order = f" ORDER BY {alias}.received_on {way}, {alias}.{pk} {way}" if ordered else ""
    params = [p for each in where for p in each.params]
    sql, params = f"{sql}{order} LIMIT %s", [*params, limit]
    if road is None:
        return Where(sql, tuple(params))
    # The first page of each key; what two keys share stands high in both, so that it is safe to take it once.
    once = "DISTINCT" if ordered else ""
    sql = (
        f"SELECT {once} hit.received_on, hit.id FROM unnest(%s::{road.kind}[]) AS road(key)"  # noqa: S608
        f" CROSS JOIN LATERAL ({sql}) hit"
    )
    order = f" ORDER BY received_on {way}, id {way}" if ordered else ""
    return Where(f"{sql}{order} LIMIT %s", (list(road.keys), *params, limit))


def page_of(actor: Actor | None, wanted: Wanted, turn: Turn) -> Page[Petition]:
    """Return one page of the matters that ``actor`` sees, newest first, with its capped count: one statement."""
    scope = access.scope_of(actor)
    if scope.empty:
        return Page([], count=0, size=turn.size)
    roads = _roads(units_of(scope), scope.roles, wanted)
    road = _shortest(roads)
    filters = [*_conditions(wanted), *(other.condition() for other in roads if other is not road)]
    page = along(road, wanted, filters, turn, turn.size + 1)
    found = read(page, _counted(road, wanted, filters))
    rows = sorted((petition for petition, _ in found), key=mark_of, reverse=not turn.backwards)
    shown, before, after = cut(rows, turn)
    return Page(
        shown,
        before=pack(mark_of(shown[0]), ORDER) if before else "",
        after=pack(mark_of(shown[-1]), ORDER) if after else "",
        count=found[0][1] if found else (None if turn.mark else 0),
        size=turn.size,
    )


def mark_of(petition: Petition) -> Mark:
    """Where a petition stands in a list."""
    return Mark(petition.received_on, petition.pk)


def read(marks: Where, beside: Where | None = None) -> list[tuple[Petition, Any]]:
    """Read the petitions whose ``id`` the query ``marks`` names, in no order, each with the value of ``beside``.

    ``beside``: an expression that may speak of the marks as ``m``, or a count as a subquery (computed once).
    """
    also = beside or Where("NULL")
    sql = f"SELECT {_COLUMNS_SQL}, {also.sql} FROM ({marks.sql}) m JOIN petitions_petition p ON p.id = m.id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*also.params, *marks.params])
        return [(Petition.from_db("default", _COLUMNS, row[:-1]), row[-1]) for row in cursor.fetchall()]


# In the order of the model, as from_db wants them.
_COLUMNS = [f.attname for f in Petition._meta.concrete_fields if f.attname in {"id", *COLUMNS}]
_COLUMNS_SQL = ", ".join(f"p.{name}" for name in _COLUMNS)


def _counted(road: Road | None, wanted: Wanted, filters: list[Where]) -> Where:
    """How many there are, up to the cap.  A matter that reaches several units of a scope is counted once.

    Where three caps' worth of rows have been read no more are: that many rows are at least one cap of matters.
    """
    rows = along(road, wanted, filters, Turn(), 3 * CAP, ordered=False)
    count = f"CASE WHEN count(*) = {3 * CAP} THEN {CAP} ELSE least({CAP}, count(DISTINCT c.id)) END"
    return Where(f"(SELECT {count} FROM ({rows.sql}) c)", rows.params)  # noqa: S608
