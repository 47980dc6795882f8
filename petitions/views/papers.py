"""The staff's view of an issued paper, on screen and for the printer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import access_log
from accounts.models import AccessKind
from petitions import access, papers
from petitions.errors import NotSeen, WrongMoment
from petitions.models import Paper
from petitions.views.answers import actor_of, refusals


@never_cache
@require_GET
@refusals
def paper(request: HttpRequest, ref: str) -> HttpResponse:
    """Show a paper of a matter in scope exactly as it was fixed, and write down that it was read."""
    actor = actor_of(request)
    found = (
        Paper.objects.select_related("petition", "department")
        .filter(petition__in=access.visible_to(actor), ref=ref)
        .first()
    )
    if found is None:
        raise NotSeen
    access_log.log(actor, AccessKind.PRINT, f"paper:{found.ref}", data={"number": found.number})
    try:
        html = papers.html_of(found)
    except papers.PaperErased as erased:
        raise WrongMoment("这件事项的档案已销毁，文书内容不再保存。", rule="档案管理") from erased
    except papers.PaperAltered as altered:
        raise WrongMoment("文书内容与签发时不一致，请立即报告审计管理员。", rule="文书固定") from altered
    back = reverse("petitions:case", args=[found.petition.ref])
    return render(request, "papers/page.html", {"paper": found, "html": html, "back_url": back})
