"""Is this a demo's database or an office's?  A mark in the database says so for good; everything that starts asks it.

Invented people and their published password never come beside real ones, and an office never opens on a demo: both ways,
whatever the settings say.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import DatabaseMark, Department, Kind, User

_WORDS = {Kind.DEMO: "a demo's", Kind.OFFICE: "a real office's"}


class WrongDatabase(RuntimeError):
    """The database is marked as the other kind; the message says so in words and what to do."""


def mark() -> str:
    """Return ``demo``, ``office``, or ``""`` where nothing has begun here."""
    return DatabaseMark.objects.values_list("kind", flat=True).first() or ""


def check(kind: str) -> None:
    """Raise WrongDatabase where the database is marked as the other kind."""
    found = mark()
    if found and found != kind:
        raise WrongDatabase(
            f"This database is {_WORDS[Kind(found)]} and cannot become {_WORDS[Kind(kind)]}: "
            f"take another folder (OFFICE_VAR) or another DATABASE_URL.  "
            f"这是{Kind(found).label}数据库，不能作{Kind(kind).label}使用。"
        )


def take(kind: str) -> bool:
    """Mark the database as ``kind``; says whether that is new.  A second process waits and finds the mark of the first.

    Raises:
        WrongDatabase: it is marked as the other kind, or it has no mark and somebody's rows are in it already.
    """
    with transaction.atomic():
        check(kind)
        if mark():
            return False
        if not is_empty():
            raise WrongDatabase(
                "This database has people or bodies in it and no mark of what it is for: take an empty one.  "
                "这个数据库里已有单位或人员，但没有用途标记，请换一个空的数据库。"
            )
        DatabaseMark.objects.bulk_create([DatabaseMark(kind=kind)], ignore_conflicts=True)
        check(kind)
    return True


def is_empty() -> bool:
    """Whether nothing is here but what migrations filled in."""
    people = User.objects.exclude(username="system").exists()
    return not people and not Department.objects.exclude(code="system").exists()
