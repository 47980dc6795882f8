"""Can this entry be taken, and in which form is it kept?  Words, numbers and documents in one form, however they were typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from accounts.identity import clean_document, half_width, normalise_phone, parse_id
from accounts.models import Department, Region
from petitions import lifecycle, limits, trees
from petitions.actions import moment, told
from petitions.actions.entry import Entry, Person
from petitions.actions.told import Wrong
from petitions.errors import BadInput
from petitions.models import Category, Channel, IdKind, Kind, PartyRole, Purpose, Sex

CONTENT_LIMIT = 20_000  # characters; a longer text belongs in an attachment
MOST_PEOPLE, MOST_HEADS, MOST_CLAIMS, MOST_REFERENCES = 200, 100_000, 50, 20
CLAIM_LIMIT = 2_000
_LINES = {"title": 120, "place": 120, "addressee": 60, "handed_number": 60, "backdate_reason": 200, "imported_from": 40}
_PERSON_LINES = {"name": 60, "id_number": 40, "phone": 40, "address": 200}
_CHOICES: tuple[tuple[str, Any, str], ...] = (
    ("channel", Channel, "请选择信访形式。"),
    ("kind", Kind, "请选择类别。检举控告请走专门受理渠道。"),
    ("purpose", Purpose, "请选择信访目的。"),
)
_PERSON_CHOICES: tuple[tuple[str, Any], ...] = (("role", PartyRole), ("sex", Sex), ("id_kind", IdKind))


def checked(entry: Entry) -> tuple[Entry, date]:
    """Return ``entry`` in the form it is kept in, and its day of receipt.

    Raises:
        BadInput: a field cannot be taken; ``fields`` says which.
    """
    wrong: dict[str, str] = {}
    told_as: dict[str, Any] = _words(entry, wrong) | _lists(entry, wrong)
    clean = replace(entry, **told_as)
    _numbers(clean, wrong)
    _choices(clean, wrong)
    received_on = _days(clean, wrong)
    _people(clean, wrong)
    _voices(clean, received_on, wrong)
    _hidden(clean, wrong)
    if wrong:
        raise BadInput(wrong, rule=f"《{lifecycle.TEXT}》第十九条、第二十一条")
    return clean, received_on


# --- words ------------------------------------------------------------------------------------------------------


def _words(entry: Entry, wrong: dict[str, str]) -> dict[str, Any]:
    clean: dict[str, Any] = {name: _line(entry, name, limit, wrong) for name, limit in _LINES.items()}
    try:
        clean["content"] = told.words(entry.content, CONTENT_LIMIT)
    except Wrong as refused:
        longer = isinstance(entry.content, str) and len(entry.content) > CONTENT_LIMIT
        wrong["content"] = f"{refused}更长的材料请作为附件上传。" if longer else str(refused)
        clean["content"] = "—"
    if not clean["title"]:
        wrong.setdefault("title", "请填写标题。")
    if not clean["content"]:
        wrong["content"] = "请记录信访人反映的请求、事实和理由。"
    return clean


def _line(row: Any, name: str, limit: int, wrong: dict[str, str], place: str = "") -> str:
    try:
        return told.words(getattr(row, name), limit, one_line=True)
    except Wrong as refused:
        wrong[place or name] = str(refused)
        return ""


def _lists(entry: Entry, wrong: dict[str, str]) -> dict[str, Any]:
    return {
        "claims": tuple(_claims(entry, wrong)),
        "people": tuple(_persons(entry, wrong)),
        "references": tuple(_references(entry, wrong)),
    }


def _many(value: Any, kind: type, most: int, name: str, wrong: dict[str, str]) -> Sequence[Any]:
    """``value`` if it is a list of at most ``most`` of ``kind``, else nothing and a sentence why."""
    if not isinstance(value, list | tuple) or not all(isinstance(each, kind) for each in value):
        wrong[name] = "这里填的内容不对，请重新填写。"
        return ()
    if len(value) > most:
        wrong[name] = f"最多{most}项，更多的请作为附件上传。"
        return ()
    return value


def _claims(entry: Entry, wrong: dict[str, str]) -> Iterator[str]:
    for text in _many(entry.claims, str, MOST_CLAIMS, "claims", wrong):
        try:
            if clean := told.words(text, CLAIM_LIMIT):
                yield clean
        except Wrong as refused:
            wrong["claims"] = str(refused)


def _references(entry: Entry, wrong: dict[str, str]) -> Iterator[tuple[str, str]]:
    for pair in _many(entry.references, tuple, MOST_REFERENCES, "references", wrong):
        try:
            system, number = pair
            yield told.words(system, 40, one_line=True), told.words(number, 80, one_line=True)
        except ValueError:  # Wrong is one
            wrong["references"] = "外部编号要写明系统（40字内）和编号（80字内）。"


# --- numbers, choices, days -------------------------------------------------------------------------------------


def _numbers(entry: Entry, wrong: dict[str, str]) -> None:
    for name, least in (("head_count", 0), ("actual_count", 1)):
        value = getattr(entry, name)
        try:
            if value is not None or name == "head_count":
                told.number(value, least, MOST_HEADS)
        except Wrong as refused:
            wrong[name] = str(refused)
    for name in ("hide_name", "urgent"):
        if not isinstance(getattr(entry, name), bool):
            wrong[name] = "请重新勾选。"


def _choices(entry: Entry, wrong: dict[str, str]) -> None:
    for name, choices, sentence in _CHOICES:
        if getattr(entry, name) not in choices.values:
            wrong[name] = sentence
    if entry.channel == Channel.HANDED_DOWN and entry.handed_by is None:
        wrong["handed_by"] = "请选择交转机关。"
    in_use("category", Category, entry.category, wrong)
    in_use("region", Region, entry.region, wrong)
    by = entry.handed_by
    if by is not None and not (isinstance(by, Department) and in_force(by, moment.today())):
        wrong["handed_by"] = "请选择现有的交转机关。"


def in_use(name: str, kind: type[Category] | type[Region], value: Any, wrong: dict[str, str]) -> None:
    """Say in ``wrong`` if ``value`` is no category or place in use; nothing chosen is nothing wrong."""
    if value is None:
        return
    if not isinstance(value, kind) or not _used(kind, value.pk):
        wrong[name] = "没有这个选项，或者它已经停用，请重新选择。"


def _used(kind: type[Category] | type[Region], key: str) -> bool:
    read = trees.categories if kind is Category else trees.regions
    if key not in read().nodes:
        trees.forget()  # it may have been added a moment ago, in another process
    node = read().nodes.get(key)
    return node is not None and node.active


def in_force(department: Department, day: date) -> bool:
    """Whether ``department`` exists on ``day``."""
    return department.valid_from <= day and (department.valid_to is None or department.valid_to >= day)


def _days(entry: Entry, wrong: dict[str, str]) -> date:
    today = moment.today()
    for name in ("received_on", "postmark_on", "handed_due"):
        try:
            if (value := getattr(entry, name)) is not None:
                told.day(value)
        except Wrong as refused:
            wrong[name] = str(refused)
    day = entry.received_on if entry.received_on is not None and "received_on" not in wrong else today
    if "received_on" not in wrong:
        wrong |= _received(entry, day, today)
    if "postmark_on" not in wrong and entry.postmark_on is not None and entry.postmark_on > day:
        wrong["postmark_on"] = "邮戳日期不能晚于收到日期。"
    if not {"handed_due", "received_on"} & set(wrong) and _is_over(entry, day):
        wrong["handed_due"] = "上级要求的反馈期限不能早于收到日期。"
    if "handed_due" not in wrong and entry.handed_due and entry.handed_due > day + timedelta(days=told.LONGEST_LIMIT):
        wrong["handed_due"] = "期限太长，请核对年份。"
    return day


def _is_over(entry: Entry, day: date) -> bool:
    """Whether the superior's limit ended before the receipt: a slip at the counter; in a list that is late it is so."""
    handed_down = entry.channel == Channel.HANDED_DOWN and not entry.imported_from
    return handed_down and entry.handed_due is not None and entry.handed_due < day


