"""What waits for whom?  Each tab of a tray is a named question; its count and its list are the same question.

A tray reads Reach by (department, tray, due): the first page of each unit and tray is taken through the index and the
pages are merged, so that a tray costs what it shows, whatever lies behind it (house.md §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Role
from petitions import lifecycle, trees
from petitions.access import scope_of, unit_of
from petitions.columns import TRAY, Column, fields_of
from petitions.errors import NotSeen
from petitions.held import Question as Asking
from petitions.keyset import Mark, Page, Turn, pack
from petitions.models import Clock, Petition
from petitions.querysets import USUAL, for_list, names_of_columns, units_of

CAP = 100  # counts stop here: "100+"
SOON_DAYS = 3  # house default: that near a day is "soon"
NO_DAY = date.max  # stands for "no due day" in marks and orders: such rows come last

# Trays whose rows are a unit's own duty; a co-unit's work has no due day of its own.
_DUTIES = tuple(tray for tray in lifecycle.TRAYS if tray not in ("co_work", "to_follow"))
_WATCHERS = frozenset(
    {Role.SUPERVISOR, Role.CONFERENCE, Role.OFFICE_HEAD, Role.LEADER, Role.UNIT_HEAD, Role.UNIT_LEADER}
)

_DRAFT = """ AND EXISTS (SELECT 1 FROM petitions_proceeding p WHERE p.petition_id = r.petition_id
 AND p.department_id = r.department_id AND p.kind = 'handling' AND p.state = '{}')"""
# The window has closed, or the road has ended: nothing is left but to close it.
_ENDED = """ AND EXISTS (SELECT 1 FROM petitions_petition p WHERE p.id = r.petition_id
 AND p.stage IN ('lapsed', 'exhausted'))"""
_MINE = """ AND EXISTS (SELECT 1 FROM petitions_assignment a WHERE a.petition_id = r.petition_id
 AND a.department_id = r.department_id AND a.handler_id = %(post)s)"""


# What city or province assigned with a limit of its own, and has no report of yet; whichever tray the matter lies in.
_OWED = """ AND EXISTS (SELECT 1 FROM petitions_clock c WHERE c.petition_id = r.petition_id AND c.name = 'T8'
 AND c.filing_id IS NOT NULL AND c.ended = '')"""


# A duty of the unit's own that is overdue; beside Reach as ``r`` it makes the condition of `Question.duty`.
_MISSED = """c.petition_id = r.petition_id AND c.department_id = r.department_id AND c.ended = '' AND NOT c."window" AND NOT c.shadow
 AND c.due < %(day)s"""
_OF_DUTY = f" AND EXISTS (SELECT 1 FROM petitions_clock c WHERE {_MISSED} AND c.name = %(duty)s)"  # noqa: S608  (our own text)


@dataclass(frozen=True)
class Question:
    """One tab.

    Attributes:
        trays: the Reach trays it looks into.
        when: "" | "overdue" | "soon": which due days.
        also: one more condition on a Reach row, in SQL of our own.
        wide: whether those who watch see it for all they watch, and not for their own unit alone.
        duty: the code of a clock: only where the unit has missed that very duty.
    """

    code: str
    label: str
    trays: tuple[str, ...]
    when: str = ""
    also: str = ""
    wide: bool = False
    duty: str = ""


QUESTIONS: Mapping[str, Question] = {
    row.code: row
    for row in (
        Question("to_route", "待转送", ("to_route",)),
        Question("objection", "异议", ("objection",)),
        Question("received", "直接收到", ("to_route", "objection")),
        Question("to_sign", "待签收", ("to_sign",)),
        Question("to_accept", "待受理", ("to_accept",)),
        Question("mine", "我承办的", ("to_accept", "handling", "to_deliver", "to_close"), also=_MINE),
        Question("handling", "办理中", ("handling",)),
        Question("to_check", "待核稿", ("handling",), also=_DRAFT.format("drafted")),
        Question("to_issue", "待签发", ("handling",), also=_DRAFT.format("checked")),
        Question("to_deliver", "待送达", ("to_deliver",)),
        Question("to_close", "待办结", ("to_close",)),
        Question("to_end", "程序终结，待认定办结", ("to_close",), also=_ENDED),
        Question("to_review", "待复查复核", ("to_review",)),
        Question("to_answer", "待反馈建议", ("to_answer",)),
        Question("co_work", "协办", ("co_work",)),
        Question("to_confirm", "待审核", ("to_confirm",)),
        Question("to_follow", "待回访", ("to_follow",)),
        Question(
            "report_up", "上级交办待反馈", ("report_up", "to_route", "objection", "to_confirm", "to_follow"), also=_OWED
        ),
        Question("due_soon", "即将到期", _DUTIES, when="soon", wide=True),
        Question("overdue", "已超期", _DUTIES, when="overdue", wide=True),
    )
}

# Which tabs a person always has; others appear when something is in them.
_OFFICE = ("to_route", "objection", "to_confirm", "to_follow", "report_up", "due_soon", "overdue")
_UNIT = (
    "to_sign",
    "to_accept",
    "handling",
    "due_soon",
    "overdue",
    "to_deliver",
    "to_close",
    "to_end",
    "co_work",
    "to_answer",
)
# Who decides on what was filed with the unit itself, and on the objections of those it was passed down to (Art.23).
_UNIT_DESK = (*_UNIT[:2], "received", *_UNIT[2:])
_REVIEW = ("to_review", "to_deliver", "due_soon", "overdue")
_WATCH = ("due_soon", "overdue")
TABS: Mapping[str, tuple[str, ...]] = {
    Role.TRIAGE: _OFFICE,
    Role.OFFICE_HEAD: _OFFICE,
    Role.REGISTRAR: ("to_route", "to_follow"),
    Role.SIGNER: _UNIT_DESK,
    Role.HANDLER: ("mine", *_UNIT),
    Role.UNIT_LEADER: ("to_check", *_UNIT),
    Role.UNIT_HEAD: ("to_issue", *_UNIT_DESK),
    Role.REVIEWER: _REVIEW,
    Role.REREVIEWER: _REVIEW,
    Role.SUPERVISOR: _WATCH,
    Role.CONFERENCE: _WATCH,
    Role.LEADER: _WATCH,
}


def questions_for(actor: Actor) -> list[Question]:
    """Return the tabs of a person, in the order of the work; empty for posts without a tray."""
    codes = TABS.get(actor.role, ())
    return [QUESTIONS[code] for code in codes]


def missed(question: Question, duty: str) -> Question:
    """Narrow a question of what is overdue to one duty that a unit has missed; the question itself for none.

    Raises:
        NotSeen: there is no such duty, or the question is not about what is overdue.
    """
    if not duty:
        return question
    if duty not in lifecycle.CLOCKS or question.when != "overdue":
        raise NotSeen
    return replace(question, duty=duty)


@dataclass(frozen=True)
class Tab:
    """A question with how many matters answer it, capped."""

    question: Question
    count: int

    @property
    def words(self) -> str:
        """The count as shown: "100+" where counting further would cost more than it tells."""
        return f"{CAP}+" if self.count > CAP else str(self.count)


@dataclass(frozen=True)
class Line:
    """A matter in a tray: why it is there, for which unit, and the clock that runs out first."""

    petition: Petition
    tray: str
    department_id: int
    due: date | None
    clock: Mapping[str, Any] = field(default_factory=dict)

    @property
    def started(self) -> date | None:
        """When the clock that runs out first began."""
        return date.fromisoformat(self.clock["start"]) if self.clock else None

    @property
    def raw_due(self) -> date | None:
        """Its last day as counted, before it was moved off a day of rest."""
        return date.fromisoformat(self.clock["raw_due"]) if self.clock else None

    @property
    def duty(self) -> str:
        """What that clock is called."""
        return lifecycle.CLOCKS[self.clock["name"]].label if self.clock else ""


# --- the SQL of one question ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """A question put by one person on one day."""

    question: Question
    units: tuple[int, ...]
    post: int
    day: date

    def params(self, name: str) -> dict[str, Any]:
        soon = self.day + timedelta(days=SOON_DAYS)
        return {
            f"units_{name}": list(self.units), f"trays_{name}": list(self.question.trays), "post": self.post,
            "day": self.day, "soon": soon, "duty": self.question.duty,
        }  # fmt: skip

    @property
    def where(self) -> str:
        """Conditions beyond unit and tray."""
        days = {
            "": "",
            "overdue": " AND r.due < %(day)s AND r.role <> 'co'",
            "soon": " AND r.due >= %(day)s AND r.due <= %(soon)s AND r.role <> 'co'",
        }
        return days[self.question.when] + self.question.also + (_OF_DUTY if self.question.duty else "")

    def source(self, name: str) -> str:
        return f"unnest(%(units_{name})s::bigint[]) u(id) CROSS JOIN unnest(%(trays_{name})s::text[]) t(tray)"


def _ask(actor: Actor, question: Question, day: date, units: Iterable[int] | None = None) -> _Asked:
    return _Asked(question, tuple(_units(actor, question) if units is None else units), actor.post.pk, day)


def _units(actor: Actor, question: Question) -> Sequence[int]:
    """The units whose trays ``question`` looks into: the person's own, or all that the person watches."""
    if not TABS.get(actor.role):
        return ()
    if not question.wide or actor.role not in _WATCHERS:
        return (unit_of(actor),)
    found = units_of(scope_of(actor))
    return [int(key) for key in trees.departments().nodes] if found is None else found


