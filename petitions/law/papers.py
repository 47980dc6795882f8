"""What happens to a paper after it is issued (domain.md §7): served with its receipt, or voided with its number kept."""

from __future__ import annotations

from petitions.law import PaperKind, Step

_ANY = ("registered", "triaged", "sent", "review", "objected", "handling", "issued", "delivered", "lapsed", "in_review", "in_rereview",
        "review_issued", "review_delivered", "exhausted", "closed", "confirmed", "ended")  # fmt: skip
_SERVES = ("office:registrar", "office:triage", "office:office_head", "unit:handler", "unit:signer", "unit:unit_head")

# fmt: off
ROWS: tuple[Step, ...] = (
    Step("serve_paper", "送达其他文书", "petition", _ANY, "", _SERVES, "第二十三条（书面告知）", paper="service_receipt", secondary=True,
         hint="受理告知书等文书的送达回证；处理意见书、复查复核意见书和答复用各自的“送达”。"),
    Step("void_paper", "作废文书", "petition", _ANY, "", ("office:office_head", "unit:unit_head"), "第二十三条（文书管理）", secondary=True,
         danger=True, hint="发错而未送达的文书；文号保留，不再使用。"),
)
# fmt: on

PAPERS = (PaperKind("service_receipt", "送达回证", "回", False, "第二十三条、第三十五条"),)
