"""Where does this belong?  Category, place and responsible body guessed from words and a table, each with its reason.

A person decides: nothing here is written anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.dates import today
from accounts.models import Department, Region
from petitions import trees
from petitions.models import Category, RoutingRule

# From the village up to the province: how many digits of a region's code name it at each level (GB/T 2260).
_LEVELS = (12, 9, 6, 4, 2)
_PLACE_ENDS = ("街道", "社区", "镇", "乡", "村")
SHORTEST_NAME = 2  # characters of a place that count without its ending
# What makes a village's name without its ending a place: many of them (和平, 前进) are words of every day too.
_AFTER_A_VILLAGE = ("自然村", "行政村", "村民", "村委", "村里", "经济合作社", "老年协会", "小学", "小区")


@dataclass(frozen=True)
class Guess:
    """One suggestion: the value to take, its name, and why."""

    value: str
    label: str
    reason: str


def categories(text: str, *, limit: int = 3) -> list[Guess]:
    """Return the categories whose hint words stand in ``text``, the one with most of them (longer words first) before."""
    found = []
    for code, hints in trees.hints().items():
        said = [hint for hint in hints if hint in text]
        if said:
            found.append((sum(map(len, said)), code, said))
    tree = trees.categories()
    best = sorted(found, key=lambda row: (-row[0], row[1]))[:limit]
    return [
        Guess(str(code), f"{tree.name(tree.nodes[code].above)} · {tree.name(code)}".strip(" ·"), _said(words))
        for _, code, words in best
        if code in tree.nodes
    ]


def _said(words: Sequence[str]) -> str:
    longest = sorted(words, key=len, reverse=True)[:3]
    return f"提到{''.join(f'“{word}”' for word in longest)}"


def regions(text: str, *, limit: int = 3) -> list[Guess]:
    """Return the places named in ``text``: by whole name before a name without its ending, small before large.

    A village without its ending counts beside its town's name or before a word that only a place has.
    """
    tree = trees.regions()
    found = []
    for node in tree.nodes.values():
        if not node.active or node.depth < trees.TOWN_DEPTH:
            continue
        near = node.depth == trees.TOWN_DEPTH or _mentioned(tree.name(node.above), text)
        word = next((name for name in _names(node.name) if name in text), "")
        if word and (word == node.name or near or _is_village(word, text)):
            found.append((word != node.name, not near, -node.depth, -len(word), node, word))
    found.sort(key=lambda row: (*row[:4], row[4].key))
    rows = [(node, word) for *_, node, word in found][:limit]
    return [Guess(str(node.key), f"{_above(tree, node)}{node.name}", f"提到“{word}”") for node, word in rows]


def _names(name: str) -> list[str]:
    """A place's name, and the same without its ending as people say it."""
    bare = next((name.removesuffix(end) for end in _PLACE_ENDS if name.endswith(end)), name)
    return [name, *([bare] if len(bare) >= SHORTEST_NAME and bare != name else [])]


def _is_village(bare: str, text: str) -> bool:
    return any(f"{bare}{after}" in text for after in _AFTER_A_VILLAGE)


def _mentioned(name: str, text: str) -> bool:
    return any(word in text for word in _names(name))


def _above(tree: trees.Tree, node: trees.Node) -> str:
    return tree.name(node.above) if node.depth > trees.TOWN_DEPTH else ""


def departments(category: Category | None, region: Region | None) -> list[Guess]:
    """Return the bodies that the routing table names for a category and a place, the nearest place's rule first.

    Rules of the category above it come after its own.
    """
    if category is None:
        return []
    code = str(category.pk)
    best: dict[int, RoutingRule] = {}
    for rule in _fitting(_rules(_line(code)), code, region):
        best.setdefault(rule.department_id, rule)
    return [Guess(str(body), rule.department.name, _why(rule)) for body, rule in best.items()]


def _line(code: str) -> list[str]:
    """A category and the one above it."""
    node = trees.categories().nodes.get(code)
    return [code, str(node.above)] if node and node.above else [code]


def _fitting(rules: Iterable[RoutingRule], code: str, region: Region | None) -> list[RoutingRule]:
    """The rules that hold for a category at a place, the nearest first: own category before the one above, then place."""
    line = _line(code)
    wanted = [rule for rule in rules if rule.category_id in line and _covers(rule, region)]
    return sorted(wanted, key=lambda rule: (line.index(rule.category_id), -_near(rule), rule.pk))


def _near(rule: RoutingRule) -> int:
    return len(_digits(rule.region_id)) if rule.region_id else 0


def _rules(codes: Iterable[str]) -> list[RoutingRule]:
    """The rules of some categories whose bodies are in force today."""
    rows = RoutingRule.objects.filter(category__in=list(codes)).select_related("department", "category", "region")
    bodies = Department.objects.in_force(today())
    return list(rows.filter(department__in=bodies).order_by("pk"))


def _covers(rule: RoutingRule, region: Region | None) -> bool:
    """Whether the rule holds at ``region``: anywhere, or in a place that contains it."""
    if rule.region_id is None:
        return True
    return region is not None and str(region.pk).startswith(_digits(rule.region_id))


def _digits(code: str) -> str:
    """The part of a region's code that everything inside it shares."""
    return next((code[:size] for size in reversed(_LEVELS) if code[size:].strip("0") == ""), code)


def _why(rule: RoutingRule) -> str:
    where = rule.region.name if rule.region else "全县"
    return rule.note or f"分派表：{rule.category.name}（{where}）"


def bodies_for(asked: Iterable[tuple[int, str | None, str | None]]) -> dict[int, tuple[Department, str]]:
    """Return for each (id, category code, region code) the body the table names and why, all in one question."""
    rows = [(pk, category, region) for pk, category, region in asked if category]
    rules = _rules({code for _, category, _ in rows if category for code in _line(category)}) if rows else []
    found = {}
    for pk, category, region in rows:
        fitting = _fitting(rules, category, Region(pk=region) if region else None)
        if fitting:
            found[pk] = (fitting[0].department, _why(fitting[0]))
    return found
