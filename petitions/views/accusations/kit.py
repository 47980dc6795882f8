"""What do all pages of sealed reports share?  The one question at the door, asked before anything is looked up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions.accusations import access, roll
from petitions.errors import NotSeen
from petitions.models import Accusation
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def room(*duties: str) -> Callable[[View[P]], View[P]]:
    """Let only who is on the list, for one of ``duties``, into a view; for everybody else the address does not exist."""

    def kept(view: View[P]) -> View[P]:
        @wraps(view)
        def asked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            actor = actor_of(request)
            if not any(roll.is_on(actor, duty) for duty in duties):
                raise NotSeen
            return view(request, *args, **kwargs)

        return never_cache(signed_in(refusals(cast("View[P]", asked))))

    return kept


def keepers(view: View[P]) -> View[P]:
    """Let only who may change the list into a view."""

    @wraps(view)
    def asked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not roll.may_keep(actor_of(request)):
            raise NotSeen
        return view(request, *args, **kwargs)

    return never_cache(signed_in(refusals(cast("View[P]", asked))))


def found(actor: Actor, ref: str) -> Accusation:
    """Return the report ``ref`` if the actor sees it.

    Raises:
        NotSeen: there is none, or it is not for him.
    """
    row = access.visible_to(actor).select_related("office").filter(ref=ref).first()
    if row is None:
        raise NotSeen
    return row


def frame(actor: Actor, here: str = "") -> dict[str, Any]:
    """Return what every page of the room shows: the ways to the others that are open to the actor."""
    handles, audits = roll.is_on(actor, roll.HANDLES), roll.is_on(actor, roll.AUDITS)
    rooms = (
        ("guarded", "材料", handles), ("guarded_year", "年度数", handles), ("guarded_export", "巡视巡察导出", handles),
        ("guarded_readings", "查看记录", audits), ("guarded_people", "人员名单", roll.may_keep(actor)),
    )  # fmt: skip
    return {"tabs": [{"label": label, "url": link(name), "active": name == here} for name, label, on in rooms if on]}
