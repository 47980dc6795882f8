"""What does each step of a review or re-review change?  Rows 16 to 21 of domain.md §2.2 (Art.35, 36)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from accounts.models import Department
from petitions import lifecycle, review_bodies
from petitions.access import reviewed_already
from petitions.actions import clocks
from petitions.actions.apart import had_in_hand, reviewed_before
from petitions.actions.door import Work, effect, issue, not_before, start_clock
from petitions.actions.handling import no_hearing_open, resume, run_of, served
from petitions.actions.routes import open_handling
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.law import review
from petitions.models import Claim, Clock, Paper, PetitionerView, Proceeding, Support
from petitions.workdays import is_overdue

_NAMES = {"review": "复查", "rereview": "复核"}


# --- the application --------------------------------------------------------------------------------------------


@effect("apply_review")
def apply_review(
    work: Work, *, body: Department, request: str, reasons: str, excuse: str = "", attached: bool = False
) -> None:
    """The petitioner asks the level above to review the opinion, within thirty days of receiving it (Art.35).

    An application that comes late is taken with its excuse; the review body decides on it.
    """
    _apply(work, "review", body, request, reasons, excuse, attached)
    work.set_petition(closed_on=None, confirmed_on=None, rateable=False)


@effect("apply_rereview")
def apply_rereview(
    work: Work, *, body: Department, request: str, reasons: str, excuse: str = "", attached: bool = False
) -> None:
    """The petitioner asks the level above the review body to look again (Art.36)."""
    _apply(work, "rereview", body, request, reasons, excuse, attached)
    handling = work.matter.handling
    if handling is not None and handling.state == "exhausted":  # the window had closed; it is open again
        handling.state = "appealed"
        handling.save(update_fields=["state"])


def _apply(work: Work, kind: str, body: Department, request: str, reasons: str, excuse: str, attached: bool) -> None:
    run, name = run_of(work), _NAMES[kind]
    if reviewed_already(work.petition, run):
        sentence = "这份意见已经申请过复查" if kind == "review" else "这份复查意见已经申请过复核"
        raise WrongMoment(f"{sentence}，不能再次申请；复核意见作出后，以同一事实和理由提出的不再受理。",
                          rule=f"《{lifecycle.TEXT}》第三十五条、第三十六条")  # fmt: skip
    missing = {field: "不能为空。" for field, text in (("request", request), ("reasons", reasons)) if not text.strip()}
    if missing:
        raise BadInput(missing, rule="第三十五条、第三十六条")
    above = review_bodies.possible(run.department)
    if body.pk not in {row.pk for row in above}:
        raise BadInput({"body": f"请选择{run.department.name}的上一级机关、单位：{'、'.join(row.name for row in above)}。"},
                       rule="第三十五条、第三十六条")  # fmt: skip
    not_before(work, run.delivered_on, "申请日期不能早于意见送达的日期。")
    late = _is_late(work, run, kind)
    if late and not excuse.strip():
        raise BadInput({"excuse": f"申请{name}的期限是收到书面答复之日起30日，已经届满；有正当理由的请写明，由{name}机关审查。"},
                       rule="第三十五条、第三十六条")  # fmt: skip
    made = Proceeding.objects.create(
        petition=work.petition, assignment=run.assignment, department=body, kind=kind, state="applied", after=run,
        started_on=work.occurred_on,
    )  # fmt: skip
    work.matter.proceedings.append(made)
    work.clocks_on = made
    work.data |= {"body": body.pk, "late": late, "attached": attached}
    work.text |= {"request": request, "reasons": reasons, "excuse": excuse}
    paper = Paper.objects.filter(proceeding=run, kind__in=_OPINIONS, void_on=None).order_by("-pk").first()
    work.paper_words |= {
        "to": body, "request": request, "reasons": reasons, "excuse": excuse, "attached": attached, "about": paper,
        "respondent": run.department, "about_number": paper.number if paper else run.outside_number, "name": name,
    }  # fmt: skip


_OPINIONS = ("opinion", "review_opinion", "rereview_opinion")


def _is_late(work: Work, run: Proceeding, kind: str) -> bool:
    """Whether the window is over on the day of the application; it is asked of the stored clock."""
    name = "T6" if kind == "review" else "T7"
    window = Clock.objects.filter(petition=work.petition, proceeding=run, name=name).order_by("-pk").first()
    return window is None or is_overdue(window.due, work.occurred_on)


# --- the formal check -------------------------------------------------------------------------------------------


@effect("accept_review")
def accept_review(work: Work) -> None:
    """Take it: the thirty days have run since the application was received, not since this day."""
    _apart(work)
    due = next((clock.due for clock in work.matter.running("T6D", "T7D", on=work.row)), None)
    work.paper_words |= {"name": _NAMES[run_of(work).kind], "due": due, "applied_on": run_of(work).started_on}


@effect("refuse_review")
def refuse_review(work: Work, *, ground: str, explanation: str) -> None:
    """Do not take it, with a ground and reasons; what stood before stands again, with the days that are left."""
    _apart(work)
    if ground not in review.REFUSALS:
        raise BadInput({"ground": "请选择不予受理的情形。"}, rule="第三十五条、第三十六条")
    if not explanation.strip():
        raise BadInput({"explanation": "请写明理由和其他解决途径。"}, rule="第三十五条、第三十六条")
    words, article = review.REFUSALS[ground]
    work.data["ground"] = ground
    work.text["explanation"] = explanation
    work.paper_words |= {"name": _NAMES[run_of(work).kind], "ground": words, "ground_article": article,
                         "explanation": explanation, "applied_on": run_of(work).started_on}  # fmt: skip
    _as_before(work)


@effect("drop_review")
def drop_review(work: Work, *, words: str) -> None:
    """The petitioner takes the application back, by his own written or recorded wish; it may come again in time."""
    if not words.strip():
        raise BadInput({"words": "请记录申请人的原话，或者写明书面撤回的日期。"})
    work.text["words"] = words
    work.paper_words |= {"name": _NAMES[run_of(work).kind], "applied_on": run_of(work).started_on}
    _as_before(work)


def _as_before(work: Work) -> None:
    """The run reviewed goes back to where it was, and its window goes on with the day it had."""
    run = run_of(work)
    about = _own(work, run)
    name, step = ("T6", "resume_window") if run.kind == "review" else ("T7", "resume_review")
    work.follow.append((step, about))
    resume(work, about, (name,))  # a window that is over by now is closed by the coming night, as every other


def _own(work: Work, run: Proceeding) -> Proceeding:
    """The matter's own copy of the run that ``run`` is about."""
    return next(row for row in work.matter.proceedings if row.pk == run.after_id)


