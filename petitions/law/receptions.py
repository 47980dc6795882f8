"""What is written of leaders' receptions and sponsored cases (Art.18; domain.md §3.3, §4.2, §7): their papers and their events.

None of them is a step of the table: a reception changes no state and moves no clock by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import PaperKind

_18 = "第十八条"

EVENTS: Mapping[str, str] = {
    "received": "领导接访",
    "carried": "列入带案下访",
    "carried_consent": "带案征求本人意见",
    "uncarried": "撤回带案",
    "sponsored": "领导包案",
    "sponsor_note": "包案进展",
    "visit_follow_up": "接访跟进",
}

PAPERS = (
    PaperKind("reception_sheet", "领导接访登记表", "访登", False, _18),
    PaperKind("reception_order", "接访交办单", "访交", False, _18),
    PaperKind("revisit_sheet", "回访记录", "访回", False, _18),
    PaperKind("sponsor_charge", "领导包案责任书", "包", False, _18),
    PaperKind("sponsor_plan", "包案化解方案", "包案", False, _18),
    PaperKind("sponsor_time", "包案延期审批表", "包延", False, _18),
    PaperKind("sponsor_end", "包案销号审批表", "包销", False, _18),
)
