"""What does a petitioner type on the public pages?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms

from accounts.models import Department
from petitions.models import Rating


class QueryForm(forms.Form):
    """Query code and second factor."""

    code = forms.CharField(
        label="查询码", max_length=20, help_text="告知单上的10位字母和数字，不分大小写。",
        error_messages={"required": "请填写查询码。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip
    tail = forms.CharField(
        label="身份证或手机号的后4位", max_length=18, required=False,
        help_text="登记时没有留身份证和手机号的，填告知单上的4位数字；不填的，只能看到办到哪一步。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class ApplicationForm(forms.Form):
    """An application for review or re-review: three questions, in plain words; no paper is asked for."""

    body = forms.ChoiceField(label="向哪个机关申请")
    request = forms.CharField(
        label="您要求怎样处理？", max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：请求撤销某项意见，重新核算补偿款。",
    )  # fmt: skip
    reasons = forms.CharField(
        label="为什么不服？", max_length=5_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="说事实和理由就行。不用上传原来的意见书。",
    )  # fmt: skip

    def __init__(self, bodies: Iterable[Department], data: Any = None) -> None:
        offered = [(str(row.pk), row.name) for row in bodies]
        super().__init__(data, initial={"body": offered[0][0]} if len(offered) == 1 else None)
        cast(forms.ChoiceField, self.fields["body"]).choices = offered


class RatingForm(forms.Form):
    """The petitioner's own verdict on one body; nothing is chosen beforehand, and it may be left for later."""

    value = forms.ChoiceField(
        label="您满意吗？", choices=Rating.Value.choices, required=False, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        label="想说的话",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可以不写。",
    )

    def clean(self) -> dict[str, Any]:
        """Words without a verdict would be lost: ask for it."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("comment") and not told.get("value") and "value" not in self.errors:
            self.add_error("value", "请先选择满意、基本满意或者不满意。")
        return told


class RatingForms:
    """The verdicts on all that may be rated still, each apart, sent by one button: none is lost by pressing another's."""

    def __init__(self, may_rate: Sequence[tuple[str, str]], data: Any = None) -> None:
        self.rows = [(target, name, RatingForm(data, prefix=target)) for target, name in may_rate]

    def is_valid(self) -> bool:
        """Whether every verdict can be taken, and at least one was given."""
        wrong = [form for _, _, form in self.rows if not form.is_valid()]  # each is looked at
        return not wrong and bool(self.given())

    @property
    def problem(self) -> str:
        """What is said on top where they cannot be taken."""
        if any(form.errors for _, _, form in self.rows):
            return "还没有提交，请看下面标红的地方。"
        return "还没有评价：请选择满意、基本满意或者不满意。"

    def given(self) -> list[tuple[str, dict[str, Any]]]:
        """Return target, value and comment of each verdict given."""
        return [(target, form.cleaned_data) for target, _, form in self.rows if form.cleaned_data.get("value")]
