"""What does a petitioner type on the public pages?"""

from __future__ import annotations

from django import forms

from petitions.models import Rating


class QueryForm(forms.Form):
    """Query code and second factor."""

    code = forms.CharField(
        label="查询码", max_length=20, help_text="告知单上的10位字母和数字，不分大小写。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip
    tail = forms.CharField(
        label="身份证或手机号的后4位", max_length=18, required=False,
        help_text="登记时没有留身份证和手机号的，可以不填。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class RatingForm(forms.Form):
    """The petitioner's own verdict; nothing is chosen beforehand."""

    target = forms.ChoiceField(choices=Rating.Target.choices, widget=forms.HiddenInput)
    value = forms.ChoiceField(label="您满意吗？", choices=Rating.Value.choices, widget=forms.RadioSelect)
    comment = forms.CharField(
        label="想说的话",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可以不写。",
    )
