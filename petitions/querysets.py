"""Which matters does a list show?  Pages by keyset, within the actor's scope, at a speed that does not depend on how many.

Every page is one statement, whatever the filters.  A *road* is an index that holds the rows in the list's order under
some keys: for whoever sees everything, the petitions' own indexes (all, by stage, category, place, unit); for units,
Reach.  From each key the first page is taken and the pages are merged, so that a quiet branch costs what it has and no
more (house.md §5).  Among the roads that lead to the same rows the shortest is taken, by PostgreSQL's own estimate.

Which orders there are, and which index carries each, says `petitions.orders`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from accounts.actor import Actor
from petitions import access
from petitions.access import Scope
from petitions.columns import DEFAULT, Column, fields_of
from petitions.held import Question
from petitions.keyset import Page, Turn, cut, pack
from petitions.lifecycle import OPEN_STAGES
from petitions.models import Measure, Petition
from petitions.orders import CLOSED, DUE, NEWEST, Order, Where, mark_of

CAP = 1000  # counts stop here: "1,000+"
GATHERED = 2000  # so few rows are gathered and put in order; more are walked in their order
ORDER = NEWEST.code
# What is read of a matter where nobody chose columns; never its content.
USUAL = fields_of(DEFAULT) | {"region_id", "outcome", "resolved"}


def for_list(petitions: QuerySet[Petition], columns: Sequence[Column] = DEFAULT) -> QuerySet[Petition]:
    """Narrow ``petitions`` to the columns a list shows; a list carries no narrative about.

    What a column says by an expression stands as ``shown_<code>`` on each.
    """
    said = {
        f"shown_{column.code}": RawSQL(column.sql_of("petitions_petition"), ())  # noqa: S611 (our own)
        for column in columns
        if column.sql
    }
    return petitions.only(*USUAL | fields_of(columns)).annotate(**said)


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
    open_before: date | None = None  # not ended, and received before this day
    joint: bool | None = None
    resolved: bool | None = None
    urgent: bool = False
    repeated: bool = False
    listed: bool = False  # under a measure of the joint conference that hangs it on a board (挂牌督办)
    sponsored: bool = False
    heads: int = 0  # at least so many people

    @property
    def narrow(self) -> bool:
        """Whether anything is asked for at all."""
        return self != Wanted()


# --- conditions ------------------------------------------------------------------------------------------------------


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
    if wanted.open_before:
        found.append(Where("p.received_on < %s AND p.stage = ANY(%s)", (wanted.open_before, list(OPEN_STAGES))))
    if wanted.joint is not None:
        found.append(Where("p.joint = %s", (wanted.joint,)))
    if wanted.resolved is not None:
        found.append(Where("p.resolved = %s", (wanted.resolved,)))
    return found + [Where(sql) for asked, sql in _KEY if getattr(wanted, asked)] + _listed(wanted) + _heads(wanted)


# Conditions that make a matter a key one.  What few matters are is asked by their ids, gathered once through an index of its
# own; what many are is met soon enough on the way.
_KEY = (
    ("urgent", "p.urgent"),
    ("repeated", "EXISTS (SELECT FROM petitions_filing f WHERE f.petition_id = p.id AND f.repeat)"),
    ("sponsored", "p.id = ANY(ARRAY(SELECT e.petition_id FROM petitions_event e WHERE e.step = 'sponsored'))"),
)  # fmt: skip


def _listed(wanted: Wanted) -> list[Where]:
    """The matters of the measures that the conference's ledger lists as 挂牌督办."""
    if not wanted.listed:
        return []
    rows = Measure.objects.filter(Measure.TAKEN, kind="listed").values("petition_id")
    sql, params = rows.query.sql_with_params()
    return [Where(f"p.id = ANY(ARRAY({sql}))", params)]


def _heads(wanted: Wanted) -> list[Where]:
    return [Where("p.head_count >= %s", (wanted.heads,))] if wanted.heads else []


