"""What happens to a paper after it is issued (domain.md §7): served with its receipt, or voided with its number kept.

A paper on which a window of the petitioner runs (an opinion, a review's opinion, a reply) is never voided: the law changes it by
review alone (Art.35, 36), and taking it out of his hands would take the remedy with it.  Before it is served no window runs, and
its body may recall it: its number is void, the duty goes on under its first due day, and the opinion signed next replaces it.  A
review's opinion is carried out when it is signed, so that it is not recalled.
"""

from __future__ import annotations

from petitions.law import PaperKind, Step

_ANY = ("registered", "triaged", "sent", "review", "objected", "handling", "issued", "delivered", "lapsed", "settled", "in_review", "in_rereview",
        "review_issued", "review_delivered", "exhausted", "closed", "confirmed", "ended")  # fmt: skip
_SERVES = ("office:registrar", "office:triage", "office:office_head", "unit:handler", "unit:signer", "unit:unit_head")
_23 = "第二十三条（文书管理）"

# fmt: off
ROWS: tuple[Step, ...] = (
    Step("serve_paper", "送达其他文书", "petition", _ANY, "", _SERVES, "第二十三条（书面告知）", paper="service_receipt", secondary=True,
         hint="受理告知书等文书的送达回证；处理意见书、复查复核意见书和答复用各自的“送达”。"),
    Step("void_paper", "作废文书", "petition", _ANY, "", ("office:office_head", "unit:unit_head"), _23, paper="void_sheet", secondary=True,
         danger=True, hint="发错的文书；文号保留，不再使用。已经送达的，另发作废告知书。意见书和答复不能作废：送达前可以收回重签，送达后只能经复查、复核改变。"),
    Step("recall_opinion", "收回未送达的意见书", "proceeding", ("issued",), "drafted", ("unit:unit_head",), "第三十二条（文书管理）",
         cancels=("TD",), starts=("T5",), paper="void_sheet", secondary=True, danger=True,
         hint="签发后、送达前发现错误的；原文号作废，办理期限仍是原来的日期，改正后重新核稿、签发。"),
    Step("recall_reply", "收回未送达的答复", "proceeding", ("reply_issued",), "reply_drafted", ("unit:unit_head",), "第二十九条、第三十一条第五项（文书管理）",
         cancels=("TD",), starts=("TG", "TY"), paper="void_sheet", secondary=True, danger=True,
         hint="签发后、送达前发现错误的；原文号作废，期限仍是原来的日期，改正后重新签发。"),
)
# fmt: on

PAPERS = (
    PaperKind("service_receipt", "送达回证", "回证", False, "第二十三条、第三十五条"),
    PaperKind("destination_notice", "转送去向告知书", "去", True, "第二十三条"),
    PaperKind("return_decision", "退回审核单", "退审", False, "第二十三条"),
    PaperKind("interview_record", "调查（接谈）笔录", "笔", False, "第三十一条第六项"),
    PaperKind("extension_approval", "延长办理期限审批表", "延审", False, "第三十四条"),
    PaperKind("void_sheet", "文书作废审批单", "废", False, _23),
    PaperKind("void_notice", "文书作废告知书", "废告", True, _23),
)
