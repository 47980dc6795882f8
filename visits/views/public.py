"""What everybody may see: who receives, when, where, about what; the poster; the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.dates import today
from petitions.views import qr
from visits import access
from visits.actions.booking import open_slots
from visits.calendars import feed
from visits.models import Status, Visit
from visits.results import any_sponsored, result_of, sponsored_in_public

AHEAD, BACK = timedelta(days=120), timedelta(days=14)
MOST = 300  # on one page; what is not on it stands under its month


def _rows() -> QuerySet[Visit]:
    """What was made known, from two weeks ago on, however far ahead a plan reaches."""
    rows = access.public_visits().filter(day__gte=today() - BACK)
    return rows.select_related("leader__user", "place", "office", "replaces__leader__user").order_by(
        "day", "starts", "pk"
    )


def _months(now: date) -> list[dict[str, Any]]:
    """The months in which something is coming, and how much."""
    rows = access.public_visits().filter(day__gte=now).annotate(first=TruncMonth("day")).values_list("first")
    found = rows.annotate(n=Count("pk")).order_by("first")
    return [
        {"code": f"{first:%Y-%m}", "first": max(first, now), "last": (first + timedelta(days=31)).replace(day=1) - timedelta(days=1),
         "label": f"{first.year}年{first.month}月", "count": count}
        for first, count in found
    ]  # fmt: skip


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
    """What is coming, what was changed, what has been: the nearest, or a month (``?month=2027-03``)."""
    now = today()
    months = _months(now)
    month = next((one for one in months if one["code"] == request.GET.get("month", "")), None)
    near = (
        _rows().filter(day__lte=now + AHEAD)
        if month is None
        else _rows().filter(day__range=(month["first"], month["last"]))
    )
    rows = list(near[:MOST] if month is None else near)
    swapped = {row.replaces_id: row for row in rows if row.replaces_id}
    coming = [{"row": row, "instead": swapped.get(row.pk)} for row in rows if row.day >= now]
    past = [row for row in rows if row.day < now and row.status == Status.HELD] if month is None else []
    left = sum(one["count"] for one in months) - len(coming)
    context = {
        "coming": coming, "past": past, "months": months, "month": month, "left": left if month is None else 0,
        "sponsored": any_sponsored(now),
    }  # fmt: skip
    return render(request, "visits/public/notices.html", context)


@require_safe
def notice(request: HttpRequest, ref: str) -> HttpResponse:
    """One notice with everything domain.md §3.2 asks for, and the way to book."""
    row = notice_for(ref)
    context: dict[str, Any] = {"visit": row, "instead": substitute_of(row), "units": row.units.all()}
    context["result"] = result_of(row)
    if row.status == Status.PUBLISHED and row.day >= today():
        context["slots"] = open_slots(row)
        context["bookable"] = True
    return render(request, "visits/public/notice.html", context)


@require_safe
def sponsored(request: HttpRequest) -> HttpResponse:
    """Who answers for which sponsored case, and how far it is; where an office has switched it on."""
    shown = sponsored_in_public(today())
    if shown is None:
        raise Http404
    return render(request, "visits/public/sponsored.html", {"shown": shown})


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