@dataclass(frozen=True)
class Road:
    """Keys under which rows are found; ``condition`` says the same of ``p`` where another road is taken.

    Attributes:
        ordered: whether its index holds the rows in the list's order.
        implied: whether every row wanted lies on it anyway, so that it need not be said again as a condition.
        open: whether only units that have the matter in hand count (Reach).
    """

    table: str
    column: str
    keys: tuple[Any, ...]
    kind: str
    roles: tuple[str, ...] = ()
    ordered: bool = True
    implied: bool = False
    open: bool = False

    @property
    def by_reach(self) -> bool:
        """Whether the road is Reach and not an index of the petitions' own."""
        return self.table == "petitions_reach"

    def condition(self) -> Where:
        """The road as a condition on ``p``."""
        if not self.by_reach:
            return Where(f"p.{self.column} = ANY(%s::{self.kind}[])", (list(self.keys),))
        sql = "EXISTS (SELECT FROM petitions_reach x WHERE x.petition_id = p.id AND x.department_id = ANY(%s::bigint[])"
        rest = "".join(f" AND {each.sql}" for each in self.limits("x"))
        return Where(f"{sql}{rest})", (list(self.keys), *(p for each in self.limits("x") for p in each.params)))

    def limits(self, alias: str) -> list[Where]:
        """What else a row of the road must be."""
        found = [Where(f"{alias}.open")] if self.open else []
        return found + ([Where(f"{alias}.role = ANY(%s::text[])", (list(self.roles),))] if self.roles else [])

    def estimate(self) -> Where:
        """A query whose planned rows say how long the road is."""
        return Where(f"SELECT FROM {self.table} WHERE {self.column} = ANY(%s::{self.kind}[])", (list(self.keys),))


@dataclass(frozen=True)
class Route:
    """How the rows of a list are reached: along one road (None: the whole table's own index), past the conditions.

    ``gathered``: the road is short, but in another order: its rows are all read, and put in order.
    """

    road: Road | None
    filters: tuple[Where, ...]
    order: Order = NEWEST
    gathered: bool = False


def _roads(units: Sequence[int] | None, roles: tuple[str, ...], wanted: Wanted, order: Order) -> list[Road]:
    """Every road that leads to the rows wanted; ``units`` is None for whoever sees everything."""
    own = (
        ("stage", wanted.stages, "text", {NEWEST, DUE}),
        ("category_id", wanted.categories, "text", {NEWEST}),
        ("region_id", wanted.regions, "text", {NEWEST}),
        ("responsible_id", wanted.responsible, "bigint", {NEWEST, CLOSED}),
    )
    found = [
        Road("petitions_petition", column, keys, kind, ordered=order in carried) for column, keys, kind, carried in own if keys
    ]  # fmt: skip
    if units is not None:
        by_reach = Road(
            "petitions_reach", "department_id", tuple(units), "bigint", roles, order is not CLOSED, open=order is DUE
        )
        found.insert(0, by_reach)
    return found + _roads_of(order, units, wanted)


def _roads_of(order: Order, units: Sequence[int] | None, wanted: Wanted) -> list[Road]:
    """Roads that an order has of its own, beyond those that lead to the rows anyway."""
    if order is CLOSED and units is not None:  # a unit closes what it leads; its other matters others close
        return [Road("petitions_petition", "responsible_id", tuple(units), "bigint")]
    if order is not DUE:
        return []
    # What has a due day is open; the lead unit has it in hand.
    found = [] if wanted.stages else [Road("petitions_petition", "stage", OPEN_STAGES, "text", implied=True)]
    if units is None and wanted.responsible:
        found.append(Road("petitions_reach", "department_id", wanted.responsible, "bigint", implied=True, open=True))
    return found


def _route(units: Sequence[int] | None, roles: tuple[str, ...], wanted: Wanted, order: Order) -> Route:
    """The shortest way to the rows, by the planner's statistics; they are asked only where there is a choice."""
    roads = _roads(units, roles, wanted, order)
    lengths = planned_rows([road.estimate() for road in roads]) if len(roads) > 1 else [0.0] * len(roads)
    ranked = sorted(zip(lengths, range(len(roads)), strict=True))
    walked = next((roads[at] for _, at in ranked if roads[at].ordered), None)
    short = next(
        (roads[at] for length, at in ranked if not roads[at].ordered and not roads[at].by_reach and length <= GATHERED),
        None,
    )
    road = short if short and (walked is None or lengths[roads.index(walked)] > lengths[roads.index(short)]) else walked
    left = [other.condition() for other in roads if other is not road and not other.implied]
    return Route(road, (*_conditions(wanted), *left), order, gathered=road is not None and not road.ordered)


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


