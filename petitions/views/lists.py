"""Which matters are there, and where is the one I mean?  The list with its filters, and the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from petitions.asked import SIZES, Asked
from petitions.cells import Reader, Value, reader_for, value
from petitions.columns import COLUMNS, DEFAULT, MOST, SPLIT, Column, chosen, named
from petitions.keyset import Page, Turn, unpack
from petitions.models import Petition
from petitions.orders import NEWEST
from petitions.querysets import ORDER, page_of
from petitions.saved_views import views_of
from petitions.search import WORDS_ORDER
from petitions.search import search as search_for
from petitions.views import bulk
from petitions.views.answers import actor_of, refusals
from petitions.views.badges import TONES, Badge, due_badge
from petitions.views.links import case_link, link
from petitions.views.saved_views import MATTERS, opened_with, strip

WIDE = 9  # more columns than this scroll in a box
OF_A_PERSON = frozenset({"id", "phone", "name", "named", "initials"})  # nothing is counted of a person


@dataclass(frozen=True)
class Cell:
    """One field of a row; ``value`` as the spreadsheet has it too."""

    shape: str
    label: str
    less: bool
    value: Value


@dataclass(frozen=True)
class Line:
    """One matter as a row of a list shows it."""

    petition: Petition
    href: str
    cells: list[Cell]
    tone: str
    badge: Badge | None


def lines(actor: Actor, petitions: Sequence[Petition], columns: Sequence[Column] = DEFAULT) -> list[Line]:
    """Return ``petitions`` as rows of ``columns``; names that the actor may not know are not given."""
    reader, day = reader_for(actor), today()
    duties = any(column.shape == "due" for column in columns)
    return [_line(row, columns, reader, due_badge(None, None, row.due, day) if duties else None) for row in petitions]


def _line(row: Petition, columns: Sequence[Column], reader: Reader, badge: Badge | None) -> Line:
    cells = [Cell(column.shape, column.label, column.less, value(column, row, reader)) for column in columns]
    tone = TONES.get(row.stage, "") if any(column.shape == "stage" for column in columns) else ""
    return Line(row, case_link(row), cells, tone, badge)


def turn_of(request: HttpRequest, order: str = ORDER) -> Turn:
    """Which page the URL asks for.

    Raises:
        BadInput: its mark was not made here.
    """
    size = request.GET.get("size", "")
    return Turn(
        after=unpack(request.GET.get("after", ""), order),
        before=unpack(request.GET.get("before", ""), order),
        size=int(size) if size in map(str, SIZES) else SIZES[0],
    )


@require_safe
@signed_in
@refusals
def matters(request: HttpRequest) -> HttpResponse:
    """The list of all matters in scope, narrowed by the filters in the URL, in its columns and order."""
    actor = actor_of(request)
    views = list(views_of(actor, MATTERS))
    if not request.META.get("QUERY_STRING") and (first := opened_with(views)):
        return HttpResponseRedirect(first)
    asked = Asked.of(actor, request.GET)
    frame = _frame(asked) | {"bulk_steps": bulk.buttons(actor), "strip": strip(actor, MATTERS, request.GET, views)}
    if not asked.form.is_valid():
        return render(request, "petitions/list.html", frame | {"page": Page[Petition]([])}, status=422)
    wanted = asked.form.wanted(today())
    turn = turn_of(request, asked.order.code)
    page = page_of(actor, wanted, turn, order=asked.order, columns=asked.columns, scope=asked.scope)
    context = {"chips": asked.form.chips(asked.kept), "page": page, "lines": lines(actor, page.rows, asked.columns)}
    return render(request, "petitions/list.html", frame | context | {"narrow": wanted.narrow})


def _frame(asked: Asked) -> dict[str, Any]:
    """What stands round the rows."""
    return {
        "form": asked.form, "columns": asked.columns, "order": asked.order, "kept": asked.kept,
        "orders": [{"row": one, "sort": "" if one is NEWEST else one.code} for one in asked.offered],
        "plain_url": f"{link('list')}?{urlencode(asked.kept) or 'all=1'}",
        "columns_url": f"{link('columns')}?{asked.address}",
        "export": {"page": MATTERS, "query": asked.address},
        "wide": len(asked.columns) > WIDE,
    }  # fmt: skip


@require_safe
@signed_in
@refusals
def columns(request: HttpRequest) -> HttpResponse:
    """Choose the columns of the list and their order; every button is a link of the form, nothing is kept here."""
    actor, said = actor_of(request), request.GET
    asked = Asked.of(actor, said)
    order = ordered(said, [column.code for column in asked.columns])
    if "apply" in said:
        picked = [COLUMNS[code] for code in order if code in said.getlist("col")]
        cols = named(chosen(SPLIT.join(column.code for column in picked)))
        return HttpResponseRedirect(f"{link('list')}?{asked.line(cols)}")
    shown = said.getlist("col") if "order" in said else [column.code for column in asked.columns]
    rows = [{"column": COLUMNS[code], "on": code in shown, "fixed": code == "title"} for code in order]
    context = {
        "rows": rows, "most": MOST, "usual": f"{link('list')}?{asked.line('')}", "back": f"{link('list')}?{asked.line()}",
        "action": link("columns"), "hidden": [(name, value) for name, value in asked.pairs().items()], "moved": said.get("up") or said.get("down"),
    }  # fmt: skip
    return render(request, "petitions/columns.html", context)


def ordered(said: QueryDict, shown: Sequence[str], fixed: frozenset[str] = frozenset()) -> list[str]:
    """The codes of all columns but the ``fixed`` in the order chosen so far, the one moved in its new place; first those ``shown``."""
    codes = said.get("order", "").split(SPLIT) if "order" in said else shown
    order = [code for code in dict.fromkeys([*codes, *COLUMNS]) if code in COLUMNS and code not in fixed]
    for name, step in (("up", -1), ("down", 1)):
        if (code := said.get(name, "")) in order:
            at = order.index(code)
            to = min(max(at + step, 0), len(order) - 1)
            order.insert(to, order.pop(at))
    return order


@require_safe
@signed_in
@refusals
def search(request: HttpRequest) -> HttpResponse:
    """The search: what was found, grouped by why it was; a number of another system leads straight to its matter."""
    actor = actor_of(request)
    text = clean_line(request.GET.get("q", ""))
    found = search_for(actor, text, unpack(request.GET.get("after", ""), WORDS_ORDER))
    if found.scanned is not None and not request.GET.get("after"):
        return HttpResponseRedirect(case_link(found.scanned))
    groups = [
        {
            "label": group.label,
            "lines": lines(actor, group.petitions),
            "more": group.more,
            "counted": group.why not in OF_A_PERSON,
        }
        for group in found.groups
    ]
    context = {
        "columns": DEFAULT,
        "search_words": text,
        "found": found,
        "groups": groups,
        "paged": bool(request.GET.get("after")),
    }
    return render(request, "petitions/search.html", context)


def clean_line(text: str) -> str:
    """What was typed, without marks that cannot be in a text (NUL) and no longer than a line."""
    return " ".join(text.replace("\x00", " ").split())[:200]
