"""Sponsored cases: the ledger, one case with its plan and course, and the forms of its verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.dates import today
from petitions.access import unit_of, visible_to
from petitions.errors import NotSeen
from petitions.models import Paper
from petitions.views.answers import actor_of
from petitions.views.links import case_link, link
from visits import access
from visits.actions import papers, sponsor
from visits.actions.milestones import progress
from visits.forms import sponsored as forms
from visits.models import Sponsorship
from visits.views import kit

SHOWN = 200
_OPEN_FIRST = Case(When(state="ended", then=1), default=0)


@require_safe
@kit.page
def sponsored(request: HttpRequest) -> HttpResponse:
    """The ledger of sponsored cases."""
    actor = actor_of(request)
    rows = access.sponsorships_of(actor).select_related("petition", "sponsor__user", "unit")
    rows = rows.prefetch_related("milestones")
    state = request.GET.get("state", "")
    rows = rows.filter(state=state) if state in Sponsorship.State.values else rows
    lines = [{"row": row, "late": row.state != "ended" and row.due < today(), "url": kit.url("sponsorship", row.ref),
              "progress": progress(row.milestones.all(), today())}
             for row in rows.order_by(_OPEN_FIRST, "due", "pk")[:SHOWN]]  # fmt: skip
    context = {"lines": lines, "tabs": [("", "全部"), *Sponsorship.State.choices], "state": state, "asked": _asked(actor),
               "heads": access.may(actor, sponsor.HEAD), "desk": access.may(actor, access.DESK)}  # fmt: skip
    return render(request, "visits/sponsored.html", context)


def _asked(actor: Actor) -> list[Sponsorship]:
    """What waits for a main leader's word."""
    rows = sponsor.waiting_for(actor) if actor.role == "leader" else Sponsorship.objects.none()
    return list(rows.select_related("petition", "sponsor__user")[:SHOWN])


@require_http_methods(["GET", "POST"])
@kit.page
def put_up(request: HttpRequest) -> HttpResponse:
    """A case put into a leader's hands without a reception; ``?number=`` fills the matter in."""
    actor = actor_of(request)
    office = access.check(actor, sponsor.HEAD, "确定包案领导")
    form = forms.PutUpForm(
        kit.data(request), actor=actor, office_id=office.pk, initial={"petition": request.GET.get("number", "")}
    )

    def run(data: dict[str, Any]) -> str:
        return kit.url("sponsorship", sponsor.put_up(by=actor, **data).ref)

    return kit.form_page(
        request, form, run, heading="新增包案", button="确定包案", back=kit.url("sponsored"), done="已确定包案，责任书已生成。",
        intro="接访时由领导包案的，在接访登记里直接选“领导包案”。",
    )  # fmt: skip


def _sponsorship(actor: Actor, ref: str) -> Sponsorship:
    rows = access.sponsorships_of(actor)
    named = ("petition", "sponsor__user", "unit", "verified_by__user")
    row = rows.select_related(*named).filter(ref=ref).first()
    if row is None and actor.role == "leader":  # a main leader decides on more time for the others'
        row = sponsor.waiting_for(actor).select_related(*named).filter(ref=ref).first()
    if row is None:
        raise NotSeen
    return row


@require_safe
@kit.page
def sponsorship(request: HttpRequest, ref: str) -> HttpResponse:
    """One sponsored case: the plan, what was done, what may be done now."""
    actor = actor_of(request)
    row = _sponsorship(actor, ref)
    notes = row.notes.select_related("post__user").order_by("-pk")
    seen = visible_to(actor).filter(pk=row.petition_id).exists()
    steps = list(row.milestones.select_related("unit", "done_by__user"))
    context = {"row": row, "notes": notes, "url": case_link(row.petition) if seen else "", "buttons": _buttons(actor, row),
               "asked": sponsor.open_request(row), "late": row.state != "ended" and row.due < today(),
               "co_units": list(row.co_units.all()), "papers": _papers(row) if seen else [],
               "steps": steps, "progress": progress(steps, today()), "day": today(), "reaches": [step.pk for step in steps if row.state == "running" and sponsor.reaches(actor, row, step)],
               "extended": sum(note.kind == "extended" for note in notes)}  # fmt: skip
    return render(request, "visits/sponsorship.html", context)


def _papers(row: Sponsorship) -> list[dict[str, Any]]:
    """The papers of the case, the newest first; whoever sees the matter sees them."""
    found = Paper.objects.filter(
        petition=row.petition_id, kind__in=papers.SPONSORED, issued_on__gte=row.taken_on
    ).order_by("-pk")
    return [
        {"title": paper.title, "number": paper.number, "day": paper.issued_on, "url": link("paper", paper.ref)}
        for paper in found
    ]


