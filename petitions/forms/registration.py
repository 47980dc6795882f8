"""What does the registration page ask for?  One filing in the order people speak, and its people row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict, ErrorList
from django.http import QueryDict

from accounts.dates import today
from accounts.identity import clean_document, normalise_phone, parse_id, parse_reader_line, show_phone
from accounts.models import Department, Region
from petitions import limits, trees
from petitions.actions.register import CONTENT_LIMIT, Entry, Person
from petitions.called import SENDERS
from petitions.forms.fields import Day, Line, SearchSelect, Words
from petitions.models import Category, Channel, IdKind, Kind, PartyRole, Purpose, Sex

PEOPLE = "p"  # prefix of the rows of people
MOST_PEOPLE = 200
TITLE_FROM_TEXT = 40  # characters of the first sentence that stand as title where none was typed
# What the page itself carries beside the filing.
PAGE_FIELDS = ("draft", "under", "idempotency_key", "reader", "reference_system", "reference_number")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
_COUNTY_DEPTH = 2
_SEALED = "检举控告不在这里登记，请转专门受理（第三十条）。"
# As wide as what goes in: the three things asked first stand on one line.
_ROW_WIDTHS = {"name": "s", "id_number": "s", "phone": "xs", "address": "m", "role": "xs", "sex": "xs", "id_kind": "s"}
# Enter passes these by where they say this already; empty = anything.  The number gives sex and birth date.
_PASSED_WHEN = {
    "role": PartyRole.LEAD.value, "sex": f"{Sex.MALE.value} {Sex.FEMALE.value}", "birth_date": "",
    "id_kind": IdKind.RESIDENT.value,
}  # fmt: skip


class NodeField(forms.ChoiceField):
    """A leaf of one of the small trees; gives the model's key wrapped in an unsaved row, so that no query is needed."""

    def __init__(self, model: type[Category] | type[Region], **more: Any) -> None:
        self.model = model
        super().__init__(widget=SearchSelect, required=False, **more)

    def offer(self) -> None:
        """Offer what is in use today, each by its own name and those above it."""
        self.choices = [("", "请选择"), *self._pairs()]

    def _pairs(self) -> Iterator[tuple[str, str]]:
        if self.model is Category:
            tree = trees.categories()
            yield from ((str(node.key), f"{tree.name(node.above)} · {node.name}".strip(" ·")) for node in tree.leaves())
            return
        places = trees.regions()
        for node in places.nodes.values():
            if node.active and node.depth >= _COUNTY_DEPTH:
                above = places.name(node.above) if node.depth > _COUNTY_DEPTH + 1 else ""
                yield str(node.key), f"{above}{node.name}"

    def clean(self, value: Any) -> Any:
        """Return a row that holds the key, or None."""
        key = super().clean(value)
        return self.model(pk=key) if key else None


