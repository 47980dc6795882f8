"""Who may look with a query code?  Code and a second factor, throttled by code and by address."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

from accounts.identity import half_width
from petitions import querycode
from petitions.models import Filing

TRIES_PER_CODE = 5
TRIES_PER_ADDRESS = 30
WAIT_SECONDS = 15 * 60
TAIL = 4


@dataclass(frozen=True)
class Opened:
    """A code that was accepted; ``full`` is false where nobody of the filing has left what a second factor is taken from, and the
    receipt's own was not given: then only the stage is told."""

    filing: Filing
    full: bool


class Throttled(Exception):
    """Too many wrong tries; try again after ``WAIT_SECONDS``."""


def open_with(code: str, tail: str, *, address: str) -> Opened | None:
    """Return the filing that ``code`` opens, or ``None``; which part was wrong is never told.

    Args:
        tail: the last four characters of the ID number or of the phone of a person of the filing; where none of them has left
            either, the four digits printed on the receipt (`receipt_tail`).

    Raises:
        Throttled: too many wrong tries from this address or for this code.
    """
    plain = querycode.normalise(code)
    digest = querycode.code_hash(plain) if querycode.is_code(plain) else ""
    keys = [(f"q:a:{address}", TRIES_PER_ADDRESS)] + ([(f"q:c:{digest}", TRIES_PER_CODE)] if digest else [])
    if any(cache.get(key, 0) >= most for key, most in keys):
        raise Throttled
    opened = _match(plain, digest, tail) if digest else None
    if opened is None:
        for key, _ in keys:
            _count(key)
    return opened


def _count(key: str) -> None:
    """One wrong try more; the first starts the wait, and one that has just run out starts anew."""
    if not cache.add(key, 1, WAIT_SECONDS):
        try:
            cache.incr(key)
        except ValueError:
            cache.add(key, 1, WAIT_SECONDS)


def receipt_tail(filing: Filing, code: str) -> str:
    """Return what the receipt prints beside ``code`` as its second factor: digits where no person has left one, else nothing."""
    return "" if _tails(filing) else querycode.tail_of(code)


def _match(code: str, digest: str, tail: str) -> Opened | None:
    filing = Filing.objects.select_related("petition").filter(query_code_hash=digest).first()
    if filing is None:
        return None
    typed, tails = _tail(half_width(tail)), _tails(filing)
    if not tails:
        if not typed:
            return Opened(filing, full=False)
        tails = {querycode.tail_of(code)}
    return Opened(filing, full=True) if len(typed) == TAIL and typed in tails else None


def _tails(filing: Filing) -> set[str]:
    people = [party.petitioner for party in filing.parties.select_related("petitioner")]
    tails = {_tail(value) for person in people for value in (person.id_number, person.phone.partition(";")[0])}
    return {tail for tail in tails if len(tail) == TAIL}


def _tail(text: str) -> str:
    """The last four letters or digits, whatever stands between them."""
    return "".join(mark for mark in text if mark.isalnum()).upper()[-TAIL:]
