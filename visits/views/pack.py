"""Before the visit: what its leader and the desk read, on a page that is printed; what units write for it; the venue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access_log import log_many
from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessKind
from petitions.access import visible_to
from petitions.errors import BadInput, NotSeen, WrongPerson
from petitions.views.answers import actor_of
from visits import access
from visits.actions import brief as verbs
from visits.forms.day import AskForm, BriefForm, OrderForm
from visits.models import OPEN, Brief, Visit
from visits.pack import Pack, pack_of
from visits.views import kit


@require_safe
@kit.page
def pack(request: HttpRequest, ref: str) -> HttpResponse:
    """Every matter that will be there, one after another; for the leader (his own visit) and the desk."""
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    if not access.reads_pack(actor):
        raise WrongPerson("接访材料由接访领导和受理甄别岗位查看。", rule="第十八条")
    found = pack_of(actor, visit, today())
    _read(actor, visit, found)
    context = {"visit": visit, "pack": found, "units": list(visit.units.all()), **_asking(actor, visit, found)}
    return render(request, "visits/pack.html", context)


def _read(actor: Actor, visit: Visit, found: Pack) -> None:
    """Each matter read is a line of the log of its own."""
    read = [(f"petition:{one.petition.ref}", {"page": "pack"}) for one in found.sheets]
    log_many(actor, AccessKind.READ, [(f"visit:{visit.ref}", {"page": "pack"}), *read])


def _asking(actor: Actor, visit: Visit, found: Pack) -> dict[str, Any]:
    """What the desk may still ask of units, and until when."""
    open_ = access.may(actor, access.DESK) and visit.status in OPEN and visit.day >= today()
    rows = [
        one
        for one in found.sheets
        if one.petition.responsible_id and (one.brief is None or one.brief.written_on is None)
    ]
    return {"desk": open_, "askable": rows if open_ else [], "due": max(today(), visit.day - timedelta(days=1))}


@require_POST
@kit.page
def ask(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask the units of the matters chosen for their briefs."""
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    access.check(actor, access.DESK, "要求责任单位预审")
    form = AskForm(request.POST)
    rows = visible_to(actor).filter(ref__in=request.POST.getlist("pick")).select_related("responsible")
    chosen = list(rows)
    if not chosen or not form.is_valid():
        raise BadInput({"pick": "请勾选事项，并填写期限。"}, rule=verbs.RULE)

    def run() -> None:
        verbs.ask(visit, chosen, due=form.cleaned_data["due"], by=actor)

    return kit.press(request, run, back=kit.url("pack", ref), done="已请责任单位预审。")


@require_http_methods(["GET", "POST"])
@kit.page
def order(request: HttpRequest, ref: str) -> HttpResponse:
    """The order of the venue and the emergency plan."""
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    access.check(actor, access.DESK, "安排接访现场")
    form = OrderForm(kit.data(request), initial={"venue_order": visit.venue_order, "emergency": visit.emergency})

    def run(data: dict[str, Any]) -> None:
        verbs.set_order(visit, by=actor, **data)

    return kit.form_page(
        request, form, run, heading="现场秩序和应急预案", button="保存", back=kit.url("pack", ref), done="已保存。",
        intro=f"{visit.leader.user.name} {visit.day:%-m月%-d日} {visit.place.name}。只在内部看，不公示。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def brief(request: HttpRequest, ref: str) -> HttpResponse:
    """What a unit writes about a matter before it is heard."""
    actor = actor_of(request)
    row = _brief_for(actor, ref)
    written = {"checked": row.checked, "basis": row.basis, "promise": row.promise}
    form = BriefForm(kit.data(request), initial=written)

    def run(data: dict[str, Any]) -> None:
        verbs.write(row, by=actor, **data)

    visit, petition = row.visit, row.petition
    return kit.form_page(
        request, form, run, heading=f"接访预审：{petition.number}", button="保存", back=kit.url("follow_ups"), done="已保存。",
        intro=f"{petition.title} · {visit.leader.user.name}{visit.day:%-m月%-d日}在{visit.place.name}接访 · {row.due:%-m月%-d日}前写好",
    )  # fmt: skip


def _brief_for(actor: Actor, ref: str) -> Brief:
    """What was asked of a unit, where the actor sees it and its matter.

    Raises:
        NotSeen: there is none.
    """
    rows = access.briefs_of(actor).filter(petition__in=visible_to(actor).values("pk"))
    row = rows.select_related("petition", "unit", "visit__leader__user", "visit__place").filter(ref=ref).first()
    if row is None:
        raise NotSeen
    return row


__all__ = ["ask", "brief", "order", "pack"]
