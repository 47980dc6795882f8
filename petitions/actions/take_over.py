"""How does work under way come from paper?  As it stands, with its clocks from their first day; its history stays on paper.

The one verb beside `register` that makes a matter.  The road behind it is read off the law's table (`road`): each step gives
its state, meets and starts its clocks on its own day, and no event is made up: what happened before is one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts.actor import Actor
from accounts.models import Department, Role
from petitions import hooks, lifecycle, limits, numbers, papers
from petitions.access import Row
from petitions.actions import clocks, moment, road, standing, told
from petitions.actions.door import owner_of
from petitions.actions.entered import checked
from petitions.actions.insert import insert_together, take_ids
from petitions.actions.matter import Matter
from petitions.actions.open_case import IssuedPaper, OpenCase
from petitions.actions.register import Registered, new_matter, references_of
from petitions.errors import BadInput, WrongPerson
from petitions.lifecycle import Step
from petitions.models import (
    Assignment,
    Claim,
    Clock,
    Event,
    ExternalReference,
    Filing,
    Mode,
    Paper,
    Party,
    Petition,
    Petitioner,
    PetitionerView,
    Proceeding,
    Reach,
    Route,
)
from petitions.workdays import is_overdue

TAKES_OVER = frozenset({Role.TRIAGE, Role.OFFICE_HEAD})
STEP = "take_over"
_FROM = "纸质台账"
_OFFICE_PAPERS = frozenset(
    {"transfer_letter", "assign_letter", "submission", "instruction", "supervision_letter", "reminder"}
)
_LONGEST_NUMBER = 24
_NO_CODE = ""  # nobody is there to be given one: the counter makes it when he asks


def may_take_over(by: Actor) -> bool:
    """Whether bringing work under way into the system is among the duties of the post: the petition office's own."""
    return by.role in TAKES_OVER and by.department.is_petition_office


def take_over(case: OpenCase, *, by: Actor) -> Registered:
    """Bring a matter under way into the system, and return it.

    Raises:
        WrongPerson: the post does not take over.
        BadInput: it contradicts the law's table, or a number is in use; ``fields`` says which.
    """
    return take_over_many([case], by=by)[0]


def take_over_many(cases: Sequence[OpenCase], *, by: Actor) -> list[Registered]:
    """Bring matters under way into the system together, all or none: as `take_over` does one, in one round trip for all rows.

    Raises:
        WrongPerson, BadInput: one of them cannot be taken (one by one tells which).
    """
    if not may_take_over(by):
        raise WrongPerson("接收在办件由信访部门的受理和负责人岗位办理。", rule=road.RULE)
    told_as = [_checked(case, by) for case in cases]
    with transaction.atomic():
        standing.hold({by.department, *(body for case, _ in told_as for body in _bodies(case))})
        _check_unused([case.number for case, _ in told_as])
        rules, ids = cache(limits.rules_on), _Ids.of([case for case, _ in told_as])
        built = [_built(case, received_on, by, rules, ids) for case, received_on in told_as]
        _write([row for _, own in built for row in own])
        _reserve([case for case, _ in told_as], by.department)
        hooks.tell_new([made.petition for made, _ in built], step=STEP, at=moment.now())
    return [made for made, _ in built]


def _checked(case: OpenCase, by: Actor) -> tuple[OpenCase, date]:
    """The case as it can be taken, and the day it was received."""
    entry, received_on = checked(replace(case.entry, imported_from=_FROM))
    road.check(case, received_on, by.department)
    return replace(case, entry=entry, number=_number(case.number)), received_on


def _bodies(case: OpenCase) -> Iterator[Department]:
    yield from case.co_units
    if case.lead is not None:
        yield case.lead


def _check_unused(wanted: Sequence[str]) -> None:
    found = Petition.objects.filter(number__in=wanted).values_list("number", flat=True)[:1]
    for number in found:
        raise BadInput({"number": f"编号{number}已经有了。"}, rule=road.RULE)


