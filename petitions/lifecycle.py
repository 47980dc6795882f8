"""THE LAW: which step leads from where to where, by whom, with which clocks and papers, under which article.

Pure data; imports nothing of ours.  Read it beside 《信访工作条例》 (2022).  ``docs/lifecycle.md`` is printed from it.
Every row is one sentence: *who* may take *step* on *row* when it is in one of *from_*; it is then in *to*; the clocks
in *stops* have been met, those in *cancels* no longer apply, those in *starts* begin; *paper* is issued.
"""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import (
    DATED_BACK,
    IN_FORCE,
    TEXT,
    ClockRule,
    PaperKind,
    Step,
    archive,
    aside,
    competence,
    oversight,
    papers,
    receptions,
    recusal,
    repeats,
    review,
    roads,
)

CLOCKS: Mapping[str, ClockRule] = {
    rule.code: rule
    for rule in (
        ClockRule("T1", "转送交办", 15, False, "第二十二条", "filing"),
        ClockRule("T2", "告知是否受理（直接提出）", 15, False, "第二十三条", "filing"),
        ClockRule("TS", "签收", 2, True, "地方规则（条例未定天数）", "assignment", local=True),
        ClockRule("T3", "告知是否受理（转送交办）", 15, False, "第二十三条", "assignment"),
        ClockRule("T4", "提出异议", 5, True, "第二十三条", "assignment", window=True),
        ClockRule("TC", "答复异议", 2, True, "地方规则（条例未定天数）", "assignment", local=True),
        ClockRule("T5", "办理", 60, False, "第三十四条", "proceeding"),
        ClockRule("T5'", "简易办理", 10, True, "信访事项简易办理办法（试行）", "proceeding", local=True),
        ClockRule("T8", "交办反馈", 0, False, "第二十二条第一款第三项", "assignment"),
        ClockRule("TD", "送达", 5, True, "地方规则（条例未定天数）", "proceeding", local=True),
        ClockRule("T6", "申请复查", 30, False, "第三十五条", "proceeding", window=True),
        ClockRule("TN", "期满、终结后办结", 10, True, "地方规则（条例未定天数）", "proceeding", local=True),
        ClockRule("TA", "审核办结", 10, True, "地方规则（条例未定天数）", "proceeding", local=True),
        ClockRule("TB", "回复批示", 0, False, "地方规则（批示确定）", "instruction", local=True),
        ClockRule("TV", "反馈督办", 10, True, "地方规则（条例未定天数）", "supervision", local=True),
        *review.CLOCKS,
        *roads.CLOCKS,
        *aside.CLOCKS,
        *oversight.CLOCKS,
    )
}

_HEARINGS = "第三十六条第二款（天数：地方听证规则）"
# Numbers beside the clocks that a local rule may set, as rows of the same table: how many, how many days ahead.
NUMBERS: Mapping[str, ClockRule] = {
    rule.code: rule
    for rule in (
        ClockRule(
            "HEARING_NOTICE", "听证提前通知（日）", aside.NOTICE_DAYS, False, "地方规则（听证）", "number", local=True
        ),
        ClockRule(
            "HEARING_HOLD",
            "听证举行（通知后，日）",
            aside.HOLD_DAYS,
            False,
            _HEARINGS,
            "number",
            local=True,
            capped=True,
        ),
        ClockRule(
            "HEARING_CONCLUSION",
            "听证结论（举行后，日）",
            aside.CONCLUSION_DAYS,
            False,
            _HEARINGS,
            "number",
            local=True,
            capped=True,
        ),
        ClockRule("REPRESENTATIVES", "联名代表人数上限", repeats.MOST, False, "第二十条第三款", "number"),
        ClockRule("REPRESENTATIVES_10", "10人以下联名代表人数上限", repeats.MOST, False, "第二十条第三款", "number"),
    )
}

EXTENSION_TOTAL_DAYS = 30  # Art.34: 延长期限不得超过三十日; "once" is not in the text.
REPRESENTATIVES = 5  # Art.20: at most five for a joint visit.
FEW, MANY = 10, 11  # where local rules tell small groups from large ones ([S:ZJ16 Art15])
JOINT_FROM = 5  # five or more people make it joint (domain.md §1.4).
LONG_DAYS = 180  # open for half a year is long (积案): a house figure, no national threshold exists (domain.md §1.4).

# Where a clock's name is asked for in words.
SHADOW = "未按期告知受理，自逾期之日起按办理期限提示（地方规则）"


