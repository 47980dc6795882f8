"""What is asked for when a paper is served or voided?"""

from __future__ import annotations

from typing import cast

from django import forms

from petitions.access import unit_of
from petitions.actions.papers import BY_THEIR_OWN, KEPT
from petitions.forms.base import StepForm
from petitions.forms.fields import Line, Words
from petitions.forms.handling import HOW, RECEIPT
from petitions.models import Paper


class PaperForm(StepForm):
    """A form about one of the matter's papers."""

    NOTE = ""
    paper = forms.ChoiceField(label="哪一份文书")

    def build(self) -> None:
        """Offer the papers that may be meant."""
        rows = Paper.objects.filter(petition=self.petition, void_on=None).exclude(kind__in=BY_THEIR_OWN)
        rows = (
            rows.filter(for_petitioner=True, served_on=None)
            if self.step.code == "serve_paper"
            else rows.filter(department=unit_of(self.actor)).exclude(kind__in=KEPT)
        )
        field = cast(forms.ChoiceField, self.fields["paper"])
        field.choices = [
            ("", "请选择文书"),
            *(
                (row.number, f"{row.title} {row.number}{'（已送达）' if row.served_on else ''}")
                for row in rows.order_by("-pk")
            ),
        ]


class ServeForm(PaperForm):
    """送达其他文书."""

    DATE = "送达日期"
    how = forms.ChoiceField(label="送达方式", choices=HOW, widget=forms.RadioSelect)
    receipt = forms.ChoiceField(label="签收情况", choices=RECEIPT, widget=forms.RadioSelect, initial="signed")
    receiver = Line(label="签收人", required=False, limit=60)
    witness = Line(label="见证人", required=False, limit=60, help_text="拒收的，要记明见证人。")


class VoidForm(PaperForm):
    """作废文书."""

    reason = Words(
        label="作废的理由", rows=3, help_text="文号保留，不再使用；已经送达的，理由会写进给信访人的作废告知书。"
    )
