"""Which reports are there, what stands in one, and how is it edited and issued?"""

from __future__ import annotations

from datetime import date, timedelta
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
    drafts, over = row.issued_on is None and actor.role in verbs.DRAFTS, row.last < today()
    frame = {
        "row": row, "title": contents.title_of(row.kind, row.first), "as_of": verbs.as_of_words(row), "drafts": drafts, "over": over,
        "day": row.day or row.last, "latest": today() - timedelta(days=1), "chooses_day": drafts and over,
    }  # fmt: skip
    if not verbs.counted(row):
        return render(request, "reports/uncounted.html", frame)
    found = verbs.contents_of(row, actor)
    shown = {"parts": [_part(part, at) for at, part in enumerate(found.parts)], "issues": row.issued_on is None and actor.role == "office_head",
             "most": verbs.LONGEST}  # fmt: skip
    return render(request, "reports/report.html", frame | shown)


def _part(part: contents.Part, at: int) -> dict[str, Any]:
    tables = [_table(table, f"report-chart-{at}-{serial}") for serial, table in enumerate(part.tables)]
    return {"title": part.title, "paragraphs": part.paragraphs, "tables": tables}


def _table(table: contents.Table, key: str) -> dict[str, Any]:
    """A table as its template reads it: each number with the address of its list, and what the script draws of it."""
    behind = table.behind or [[""] * len(row) for row in table.rows]
    rows = [
        [(value, _address(where)) for value, where in zip(row, places, strict=True)]
        for row, places in zip(table.rows, behind, strict=True)
    ]
    chart = {
        "shape": "bars", "names": [row[0] for row in table.rows], "name": table.head[table.charted],
        "values": [row[table.charted] for row in table.rows],
    }  # fmt: skip
    return {"row": table, "rows": rows, "key": key, "chart": chart if table.charted and table.rows else None}


def _address(where: str) -> str:
    """Where the cases behind a number are listed."""
    room, _, query = where.partition("?")
    kind, _, which = room.partition("/")
    path = {
        "figures": link("figure_list"),
        "ledger": link("ledger", which) if which else "",
        "pattern": link("pattern", which) if which else "",
    }.get(kind, "")
    return f"{path}?{query}" if path and query else path


@require_POST
@signed_in
@refusals
def change(request: HttpRequest, ref: str) -> HttpResponse:
    """Keep an editor's words, or the day that its numbers are of."""
    actor = actor_of(request)
    if "day" in request.POST:
        verbs.set_day(verbs.found(actor, ref), by=actor, day=_day(request.POST["day"]))
        return HttpResponseRedirect(link("report", ref))
    verbs.change(verbs.found(actor, ref), by=actor, texts=request.POST.dict())
    messages.success(request, "文字已保存。")
    return HttpResponseRedirect(link("report", ref))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput({"day": "日期写成2026-11-26这样。"}, rule=verbs.RULE) from None


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
