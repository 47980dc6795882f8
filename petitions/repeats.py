"""Has this person brought it before?  Earlier matters of the same person, inside the actor's scope (texts: near_texts).

Nothing is counted, scored or kept about a person: each answer is one matter with the reason why it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import Actor
from accounts.privacy import blind
from petitions import access, lifecycle
from petitions.law.review import UNDER_WAY
from petitions.models import Clock, Paper, Petition, Petitioner, Proceeding

ENDED = ("review_delivered", "review_ended")  # states of a re-review whose opinion has reached the petitioner
DOCUMENT, PHONE, NAME = SAME = ("证件号", "电话", "姓名")  # by what a person is known again, the surest first
NAMED_WORDS = 6
NAMED = 1000  # newest people of one name that are looked through for those in scope
_LIST = ("pk", "ref", "number", "title", "stage", "received_on", "region_id", "hide_name", "office_id")


@dataclass(frozen=True)
class Earlier:
    """A matter on file, why it is shown, and whether it is still open (one may file under it)."""

    petition: Petition
    why: str
    open: bool


def same_person(actor: Actor, *, name: str = "", id_number: str = "", phone: str = "", limit: int = 6) -> list[Earlier]:
    """Return matters of a person in the actor's scope: open ones first, then by the surest reason, then the newest.

    Args:
        name: whole; a name alone is no proof, and the reason says so.
        id_number, phone: in the form they are stored in (accounts.identity).
    """
    same_id = Q(id_hash=blind(id_number, "id"))
    asked = [
        ("证件号码相同", same_id if id_number else None),
        ("电话相同", Q(phone_hash=blind(phone, "phone")) if phone else None),
        # Who has given another number is another person, whose matters are nobody's business here.
        ("同名，请核对是否同一人", Q(name=name) & (same_id | Q(id_hash="") if id_number else Q()) if name else None),
    ]
    wanted = [(why, who) for why, who in asked if who is not None]
    if not wanted:
        return []
    known = access.named_only(actor, access.visible_to(actor))
    found: dict[int, Earlier] = {}
    for petition, why in _by_reason(known, wanted, limit):
        found.setdefault(petition.pk, _earlier(petition, why))
    return sorted(found.values(), key=lambda one: not one.open)[:limit]


@dataclass(frozen=True)
class LastWord:
    """The re-review opinion with which an earlier matter's road ended (Art.36): its matter, number and day.

    Attributes:
        same_by: by what the people of another matter are known to be its people, one of ``SAME``; empty where nobody asked.
    """

    petition: Petition
    number: str
    issued_on: date
    same_by: str = ""


def last_word(petition: Petition) -> LastWord | None:
    """Return the re-review opinion of ``petition`` as the record has it: ours, or a body's outside as it was written down."""
    runs = petition.proceedings.filter(kind="rereview", state__in=ENDED).exclude(conclusion__in=["", "redo"])
    run = runs.order_by("-pk").first()
    if run is None:
        return None
    paper = Paper.objects.filter(proceeding=run, kind="rereview_opinion", void_on=None).order_by("-pk").first()
    number, day = (paper.number, paper.issued_on) if paper else (run.outside_number, run.issued_on)
    return LastWord(petition, number, day) if number and day else None


def window_lapsed(petition: Petition) -> bool:
    """Whether the last window for review or re-review of ``petition`` closed without an application, and none is open now."""
    last = Clock.objects.filter(petition=petition, name__in=("T6", "T7")).order_by("-pk").first()
    asked = petition.proceedings.filter(kind__in=("review", "rereview"), state__in=(*UNDER_WAY, "review_issued"))
    return last is not None and last.ended == Clock.Ended.LAPSED and not asked.exists()


def shared_by(one: Petition, other: Petition) -> str:
    """Return by what somebody is known to have brought both, the surest of ``SAME``; empty = nobody is known to have.

    A name alone counts where no document speaks against it; namesakes are for a person to tell apart.
    """
    mine = list(one.petitioners.values_list("name", "id_hash", "phone_hash"))
    theirs = list(other.petitioners.values_list("name", "id_hash", "phone_hash"))
    found = {_same(a, b) for a in mine for b in theirs}
    return next((how for how in SAME if how in found), "")


def _same(one: tuple[str, str, str], other: tuple[str, str, str]) -> str:
    (name, document, phone), (their_name, their_document, their_phone) = one, other
    if document and their_document:
        return DOCUMENT if document == their_document else ""
    if phone and phone == their_phone:
        return PHONE
    return NAME if name == their_name and name != "匿名" else ""


def last_words(actor: Actor, petition: Petition) -> list[LastWord]:
    """Return the re-review opinions on what the people of ``petition`` brought before, as far as ``actor`` sees those matters."""
    people = list(petition.petitioners.values_list("name", "id_hash", "phone_hash"))
    who = Q(pk__in=[])
    for name, document, phone in people:
        who |= (
            (Q(petitioners__id_hash=document) if document else Q(pk__in=[]))
            | (Q(petitioners__phone_hash=phone) if phone else Q(pk__in=[]))
            | (Q(petitioners__name=name) if name != "匿名" else Q(pk__in=[]))
        )
    known = access.named_only(actor, access.visible_to(actor)).exclude(pk=petition.pk)
    ended = Proceeding.objects.filter(petition=OuterRef("pk"), kind="rereview", state__in=ENDED)
    rows = known.filter(who, Exists(ended)).distinct().order_by("-received_on", "-pk")[:NAMED_WORDS]
    known_by = ((row, shared_by(petition, row)) for row in rows)
    return [replace(said, same_by=how) for row, how in known_by if how and (said := last_word(row)) is not None]


def _by_reason(
    known: QuerySet[Petition], wanted: Sequence[tuple[str, Q]], limit: int
) -> Iterable[tuple[Petition, str]]:
    """Each reason's newest matters, the surest reason first."""
    for why, who in wanted:
        ids = list(
            Petitioner.objects.filter(who).order_by("-petition_id").values_list("petition_id", flat=True)[:NAMED]
        )
        rows = known.filter(pk__in=ids).only(*_LIST).order_by("-received_on", "-pk")[:limit] if ids else []
        yield from ((petition, why) for petition in rows)


def _earlier(petition: Petition, why: str) -> Earlier:
    return Earlier(petition, why, petition.stage in lifecycle.OPEN_STAGES)
