"""Which categories, places and bodies are there?  Three small trees, kept in this process for a minute, for lists only.

What somebody sees is never decided from here: `access` asks the database each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models.signals import post_delete, post_save

from accounts.dates import today
from accounts.models import Department, FormerName, Region, RegionLevel
from petitions.models import Category

KEEP_SECONDS = 60
TOWN_DEPTH = 3  # regions deeper than a town are reached by their code, or chosen at triage
Key = int | str
Option = tuple[str, str, int]  # what may be chosen: its value, its words, its depth
# How many digits of a 12-digit code a level fills (GB/T 2260 and its extension).
_DIGITS = {
    RegionLevel.PROVINCE: 2,
    RegionLevel.CITY: 4,
    RegionLevel.COUNTY: 6,
    RegionLevel.TOWN: 9,
    RegionLevel.VILLAGE: 12,
}


@dataclass(frozen=True)
class Node:
    """One category, place or body: its key, its name, what stands above it, how deep it lies (0 = top), whether in use."""

    key: Key
    name: str
    above: Key | None
    depth: int
    path: str
    active: bool = True


@dataclass
class Tree:
    """Nodes by key, in the order of their paths."""

    nodes: dict[Key, Node] = field(default_factory=dict)

    def name(self, key: Key | None) -> str:
        """The name of ``key``, empty for none."""
        node = self.nodes.get(key) if key is not None else None
        return node.name if node else ""

    def top(self, key: Key) -> Key:
        """What stands highest above ``key``, or it itself; empty where it is not known."""
        node = self.nodes.get(key)
        if node is None:
            return ""
        return self.top(node.above) if node.above in self.nodes else node.key

    def leaves(self) -> list[Node]:
        """Nodes in use that nothing in use stands under."""
        used = [node for node in self.nodes.values() if node.active]
        above = {node.above for node in used}
        return [node for node in used if node.key not in above]

    def below(self, key: Key) -> tuple[Key, ...]:
        """``key`` and every key below it; a key that is not known stands alone."""
        node = self.nodes.get(key)
        if node is None:
            return (key,)
        return tuple(other.key for other in self.nodes.values() if other.path.startswith(node.path))


def _tree(rows: Iterable[Node]) -> Tree:
    return Tree({node.key: node for node in sorted(rows, key=lambda node: node.path)})


def _departments() -> Tree:
    rows = Department.objects.exclude(kind="system").values_list("pk", "short_name", "parent_id", "path", "valid_to")
    return _tree(
        Node(pk, name, above, path.count("/") - 2, path, valid_to is None or valid_to >= today())
        for pk, name, above, path, valid_to in rows
    )


def _categories() -> Tree:
    rows = list(Category.objects.values_list("pk", "name", "parent_id", "active"))
    return _tree(
        Node(pk, name, above, 1 if above else 0, f"/{above}/{pk}/" if above else f"/{pk}/", active)
        for pk, name, above, active in rows
    )


def _regions() -> Tree:
    rows = Region.objects.values_list("pk", "name", "parent_id", "level", "active")
    return _tree(
        Node(pk, name, above, list(_DIGITS).index(RegionLevel(level)), pk[: _DIGITS[RegionLevel(level)]], active)
        for pk, name, above, level, active in rows
    )


def _hints() -> dict[Key, tuple[str, ...]]:
    rows = Category.objects.filter(active=True).exclude(hints=[]).values_list("pk", "hints")
    return {pk: tuple(hint for hint in hints if hint) for pk, hints in rows}


def _former() -> dict[int, list[tuple[date, str]]]:
    found: dict[int, list[tuple[date, str]]] = {}
    for pk, until, short in FormerName.objects.order_by("until", "pk").values_list("department", "until", "short_name"):
        found.setdefault(pk, []).append((until, short))
    return found


_READ: dict[str, Callable[[], Any]] = {
    "departments": _departments, "categories": _categories, "regions": _regions, "hints": _hints,
    "former": _former,
}  # fmt: skip
_kept: dict[str, tuple[float, Any]] = {}


def _get(which: str) -> Any:
    found = _kept.get(which)
    if found is None or found[0] < time.monotonic():
        found = (time.monotonic() + KEEP_SECONDS, _READ[which]())
        _kept[which] = found
    return found[1]


def departments() -> Tree:
    """Bodies by id, but not the system's own."""
    tree: Tree = _get("departments")
    return tree


def categories() -> Tree:
    """Content categories by code."""
    tree: Tree = _get("categories")
    return tree


def regions() -> Tree:
    """Places by their 12-digit code."""
    tree: Tree = _get("regions")
    return tree


def options(tree: Tree, deepest: int | None = None, top: int = 0) -> list[Option]:
    """The nodes of a tree to choose from, in its order, from depth ``top`` down to ``deepest``."""
    nodes = [node for node in tree.nodes.values() if top <= node.depth and (deepest is None or node.depth <= deepest)]
    return [(str(node.key), node.name, min(node.depth - top, 3)) for node in nodes]


def bodies() -> list[Option]:
    """Every body to choose from; one that is no longer is still asked for, and says so."""
    nodes = departments().nodes.values()
    return [
        (str(node.key), node.name if node.active else f"{node.name}（已撤销）", min(node.depth, 3)) for node in nodes
    ]


def flat(pairs: Iterable[tuple[Any, Any]]) -> tuple[Option, ...]:
    """Values with their words as options of no tree."""
    return tuple((str(value), str(words), 0) for value, words in pairs)


def hints() -> dict[Key, tuple[str, ...]]:
    """The words that speak for each category in use, by its code."""
    words: dict[Key, tuple[str, ...]] = _get("hints")
    return words


def name_on(department_id: int, day: date, now: str) -> str:
    """The short name that a body bore on ``day`` (Asia/Shanghai date); ``now``: the one it bears today."""
    former: dict[int, list[tuple[date, str]]] = _get("former")
    return next((name for until, name in former.get(department_id, ()) if day <= until), now)


def forget(**_signal: Any) -> None:
    """Read afresh at the next question (after an administrator's change in this process; in tests)."""
    _kept.clear()


for _model in (Department, Category, Region, FormerName):
    post_save.connect(forget, sender=_model)
    post_delete.connect(forget, sender=_model)
