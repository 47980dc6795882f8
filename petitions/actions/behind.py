"""What has each step left that lies behind a matter under way?  States, runs and clocks of their own days, nothing written.

The law's table says which state follows and which clocks a step met and started (`road`); here is what it leaves besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Model

from accounts.actor import Actor
from accounts.models import Department
from petitions import lifecycle, limits
from petitions.access import Row
from petitions.actions import clocks, moment, road
from petitions.actions.door import owner_of
from petitions.actions.insert import take_ids
from petitions.actions.matter import Matter
from petitions.actions.open_case import Elsewhere, OpenCase
from petitions.actions.road import Leg
from petitions.errors import BadInput
from petitions.lifecycle import Step
from petitions.models import (
    Assignment,
    Claim,
    Clock,
    Filing,
    Mediation,
    Mode,
    Petition,
    Petitioner,
    PetitionerView,
    Proceeding,
    Route,
)
from petitions.workdays import is_overdue


@dataclass(frozen=True)
class Ids:
    """Primary keys taken ahead for the rows of many matters."""

    petitions: Iterator[int]
    filings: Iterator[int]
    people: Iterator[int]
    holds: Iterator[int]
    runs: Iterator[int]
    agreements: Iterator[int]

    @classmethod
    def of(cls, cases: Sequence[OpenCase]) -> Ids:
        """As many as ``cases`` can need, in one round trip."""
        wanted = (
            (Petition, len(cases)),
            (Filing, sum(1 + len(case.again) for case in cases)),
            (Petitioner, sum(len(case.entry.people) for case in cases)),
            (Assignment, sum(1 + len(case.co_units) for case in cases)),
            (Proceeding, sum(_RUNS + len(case.elsewhere) for case in cases)),
            (Mediation, sum(case.settled_on is not None for case in cases)),
        )
        return cls(*(iter(keys) for keys in take_ids(*wanted)))


_RUNS = 3  # handling, review, re-review


@dataclass
class Walk:
    """A matter on its way along the road, nothing written.

    Attributes:
        run: the run that steps on a proceeding are on: the main one, then a review, and at the end the main one again.
        to, starts, keep: where the step leads, which clocks it starts, and which it leaves running; its effect may say otherwise.
        beside: rows beside the stage.
    """

    case: OpenCase
    matter: Matter
    by: Actor
    rules: Callable[[date], limits.Rules]
    ids: Ids
    claims: Sequence[Claim]
    run: Proceeding | None = None
    to: str = ""
    starts: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    beside: list[Model] = field(default_factory=list)

    def on(self, kind: str) -> Row:
        """The row that steps and clocks of a kind are on."""
        if kind == "filing":
            return self.matter.first_filing
        row = self.matter.lead if kind == "assignment" else self.run
        assert row is not None
        return row


def take(walk: Walk, leg: Leg) -> None:
    """One step that lies behind: its state, the clocks it met, ended and started, on its own day."""
    step, day, row = leg.step, road.day_of(walk.case, leg), walk.on(leg.step.on)
    walk.to, walk.starts, walk.keep = step.to, _starts(walk.case, step), ()
    _MADE.get(step.code, _nothing)(walk, day or moment.today())
    row.state = walk.to  # type: ignore[union-attr]
    if day is None:
        return
    for clock in _met(walk, step):
        end(clock, day, Clock.Ended.CANCELLED if clock.name in step.cancels else "")
    for code in walk.starts:
        _start(walk, code, day)


def _starts(case: OpenCase, step: Step) -> tuple[str, ...]:
    if step.code == "channel":  # the duty that is asked for (Art.31(5))
        return ("TY",)
    return ("T5'",) if step.code == "accept" and case.simplified else step.starts


def _met(walk: Walk, step: Step) -> list[Clock]:
    """The running clocks that a step ends; a filing's are ended by steps on a filing only."""
    names = (name for name in (*step.stops, *step.cancels) if name not in walk.keep)
    return [clock for clock in walk.matter.running(*names) if step.on == "filing" or clock.filing_id is None]


def _start(walk: Walk, code: str, day: date, on: Row | None = None) -> Clock:
    case, row, petition = walk.case, on or walk.on(lifecycle.CLOCKS[code].on), walk.matter.petition
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
    return clock


def end(clock: Clock, day: date, how: str = "") -> None:
    """End ``clock`` on ``day``: met, or late by comparing days, unless ``how`` says otherwise."""
    clock.ended_on = day
    clock.ended = how or (Clock.Ended.MET if day <= clock.due else Clock.Ended.LATE)


def _end_if_over(clock: Clock, day: date) -> None:
    """A window that was over before ``day`` has lapsed on the day after its last."""
    if is_overdue(clock.due, day):
        end(clock, clock.due + timedelta(days=1), Clock.Ended.LAPSED)


# What a step leaves beyond its state and clocks, or asks of the days before it.


def _nothing(walk: Walk, day: date) -> None:
    """Nothing."""


