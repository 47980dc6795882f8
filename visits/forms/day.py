"""What is typed about the day?  A booking, a number taken, a room chosen, the session record with its matters."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory

from accounts.actor import Actor
from accounts.dates import today
from accounts.rendering import Group, GroupedForm
from petitions.actions import Entry, Person
from petitions.forms.fields import CategoryField, Day, DepartmentField, Line, RegionField, Words
from petitions.models import PartyRole, Petition
from visits.actions.booking import NEEDS, Wish, names_of
from visits.actions.outcome import MOST_MATTERS, Matter, Said
from visits.expected import meant
from visits.forms.fields import VisitField
from visits.models import Consent, Kind, Reception, Visit
from visits.slots import Slot

ASSIGN_DAYS = 30


class WalkInForm(GroupedForm, forms.Form):
    """A party at the counter: who, how many, about what."""

    GROUPS: tuple[Group, ...] = (
        Group("来访人", ("name", "phone", "people", "representatives"), side_by_side=False),
        Group("反映什么", ("matter", "filed_number", "needs")),
    )
    name = Line(label="姓名", limit=40)
    phone = Line(label="电话", limit=20, required=False)
    people = forms.IntegerField(label="来几个人", min_value=1, max_value=200, initial=1)
    representatives = Line(
        label="代表姓名", limit=200, required=False, help_text="超过5人的，推选不超过5位代表，用顿号隔开。"
    )
    matter = Words(label="反映什么事", rows=3, limit=600, required=False, help_text="一两句话就行。")
    filed_number = Line(label="已登记事项编号", limit=40, required=False, help_text="告知单上的编号；没有就不填。")
    needs = forms.ChoiceField(
        label="需要照顾的情况", required=False, choices=[("", "没有"), *((one, one) for one in NEEDS)]
    )

    def wish(self) -> Wish:
        """What the verb is told."""
        return Wish(**self.cleaned_data)


class BookingForm(WalkInForm):
    """A booking: when, too, and which field the matter belongs to."""

    GROUPS = (
        Group("来访人", ("name", "phone", "people", "representatives")),
        Group("反映什么", ("matter", "filed_number", "field", "needs")),
        Group("什么时候来", ("slot", "wait")),
    )
    field = DepartmentField(label="属于哪个部门的事", required=False, help_text="不清楚就不选。")
    slot = forms.TypedChoiceField(label="时间", required=False, coerce=time.fromisoformat, empty_value=None)
    wait = forms.BooleanField(label="约满时排候补，有人取消就补上", required=False)

    def __init__(self, *args: Any, slots: list[Slot], public: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].offer()  # type: ignore[attr-defined]
        self.fields["field"].empty_label = "不清楚"  # type: ignore[attr-defined]
        self.fields["phone"].required = public
        choices = [(f"{slot.at:%H:%M}", f"{slot.at:%H:%M}（还可约{slot.left}批）") for slot in slots]
        self.fields["slot"].choices = [("", "最早的时间" if slots else "已约满"), *choices]  # type: ignore[attr-defined]


class ConsentForm(forms.Form):
    """Whether the petitioner wishes a matter to be brought to a visit."""

    consent = forms.ChoiceField(
        label="本人意见", choices=[choice for choice in Consent.choices if choice[0]], widget=forms.RadioSelect
    )
    words = Words(label="怎样征求的、本人怎么说", rows=2, limit=500)


class LeaveForm(forms.Form):
    """Why a case is not brought after all."""

    reason = Line(label="为什么不带", limit=120)


class AskForm(forms.Form):
    """Until when units are to say what they know of the matters."""

    due = Day(label="什么时候前写好")


class BriefForm(forms.Form):
    """What a unit says of a matter before a leader hears it."""

    checked = Words(label="预审情况", rows=4, limit=2000, help_text="查到什么、办到哪一步、难在哪里。")
    basis = Words(label="法律政策依据", rows=3, limit=2000, help_text="哪部法律、哪份文件的哪一条。")
    promise = Words(
        label="可以答应的", rows=3, limit=1000, help_text="领导当场可以答应什么、不能答应什么；没有就写“没有”。"
    )


class OrderForm(forms.Form):
    """How order is kept at the venue, and what is done in an emergency."""

    venue_order = Words(
        label="现场秩序安排",
        rows=4,
        limit=2000,
        required=False,
        help_text="谁引导、谁叫号、在哪里候访、老人和残疾人怎么照顾。",
    )
    emergency = Words(
        label="应急预案", rows=4, limit=2000, required=False, help_text="突发疾病、人多、情绪激动时谁负责、找谁。"
    )


class WallForm(forms.Form):
    """A link for a projector: where it hangs, and how long it lasts."""

    name = Line(label="放在哪里", limit=40, help_text="例如：接待大厅东墙。")
    last_day = Day(label="有效到", initial=today, help_text="过了这一天就打不开；也可以随时撤回。")


class CodeForm(forms.Form):
    """The booking's code."""

    code = Line(label="预约码", limit=20, help_text="预约成功时给的10位字母和数字。")


