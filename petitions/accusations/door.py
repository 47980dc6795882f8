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
from petitions import attachments
from petitions.accusations import access, clocks, papers, record, words
from petitions.actions import moment, told
from petitions.errors import BadInput, NotSeen, Stale, WrongMoment
from petitions.law.accusations import STATES, STEPS, GuardedStep
from petitions.models import Accusation, AccusationPaper, AccusationReading

LONG, SHORT = 5_000, 200
SAVED = ("state", "closed_on", "bars", "due", "words", "archived_on", "keep_until", "office")
NEVER = "《信访工作条例》第三十条第三款、第四十六条第五项"


@dataclass
class Work:
    """One step in progress.

    Attributes:
        known: all that is known of the report; what an effect changes in it is sealed again at the end.
        said: what the event and the paper will say; ``on_paper``: what the paper alone says.
        to, starts, stops, resumes: as the row of the law has them, unless the effect says otherwise.
        trace: the line of ``known`` that the paper's number is noted in.
        written: files that this step has written: thrown away again when it is refused.
        then: what is done last, when the event is written.
    """

    step: GuardedStep
    row: Accusation
    by: Actor
    day: date
    key: bytes
    known: dict[str, Any]
    said: dict[str, Any] = field(default_factory=dict)
    on_paper: dict[str, Any] = field(default_factory=dict)
    to: str = ""
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    trace: dict[str, Any] | None = None
    written: list[str] = field(default_factory=list)
    paper: AccusationPaper | None = None
    then: Callable[[], None] | None = None


class Forbidden(Exception):
    """The report would go to whom it is about: written down, then said."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name, self.why = name, why


EFFECTS: dict[str, Callable[..., None]] = {}


def effect(*codes: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as what the steps ``codes`` change."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        for code in codes:
            EFFECTS[code] = function
        return function

    return register


def clean(name: str, value: object, missing: str = "", limit: int = LONG) -> str:
    """Return the words of the field ``name``.

    Raises:
        BadInput: they cannot be kept, or there are none and ``missing`` says that there must be.
    """
    try:
        said = told.words(value, limit, one_line=limit == SHORT)
    except told.Wrong as refused:
        raise BadInput({name: str(refused)}) from None
    if missing and not said:
        raise BadInput({name: missing})
    return said


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
    written: list[str] = []
    try:
        with transaction.atomic():
            work = _locked(law, on, by, seen)
            work.written = written
            return _take(work, said)
    except Forbidden as forbidden:
        _write_down(on, by, forbidden)
        sentence = (
            f"{forbidden.why}检举控告材料和有关情况不得透露或者转给被检举、揭发的人员或者单位。这次操作已经记录。"
        )
        raise BadInput({forbidden.name: sentence}, rule=NEVER) from None
    except BaseException:
        attachments.discard(written)
        raise


def _locked(law: GuardedStep, on: Accusation, by: Actor, seen: int | None) -> Work:
    row = access.visible_to(by).select_related("office").select_for_update(of=("self",)).filter(pk=on.pk).first()
    if row is None:
        raise NotSeen
    if seen is not None and seen != row.events_count:
        raise Stale("您打开页面之后，别人已经办过一步。您填写的内容已保留，请核对后再提交。", since=[])
    if row.state not in law.from_:
        raise WrongMoment(f"现在是“{STATES[row.state]}”，不能“{law.label}”。", rule=f"《信访工作条例》{law.article}")
    return Work(
        law, row, by, moment.today(), words.key_of(row), words.of(row), to=law.to or row.state, starts=law.starts,
        stops=law.stops, resumes=law.resumes,
    )  # fmt: skip


def _take(work: Work, said: dict[str, Any]) -> Work:
    try:
        EFFECTS[work.step.code](work, **said)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise BadInput({"form": f"“{work.step.label}”的填写项不完整。"}) from error
    row, step = work.row, work.step
    clocks.end(row, work.stops, work.day)
    clocks.end(row, step.cancels, work.day, cancelled=True)
    for name in work.resumes:
        clocks.resume(row, name)
    for name in work.starts:
        clocks.start(row, name, work.day)
    if step.paper and work.said.get("by_paper", True):
        work.paper = papers.issue(
            row,
            step.paper,
            by=work.by.post,
            on_day=work.day,
            key=work.key,
            told=work.known,
            said=work.said | work.on_paper,
        )
        work.said["paper"] = work.paper.number
        if work.trace is not None:
            work.trace["paper"] = work.paper.number
    row.state = work.to
    row.closed_on = work.day if step.to == "closed" else row.closed_on
    row.bars, row.due = access.next_bars(row, work.known), clocks.next_due(row)
    words.put(row, work.known, work.key)
    record.write(row, step.code, by=work.by, key=work.key, said=work.said, on_day=work.day)
    row.save(update_fields=[*SAVED, "events_count", "chain_head"])
    if work.then is not None:
        work.then()
    return work


def _write_down(on: Accusation, by: Actor, forbidden: Forbidden) -> None:
    with transaction.atomic():
        row = Accusation.objects.select_for_update().get(pk=on.pk)
        key = words.key_of(row)
        record.write(row, "refused", by=by, key=key, said={"why": forbidden.why})
        row.save(update_fields=["events_count", "chain_head"])
        record.note_reading(by, AccusationReading.Kind.REFUSED, row)
