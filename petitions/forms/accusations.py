"""What do the pages of sealed reports ask for?  Whom it is about comes first, because that decides who may see the rest."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from accounts.dates import today
from accounts.identity import normalise_phone
from accounts.models import Department, DepartmentKind, Post, Role, User
from accounts.rendering import Group, GroupedForm
from petitions import filekinds, limits
from petitions.accusations import access, archive, intake, papers, roll
from petitions.accusations.intake import Reporter, Told, reporter_in
from petitions.accusations.search import MOST
from petitions.accusations.verbs import HOW, ORIGINS, RECEIPTS
from petitions.actions.entered import CONTENT_LIMIT
from petitions.forms.fields import Day, DepartmentField, Files, Line, PostField, SearchSelect, Words, as_bool, yes_no
from petitions.law import archive as periods
from petitions.law.accusations import DUTIES, LEADERS, PAPERS, REMITS, WORTHLESS, GuardedStep
from petitions.models import Accusation, AccusationChange, AccusationPaper, Channel
from petitions.querycode import new_ref

KINDS_OF_FILES = f"{filekinds.SHOWN_AS}；加密保存，随材料一起销毁。"
# Whom a report may be about: every body of the place.  To whom it may be sent: whoever may have power to deal with it.
_ALL = tuple(kind for kind in DepartmentKind.values if kind != DepartmentKind.SYSTEM)
_RECEIVERS = (
    DepartmentKind.DISCIPLINE, DepartmentKind.COMMISSION, DepartmentKind.PROCURATORATE, DepartmentKind.COURT,
    DepartmentKind.POLITICAL_LEGAL, DepartmentKind.SUPERIOR, DepartmentKind.BUREAU, DepartmentKind.TOWNSHIP,
    DepartmentKind.STREET, DepartmentKind.PETITION_OFFICE,
)  # fmt: skip


class PersonField(forms.ModelChoiceField):
    """A person, named with the body that he serves."""

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=User.objects.none(), **more)

    def offer(self, bodies: dict[int, str]) -> None:
        """Offer these people, by id, each with the name of his body."""
        self.bodies = bodies
        self.queryset = User.objects.filter(pk__in=bodies).order_by("name", "pk")

    def label_from_instance(self, obj: Any) -> str:
        """Name and body."""
        return f"{obj.name}（{self.bodies[obj.pk]}）"


class About(GroupedForm, forms.Form):
    """Whom the report is about."""

    accused = Words(
        label="被反映的人", required=False, rows=2, limit=1_000,
        help_text="一行一个姓名，职务写在姓名后面；不知道姓名的不填。同名的专门受理人员会自动回避。",
    )  # fmt: skip
    unit = DepartmentField(_ALL, label="被反映的单位（所在单位）", required=False)
    unit_more = DepartmentField(_ALL, label="还有哪个单位", required=False)
    accused_unit = Line(label="不在名单里的单位", required=False, limit=80)

    ABOUT = Group("被反映的人和单位", ("accused", "unit", "unit_more", "accused_unit"),
                  "这里写的人和单位，以及它的下级，从此看不到、也收不到这件材料；写了姓名的人任职的单位也收不到。")  # fmt: skip

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for name in ("unit", "unit_more"):
            self.fields[name].offer()  # type: ignore[attr-defined]

    def names(self) -> list[str]:
        """The accused people, one for each line."""
        return [line.strip() for line in self.cleaned_data["accused"].splitlines() if line.strip()]

    def units(self) -> list[Department]:
        """Their bodies."""
        chosen = [self.cleaned_data[name] for name in ("unit", "unit_more")]
        return [unit for unit in chosen if unit is not None]


class IntakeForm(About):
    """A report told at the counter, to a named recipient."""

    channel = forms.ChoiceField(
        label="来件形式", choices=Channel.choices, initial=Channel.VISIT, widget=forms.RadioSelect
    )
    received_on = Day(label="收到日期", required=False, help_text="不填为今天。")
    name = Line(label="检举控告人姓名", required=False, limit=60, help_text="匿名的不填。")
    id_number = Line(label="证件号码", required=False, limit=40)
    phone = Line(label="电话", required=False, limit=30)
    address = Line(label="住址", required=False, limit=120)
    hide_reporter = forms.BooleanField(
        label="检举控告人要求对接收机关也不透露身份", required=False,
        help_text="转送函里就不写姓名和联系方式；结果由专门受理人员告知本人。",
    )  # fmt: skip
    content = Words(
        label="反映的情况",
        rows=8,
        limit=CONTENT_LIMIT,
        help_text="什么人、什么时间、什么地点、什么事，有什么证据。",
    )
    uploads = Files(label="附件", required=False, help_text=KINDS_OF_FILES)
    ref = forms.SlugField(max_length=16, widget=forms.HiddenInput)

    GROUPS = (
        About.ABOUT,
        Group("检举控告人", ("name", "id_number", "phone", "address", "hide_reporter"), side_by_side=False),
        Group("反映什么", ("content", "uploads", "channel", "received_on")),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files=files, initial={"ref": new_ref()})

    def clean_phone(self) -> str:
        """Bring a telephone number to the one form it is kept in."""
        typed = self.cleaned_data["phone"]
        phone = normalise_phone(typed) if typed else ""
        if phone is None:
            raise ValidationError("电话号码不对：请填手机号，或带区号的座机号。")
        return phone

    def clean_received_on(self) -> Any:
        """Not ahead, and no further back than any receipt."""
        day = self.cleaned_data["received_on"]
        if day and (today() - day).days > limits.backdate_days():
            raise ValidationError(f"最多可补录{limits.backdate_days()}天以内的日期。")
        return day

    def told(self) -> Told:
        """Return what the verb is told."""
        said = self.cleaned_data
        reporter = Reporter(said["name"], said["id_number"], said["phone"], said["address"])
        return Told(
            content=said["content"], reporters=[reporter], accused=self.names(), accused_units=self.units(),
            accused_unit=said["accused_unit"], channel=said["channel"], received_on=said["received_on"],
            hide_reporter=said["hide_reporter"], ref=said["ref"], uploads=said["uploads"],
        )  # fmt: skip


class HandInForm(About):
    """What a clerk adds when he hands a page of his into the sealed room."""

    GROUPS = (About.ABOUT,)


# --- steps ------------------------------------------------------------------------------------------------------------


class GuardedStepForm(forms.Form):
    """The form of one step; ``changes()`` is what the verb is told."""

    HIDDEN: ClassVar[tuple[str, ...]] = ("seen",)

    def __init__(
        self, step: GuardedStep, row: Accusation, known: dict[str, Any], data: Any = None, files: Any = None
    ) -> None:
        self.step, self.row, self.known = step, row, known
        super().__init__(
            data, files=files, initial={"seen": row.events_count, **self.begin_with()}, auto_id="id_step_%s"
        )
        self.build()
        self.fields["seen"] = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def begin_with(self) -> dict[str, Any]:
        """Values to begin with."""
        return {}

    def build(self) -> None:
        """Offer the choices."""

    def changes(self) -> dict[str, Any]:
        """Return what the step's effect is told."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.HIDDEN}


