"""How is a step taken on many matters?  What is said once for all, then each row through the one door, and a report of each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions import bulk_steps, exports, jobs, lifecycle
from petitions.actions.door import check
from petitions.bulk_steps import Outcome, Picked
from petitions.errors import BadInput, NotSeen, Refused, WrongPerson
from petitions.forms.base import StepForm
from petitions.lifecycle import Step
from petitions.views import jobs as job_pages
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link, next_of

SHOWN = 50
_UNSEEN = NotSeen()


def buttons(actor: Actor, tray: str = "") -> list[dict[str, str]]:
    """Return the steps for many of a list as its bar shows them."""
    return [
        {"label": f"批量{step.label}", "url": link("bulk_step", step.code)} for step in bulk_steps.offered(actor, tray)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@refusals
def bulk(request: HttpRequest, step: str) -> HttpResponse:
    """Ask once for all what the step needs, or take it row by row."""
    actor, law = actor_of(request), lifecycle.STEPS.get(step)
    if law is None or law.code not in bulk_steps.BULKS:
        raise NotSeen
    if law not in bulk_steps.offered(actor):
        raise WrongPerson(f"“{law.label}”不是您这个岗位的职责。", rule=f"《{lifecycle.TEXT}》{law.article}")
    asked = _sent(request.POST) if request.method == "POST" else _asked(actor, request.GET)
    rows = bulk_steps.picked(actor, law, asked)
    if not rows:
        raise NotSeen
    form = bulk_steps.shared_form(actor, law, rows, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _choose(request, actor, law, rows, form)
    return _take(request, actor, law, rows, len(asked) - len(rows))


def _asked(actor: Actor, said: QueryDict) -> list[tuple[str, int | None]]:
    """What was picked on a page, or everything that its list shows."""
    refs = list(dict.fromkeys(said.getlist("pick")))
    if "all" in said:
        query = QueryDict(said.get("query", "")[:4000])
        refs = exports.refs_of(actor, said.get("page", "")[:40], query, bulk_steps.MOST + 1)
    return _checked([(ref, None) for ref in refs])


def _sent(said: QueryDict) -> list[tuple[str, int | None]]:
    """What the form carries: each row's ref, and how many events its reader had seen."""
    pairs = [part.partition(":") for part in said.get("rows", "").split()]
    return _checked([(ref, int(seen)) for ref, _, seen in pairs if seen.isdecimal() and len(seen) < 8])


def _checked(asked: list[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    if not asked:
        raise BadInput({"pick": "请先勾选要办的事项。"}, rule=bulk_steps.RULE)
    if len(asked) > bulk_steps.MOST:
        raise BadInput({"pick": f"一次最多办{bulk_steps.MOST}件，请加上条件分开办。"}, rule=bulk_steps.RULE)
    return asked


def _choose(request: HttpRequest, actor: Actor, law: Step, rows: list[Picked], form: StepForm) -> HttpResponse:
    context = {
        "step": law, "step_form": form, "count": len(rows), "most": bulk_steps.AT_ONCE,
        "rows": [{"one": one, "stage": lifecycle.STAGES[one.petition.stage], "why": _why(actor, law, one)} for one in rows[:SHOWN]],
        "sent": " ".join(f"{one.petition.ref}:{one.seen}" for one in rows), "next": next_of(request, link("list")),
    }  # fmt: skip
    return render(request, "petitions/bulk_step.html", context, status=422 if form.is_bound else 200)


def _why(actor: Actor, law: Step, one: Picked) -> str:
    """Why the step cannot be taken on this row now, if so; asked again when it is sent."""
    if one.row is None:
        return f"没有可以“{law.label}”的"
    try:
        check(law, one.row, one.petition, actor)
    except Refused as refused:
        return refused.message
    return ""


def _take(request: HttpRequest, actor: Actor, law: Step, rows: list[Picked], lost: int) -> HttpResponse:
    said, key = bulk_steps.said_of(law, request.POST), request.POST.get("idempotency_key", "")[:40]
    if len(rows) > bulk_steps.AT_ONCE:
        return job_pages.begin(jobs.own(actor, bulk_steps.start(actor, law, rows, said, key)))
    outcomes = [bulk_steps.take(actor, law, one, said, key) for one in rows]
    outcomes += [Outcome("（没有找到）", message=_UNSEEN.message, rule=_UNSEEN.rule)] * lost
    context: dict[str, Any] = {
        "step": law, "lines": [{"one": one, "href": link("case", one.ref) if one.ref else ""} for one in outcomes],
        "done": sum(one.done for one in outcomes), "left": sum(not one.done for one in outcomes),
        "back": next_of(request, link("list")),
    }  # fmt: skip
    return render(request, "petitions/bulk_step_report.html", context)
