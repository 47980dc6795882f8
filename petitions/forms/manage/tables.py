"""What is typed about places, categories and the routing table?"""

from __future__ import annotations

from typing import Any

from django import forms

from petitions import review_bodies
from petitions.forms.fields import CategoryField, DepartmentField, Line, RegionField, SearchSelect, Words
from petitions.models import Category


class PlaceForm(forms.Form):
    """A new place below another."""

    code = Line(label="区划代码", limit=12, help_text="12位统计用区划代码。")
    name = Line(label="名称", limit=60)
    reason = Line(label="依据", required=False, help_text="民政部门的批复文号。")


class RenameForm(forms.Form):
    """A new name, and why."""

    name = Line(label="名称", limit=60)
    reason = Line(label="依据")


class CategoryForm(forms.Form):
    """A category's name, words and codes."""

    name = Line(label="名称", limit=40)
    hints = Words(
        label="提示词", required=False, rows=3,
        help_text="来件里出现这些词时建议这一类；用空格或顿号隔开。",
    )  # fmt: skip
    outside = Words(
        label="外部代码", required=False, rows=2, help_text="一行一个，例如：国家系统：0203。导入和导出时对照。"
    )
    reason = Line(label="事由", required=False)


class NewCategoryForm(CategoryForm):
    """A new category, with its code and what it stands under."""

    code = Line(label="代码", limit=12, help_text="大写字母和数字，以后不能改。")
    parent = forms.ModelChoiceField(
        queryset=Category.objects.none(),
        label="上级分类",
        required=False,
        empty_label="（第一级）",
        widget=SearchSelect,
    )
    reason = None  # type: ignore[assignment]

    field_order = ("code", "parent", "name", "hints", "outside")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Category.objects.filter(parent=None, active=True)


class ReviewBodyForm(forms.Form):
    """Whose opinion, and who may review it."""

    of = DepartmentField(label="办理（复查）机关")
    body = DepartmentField(label="可以向谁申请", help_text="上一级机关、单位；可以不止一个。")
    note = Line(label="依据", limit=120, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("of", "body"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = review_bodies.offered()


class RouteForm(forms.Form):
    """Category and place on the one side, the body on the other."""

    category = CategoryField(label="内容分类")
    region = RegionField(label="属地", required=False, help_text="不选表示全县；更小的属地优先。")
    department = DepartmentField(label="责任单位")
    note = Line(label="依据", limit=120, required=False, help_text="职责清单或文件；会作为建议的理由显示。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("category", "region", "department"):
            self.fields[name].offer()  # type: ignore[attr-defined]
        field = self.fields["category"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Category.objects.filter(active=True).select_related(
            "parent"
        )  # a whole first level may go to one body


class TryForm(forms.Form):
    """A case to try the table with."""

    category = CategoryField(label="内容分类", required=False)
    region = RegionField(label="属地", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("category", "region"):
            self.fields[name].offer()  # type: ignore[attr-defined]


__all__ = ["CategoryForm", "NewCategoryForm", "PlaceForm", "RenameForm", "ReviewBodyForm", "RouteForm", "TryForm"]
