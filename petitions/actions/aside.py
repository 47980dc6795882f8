"""What do hearings, mediation, withdrawal and urgent reports change?  They run beside the stage (Art.25, 31, 33, 36)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from accounts.models import Department, DepartmentKind
from petitions import lifecycle, limits
from petitions.access import unit_of
from petitions.actions import clocks
from petitions.actions.door import Work, effect, not_before
from petitions.actions.handling import resume, run_of
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.law import aside
from petitions.models import Clock, Hearing, Mediation, Pause, Proceeding, UrgentReport, Withdrawal
from petitions.review_bodies import next_level
from petitions.workdays import is_overdue

DAY = timedelta(days=1)
FAR = 366  # days ahead: a later day is a slip of the finger
PAUSE_BASIS = "《信访工作条例》第三十六条第二款：听证所需时间不计算在复核期限内"


def _need(**words: str) -> None:
    missing = {name: "不能为空。" for name, value in words.items() if not value.strip()}
    if missing:
        raise BadInput(missing)


# --- hearings ---------------------------------------------------------------------------------------------------


@effect("call_hearing")
def call_hearing(work: Work, *, hold_on: date, place: str, chair: str, matters: str, public: bool = False) -> None:
    """Call a hearing, so many days ahead and so soon as local rules say; at re-review its time does not count (Art.36 ¶2)."""
    _need(place=place, chair=chair, matters=matters)
    run = run_of(work)
    ahead, within = limits.hearing_days(work.rules)
    if not timedelta(days=ahead) <= hold_on - work.occurred_on <= timedelta(days=within):
        raise BadInput(
            {"hold_on": f"听证要提前{ahead}日通知各方，并在通知后{within}日内举行（地方规则），请核对。"},
            rule="第三十一条第六项、地方规则",
        )
    if Hearing.objects.filter(petition=work.petition, state__in=("called", "held")).exists():
        raise WrongMoment("已经有一次听证没有结束。", rule="《信访工作条例》第三十一条第六项")
    row = Hearing.objects.create(
        petition=work.petition, proceeding=run, department=run.department, state="called", called_on=work.occurred_on,
        hold_on=hold_on, place=place, chair=chair[:60], public=public and run.kind == "rereview",
    )  # fmt: skip
    if run.kind == "rereview":
        _pause(work, run, hold_on)
    work.data |= {"hold_on": hold_on, "hearing": row.pk}
    work.text |= {"matters": matters, "place": place, "chair": chair}
    work.paper_words |= {"hearing": row, "matters": matters, "lead_body": run.department}


# --- what a hearing adds to re-review (docs/adr/0023-hearings-pause.md) ---------------------------------------------


def _pause(work: Work, run: Proceeding, until: date) -> None:
    """The days from the call to the announced day do not count, as far as there is room; what has lapsed is not revived."""
    first = work.occurred_on + DAY
    for clock in work.matter.running("T7D", on=run):
        if _lapsed(work, clock):
            continue
        last = min(until, first + (_room(work, clock) - 1) * DAY)
        if last >= first:
            Pause.objects.create(clock=clock, start=first, end=last, basis=PAUSE_BASIS, approver=work.by.post)
        clocks.paused(clock, work.rules)


def _lapsed(work: Work, clock: Clock) -> bool:
    return clock.lapse_logged_on is not None or is_overdue(clock.due, work.occurred_on)


def _room(work: Work, clock: Clock, without: Pause | None = None) -> int:
    """Days that hearings may still add to ``clock``: all of one re-review's together take no more than one may."""
    spent = sum((row.end - row.start).days + 1 for row in clock.pauses.all() if row.end and row != without)
    most = work.rules.number("HEARING_HOLD", aside.HOLD_DAYS) + _for_conclusion(work).days
    return max(0, most - spent)


def _for_conclusion(work: Work) -> timedelta:
    return work.rules.number("HEARING_CONCLUSION", aside.CONCLUSION_DAYS) * DAY


