"""What opens a sealed report's words?  Its own key, wrapped on its row under a name of its own."""

from __future__ import annotations

import json
import secrets
from typing import Any

from accounts.privacy import new_matter_key, seal_with, unseal_with, unwrap_key, wrap_key
from petitions.errors import WrongMoment
from petitions.models import Accusation

_DIGITS = range(5, 10)  # of a number, drawn at random; one more where those of a year grow scarce
_DRAWS = 20  # of each length


def _aad(row: Accusation) -> bytes:
    return b"accusation-key:" + row.ref.encode()


def give_key(row: Accusation) -> bytes:
    """Make the report's own key, set it wrapped on the row (the caller saves) and return it."""
    key = new_matter_key()
    row.wrapped_key = wrap_key(key, _aad(row))
    return key


def key_of(row: Accusation) -> bytes:
    """Return the report's key.

    Raises:
        WrongMoment: it has been destroyed.
    """
    if not row.wrapped_key:
        raise WrongMoment("这件材料的档案已销毁，内容不再保存。", rule="档案管理")
    return unwrap_key(row.wrapped_key, _aad(row))


def put(row: Accusation, told: dict[str, Any], key: bytes) -> None:
    """Seal all that is known of the report onto its row (the caller saves)."""
    row.words = seal_with(key, json.dumps(told, ensure_ascii=False, default=str), b"accusation:" + row.ref.encode())


def of(row: Accusation) -> dict[str, Any]:
    """Return all that is known of the report.

    Raises:
        WrongMoment: its key has been destroyed.
    """
    told: dict[str, Any] = json.loads(unseal_with(key_of(row), row.words, b"accusation:" + row.ref.encode()))
    return told


def new_number(prefix: str, year: int) -> str:
    """Return a number nobody has: drawn at random, so that no gap and no second number tells how many there are."""
    for digits in (digits for digits in _DIGITS for _ in range(_DRAWS)):
        number = f"{prefix}专{year}-{secrets.randbelow(10**digits):0{digits}d}"
        if not Accusation.objects.filter(number=number).exists():
            return number
    raise RuntimeError("no number was free")


def new_slip() -> str:
    """Return a fresh receipt number: eight digits that say nothing."""
    while True:
        slip = f"{secrets.randbelow(10**8):08d}"
        if not Accusation.objects.filter(slip=slip).exists():
            return slip
