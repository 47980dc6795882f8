"""Which ledgers may I open, and what stands in one?  The shipped views, and one page for every ledger."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.dates import today
from accounts.decorators import signed_in
from petitions import ledgers
from petitions.filters import Pick
from petitions.ledgers import Asked, Choice, Ledger
from petitions.saved_views import views_of
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link
from petitions.views.lists import turn_of
from petitions.views.saved_views import base_of, opened_with, strip


@require_safe
@signed_in
@refusals
def index(request: HttpRequest) -> HttpResponse:
    """The ledgers of the post: what is shipped, ready to be opened, altered and kept."""
    actor, day = actor_of(request), today()
    mine = ledgers.ledgers_of(actor)
    ready: list[dict[str, Any]] = [
        {"row": one, "url": f"{base_of(one.page)}?{one.query(day)}"} for one in ledgers.ready_of(actor)
    ]
    rooms: list[dict[str, Any]] = [
        {"label": one.label, "about": one.about, "url": link("ledger", one.code),
         "ready": [each for each in ready if each["row"].page == ledgers.PAGE + one.code]} for one in mine
    ]  # fmt: skip
    matters = [each for each in ready if each["row"].page == ledgers.MATTERS]
    if matters and mine:
        rooms.insert(
            0, {"label": "信访事项", "about": "每行是一件信访事项。", "url": f"{link('list')}?all=1", "ready": matters}
        )
    return render(request, "ledgers/index.html", {"rooms": rooms})


@require_safe
@signed_in
@refusals
def ledger(request: HttpRequest, code: str) -> HttpResponse:
    """One ledger, narrowed by the conditions of the address, in its columns and order."""
    actor = actor_of(request)
    one = ledgers.found(actor, code)
    page_name = ledgers.PAGE + code
    views = list(views_of(actor, page_name))
    if not request.META.get("QUERY_STRING") and (first := opened_with(views)):
        return HttpResponseRedirect(first)
    if "col" in request.GET:
        return HttpResponseRedirect(_with_columns(request, one))
    asked = Asked.of(one, request.GET)
    page = asked.page(actor, turn_of(request, asked.mark))
    context = {
        "ledger": one, "asked": asked, "page": page, "lines": [_line(row, asked) for row in page.rows],
        "strip": strip(actor, page_name, request.GET, views), "export": {"page": page_name, "query": request.GET.urlencode()},
        "choices": [_choice(choice, asked.said[choice.code]) for choice in one.choices],
        "kept": [(name, value) for name in ("cols", "sort") if (value := request.GET.get(name, ""))],
        "picks": [{"row": column, "on": column in asked.columns} for column in one.columns],
        "hidden": [(name, value) for name, value in request.GET.items() if name not in ("cols", "col", "after", "before")],
    }  # fmt: skip
    return render(request, "ledgers/ledger.html", context)


def _choice(choice: Choice, said: str) -> dict[str, Any]:
    """A condition with what is chosen of it: a day, or a select as a list of matters draws it."""
    select = "" if choice.a_day else Pick(choice.options, "不限").render(choice.code, said)
    return {"row": choice, "said": said, "select": select}


def _with_columns(request: HttpRequest, one: Ledger) -> str:
    """The same address with the columns that were ticked, in the ledger's order."""
    ticked = [column.code for column in one.columns if column.code in request.GET.getlist("col")]
    query = {
        name: value for name, value in request.GET.items() if name not in ("col", "cols", "after", "before") and value
    }
    cols = "" if len(ticked) == len(one.columns) else ".".join(ticked)
    said = urlencode({**query, **({"cols": cols} if cols else {})})
    return f"{link('ledger', one.code)}?{said or 'all=1'}"


def _line(row: Any, asked: Asked) -> dict[str, Any]:
    cells = [{"column": column, "value": column.value(row)} for column in asked.columns]
    return {"url": asked.ledger.url(row), "cells": cells}
