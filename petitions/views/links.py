"""Where does a link lead?  Addresses of rooms by name; a room that is not there gives no link."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from petitions.access import Row
from petitions.lifecycle import Step
from petitions.models import Petition

LONGEST = 2_000  # characters of an address that a page asks to be sent back to


def link(name: str, *args: str) -> str:
    """Return the address of ``petitions:<name>``, or ``""``."""
    try:
        return reverse(f"petitions:{name}", args=args)
    except NoReverseMatch:
        return ""


def case_link(petition: Petition) -> str:
    """Return the address of a case page."""
    return link("case", petition.ref)


def step_link(petition: Petition, step: Step, row: Row) -> str:
    """Return the address of a step's form; a new query code has its own room, which shows it once."""
    if step.code == "reissue_code" and (own := link("reissue", row.ref)):
        return own
    return link("step", petition.ref, step.code, row.ref)


def next_of(request: HttpRequest, otherwise: str) -> str:
    """Return where the page that was left wants to be returned to, if that is on this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = len(target) <= LONGEST and target.isprintable() and url_has_allowed_host_and_scheme(target, None)
    return iri_to_uri(target) if target and safe else otherwise
