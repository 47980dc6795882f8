"""What does each step of a run of handling change?  Rows 10 to 15 and 22 of domain.md §2.2."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from accounts.models import Department
from petitions import lifecycle, review_bodies
from petitions.access import office_for
from petitions.actions import clocks
from petitions.actions.apart import had_in_hand
from petitions.actions.door import Work, effect, issue, not_before
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.likeness import says_nothing_new
from petitions.models import Claim, Clock, Paper, PetitionerView, Proceeding, Support
from petitions.workdays import extension_room, is_overdue


def run_of(work: Work) -> Proceeding:
    """The run stepped on."""
    assert isinstance(work.row, Proceeding)
    return work.row


@effect("interview")
def interview(work: Work, *, text: str, held_on: date | None = None, place: str = "", people: str = "") -> None:
    """Record a talk or an inquiry: who, where, what was said (Art.31(6))."""
    if not text.strip():
        raise BadInput({"text": "请填写笔录内容。"}, rule="第三十一条第六项")
    work.data["held_on"] = held_on or work.occurred_on
    work.text |= {"text": text, "place": place, "people": people}
    work.paper_words |= {"held_on": held_on or work.occurred_on, "text": text, "place": place, "people": people}


@effect("extend")
def extend(work: Work, *, days: int, reason: str) -> None:
    """Lengthen T5 before it runs out, by thirty days at most in all, for a reason (Art.34)."""
    run, rule = run_of(work), f"《{lifecycle.TEXT}》第三十四条"
    if run.simplified:
        raise WrongMoment("简易办理的事项不能延长；情况复杂的，应转为普通程序办理。", rule=rule)
    running = work.matter.running("T5", on=run)
    if not running or is_overdue(running[0].due, work.occurred_on):
        raise WrongMoment("办理期限已经届满，不能再延长。", rule=rule)
    room = extension_room(run.extended_days)
    if not 1 <= days <= room:
        raise BadInput({"days": f"延长合计不超过30日，还可延长{room}日。"}, rule=rule)
    if not reason.strip():
        raise BadInput({"reason": "请写明延长的理由，并告知信访人。"}, rule=rule)
    clocks.lengthen(running[0], days, work.rules)
    work.set(extended_days=run.extended_days + days)
    work.data |= {"days": days, "due": running[0].due}
    work.text["reason"] = reason
    work.paper_words |= {"days": days, "reason": reason, "new_due": running[0].due, "proceeding": run}


@effect("draft")
def draft(work: Work, *, facts: str, basis: str, answers: Mapping[int, Mapping[str, str]]) -> None:
    """Draft one opinion that answers every claim, claim by claim (Art.32).

    Args:
        answers: claim serial → {"support": one of Support, "answer": words}.
    """
    missing = {name: "不能为空。" for name, value in (("facts", facts), ("basis", basis)) if not value.strip()}
    claims = list(Claim.objects.filter(proceeding=run_of(work)))
    for claim in claims:
        said = answers.get(claim.serial, {})
        if said.get("support") not in Support.values or not str(said.get("answer", "")).strip():
            missing[f"answer_{claim.serial}"] = f"诉求{claim.serial}要逐项答复并写明是否支持。"
        claim.support, claim.answer = said.get("support", ""), said.get("answer", "")
    if missing:
        raise BadInput(missing, rule="第三十二条")
    Claim.objects.bulk_update(claims, ["support", "answer"])
    work.set(facts=facts, basis=basis, drafter=work.by.post)


@effect("return_draft")
def return_draft(work: Work, *, reason: str) -> None:
    """Send the draft back to the handler with what to mend."""
    if not reason.strip():
        raise BadInput({"reason": "请写明修改意见。"})
    work.set(checker=None)
    work.text["reason"] = reason


@effect("check")
def check(work: Work) -> None:
    """The leader in charge checks; nobody checks his own draft."""
    drafter = run_of(work).drafter
    if drafter is not None and drafter.user_id == work.by.user.pk:
        raise WrongPerson("起草人不能核自己的稿。", rule="起草与核稿分开（审签程序）")
    work.set(checker=work.by.post)


@effect("sign")
def sign(work: Work) -> None:
    """The head signs: the opinion is issued, with its remedy, and T5 is met (Art.32, 34)."""
    run = run_of(work)
    work.set(issued_on=work.occurred_on)
    work.set_petition(outcome="opinion")
    work.clocks_on = run
    claims = list(Claim.objects.filter(proceeding=run))
    not_the_same_again(run, claims)
    no_hearing_open(work)
    above = review_bodies.possible(run.department)
    work.paper_words |= {"proceeding": run, "claims": claims, "review_bodies": above, "copies": _copies(work)}
    work.data["support"] = {claim.serial: claim.support for claim in claims}
    work.set(decided=work.data["support"])


def _copies(work: Work) -> list[str]:
    """Who gets a copy of an opinion: the petition office that answers for the matter, and whoever sent it (domain.md §2.2)."""
    held = work.matter.lead
    sent = [held.sender_id if held else None, work.matter.first_filing.handed_by_id]
    bodies = {office_for(work.petition), *(body for body in sent if body is not None)} - {run_of(work).department_id}
    found = Department.objects.filter(pk__in=bodies).order_by("pk")
    return list(found.values_list("name", flat=True))


def not_the_same_again(run: Proceeding, claims: list[Claim]) -> None:
    """Refuse to answer an order to redo with the same opinion on the same fact and reason (domain.md §2.2 row 18).

    Raises:
        BadInput: every claim gets the verdict it had, and neither facts nor grounds say anything that the opinion set aside
            did not.
    """
    before = run.after
    if before is None or before.kind != "handling":
        return
    same = all(before.decided.get(str(claim.serial)) == claim.support for claim in claims)
    if same and says_nothing_new(run.facts, before.facts) and says_nothing_new(run.basis, before.basis):
        sentence = "不得以同一事实和理由作出与原处理意见相同的意见：请重新调查，写明新的事实或者依据。"
        raise BadInput({"facts": sentence}, rule="第三十五条、地方规定（责令重新办理）")


def no_hearing_open(work: Work) -> None:
    """Refuse to sign while a hearing called for this matter has not ended.

    Raises:
        WrongMoment.
    """
    if work.petition.hearings.filter(state__in=("called", "held")).exists():
        raise WrongMoment("听证还没有作出结论，不能签发。", rule=f"《{lifecycle.TEXT}》第三十一条第六项")


def resume(work: Work, run: Proceeding, names: tuple[str, ...]) -> None:
    """Let the run's last clock of ``names`` go on as it was: what is taken up again buys nobody time."""
    last = Clock.objects.filter(petition=work.petition, proceeding=run, name__in=names).order_by("-pk").first()
    if last is None:
        return
    again = Clock.objects.create(
        petition=work.petition, proceeding=run, name=last.name, window=last.window, department_id=last.department_id,
        length=last.length, working=last.working, extended=last.extended, start=last.start, raw_due=last.raw_due,
        due=last.due, provisional=last.provisional, rule=last.rule,
        lapse_logged_on=None if last.window else last.lapse_logged_on,
    )  # fmt: skip
    work.matter.clocks.append(again)


