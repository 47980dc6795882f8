"""How rare is a word?  A small table of counts, taken from a sample of the record by a task, read while people type."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from petitions.models import Petition, WordCount
from petitions.search_sql import WORDS_OF_PETITION

SAMPLE = 40_000  # matters that are counted; of fewer all are
COMMON = 0.05  # what more matters than this hold says nothing about any of them
YOUNG = 50  # in a young record every word may be in all of its few matters
GROWN = 1.1  # counted afresh when there are a tenth more matters, or fewer
ALL = ""  # the word that stands for all matters
ONCE = "\x7f"  # the word that stands for what was seen once at most

_WORDS = WORDS_OF_PETITION.format("")
_SAMPLED = "petitions_petition TABLESAMPLE SYSTEM (%s) REPEATABLE (1)"
# ts_stat takes its question as text; the share is a number of ours.
_COUNTED = (
    f"SELECT word, least(ndoc * %s, %s) FROM ts_stat('SELECT {_WORDS.replace(chr(39), chr(39) * 2)} FROM {_SAMPLED}')"  # noqa: S608
)


@dataclass(frozen=True)
class Rarity:
    """What is known of some words: ``total`` matters, and how many hold each word."""

    total: int
    matters: Mapping[str, int]

    @property
    def highest(self) -> float:
        """The weight of a word that no matter holds."""
        return math.log(self.total + 100)

    def weights(self) -> dict[str, float]:
        """Return the words that say something, each with its weight: the fewer matters hold it, the more."""
        most = COMMON * self.total + YOUNG
        return {word: self.highest - math.log(held + 1) for word, held in self.matters.items() if held <= most}


def of(words: Sequence[str]) -> Rarity:
    """Return how rare ``words`` are: one question; before the first count every word is as rare as another."""
    rows = WordCount.objects.filter(word__in=[ALL, ONCE, *words]).values_list("word", "matters")
    known = dict(rows)
    total, once = known.get(ALL, 0), known.get(ONCE, 0)
    return Rarity(total, {word: known.get(word, once) for word in words})


def stale() -> bool:
    """Whether there are a tenth more matters, or fewer, than when the words were counted."""
    total = Petition.objects.count()
    counted = of([]).total
    return not counted * (2 - GROWN) <= total <= counted * GROWN


def count() -> int:
    """Count the words of a sample afresh and return how many are kept: some seconds, whatever the size of the record.

    Readers go on with the old counts until the new ones are all there.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('petitions_wordcount'))")
        if not cursor.fetchone()[0]:
            return 0  # another worker is at it
        total = Petition.objects.count()
        share = min(100.0, 100.0 * SAMPLE / max(total, 1))
        cursor.execute(f"SELECT count(*) FROM {_SAMPLED}", [share])  # noqa: S608
        factor = total / max(cursor.fetchone()[0], 1)
        WordCount.objects.all().delete()
        seen_once = round(factor / 2) if share < 100 else 0
        WordCount.objects.bulk_create([WordCount(word=ALL, matters=total), WordCount(word=ONCE, matters=seen_once)])
        return _keep(cursor, share, factor, total)


def _keep(cursor: object, share: float, factor: float, total: int) -> int:
    # Where all are counted a word that stands once is known to stand once.
    least = 2 if share < 100 else 1
    sql = f"INSERT INTO petitions_wordcount (word, matters) {_COUNTED} WHERE ndoc >= %s AND length(word) <= 64"
    cursor.execute(sql, [factor, total, share, least])  # type: ignore[attr-defined]
    return int(cursor.rowcount)  # type: ignore[attr-defined]


__all__ = ["Rarity", "count", "of", "stale"]
