"""Which matters are there, and where is the one I mean?  The list with its filters, and the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from petitions import access, lifecycle, trees
from petitions.filters import Filters
from petitions.keyset import Page, Turn, unpack
from petitions.models import Petition
from petitions.querysets import ORDER, Wanted, page_of
from petitions.search import WORDS_ORDER
from petitions.search import search as search_for
from petitions.views.answers import actor_of, refusals
from petitions.views.badges import TONES, Badge, due_badge
from petitions.views.links import case_link

SIZES = (25, 50)
HIDDEN_NAME = "（不透露）"
OF_A_PERSON = frozenset({"id", "phone", "name", "named", "initials"})  # nothing is counted of a person


@dataclass(frozen=True)
class Line:
    """One matter as a row of a list shows it."""

    petition: Petition
    href: str
    name: str
    stage: str
    tone: str
    category: str
    unit: str
    badge: Badge | None


def lines(actor: Actor, petitions: Sequence[Petition]) -> list[Line]:
    """Return ``petitions`` as rows; names that the actor may not know are not given."""
    names, day = access.names_of(actor), today()
    categories, departments = trees.categories(), trees.departments()
    return [_line(row, names, categories, departments, due_badge(None, None, row.due, day)) for row in petitions]


def _line(row: Petition, names: access.Names, categories: trees.Tree, units: trees.Tree, badge: Badge | None) -> Line:
    return Line(
        petition=row,
        href=case_link(row),
        name=row.lead_name if names.may_know(row) else HIDDEN_NAME,
        stage=lifecycle.STAGES.get(row.stage, row.stage),
        tone=TONES.get(row.stage, ""),
        category=categories.name(row.category_id),
        unit=units.name(row.responsible_id),
        badge=badge,
    )


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
    """The list of all matters in scope, newest first, narrowed by the filters in the URL."""
    actor = actor_of(request)
    form = Filters(request.GET)
    if not form.is_valid():
        return render(request, "petitions/list.html", {"form": form, "page": Page[Petition]([])}, status=422)
    wanted = form.wanted(today())
    page = page_of(actor, wanted, turn_of(request))
    return render(request, "petitions/list.html", _shown(actor, form, wanted, page))


def _shown(actor: Actor, form: Filters, wanted: Wanted, page: Page[Petition]) -> dict[str, Any]:
    chips = form.chips() if wanted.narrow else []
    return {"form": form, "chips": chips, "page": page, "lines": lines(actor, page.rows), "narrow": wanted.narrow}


@require_safe
@signed_in
@refusals
def search(request: HttpRequest) -> HttpResponse:
    """The search: what was found, grouped by why it was."""
    actor = actor_of(request)
    text = clean_line(request.GET.get("q", ""))
    found = search_for(actor, text, unpack(request.GET.get("after", ""), WORDS_ORDER))
    groups = [
        {
            "label": group.label,
            "lines": lines(actor, group.petitions),
            "more": group.more,
            "counted": group.why not in OF_A_PERSON,
        }
        for group in found.groups
    ]
    context = {"search_words": text, "found": found, "groups": groups, "paged": bool(request.GET.get("after"))}
    return render(request, "petitions/search.html", context)


def clean_line(text: str) -> str:
    """What was typed, without marks that cannot be in a text (NUL) and no longer than a line."""
    return " ".join(text.replace("\x00", " ").split())[:200]
