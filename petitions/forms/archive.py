"""What is asked for when a file is archived, kept longer, or put on a register to be destroyed?"""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.dates import today
from petitions import retention
from petitions.forms.base import StepForm
from petitions.forms.fields import Line, Words
from petitions.law import archive
from petitions.models import ArchiveFile

_ORDER = {code: years for code, (_, years) in archive.PERIODS.items()}


def _from(least: int | None, *, more: bool = False) -> list[tuple[str, str]]:
    """The periods that are not shorter than ``least``; ``more``: longer alone."""
    return [
        (code, label) for code, (label, years) in archive.PERIODS.items()
        if not archive.shorter(years, least) and not (more and years == least)
    ]  # fmt: skip


class ArchiveForm(StepForm):
    """归档."""

    NOTE = "备考说明"
    NOTE_HINT = "可不填；缺件、破损等情况，印在备考表上，加密保存。"
    period = forms.ChoiceField(label="保管期限", widget=forms.RadioSelect)

    def build(self) -> None:
        """Offer what is not shorter than the file's ground wants, and say which that is."""
        least = retention.least(self.petition, today())
        field = self.fields["period"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _from(least.years)
        code = next((code for code, years in _ORDER.items() if years == least.years), "forever")
        field.initial = self.initial["period"] = code
        field.help_text = f"至少{least.words}，依据{least.source}；从办结的次年1月1日起算，只能选更长的。"


class KeepLongerForm(StepForm):
    """延长保管期限."""

    NOTE = ""
    period = forms.ChoiceField(label="延长为", widget=forms.RadioSelect)
    reason = Words(label="理由", rows=3, help_text="鉴定后为什么仍有保存价值。")

    def build(self) -> None:
        """Offer what is longer than the file has."""
        file = ArchiveFile.objects.filter(petition=self.petition).first()
        field = self.fields["period"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _from(file.years if file else None, more=True)


class ProposeForm(forms.Form):
    """列入销毁清册."""

    reason = Words(label="鉴定意见", rows=3, limit=500, help_text="期满以后为什么没有继续保存的价值；印在销毁清册上。")


class DecideForm(forms.Form):
    """审批销毁清册."""

    decision = Words(label="审批意见", rows=2, limit=500, required=False, help_text="不予销毁的，要写明理由。")
    verdict = forms.ChoiceField(
        label="决定",
        widget=forms.RadioSelect,
        choices=[("approve", "同意销毁：内容、附件和密钥立即销毁，不能恢复"), ("refuse", "不予销毁：案卷继续保管")],
    )


class RetentionForm(forms.Form):
    """新增保管期限规则."""

    ground = forms.ChoiceField(
        label="情形", choices=[(ground.code, ground.label) for ground in archive.GROUNDS.values()]
    )
    period = forms.ChoiceField(
        label="保管期限",
        choices=[(code, label) for code, (label, _) in archive.PERIODS.items()],
        help_text="只能比国家规定更长。",
    )
    source = Line(label="依据", help_text="本机关经档案主管部门审查同意的保管期限表。")
    valid_from = forms.DateField(label="自", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def changes(self) -> dict[str, Any]:
        """What `retention.add` is told."""
        said = dict(self.cleaned_data)
        years = archive.PERIODS[said.pop("period")][1]
        return {**said, "years": years}
