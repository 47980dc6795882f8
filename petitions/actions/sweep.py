"""What is thrown away at night?  Keys against double clicks after seven days, and registrations that nobody finished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from petitions.models import Attachment, Draft, IdempotencyKey

KEY_DAYS = 7  # house.md §4


@dataclass
class Swept:
    """How many rows went."""

    keys: int = 0
    drafts: int = 0
    files: int = 0


def sweep() -> Swept:
    """Delete idempotency keys older than seven days and drafts untouched for DRAFT_DAYS, with their files.

    A draft that became a filing is empty by then; its files belong to the filing and stay.
    """
    now = timezone.now()
    keys, _ = IdempotencyKey.objects.filter(made_at__lt=now - timedelta(days=KEY_DAYS)).delete()
    swept = Swept(keys=keys)
    for pk in Draft.objects.filter(saved_at__lt=now - timedelta(days=settings.DRAFT_DAYS)).values_list("pk", flat=True):
        with transaction.atomic():
            swept.files += _throw_away(pk)
            swept.drafts += 1
    return swept


def _throw_away(pk: int) -> int:
    """Delete one draft; its files go when the rows are gone for good, never before."""
    files = list(Attachment.objects.filter(draft=pk, petition=None))
    names = [row.stored_as for row in files]
    Attachment.objects.filter(pk__in=[row.pk for row in files]).delete()
    Draft.objects.filter(pk=pk).delete()
    transaction.on_commit(lambda: [default_storage.delete(name) for name in names])  # type: ignore[func-returns-value]
    return len(names)