# --- states, in words -------------------------------------------------------------------------------------------

STATES: Mapping[str, Mapping[str, str]] = {
    "filing": {
        "registered": "待甄别",
        "triaged": "已甄别",
        "routed": "已转出",
        "ended": "已了结",
        "merged": "已并件",
        "split": "已拆出",
    },
    "assignment": {
        "sent": "待签收",
        "signed": "待受理",
        "objected": "异议待审",
        "accepted": "已受理",
        "reported": "已报办结",
        "returned": "已退回",
        "channelled": "已导入",
        "declined": "不予受理",
        "co_sent": "协办待签收",
        "co_signed": "协办中",
        "co_answered": "已回协办意见",
        "legal_sent": "待政法机关签收",
        "legal_received": "政法机关已签收",
        "recalled": "已并入本单位承办",  # two holds of one unit after a merger: the weaker one
        **aside.ASSIGNMENT_STATES,
    },
    "proceeding": {
        "handling": "办理中",
        "drafted": "待核稿",
        "checked": "待签发",
        "issued": "待送达",
        "delivered": "已送达",
        "lapsed": "期满未申请复查",
        "closed": "办结待审核",
        "confirmed": "审核认定办结",
        "outside": "已导入其他程序",
        **review.STATES,
        **roads.STATES,
        **aside.PROCEEDING_STATES,
        **oversight.PROCEEDING_STATES,
    },
    "instruction": {"asked": "待批示", "written": "待落实", "answered": "已回复"},
    "supervision": {"open": "待反馈", "answered": "已反馈", "ended": "已结束"},
    **aside.STATES,
    **competence.STATES,
    **oversight.STATES,
    **recusal.STATES,
}

ASIDE: Mapping[str, str] = {**aside.KINDS, **competence.KINDS, **oversight.KINDS}
# What a list shows: one word for where the whole matter stands (derived, never chosen by a person).
STAGES: Mapping[str, str] = {
    "registered": "待甄别",
    "triaged": "待转送",
    "sent": "待签收",
    "review": "待受理",
    "objected": "异议待审",
    "handling": "办理中",
    "issued": "待送达",
    "delivered": "已送达",
    "lapsed": "期满未申请复查",
    "settled": "已达成协议",
    **review.STAGES,
    "closed": "办结待审核",
    "confirmed": "审核认定办结",
    "ended": "已了结",
}
OPEN_STAGES = tuple(stage for stage in STAGES if stage not in ("confirmed", "ended"))
FINAL_STATES: Mapping[str, frozenset[str]] = {
    "filing": frozenset({"routed", "ended", "merged", "split"}),
    "assignment": frozenset(
        {
            "accepted",
            "reported",
            "returned",
            "channelled",
            "declined",
            "co_answered",
            "legal_received",
            "recalled",
            "withdrawn",
        }
    ),
    "proceeding": frozenset({"confirmed", "outside", *review.FINAL, *roads.FINAL, "withdrawn", "executed"}),
    "instruction": frozenset({"answered"}),
    "supervision": frozenset({"ended"}),
    **aside.FINAL,
    **competence.FINAL,
    **oversight.FINAL,
    **recusal.FINAL,
}

# Where rows of each kind begin: written by register(), by another step's effect, by the nightly run or a merger.
BEGINNINGS: Mapping[str, frozenset[str]] = {
    "filing": frozenset({"registered", "merged"}),
    "assignment": frozenset({"sent", "co_sent", "legal_sent", "accepted", "channelled", "recalled"}),
    "proceeding": frozenset({"handling", "outside", "applied", "studying", "executing"}),
    "instruction": frozenset({"asked", "written"}),
    "supervision": frozenset({"open"}),
    "hearing": frozenset({"called"}),
    "mediation": frozenset({"mediating"}),
    "withdrawal": frozenset({"asked"}),
    "urgent": frozenset({"reported"}),
    "dispute": frozenset({"asked", "conference"}),
    "measure": frozenset({"proposed"}),
    "advice": frozenset({"sent"}),
    "recusal": frozenset({"asked"}),
}

