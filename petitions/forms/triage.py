"""What is asked for in triage?  The forms of the steps on a filing (Art.19, 22, 23, 36)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts.rendering import Group
from petitions import lifecycle, near_texts, repeats
from petitions.access import unit_of, visible_to
from petitions.forms.accusations import About
from petitions.forms.base import StepForm
from petitions.forms.fields import LEGAL_KINDS, CategoryField, Day, DepartmentField, Line, RegionField, Words
from petitions.forms.suggested import placed, suggestion_for
from petitions.models import Kind, Petition, Purpose


def ground_choices(step: str) -> list[tuple[str, str]]:
    """Grounds on which ``step`` may refuse, each with its article."""
    offered = ((code, *lifecycle.GROUNDS[code]) for code in lifecycle.GROUNDS_OF[step])
    return [("", "请选择情形"), *((code, f"{words}（{article}）") for code, words, article in offered)]


class ClassifyForm(StepForm):
    """Kind, category and place of the problem; may be put right in the step that sends the matter on."""

    kind = forms.ChoiceField(label="类别", choices=Kind.choices, widget=forms.RadioSelect,
                             help_text="检举控告不在这里办理：用“撤销登记”转专门受理（第三十条）。")  # fmt: skip
    category = CategoryField(label="内容分类", help_text="可输入名称或拼音首字母查找。")
    region = RegionField(label="问题属地", required=False, help_text="问题发生的地方，不是信访人的住址。")
    place = Line(label="具体地点", required=False, limit=120)
    GROUPS: tuple[Group, ...] = (Group("甄别", ("kind", "category", "region", "place"), side_by_side=True),)

    def begin_with(self) -> dict[str, Any]:
        """What registration already found; what it left open as the words suggest, with the reason."""
        found, self.placed = self.petition, placed(self.petition)
        return {
            "kind": found.kind, "category": self.placed.category, "region": self.placed.region, "place": found.place,
            "purpose": found.purpose,
        }  # fmt: skip

    def build(self) -> None:
        """Offer categories and regions; a guess says why."""
        for name in ("category", "region"):
            self.fields[name].offer()  # type: ignore[attr-defined]
        for name, reason in self.placed.reasons.items():
            self.fields[name].help_text = f"{reason}；由您确定。"


class TriageForm(ClassifyForm):
    """甄别 alone."""

    purpose = forms.ChoiceField(label="信访目的", choices=Purpose.choices)
    GROUPS = (Group("甄别", ("kind", "purpose", "category", "region", "place"), side_by_side=True),)


class TransferForm(ClassifyForm):
    """转送: to the body that may decide."""

    department = DepartmentField(
        label="责任单位", help_text="有权处理的机关、单位（第二十二条）；内设机构不能作为责任单位。"
    )
    GROUPS = (Group("转给谁", ("department",)), *ClassifyForm.GROUPS)
    NOTE_HINT = "可不填；会写进转送函、交办函。"

    def begin_with(self) -> dict[str, Any]:
        """The department that the routing table names, if it names one."""
        found = super().begin_with()
        self.suggestion = suggestion_for(self.petition, self.placed)
        return found | ({"department": self.suggestion.department.pk} if self.suggestion else {})

    def build(self) -> None:
        """Offer competent bodies, the suggested one chosen and its reason said."""
        super().build()
        field = self.fields["department"]
        field.offer([unit_of(self.actor)])  # type: ignore[attr-defined]
        if self.suggestion:
            field.help_text = f"建议：{self.suggestion.department.name}。{self.suggestion.reason}"


class AssignForm(TransferForm):
    """交办: transfer with a limit and a report back."""

    limit_on = Day(label="办理期限", help_text="承办单位应在此日前办结并报送办结报告（第二十二条第一款第三项）。")
    demand = Words(label="交办要求", required=False, limit=500, rows=3)
    GROUPS = (Group("交给谁，要求什么", ("department", "limit_on", "demand")), *ClassifyForm.GROUPS)


class LegalForm(StepForm):
    """转政法机关 (Art.22 ¶2)."""

    department = DepartmentField(
        kinds=LEGAL_KINDS, label="政法机关", help_text="涉法涉诉来件转送同级政法机关（第二十二条第二款）。"
    )

    def build(self) -> None:
        """Offer political-legal organs."""
        self.fields["department"].offer()  # type: ignore[attr-defined]


class RedirectForm(StepForm):
    """告知引导 (Art.23)."""

    body = Line(label="有权处理的机关、单位", limit=120, help_text="告知信访人向哪一家提出（第二十三条）。")
    how = Words(label="怎样找到它", required=False, rows=3, help_text="地址、电话、受理时间、需要的材料。")


class ObjectUpForm(StepForm):
    """向上级提出异议 (Art.23)."""

    reason = Words(label="理由", help_text="详细说明为什么不属于本机关职权范围；会写进异议函（第二十三条）。")
    body = Line(label="建议由哪个机关办理", required=False, limit=120)
    NOTE = ""


class ExtendUpForm(StepForm):
    """登记上级同意延长期限 (Art.22 ¶1(3)): by the superior that set the limit."""

    NOTE = ""
    limit_on = Day(label="新的反馈期限", help_text="上级同意的最后一天；原来有期限的，要晚于原来的期限。")
    letter = Line(label="上级文号", required=False, limit=60, help_text="没有书面答复的不填。")
    reason = Words(label="理由", rows=3, help_text="为什么延长，上级何时、由谁同意。")


class NotAcceptForm(StepForm):
    """不予受理 (Art.19, 23): a ground and reasons, both owed in writing."""

    ground = forms.ChoiceField(label="情形", help_text="告知书会引用对应的条款。")
    explanation = Words(label="理由和其他解决途径", help_text="写给信访人看，会印在告知书上（第二十三条）。")
    other = Line(
        label="所指的是哪一件", limit=24, required=False,
        help_text="同一信访人的另一件，填写编号：下级正在办理的、已达成协议的、超过申请期限的或者已经复核的；由系统按记录核对。",
    )  # fmt: skip

    def build(self) -> None:
        """Offer the grounds that this step may name."""
        cast(forms.ChoiceField, self.fields["ground"]).choices = ground_choices(self.step.code)

    def clean_other(self) -> Petition | None:
        """Return the matter of that number, if the person sees it."""
        number = self.cleaned_data["other"].strip()
        if not number:
            if self.cleaned_data.get("ground") in lifecycle.NAMING:
                raise ValidationError("请填写这一情形所指的那件事项的编号。")
            return None
        found = visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise ValidationError("没有找到这个编号的事项，或者它不在您的职责范围内。")
        return found


class NoFurtherForm(StepForm):
    """不再受理 (Art.36)."""

    earlier = forms.ChoiceField(label="已作出的复核意见", widget=forms.RadioSelect)
    explanation = Words(
        label="理由", help_text="仍以同一事实和理由提出的，不再受理（第三十六条）；有新的事实或理由的，按新事项登记。"
    )
    same = forms.ChoiceField(
        label="与复核时相比",
        choices=[("yes", "同一事实和理由"), ("no", "有新的事实或者理由")],
        widget=forms.RadioSelect,
    )

    def build(self) -> None:
        """Offer the re-review opinions that the record has on what the same people brought before; there may be none."""
        self.found = {said.petition.number: said for said in repeats.last_words(self.actor, self.petition)}
        field = self.fields["earlier"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(number, _said(said)) for number, said in self.found.items()]
        field.help_text = "文号和日期取自系统记录，不用填写。"
        if not self.found:
            field.error_messages["required"] = _NO_OPINION
            field.help_text = _NO_OPINION

    def clean_earlier(self) -> Petition:
        """Return the earlier matter."""
        return self.found[self.cleaned_data["earlier"]].petition

    def changes(self) -> dict[str, Any]:
        """With the answer as a truth value."""
        return super().changes() | {"same": self.cleaned_data["same"] == "yes"}


_NO_OPINION = "没有查到同一信访人的复核意见：没有作出过复核意见的，不能不再受理（第三十六条）。"


def _said(found: repeats.LastWord) -> str:
    day = found.issued_on
    doubt = "（只有姓名相同，请先核实是同一人）" if found.same_by == repeats.NAME else ""
    return (
        f"{found.number}（{day.year}年{day.month}月{day.day}日）：{found.petition.number} {found.petition.title}{doubt}"
    )


_BOTH = "两件都保留自己的编号；那一件已经逾期的，同时对逾期的单位督办（第十九条第三款）。"


class MergeForm(StepForm):
    """并入已有事项 (Art.19 ¶3)."""

    pick = forms.CharField(
        label="可能是同一问题的在办事项", required=False, widget=forms.RadioSelect,
        help_text="按文字、地点和项目比对，只列出您职责范围内的；是不是同一事项，由您核对后决定。",
    )  # fmt: skip
    into = Line(
        label="并入哪一件", limit=24, required=False,
        help_text=f"在上面选择，或者填写已有事项的编号；{_BOTH}",
    )  # fmt: skip

    def build(self) -> None:
        """Offer open matters about the same trouble; without any, a number is typed."""
        found = near_texts.near(self.actor, near_texts.Told.of(self.petition)).found
        choices = [
            (one.petition.number, f"{one.petition.number} {one.petition.title}（{one.why}）")
            for one in found
            if one.open
        ]
        if not choices:
            del self.fields["pick"]
            self.fields["into"].required = self.fields["into"].widget.is_required = True
            self.fields["into"].help_text = f"填写已有事项的编号；{_BOTH}"
            return
        widget = self.fields["pick"].widget
        assert isinstance(widget, forms.RadioSelect)
        widget.choices = choices

    def changes(self) -> dict[str, Any]:
        """Return the matter that was chosen or typed."""
        return {"into": self.cleaned_data["into"]}

    def clean_into(self) -> Petition:
        """Return the matter of that number, if the person sees it."""
        number = self.cleaned_data["into"] or self.cleaned_data.get("pick", "")
        if not number:
            raise ValidationError("请选择一件，或者填写编号。")
        found = visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise ValidationError("没有找到这个编号的事项，或者它不在您的职责范围内。")
        return found


class FileAwayForm(StepForm):
    """存: approved by the head."""

    explanation = Words(label="存的理由", help_text="无姓名住址且无可查内容，或单纯表达情绪的来件。")


class DirectReplyForm(StepForm):
    """直接回复."""

    reply = Words(label="答复内容", limit=5_000, rows=6, help_text="写给信访人看，会印在答复上；信访人可以评价。")


class RetractForm(StepForm, About):
    """撤销登记: registered in error, or found to be a report-accusation, which then goes into the sealed room (Art.30)."""

    NOTE = ""
    ALONE = True
    why = forms.ChoiceField(
        label="为什么撤销", choices=[("error", "登记有误（重复录入、录错、不是信访事项）"), ("report", "是检举、控告，转专门受理")],
        widget=forms.RadioSelect, help_text="无论哪一种，这里只留下“登记有误”。信访件有错而仍应办理的，不要撤销，改在甄别时更正。",
    )  # fmt: skip
    GROUPS = (
        Group("撤销", ("why",)),
        Group(
            "被反映的人和单位（转专门受理的填写）",
            About.ABOUT.names,
            "写明以后，这些人和单位以及它的下级看不到、也收不到这件材料。",
        ),
    )

    def is_report(self) -> bool:
        """Whether it goes into the sealed room."""
        return bool(self.cleaned_data["why"] == "report")

    def changes(self) -> dict[str, Any]:
        """The verb is told nothing: neither why, nor whom it is about."""
        return {}


class ReferenceForm(StepForm):
    """登记外部编号."""

    number = Line(label="外部编号", limit=80, help_text="在其他系统里的编号；可以用扫码枪扫。")
    system = Line(label="来自哪个系统", limit=40, help_text="例如：省信访信息系统、12345热线。")
    NOTE = ""


class ReissueForm(StepForm):
    """重发查询码: the old code stops working."""

    reason = Line(label="重发原因", help_text="原查询码立即失效；24小时内的评价会标记待查。")
