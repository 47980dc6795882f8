"""What is asked for when somebody is to keep away from a matter (回避)?"""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Post
from petitions.actions.recusing import ORIGINS, concerned
from petitions.forms.base import StepForm
from petitions.forms.fields import PostField, Words, yes_no
from petitions.models import Recusal


class AskForm(StepForm):
    """提出回避 (Art.28 ¶3)."""

    person = PostField(label="谁回避", help_text="办理这件事项的单位或者信访部门的人员。")
    origin = forms.ChoiceField(label="谁提出的", choices=list(ORIGINS.items()), widget=forms.RadioSelect)
    interest = Words(
        label="有什么直接利害关系",
        rows=3,
        help_text="例如：与信访人是近亲属；是被反映的人；事项涉及本人财产。加密保存。",
    )
    NOTE = ""

    def build(self) -> None:
        """Offer those who may meet the matter, oneself first chosen."""
        field = self.fields["person"]
        assert isinstance(field, PostField)
        field.offer(Post.objects.filter(concerned(self.petition)).order_by("department__path", "pk"))

    def begin_with(self) -> dict[str, Any]:
        """Most ask for themselves."""
        return {"person": self.actor.post.pk, "origin": "self"}


class GrantForm(StepForm):
    """决定回避."""

    hides_name = forms.ChoiceField(
        label="是否同时不让其知悉信访人", choices=yes_no("不得知悉信访人姓名、证件、电话、住址", "只是不再办理"),
        widget=forms.RadioSelect, initial="yes", help_text="决定后立即生效；承办人回避的，请尽快另定承办人。",
    )  # fmt: skip
    reason = Words(label="决定的理由", rows=2, required=False)
    NOTE = ""

    def build(self) -> None:
        """Say of whom it is decided."""
        assert isinstance(self.row, Recusal)
        self.fields["hides_name"].label = f"{self.row.person.user.name}回避，是否同时不让其知悉信访人"

    def changes(self) -> dict[str, Any]:
        """The decision as a truth value."""
        return {"hides_name": self.cleaned_data["hides_name"] == "yes", "reason": self.cleaned_data["reason"]}
