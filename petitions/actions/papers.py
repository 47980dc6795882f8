"""What do serving and voiding a paper change?  Its receipt, or that its number stands for nothing any more."""

from __future__ import annotations

from petitions import lifecycle, notices
from petitions.access import unit_of
from petitions.actions import moment
from petitions.actions.door import Work, effect
from petitions.actions.handling import resume, run_of
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.models import Paper

# Served by a step of their own: a window runs from that day.
BY_THEIR_OWN = ("opinion", "review_opinion", "rereview_opinion", "suggestion_reply", "duty_reply")
# What the file is proved by: none of it is undone, a later one corrects it.
KEPT = (
    "service_receipt",
    "interview_record",
    "hearing_record",
    "look_record",
    "extension_approval",
    "void_sheet",
    "void_notice",
)
_REMEDY = f"《{lifecycle.TEXT}》第三十五条、第三十六条"


def _paper(work: Work, number: str) -> Paper:
    found = Paper.objects.filter(petition=work.petition, number=number, void_on=None).first()
    if found is None:
        raise BadInput({"paper": "没有这份文书，或者已经作废。"}, rule="文书管理")
    return found


@effect("serve_paper")
def serve_paper(
    work: Work, *, paper: str, how: str, receipt: str = "signed", receiver: str = "", witness: str = ""
) -> None:
    """Write down how a notice reached the petitioner: by hand, post or otherwise, signed for or refused before a witness."""
    found = _paper(work, paper)
    if not found.for_petitioner or found.kind in BY_THEIR_OWN:
        raise BadInput({"paper": "这份文书不在这里送达。"}, rule="文书管理")
    if found.served_on is not None:
        raise WrongMoment("这份文书已经送达。", rule="文书管理")
    wrong: dict[str, str] = {}
    if how not in ("hand", "post", "other"):
        wrong["how"] = "请选择送达方式。"
    if receipt not in ("signed", "refused"):
        wrong["receipt"] = "请选择签收或拒收。"
    if receipt == "refused" and not witness.strip():
        wrong["witness"] = "拒收的，要记明见证人。"
    if wrong:
        raise BadInput(wrong)
    found.served_how, found.served_on, found.receipt = how, work.occurred_on, receipt
    found.receiver, found.witness = receiver, witness
    found.save(update_fields=["served_how", "served_on", "receipt", "receiver", "witness"])
    work.data |= {"how": how, "receipt": receipt, "served": found.number}
    work.text |= {"receiver": receiver, "witness": witness}
    work.paper_words |= {"served": found}


@effect("void_paper")
def void_paper(work: Work, *, paper: str, reason: str) -> None:
    """Void a paper that was issued by mistake; its number is kept and never given again, and whoever has it is told."""
    found = _paper(work, paper)
    if not reason.strip():
        raise BadInput({"reason": "请写明作废的理由。"})
    if found.department_id != unit_of(work.by):
        raise WrongPerson("只能作废本单位的文书。", rule="文书管理")
    if found.kind in BY_THEIR_OWN:
        raise WrongMoment("意见书和答复不能作废：送达前可以收回重签，送达后只能经复查、复核改变。", rule=_REMEDY)
    if found.kind in KEPT:
        raise WrongMoment("回证、笔录和审批单是案卷的凭据，不能作废。", rule="文书管理")
    _void(work, found, reason)


def _void(work: Work, found: Paper, reason: str) -> None:
    found.void_on = work.occurred_on
    found.save(update_fields=["void_on"])
    work.data["voided"] = found.number
    work.text["reason"] = reason
    work.paper_words |= {"voided": found, "reason": reason}
    if found.for_petitioner and found.served_on is not None:
        work.owed = ("void_notice",)
        notices.tell("void_served", matter=work.matter, row=work.row, by=work.by, at=moment.now())


@effect("recall_opinion")
def recall_opinion(work: Work, *, reason: str) -> None:
    """Take back an opinion that nobody was served: its duty goes on as it was, the one signed next replaces it."""
    _recall(work, ("opinion",), reason, ("T5", "T5'"))


@effect("recall_reply")
def recall_reply(work: Work, *, reason: str) -> None:
    """Take back a reply that nobody was served."""
    _recall(work, ("suggestion_reply", "duty_reply"), reason, ("TG", "TY"))


def _recall(work: Work, kinds: tuple[str, ...], reason: str, duties: tuple[str, ...]) -> None:
    run = run_of(work)
    if not reason.strip():
        raise BadInput({"reason": "请写明收回的理由。"})
    _void(work, Paper.objects.filter(proceeding=run, kind__in=kinds, void_on=None, served_on=None).latest("pk"), reason)
    work.set(issued_on=None)
    if work.matter.handling is run:
        work.set_petition(outcome="")
    work.starts = ()
    resume(work, run, duties)