class _AboutForm(GuardedStepForm, About):
    """A step that says whom it is about."""

    def begin_with(self) -> dict[str, Any]:
        """What is known already."""
        units = [*self.known.get("accused_units", []), None, None]
        return {
            "accused": "\n".join(self.known.get("accused", [])), "unit": units[0], "unit_more": units[1],
            "accused_unit": self.known.get("accused_unit", ""),
        }  # fmt: skip

    def build(self) -> None:
        """Offer every body of the place."""
        for name in ("unit", "unit_more"):
            self.fields[name].offer()  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """Names and bodies as lists."""
        said = super().changes() | {"accused": self.names(), "units": self.units()}
        return {name: value for name, value in said.items() if name not in ("unit", "unit_more")}


class ExamineForm(_AboutForm):
    """Whom it is about, and whose it is to deal with."""

    remit = forms.ChoiceField(label="归谁管", choices=REMITS.items(), widget=forms.RadioSelect)
    major = forms.BooleanField(
        label="重大情况",
        required=False,
        help_text="须向党委主要负责同志和分管组织（人事）工作的负责同志报送（第三十条）。",
    )
    cadre = forms.ChoiceField(
        label="反映的是不是干部问题", choices=yes_no("反映干部问题", "不属干部"), widget=forms.RadioSelect,
        help_text="反映干部问题的，了结以前须向组织（人事）部门通报（第三十条）。",
    )  # fmt: skip
    note = Words(label="甄别意见", required=False, rows=2)

    GROUPS = (About.ABOUT, Group("归谁管", ("remit", "cadre", "major", "note")))

    def begin_with(self) -> dict[str, Any]:
        """What is known already."""
        said = {name: self.known.get(name, "") for name in ("remit", "major")}
        return super().begin_with() | said | {"cadre": {True: "yes", False: "no", None: ""}[self.known.get("cadre")]}

    def changes(self) -> dict[str, Any]:
        """Whether it is about a cadre, as yes or no."""
        return super().changes() | {"cadre": as_bool(self.cleaned_data["cadre"])}


