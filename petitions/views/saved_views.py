"""Which views has this list, and how is one kept, renamed, shared, thrown away?  The strip above a list, and its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import Department
from petitions import ledgers, saved_views
from petitions.errors import BadInput, NotSeen
from petitions.filters import Filters
from petitions.models import SavedView
from petitions.trays import QUESTIONS, questions_for
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link, next_of

MATTERS = "matters"


def tray_page(code: str) -> str:
    """The name under which a tray's views are kept."""
    return f"tray:{code}"


def address_of(view: SavedView) -> str:
    """Return where a view leads."""
    return f"{base_of(view.page)}?{view.query or 'all=1'}"


def base_of(page: str) -> str:
    """Return the address of a list by the name its views are kept under."""
    if page.startswith(ledgers.PAGE):
        return link("ledger", page.removeprefix(ledgers.PAGE))
    return link("tray", page.removeprefix("tray:")) if page.startswith("tray:") else link("list")


def _known(actor: Actor, page: str) -> bool:
    """Whether the actor has that list: the matters, or a tray that he watches for more units than one."""
    trays = {tray_page(question.code) for question in questions_for(actor) if question.wide}
    mine = {ledgers.PAGE + one.code for one in ledgers.ledgers_of(actor)} if page.startswith(ledgers.PAGE) else set()
    return page == MATTERS or page in trays or page in mine


def strip(actor: Actor, page: str, query: QueryDict, views: Sequence[SavedView]) -> dict[str, Any]:
    """Return what the strip above a list shows: every view as a link, the one in use marked, and what may be kept."""
    used = saved_views.in_use(views, query)
    return {
        "page": page, "query": saved_views.plain(query), "used": used, "gone": gone(used) if used else "",
        "views": [{"row": view, "url": address_of(view), "on": view == used} for view in views],
        "all_url": f"{base_of(page)}?all=1", "all": not saved_views.plain(query),
        "may_share": saved_views.may_share(actor), "here": f"{base_of(page)}?{query.urlencode()}",
    }  # fmt: skip


def opened_with(views: Iterable[SavedView]) -> str:
    """Return the address that the list opens with where its own says nothing, "" for everything."""
    chosen = next((view for view in views if view.chosen), None)  # type: ignore[attr-defined]
    return address_of(chosen) if chosen is not None and chosen.query else ""


def gone(view: SavedView, codes: frozenset[str] | None = None) -> str:
    """Return which conditions of a view can no longer be met, in words: a category or a unit that is gone.

    Args:
        codes: the codes of units in force, where they have been read for many views at once.
    """
    if view.page == MATTERS:
        return "、".join(Filters(QueryDict(view.query)).gone())
    code = _unit_of(view)
    return "" if not code or code in (codes if codes is not None else _in_force([view])) else "单位"


def _unit_of(view: SavedView) -> str:
    """The code of the unit that a tray's view is narrowed to."""
    return QueryDict(view.query).get("unit", "") if view.page.startswith("tray:") else ""


def _in_force(views: Iterable[SavedView]) -> frozenset[str]:
    codes = {code for view in views if (code := _unit_of(view))}
    return frozenset(Department.objects.in_force(today()).filter(code__in=codes).values_list("code", flat=True))


# --- pages ---------------------------------------------------------------------------------------------------------------


@require_safe
@signed_in
@refusals
def views(request: HttpRequest) -> HttpResponse:
    """The post's views and those of its unit, list by list."""
    actor = actor_of(request)
    found = [view for view in saved_views.views_of(actor) if _known(actor, view.page)]
    codes = _in_force(found)
    rows = [_line(actor, view, codes) for view in found]
    return render(request, "petitions/views.html", {"rows": rows, "may_share": saved_views.may_share(actor)})


def _line(actor: Actor, view: SavedView, codes: frozenset[str]) -> dict[str, Any]:
    return {
        "row": view, "url": address_of(view), "own": saved_views.may_change(actor, view), "gone": gone(view, codes),
        "page": _label(view.page),
        "by": "" if view.post_id == actor.post.pk else view.post.user.name,
    }  # fmt: skip


def _label(page: str) -> str:
    """What a list is called."""
    if page.startswith(ledgers.PAGE):
        return ledgers.label_of(page)
    code = page.removeprefix("tray:")
    return QUESTIONS[code].label if code in QUESTIONS else "信访事项"


@require_POST
@signed_in
@refusals
def save(request: HttpRequest) -> HttpResponse:
    """Keep the list as it is under a name."""
    actor, said = actor_of(request), request.POST
    page = said.get("page", "")
    if not _known(actor, page):
        raise BadInput({"page": "没有这个列表。"}, rule=saved_views.RULE)
    view = saved_views.save(
        actor, page, said.get("name", ""), said.get("query", ""), shared="shared" in said, default="default" in said
    )
    messages.success(request, f"视图“{view.name}”已保存。")
    return HttpResponseRedirect(address_of(view))


@require_POST
@signed_in
@refusals
def change(request: HttpRequest, ref: str) -> HttpResponse:
    """Rename, share, delete a view, or let the list open with it: what ``do`` says."""
    actor, said = actor_of(request), request.POST
    view = saved_views.found(actor, ref)
    match said.get("do", ""):
        case "rename":
            saved_views.rename(actor, view, said.get("name", ""), shared="shared" in said)
        case "delete":
            saved_views.delete(actor, view)
        case "default":
            saved_views.make_default(actor, view)
        case "no_default":
            saved_views.no_default(actor, view.page)
        case _:
            raise NotSeen
    return HttpResponseRedirect(next_of(request, link("views")))
