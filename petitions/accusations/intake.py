"""How does a report come into the sealed room?  At the counter by a named recipient, or out of the open registration page.

What comes out of the open page leaves nothing there: the draft goes, its files change hands, no key of a sending is kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.identity import show_phone
from accounts.models import Department
from accounts.privacy import seal_with
from petitions import attachments
from petitions.access import unit_of
from petitions.accusations import access, clocks, record, roll, words
from petitions.actions import moment, told
from petitions.actions.register import may_register
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Accusation, AccusationFile, Attachment, Channel, Draft
from petitions.querycode import is_ref

RULE = "《信访工作条例》第十九条、第二十一条、第三十条"
CONTENT_LIMIT = 20_000
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
    before = Accusation.objects.filter(ref=entry.ref).first()
    if before is not None:
        return _same(before, by)
    try:
        with transaction.atomic():
            return _make(known, entry, by, "receive")
    except IntegrityError:
        return _same(Accusation.objects.get(ref=entry.ref), by)


def _same(row: Accusation, by: Actor) -> Accusation:
    """Pressed twice: the report that the first press made."""
    if not row.events.filter(seq=1, user=by.user).exists():
        raise WrongMoment("这张登记页已经用过，请重新打开。", rule="一张登记页只登记一次")
    return row


def hand_in(entry: Told, *, by: Actor, draft: Draft) -> Accusation:
    """Move what a clerk has typed on the open page into the sealed room; the draft and its traces go with it.

    Raises:
        WrongPerson: the post does not register.
        NotSeen: it is not the clerk's own draft, or it is gone.
        WrongMoment: nobody on the list could take it.
        BadInput: a field cannot be taken.
    """
    if not may_register(by) or by.token:
        raise WrongPerson("登记来件不是您这个岗位的职责。", rule=RULE)
    known = _clean(entry)
    if not access.recipients_for(known):
        raise WrongMoment(NOBODY_LEFT, rule=RULE)
    with transaction.atomic():
        held = Draft.objects.select_for_update().filter(pk=draft.pk, post=by.post, registered=None).first()
        if held is None:
            raise NotSeen
        row = _make(known, entry, by, "hand_in")
        _take_files(row, list(held.attachments.order_by("pk")))
        held.delete()
    return row


def _make(known: dict[str, Any], entry: Told, by: Actor, step: str) -> Accusation:
    office = by.department if unit_of(by) == by.department.pk else Department.objects.get(pk=unit_of(by))
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
    row.due = clocks.start(row, "S1", day).due
    record.write(row, step, by=by, key=key, said={}, on_day=day)
    row.save(update_fields=["due", "events_count", "chain_head"])
    return row


def _take_files(row: Accusation, files: Sequence[Attachment]) -> None:
    key = words.key_of(row)
    for file in files:
        meta = {"name": file.name, "media_type": file.media_type, "size": file.size}
        stored_as, own = attachments.release(file)
        AccusationFile.objects.create(
            accusation=row, stored_as=stored_as, sealed_key=seal_with(key, own, b"accusation-file:" + stored_as.encode()),
            sealed=seal_with(key, json.dumps(meta, ensure_ascii=False), b"accusation-meta:" + stored_as.encode()),
        )  # fmt: skip


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
    said = {name: _words(one, name, 120, wrong) for name in asdict(one)}
    return said | {"phone": show_phone(said["phone"])}


def _names(names: Sequence[str], wrong: dict[str, str]) -> list[str]:
    try:
        clean = [told.words(name, 60, one_line=True) for name in names]
    except told.Wrong as refused:
        wrong["accused"] = str(refused)
        return []
    if len(clean) > 20:
        wrong["accused"] = "最多写20人，更多的写在反映的情况里。"
    return [name for name in clean if name]


def real_name(known: dict[str, Any]) -> bool:
    """Whether somebody reported under his name and can be answered."""
    return any(one["name"] and one["name"] != "匿名" and (one["phone"] or one["address"]) for one in known["reporters"])
