"""What do the steps of supervision, measures, suggestions and execution change?  Art.32, 38 to 40."""

from __future__ import annotations

from datetime import date

from accounts.models import Department
from petitions import lifecycle
from petitions.access import executed_already
from petitions.actions.door import Work, effect
from petitions.actions.handling import run_of
from petitions.actions.matter import advised
from petitions.actions.triage import latest_limit
from petitions.errors import BadInput, WrongMoment
from petitions.law import oversight
from petitions.models import Advice, Measure, Proceeding, Supervision


def _need(**words: str) -> None:
    missing = {name: "不能为空。" for name, value in words.items() if not value.strip()}
    if missing:
        raise BadInput(missing)


def _until(work: Work, name: str, day: date) -> int:
    """The days from today to ``day``, which is a limit somebody sets."""
    if not work.occurred_on < day <= latest_limit(work):
        raise BadInput({name: "期限要晚于今天，也不能太远，请核对年份。"})
    return (day - work.occurred_on).days


@effect("look_into")
def look_into(
    work: Work, *, form: str, text: str, facts_true: str, claim_fair: str, understood: str, cause: str = ""
) -> None:
    """Write down what the supervisor saw, by which form, and what it comes to (核查).

    Args:
        facts_true, claim_fair, understood: codes of ``law.oversight``: is it so, is the claim reasonable, does the petitioner
            understand.
    """
    _need(text=text)
    found = {"form": form, "facts_true": facts_true, "claim_fair": claim_fair, "understood": understood}
    wrong = {name: "请选择一项。" for name, code in found.items() if code not in _LOOKS[name]}
    if wrong:
        raise BadInput(wrong, rule=_RULE_38)
    assert isinstance(work.row, Supervision)
    work.data |= found
    work.text |= {"text": text, "cause": cause}
    said = {name: _LOOKS[name][code] for name, code in found.items()}
    said["look_form"] = said.pop("form")
    work.paper_words |= {**said, "text": text, "cause": cause, "unit": work.row.department}


_RULE_38 = "第三十八条、第四十条"
_LOOKS = {
    "form": oversight.FORMS, "facts_true": oversight.FACTS_TRUE, "claim_fair": oversight.CLAIM_FAIR,
    "understood": oversight.UNDERSTOOD,
}  # fmt: skip


@effect("return_answer")
def return_answer(work: Work, *, reason: str) -> None:
    """The answer will not do: another is owed within the same number of days."""
    _need(reason=reason)
    work.set(answered_on=None)
    work.text["reason"] = reason


@effect("propose_measure")
def propose_measure(work: Work, *, kind: str, reason: str) -> None:
    """Propose to the joint conference what to do about the body (Art.39); the office decides nothing itself."""
    _need(reason=reason)
    if kind not in oversight.MEASURES:
        raise BadInput({"kind": "请选择约谈、通报或者挂牌督办。"}, rule="第三十九条第三款")
    assert isinstance(work.row, Supervision)
    row = Measure.objects.create(
        petition=work.petition, supervision=work.row, department_id=work.row.department_id, kind=kind, state="proposed",
        proposed_on=work.occurred_on,
    )  # fmt: skip
    work.data |= {"measure": row.pk, "measure_kind": kind}
    work.text["reason"] = reason


@effect("decide_measure")
def decide_measure(work: Work, *, kind: str, rectify_by: date, demand: str) -> None:
    """The conference chooses by gravity, not by a ladder, and orders rectification by a day (Art.39)."""
    _need(demand=demand)
    if kind not in oversight.MEASURES:
        raise BadInput({"kind": "请选择约谈、通报或者挂牌督办。"}, rule="第三十九条第三款")
    assert isinstance(work.row, Measure)
    work.lengths["TZ"] = _until(work, "rectify_by", rectify_by)
    work.set(kind=kind, decided_on=work.occurred_on, rectify_by=rectify_by)
    work.data |= {"measure_kind": kind, "rectify_by": rectify_by}
    work.text["demand"] = demand
    trigger = oversight.TRIGGERS.get(work.row.supervision.trigger, "")
    work.paper_words |= {"measure": oversight.MEASURES[kind], "unit": work.row.department, "demand": demand, "rectify_by": rectify_by,
                         "trigger": trigger}  # fmt: skip


@effect("reject_measure")
def reject_measure(work: Work, *, reason: str) -> None:
    """The conference takes no measure."""
    _need(reason=reason)
    work.set(decided_on=work.occurred_on, ended_on=work.occurred_on)
    work.text["reason"] = reason


@effect("answer_measure")
def answer_measure(work: Work, *, answer: str) -> None:
    """The body reports what it has put right."""
    _need(answer=answer)
    work.text["answer"] = answer


