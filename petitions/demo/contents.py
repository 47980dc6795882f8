"""What do petitions speak of, and to whom does each thing go?  The category tree and the routing table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from accounts.models import Department, Region, RegionLevel
from petitions.demo.guard import table
from petitions.models import Category, RoutingRule

# The one value known of the national list (domain.md §6.1); other digits are not published and stay empty.
_NATIONAL = {"其他": "990000"}
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
def tops() -> tuple[tuple[str, str], ...]:
    """Code and name of each first-level category."""
    return tuple((row[0][:2], row[0][3:]) for row in table("categories.txt", 4) if len(row) == 1)


@lru_cache(maxsize=1)
def contents() -> tuple[Content, ...]:
    """Every second-level category."""
    return tuple(_read())


def _read() -> Iterator[Content]:
    parent, serial = "", 0
    for row in table("categories.txt", 4):
        if len(row) == 1:
            parent, serial = row[0][:2], 0
            continue
        serial += 1
        name, department, hints, note = row
        by_town = note == BY_TOWN
        yield Content(
            f"{parent}{serial:02d}",
            name,
            parent,
            department.strip("-"),
            tuple(hints.split()),
            "" if by_town else note,
            by_town,
        )


def why_unrouted() -> dict[str, str]:
    """Code → reason, for the categories that no routing rule names."""
    return {row.code: row.note for row in contents() if not row.department}


def build_categories() -> dict[str, Category]:
    """Make the missing categories, and return the second-level ones by their code (names are not unique)."""
    rows = {code: Category(code=code, name=name, outside_codes=_outside(name)) for code, name in tops()}
    lower = {
        row.code: Category(
            code=row.code, name=row.name, parent_id=row.parent, hints=list(row.hints), outside_codes=_outside(row.name)
        )
        for row in contents()
    }
    Category.objects.bulk_create([*rows.values(), *lower.values()], ignore_conflicts=True)
    return {row.code: row for row in Category.objects.filter(code__in=lower)}


def _outside(name: str) -> dict[str, str | None]:
    return {"national": _NATIONAL.get(name)}


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
