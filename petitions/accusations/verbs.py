"""How is a sealed report taken one step on?  Look, lock, check the moment, change, record: one transaction, as at the open door.

An attempt to hand it to the accused unit, to one below it or to the accused is refused in words and stays in the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.dates import today as today_of
from accounts.models import Department, Post, Role
from petitions.accusations import access, clocks, intake, papers, record, words
from petitions.actions import moment, told
from petitions.errors import BadInput, NotSeen, Stale, WrongMoment, WrongPerson
from petitions.law.accusations import REMITS, STATES, STEPS, GuardedStep
from petitions.models import Accusation, AccusationPaper, AccusationReading

LONG, SHORT = 5_000, 200
NEVER = "《信访工作条例》第三十条第三款、第四十六条第五项"


@dataclass
class Work:
    """One step in progress.

    Attributes:
        known: all that is known of the report; what an effect changes in it is sealed again at the end.
        said: what the event and the paper will say.
        to: the state it goes to, where the effect knows better than the table.
    """

    step: GuardedStep
    row: Accusation
    by: Actor
    day: date
    key: bytes
    known: dict[str, Any]
    said: dict[str, Any] = field(default_factory=dict)
    starts: tuple[str, ...] = ()
    paper: AccusationPaper | None = None


class _Forbidden(Exception):
    """The report would go to whom it is about: written down, then said."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name, self.why = name, why


def advance(step: str, *, on: Accusation, by: Actor, seen: int | None = None, **said: Any) -> Work:
    """Take one step on a report, and return what was done.

    Args:
        seen: the number of events the person had before his eyes; None skips the question.
        said: what the step's form asks for.

    Raises:
        NotSeen, WrongMoment, WrongPerson, Stale, BadInput: nothing has been changed, but that an attempt to pass the
            report to whom it is about has been written down.
    """
    law = STEPS.get(step)
    if law is None:
        raise NotSeen
    try:
        with transaction.atomic():
            return _take(_locked(law, on, by, seen), said)
    except _Forbidden as forbidden:
        _write_down(on, by, forbidden)
        sentence = (
            f"{forbidden.why}检举控告材料和有关情况不得透露或者转给被检举、揭发的人员或者单位。这次操作已经记录。"
        )
        raise BadInput({forbidden.name: sentence}, rule=NEVER) from None


def _locked(law: GuardedStep, on: Accusation, by: Actor, seen: int | None) -> Work:
    row = access.visible_to(by).select_related("office").select_for_update(of=("self",)).filter(pk=on.pk).first()
    if row is None:
        raise NotSeen
    if seen is not None and seen != row.events_count:
        raise Stale("您打开页面之后，别人已经办过一步。您填写的内容已保留，请核对后再提交。", since=[])
    if row.state not in law.from_:
        raise WrongMoment(f"现在是“{STATES[row.state]}”，不能“{law.label}”。", rule=f"《信访工作条例》{law.article}")
    return Work(law, row, by, moment.today(), words.key_of(row), words.of(row), starts=law.starts)


def _take(work: Work, said: dict[str, Any]) -> Work:
    try:
        EFFECTS[work.step.code](work, **said)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise BadInput({"form": f"“{work.step.label}”的填写项不完整。"}) from error
    row, step = work.row, work.step
    clocks.end(row, step.stops, work.day)
    clocks.end(row, step.cancels, work.day, cancelled=True)
    for name in work.starts:
        clocks.start(row, name, work.day)
    if step.paper and work.said.get("by_paper", True):
        work.paper = papers.issue(
            row, step.paper, by=work.by.post, on_day=work.day, key=work.key, told=work.known, said=work.said
        )
        work.said["paper"] = work.paper.number
    row.state = step.to or row.state
    row.closed_on = work.day if row.state == "closed" else None
    row.bars, row.due = access.bars_for(work.known), clocks.next_due(row)
    words.put(row, work.known, work.key)
    record.write(row, step.code, by=work.by, key=work.key, said=work.said, on_day=work.day)
    row.save(update_fields=["state", "closed_on", "bars", "due", "words", "events_count", "chain_head"])
    return work


def _write_down(on: Accusation, by: Actor, forbidden: _Forbidden) -> None:
    with transaction.atomic():
        row = Accusation.objects.select_for_update().get(pk=on.pk)
        key = words.key_of(row)
        record.write(row, "refused", by=by, key=key, said={"why": forbidden.why})
        row.save(update_fields=["events_count", "chain_head"])
        record.note_reading(by, AccusationReading.Kind.REFUSED, row)


# --- what the steps change ---------------------------------------------------------------------------------------------

EFFECTS: dict[str, Callable[..., None]] = {}


