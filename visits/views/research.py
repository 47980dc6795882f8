"""Research: what a held visit found out, and what should change; sent, it is a 完善政策建议 of Art.40 like any other."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from petitions.access import visible_to
from petitions.errors import NotSeen
from petitions.law.oversight import ADOPTED
from petitions.models import Petition
from petitions.views.answers import actor_of
from petitions.views.links import case_link
from visits import access
from visits.actions import after as verbs
from visits.forms import after as forms
from visits.models import Outcome, Research, Visit
from visits.views import kit


@require_http_methods(["GET", "POST"])
@kit.page
def research(request: HttpRequest, ref: str) -> HttpResponse:
    """Write the report, or write it anew as long as its suggestion has not been made."""
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    access.check(actor, access.DESK, "撰写调研报告")
    form = forms.ResearchForm(kit.data(request), research=getattr(visit, "research", None), topic=visit.topic)

    def run(data: dict[str, Any]) -> str:
        return kit.url("report", verbs.write_research(visit, by=actor, **data).ref)

    return kit.form_page(
        request, form, run, heading="调研报告", button="保存", back=kit.url("visit", ref), done="已保存。"
    )


def _report(actor: Actor, ref: str) -> Research:
    rows = Research.objects.filter(visit__in=access.rooms_of(actor))
    named = ("visit__leader__user", "visit__place", "visit__office", "to", "written_by__user", "advice__petition")
    row = rows.select_related(*named).filter(ref=ref).first()
    if row is None:
        raise NotSeen
    return row


@require_safe
@kit.page
def report(request: HttpRequest, ref: str) -> HttpResponse:
    """The report; of its suggestion, what became of it."""
    actor = actor_of(request)
    row = _report(actor, ref)
    advice = row.advice
    seen = advice is not None and visible_to(actor).filter(pk=advice.petition_id).exists()
    context = {
        "row": row, "advice": advice, "adopted": ADOPTED.get(advice.adopted, "") if advice else "", "url": case_link(advice.petition) if advice is not None and seen else "",
        "may_suggest": access.may(actor, verbs.SUGGESTS) and row.to_id is not None and advice is None,
        "may_write": access.may(actor, access.DESK) and advice is None,
    }  # fmt: skip
    return render(request, "visits/report.html", context)


@require_http_methods(["GET", "POST"])
@kit.page
def suggest(request: HttpRequest, ref: str) -> HttpResponse:
    """Make the suggestion by the law's step, on the matter that the problem showed itself in."""
    actor = actor_of(request)
    row = _report(actor, ref)
    access.check(actor, verbs.SUGGESTS, "提出完善政策建议")
    near = _nearest(actor, row.visit)
    form = forms.SuggestForm(kit.data(request), actor=actor, initial={"petition": near[0].number if near else ""})

    def run(data: dict[str, Any]) -> None:
        verbs.suggest(row, by=actor, **data)

    intro = "接谈或带去的事项：" + "；".join(f"{one.number} {one.title}" for one in near) if near else ""
    return kit.form_page(
        request, form, run, heading=f"提出完善政策建议：{row.topic}", button="提出", back=kit.url("report", ref), intro=intro,
        done="已提出，建议书已生成，反馈期限开始计算。",
    )  # fmt: skip


def _nearest(actor: Actor, visit: Visit) -> list[Petition]:
    """The matters that the visit met or brought, as far as the actor sees them."""
    met = Outcome.objects.filter(reception__visit=visit).values("petition")
    return list(visible_to(actor).filter(pk__in=met.union(visit.carried.values("petition"))).order_by("pk")[:20])
