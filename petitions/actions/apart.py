"""Who may not judge because the work was his own?  Asked of the person, whichever post he acts in today."""

from __future__ import annotations

from accounts.models import User
from petitions.models import Event, Petition, Proceeding, Supervision

# Steps by which somebody has had a matter in hand: who has taken one neither confirms its closure nor calls afterwards.
HAND_STEPS = (
    "accept", "take_up", "interview", "draft", "check", "sign", "deliver", "close", "report_back", "direct_reply", "co_answer",
    "draft_reply", "sign_reply", "deliver_reply", "record_withdrawal", "confirm_withdrawal", "deny_withdrawal", "agree_mediation",
)  # fmt: skip


REVIEW_STEPS = ("accept_review", "draft_review", "sign_review")


def reviewed_before(run: Proceeding, user: User) -> bool:
    """Whether ``user`` took part in the review that ``run`` (a re-review) is about."""
    return Event.objects.filter(
        petition=run.petition_id, user=user, step__in=REVIEW_STEPS, on="proceeding", on_id=run.after_id or 0
    ).exists()


def had_in_hand(petition: Petition, user: User) -> bool:
    """Whether ``user`` handled ``petition``, is named as its handler, or wrote its direct reply."""
    if Event.objects.filter(petition=petition, user=user, step__in=HAND_STEPS).exists():
        return True
    return petition.proceedings.filter(handler__user=user).exists()


def answered(row: Supervision, user: User) -> bool:
    """Whether ``user`` has answered the supervision ``row``, be it that the answer was returned."""
    answers = Event.objects.filter(petition=row.petition_id, step="answer_supervision", on="supervision", on_id=row.pk)
    return answers.filter(user=user).exists()
