"""Has this been brought before?  Earlier matters of the same person and matters that read alike, inside the actor's scope.

Nothing is counted, scored or kept about a person: each answer is one matter with the reason why it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from accounts.actor import Actor
from accounts.models import Region
from accounts.privacy import blind
from petitions import access, lifecycle, search_words
from petitions.models import Petition, Petitioner

NEAR = 300  # newest matters of the same place that a text is compared with
RECENT = 200  # newest matters anywhere in scope
COMPARED = 400  # characters of a text that are compared
SHORTEST = 8  # bigrams that a text must have before it is compared
ALIKE = 0.22  # share of a text's own bigrams that another must hold to be shown
_LIST = ("pk", "ref", "number", "title", "stage", "received_on", "region_id", "hide_name", "office_id")


@dataclass(frozen=True)
class Earlier:
    """A matter on file, why it is shown, and whether it is still open (one may file under it)."""

    petition: Petition
    why: str
    open: bool


def same_person(actor: Actor, *, name: str = "", id_number: str = "", phone: str = "", limit: int = 6) -> list[Earlier]:
    """Return matters of a person in the actor's scope, open ones first, then the newest.

    Args:
        name: whole; a name alone is no proof, and the reason says so.
        id_number, phone: in the form they are stored in (accounts.identity).
    """
    asked = [
        ("证件号码相同", Q(id_hash=blind(id_number, "id")) if id_number else None),
        ("电话相同", Q(phone_hash=blind(phone, "phone")) if phone else None),
        ("同名，请核对是否同一人", Q(name=name) if name else None),
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
        ids = Petitioner.objects.filter(who).order_by("-petition_id").values("petition_id")[:200]
        rows = known.filter(pk__in=ids).only(*_LIST).order_by("-received_on", "-pk")[:limit]
        yield from ((petition, why) for petition in rows)


def _earlier(petition: Petition, why: str) -> Earlier:
    return Earlier(petition, why, petition.stage in lifecycle.OPEN_STAGES)


def similar(actor: Actor, text: str, *, region: Region | None = None, limit: int = 4) -> list[Earlier]:
    """Return matters in scope that read like ``text``: the newest of the same place and the newest of all are compared."""
    mine = set(search_words.bigrams(text[:COMPARED]))
    if len(mine) < SHORTEST:
        return []
    found = []
    for petition in _candidates(actor, region):
        other = f"{petition.title}\n{petition.head}"  # type: ignore[attr-defined]
        shared = mine & set(search_words.bigrams(other))
        share = len(shared) / len(mine)
        if share >= ALIKE:
            found.append((share, petition, _reason(text[:COMPARED], shared, petition, region)))
    best = sorted(found, key=lambda row: (row[1].stage not in lifecycle.OPEN_STAGES, -row[0], -row[1].pk))[:limit]
    return [_earlier(petition, why) for _, petition, why in best]


def _candidates(actor: Actor, region: Region | None) -> list[Petition]:
    """The matters a text is compared with: so many and no more, whatever the size of the record."""
    seen = access.visible_to(actor).only(*_LIST).annotate(head=Substr("content", 1, COMPARED))
    newest = seen.order_by("-received_on", "-pk")
    near = newest.filter(region_id=region.pk)[:NEAR] if region is not None else newest.none()
    return list({petition.pk: petition for petition in [*near, *newest[:RECENT]]}.values())


def _reason(text: str, shared: set[str], petition: Petition, region: Region | None) -> str:
    place = "同一属地；" if region is not None and petition.region_id == region.pk else ""
    return f"{place}都提到{''.join(f'“{phrase}”' for phrase in _phrases(text, shared)[:3])}"


def _phrases(text: str, shared: set[str]) -> list[str]:
    """The longest stretches of ``text`` whose every two neighbouring characters the other text holds too."""
    found, start = [], 0
    for end in range(1, len(text) + 1):
        if end == len(text) or text[end - 1 : end + 1] not in shared:
            if end - start > 1:
                found.append(text[start:end])
            start = end
    return sorted(dict.fromkeys(phrase[:12] for phrase in found), key=len, reverse=True)
