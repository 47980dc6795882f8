"""What everybody may see: who receives, when, where, about what; the poster; the calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.dates import today
from petitions.views import qr
from visits import access
from visits.actions.booking import open_slots
from visits.calendars import feed
from visits.models import Status, Visit

AHEAD, BACK = timedelta(days=120), timedelta(days=14)
MOST = 300


def _rows() -> list[Visit]:
    rows = access.public_visits().filter(day__gte=today() - BACK, day__lte=today() + AHEAD)
    related = rows.select_related("leader__user", "place", "office", "replaces__leader__user")
    return list(related.order_by("day", "starts", "pk")[:MOST])


def notice_for(ref: str) -> Visit:
    """Return a published visit.

    Raises:
        Http404: there is none.
    """
    rows = access.public_visits().select_related("leader__user", "place", "office", "replaces__leader__user")
    found = rows.filter(ref=ref).first()
    if found is None:
        raise Http404
    return found


def substitute_of(visit: Visit) -> Visit | None:
    """Who receives instead, where a visit was swapped."""
    return visit.replaced_by.select_related("leader__user").first() if visit.status == Status.SWAPPED else None


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What is coming, what was changed, what has been."""
    rows = _rows()
    now = today()
    swapped = {row.replaces_id: row for row in rows if row.replaces_id}
    coming = [{"row": row, "instead": swapped.get(row.pk)} for row in rows if row.day >= now]
    context = {"coming": coming, "past": [row for row in rows if row.day < now and row.status == Status.HELD]}
    return render(request, "visits/public/notices.html", context)


@require_safe
def notice(request: HttpRequest, ref: str) -> HttpResponse:
    """One notice with everything domain.md §3.2 asks for, and the way to book."""
    row = notice_for(ref)
    context: dict[str, Any] = {"visit": row, "instead": substitute_of(row), "units": row.units.all()}
    if row.status == Status.PUBLISHED and row.day >= today():
        context["slots"] = open_slots(row)
        context["bookable"] = True
    return render(request, "visits/public/notice.html", context)


@require_safe
def poster(request: HttpRequest, ref: str) -> HttpResponse:
    """The notice as a sheet for the wall."""
    row = notice_for(ref)
    address = _address(request, row)
    return render(
        request,
        "visits/public/poster.html",
        {"visit": row, "instead": substitute_of(row), "address": address, "qr": qr.drawn(address)},
    )


def _address(request: HttpRequest, row: Visit) -> str:
    return request.build_absolute_uri(f"/v/{row.ref}/")


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """All of it for a telephone's calendar."""
    name = f"{getattr(settings, 'OFFICE_NAME', '') or '信访局'}领导接访下访"
    text = feed(
        _rows(), name=name, host=request.get_host().partition(":")[0], address=request.build_absolute_uri("/v/")
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="visits.ics"'
    return response
