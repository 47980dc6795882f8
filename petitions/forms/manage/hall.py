"""What is typed about the hall: entries of the notice board, devices?"""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Department
from petitions.forms.fields import Day, DepartmentField, Line, Words
from petitions.hall import COUNTERS, main_office
from petitions.models import BoardEntry


class EntryForm(forms.Form):
    """One entry of the notice board."""

    kind = forms.ChoiceField(label="栏目", choices=[("", "请选择栏目"), *BoardEntry.Kind.choices])
    title = Line(label="标题", limit=60, help_text="例如：县信访局接待大厅；12345热线；《中华人民共和国行政复议法》。")
    text = Words(label="内容", rows=4, limit=600, required=False, help_text="地址、时间、电话、乘车路线等。")
    place = forms.IntegerField(label="次序", min_value=1, max_value=999, initial=10, help_text="小的在前。")
    valid_from = Day(label="自")
    valid_to = Day(label="至", required=False, help_text="不填表示一直有效。")
    reason = Line(label="事由", required=False)


class DeviceForm(forms.Form):
    """A device of the hall."""

    name = Line(label="名称", limit=40, help_text="例如：大厅东侧评价机。")
    office = DepartmentField(COUNTERS, label="哪个单位的大厅")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["office"]
        assert isinstance(field, DepartmentField)
        field.offer()
        own: Department | None = main_office()
        field.initial = own.pk if own else None


__all__ = ["DeviceForm", "EntryForm"]
