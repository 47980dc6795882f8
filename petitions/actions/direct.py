"""What does a body change that received directly: it decides itself, or sends on to a body of its own system?  Art.23 ¶1, 29, 31."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from accounts.models import Department, Post, Region
from petitions.access import bodies_below
from petitions.actions.door import Work, effect
from petitions.actions.routes import accept_claims, elsewhere, open_others, open_study
from petitions.actions.triage import assign, classify_in_passing, end_matter, hand_to, transfer
from petitions.actions.unit import own_handler
from petitions.errors import BadInput
from petitions.models import Assignment, Category, Kind, Mode, Route


@effect("take_up")
def take_up(
    work: Work, *, category: Category | None = None, region: Region | None = None, kind: str | None = None, place: str = "",
    routes: Mapping[int, int] | None = None, outside: Mapping[int, Mapping[str, str]] | None = None, simplified: bool = False,
    handler: Post | None = None,
) -> None:  # fmt: skip
    """A competent body accepts what was filed with it directly: it holds the matter and handles it, as ``accept`` does.

    Args:
        routes, outside, simplified, handler: as for ``accept``; a suggestion is studied and takes no route (Art.29).
    """
    classify_in_passing(work, kind, category, region, place)
    held = _hold(work, "accepted", handler)
    if work.petition.kind == Kind.SUGGESTION:
        work.clocks_on, work.starts, work.paper_kind = open_study(work, held), ("TG",), "suggestion_notice"
        work.paper_words |= {"proceeding": work.clocks_on, "claims": list(work.petition.claims.all())}
        return
    accept_claims(work, held, routes, outside, simplified=simplified)


@effect("channel_direct")
def channel_direct(work: Work, *, routes: Mapping[int, int], outside: Mapping[int, Mapping[str, str]]) -> None:
    """Every claim belongs to another legal procedure: as ``channel``, for the body that received directly (Art.31)."""
    claims = list(work.petition.claims.all())
    elsewhere(claims, routes)
    duty = Route.DUTY in routes.values()  # it goes on here until the duty is answered
    held = _hold(work, "accepted" if duty else "channelled", None)
    runs = open_others(work, held, claims, routes, outside)
    if duty:
        work.set_petition(outcome="channelled")
    else:
        end_matter(work, "channelled")
    work.data["routes"] = {claim.serial: routes[claim.serial] for claim in claims}
    work.paper_words |= {"proceedings": runs, "claims": claims}


@effect("pass_down")
def pass_down(
    work: Work, *, department: Department, category: Category | None = None, region: Region | None = None,
    kind: str | None = None, place: str = "",
) -> None:  # fmt: skip
    """Send it to a body of one's own system below that may decide, and tell the petitioner where it went (Art.23 ¶1)."""
    _below(work, department)
    transfer(work, department=department, category=category, region=region, kind=kind, place=place)


@effect("assign_down")
def assign_down(
    work: Work, *, department: Department, limit_on: date, demand: str = "", category: Category | None = None,
    region: Region | None = None, kind: str | None = None, place: str = "",
) -> None:  # fmt: skip
    """The same with a demand to report back by ``limit_on``."""
    _below(work, department)
    assign(work, department=department, limit_on=limit_on, demand=demand, category=category, region=region, kind=kind, place=place)  # fmt: skip


def _below(work: Work, department: Department) -> None:
    """Refuse a receiver that is no body below the sending one that may decide: to others the petitioner is told the way.

    Raises:
        BadInput.
    """
    if not bodies_below(work.petition.office).filter(pk=department.pk).exists():
        sentence = f"{department.name}不是本机关有权处理的下级机关、单位；不属于本系统的，应当告知信访人向有权处理的机关、单位提出。"
        raise BadInput({"department": sentence}, rule="第二十三条第一款")


def _hold(work: Work, state: str, handler: Post | None) -> Assignment:
    """The body's own hold: received on the day the filing came, decided today."""
    return hand_to(
        work, work.petition.office, Mode.DIRECT, lead=True, state=state, received_on=work.petition.received_on,
        decided_on=work.occurred_on, handler=own_handler(work, handler) if handler else None,
    )  # fmt: skip
