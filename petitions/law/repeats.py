"""Repeats and joint matters (Art.19 ¶3, 20, 36): merging and undoing it, related matters, representatives and heads."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import Step

MOST = 5  # Art.20: at most five representatives
BANDS: tuple[tuple[int, str], ...] = (
    (100, "100人以上"),
    (51, "51至100人"),
    (21, "21至50人"),
    (11, "11至20人"),
    (5, "5至10人"),
)

_DESK = ("office:triage", "office:office_head", "office:signer", "office:unit_head")
_COUNTER = ("office:registrar", *_DESK)
_UNROUTED = ("registered", "triaged")
_ANY = ("registered", "triaged", "sent", "review", "objected", "handling", "issued", "delivered", "lapsed", "settled", "in_review", "in_rereview",
        "review_issued", "review_delivered", "exhausted", "closed", "confirmed", "ended")  # fmt: skip


def band(people: int) -> str:
    """Return the band of a joint matter (domain.md §1.4), ``""`` for fewer than five."""
    return next((words for least, words in BANDS if people >= least + (least == 100)), "")


def most_representatives(people: int, numbers: Mapping[str, int]) -> int:
    """Return how many may represent ``people``: five at most, fewer where a local rule says so ([S:ZJ16 Art15])."""
    most = min(MOST, numbers.get("REPRESENTATIVES", MOST))
    return min(most, numbers.get("REPRESENTATIVES_10", most)) if people <= 10 else most


# fmt: off
ROWS: tuple[Step, ...] = (
    Step("merge_supervise", "下级已逾期：并入并督办", "filing", _UNROUTED, "merged", ("office:triage", "office:office_head"), "第十九条第三款、第四十条",
         stops=("T1", "T2"), secondary=True, hint="下级机关在期限内的可以不予受理；已经逾期的，收下并督办。"),
    Step("unmerge", "撤销并件", "filing", ("merged",), "registered", ("office:triage", "office:office_head", "office:unit_head"), "第十九条第三款", secondary=True,
         hint="并错了的，恢复为独立事项，期限仍是原来的日期。"),
    Step("split_off", "拆出为独立事项", "filing", ("merged",), "split", _DESK, "第十九条第三款、第二十二条",
         cancels=("T8",), secondary=True,
         hint="重复件登记错了、其实是另一件事的：另立一件，期限从收到这一件来件之日起算，查询码照旧有效。"),
    Step("relate", "关联事项", "petition", _ANY, "", ("office:triage", "office:office_head"), "第二十二条（工作惯例）", secondary=True,
         hint="同一问题、不同的人：关联而不并件。"),
    Step("unrelate", "取消关联", "petition", _ANY, "", ("office:triage", "office:office_head"), "第二十二条（工作惯例）", secondary=True),
    Step("choose_representatives", "确定代表", "filing", ("registered", "triaged", "routed"), "", _COUNTER, "第二十条第三款", secondary=True),
    Step("count_heads", "核实实到人数", "filing", ("registered", "triaged", "routed", "merged", "ended"), "", _COUNTER, "第二十条第三款", secondary=True),
    Step("pass_on", "代表转告情况", "petition", _ANY, "", ("office:registrar", "office:triage", "office:office_head", "unit:handler"),
         "第二十条第三款、地方规定", secondary=True, hint="答复代表的，代表应当向其他信访人转告；记录何时、怎样转告。"),
)
# fmt: on
