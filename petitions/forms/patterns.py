"""What is asked for about a warning?  A reason to set it aside; what a suggestion to better a policy says (Art.40)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from petitions.forms.fields import DepartmentField, Line, SearchSelect, Words
from petitions.forms.oversight import RECIPIENTS
from petitions.models import Petition


class AsideForm(forms.Form):
    """搁置."""

    reason = Line(label="搁置的理由", limit=200, help_text="例如：同一通知引起的集中咨询，已经答复。理由会保留。")


class MatterField(forms.ModelChoiceField):
    """One of the warning's matters."""

    widget = SearchSelect

    def label_from_instance(self, obj: Any) -> str:
        """Its number and title: no name."""
        return f"{obj.number} {obj.title}"


class SuggestForm(forms.Form):
    """完善政策建议 out of a warning."""

    matter = MatterField(
        queryset=Petition.objects.none(), empty_label=None, label="载入哪件的案卷",
        help_text="建议书编号并存入这一件的案卷；反馈采纳情况也在这一件里办。",
    )  # fmt: skip
    department = DepartmentField(kinds=RECIPIENTS, label="向谁提出")
    facts = Words(label="发现的情况", limit=5_000, rows=6, help_text="按预警的数据起草，请核对修改。不写任何人的姓名。")
    suggestion = Words(label="建议", limit=5_000, rows=4)
    basis = Words(label="依据", rows=3)

    def __init__(self, *args: Any, matters: QuerySet[Petition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matter"].queryset = matters  # type: ignore[attr-defined]
        self.fields["department"].offer()  # type: ignore[attr-defined]
