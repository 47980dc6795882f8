"""What does each of the unit's steps on its assignment change?  Rows 6 to 9 of domain.md §2.2."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import Q

from accounts.models import Department, Post, Role
from petitions.access import unit_of
from petitions.actions import clocks, moment, recusing
from petitions.actions.door import Work, effect, not_before
from petitions.actions.grounds import refuse
from petitions.actions.routes import accept_claims, elsewhere, open_others
from petitions.actions.supervised import open_by_itself
from petitions.actions.triage import check_receiver, latest_limit
from petitions.errors import BadInput, WrongMoment
from petitions.law import oversight
from petitions.models import Assignment, Clock, Mediation, Mode, Paper, Petition
from petitions.workdays import is_overdue


def held_by(work: Work) -> Assignment:
    """The assignment stepped on."""
    assert isinstance(work.row, Assignment)
    return work.row


@effect("sign_for")
def sign_for(work: Work) -> None:
    """The unit has it: T3 and T4 start on the day of receipt (Art.23)."""
    _receive(work)
    work.data["received_on"] = work.occurred_on


def _receive(work: Work) -> None:
    not_before(work, held_by(work).sent_on, "签收日期不能早于发出日期。")
    work.set(received_on=work.occurred_on)


@effect("co_sign_for")
def co_sign_for(work: Work) -> None:
    """A co-unit has it."""
    _receive(work)


@effect("legal_receive")
def legal_receive(work: Work) -> None:
    """The political-legal organ has it; its own rules govern from here (Art.22 ¶2)."""
    _receive(work)


@effect("object")
def object_(work: Work, *, reason: str, suggested: Department | None = None) -> None:
    """Say that it is not the unit's remit, within five working days and with reasons (Art.23)."""
    if not reason.strip():
        raise BadInput({"reason": "请详细说明提出异议的理由。"}, rule="第二十三条")
    window = work.matter.running("T4", on=work.row)
    if not window:
        raise WrongMoment("已经提出过异议，不能再次提出。", rule="《信访工作条例》第二十三条")
    if is_overdue(window[0].due, work.occurred_on):
        raise WrongMoment(
            f"提出异议的期限是自收到之日起5个工作日，已于{window[0].due:%Y年%-m月%-d日}届满。",
            rule="《信访工作条例》第二十三条",
        )
    if work.petition.disputes.filter(body=held_by(work).department_id).exists():
        raise WrongMoment("受理机关已经确定为本单位，不能再提出异议。", rule="《信访工作条例》第二十四条第一款")
    if suggested is not None and suggested.pk == held_by(work).department_id:
        raise BadInput({"suggested": "不能建议由本单位办理。"}, rule="第二十三条")
    work.set(suggested=suggested, objected_on=work.occurred_on)
    work.text["reason"] = reason
    work.data["suggested"] = suggested.pk if suggested else None
    held = held_by(work)
    work.paper_words |= {
        "superior": held.sender,
        "received_on": held.received_on,
        "reason": reason,
        "competent": suggested,
    }


@effect("uphold_objection")
def uphold_objection(work: Work, *, reason: str) -> None:
    """Take it back; T1 goes on with the first due day it had, it does not begin anew."""
    _decide(work, reason)
    end_shadows(work)  # a unit that does not hold it owes nothing
    work.starts = ()
    filing = work.matter.first_filing
    filing.state = "triaged"
    filing.save(update_fields=["state"])
    resume_t1(work)
    _if_returned_again(work)


def _if_returned_again(work: Work) -> None:
    """A matter that goes from hand to hand is supervised (Art.40): the returns are the evidence."""
    names = [row.department.name for row in work.matter.assignments if row.state == "returned" or row is work.row]
    if len(names) >= oversight.RETURNS:
        open_by_itself(work, held_by(work).department_id, "returned", {"returned": len(names), "units": names})


def resume_t1(work: Work) -> None:
    """A clock row like the first T1, with the same start and due day, so that a return buys nobody time."""
    mine = Clock.objects.filter(petition=work.petition, filing=work.matter.first_filing)
    first = mine.filter(name__in=("T1", "T2")).order_by("pk").first()
    if first is None:
        return
    work.matter.clocks.append(
        Clock.objects.create(
            petition=work.petition, filing=work.matter.first_filing, name=first.name, department_id=first.department_id,
            length=first.length, working=first.working, start=first.start, raw_due=first.raw_due, due=first.due,
            provisional=first.provisional, rule=first.rule, lapse_logged_on=first.lapse_logged_on,
        )
    )  # fmt: skip


