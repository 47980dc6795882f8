"""What does the person at the counter take home?  Number, query code, QR, first due date with its reason, on one sheet."""

from __future__ import annotations

import base64
import time
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import privacy
from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import access, lifecycle, limits, plainly, public_access, querycode
from petitions.actions.clocks import explained
from petitions.actions.door import check
from petitions.errors import BadInput, KeyReused, NotSeen, Stale
from petitions.forms.steps import form_for
from petitions.models import Clock, Filing
from petitions.taking import SHOWN_FOR, Unfit, attempt, law_of
from petitions.views import qr
from petitions.views.answers import actor_of, body_hash, put_on, refusals
from petitions.views.links import case_link, link
from petitions.workdays import sentences

MOST_HELD = 3
_HELD = "fresh_codes"


def hand_over(request: HttpRequest, answer: dict[str, str]) -> None:
    """Hold a fresh query code, sealed, in the clerk's session for as long as a receipt takes to print."""
    held = {ref: kept for ref, kept in request.session.get(_HELD, {}).items() if kept[1] > time.time()}
    sealed = privacy.seal(answer["code"], _aad(answer["filing"]))
    held[answer["filing"]] = (base64.b64encode(sealed).decode(), min(time.time() + SHOWN_FOR, float(answer["until"])))
    request.session[_HELD] = dict(list(held.items())[-MOST_HELD:])


def _code(request: HttpRequest, filing: Filing) -> str:
    """The filing's code in clear while this session still holds it, else empty."""
    sealed, until = request.session.get(_HELD, {}).get(filing.ref, ("", 0))
    if not sealed or until < time.time():
        return ""
    code = privacy.unseal(base64.b64decode(sealed), _aad(filing.ref))
    return code if querycode.code_hash(code) == filing.query_code_hash else ""


def _aad(filing_ref: str) -> bytes:
    return f"fresh-code:{filing_ref}".encode()


def filing_for(actor: Actor, ref: str) -> Filing:
    """Return a filing of a matter in scope.

    Raises:
        NotSeen: it does not exist or lies outside the scope.
    """
    rows = Filing.objects.filter(petition__in=access.visible_to(actor), ref=ref)
    found = rows.select_related("petition__office", "petition__responsible", "office", "registrar__user").first()
    if found is None:
        raise NotSeen
    return found


@never_cache
@signed_in
@refusals
@require_safe
def registered(request: HttpRequest, ref: str) -> HttpResponse:
    """What has just been registered, with the code that is shown this once."""
    actor = actor_of(request)
    filing = filing_for(actor, ref)
    return render(request, "petitions/registered.html", _sheet(request, actor, filing))


@never_cache
@signed_in
@refusals
@require_safe
def receipt(request: HttpRequest, ref: str) -> HttpResponse:
    """The receipt for the printer; without the code when that has been shown already."""
    actor = actor_of(request)
    filing = filing_for(actor, ref)
    log(actor, AccessKind.PRINT, f"filing:{ref}", data={"paper": "receipt"})
    return render(request, "petitions/receipt.html", _sheet(request, actor, filing))


@never_cache
@signed_in
@refusals
@require_http_methods(["GET", "HEAD", "POST"])
def reissue(request: HttpRequest, ref: str) -> HttpResponse:
    """Make a new query code: the old one stops working at once, and the reprint is logged."""
    actor = actor_of(request)
    filing = filing_for(actor, ref)
    law = law_of("reissue_code")
    if request.method != "POST":
        check(law, filing, filing.petition, actor)
        return _ask(request, filing, form_for(law, filing.petition, filing, actor), status=200)
    form = form_for(law, filing.petition, filing, actor, request.POST)
    try:
        answer = attempt(form, key=request.POST.get("idempotency_key", ""), body=body_hash(request))
    except Unfit as unfit:
        return _ask(request, filing, form, status=unfit.status)
    except (BadInput, KeyReused, Stale) as refused:
        problems = put_on(form, refused) or [{"message": refused.message}]
        return _ask(request, filing, form, status=refused.status, problems=problems)
    hand_over(request, answer)
    return HttpResponseRedirect(link("registered", ref))


def _ask(
    request: HttpRequest, filing: Filing, form: Any, *, status: int, problems: list[dict[str, Any]] | None = None
) -> HttpResponse:
    law = lifecycle.STEPS["reissue_code"]
    context = {"form": form, "filing": filing, "petition": filing.petition, "problems": problems or [], "step": law}
    return render(request, "petitions/reissue.html", context, status=status)


# --- the sheet ---------------------------------------------------------------------------------------------------


def _sheet(request: HttpRequest, actor: Actor, filing: Filing) -> dict[str, Any]:
    code = _code(request, filing)
    petition = filing.petition
    return {
        "filing": filing,
        "petition": petition,
        "code": querycode.grouped(code) if code else "",
        "tail": public_access.receipt_tail(filing, code) if code else "",
        "qr": qr.drawn(query_address(request, code)) if code else "",
        "query_url": query_address(request, ""),
        "clock": _first_clock(filing),
        "lead": petition.lead_name if access.sees_name(actor, petition) else "",
        "case_url": case_link(petition),
        "receipt_url": link("receipt", filing.ref),
        "reissue_url": link("reissue", filing.ref),
        "register_url": link("register"),
        "back_url": link("registered", filing.ref) if code else "/",
        "day": today(),
    }


def query_address(request: HttpRequest, code: str) -> str:
    """The public page, with the code filled in where there is one; the second factor is still asked."""
    address = request.build_absolute_uri(reverse("public:query"))
    return f"{address}?code={code}" if code else address


def _first_clock(filing: Filing) -> dict[str, Any] | None:
    """The first duty that this filing started, or that its matter is running under, with the reason for its day."""
    mine = Clock.objects.filter(petition=filing.petition_id, window=False, shadow=False)
    clock = mine.filter(filing=filing).order_by("due", "pk").first() or mine.filter(ended="").order_by("due").first()
    if clock is None:
        return None
    due = explained(clock, limits.rules_on(clock.start))
    rule = lifecycle.CLOCKS[clock.name]
    return {
        "name": rule.label, "promise": plainly.promise(clock.name, clock.due), "article": rule.article, "reasons": sentences(due), "due": clock.due, "raw_due": clock.raw_due,
        "days_left": (clock.due - today()).days, "level": "ok", "provisional": clock.provisional,
    }  # fmt: skip
