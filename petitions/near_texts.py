"""Which matters speak of the same trouble?  Near texts, the same place or project: across people and offices, in scope.

Nothing is counted, scored or kept about a person: texts are compared with texts, each answer is one matter with its
reason, and a person decides.  The index of words is asked for the rarest words of the text (docs/adr/0011-near-texts.md);
how much is looked at has an end, and so has the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg2 import errors

from accounts.actor import Actor
from accounts.models import Region
from petitions import access, lifecycle, likeness, rarity, search_words
from petitions.keyset import Turn
from petitions.likeness import COMPARED, FEWEST, Likeness
from petitions.models import Petition
from petitions.querysets import Road, Wanted, Where, along, read, units_of
from petitions.rarity import Rarity
from petitions.repeats import Earlier
from petitions.search_sql import WORDS_OF_PETITION

SHOWN = 5
WORDS = 120  # words that the index is asked for, the rarest first
HITS = 3_000  # matters that those words may name together
RUNS = 40  # stretches of three characters asked for besides: commoner words that are rare side by side, as names are
# A word or stretch that more matters hold than this is passed over: some of them alone would be chance.
OF_EACH, OF_RUN = 800, 150
CANDIDATES = 40  # matters of most weight whose texts are compared
OF_PLACE = 20  # newest matters of the same written place
OF_REGION = 40  # newest matters of the same village or street
LOOKED_AT = 400  # newest matters of a place that are looked through for those in scope
PATIENCE = 400  # milliseconds that the question may take

_WORDS = WORDS_OF_PETITION.format("p.")
# What a matter is compared by: its words, and its written place.
_BESIDE = Where("ARRAY[left(p.title || ' ' || p.content, %s), p.place]", (2 * COMPARED,))


@dataclass(frozen=True)
class Near:
    """The matters that speak of the same trouble; ``too_slow``: it took too long, and none are offered."""

    found: list[Earlier] = field(default_factory=list)
    too_slow: bool = False


@dataclass(frozen=True)
class Told:
    """What is compared: the words told so far, and where it is, as far as that is known.

    ``own``: the matter itself, where it is one already.
    """

    text: str
    region: Region | None = None
    place: str = ""
    own: Petition | None = None

    @classmethod
    def of(cls, petition: Petition) -> Told:
        """What a registered matter tells."""
        return cls(f"{petition.title}\n{petition.content}", petition.region, petition.place, petition)


def near(actor: Actor, told: Told, *, limit: int = SHOWN) -> Near:
    """Return the matters in scope that speak of the same trouble as ``told``: open ones first, then the nearest.

    Three statements or four, whatever the size of the record.
    """
    words = likeness.words_in(told.text)
    scope = access.scope_of(actor)
    if len(words) < FEWEST or scope.empty:
        return Near()
    known = rarity.of(words)
    try:
        with _patience():
            rows = _candidates(scope, told, known)
    except OperationalError as error:
        if isinstance(error.__cause__, errors.QueryCanceled):
            return Near(too_slow=True)
        raise
    return Near(_chosen(told, rows, known, limit))


def _chosen(told: Told, rows: list[tuple[Petition, Any]], known: Rarity, limit: int) -> list[Earlier]:
    """The nearest of the candidates; which of them are open decides only their order."""
    weights, named = known.weights(), min(likeness.NAMED, likeness.NAMED_YOUNG * known.highest)
    found = []
    for petition, (other, place) in rows:
        here = _same_place(told.place, place)
        like = likeness.likeness(told.text, other, weights, named=named, same_place=here)
        if like is not None:
            found.append((like.nearness, petition, like))
    found.sort(key=lambda row: (-row[0], -row[1].pk))
    best = [_earlier(petition, like, told) for _, petition, like in found[:limit]]
    return sorted(best, key=lambda one: not one.open)


def _earlier(petition: Petition, like: Likeness, told: Told) -> Earlier:
    same_region = told.region is not None and petition.region_id == told.region.pk
    return Earlier(petition, likeness.reason(like, same_region=same_region), petition.stage in lifecycle.OPEN_STAGES)


def _same_place(one: str, other: str) -> str:
    """The written place of both, if it is the same."""
    return one.strip() if one.strip() and one.strip() == other.strip() else ""


@contextmanager
def _patience() -> Iterator[None]:
    """Let statements end after PATIENCE; whatever held before holds again afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        ask = "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)"
        cursor.execute(ask, [str(PATIENCE)])
        before = cursor.fetchone()[0]
        yield
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


