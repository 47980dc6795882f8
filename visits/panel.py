"""What do visits say on the pages of petitions?  Every visit that touched a case; today's rooms; the way in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.actor import Actor
from accounts.dates import today
from accounts.manage import AUDITS, MANAGES
from accounts.models import Role
from petitions.models import Petition
from petitions.panels import Entry, Panel
from visits import access
from visits.models import Carried, FollowUp, Outcome, Sponsorship

_NO_MATTERS = AUDITS | MANAGES


def of_case(actor: Actor, petition: Petition) -> Panel | None:
    """The card that asks for the visits that touched the case once the page stands: the page has no query to spare."""
    return Panel("visits/_case_card.html", {"url": reverse("visits:of_matter", args=[petition.ref])})


def touched(actor: Actor, petition: Petition) -> dict[str, Any]:
    """Return every visit that touched the case, with purpose and outcome, and who sponsors it."""
    met = list(
        Outcome.objects.filter(petition=petition)
        .select_related("reception__visit__leader__user", "reception__visit__place", "unit")
        .order_by("-pk")
    )
    carried = (
        []
        if met
        else list(Carried.objects.filter(petition=petition).select_related("visit__leader__user", "visit__place"))
    )
    sponsored = list(Sponsorship.objects.filter(petition=petition).select_related("sponsor__user")) if met else []
    return {
        "met": [{"row": row, "visit": row.reception.visit, "url": _url(row)} for row in met],
        "carried": carried, "sponsored": sponsored, "inside": access.office_of(actor) is not None,
    }  # fmt: skip


def _url(row: Outcome) -> str:
    return reverse("visits:visit", args=[row.reception.visit.ref])


def of_home(actor: Actor) -> Panel | None:
    """A leader's next receptions and sponsored cases; the counter's rooms of today."""
    if actor.role == Role.LEADER:
        return _leader(actor)
    office = access.office_of(actor)
    if office is None:
        return None
    rows = access.visible_to(actor).filter(day=today(), status__in=["published", "held"])
    rooms = list(rows.select_related("leader__user", "place").order_by("starts", "pk"))
    return Panel("visits/_today.html", {"rooms": rooms, "day": today()}) if rooms else None


def _leader(actor: Actor) -> Panel | None:
    mine = access.visible_to(actor).filter(day__gte=today(), status__in=["approved", "published"])
    coming = list(mine.filter(leader=actor.post).select_related("place").order_by("day", "starts")[:3])
    return Panel("visits/_leader.html", {"coming": coming, "day": today()}) if coming else None


def menu(actor: Actor) -> list[Entry]:
    """The way into the rooms of visits, for whoever has one there."""
    if actor.role in _NO_MATTERS:
        return []
    return [Entry("接访下访", reverse("visits:plan"), "calendar", "/visits/")]


def open_duties(actor: Actor) -> int:
    """How many duties after visits are open for ``actor``."""
    return access.follow_ups_of(actor).filter(done_on=None).exclude(kind=FollowUp.Kind.SECOND, due__gt=today()).count()
