"""Which visits touched this matter?  A part of its case page; also a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.decorators import signed_in
from petitions.views.answers import actor_of, is_part, petition_for, refusals
from visits import panel


@never_cache
@signed_in
@refusals
@require_safe
def of_matter(request: HttpRequest, ref: str) -> HttpResponse:
    """List every visit that touched a matter in scope; asked by htmx and none there is, the card goes away."""
    actor = actor_of(request)
    petition = petition_for(actor, ref)
    found = panel.touched(actor, petition)
    template = "visits/_case.html" if is_part(request) else "visits/of_matter.html"
    return render(request, template, {"petition": petition, "found": found})
