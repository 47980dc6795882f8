"""Which matters name the same project or the same policy?  Read from their own words, so that a visit can take them together.

Pure; texts are compared with texts, and nothing of who wrote them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

# How projects, estates, sites and works are called; what stands before is their name.
ENDS = (
    "项目", "工程", "小区", "花园", "公寓", "楼盘", "安置房", "开发区", "园区", "工业园", "电站", "水库", "公路", "高速", "铁路", "大桥", "市场",
    "煤矿", "矿山", "厂区", "有限公司", "合作社", "一期", "二期", "三期",
)  # fmt: skip
SHORTEST, LONGEST = 2, 8  # characters of the name before its ending
_ENDING = re.compile("|".join(sorted(ENDS, key=len, reverse=True)))
_POLICY = re.compile(r"《([^《》]{4,40})》")
# How a title begins before it names anything.
_SAYS = re.compile(r".*(?:反映|要求|请求|关于|投诉|举报|咨询|建议|希望|公开)")
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+$")


def shared(texts: Iterable[tuple[int, str]], *, least: int = 2) -> Mapping[int, tuple[str, int]]:
    """Return for each key the longest name that at least ``least`` texts share, and how many do.

    Args:
        texts: key and words of each matter.
    """
    holders: dict[str, set[int]] = defaultdict(set)
    for key, text in texts:
        for name in _names(text):
            holders[name].add(key)
    found: dict[int, tuple[str, int]] = {}
    # The longest names last, so that they stand.
    for name in sorted(
        (name for name, keys in holders.items() if len(keys) >= least), key=lambda name: (len(name), name)
    ):
        for key in holders[name]:
            found[key] = (name, len(holders[name]))
    return found


def _names(text: str) -> set[str]:
    """Every reading of every name in a text: where a name begins only other texts can tell."""
    found = {f"《{policy}》" for policy in _POLICY.findall(text)}
    for match in _ENDING.finditer(text):
        before = _WORD.search(text[max(0, match.start() - LONGEST) : match.start()])
        word = _SAYS.sub("", before.group()) if before else ""
        found |= {word[-size:] + match.group() for size in range(SHORTEST, len(word) + 1)}
    return found
