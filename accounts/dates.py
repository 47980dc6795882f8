"""What day is it at the counter?  Every date that a person sees is an Asia/Shanghai date."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """Return today's calendar date in Asia/Shanghai."""
    return timezone.now().astimezone(SHANGHAI).date()


def day_of(moment: datetime) -> date:
    """Return the Asia/Shanghai date of an aware ``moment``."""
    return moment.astimezone(SHANGHAI).date()
