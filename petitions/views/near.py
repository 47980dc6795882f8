"""Which other matters may be about the same trouble as this one?  A part of the case page at triage; also a page of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access_log import log
from accounts.actor import Actor
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import near_texts
from petitions.models import Petition
from petitions.near_texts import Told
from petitions.views import beside
from petitions.views.answers import actor_of, is_part, petition_for, refusals
from petitions.views.links import link

STAGES = ("registered", "triaged")  # before a matter is sent on, it matters whether it is the first of its kind


def url_for(petition: Petition) -> str:
    """Return where the case page asks, empty where the matter is past triage."""
    return link("near", petition.ref) if petition.stage in STAGES else ""


@never_cache
@signed_in
@refusals
@require_safe
def near(request: HttpRequest, ref: str) -> HttpResponse:
    """List matters in scope that may be about the same trouble, each with its reason; what was shown is logged."""
    actor = actor_of(request)
    petition = petition_for(actor, ref, "region")
    template = "petitions/_near_card.html" if is_part(request) else "petitions/near.html"
    return render(request, template, {"petition": petition, **_found(actor, petition)})


def _found(actor: Actor, petition: Petition) -> dict[str, Any]:
    found = near_texts.near(actor, Told.of(petition))
    shown = [one.petition.ref for one in found.found]
    if shown:
        log(actor, AccessKind.LOOK_UP, f"petition:{petition.ref}", data={"by": ["text"], "shown": shown})
    return {"similar": beside.shown(found.found), "too_slow": found.too_slow, "asked": True}


__all__ = ["near", "url_for"]