_OFFICE = ("office:triage", "office:office_head")
_DESK = ("office:triage", "office:office_head", "office:signer", "office:unit_head")
_UNIT = ("unit:signer", "unit:unit_head")
# Whoever sent it: a petition office, or the body above that received it directly.
_SENDER = ("sender:triage", "sender:office_head", "sender:signer", "sender:unit_head")
_WORK = ("unit:handler", "unit:signer", "unit:unit_head")
_ANYBODY = (
    "office:registrar", "office:triage", "office:office_head", "office:supervisor",
    "unit:handler", "unit:signer", "unit:unit_leader", "unit:unit_head",
)  # fmt: skip
# The head of the person's body; of a head, whoever is above (domain.md §2.9).
_DECIDER = ("decider:unit_head", "decider:office_head", "decider:leader")
_UNROUTED = ("registered", "triaged")
# Whoever may be supervised answers: units, review bodies that are late, a petition office that holds the matter itself.
_SUPERVISED = (*_WORK, "unit:reviewer", "unit:rereviewer", "unit:triage", "unit:office_head")

# --- the table --------------------------------------------------------------------------------------------------

# fmt: off
_ROWS: tuple[Step, ...] = (
    # Triage (domain.md §2.2 rows 4-5k) — on the filing that T1 or T2 hangs on.
    Step("triage", "甄别", "filing", ("registered",), "triaged", _DESK, "第二十二条", secondary=True),
    Step(
        "transfer", "转送", "filing", _UNROUTED, "routed", _OFFICE, "第二十二条第一款第一项、第二项",
        stops=("T1",), starts=("TS",), paper="transfer_letter", also=("destination_notice",),
    ),
    Step(
        "assign", "交办", "filing", _UNROUTED, "routed", _OFFICE, "第二十二条第一款第三项",
        stops=("T1",), starts=("TS", "T8"), paper="assign_letter", also=("destination_notice",),
    ),
    Step(
        "route_legal", "转政法机关", "filing", _UNROUTED, "ended", _OFFICE, "第二十二条第二款",
        stops=("T1",), paper="transfer_letter", also=("destination_notice",), secondary=True,
    ),
    Step(
        "redirect", "告知引导", "filing", _UNROUTED, "ended", _DESK, "第二十三条",
        stops=("T1", "T2"), paper="redirect_notice", secondary=True,
    ),
    Step(
        "not_accept", "不予受理", "filing", _UNROUTED, "ended", _DESK, "第十九条、第二十三条",
        stops=("T1", "T2"), paper="not_accepted_notice", secondary=True, danger=True,
    ),
    Step(
        "no_further", "不再受理", "filing", _UNROUTED, "ended", _DESK, "第三十六条",
        stops=("T1", "T2"), paper="no_further_notice", secondary=True, danger=True,
    ),
    Step(
        "merge", "并入已有事项", "filing", _UNROUTED, "merged", _DESK, "第十九条第三款",
        stops=("T1", "T2"), secondary=True,
    ),
    Step(
        "file_away", "存", "filing", _UNROUTED, "ended", ("office:office_head", "office:unit_head"),
        "第二十二条（办理方式：存）", stops=("T1", "T2"), secondary=True,
        hint="仅用于无姓名住址且无可查内容，或单纯表达情绪的来件；由负责人批准。",
    ),
    Step(
        "retract", "撤销登记", "filing", _UNROUTED, "ended", _DESK, "第二十二条（登记有误）",
        cancels=("T1", "T2", "T4", "T8"), secondary=True, danger=True,
        hint="登记有误的，或者登记以后发现是检举、控告、应当转专门受理的（第三十条）。编号和日期保留，内容、人员、附件随即销毁，不能恢复。",
    ),
    Step(
        "direct_reply", "直接回复", "filing", _UNROUTED, "ended", _DESK, "第二十二条（办理方式：直接回复）",
        stops=("T1", "T2"), paper="direct_reply", secondary=True,
    ),
    Step(
        "take_up", "本机关受理", "filing", _UNROUTED, "routed",
        ("office:signer", "office:unit_head"), "第二十三条、第三十一条",
        stops=("T2",), starts=("T5",), paper="accept_notice",
    ),
    Step(
        "channel_direct", "导入法定途径", "filing", _UNROUTED, "routed", ("office:signer", "office:unit_head"),
        "第二十三条、第三十一条第一项至第五项", stops=("T2",), paper="channel_notice", secondary=True,
    ),
    Step(
        "pass_down", "转送下级机关", "filing", _UNROUTED, "routed", ("office:signer", "office:unit_head"), "第二十三条第一款",
        stops=("T2",), starts=("TS",), paper="transfer_letter", also=("destination_notice",), secondary=True,
        hint="属于本系统下级机关、单位职权范围的；转送去向书面告知信访人。",
    ),
    Step(
        "assign_down", "交办下级机关", "filing", _UNROUTED, "routed", ("office:signer", "office:unit_head"), "第二十三条第一款",
        stops=("T2",), starts=("TS", "T8"), paper="assign_letter", also=("destination_notice",), secondary=True,
        hint="属于本系统下级机关、单位职权范围，需要反馈办理结果的；交办去向书面告知信访人。",
    ),
    # What city or province handed down: the county is itself the one assigned to (Art.22, 23).
    Step("sign_up", "签收上级交转", "filing", (*_UNROUTED, "routed", "ended", "merged"), "",
         ("office:registrar", *_OFFICE), "第二十三条", starts=("T4",),
         hint="在上级的系统里签收以后，在这里记下日期；提出异议的5个工作日从这一天起算。"),
    Step("object_up", "向上级提出异议", "filing", _UNROUTED, "", _OFFICE, "第二十三条",
         stops=("T4",), paper="objection_letter", secondary=True,
         hint="自收到之日起5个工作日内，说明理由；上级答复以前，转送期限继续计算。"),
    Step("taken_back", "登记上级同意退回", "filing", _UNROUTED, "ended", _OFFICE, "第二十三条", cancels=("T1", "T8")),
    Step("objection_refused", "登记上级不同意退回", "filing", _UNROUTED, "", _OFFICE, "第二十三条",
         hint="转送的15日继续计算。"),
    Step("report_up", "向上级报送办结报告", "filing", ("routed", "ended", "merged"), "", _OFFICE, "第二十二条第一款第三项",
         stops=("T8",), paper="upward_report"),
    Step("extend_up", "登记上级同意延长期限", "filing", (*_UNROUTED, "routed", "ended", "merged"), "", _OFFICE,
         "第二十二条第一款第三项（延长经交办机关同意：地方规定）", secondary=True,
         hint="上级同意的新期限，或者后来才定的期限；法定期限不因此改变。"),
    # The unit receives (rows 6-9).
    Step("sign_for", "签收", "assignment", ("sent",), "signed", _UNIT, "第二十三条", stops=("TS",), starts=("T3", "T4")),
    Step(
        "object", "提出异议", "assignment", ("signed",), "objected", _UNIT, "第二十三条",
        stops=("T4",), starts=("TC",), paper="objection_letter", secondary=True,
        hint="自收到之日起5个工作日内，说明理由；由转送、交办机关核实决定，不得自行转给其他单位。",
    ),
    Step(
        "uphold_objection", "同意退回", "assignment", ("objected",), "returned",
        _SENDER, "第二十三条", stops=("TC",), cancels=("T3", "T8"), starts=("T1",),
        paper="return_decision",
    ),
    Step(
        "refuse_objection", "不同意退回", "assignment", ("objected",), "signed",
        _SENDER, "第二十三条", stops=("TC",), paper="return_decision",
        hint="受理告知的15日继续计算。",
    ),
    Step(
        "accept", "受理", "assignment", ("signed",), "accepted", _UNIT, "第二十三条、第三十一条",
        stops=("T3",), cancels=("T4",), starts=("T5",), paper="accept_notice",
    ),
    Step(
        "channel", "导入法定途径", "assignment", ("signed",), "channelled", _UNIT, "第三十一条第一项至第五项",
        stops=("T3", "T8"), cancels=("T4",), paper="channel_notice", secondary=True,
    ),
    Step(
        "decline", "不予受理", "assignment", ("signed",), "declined", _UNIT, "第十九条、第二十三条",
        stops=("T3", "T8"), cancels=("T4",), paper="not_accepted_notice", secondary=True, danger=True,
    ),
    Step("assign_handler", "确定承办人", "assignment", ("signed", "accepted"), "", (*_UNIT, "unit:unit_leader"),
         "第二十八条", secondary=True),
    Step("extend_report", "延长交办期限", "assignment", ("signed", "accepted"), "", _SENDER,
         "第二十二条第一款第三项（延长经交办机关同意：地方规定）", secondary=True,
         hint="责任单位在期限届满前说明理由、交办机关同意的；处理意见的法定期限不因此改变。"),
    Step("add_co_unit", "增加协办单位", "assignment", ("accepted",), "", _WORK, "第二十四条",
         paper="co_letter", secondary=True),
    Step("co_sign_for", "签收协办", "assignment", ("co_sent",), "co_signed", _UNIT, "第二十四条"),
    Step("co_answer", "回复协办意见", "assignment", ("co_signed",), "co_answered", _WORK, "第二十四条"),
    Step("legal_receive", "政法机关签收", "assignment", ("legal_sent",), "legal_received", _UNIT, "第二十二条第二款"),
    Step("remind", "催办", "assignment", ("sent", "signed", "accepted", "co_sent", "co_signed"), "",
         (*_OFFICE, "office:supervisor"), "第十四条第三项（督促检查）", paper="reminder", secondary=True,
         hint="不改变任何期限；同一单位同一事项一天催办一次。"),
    Step(
        "report_back", "报送办结报告", "assignment", ("accepted",), "reported", _WORK, "第二十二条第一款第三项",
        stops=("T8",), paper="closing_report",
    ),
    # Handling (rows 10-15).
    Step("interview", "记录接谈调查", "proceeding", ("handling", "drafted", "checked", "studying", "reply_drafted"), "",
         ("unit:handler",), "第三十一条第六项", paper="interview_record", secondary=True),
    Step("extend", "延长办理期限", "proceeding", ("handling", "drafted", "checked"), "", ("unit:unit_head",),
         "第三十四条", paper="extension_notice", also=("extension_approval",), secondary=True, hint="情况复杂的，经本机关负责人批准，合计不超过30日。"),
    Step("draft", "起草处理意见", "proceeding", ("handling", "drafted"), "drafted", ("unit:handler",), "第三十二条"),
    Step("return_draft", "退回修改", "proceeding", ("drafted", "checked"), "handling",
         ("unit:unit_leader", "unit:unit_head"), "第三十二条", secondary=True),
    Step("check", "核稿", "proceeding", ("drafted",), "checked", ("unit:unit_leader",), "第三十二条"),
    Step(
        "sign", "签发处理意见书", "proceeding", ("checked",), "issued", ("unit:unit_head",), "第三十二条、第三十四条",
        stops=("T5", "T5'"), starts=("TD",), paper="opinion",
    ),
    Step("deliver", "送达", "proceeding", ("issued",), "delivered", _WORK, "第三十二条、第三十五条",
         stops=("TD",), starts=("T6",)),
    Step("lapse", "申请复查期满", "proceeding", ("delivered",), "lapsed", ("system",), "第三十五条", starts=("TN",)),
    Step("close", "办结", "proceeding", ("delivered", "lapsed", "exhausted"), "closed", _WORK, "第三十四条", stops=("TN",), starts=("TA",)),
    Step("confirm_closure", "审核认定办结", "proceeding", ("closed",), "confirmed", _OFFICE,
         "第十四条（办结审核为工作惯例）", stops=("TA",)),
    Step("refuse_closure", "不予认定，退回", "proceeding", ("closed",), "delivered", _OFFICE,
         "第十四条（办结审核为工作惯例）", stops=("TA",), secondary=True),
    # The matter as a whole.
    Step("submit_to_leader", "呈批", "petition", OPEN_STAGES, "", _OFFICE, "第二十二条第一款第一项",
         paper="submission", secondary=True),
    Step("instruct", "批示", "petition", OPEN_STAGES, "", ("leader",), "第十八条", starts=("TB",), paper="instruction"),
    Step("answer_instruction", "回复批示落实情况", "instruction", ("written",), "answered", _WORK + _OFFICE, "第十八条",
         stops=("TB",)),
    Step("supervise", "督办", "petition", OPEN_STAGES, "", ("office:supervisor", "office:office_head", "system"),
         "第四十条", starts=("TV",), paper="supervision_letter", secondary=True),
    Step("answer_supervision", "反馈督办", "supervision", ("open",), "answered", _SUPERVISED, "第四十条", stops=("TV",),
         paper="supervision_answer"),
    Step("end_supervision", "结束督办", "supervision", ("answered",), "ended",
         ("office:supervisor", "office:office_head"), "第四十条"),
    Step("follow_up", "回访", "petition",
         ("delivered", "lapsed", "settled", "review_delivered", "exhausted", "closed", "confirmed", "ended"), "",
         ("office:registrar", "office:triage", "office:office_head", "office:supervisor"), "第三条、第十四条",
         secondary=True, hint="由未经办此事项的人员回访。"),
    Step("judge_resolved", "认定是否化解", "petition", ("confirmed", "ended"), "", _OFFICE, "第三条、第十四条"),
    Step("add_reference", "登记外部编号", "filing", ("registered", "triaged", "routed", "ended", "merged"), "",
         ("office:registrar", *_DESK), "第二十一条（信访信息系统）", secondary=True,
         hint="这一件在其他系统里的编号；一个编号只登记一次，登记后可以按它查到。"),
    Step("reissue_code", "重发查询码", "filing", ("registered", "triaged", "routed", "ended", "merged"), "",
         ("office:registrar", "office:triage", "office:office_head"), "第十八条、第二十一条",
         secondary=True),
)
# fmt: on

