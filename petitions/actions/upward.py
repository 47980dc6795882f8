"""What do the steps between the county and its superior change?  Sign for, object, take the answer down, a later limit, report (Art.22, 23)."""

from __future__ import annotations

from datetime import date

from petitions.actions import clocks
from petitions.actions.door import Work, effect, not_before
from petitions.actions.triage import latest_limit
from petitions.errors import BadInput, WrongMoment
from petitions.models import Clock, Filing, Outcome
from petitions.workdays import is_overdue

RULE = "《信访工作条例》第二十三条"
REPORT = "第二十二条第一款第三项"


def filing_of(work: Work) -> Filing:
    """The filing stepped on."""
    assert isinstance(work.row, Filing)
    return work.row


@effect("sign_up")
def sign_up(work: Work) -> None:
    """The county has it: its five working days to object start on the day of receipt (Art.23)."""
    filing = filing_of(work)
    not_before(work, filing.received_on, "签收日期不能早于收到日期。")
    work.set(handed_signed_on=work.occurred_on)
    work.data["received_on"] = work.occurred_on


@effect("object_up")
def object_up(work: Work, *, reason: str, body: str = "") -> None:
    """Tell the superior that it is not the county's, within five working days and with reasons (Art.23).

    Args:
        body: the body that the county thinks is competent, in words.
    """
    if not reason.strip():
        raise BadInput({"reason": "请详细说明提出异议的理由。"}, rule="第二十三条")
    window = work.matter.running("T4", on=work.row)
    if not window or is_overdue(window[0].due, work.occurred_on):
        raise WrongMoment("向上级提出异议的期限是自收到之日起5个工作日，已经届满。", rule=RULE)
    filing = filing_of(work)
    work.set(handed_objected_on=work.occurred_on)
    work.text |= {"reason": reason, "body": body}
    work.paper_words |= {"filing": filing, "superior": filing.handed_by, "reason": reason, "competent": body}


@effect("taken_back")
def taken_back(work: Work, *, answer: str) -> None:
    """The superior has agreed: the matter is no longer the county's, and ends here."""
    _answered(work, answer)
    work.set_petition(outcome=Outcome.TAKEN_BACK, closed_on=work.occurred_on)
    work.data["outcome"] = str(Outcome.TAKEN_BACK)


@effect("objection_refused")
def objection_refused(work: Work, *, answer: str) -> None:
    """The superior has not agreed: it is the county's, and its limits have gone on running."""
    _answered(work, answer)


def _answered(work: Work, answer: str) -> None:
    if not answer.strip():
        raise BadInput({"answer": "请填写上级的答复。"}, rule="第二十三条")
    work.set(handed_answered_on=work.occurred_on)
    work.text["answer"] = answer


@effect("report_up")
def report_up(work: Work, *, result: str) -> None:
    """Report to the superior what was done and what came of it: its limit is met (Art.22 ¶1(3))."""
    if not result.strip():
        raise BadInput({"result": "请填写办理结果。"}, rule=REPORT)
    filing = filing_of(work)
    work.set(handed_reported_on=work.occurred_on)
    work.text["result"] = result
    work.paper_words |= {
        "filing": filing, "superior": filing.handed_by, "result": result, "run": work.matter.handling,
    }  # fmt: skip


@effect("extend_up")
def extend_up(work: Work, *, limit_on: date, reason: str, letter: str = "") -> None:
    """Write down the later limit that the superior has agreed to, or the first one it sets: T8 runs until that day (Art.22 ¶1(3)).

    It may be written down after the old limit is over: when the superior agrees is its own affair.

    Args:
        letter: number of the superior's letter, "" where it agreed otherwise.
    """
    if not reason.strip():
        raise BadInput({"reason": "请写明为什么延长、上级何时同意。"}, rule=REPORT)
    filing, running = filing_of(work), work.matter.running("T8", on=work.row)
    if running and limit_on <= running[0].raw_due:
        raise BadInput({"limit_on": f"新的期限要晚于原来的{running[0].raw_due:%Y年%-m月%-d日}。"}, rule=REPORT)
    if not filing.received_on <= limit_on <= latest_limit(work):
        raise BadInput({"limit_on": "期限不能早于收到日期，也不能太远，请核对年份。"}, rule=REPORT)
    clock = running[0] if running else _started(work, filing, limit_on)
    if running:
        clocks.until(clock, limit_on, work.rules)
    work.set(handed_due=limit_on)
    work.data |= {"due": clock.due, "handed_due": limit_on} | ({"number": letter} if letter else {})
    work.text["reason"] = reason


def _started(work: Work, filing: Filing, limit_on: date) -> Clock:
    """T8 of a filing that came without a limit, from its receipt on."""
    clock = clocks.new_clock(
        work.petition, "T8", filing, start=filing.received_on, rules=work.rules, department_id=filing.office_id,
        length=(limit_on - filing.received_on).days,
    )  # fmt: skip
    clock.save(force_insert=True)
    work.matter.clocks.append(clock)
    return clock