def _write(rows: Iterable[Model]) -> None:
    try:
        with transaction.atomic():
            insert_together(sorted(rows, key=lambda row: _ORDER.index(type(row))))
    except IntegrityError:
        raise BadInput({"number": "编号、文号或外部编号已经有了。"}, rule=road.RULE) from None


_ORDER: tuple[type[Model], ...] = (
    Petition, Filing, Petitioner, Party, Assignment, Proceeding, Claim, Clock, Paper, Event, Reach, ExternalReference,
)  # fmt: skip


def _number(told_as: str) -> str:
    try:
        clean = told.words(told_as, _LONGEST_NUMBER, one_line=True)
    except told.Wrong as refused:
        raise BadInput({"number": f"编号：{refused}"}, rule=road.RULE) from None
    if not clean:
        raise BadInput({"number": "请填写原来的编号。"}, rule=road.RULE)
    return clean


def _reserve(cases: Iterable[OpenCase], office: Department) -> None:
    """No number that was brought in is ever given again: each series begins after the highest of its year."""
    highest: dict[tuple[int, str, int], int] = {}
    for case in cases:
        for body, kind, (year, serial) in _numbers_of(case, office):
            series = (body.pk, kind, year)
            highest[series] = max(serial, highest.get(series, 0))
    for (body_id, kind, year), serial in sorted(highest.items()):
        numbers.reserve(body_id, kind, year, serial)


def _numbers_of(case: OpenCase, office: Department) -> Iterator[tuple[Department, str, tuple[int, int]]]:
    """Whose series, which one, (year, serial): of the numbers that this system would give."""
    found = numbers.matter_serial(case.number, office.paper_prefix or office.short_name)
    if found is not None:
        yield office, numbers.MATTER, found
    for paper in case.papers:
        body = _issuer(paper, case, office)
        known = _serial(paper, body)
        if known is not None:
            yield body, paper.kind, known


def _issuer(paper: IssuedPaper, case: OpenCase, office: Department) -> Department:
    return office if paper.kind in _OFFICE_PAPERS or case.lead is None else case.lead


def _serial(paper: IssuedPaper, body: Department) -> tuple[int, int] | None:
    """(year, serial) where the number is one that this system would give."""
    return numbers.paper_serial(paper.number, body.paper_prefix or body.short_name, lifecycle.PAPERS[paper.kind].mark)


# --- the rows -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Ids:
    """Primary keys taken ahead for the rows of many matters."""

    petitions: Iterator[int]
    filings: Iterator[int]
    people: Iterator[int]
    holds: Iterator[int]
    runs: Iterator[int]

    @classmethod
    def of(cls, cases: Sequence[OpenCase]) -> _Ids:
        """As many as ``cases`` can need, in one round trip."""
        heads = sum(len(case.entry.people) for case in cases)
        holds = sum(1 + len(case.co_units) for case in cases)
        wanted = (
            (Petition, len(cases)),
            (Filing, len(cases)),
            (Petitioner, heads),
            (Assignment, holds),
            (Proceeding, len(cases)),
        )
        return cls(*(iter(keys) for keys in take_ids(*wanted)))


@dataclass
class _Walk:
    """A matter on its way along the road, nothing written."""

    case: OpenCase
    matter: Matter
    by: Actor
    rules: Callable[[date], limits.Rules]
    holds: Iterator[int]
    runs: Iterator[int]

    def on(self, kind: str) -> Row:
        """The row that steps and clocks of a kind are on."""
        if kind == "filing":
            return self.matter.first_filing
        row = self.matter.lead if kind == "assignment" else self.matter.handling
        assert row is not None
        return row


