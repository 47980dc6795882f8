"""The counter of a reception: booked by telephone or in person, signed in, a number taken, a booking given back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from petitions.errors import NotSeen
from petitions.querycode import grouped
from petitions.views.answers import actor_of
from visits import access
from visits.actions import booking as verbs
from visits.actions import day, ringing
from visits.forms.day import BookingForm, WalkInForm
from visits.models import Booking, Visit
from visits.views import kit


def _inside(request: HttpRequest, ref: str) -> tuple[Actor, Visit]:
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    access.check(actor, access.ROOM, "登记来访群众")
    return actor, visit


def _name(visit: Visit) -> str:
    return f"{visit.leader.user.name} {visit.day:%-m月%-d日} {visit.room}"


@require_http_methods(["GET", "POST"])
@kit.page
def book(request: HttpRequest, ref: str) -> HttpResponse:
    """Book for somebody who came or rang."""
    actor, visit = _inside(request, ref)
    form = BookingForm(kit.data(request), slots=verbs.open_slots(visit), public=False)

    def run(_: dict[str, Any]) -> None:
        done = verbs.reserve(visit, form.wish(), by=actor)
        at = f"{done.booking.slot:%H:%M}" if done.booking.slot else "候补"
        messages.success(request, f"已预约：{at}。预约码 {grouped(done.code)}，请抄给来访人，取消时要用。")

    return kit.form_page(request, form, run, heading=f"预约：{_name(visit)}", button="预约", back=kit.url("visit", ref))


@require_http_methods(["GET", "POST"])
@kit.page
def walk_in(request: HttpRequest, ref: str) -> HttpResponse:
    """A number for somebody who did not book."""
    actor, visit = _inside(request, ref)
    form = WalkInForm(kit.data(request))

    def run(_: dict[str, Any]) -> str:
        row = day.walk_in(visit, form.wish(), by=actor)
        messages.success(request, f"{row.queue_number}号，{visit.room}。请在候访区等叫号。")
        return f"{kit.url('board')}?day={visit.day:%Y-%m-%d}"

    return kit.form_page(
        request, form, run, heading=f"现场取号：{_name(visit)}", button="取号", back=f"{kit.url('board')}?day={visit.day:%Y-%m-%d}",
        intro="没有预约的群众同样接待。",
    )  # fmt: skip


@require_POST
@kit.page
def arrive(request: HttpRequest, ref: str) -> HttpResponse:
    """Sign a booked party in."""
    actor, booking = _booking(request, ref)

    def run() -> None:
        row = day.arrive(booking, by=actor)
        messages.success(request, f"已签到：{row.queue_number}号。")

    return kit.press(request, run, back=kit.url("visit", booking.visit.ref))


@require_POST
@kit.page
def give_back(request: HttpRequest, ref: str) -> HttpResponse:
    """Cancel a booking at the party's wish; say who moves up."""
    actor, booking = _booking(request, ref)

    def run() -> None:
        up = verbs.give_back(booking, by=actor)
        messages.success(
            request,
            "预约已取消。"
            + (f"候补的{up.name}补到{up.slot:%H:%M}，请电话告知：{up.phone}。" if up and up.slot else ""),
        )

    return kit.press(request, run, back=kit.url("visit", booking.visit.ref))


@require_POST
@kit.page
def new_code(request: HttpRequest, ref: str) -> HttpResponse:
    """Another code for who lost the first."""
    actor, booking = _booking(request, ref)

    def run() -> None:
        done = verbs.new_code(booking, by=actor)
        messages.success(request, f"新的预约码 {grouped(done.code)}，原来的不再有效。请核对姓名电话后告知本人。")

    return kit.press(request, run, back=kit.url("visit", booking.visit.ref))


@require_POST
@kit.page
def told(request: HttpRequest, ref: str) -> HttpResponse:
    """The party was told by telephone; back to the page with the list."""
    actor, booking = _booking(request, ref)
    back = reverse("home") if request.POST.get("from") == "home" else kit.url("visit", booking.visit.ref)
    return kit.press(request, lambda: ringing.told(booking, by=actor), back=back, done="已记录：电话告知。")


def _booking(request: HttpRequest, ref: str) -> tuple[Actor, Booking]:
    actor = actor_of(request)
    booking = Booking.objects.filter(visit__in=access.rooms_of(actor), ref=ref).select_related("visit").first()
    if booking is None:
        raise NotSeen
    access.check(actor, access.ROOM, "登记来访群众")
    return actor, booking