def _apart(work: Work) -> None:
    """Nobody reviews what he handled, nor re-reviews what he reviewed (Art.28)."""
    if had_in_hand(work.petition, work.by.user) or reviewed_before(run_of(work), work.by.user):
        raise WrongPerson("经办过此事项的人员应当回避，不能复查、复核。", rule=f"《{lifecycle.TEXT}》第二十八条")


# --- the opinion ------------------------------------------------------------------------------------------------


@effect("draft_review")
def draft_review(work: Work, *, conclusion: str, facts: str, basis: str, answers: Mapping[int, str] | None = None,
                 redo_days: int | None = None) -> None:  # fmt: skip
    """Draft what the review finds: uphold, revoke, change (claim by claim), or order a redo within a limit.

    Args:
        answers: claim serial → Support, for a change.
        redo_days: calendar days for doing it anew, at most those of Art.34.
    """
    _apart(work)
    wrong = {name: "不能为空。" for name, value in (("facts", facts), ("basis", basis)) if not value.strip()}
    if conclusion not in review.CONCLUSIONS:
        wrong["conclusion"] = "请选择复查复核结论。"
    longest = lifecycle.CLOCKS["T5"].length
    if redo_days is not None and not 1 <= redo_days <= longest:
        wrong["redo_days"] = f"重新办理的期限为1至{longest}日（第三十四条）。"
    said = {} if conclusion != "change" else {str(serial): value for serial, value in (answers or {}).items()}
    if conclusion == "change":
        for claim in _claims(work):
            if said.get(str(claim.serial)) not in Support.values:
                wrong[f"support_{claim.serial}"] = f"诉求{claim.serial}要写明变更后的意见。"
    if wrong:
        raise BadInput(wrong, rule="第三十五条、第三十六条")
    work.set(conclusion=conclusion, facts=facts, basis=basis, decided=said, redo_days=redo_days, drafter=work.by.post)


