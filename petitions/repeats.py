"""Has this person brought it before?  Earlier matters of the same person, inside the actor's scope (texts: near_texts).

Nothing is counted, scored or kept about a person: each answer is one matter with the reason why it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.privacy import blind
from petitions import access, lifecycle
from petitions.models import Petition, Petitioner

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
