"""What is thrown away at night?  Old keys against double clicks, told changes, yesterday's tickets, and what nobody finished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.dates import today
from petitions import attachments
from petitions.actions.once import forget_before
from petitions.actions.push import forget_sent
from petitions.models import Attachment, Draft, Job, Ticket

KEY_DAYS = 7  # house.md §4


@dataclass
class Swept:
    """How many rows went."""

    keys: int = 0
    drafts: int = 0
    files: int = 0
    lists: int = 0
    deliveries: int = 0
    tickets: int = 0


def sweep() -> Swept:
    """Delete idempotency keys older than seven days and drafts untouched for DRAFT_DAYS, with their files.

    A draft that became a filing is empty by then; its files belong to the filing and stay.  Files that were left behind
    by a draft which its own clerk threw away go a day later.
    """
    now = timezone.now()
    swept = Swept(keys=forget_before(now - timedelta(days=KEY_DAYS)))
    old = Draft.objects.filter(saved_at__lt=now - timedelta(days=settings.DRAFT_DAYS))
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            swept.files += attachments.drop(Attachment.objects.filter(draft=pk, petition=None))
            Draft.objects.filter(pk=pk).delete()
        swept.drafts += 1
    swept.files += attachments.sweep()
    swept.deliveries = forget_sent(now)
    swept.tickets, _ = Ticket.objects.filter(day__lt=today()).delete()  # no record of who came when
    swept.lists = _lists(now - timedelta(days=settings.DRAFT_DAYS))
    return swept


def _lists(before: datetime) -> int:
    """Throw away lists that were sent for import so long ago and that no work is at; what became of their rows stays."""
    left = Job.objects.filter(made_at__lt=before, settings__has_key="stored_as")
    left = left.exclude(state__in=["waiting", "running"])
    for job in left:
        attachments.drop_aside(job.settings)
        job.settings = {name: value for name, value in job.settings.items() if name not in ("stored_as", "wrapped_key")}
        job.save(update_fields=["settings"])
    return len(left)
