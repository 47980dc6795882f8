"""How does work under way come from paper?  As it stands, with its clocks from their first day; its history stays on paper.

The one verb beside `register` that makes a matter.  The road behind it is read off the law's table (`road`): each step gives
its state, meets and starts its clocks on its own day, and no event is made up: what happened before is one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts.actor import Actor
from accounts.models import Department, Role
from petitions import hooks, lifecycle, limits, numbers, papers
from petitions.actions import moment, road, standing, told
from petitions.actions.behind import Ids, Walk, end, handled, lead_of, take, upward
from petitions.actions.entered import checked
from petitions.actions.insert import insert_together
from petitions.actions.matter import Matter
from petitions.actions.open_case import Again, IssuedPaper, OpenCase
from petitions.actions.register import Registered, new_matter, references_of
from petitions.errors import BadInput, WrongPerson
from petitions.models import (
    Assignment,
    Claim,
    Clock,
    Event,
    ExternalReference,
    Filing,
    Mediation,
    Paper,
    Party,
    PartyRole,
    Petition,
    Petitioner,
    Proceeding,
    Reach,
)

TAKES_OVER = frozenset({Role.TRIAGE, Role.OFFICE_HEAD})
STEP = "take_over"
_FROM = "纸质台账"
_OFFICE_PAPERS = frozenset(
    {"transfer_letter", "assign_letter", "submission", "instruction", "supervision_letter", "reminder"}
)
# Of which run a paper is; the others are the matter's.
_OF_A_RUN = {
    "opinion": "handling", "extension_notice": "handling", "suggestion_reply": "study", "duty_reply": "duty",
    "review_accepted": "review", "review_opinion": "review", "rereview_opinion": "rereview",
}  # fmt: skip
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
        rules, ids = cache(limits.rules_on), Ids.of([case for case, _ in told_as])
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
    yield from (body for body in (case.lead, case.review_body, case.rereview_body) if body is not None)


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
    Petition, Filing, Petitioner, Party, Assignment, Proceeding, Mediation, Claim, Clock, Paper, Event, Reach,
    ExternalReference,
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
    """Whose paper it is: the petition office's, the lead unit's, or that of the body which reviews."""
    kind = _run_kind(paper, case)
    body = {"review": case.review_body, "rereview": case.rereview_body}.get(kind, case.lead)
    return office if paper.kind in _OFFICE_PAPERS or body is None else body


def _run_kind(paper: IssuedPaper, case: OpenCase) -> str:
    """Of which kind of run it is: the main one, the review, or the re-review; what was accepted after its application is its own."""
    again = case.rereview_applied_on
    if paper.kind == "review_accepted" and again is not None and paper.issued_on >= again:
        return "rereview"
    return _OF_A_RUN.get(paper.kind, case.main)


def _serial(paper: IssuedPaper, body: Department) -> tuple[int, int] | None:
    """(year, serial) where the number is one that this system would give."""
    return numbers.paper_serial(paper.number, body.paper_prefix or body.short_name, lifecycle.PAPERS[paper.kind].mark)


# --- the rows -----------------------------------------------------------------------------------------------------


def _built(
    case: OpenCase, received_on: date, by: Actor, rules: Callable[[date], limits.Rules], ids: Ids
) -> tuple[Registered, list[Model]]:
    """The matter and all its rows, unsaved."""
    made, rows = new_matter(
        case.entry, received_on, by, by.department, rules(received_on), _NO_CODE,
        (next(ids.petitions), next(ids.filings), ids.people), case.number, step=STEP, said=_said(case),
    )  # fmt: skip
    matter = Matter(made.petition, [made.filing], clocks=[row for row in rows if isinstance(row, Clock)])
    walk = Walk(case, matter, by, rules, ids, [row for row in rows if isinstance(row, Claim)])
    for leg in road.road_of(case):
        take(walk, leg)
    upward(walk)
    _finish(walk)
    kept = [row for row in rows if not isinstance(row, Reach | Clock)]
    more = _again(walk, next(row for row in rows if isinstance(row, Party) and row.role == PartyRole.LEAD))
    return replace(made, clock=matter.due()), [
        *kept, *more, *matter.assignments, *matter.proceedings, *walk.beside, *matter.clocks, *_papers(walk),
        *matter.wanted_reach().values(), *references_of(case.entry, made.filing),
    ]  # fmt: skip


def _said(case: OpenCase) -> dict[str, object]:
    """What the event says in clear: how far it was, since when, and which papers there are."""
    days = {name: day for name in road.LABELS if (day := getattr(case, name)) is not None}
    said: dict[str, object] = {"stage": case.stage, "papers": [paper.number for paper in case.papers], **days}
    if case.lead is not None:
        said |= {"department": case.lead.pk, "mode": str(case.mode), "co_units": [body.pk for body in case.co_units]}
    if case.main != "handling":
        said["main"] = case.main
    if case.again:
        said["again"] = sorted(one.received_on for one in case.again)
    return said


def _again(walk: Walk, lead: Party) -> list[Model]:
    """The further filings, each with its own number and day under the matter; nobody was given a query code for them."""
    first, rows = walk.matter.first_filing, list[Model]()
    for nth, one in enumerate(sorted(walk.case.again, key=lambda one: one.received_on), start=2):
        filing = _repeat(walk, first, one, nth)
        rows += [filing, Party(filing=filing, petitioner=lead.petitioner, role=PartyRole.LEAD)]
        rows += [ExternalReference(filing=filing, system=system, number=number) for system, number in one.references]
    return rows


def _repeat(walk: Walk, first: Filing, one: Again, nth: int) -> Filing:
    petition = walk.matter.petition
    return Filing(
        pk=next(walk.ids.filings), petition=petition, number=numbers.filing_number(petition.number, nth), channel=one.channel,
        office=first.office, registrar=first.registrar, received_on=one.received_on, recorded_at=first.recorded_at,
        repeat=True, state="merged",
    )  # fmt: skip


_OUTCOMES = {"handling": "opinion", "study": "suggestion", "duty": "duty"}


def _finish(walk: Walk) -> None:
    """The report to the assigning office, what the claims were answered, and what is derived."""
    case, matter, petition = walk.case, walk.matter, walk.matter.petition
    if case.reported_on is not None:
        lead_of(walk).state = lifecycle.STEPS["report_back"].to
        for clock in matter.running("T8", on=lead_of(walk)):
            end(clock, case.reported_on)
    for claim in handled(walk) if _last_change(case) != "revoke" else ():
        claim.support, claim.answer = case.support, "见纸质处理意见书。" if case.issued_on else ""
    petition.outcome, petition.closed_on = _outcome(case), case.closed_on
    for clock in matter.running(*lifecycle.CLOCKS):
        clock.warned = limits.share_told(clock.start, clock.raw_due, moment.today())  # what is past is told no more
    matter.derive()


def _last_change(case: OpenCase) -> str:
    """What the re-review made of the opinion, or where it changed nothing, the review: a re-review's change stands over a revocation."""
    last = case.rereview_conclusion
    return last if last in ("change", "revoke") else case.review_conclusion


