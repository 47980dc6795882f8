"""Where to go, and which cases to bring: ranked places and topics, ranked cases with their reasons; a person decides."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.models import Role
from petitions.access import visible_to
from petitions.errors import NotSeen
from petitions.views.answers import actor_of
from petitions.views.links import case_link
from visits import access
from visits.actions import carry as verbs
from visits.actions.carry import carry as choose
from visits.forms.day import ConsentForm, LeaveForm
from visits.matching import cases_for
from visits.models import Carried
from visits.pressure import pressure_of
from visits.views import kit


@require_safe
@kit.page
def where(request: HttpRequest) -> HttpResponse:
    """Places by what is open there, with the reasons; what each leader sees is within his fields."""
    actor = actor_of(request)
    if actor.role != Role.LEADER:
        access.check(actor, access.WATCH, "查看下访建议")
    places = list(access.places_of(actor).filter(active=True, hall=False).select_related("region"))
    found = pressure_of(actor, places)
    ranked = sorted(places, key=lambda place: (-found.places[place.pk].weight, place.pk))
    lines = [
        {"place": place, "pressure": found.places[place.pk], "number": number}
        for number, place in enumerate(ranked, start=1)
    ]
    context = {"lines": lines, "topics": found.topics, "plans": access.may(actor, access.DESK)}
    return render(request, "visits/where.html", context)


@require_http_methods(["GET", "POST"])
@kit.page
def carry(request: HttpRequest, ref: str) -> HttpResponse:
    """The cases that fit a visit; those ticked are brought along."""
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    access.check(actor, access.DESK, "确定带案")
    matched = cases_for(visit, actor)
    if request.method == "POST":
        picked = set(request.POST.getlist("pick"))
        chosen = [case for case in matched.cases if case.petition.ref in picked]

        def run() -> Any:
            return choose(visit, [(case.petition, case.reasons) for case in chosen], by=actor)

        return kit.press(request, run, back=kit.url("visit", ref), done=f"已列入{len(chosen)}件。")
    carried = set(visit.carried.values_list("petition_id", flat=True))
    lines = [
        {"case": case, "url": case_link(case.petition), "carried": case.petition.pk in carried}
        for case in matched.cases
    ]
    return render(request, "visits/carry.html", {"visit": visit, "lines": lines, "left_out": matched.left_out})


def _carried(actor: Actor, ref: str, pk: int) -> Carried:
    """A case brought along to a visit whose room the actor sees.

    Raises:
        NotSeen: there is none, or the matter itself is outside the actor's scope.
    """
    visit = kit.visit_for(actor, ref, inside=True)
    rows = visit.carried.select_related("petition").filter(petition__in=visible_to(actor))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotSeen
    return row


@require_http_methods(["GET", "POST"])
@kit.page
def consent(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Whether the petitioner wishes the matter to be brought along."""
    actor = actor_of(request)
    row = _carried(actor, ref, pk)
    access.check(actor, access.ROOM, "征求信访人意见")

    def run(data: dict[str, Any]) -> None:
        verbs.ask(row, by=actor, **data)

    return kit.form_page(
        request, ConsentForm(kit.data(request)), run, heading=f"征求本人意见：{row.petition.number}", button="保存",
        back=kit.url("visit", ref), done="已记录。", intro=row.petition.title,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def take_out(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Leave a case at home after all."""
    actor = actor_of(request)
    row = _carried(actor, ref, pk)
    access.check(actor, access.DESK, "撤回带案")

    def run(data: dict[str, Any]) -> None:
        verbs.take_out(row, by=actor, **data)

    return kit.form_page(
        request, LeaveForm(kit.data(request)), run, heading=f"不带这件案：{row.petition.number}", button="撤回带案",
        back=kit.url("visit", ref), done="已撤回。", intro=row.petition.title, danger=True,
    )  # fmt: skip