def _buttons(actor: Actor, row: Sponsorship) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if row.state == "running" and sponsor.keeps(actor, row):
        found += [
            ("化解方案", "plan_case"),
            ("记录进展", "milestone"),
            ("申请延期", "more_time"),
            ("报请核查", "report_case"),
        ]
    if row.state != "ended" and access.may(actor, access.DESK):
        found.append(("交接", "hand_over"))
    if row.state == "reported" and access.may(actor, access.DESK):
        found.append(("核查销号", "verify"))
    if sponsor.may_decide(actor, row) and sponsor.open_request(row):
        found.append(("批复延期", "decide"))
    return [(label, kit.url(name, row.ref)) for label, name in found]


@require_http_methods(["GET", "POST"])
@kit.page
def plan_case(request: HttpRequest, ref: str) -> HttpResponse:
    """One case, one plan."""
    sent = kit.with_row(request, "s") if "add_row" in request.POST else kit.data(request)
    return _on(
        request, ref, lambda row, _: forms.PlanForm(sent, row=row), sponsor.plan, "化解方案",
        template="visits/plan_case.html",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def milestone(request: HttpRequest, ref: str) -> HttpResponse:
    """What has been achieved; ``?step=``: with which step."""
    step = request.GET.get("step", "")
    actor = actor_of(request)

    def form(row: Sponsorship, data: Any) -> forms.WordsForm:
        helper = actor.role in access.UNIT and not sponsor.keeps(actor, row)
        return forms.WordsForm(data, row=row, unit=unit_of(actor) if helper else None, step=step)

    return _on(request, ref, form, sponsor.milestone, "记录进展")


@require_http_methods(["GET", "POST"])
@kit.page
def more_time(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask for more time."""
    return _on(request, ref, lambda row, data: forms.MoreTimeForm(data), sponsor.ask_more_time, "申请延期")


@require_http_methods(["GET", "POST"])
@kit.page
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """A main leader gives more time or does not."""

    def act(row: Sponsorship, *, by: Actor, agree: str, words: str) -> None:
        sponsor.decide_more_time(row, by=by, agree=agree == "yes", words=words)

    return _on(
        request,
        ref,
        lambda row, data: forms.DecideForm(data),
        act,
        "批复延期",
        back=kit.url("sponsored"),
        intro=_why_more_time,
    )


def _why_more_time(row: Sponsorship) -> str:
    """What a main leader reads before he decides."""
    asked = sponsor.open_request(row)
    why = (
        f" · {row.due:%-m月%-d日}到期，申请延至{asked.until:%-m月%-d日}：{asked.said}" if asked and asked.until else ""
    )
    return f"{row.petition.title} · {row.sponsor.user.name}包案{why}"


@require_http_methods(["GET", "POST"])
@kit.page
def hand_over(request: HttpRequest, ref: str) -> HttpResponse:
    """Another sponsor."""
    return _on(request, ref, lambda row, data: forms.HandOverForm(data, row=row), sponsor.hand_over, "交接包案")


@require_http_methods(["GET", "POST"])
@kit.page
def report_case(request: HttpRequest, ref: str) -> HttpResponse:
    """Report for verification."""
    return _on(request, ref, lambda row, data: forms.ReportForm(data), sponsor.report, "报请核查")


@require_http_methods(["GET", "POST"])
@kit.page
def verify(request: HttpRequest, ref: str) -> HttpResponse:
    """Strike off, or give back."""

    def act(row: Sponsorship, *, by: Actor, agree: str, finding: str, checked: list[str]) -> None:
        sponsor.verify(row, by=by, agree=agree == "yes", finding=finding, checked=checked)

    return _on(request, ref, lambda row, data: forms.VerifyForm(data), act, "核查销号")


def _on(
    request: HttpRequest, ref: str, make: Any, verb: Any, heading: str, *, back: str = "",
    intro: Callable[[Sponsorship], str] = lambda row: row.petition.title, template: str = "visits/form.html",
) -> HttpResponse:  # fmt: skip
    """One form on one sponsored case; ``back``: where to go, its page where empty."""
    actor = actor_of(request)
    row = _sponsorship(actor, ref)
    form = make(row, kit.data(request))

    def run(data: dict[str, Any]) -> None:
        verb(row, by=actor, **(form.changes() if hasattr(form, "changes") else data))

    return kit.form_page(
        request, form, run, heading=f"{heading}：{row.number}", button="保存",
        back=back or kit.url("sponsorship", ref), done="已保存。", intro=intro(row), template=template,
    )  # fmt: skip
