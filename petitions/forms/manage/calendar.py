"""What is typed to enter a year's holidays, and to set a local rule?"""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.dates import today
from petitions import lifecycle, local_rules
from petitions.forms.fields import Day, Line, Words


class YearForm(forms.Form):
    """The notice's words and its number; ``mark`` is what the preview showed."""

    text = Words(
        label="放假安排", rows=9,
        help_text="一行一个节日；可以把国务院办公厅通知的条文原样粘贴。例：元旦：1月1日（周五）至3日（周日）放假调休，共3天。1月4日（周一）上班。",
    )  # fmt: skip
    source = Line(label="依据", limit=120, help_text="通知的文号，例如：国办发明电〔2026〕7号。")
    mark = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)


class LocalRuleForm(forms.Form):
    """A new local rule."""

    code = forms.ChoiceField(label="时限")
    value = forms.IntegerField(label="天数", min_value=1, max_value=local_rules.LONGEST)
    working = forms.TypedChoiceField(
        label="算法", choices=[("0", "自然日"), ("1", "工作日")], coerce=lambda text: text == "1",
        widget=forms.RadioSelect, initial="0",
    )  # fmt: skip
    source = Line(label="依据", limit=200, help_text="地方法规或文件的名称、文号和条款。")
    valid_from = Day(label="施行日期", help_text="从这一天起开始的时限适用；已经起算的时限不变。")
    valid_to = Day(label="截止日期", required=False, help_text="不填表示另行修改前一直适用。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", "请选择时限"), *map(_choice, local_rules.settable().values())]  # type: ignore[attr-defined]
        self.fields["valid_from"].initial = today()


def _choice(rule: lifecycle.ClockRule) -> tuple[str, str]:
    if rule.on == "number":
        return rule.code, f"{rule.label}（现为{rule.length}，{rule.article}）"
    if rule.local:
        return rule.code, f"{rule.label}（条例未定天数，现为{rule.length}{'个工作日' if rule.working else '日'}）"
    return rule.code, f"{rule.label}（法定{rule.length}{'个工作日' if rule.working else '日'}，{rule.article}）"


class EndRuleForm(forms.Form):
    """The last day of a rule, and why it ends."""

    on_day = Day(label="最后适用日")
    reason = Line(label="事由")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on_day"].initial = today()
