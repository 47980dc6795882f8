"""What is asked for at a review or re-review?  The application, the formal check, the opinion (Art.35, 36)."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from accounts.rendering import Group
from petitions import lifecycle, review_bodies
from petitions.forms.base import StepForm
from petitions.forms.fields import LONG, Day, DepartmentField, Line, Words, yes_no
from petitions.forms.handling import DeliverForm
from petitions.law import review
from petitions.models import Claim, Proceeding, Support

_ASKED = "第三十五条、第三十六条"


class ApplyForm(StepForm):
    """申请复查、复核: taken at the counter from the petitioner; never sent back because a paper is missing."""

    DATE, NOTE = "收到申请日期", ""
    body = DepartmentField(label="向哪个机关申请", help_text="原办理（复查）机关的上一级机关、单位，由申请人选择。")
    request = Words(label="请求", rows=3, help_text="请求撤销、变更，或者责令重新办理哪一项意见。")
    reasons = Words(label="事实和理由", limit=5_000, rows=5, help_text="照申请人的说法如实记录，加密保存。")
    attached = forms.BooleanField(label="附有原意见书", required=False, help_text="没有附的照样收下，不得因此不受理。")
    excuse = Words(
        label="超过期限的理由", required=False, rows=2,
        help_text="自收到书面答复之日起超过30日的才填；是否正当由复查、复核机关审查。",
    )  # fmt: skip

    def build(self) -> None:
        """Offer the bodies above the one that gave the opinion."""
        above = review_bodies.possible(cast(Proceeding, self.row).department)
        field = cast(DepartmentField, self.fields["body"])
        field.queryset = review_bodies.offered().filter(pk__in=[row.pk for row in above])
        if len(above) == 1:
            field.initial = above[0].pk


class RefuseForm(StepForm):
    """不予受理申请: a ground and reasons; a missing paper is no ground."""

    NOTE = ""
    ground = forms.ChoiceField(
        label="情形", choices=[("", "请选择情形"), *((code, words) for code, (words, _) in review.REFUSALS.items())],
        help_text=f"没有附原意见书不是不予受理的理由（{_ASKED}）。",
    )  # fmt: skip
    explanation = Words(label="理由和其他途径", help_text="会写进不予受理告知书。")


class DraftReviewForm(StepForm):
    """起草复查复核意见: what was found, on what ground, and what follows."""

    NOTE, NOTE_HINT = "给签发人的说明", "可不填；不写进意见书。"
    conclusion = forms.ChoiceField(label="结论", choices=list(review.CONCLUSIONS.items()), widget=forms.RadioSelect)
    redo_days = forms.IntegerField(
        label="重新办理期限（日）", required=False, min_value=1, max_value=lifecycle.CLOCKS["T5"].length,
        help_text="责令重新办理的才填；不填为60日，自作出决定之日起算。",
    )  # fmt: skip
    facts = Words(label="查明的事实", limit=LONG, rows=6)
    basis = Words(label="意见和依据", limit=LONG, rows=5, help_text="写明文件名称和条款。")

    def build(self) -> None:
        """A verdict for each claim, for a change."""
        self.claims = list(Claim.objects.filter(petition=self.petition, proceeding__kind="handling"))
        run = cast(Proceeding, self.row)
        for claim in self.claims:
            self.fields[f"support_{claim.serial}"] = forms.ChoiceField(
                label="变更为", choices=[("", "不变更"), *Support.choices], required=False,
                initial=run.decided.get(str(claim.serial), ""),
            )  # fmt: skip
        groups = (
            Group(
                f"诉求{claim.serial}：{claim.text[:60]}（现为：{claim.get_support_display() or '未定'}）",
                (f"support_{claim.serial}",),
            )
            for claim in self.claims
        )
        self.GROUPS = (Group("结论", ("conclusion", "redo_days")), Group("事实和依据", ("facts", "basis")), *groups)

    def begin_with(self) -> dict[str, Any]:
        """What was drafted before."""
        run = cast(Proceeding, self.row)
        return {"conclusion": run.conclusion, "facts": run.facts, "basis": run.basis, "redo_days": run.redo_days}

    def changes(self) -> dict[str, Any]:
        """Verdicts by the claims' serial numbers."""
        said = self.cleaned_data
        answers = {claim.serial: said[f"support_{claim.serial}"] for claim in self.claims}
        kept = {name: said[name] for name in ("conclusion", "facts", "basis", "redo_days")}
        return kept | {"answers": answers}


class DeliverReviewForm(DeliverForm):
    """送达复查复核意见: after a review the thirty days for re-review run from this day."""


class RecordForm(StepForm):
    """记录上级机关的决定: of a body that does not work in this system."""

    DATE, NOTE = "信访人收到日期", ""
    accepted = forms.ChoiceField(
        label="上级机关", choices=yes_no("已受理并作出意见", "不予受理"), widget=forms.RadioSelect
    )
    conclusion = forms.ChoiceField(
        label="结论", choices=[("", "（不予受理的不填）"), *review.CONCLUSIONS.items()], required=False
    )
    number = Line(label="文号", limit=60)
    issued_on = Day(label="作出日期")
    words = Words(label="决定的内容", help_text="照上级机关的书面决定摘录，加密保存；原件请上传为附件。")

    def changes(self) -> dict[str, Any]:
        """With the answer as a truth value."""
        return super().changes() | {"accepted": self.cleaned_data["accepted"] == "yes"}
