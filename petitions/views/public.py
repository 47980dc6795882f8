"""The petitioner's pages: query, status, papers, rating.  No account; a code, a second factor and twenty minutes."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access_log, dates
from accounts.address import client_address
from accounts.models import AccessKind
from petitions import papers, plainly, public_access, querycode
from petitions.actions import ask, rate
from petitions.errors import BadInput, Refused
from petitions.forms.public import ApplicationForm, QueryForm, RatingForms
from petitions.models import Filing, Paper

OPEN_SECONDS = 20 * 60
_SESSION = "query"


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], *, filing: Filing | None = None, status: int = 200
) -> HttpResponse:
    """A page that says whom to ask: the office of the matter, or this one where none is open yet."""
    told = {
        "office_desk": filing.petition.office.name, "office_phone": filing.petition.office.phone,
        "office_address": filing.petition.office.address,
    } if filing else {}  # fmt: skip
    return render(request, f"petitions/public/{name}.html", context | told, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def query(request: HttpRequest) -> HttpResponse:
    """Ask for the code; a right answer opens the status for twenty minutes in this browser.

    The QR code of a receipt brings the code in the address: it is filled in, and nothing is looked up.
    """
    brought = querycode.normalise(request.GET.get("code", ""))[:20]
    form = QueryForm(request.POST if request.method == "POST" else None, initial={"code": brought})
    if not form.is_valid():
        return _page(request, "query", {"form": form}, status=422 if form.is_bound else 200)
    try:
        found = open_here(request, form.cleaned_data["code"], form.cleaned_data["tail"])
    except public_access.Throttled:
        return _page(request, "wait", {}, status=429)
    if not found:
        form.add_error(None, "查询码或者后4位不对。请照着告知单再填一次；告知单丢了，可以带身份证到窗口重新领取。")
        return _page(request, "query", {"form": form}, status=422)
    return redirect("public:status")


def open_here(request: HttpRequest, code: str, tail: str) -> bool:
    """Open a filing in this browser for twenty minutes if code and second factor are right; log the try either way.

    Raises:
        Throttled: too many wrong tries.
    """
    address = client_address(request)
    found = public_access.open_with(code, tail, address=address)
    if found is None:
        access_log.log(None, AccessKind.PUBLIC_QUERY, address=address, data={"ok": False})
        return False
    target = f"petition:{found.filing.petition.ref}"
    access_log.log(None, AccessKind.PUBLIC_QUERY, target, address=address, data={"ok": True})
    request.session.cycle_key()  # whoever knew this browser's session before does not know it now
    request.session[_SESSION] = {
        "filing": found.filing.ref, "full": found.full, "until": time.time() + OPEN_SECONDS,
        "code": found.filing.query_code_hash,  # a new code closes what the old one opened
    }  # fmt: skip
    return True


def close(request: HttpRequest) -> None:
    """Close what is open in this browser."""
    request.session.pop(_SESSION, None)


def opened(request: HttpRequest) -> tuple[Filing, bool] | None:
    """The filing this browser has opened, and whether all of it may be told; ``None`` when the time is over."""
    held = request.session.get(_SESSION)
    if not held or held["until"] < time.time():
        request.session.pop(_SESSION, None)
        return None
    filing = (
        Filing.objects.select_related("petition__office", "petition__responsible")
        .filter(ref=held["filing"], query_code_hash=held.get("code", "-"))
        .first()
    )
    return (filing, held["full"]) if filing else None


@never_cache
@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """Where it is, who has it, due when, papers, next remedy; and the rating after closure."""
    held = opened(request)
    if held is None:
        return redirect("public:query")
    filing, full = held
    found = plainly.status_of(filing, full=full, today=dates.today())
    return _page(request, "status", {"status": found, "ratings": RatingForms(found.may_rate)}, filing=filing)


@never_cache
@require_GET
def paper(request: HttpRequest, ref: str) -> HttpResponse:
    """One of the papers issued to the petitioner, as it was fixed."""
    held = opened(request)
    if held is None or not held[1]:
        return redirect("public:query")
    found = get_object_or_404(
        Paper.objects.select_related("petition"),
        ref=ref,
        petition=held[0].petition,
        for_petitioner=True,
        void_on=None,
    )
    try:
        html = papers.html_of(found)
    except (papers.PaperAltered, papers.PaperErased) as gone:
        raise Http404 from gone
    return render(request, "papers/page.html", {"paper": found, "html": html, "back_url": "/q/status/"})


@never_cache
@require_http_methods(["GET", "POST"])
def rating(request: HttpRequest) -> HttpResponse:
    """Take the petitioner's verdicts.  A browser in which staff are signed in is turned away (domain.md §8).

    A telephone that opens its pages again asks for this one without a verdict: it is led to the status.
    """
    if request.method == "GET":
        return redirect("public:status")
    if request.user.is_authenticated:
        access_log.log(getattr(request, "actor", None), AccessKind.REFUSED, data={"what": "rate"})
        return _page(request, "not_here", {}, status=403)
    held = opened(request)
    if held is None or not held[1]:
        return redirect("public:query")
    filing = held[0]
    found = plainly.status_of(filing, full=True, today=dates.today())
    verdicts = RatingForms(found.may_rate, request.POST)
    if found.may_rate and not verdicts.is_valid():
        messages.error(request, verdicts.problem)
        return _page(request, "status", {"status": found, "ratings": verdicts}, filing=filing, status=422)
    _take(request, filing, verdicts)
    return redirect("public:status")


def _take(request: HttpRequest, filing: Filing, verdicts: RatingForms) -> None:
    """Write each verdict by itself, and say how it went."""
    given = verdicts.given()
    if not given:
        messages.error(request, "现在没有可以评价的：办结以后才能评价，每个单位评价一次。")
    for target, told in given:
        try:
            rate(filing, target=target, **told)
        except Refused as refused:
            messages.error(request, refused.message)
            return
    if given:
        messages.success(request, "收到您的评价了，谢谢。")


@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Take the petitioner's application for review or re-review; what is kept is what he wrote."""
    if request.user.is_authenticated:
        access_log.log(getattr(request, "actor", None), AccessKind.REFUSED, data={"what": "apply"})
        return _page(request, "not_here", {}, status=403)
    held = opened(request)
    if held is None or not held[1]:
        return redirect("public:query")
    asked = ask.open_to(held[0])
    if asked is None:
        messages.error(
            request, "现在没有可以申请复查、复核的意见，或者期限已经过了。期限过了又有正当理由的，请到窗口。"
        )
        return redirect("public:status")
    form = ApplicationForm(asked.bodies, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            ask.apply_online(held[0], **form.cleaned_data)
        except BadInput as refused:
            for name, message in refused.fields.items():
                form.add_error(name if name in form.fields else None, message)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"收到您的{asked.name}申请了。办到哪一步，在这里看。")
            return redirect("public:status")
    context = {"form": form, "asked": asked}
    return _page(request, "apply", context, filing=held[0], status=422 if form.is_bound else 200)


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Close the status in this browser, for people who share one."""
    close(request)
    return redirect("public:query")
