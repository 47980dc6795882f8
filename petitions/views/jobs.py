"""How far is my long work?  A page with its progress, what came of it, and every row that could not be taken."""

from __future__ import annotations

import logging
from io import BytesIO
from itertools import chain
from typing import Any, cast

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError
from openpyxl import Workbook

from accounts.access_log import log
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import attachments, bulk_steps, exports, jobs, large_changes, lifecycle
from petitions.errors import NotSeen
from petitions.figures import days
from petitions.models import Job
from petitions.sheets import plain
from petitions.tasks import run_job
from petitions.views.answers import actor_of, is_part, refusals
from petitions.views.links import link

logger = logging.getLogger(__name__)
SHOWN = 200
STATES = {"waiting": "排队中", "running": "进行中", "ended": "已完成", "failed": "未完成", "cancelled": "已停止"}
_COUNTS = (
    ("taken", "已办"),
    ("moved", "转出"),
    ("rows", "导出"),
    ("accepted", "登记"),
    ("known", "已有，跳过"),
    ("refused", "未成"),
)
_TRIED = {"登记": "可以登记", "未成": "不能登记"}


def begin(job: Job) -> HttpResponseRedirect:
    """Wake a worker for ``job`` once its row is there, and lead to its page."""
    transaction.on_commit(lambda: wake(job.ref))
    return HttpResponseRedirect(link("job", job.ref))


def wake(ref: str) -> None:
    """Wake a worker for the work ``ref``; where the queue is away, the minute's look finds it."""
    try:
        run_job.delay(ref)
    except OperationalError:  # its row is there: the minute's look finds it when the queue is back
        logger.warning("the queue is away; job %s waits", ref)


@never_cache
@require_safe
@signed_in
@refusals
def job(request: HttpRequest, ref: str) -> HttpResponse:
    """One piece of long work; asked by htmx, its progress alone."""
    found = jobs.own(actor_of(request), ref)
    context = shown(found)
    if is_part(request):
        if not context["job"]["running"]:
            response = HttpResponse(status=204)
            response["HX-Refresh"] = "true"  # what it led to is on the whole page
            return response
        return render(request, "parts/progress.html", context)
    context["problems"] = found.problems.order_by("row", "pk")[:SHOWN]
    return render(request, "petitions/job.html", context)


def shown(found: Job) -> dict[str, Any]:
    """Return what the page shows of a job."""
    running = found.state in ("waiting", "running")
    tried = _TRIED if found.kind.startswith("check_") else {}
    counts = [(tried.get(words, words), found.counts[name]) for name, words in _COUNTS if name in found.counts]
    return {
        "row": found,
        "state": STATES.get(found.state, found.state),
        "counts": counts,
        "job": {
            "url": link("job", found.ref), "label": jobs.label_of(found.kind), "done": found.done,
            "total": max(found.total, found.done, 1), "running": running, "failed": found.counts.get("refused", 0),
            "word": STATES.get(found.state, ""), "cancel_url": link("cancel_job", found.ref), "report_url": "",
        },
        "again_url": link("run_job_again", found.ref) if found.state in ("cancelled", "failed") else "",
        "again": "再执行一次" if jobs.is_whole(found.kind) else "从停下的地方继续",
        "body_url": link("manage_body", str(found.settings["body"])) if found.kind in large_changes.CODES else "",
        "day_url": f"{link('figures')}?day={found.settings['day']}" if found.kind == days.CODE and found.state == "ended" else "",
        "problems_url": link("job_problems", found.ref) if found.counts.get("refused") else "",
        "download_url": link("export_file", found.ref) if "stored_as" in found.settings and found.kind == exports.CODE else "",
        "plan_url": link("import_plan", found.ref) if found.kind == "check_filings" and not running else "",
        "result_url": link("job_result", found.ref) if "result" in found.settings and "stored_as" in found.settings else "",
        "papers_url": link("job_papers", found.ref) if _issues(found) and found.counts.get("taken") else "",
        "take_url": link("take_over_list", found.ref) if found.kind == "check_open_cases" and not running else "",
    }  # fmt: skip


def _issues(found: Job) -> bool:
    """Whether the work for many is of a step that issues papers."""
    return found.kind == bulk_steps.CODE and bool(lifecycle.STEPS[found.settings["step"]].paper)


@require_POST
@signed_in
@refusals
def cancel(request: HttpRequest, ref: str) -> HttpResponse:
    """Stop before the next piece."""
    jobs.cancel(jobs.own(actor_of(request), ref))
    return HttpResponseRedirect(link("job", ref))


@require_POST
@signed_in
@refusals
def again(request: HttpRequest, ref: str) -> HttpResponse:
    """Go on where it was stopped."""
    found = jobs.own(actor_of(request), ref)
    jobs.again(found)
    return begin(found)


@require_safe
@signed_in
@refusals
def problems(request: HttpRequest, ref: str) -> HttpResponse:
    """Every row that could not be taken, as a spreadsheet."""
    actor = actor_of(request)
    found = jobs.own(actor, ref)
    log(actor, AccessKind.EXPORT, f"job:{ref}", data={"found": found.counts.get("refused", 0)})
    book = Workbook(write_only=True)
    sheet = book.create_sheet("未成的行")
    sheet.append(["行", "原因"])
    for row, reason in found.problems.order_by("row", "pk").values_list("row", "reason").iterator():
        sheet.append([row, plain(reason)])
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return cast("HttpResponse", FileResponse(out, as_attachment=True, filename=f"未成的行-{ref}.xlsx"))


@require_safe
@signed_in
@refusals
def result(request: HttpRequest, ref: str) -> HttpResponse:
    """The file that the work made; each time it is handed out is written down."""
    actor = actor_of(request)
    found = jobs.own(actor, ref)
    if "result" not in found.settings:
        raise NotSeen
    log(actor, AccessKind.EXPORT, f"job:{ref}", data={"found": found.counts.get("rows", 0), "file": True})
    pieces = attachments.open_aside(found.settings)
    first = next(pieces, b"")  # a file that cannot be opened is refused before anything is sent
    response = StreamingHttpResponse(chain([first], pieces), content_type="application/octet-stream")
    name = content_disposition_header(as_attachment=True, filename=found.settings["result"])
    response["Content-Disposition"] = name or "attachment"
    return cast("HttpResponse", response)
