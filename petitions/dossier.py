"""What belongs to one matter, for reading?  Every part of it in a fixed number of queries, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet, prefetch_related_objects

from accounts.actor import Actor
from accounts.models import Department, Post, User
from accounts.privacy import EncryptedTextField
from petitions.access import Aside, Row
from petitions.models import (
    Advice,
    Assignment,
    Attachment,
    Claim,
    Clock,
    Dispute,
    Event,
    ExternalReference,
    Filing,
    Hearing,
    Instruction,
    Measure,
    Mediation,
    Paper,
    Party,
    Petition,
    Petitioner,
    Proceeding,
    Rating,
    Recusal,
    Supervision,
    UrgentReport,
    Withdrawal,
)

M = TypeVar("M", bound=Model)

# What a reader does not need, and must not be carried around: hashes, ciphertexts, digests.
_LEFT_OUT = {"sealed", "digest", "query_code_hash", "id_hash", "phone_hash", "stored_as", "sha256", "wrapped_key"}


@dataclass
class Dossier:
    """A petition with everything that hangs on it, each list in the order of its making."""

    petition: Petition
    filings: list[Filing] = field(default_factory=list)
    references: list[ExternalReference] = field(default_factory=list)
    petitioners: list[Petitioner] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    proceedings: list[Proceeding] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    supervisions: list[Supervision] = field(default_factory=list)
    hearings: list[Hearing] = field(default_factory=list)
    mediations: list[Mediation] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    urgent_reports: list[UrgentReport] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    advices: list[Advice] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    recusals: list[Recusal] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    departments: dict[int, Department] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)

    @property
    def rows(self) -> list[Row]:
        """Everything a step can be taken on."""
        return [
            self.petition, *self.filings, *self.assignments, *self.proceedings, *self.instructions, *self.supervisions,
            *self.recusals, *self.asides,
        ]  # fmt: skip

    @property
    def asides(self) -> list[Aside]:
        """What runs beside the stage."""
        return [
            *self.hearings,
            *self.mediations,
            *self.withdrawals,
            *self.urgent_reports,
            *self.disputes,
            *self.measures,
            *self.advices,
        ]

    @property
    def lead(self) -> Assignment | None:
        """The lead assignment in force."""
        leads = [row for row in self.assignments if row.lead and row.state not in ("returned", "recalled")]
        return leads[-1] if leads else None

    @property
    def handling(self) -> Proceeding | None:
        """The matter's main run, as `Matter.handling` has it."""
        runs = [row for row in self.proceedings if row.kind == "handling"]
        replies = [row for row in self.proceedings if row.kind in ("study", "duty")]
        return next(reversed(runs or replies), None)

    @property
    def reviews(self) -> list[Proceeding]:
        """Reviews and re-reviews, in the order of their applications."""
        return [row for row in self.proceedings if row.kind in ("review", "rereview")]

    def department(self, pk: int | None) -> Department | None:
        """A department named anywhere in the matter."""
        return self.departments.get(pk) if pk else None

    def post(self, pk: int | None) -> Post | None:
        """A post named anywhere in the matter, with its user and department."""
        return self.posts.get(pk) if pk else None


_PARTS: tuple[tuple[str, type[Model], str], ...] = (
    ("filings", Filing, "petition"),
    ("references", ExternalReference, "filing__petition"),
    ("petitioners", Petitioner, "petition"),
    ("parties", Party, "filing__petition"),
    ("claims", Claim, "petition"),
    ("assignments", Assignment, "petition"),
    ("proceedings", Proceeding, "petition"),
    ("clocks", Clock, "petition"),
    ("papers", Paper, "petition"),
    ("attachments", Attachment, "petition"),
    ("instructions", Instruction, "petition"),
    ("supervisions", Supervision, "petition"),
    ("hearings", Hearing, "petition"),
    ("mediations", Mediation, "petition"),
    ("withdrawals", Withdrawal, "petition"),
    ("urgent_reports", UrgentReport, "petition"),
    ("disputes", Dispute, "petition"),
    ("measures", Measure, "petition"),
    ("advices", Advice, "petition"),
    ("ratings", Rating, "petition"),
    ("recusals", Recusal, "petition"),
)