def _claims(work: Work) -> list[Claim]:
    """The claims that the opinion under review answered."""
    handling = work.matter.handling
    return list(Claim.objects.filter(proceeding=handling))


@effect("return_review")
def return_review(work: Work, *, reason: str) -> None:
    """Send the draft back with what to mend."""
    if not reason.strip():
        raise BadInput({"reason": "请写明修改意见。"})
    work.text["reason"] = reason


@effect("sign_review")
def sign_review(work: Work) -> None:
    """Sign what another has drafted: the duty of thirty days is met; an order to redo opens a new run at once."""
    _apart(work)
    run = run_of(work)
    if run.drafter is not None and run.drafter.user_id == work.by.user.pk:
        raise WrongPerson("起草人不能签发自己的意见。", rule="起草与签发分开（审签程序）")
    no_hearing_open(work)
    work.set(issued_on=work.occurred_on)
    work.data["conclusion"] = run.conclusion
    claims = _claims(work)
    work.paper_kind = "review_opinion" if run.kind == "review" else "rereview_opinion"
    supports = dict(Support.choices)
    changed = [
        (claim, supports[run.decided[str(claim.serial)]]) for claim in claims if str(claim.serial) in run.decided
    ]
    about = _own(work, run)
    asked = (
        Paper.objects.filter(proceeding=about, kind__in=("review_application", "rereview_application"))
        .order_by("pk")
        .last()
    )
    work.paper_words |= {
        "proceeding": run, "about": _about(work, run), "respondent": about.department, "claims": claims, "changed": changed,
        "conclusion": review.CONCLUSIONS[run.conclusion], "name": _NAMES[run.kind], "application": asked,
        "above": review_bodies.possible(run.department) if run.kind == "review" else [],
        "redo_days": run.redo_days or lifecycle.CLOCKS["T5"].length,
    }  # fmt: skip
    _carry_out(work, run, claims)


def _about(work: Work, run: Proceeding) -> Paper | None:
    return (
        Paper.objects.filter(proceeding_id=run.after_id or 0, kind__in=_OPINIONS, void_on=None).order_by("-pk").first()
    )


def _carry_out(work: Work, run: Proceeding, claims: list[Claim]) -> None:
    """A change or a revocation takes hold of the claims; a redo opens a run with its own clock."""
    if run.conclusion == "change":
        for claim in claims:
            claim.support = run.decided[str(claim.serial)]
        Claim.objects.bulk_update(claims, ["support"])
    if run.conclusion == "revoke":
        for claim in claims:
            claim.support, claim.answer = "", ""
        Claim.objects.bulk_update(claims, ["support", "answer"])
    if run.conclusion == "redo":
        _redo(work, run, claims)


def _redo(work: Work, run: Proceeding, claims: list[Claim]) -> None:
    handled = work.matter.handling
    assert handled is not None
    held = next(row for row in work.matter.assignments if row.pk == handled.assignment_id)
    work.follow.append(("order_redo", handled))
    if held.state == "reported":  # what was reported is set aside: it will be reported anew
        held.state = "accepted"
        held.save(update_fields=["state"])
    made = open_handling(work, held, simplified=False, claims=claims)
    made.after, made.handler = handled, handled.handler
    made.save(update_fields=["after", "handler"])
    if run.redo_days:
        work.lengths["T5"] = run.redo_days
    work.clocks_on = made
    clock = start_clock(work, "T5")
    work.clocks_on = None
    work.paper_words |= {"redo_due": clock.due}
    work.data["redo_due"] = clock.due
    issue(work, "redo_order", made)


