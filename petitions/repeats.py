"""Has this been brought before?  Earlier matters of the same person and matters that read alike, inside the actor's scope.

Nothing is counted, scored or kept about a person: each answer is one matter with the reason why it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import monotonic

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.models import Region
from accounts.privacy import blind
from petitions import access, lifecycle, search_words
from petitions.keyset import Turn
from petitions.models import Petition, Petitioner
from petitions.querysets import Road, Wanted, Where, along, planned_rows, read, units_of
from petitions.search_sql import WORDS_OF_PETITION

NEAR = 60  # newest matters of the same place that a text is compared with
RECENT = 60  # newest matters anywhere in scope
PHRASES = 12  # rare phrases of the text that the index is asked for
OF_EACH = 60  # matters taken of each phrase
COMPARED = 400  # characters of a text that are compared
NAMED = 1000  # newest people of one name that are looked through for those in scope
SHORTEST = 8  # bigrams that a text must have before it is compared
COMMON = 0.05  # what more matters than this hold says nothing about any of them
ALIKE = 0.16  # share of a text's own words, weighed by how rare they are, that another must hold to be shown
_LIST = ("pk", "ref", "number", "title", "stage", "received_on", "region_id", "hide_name", "office_id")
LONGEST_SHOWN = 12  # characters of a phrase that a reason quotes
SHORTEST_NUMBER = 5  # digits of a number that may be a contract's, and not only a house's or a group's
KEEP_SECONDS, MOST_KEPT = 3600, 20_000
# A limit that limits nothing, but keeps PostgreSQL from planning many questions as one for several workers.
_ALL = 2**31 - 1
_WORDS = WORDS_OF_PETITION.format("p.")


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


# --- what reads alike ------------------------------------------------------------------------------------------------


def similar(actor: Actor, text: str, *, region: Region | None = None, limit: int = 4) -> list[Earlier]:
    """Return matters in scope that read like ``text``, open ones first.

    Compared are those that hold its rarest phrases, the newest of the same place, and the newest of all: so many and no
    more, whatever the size of the record.  The rarer a word is in the whole record, the more it weighs.
    """
    text = text[:COMPARED]
    weights = _weights(text)
    if not weights:
        return []
    whole, found = sum(weights.values()), []
    for petition, other in _candidates(actor, text, weights, region):
        share = sum(weight for term, weight in weights.items() if term in other) / whole
        phrases = _phrases(text.lower(), other, weights) if share >= ALIKE else []
        if phrases:
            found.append((share, petition, _reason(phrases, petition, region)))
    best = sorted(found, key=lambda row: (row[1].stage not in lifecycle.OPEN_STAGES, -row[0], -row[1].pk))[:limit]
    return [_earlier(petition, why) for _, petition, why in best]


def _weights(text: str) -> dict[str, float]:
    """The words of ``text`` that say something, each with its weight: how few matters of the record hold it."""
    terms = [term for term in dict.fromkeys(search_words.bigrams(text)) if not _is_house_number(term)]
    if len(terms) < SHORTEST:
        return {}
    rows = _rows_with(terms)
    total = rows[""]
    most = COMMON * total + 50  # a young record has few matters: there every word may be in all of them
    return {term: math.log((total + 100) / (rows[term] + 1)) for term in terms if rows[term] <= most}


def _is_house_number(term: str) -> bool:
    return len(term) < SHORTEST_NUMBER and term.isascii() and (term.isdigit() or len(term) < 2)


class _Kept:
    """How many matters hold a word, by PostgreSQL's statistics, as far as this process has asked in the last hour."""

    rows: dict[str, float] = {}
    until = 0.0


def _rows_with(terms: Sequence[str]) -> Mapping[str, float]:
    """How many matters PostgreSQL expects of each word, and of "" all there are; only what is not known yet is asked."""
    if monotonic() > _Kept.until or len(_Kept.rows) > MOST_KEPT:
        _Kept.rows, _Kept.until = {}, monotonic() + KEEP_SECONDS
    rows = _Kept.rows  # another thread may begin a new one
    if "" not in rows:
        rows[""] = planned_rows([Where("SELECT FROM petitions_petition")])[0]
    missing = [term for term in terms if term not in rows]
    if missing:
        rows.update(zip(missing, planned_rows([_holding((term,), _ALL) for term in missing]), strict=True))
    return rows


