"""What time is it for a verb?  The wall clock; scripts that write a true history set an explicit one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from accounts.dates import day_of

_set: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """Return the moment that verbs act at (aware, UTC)."""
    return _set.get() or timezone.now()


def today() -> date:
    """Return the Asia/Shanghai date of :func:`now`."""
    return day_of(now())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let verbs act at ``moment``.  Only for demo histories and tests: an office's record is never dated by a script.

    Raises:
        RuntimeError: in an office's own database.
    """
    if settings.OFFICE_MODE == "office":
        raise RuntimeError("an explicit clock is refused where real matters are kept")
    token = _set.set(moment)
    try:
        yield
    finally:
        _set.reset(token)