def _built(
    case: OpenCase, received_on: date, by: Actor, rules: Callable[[date], limits.Rules], ids: _Ids
) -> tuple[Registered, list[Model]]:
    """The matter and all its rows, unsaved."""
    made, rows = new_matter(
        case.entry, received_on, by, by.department, rules(received_on), _NO_CODE,
        (next(ids.petitions), next(ids.filings), ids.people), case.number, step=STEP, said=_said(case),
    )  # fmt: skip
    matter = Matter(made.petition, [made.filing], clocks=[row for row in rows if isinstance(row, Clock)])
    walk = _Walk(case, matter, by, rules, ids.holds, ids.runs)
    for step in road.road_of(case):
        _take(walk, step)
    _finish(walk, [row for row in rows if isinstance(row, Claim)])
    kept = [row for row in rows if not isinstance(row, Reach | Clock)]
    return replace(made, clock=matter.due()), [
        *kept, *matter.assignments, *matter.proceedings, *matter.clocks, *_papers(walk), *matter.wanted_reach().values(),
        *references_of(case.entry, made.filing),
    ]  # fmt: skip


def _said(case: OpenCase) -> dict[str, object]:
    """What the event says in clear: how far it was, since when, and which papers there are."""
    days = {name: day for name in road.LABELS if (day := getattr(case, name)) is not None}
    said: dict[str, object] = {"stage": case.stage, "papers": [paper.number for paper in case.papers], **days}
    if case.lead is not None:
        said |= {"department": case.lead.pk, "mode": str(case.mode), "co_units": [body.pk for body in case.co_units]}
    return said


def _take(walk: _Walk, step: Step) -> None:
    """One step that lies behind: its state, the clocks it met, ended and started, on its own day."""
    day = road.day_of(walk.case, step)
    _MADE.get(step.code, _nothing)(walk, day or moment.today())
    walk.on(step.on).state = step.to  # type: ignore[union-attr]
    if day is None:
        return
    for clock in walk.matter.running(*step.stops, *step.cancels):
        _end(clock, day, Clock.Ended.CANCELLED if clock.name in step.cancels else "")
    for code in _starts(walk.case, step):
        _start(walk, code, day)


def _starts(case: OpenCase, step: Step) -> tuple[str, ...]:
    return ("T5'",) if step.code == "accept" and case.simplified else step.starts


def _start(walk: _Walk, code: str, day: date) -> None:
    case, row, petition = walk.case, walk.on(lifecycle.CLOCKS[code].on), walk.matter.petition
    length = (case.limit_on - day).days if code == "T8" and case.limit_on else None
    clock = clocks.new_clock(
        petition,
        code,
        row,
        start=day,
        rules=walk.rules(day),
        department_id=owner_of(code, row, petition),
        length=length,
    )
    if code == "T5" and case.extended_days:
        clocks.longer(clock, case.extended_days, walk.rules(day))
    walk.matter.clocks.append(clock)


def _end(clock: Clock, day: date, how: str = "") -> None:
    clock.ended_on = day
    clock.ended = how or (Clock.Ended.MET if day <= clock.due else Clock.Ended.LATE)


# What a step leaves beyond its state and clocks, or asks of the days before it.


def _nothing(walk: _Walk, day: date) -> None:
    """Nothing."""


def _routed(walk: _Walk, day: date) -> None:
    case = walk.case
    assert case.lead is not None
    walk.matter.assignments.append(
        _hold(
            walk, case.lead, day, mode=case.mode, lead=True, state="sent", limit_on=case.limit_on, handler=case.handler
        )
    )


def _hold(walk: _Walk, body: Department, day: date, **more: Any) -> Assignment:
    return Assignment(
        pk=next(walk.holds), petition=walk.matter.petition, department=body, sender_id=walk.by.department.pk,
        sender_post=walk.by.post, sent_on=day, **more,
    )  # fmt: skip


def _signed(walk: _Walk, day: date) -> None:
    _lead(walk).received_on = day


def _lead(walk: _Walk) -> Assignment:
    held = walk.matter.lead
    assert held is not None
    return held