class AmendForm(_AboutForm):
    """Whom it turned out to be about."""

    reason = Words(label="根据什么更正", rows=2)

    GROUPS = (About.ABOUT, Group("更正", ("reason",)))


class NamesakeForm(GuardedStepForm):
    """Which of those who hold a post under an accused name is another person."""

    holder = PersonField(label="同名的任职人员", empty_label="请选择")
    reason = Words(label="怎样核实是另一个人", rows=2)

    def build(self) -> None:
        """Offer who holds a post under an accused name."""
        self.fields["holder"].offer(access.namesakes(self.known))  # type: ignore[attr-defined]


class _HandsOverForm(GuardedStepForm):
    """Something of the report leaves the room: where the reporter is not to be named, an excerpt may take its place."""

    def offer_excerpt(self) -> None:
        """Ask for an excerpt where who reports must not be recognised by the paper."""
        if not self.known["hide_reporter"]:
            return
        hit = reporter_in(self.known, "\n".join([self.known["content"], *intake.said_later(self.known)]))
        why = (
            f"原文写有检举控告人的{hit}：摘录以后才能送出。"
            if hit
            else "不能写检举控告人的姓名、电话、证件号码和住址。"
        )
        self.fields["excerpt"] = Words(
            label="摘录的情况", rows=6, limit=CONTENT_LIMIT, required=False, initial=self.known.get("excerpt", ""),
            help_text=f"{why}填了就代替原文和到今天为止的补充；不改动的，写摘录以后的补充照原样一起送出；清空的，送出原文。",
        )  # fmt: skip


class SendForm(_HandsOverForm):
    """To which body."""

    body = DepartmentField(_RECEIVERS, label="接收机关", required=False)
    outside = Line(label="不在名单里的机关", required=False, limit=80, help_text="例如上级纪检监察机关；只填一处。")
    note = Words(label="说明", required=False, rows=2, help_text="写进函里。")

    def build(self) -> None:
        """Offer who may receive; the accused are refused when they are chosen, and it is written down."""
        self.fields["body"].offer()  # type: ignore[attr-defined]
        self.offer_excerpt()


class LeaderForm(_HandsOverForm):
    """To which of the leaders whom the list names."""

    leader = PostField(label="呈报给", help_text="党委主要负责同志、分管组织（人事）工作的负责同志。")
    proposal = Words(label="呈报的建议", rows=3)

    def build(self) -> None:
        """Offer the two whom the law names, as the list has them."""
        named = [post.pk for duty in LEADERS for post in roll.leaders_for(duty)]
        self.fields["leader"].offer(Post.objects.filter(pk__in=named))  # type: ignore[attr-defined]
        self.offer_excerpt()


