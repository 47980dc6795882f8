"""May invented people be put on this database?  Never beside real ones."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from accounts import standing
from accounts.models import Kind
from petitions.seeds.tables import rows

DATA = Path(__file__).resolve().parent / "data"


class NotADemo(RuntimeError):
    """This is a real office: no demo data and no demo password may exist here."""


_WORDS = "This database is a real office's: no demo data and no demo password may exist here."


def demo_only() -> None:
    """Raise NotADemo unless this is a demo on servers of its own (the suite may run on given ones), and never marked an office's."""
    given = bool(settings.DATABASE_URL) and not settings.TESTING
    if settings.OFFICE_MODE != "demo" or given or standing.mark() == Kind.OFFICE:
        raise NotADemo(_WORDS)


def take_for_demo() -> None:
    """Mark the database as a demo's before the first invented row is written.

    Raises:
        NotADemo: it is an office's, or rows of unknown origin are in it.
    """
    try:
        standing.take(Kind.DEMO)
    except standing.WrongDatabase as wrong:
        raise NotADemo(str(wrong)) from wrong


def table(name: str, columns: int) -> list[tuple[str, ...]]:
    """Rows of a data file of the demo."""
    return rows(DATA / name, columns)
