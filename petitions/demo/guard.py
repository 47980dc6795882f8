"""May invented people be put on this database?  Never beside real ones."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

DATA = Path(__file__).resolve().parent / "data"


class NotADemo(RuntimeError):
    """This is a real office: no demo data and no demo password may exist here."""


def demo_only() -> None:
    """Raise NotADemo unless this is a demo on servers of its own (the suite may run on given ones)."""
    given = bool(settings.DATABASE_URL) and not settings.TESTING
    if settings.OFFICE_MODE != "demo" or given:
        raise NotADemo("This database is a real office's: no demo data and no demo password may exist here.")


def table(name: str, columns: int) -> list[tuple[str, ...]]:
    """Rows of a data file of ours: cells parted by "|", missing ones empty; [headings] are rows of one cell."""
    rows = []
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            rows.append(
                tuple(cells + [""] * (columns - len(cells))) if not line.startswith("[") else (line.strip("[]"),)
            )
    return rows
