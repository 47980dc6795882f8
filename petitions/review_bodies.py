"""Which body may review an opinion?  The table an administrator keeps; where it is silent, the level above (Art.35, 36)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput
from accounts.manage import changed, check_manages
from accounts.models import Department, DepartmentKind, Level
from petitions.models import ReviewBody

_LEVELS = (Level.TOWN, Level.COUNTY, Level.CITY, Level.PROVINCE, Level.CENTRAL)
# Bodies that stand for their level itself: what is above them is the next level.
_OF_THE_LEVEL = frozenset({DepartmentKind.REVIEW, DepartmentKind.LEADERSHIP, DepartmentKind.SUPERIOR})


def possible(of: Department) -> list[Department]:
    """Return the bodies, in force today, to which somebody may go against an opinion of ``of``.

    A county's bureau or township goes to the county, the county to the city ([S:BJ06 Art48]); rows of the table come first.
    """
    in_force = Department.objects.in_force(today())
    kept = list(in_force.filter(pk__in=ReviewBody.objects.filter(of=of).values("body")).order_by("code"))
    if kept:
        return kept
    level = level_above(of)
    for kind in (DepartmentKind.REVIEW, DepartmentKind.SUPERIOR):
        found = list(in_force.filter(kind=kind, level=level).exclude(pk=of.pk).order_by("code"))
        if found:
            return found
    return [of.parent] if of.parent is not None else []


def level_above(of: Department) -> str:
    """Return the level of government that reviews what ``of`` has decided."""
    if of.level == Level.TOWN:
        return Level.COUNTY
    if of.kind not in _OF_THE_LEVEL:
        return of.level
    return next_level(of.level)


def next_level(level: str) -> str:
    """Return the level above ``level``; the highest is its own."""
    return _LEVELS[min(_LEVELS.index(Level(level)) + 1, len(_LEVELS) - 1)]


def offered() -> QuerySet[Department]:
    """Bodies in force that may be put into the table as reviewing."""
    never = (DepartmentKind.INNER, DepartmentKind.VILLAGE, DepartmentKind.SYSTEM)
    return Department.objects.in_force(today()).exclude(kind__in=never).order_by("code")


def facts(row: ReviewBody) -> Mapping[str, object]:
    """Return a row's fields by their names on the page."""
    return {"办理机关": row.of.name, "复查（复核）机关": row.body.name, "依据": row.note}


def put(*, by: Actor, of: Department, body: Department, note: str = "") -> ReviewBody:
    """Say that opinions of ``of`` may be reviewed by ``body``.

    Raises:
        WrongPerson, BadInput: a body does not review itself, nor what stands above it.
    """
    check_manages(by, "review_bodies")
    if body.path.startswith(of.path):
        raise BadInput({"body": "复查、复核由上一级机关、单位办理，不能是本单位或者下级。"})
    if _LEVELS.index(Level(body.level)) < _LEVELS.index(Level(of.level)):
        raise BadInput({"body": f"{body.name}的层级低于{of.name}，不能复查它的意见。"})
    with transaction.atomic():
        row, made = ReviewBody.objects.get_or_create(of=of, body=body, defaults={"note": note})
        if not made:
            raise BadInput({"body": "已经有这一条。"})
        changed(by, "review_bodies", "新增复查复核机关", after=facts(row), reason=note)
    return row


def drop(row: ReviewBody, *, by: Actor, reason: str) -> None:
    """Take a row out of the table; runs under way stay where they are.

    Raises:
        WrongPerson.
    """
    check_manages(by, "review_bodies")
    with transaction.atomic():
        changed(by, "review_bodies", "删除复查复核机关", before=facts(row), reason=reason)
        row.delete()


def succeed(old: Department, new: Department) -> None:
    """The body that follows ``old`` stands where it stood in the table; a row that it has already, or about itself, goes."""
    for name in ("of", "body"):
        for row in ReviewBody.objects.filter(**{name: old}):
            setattr(row, name, new)
            same = ReviewBody.objects.filter(of=row.of_id, body=row.body_id).exclude(pk=row.pk)
            if row.of_id == row.body_id or same.exists():
                row.delete()
            else:
                row.save(update_fields=[name])