class _Quiet:
    """Mixin: a bound form may be shown again as it stands, without a word about what is still missing."""

    _errors: Any

    def quiet(self) -> None:
        """Show no errors."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}


class EntryForm(_Quiet, forms.Form):
    """One filing.  The template draws the fields; which of them a channel needs is said by their groups there."""

    channel = forms.ChoiceField(
        label="信访形式", choices=Channel.choices, initial=Channel.VISIT, widget=forms.RadioSelect
    )
    received_on = Day(label="收到日期", required=False)
    backdate_reason = Line(label="补录原因", required=False, help_text="收到日期早于今天时必填。")
    addressee = Line(label="受信人", required=False, limit=60)
    postmark_on = Day(label="邮戳日期", required=False)
    handed_by = forms.ModelChoiceField(
        label="交转机关", queryset=Department.objects.none(), required=False, widget=SearchSelect, empty_label="请选择"
    )
    handed_number = Line(label="上级文号", required=False, limit=60)
    handed_due = Day(label="上级要求的反馈期限", required=False, help_text="没有规定的不填。")
    head_count = forms.IntegerField(
        label="登记人数", required=False, min_value=1, max_value=100_000, help_text="不填则按上面的人数。"
    )
    actual_count = forms.IntegerField(label="实到人数", required=False, min_value=1, max_value=100_000)
    content = Words(
        label="反映内容",
        rows=7,
        limit=CONTENT_LIMIT,
        help_text="把请求、事实和理由写清楚（第十九条）；尽量用信访人自己的话。",
    )
    title = Line(label="标题", required=False, limit=120, help_text="可不填，取反映内容的第一句。")
    claims = Words(
        label="诉求",
        required=False,
        rows=2,
        limit=4_000,
        help_text="有几项请求就写几行，逐项答复；只有一项的可不填，取反映内容中提出请求的话。",
    )
    category = NodeField(Category, label="内容分类")
    region = NodeField(Region, label="问题属地")
    place = Line(label="具体地点", required=False, limit=120)
    kind = forms.ChoiceField(
        label="类别",
        choices=Kind.choices,
        initial=Kind.CLAIM,
        error_messages={"invalid_choice": f"请选择类别。{_SEALED}"},
    )
    purpose = forms.ChoiceField(
        label="信访目的", choices=Purpose.choices, initial=Purpose.SETTLE,
        error_messages={"invalid_choice": f"请选择信访目的。{_SEALED}"},
    )  # fmt: skip
    hide_name = forms.BooleanField(
        label="信访人要求不把姓名告诉责任单位", required=False, help_text="责任单位看不到姓名、证件、电话和住址。"
    )
    urgent = forms.BooleanField(
        label="可能造成社会影响的重大、紧急事项", required=False, help_text="须立即报告（第二十五条）。"
    )
    reader = forms.CharField(
        label="读身份证或粘贴", required=False, max_length=1000,
        help_text="光标在这里时刷卡，或粘贴一行“姓名 身份证号 电话 住址”，按回车填入下面。",
    )  # fmt: skip
    reference_number = Line(
        label="外部编号", required=False, limit=80, help_text="在其他系统里的编号；可以用扫码枪扫。"
    )
    reference_system = Line(
        label="来自哪个系统", required=False, limit=40, help_text="与编号一起填；一个编号只登记一次。"
    )
    draft = forms.SlugField(required=False, max_length=16, widget=forms.HiddenInput)
    under = forms.CharField(required=False, max_length=16)
    idempotency_key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"received_on": today(), **(initial or {})})
        self.fields["reference_system"].widget.attrs["list"] = "known-systems"
        for name in ("reference_system", "reference_number"):
            self.fields[name].widget.attrs["data-width"] = "m"
        for name in ("category", "region"):
            self.fields[name].offer()  # type: ignore[attr-defined]
        senders = Department.objects.in_force(today()).filter(kind__in=SENDERS)
        self.fields["handed_by"].queryset = senders  # type: ignore[attr-defined]
        first = limits.backdate_days()
        self.fields["received_on"].help_text = f"默认今天；最多补录{first}天以内的来件。"

    def clean(self) -> dict[str, Any]:
        """Give the filing a title where none was typed."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("title") and cleaned.get("content"):
            cleaned["title"] = title_of(str(cleaned["content"]))
        for name, other in (("reference_system", "reference_number"), ("reference_number", "reference_system")):
            if cleaned.get(other) and not cleaned.get(name):
                self.add_error(name, "外部编号要写明系统和编号。")
        return cleaned

    @property
    def refers(self) -> bool:
        """Whether something is said of another system: its fields are then open to be seen."""
        return any(self[name].value() for name in ("reference_system", "reference_number"))


def title_of(content: str) -> str:
    """Return the first sentence of ``content``, at most TITLE_FROM_TEXT characters."""
    first = _SENTENCE_END.split(content.strip(), maxsplit=1)[0].strip() or content.strip()
    return first if len(first) <= TITLE_FROM_TEXT else first[: TITLE_FROM_TEXT - 1] + "…"


