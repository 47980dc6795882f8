"""What is typed about bodies: new ones, names, places in the tree, and who goes on with whose work?"""

from __future__ import annotations

import json
from typing import Any

from django import forms

from accounts.bodies import ELSEWHERE, FIXED
from accounts.dates import today
from accounts.models import Department, DepartmentKind, Level, Post, Region
from petitions.actions.moving import open_posts
from petitions.forms.fields import Line, RegionField, SearchSelect
from petitions.forms.manage.staff import AnyDepartmentField
from petitions.models import Category

_KINDS = [("", "请选择"), *((k.value, k.label) for k in DepartmentKind if k not in FIXED)]


class NamesForm(forms.Form):
    """A body's names, and why."""

    name = Line(label="名称", limit=80, help_text="全称，文书和案卷上用。")
    short_name = Line(label="简称", limit=30, help_text="列表和岗位上用。")
    paper_prefix = Line(
        label="发文代字", limit=12, required=False, help_text="文号的开头，例如“浦自然资规”；不填用简称。"
    )
    reason = Line(label="依据", help_text="机构改革方案或批复的文号。")


class NewBodyForm(NamesForm):
    """A new body, with what cannot be changed afterwards."""

    code = Line(label="单位代码", limit=20, help_text="大写字母和数字，以后不能改。")
    kind = forms.ChoiceField(label="类型", choices=_KINDS, help_text="决定有哪些岗位、能不能承办；以后不能改。")
    level = forms.ChoiceField(label="层级", choices=Level, initial=Level.COUNTY)
    parent = AnyDepartmentField(label="上级单位", required=False, help_text="上级机关（省、市、国家）不填。")
    region = RegionField(label="属地", required=False)

    field_order = ("name", "short_name", "code", "kind", "level", "parent", "region", "paper_prefix", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("parent", "region"):
            self.fields[name].offer()  # type: ignore[attr-defined]


class ReachedForm(forms.Form):
    """How a body is reached; papers and the petitioner's page say it."""

    phone = Line(label="联系电话", limit=40, required=False)
    address = Line(label="地址", limit=120, required=False)
    opening_hours = Line(label="接待时间", limit=80, required=False)
    region = RegionField(label="属地", required=False)
    reason = Line(label="事由", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].offer()  # type: ignore[attr-defined]


class SuccessorField(AnyDepartmentField):
    """A body in force that is not the one in question."""

    def offer_but(self, body: Department) -> None:
        """Offer today's bodies but ``body`` and what lies below it."""
        rows = Department.objects.in_force(today()).exclude(kind__in=[*FIXED, *ELSEWHERE, DepartmentKind.LEADERSHIP])
        self.queryset = rows.exclude(path__startswith=body.path).order_by("path")


class SeenForm(forms.Form):
    """What was seen in a preview comes back with the second press."""

    mark = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60_000)

    def clean_seen(self) -> dict[str, str]:
        """The preview's lines; what cannot be read is nothing."""
        try:
            said = json.loads(self.cleaned_data["seen"] or "{}")
        except ValueError:
            return {}
        return {str(k): str(v) for k, v in said.items()} if isinstance(said, dict) else {}


class MoveForm(SeenForm):
    """Under whom a body is put."""

    parent = AnyDepartmentField(label="新的上级单位")
    reason = Line(label="依据")

    field_order = ("parent", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].offer()  # type: ignore[attr-defined]


class CloseForm(SeenForm):
    """Who goes on with everything."""

    successor = SuccessorField(
        label="承接单位", required=False,
        help_text="没有在办事项、人员和下级机构的，可以不填。承接单位不明确的，由本级党委、政府或者其指定的机关决定（第二十四条）。",
    )  # fmt: skip
    reason = Line(label="依据", help_text="机构改革方案或批复的文号。")

    def __init__(self, body: Department, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].offer_but(body)  # type: ignore[attr-defined]


class SplitForm(SeenForm):
    """Who goes on with a part, and with which."""

    successor = SuccessorField(label="划往哪个单位", help_text="新单位请先新设。")
    categories = forms.ModelMultipleChoiceField(
        label="划出的内容分类", queryset=Category.objects.none(), required=False,
        widget=forms.SelectMultiple(attrs={"data-search": ""}), help_text="含下级分类；不选表示所有分类。",
    )  # fmt: skip
    regions = forms.ModelMultipleChoiceField(
        label="划出的属地", queryset=Region.objects.none(), required=False, widget=forms.SelectMultiple(attrs={"data-search": ""}),
        help_text="含下辖村、社区；不选表示全部。分类和属地都选的，两项都符合的才划出。",
    )  # fmt: skip
    posts = forms.ModelMultipleChoiceField(
        label="随转的人员", queryset=Post.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = Line(label="依据", help_text="职能划转方案的文号。")

    field_order = ("successor", "categories", "regions", "posts", "reason")

    def __init__(self, body: Department, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].offer_but(body)  # type: ignore[attr-defined]
        places = RegionField(label="")
        places.offer()
        held = Post.objects.filter(pk__in=[post.pk for post in open_posts(body)])
        self.fields["categories"].queryset = Category.objects.filter(active=True).select_related("parent")  # type: ignore[attr-defined]
        self.fields["regions"].queryset = places.queryset  # type: ignore[attr-defined]
        self.fields["posts"].queryset = held.select_related("user", "department")  # type: ignore[attr-defined]


__all__ = ["CloseForm", "MoveForm", "NamesForm", "NewBodyForm", "ReachedForm", "SearchSelect", "SplitForm"]
