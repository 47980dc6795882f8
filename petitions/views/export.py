"""How does a list leave as a spreadsheet?  A short one at once, a long one in the background; its file for its own post alone."""

from __future__ import annotations

import tempfile
from typing import cast
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.views.decorators.http import require_POST, require_safe

from accounts.access_log import log
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import exports, jobs
from petitions.saved_views import plain
from petitions.views import jobs as job_pages
from petitions.views.answers import actor_of, refusals

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_POST
@signed_in
@refusals
def start(request: HttpRequest) -> HttpResponse:
    """Write the list of the posted address: handed out at once where it is short, else in the background."""
    actor, page = actor_of(request), request.POST.get("page", "")[:40]
    query = plain(QueryDict(request.POST.get("query", "")[:4000]))
    sheet = exports.sheet_of(actor, page, QueryDict(query))
    if exports.is_long(actor, page, QueryDict(query)):
        return job_pages.begin(jobs.start(exports.CODE, by=actor, settings={"page": page, "query": query}))
    out = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    rows = exports.write(sheet, out, actor)
    exports.note(actor, "", page, query, rows)
    out.seek(0)
    name = f"{sheet.title}-{today():%Y%m%d}.xlsx"
    return cast("HttpResponse", FileResponse(out, as_attachment=True, filename=name, content_type=SPREADSHEET))


@require_safe
@signed_in
@refusals
def download(request: HttpRequest, ref: str) -> HttpResponse:
    """Hand out a file that was written in the background, to the post that asked for it."""
    actor = actor_of(request)
    job = jobs.own(actor, ref)
    pieces = exports.content(job)
    log(actor, AccessKind.DOWNLOAD, f"job:{ref}", data={"rows": job.counts.get("rows", 0)})
    name = quote(job.settings["file"])
    return cast("HttpResponse", StreamingHttpResponse(
        pieces, content_type=SPREADSHEET, headers={"Content-Disposition": f"attachment; filename*=utf-8''{name}"},
    ))  # fmt: skip
