"""What is asked for about repeats and joint matters (Art.19, 20)?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from petitions.access import visible_to
from petitions.forms.base import StepForm
from petitions.forms.fields import Line, Words
from petitions.models import Filing, Party, Petition


class NumberForm(StepForm):
    """A form that names another matter by its number, which the person must see."""

    NAME = "into"

    def named(self, name: str, number: str) -> Petition | None:
        """Return the matter of ``number``; ``None`` where nothing was typed."""
        if not number:
            return None
        found = visible_to(self.actor).filter(number=number.strip()).first()
        if found is None:
            raise ValidationError("没有找到这个编号的事项，或者它不在您的职责范围内。")
        return found


class MergeSuperviseForm(NumberForm):
    """下级已逾期：并入并督办."""

    into = Line(label="已逾期的是哪一件", limit=24, help_text="填写编号；两件都保留自己的编号，并对逾期的单位督办。")

    def clean_into(self) -> Petition | None:
        """Return the matter of that number."""
        return self.named("into", self.cleaned_data["into"])


class SplitOffForm(StepForm):
    """拆出为独立事项."""

    NOTE = ""
    title = Line(label="这件事是什么", limit=60, help_text="新事项的标题；内容、信访人、附件和查询码随来件过去。")
    reason = Words(label="为什么不是同一事项", rows=3)

    def begin_with(self) -> dict[str, Any]:
        """The first sentence of what was told."""
        assert isinstance(self.row, Filing)
        first = next(iter(self.row.content.replace("\n", "。").split("。")), "")
        return {"title": first.strip()[:60]}


class RelateForm(NumberForm):
    """关联事项."""

    NOTE = ""
    to = Line(label="与哪一件关联", limit=24, help_text="同一问题、不同的信访人：两件分开办理，互相能看到。")

    def clean_to(self) -> Petition | None:
        """Return the matter of that number."""
        return self.named("to", self.cleaned_data["to"])


class RepresentativesForm(StepForm):
    """确定代表 (Art.20 ¶3): the petitioners choose, the counter writes it down."""

    NOTE = ""
    people = Line(label="代表的序号", help_text="由信访人推选；填写序号，用逗号隔开，如 1,3。")

    def build(self) -> None:
        """Say who has which number."""
        assert isinstance(self.row, Filing)
        parts = Party.objects.filter(filing=self.row).select_related("petitioner").order_by("petitioner_id")
        names = "、".join(f"{number}.{part.petitioner.name}" for number, part in enumerate(parts, start=1))
        self.fields["people"].help_text = f"由信访人推选；填写序号，用逗号隔开。{names}"


class HeadsForm(StepForm):
    """核实实到人数."""

    NOTE = ""
    actual = forms.IntegerField(
        label="实到人数", min_value=1, max_value=100_000, help_text="只用于安排接待，不作为对任何人的评价。"
    )


class PassOnForm(StepForm):
    """代表转告情况."""

    NOTE = ""
    people = Line(label="哪些代表转告", required=False)
    text = Words(label="转告情况", rows=3, help_text="答复了什么，何时、怎样转告其他信访人。")

    def changes(self) -> dict[str, Any]:
        """As the verb knows them."""
        return {"text": self.cleaned_data["text"], "people": self.cleaned_data.get("people") or ""}
