"""What is the office called, and what stands at the head of its papers?  Kept in this process for a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models.signals import post_save

from accounts.dates import today
from accounts.models import Department, DepartmentKind, Level, Office

KEEP_SECONDS = 60


@dataclass(frozen=True)
class Words:
    """Name in the head of every page; the red head of its papers; how the public reaches it; which body it is (0: none).

    ``desk`` is the body that the public asks; where no first-run page has named one, the petition office that stands
    highest in the tree.
    """

    name: str = ""
    mark: str = ""
    phone: str = ""
    address: str = ""
    department: int = 0
    desk: str = ""
    hours: str = ""


_kept: tuple[float, Words] | None = None


def words() -> Words:
    """Return what the first-run pages were told; the setting OFFICE_NAME comes before the name."""
    global _kept
    if _kept is None or _kept[0] < time.monotonic():
        _kept = (time.monotonic() + KEEP_SECONDS, _read())
    return _kept[1]


def _read() -> Words:
    row = Office.objects.select_related("department").first()
    name = str(settings.OFFICE_NAME)
    if row is None or row.department is None:
        desk = _highest()
        if desk is None:
            return Words(name)
        return Words(name, phone=desk.phone, address=desk.address, desk=desk.name, hours=desk.opening_hours)
    body = row.department
    return Words(name or row.name, row.letterhead, body.phone, body.address, body.pk, body.name, body.opening_hours)


def _highest() -> Department | None:
    offices = Department.objects.in_force(today()).filter(kind=DepartmentKind.PETITION_OFFICE)
    return offices.exclude(level__in=(Level.CENTRAL, Level.PROVINCE, Level.CITY)).order_by("path").first()


def mark_of(body: Department) -> str:
    """Return the red head of a paper that ``body`` issues."""
    said = words()
    return said.mark if said.mark and said.department == body.pk else body.name


def forget(**_signal: Any) -> None:
    """Read afresh at the next question."""
    global _kept
    _kept = None


for _model in (Office, Department):
    post_save.connect(forget, sender=_model)
