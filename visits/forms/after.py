"""What is typed after a visit?  Duties done, what was heard, research and what it suggests."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.actor import Actor
from petitions.forms.fields import DepartmentField, Line, Words, as_bool, yes_no
from visits.forms.fields import MatterField
from visits.models import Heard, Research


class DoneForm(forms.Form):
    """A duty that was carried out."""

    words = Words(label="办理情况", limit=2000, help_text="做了什么、结果怎样、怎样告知了群众。")


class RevisitForm(forms.Form):
    """What the petitioner said when asked."""

    reached = forms.ChoiceField(label="联系上了吗", choices=yes_no("联系上了", "没有联系上"), widget=forms.RadioSelect)
    at_home = forms.BooleanField(label="上门回访（不勾为电话）", required=False)
    heard = forms.ChoiceField(
        label="群众的态度", choices=[("", "—"), *Heard.choices], required=False,
        help_text="只记群众怎么说；满意度由信访人本人用查询码评价。",
    )  # fmt: skip
    settled = forms.ChoiceField(label="事情解决了吗", choices=yes_no("解决了", "没有", "说不清"), required=False)
    words = Words(label="群众的原话", limit=1000, required=False)

    def changes(self) -> dict[str, Any]:
        """What the verb is told."""
        data = self.cleaned_data
        return {
            "reached": data["reached"] == "yes", "at_home": data["at_home"], "heard": data["heard"], "words": data["words"],
            "settled": as_bool(data["settled"]),
        }  # fmt: skip


class ResearchForm(forms.Form):
    """What a visit found out."""

    topic = Line(label="主题", limit=80)
    findings = Words(label="调查情况", rows=6, limit=8000)
    suggestion = Words(
        label="政策建议",
        rows=4,
        limit=4000,
        required=False,
        help_text="写了建议，就要写明向哪个机关提出；保存后由负责人或督查提出（第四十条）。",
    )
    to = DepartmentField(label="向哪个机关提出", required=False)

    def __init__(self, *args: Any, research: Research | None = None, topic: str = "", **kwargs: Any) -> None:
        kwargs["initial"] = (
            {
                "topic": research.topic,
                "findings": research.findings,
                "suggestion": research.suggestion,
                "to": research.to_id,
            }
            if research
            else {"topic": topic}
        )
        super().__init__(*args, **kwargs)
        self.fields["to"].offer()  # type: ignore[attr-defined]


class SuggestForm(forms.Form):
    """On which matter, and by which rule."""

    petition = MatterField(label="事项编号", help_text="问题在哪件事项里表现出来，建议就记在哪件事项名下。")
    basis = Words(label="依据", rows=3, limit=2000, help_text="法律法规政策的条文，或者哪几件事项反映了同一个问题。")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["petition"].actor = actor  # type: ignore[attr-defined]
