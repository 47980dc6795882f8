"""Which bodies are there?  About sixty, as a tree: petition office, commissions, bureaus, courts, towns and streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from accounts.identity import pinyin_full
from accounts.models import Department, DepartmentKind, Level, Region, RegionLevel
from accounts.tree import place
from petitions.demo.guard import table
from petitions.demo.places import COUNTY

SINCE = date(2019, 1, 1)
OPEN = "工作日 8:30—11:30，14:00—17:00"
_CODE = "PJ-"


@dataclass(frozen=True)
class Body:
    """One body as the table says it; ``slug`` begins the sign-in names of its people."""

    code: str
    parent: str
    kind: str
    level: str
    slug: str
    short: str
    name: str
    prefix: str
    address: str
    region: str = f"{COUNTY}000000"


def bodies(regions: Mapping[str, Region]) -> list[Body]:
    """Every body of the table, then every town and street of the county."""
    listed = [Body(*row) for row in table("departments.txt", 9)]
    towns = [row for row in regions.values() if row.level == RegionLevel.TOWN]
    return listed + [_town(region) for region in towns]


def _town(region: Region) -> Body:
    """The government of a town, or the office of a street; codes are the region's nine digits."""
    street = region.name.endswith("街道")
    plain = region.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    kind = DepartmentKind.STREET if street else DepartmentKind.TOWNSHIP
    name = f"浦江县人民政府{region.name}办事处" if street else f"浦江县{region.name}人民政府"
    return Body(
        region.code[:9], "ZF", kind, Level.TOWN, pinyin_full(plain), region.name, name,
        f"{plain}{'街' if street else '政'}", f"{region.name}便民服务中心", region.code,
    )  # fmt: skip


def build_departments(listed: list[Body], regions: Mapping[str, Region]) -> dict[str, Department]:
    """Make the bodies that are missing, in the order of the tree, and return all by their code in the table."""
    codes = [_CODE + body.code for body in listed]
    rows = {row.code.removeprefix(_CODE): row for row in Department.objects.filter(code__in=codes)}
    for number, body in enumerate(listed, start=101):
        if body.code not in rows:
            rows[body.code] = _make(body, number, rows.get(body.parent), regions)
    return rows


def _make(body: Body, number: int, parent: Department | None, regions: Mapping[str, Region]) -> Department:
    """A subscriber's number never begins with 0: the telephone numbers look right and reach nobody."""
    county = body.level in (Level.COUNTY, Level.TOWN)
    row = Department.objects.create(
        code=_CODE + body.code, name=body.name, short_name=body.short, kind=body.kind, level=body.level, parent=parent,
        region=regions[body.region] if county else None, paper_prefix=body.prefix, phone=f"0579-0000{number:04d}",
        address=f"浦江县{body.address}" if body.address else "", opening_hours=OPEN if body.address else "",
        valid_from=SINCE,
    )  # fmt: skip
    return place(row)
