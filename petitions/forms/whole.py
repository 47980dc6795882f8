"""What is asked for about the matter as a whole?  Instructions, supervision, follow-up, settlement."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.dates import today
from petitions.actions.whole import ANSWER_DAYS, TRIGGERS
from petitions.forms.base import StepForm
from petitions.forms.fields import PostField, Words, as_bool, leaders, yes_no
from petitions.law import oversight
from petitions.models import Clock

# A lapse of the matter opens its own supervision; a person names the other grounds of Art.40, or these again.
TRIGGER_CHOICES = [("", "请选择情形"), *TRIGGERS.items()]
_LAPSES = oversight.BY_LAPSE


class SubmitForm(StepForm):
    """呈批 (Art.22 ¶1(1))."""

    leader = PostField(label="呈送领导", help_text="重大、紧急的事项及时呈送（第二十二条第一款第一项）。")
    proposal = Words(label="拟办意见", help_text="会印在呈批件上。")
    NOTE = ""

    def build(self) -> None:
        """Offer leaders in whose charge the matter lies."""
        self.fields["leader"].offer(leaders(self.petition))  # type: ignore[attr-defined]


class InstructForm(StepForm):
    """批示 (Art.18): must be answered by a day."""

    text = Words(label="批示内容", rows=4, help_text="责任单位必须在期限内回复落实情况（第十八条）。")
    answer_days = forms.IntegerField(
        label="几日内回复", min_value=1, max_value=90, initial=ANSWER_DAYS, help_text="从今天起，1至90日。"
    )
    NOTE = ""


class SuperviseForm(StepForm):
    """督办 (Art.40)."""

    trigger = forms.ChoiceField(label="情形", choices=TRIGGER_CHOICES, help_text="第四十条列明的情形。")
    form = forms.ChoiceField(
        label="方式",
        choices=list(oversight.FORMS.items()),
        initial="system",
        required=False,
        help_text="实地、联合督办由信访部门负责人发起。",
    )
    demand = Words(label="督办要求", help_text="会印在督办函上；反馈期限按地方规则计算，一并写明。")
    NOTE = ""

    def changes(self) -> dict[str, Any]:
        """By the system, where no form was chosen."""
        return super().changes() | {"form": self.cleaned_data["form"] or "system"}

    def begin_with(self) -> dict[str, Any]:
        """The lapse that stands longest, where there is one."""
        late = Clock.objects.filter(petition=self.petition, ended="", name__in=_LAPSES, shadow=False, due__lt=today())
        clock = late.order_by("due").first()
        return {"trigger": _LAPSES[clock.name]} if clock else {}


class RemindForm(StepForm):
    """催办 (Art.14(3)): no limit moves."""

    demand = Words(
        label="催办内容",
        required=False,
        limit=500,
        rows=3,
        help_text="会印在催办单上；写要办什么、何时前办，不写对人的评价。",
    )
    NOTE = ""


class FollowUpForm(StepForm):
    """回访: by somebody who did not handle the matter."""

    reached = forms.ChoiceField(label="联系上了吗", choices=yes_no("联系上了", "没有联系上"), widget=forms.RadioSelect)
    words = Words(label="信访人的说法", required=False, help_text="照实记录，联系上的必填；加密保存。")
    settled = forms.ChoiceField(
        label="信访人认为问题解决了吗",
        required=False,
        choices=yes_no("解决了", "没有解决", "没有说"),
        widget=forms.RadioSelect,
    )
    NOTE = ""

    def changes(self) -> dict[str, Any]:
        """Answers as the verb knows them."""
        said = self.cleaned_data
        return {
            "reached": said["reached"] == "yes", "words": said["words"], "settled": as_bool(said.get("settled") or ""),
        }  # fmt: skip


class ResolvedForm(StepForm):
    """认定是否化解: another question than closed, and another than the rating."""

    resolved = forms.ChoiceField(label="认定", choices=yes_no("已化解", "未化解"), widget=forms.RadioSelect)
    ground = Words(label="依据", help_text="协议履行、信访人同意、回访情况等。")
    NOTE = ""

    def changes(self) -> dict[str, Any]:
        """The finding as a truth value."""
        return {"resolved": self.cleaned_data["resolved"] == "yes", "ground": self.cleaned_data["ground"]}
