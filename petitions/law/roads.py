"""The roads beside the ordinary one: suggestions (Art.29), routes 1 to 5 of a claim (Art.31), simplified handling.

A suggestion and a claim of route 5 are answered by a reply of their own, without review: for the first there is none, for the
second reconsideration and lawsuit are the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import ClockRule, PaperKind, Step

_29, _31, _5 = "第二十九条", "第三十一条第一项至第四项", "第三十一条第五项"

CLOCKS = (
    ClockRule("TG", "回复建议采纳情况", 60, False, "地方规则（条例第二十九条未定天数）", "proceeding", local=True),
    ClockRule("TY", "履职答复", 60, False, "地方规则（行政诉讼法第四十七条：两个月）", "proceeding", local=True),
)

STATES: Mapping[str, str] = {
    "studying": "研究办理中",
    "reply_drafted": "答复待签发",
    "reply_issued": "答复待送达",
    "reply_delivered": "答复已送达",
    "outside_done": "其他程序已有结果",
    "came_back": "已回到信访程序",
}
FINAL = frozenset({"outside_done", "came_back", "reply_delivered"})
# Where the whole matter stands while such a run is its main one.
STAGES: Mapping[str, str] = {
    "studying": "handling", "reply_drafted": "handling", "reply_issued": "issued", "reply_delivered": "delivered",
}  # fmt: skip

ADOPTION: Mapping[str, str] = {"whole": "采纳", "part": "部分采纳", "none": "未采纳"}

_UNIT = ("unit:signer", "unit:unit_head")
_WORK = ("unit:handler", "unit:signer", "unit:unit_head")
_KNOW = (*_WORK, "office:triage", "office:office_head")

# fmt: off
ROWS: tuple[Step, ...] = (
    Step("take_suggestion", "接收建议，研究论证", "assignment", ("signed",), "accepted", _UNIT, "第二十三条、第二十九条",
         stops=("T3",), cancels=("T4",), starts=("TG",), paper="suggestion_notice"),
    Step("draft_reply", "起草答复", "proceeding", ("studying", "reply_drafted"), "reply_drafted", ("unit:handler",), "第二十九条、第三十一条第五项"),
    Step("return_reply", "退回修改答复", "proceeding", ("reply_drafted",), "studying", ("unit:unit_leader", "unit:unit_head"),
         "第二十九条、第三十一条第五项", secondary=True),
    Step("sign_reply", "签发答复", "proceeding", ("reply_drafted",), "reply_issued", ("unit:unit_head",), "第二十九条、第三十一条第五项",
         stops=("TG", "TY"), starts=("TD",), paper="suggestion_reply"),
    Step("deliver_reply", "送达答复", "proceeding", ("reply_issued",), "reply_delivered", _WORK, "第二十九条、第三十一条第五项", stops=("TD",)),
    Step("close_reply", "办结", "proceeding", ("reply_delivered",), "closed", _WORK, "第二十九条、第三十一条第五项", starts=("TA",)),
    Step("outside_result", "记录程序结果", "proceeding", ("outside",), "outside_done", _KNOW, _31, secondary=True),
    Step("come_back", "回到信访程序", "proceeding", ("outside", "outside_done", "studying", "reply_drafted", "reply_delivered"), "came_back",
         _KNOW, "第三十一条第六项", cancels=("TY",), starts=("T5",), paper="come_back_notice", secondary=True,
         hint="其他程序不予受理，或者结果表明应当按信访程序办理的，办理期限自今天起算；还没有答复、发现不是法定职责的，仍自受理之日起算。"),
    Step("to_ordinary", "转为普通程序", "proceeding", ("handling", "drafted", "checked"), "", ("unit:handler", "unit:unit_leader", "unit:unit_head"),
         "第三十四条", cancels=("T5'",), starts=("T5",), paper="ordinary_notice", secondary=True,
         hint="情况复杂、十个工作日内办不完的；六十日仍自受理之日起算。"),
)
# fmt: on

PAPERS = (
    PaperKind("suggestion_notice", "建议意见接收告知书", "建收", True, "第二十三条、第二十九条"),
    PaperKind("suggestion_reply", "建议采纳情况回复", "建复", True, _29),
    PaperKind("duty_reply", "履行法定职责答复", "履", True, _5),
    PaperKind("come_back_notice", "转入信访程序办理告知书", "入", True, "第三十一条第六项"),
    PaperKind("ordinary_notice", "转为普通程序办理告知书", "普", True, "第三十四条"),
)