def dossier_of(petition: Petition) -> Dossier:
    """Read everything of ``petition`` (which the caller has found by `visible_to`) in three queries."""
    return dossiers_of([petition])[petition.pk]


def dossiers_of(petitions: Sequence[Petition]) -> dict[int, Dossier]:
    """Read everything of several matters (found by `visible_to`), by their ids: in three queries, however many they are."""
    found = {petition.pk: Dossier(petition) for petition in petitions}
    if not found:
        return found
    for pk, parts in _read(list(found)).items():
        for name, rows in parts.items():
            setattr(found[pk], name, rows)
    for event in Event.objects.filter(petition__in=list(found)).order_by("petition", "seq"):
        found[event.petition_id].events.append(event)
    _name_deputies(found.values())
    _name_everybody(found.values())
    for one in found.values():
        _join(one)
        _at_hand(one)
    return found


def _name_deputies(found: Iterable[Dossier]) -> None:
    """Who signed for whom: asked only where somebody did, since three joins for every matter cost more than the rare question."""
    signed = [event for one in found for event in one.events if event.delegation_id]
    if signed:
        prefetch_related_objects(signed, "delegation__post__user")


def _at_hand(found: Dossier) -> None:
    """Let the petition find its runs and asides where they have been read: `access.fits` asks for them by step."""
    held = found.petition.__dict__.setdefault("_prefetched_objects_cache", {})
    for name in ("proceedings", "mediations", "withdrawals", "disputes", "claims"):
        _hold(held, found, name, getattr(found, name))
    _hold(held, found, "recusal_rows", found.recusals)


def _hold(held: dict[str, Any], found: Dossier, name: str, read: Iterable[Model]) -> None:
    rows = getattr(found.petition, name).all()
    rows._result_cache = list(read)
    held[name] = rows


def _read(pks: list[int]) -> dict[int, dict[str, list[Any]]]:
    """Read several tables in one round trip: a union of JSON rows, made into model instances again, by matter and part."""
    found: dict[int, dict[str, list[Any]]] = {pk: {name: [] for name, _, _ in _PARTS} for pk in pks}
    with connection.cursor() as cursor:
        cursor.execute(_question(), [pks] * len(_PARTS))
        rows: list[tuple[str, Any]] = [
            (name, _instance(_MODELS[name], json.loads(body))) for name, body in cursor.fetchall()
        ]
    filings = {row.pk: row.petition_id for name, row in rows if name == "filings"}
    for name, row in sorted(rows, key=lambda one: one[1].pk):
        found[filings[row.filing_id] if name in _BY_FILING else row.petition_id][name].append(row)
    return found


_MODELS = {name: model for name, model, _ in _PARTS}
_OF = {
    "petition": "t.petition_id = ANY(%s)",
    "filing__petition": "t.filing_id IN (SELECT id FROM petitions_filing WHERE petition_id = ANY(%s))",
}
_BY_FILING = frozenset(name for name, _, path in _PARTS if path == "filing__petition")


@cache
def _question() -> str:
    """The union, written once: putting thirteen queries together takes longer than answering them."""
    pieces = []
    for name, model, path in _PARTS:
        columns = ", ".join(f't."{column}"' for column, _ in _columns(model))
        rows = f"SELECT {columns} FROM {model._meta.db_table} t WHERE {_OF[path]}"  # noqa: S608  (our own names)
        pieces.append(f"SELECT '{name}', to_json(r)::text FROM ({rows}) r")  # noqa: S608
    return " UNION ALL ".join(pieces)


@cache
def _columns(model: type[Model]) -> list[tuple[str, Callable[[Any], Any]]]:
    """The columns that a reader needs, each with how its JSON value is read."""
    return [(f.attname, _reader(f)) for f in model._meta.concrete_fields if f.name not in _LEFT_OUT]