# --- candidates ------------------------------------------------------------------------------------------------------


def _candidates(scope: access.Scope, told: Told, known: Rarity) -> list[tuple[Petition, Any]]:
    """The matters that a text is compared with, each with its words and its place: one statement."""
    units = units_of(scope)
    road = None if units is None else Road("petitions_reach", "department_id", tuple(units), "bigint", scope.roles)
    seen = [road.condition()] if road else []
    if told.own is not None:
        seen.append(Where("p.id <> %s", (told.own.pk,)))
    parts = [by_words(told.text, known, seen)]
    if told.place.strip():
        parts.append(_newest(Road("petitions_petition", "place", (told.place.strip(),), "text"), seen, OF_PLACE))
    if told.region is not None:
        parts.append(_newest(Road("petitions_petition", "region_id", (told.region.pk,), "text"), seen, OF_REGION))
    sql = " UNION ".join(f"SELECT id FROM ({part.sql}) part_{n}" for n, part in enumerate(parts))  # noqa: S608
    return read(Where(sql, tuple(value for part in parts for value in part.params)), _BESIDE)


def by_words(text: str, known: Rarity, seen: list[Where], limit: int | None = None) -> Where:
    """Return the question for the ids of matters that hold most of the rare words of ``text``, each word weighed.

    ``seen``: what a matter ``p`` must be besides; it is asked of the best until there are enough (``limit``, else CANDIDATES).
    """
    asks = _asks(text, known)
    words, weights = [search_words.tsquery(ask.words) for ask in asks], [ask.weight for ask in asks]
    fits = " AND ".join(each.sql for each in seen) or "TRUE"
    sql = f"""SELECT best.id FROM (
        SELECT hit.id, sum(ask.weight) AS weight FROM unnest(%s::tsquery[], %s::float8[], %s::int[]) AS ask(words, weight, most)
         CROSS JOIN LATERAL (
            SELECT unnest(held.ids) AS id FROM (SELECT array_agg(each.id) AS ids FROM (
                SELECT p.id FROM petitions_petition p WHERE {_WORDS} @@ ask.words LIMIT ask.most + 1) each) held
             WHERE cardinality(held.ids) <= ask.most) hit
         GROUP BY hit.id ORDER BY weight DESC, hit.id DESC OFFSET 0) best
        CROSS JOIN LATERAL (SELECT best.id AS id) p WHERE {fits} LIMIT {limit or CANDIDATES}"""  # noqa: S608
    most = [ask.most for ask in asks]
    return Where(sql, (words, weights, most, *(value for each in seen for value in each.params)))


@dataclass(frozen=True)
class Ask:
    """Words that the index is asked for together, what they weigh, and how many matters may hold them at most."""

    words: tuple[str, ...]
    weight: float
    most: int


def _asks(text: str, known: Rarity) -> list[Ask]:
    """The rarest words, so many that together they name no more than HITS matters; then stretches of the commoner ones."""
    weights = known.weights()
    single: list[str] = []
    hits = 0
    for word in sorted(weights, key=lambda word: known.matters[word])[:WORDS]:
        hits += known.matters[word]
        if hits > HITS and single:
            break
        single.append(word)
    asks = [Ask((word,), weights[word], OF_EACH) for word in single]
    return asks + _runs(text, {word: weights[word] for word in weights.keys() - single})


def _runs(text: str, weights: Mapping[str, float]) -> list[Ask]:
    """The stretches of three characters whose two words together weigh most."""
    pairs = pairwise(a + b for a, b in pairwise(text[:COMPARED]))
    runs = {pair: weights[pair[0]] + weights[pair[1]] for pair in pairs if pair[0] in weights and pair[1] in weights}
    best = sorted(runs, key=lambda pair: -runs[pair])[:RUNS]
    return [Ask(pair, runs[pair], OF_RUN) for pair in best]


def _newest(road: Road, seen: list[Where], many: int) -> Where:
    """The newest matters of a place that are in scope, out of the newest LOOKED_AT."""
    written = [Where("p.place <> ''")] if road.column == "place" else []  # as the index has it
    newest = along(road, Wanted(), written, Turn(), LOOKED_AT)
    fits = " AND ".join(each.sql for each in seen) or "TRUE"
    sql = f"SELECT p.id FROM ({newest.sql}) p WHERE {fits} LIMIT {many}"  # noqa: S608
    return Where(sql, (*newest.params, *(value for each in seen for value in each.params)))


__all__ = ["Near", "Told", "by_words", "near"]