def _routed(walk: Walk, day: date) -> None:
    case = walk.case
    assert case.lead is not None
    walk.matter.assignments.append(
        _hold(
            walk, case.lead, day, mode=case.mode, lead=True, state="sent", limit_on=case.limit_on, handler=case.handler
        )
    )


def _hold(walk: Walk, body: Department, day: date, **more: Any) -> Assignment:
    return Assignment(
        pk=next(walk.ids.holds), petition=walk.matter.petition, department=body, sender_id=walk.by.department.pk,
        sender_post=walk.by.post, sent_on=day, **more,
    )  # fmt: skip


def _signed(walk: Walk, day: date) -> None:
    lead_of(walk).received_on = day


def lead_of(walk: Walk) -> Assignment:
    """The lead unit's hold; there is one from the transfer on."""
    held = walk.matter.lead
    assert held is not None
    return held


def _objected(walk: Walk, day: date) -> None:
    (window,) = walk.matter.running("T4", on=lead_of(walk))
    if is_overdue(window.due, day):
        raise BadInput({"objected_on": "异议要自收到之日起5个工作日内提出（第二十三条）。"}, rule=road.RULE)
    lead_of(walk).objected_on = day


def _accepted(walk: Walk, day: date) -> None:
    """The unit has decided: the main run, the claims that take another road, and the units that work along."""
    held = lead_of(walk)
    held.decided_on = day
    walk.run = _main_run(walk, day)
    walk.matter.proceedings.append(walk.run)
    _part(walk, day)
    for body in walk.case.co_units:
        walk.matter.assignments.append(
            _hold(walk, body, day, mode=Mode.CO, lead=False, state="co_signed", received_on=day)
        )


def _channelled(walk: Walk, day: date) -> None:
    """All that is asked for is that the unit does its duty: it goes on there, and so does the report that is owed (Art.31(5))."""
    _accepted(walk, day)
    walk.to, walk.keep = "accepted", ("T8",)


def _main_run(walk: Walk, day: date) -> Proceeding:
    case = walk.case
    told: dict[str, Any] = {} if case.main == "handling" else {"told_on": day, "conclusion": case.adopted}
    if case.main == "duty":
        told |= {"outside_body": lead_of(walk).department.name, "outside_procedure": _DUTY}
    return _new_run(
        walk, case.main, "handling" if case.main == "handling" else "studying", day, simplified=case.simplified,
        handler=case.handler, extended_days=case.extended_days, issued_on=case.issued_on, delivered_on=case.delivered_on,
        petitioner_view=case.view if case.delivered_on else "", **told,
    )  # fmt: skip


_DUTY = "依法履行职责"


def _new_run(walk: Walk, kind: str, state: str, day: date, **more: Any) -> Proceeding:
    held = lead_of(walk)
    told = {"assignment": held, "department": held.department, **more}
    return Proceeding(
        pk=next(walk.ids.runs), petition=walk.matter.petition, kind=kind, state=state, started_on=day, **told
    )


def _part(walk: Walk, day: date) -> None:
    """Each claim and its road: those told to go elsewhere are in runs of their own (Art.31)."""
    assert walk.run is not None
    for claim in walk.claims:
        claim.proceeding = walk.run
        claim.route = {"handling": Route.PETITION, "duty": Route.DUTY}.get(walk.case.main)
    for one in walk.case.elsewhere:
        if one.route == Route.DUTY and walk.case.main == "duty":
            continue
        run = _duty_beside(walk, one, day) if one.route == Route.DUTY else _outside(walk, one, day)
        claim = walk.claims[one.serial - 1]
        claim.route, claim.proceeding = one.route, run
        walk.matter.proceedings.append(run)


def _outside(walk: Walk, one: Elsewhere, day: date) -> Proceeding:
    return _new_run(
        walk, "outside", "outside", day, told_on=day, outside_body=one.body, outside_procedure=one.procedure,
        outside_limit=one.limit,
    )  # fmt: skip


def _duty_beside(walk: Walk, one: Elsewhere, day: date) -> Proceeding:
    """A duty asked for beside the petition procedure, with its own limit, answered or not."""
    replied = one.replied_on
    run = _new_run(
        walk, "duty", "reply_delivered" if replied else "studying", day, handler=walk.case.handler, told_on=day,
        outside_body=lead_of(walk).department.name, outside_procedure=one.procedure or _DUTY, outside_limit=one.limit,
        issued_on=replied, delivered_on=replied,
    )  # fmt: skip
    clock = _start(walk, "TY", day, on=run)
    if replied is not None:
        end(clock, replied)
    return run


