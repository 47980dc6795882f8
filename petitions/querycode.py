"""Which codes does a petitioner or a URL carry?  Random, unguessable, easy to read aloud.

The query code (查询码) has 10 characters of a 28-letter alphabet: 28**10 is 2.96e14, 48.07 bits. With the second factor
and the throttle in front of it a guesser has no chance. It is shown once and kept only as a keyed hash: the key
(BLIND_KEY) lives outside the database, so that 48 bits cannot be searched by whoever steals the table. A slow salted
hash would not do, because the row must be found by the code alone.
"""

from __future__ import annotations

import base64
import secrets
import unicodedata

from accounts.privacy import blind

# Left out: 0 O, 1 I L, and one of each pair that looks alike in print: 2/Z, 5/S, 8/B.
ALPHABET = "23456789ACDEFGHJKMNPQRTUVWXY"
LENGTH = 10
# What people write for what they were given.
MISREADINGS = str.maketrans("ZSB", "258")

# Crockford's base32, lower case: no i, l, o, u.
REF_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
REF_LENGTH = 16
_TO_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", REF_ALPHABET.encode())


def new_code() -> str:
    """Return a fresh query code, 10 characters, from the system's random source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(text: str) -> str:
    """Return what a person typed as a code is written: upper case, no spaces or dashes, look-alikes read rightly."""
    folded = unicodedata.normalize("NFKC", text[:100]).upper()
    return "".join(mark for mark in folded if mark.isalnum()).translate(MISREADINGS)


def is_code(text: str) -> bool:
    """Whether ``text``, once normalised, can be a query code at all."""
    code = normalise(text)
    return len(code) == LENGTH and set(code) <= set(ALPHABET)


def grouped(code: str) -> str:
    """Return the code as it is printed, in two groups: "ACDEF GH234"."""
    half = LENGTH // 2
    return f"{code[:half]} {code[half:]}"


def code_hash(code: str) -> str:
    """Return the 64 hex digits stored for ``code`` and looked up by; "" for what cannot be a code."""
    return blind(normalise(code), "query-code") if is_code(code) else ""


def tail_of(code: str) -> str:
    """Return the four digits that are printed beside ``code`` for whoever has left no ID number and no phone.

    Keyed, and so not to be worked out from the code; nothing of it is stored, and a new code has others.
    """
    return f"{int(blind(normalise(code), 'receipt-tail'), 16) % 10_000:04d}"


def new_ref() -> str:
    """Return a random name for a row in URLs: 16 characters, 80 bits."""
    return base64.b32encode(secrets.token_bytes(REF_LENGTH * 5 // 8)).translate(_TO_CROCKFORD).decode()


def is_ref(text: str) -> bool:
    """Whether ``text`` can be a name given by :func:`new_ref` at all."""
    return len(text) == REF_LENGTH and text.isascii() and text.isalnum()
