"""How is what happens to a sealed report written down, and is it still as it was written?  A chain of its own, a log of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from accounts.actor import Actor
from accounts.privacy import seal_with, unseal_with
from petitions import chain
from petitions.actions import moment
from petitions.models import Accusation, AccusationEvent, AccusationReading
from petitions.querycode import new_ref


def _aad(row: Accusation, seq: int) -> bytes:
    return f"accusation-event:{row.ref}:{seq}".encode()


def write(
    row: Accusation, step: str, *, by: Actor, key: bytes, said: Mapping[str, Any], on_day: date | None = None
) -> AccusationEvent:
    """Add the next event of ``row`` and move its chain's head; the caller holds the row's lock and saves the two columns."""
    seq = row.events_count + 1
    event = AccusationEvent(
        accusation=row, seq=seq, step=step, user=by.user, post=by.post, occurred_on=on_day or moment.today(),
        recorded_at=moment.now(),
        sealed=seal_with(key, json.dumps(dict(said), ensure_ascii=False, default=str), _aad(row, seq)),
    )  # fmt: skip
    event.digest = digest_of(event, row.ref, bytes(row.chain_head))
    event.save(force_insert=True)
    row.events_count, row.chain_head = seq, event.digest
    return event


def digest_of(event: AccusationEvent, ref: str, previous: bytes) -> bytes:
    """Return the digest that ``event`` must have after ``previous``."""
    return chain.digest(
        previous=previous, petition_ref=ref, seq=event.seq, step=event.step, on="accusation", on_id=0,
        user_id=event.user_id, post_id=event.post_id, delegation_id=None, occurred_on=event.occurred_on,
        recorded_at=event.recorded_at, data={}, sealed=bytes(event.sealed),
    )  # fmt: skip


def said_in(event: AccusationEvent, row: Accusation, key: bytes) -> dict[str, Any]:
    """Return what an event says."""
    said: dict[str, Any] = json.loads(unseal_with(key, event.sealed, _aad(row, event.seq)))
    return said


def is_whole(row: Accusation, events: list[AccusationEvent]) -> bool:
    """Whether the chain of ``row`` is as it was written; ``events``: all of them in order."""
    previous = chain.GENESIS
    for seq, event in enumerate(events, start=1):
        if event.seq != seq or digest_of(event, row.ref, previous) != bytes(event.digest):
            return False
        previous = bytes(event.digest)
    return len(events) == row.events_count and previous == bytes(row.chain_head)


def broken_chains() -> Iterator[int]:
    """Yield the row ids of reports whose chain does not hold: neither how many there are nor which they are is told."""
    for row in Accusation.objects.order_by("pk").iterator(500):
        if not is_whole(row, list(row.events.order_by("seq"))):
            yield row.pk


def note_reading(by: Actor, kind: str, row: Accusation | None = None, note: str = "") -> None:
    """Write that ``by`` looked: for the named sealed auditor, and in no other log."""
    AccusationReading.objects.create(
        accusation=row, user=by.user, post=by.post, kind=kind, address=by.address or None, note=note[:60]
    )


def note_readings(by: Actor, kind: str, rows: Iterable[Accusation], note: str = "") -> None:
    """Write that ``by`` looked, and one reading for each report that was shown to him; a drawn ``note`` holds them together."""
    note = note or new_ref()
    note_reading(by, kind, note=note)
    AccusationReading.objects.bulk_create(
        AccusationReading(
            accusation=row, user=by.user, post=by.post, kind=kind, address=by.address or None, note=note[:60]
        )
        for row in rows
    )
