"""Review and re-review (复查、复核), Art.35 and 36: from the application to the end of the road.

A review is a run of its own about the run before it: ``appealed`` is what the run reviewed is meanwhile.  A body outside this
system (a city's) decides on its own paper; what it decided is recorded here by the petition office.
"""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import ClockRule, PaperKind, Step

_35, _36, _BOTH = "第三十五条", "第三十六条", "第三十五条、第三十六条"

CLOCKS = (
    ClockRule("TF", "审查复查复核申请", 3, True, "地方规则（条例未定天数）", "proceeding", local=True),
    ClockRule("T6D", "作出复查意见", 30, False, _35, "proceeding"),
    ClockRule("T7", "申请复核", 30, False, _36, "proceeding", window=True),
    ClockRule("T7D", "作出复核意见", 30, False, _36, "proceeding"),
)

STATES: Mapping[str, str] = {
    "appealed": "已申请复查",
    "exhausted": "复查复核已终结",
    "redone": "已责令重新办理",
    "applied": "申请待审查",
    "reviewing": "复查复核中",
    "review_drafted": "复查复核意见待签发",
    "review_issued": "复查复核意见待送达",
    "review_delivered": "复查意见已送达",
    "review_lapsed": "期满未申请复核",
    "review_appealed": "已申请复核",
    "review_ended": "复核已终结",
    "review_refused": "申请不予受理",
    "review_dropped": "申请已撤回",
}
FINAL = frozenset({"redone", "review_lapsed", "review_ended", "review_refused", "review_dropped"})

STAGES: Mapping[str, str] = {
    "in_review": "复查中",
    "in_rereview": "复核中",
    "review_issued": "复查复核意见待送达",
    "review_delivered": "复查意见已送达",
    "exhausted": "复查复核已终结",
}
BY_BODY = frozenset({"in_review", "in_rereview", "review_issued"})  # stages in which the review body is to act
UNDER_WAY = ("applied", "reviewing", "review_drafted")
# What waits in the review body's tray, by the state of its run.
TRAYS: Mapping[str, str] = {**dict.fromkeys(UNDER_WAY, "to_review"), "review_issued": "to_deliver"}


def stage_of(kind: str, state: str, *, handling: str) -> str:
    """Return the matter's stage while a review is under way, ``""`` where the run of handling says it.

    Args:
        kind: review or rereview.
        state: of the latest review.
        handling: state of the latest run of handling.
    """
    if state in UNDER_WAY:
        return "in_rereview" if kind == "rereview" else "in_review"
    if state == "review_issued":
        return "review_issued"
    return "review_delivered" if state == "review_delivered" and handling == "appealed" else ""


CONCLUSIONS: Mapping[str, str] = {"uphold": "维持", "revoke": "撤销", "change": "变更", "redo": "责令重新办理"}

# Why an application is not taken.  That the opinion is not attached is no ground (domain.md §2.2 row 16).
REFUSALS: Mapping[str, tuple[str, str]] = {
    "late": ("无正当理由超过规定的申请期限", _BOTH),
    "no_opinion": ("不是对信访处理意见（复查意见）不服提出的申请", _BOTH),
    "other_body": ("本机关不是原办理（复查）机关的上一级机关、单位", _BOTH),
    "not_petitioner": ("申请人不是该信访事项的信访人或者其代理人", _BOTH),
    "reviewed": ("已经复核，仍以同一事实和理由提出", _36),
}

_COUNTER = ("office:registrar", "office:triage", "office:office_head")
_APPLIES = (*_COUNTER, "petitioner")
_BODY = ("review:reviewer", "rereview:rereviewer")
_RECORD = ("recorder:triage", "recorder:office_head")
_DONE = ("delivered", "lapsed", "closed", "confirmed")

