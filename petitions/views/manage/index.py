"""What does this administrator keep?  The first page of the administrators' rooms."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import signed_in
from accounts.errors import WrongPerson
from accounts.manage import RULE, sections_of
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link


@require_safe
@signed_in
@refusals
def index(request: HttpRequest) -> HttpResponse:
    """The rooms of the post acted in, each with a sentence on what is kept there."""
    sections = sections_of(actor_of(request).role)
    if not sections:
        raise WrongPerson("这里由系统管理员和安全管理员维护。", rule=RULE)
    rooms = [{"section": row, "url": url} for row in sections if (url := link(f"manage_{row.code}"))]
    return render(request, "manage/index.html", {"rooms": rooms})
