"""What concerns the sealed room as a whole: one number a year, exports for inspections, who read what, who is on the list."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.dates import today
from petitions import keyset
from petitions.accusations import access, figures, record, roll
from petitions.errors import NotSeen, Refused
from petitions.forms.accusations import ExportForm, ProposeForm
from petitions.law.accusations import DUTIES
from petitions.models import AccusationChange, AccusationReading
from petitions.views.accusations import kit
from petitions.views.answers import actor_of, put_on
from petitions.views.jobs import wake
from petitions.views.links import link

LATEST = 200
_LOG = "sealed readings"  # its pages are marked: a serial id would tell how many readings are left out
_OF_MANY = frozenset({AccusationReading.Kind.LIST, AccusationReading.Kind.SEARCH})


@require_http_methods(["GET", "HEAD", "POST"])
@kit.room(roll.HANDLES)
def year(request: HttpRequest) -> HttpResponse:
    """Which years were given to the annual report; pressed, one is counted and given, and the number is shown to nobody here."""
    actor = actor_of(request)
    if request.method == "POST":
        chosen = request.POST.get("year", "")
        row = figures.enter(actor, int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) == 4 else 0)
        messages.success(request, f"已写入{row.year}年年度报告。")
        return HttpResponseRedirect(link("guarded_year"))
    years = [{"year": one, "given": given} for one, given in figures.years(actor)]
    return render(request, "accusations/year.html", {**kit.frame(actor, "guarded_year"), "years": years})


# --- exports ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@kit.room(roll.HANDLES)
def export(request: HttpRequest) -> HttpResponse:
    """Ask for an export, made in the background."""
    actor = actor_of(request)
    form = ExportForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            row = figures.ask(actor, **form.cleaned_data)
        except NotSeen:
            raise
        except Refused as refused:
            put_on(form, refused)
            status = refused.status
        else:
            transaction.on_commit(lambda: wake(row.ref))
            return HttpResponseRedirect(link("guarded_export_file", row.ref))
    context = {"form": form, **kit.frame(actor, "guarded_export")}
    return render(request, "accusations/export.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@kit.room(roll.HANDLES)
def export_file(request: HttpRequest, ref: str) -> HttpResponse:
    """How far an export is; pressed, it is handed out, once."""
    actor = actor_of(request)
    row = figures.own(actor, ref)
    if request.method == "POST":
        answer = HttpResponse(figures.hand_out(actor, ref), content_type="application/octet-stream")
        answer["Content-Disposition"] = content_disposition_header(True, "信访举报情况.xlsx") or "attachment"
        return answer
    context = {
        "row": row,
        "asked": figures.asked(row),
        "crumbs": [("专门受理", link("guarded")), ("巡视巡察导出", link("guarded_export"))],
    }
    return render(request, "accusations/export_file.html", context)


# --- who read what ----------------------------------------------------------------------------------------------------


@require_safe
@kit.room(roll.AUDITS)
def readings(request: HttpRequest) -> HttpResponse:
    """Who looked at which report, and when: by number, without a word of what it says, and none that is about the reader."""
    actor = actor_of(request)
    record.note_reading(actor, AccusationReading.Kind.LOG)
    rows = access.readings_for(actor).select_related("accusation", "user", "post__department").order_by("-pk")
    before = keyset.unpack(request.GET.get("before", ""), _LOG)
    if before is not None:
        rows = rows.filter(pk__lt=before.pk)
    found = list(rows[:LATEST])
    more = keyset.pack(keyset.Mark(found[-1].at.date(), found[-1].pk), _LOG) if len(found) == LATEST else ""
    context = {"lines": _looks(found), "more": more}
    return render(request, "accusations/readings.html", {**kit.frame(actor, "guarded_readings"), **context})


def _looks(rows: list[AccusationReading]) -> list[dict[str, Any]]:
    """One line for each look; a list or search that showed many reports names them all."""

    def look(row: AccusationReading) -> tuple[Any, ...]:
        return row.kind, row.note if row.kind in _OF_MANY and row.note else row.pk

    lines = []
    for _, grouped in groupby(rows, look):
        of_one = list(grouped)
        numbers = [row.accusation.number for row in reversed(of_one) if row.accusation is not None]
        lines.append({"row": of_one[0], "numbers": numbers})
    return lines


# --- who is on the list -----------------------------------------------------------------------------------------------


@require_safe
@kit.keepers
def people(request: HttpRequest) -> HttpResponse:
    """Who is on the list, what is proposed, and what was changed before."""
    actor = actor_of(request)
    changes = AccusationChange.objects.select_related("user", "by__user", "by__department", "decision__by__user")
    named = list(roll.in_force().select_related("user").order_by("duty", "user__name", "pk"))
    context = {
        "members": [_member(row) for row in named],
        "waiting": [_change(row, actor) for row in changes.filter(decision=None).order_by("pk")],
        "past": [_change(row, actor) for row in changes.exclude(decision=None).order_by("-pk")[:50]],
        "add": link("guarded_propose"),
        "nobody": all(row.duty != roll.HANDLES for row in named),
    }
    return render(request, "accusations/people.html", {**kit.frame(actor, "guarded_people"), **context})


def _member(row: Any) -> dict[str, Any]:
    return {"row": row, "duty": DUTIES[row.duty]}


def _change(row: AccusationChange, actor: Actor) -> dict[str, Any]:
    mine = actor.user.pk in (row.user_id, row.by.user_id)
    return {"row": row, "duty": DUTIES[row.duty], "url": link("guarded_decide", row.ref), "mine": mine}


@require_http_methods(["GET", "HEAD", "POST"])
@kit.keepers
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a change; another person confirms it."""
    actor = actor_of(request)
    form = ProposeForm(request.POST if request.method == "POST" else None)
    problems: list[dict[str, Any]] = []
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            roll.propose(actor, **form.cleaned_data)
        except NotSeen:
            raise
        except Refused as refused:
            problems, status = put_on(form, refused), refused.status
        else:
            messages.success(request, "已提议。由另一人确认以后生效。")
            return HttpResponseRedirect(link("guarded_people"))
    context = {"form": form, "problems": problems, "back": link("guarded_people"), **kit.frame(actor, "guarded_people")}
    return render(request, "accusations/propose.html", context, status=status)


@require_POST
@kit.keepers
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm a proposal, or refuse it."""
    change = AccusationChange.objects.filter(ref=ref).select_related("user", "by__user").first()
    if change is None:
        raise NotSeen
    agreed = request.POST.get("agreed") == "yes"
    if not agreed and request.POST.get("agreed") != "no":
        messages.error(request, "请按“确认”或者“退回”。")
        return HttpResponseRedirect(link("guarded_people"))
    roll.decide(change, by=actor_of(request), agreed=agreed)
    messages.success(
        request,
        f"已{'确认' if agreed else '退回'}：{change.get_what_display()}{change.user.name}，{today():%-m月%-d日}。",
    )
    return HttpResponseRedirect(link("guarded_people"))
