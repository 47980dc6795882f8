"""Which words does a search mean, and which words stand in a text?  Pure functions.

Chinese is written without blanks, so a text is indexed by every two neighbouring characters (bigrams), and ASCII letters
and digits by whole lower-case words. `petitions_bigrams` (petitions/search_sql.py) does the same inside PostgreSQL; a
test keeps the two equal. The index finds candidates; whether the very phrase stands there is checked afterwards
(ILIKE, since ASCII words are folded).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from accounts.identity import half_width, has_surname, normalise_phone, parse_id

# A longer text is indexed only so far, and a longer word not at all: PostgreSQL refuses larger lexemes and vectors.
MOST_CHARACTERS = 50_000
LONGEST_WORD = 64

# What parts two runs: ASCII, Latin-1 signs, general punctuation and symbols, CJK punctuation (not 々 and 〇), full-width
# and compatibility forms. Written as in a regular expression of both Python and PostgreSQL.
PARTING = r"\u0001-\u00bf\u2000-\u2bff\u3000-\u3004\u3006\u3008-\u303f\ufe10-\ufe6f\uff00-\uffef"
_PARTING = re.compile(f"[\\x00{PARTING}]+")
_WORD = re.compile(r"[a-z0-9]+")
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def bigrams(text: str) -> list[str]:
    """Return what ``text`` is indexed by: bigrams of its runs in order, then its ASCII words; duplicates are kept."""
    text = text[:MOST_CHARACTERS]
    pairs = [a + b for run in _PARTING.split(text) for a, b in pairwise(run)]
    words = _WORD.findall(text.translate(_ASCII_LOWER))
    return pairs + [word for word in words if len(word) <= LONGEST_WORD]


def tsquery(terms: tuple[str, ...]) -> str:
    """Return the terms as text for ``%s::tsquery``, all of them wanted; terms hold neither quotes nor backslashes."""
    return " & ".join(f"'{term}'" for term in dict.fromkeys(terms))


# --- what was typed --------------------------------------------------------------------------------------------------


class QueryKind(StrEnum):
    """What a search box was given."""

    EMPTY = "empty"
    NUMBER = "number"
    PHONE = "phone"
    ID = "id"
    INITIALS = "initials"
    NAME = "name"
    WORDS = "words"


@dataclass(frozen=True)
class Query:
    """One search, understood.

    ``text``: as typed, blanks tidied. ``value``: in the form it is looked up by (18-digit ID, E.164 phone, number in
    upper case, initials in lower case, name). ``phrases``: parts that must each stand in the text, for the check after
    the index. ``terms``: what the index is asked, all of them; empty when only a walk by date can answer (one Chinese
    character). A NAME has phrases and terms too, since 王家 may be a person or a place.
    """

    kind: QueryKind
    text: str
    value: str = ""
    phrases: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


# 浦信2026-000123, 浦信2026-000123-02, 2026-000123, 浦信访受字〔2026〕12号 (petitions/numbers.py).
_MATTER_NUMBER = re.compile(r"[A-Z\u4e00-\u9fff]{0,12}(?:19|20)\d{2}-\d{3,8}(?:-\d{1,3})?")
_PAPER_NUMBER = re.compile(r"[A-Z\u4e00-\u9fff]{1,24}〔(?:19|20)\d{2}〕\d{1,6}号")
_DASHES = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")
_BRACKETS = str.maketrans("[(【［（])】］）", "〔〔〔〔〔〕〕〕〕〕")
_INITIALS = re.compile(r"[a-z]{2,10}")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}|[\u3400-\u9fff\U00020000-\U0003ffff·•]{3,25}")


def classify(text: str) -> Query:
    """Return what a typed search means; the first that fits of ID, number, phone, initials, name, words."""
    text = " ".join(text.replace("\x00", " ")[:200].split())
    plain = half_width(text)
    if not plain.strip():
        return Query(QueryKind.EMPTY, "")
    return next(filter(None, (find(text, plain) for find in _FINDERS)), _words(text))


def _as_id(text: str, plain: str) -> Query | None:
    card = parse_id(plain)
    # A 15-digit number without a possible birth date is something else; a wrong check mark is still meant as an ID.
    return Query(QueryKind.ID, text, card.number) if card and card.birth else None


def _as_phone(text: str, plain: str) -> Query | None:
    phone = normalise_phone(plain) if re.fullmatch(r"\+?[\d \-()]{7,20}(?:转\d+)?", plain) else None
    return Query(QueryKind.PHONE, text, phone) if phone else None


def _as_number(text: str, plain: str) -> Query | None:
    number = _DASHES.sub("-", plain.upper()).replace(" ", "")
    paper = number.translate(_BRACKETS)
    if _MATTER_NUMBER.fullmatch(number):
        return Query(QueryKind.NUMBER, text, number)
    return Query(QueryKind.NUMBER, text, paper) if _PAPER_NUMBER.fullmatch(paper) else None


def _as_initials(text: str, plain: str) -> Query | None:
    low = plain.lower()
    return Query(QueryKind.INITIALS, text, low, *_parts(text)) if _INITIALS.fullmatch(low) else None


def _as_name(text: str, plain: str) -> Query | None:
    if _NAME.fullmatch(text) and has_surname(text):
        return Query(QueryKind.NAME, text, text, *_parts(text))
    return None


def _words(text: str) -> Query:
    return Query(QueryKind.WORDS, text, "", *_parts(text))


_FINDERS = (_as_id, _as_number, _as_phone, _as_initials, _as_name)


def _parts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return phrases (parted by blanks) and the index terms that every text holding all of them must have."""
    phrases = tuple(text.split())
    return phrases, tuple(dict.fromkeys(term for phrase in phrases for term in _sure_terms(phrase)))


def _sure_terms(phrase: str) -> Iterator[str]:
    """Terms of a phrase wherever it stands: an ASCII word at its edge may go on in the text, so it is not asked for.

    A phrase that is one ASCII word is asked for whole ("KTV" finds "KTV", not "KTVs"): better than a walk over all.
    """
    yield from (term for term in bigrams(phrase) if not term.isascii())
    low = phrase.translate(_ASCII_LOWER)
    for word in _WORD.finditer(low):
        inside = word.start() > 0 and word.end() < len(low)
        if len(word.group()) <= LONGEST_WORD and (inside or word.group() == low):
            yield word.group()
