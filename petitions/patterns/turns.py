"""What else may a warning be turned into?  Other apps register here, in AppConfig.ready; this app imports none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.actor import Actor
from petitions.models import Pattern


@dataclass(frozen=True)
class Turn:
    """A way on from a warning: the button's words and where it leads; ``step`` of PatternStep that will be written."""

    step: str
    label: str
    url: str


Offer = Callable[[Actor, Pattern], Turn | None]
Made = Callable[[str], str]
_offers: list[Offer] = []
_made: dict[str, Made] = {}


def register(step: str, offer: Offer, made: Made) -> None:
    """Offer a way on to whoever may take it; ``made`` says where what came of it is, by its ref."""
    _offers.append(offer)
    _made[step] = made


def offered(actor: Actor, pattern: Pattern) -> list[Turn]:
    """Return the ways on that ``actor`` may take."""
    return [turn for offer in _offers if (turn := offer(actor, pattern)) is not None]


def address(step: str, ref: str) -> str:
    """Return where what a warning was turned into is, "" where nobody says."""
    return _made[step](ref) if step in _made else ""
