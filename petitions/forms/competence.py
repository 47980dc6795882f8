"""What is asked for where bodies do not agree who accepts (Art.24)?"""

from __future__ import annotations

from typing import Any

from django import forms

from petitions.forms.base import StepForm
from petitions.forms.fields import DepartmentField, Line, Words, as_bool, yes_no


class ReferForm(StepForm):
    """提请确定受理机关 (Art.24 ¶1)."""

    NOTE = ""
    one = DepartmentField(label="争议单位一")
    other = DepartmentField(label="争议单位二")
    third = DepartmentField(label="争议单位三", required=False)
    superior = forms.ChoiceField(
        label="有没有共同的上一级机关、单位", choices=yes_no("有，报共同上一级决定", "没有，提请联席会议协调"),
        widget=forms.RadioSelect, help_text="例如同为县政府部门的有；一方是垂直管理单位的，往往没有。",
    )  # fmt: skip
    reason = Words(label="争议情况", help_text="各方的理由、已经怎样协商；会报给作出决定的机关。")

    def build(self) -> None:
        """Offer competent bodies; those that gave the matter back are the first guess."""
        for name in ("one", "other", "third"):
            self.fields[name].offer()  # type: ignore[attr-defined]
        gone = self.petition.assignments.filter(lead=True, state__in=("returned", "objected")).order_by("pk")
        for name, body in zip(("one", "other", "third"), gone.values_list("department_id", flat=True), strict=False):
            self.fields[name].initial = body

    def changes(self) -> dict[str, Any]:
        """With the answer as a truth value."""
        return super().changes() | {"superior": as_bool(self.cleaned_data["superior"])}


class _BodyForm(StepForm):
    """Which body accepts."""

    NOTE = ""
    body = DepartmentField(label="由谁受理")

    def build(self) -> None:
        """Offer competent bodies."""
        self.fields["body"].offer()  # type: ignore[attr-defined]


class DecideForm(_BodyForm):
    """登记共同上一级的决定."""

    decider = Line(label="作出决定的机关", limit=60)
    number = Line(label="文号", limit=60)
    reason = Words(label="理由", rows=3, help_text="会印在通知书上。")


class CoordinateForm(_BodyForm):
    """协调确定受理机关: by the joint conference."""

    reason = Words(label="理由", rows=3, help_text="会印在通知书上；确定以后该单位不能再提出异议。")


class AgreedForm(_BodyForm):
    """登记协商一致."""

    words = Words(label="协商情况", rows=3, help_text="各方由谁参加、怎样商定的。")
