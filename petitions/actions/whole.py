"""What do the steps on the matter as a whole change?  Instructions, supervision, follow-up, settlement, query code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.actor import Actor
from accounts.models import Post, Role
from petitions import querycode
from petitions.access import visible_to
from petitions.actions import moment
from petitions.actions.apart import answered, had_in_hand
from petitions.actions.door import Work, effect
from petitions.errors import BadInput, WrongPerson
from petitions.law import oversight
from petitions.models import Filing, Instruction, Supervision

ANSWER_DAYS = 15  # house default for answering a leader's instruction; the leader may set another


@effect("submit_to_leader")
def submit_to_leader(work: Work, *, leader: Post, proposal: str) -> None:
    """Lay the matter before a leader with a proposal (呈批, Art.22 ¶1(1))."""
    if leader.role != Role.LEADER or leader.valid_to is not None:
        raise BadInput({"leader": "请选择在任的领导。"})
    if not visible_to(Actor(leader.user, leader)).filter(pk=work.petition.pk).exists():
        raise BadInput({"leader": "这件事项不在这位领导的分管领域，请呈送分管领导。"}, rule="分管领域")
    if not proposal.strip():
        raise BadInput({"proposal": "请写明拟办意见。"})
    Instruction.objects.create(petition=work.petition, leader=leader, asked_on=work.occurred_on, state="asked")
    work.data["leader"] = leader.pk
    work.text["proposal"] = proposal
    work.paper_words |= {"leader": leader, "proposal": proposal}
    work.row.told_leader_id = leader.pk  # type: ignore[union-attr]


@effect("instruct")
def instruct(work: Work, *, text: str, answer_days: int = ANSWER_DAYS) -> None:
    """Write an instruction; the responsible unit must answer it by a day (Art.18: 阅批)."""
    if not text.strip():
        raise BadInput({"text": "请填写批示内容。"})
    if not 1 <= answer_days <= 90:
        raise BadInput({"answer_days": "回复期限为1至90日。"})
    due = work.occurred_on + timedelta(days=answer_days)
    lead = work.matter.lead
    asked = Instruction.objects.filter(petition=work.petition, leader=work.by.post, state="asked").first()
    row = asked or Instruction(petition=work.petition, leader=work.by.post)
    row.department_id = lead.department_id if lead else work.petition.office_id
    row.written_on, row.text, row.answer_due, row.state = work.occurred_on, text, due, "written"
    row.save()
    work.clocks_on, work.lengths["TB"] = row, answer_days
    work.data |= {"instruction": row.pk, "answer_due": due}
    work.text["text"] = text
    work.paper_words |= {"text": text, "leader": work.by.post, "answer_due": due}


@effect("answer_instruction")
def answer_instruction(work: Work, *, answer: str) -> None:
    """Tell the leader what was done."""
    if not answer.strip():
        raise BadInput({"answer": "请填写落实情况。"})
    work.set(answer=answer, answered_on=work.occurred_on)
    work.text["answer"] = answer


@effect("supervise")
def supervise(
    work: Work, *, trigger: str, demand: str = "", form: str = "system", evidence: dict[str, Any] | None = None
) -> None:
    """Open a supervision of the unit that holds the matter, with the evidence, by one of its forms (Art.40)."""
    if form not in oversight.FORMS:
        raise BadInput({"form": "请选择督办方式。"}, rule="第四十条")
    if form in oversight.BY_HEAD and work.by.role != Role.OFFICE_HEAD:
        raise WrongPerson("实地督办、联合督办由信访部门负责人批准、发起。", rule="地方规则（督查工作）")
    if trigger not in TRIGGERS:
        raise BadInput({"trigger": "请选择第四十条列明的情形。"}, rule="第四十条")
    lead = work.matter.lead
    department_id = lead.department_id if lead else work.petition.office_id
    row = Supervision.objects.create(
        petition=work.petition, department_id=department_id, trigger=trigger, evidence=evidence or {}, form=form,
        opened_on=work.occurred_on, state="open",
    )  # fmt: skip
    work.clocks_on = row
    work.data |= {
        "supervision": row.pk,
        "trigger": trigger,
        "form": form,
        "department": department_id,
        **(evidence or {}),
    }
    work.text["demand"] = demand
    work.paper_words |= {"trigger": TRIGGERS.get(trigger, trigger), "demand": demand, "evidence": evidence or {}}


TRIGGERS = oversight.TRIGGERS


@effect("answer_supervision")
def answer_supervision(work: Work, *, answer: str) -> None:
    """The unit explains and says what it has done (Art.40)."""
    if not answer.strip():
        raise BadInput({"answer": "请填写反馈内容。"})
    work.set(answered_on=work.occurred_on)
    work.text["answer"] = answer
    row = work.row
    assert isinstance(row, Supervision)
    work.paper_words |= {"row": row, "trigger": TRIGGERS.get(row.trigger, row.trigger), "answer": answer}


@effect("end_supervision")
def end_supervision(work: Work, *, finding: str) -> None:
    """The supervisor has seen that it was put right; whoever answered for the body does not judge his own answer."""
    assert isinstance(work.row, Supervision)
    if answered(work.row, work.by.user):
        raise WrongPerson("反馈过这次督办的人员不能自己结束督办，要由另一人核查。", rule="办理与审核分开")
    if not finding.strip():
        raise BadInput({"finding": "请写明核查结论。"}, rule="第四十条")
    work.set(ended_on=work.occurred_on)
    work.text["finding"] = finding


@effect("follow_up")
def follow_up(work: Work, *, reached: bool, words: str, settled: bool | None = None) -> None:
    """Ask the petitioner afterwards; never by somebody who handled the matter (domain.md §3.3)."""
    if had_in_hand(work.petition, work.by.user):
        raise WrongPerson("回访要由未经办此事项的人员进行。", rule="办理与回访分开")
    if reached and not words.strip():
        raise BadInput({"words": "请记录信访人的说法。"})
    work.data |= {"reached": reached, "settled": settled}
    work.text["words"] = words


@effect("judge_resolved")
def judge_resolved(work: Work, *, resolved: bool, ground: str) -> None:
    """Find whether the matter is settled (化解); another axe than closed, and another than the rating."""
    if not ground.strip():
        raise BadInput({"ground": "请写明认定的依据（协议履行、回访情况等）。"})
    work.set_petition(resolved=resolved)
    work.data["resolved"] = resolved
    work.text["ground"] = ground


@effect("reissue_code")
def reissue_code(work: Work, *, reason: str, code: str | None = None) -> None:
    """Make a new query code; the old one stops working.  A rating within a day of this is flagged for audit."""
    if not reason.strip():
        raise BadInput({"reason": "请写明重发的原因。"})
    assert isinstance(work.row, Filing)
    fresh = code or querycode.new_code()
    now = moment.now()
    work.set(query_code_hash=querycode.code_hash(fresh), query_code_made_at=now, query_code_reprinted_at=now)
    work.text["reason"] = reason
    work.row.fresh_code = fresh  # type: ignore[attr-defined]