@effect("deliver")
def deliver(
    work: Work,
    *,
    how: str,
    receipt: str = "signed",
    receiver: str = "",
    witness: str = "",
    view: str = PetitionerView.NONE,
) -> None:
    """Serve the opinion; the petitioner's thirty days for review start on that day (Art.35)."""
    served(work, run_of(work), kind="opinion", how=how, receipt=receipt, receiver=receiver, witness=witness, view=view)
    work.set(delivered_on=work.occurred_on, petitioner_view=view)


def served(
    work: Work, run: Proceeding, *, kind: str, how: str, receipt: str, receiver: str, witness: str, view: str
) -> None:
    """Write on the run's paper of ``kind`` how, when and to whom it was served, or refused before whom.

    Raises:
        BadInput.
    """
    if how not in ("hand", "post", "other"):
        raise BadInput({"how": "请选择送达方式。"})
    if receipt not in ("signed", "refused"):
        raise BadInput({"receipt": "请选择签收或拒收。"})
    if receipt == "refused" and not witness.strip():
        raise BadInput({"witness": "拒收的，要记明见证人。"})
    if view not in PetitionerView.values:
        raise BadInput({"view": "请选择信访人意见。"})
    if receipt == "refused" and view == PetitionerView.AGREES:
        raise BadInput({"view": "拒收的，不能记为同意。"})
    not_before(work, run.issued_on, "送达日期不能早于意见作出的日期。")
    paper = Paper.objects.filter(proceeding=run, kind=kind, void_on=None).latest("pk")
    paper.served_how, paper.served_on, paper.receipt = how, work.occurred_on, receipt
    paper.receiver, paper.witness = receiver, witness
    paper.save(update_fields=["served_how", "served_on", "receipt", "receiver", "witness"])
    work.paper_words["served"] = paper
    issue(work, "service_receipt", run)
    work.data |= {"how": how, "receipt": receipt, "view": view, "paper": paper.number}
    work.text |= {"receiver": receiver, "witness": witness}


