"""What binds one event to the one before it?  Pure: fields in, digest out; the same for writing and for verifying."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

GENESIS = b""
# Made once: json.dumps makes a new one for each call with settings of its own.
canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def digest(
    *,
    previous: bytes,
    petition_ref: str,
    seq: int,
    step: str,
    on: str,
    on_id: int,
    user_id: int | None,
    post_id: int | None,
    delegation_id: int | None,
    occurred_on: date,
    recorded_at: datetime,
    data: Mapping[str, Any] | str,
    sealed: bytes | None,
) -> bytes:
    """Return the SHA-256 that chains this event to ``previous``.

    The ciphertext is hashed and not the text, so that destroying the matter's key erases the words and leaves
    the chain verifiable (house.md §2).

    Args:
        previous: digest of the event before, ``GENESIS`` for the first.
        recorded_at: aware; hashed as UTC to the microsecond, which PostgreSQL keeps.
        data: JSON values only, or their `canonical` text where that is at hand.
    """
    clear = [petition_ref, seq, step, on, on_id, user_id, post_id, delegation_id]
    clear += [occurred_on.isoformat(), round(recorded_at.timestamp() * 1_000_000)]
    said = data if isinstance(data, str) else canonical(data)
    text = f"{canonical(clear)[:-1]},{said}]"  # one list, its last item being the data
    return hashlib.sha256(previous + text.encode() + hashlib.sha256(sealed or b"").digest()).digest()