STEPS: Mapping[str, Step] = {
    row.code: row
    for row in (
        *_ROWS,
        *review.ROWS,
        *roads.ROWS,
        *aside.ROWS,
        *oversight.ROWS,
        *repeats.ROWS,
        *competence.ROWS,
        *papers.ROWS,
        *recusal.ROWS,
        *archive.ROWS,
    )
}

# Events that are no step of the table: written by other verbs, named here so that the timeline can say them.
EVENTS: Mapping[str, str] = {
    "register": "登记",
    "register_repeat": "登记重复件",
    "split_from": "由重复件另立",
    "take_over": "接收在办件",
    "merged_in": "并入另一件",
    "merged_out": "撤销并件",
    "clock_lapsed": "时限届满未办",
    "clock_moved": "到期日重新计算",
    "supervision_opened": "自动督办",
    "rated": "信访人评价",
    "reported_closed": "结案",
    "reorganised": "承办单位变更（机构改革）",
    **receptions.EVENTS,
    **archive.EVENTS,
}


PAPERS: Mapping[str, PaperKind] = {
    kind.code: kind
    for kind in (
        PaperKind("transfer_letter", "转送函", "转", False, "第二十二条"),
        PaperKind("assign_letter", "交办函", "交", False, "第二十二条"),
        PaperKind("objection_letter", "异议函", "异", False, "第二十三条"),
        PaperKind("upward_report", "办结报告", "上报", False, "第二十二条"),
        PaperKind("redirect_notice", "不属于本机关职权范围告知书", "引", True, "第二十三条"),
        PaperKind("not_accepted_notice", "不予受理告知书", "不受", True, "第十九条、第二十三条"),
        PaperKind("no_further_notice", "不再受理告知书", "不再", True, "第三十六条"),
        PaperKind("accept_notice", "受理告知书", "受", True, "第二十三条"),
        PaperKind("channel_notice", "依法分类处理告知书", "导", True, "第三十一条"),
        PaperKind("direct_reply", "答复", "复", True, "第二十二条"),
        PaperKind("co_letter", "协办函", "协", False, "第二十四条"),
        PaperKind("extension_notice", "延长办理期限告知书", "延", True, "第三十四条"),
        PaperKind("opinion", "信访事项处理意见书", "答", True, "第三十二条"),
        PaperKind("closing_report", "办结报告", "报", False, "第二十二条"),
        PaperKind("submission", "呈批件", "呈", False, "第二十二条"),
        PaperKind("instruction", "领导批示单", "批", False, "第十八条"),
        PaperKind("supervision_letter", "督办函", "督", False, "第四十条"),
        PaperKind("reminder", "催办单", "催", False, "第十四条"),
        *review.PAPERS,
        *roads.PAPERS,
        *aside.PAPERS,
        *oversight.PAPERS,
        *competence.PAPERS,
        *papers.PAPERS,
        *receptions.PAPERS,
    )
}

