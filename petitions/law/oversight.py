"""Supervision and what may follow it (Art.32, 38 to 40, 44, 45): forms, measures of the joint conference, the three suggestions,
execution of what an opinion supports."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import ClockRule, PaperKind, Step

_32, _38, _39, _40 = "第三十二条第二款", "第三十八条、第四十条", "第三十九条第三款", "第四十条"

CLOCKS = (
    ClockRule("TZ", "限期整改", 0, False, "第三十九条第三款", "measure"),
    ClockRule("T9", "反馈建议采纳情况", 30, False, "地方规则（条例第四十条未定天数）", "advice", local=True),
    ClockRule("TE", "执行支持意见", 0, False, "第三十二条第二款", "proceeding"),
)

KINDS: Mapping[str, str] = {"measure": "联席会议措施", "advice": "三项建议"}
STATES: Mapping[str, Mapping[str, str]] = {
    "measure": {
        "proposed": "待联席会议决定",
        "decided": "限期整改中",
        "answered": "已报整改",
        "ended": "整改完毕",
        "rejected": "未采取",
    },
    "advice": {"sent": "待反馈采纳情况", "answered": "已反馈", "noted": "已了结"},
}
FINAL: Mapping[str, frozenset[str]] = {"measure": frozenset({"ended", "rejected"}), "advice": frozenset({"noted"})}
PROCEEDING_STATES: Mapping[str, str] = {"executing": "执行中", "executed": "已执行"}

FORMS: Mapping[str, str] = {
    "system": "系统督办",
    "paper": "书面督办",
    "interview": "约谈督办",
    "onsite": "实地督办",
    "joint": "联合督办",
}
BY_HEAD = frozenset(
    {"onsite", "joint"}
)  # going out, or together with others, is approved by the office's head (local habit)
MEASURES: Mapping[str, str] = {"talk": "约谈", "circular": "通报", "listed": "挂牌督办"}
ADVICE: Mapping[str, str] = {"improve": "改进工作", "policy": "完善政策", "blame": "追究责任"}
ADOPTED: Mapping[str, str] = {"whole": "采纳", "part": "部分采纳", "none": "未采纳"}

# What a look into the matter finds (核查): codes of a product that exchanges with the national system know these four
# (domain.md §2.8, [S:C5]); the cause is told in words.
FACTS_TRUE: Mapping[str, str] = {"yes": "属实", "part": "部分属实", "no": "不属实", "unclear": "不清楚"}
CLAIM_FAIR: Mapping[str, str] = {"yes": "合理", "part": "部分合理", "no": "不合理"}
UNDERSTOOD: Mapping[str, str] = {"yes": "理解", "part": "基本理解", "no": "不理解", "none": "没有联系上"}
# What a suggestion to hold to account may rest on (Art.42 to 46); further grounds are told in words.
LIABILITY: Mapping[str, str] = {
    "42": "第四十二条：违法作为、不作为或者拒不执行支持信访请求的意见，导致信访事项发生",
    "43": "第四十三条：信访部门未按规定登记、转送、交办，或者未履行督办职责",
    "44": "第四十四条：不按规定登记，对职权范围内的事项不予受理，或者未按期书面告知",
    "45": "第四十五条：推诿、敷衍、拖延，未按期办结，对应当支持的请求未予支持，或者不重视建议",
    "46": "第四十六条：作风粗暴、谋取私利、处置不力、瞒报缓报、泄露检举控告情况、打击报复等",
}  # fmt: skip

TRIGGERS: Mapping[str, str] = {
    "t1_lapsed": "未按规定期限转送、交办",
    "t3_lapsed": "未按规定期限告知是否受理",
    "t5_lapsed": "未按规定期限办结",
    "t8_lapsed": "未按期反馈办理结果",
    "review_lapsed": "未按规定期限作出复查、复核意见",
    "not_executed": "拒不执行处理意见",
    "no_feedback": "未按期反馈督办、建议、整改情况",
    "returned": "多次退回，推诿",
    "repeat_overdue": "办理逾期，信访人再次提出",
    "shirking": "推诿、敷衍、拖延",
    "false": "弄虚作假",
    "procedure": "未按规定程序受理、办理",
    "wrong": "认定事实、适用依据或者程序明显错误",
    "other": "其他需要督办的情形",
}
# Which lapse opens a supervision by itself, under which trigger: the lapse is its evidence.
BY_LAPSE: Mapping[str, str] = {
    "T1": "t1_lapsed",  # Art.43: the office's own desk answers to its supervisor and head
    "T2": "t3_lapsed", "T3": "t3_lapsed", "T5": "t5_lapsed", "T5'": "t5_lapsed", "T8": "t8_lapsed", "T6D": "review_lapsed", "T7D": "review_lapsed",
    "TE": "not_executed", "TV": "no_feedback", "T9": "no_feedback", "TZ": "no_feedback",
}  # fmt: skip
RETURNS = 2  # house default: a matter returned that often is supervised

_WATCH = ("office:supervisor", "office:office_head")
_UNIT = (
    "unit:handler",
    "unit:signer",
    "unit:unit_head",
    "unit:reviewer",
    "unit:rereviewer",
    "unit:triage",
    "unit:office_head",
)
_ANY = ("registered", "triaged", "sent", "review", "objected", "handling", "issued", "delivered", "lapsed", "settled", "in_review", "in_rereview",
        "review_issued", "review_delivered", "exhausted", "closed", "confirmed", "ended")  # fmt: skip

# fmt: off
ROWS: tuple[Step, ...] = (
    Step("look_into", "记录督查", "supervision", ("open", "answered"), "", _WATCH, _38, paper="look_record", secondary=True,
         hint="听取汇报、查阅案卷、约见信访人、实地核查。"),
    Step("return_answer", "反馈不合要求，重新反馈", "supervision", ("answered",), "open", _WATCH, _40, starts=("TV",), secondary=True),
    Step("propose_measure", "提请联席会议采取措施", "supervision", ("open", "answered"), "", _WATCH, _39, secondary=True,
         hint="约谈、通报、挂牌督办由联席会议视情节决定，信访部门提请。"),
    Step("decide_measure", "决定采取措施", "measure", ("proposed",), "decided", ("conference",), _39, starts=("TZ",), paper="measure_notice"),
    Step("reject_measure", "决定不采取措施", "measure", ("proposed",), "rejected", ("conference",), _39, secondary=True),
    Step("answer_measure", "报告整改情况", "measure", ("decided",), "answered", _UNIT, _39, stops=("TZ",)),
    Step("end_measure", "认定整改完毕", "measure", ("answered",), "ended", ("conference",), _39),
    Step("reopen_measure", "整改不到位，继续整改", "measure", ("answered",), "decided", ("conference",), _39, starts=("TZ",), secondary=True),
    Step("advise", "提出建议", "petition", _ANY, "", _WATCH, _40, starts=("T9",), paper="advice_improve", secondary=True,
         hint="改进工作、完善政策、追究责任三项建议；有关机关、单位应当书面反馈采纳情况。"),
    Step("answer_advice", "反馈采纳情况", "advice", ("sent",), "answered", ("unit:signer", "unit:unit_head", "unit:triage", "office:supervisor"), _40,
         stops=("T9",), paper="adoption_report"),
    Step("note_advice", "了结建议", "advice", ("answered",), "noted", _WATCH, _40),
    Step("track_execution", "督促执行", "proceeding", ("delivered", "lapsed", "appealed", "exhausted", "closed", "confirmed"), "",
         ("unit:handler", "unit:unit_head", *_WATCH), _32, starts=("TE",), paper="execution_letter", secondary=True,
         hint="作出支持意见的，督促有关机关、单位执行。"),
    Step("urge_execution", "再次督促执行", "proceeding", ("executing",), "", ("unit:handler", "unit:unit_head", *_WATCH), _32,
         paper="execution_letter", secondary=True),
    Step("execution_done", "记录执行完毕", "proceeding", ("executing",), "executed", ("unit:handler", "unit:unit_head", *_WATCH), _32, stops=("TE",)),
)
# fmt: on

PAPERS = (
    PaperKind("supervision_answer", "督办情况反馈", "督馈", False, _40),
    PaperKind("look_record", "督查核查记录", "核查", False, _38),
    PaperKind("measure_notice", "约谈（通报、挂牌督办）通知书", "措", False, _39),
    PaperKind("advice_improve", "改进工作建议书", "建改", False, _40),
    PaperKind("advice_policy", "完善政策建议书", "建政", False, _40),
    PaperKind("advice_blame", "追究责任建议书", "建责", False, _40),
    PaperKind("adoption_report", "建议采纳情况反馈书", "馈", False, _40),
    PaperKind("execution_letter", "督促执行函", "执", False, _32),
)