class AnswerForm(GuardedStepForm):
    """Which reporter was answered and how, and what he was told."""

    reporter = forms.TypedChoiceField(label="答复哪一位", coerce=int, widget=forms.RadioSelect)
    how = forms.ChoiceField(label="怎么答复", choices=HOW.items(), initial="talk", widget=forms.RadioSelect)
    answer = Words(label="答复了什么", rows=4, help_text="书面答复会照这里的话出具一份答复函，不写被反映的人和单位。")

    def build(self) -> None:
        """Offer who has not been answered yet."""
        names = [(place, self.known["reporters"][place]["name"]) for place in intake.unanswered(self.known)]
        self.fields["reporter"].choices = names  # type: ignore[attr-defined]
        self.initial.setdefault("reporter", names[0][0] if names else None)


class _PaperForm(GuardedStepForm):
    """One of the papers that the step can be taken on."""

    KINDS: ClassVar[tuple[str, ...]] = tuple(PAPERS)
    paper = forms.ChoiceField(label="文书", widget=forms.RadioSelect)

    def build(self) -> None:
        """Offer the papers by number."""
        rows = [row for row in self.row.papers.filter(kind__in=self.KINDS).order_by("pk") if self.offers(row)]
        named = [(row.number, f"{PAPERS[row.kind].title} {row.number}") for row in rows]
        self.fields["paper"].choices = named  # type: ignore[attr-defined]

    def offers(self, paper: AccusationPaper) -> bool:
        """Whether it is one of them: not void, served or, once there is a result, a letter."""
        return not papers.why_not_void(paper, self.known)


class VoidForm(_PaperForm):
    """Which paper is void, and why."""

    reason = Words(label="作废的理由", rows=2)


class ServeForm(_PaperForm):
    """How a written answer reached its reporter: one that is neither void nor served."""

    KINDS: ClassVar[tuple[str, ...]] = ("reply",)
    receipt = forms.ChoiceField(label="送达结果", choices=RECEIPTS.items(), initial="signed", widget=forms.RadioSelect)
    receiver = Line(label="签收人", required=False, limit=60)
    witness = Line(label="见证人", required=False, limit=60, help_text="拒收的必填。")


class MaterialForm(GuardedStepForm):
    """What came later: words, files or both."""

    origin = forms.ChoiceField(label="谁提供的", choices=ORIGINS.items(), widget=forms.RadioSelect)
    words = Words(label="说明的情况", required=False, rows=4, limit=CONTENT_LIMIT)
    uploads = Files(label="文件", required=False, help_text=KINDS_OF_FILES)


class FileAwayForm(GuardedStepForm):
    """Why there is nothing to look into, and what a reporter was told."""

    reason = Words(label="理由", rows=3)
    note = Words(
        label="告知本人的情况", required=False, rows=2, help_text="实名的，写明怎样告知了本人，或者联系的经过。"
    )


def _words_form(name: str, label: str, hint: str = "", *, required: bool = True) -> type[GuardedStepForm]:
    words = Words(label=label, rows=3, required=required, help_text=hint)
    return type("WordsForm", (GuardedStepForm,), {name: words})


class _PeriodForm(GuardedStepForm):
    """For how long the file is kept."""

    period = forms.ChoiceField(label="保管期限", widget=forms.RadioSelect)

    def offer(self, least: int | None, *, more: bool = False) -> None:
        """Offer the periods that are not shorter than ``least``; ``more``: longer alone."""
        self.fields["period"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, (label, years) in periods.PERIODS.items()
            if not periods.shorter(years, least) and not (more and years == least)
        ]  # fmt: skip


