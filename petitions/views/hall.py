"""What does everybody see in the hall?  The notice board of Art.18, and the screen that says whose turn it is."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.dates import today
from petitions import hall, panels
from petitions.models import BoardEntry

DEVICE_COOKIE = "hall_device"  # what a device of the hall holds (petitions.views.kiosk)
READ = 180  # seconds for reading the board on a device, before it goes back to its start


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The notice board: how to reach the office, the way of a matter, the law, how to query and rate."""
    kinds = hall.shown()
    parts = [{"title": kind.label, "code": kind.value, "rows": kinds.get(kind.value, [])} for kind in BoardEntry.Kind]
    device = hall.device_of(request.COOKIES.get(DEVICE_COOKIE, ""))
    context = {"parts": [part for part in parts if part["rows"]], "way": hall.way(), "day": today(), "device": device,
               "panels": panels.for_board()}  # fmt: skip
    response = render(request, "hall/board.html", context)
    if device is not None:
        response["Refresh"] = f"{READ}; url={reverse('petitions:kiosk')}"
    return response


@never_cache
@require_safe
def screen(request: HttpRequest) -> HttpResponse:
    """The screen over the windows: numbers only.  Asked again every few seconds, by htmx or by the page itself.

    ``?office=`` is the code of the body whose hall it is, where that is not the petition office's own (a township's counters have
    numbers of their own).  ``?seen=`` is the mark of what is shown: where nothing has changed the answer is empty (204), and
    nothing is said anew.
    """
    code = request.GET.get("office", "")[:20]
    office = hall.hall_of(code)
    if code and office is None:
        raise Http404
    queue = hall.queue(office.pk) if office else hall.Queue((), (), 0)
    context: dict[str, Any] = {"queue": queue, "latest": queue.called[0] if queue.called else None,
                               "code": code, "hall_name": office.name if code and office else ""}  # fmt: skip
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "hall/screen.html", context)
    if request.GET.get("seen") == queue.mark:
        return HttpResponse(status=204)
    return render(request, "hall/_queue.html", context)
