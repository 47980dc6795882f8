"""The staff's view of an issued paper, on screen and for the printer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import access_log
from accounts.access_log import log_many
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import access, bulk_steps, docx, jobs, papers
from petitions.errors import NotSeen, WrongMoment
from petitions.models import Paper
from petitions.views.answers import actor_of, keep_away, refusals


@never_cache
@require_GET
@refusals
def paper(request: HttpRequest, ref: str) -> HttpResponse:
    """Show a paper of a matter in scope exactly as it was fixed, and write down that it was read."""
    found = _found(request, ref)
    html = _words(found)
    back = reverse("petitions:case", args=[found.petition.ref])
    void = docx.void_words(found.void_on) if found.void_on else ""
    docx_url = reverse("petitions:paper_docx", args=[ref])
    context = {"paper": found, "html": html, "void": void, "back_url": back, "docx_url": docx_url}
    return render(request, "papers/page.html", context)


@never_cache
@require_GET
@refusals
def paper_docx(request: HttpRequest, ref: str) -> HttpResponse:
    """The same words as a file that Word and WPS open."""
    found = _found(request, ref)
    body = docx.of(_words(found), title=found.title, issued_on=found.issued_on, void_on=found.void_on)
    answer = HttpResponse(body, content_type=docx.MEDIA_TYPE)
    answer["Content-Disposition"] = content_disposition_header(True, f"{found.number}.docx") or "attachment"
    return answer


@never_cache
@require_GET
@signed_in
@refusals
def papers_of_job(request: HttpRequest, ref: str) -> HttpResponse:
    """All that one work for many has issued, one after another for the printer; each is written down as read."""
    actor = actor_of(request)
    found = jobs.own(actor, ref)
    if found.kind != bulk_steps.CODE:
        raise NotSeen
    rows = [row for row in bulk_steps.papers_of(actor, found) if not access.kept_from(actor, row.petition)]
    # One page has one main part: each paper is an article of it, its words untouched.
    sheets = [
        _words(row).replace("<main ", "<article ", 1).replace("</main>", "</article>")
        for row in rows
        if row.void_on is None
    ]
    log_many(actor, AccessKind.PRINT, ((f"paper:{row.ref}", {"number": row.number}) for row in rows))
    context = {"sheets": sheets, "count": len(sheets), "back_url": reverse("petitions:job", args=[ref])}
    return render(request, "papers/many.html", context)


def _found(request: HttpRequest, ref: str) -> Paper:
    """The paper, if its matter is in scope; that it was read is written down."""
    actor = actor_of(request)
    rows = Paper.objects.select_related("petition", "department")
    found = rows.filter(petition__in=access.visible_to(actor), ref=ref).first()
    if found is None:
        raise NotSeen
    keep_away(actor, found.petition)
    access_log.log(actor, AccessKind.PRINT, f"paper:{found.ref}", data={"number": found.number})
    return found


def _words(found: Paper) -> str:
    try:
        return papers.html_of(found)
    except papers.PaperErased as erased:
        raise WrongMoment("这件事项的档案已销毁，文书内容不再保存。", rule="档案管理") from erased
    except papers.PaperAltered as altered:
        raise WrongMoment("文书内容与签发时不一致，请立即报告审计管理员。", rule="文书固定") from altered
