"""What is asked for in supervision, measures, the three suggestions, and execution (Art.32, 38-40)?"""

from __future__ import annotations

from typing import Any, cast

from django import forms

from accounts.dates import today
from accounts.models import Department, DepartmentKind
from petitions.forms.base import StepForm
from petitions.forms.fields import Day, DepartmentField, Words
from petitions.law import oversight

RECIPIENTS = tuple(
    kind for kind in DepartmentKind if kind not in (DepartmentKind.INNER, DepartmentKind.VILLAGE, DepartmentKind.SYSTEM)
)


class LookForm(StepForm):
    """记录督查."""

    NOTE = ""
    form = forms.ChoiceField(label="方式", choices=list(oversight.FORMS.items()), widget=forms.RadioSelect)
    facts_true = forms.ChoiceField(
        label="反映的问题是否属实", choices=list(oversight.FACTS_TRUE.items()), widget=forms.RadioSelect
    )
    claim_fair = forms.ChoiceField(
        label="诉求是否合理", choices=list(oversight.CLAIM_FAIR.items()), widget=forms.RadioSelect
    )
    understood = forms.ChoiceField(
        label="信访人是否理解", choices=list(oversight.UNDERSTOOD.items()), widget=forms.RadioSelect
    )
    cause = Words(label="产生原因", required=False, rows=2)
    text = Words(
        label="督查情况",
        limit=5_000,
        rows=5,
        help_text="听取汇报、查阅案卷、约见信访人、实地核查的情况；会印在督查核查记录上。",
    )


class ProposeForm(StepForm):
    """提请联席会议采取措施 (Art.39)."""

    NOTE = ""
    kind = forms.ChoiceField(label="建议措施", choices=list(oversight.MEASURES.items()), widget=forms.RadioSelect)
    reason = Words(label="理由", help_text="履职不力、存在严重问题的情形和证据（第三十九条第三款）。")


class DecideForm(StepForm):
    """决定采取措施 (Art.39): the conference chooses."""

    NOTE = ""
    kind = forms.ChoiceField(
        label="措施",
        choices=list(oversight.MEASURES.items()),
        widget=forms.RadioSelect,
        help_text="视情节轻重选择，不必逐级。",
    )
    demand = Words(label="整改要求", help_text="会印在通知书上。")
    rectify_by = Day(label="整改期限", help_text="责令限期整改。")


class ReopenForm(StepForm):
    """整改不到位，继续整改."""

    NOTE = ""
    reason = Words(label="哪里不到位")
    rectify_by = Day(label="新的整改期限")


class AdviseForm(StepForm):
    """提出建议 (Art.40)."""

    NOTE = ""
    kind = forms.ChoiceField(label="哪一项", choices=list(oversight.ADVICE.items()), widget=forms.RadioSelect)
    department = DepartmentField(
        kinds=RECIPIENTS, label="向谁提出", help_text="有关机关、单位；追究责任的，向有管理权限的机关、单位提出。"
    )
    facts = Words(label="发现的情况", limit=5_000, rows=4)
    suggestion = Words(label="建议", limit=5_000, rows=4)
    article = forms.ChoiceField(
        label="追究责任的条款", choices=[("", "请选择（只用于追究责任）"), *oversight.LIABILITY.items()], required=False
    )
    basis = Words(
        label="依据", rows=3, required=False, help_text="法律、政策依据；追究责任的，可以只选条款。会印在建议书上。"
    )

    def clean(self) -> dict[str, Any]:
        """Who is to be held to account is told by which article; every other suggestion tells its grounds in words."""
        said = self.cleaned_data
        blames = said.get("kind") == "blame"
        if blames and not said.get("article"):
            self.add_error("article", "请选择依据哪一条追究责任。")
        if not blames and said.get("article"):
            self.add_error("article", "只有追究责任的建议才选条款。")
        if not blames and not said.get("basis"):
            self.add_error("basis", "请填写依据。")
        return said

    def build(self) -> None:
        """Offer bodies in force."""
        field = cast(DepartmentField, self.fields["department"])
        field.queryset = Department.objects.in_force(today()).filter(kind__in=RECIPIENTS)


class AnswerAdviceForm(StepForm):
    """反馈采纳情况 (Art.40)."""

    NOTE = ""
    adopted = forms.ChoiceField(label="是否采纳", choices=list(oversight.ADOPTED.items()), widget=forms.RadioSelect)
    answer = Words(label="采纳情况", limit=5_000, rows=5, help_text="怎样落实；未采纳的写明理由。会印在反馈书上。")


class ExecutionForm(StepForm):
    """督促执行 (Art.32 ¶2)."""

    NOTE = ""
    executor = DepartmentField(kinds=RECIPIENTS, label="由谁执行")
    what = Words(label="执行事项", rows=3, help_text="意见书支持的是什么，做到什么算执行。")
    due_on = Day(label="执行期限", help_text="意见书写明的日期。")

    def build(self) -> None:
        """Offer bodies in force; the body that decided is the first guess."""
        field = cast(DepartmentField, self.fields["executor"])
        field.queryset = Department.objects.in_force(today()).filter(kind__in=RECIPIENTS)
        field.initial = self.petition.responsible_id
