"""How does a page say no?  Every refusal of a verb becomes a page or a fragment that names its rule; nothing typed is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.actor import Actor
from petitions import access
from petitions.actions import label_of
from petitions.errors import BadInput, NotSeen, Refused, Stale, WrongPerson
from petitions.models import Event, Petition

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# Typed text is shown again on a page that has no form to put it back into; these never are.
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "idempotency_key", "seen", "password", "next"})


def refusals(view: View[P]) -> View[P]:
    """Turn a `Refused` that leaves ``view`` into its page (or, for htmx, its fragment) with the refusal's status."""

    @wraps(view)
    def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return refusal(request, refused)

    return cast("View[P]", answered)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the answer that says why, by which rule, and what had been typed."""
    known = refused.status in (403, 404, 409, 422)
    template = f"errors/{refused.status}.html" if known else "errors/409.html"
    context = {"message": refused.message, "rule": refused.rule, "typed": _typed(request), "refused": refused}
    if is_part(request):
        response = render(request, "petitions/_refused.html", context, status=refused.status)
        response["X-Refusal"] = "1"  # tells our script that this answer is meant to be shown, whatever its status
        return response
    return render(
        request, template if not context["typed"] else "petitions/refused.html", context, status=refused.status
    )


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page (a boosted link asks for a whole one)."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted


def _typed(request: HttpRequest) -> list[str]:
    """Longer words of a posted form, so that they can be copied."""
    if request.method != "POST":
        return []
    values = [value for name, many in request.POST.lists() if name not in _NOT_TYPED for value in many]
    return [value for value in values if len(value) > 20]


def actor_of(request: HttpRequest) -> Actor:
    """Return who is acting; pages behind ``signed_in`` always have somebody."""
    actor = getattr(request, "actor", None)
    if actor is None:
        raise NotSeen
    return actor  # type: ignore[no-any-return]


def body_hash(request: HttpRequest) -> bytes:
    """A digest of what was posted, but for the token and the key: the same press twice gives the same digest."""
    pairs = sorted((name, values) for name, values in request.POST.lists() if name not in _NOT_BODY)
    return hashlib.sha256(repr((request.path, pairs)).encode()).hexdigest().encode()


_NOT_BODY = frozenset({"csrfmiddlewaretoken", "idempotency_key"})


def keep_away(actor: Actor, petition: Petition) -> None:
    """Refuse what would name the petitioner to somebody who has been recused and is not to know (Art.28 ¶3).

    Raises:
        WrongPerson: so it has been decided.
    """
    if access.kept_from(actor, petition):
        raise WrongPerson("您已回避这件事项，不能查看信访人的信息和材料。", rule="第二十八条第三款（回避）")


def petition_for(actor: Actor, ref: str, *joined: str) -> Petition:
    """Return the petition ``ref`` if the actor sees it.

    Raises:
        NotSeen: it does not exist or is outside the actor's scope.
    """
    related = ("office", "responsible", "category", "region", *joined)
    try:
        return access.visible_to(actor).select_related(*related).get(ref=ref)
    except Petition.DoesNotExist:
        raise NotSeen from None


@dataclass(frozen=True)
class Acted:
    """Who did what while the page was open."""

    who: str
    what: str
    when: datetime


def since(refused: Refused) -> list[Acted]:
    """Return what happened since the page was opened, empty where the refusal is another."""
    if not isinstance(refused, Stale):
        return []
    return [_acted(event) for event in refused.since]


def _acted(event: Event) -> Acted:
    who = event.user.name if event.user else "信访人"
    if event.post is not None:
        who = f"{who}（{event.post.department.short_name}）"
    return Acted(who, f"“{label_of(event.step)}”", event.recorded_at)


def put_on(form: forms.Form, refused: Refused) -> list[dict[str, Any]]:
    """Write a refusal beside the fields it speaks of, and return what belongs in the summary instead."""
    if not isinstance(refused, BadInput):
        return [{"message": refused.message}] if not isinstance(refused, Stale) else []
    rest = []
    for name, message in refused.fields.items():
        place = field_for(form, name)
        if place:
            form.add_error(place, message)
        else:
            rest.append({"message": message})
    return rest


def field_for(form: forms.Form, name: str) -> str:
    """The form's field that a verb means by ``name``: itself, or the first of a row of fields (``routes`` → ``route_1``)."""
    if name in form.fields:
        return name
    stem: Sequence[str] = [key for key in form.fields if key.startswith(name.rstrip("s") + "_")]
    return stem[0] if stem else ""
