"""One visit: what is planned, who booked, who was received, what became of every matter; and the changes of its plan."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessKind
from petitions import lifecycle
from petitions.access import visible_to
from petitions.errors import WrongPerson
from petitions.models import Paper
from petitions.views.answers import actor_of
from petitions.views.links import case_link, link
from visits import access
from visits.actions import day, papers, plan, ringing, telling
from visits.actions.notice import publish
from visits.actions.record import STEPS
from visits.forms.plan import AbsenceForm, MoveForm, ReasonForm, SubstituteForm, SwapForm, UnitsForm
from visits.models import OPEN, Outcome, Status, Visit
from visits.owed import ANSWERED
from visits.views import kit
from visits.views.plan import TONES


@require_safe
@kit.page
def visit(request: HttpRequest, ref: str) -> HttpResponse:
    """The page of a visit; from inside for the office and the leader, as the notice says for the others."""
    actor = actor_of(request)
    row = kit.visit_for(actor, ref)
    inside = access.rooms_of(actor).filter(pk=row.pk).exists()
    context = {
        "visit": row, "units": list(row.units.all()), "inside": inside, "tone": TONES[Status(row.status)],
        "buttons": _buttons(actor, row, inside=inside), "presses": _presses(actor, row), "open": row.status in OPEN,
    }  # fmt: skip
    if inside:
        log(actor, AccessKind.READ, f"visit:{ref}")
        context |= _inside(actor, row)
    return render(request, "visits/visit.html", context)


def _inside(actor: Actor, row: Visit) -> dict[str, Any]:
    outcomes = (
        Outcome.objects.filter(reception__visit=row)
        .select_related("reception", "petition__responsible", "unit")
        .order_by("pk")
    )
    carried = list(row.carried.select_related("petition").order_by("pk"))
    met = [one.petition_id for one in outcomes] + [one.petition_id for one in carried]
    seen = set(visible_to(actor).filter(pk__in=met).values_list("pk", flat=True))
    issued = _papers(seen)
    lines = [_line(one, issued[one.petition_id], seen=one.petition_id in seen) for one in outcomes]
    bookings = list(row.bookings.select_related("field", "told_by__user").order_by("slot", "made_at"))
    receptions = list(row.receptions.all())
    return {
        "lines": lines, "without": sum(not line["answered"] for line in lines), "bookings": bookings, "phones": access.office_of(actor) is not None, "desk": access.may(actor, access.DESK),
        "carried": [{"row": one, "url": case_link(one.petition) if one.petition_id in seen else ""} for one in carried],
        "received": sum(one.state == "done" for one in receptions), "people": sum(one.people for one in receptions if one.state == "done"),
        "waiting": sum(one.state == "waiting" for one in receptions), "works": access.may(actor, access.ROOM),
        "events": _events(row), "research": getattr(row, "research", None),
    }  # fmt: skip


def _papers(matters: set[int]) -> dict[int, list[dict[str, Any]]]:
    """The papers of receptions of each matter that the actor sees."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for paper in (
        Paper.objects.filter(petition__in=matters, kind__in=papers.KINDS)
        .only("petition_id", "title", "number", "ref")
        .order_by("pk")
    ):
        found[paper.petition_id].append({"title": paper.title, "number": paper.number, "url": link("paper", paper.ref)})
    return found


def _line(one: Outcome, issued: list[dict[str, Any]], *, seen: bool) -> dict[str, Any]:
    petition = one.petition
    return {
        "papers": issued,
        "row": one, "answered": petition.stage in ANSWERED, "url": case_link(petition) if seen else "",
        "stage": lifecycle.STAGES[petition.stage], "seen": seen,
    }  # fmt: skip


def _events(row: Visit) -> list[dict[str, Any]]:
    rows = row.events.select_related("user").order_by("-seq")[:30]
    return [{"label": STEPS[event.step], "who": event.user.name if event.user else "群众", "at": event.recorded_at, "words": event.words}
            for event in rows]  # fmt: skip


def _buttons(actor: Actor, row: Visit, *, inside: bool) -> list[dict[str, str]]:
    """The pages a person may open from here."""
    found: list[tuple[str, str, str]] = []
    if access.may(actor, access.DESK) and row.status in OPEN:
        found = [("调整", "move", "pen"), ("换人", "substitute", "user"), ("互换领导", "swap", "people"), ("陪同单位", "units", "building"),
                 ("带案", "carry", "file"), ("取消", "cancel", "cross")]  # fmt: skip
    if inside and access.reads_pack(actor) and row.status in OPEN:
        found.append(("接访材料", "pack", "file"))
    if row.leader_id == actor.post.pk and row.status in (Status.APPROVED, Status.PUBLISHED) and row.day >= today():
        found.append(("来不了", "cannot_come", "user"))
    if access.may(actor, access.DESK) and row.status == Status.HELD:
        found.append(("调研报告", "research", "pen"))
    return [{"label": label, "url": kit.url(name, row.ref), "icon": icon} for label, name, icon in found]