class PersonForm(_Quiet, forms.Form):
    """One person, as told at the counter: everything but the name may be missing."""

    name = Line(label="姓名或单位名称", required=False, limit=60)
    id_number = Line(label="证件号码", required=False, limit=40)
    phone = Line(label="电话", required=False, limit=30)
    address = Line(label="住址", required=False, limit=120)
    role = forms.ChoiceField(label="身份", choices=PartyRole.choices, required=False, initial=PartyRole.COMPANION)
    sex = forms.ChoiceField(label="性别", choices=Sex.choices, required=False, initial=Sex.UNKNOWN)
    birth_date = Day(label="出生日期", required=False)
    id_kind = forms.ChoiceField(label="证件种类", choices=IdKind.choices, required=False, initial=IdKind.RESIDENT)
    representative = forms.BooleanField(label="代表", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, width in _ROW_WIDTHS.items():
            self.fields[name].widget.attrs["data-width"] = width
        for name, when in _PASSED_WHEN.items():
            self.fields[name].widget.attrs["data-passed-when"] = when

    def clean_phone(self) -> str:
        """Bring a telephone number to the one form it is kept and found in."""
        typed = self.cleaned_data["phone"]
        phone = normalise_phone(typed) if typed else ""
        if phone is None:
            raise ValidationError("电话号码不对：请填手机号，或带区号的座机号。")
        return phone

    def clean(self) -> dict[str, Any]:
        """Check the document, and let a resident ID say birth and sex."""
        cleaned: dict[str, Any] = super().clean() or {}
        number = cleaned.get("id_number") or ""
        if not cleaned.get("name") and any(cleaned.get(name) for name in ("id_number", "phone", "address")):
            self.add_error("name", "请填写姓名；匿名来件请填“匿名”。")
        cleaned["id_kind"] = (cleaned.get("id_kind") or IdKind.RESIDENT) if number else IdKind.NONE
        if number:
            self._document(cleaned, number)
        return cleaned

    def _document(self, cleaned: dict[str, Any], typed: str) -> None:
        number, wrong = clean_document(cleaned["id_kind"], typed)
        cleaned["id_number"] = number
        for sentence in wrong:
            self.add_error("id_number", f"{sentence}。")
        card = parse_id(number) if cleaned["id_kind"] == IdKind.RESIDENT else None
        if card is not None and card.valid:
            cleaned["birth_date"], cleaned["sex"] = card.birth, card.sex

    @property
    def empty(self) -> bool:
        """Whether nothing was said about anybody in this row."""
        return not any(self.cleaned_data.get(name) for name in ("name", "id_number", "phone", "address"))


class PeopleSet(forms.BaseFormSet):
    """The rows of people; the first is the one who leads unless a row says so itself."""

    add_label = "再加一人"

    def quiet(self) -> None:
        """Show the rows as they stand, without errors."""
        self._errors: list[Any] = []
        self._non_form_errors = ErrorList()
        for row in self.forms:
            row.quiet()

    def clean(self) -> None:
        """At least one person came."""
        if not any(self.errors) and not self.people():
            raise ValidationError("请至少填写一位信访人；匿名来件请填“匿名”。")

    def people(self) -> list[Person]:
        """Return the people of the rows that say something and were not taken away."""
        rows = [row for row in self.forms if row not in self.deleted_forms and not row.empty]
        led = any(row.cleaned_data.get("role") == PartyRole.LEAD for row in rows)
        return [self._person(row, lead=not led and number == 0) for number, row in enumerate(rows)]

    @staticmethod
    def _person(row: PersonForm, *, lead: bool) -> Person:
        told = row.cleaned_data
        return Person(
            name=told["name"], role=PartyRole.LEAD if lead else told.get("role") or PartyRole.COMPANION,
            representative=told.get("representative", False), is_organisation=told["id_kind"] == IdKind.CREDIT_CODE,
            sex=told.get("sex") or Sex.UNKNOWN, birth_date=told.get("birth_date"), id_kind=told["id_kind"],
            id_number=told.get("id_number") or "", phone=told.get("phone") or "", address=told.get("address") or "",
        )  # fmt: skip


PeopleFormSet = forms.formset_factory(
    PersonForm, formset=PeopleSet, extra=0, min_num=1, max_num=MOST_PEOPLE, absolute_max=MOST_PEOPLE, can_delete=True
)


def people_set(data: Any = None) -> Any:
    """Return the formset of people; unbound it has one row, which leads."""
    initial = None if data is not None else [{"role": PartyRole.LEAD}]
    return PeopleFormSet(data, prefix=PEOPLE, initial=initial)


def entry_of(form: EntryForm, people: list[Person]) -> Entry:
    """Return what valid forms say, as the verb takes it."""
    told = form.cleaned_data
    plain = {name: told[name] for name in form.fields if name not in (*PAGE_FIELDS, "claims", "head_count")}
    outside = [(told["reference_system"], told["reference_number"])] if told["reference_number"] else []
    return Entry(
        people=people, claims=tuple(told["claims"].splitlines()), head_count=told["head_count"] or 0, references=outside,
        **plain,
    )  # fmt: skip


# --- what the page does to its own fields, without a script ----------------------------------------------------------


def with_row(data: QueryDict) -> QueryDict:
    """Return the posted fields with one more row of people."""
    more = data.copy()
    _add_row(more)
    return more


def with_reader(data: QueryDict) -> tuple[QueryDict, tuple[str, ...]]:
    """Return the posted fields with the reader's line in the first free row, and what is wrong with the line.

    A line without a person leaves everything as it is.
    """
    scan = parse_reader_line(data.get("reader", "")[:1000])
    if not (scan.name or scan.card):
        return data.copy(), ("没有认出姓名或证件号码，请检查后再试，或直接填写。",)
    more = data.copy()
    row = _free_row(more)
    number = scan.card.number if scan.card else ""
    told = {"name": scan.name, "id_number": number, "phone": show_phone(scan.phone), "address": scan.address}
    told |= {"sex": scan.sex, "birth_date": scan.birth.isoformat() if scan.birth else ""}
    for name, value in told.items():
        if value:
            more[f"{PEOPLE}-{row}-{name}"] = value
    more["reader"] = ""
    return more, scan.errors


def _free_row(data: QueryDict) -> int:
    """The first row that names nobody; if there is none, one is added."""
    total = _total(data)
    for row in range(total):
        if not data.get(f"{PEOPLE}-{row}-name") and not data.get(f"{PEOPLE}-{row}-id_number"):
            return row
    return _add_row(data)


def _add_row(data: QueryDict) -> int:
    """Add a row that says of its person what is true of everybody who comes along; return its number."""
    total = _total(data)
    if total >= MOST_PEOPLE:
        return MOST_PEOPLE - 1
    data[f"{PEOPLE}-TOTAL_FORMS"] = str(total + 1)
    data.setdefault(f"{PEOPLE}-{total}-role", PartyRole.COMPANION.value)
    data.setdefault(f"{PEOPLE}-{total}-sex", Sex.UNKNOWN.value)
    return total


def _total(data: QueryDict) -> int:
    typed = data.get(f"{PEOPLE}-TOTAL_FORMS", "")
    return min(int(typed), MOST_PEOPLE) if typed.isdecimal() and len(typed) < 6 else 1


def people_typed(data: QueryDict) -> list[dict[str, str]]:
    """Return name, ID number and phone of each row as typed so far, in the forms they are looked up by."""
    rows = []
    for row in range(_total(data)):
        typed = {name: data.get(f"{PEOPLE}-{row}-{name}", "")[:60] for name in ("name", "id_number", "phone")}
        told = {name: value.replace("\0", "").strip() for name, value in typed.items()}
        card = parse_id(told["id_number"])
        phone = normalise_phone(told["phone"]) if told["phone"] else ""
        rows.append({
            "name": told["name"] if len(told["name"]) > 1 else "",
            "id_number": card.number if card and card.valid else "",
            "phone": phone or "",
        })  # fmt: skip
    return [row for row in rows if any(row.values())]


__all__ = ["EntryForm", "PeopleFormSet", "entry_of", "people_set", "people_typed", "with_reader", "with_row"]
