"""How do notices leave the house?  Each once, by whichever worker locks it first; what is not taken is tried again later."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actor import Actor
from accounts.manage import changed, check_manages
from petitions import notices
from petitions.channels import Message, channel
from petitions.models import Notice, Party

logger = logging.getLogger(__name__)

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=2)
_BATCH = 500  # a run has an end; the next minute goes on


@dataclass
class Sent:
    """What a run did."""

    sent: int = 0
    nowhere: int = 0
    again: int = 0
    failed: int = 0


def send_waiting(most: int = _BATCH) -> Sent:
    """Send waiting notices, the oldest first, each in its own transaction while its row is locked.

    A second worker skips locked rows, so none goes out twice.  A worker that dies lets go of its row unsent; only if it
    dies between the gateway's yes and the commit is the message repeated, under the same reference.
    """
    done = Sent()
    for _ in range(most):
        with transaction.atomic():
            notice = _next()
            if notice is None:
                break
            outcome = _send(notice)
        setattr(done, outcome, getattr(done, outcome) + 1)
    return done


def _next() -> Notice | None:
    ready = Q(not_before=None) | Q(not_before__lte=timezone.now())
    rows = Notice.objects.filter(ready, state=Notice.State.WAITING).exclude(channel=Notice.Channel.DESK)
    rows = rows.select_related("post__user").order_by("pk")
    return rows.select_for_update(skip_locked=True, of=("self",)).first()


def _send(notice: Notice) -> str:
    """Send a locked notice, write down what became of it and return the name of that."""
    to = address(notice)
    if not to:
        _end(notice, Notice.State.NOWHERE)
        return "nowhere"
    notice.tries += 1
    try:
        channel(notice.channel).send(Message(to=to, text=notice.text, reference=f"notice-{notice.pk}"))
    except Exception as refused:
        # Only what kind of failure: a server's own words may hold the address.
        return _failed(notice, f"{type(refused).__name__} {getattr(refused, 'smtp_code', '')}".strip())
    _end(notice, Notice.State.SENT)
    return "sent"


def address(notice: Notice) -> str:
    """Return where a notice goes, ``""`` where nothing is on file."""
    if notice.post is not None:
        return notices.address_of(notice.post, notice.channel)
    if notice.petitioner is not None:
        return str(notice.petitioner.phone) if notice.channel == Notice.Channel.SMS else ""
    party = Party.objects.filter(filing=notice.filing_id, role="lead").select_related("petitioner").first()
    return str(party.petitioner.phone) if party and notice.channel == Notice.Channel.SMS else ""


def _failed(notice: Notice, why: str) -> str:
    logger.warning("notice %s by %s was not taken (try %s): %s", notice.pk, notice.channel, notice.tries, why)
    notice.failure = why[:120]
    if notice.tries >= settings.NOTICE_TRIES:
        _end(notice, Notice.State.FAILED)
        return "failed"
    notice.not_before = timezone.now() + min(_FIRST_WAIT * 2 ** (notice.tries - 1), _LONGEST_WAIT)
    notice.save(update_fields=["tries", "failure", "not_before"])
    return "again"


def _end(notice: Notice, state: str) -> None:
    notice.state, notice.ended_at = state, timezone.now()
    notice.save(update_fields=["state", "ended_at", "tries", "failure"])


def send_again(by: Actor) -> int:
    """Let every notice that was given up wait once more, and return how many: after a gateway was mended.

    Raises:
        WrongPerson: notices are another administrator's.
    """
    check_manages(by, "notices")
    with transaction.atomic():
        failed = Notice.objects.filter(state=Notice.State.FAILED)
        many = failed.update(state=Notice.State.WAITING, tries=0, not_before=None, ended_at=None)
        if many:
            changed(by, "notice_rule:failed", "再发没有发出的通知", after={"条数": many})
    return many
