"""What does a leader read before a visit?  Each matter that will be there: its digest, its history, earlier opinions, the unit's brief.

Matters are those brought along and those booked under a number that the reader sees; a visit opens no case to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.actor import Actor
from petitions import lifecycle
from petitions.access import kept_from, sees_name, visible_to
from petitions.dossier import Dossier, dossiers_of
from petitions.models import Clock, Petition, Proceeding, ProceedingKind
from petitions.views import case_parts
from petitions.views.links import case_link
from petitions.views.timeline import timeline
from visits.expected import expected_at, known
from visits.models import Brief, Visit

MOST = 60  # matters that a pack holds; a reception takes fewer
LAST = 5  # events that say where a matter stands
OPINIONS = frozenset({"handling", "review", "rereview", "study", "duty"})


@dataclass(frozen=True)
class Sheet:
    """What is known of one matter, for reading before it is heard.

    Attributes:
        why: why it will be there, in words.
        opinions: what was decided before, the newest last; ``articles``: running clocks, each with its rule.
    """

    petition: Petition
    why: list[str]
    state: dict[str, Any]
    claims: list[dict[str, Any]]
    filings: list[dict[str, Any]]
    opinions: list[dict[str, Any]]
    papers: list[dict[str, Any]]
    articles: list[dict[str, Any]]
    last: list[dict[str, Any]]
    brief: Brief | None
    url: str


@dataclass(frozen=True)
class Pack:
    """The sheets of a visit; ``unknown``: booked without a number that the reader sees; ``more``: left off, beyond ``MOST``."""

    sheets: list[Sheet] = field(default_factory=list)
    unknown: int = 0
    more: int = 0


def pack_of(actor: Actor, visit: Visit, day: date) -> Pack:
    """Return what ``actor`` reads before ``visit`` (found by `access.rooms_of`): a fixed number of queries, however many matters."""
    found = expected_at(actor, visit)
    chosen = dict(list(found.why.items())[:MOST])
    return Pack(_sheets(actor, visit, chosen, day), found.unknown, len(found.why) - len(chosen))


def sheet_for(actor: Actor, visit: Visit, number: str, day: date) -> Sheet | None:
    """Return the sheet of the matter that a party brought under ``number``, where ``actor`` sees it."""
    found = known(actor, [number])
    sheets = _sheets(actor, visit, {pk: [] for pk in found.values()}, day)
    return sheets[0] if sheets else None


def _sheets(actor: Actor, visit: Visit, why: dict[int, list[str]], day: date) -> list[Sheet]:
    rows = visible_to(actor).filter(pk__in=why).select_related("office", "responsible", "category", "region")
    read = dossiers_of(list(rows))
    written = visit.briefs.filter(petition__in=list(read)).select_related("unit", "written_by__user")
    briefs = {row.petition_id: row for row in written}
    return [_sheet(actor, read[pk], words, briefs.get(pk), day) for pk, words in why.items() if pk in read]


def _sheet(actor: Actor, found: Dossier, why: list[str], brief: Brief | None, day: date) -> Sheet:
    petition = found.petition
    if kept_from(actor, petition):  # papers name the petitioner
        found.papers = []
    return Sheet(
        petition=petition, why=why, state=case_parts.state(found), claims=case_parts.claims(found),
        filings=case_parts.filings(found), opinions=[_opinion(found, run) for run in found.proceedings if _decided(run)],
        papers=case_parts.papers(found), articles=[_article(clock, day) for clock in _running(found.clocks)],
        last=timeline(found, named=sees_name(actor, petition))[:LAST], brief=brief, url=case_link(petition),
    )  # fmt: skip


def _decided(run: Proceeding) -> bool:
    return run.kind in OPINIONS and run.issued_on is not None


def _opinion(found: Dossier, run: Proceeding) -> dict[str, Any]:
    """What was decided, by whom, when, on which basis, and what became of each claim."""
    return {
        "kind": ProceedingKind(run.kind).label, "body": run.department.name, "day": run.issued_on, "facts": run.facts,
        "basis": run.basis, "conclusion": lifecycle.STATES["proceeding"].get(run.state, run.state),
        "claims": [claim for claim in found.claims if claim.proceeding_id == run.pk and claim.support],
    }  # fmt: skip


def _running(clocks: Sequence[Clock]) -> list[Clock]:
    return sorted((one for one in clocks if one.ended == "" and not one.shadow), key=lambda one: (one.window, one.due))


def _article(clock: Clock, day: date) -> dict[str, Any]:
    rule = lifecycle.CLOCKS[clock.name]
    return {"label": rule.label, "due": clock.due, "article": clock.rule, "late": not clock.window and clock.due < day}


__all__ = ["MOST", "Pack", "Sheet", "pack_of", "sheet_for"]