def _received(entry: Entry, day: date, today: date) -> dict[str, str]:
    if day > today:
        return {"received_on": "收到日期不能晚于今天。"}
    if entry.imported_from:
        return {}
    if day < today - timedelta(days=limits.backdate_days()):
        return {"received_on": f"最多可补录{limits.backdate_days()}天以内的来件。"}
    if day < today and not entry.backdate_reason:
        return {"backdate_reason": "补录以前收到的来件要写明原因。"}
    return {}


# --- people -----------------------------------------------------------------------------------------------------


def _persons(entry: Entry, wrong: dict[str, str]) -> Iterator[Person]:
    for person in _many(entry.people, Person, MOST_PEOPLE, "people", wrong):
        yield _person(person, wrong)


def _person(person: Person, wrong: dict[str, str]) -> Person:
    """One person with the document and the telephone in the form they are found by, whichever way they were typed."""
    clean: dict[str, Any] = {name: _line(person, name, limit, wrong, "people") for name, limit in _PERSON_LINES.items()}
    chosen = all(getattr(person, name) in choices.values for name, choices in _PERSON_CHOICES)
    if not (chosen and isinstance(person.representative, bool) and isinstance(person.is_organisation, bool)):
        wrong["people"] = "信访人的身份、性别或证件种类不对，请重新选择。"
    kind, clean["id_number"] = _document(str(person.id_kind), clean["id_number"], wrong)
    clean["phone"] = _phone(clean["phone"])
    _born(person.birth_date, wrong)
    return replace(person, id_kind=kind, **clean)


