"""What is asked for while a matter is handled?  The forms of the steps on a proceeding (Art.31-35)."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from accounts.rendering import Group
from petitions.forms.base import StepForm
from petitions.forms.fields import LONG, Line, Words
from petitions.models import Claim, PetitionerView, Proceeding, Support
from petitions.workdays import extension_room

HOW = [("hand", "直接送达"), ("post", "邮寄送达"), ("other", "其他方式")]
RECEIPT = [("signed", "已签收"), ("refused", "拒收")]


class InterviewForm(StepForm):
    """记录接谈调查 (Art.31(6))."""

    DATE, NOTE = "接谈、调查日期", ""
    people = Line(label="在场人", required=False, help_text="接谈人、信访人、调查对象、记录人。")
    place = Line(label="地点", required=False, limit=120)
    text = Words(
        label="笔录", limit=LONG, rows=8, help_text="听取陈述事实和理由，调查核实（第三十一条第六项）；加密保存。"
    )

    def changes(self) -> dict[str, Any]:
        """The talk was held on the day it happened."""
        return super().changes() | {"held_on": self.cleaned_data.get("occurred_on")}


class ExtendForm(StepForm):
    """延长办理期限 (Art.34)."""

    NOTE = ""
    days = forms.IntegerField(label="延长天数", min_value=1, max_value=30)
    reason = Words(label="延长理由", help_text="会写进延长办理期限告知书，告知信访人（第三十四条）。")

    def build(self) -> None:
        """Say how many days are left to give."""
        room = extension_room(cast(Proceeding, self.row).extended_days)
        self.fields["days"].help_text = f"合计不超过30日，还可延长{room}日（第三十四条）。"


class DraftForm(StepForm):
    """起草处理意见: one opinion that answers every claim (Art.32)."""

    NOTE, NOTE_HINT = "给核稿人的说明", "可不填；不写进意见书。"
    facts = Words(label="查明的事实", limit=LONG, rows=7, help_text="信访人反映的情况、调查核实的事实（第三十二条）。")
    basis = Words(label="法律、政策依据", limit=LONG, rows=4, help_text="写明文件名称和条款。")

    def build(self) -> None:
        """Add support and answer for each claim of this run."""
        self.claims = list(Claim.objects.filter(proceeding=cast(Proceeding, self.row)))
        for claim in self.claims:
            self._add_claim(claim)
        groups = (
            Group(f"诉求{claim.serial}：{claim.text}", (f"support_{claim.serial}", f"answer_{claim.serial}"))
            for claim in self.claims
        )
        self.GROUPS = (Group("事实和依据", ("facts", "basis")), *groups)

    def begin_with(self) -> dict[str, Any]:
        """What was drafted before."""
        run = cast(Proceeding, self.row)
        return {"facts": run.facts, "basis": run.basis}

    def _add_claim(self, claim: Claim) -> None:
        self.fields[f"support_{claim.serial}"] = forms.ChoiceField(
            label="意见", choices=Support.choices, widget=forms.RadioSelect, initial=claim.support or None
        )
        self.fields[f"answer_{claim.serial}"] = Words(
            label="答复", limit=5_000, rows=4, initial=claim.answer,
            help_text="逐项答复；支持的要写明怎样落实、何时落实（第三十二条）。",
        )  # fmt: skip

    def changes(self) -> dict[str, Any]:
        """Answers by the claims' serial numbers."""
        said = self.cleaned_data
        answers = {
            claim.serial: {"support": said[f"support_{claim.serial}"], "answer": said[f"answer_{claim.serial}"]}
            for claim in self.claims
        }
        return {"facts": said["facts"], "basis": said["basis"], "answers": answers}


_AFTER = {
    "handling": "同意的，可以提前办结；申请复查的30日期限不受影响（第三十五条）。",
    "study": "建议意见的答复没有复查程序；有新的建议可以再提。",
    "duty": "不服本答复的，自收到之日起60日内申请行政复议，或者6个月内提起行政诉讼。",
    "review": "申请复核的30日期限自收到之日起算（第三十六条）。",
    "rereview": "复核意见送达后，以同一事实和理由再提出的不再受理（第三十六条）。",
}


class DeliverForm(StepForm):
    """送达: from this day runs what the petitioner may do against the paper."""

    DATE = "送达日期"
    how = forms.ChoiceField(
        label="送达方式",
        choices=HOW,
        widget=forms.RadioSelect,
    )
    receipt = forms.ChoiceField(
        label="签收情况",
        choices=RECEIPT,
        widget=forms.RadioSelect,
        initial="signed",
    )
    receiver = Line(label="签收人", required=False, limit=60)
    witness = Line(label="见证人", required=False, limit=60, help_text="拒收的，要记明见证人。")
    view = forms.ChoiceField(
        label="信访人意见", choices=PetitionerView.choices, widget=forms.RadioSelect, initial=PetitionerView.NONE
    )
    GROUPS = (Group("送达回证", ("how", "occurred_on", "late_reason", "receipt", "receiver", "witness", "view")),)

    def build(self) -> None:
        """Say which window of the petitioner's begins with this day: each paper has its own remedy."""
        self.fields["view"].help_text = _AFTER.get(cast(Proceeding, self.row).kind, "")