def _presses(actor: Actor, row: Visit) -> list[dict[str, str]]:
    """The buttons that act at once."""
    found = []
    if row.status == Status.DRAFT and actor.role == "office_head":
        found.append({"label": "审定", "url": kit.url("approve", row.ref)})
    if row.status == Status.APPROVED and access.may(actor, access.DESK):
        found.append({"label": "公示", "url": kit.url("publish", row.ref)})
    if row.status == Status.PUBLISHED and row.day <= today() and access.may(actor, access.DESK):
        found.append({"label": "结束接访", "url": kit.url("close", row.ref)})
    return found


# --- changes -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@kit.page
def move(request: HttpRequest, ref: str) -> HttpResponse:
    """Change day, time, place, form."""
    actor, row = _mine(request, ref)
    form = MoveForm(kit.data(request), visit=row)

    def run(_: dict[str, Any]) -> None:
        plan.move(actor, row, **form.changes())
        left = ringing.to_tell(actor).filter(visit=row).count()
        messages.success(request, f"已调整，有{left}批预约要电话告知。" if left else "已调整。")

    return kit.form_page(request, form, run, heading=f"调整：{_name(row)}", button="保存", back=kit.url("visit", ref))


@require_http_methods(["GET", "POST"])
@kit.page
def substitute(request: HttpRequest, ref: str) -> HttpResponse:
    """Another leader."""
    actor, row = _mine(request, ref)
    form = SubstituteForm(kit.data(request), visit=row)
    return kit.form_page(
        request, form, lambda data: kit.url("visit", plan.substitute(actor, row, **data).ref), heading=f"换人：{_name(row)}",
        button="换人", back=kit.url("visit", ref), done="已换人。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def swap(request: HttpRequest, ref: str) -> HttpResponse:
    """Two leaders exchange their days."""
    actor, row = _mine(request, ref)
    form = SwapForm(kit.data(request), visit=row)
    return kit.form_page(
        request, form, lambda data: kit.url("visit", plan.swap(actor, row, data["other"], reason=data["reason"])[0].ref),
        heading=f"互换领导：{_name(row)}", button="互换", back=kit.url("visit", ref), done="已互换。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def units(request: HttpRequest, ref: str) -> HttpResponse:
    """Who accompanies."""
    actor, row = _mine(request, ref)
    form = UnitsForm(kit.data(request), initial={"units": list(row.units.all())})
    return kit.form_page(
        request, form, lambda data: _none(plan.set_units(actor, row, list(data["units"]))), heading=f"陪同单位：{_name(row)}",
        button="保存", back=kit.url("visit", ref), done="已保存陪同单位。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def cancel(request: HttpRequest, ref: str) -> HttpResponse:
    """Take it out of the plan."""
    actor, row = _mine(request, ref)
    form = ReasonForm(kit.data(request))
    booked = row.bookings.filter(state__in=["booked", "waiting"]).count()
    intro = f"已有{booked}批预约，取消后列入“要电话告知的预约”，逐一告知。" if booked else ""
    return kit.form_page(
        request, form, lambda data: _none(plan.cancel(actor, row, **data)), heading=f"取消：{_name(row)}", button="取消这场接访",
        back=kit.url("visit", ref), done="已取消。", intro=intro, danger=True,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def cannot_come(request: HttpRequest, ref: str) -> HttpResponse:
    """The leader himself says that he cannot come."""
    actor = actor_of(request)
    row = kit.visit_for(actor, ref, inside=True)
    if row.leader_id != actor.post.pk:
        raise WrongPerson("由接访领导本人报告。", rule=telling.RULE)
    form = AbsenceForm(kit.data(request))
    return kit.form_page(
        request, form, lambda data: _none(telling.cannot_come(row, by=actor, **data)), heading=f"来不了：{_name(row)}",
        button="报告信访局", back=kit.url("visit", ref), done="已报告，由信访局安排换人。",
        intro="由信访局另请一位领导接访，并公示换人；在换人之前这场接访不变。",
    )  # fmt: skip


@require_POST
@kit.page
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve one."""
    actor, row = _mine(request, ref)
    return kit.press(request, lambda: plan.approve(actor, [row]), back=kit.url("visit", ref), done="已审定。")


@require_POST
@kit.page
def make_known(request: HttpRequest, ref: str) -> HttpResponse:
    """Publish one."""
    actor, row = _mine(request, ref)
    return kit.press(request, lambda: publish(actor, [row]), back=kit.url("visit", ref), done="已公示。")


@require_POST
@kit.page
def close(request: HttpRequest, ref: str) -> HttpResponse:
    """End the reception."""
    actor = actor_of(request)
    row = kit.visit_for(actor, ref, inside=True)
    return kit.press(request, lambda: day.close(row, by=actor), back=kit.url("visit", ref), done="接访已结束。")


def _mine(request: HttpRequest, ref: str) -> tuple[Actor, Visit]:
    actor = actor_of(request)
    row = kit.visit_for(actor, ref)
    access.check(actor, access.DESK, "安排接访")
    return actor, row


def _name(row: Visit) -> str:
    return f"{row.leader.user.name} {row.day:%-m月%-d日}"


def _none(_: object) -> None:
    """A verb whose result is not needed."""
