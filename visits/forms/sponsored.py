"""What is typed about a sponsored case?  Who takes it on, its plan and course, what was verified."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.actor import Actor
from petitions.forms.fields import Day, DepartmentField, Line, Words, as_bool, yes_no
from visits.actions.sponsor import MEASURES
from visits.forms.fields import MatterField, ReceiverField, UnitsField
from visits.models import Sponsorship


class PutUpForm(forms.Form):
    """A case put into a leader's hands."""

    petition = MatterField(label="事项编号")
    sponsor = ReceiverField(label="包案领导")
    unit = DepartmentField(label="责任单位", help_text="已经承办这件事项的单位。")
    due = Day(label="化解期限")
    crux = Words(label="症结", rows=2, limit=1000)
    approval = Words(label="审批情况", rows=2, limit=500, help_text="哪位主要领导、什么时候批准由他包案。")

    def __init__(self, *args: Any, actor: Actor, office_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["petition"].actor = actor  # type: ignore[attr-defined]
        self.fields["sponsor"].offer_of(office_id)  # type: ignore[attr-defined]
        self.fields["unit"].offer()  # type: ignore[attr-defined]


class PlanForm(forms.Form):
    """One case, one plan (一案一策)."""

    facts_true = forms.ChoiceField(label="反映是否属实", choices=yes_no("属实", "不属实", "还在查"), required=False)
    claim_fair = forms.ChoiceField(label="诉求是否合理", choices=yes_no("合理", "不合理", "还在查"), required=False)
    crux = Words(label="症结", rows=2, limit=1000)
    plan = Words(label="化解方案", limit=2000)
    measures = forms.MultipleChoiceField(
        label="措施", choices=list(MEASURES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    officer = Line(label="包案责任人", limit=40, required=False, help_text="责任单位里具体负责的人。")

    def __init__(self, *args: Any, row: Sponsorship, **kwargs: Any) -> None:
        said = {True: "yes", False: "no", None: ""}
        initial = {"crux": row.crux, "plan": row.plan, "officer": row.officer, "facts_true": said[row.facts_true],
                   "claim_fair": said[row.claim_fair], "co_units": list(row.co_units.all()),
                   "measures": [code for code, label in MEASURES.items() if label in row.measures]}  # fmt: skip
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.fields["co_units"] = UnitsField(label="协同单位")

    def changes(self) -> dict[str, Any]:
        """What the verb is told."""
        data = self.cleaned_data
        return data | {name: as_bool(data[name]) for name in ("facts_true", "claim_fair")}


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
