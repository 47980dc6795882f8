"""What does taking back a registration change?  Everything said is wiped; a number, days and hands stay (docs/adr/0025).

One verb for two uses that leave the same rows: a registration made in error, and one that turned out to be a report-accusation and
has gone into the sealed room a moment before, in the same transaction (`petitions/accusations/moved.py`).
"""

from __future__ import annotations

from django.db.models import Model

from petitions import attachments, erasing
from petitions.actions import moment
from petitions.actions.door import Work, effect
from petitions.errors import WrongMoment
from petitions.lifecycle import FINAL_STATES
from petitions.models import (
    Advice,
    Clock,
    Delivery,
    Dispute,
    ExternalReference,
    Filing,
    Hearing,
    Instruction,
    Kind,
    Measure,
    Mediation,
    Outcome,
    PatternCase,
    Petition,
    Purpose,
    Recusal,
    Supervision,
    UrgentReport,
    Withdrawal,
)

TITLE = "（登记有误，已撤销）"
RULE = "第二十二条（登记有误）"
# What runs beside a filing that nobody was sent: it ends with it, each in the state of its table that says so.  What was decided stays.
_BESIDE: tuple[tuple[type[Model], str, str], ...] = (
    (Instruction, "instruction", "answered"), (Supervision, "supervision", "ended"), (Hearing, "hearing", "cancelled"),
    (Mediation, "mediation", "stopped"), (Withdrawal, "withdrawal", "not_meant"), (UrgentReport, "urgent", "over"),
    (Dispute, "dispute", "agreed"), (Measure, "measure", "ended"), (Advice, "advice", "noted"), (Recusal, "recusal", "refused"),
)  # fmt: skip
_PETITION = {
    "kind": Kind.CLAIM, "purpose": Purpose.SETTLE, "category": None, "region": None, "head_count": 1, "joint": False,
    "hide_name": False, "urgent": False, "related_to": None,
}  # fmt: skip
_FILING = {"head_count": 1, "actual_count": None, "postmark_on": None}


@effect("retract")
def retract(work: Work) -> None:
    """End the matter as registered in error, and wipe all that was said, codes included; nothing tells why it was.

    Raises:
        WrongMoment: another matter has been merged into this one.
    """
    if work.petition.merged.exists():
        raise WrongMoment("有别的事项已经并入这一件，先把它们拆出。", rule=RULE)
    work.set_petition(
        outcome=Outcome.MISTAKEN,
        closed_on=work.occurred_on,
        confirmed_on=None,
        rateable=False,
        resolved=None,
        **_PETITION,
    )
    work.data["outcome"] = str(Outcome.MISTAKEN)
    _end_all(work)
    Delivery.objects.filter(petition=work.petition).exclude(state=Delivery.State.SENT).delete()
    work.after = lambda: _wipe(work.petition)


def _end_all(work: Work) -> None:
    """Every clock and whatever runs beside: nobody owes a registration that was none."""
    for clock in work.matter.clocks:
        if clock.ended == "":
            clock.ended, clock.ended_on = Clock.Ended.CANCELLED, work.occurred_on
            clock.save(update_fields=["ended", "ended_on"])
    for model, kind, state in _BESIDE:
        running = model._default_manager.filter(petition=work.petition).exclude(state__in=FINAL_STATES[kind])
        running.update(state=state)


def _wipe(petition: Petition) -> None:
    """Numbers of other systems stay, so that the same list imported again does not bring it back."""
    files = attachments.of_matter(petition)
    attachments.destroy(files)
    files.delete()
    PatternCase.objects.filter(petition=petition).delete()
    Filing.objects.filter(petition=petition).update(**_FILING)
    Petition.objects.filter(related_to=petition).update(related_to=None)
    erasing.wipe(petition, moment.now(), keep=(ExternalReference,), title=TITLE)