class ArchiveForm(_PeriodForm):
    """归档."""

    def build(self) -> None:
        """Offer what is not shorter than the law's least."""
        least = archive.least(self.known, today())
        self.offer(least.years)
        self.fields["period"].help_text = f"至少{least.words}，依据{least.source}；从了结的次年1月1日起算。"


class KeepLongerForm(_PeriodForm):
    """延长保管期限."""

    def build(self) -> None:
        """Offer what is longer than the file has."""
        self.offer(self.known.get("years"), more=True)


class WorthlessForm(GuardedStepForm):
    """Why a file is not worth keeping: out of a list, because words of one's own would outlive what is destroyed."""

    ground = forms.ChoiceField(label="鉴定意见", choices=WORTHLESS.items(), widget=forms.RadioSelect)


class BareForm(GuardedStepForm):
    """Nothing is asked but the press itself."""


STEP_FORMS: dict[str, type[GuardedStepForm]] = {
    "examine": ExamineForm,
    "amend_about": AmendForm,
    "namesake": NamesakeForm,
    "transfer": SendForm,
    "inform": SendForm,
    "report": LeaderForm,
    "report_on": LeaderForm,
    "taken_over": _words_form("note", "说明", "接收的日期、对方联系人；可不填。", required=False),
    "urge": _words_form("note", "催问的情况", "问了谁、答复是什么。"),
    "returned": _words_form("reason", "退回的理由"),
    "result": _words_form("result", "办理结果", "照对方反馈的写。"),
    "answer": AnswerForm,
    "close": _words_form("note", "说明", "实名而没有答复的，写明联系经过。", required=False),
    "file_away": FileAwayForm,
    "add_material": MaterialForm,
    "serve": ServeForm,
    "void": VoidForm,
    "recuse": _words_form("reason", "事由", "可不填。", required=False),
    "archive": ArchiveForm,
    "keep_longer": KeepLongerForm,
    "propose_destruction": WorthlessForm,
    "keep": BareForm,
    "destroy": BareForm,
}


class SearchForm(forms.Form):
    """What to look for, inside what one sees."""

    text = Line(label="查找", limit=MOST, help_text="姓名、电话、单位、编号、回执号或者内容里的字。")
    after = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)


# --- what leaves, and who is on the list ---------------------------------------------------------------------------------


class ExportForm(forms.Form):
    """For which inspection, and about whom."""

    to = Line(label="提供给哪个巡视巡察机构", limit=80)
    first = Day(label="收到日期自")
    last = Day(label="至")
    unit = DepartmentField(_ALL, label="被巡视巡察单位（连同下级）", required=False, help_text="不选则为全部。")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"first": today().replace(month=1, day=1), "last": today()})
        self.fields["unit"].offer()  # type: ignore[attr-defined]


class ProposeForm(forms.Form):
    """Who is to come onto the list, or to leave it."""

    what = forms.ChoiceField(
        label="变更", choices=AccusationChange.What.choices, initial="add", widget=forms.RadioSelect
    )
    user = forms.ModelChoiceField(
        label="人员",
        queryset=User.objects.none(),
        widget=SearchSelect,
        empty_label="请选择",
        help_text="写到人，不随岗位转移。",
    )
    duty = forms.ChoiceField(
        label="职责", choices=DUTIES.items(), initial="handle", widget=forms.RadioSelect,
        help_text="专门受理：登记、查看、转送、答复。查看记录：只看谁看过什么，看不到材料。两位负责同志：只收到呈报件，看不到这里。",
    )  # fmt: skip
    valid_from = Day(label="自")
    valid_to = Day(label="至", required=False, help_text="不填为长期。")
    reason = Line(label="事由", help_text="任职文件、会议决定等。")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"valid_from": today()})
        people = User.objects.filter(is_active=True, posts__isnull=False).exclude(posts__role=Role.SYSTEM)
        self.fields["user"].queryset = people.distinct().order_by("name", "pk")  # type: ignore[attr-defined]
