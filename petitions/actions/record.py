"""How is what happened written down?  One event, chained under the petition's row lock already held."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.actor import Actor
from accounts.privacy import seal_with, unseal_with
from petitions import chain
from petitions.actions import moment
from petitions.matterkey import key_of
from petitions.models import Event, Petition


def event_aad(petition_ref: str, seq: int) -> bytes:
    """What binds an event's ciphertext to its place in the chain."""
    return f"event:{petition_ref}:{seq}".encode()


def make_event(
    petition: Petition,
    step: str,
    *,
    by: Actor,
    on: str = "petition",
    on_id: int = 0,
    occurred_on: date | None = None,
    data: Mapping[str, Any] | None = None,
    text: Mapping[str, str] | None = None,
    key: bytes | None = None,
) -> Event:
    """Return the next event of ``petition`` and move the chain's head in memory; the caller saves both.

    Args:
        data: codes, ids and dates; stays readable.
        text: free text and personal data; encrypted under the matter's key.
        key: the matter's key if the caller has it at hand.
    """
    seq = petition.events_count + 1
    sealed = _sealed(petition, seq, text, key)
    through = {"token": by.token} if by.token else {}  # a program acted for the person: the record says by which token
    clear = json.loads(json.dumps({**(data or {}), **through}, default=str))
    recorded_at = moment.now()
    event = Event(
        petition_id=petition.pk, seq=seq, step=step, on=on, on_id=on_id, user_id=by.user.pk, post_id=by.post.pk,
        delegation_id=by.delegation.pk if by.delegation else None,
        occurred_on=occurred_on or moment.today(), recorded_at=recorded_at, data=clear, sealed=sealed,
    )  # fmt: skip
    event.digest = digest_of(event, petition.ref, bytes(petition.chain_head))
    petition.events_count = seq
    petition.chain_head = event.digest
    return event


def digest_of(event: Event, petition_ref: str, previous: bytes) -> bytes:
    """Return the digest that ``event`` must have after ``previous``."""
    return chain.digest(
        previous=previous, petition_ref=petition_ref, seq=event.seq, step=event.step, on=event.on, on_id=event.on_id,
        user_id=event.user_id, post_id=event.post_id, delegation_id=event.delegation_id, occurred_on=event.occurred_on,
        recorded_at=event.recorded_at, data=event.data, sealed=bytes(event.sealed) if event.sealed else None,
    )  # fmt: skip


def _sealed(petition: Petition, seq: int, text: Mapping[str, str] | None, key: bytes | None) -> bytes | None:
    words = {name: value for name, value in (text or {}).items() if value}
    if not words:
        return None
    key = key or key_of(petition)
    if key is None:
        return None
    return seal_with(key, json.dumps(words, ensure_ascii=False), event_aad(petition.ref, seq))


def words_of(event: Event, petition: Petition, key: bytes | None) -> dict[str, str]:
    """Return an event's free text, empty where there is none or the key has been destroyed."""
    if event.sealed is None or key is None:
        return {}
    words: dict[str, str] = json.loads(unseal_with(key, event.sealed, event_aad(petition.ref, event.seq)))
    return words