def _bounds(alias: str, pk: str, wanted: Wanted, turn: Turn, order: Order) -> list[Where]:
    """The days asked for and the mark, as conditions on the columns that the road is ordered by."""
    found = [] if order is NEWEST else [Where(f"{alias}.{order.column} IS NOT NULL")]
    if wanted.received_from:
        found.append(Where(f"{alias}.received_on >= %s", (wanted.received_from,)))
    if wanted.received_to:
        found.append(Where(f"{alias}.received_on <= %s", (wanted.received_to,)))
    if turn.mark:
        sign = order.beyond(backwards=turn.backwards)
        found.append(Where(f"({alias}.{order.column}, {alias}.{pk}) {sign} (%s, %s)", (turn.mark.day, turn.mark.pk)))
    return found


def along(
    road: Road | None,
    wanted: Wanted,
    filters: Sequence[Where],
    turn: Turn,
    limit: int,
    *,
    ordered: bool = True,
    order: Order = NEWEST,
) -> Where:
    """The (day, id) of up to ``limit`` rows along a road, from the turn's mark, in its direction.

    The day is called as the order's column is: ``received_on``, ``due``, ``closed_on``.
    """
    way, day = order.way(backwards=turn.backwards), order.column
    reach = road is not None and road.by_reach
    alias, pk = ("r", "petition_id") if reach else ("p", "id")
    where = [*_bounds(alias, pk, wanted, turn, order), *filters]
    source = "petitions_petition p"
    if reach:
        source = "petitions_reach r" + (" JOIN petitions_petition p ON p.id = r.petition_id" if filters else "")
    if road is not None:
        where = [Where(f"{alias}.{road.column} = road.key"), *(road.limits("r") if reach else []), *where]
    sql = f"SELECT {alias}.{day}, {alias}.{pk} AS id FROM {source}"  # noqa: S608  (our own names)
    if where:
        sql += " WHERE " + " AND ".join(each.sql for each in where)
    sort = f" ORDER BY {alias}.{day} {way}, {alias}.{pk} {way}" if ordered else ""
    params = [p for each in where for p in each.params]
    sql, params = f"{sql}{sort} LIMIT %s", [*params, limit]
    if road is None:
        return Where(sql, tuple(params))
    # The first page of each key; what two keys share stands high in both, so that it is safe to take it once.
    once = "DISTINCT" if ordered else ""
    sql = (
        f"SELECT {once} hit.{day}, hit.id FROM unnest(%s::{road.kind}[]) AS road(key)"  # noqa: S608
        f" CROSS JOIN LATERAL ({sql}) hit"
    )
    sort = f" ORDER BY {day} {way}, id {way}" if ordered else ""
    return Where(f"{sql}{sort} LIMIT %s", (list(road.keys), *params, limit))


def _gathered(route: Route, wanted: Wanted, turn: Turn, limit: int) -> Where:
    """The (day, id) of up to ``limit`` rows of a short road whose index stands in another order."""
    assert route.road is not None
    order, way = route.order, route.order.way(backwards=turn.backwards)
    where = [route.road.condition(), *_bounds("p", "id", wanted, turn, order), *route.filters]
    # Materialised: else the planner may walk the whole of the other order in the hope of meeting a few rows early.
    sql = f"""SELECT {order.column}, id FROM (WITH g AS MATERIALIZED (SELECT p.{order.column}, p.id FROM petitions_petition p
        WHERE {" AND ".join(each.sql for each in where)}) SELECT * FROM g) g
        ORDER BY {order.column} {way}, id {way} LIMIT %s"""  # noqa: S608  (our own names)
    return Where(sql, (*(p for each in where for p in each.params), limit))


def _page(route: Route, wanted: Wanted, turn: Turn, limit: int) -> Where:
    if route.gathered:
        return _gathered(route, wanted, turn, limit)
    return along(route.road, wanted, route.filters, turn, limit, order=route.order)


def page_of(
    actor: Actor | None,
    wanted: Wanted,
    turn: Turn,
    *,
    order: Order = NEWEST,
    columns: Sequence[Column] = DEFAULT,
    counted: bool = True,
    scope: Scope | None = None,
) -> Page[Petition]:
    """Return one page of the matters that ``actor`` sees, with its capped count: one statement.

    Args:
        columns: only what they show is read; what stands in no column of the petition is set on each row as
            ``shown_<code>``.
        counted: whether the count is asked for.
        scope: the actor's scope, where it has been asked already.
    """
    scope = access.scope_of(actor) if scope is None else scope
    if scope.empty:
        return Page([], count=0, size=turn.size)
    route = _route(units_of(scope), scope.roles, wanted, order)
    page = _page(route, wanted, turn, turn.size + 1)
    fields = fields_of(columns) | {order.column}
    found = _read(
        page, fields, _counted(route, wanted) if counted else Where("NULL"), [one for one in columns if one.sql]
    )
    rows = sorted((petition for petition, _ in found), key=lambda row: mark_of(row, order))
    if order.ascending is turn.backwards:
        rows.reverse()
    shown, before, after = cut(rows, turn)
    return Page(
        shown,
        before=pack(mark_of(shown[0], order), order.code) if before else "",
        after=pack(mark_of(shown[-1], order), order.code) if after else "",
        count=found[0][1] if found else (None if turn.mark else 0),
        size=turn.size,
    )