def _objected(walk: _Walk, day: date) -> None:
    (window,) = walk.matter.running("T4")
    if is_overdue(window.due, day):
        raise BadInput({"objected_on": "异议要自收到之日起5个工作日内提出（第二十三条）。"}, rule=road.RULE)
    _lead(walk).objected_on = day


def _accepted(walk: _Walk, day: date) -> None:
    case, held = walk.case, _lead(walk)
    held.decided_on = day
    walk.matter.proceedings.append(
        Proceeding(
            pk=next(walk.runs), petition=walk.matter.petition, assignment=held, department=held.department, kind="handling",
            state="handling", simplified=case.simplified, started_on=day, handler=case.handler,
            extended_days=case.extended_days, issued_on=case.issued_on, delivered_on=case.delivered_on,
            petitioner_view=case.view if case.delivered_on else "",
        )
    )  # fmt: skip
    for body in case.co_units:
        walk.matter.assignments.append(
            _hold(walk, body, day, mode=Mode.CO, lead=False, state="co_signed", received_on=day)
        )


def _lapsed(walk: _Walk, day: date) -> None:
    """The window of review is over, or the stage is wrong (Art.35); since then it waits to be closed."""
    (window,) = walk.matter.running("T6")
    _close_window(walk, day, "stage")
    _start(walk, "TN", window.due + timedelta(days=1))


def _closed(walk: _Walk, day: date) -> None:
    """Closed before the window was over only where the petitioner agreed; it then runs on (Art.35)."""
    if walk.case.view != PetitionerView.AGREES:
        _close_window(walk, day, "closed_on")


def _close_window(walk: _Walk, day: date, name: str) -> None:
    (window,) = walk.matter.running("T6")
    if not is_overdue(window.due, day):
        sentence = f"申请复查的期限到{window.due:%Y年%-m月%-d日}才届满（第三十五条）；信访人同意的，请填信访人意见。"
        raise BadInput({name: sentence}, rule=road.RULE)
    _end(window, window.due + timedelta(days=1), Clock.Ended.LAPSED)


_MADE: Mapping[str, Callable[[_Walk, date], None]] = {
    "transfer": _routed, "assign": _routed, "sign_for": _signed, "object": _objected, "accept": _accepted,
    "lapse": _lapsed, "close": _closed,
}  # fmt: skip


def _finish(walk: _Walk, claims: Sequence[Claim]) -> None:
    """The report to the assigning office, the claims in the run, and what is derived."""
    case, matter, petition = walk.case, walk.matter, walk.matter.petition
    if case.reported_on is not None:
        _lead(walk).state = lifecycle.STEPS["report_back"].to
        for clock in matter.running("T8", on=_lead(walk)):
            _end(clock, case.reported_on)
    run = matter.handling
    for claim in claims if run is not None else ():
        claim.proceeding, claim.route = run, Route.PETITION
        claim.support, claim.answer = case.support, "见纸质处理意见书。" if case.issued_on else ""
    petition.outcome, petition.closed_on = "opinion" if case.issued_on else "", case.closed_on
    for clock in matter.running(*lifecycle.CLOCKS):
        clock.warned = limits.share_told(clock.start, clock.raw_due, moment.today())  # what is past is told no more
    matter.derive()


def _papers(walk: _Walk) -> list[Paper]:
    """The papers, each by its number; where it reads as one of ours, in our writing of it."""
    found = []
    for told_as in walk.case.papers:
        body = _issuer(told_as, walk.case, walk.by.department)
        run = walk.matter.handling if told_as.kind in ("opinion", "extension_notice") else None
        found.append(
            papers.bring_in(
                told_as.kind, petition=walk.matter.petition, body=body, by=walk.by.post, number=told_as.number,
                serial=_serial(told_as, body), issued_on=told_as.issued_on, proceeding=run,
                served_on=told_as.served_on, served_how=told_as.served_how,
            )
        )  # fmt: skip
    return found


__all__ = ["STEP", "TAKES_OVER", "IssuedPaper", "OpenCase", "may_take_over", "take_over", "take_over_many"]
