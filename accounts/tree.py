"""How do departments stand under one another?  Keeps each one's path, which every subtree question reads."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Concat, Length, Substr

from accounts.models import Department


class Circle(ValueError):
    """A department cannot stand under itself."""


def place(department: Department) -> Department:
    """Compute and save the path of a saved ``department`` from its parent's, and move everything below it along.

    Raises:
        Circle: the parent stands below the department.
    """
    parent = department.parent
    new = f"{parent.path if parent else '/'}{department.pk}/"
    old = department.path
    if parent is not None and old and parent.path.startswith(old):
        raise Circle(f"{parent.name}在{department.name}之下，不能作为它的上级。")
    if new == old:
        return department
    with transaction.atomic():
        if old:
            _move(old, new)
        department.path = new
        department.save(update_fields=["path"])
    return department


def _move(old: str, new: str) -> None:
    """Give every path that begins with ``old`` the beginning ``new``."""
    rest = Substr("path", Value(len(old) + 1), Length(F("path")))
    Department.objects.filter(path__startswith=old).update(path=Concat(Cast(Value(new), TextField()), rest))


def subtree_ids(department: Department) -> tuple[int, ...]:
    """Return the ids of ``department`` and of everything below it, in the order of the tree."""
    return tuple(
        Department.objects.filter(path__startswith=department.path).order_by("path").values_list("pk", flat=True)
    )