def _paused(work: Work) -> Iterator[tuple[Clock, Pause]]:
    """The running clock of the hearing's re-review, with the pause that the call of this hearing brought."""
    hearing = _hearing(work)
    for clock in work.matter.running("T7D"):
        pause = clock.pauses.filter(start=hearing.called_on + DAY).order_by("-pk").first()
        if clock.proceeding_id == hearing.proceeding_id and pause is not None:
            yield clock, pause


def _wait_for_conclusion(work: Work) -> None:
    """From the hearing on so many days for its conclusion do not count either; a duty that has lapsed is not revived."""
    for clock, pause in _paused(work):
        if pause.end is None or _lapsed(work, clock):
            continue
        last = min(pause.end, work.occurred_on) + _for_conclusion(work)
        pause.end = max(pause.start, min(last, pause.start + (_room(work, clock, pause) - 1) * DAY))
        pause.save(update_fields=["end"])
        _recounted(work, clock)


def _end_pause(work: Work) -> None:
    """The conclusion ends what does not count; one that comes late brings no day more."""
    for clock, pause in _paused(work):
        if work.occurred_on < pause.start:
            pause.delete()
        elif pause.end is None or work.occurred_on < pause.end:
            pause.end = work.occurred_on
            pause.save(update_fields=["end"])
        _recounted(work, clock)


def _void_pause(work: Work) -> None:
    """No hearing was held: every day counts, and the clock has the day that it would have had."""
    for clock, pause in _paused(work):
        pause.delete()
        _recounted(work, clock)


def _recounted(work: Work, clock: Clock) -> None:
    clocks.paused(clock, work.rules)
    work.data["due"] = clock.due


def _hearing(work: Work) -> Hearing:
    assert isinstance(work.row, Hearing)
    return work.row


@effect("hold_hearing")
def hold_hearing(work: Work, *, text: str, people: str) -> None:
    """Write down what was said at the hearing, by whom: on the day of its notice or later, never earlier.

    Raises:
        BadInput: the day lies before the one that everybody was told of (notice of so many days, local rule).
    """
    _need(text=text, people=people)
    not_before(work, _hearing(work).hold_on, "举行日期不能早于通知各方的日期；要改期，先取消，再重新通知。")
    work.set(hold_on=work.occurred_on)
    _wait_for_conclusion(work)
    work.text |= {"text": text, "people": people}
    work.paper_words |= {"hearing": _hearing(work), "text": text, "people": people}


@effect("conclude_hearing")
def conclude_hearing(work: Work, *, conclusion_text: str) -> None:
    """Conclude: an opinion on facts for the body that handles; it decides nothing by itself."""
    _need(conclusion_text=conclusion_text)
    work.set(ended_on=work.occurred_on)
    work.text["text"] = conclusion_text
    work.paper_words |= {"hearing": _hearing(work), "conclusion_text": conclusion_text}
    _end_pause(work)


@effect("cancel_hearing")
def cancel_hearing(work: Work, *, reason: str) -> None:
    """Call it off; no hearing took place, so that at re-review the days since its notice count again (Art.36 ¶2)."""
    _need(reason=reason)
    work.set(ended_on=work.occurred_on)
    work.text["reason"] = reason
    _void_pause(work)


# --- mediation --------------------------------------------------------------------------------------------------


@effect("start_mediation")
def start_mediation(work: Work, *, petitioner_agrees: bool, other: str, other_agrees: bool, mediator: str = "",
                    between_them: bool = False) -> None:  # fmt: skip
    """Begin: only where both have said yes (Art.33); T5 goes on running.  Who settle between themselves need no mediator."""
    _need(other=other, **({} if between_them else {"mediator": mediator}))
    if not petitioner_agrees or not other_agrees:
        raise BadInput({"other_agrees": "争议双方都同意，才能调解或者和解。"}, rule="第三十三条")
    if Mediation.objects.filter(petition=work.petition, state="mediating").exists():
        raise WrongMoment("已经有一次调解没有结束。", rule="《信访工作条例》第三十三条")
    run = run_of(work)
    row = Mediation.objects.create(
        petition=work.petition, proceeding=run, department=run.department, state="mediating", mediator=mediator[:60],
        started_on=work.occurred_on, between_them=between_them,
    )  # fmt: skip
    work.data["mediation"] = row.pk
    work.text |= {"other": other, "mediator": mediator}