def _effect(*codes: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def register(function: Callable[..., None]) -> Callable[..., None]:
        for code in codes:
            EFFECTS[code] = function
        return function

    return register


def _text(name: str, value: object, missing: str = "", limit: int = LONG) -> str:
    try:
        text = told.words(value, limit, one_line=limit == SHORT)
    except told.Wrong as refused:
        raise BadInput({name: str(refused)}) from None
    if missing and not text:
        raise BadInput({name: missing})
    return text


@_effect("examine")
def _examine(
    work: Work, *, accused: list[str], units: list[Department], remit: str, accused_unit: str = "", major: bool = False,
    note: str = "",
) -> None:  # fmt: skip
    if remit not in REMITS:
        raise BadInput({"remit": "请选择归谁管。"})
    names = [_text("accused", name, limit=SHORT) for name in accused if name.strip()]
    outside = _text("accused_unit", accused_unit, limit=SHORT)
    if not (names or units or outside):
        raise BadInput({"accused": "请写明被反映的人或者单位；写不明的，写“不明”。"})
    work.known |= {
        "accused": names, "accused_units": [unit.pk for unit in units], "accused_unit": outside, "remit": remit,
        "major": bool(major), "examined_by": work.by.user.pk,
    }  # fmt: skip
    left = access.recipients_for(work.known)
    if not left:
        raise BadInput({"units": intake.NOBODY_LEFT}, rule=intake.RULE)
    work.said |= {
        "accused": names, "units": [unit.name for unit in units], "accused_unit": outside, "remit": REMITS[remit],
        "major": bool(major), "note": _text("note", note),
    }  # fmt: skip


def _checked_body(work: Work, body: Department | None, outside: str) -> str:
    """Return the name of the body that something of the report goes to, if it may."""
    name = _text("outside", outside, limit=SHORT)
    if (body is None) == (not name):
        raise BadInput({"body": "请选择接收机关；不在名单里的，写在下面一栏。只填一处。"})
    why = access.why_not_to(work.known, body) if body else access.why_not_to_words(work.known, name)
    if why:
        raise _Forbidden("body" if body else "outside", why)
    return body.name if body else name


@_effect("transfer")
def _transfer(work: Work, *, body: Department | None = None, outside: str = "", note: str = "") -> None:
    name = _checked_body(work, body, outside)
    work.known.setdefault("sent", []).append({"to": name, "on": work.day.isoformat()})
    work.said |= {"to": name, "note": _text("note", note)}


@_effect("inform")
def _inform(work: Work, *, body: Department | None = None, outside: str = "", note: str = "") -> None:
    work.said |= {"to": _checked_body(work, body, outside), "note": _text("note", note)}


@_effect("report", "report_on")
def _report(work: Work, *, leader: Post, proposal: str) -> None:
    if leader.role != Role.LEADER or not Post.objects.in_force(today_of()).filter(pk=leader.pk).exists():
        raise BadInput({"leader": "请选择在任的主要负责同志或者分管负责同志。"})
    why = access.why_not_to_leader(work.known, leader)
    if why:
        raise _Forbidden("leader", why)
    duty = leader.title or leader.get_role_display()
    work.said |= {"to": f"{leader.user.name}同志（{duty}）", "note": _text("proposal", proposal, "请写明呈报的建议。")}


@_effect("taken_over")
def _taken_over(work: Work, *, note: str = "") -> None:
    if not work.row.clocks.filter(name="S2", ended="").exists():
        raise WrongMoment("已经记录过对方接收。", rule="第二十三条")
    work.said["note"] = _text("note", note)


@_effect("returned")
def _returned(work: Work, *, reason: str) -> None:
    work.said["note"] = _text("reason", reason, "请写明对方退回的理由。")


@_effect("result")
def _result(work: Work, *, result: str) -> None:
    work.known["result"] = work.said["note"] = _text("result", result, "请写明反馈的办理结果。")
    if not intake.real_name(work.known):
        work.starts = ()  # nobody is there to be answered


@_effect("answer")
def _answer(work: Work, *, how: str, answer: str) -> None:
    if not intake.real_name(work.known):
        raise WrongMoment("没有可以答复的人（匿名，或者没有留电话和住址）。", rule="第三十条")
    if how not in HOW:
        raise BadInput({"how": "请选择答复方式。"})
    text = _text("answer", answer, "请写明答复了什么。")
    if how == "letter":
        named = next((name for name in work.known["accused"] if access.plain_name(name) in access.plain_name(text)), "")
        if named:
            raise BadInput({"answer": "书面答复可能被别人拆看：不要写被反映人的姓名。"}, rule=NEVER)
    reporter = next(one["name"] for one in work.known["reporters"] if one["name"])
    work.said |= {"how": HOW[how], "note": text, "reporter": reporter, "by_paper": how == "letter"}


HOW = {"talk": "当面", "phone": "电话", "letter": "书面"}


@_effect("close")
def _close(work: Work, *, note: str = "") -> None:
    if work.row.state == "resulted" and intake.real_name(work.known):
        text = _text("note", note)
        if not text:
            raise BadInput(
                {"note": "实名检举控告的，先答复本人；确实联系不上的，在这里写明联系经过。"}, rule="第三十条第一款"
            )
    work.said["note"] = _text("note", note)


@_effect("file_away")
def _file_away(work: Work, *, reason: str) -> None:
    if work.known.get("examined_by") == work.by.user.pk:
        raise WrongPerson("存查由甄别人以外的另一名专门受理人员决定。", rule="第三十条（内部核对）")
    work.said["note"] = _text("reason", reason, "请写明为什么没有可查的线索。")


@_effect("recuse")
def _recuse(work: Work, *, reason: str = "") -> None:
    known = work.known | {"recused": sorted({*work.known.get("recused", []), work.by.user.pk})}
    if not access.recipients_for(known):
        raise WrongMoment("名单上没有别人可以接着办：请先按程序增补专门受理人员。", rule="第二十八条")
    work.known["recused"] = known["recused"]
    work.said["note"] = _text("reason", reason)


__all__ = ["HOW", "Work", "advance"]
