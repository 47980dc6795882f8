"""What does a leader take upon himself with a case?  The lists that documents give (四包, 五包); no list is the law's own.

Art.18 says 包案化解 and no list, so that an office adopts one, or writes rows of its own.  Pure data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PledgeSet:
    """One list, and the document that gives it."""

    code: str
    name: str
    source: str
    items: tuple[str, ...]


FOUR = ("包掌握情况", "包思想教育", "包解决化解", "包息诉息访")
SETS: Mapping[str, PledgeSet] = {
    one.code: one
    for one in (
        PledgeSet("four", "四包", "2009年领导干部定期接待群众来访等文件", FOUR),
        PledgeSet("five_aid", "五包（加包帮扶救助）", "地方做法", (*FOUR, "包帮扶救助")),
        PledgeSet("five_calm", "五包（加包稳定）", "地方做法", (*FOUR, "包稳定")),
        PledgeSet("five_town", "五包（乡镇）", "乡镇做法", ("包案件", "包责任", "包时限", "包资金", "包供给")),
    )
}
DEFAULT = SETS["four"]

__all__ = ["DEFAULT", "SETS", "PledgeSet"]
