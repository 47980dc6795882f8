"""What is told when work under way is taken over?  A matter as it stands on paper: how far it is, since when, with which papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Department, Post
from petitions.actions.entry import Entry
from petitions.models import Mode, PetitionerView


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
class OpenCase:
    """A matter under way.

    Attributes:
        entry: what it is about and who brought it; ``entry.received_on`` is the original day.
        number: its own number, which stays.
        stage: how far it is: a stage of ``lifecycle.STAGES`` that is open.
        lead, co_units: who holds it; ``mode``: transferred, or assigned with ``limit_on`` to report by.
        routed_on ... closed_on, reported_on: Asia/Shanghai dates of the steps that have been taken, in their order.
        extended_days: by how many calendar days handling has been extended (Art.34).
        support: what the opinion says of the claims, ``""`` where that is not brought.
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
    closed_on: date | None = None
    reported_on: date | None = None
    simplified: bool = False
    extended_days: int = 0
    support: str = ""
    view: str = PetitionerView.NONE
    papers: Sequence[IssuedPaper] = ()
