"""Of what do many speak at once in one town?  Near texts of one stretch of days, gathered round the one that most are near to.

The texts are compared as everywhere else (petitions.likeness, the rarity of words); who wrote them is not read.  Work is
bounded: of a town the newest `TEXTS` matters of the stretch, `PAIRS` comparisons, and for the past the index of words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import TypeVar

from django.db import connection

from petitions import likeness, near_texts, rarity
from petitions.likeness import COMPARED, FEWEST, Likeness
from petitions.patterns.cells import TOWN, Days, Stretches, counted, town_or_none
from petitions.patterns.growth import LEAST, Growth, Past, growth
from petitions.querysets import Where
from petitions.rarity import Rarity

TEXTS = 600  # newest matters of a town that are compared
MARKS = 40  # rarest words by which a text is looked for among the others
SHARED = 3  # of them that two texts must share before they are compared
PAIRS = 20_000  # comparisons of a town in one night
NEAR = 400  # matters that a topic's centre is compared with, now and before together
ASKED = 5_000  # words asked for at once
NAMED = 0.5  # share of a topic's matters that must name a place or project before the topic is called by it


T = TypeVar("T")


@dataclass(frozen=True)
class Text:
    """What is read of a matter: what it says, what it is about, where, whose, when.  Not who."""

    pk: int
    text: str
    place: str
    category: str | None
    town: str | None
    unit: int | None
    received_on: date


@dataclass
class Topic:
    """Matters whose texts are near to one of them, and what most of them name."""

    matters: list[Text]
    centre: Text
    names: tuple[str, ...] = ()
    grown: Growth | None = None
    before: list[int] = field(default_factory=list)

    @property
    def category(self) -> str | None:
        """What most of them are about, where that is half of them."""
        return _most(text.category for text in self.matters)

    @property
    def unit(self) -> int | None:
        """Whose most of them are, where that is half of them."""
        return _most(text.unit for text in self.matters)


def _most(values: Iterable[T | None]) -> T | None:
    every = list(values)
    (best, many), *_ = Counter(every).most_common(1)
    return best if 2 * many >= len(every) else None


def towns(days: Days) -> list[str]:
    """Return the towns (their digits, "" for matters above the towns) with LEAST matters within ``days``."""
    codes = Counter(
        town_or_none(code) or "" for code in days.of(counted()).order_by().values_list("region_id", flat=True)
    )
    return sorted(town for town, many in codes.items() if many >= LEAST)


def hot(days: Stretches, town: str) -> list[Topic]:
    """Return the topics of a town that grew beyond their past, the largest first."""
    texts = _texts(days.now, town)
    return [topic for topic in gather(texts) if _grew(topic, days, town)]


def _texts(days: Days, town: str) -> list[Text]:
    rows = days.of(counted()).order_by("-received_on", "-id")
    if town:
        rows = rows.filter(region__gte=town + "000", region__lte=town + "999")
    fields = ("pk", "title", "content", "place", "category_id", "region_id", "responsible_id", "received_on")
    found = (
        Text(pk, f"{title}\n{content[:COMPARED]}", place, category, town_or_none(region), unit, on)
        for pk, title, content, place, category, region, unit, on in rows.values_list(*fields)[
            : TEXTS * (1 if town else 4)
        ]
    )
    return [text for text in found if (text.town or "") == town][:TEXTS]


# --- gathering: pure but for the rarity of words -----------------------------------------------------------------------


def gather(texts: Sequence[Text]) -> list[Topic]:
    """Return the groups of at least LEAST near texts, the largest first; each text is in one of them at most.

    A group is one text and those near to *it*: a chain of texts, each near to the next, is no group.
    """
    words = {text.pk: likeness.words_in(text.text) for text in texts}
    known = _rarity({word for mine in words.values() for word in mine})
    weights = known.weights()
    named = min(likeness.NAMED, likeness.NAMED_YOUNG * known.highest)
    by_pk = {text.pk: text for text in texts}
    near: dict[int, dict[int, Likeness]] = defaultdict(dict)
    for one, other in _pairs({pk: [w for w in mine if w in weights] for pk, mine in words.items()}, weights):
        mine = {word: weights[word] for word in words[one] if word in weights}
        like = likeness.likeness(by_pk[one].text, by_pk[other].text, mine, named=named)
        if like is not None:
            near[one][other] = near[other][one] = like
    return list(_stars(by_pk, near))


def _rarity(words: Iterable[str]) -> Rarity:
    every = sorted(words)
    parts = [rarity.of(every[at : at + ASKED]) for at in range(0, len(every), ASKED)] or [rarity.of([])]
    return Rarity(parts[0].total, {word: held for part in parts for word, held in part.matters.items()})


def _pairs(words: Mapping[int, Sequence[str]], weights: Mapping[str, float]) -> list[tuple[int, int]]:
    """The pairs that share most of their rarest words, at least SHARED of them."""
    holders: dict[str, list[int]] = defaultdict(list)
    for pk, mine in words.items():
        if len(mine) >= FEWEST:
            for word in set(mine):
                holders[word].append(pk)
    shared: Counter[tuple[int, int]] = Counter()
    held = {word: pks for word, pks in holders.items() if len(pks) > 1}
    marks = {
        pk: sorted({w for w in mine if w in held}, key=lambda w: (-weights[w], w))[:MARKS] for pk, mine in words.items()
    }
    marked: dict[str, list[int]] = defaultdict(list)
    for pk, mine in marks.items():
        for word in mine:
            marked[word].append(pk)
    for pks in marked.values():
        shared.update(combinations(sorted(pks), 2))
    return [pair for pair, many in shared.most_common(PAIRS) if many >= SHARED]


def _stars(texts: Mapping[int, Text], near: Mapping[int, Mapping[int, Likeness]]) -> Iterator[Topic]:
    free = set(near)
    while free:
        centre = min(free, key=lambda pk: (-sum(other in free for other in near[pk]), pk))
        mine = [other for other in near[centre] if other in free]
        if 1 + len(mine) < LEAST:
            return
        free -= {centre, *mine}
        matters = [texts[pk] for pk in sorted([centre, *mine])]
        said = {name.text for other in mine for name in near[centre][other].names}
        yield Topic(matters, texts[centre], _names(said, matters))


def _names(said: Iterable[str], matters: Sequence[Text]) -> tuple[str, ...]:
    """The places and projects that at least NAMED of the matters name, none within another: two at most."""
    held = {name: sum(name in text.text.lower() for text in matters) for name in said}
    best = sorted(
        (name for name, many in held.items() if many >= NAMED * len(matters)), key=lambda n: (-held[n], -len(n), n)
    )
    kept = [name for at, name in enumerate(best) if not any(name in other or other in name for other in best[:at])]
    return tuple(kept[:2])


# --- the past ------------------------------------------------------------------------------------------------------


def _grew(topic: Topic, days: Stretches, town: str) -> bool:
    """Judge a topic by how many near texts the index of words finds in each stretch: now and before, by one question.

    What the index does not find (its words are too common in a large record, or the bound is met) it finds neither now nor
    before: the topic is then smaller than it is, or none, and never one that seems to have had no past.
    """
    if days.all_before is None:
        return False
    found = _near(topic.centre, Days(days.all_before.first, days.now.last), town)
    now, *counts = (sum(one.first <= on <= one.last for _, on in found) for one in (days.now, *days.before))
    topic.grown = growth(min(now, len(topic.matters)), Past(tuple(counts)))
    topic.before = [pk for pk, on in found if on < days.now.first]
    return topic.grown is not None


def _near(text: Text, days: Days, town: str) -> list[tuple[int, date]]:
    """The matters of a town within ``days`` that are near to ``text``, itself among them."""
    words = likeness.words_in(text.text)
    known = rarity.of(words)
    here, at = (f" AND left(coalesce(q.region_id, ''), {TOWN}) = %s", (town,)) if town else ("", ())
    held = f"""EXISTS (SELECT FROM petitions_petition q WHERE q.id = p.id AND q.merged_into_id IS NULL
        AND q.received_on BETWEEN %s AND %s{here})"""
    seen = [Where(held, (days.first, days.last, *at))]
    marks = near_texts.by_words(text.text, known, seen, NEAR)
    sql = f"""SELECT p.id, p.received_on, left(p.title || ' ' || p.content, {2 * COMPARED}) FROM ({marks.sql}) m
        JOIN petitions_petition p ON p.id = m.id"""  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(marks.params))
        rows = cursor.fetchall()
    weights, named = known.weights(), min(likeness.NAMED, likeness.NAMED_YOUNG * known.highest)
    return [(pk, on) for pk, on, other in rows if likeness.likeness(text.text, other, weights, named=named)]
