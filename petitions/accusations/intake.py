"""How does a report come into the sealed room?  At the counter by a named recipient, or out of the open registration page.

What comes out of the open page leaves nothing there: the draft goes, its files change hands, no key of a sending is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.identity import show_phone
from accounts.models import Department, DepartmentKind, Post, User
from petitions import attachments
from petitions.access import unit_of
from petitions.accusations import access, clocks, files, record, roll, words
from petitions.accusations.accused import Roster
from petitions.accusations.search import plain
from petitions.actions import moment, told
from petitions.actions.entered import CONTENT_LIMIT
from petitions.actions.register import may_register
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Accusation, Channel, Draft
from petitions.querycode import is_ref

RULE = "《信访工作条例》第十九条、第二十一条、第三十条"
DRAWS = 5  # of numbers at random, before a clash is taken for something else
NOBODY_LEFT = (
    "没有可以受理这件材料的专门受理人员（名单是空的，或者名单上的人都应当回避）。请当面告知检举控告人直接向纪检监察机关"
    "反映（12388），并请信访部门负责人按程序确定名单。"
)


@dataclass(frozen=True)
class Reporter:
    """Who reports; everything may be missing."""

    name: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Told:
    """What is told when a report comes in.

    Attributes:
        accused: names of the people reported; ``accused_units``: their bodies in the tree, ``accused_unit``: one outside it.
        hide_reporter: the reporter asks that nobody be told who he is, the receiving body included.
        ref: the name the page was given for it: the same sending twice is one report.
        uploads: files that came with it.
        beside: what was told beside the account, each under a limit of its own.
    """

    content: str
    reporters: Sequence[Reporter] = ()
    accused: Sequence[str] = ()
    accused_units: Sequence[Department] = ()
    accused_unit: str = ""
    channel: str = Channel.VISIT
    received_on: date | None = None
    hide_reporter: bool = False
    ref: str = ""
    uploads: Sequence[UploadedFile] = ()
    beside: Sequence[str] = ()


def receive(entry: Told, *, by: Actor) -> Accusation:
    """Register a report at the counter; ``by`` is on the list, and it is not about him.

    Raises:
        NotSeen: the actor is not on the list.
        WrongPerson: he should stand aside.
        BadInput: a field cannot be taken.
        WrongMoment: the same page was sent before by somebody else.
    """
    if not roll.is_on(by, roll.HANDLES):
        raise NotSeen
    known = _clean(entry)
    if by.user not in access.recipients_for(known):
        raise WrongPerson(
            "这件材料与您或者您的单位有关，您应当回避：请交给另一名专门受理人员。", rule=f"{RULE}、第二十八条"
        )
    before = Accusation.objects.filter(ref=entry.ref).first() if entry.ref else None
    if before is not None:
        return same(before, by)
    office = office_for(known, Department.objects.get(pk=unit_of(by)))
    try:
        return made(lambda written: _make(known, entry, by, "receive", office, written))
    except IntegrityError:
        before = Accusation.objects.filter(ref=entry.ref).first() if entry.ref else None
        if before is None:
            raise
        return same(before, by)


def made(make: Callable[[list[str]], Accusation]) -> Accusation:
    """Make a report in one transaction; where a number drawn at random was taken in this very moment, draw again.

    Raises:
        IntegrityError: the page's own name is taken, or every draw was.
    """
    for left in range(DRAWS - 1, -1, -1):
        written: list[str] = []
        try:
            with transaction.atomic():
                return make(written)
        except IntegrityError as clash:
            attachments.discard(written)
            drawn = any(name in str(clash) for name in ("number", "slip"))
            if not (drawn and left):
                raise
        except BaseException:
            attachments.discard(written)
            raise
    raise AssertionError("unreachable")


def same(row: Accusation, by: Actor) -> Accusation:
    """Pressed twice: the report that the first press made."""
    if not row.events.filter(seq=1, user=by.user).exists():
        raise WrongMoment("这张登记页已经用过，请重新打开。", rule="一张登记页只登记一次")
    return row


def hand_in(entry: Told, *, by: Actor, draft: Draft) -> Accusation:
    """Move what a clerk has typed on the open page into the sealed room; the draft and its traces go with it.

    Where nobody on the list could take it, it is registered all the same (Art.22) and waits, seen by nobody, for somebody who is
    put on the list and may: see :func:`waits`.

    Raises:
        WrongPerson: the post does not register.
        NotSeen: it is not the clerk's own draft, or it is gone.
        WrongMoment: every office in whose name it could be kept is accused.
        BadInput: a field cannot be taken.
    """
    if not may_register(by) or by.token:
        raise WrongPerson("登记来件不是您这个岗位的职责。", rule=RULE)
    known = _clean(entry)
    office = office_for(known, Department.objects.get(pk=unit_of(by)), desk=True)

    def make(written: list[str]) -> Accusation:
        held = Draft.objects.select_for_update().filter(pk=draft.pk, post=by.post, registered=None).first()
        if held is None:
            raise NotSeen
        row = _make(known, entry, by, "hand_in", office, written)
        files.take_over(row, list(held.attachments.order_by("pk")), words.key_of(row))
        held.delete()
        return row

    return made(make)


def moved_in(entry: Told, more: dict[str, Any], *, by: Actor, written: list[str]) -> Accusation:
    """Make a report of an open matter that is being taken back, in the caller's transaction; ``more`` is known of it besides.

    Raises:
        WrongMoment: every office in whose name it could be kept is accused.
        BadInput: a field cannot be taken.
    """
    known = _clean(entry) | more
    office = office_for(known, Department.objects.get(pk=unit_of(by)), desk=True)
    return _make(known, entry, by, "move_in", office, written)


def waits(row: Accusation) -> bool:
    """Whether nobody on the list may see the report today: it runs towards its due day unseen until somebody is named."""
    return not access.recipients_for(words.of(row))


def _make(
    known: dict[str, Any], entry: Told, by: Actor, step: str, office: Department, written: list[str]
) -> Accusation:
    day = entry.received_on or moment.today()
    row = Accusation(
        number=words.new_number(office.paper_prefix or office.short_name, day.year), slip=words.new_slip(), office=office,
        state="received", received_on=day, registered_at=moment.now(), bars=access.bars_for(known),
    )  # fmt: skip
    if entry.ref:
        row.ref = entry.ref
    key = words.give_key(row)
    words.put(row, known, key)
    row.save(force_insert=True)
    if entry.uploads:
        files.add(row, entry.uploads, key=key, origin=files.FROM_REPORTER, day=day, written=written)
    row.due = clocks.start(row, "S1", day).due
    record.write(row, step, by=by, key=key, said={}, on_day=day)
    row.save(update_fields=["due", "events_count", "chain_head"])
    return row


# --- in whose name ------------------------------------------------------------------------------------------------------


def office_for(known: dict[str, Any], first: Department, *, desk: bool = False) -> Department:
    """Return the body whose name stands in a report's number and over its papers: never one that it is about.

    Args:
        first: whose it would be; ``desk``: only if that is a petition office (a clerk of any body hands in).

    Raises:
        WrongMoment: there is none but those that it is about.
    """
    roster = Roster()
    if (first.is_petition_office or not desk) and not _is_about(known, first, roster):
        return first
    units = [unit for user in access.recipients_for(known, roster) for unit in _units_of(user)]
    offices = Department.objects.in_force(moment.today()).filter(kind=DepartmentKind.PETITION_OFFICE).order_by("path")
    for office in [*sorted(units, key=lambda unit: not unit.is_petition_office), *offices]:
        if not _is_about(known, office, roster):
            return office
    raise WrongMoment(NOBODY_LEFT, rule=RULE)


def _units_of(user: User) -> list[Department]:
    posts = Post.objects.in_force(moment.today()).filter(user=user).select_related("department__parent").order_by("pk")
    return [_writes_as(post.department) for post in posts]


def _writes_as(body: Department) -> Department:
    """Return the body that an inner office writes as."""
    return body.parent if body.kind == DepartmentKind.INNER and body.parent is not None else body


def _is_about(known: dict[str, Any], office: Department, roster: Roster) -> bool:
    """Whether a body that the report is kept from is this one, above it or its heir: as recipients are barred, by any name it has had."""
    closed = [about.body for about in roster.about(known) if access.closes(about)]
    above = [one.path for body in closed for one in (body, roster.heir(body)) if one is not None]
    outside = known.get("accused_unit") or ""
    return any(office.path.startswith(path) for path in above) or bool(
        outside and (outside in office.name or office.name in outside)
    )


# --- what is told, in the form it is kept in --------------------------------------------------------------------------


def _clean(entry: Told) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    if entry.ref and not is_ref(entry.ref):
        wrong["ref"] = "登记页已过期，请重新打开。"
    known: dict[str, Any] = {
        "content": _words(entry, "content", CONTENT_LIMIT, wrong),
        "reporters": [_reporter(one, wrong) for one in entry.reporters],
        "accused": _names(entry.accused, wrong),
        "accused_units": [unit.pk for unit in entry.accused_units],
        "accused_unit": _words(entry, "accused_unit", 80, wrong),
        "channel": str(entry.channel),
        "hide_reporter": bool(entry.hide_reporter),
        "recused": [],
    }
    known["reporters"] = [one for one in known["reporters"] if any(one.values())]
    if beside := _beside(entry, wrong):
        day = (entry.received_on or moment.today()).isoformat()
        known["added"] = [{"origin": files.FROM_REPORTER, "on": day, "words": beside}]
    if not known["content"]:
        wrong.setdefault("content", "请记录反映的情况：什么人、什么时间、什么地点、什么事。")
    if entry.channel not in Channel.values:
        wrong["channel"] = "请选择来件形式。"
    if entry.received_on is not None and entry.received_on > moment.today():
        wrong["received_on"] = "日期不能晚于今天。"
    if wrong:
        raise BadInput(wrong, rule=RULE)
    return known


def _words(row: Any, name: str, limit: int, wrong: dict[str, str]) -> str:
    try:
        return told.words(getattr(row, name), limit, one_line=name != "content")
    except told.Wrong as refused:
        wrong[name] = str(refused)
        return ""


def _reporter(one: Reporter, wrong: dict[str, str]) -> dict[str, str]:
    said = {name: _words(one, name, 500, wrong) for name in asdict(one)}
    return said | {"phone": show_phone(said["phone"])}


def _beside(entry: Told, wrong: dict[str, str]) -> str:
    try:
        said = [told.words(words, CONTENT_LIMIT) for words in entry.beside]
    except told.Wrong as refused:
        wrong["content"] = str(refused)
        return ""
    return "\n".join(filter(None, said))


def _names(names: Sequence[str], wrong: dict[str, str]) -> list[str]:
    try:
        clean = [told.words(name, 60, one_line=True) for name in names]
    except told.Wrong as refused:
        wrong["accused"] = str(refused)
        return []
    if len(clean) > 20:
        wrong["accused"] = "最多写20人，更多的写在反映的情况里。"
    return [name for name in clean if name]


def answerable(known: dict[str, Any]) -> list[int]:
    """Return which of the reporters gave a name and can be reached: each of them is answered (Art.30)."""
    return [
        place for place, one in enumerate(known["reporters"])
        if one["name"] and one["name"] != "匿名" and (one["phone"] or one["address"])
    ]  # fmt: skip


def unanswered(known: dict[str, Any]) -> list[int]:
    """Return which of them have not been answered yet."""
    done = {one["reporter"] for one in known.get("answers", [])}
    return [place for place in answerable(known) if place not in done]


def real_name(known: dict[str, Any]) -> bool:
    """Whether somebody reported under his name and can be answered."""
    return bool(answerable(known))


def said_later(known: dict[str, Any]) -> list[str]:
    """Return what those who report said after the account, in its order."""
    return [one["words"] for one in known.get("added", []) if one["origin"] == files.FROM_REPORTER]


def reporter_in(known: dict[str, Any], text: str) -> str:
    """Return what of a reporter stands in ``text``, in words; ``""`` where nothing does."""
    said, digits = plain(text), "".join(char for char in text if char.isdecimal())
    for one in known["reporters"]:
        for name, label in _MARKS.items():
            mark = plain(one[name])
            if len(mark) > 1 and mark != "匿名" and (mark in said or _number(mark) in (digits or "-")):
                return label
    return ""


_MARKS = {"name": "姓名", "phone": "电话", "id_number": "证件号码", "address": "住址"}


def _number(mark: str) -> str:
    """The digits of a telephone or document number, which may be written in groups; of anything else nothing that could be met."""
    digits = "".join(char for char in mark if char.isdecimal())
    return digits if len(digits) >= 7 and len(digits) >= len(mark) - 3 else "none"
