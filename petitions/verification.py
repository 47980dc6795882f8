"""Is each matter's history whole?  Walks the chains of events; the words may be encrypted or their key destroyed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from accounts.verification import Report, stream
from petitions import chain


class Head(NamedTuple):
    """What a matter says of its chain."""

    pk: int
    number: str
    ref: str
    events: int
    digest: bytes


_HEADS = "SELECT id, number, ref, events_count, chain_head FROM petitions_petition p {} ORDER BY id"
_EVENTS = """SELECT petition_id, digest, seq, step, "on", on_id, user_id, post_id, delegation_id, occurred_on,
             recorded_at, data, sealed FROM petitions_event e {} ORDER BY petition_id, seq"""
_TOUCHED = "{} IN (SELECT petition_id FROM petitions_event WHERE id > %s)"
Row = tuple[Any, ...]


def check_chains(report: Report, *, petition: int | None = None, above: int = 0) -> None:
    """Walk the chain of one matter, of those with events above an id, or of all; inside a transaction.

    Names events that were changed, removed, put in or reordered.
    """
    if petition is not None:
        heads, events = _streams("WHERE p.id = %s", "WHERE e.petition_id = %s", [petition])
    elif above:
        heads, events = _streams(
            "WHERE " + _TOUCHED.format("p.id"), "WHERE " + _TOUCHED.format("e.petition_id"), [above]
        )
    else:
        heads, events = _streams("", "", [])
    event = next(events, None)
    for head in heads:
        report.count("matters")
        event = _skip(report, events, event, head.pk)
        event = _walk(report, head, events, event)
    _skip(report, events, event, None)


def _streams(heads: str, events: str, params: list[Any]) -> tuple[Iterator[Head], Iterator[Row]]:
    found = (
        Head(pk, number, ref, count, bytes(head))
        for pk, number, ref, count, head in stream(_HEADS.format(heads), params)
    )
    return found, stream(_EVENTS.format(events), params)


def _skip(report: Report, events: Iterator[Row], event: Row | None, until: int | None) -> Row | None:
    """Events whose matter is gone."""
    while event is not None and (until is None or event[0] < until):
        report.finding(f"event {event[2]} of matter row {event[0]}: the matter is gone")
        event = next(events, None)
    return event


def _walk(report: Report, head: Head, events: Iterator[Row], event: Row | None) -> Row | None:
    """Check one chain; returns the first event of the next."""
    last, previous = 0, chain.GENESIS
    while event is not None and event[0] == head.pk:
        report.count("events in chains")
        seq, said = event[2], bytes(event[1])
        if seq > last + 1:  # what the next one follows from is gone; its seal still says whether it was changed
            report.finding(f"matter {head.number}: {_which(last + 1, seq - 1)} missing")
        elif _digest(event, head.ref, previous) != said:
            report.finding(
                f"matter {head.number}: event {seq} ({event[3]}) was changed, or is not the one that stood here"
            )
        last, previous = seq, said
        event = next(events, None)
    if last < head.events:
        report.finding(f"matter {head.number}: {_which(last + 1, head.events)} missing at the end")
    elif last > head.events:
        report.finding(f"matter {head.number}: {_which(head.events + 1, last)} more than the matter counts")
    elif previous != head.digest:
        report.finding(f"matter {head.number}: its last event is not the one that the matter names")
    return event


def _which(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"


def _digest(event: Row, ref: str, previous: bytes) -> bytes:
    _, _, seq, step, on, on_id, user_id, post_id, delegation_id, occurred_on, recorded_at, data, sealed = event
    return chain.digest(
        previous=previous, petition_ref=ref, seq=seq, step=step, on=on, on_id=on_id, user_id=user_id, post_id=post_id,
        delegation_id=delegation_id, occurred_on=occurred_on, recorded_at=recorded_at, data=json.loads(data),
        sealed=bytes(sealed) if sealed is not None else None,
    )  # fmt: skip