# Grounds for not accepting (domain.md §2.7); the local ones say so.  One that no step offers any more is still read here
# where an event names it: that somebody's address is unknown excuses the notice (Art.23 ¶2), it refuses nothing.
GROUNDS: Mapping[str, tuple[str, str]] = {
    "in_progress": ("下级机关已经受理或者正在办理，且在规定期限内", "第十九条第三款"),
    "out_of_remit": ("不属于本机关、单位职权范围", "第二十三条"),
    "no_address": ("姓名（名称）、住址不清，无法告知", "第二十三条第二款"),
    "mediated": ("已达成调解、和解协议，在履行期内或者已经履行", "第三十三条、地方规定"),
    "window_lapsed": ("无正当理由超过复查、复核申请期限，仍以同一事实和理由提出", "第三十五条、第三十六条、地方规定"),
    "re_reviewed": ("复核意见作出后，仍以同一事实和理由提出", "第三十六条"),
}
# Which step may name which.  After a re-review the office says 不再受理 by a step of its own; a unit that was sent what is
# not its remit objects (Art.23 ¶3) and never refuses by itself.
GROUNDS_OF: Mapping[str, tuple[str, ...]] = {
    "not_accept": ("in_progress", "out_of_remit", "mediated", "window_lapsed"),
    "decline": ("in_progress", "mediated", "window_lapsed", "re_reviewed"),
}
# What is said of another matter, which is named and borne out by the record.
NAMING = frozenset({"in_progress", "mediated", "window_lapsed", "re_reviewed"})


