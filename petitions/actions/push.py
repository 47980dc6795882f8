"""How do changes reach other systems?  Each by whichever worker locks it first; what is not taken is tried again later."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from petitions import posting
from petitions.models import Delivery

logger = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)
_BATCH = 500  # a run has an end; the next minute goes on
_RUN_SECONDS = 45.0
KEPT = timedelta(days=30)  # after which what was delivered is forgotten


@dataclass
class Pushed:
    """What a run did."""

    sent: int = 0
    again: int = 0
    failed: int = 0


def push_waiting(most: int = _BATCH, seconds: float = _RUN_SECONDS) -> Pushed:
    """Send waiting deliveries, the oldest first, each in its own transaction while its row is locked.

    A second worker skips locked rows.  A system that did not take one is left in peace until the next run, so that one
    that is down does not keep the others waiting.
    """
    done, resting, until = Pushed(), set[int](), time.monotonic() + seconds
    while most > 0 and time.monotonic() < until:
        most -= 1
        with transaction.atomic():
            row = _next(resting)
            if row is None:
                break
            outcome = _push(row)
        if outcome != "sent":
            resting.add(row.webhook_id)
        setattr(done, outcome, getattr(done, outcome) + 1)
    return done


def _next(resting: set[int]) -> Delivery | None:
    ready = Q(not_before=None) | Q(not_before__lte=timezone.now())
    rows = Delivery.objects.filter(ready, state=Delivery.State.WAITING, webhook__active=True)
    rows = rows.exclude(webhook__in=resting).select_related("webhook").order_by("pk")
    return rows.select_for_update(skip_locked=True, of=("self",)).first()


def payload(row: Delivery) -> bytes:
    """Return what is said: which matter, where it stands, after which step, when; never a name or a word of content."""
    said = {
        "type": "petition.stage", "ref": row.petition.ref, "number": row.petition.number, "stage": row.stage,
        "step": row.step, "time": row.at.isoformat(timespec="seconds"),
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False).encode()


def _push(row: Delivery) -> str:
    """Send a locked delivery, write down what became of it and return the name of that."""
    row.tries += 1
    body = payload(row)
    headers = posting.signed(row.webhook.secret, str(row.ref), int(time.time()), body)
    try:
        posting.post(row.webhook.url, body, headers)
    except posting.NotDelivered as refused:
        return _failed(row, str(refused))
    row.failure = ""
    _end(row, Delivery.State.SENT)
    return "sent"


def _failed(row: Delivery, why: str) -> str:
    logger.warning("delivery %s to webhook %s was not taken (try %s): %s", row.pk, row.webhook_id, row.tries, why)
    row.failure = why[:120]
    if row.tries >= settings.WEBHOOK_TRIES:
        _end(row, Delivery.State.FAILED)
        return "failed"
    row.not_before = timezone.now() + min(_FIRST_WAIT * 2 ** (row.tries - 1), _LONGEST_WAIT)
    row.save(update_fields=["tries", "failure", "not_before"])
    return "again"


def _end(row: Delivery, state: str) -> None:
    row.state, row.ended_at = state, timezone.now()
    row.save(update_fields=["state", "ended_at", "tries", "failure"])


def forget_sent(now: datetime) -> int:
    """Delete what was delivered more than KEPT ago, and return how many; failures stay until they are sent again."""
    many, _ = Delivery.objects.filter(state=Delivery.State.SENT, ended_at__lt=now - KEPT).delete()
    return many