@effect("end_measure")
def end_measure(work: Work, *, finding: str) -> None:
    """The conference finds that it was put right."""
    _need(finding=finding)
    work.set(ended_on=work.occurred_on)
    work.text["finding"] = finding


@effect("reopen_measure")
def reopen_measure(work: Work, *, reason: str, rectify_by: date) -> None:
    """It was not: another day is set."""
    _need(reason=reason)
    work.lengths["TZ"] = _until(work, "rectify_by", rectify_by)
    work.set(rectify_by=rectify_by)
    work.data["rectify_by"] = rectify_by
    work.text["reason"] = reason


@effect("advise")
def advise(
    work: Work, *, kind: str, department: Department, facts: str, suggestion: str, basis: str = "", article: str = ""
) -> None:
    """Suggest to a body to improve its work, to a government to better a policy, to whoever may, to hold to account (Art.40).

    Args:
        basis: on what it rests, in words; may stay open where an article is named.
        article: a key of ``law.oversight.LIABILITY`` (Art.42 to 46), for 追究责任, which names one.
    """
    _need(facts=facts, suggestion=suggestion, **({} if article else {"basis": basis}))
    if (kind == "blame") is not (article in oversight.LIABILITY):
        raise BadInput({"article": _WHICH_ARTICLE}, rule="第四十条第三款")
    if kind not in oversight.ADVICE:
        raise BadInput({"kind": "请选择改进工作、完善政策或者追究责任。"}, rule="第四十条")
    row = Advice.objects.create(
        petition=work.petition, department=department, kind=kind, state="sent", sent_on=work.occurred_on
    )
    work.clocks_on = row
    work.paper_kind = f"advice_{kind}"
    work.data |= {"advice": row.pk, "advice_kind": kind, "department": department.pk, "demand": ""}
    if article:
        work.data["article"] = article
    work.text |= {"facts": facts, "suggestion": suggestion, "basis": basis}
    named = f"《{lifecycle.TEXT}》{oversight.LIABILITY[article]}。" if article else ""
    work.paper_words |= {
        "unit": department,
        "facts": facts,
        "suggestion": suggestion,
        "basis": "\n".join(part for part in (named, basis) if part),
        "advice": oversight.ADVICE[kind],
    }
    advised(work.petition, department.pk, "to_answer")


_WHICH_ARTICLE = "追究责任的建议要写明依据第四十二条至第四十六条中的哪一条；其他建议不写。"


@effect("answer_advice")
def answer_advice(work: Work, *, adopted: str, answer: str) -> None:
    """The body says in writing whether it adopts, and why not where it does not (Art.40)."""
    _need(answer=answer)
    if adopted not in oversight.ADOPTED:
        raise BadInput({"adopted": "请选择采纳情况。"}, rule="第四十条")
    assert isinstance(work.row, Advice)
    work.set(answered_on=work.occurred_on, adopted=adopted)
    work.data["adopted"] = adopted
    work.text["answer"] = answer
    work.paper_words |= {"unit": work.row.department, "advice": oversight.ADVICE[work.row.kind], "answer": answer,
                         "adopted": oversight.ADOPTED[adopted]}  # fmt: skip
    advised(work.petition, work.row.department_id, "")


@effect("note_advice")
def note_advice(work: Work, *, finding: str) -> None:
    """The petition office has read the answer; it goes into the annual report (Art.41)."""
    _need(finding=finding)
    work.text["finding"] = finding


@effect("track_execution")
def track_execution(work: Work, *, executor: Department, what: str, due_on: date) -> None:
    """What the opinion supports is to be done: by whom, until when; the body that decided urges it (Art.32 ¶2)."""
    _need(what=what)
    run = run_of(work)
    if executed_already(work.petition, run):
        raise WrongMoment("这份意见的执行已经在督促。", rule="《信访工作条例》第三十二条第二款")
    made = Proceeding.objects.create(
        petition=work.petition, assignment=run.assignment, department=executor, kind="execution", state="executing",
        started_on=work.occurred_on, after=run,
    )  # fmt: skip
    work.matter.proceedings.append(made)
    work.clocks_on = made
    work.lengths["TE"] = _until(work, "due_on", due_on)
    work.data |= {"department": executor.pk, "demand": "", "due": due_on}
    work.text["what"] = what
    work.paper_words |= {"unit": executor, "what": what, "due_on": due_on}


@effect("urge_execution")
def urge_execution(work: Work, *, what: str) -> None:
    """Urge again, on paper."""
    _need(what=what)
    work.text["what"] = what
    clock = next((row for row in work.matter.running("TE", on=work.row)), None)
    work.paper_words |= {"unit": run_of(work).department, "what": what, "due_on": clock.due if clock else None}


@effect("execution_done")
def execution_done(work: Work, *, evidence: str) -> None:
    """It has been done."""
    _need(evidence=evidence)
    work.text["evidence"] = evidence
