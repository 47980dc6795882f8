"""What does the person at the counter take home?  Number, query code, QR, first due date with its reason, on one sheet."""

from __future__ import annotations

import base64
import time
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import privacy
from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import access, lifecycle, limits, plainly, querycode
from petitions.actions import advance
from petitions.actions.clocks import explained
from petitions.actions.door import check
from petitions.actions.once import once
from petitions.errors import NotSeen, Refused
from petitions.forms.base import StepForm
from petitions.forms.steps import form_for
from petitions.models import Clock, Filing
from petitions.views.answers import actor_of, put_on, refusals
from petitions.views.links import case_link, link
from petitions.workdays import sentences

SHOWN_FOR = 15 * 60  # seconds that a fresh code may be shown and printed by whoever made it
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
    law = lifecycle.STEPS["reissue_code"]
    check(law, filing, filing.petition, actor)
    form = form_for(law, filing.petition, filing, actor, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, filing, form, status=422 if form.is_bound else 200)
    try:
        answer = _renewed(actor, filing, form)
    except Refused as refused:
        problems = put_on(form, refused) or [{"message": refused.message}]
        return _ask(request, filing, form, status=refused.status, problems=problems)
    hand_over(request, answer)
    return HttpResponseRedirect(link("registered", ref))


def _renewed(actor: Actor, filing: Filing, form: StepForm) -> dict[str, str]:
    """Make the new code once for each key: a second press is shown the same code, not a third one."""
    key, body = form.cleaned_data["idempotency_key"], {"filing": filing.ref, **form.changes()}
    return once(actor, key, body, lambda: renew(actor, filing, form))[0] if key else renew(actor, filing, form)


def renew(actor: Actor, filing: Filing, form: StepForm) -> dict[str, str]:
    """Make a new code by the step's valid form and return it with until when (Unix time) it may be shown."""
    code = querycode.new_code()
    advance("reissue_code", on=filing, by=actor, code=code, **form.common(), **form.changes())
    log(actor, AccessKind.REPRINT_CODE, f"filing:{filing.ref}")
    return {"filing": filing.ref, "code": code, "until": str(time.time() + SHOWN_FOR)}


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
        "qr": _qr(query_address(request, code)) if code else "",
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


def _qr(text: str) -> SafeString:
    """A QR code as SVG, without an inline style."""
    drawn = segno.make(text, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=True)
    return mark_safe(drawn)  # noqa: S308  (drawn by segno out of our own address)


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
