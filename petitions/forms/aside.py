"""What is asked for beside the stage?  Hearings, mediation, withdrawal, urgent reports (Art.25, 31, 33, 36)."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from accounts.dates import today
from petitions import limits
from petitions.forms.base import StepForm
from petitions.forms.fields import LONG, Day, Line, Words, yes_no
from petitions.models import Proceeding


class CallHearingForm(StepForm):
    """决定听证."""

    NOTE = ""
    hold_on = Day(label="举行日期")
    place = Line(label="地点", limit=120)
    chair = Line(label="主持人", limit=60, help_text="与事项有直接利害关系的应当回避（第二十八条）。")
    matters = Words(label="听证事项", rows=3)
    public = forms.BooleanField(
        label="结论依法公示", required=False, help_text="经过听证的复核意见可以依法公示（第三十六条）。"
    )

    def build(self) -> None:
        """Say how many days ahead, and how soon; only what a re-review comes to may be made public."""
        ahead, within = limits.hearing_days(limits.rules_on(today()))
        self.fields["hold_on"].help_text = f"要提前{ahead}日通知各方，并在通知后{within}日内举行（地方规则）。"
        if cast(Proceeding, self.row).kind != "rereview":
            del self.fields["public"]


class HoldHearingForm(StepForm):
    """记录听证."""

    DATE, NOTE = "举行日期", ""
    people = Line(label="参加人", help_text="主持人、听证员、信访人、承办单位、证人、记录人。")
    text = Words(label="听证笔录", limit=LONG, rows=8, help_text="如实记录，由各方核对签字；加密保存。")


class StartMediationForm(StepForm):
    """组织调解、引导和解: both say yes."""

    NOTE = ""
    between_them = forms.ChoiceField(
        label="方式",
        choices=[("no", "调解（有人主持）"), ("yes", "和解（双方自行协商）")],
        widget=forms.RadioSelect,
        initial="no",
    )
    petitioner_agrees = forms.ChoiceField(
        label="信访人是否同意", choices=yes_no("同意", "不同意"), widget=forms.RadioSelect
    )
    other = Line(label="另一方", limit=120)
    other_agrees = forms.ChoiceField(label="另一方是否同意", choices=yes_no("同意", "不同意"), widget=forms.RadioSelect)
    mediator = Line(label="调解人", required=False, limit=60, help_text="调解的填写；和解由双方自行协商，不填。")

    def changes(self) -> dict[str, Any]:
        """Answers as truth values."""
        said = super().changes()
        return said | {name: said[name] == "yes" for name in ("between_them", "petitioner_agrees", "other_agrees")}


class SessionForm(StepForm):
    """记录调解."""

    DATE, NOTE = "调解日期", ""
    people = Line(label="参加人")
    text = Words(label="调解情况", limit=LONG, rows=6, help_text="加密保存。")


class AgreementForm(StepForm):
    """达成协议: the words of the agreement are its paper."""

    NOTE = ""
    parties = Line(label="双方当事人")
    terms = Words(
        label="协议内容", limit=5_000, rows=6, help_text="主要事实、争议事项、各方责任，履行的方式。会印在协议书上。"
    )
    perform_by = Day(label="履行期限")


class CourtForm(StepForm):
    """记录司法确认."""

    NOTE = ""
    court = Line(label="法院", limit=80)
    number = Line(label="裁定书文号", limit=60)


class WithdrawalForm(StepForm):
    """记录撤回: the petitioner's own wish."""

    NOTE = ""
    how = forms.ChoiceField(
        label="怎样表示的", choices=[("written", "书面"), ("recorded", "录音录像")], widget=forms.RadioSelect
    )
    words = Words(label="信访人的原话", help_text="照实记录，加密保存；书面的请上传为附件。要由另一人核实后才生效。")


class UrgentForm(StepForm):
    """重大紧急上报 (Art.25)."""

    NOTE = ""
    when_where = Line(label="时间、地点")
    people = Line(label="涉及人员", help_text="人数和基本情况。")
    event = Words(label="事件", rows=3)
    cause = Words(label="起因", rows=2, required=False)
    measures = Words(
        label="已采取的措施", rows=3, help_text="在职责范围内依法及时采取措施，防止影响产生、扩大（第二十五条）。"
    )
    trend = Words(label="趋势和建议", rows=2, required=False)
    competent = Line(label="通报哪个主管部门", limit=80)