def _document(kind: str, typed: str, wrong: dict[str, str]) -> tuple[str, str]:
    """Kind and number as kept: a number that can only be a resident's is one, whatever kind was said or not said."""
    if not typed:
        return IdKind.NONE, ""
    card = parse_id(typed) if kind in (IdKind.NONE, IdKind.RESIDENT) else None
    if kind == IdKind.NONE:
        kind = IdKind.RESIDENT if card is not None and card.valid else IdKind.OTHER
    number, errors = clean_document(kind, typed)
    if errors:
        wrong["people"] = f"{errors[0]}。"
    return kind, number


def _phone(typed: str) -> str:
    """In the one form it is found by; what is no number that we know is kept as it was told."""
    return (normalise_phone(typed) or half_width(typed)) if typed else ""


def _born(day: Any, wrong: dict[str, str]) -> None:
    try:
        if day is not None and told.day(day) > moment.today():
            wrong["people"] = "出生日期不能晚于今天。"
    except Wrong as refused:
        wrong["people"] = f"出生日期：{refused}"


def _people(entry: Entry, wrong: dict[str, str]) -> None:
    if "people" in wrong:
        return
    leads = [person for person in entry.people if person.role == PartyRole.LEAD]
    if len(leads) != 1:
        wrong["people"] = "要有一位且只有一位主访人。"
    elif any(not person.name for person in entry.people):
        wrong["people"] = "每位信访人都要有姓名；匿名来件请填“匿名”。"
    elif _twice([person.id_number for person in entry.people if person.id_number]):
        wrong["people"] = "同一证件号码填了两次。"
    elif _twice([(person.name, person.phone) for person in entry.people if person.phone and not person.id_number]):
        wrong["people"] = "同一姓名和电话填了两次。"


def _voices(entry: Entry, day: date, wrong: dict[str, str]) -> None:
    """Who speaks for many: five at most, fewer where the place has a rule for so many people (Art.20 ¶3)."""
    chosen = sum(person.representative for person in entry.people) if "people" not in wrong else 0
    if not chosen or "head_count" in wrong:
        return
    people = max(entry.head_count, len(entry.people))
    most = limits.most_representatives(people, limits.rules_on(day))
    if chosen > most:
        by = "第二十条第三款" if most == lifecycle.REPRESENTATIVES else "第二十条第三款、地方规则"
        wrong["people"] = f"{people}人的，代表人数不得超过{most}人（{by}）。"


def _twice(values: list[Any]) -> bool:
    return len(values) != len(set(values))


def _hidden(entry: Entry, wrong: dict[str, str]) -> None:
    """Who asks not to be named to the unit is not named in the words that the unit reads (domain.md §2.9)."""
    if not entry.hide_name or "people" in wrong:
        return
    names = [person.name for person in entry.people if len(person.name) > 1 and person.name != "匿名"]
    read = {"title": [entry.title], "content": [entry.content], "place": [entry.place], "claims": entry.claims}
    for field, texts in read.items():
        if any(name in text for name in names for text in texts):
            wrong.setdefault(field, "信访人要求不透露姓名：这里会给责任单位看，请把姓名改为“本人”或“信访人”。")