class RoomForm(forms.Form):
    """Another room of the same place and day."""

    to = VisitField(label="换到哪间接待室")

    def __init__(self, *args: Any, reception: Reception, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = Visit.objects.filter(day=reception.day, place=reception.place_id, status="published")
        self.fields["to"].offer(rooms.exclude(pk=reception.visit_id))  # type: ignore[attr-defined]


class SessionForm(GroupedForm, forms.Form):
    """The party and what the leader said; the matters stand in the rows below."""

    GROUPS = (
        Group(
            "来访人",
            ("name", "id_number", "phone", "address", "people", "representatives", "hide_name"),
            side_by_side=True,
        ),
        Group("问题从哪里来", ("region", "origin")),
        Group("领导意见", ("opinion",)),
    )
    name = Line(label="姓名", limit=40)
    id_number = Line(label="证件号码", limit=24, required=False)
    phone = Line(label="电话", limit=20, required=False)
    address = Line(label="住址", limit=120, required=False)
    people = forms.IntegerField(label="实到人数", min_value=1, max_value=200)
    representatives = Line(
        label="代表姓名", limit=200, required=False, help_text="几个人一起来的，用顿号隔开，不超过5位；都登记在事项里。"
    )
    hide_name = forms.BooleanField(label="要求不向责任单位透露姓名", required=False)
    region = RegionField(label="问题发生地", required=False)
    origin = Words(label="发生在哪里、怎么引起的", rows=2, limit=600, required=False)
    opinion = Words(label="接访领导的意见", rows=2, limit=1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].offer()  # type: ignore[attr-defined]

    def said(self) -> Said:
        """What the record holds beside the matters."""
        data = self.cleaned_data
        return Said(origin=data["origin"], opinion=data["opinion"], people=data["people"])


class MatterForm(forms.Form):
    """One matter and what became of it."""

    number = Line(
        label="已登记事项编号", limit=30, required=False, help_text="已经登记过的填编号；新的事不填，往下写。"
    )
    title = Line(label="标题", limit=120, required=False)
    content = Words(label="请求、事实和理由", rows=3, required=False)
    category = CategoryField(label="内容分类", required=False)
    kind = forms.ChoiceField(label="处理结果", choices=Kind.choices, widget=forms.RadioSelect)
    answer = Words(label="当场怎样答复，或者交办什么", rows=2, limit=1000)
    unit = DepartmentField(label="责任单位", required=False, help_text="交办、包案必选。")
    due = Day(label="期限", required=False, help_text="交办、包案、另行研究必填。")

    def __init__(self, *args: Any, actor: Actor | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.petition: Petition | None = None
        self.fields["category"].offer()  # type: ignore[attr-defined]
        self.fields["unit"].offer()  # type: ignore[attr-defined]
        self.fields["due"].initial = today() + timedelta(days=ASSIGN_DAYS)

    def clean(self) -> dict[str, Any]:
        """Find the matter meant, or ask for a new one's words."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("number"):
            self.petition = meant(self.actor, data["number"])
            if self.petition is None:
                self.add_error("number", "没有找到这个编号的事项。")
        elif not data.get("title") or not data.get("content"):
            self.add_error("title", "新的事项请写标题和内容；已登记的请填编号。")
        if (
            data.get("kind") in (Kind.ASSIGNED, Kind.SPONSORED)
            and not data.get("number")
            and data.get("category") is None
        ):
            self.add_error("category", "交办新事项要选内容分类。")
        return data

    def matter(self, session: dict[str, Any]) -> Matter:
        """What the verb is told."""
        data = self.cleaned_data
        kind = data["kind"]
        routed = kind in (Kind.ASSIGNED, Kind.SPONSORED)
        return Matter(
            kind=kind, answer=data["answer"], petition=self.petition, entry=None if self.petition else self._entry(session),
            unit=data["unit"] if routed else None, due=data["due"] if routed or kind == Kind.STUDIED else None,
            category=data["category"],
        )  # fmt: skip

    def _entry(self, session: dict[str, Any]) -> Entry:
        data = self.cleaned_data
        return Entry(
            title=data["title"], content=data["content"], people=_people(session), category=data["category"], region=session["region"],
            head_count=session["people"], actual_count=session["people"], hide_name=session["hide_name"],
        )  # fmt: skip


def _people(session: dict[str, Any]) -> list[Person]:
    """The lead with what is known of him, and each representative by his name; the lead may be one of them."""
    told = {name: session[name] for name in ("name", "id_number", "phone", "address")}
    names = names_of(session["representatives"])
    others = [name for name in names if name != session["name"]]
    lead = Person(**told, representative=session["name"] in names)
    return [lead, *(Person(name, role=PartyRole.COMPANION, representative=True) for name in others)]


class MatterSet(BaseFormSet):
    """The matters of one party."""

    add_label = "还有一件事"


MatterFormSet = formset_factory(
    MatterForm,
    formset=MatterSet,
    extra=0,
    min_num=1,
    max_num=MOST_MATTERS,
    absolute_max=MOST_MATTERS,
    validate_min=True,
)


def matter_set(actor: Actor, data: Any = None, initial: list[dict[str, Any]] | None = None) -> Any:
    """Return the rows of matters; unbound there is one."""
    return MatterFormSet(data, prefix="m", initial=initial, form_kwargs={"actor": actor})