def forget() -> None:
    """Ask the statistics afresh at the next question (in tests)."""
    _Kept.until = 0.0


def _holding(terms: tuple[str, ...], most: int) -> Where:
    """Up to ``most`` of the matters that hold all of some words, any of them."""
    sql = f"SELECT p.id FROM petitions_petition p WHERE {_WORDS} @@ %s::tsquery LIMIT %s"  # noqa: S608  (our own names)
    return Where(sql, (search_words.tsquery(terms), most))


def _candidates(
    actor: Actor, text: str, weights: Mapping[str, float], region: Region | None
) -> list[tuple[Petition, str]]:
    """The matters that a text is compared with, each with the words it is compared by: one statement."""
    scope = access.scope_of(actor)
    if scope.empty:
        return []
    units = units_of(scope)
    road = None if units is None else Road("petitions_reach", "department_id", tuple(units), "bigint", scope.roles)
    parts = [along(road, Wanted(), [], Turn(), RECENT)]
    if region is not None:
        here = Road("petitions_petition", "region_id", (str(region.pk),), "text")
        parts.append(along(here, Wanted(), [road.condition()] if road else [], Turn(), NEAR))
    parts += [_in_scope(phrase, road) for phrase in _rare_phrases(text, weights)]
    marks = " UNION ".join(f"SELECT id FROM ({part.sql}) part_{n}" for n, part in enumerate(parts))  # noqa: S608
    words = Where("lower(left(p.title || ' ' || p.content, %s))", (2 * COMPARED,))
    return read(Where(marks, tuple(value for part in parts for value in part.params)), words)


def _in_scope(phrase: tuple[str, ...], road: Road | None) -> Where:
    """Some of the matters that hold a phrase; those out of scope are left out afterwards, so that it stays cheap."""
    held = _holding(phrase, OF_EACH)
    if road is None:
        return held
    seen = road.condition()
    return Where(f"SELECT p.id FROM ({held.sql}) p WHERE {seen.sql}", (*held.params, *seen.params))  # noqa: S608


def _rare_phrases(text: str, weights: Mapping[str, float]) -> list[tuple[str, ...]]:
    """The rarest stretches of three characters (two neighbouring words of the index), none beside another."""
    pairs = list(pairwise(text))
    runs = [
        (weights[one] + weights[other], place, (one, other))
        for place, (one, other) in enumerate(pairwise(a + b for a, b in pairs))
        if one in weights and other in weights
    ]
    chosen: dict[int, tuple[str, ...]] = {}
    for _, place, run in sorted(runs, key=lambda row: (-row[0], row[1])):
        if not {place - 1, place, place + 1} & chosen.keys() and run not in chosen.values():
            chosen[place] = run
        if len(chosen) == PHRASES:
            break
    return list(chosen.values())


def _reason(phrases: Sequence[str], petition: Petition, region: Region | None) -> str:
    place = "同一属地；" if region is not None and petition.region_id == region.pk else ""
    return f"{place}都提到{''.join(f'“{phrase}”' for phrase in phrases[:3])}"


def _phrases(text: str, other: str, weights: Mapping[str, float]) -> list[str]:
    """The stretches of ``text`` that stand in ``other`` too, the rarest first; two characters alone say nothing."""
    found = {word: weight for word, weight in weights.items() if word.isascii() and word in other}
    start = 0
    for end in range(1, len(text) + 1):
        pair = text[end - 1 : end + 1]
        if end == len(text) or not pair.strip().isalnum() or len(pair.strip()) < 2 or pair not in other:
            phrase = text[start:end][:LONGEST_SHOWN]
            if len(phrase) > 2:
                found[phrase] = sum(weights.get(a + b, 0.0) for a, b in pairwise(phrase))
            start = end
    return sorted((phrase for phrase in found if found[phrase]), key=lambda phrase: -found[phrase])
