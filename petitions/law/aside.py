"""What runs beside the stage: hearings (Art.31, 36), mediation and settlement (Art.33), withdrawal, urgent reports (Art.25)."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import ClockRule, PaperKind, Step

_HEAR, _MEDIATE, _URGENT = "第三十一条第六项、第三十六条第二款", "第三十三条、第三十七条", "第二十五条"

CLOCKS = (
    ClockRule(
        "TQ",
        "共同申请司法确认",
        30,
        False,
        "地方规则（《人民调解法》第三十三条）",
        "mediation",
        window=True,
        local=True,
    ),
)

KINDS: Mapping[str, str] = {"hearing": "听证", "mediation": "调解和解", "withdrawal": "撤回", "urgent": "重大紧急"}
STATES: Mapping[str, Mapping[str, str]] = {
    "hearing": {"called": "待举行", "held": "待作结论", "concluded": "已有结论", "cancelled": "已取消"},
    "mediation": {
        "mediating": "调解中", "agreed": "已达成协议", "performed": "协议已履行", "broken": "协议未履行", "stopped": "调解终止",
    },
    "withdrawal": {"asked": "待核实", "confirmed": "已确认", "not_meant": "未确认"},
    "urgent": {"reported": "处置中", "over": "已结束"},
}  # fmt: skip
FINAL: Mapping[str, frozenset[str]] = {
    "hearing": frozenset({"concluded", "cancelled"}),
    "mediation": frozenset({"performed", "broken", "stopped"}),
    "withdrawal": frozenset({"confirmed", "not_meant"}),
    "urgent": frozenset({"over"}),
}
# Further states of rows that have their own elsewhere.
PROCEEDING_STATES: Mapping[str, str] = {"settled": "达成协议待办结", "withdrawn": "已撤回"}
ASSIGNMENT_STATES: Mapping[str, str] = {"withdrawn": "已撤回"}

# The national text says only that a hearing's time does not count at re-review (Art.36 ¶2).  How long that may be is taken
# from local hearing rules (domain.md §2.3 T10, [S:TZ1-4]): notice at least 7 days ahead, held within 30 days, concluded within
# 20.  A local rule may set a longer notice, and shorter times to hold and conclude, never longer ones.
NOTICE_DAYS, HOLD_DAYS, CONCLUSION_DAYS = 7, 30, 20

_HANDLES = ("unit:handler", "unit:unit_leader", "unit:unit_head", "unit:reviewer", "unit:rereviewer")
_WORK = ("unit:handler", "unit:signer", "unit:unit_head")
_OFFICE = ("office:registrar", "office:triage", "office:office_head")
_BEFORE_ANSWER = ("registered", "triaged", "sent", "review", "objected", "handling")
_OPEN = (*_BEFORE_ANSWER, "issued", "delivered", "lapsed", "settled", "in_review", "in_rereview", "review_issued", "review_delivered", "exhausted",
         "closed")  # fmt: skip
_OPEN_RUN = ("handling", "drafted", "checked", "studying", "reply_drafted")

# fmt: off
ROWS: tuple[Step, ...] = (
    Step("call_hearing", "决定听证", "proceeding", ("handling", "drafted", "reviewing", "review_drafted"), "", _HANDLES, _HEAR,
         paper="hearing_notice", secondary=True,
         hint="重大、复杂、疑难的事项可以听证；听证时间只在复核中不计入期限（第三十六条）。"),
    Step("hold_hearing", "记录听证", "hearing", ("called",), "held", _HANDLES, _HEAR, paper="hearing_record"),
    Step("conclude_hearing", "作出听证结论", "hearing", ("held",), "concluded", _HANDLES, _HEAR, paper="hearing_conclusion"),
    Step("cancel_hearing", "取消听证", "hearing", ("called",), "cancelled", _HANDLES, _HEAR, secondary=True),
    Step("start_mediation", "组织调解、引导和解", "proceeding", ("handling", "drafted", "checked"), "", _HANDLES[:3], _MEDIATE, secondary=True,
         hint="双方都同意才能开始；不停止办理期限。"),
    Step("mediation_session", "记录调解", "mediation", ("mediating",), "", _HANDLES[:3], _MEDIATE),
    Step("agree_mediation", "达成协议", "mediation", ("mediating",), "agreed", _HANDLES[:3], _MEDIATE, starts=("TQ",),
         paper="mediation_paper"),
    Step("stop_mediation", "终止调解", "mediation", ("mediating",), "stopped", _HANDLES[:3], _MEDIATE, secondary=True,
         hint="一方不同意的，立即终止，继续办理。"),
    Step("court_confirms", "记录司法确认", "mediation", ("agreed",), "", (*_HANDLES[:3], *_OFFICE), "第三十三条（《人民调解法》第三十三条）",
         stops=("TQ",), secondary=True),
    Step("perform_mediation", "协议履行完毕", "mediation", ("agreed",), "performed", (*_HANDLES[:3], *_OFFICE), _MEDIATE, cancels=("TQ",)),
    Step("break_mediation", "协议没有履行", "mediation", ("agreed",), "broken", (*_HANDLES[:3], *_OFFICE), _MEDIATE, cancels=("TQ",),
         secondary=True, hint="事项回到办理中，期限仍是原来的日期。"),
    Step("settle", "以调解、和解办结", "proceeding", ("handling", "drafted", "checked"), "settled", ("unit:unit_head",), _MEDIATE,
         stops=("T5", "T5'"), secondary=True),
    Step("unsettle", "协议未履行，继续办理", "proceeding", ("settled",), "handling", ("system",), _MEDIATE),
    Step("close_settled", "办结", "proceeding", ("settled",), "closed", _WORK, _MEDIATE, starts=("TA",)),
    Step("record_withdrawal", "记录撤回", "petition", (*_BEFORE_ANSWER, "issued"), "", (*_OFFICE, *_WORK), "第三条（信访人自愿）", secondary=True,
         hint="照信访人自己的书面或录音表示记录；由另一人核实确认，不得劝退。"),
    Step("confirm_withdrawal", "核实后确认撤回", "withdrawal", ("asked",), "confirmed", ("office:triage", "office:office_head"), "第三条（信访人自愿）",
         paper="withdrawal_notice", hint="由记录人以外的人当面或电话核实；撤回后随时可以重新提出。"),
    Step("deny_withdrawal", "不是本人意思", "withdrawal", ("asked",), "not_meant", ("office:triage", "office:office_head"), "第三条（信访人自愿）",
         secondary=True),
    Step("stop_filing", "随撤回了结", "filing", ("registered", "triaged"), "ended", ("system",), "第三条（信访人自愿）"),
    Step("stop_hold", "随撤回了结", "assignment", ("sent", "signed", "objected", "accepted", "co_sent", "co_signed"), "withdrawn", ("system",),
         "第三条（信访人自愿）"),
    Step("stop_run", "随撤回了结", "proceeding", (*_OPEN_RUN, "issued", "reply_issued"), "withdrawn", ("system",), "第三条（信访人自愿）"),
    # Also of what has ended: what becomes of it may be major and urgent too (Art.25 knows no stage).
    Step("report_urgent", "重大紧急上报", "petition", (*_OPEN, "confirmed", "ended"), "",
         (*_OFFICE, "unit:signer", "unit:unit_head"), _URGENT, paper="urgent_report", secondary=True,
         hint="及时报告本级党委和政府，通报主管部门和联席办；信访部门同时报上一级信访部门和国家信访局。"),
    Step("urgent_measure", "续报处置情况", "urgent", ("reported",), "", (*_OFFICE, "unit:signer", "unit:unit_head"), _URGENT),
    Step("end_urgent", "结束紧急处置", "urgent", ("reported",), "over", (*_OFFICE, "unit:signer", "unit:unit_head"), _URGENT, secondary=True),
)
# fmt: on

PAPERS = (
    PaperKind("hearing_notice", "听证通知书", "听", True, _HEAR),
    PaperKind("hearing_record", "听证笔录", "听录", False, _HEAR),
    PaperKind("hearing_conclusion", "听证结论", "听结", True, _HEAR),
    PaperKind("mediation_paper", "调解协议书", "调", True, _MEDIATE),
    PaperKind("settlement_paper", "和解协议书", "和", True, _MEDIATE),
    PaperKind("withdrawal_notice", "撤回信访事项确认书", "撤", True, "第三条（信访人自愿）"),
    PaperKind("urgent_report", "重大紧急信访信息报告", "急", False, _URGENT),
)
