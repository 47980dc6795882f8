"""What is typed after a visit?  Duties done, what was heard, a sponsored case's course, research."""

from __future__ import annotations

from typing import Any

from django import forms

from petitions.forms.fields import Day, DepartmentField, Line, Words, as_bool, yes_no
from visits.actions.sponsor import MEASURES
from visits.forms.fields import ReceiverField
from visits.models import Heard, Research, Sponsorship


class DoneForm(forms.Form):
    """A duty that was carried out."""

    words = Words(label="办理情况", limit=2000, help_text="做了什么、结果怎样、怎样告知了群众。")


class RevisitForm(forms.Form):
    """What the petitioner said when asked."""

    reached = forms.ChoiceField(label="联系上了吗", choices=yes_no("联系上了", "没有联系上"), widget=forms.RadioSelect)
    at_home = forms.BooleanField(label="上门回访（不勾为电话）", required=False)
    heard = forms.ChoiceField(
        label="群众的态度", choices=[("", "—"), *Heard.choices], required=False,
        help_text="只记群众怎么说；满意度由信访人本人用查询码评价。",
    )  # fmt: skip
    settled = forms.ChoiceField(label="事情解决了吗", choices=yes_no("解决了", "没有", "说不清"), required=False)
    words = Words(label="群众的原话", limit=1000, required=False)

    def changes(self) -> dict[str, Any]:
        """What the verb is told."""
        data = self.cleaned_data
        return {
            "reached": data["reached"] == "yes", "at_home": data["at_home"], "heard": data["heard"], "words": data["words"],
            "settled": as_bool(data["settled"]),
        }  # fmt: skip


class PlanForm(forms.Form):
    """One case, one plan (一案一策)."""

    crux = Words(label="症结", rows=2, limit=1000)
    plan = Words(label="化解方案", limit=2000)
    measures = forms.MultipleChoiceField(
        label="措施", choices=list(MEASURES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )


class WordsForm(forms.Form):
    """What has been achieved."""

    words = Words(label="进展", limit=2000)


class MoreTimeForm(forms.Form):
    """Until when, and why."""

    until = Day(label="延至")
    words = Words(label="理由", limit=1000)


class DecideForm(forms.Form):
    """Whether more time is given."""

    agree = forms.ChoiceField(label="意见", choices=yes_no("同意延期", "不同意"), widget=forms.RadioSelect)
    words = Words(label="说明", limit=1000, required=False)


class HandOverForm(forms.Form):
    """Who takes the case on, with what."""

    sponsor = ReceiverField(label="改由谁包案")
    words = Words(label="交接的材料和情况", limit=2000)

    def __init__(self, *args: Any, row: Sponsorship, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sponsor"].offer_of(row.office_id, row.sponsor_id)  # type: ignore[attr-defined]


class ReportForm(forms.Form):
    """How far it is settled."""

    result = forms.ChoiceField(
        label="结果", choices=[choice for choice in Sponsorship.Result.choices if choice[0]], widget=forms.RadioSelect
    )
    words = Words(label="怎样化解的、群众什么态度", limit=2000)


class VerifyForm(forms.Form):
    """What the petition office found."""

    agree = forms.ChoiceField(label="核查意见", choices=yes_no("属实，销号", "不属实，退回"), widget=forms.RadioSelect)
    finding = Words(label="怎样核查、查到什么", limit=2000)


class ResearchForm(forms.Form):
    """What a visit found out."""

    topic = Line(label="主题", limit=80)
    findings = Words(label="调查情况", rows=6, limit=8000)
    suggestion = Words(
        label="政策建议", rows=4, limit=4000, required=False, help_text="写了建议，就要写明向哪个机关提出（第四十条）。"
    )
    to = DepartmentField(label="向哪个机关提出", required=False)

    def __init__(self, *args: Any, research: Research | None = None, topic: str = "", **kwargs: Any) -> None:
        kwargs["initial"] = (
            {
                "topic": research.topic,
                "findings": research.findings,
                "suggestion": research.suggestion,
                "to": research.to_id,
            }
            if research
            else {"topic": topic}
        )
        super().__init__(*args, **kwargs)
        self.fields["to"].offer()  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """Whether a suggestion is taken up."""

    answer = Words(label="采纳情况", limit=2000, help_text="不采纳的，说明理由。")
