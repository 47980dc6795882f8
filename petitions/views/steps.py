"""How is a step taken?  Its form opens in place (or as a page), the answer goes through the one door."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions import access
from petitions.access import Row
from petitions.actions.door import check
from petitions.errors import NotSeen, Refused, Stale
from petitions.forms.base import StepForm
from petitions.forms.steps import form_for
from petitions.forms.triage import RetractForm
from petitions.law.review import CONCLUSIONS
from petitions.law.roads import ADOPTION
from petitions.lifecycle import Step
from petitions.models import Paper, Petition, Proceeding, Support
from petitions.taking import Unfit, attempt, law_of, row_for
from petitions.views.accusations.hand_in import move_in
from petitions.views.answers import actor_of, body_hash, is_part, petition_for, put_on, refusals, since
from petitions.views.links import case_link, next_of, step_link
from petitions.views.receipts import reissue


@signed_in
@refusals
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, ref: str, step: str, row_ref: str) -> HttpResponse:
    """Show the form of one step on one row, or take it."""
    actor = actor_of(request)
    petition = petition_for(actor, ref)
    law = law_of(step)
    row = row_for(petition, law, row_ref)
    if law.code == "reissue_code":
        return reissue(request, row_ref)  # its own room shows the new code, this once
    if request.method != "POST":
        check(law, row, petition, actor)
        return _show(request, form_for(law, petition, row, actor))
    return _take(request, form_for(law, petition, row, actor, request.POST))


def _take(request: HttpRequest, form: StepForm) -> HttpResponse:
    try:
        if isinstance(form, RetractForm) and form.is_valid() and form.is_report():
            return move_in(request, form)
        answer = attempt(form, key=_key_of(request, form), body=body_hash(request))
    except NotSeen:
        raise
    except Unfit as unfit:
        return _show(request, form, status=unfit.status)
    except Stale as stale:
        return _go_on(request, form, stale)
    except Refused as refused:
        if refused.status in (403, 409):
            return _show(request, form, status=refused.status, blocked=refused)
        return _show(request, form, status=refused.status, refused=refused)
    messages.success(request, _done(form.step, form.petition, answer))
    return _leave(request, form.actor, form.petition)


def _key_of(request: HttpRequest, form: StepForm) -> str:
    """The sending's key; of a registration taken back none is kept, in neither of its uses."""
    return "" if isinstance(form, RetractForm) else request.POST.get("idempotency_key", "")


def _go_on(request: HttpRequest, form: StepForm, stale: Stale) -> HttpResponse:
    """Somebody has acted meanwhile: say who and what, keep what was typed, offer to go on from what is true now."""
    petition = petition_for(form.actor, form.petition.ref)
    row = row_for(petition, form.step, form.row.ref)
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
        "conclusion": CONCLUSIONS.get(run.conclusion, ""), "adopted": ADOPTION.get(run.conclusion, ""), "changed": _changed(form, run),
    }  # fmt: skip


def _changed(form: StepForm, run: Proceeding) -> list[dict[str, Any]]:
    """What a review would make of each claim: who signs it has to read that."""
    if run.kind not in ("review", "rereview") or not run.decided:
        return []
    claims, words = form.petition.claims.all(), dict(Support.choices)
    return [
        {"claim": one, "to": words[run.decided[str(one.serial)]]} for one in claims if str(one.serial) in run.decided
    ]


# Steps whose label says what somebody else did or did not do: nobody has “已协议履行完毕”.
_STATED = frozenset(
    {
        "perform_mediation",
        "break_mediation",
        "deny_withdrawal",
        "return_answer",
        "reopen_measure",
        "drop_review",
        "pass_on",
    }
)


def _done(law: Step, petition: Petition, said: dict[str, str]) -> str:
    """What to tell whoever took the step, with the number of the paper it issued: of a step of two kinds, the one it is."""
    done = f"已记录：{law.label}。" if law.code in _STATED else f"已{law.label}。"
    number = said.get("paper")
    if not number:
        return done
    title = Paper.objects.filter(petition=petition, number=number).values_list("title", flat=True).first()
    return f"{done}{title}：{number}" if title else done


def _leave(request: HttpRequest, actor: Actor, petition: Petition) -> HttpResponse:
    """Go back to the case, or home where the step took it out of the person's scope."""
    seen = access.visible_to(actor).filter(pk=petition.pk).exists()
    target = next_of(request, case_link(petition) if seen else "/")
    if is_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
