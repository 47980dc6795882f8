"""One matter on one page: what is asked, who has it, until when, what may be done now, what has happened."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import panels
from petitions.access import kept_from, may_unmask, sees_name
from petitions.dossier import dossier_of
from petitions.errors import NotSeen, WrongPerson
from petitions.models import Petition
from petitions.views import case_parts as parts
from petitions.views import near
from petitions.views.answers import actor_of, is_part, keep_away, petition_for, refusals
from petitions.views.links import link
from petitions.views.timeline import timeline


@signed_in
@refusals
@require_GET
def case(request: HttpRequest, ref: str) -> HttpResponse:
    """The case page (12 queries at most, whatever the number of rows)."""
    actor = actor_of(request)
    petition = petition_for(actor, ref)
    log(actor, AccessKind.READ, f"petition:{ref}")
    return page(request, actor, petition)


def page(
    request: HttpRequest, actor: Actor, petition: Petition, *, revealed: tuple[int, ...] = (), status: int = 200,
    more: dict[str, object] | None = None,
) -> HttpResponse:  # fmt: skip
    """Draw the case page, with ``more`` (an open step form) where a step is taken without JavaScript."""
    found, named = dossier_of(petition), sees_name(actor, petition)
    if kept_from(actor, petition):  # papers and files name the petitioner
        found.papers, found.attachments = [], []
    shown = parts.people(found, actor, revealed)
    context = {
        "petition": petition,
        "stage_tone": parts.tone(petition),
        "state": parts.state(found),
        "clocks": parts.clocks(found, today()),
        "steps": parts.steps(found, actor),
        "no_steps": parts.no_steps(found, actor),
        "people": shown,
        "can_reveal": any(person["reveal_url"] and not person.get("revealed") for person in shown),
        "filings": parts.filings(found),
        "claims": parts.claims(found),
        "units": parts.units(found),
        "draft": parts.draft(found),
        "asides": parts.asides(found),
        "reviews": parts.reviews(found),
        "papers": parts.papers(found),
        "files": parts.files(found, named=named),
        "past_clocks": parts.past_clocks(found),
        "events": timeline(found, named=named),
        "near_url": near.url_for(petition),
        "panels": panels.for_case(actor, petition),
        "remind_url": link("remind_me", petition.ref),
        **parts.open_matters(found),
        **(more or {}),
    }
    return render(request, "petitions/case.html", context, status=status)


@signed_in
@refusals
@require_POST
def reveal(request: HttpRequest, ref: str) -> HttpResponse:
    """Show one person's number, phone and address in clear, and write down who looked."""
    actor = actor_of(request)
    petition = petition_for(actor, ref)
    keep_away(actor, petition)
    if not sees_name(actor, petition):
        raise WrongPerson("信访人要求不向责任单位透露姓名。", rule="为信访人保密（第三十条、信访人的要求）")
    if not may_unmask(actor, petition):
        raise WrongPerson("这件事项已经退回或者您已回避，不再由您办理。", rule="为信访人保密（只在办理需要时查看）")
    number = _number(request)
    rows = list(petition.petitioners.order_by("pk"))
    if not 1 <= number <= len(rows):
        raise NotSeen
    log(actor, AccessKind.UNMASK, f"petition:{ref}", data={"person": number})
    if not is_part(request):
        return page(request, actor, petition, revealed=(number,))
    shown = parts.person(petition, rows[number - 1], number, list(rows[number - 1].parties.all()), clear=True)
    return render(request, "parts/person_masked.html", {"person": shown, "revealed": True})


def _number(request: HttpRequest) -> int:
    asked = request.GET.get("person", "")
    return int(asked) if asked.isdecimal() and len(asked) < 5 else 0
