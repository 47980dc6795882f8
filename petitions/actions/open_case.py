"""What is told when work under way is taken over?  A matter as it stands on paper: how far it is, since when, with which papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Department, Post
from petitions.actions.entry import Entry
from petitions.models import Channel, Kind, Mode, PetitionerView, Route


@dataclass(frozen=True)
class IssuedPaper:
    """A paper issued before this day; its words are on paper.

    Attributes:
        kind: a code of ``lifecycle.PAPERS``.
        served_on: when it reached the petitioner, ``None`` where it has not, or goes to nobody.
    """

    kind: str
    number: str
    issued_on: date
    served_on: date | None = None
    served_how: str = "other"


@dataclass(frozen=True)
class Elsewhere:
    """A claim that has taken another road than the petition procedure (Art.31, routes 1 to 5).

    Attributes:
        serial: which of the matter's claims, from 1.
        route: 1 to 4: told to go to ``body`` by ``procedure`` within ``limit``; 5: the unit does its duty and replies.
        replied_on: route 5 beside the petition procedure: when the reply was served, ``None`` while it is owed.
    """

    serial: int
    route: int
    body: str = ""
    procedure: str = ""
    limit: str = ""
    replied_on: date | None = None


@dataclass(frozen=True)
class Again:
    """A further filing of the matter, a repeat: its own day, and its numbers in other systems."""

    received_on: date
    channel: str = Channel.LETTER
    references: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class OpenCase:
    """A matter under way.

    Attributes:
        entry: what it is about and who brought it; ``entry.received_on`` is the original day.
        number: its own number, which stays.
        stage: how far it is: a stage of ``lifecycle.STAGES`` that is open.
        lead, co_units: who holds it; ``mode``: transferred, or assigned with ``limit_on`` to report by.
        routed_on ... closed_on, reported_on: Asia/Shanghai dates of the steps that have been taken, in their order.
            A suggestion's, and a claim's of route 5, are those of its reply.
        settled_on: when an agreement was made (Art.33), to be carried out by ``perform_by``; ``mediator``: empty where the
            parties settled between themselves.
        review_*, rereview_*: the application, its acceptance (where it is known), the opinion with its conclusion, its
            delivery; a conclusion is a key of ``law.review.CONCLUSIONS``.
        handed_signed_on, handed_reported_on: what was handed down: signed for in the superior's system, reported to it.
        extended_days: by how many calendar days handling has been extended (Art.34).
        support: what the opinion, or a review that changed it, says of the claims; ``""`` where that is not brought.
        adopted: a suggestion: a key of ``law.roads.ADOPTION``, ``""`` where that is not brought.
        view: what the petitioner said on receiving the opinion.
    """

    entry: Entry
    number: str
    stage: str
    lead: Department | None = None
    co_units: Sequence[Department] = ()
    handler: Post | None = None
    mode: str = Mode.TRANSFER
    limit_on: date | None = None
    routed_on: date | None = None
    signed_on: date | None = None
    objected_on: date | None = None
    accepted_on: date | None = None
    issued_on: date | None = None
    delivered_on: date | None = None
    settled_on: date | None = None
    perform_by: date | None = None
    mediator: str = ""
    review_body: Department | None = None
    review_applied_on: date | None = None
    review_accepted_on: date | None = None
    review_issued_on: date | None = None
    review_conclusion: str = ""
    review_delivered_on: date | None = None
    rereview_body: Department | None = None
    rereview_applied_on: date | None = None
    rereview_accepted_on: date | None = None
    rereview_issued_on: date | None = None
    rereview_conclusion: str = ""
    rereview_delivered_on: date | None = None
    closed_on: date | None = None
    reported_on: date | None = None
    handed_signed_on: date | None = None
    handed_reported_on: date | None = None
    simplified: bool = False
    extended_days: int = 0
    support: str = ""
    adopted: str = ""
    view: str = PetitionerView.NONE
    papers: Sequence[IssuedPaper] = ()
    elsewhere: Sequence[Elsewhere] = ()
    again: Sequence[Again] = ()

    @property
    def main(self) -> str:
        """The kind of its main run: handling, the study of a suggestion (Art.29), or the duty asked for (Art.31(5))."""
        if self.entry.kind == Kind.SUGGESTION:
            return "study"
        left = {one.serial for one in self.elsewhere}
        duty = any(one.route == Route.DUTY for one in self.elsewhere)
        return "duty" if duty and len(left) >= max(len(self.entry.claims), 1) else "handling"