# Runs of handling whose state is not a stage of its own.
_HANDLING = {"drafted": "handling", "checked": "handling", "appealed": "review_delivered", "redone": "handling",
             "withdrawn": "ended", **roads.STAGES}  # fmt: skip

# --- derived, so that it is said in one place -------------------------------------------------------------------


def stage_of(
    *, filing: str, assignment: str | None, proceeding: str | None, reviewed: tuple[str, str] | None = None
) -> str:
    """Return the stage of a matter from the states of its first filing, lead assignment and last proceeding.

    Args:
        filing: state of the filing that T1 or T2 hangs on.
        assignment: state of the lead assignment, ``None`` where there is none in force.
        proceeding: state of the last handling run, ``None`` where there is none.
        reviewed: kind and state of the last review or re-review, ``None`` where there is none.
    """
    if reviewed is not None and (stage := review.stage_of(*reviewed, handling=proceeding or "")):
        return stage
    if proceeding is not None and proceeding != "outside":
        found = _HANDLING.get(proceeding, proceeding)
        return found if found in STAGES else "handling"
    if filing in ("ended", "merged"):
        return "ended"
    if assignment is None:
        return filing if filing in _UNROUTED else "triaged"
    by_assignment = {"sent": "sent", "signed": "review", "objected": "objected", "accepted": "handling"}
    return by_assignment.get(assignment, "ended")