def _mediation(work: Work) -> Mediation:
    assert isinstance(work.row, Mediation)
    return work.row


@effect("mediation_session")
def mediation_session(work: Work, *, text: str, people: str) -> None:
    """Write down a session."""
    _need(text=text, people=people)
    work.text |= {"text": text, "people": people}


@effect("agree_mediation")
def agree_mediation(work: Work, *, terms: str, parties: str, perform_by: date) -> None:
    """Both agree: the agreement is a paper, with what is to be done by when.

    What was mediated a court may confirm within thirty days; what two parties settled between themselves it may not.
    """
    _need(terms=terms, parties=parties)
    if not timedelta(0) <= perform_by - work.occurred_on <= timedelta(days=10 * FAR):
        raise BadInput({"perform_by": "履行期限不能早于今天，也不能太远，请核对年份。"}, rule="第三十三条")
    row = _mediation(work)
    work.set(agreed_on=work.occurred_on, perform_by=perform_by)
    work.data["perform_by"] = perform_by
    work.text |= {"terms": terms, "parties": parties}
    if row.between_them:
        work.paper_kind, work.starts = "settlement_paper", ()
    work.paper_words |= {"mediation": row, "terms": terms, "parties": parties, "perform_by": perform_by}


@effect("stop_mediation")
def stop_mediation(work: Work, *, reason: str) -> None:
    """A party does not want to go on, or no agreement comes about: it stops at once."""
    _need(reason=reason)
    work.set(ended_on=work.occurred_on)
    work.text["reason"] = reason


@effect("court_confirms")
def court_confirms(work: Work, *, court: str, number: str) -> None:
    """A court has confirmed the agreement, on a joint application within thirty days."""
    _need(court=court, number=number)
    work.set(confirmed_on=work.occurred_on)
    work.data["number"] = number
    work.text["court"] = court


@effect("perform_mediation")
def perform_mediation(work: Work, *, evidence: str) -> None:
    """What was agreed has been done."""
    _need(evidence=evidence)
    work.set(ended_on=work.occurred_on)
    work.text["evidence"] = evidence


@effect("break_mediation")
def break_mediation(work: Work, *, reason: str) -> None:
    """What was agreed has not been done: handling goes on, with the day it had."""
    _need(reason=reason)
    work.set(ended_on=work.occurred_on)
    work.text["reason"] = reason
    run = next(row for row in work.matter.proceedings if row.pk == _mediation(work).proceeding_id)
    if run.state == "settled":
        work.follow.append(("unsettle", run))
        work.set_petition(outcome="")
        resume(work, run, ("T5", "T5'"))


@effect("settle")
def settle(work: Work) -> None:
    """The agreement answers every claim: no opinion is needed, and T5 is met."""
    if Mediation.objects.filter(petition=work.petition, state="mediating").exists():
        raise WrongMoment("还有调解没有结束。", rule="《信访工作条例》第三十三条")
    work.set_petition(outcome="settled")


@effect("close_settled")
def close_settled(work: Work) -> None:
    """Close a settled matter once what was agreed has been done."""
    if Mediation.objects.filter(petition=work.petition, state="agreed").exists():
        raise WrongMoment("协议履行完毕以后才能办结。", rule="《信访工作条例》第三十三条")
    work.set_petition(closed_on=work.occurred_on)


# --- withdrawal -------------------------------------------------------------------------------------------------


@effect("record_withdrawal")
def record_withdrawal(work: Work, *, how: str, words: str) -> None:
    """Write down the petitioner's own wish, in writing or recorded; nothing ends before another has asked him."""
    _need(words=words)
    if how not in ("written", "recorded"):
        raise BadInput({"how": "请选择书面或者录音录像。"})
    row = Withdrawal.objects.create(
        petition=work.petition,
        department_id=unit_of(work.by),
        recorded_by=work.by.post,
        state="asked",
        asked_on=work.occurred_on,
        how=how,
    )
    work.data |= {"withdrawal": row.pk, "withdrawal_how": how}
    work.text["words"] = words