@effect("lapse")
def lapse(work: Work) -> None:
    """Day 31 has come without an application: the window has closed (Art.35)."""
    window = work.matter.running("T6", on=work.row)
    if window and not is_overdue(window[0].due, work.occurred_on):
        raise WrongMoment("申请复查的期限还没有届满。", rule=f"《{lifecycle.TEXT}》第三十五条")
    clocks.stop(work.matter, ("T6",), work.row, work.occurred_on, how=Clock.Ended.LAPSED)


@effect("close")
def close(work: Work) -> None:
    """Close once the window has lapsed, or earlier when the petitioner agreed on receiving the opinion.

    The window itself runs on: a petitioner who agreed may still apply within it (Art.35).
    """
    asked = [row for row in work.matter.assignments if row.state in ("co_sent", "co_signed")]
    if asked:
        names = "、".join(row.department.name for row in asked)
        raise WrongMoment(f"{names}还没有回复协办意见，不能办结。", rule=f"《{lifecycle.TEXT}》第二十四条")
    if any(row.kind == "duty" and row.state not in _ANSWERED_DUTY for row in work.matter.proceedings):
        raise WrongMoment("履行法定职责的答复还没有送达，不能办结。", rule=f"《{lifecycle.TEXT}》第三十一条第五项")
    work.set_petition(closed_on=work.occurred_on)


# A claim that came back is answered by the opinion.
_ANSWERED_DUTY = ("reply_delivered", "came_back")


@effect("confirm_closure")
def confirm_closure(work: Work) -> None:
    """The petition office audits papers, delivery and execution; nobody confirms what he closed."""
    if had_in_hand(work.petition, work.by.user):
        raise WrongPerson("经办此事项的人员不能审核认定办结。", rule="办理与审核分开")
    held = work.matter.lead
    if held is not None and held.mode == "assign" and held.state != "reported":
        raise WrongMoment("交办事项要先收到办结报告。", rule=f"《{lifecycle.TEXT}》第二十二条第一款第三项")
    work.set_petition(confirmed_on=work.occurred_on, rateable=True)


@effect("refuse_closure")
def refuse_closure(work: Work, *, reason: str) -> None:
    """Send it back with what is missing; a window that has closed stays closed."""
    if run_of(work).kind in ("study", "duty"):
        work.to = "reply_delivered"
    elif work.petition.outcome == "settled":
        work.to = "settled"
    elif (
        run_of(work)
        .followed_by.filter(
            petition=work.petition, kind="review", state__in=["review_lapsed", "review_ended", "review_appealed"]
        )
        .exists()
    ):
        work.to = "exhausted"
    elif not work.matter.running("T6", on=work.row):
        work.to = "lapsed"
    if not reason.strip():
        raise BadInput({"reason": "请写明不予认定的理由。"})
    work.set_petition(closed_on=None)
    work.text["reason"] = reason
