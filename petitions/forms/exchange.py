"""What is chosen to hand records to another system: the days, and the form of the file."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.dates import today
from petitions.forms.fields import Day


class ExchangeForm(forms.Form):
    """Days of registration, both included, and the form of the file."""

    first = Day(label="登记日期自", help_text="按登记日期，含当天。")
    last = Day(label="至", help_text="只导一天的，两个日期相同。")
    form = forms.ChoiceField(label="格式", choices=[("xlsx", "xlsx（电子表格）"), ("json", "json")])

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"first": today(), "last": today()})