@effect("confirm_withdrawal")
def confirm_withdrawal(work: Work, *, words: str) -> None:
    """Another has asked the petitioner and he means it: the matter ends, every duty with it; he may come again any day."""
    _need(words=words)
    _other_than_recorder(work)
    work.set(decided_on=work.occurred_on)
    work.text["words"] = words
    work.set_petition(outcome="withdrawn", closed_on=work.occurred_on)
    _stop_all(work)


@effect("deny_withdrawal")
def deny_withdrawal(work: Work, *, words: str) -> None:
    """It was not his own wish: everything goes on as it was."""
    _need(words=words)
    _other_than_recorder(work)
    work.set(decided_on=work.occurred_on)
    work.text["words"] = words


def _other_than_recorder(work: Work) -> None:
    assert isinstance(work.row, Withdrawal)
    if work.row.recorded_by.user_id == work.by.user.pk:
        raise WrongPerson("记录撤回的人不能自己确认，要由另一人核实。", rule="记录与确认分开")


def _stop_all(work: Work) -> None:
    for code, rows in (
        ("stop_filing", work.matter.filings),
        ("stop_hold", work.matter.assignments),
        ("stop_run", work.matter.proceedings),
    ):
        states = lifecycle.STEPS[code].from_
        work.follow += [(code, row) for row in rows if row.state in states]
    for clock in work.matter.clocks:
        if clock.ended == "" and _ends_with_it(clock):
            clock.ended, clock.ended_on = Clock.Ended.CANCELLED, work.occurred_on
            clock.save(update_fields=["ended", "ended_on"])


def _ends_with_it(clock: Clock) -> bool:
    """Whether a withdrawal ends this duty: not what a supervised or advised body owes, nor the report owed to the superior."""
    upward = clock.name == "T8" and clock.filing_id is not None
    return not upward and bool(clock.filing_id or clock.assignment_id or clock.proceeding_id)


# --- urgent -----------------------------------------------------------------------------------------------------


@effect("report_urgent")
def report_urgent(
    work: Work, *, when_where: str, people: str, event: str, cause: str, measures: str, trend: str, competent: str
) -> None:
    """Report at once to those whom Art.25 names, with what is known; the stage goes on as it is."""
    _need(when_where=when_where, people=people, event=event, measures=measures, competent=competent)
    row = UrgentReport.objects.create(
        petition=work.petition, department_id=unit_of(work.by), state="reported", reported_on=work.occurred_on
    )
    work.set_petition(urgent=True)
    work.data["urgent"] = row.pk
    said = {
        "when_where": when_where,
        "people": people,
        "event": event,
        "cause": cause,
        "measures": measures,
        "trend": trend,
    }
    work.text |= said
    work.paper_words |= {
        **said,
        "competent": competent,
        "by_office": work.by.department.is_petition_office,
        **_told(work),
    }


def _told(work: Work) -> dict[str, list[str]]:
    """By their names: the party committee and government of this level, the joint conference, the petition offices above (Art.25)."""
    level = work.by.department.level
    now = list(Department.objects.in_force(work.occurred_on).exclude(kind__in=("inner", "village")).order_by("pk"))
    leading = [row for row in now if row.kind == DepartmentKind.LEADERSHIP and row.level == level]
    return {
        # A county stands above its committee and its government: where those are kept, they are written to.
        "own": [row.name for row in leading if not any(one.parent_id == row.pk for one in leading)],
        "conference": [row.name for row in now if row.kind == DepartmentKind.CONFERENCE and row.level == level],
        "above": [row.name for row in now if row.level == next_level(level) and "信访局" in row.name],
    }  # fmt: skip


@effect("urgent_measure")
def urgent_measure(work: Work, *, text: str) -> None:
    """Report on what has been done since."""
    _need(text=text)
    work.text["text"] = text


@effect("end_urgent")
def end_urgent(work: Work, *, finding: str) -> None:
    """Nothing more is to be feared."""
    _need(finding=finding)
    work.set(ended_on=work.occurred_on)
    work.text["finding"] = finding
