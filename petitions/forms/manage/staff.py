"""What is typed about people, posts, passwords and delegations?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from accounts.dates import today
from accounts.duties import NOT_LENT
from accounts.lending import takers
from accounts.models import Department, Post, Role, User
from petitions.forms.fields import Day, Line, SearchSelect


class PersonForm(forms.Form):
    """A person's name and how to reach them at work."""

    name = Line(label="姓名", limit=40)
    username = Line(label="登录名", limit=40, help_text="小写字母、数字、点、横线；以后不能改。")
    phone = Line(label="办公电话", limit=40, required=False)
    email = forms.EmailField(label="电子邮箱", required=False, max_length=254)


class CorrectForm(PersonForm):
    """The same without the sign-in name, which stays."""

    username = None  # type: ignore[assignment]
    reason = Line(label="事由", required=False)


class ReasonForm(forms.Form):
    """Why something is done to an account."""

    reason = Line(label="事由")


class PersonField(forms.ModelChoiceField):
    """A person, found by name, sign-in name or pinyin initials."""

    widget = SearchSelect

    def label_from_instance(self, obj: Any) -> str:
        """Name and sign-in name: two people may have one name."""
        return f"{obj.name}（{obj.username}）"


class AnyDepartmentField(forms.ModelChoiceField):
    """Any body in force today, in the order of the tree."""

    widget = SearchSelect

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Department.objects.none(), empty_label="请选择单位", **more)

    def offer(self) -> None:
        """Offer the bodies in force today but for the system's own."""
        self.queryset = Department.objects.in_force(today()).exclude(kind__in=("system", "superior")).order_by("path")

    def label_from_instance(self, obj: Any) -> str:
        """Its full name."""
        return str(obj.name)


class PostForm(forms.Form):
    """A post to be given."""

    department = AnyDepartmentField(label="单位")
    role = forms.ChoiceField(
        label="岗位", choices=[("", "请选择岗位"), *((r.value, r.label) for r in Role if r != Role.SYSTEM)]
    )
    title = Line(label="职务", limit=40, required=False, help_text="文书和案卷上显示的职务；不填显示岗位名称。")
    valid_from = Day(label="任职日期")
    reason = Line(label="依据", required=False, help_text="任职文件或者分工通知。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, AnyDepartmentField)
        field.offer()
        self.fields["valid_from"].initial = today()


class EndPostForm(forms.Form):
    """The last day in a post."""

    on_day = Day(label="任职最后一天", help_text="填昨天表示即刻离任。")
    reason = Line(label="事由")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on_day"].initial = today()


class ChargeForm(forms.Form):
    """The bodies in a leader's charge."""

    departments = forms.ModelMultipleChoiceField(
        queryset=Department.objects.none(), label="分管单位", required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = Line(label="依据", required=False, help_text="分工文件。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["departments"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        rows = Department.objects.in_force(today()).exclude(kind__in=("system", "superior", "inner", "village"))
        field.queryset = rows.order_by("path")


class LendForm(forms.Form):
    """A post's powers lent to a colleague for some days."""

    to_user = PersonField(queryset=User.objects.none(), label="由谁代签", empty_label="请选择")
    valid_from = Day(label="自")
    valid_to = Day(label="至")
    reason = Line(label="事由", help_text="例如：外出学习、休假。案卷里每次代签都会同时写明两人。")

    def __init__(self, post: Post, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to_user"]
        assert isinstance(field, PersonField)
        field.queryset = User.objects.filter(pk__in=[user.pk for user in takers(post)]).order_by("name", "pk")
        self.fields["valid_from"].initial = today()
        self.fields["valid_to"].initial = today() + timedelta(days=7)


class WhoseForm(forms.Form):
    """Whose powers are to be lent."""

    post = forms.ModelChoiceField(
        queryset=Post.objects.none(), label="谁的岗位", empty_label="请选择", widget=SearchSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["post"]
        assert isinstance(field, forms.ModelChoiceField)
        rows = Post.objects.in_force(today()).filter(user__is_active=True).exclude(role__in=NOT_LENT)
        field.queryset = rows.select_related("user", "department").order_by("department__path", "pk")


__all__ = [
    "ChargeForm", "CorrectForm", "EndPostForm", "LendForm", "PersonForm", "PostForm", "ReasonForm", "WhoseForm",
]  # fmt: skip
