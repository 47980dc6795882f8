"""The public's booking: asked for, told once, found again with its code, given back.  No account, and nobody remembered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.address import client_address
from petitions.errors import BadInput, Refused
from petitions.querycode import grouped
from petitions.views.answers import put_on
from visits.actions import booking as verbs
from visits.forms.day import BookingForm, CodeForm
from visits.models import LIVE, Booking, Status
from visits.views.public import notice_for

WAIT_SECONDS = 60 * 60
MOST_BOOKINGS, MOST_TRIES = 20, 30  # from one address in an hour: a village may share one
_SESSION = "booked"


def _too_often(request: HttpRequest, what: str, most: int) -> bool:
    """Count one more from this address; the address is kept for an hour, beside nothing."""
    key = f"v:{what}:{client_address(request)}"
    cache.add(key, 0, WAIT_SECONDS)
    try:
        return cache.incr(key) > most
    except ValueError:
        return False


@never_cache
@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask for a time; the code is shown on the next page, once."""
    visit = notice_for(ref)
    slots = verbs.open_slots(visit)
    form = BookingForm(request.POST if request.method == "POST" else None, slots=slots, public=True)
    problems: list[dict[str, Any]] = []
    status = 422 if form.is_bound else 200
    if form.is_bound and _pressed_twice(request):
        return HttpResponseRedirect(reverse("notices:booked"))
    if form.is_bound and form.is_valid():
        if _too_often(request, "book", MOST_BOOKINGS):
            return render(request, "visits/public/wait.html", {"visit": visit}, status=429)
        try:
            done = verbs.reserve(visit, form.wish(), by=None, key=request.POST.get("idempotency_key", ""))
        except BadInput as refused:
            problems = put_on(form, refused)
        except Refused as refused:
            problems, status = [{"message": refused.message}], refused.status
        else:
            request.session[_SESSION] = {
                "ref": done.booking.ref,
                "code": done.code,
                "key": request.POST.get("idempotency_key", ""),
            }
            return HttpResponseRedirect(reverse("notices:booked"))
    context = {"form": form, "visit": visit, "slots": slots, "problems": problems}
    return render(request, "visits/public/book.html", context, status=status)


def _pressed_twice(request: HttpRequest) -> bool:
    """The same sending again, from this browser: it gets its first answer."""
    key = request.POST.get("idempotency_key", "")
    return bool(key) and request.session.get(_SESSION, {}).get("key") == key


@never_cache
@require_safe
def booked(request: HttpRequest) -> HttpResponse:
    """What has been booked in this browser just now, with its code."""
    held = request.session.get(_SESSION)
    booking = _found(held["ref"]) if held else None
    if held is None or booking is None:
        return HttpResponseRedirect(reverse("notices:booking"))
    return render(
        request,
        "visits/public/booked.html",
        {"booking": booking, "visit": booking.visit, "code": grouped(held["code"]), "live": booking.state in LIVE},
    )


def _found(ref: str) -> Booking | None:
    """The booking made just now, also where its visit was cancelled meanwhile; not one that was given back."""
    told = Q(state__in=LIVE) | Q(visit__status=Status.CANCELLED)
    return Booking.objects.select_related(*verbs.NAMED).filter(told, ref=ref).first()


@never_cache
@require_http_methods(["GET", "POST"])
def booking(request: HttpRequest) -> HttpResponse:
    """Find a booking by its code, and give it back."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "visits/public/booking.html", {"form": form}, status=422 if form.is_bound else 200)
    if _too_often(request, "code", MOST_TRIES):
        return render(request, "visits/public/wait.html", {}, status=429)
    found = verbs.by_code(form.cleaned_data["code"])
    if found is None:
        form.add_error("code", "没有找到这个预约。请照着预约成功时的预约码再填一次。")
        return render(request, "visits/public/booking.html", {"form": form}, status=422)
    if "give_back" in request.POST:
        return _give_back(request, found)
    context = {
        "form": form,
        "booking": found,
        "visit": found.visit,
        "code": form.cleaned_data["code"],
        "live": found.state in LIVE,
    }
    return render(request, "visits/public/booking.html", context)


def _give_back(request: HttpRequest, found: Booking) -> HttpResponse:
    try:
        verbs.give_back(found, by=None)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "预约已取消。时间让给了别人，谢谢您。")
        request.session.pop(_SESSION, None)
    return HttpResponseRedirect(reverse("notices:all"))
