"""Which places are there?  浦江县 from the province down to the villages, out of installed packages."""

from __future__ import annotations

from accounts.gazetteer import county_rows
from accounts.models import Region

COUNTY = "330726"


def build_regions() -> dict[str, Region]:
    """Make the county's regions where they are missing, and return all by their 12-digit code."""
    rows = county_rows(COUNTY)
    known = set(Region.objects.filter(code__in=rows).values_list("code", flat=True))
    Region.objects.bulk_create([row for code, row in rows.items() if code not in known])
    return rows
