"""Who may not judge because the work was his own?  Asked of the person, whichever post he acts in today."""

from __future__ import annotations

from accounts.models import User
from petitions.models import Event, Petition

# Steps by which somebody has had a matter in hand: who has taken one neither confirms its closure nor calls afterwards.
HAND_STEPS = (
    "accept", "take_up", "interview", "draft", "check", "sign", "deliver", "close", "report_back", "direct_reply", "co_answer",
)  # fmt: skip


def had_in_hand(petition: Petition, user: User) -> bool:
    """Whether ``user`` handled ``petition``, is named as its handler, or wrote its direct reply."""
    if Event.objects.filter(petition=petition, user=user, step__in=HAND_STEPS).exists():
        return True
    return petition.proceedings.filter(handler__user=user).exists()
