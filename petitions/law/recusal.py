"""Who has a direct interest keeps away (回避, Art.28 ¶3): asked by anybody at work on the matter, decided by the head."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.law import Step

ARTICLE = "第二十八条第三款"

STATES: Mapping[str, Mapping[str, str]] = {
    "recusal": {"asked": "待决定", "granted": "已决定回避", "refused": "不予回避"}
}
FINAL: Mapping[str, frozenset[str]] = {"recusal": frozenset({"granted", "refused"})}

# As long as the matter is open: whoever joins it later may turn out to have an interest.
_OPEN = (
    "registered", "triaged", "sent", "review", "objected", "handling", "issued", "delivered", "lapsed", "settled", "in_review",
    "in_rereview", "review_issued", "review_delivered", "exhausted", "closed",
)  # fmt: skip
_ANYBODY = (
    "office:registrar", "office:triage", "office:office_head", "office:supervisor",
    "unit:handler", "unit:signer", "unit:unit_leader", "unit:unit_head", "review:reviewer", "rereview:rereviewer",
)  # fmt: skip
# The head of the person's body; of a head, whoever is above (domain.md §2.9).
_DECIDER = ("decider:unit_head", "decider:office_head", "decider:leader")

# fmt: off
ROWS: tuple[Step, ...] = (
    Step("ask_recusal", "提出回避", "petition", _OPEN, "", _ANYBODY, ARTICLE, secondary=True,
         hint="与信访事项或者信访人有直接利害关系的，应当回避：本人申请，或者由他人、信访人提出。"),
    Step("grant_recusal", "决定回避", "recusal", ("asked",), "granted", _DECIDER, ARTICLE),
    Step("refuse_recusal", "决定不回避", "recusal", ("asked",), "refused", _DECIDER, ARTICLE, secondary=True),
)
# fmt: on
