"""What do visits say on the pages of petitions?  Every visit that touched a case; today's rooms; the way in."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.actor import Actor
from accounts.dates import today
from accounts.manage import AUDITS, MANAGES
from accounts.models import Role
from petitions.models import Pattern, Petition
from petitions.panels import Entry, Panel
from petitions.patterns.turns import Turn
from visits import access, indicators, owed
from visits.actions import ringing
from visits.actions.sponsor import on_the_desk_of
from visits.models import Carried, Outcome, Sponsorship, Visit

EVER = date(2000, 1, 1)  # before any reception
ON_FIGURES = ("planned", "kept", "held", "groups", "people", "outcomes", "resolved", "assigned", "in_time")
OWN = 6  # sponsored cases on a leader's page of figures; the rest behind a link
ON_BOARD = 8  # receptions that the hall's notice board shows; the rest stand on the public page
SHOWN = 5
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
    done = {row.reception.visit_id for row in met}
    carried = Carried.objects.filter(petition=petition).select_related("visit__leader__user", "visit__place")
    sponsored = Sponsorship.objects.filter(petition=petition).select_related("sponsor__user").order_by("-pk")
    open_to = set(access.sponsorships_of(actor).filter(petition=petition).values_list("pk", flat=True))
    return {
        "met": [{"row": row, "visit": row.reception.visit, "url": _url(row)} for row in met],
        "carried": [row for row in carried if row.visit_id not in done],
        "sponsored": [{"row": row, "url": reverse("visits:sponsorship", args=[row.ref]) if row.pk in open_to else ""} for row in sponsored],
    }  # fmt: skip


def _url(row: Outcome) -> str:
    return reverse("visits:visit", args=[row.reception.visit.ref])


def of_home(actor: Actor) -> Panel | None:
    """A leader's next receptions and sponsored cases; the counter's rooms of today."""
    if actor.role == Role.LEADER:
        return _leader(actor)
    if actor.role in access.RECEIVES:
        return _coming(actor)
    office = access.office_of(actor)
    if office is None:
        return None
    rows = access.visible_to(actor).filter(day=today(), status__in=["published", "held"])
    rooms = list(rows.select_related("leader__user", "place").order_by("starts", "pk"))
    return Panel("visits/_today.html", {"rooms": rooms, "day": today()}) if rooms else None


def of_telling(actor: Actor) -> Panel | None:
    """Whose booking changed and who does not know yet: on the first pages of the counter, until somebody has rung."""
    rows = list(ringing.to_tell(actor)[: SHOWN + 1])
    return Panel("visits/_to_tell.html", {"rows": rows[:SHOWN], "more": len(rows) > SHOWN}) if rows else None


def of_owed(actor: Actor) -> Panel | None:
    """What receptions still ask of a unit, of the office, of a leader: on the first page of each, with its day and its way."""
    found = owed.of(actor, today())
    return Panel("visits/_owed.html", {"owed": found}) if found is not None and found.rows else None


def _next(actor: Actor) -> list[Visit]:
    mine = access.rooms_of(actor).filter(leader=actor.post, day__gte=today(), status__in=["approved", "published"])
    return list(mine.select_related("place").order_by("day", "starts")[:3])


def _coming(actor: Actor) -> Panel | None:
    """The next receptions of who receives in a town or a department."""
    coming = _next(actor)
    return Panel("visits/_leader.html", {"coming": coming, "day": today()}) if coming else None


def _leader(actor: Actor) -> Panel | None:
    """His next receptions, the cases he answers for, and what others ask of a main leader."""
    coming = _next(actor)
    rows = list(on_the_desk_of(actor)[:20])
    cases = [row for row in rows if row.sponsor_id == actor.post.pk][:5]
    asked = [row for row in rows if row.sponsor_id != actor.post.pk][:5]
    found = {"coming": coming, "cases": cases, "asked": asked, "day": today()}
    return Panel("visits/_leader.html", found) if coming or cases or asked else None


def of_own_cases(actor: Actor) -> Panel | None:
    """The cases a leader sponsors himself, each with its day."""
    if actor.role != Role.LEADER:
        return None
    rows = on_the_desk_of(actor).filter(sponsor=actor.post)[:OWN]
    return Panel("visits/_own_cases.html", {"cases": list(rows), "day": today()})


def of_figures(actor: Actor, first: date | None, last: date | None) -> Panel | None:
    """How receptions go in the period (domain.md §3.6): a few numbers, each with its list; for whoever sees them from inside."""
    if actor.role != Role.LEADER and not access.may(actor, access.WATCH):
        return None
    cut = indicators.Cut(first or EVER, min(last or today(), today()))
    counts = indicators.figures(actor, cut, ON_FIGURES)
    query = urlencode({"first": cut.first.isoformat(), "last": cut.last.isoformat()})
    url = {code: f"{reverse('visits:figure', args=[code])}?{query}" for code in ON_FIGURES}
    shares = [one for one in indicators.shares(counts) if one.whole_code in url and one.part_code in url]
    found = {"shares": shares, "counts": counts, "url": url, "all": f"{reverse('visits:figures')}?{query}"}
    return Panel("visits/_on_figures.html", found)


def of_board() -> Panel | None:
    """The next published receptions, for the hall's notice board (Art.18): what everybody may see, and no more."""
    rows = access.public_visits().filter(day__gte=today(), status="published").select_related("leader__user", "place")
    coming = list(rows.order_by("day", "starts", "pk")[:ON_BOARD])
    return Panel("visits/public/_board.html", {"rows": coming}) if coming else None


def menu(actor: Actor) -> list[Entry]:
    """The way into the rooms of visits, for whoever has one there."""
    if actor.role in _NO_MATTERS:
        return []
    return [Entry("接访下访", reverse("visits:plan"), "calendar", "/visits/")]


def turn_of(actor: Actor, pattern: Pattern) -> Turn | None:
    """The way from a warning to a visit about it, for whoever plans visits."""
    if not access.may(actor, access.DESK):
        return None
    return Turn("visit", "安排专题接访下访", f"{reverse('visits:add')}?{urlencode({'pattern': pattern.ref})}")


def visit_address(ref: str) -> str:
    """Where a visit that came out of a warning is."""
    return reverse("visits:visit", args=[ref])