# fmt: off
ROWS: tuple[Step, ...] = (
    Step("apply_review", "申请复查", "proceeding", _DONE, "appealed", _APPLIES, _35,
         stops=("T6",), cancels=("TA", "TN"), starts=("TF", "T6D"), paper="review_application", secondary=True,
         hint="自收到书面答复之日起30日内；未附处理意见书的，不影响申请。"),
    Step("apply_rereview", "申请复核", "proceeding", ("review_delivered", "review_lapsed"), "review_appealed", _APPLIES, _36,
         stops=("T7",), starts=("TF", "T7D"), paper="rereview_application", secondary=True,
         hint="自收到复查意见之日起30日内；未附复查意见书的，不影响申请。"),
    Step("accept_review", "受理申请", "proceeding", ("applied",), "reviewing", _BODY, _BOTH,
         stops=("TF",), paper="review_accepted"),
    Step("refuse_review", "不予受理申请", "proceeding", ("applied",), "review_refused", _BODY, _BOTH,
         stops=("TF",), cancels=("T6D", "T7D"), paper="review_refused", secondary=True, danger=True),
    Step("drop_review", "申请人撤回申请", "proceeding", ("applied", "reviewing", "review_drafted"), "review_dropped",
         (*_COUNTER, *_BODY), _BOTH, cancels=("TF", "T6D", "T7D"), paper="review_dropped", secondary=True,
         hint="照申请人自己的书面或录音表示办理；撤回后在期限内仍可再申请。"),
    Step("draft_review", "起草复查复核意见", "proceeding", ("reviewing", "review_drafted"), "review_drafted", _BODY, _BOTH),
    Step("return_review", "退回修改意见稿", "proceeding", ("review_drafted",), "reviewing", _BODY, _BOTH, secondary=True),
    Step("sign_review", "签发复查复核意见", "proceeding", ("review_drafted",), "review_issued", _BODY, _BOTH,
         stops=("T6D", "T7D"), starts=("TD",), paper="review_opinion"),
    Step("deliver_review", "送达复查复核意见", "proceeding", ("review_issued",), "review_delivered", _BODY, _BOTH,
         stops=("TD",), starts=("T7",)),
    Step("record_review", "记录上级机关的决定", "proceeding", ("applied",), "review_delivered", _RECORD, _BOTH,
         stops=("TF", "T6D", "T7D"), starts=("T7",),
         hint="复查、复核机关不在本系统办理的，照其书面决定记录。"),
    Step("lapse_review", "申请复核期满", "proceeding", ("review_delivered",), "review_lapsed", ("system",), _36),
    Step("end_review", "复核终结", "proceeding", ("review_delivered",), "review_ended", ("system",), _36),
    Step("exhaust", "复查复核程序终结", "proceeding", ("appealed",), "exhausted", ("system",), _BOTH, starts=("TN",)),
    Step("resume_window", "申请未成，恢复原状态", "proceeding", ("appealed",), "delivered", ("system",), _35),
    Step("resume_review", "申请未成，恢复原状态", "proceeding", ("review_appealed",), "review_delivered", ("system",), _36),
    Step("order_redo", "责令重新办理", "proceeding", ("appealed",), "redone", ("system",), "第三十五条、地方规定（责令重新办理）",
         starts=("T5",), paper="redo_order"),
)
# fmt: on

PAPERS = (
    PaperKind("review_application", "信访事项复查申请书", "查申", True, _35),
    PaperKind("rereview_application", "信访事项复核申请书", "核申", True, _36),
    PaperKind("review_accepted", "复查（复核）受理告知书", "查受", True, _BOTH),
    PaperKind("review_refused", "复查（复核）不予受理告知书", "查不受", True, _BOTH),
    PaperKind("review_dropped", "撤回复查（复核）申请确认书", "查撤", True, _BOTH),
    PaperKind("review_opinion", "信访事项复查意见书", "复查", True, _35),
    PaperKind("rereview_opinion", "信访事项复核意见书", "复核", True, _36),
    PaperKind("redo_order", "责令重新办理决定", "责办", False, "第三十五条、地方规定（责令重新办理）"),
)
