"""What is typed about a sponsored case?  Who takes it on, its plan and course, what was verified."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory

from accounts.actor import Actor
from petitions.forms.fields import Day, DepartmentField, Line, Words, as_bool, yes_no
from visits.actions.milestones import MOST, Planned
from visits.actions.sponsor import CHECKED, MEASURES
from visits.forms.fields import MatterField, ReceiverField, UnitsField
from visits.models import Milestone, Sponsorship


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
    legal_opinion = Words(
        label="法律意见", rows=2, limit=1000, required=False, help_text="适用的法律政策、法律顾问的意见。"
    )
    officer = Line(label="包案责任人", limit=40, required=False, help_text="责任单位里具体负责的人。")
    team = Line(label="工作专班", limit=120, required=False, help_text="哪些人一起办；没有专班的不填。")

    def __init__(self, *args: Any, row: Sponsorship, **kwargs: Any) -> None:
        said = {True: "yes", False: "no", None: ""}
        initial = {"crux": row.crux, "plan": row.plan, "officer": row.officer, "facts_true": said[row.facts_true],
                   "claim_fair": said[row.claim_fair], "co_units": list(row.co_units.all()),
                   "team": row.team, "legal_opinion": row.legal_opinion,
                   "measures": [code for code, label in MEASURES.items() if label in row.measures]}  # fmt: skip
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.fields["co_units"] = UnitsField(label="协同单位")
        self.fields["co_units"].help_text = "协同单位看得到这件事项的（已列为协办的），在自己的首页看到分给它的步骤。"
        self.steps = milestone_set(row, self.data if self.is_bound else None)

    def is_valid(self) -> bool:
        """The plan and each of its steps."""
        return bool(self.steps.is_valid()) & super().is_valid()

    def changes(self) -> dict[str, Any]:
        """What the verb is told."""
        data = self.cleaned_data
        told = {name: as_bool(data[name]) for name in ("facts_true", "claim_fair")}
        return data | told | {"steps": [one for step in self.steps if (one := step.planned()) is not None]}


class MilestoneForm(forms.Form):
    """One step: what, who, until when, and by what it is known to be done; empty rows are passed over."""

    ref = forms.CharField(required=False, widget=forms.HiddenInput)
    what = Line(label="做什么", limit=120, required=False)
    unit = DepartmentField(label="谁", required=False, help_text="责任单位或者协同单位。")
    person = Line(label="责任人", limit=20, required=False)
    due = Day(label="什么时候做完", required=False)
    done_when = Line(label="做到什么算完成", limit=120, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """All of it, or nothing."""
        data: dict[str, Any] = super().clean() or {}
        if self._begun(data):
            for name in ("what", "unit", "due", "done_when"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "请填写这一项。")
        return data

    def _begun(self, data: dict[str, Any]) -> bool:
        """Whether anything was written: unit and day stand in an empty row as they are suggested."""
        return any(data.get(name) for name in ("ref", "what", "person", "done_when")) or "due" in self.changed_data

    def planned(self) -> Planned | None:
        """What the verb is told; nothing of an empty row, nor of one that is taken away."""
        data = self.cleaned_data
        names = ("what", "unit", "due", "done_when", "person", "ref")
        kept = data.get("what") and not data.get("DELETE")
        return Planned(**{name: data[name] for name in names}) if kept else None


class MilestoneSet(BaseFormSet):
    """The steps of a plan that are still open."""

    add_label = "再加一步"


MilestoneFormSet = formset_factory(
    MilestoneForm, formset=MilestoneSet, extra=0, min_num=1, max_num=MOST, absolute_max=MOST, can_delete=True
)


def milestone_set(row: Sponsorship, data: Any = None) -> Any:
    """Return the rows of a case's open steps; one empty row where there is none."""
    names = ("ref", "what", "unit", "person", "due", "done_when")
    initial = [{name: getattr(step, name) for name in names} for step in row.milestones.filter(done_on=None)]
    return MilestoneFormSet(data, prefix="s", initial=initial or [{"unit": row.unit_id, "due": row.due}])


class StepField(forms.ModelChoiceField):
    """An open step of the plan."""

    def label_from_instance(self, obj: Any) -> str:
        """What, by whom, until when."""
        return f"{obj.what}（{obj.unit.short_name}，{obj.due:%-m月%-d日}前）"


class WordsForm(forms.Form):
    """What has been achieved."""

    step = StepField(
        Milestone.objects.none(), label="完成了哪一步", required=False, empty_label="没有哪一步完成，只记进展",
        widget=forms.RadioSelect,
    )  # fmt: skip
    words = Words(label="进展", limit=2000, help_text="完成一步的，写明做到了什么。")
    met = forms.BooleanField(label="当面见了信访人", required=False)

    def __init__(self, *args: Any, row: Sponsorship, unit: int | None, step: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = row.milestones.filter(done_on=None).select_related("unit")
        if unit is not None:  # a unit that helps says what became of its own steps, and of nothing else
            left = left.filter(unit=unit)
            self.fields["step"].required, self.fields["step"].empty_label = True, None  # type: ignore[attr-defined]
        self.fields["step"].queryset = left  # type: ignore[attr-defined]
        self.initial["step"] = next((one.pk for one in left if one.ref == step), None)


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
    agreement = Words(
        label="化解协议", rows=3, limit=2000, required=False,
        help_text="与信访人自愿签订协议、承诺书的，写明主要内容；没有的不填，不得要求信访人签订。",
    )  # fmt: skip
    agreed_on = Day(label="签订日期", required=False)


class VerifyForm(forms.Form):
    """What the petition office found."""

    agree = forms.ChoiceField(label="核查意见", choices=yes_no("属实，销号", "不属实，退回"), widget=forms.RadioSelect)
    checked = forms.MultipleChoiceField(
        label="核查方式", choices=list(CHECKED.items()), widget=forms.CheckboxSelectMultiple
    )
    finding = Words(label="查到什么", limit=2000, help_text="向谁核实、信访人怎么说、看到了什么。")