# --- counts -----------------------------------------------------------------------------------------------------


def counts(
    actor: Actor, questions: Sequence[Question], *, day: date | None = None, units: Sequence[int] | None = None
) -> list[Tab]:
    """Return each question with its count, all in one query (and one or two for what a person watches).

    Args:
        units: what the person watches (`watched`), where the page has asked it already.
    """
    if not questions:
        return []
    wide = units if units is not None else next((_units(actor, one) for one in questions if one.wide), ())
    asked = [_ask(actor, question, day or today(), wide if question.wide else None) for question in questions]
    sql = " UNION ALL ".join(_count_sql(one, number) for number, one in enumerate(asked))
    params = {key: value for number, one in enumerate(asked) for key, value in one.params(str(number)).items()}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = dict(cursor.fetchall())
    return [Tab(question, found[number]) for number, question in enumerate(questions)]


def _count_sql(one: _Asked, number: int) -> str:
    most = CAP + 1
    return f"""SELECT {number}, count(*) FROM (SELECT 1 FROM {one.source(str(number))} CROSS JOIN LATERAL (
        SELECT 1 FROM petitions_reach r WHERE r.department_id = u.id AND r.tray = t.tray{one.where} LIMIT {most}
        ) w LIMIT {most}) c"""  # noqa: S608  (our own text; values are parameters)


