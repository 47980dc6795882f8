"""Where does a person set and drop reminders?  On the matter's page; what is due stands on the home page, all of them on one list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from petitions import reminders
from petitions.models import Petition
from petitions.reminders import Note
from petitions.views.answers import actor_of, is_part, petition_for, refusals
from petitions.views.links import case_link, link, next_of


def due(actor: Actor, seen: QuerySet[Petition] | None = None) -> list[dict[str, Any]]:
    """Return what the person asked to be reminded of until today, as the home page shows it."""
    return [_line(note) for note in reminders.mine(actor, until=today(), seen=seen)]


def about(actor: Actor, petition: Petition) -> dict[str, Any]:
    """Return the person's reminders about one matter and where another is set, as the matter's page shows it."""
    found = [_line(note) for note in reminders.about(actor, petition)]
    return {
        "found": found,
        "url": link("remind_me", petition.ref),
        "today": today(),
        "last": today() + reminders.FARTHEST,
    }


def _line(note: Note) -> dict[str, Any]:
    return {"note": note, "href": case_link(note.petition), "done": link("reminder_done", note.row.ref)}


@require_safe
@signed_in
@refusals
def mine(request: HttpRequest) -> HttpResponse:
    """All of the person's reminders about matters that he sees, the nearest day first."""
    found = [_line(note) for note in reminders.mine(actor_of(request))]
    return render(request, "petitions/reminders.html", {"found": found, "day": today()})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@refusals
def put(request: HttpRequest, ref: str) -> HttpResponse:
    """The person's reminders about one matter, and another set."""
    actor, said = actor_of(request), request.POST
    petition = petition_for(actor, ref)
    if request.method != "POST":
        template = "petitions/_reminders.html" if is_part(request) else "petitions/remind_me.html"
        return render(request, template, {"own_reminders": about(actor, petition), "petition": petition})
    row = reminders.put(actor, petition, _day(said.get("on_day", "")), said.get("words", ""))
    messages.success(request, f"{row.on_day.month}月{row.on_day.day}日提醒您。")
    return HttpResponseRedirect(next_of(request, case_link(petition)))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_POST
@signed_in
@refusals
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Throw a reminder away: what it said is done."""
    reminders.done(actor_of(request), ref)
    return HttpResponseRedirect(next_of(request, link("reminders")))