# --- delivery, and what follows ---------------------------------------------------------------------------------


@effect("deliver_review")
def deliver_review(work: Work, *, how: str, receipt: str = "signed", receiver: str = "", witness: str = "",
                   view: str = PetitionerView.NONE) -> None:  # fmt: skip
    """Serve it: after a review thirty days for re-review begin; after a re-review the road ends (Art.36)."""
    run = run_of(work)
    served(work, run, kind="review_opinion" if run.kind == "review" else "rereview_opinion", how=how, receipt=receipt,
           receiver=receiver, witness=witness, view=view)  # fmt: skip
    work.set(delivered_on=work.occurred_on, petitioner_view=view)
    _after_delivery(work, run)


def _after_delivery(work: Work, run: Proceeding) -> None:
    if run.kind == "review":
        return
    work.starts = ()
    work.to = "review_ended"
    _exhaust(work)


def _exhaust(work: Work) -> None:
    handling = work.matter.handling
    if handling is not None and handling.state == "appealed":
        work.follow.append(("exhaust", handling))
        before, work.clocks_on = work.clocks_on, handling
        start_clock(work, "TN")  # nothing is left but to close it, and that must not be forgotten
        work.clocks_on = before


@effect("record_review")
def record_review(
    work: Work, *, accepted: bool, number: str, issued_on: date, conclusion: str = "", words: str = ""
) -> None:
    """Write down what a body outside this system has decided; the day stepped on is the day of delivery."""
    run = run_of(work)
    wrong: dict[str, str] = {}
    if not number.strip():
        wrong["number"] = "请填写文书的文号。"
    if issued_on > work.occurred_on or issued_on < run.started_on:
        wrong["issued_on"] = "作出日期在申请日期和送达日期之间。"
    if accepted and conclusion not in review.CONCLUSIONS:
        wrong["conclusion"] = "请选择复查复核结论。"
    if not words.strip():
        wrong["words"] = "请写明决定的内容。"
    if wrong:
        raise BadInput(wrong, rule="第三十五条、第三十六条")
    work.set(
        outside_number=number,
        issued_on=issued_on,
        delivered_on=work.occurred_on,
        conclusion=conclusion if accepted else "",
    )
    work.data |= {"accepted": accepted, "number": number, "issued_on": issued_on, "conclusion": conclusion}
    work.text["words"] = words
    if not accepted:
        work.to, work.starts = "review_refused", ()
        _as_before(work)
        return
    work.to = "review_delivered"
    if conclusion == "redo":
        _redo_from_outside(work, run)
    _after_delivery(work, run)


def _redo_from_outside(work: Work, run: Proceeding) -> None:
    """A body outside orders a redo on its own paper: here the new run opens, and our order repeats it to the unit."""
    work.paper_words |= {"about": _about(work, run), "respondent": _own(work, run).department, "name": _NAMES[run.kind],
                         "proceeding": run, "redo_days": lifecycle.CLOCKS["T5"].length}  # fmt: skip
    _redo(work, run, _claims(work))


@effect("lapse_review")
def lapse_review(work: Work) -> None:
    """Day 31 has come without an application for re-review: the road ends here (Art.36)."""
    window = work.matter.running("T7", on=work.row)
    if window and not is_overdue(window[0].due, work.occurred_on):
        raise WrongMoment("申请复核的期限还没有届满。", rule=f"《{lifecycle.TEXT}》第三十六条")
    clocks.stop(work.matter, ("T7",), work.row, work.occurred_on, how=Clock.Ended.LAPSED)
    _exhaust(work)
