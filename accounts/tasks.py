"""What does a worker do for the access log and the record by itself?  Seal them."""

from __future__ import annotations

from celery import shared_task

from accounts.sealer import seal_all


@shared_task(name="accounts.seal")
def seal() -> int:
    """Seal what was written since the last minute; may be run again, late, or twice at once."""
    return seal_all()