def _outcome(case: OpenCase) -> str:
    if case.settled_on is not None:
        return "settled"
    if case.issued_on is not None:
        return _OUTCOMES[case.main]
    return "channelled" if case.main == "duty" and case.accepted_on is not None else ""


def _papers(walk: Walk) -> list[Paper]:
    """The papers, each by its number; where it reads as one of ours, in our writing of it."""
    found = []
    for told_as in walk.case.papers:
        body = _issuer(told_as, walk.case, walk.by.department)
        found.append(
            papers.bring_in(
                told_as.kind, petition=walk.matter.petition, body=body, by=walk.by.post, number=told_as.number,
                serial=_serial(told_as, body), issued_on=told_as.issued_on, proceeding=_run_of(walk, told_as),
                served_on=told_as.served_on, served_how=told_as.served_how,
            )
        )  # fmt: skip
    return found


def _run_of(walk: Walk, paper: IssuedPaper) -> Proceeding | None:
    """The run that a paper of a run is about."""
    if paper.kind not in _OF_A_RUN:
        return None
    kind = _run_kind(paper, walk.case)
    return next((run for run in walk.matter.proceedings if run.kind == kind), None)


__all__ = ["STEP", "TAKES_OVER", "IssuedPaper", "OpenCase", "may_take_over", "take_over", "take_over_many"]