# Which named question (tray) a unit's row answers, by why it sees the matter and how far the matter is.
TRAYS: Mapping[str, str] = {
    "to_route": "待转送",
    "to_sign": "待签收",
    "to_accept": "待受理",
    "objection": "异议",
    "handling": "办理中",
    "co_work": "协办",
    "to_deliver": "待送达",
    "to_close": "待办结",
    "to_confirm": "待审核",
    "to_follow": "待回访",
    "report_up": "上级交办待反馈",
    "to_review": "待复查复核",
    "to_answer": "待反馈建议",
}


def tray_of(role: str, stage: str, *, assignment: str | None = None, resolved: bool | None = None) -> str:
    """Return the tray in which a unit finds the matter, or ``""`` where nothing waits for it.

    Args:
        role: the unit's Reach role (office, lead, co, review, registry, former).
        stage: the matter's stage.
        assignment: the unit's own assignment state (for co-units), or that of its review (for review bodies).
        resolved: what has been found about settlement; ``None`` = not yet.
    """
    if role == "co":
        return {"co_sent": "to_sign", "co_signed": "co_work", "legal_sent": "to_sign"}.get(assignment or "", "")
    if role == "lead":
        return {
            "sent": "to_sign",
            "review": "to_accept",
            "handling": "handling",
            "issued": "to_deliver",
            "delivered": "to_close",
            "lapsed": "to_close",
            "settled": "to_close",
            "exhausted": "to_close",
        }.get(stage, "")
    if role == "review":
        return review.TRAYS.get(assignment or "", "")
    if role == "office":
        if stage == "confirmed":
            return "to_follow" if resolved is None else ""
        return {"registered": "to_route", "triaged": "to_route", "objected": "objection", "closed": "to_confirm"}.get(
            stage, ""
        )
    return ""


__all__ = [
    "ASIDE", "BEGINNINGS", "CLOCKS", "DATED_BACK", "EVENTS", "EXTENSION_TOTAL_DAYS", "FINAL_STATES", "GROUNDS", "GROUNDS_OF", "IN_FORCE", "JOINT_FROM", "LONG_DAYS", "NAMING", "NUMBERS", "OPEN_STAGES",
    "PAPERS", "REPRESENTATIVES", "SHADOW", "STAGES", "STATES", "STEPS", "TEXT", "TRAYS", "ClockRule", "PaperKind", "Step",
    "stage_of", "tray_of",
]  # fmt: skip
