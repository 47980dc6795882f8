"""What do the pages of visits share?  Who is asked, which visit is meant, and a form that runs one verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions.actions.once import once
from petitions.errors import BadInput, NotSeen
from petitions.views.answers import actor_of, body_hash, is_part, put_on, refusals
from visits import access
from visits.models import Visit

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
Run = Callable[[dict[str, Any]], str | None]


def page(view: View[P]) -> View[P]:
    """Let a person in a post through, and turn a refusal into its page."""

    @wraps(view)
    def asked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)

    return cast("View[P]", signed_in(refusals(asked)))


def data(request: HttpRequest) -> Any:
    """What a form is bound to: what was posted, or nothing."""
    return request.POST if request.method == "POST" else None


def with_row(request: HttpRequest, prefix: str) -> Any:
    """What was posted, with one row more in the formset ``prefix``: adding a row without JavaScript."""
    data = request.POST.copy()
    many = data.get(f"{prefix}-TOTAL_FORMS", "")
    data[f"{prefix}-TOTAL_FORMS"] = str(int(many) + 1 if many.isdecimal() and len(many) < 4 else 1)
    return data


def url(name: str, *args: object) -> str:
    """Return the address of ``visits:<name>``."""
    return reverse(f"visits:{name}", args=[str(arg) for arg in args])


def visit_for(actor: Actor, ref: str, *, inside: bool = False) -> Visit:
    """Return the visit ``ref`` if the actor sees it (from inside: its room too).

    Raises:
        NotSeen: it does not exist or is outside the actor's scope.
    """
    rows = access.rooms_of(actor) if inside else access.visible_to(actor)
    found = (
        rows.select_related("leader__user", "place", "office", "backup__user", "replaces__leader__user")
        .filter(ref=ref)
        .first()
    )
    if found is None:
        raise NotSeen
    return found


def form_page(
    request: HttpRequest, form: forms.Form, run: Run, *, heading: str, button: str, back: str, done: str = "", intro: str = "",
    danger: bool = False, more: Mapping[str, Any] | None = None, template: str = "visits/form.html",
) -> HttpResponse:  # fmt: skip
    """Show ``form``, or run its verb once for each key: refused fields beside them (422), the rest as its own page.

    Args:
        run: the verb, told the cleaned data; returns where to go, ``None`` = ``back``.
        done: what is said afterwards.
    """
    problems: list[dict[str, Any]] = []
    adding = "add_row" in request.POST
    if form.is_bound and not adding and form.is_valid():
        try:
            to = _once(request, form, run)
        except BadInput as refused:
            problems = put_on(form, refused)
        else:
            if done:
                messages.success(request, done)
            return go(request, to or back)
    context = {
        "form": form, "heading": heading, "button": button, "back": back, "intro": intro, "danger": danger,
        "problems": problems, **(more or {}),
    }  # fmt: skip
    return render(request, template, context, status=422 if form.is_bound and not adding else 200)


def _once(request: HttpRequest, form: forms.Form, run: Run) -> str:
    key = request.POST.get("idempotency_key", "")
    if not key:
        return run(form.cleaned_data) or ""
    done, _ = once(actor_of(request), key, body_hash(request), lambda: {"to": run(form.cleaned_data) or ""})
    return done["to"]


def go(request: HttpRequest, to: str) -> HttpResponse:
    """Lead on: a page by redirect, a part of a page by htmx."""
    if is_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return HttpResponseRedirect(to)


def press(request: HttpRequest, run: Callable[[], Any], *, back: str, done: str = "") -> HttpResponse:
    """A button that runs a verb; pressed twice with one key it runs once."""
    key = request.POST.get("idempotency_key", "")

    def act() -> dict[str, str]:
        run()
        return {}

    if key:
        once(actor_of(request), key, body_hash(request), act)
    else:
        act()
    if done:
        messages.success(request, done)
    return go(request, back)