@dataclass(frozen=True)
class Whole:
    """Every row of a list, in its order: the question, and how a found row is read."""

    question: Question
    names: tuple[str, ...]
    more: tuple[Column, ...]

    def petition(self, row: tuple[Any, ...]) -> Petition:
        """Return a found row as the petition it is."""
        return _petition(self.names, self.more, row)


def every(scope: Scope, wanted: Wanted, order: Order, columns: Sequence[Column], most: int) -> Whole:
    """Return up to ``most`` rows of the list that `page_of` shows page by page, as one question."""
    fields, more = fields_of(columns) | {order.column}, tuple(column for column in columns if column.sql)
    names = names_of_columns(fields)
    if scope.empty:
        marks = Where("SELECT NULL::bigint AS id WHERE false")
    else:
        marks = _page(_route(units_of(scope), scope.roles, wanted, order), wanted, Turn(), most)
    way = order.way(backwards=False)
    said = ", ".join([*(f"p.{name}" for name in names), *(column.sql for column in more), "NULL"])
    sql = f"""SELECT {said} FROM ({marks.sql}) m JOIN petitions_petition p ON p.id = m.id
        ORDER BY p.{order.column} {way}, p.id {way}"""  # noqa: S608  (our own names)
    return Whole(Question(sql, marks.params), names, more)


def read(marks: Where, beside: Where | None = None) -> list[tuple[Petition, Any]]:
    """Read the petitions whose ``id`` the query ``marks`` names, in no order, each with the value of ``beside``.

    ``beside``: an expression that may speak of the marks as ``m``, or a count as a subquery (computed once).
    """
    return _read(marks, USUAL, beside or Where("NULL"))


def _read(
    marks: Where, fields: frozenset[str], beside: Where, more: Sequence[Column] = ()
) -> list[tuple[Petition, Any]]:
    names = names_of_columns(fields)
    said = ", ".join([*(f"p.{name}" for name in names), *(column.sql for column in more), beside.sql])
    sql = f"SELECT {said} FROM ({marks.sql}) m JOIN petitions_petition p ON p.id = m.id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*beside.params, *marks.params])
        return [(_petition(names, more, row), row[-1]) for row in cursor.fetchall()]


def names_of_columns(fields: frozenset[str]) -> tuple[str, ...]:
    """``fields`` in the order of the model, as from_db wants them."""
    return tuple(f.attname for f in Petition._meta.concrete_fields if f.attname in fields)


def _petition(names: Sequence[str], more: Sequence[Column], row: tuple[Any, ...]) -> Petition:
    petition = Petition.from_db("default", list(names), row[: len(names)])
    for column, value in zip(more, row[len(names) : -1], strict=True):
        setattr(petition, f"shown_{column.code}", value)
    return petition


def _counted(route: Route, wanted: Wanted) -> Where:
    """How many there are, up to the cap.  A matter that reaches several units of a scope is counted once.

    Where three caps' worth of rows of Reach have been read no more are: that many rows are at least one cap of matters.
    Elsewhere a row is a matter, and reading stops at the cap itself.
    """
    if route.road is not None and route.road.by_reach:
        most, enough = 3 * CAP, f"CASE WHEN count(*) = {3 * CAP} THEN {CAP} ELSE least({CAP}, count(DISTINCT c.id)) END"
    else:
        most, enough = CAP, "count(*)"
    rows = along(route.road, wanted, route.filters, Turn(), most, ordered=False, order=route.order)
    return Where(f"(SELECT {enough} FROM ({rows.sql}) c)", rows.params)  # noqa: S608


__all__ = [
    "CAP",
    "ORDER",
    "USUAL",
    "Road",
    "Wanted",
    "Where",
    "along",
    "every",
    "for_list",
    "mark_of",
    "names_of_columns",
    "page_of",
    "planned_rows",
    "read",
    "units_of",
]
