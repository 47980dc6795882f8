"""What is chosen to import a list: the file, then which column is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from accounts.rendering import Group, GroupedForm
from petitions.forms.fields import Line
from petitions.imports import FIELDS, Plan
from petitions.models import Channel


class FileForm(forms.Form):
    """A list to be imported."""

    file = forms.FileField(label="文件", help_text="xlsx、csv、jsonl，或者压缩的 jsonl.gz；第一行是列名。")


_GROUPS = (
    ("哪一列是来件", ("id", "title", "content", "claims", "received", "channel")),
    ("哪一列说怎样办理", ("kind", "purpose", "hide_name", "urgent", "category", "region", "place")),
    ("哪一列说信访人", ("name", "sex", "birth_date", "phone", "id_number", "address", "companions", "heads")),
    ("哪一列说上级交转", ("handed_by", "handed_number", "handed_due")),
    ("哪一列说另一个系统", ("reference_system", "reference_number")),
)


class PlanForm(GroupedForm, forms.Form):
    """Where the list comes from, and the column of each field."""

    GROUPS = (
        Group("来源", ("source", "channel"), side_by_side=True),
        *(Group(legend, tuple(f"column_{code}" for code in codes), side_by_side=True) for legend, codes in _GROUPS),
    )

    source = Line(label="来源系统", limit=40, help_text="同一来源、同一编号只登记一次；以后再导入会自动跳过。")
    channel = forms.ChoiceField(
        label="信访形式", choices=Channel.choices, initial=Channel.ONLINE,
        help_text="文件里没有这一列时用它；写明交转机关的行，一律是上级交转。",
    )  # fmt: skip

    def __init__(self, names: Sequence[str], begin: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(
            data, initial={"source": begin.get("source", ""), "channel": begin.get("channel", Channel.ONLINE)}
        )
        choices = [("", "（没有这一列）"), *((name, name) for name in names)]
        for code, (label, _) in FIELDS.items():
            self.fields[f"column_{code}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, initial=begin.get("columns", {}).get(code, "")
            )

    def plan(self) -> Plan:
        """Return the plan that the valid form says."""
        said = self.cleaned_data
        return Plan(
            said["source"], {code: said[f"column_{code}"] for code in FIELDS if said[f"column_{code}"]}, said["channel"]
        )
