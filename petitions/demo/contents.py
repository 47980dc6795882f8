"""To whom does each thing go in the demo county?  The seeded categories with words of the place, and the routing table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from accounts.models import Department, Region, RegionLevel
from petitions.demo.guard import table
from petitions.models import Category, RoutingRule
from petitions.seeds import categories
from petitions.seeds.categories import Named

BY_TOWN = "镇"


@dataclass(frozen=True)
class Content:
    """A second-level category: its codes, whom it goes to, and the words that speak for it.

    Attributes:
        department: code of the body in departments.txt; empty where nothing is suggested, and ``note`` says why.
        by_town: the town where the problem lies comes before that body (Art.5: 属地管理).
    """

    code: str
    name: str
    parent: str
    department: str
    hints: tuple[str, ...]
    note: str
    by_town: bool


@lru_cache(maxsize=1)
def contents() -> tuple[Content, ...]:
    """Every second-level category."""
    ours = {row[0]: row for row in table("categories.txt", 4)}
    return tuple(_content(named, *ours[named.code][1:]) for named in categories.seconds())


def _content(named: Named, department: str, hints: str, note: str) -> Content:
    by_town = note == BY_TOWN
    return Content(
        named.code, named.name, named.parent, department.strip("-"), (*named.hints, *hints.split()),
        "" if by_town else note, by_town,
    )  # fmt: skip


def why_unrouted() -> dict[str, str]:
    """Code → reason, for the categories that no routing rule names."""
    return {row.code: row.note for row in contents() if not row.department}


def build_categories() -> dict[str, Category]:
    """Make the missing categories, and return the second-level ones by their code (names are not unique)."""
    named = {row.code: row.hints for row in categories.seconds()}
    categories.build({row.code: row.hints[len(named[row.code]) :] for row in contents()})
    return {row.code: row for row in Category.objects.filter(code__in=named)}


def build_routes(departments: Mapping[str, Department], regions: Mapping[str, Region]) -> None:
    """Make the missing routing rules: one for the county, and for some contents one for each town."""
    towns = [row for row in regions.values() if row.level == RegionLevel.TOWN]
    rules = []
    for row in contents():
        if row.department:
            body = departments[row.department]
            rules.append(
                RoutingRule(category_id=row.code, department=body, note=f"{row.name}由{body.short_name}主管"[:120])
            )
        if row.by_town:
            rules += [_town_rule(row, town, departments) for town in towns]
    RoutingRule.objects.bulk_create(rules, ignore_conflicts=True)


def _town_rule(row: Content, town: Region, departments: Mapping[str, Department]) -> RoutingRule:
    body = departments[town.code[:9]]
    return RoutingRule(category_id=row.code, region=town, department=body, note="属地管理、分级负责（第五条）")