def _settled(walk: Walk, day: date) -> None:
    """An agreement, to be carried out; what was mediated a court may confirm within its window (Art.33)."""
    case, closed = walk.case, walk.case.closed_on
    row = Mediation(
        pk=next(walk.ids.agreements), petition=walk.matter.petition, proceeding=walk.run, department=lead_of(walk).department,
        between_them=not case.mediator, mediator=case.mediator, state="performed" if closed else "agreed", started_on=day,
        agreed_on=day, perform_by=case.perform_by, ended_on=closed,
    )  # fmt: skip
    walk.beside.append(row)
    if case.mediator:
        window = _start(walk, "TQ", day, on=row)
        _end_if_over(window, closed or moment.today())
        if closed and not window.ended:
            end(window, closed, Clock.Ended.CANCELLED)


def _lapsed(walk: Walk, day: date) -> None:
    """The window of review is over, or the stage is wrong (Art.35); since then it waits to be closed."""
    (window,) = walk.matter.running("T6")
    _close_window(window, day, "stage")
    _start(walk, "TN", window.due + timedelta(days=1))


def _closed(walk: Walk, day: date) -> None:
    """Closed before the window was over only where the petitioner agreed; it then runs on (Art.35)."""
    if walk.case.view != PetitionerView.AGREES:
        for window in walk.matter.running("T6"):
            _close_window(window, day, "closed_on")


def _close_window(window: Clock, day: date, name: str) -> None:
    if not is_overdue(window.due, day):
        what, article = ("复核", "第三十六条") if window.name == "T7" else ("复查", "第三十五条")
        sentence = f"申请{what}的期限到{window.due:%Y年%-m月%-d日}才届满（{article}）"
        more = "；信访人同意的，请填信访人意见。" if what == "复查" else "。"
        raise BadInput({name: sentence + more}, rule=road.RULE)
    end(window, window.due + timedelta(days=1), Clock.Ended.LAPSED)


# --- review -------------------------------------------------------------------------------------------------------


def _applied(walk: Walk, day: date) -> None:
    """A review is a run of its own about the run before it; one applied for too late came when the window had lapsed."""
    about = walk.run
    assert about is not None
    kind = "rereview" if about.kind == "review" else "review"
    for window in walk.matter.running("T6", "T7", on=about):
        _end_if_over(window, day)
    conclusion = getattr(walk.case, f"{kind}_conclusion")
    walk.run = _new_run(
        walk, kind, "applied", day, department=getattr(walk.case, f"{kind}_body"), after=about, conclusion=conclusion,
        issued_on=getattr(walk.case, f"{kind}_issued_on"), delivered_on=getattr(walk.case, f"{kind}_delivered_on"),
        decided={str(c.serial): walk.case.support for c in handled(walk)} if conclusion == "change" else {},
    )  # fmt: skip
    walk.matter.proceedings.append(walk.run)


def _review_signed(walk: Walk, day: date) -> None:
    """On which day the application was accepted is not known where it is not told: nothing is said about that duty."""
    for clock in walk.matter.running("TF"):
        end(clock, day, Clock.Ended.CANCELLED)


def _review_delivered(walk: Walk, day: date) -> None:
    """After a re-review the road ends (Art.36)."""
    if walk.run is not None and walk.run.kind == "rereview":
        walk.to, walk.starts = "review_ended", ()
        _exhausted(walk, day)


def _review_lapsed(walk: Walk, day: date) -> None:
    """As `_lapsed`: where the matter is closed, the window was over by then."""
    (window,) = walk.matter.running("T7")
    closed = walk.case.closed_on
    _close_window(window, closed or day, "closed_on" if closed else "stage")
    _exhausted(walk, window.due + timedelta(days=1))


def _exhausted(walk: Walk, day: date) -> None:
    """Nothing is left but to close what was handled."""
    handling = walk.matter.handling
    assert handling is not None
    handling.state, walk.run = lifecycle.STEPS["exhaust"].to, handling
    _start(walk, "TN", day)


_MADE: Mapping[str, Callable[[Walk, date], None]] = {
    "transfer": _routed, "assign": _routed, "sign_for": _signed, "object": _objected, "accept": _accepted,
    "take_suggestion": _accepted, "channel": _channelled, "settle": _settled, "lapse": _lapsed, "close": _closed,
    "apply_review": _applied, "apply_rereview": _applied, "sign_review": _review_signed, "deliver_review": _review_delivered,
    "lapse_review": _review_lapsed,
}  # fmt: skip


# --- beside the road ----------------------------------------------------------------------------------------------


def upward(walk: Walk) -> None:
    """What was handed down: signed for on its own day, which is when its window for an objection began; then reported (Art.22, 23)."""
    case, filing = walk.case, walk.matter.first_filing
    filing.handed_signed_on, filing.handed_reported_on = case.handed_signed_on, case.handed_reported_on
    if case.handed_signed_on is not None:
        _end_if_over(_start(walk, "T4", case.handed_signed_on, on=filing), moment.today())
    if case.handed_reported_on is not None:
        for clock in walk.matter.running("T8", on=filing):
            end(clock, case.handed_reported_on)


def handled(walk: Walk) -> list[Claim]:
    """The claims that take the petition procedure."""
    return [claim for claim in walk.claims if claim.route == Route.PETITION]