def _reader(column: Any) -> Callable[[Any], Any]:
    if isinstance(column, EncryptedTextField):
        return lambda value: column.from_db_value(bytes.fromhex(value[2:]) if value else b"", None, connection)
    if column.get_internal_type() in ("DateField", "DateTimeField", "BinaryField"):
        return lambda value: None if value is None else column.to_python(value)
    return lambda value: value


def _instance(model: type[M], body: dict[str, Any]) -> M:
    """A model instance from a JSON row; columns left out are deferred."""
    columns = _columns(model)
    return model.from_db("default", [name for name, _ in columns], [read(body[name]) for name, read in columns])


def _name_everybody(found: Collection[Dossier]) -> None:
    """Read the posts, users and departments that the parts name: one query more."""
    posts, departments = set[int](), set[int]()
    for one in found:
        _named(one, posts, departments)
    read = {row.pk: row for row in Post.objects.filter(pk__in=posts).select_related("user", "department")}
    bodies = {post.department_id: post.department for post in read.values()}
    bodies |= {row.pk: row for one in found for row in (one.petition.office, one.petition.responsible) if row}
    missing = departments - set(bodies)
    if missing:
        bodies |= Department.objects.in_bulk(missing)
    for one in found:
        one.posts, one.departments = read, bodies


@cache
def _relations(model: type[Model]) -> list[Any]:
    return [column for column in model._meta.concrete_fields if column.is_relation]


def _named(found: Dossier, posts: set[int], departments: set[int]) -> None:
    """Add the ids of the posts and departments that the parts of ``found`` name."""
    every: list[Iterable[Model]] = [
        found.filings, found.assignments, found.proceedings, found.clocks, found.papers, found.attachments,
        found.instructions, found.supervisions, found.recusals, found.asides, found.events,
    ]  # fmt: skip
    for row in (row for rows in every for row in rows):
        for column in _relations(type(row)):
            pk = row.__dict__.get(column.attname)
            if pk and column.related_model is Post:
                posts.add(pk)
            elif pk and column.related_model is Department:
                departments.add(pk)


def _join(found: Dossier) -> None:
    """Set what belongs together, so that no template asks the database again."""
    every: list[Iterable[Model]] = [getattr(found, name) for name, _, _ in _PARTS]
    petitioners = {row.pk: row for row in found.petitioners}
    filings = {row.pk: row for row in found.filings}
    pools: dict[Any, dict[int, Any]] = {
        Post: found.posts, Department: found.departments, Petitioner: petitioners, Filing: filings,
        Petition: {found.petition.pk: found.petition}, User: {post.user_id: post.user for post in found.posts.values()},
    }  # fmt: skip
    for row in (row for rows in [*every, found.events] for row in rows):
        for column in _relations(type(row)):
            pool = pools.get(column.related_model)
            pk = row.__dict__.get(column.attname)
            if pool is not None and pk in pool and not column.is_cached(row):
                column.set_cached_value(row, pool[pk])


def row_of(petition: Petition, on: str, ref: str) -> Row | None:
    """Return the petition's own row of kind ``on`` (filing, assignment, ...) by its random ref; another matter's is None."""
    if on == "petition":
        return petition if petition.ref == ref else None
    kinds: dict[str, QuerySet[Any]] = {
        "filing": petition.filings.all(),
        "assignment": petition.assignments.all(),
        "proceeding": petition.proceedings.all(),
        "instruction": petition.instructions.all(),
        "supervision": petition.supervisions.all(),
        "hearing": petition.hearings.all(),
        "mediation": petition.mediations.all(),
        "withdrawal": petition.withdrawals.all(),
        "urgent": petition.urgent_reports.all(),
        "dispute": petition.disputes.all(),
        "measure": petition.measures.all(),
        "advice": petition.advices.all(),
        "recusal": petition.recusal_rows.all(),
    }
    row: Row | None = kinds[on].filter(ref=ref).first() if on in kinds else None
    if row is not None:
        row.petition = petition  # type: ignore[union-attr]
    return row


def names_of(actor: Actor) -> str:
    """How an actor is named on the page: name and department."""
    return f"{actor.user.name}（{actor.department.short_name}）"