def by_unit(actor: Actor, question: Question, *, day: date | None = None) -> dict[int, tuple[int, date | None]]:
    """Return for each unit the person watches how many matters answer ``question`` there, and the earliest due day.

    The same question as the tab of that unit, so that a figure and the list behind it agree; counted to the end.
    """
    asked = _ask(actor, question, day or today())
    sql = f"""SELECT u.id, count(*), min(r.due) FROM {asked.source("u")} JOIN petitions_reach r
        ON r.department_id = u.id AND r.tray = t.tray{asked.where} GROUP BY u.id"""  # noqa: S608  (our own text)
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.params("u"))
        return {unit: (many, first) for unit, many, first in cursor.fetchall()}


def by_duty(actor: Actor, *, day: date | None = None) -> dict[int, list[tuple[str, int]]]:
    """Return for each unit the person watches which duties it has missed: code and matters, the commonest first.

    Each number is as long as the unit's tab of what is overdue, narrowed to that duty (`Question.duty`).
    """
    asked = _ask(actor, QUESTIONS["overdue"], day or today())
    sql = f"""SELECT u.id, c.name, count(DISTINCT r.id) AS many FROM {asked.source("u")} JOIN petitions_reach r
        ON r.department_id = u.id AND r.tray = t.tray{asked.where} JOIN petitions_clock c ON {_MISSED}
        GROUP BY u.id, c.name ORDER BY many DESC, c.name"""  # noqa: S608  (our own text)
    found: dict[int, list[tuple[str, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.params("u"))
        for unit, code, many in cursor.fetchall():
            found.setdefault(unit, []).append((code, many))
    return found


def tray_counts(actor: Actor, *, day: date | None = None) -> dict[str, int]:
    """Return how many matters wait in each of the person's trays (at most ``CAP`` + 1 each)."""
    return {tab.question.code: tab.count for tab in counts(actor, questions_for(actor), day=day)}


# --- the list ---------------------------------------------------------------------------------------------------


def page_of(
    actor: Actor, question: Question, turn: Turn, *, units: Iterable[int] | None = None, day: date | None = None,
    columns: Sequence[Column] = TRAY,
) -> Page[Line]:  # fmt: skip
    """Return one page of a tray, what runs out first before the rest, in two queries.

    Args:
        units: look into these units only (they must be among those the person watches: see `watched`).
        columns: what is read of each matter besides.
    """
    asked = _ask(actor, question, day or today(), units)
    rows = _rows(asked, turn)
    page = Page(_lines(rows[: turn.size], columns), size=turn.size)
    if len(rows) > turn.size:
        due, pk, _, _ = rows[turn.size - 1]
        page.after = pack(Mark(due or NO_DAY, pk), f"tray:{question.code}")
    return page


def watched(actor: Actor, question: Question) -> Sequence[int]:
    """The units whose rows the person may be shown under ``question``."""
    return _units(actor, question)


Found = tuple[date | None, int, int, str]


def _rows(asked: _Asked, turn: Turn) -> list[Found]:
    sql, params = _rows_sql(asked, turn.after or Mark(date.min, 0), turn.size + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[Found] = cursor.fetchall()
        return rows


def _rows_sql(asked: _Asked, mark: Mark, most: int) -> tuple[str, dict[str, Any]]:
    params = asked.params("q") | {"mark_day": mark.day, "mark_pk": mark.pk, "most": most}
    pieces = [_piece(asked, "r.due IS NOT NULL AND (r.due, r.petition_id) > (%(mark_day)s, %(mark_pk)s)")]
    if mark.day == NO_DAY:
        pieces = [_piece(asked, "r.due IS NULL AND r.petition_id > %(mark_pk)s")]
    elif not asked.question.when:
        pieces.append(_piece(asked, "r.due IS NULL"))
    sql = f"""SELECT w.due, w.petition_id, w.department_id, w.tray FROM {asked.source("q")} CROSS JOIN LATERAL (
        {" UNION ALL ".join(pieces)}) w ORDER BY w.due NULLS LAST, w.petition_id LIMIT %(most)s"""  # noqa: S608
    return sql, params


def _piece(asked: _Asked, where: str) -> str:
    return f"""(SELECT r.due, r.petition_id, r.department_id, r.tray FROM petitions_reach r
        WHERE r.department_id = u.id AND r.tray = t.tray AND {where}{asked.where}
        ORDER BY r.due, r.petition_id LIMIT %(most)s)"""  # noqa: S608


def _lines(rows: Sequence[Found], columns: Sequence[Column]) -> list[Line]:
    found = with_clock(for_list(Petition.objects.all(), columns)).in_bulk({pk for _, pk, _, _ in rows})
    return [Line(found[pk], tray, unit, due, _clock(found[pk], tray)) for due, pk, unit, tray in rows]


def _clock(petition: Petition, tray: str) -> Mapping[str, Any]:
    """The duty that a row of ``tray`` is about: what is owed to the superior, or what runs out first."""
    found: Mapping[str, Any] | None = getattr(petition, "owed_clock" if tray == "report_up" else "next_clock", None)
    return found or {}


def how_many(
    actor: Actor, question: Question, units: Iterable[int] | None, most: int, *, day: date | None = None
) -> int:
    """Return how many rows the tray has, counting no further than ``most``."""
    rows, params = _rows_sql(_ask(actor, question, day or today(), units), Mark(date.min, 0), most)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({rows}) c", params)  # noqa: S608  (our own text)
        found: int = cursor.fetchone()[0]
        return found


_CLOCK = """(SELECT json_build_object('name', c.name, 'start', c.start, 'raw_due', c.raw_due, 'due', c.due,
    'provisional', c.provisional) FROM petitions_clock c WHERE c.petition_id = p.id AND c.ended = '' AND NOT c."window"
    AND NOT c.shadow ORDER BY c.due, c.id LIMIT 1)"""


@dataclass(frozen=True)
class Whole:
    """Every row of a tray, in its order: the question, and how a found row is read."""

    question: Asking
    names: tuple[str, ...]
    more: tuple[Column, ...] = ()

    def line(self, row: Sequence[Any]) -> Line:
        """Return a found row as the line it is."""
        due, unit, tray, clock, *values = row
        petition = Petition.from_db("default", list(self.names), values[: len(self.names)])
        for column, value in zip(self.more, values[len(self.names) :], strict=True):
            setattr(petition, f"shown_{column.code}", value)
        return Line(petition, tray, unit, due, clock or {})


def every(
    actor: Actor, question: Question, units: Iterable[int] | None, most: int, columns: Sequence[Column] = TRAY,
    *, day: date | None = None,
) -> Whole:  # fmt: skip
    """Return up to ``most`` rows of the tray that `page_of` shows page by page, as one question."""
    asked = _ask(actor, question, day or today(), units)
    rows, params = _rows_sql(asked, Mark(date.min, 0), most)
    names, more = names_of_columns(USUAL | fields_of(columns)), tuple(column for column in columns if column.sql)
    said = ", ".join([*(f"p.{name}" for name in names), *(column.sql for column in more)])
    sql = f"""SELECT w.due, w.department_id, w.tray, {_CLOCK}, {said} FROM ({rows}) w JOIN petitions_petition p
        ON p.id = w.petition_id ORDER BY w.due NULLS LAST, w.petition_id"""  # noqa: S608  (our own names)
    return Whole(Asking(sql, params), names, more)


def with_clock(petitions: QuerySet[Petition]) -> QuerySet[Petition]:
    """Add ``next_clock``: name, start and days of the running duty that runs out first; ``owed_clock``: of the superior's."""
    duties = Clock.objects.filter(petition=OuterRef("pk"), ended="", window=False, shadow=False).order_by("due", "pk")
    body = JSONObject(name="name", start="start", raw_due="raw_due", due="due", provisional="provisional")
    owed = duties.filter(name="T8", filing__isnull=False)
    return petitions.annotate(
        next_clock=Subquery(duties.values(body=body)[:1]), owed_clock=Subquery(owed.values(body=body)[:1])
    )