@effect("refuse_objection")
def refuse_objection(work: Work, *, reason: str) -> None:
    """Leave it with the unit; its fifteen days have gone on running."""
    _decide(work, reason)


def _decide(work: Work, reason: str) -> None:
    if not reason.strip():
        raise BadInput({"reason": "请写明核实情况和决定理由。"}, rule="第二十三条")
    work.set(decided_on=work.occurred_on)
    work.text["reason"] = reason
    work.paper_words |= {"held": held_by(work), "upheld": work.step.code == "uphold_objection", "reason": reason}


@effect("accept")
def accept(work: Work, *, routes: Mapping[int, int] | None = None, simplified: bool = False, handler: Post | None = None,
           outside: Mapping[int, Mapping[str, str]] | None = None) -> None:  # fmt: skip
    """Accept and choose the road of each claim (Art.31); at least one takes the petition route, or it is ``channel``.

    Args:
        routes: claim serial → route 1-6; missing ones take route 6.
        outside: claim serial → procedure, body and limit, for routes 1-5.
    """
    _decide_on(work)
    if handler is not None:
        work.set(handler=own_handler(work, handler))
    accept_claims(work, held_by(work), routes, outside, simplified=simplified)
    end_shadows(work)


def _decide_on(work: Work) -> None:
    not_before(work, held_by(work).received_on, "决定日期不能早于签收日期。")
    work.set(decided_on=work.occurred_on)


def end_shadows(work: Work) -> None:
    """What ran "as if accepted" gives way to the real thing."""
    shadows = [clock for clock in work.matter.clocks if clock.shadow and clock.ended == ""]
    for clock in shadows:
        clock.ended, clock.ended_on = Clock.Ended.REPLACED, work.occurred_on
    Clock.objects.bulk_update(shadows, ["ended", "ended_on"])


@effect("channel")
def channel(work: Work, *, routes: Mapping[int, int], outside: Mapping[int, Mapping[str, str]]) -> None:
    """Every claim belongs to another legal procedure: tell the petitioner which, and the matter ends here (Art.31)."""
    claims = list(work.petition.claims.all())
    elsewhere(claims, routes)
    _decide_on(work)
    runs = open_others(work, held_by(work), claims, routes, outside)
    end_shadows(work)
    if any(run.kind == "duty" for run in runs):  # it goes on here until the duty is answered
        work.to, work.keep = "accepted", ("T8",)
        work.set_petition(outcome="channelled")
    else:
        _end_matter(work, "channelled")
    work.data["routes"] = {claim.serial: routes[claim.serial] for claim in claims}
    work.paper_words |= {"proceedings": runs, "claims": claims}


@effect("decline")
def decline(work: Work, *, ground: str, explanation: str, other: Petition | None = None) -> None:
    """The unit does not accept, with ground and reasons in writing (Art.19, 23, 36); ``other`` as for ``not_accept``.

    What is not its remit it objects to, and whoever sent it decides (Art.23 ¶3): that is no ground here.
    """
    refuse(work, ground, explanation, other)
    _decide_on(work)
    end_shadows(work)
    _end_matter(work, "no_further" if ground == "re_reviewed" else "not_accepted")


def _end_matter(work: Work, outcome: str) -> None:
    work.set_petition(outcome=outcome, closed_on=work.occurred_on)
    work.data["outcome"] = outcome


@effect("assign_handler")
def assign_handler(work: Work, *, handler: Post) -> None:
    """Name the handler; a run under way follows."""
    work.set(handler=own_handler(work, handler))
    run = work.matter.handling
    if run is not None and run.assignment_id == work.row.pk:
        run.handler = handler
        run.save(update_fields=["handler"])
    work.data["handler"] = handler.pk


def own_handler(work: Work, handler: Post) -> Post:
    """A handler works in the unit (or one of its inner offices) and holds that post today."""
    ours = handler.department_id == unit_of(work.by) or handler.department.parent_id == unit_of(work.by)
    today = moment.today()
    held = handler.valid_from <= today <= (handler.valid_to or today) and handler.user.is_active
    if handler.role != Role.HANDLER or not held or not ours:
        raise BadInput({"handler": "请选择本单位在岗的承办人。"}, rule="第二十八条")
    if recusing.keeps_away(work.petition, handler.user):
        raise BadInput({"handler": f"{handler.user.name}已回避这件事项，请另选承办人。"}, rule="第二十八条第三款")
    return handler


