"""Whose is it, when bodies do not agree?  Disputes of competence (Art.24)."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import PaperKind, Step

_24 = "第二十四条第一款"

KINDS: Mapping[str, str] = {"dispute": "受理争议"}
STATES: Mapping[str, Mapping[str, str]] = {
    "dispute": {
        "asked": "待共同上一级决定",
        "conference": "待联席会议协调",
        "decided": "受理机关已确定",
        "agreed": "已协商一致",
    },
}
FINAL: Mapping[str, frozenset[str]] = {"dispute": frozenset({"decided", "agreed"})}
OPEN = ("asked", "conference")

_OFFICE = ("office:triage", "office:office_head")

# fmt: off
ROWS: tuple[Step, ...] = (
    Step("refer_dispute", "提请确定受理机关", "petition", ("registered", "triaged", "objected"), "", _OFFICE, _24, secondary=True,
         hint="两个以上机关对由谁受理有争议的：有共同上一级的报其决定，没有的提请联席会议协调；转送期限继续计算。"),
    Step("dispute_to_conference", "转联席会议协调", "dispute", ("asked",), "conference", _OFFICE, _24, secondary=True),
    Step("decide_dispute", "登记共同上一级的决定", "dispute", ("asked",), "decided", _OFFICE, _24, paper="competence_notice"),
    Step("coordinate_dispute", "协调确定受理机关", "dispute", ("conference",), "decided", ("conference",), _24, paper="competence_notice"),
    Step("dispute_agreed", "登记协商一致", "dispute", OPEN, "agreed", (*_OFFICE, "conference"), _24, secondary=True,
         hint="所涉机关自己商定由谁受理的，争议到此为止。"),
)
# fmt: on

PAPERS = (PaperKind("competence_notice", "确定受理机关通知书", "定", False, _24),)
