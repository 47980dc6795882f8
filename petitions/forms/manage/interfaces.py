"""What is typed about other systems?  A token and whom it acts as; an address that is told of changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings

from accounts.dates import today
from accounts.models import Delegation, Post
from accounts.tokens import NO_TOKEN
from petitions import lifecycle
from petitions.forms.fields import Day, Line, SearchSelect


class TokenForm(forms.Form):
    """A token: which system holds it, whom it acts as, until when."""

    name = Line(label="哪个系统", limit=60, help_text="例如：县政务办公系统。")
    holder = forms.ChoiceField(
        label="以哪个岗位",
        widget=SearchSelect,
        help_text="令牌只能看和办这个岗位能看能办的；离任、停用、代签结束，随即失效。",
    )
    valid_to = Day(label="有效至")
    reason = Line(label="事由", help_text="例如：与办公系统对接，依据某号通知。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].choices = [("", "请选择"), *_posts(), *_delegations()]  # type: ignore[attr-defined]
        self.fields["valid_to"].initial = today() + timedelta(days=min(90, settings.API_TOKEN_DAYS))
        self.fields["valid_to"].help_text = f"最长{settings.API_TOKEN_DAYS}天。"

    def told(self) -> dict[str, Any]:
        """Return what the verb is told: post and delegation out of the one choice."""
        said = dict(self.cleaned_data)
        kind, _, pk = said.pop("holder").partition(":")
        if kind == "post":
            return said | {"post": _all_posts().get(pk=pk)}
        lent = _all_delegations().get(pk=pk)
        return said | {"post": lent.post, "delegation": lent}


class WebhookForm(forms.Form):
    """An address that is told when a matter's stage changes."""

    name = Line(label="哪个系统", limit=60, help_text="例如：县政务办公系统。")
    url = Line(label="地址", limit=300, help_text="对方给的完整地址，必须用 https。")
    stages = forms.MultipleChoiceField(
        label="进入哪些阶段时告知", choices=list(lifecycle.STAGES.items()), required=False,
        widget=forms.CheckboxSelectMultiple, help_text="一个都不选，表示全部。",
    )  # fmt: skip
    reason = Line(label="事由")


class WebhookEditForm(WebhookForm):
    """The same for one that is there, and whether it is told at all."""

    active = forms.BooleanField(label="启用", required=False, help_text="停用期间的变动留着，启用后再送。")
    field_order = ("name", "url", "stages", "active", "reason")


def _all_posts() -> Any:
    rows = Post.objects.in_force(today()).filter(user__is_active=True).exclude(role__in=NO_TOKEN)
    return rows.select_related("user", "department").order_by("department__path", "pk")


def _all_delegations() -> Any:
    day = today()
    rows = Delegation.objects.filter(valid_from__lte=day, valid_to__gte=day, to_user__is_active=True)
    return rows.select_related("post__user", "post__department", "to_user").order_by("pk")


def _posts() -> list[tuple[str, str]]:
    return [(f"post:{post.pk}", f"{post.user.name}（{post.get_role_display()}，{post.department.short_name}）")
            for post in _all_posts()]  # fmt: skip


def _delegations() -> list[tuple[str, str]]:
    return [(f"delegation:{row.pk}", f"{row.to_user.name}代{row.post.user.name}签（{row.post.department.short_name}）")
            for row in _all_delegations()]  # fmt: skip


__all__ = ["TokenForm", "WebhookEditForm", "WebhookForm"]
