"""How is a step taken?  Its form opens in place (or as a page), the answer goes through the one door."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions import access, lifecycle
from petitions.access import Row
from petitions.actions import advance
from petitions.actions.door import check
from petitions.actions.once import answered, once
from petitions.dossier import row_of
from petitions.errors import NotSeen, Refused, Stale
from petitions.forms.base import StepForm
from petitions.forms.steps import STEP_FORMS, form_for
from petitions.law.review import CONCLUSIONS
from petitions.law.roads import ADOPTION
from petitions.lifecycle import Step
from petitions.models import Event, Petition, Proceeding
from petitions.views.answers import actor_of, is_part, petition_for, put_on, refusals, since
from petitions.views.links import case_link, next_of, step_link
from petitions.views.receipts import reissue


@signed_in
@refusals
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, ref: str, step: str, row_ref: str) -> HttpResponse:
    """Show the form of one step on one row, or take it."""
    actor = actor_of(request)
    petition = petition_for(actor, ref)
    law = lifecycle.STEPS.get(step)
    row = row_of(petition, law.on, row_ref) if law and step in STEP_FORMS else None
    if law is None or row is None:
        raise NotSeen
    if law.code == "reissue_code":
        return reissue(request, row_ref)  # its own room shows the new code, this once
    if request.method != "POST":
        check(law, row, petition, actor)
        return _show(request, form_for(law, petition, row, actor))
    return _take(request, form_for(law, petition, row, actor, request.POST))


def _take(request: HttpRequest, form: StepForm) -> HttpResponse:
    if not form.is_valid():
        before = answered(form.actor, request.POST.get("idempotency_key", ""), body_hash(request).encode())
        if before is not None:  # pressed twice: what was chosen is no longer offered because it has been done
            return _taken(request, form, before)
        why = _blocked(form.step, form.row, form.petition, form.actor)
        return _show(request, form, status=why.status if why else 422, blocked=why)
    try:
        event = _once(request, form)
    except NotSeen:
        raise
    except Stale as stale:
        return _go_on(request, form, stale)
    except Refused as refused:
        if refused.status in (403, 409):
            return _show(request, form, status=refused.status, blocked=refused)
        return _show(request, form, status=refused.status, refused=refused)
    return _taken(request, form, event)


def _taken(request: HttpRequest, form: StepForm, answer: dict[str, str]) -> HttpResponse:
    messages.success(request, _done(form.step, answer))
    return _leave(request, form.actor, form.petition)


def _once(request: HttpRequest, form: StepForm) -> dict[str, str]:
    """Take the step once for each key: a second press gets the first answer."""
    key = request.POST.get("idempotency_key", "")
    return once(form.actor, key, body_hash(request).encode(), lambda: take(form))[0] if key else take(form)


def take(form: StepForm) -> dict[str, str]:
    """Take the step of a valid form through the one door, and return the number of the paper it issued, if any."""
    event: Event = advance(form.step.code, on=form.row, by=form.actor, **form.common(), **form.changes())
    return {"paper": str(event.data.get("paper", ""))}


def _go_on(request: HttpRequest, form: StepForm, stale: Stale) -> HttpResponse:
    """Somebody has acted meanwhile: say who and what, keep what was typed, offer to go on from what is true now."""
    petition = petition_for(form.actor, form.petition.ref)
    row = row_of(petition, form.step.on, form.row.ref)
    if row is None:
        raise NotSeen
    data: QueryDict = request.POST.copy()
    data["seen"] = str(petition.events_count)
    data["idempotency_key"] = secrets.token_urlsafe(18)  # going on is another sending
    fresh = form_for(form.step, petition, row, form.actor, data)
    return _show(request, fresh, status=409, acted=stale, blocked=_blocked(form.step, row, petition, form.actor))


def _blocked(law: Step, row: Row, petition: Petition, actor: Actor) -> Refused | None:
    """Why the step can no longer be taken, if so."""
    try:
        check(law, row, petition, actor)
    except Refused as refused:
        return refused
    return None


def _show(
    request: HttpRequest,
    form: StepForm,
    *,
    status: int = 200,
    acted: Refused | None = None,
    blocked: Refused | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    """Draw the form; ``blocked``: it cannot be taken at all, ``refused``: not as it was filled in."""
    petition = form.petition
    context = {
        "refused": refused,
        "problems": put_on(form, refused) if refused else [],
        "petition": petition,
        "step": form.step,
        "step_form": form,
        "step_url": step_link(petition, form.step, form.row),
        "case_url": case_link(petition),
        "acted": since(acted) if acted else [],
        "blocked": blocked,
        "draft": _draft(form),
        "next": next_of(request, ""),
    }
    template = "petitions/_step.html" if is_part(request) else "petitions/step.html"
    response = render(request, template, context, status=status)
    if status >= 400 and is_part(request):
        response["X-Refusal"] = "1"
    return response


def _draft(form: StepForm) -> dict[str, Any] | None:
    """The draft opinion, where the step is about it."""
    run = form.row
    if not form.SHOWS or not isinstance(run, Proceeding):
        return None
    return {
        "run": run, "claims": list(run.claims.all()), "drafter": run.drafter, "checker": run.checker,
        "conclusion": CONCLUSIONS.get(run.conclusion, ""), "adopted": ADOPTION.get(run.conclusion, ""),
    }  # fmt: skip


def _done(law: Step, said: dict[str, str]) -> str:
    """What to tell whoever took the step, with the number of the paper it issued."""
    number = said.get("paper")
    kind = lifecycle.PAPERS.get(law.paper)
    return f"已{law.label}。{kind.title}：{number}" if number and kind else f"已{law.label}。"


def _leave(request: HttpRequest, actor: Actor, petition: Petition) -> HttpResponse:
    """Go back to the case, or home where the step took it out of the person's scope."""
    seen = access.visible_to(actor).filter(pk=petition.pk).exists()
    target = next_of(request, case_link(petition) if seen else "/")
    if is_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def body_hash(request: HttpRequest) -> str:
    """A digest of what was posted, but for the token and the key: the same press twice gives the same digest."""
    pairs = sorted((name, values) for name, values in request.POST.lists() if name not in _NOT_BODY)
    return hashlib.sha256(repr((request.path, pairs)).encode()).hexdigest()


_NOT_BODY = frozenset({"csrfmiddlewaretoken", "idempotency_key"})
