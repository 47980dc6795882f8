"""What do the steps of suggestions and of routes 1 to 5 change?  Art.29 and 31; and simplified handling turned back."""

from __future__ import annotations

from datetime import date

from accounts.models import Post
from petitions.actions.door import Work, effect, not_before, start_clock
from petitions.actions.handling import run_of, served
from petitions.actions.routes import open_study
from petitions.actions.unit import end_shadows, held_by, own_handler
from petitions.errors import BadInput
from petitions.law import roads
from petitions.models import Claim, PetitionerView, Proceeding, Route


@effect("take_suggestion")
def take_suggestion(work: Work, *, handler: Post | None = None) -> None:
    """Take a suggestion for study; the petitioner is told so in writing (Art.23, 29).  No review follows its reply."""
    held = held_by(work)
    not_before(work, held.received_on, "决定日期不能早于签收日期。")
    work.set(decided_on=work.occurred_on)
    if handler is not None:
        work.set(handler=own_handler(work, handler))
    work.clocks_on = open_study(work, held)
    end_shadows(work)
    work.paper_words |= {"proceeding": work.clocks_on, "claims": list(work.petition.claims.all())}


@effect("draft_reply")
def draft_reply(work: Work, *, reply: str, basis: str, adopted: str = "", remedy: str = "", reward: str = "") -> None:
    """Draft the reply: how far a suggestion is adopted, or what was done on the duty asked for and where to go against it.

    Args:
        adopted: a key of ``law.roads.ADOPTION``; suggestions only.
        remedy: the bodies for reconsideration and lawsuit; route 5 only.
        reward: which reward, by which rule, for a suggestion that is adopted and of merit (Art.29 ¶2); open where there is none.
    """
    run = run_of(work)
    wrong = {name: "不能为空。" for name, value in (("reply", reply), ("basis", basis)) if not value.strip()}
    if run.kind == "study" and adopted not in roads.ADOPTION:
        wrong["adopted"] = "请选择采纳情况（第二十九条）。"
    if run.kind == "duty" and not remedy.strip():
        wrong["remedy"] = "请写明行政复议机关和有管辖权的法院。"
    if reward.strip() and (run.kind != "study" or adopted not in ("whole", "part")):
        wrong["reward"] = "采纳或者部分采纳的建议，才写奖励（第二十九条第二款）。"
    if len(reward) > 200:
        wrong["reward"] = "奖励最多200字。"
    if wrong:
        raise BadInput(wrong, rule="第二十九条、第三十一条第五项")
    work.set(
        reward=reward.strip(),
        facts=reply,
        basis=basis,
        conclusion=adopted if run.kind == "study" else "",
        outside_limit=remedy[:120],
        drafter=work.by.post,
    )


@effect("return_reply")
def return_reply(work: Work, *, reason: str) -> None:
    """Send the draft back with what to mend."""
    if not reason.strip():
        raise BadInput({"reason": "请写明修改意见。"})
    work.text["reason"] = reason


@effect("sign_reply")
def sign_reply(work: Work) -> None:
    """The head signs.  A duty's reply gives reconsideration (60 days) and lawsuit (6 months) as remedy, never review."""
    run = run_of(work)
    work.set(issued_on=work.occurred_on)
    if run.reward:
        work.text["reward"] = run.reward
    work.paper_kind = "suggestion_reply" if run.kind == "study" else "duty_reply"
    work.paper_words |= {
        "proceeding": run, "claims": list(Claim.objects.filter(proceeding=run)), "adopted": roads.ADOPTION.get(run.conclusion, ""),
    }  # fmt: skip
    if work.matter.handling is run:
        work.set_petition(outcome="suggestion" if run.kind == "study" else "duty")


@effect("deliver_reply")
def deliver_reply(work: Work, *, how: str, receipt: str = "signed", receiver: str = "", witness: str = "",
                  view: str = PetitionerView.NONE) -> None:  # fmt: skip
    """Serve the reply."""
    run = run_of(work)
    kind = "suggestion_reply" if run.kind == "study" else "duty_reply"
    served(work, run, kind=kind, how=how, receipt=receipt, receiver=receiver, witness=witness, view=view)
    work.set(delivered_on=work.occurred_on, petitioner_view=view)


@effect("close_reply")
def close_reply(work: Work) -> None:
    """Close: no window follows a reply."""
    work.set_petition(closed_on=work.occurred_on)


@effect("outside_result")
def outside_result(work: Work, *, result: str, result_on: date) -> None:
    """Write down what the other procedure came to."""
    run = run_of(work)
    if not result.strip():
        raise BadInput({"result": "请写明该程序的结果。"}, rule="第三十一条")
    if not run.started_on <= result_on <= work.occurred_on:
        raise BadInput({"result_on": "结果日期在导入日期和今天之间。"}, rule="第三十一条")
    work.set(outside_result=result[:500], outside_on=result_on)
    work.data["result_on"] = result_on
    work.text["result"] = result


@effect("come_back")
def come_back(work: Work, *, reason: str) -> None:
    """The claim takes route 6 after all: it joins the run under way, or opens one with sixty days of its own.

    They run from today where another procedure, or a reply with its remedy, lies between; what the unit itself took for a
    duty and has not answered was accepted on the day it was, so that finding it out late buys nobody time (Art.34).
    """
    if not reason.strip():
        raise BadInput({"reason": "请写明为什么回到信访程序。"}, rule="第三十一条")
    run = run_of(work)
    claims = list(Claim.objects.filter(proceeding=run))
    work.text["reason"] = reason
    main = work.matter.handling
    if main is not None and main.kind == "handling" and main.state == "handling":
        work.starts = ()
        joined = main
    else:
        joined = _new_run(work, run, run.started_on if run.state in _UNANSWERED else work.occurred_on)
    for claim in claims:
        claim.route, claim.proceeding = Route.PETITION, joined
    Claim.objects.bulk_update(claims, ["route", "proceeding"])
    work.paper_words |= {"claims": claims, "reason": reason, "proceeding": joined}


_UNANSWERED = ("studying", "reply_drafted")


def _new_run(work: Work, run: Proceeding, since: date) -> Proceeding:
    """A run of handling under the hold that sent the claim away, accepted on ``since``; a matter that had ended is open again."""
    held = next(row for row in work.matter.assignments if row.pk == run.assignment_id)
    if held.state == "channelled":
        held.state = "accepted"
        held.save(update_fields=["state"])
    made = Proceeding.objects.create(
        petition=work.petition, assignment=held, department=held.department, kind="handling", state="handling",
        started_on=since, handler=held.handler, after=run,
    )  # fmt: skip
    work.matter.proceedings.append(made)
    work.set_petition(outcome="", closed_on=None, confirmed_on=None, rateable=False)
    work.clocks_on, work.starts = made, ()
    start_clock(work, "T5", start=since)
    return made


@effect("to_ordinary")
def to_ordinary(work: Work, *, reason: str) -> None:
    """Turn simplified handling into the ordinary: the sixty days run from acceptance, as if it had been so all along."""
    if not reason.strip():
        raise BadInput({"reason": "请写明转为普通程序的理由，并告知信访人。"}, rule="第三十四条")
    run = run_of(work)
    work.set(simplified=False)
    work.text["reason"] = reason
    work.starts = ()
    clock = start_clock(work, "T5", start=run.started_on)
    work.data["due"] = clock.due
    work.paper_words |= {"reason": reason, "new_due": clock.due, "proceeding": run}