@effect("remind")
def remind(work: Work, *, demand: str = "") -> None:
    """Urge a unit on (催办, Art.14(3)): an event, a paper and notices; no clock is touched.

    Raises:
        WrongMoment: the unit has been reminded of this matter today.
    """
    held = work.row
    assert isinstance(held, Assignment)
    if held.reminded_on == work.occurred_on:
        raise WrongMoment("今天已经催办过这个单位，请明天再看进展。", rule="一天催办一次")
    work.set(reminded_on=work.occurred_on)
    work.data["department"] = held.department_id
    work.text["demand"] = demand
    work.paper_words |= {"department": held.department, "demand": demand, "due": work.petition.due}


@effect("extend_report")
def extend_report(work: Work, *, limit_on: date, reason: str) -> None:
    """Who set the limit for the report agrees to a later one, before it runs out ([S:SD15 Art42]); T5 stays as it is."""
    running = work.matter.running("T8", on=work.row)
    if not running or is_overdue(running[0].due, work.occurred_on):
        raise WrongMoment(
            "交办期限已经届满，不能再延长；请责任单位说明理由并报送阶段情况。", rule="第二十二条第一款第三项"
        )
    clock = running[0]
    if not reason.strip():
        raise BadInput({"reason": "请写明责任单位申请延长的理由。"}, rule="第二十二条第一款第三项")
    if not clock.raw_due < limit_on <= latest_limit(work):
        raise BadInput(
            {"limit_on": "新的期限要晚于原来的期限，也不能太远，请核对年份。"}, rule="第二十二条第一款第三项"
        )
    clocks.until(clock, limit_on, work.rules)
    work.set(limit_on=limit_on)
    work.data |= {"due": clock.due, "limit_on": limit_on}
    work.text["reason"] = reason


@effect("add_co_unit")
def add_co_unit(work: Work, *, department: Department, demand: str, limit_on: date | None = None) -> None:
    """Ask another unit to work along; the lead stays responsible and answers once ([S:BJ06 Art44])."""
    check_receiver(work, department, Mode.CO)
    if not demand.strip():
        raise BadInput({"demand": "请写明请协办单位提供什么。"}, rule="第二十四条")
    if limit_on is not None and not work.occurred_on <= limit_on <= latest_limit(work):
        raise BadInput({"limit_on": "回复期限不能早于今天，也不能太远，请核对年份。"}, rule="第二十四条")
    held = Assignment.objects.create(
        petition=work.petition, department=department, sender_id=unit_of(work.by), sender_post=work.by.post,
        mode=Mode.CO, lead=False, state="co_sent", sent_on=work.occurred_on, limit_on=limit_on, demand=demand,
    )  # fmt: skip
    work.matter.assignments.append(held)
    work.data |= {"department": department.pk, "limit_on": limit_on}
    work.text["demand"] = demand
    work.paper_words |= {"department": department, "demand": demand, "limit_on": limit_on}


@effect("co_answer")
def co_answer(work: Work, *, answer: str) -> None:
    """Give the lead unit the co-unit's part of the answer."""
    if not answer.strip():
        raise BadInput({"answer": "请填写协办意见。"})
    work.set(decided_on=work.occurred_on)
    work.text["answer"] = answer


@effect("report_back")
def report_back(work: Work, *, result: str) -> None:
    """Report to the assigning body what was done and what the petitioner said (Art.22 ¶1(3))."""
    run = work.matter.handling
    if run is None or run.state not in _ANSWERED:
        raise WrongMoment("处理意见送达后才能报送办结报告。", rule="《信访工作条例》第二十二条第一款第三项")
    if not result.strip():
        raise BadInput({"result": "请填写办理结果。"}, rule="第二十二条第一款第三项")
    work.text["result"] = result
    mine = Q(proceeding=run, kind__in=_ENCLOSED) | Q(kind__in=("mediation_paper", "settlement_paper"))
    served = Paper.objects.filter(mine, petition=work.petition, void_on=None).order_by("pk")
    agreed = work.petition.mediations.filter(state__in=("agreed", "performed")).order_by("pk").last()
    work.paper_words |= {
        "result": result, "proceeding": run, "enclosed": [f"《{paper.title}》（{paper.number}）" for paper in served],
        "settled": _agreement(agreed) if run.issued_on is None and agreed else "",
    }  # fmt: skip


def _agreement(row: Mediation) -> str:
    day = f"{row.agreed_on:%Y年%-m月%-d日}达成协议" if row.agreed_on else "达成协议"
    return f"{day}，{'已履行' if row.state == 'performed' else '履行中'}"


# From when on there is something to report, and what goes with the report.
_ANSWERED = ("delivered", "reply_delivered", "lapsed", "exhausted", "settled", "closed", "confirmed")
_ENCLOSED = ("opinion", "suggestion_reply", "duty_reply", "service_receipt")
