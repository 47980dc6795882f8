"""Which reports are there, what stands in one, and how is it edited and issued?"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.access_log import log
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import docx
from petitions.errors import BadInput
from petitions.models import Report
from petitions.reports import contents, verbs
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link

SHOWN = 100


@require_safe
@signed_in
@refusals
def reports(request: HttpRequest) -> HttpResponse:
    """The reports of the office, drafts first, and a form to begin one."""
    actor = actor_of(request)
    rows = verbs.visible_to(actor).select_related("office").order_by("issued_on", "-last", "-id")[:SHOWN]
    lines: list[dict[str, Any]] = [
        {"row": row, "title": contents.title_of(row.kind, row.first), "url": link("report", row.ref)} for row in rows
    ]
    lines.sort(key=lambda line: (line["row"].issued_on is not None, -line["row"].last.toordinal()))
    day = today()
    context = {"lines": lines, "kinds": Report.Kind.choices, "year": day.year, "years": range(day.year, day.year - 6, -1),
               "months": range(1, 13), "month": day.month, "drafts": actor.role in verbs.DRAFTS}  # fmt: skip
    return render(request, "reports/list.html", context)


@require_POST
@signed_in
@refusals
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft."""
    actor, said = actor_of(request), request.POST
    verbs.check(actor, verbs.DRAFTS)
    year, month = said.get("year", ""), said.get("month", "")
    if not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise BadInput({"year": "请选择年度。"}, rule=verbs.RULE)
    of = int(month) if month.isascii() and month.isdecimal() and len(month) < 3 else None
    return HttpResponseRedirect(link("report", verbs.begin(actor, said.get("kind", ""), int(year), of).ref))


@require_safe
@signed_in
@refusals
def report(request: HttpRequest, ref: str) -> HttpResponse:
    """A report to read and print; a draft's paragraphs can be changed beside it."""
    actor = actor_of(request)
    row = verbs.found(actor, ref)
    context = {
        "row": row, "found": verbs.contents_of(row, actor), "as_of": verbs.said(row.as_of) if row.as_of else "",
        "drafts": row.issued_on is None and actor.role in verbs.DRAFTS,
        "issues": row.issued_on is None and actor.role == "office_head", "over": row.last < today(), "most": verbs.LONGEST,
    }  # fmt: skip
    return render(request, "reports/report.html", context)


@require_POST
@signed_in
@refusals
def change(request: HttpRequest, ref: str) -> HttpResponse:
    """Keep an editor's words."""
    actor = actor_of(request)
    verbs.change(verbs.found(actor, ref), by=actor, texts=request.POST.dict())
    messages.success(request, "文字已保存。")
    return HttpResponseRedirect(link("report", ref))


@require_POST
@signed_in
@refusals
def issue(request: HttpRequest, ref: str) -> HttpResponse:
    """Issue it."""
    actor = actor_of(request)
    row = verbs.issue(verbs.found(actor, ref), by=actor)
    messages.success(request, f"已印发：{row.number}。内容、数据和文件从此不再变。")
    return HttpResponseRedirect(link("report", ref))


@require_safe
@signed_in
@refusals
def file(request: HttpRequest, ref: str) -> HttpResponse:
    """The report as .docx."""
    actor = actor_of(request)
    row = verbs.found(actor, ref)
    body = verbs.file_of(row, actor)
    log(actor, AccessKind.DOWNLOAD, f"report:{row.ref}", data={"number": row.number or ""})
    name = quote(f"{contents.title_of(row.kind, row.first)}{'' if row.number else '（草稿）'}.docx")
    return HttpResponse(
        body, content_type=docx.MEDIA_TYPE, headers={"Content-Disposition": f"attachment; filename*=utf-8''{name}"}
    )
