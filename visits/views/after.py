"""After the visit: duties, sponsored cases, research; each form runs one verb."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.dates import today
from petitions.access import unit_of, visible_to
from petitions.errors import NotSeen
from petitions.views.answers import actor_of
from petitions.views.links import case_link
from visits import access
from visits.actions import after as verbs
from visits.actions import sponsor
from visits.forms import after as forms
from visits.models import Research, Sponsorship
from visits.views import kit

SHOWN = 200


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_safe
@kit.page
def follow_ups(request: HttpRequest) -> HttpResponse:
    """What is owed, the nearest first."""
    actor = actor_of(request)
    rows = access.follow_ups_of(actor).filter(done_on=None).select_related(
        "unit", "outcome__petition", "outcome__reception__visit__leader__user"
    )  # fmt: skip
    found = list(rows.order_by("due", "pk")[:SHOWN])
    seen = set(visible_to(actor).filter(pk__in={row.outcome.petition_id for row in found}).values_list("pk", flat=True))
    lines = [{"row": row, "late": row.due < today(), "url": case_link(row.outcome.petition) if row.outcome.petition_id in seen else "",
              "do": kit.url("follow_up", row.ref)} for row in found]  # fmt: skip
    asked = Research.objects.filter(to_id=unit_of(actor), answered_on=None)
    context = {"lines": lines, "more": len(found) == SHOWN, "asked": list(asked.order_by("sent_on", "pk")[:SHOWN])}
    return render(request, "visits/follow_ups.html", context)


@require_http_methods(["GET", "POST"])
@kit.page
def follow_up(request: HttpRequest, ref: str) -> HttpResponse:
    """Carry a duty out, or write down what was heard."""
    actor = actor_of(request)
    row = (
        access.follow_ups_of(actor)
        .select_related("outcome__petition", "outcome__reception__visit", "unit")
        .filter(ref=ref)
        .first()
    )
    if row is None:
        raise NotSeen
    asks = row.kind in verbs.ASKING
    form: Any = forms.RevisitForm(_data(request)) if asks else forms.DoneForm(_data(request))

    def run(data: dict[str, Any]) -> None:
        if asks:
            verbs.revisit(row, by=actor, **form.changes())
        else:
            verbs.carry_out(row, by=actor, **data)

    heading = f"{row.get_kind_display()}：{row.outcome.petition.number}"
    return kit.form_page(
        request, form, run, heading=heading, button="保存", back=kit.url("follow_ups"), done="已记录。",
        intro=f"{row.outcome.petition.title} · {row.due:%-m月%-d日}前",
    )  # fmt: skip


# --- sponsored cases ---------------------------------------------------------------------------------------------


@require_safe
@kit.page
def sponsored(request: HttpRequest) -> HttpResponse:
    """The ledger of sponsored cases."""
    actor = actor_of(request)
    rows = access.sponsorships_of(actor).select_related("petition", "sponsor__user", "unit")
    state = request.GET.get("state", "")
    rows = rows.filter(state=state) if state in Sponsorship.State.values else rows
    lines = [{"row": row, "late": row.state != "ended" and row.due < today(), "url": kit.url("sponsorship", row.ref)}
             for row in rows.order_by("state", "due", "pk")[:SHOWN]]  # fmt: skip
    tabs = [("", "全部"), *Sponsorship.State.choices]
    return render(request, "visits/sponsored.html", {"lines": lines, "tabs": tabs, "state": state})


def _sponsorship(actor: Actor, ref: str) -> Sponsorship:
    rows = access.sponsorships_of(actor)
    if actor.role == "leader":  # a main leader decides on more time for the others'
        rows = Sponsorship.objects.filter(sponsor=actor.post) | Sponsorship.objects.filter(notes__kind="asked")
    row = (
        rows.select_related("petition", "sponsor__user", "unit", "verified_by__user").filter(ref=ref).distinct().first()
    )
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
    context = {"row": row, "notes": notes, "url": case_link(row.petition) if seen else "", "buttons": _buttons(actor, row),
               "asked": sponsor.open_request(row), "late": row.state != "ended" and row.due < today()}  # fmt: skip
    return render(request, "visits/sponsorship.html", context)


def _buttons(actor: Actor, row: Sponsorship) -> list[tuple[str, str]]:
    keeps = (actor.role == "leader" and actor.post.pk == row.sponsor_id) or (
        actor.role in verbs._UNIT and unit_of(actor) == row.unit_id
    )
    found: list[tuple[str, str]] = []
    if row.state == "running" and keeps:
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
    if actor.role == "leader" and actor.post.pk != row.sponsor_id and sponsor.open_request(row):
        found.append(("批复延期", "decide"))
    return [(label, kit.url(name, row.ref)) for label, name in found]


@require_http_methods(["GET", "POST"])
@kit.page
def plan_case(request: HttpRequest, ref: str) -> HttpResponse:
    """One case, one plan."""
    return _on(
        request,
        ref,
        lambda row, data: forms.PlanForm(data, initial={"crux": row.crux, "plan": row.plan}),
        sponsor.plan,
        "化解方案",
    )


@require_http_methods(["GET", "POST"])
@kit.page
def milestone(request: HttpRequest, ref: str) -> HttpResponse:
    """What has been achieved."""
    return _on(request, ref, lambda row, data: forms.WordsForm(data), sponsor.milestone, "记录进展")


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

    return _on(request, ref, lambda row, data: forms.DecideForm(data), act, "批复延期")


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

    def act(row: Sponsorship, *, by: Actor, agree: str, finding: str) -> None:
        sponsor.verify(row, by=by, agree=agree == "yes", finding=finding)

    return _on(request, ref, lambda row, data: forms.VerifyForm(data), act, "核查销号")


def _on(request: HttpRequest, ref: str, make: Any, verb: Any, heading: str) -> HttpResponse:
    """One form on one sponsored case."""
    actor = actor_of(request)
    row = _sponsorship(actor, ref)

    def run(data: dict[str, Any]) -> None:
        verb(row, by=actor, **data)

    return kit.form_page(
        request, make(row, _data(request)), run, heading=f"{heading}：{row.number}", button="保存",
        back=kit.url("sponsorship", ref), done="已保存。", intro=row.petition.title,
    )  # fmt: skip


# --- research ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@kit.page
def research(request: HttpRequest, ref: str) -> HttpResponse:
    """What a held visit found out, and what should change."""
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    access.check(actor, access.DESK, "撰写调研报告")
    form = forms.ResearchForm(_data(request), research=getattr(visit, "research", None), topic=visit.topic)

    def run(data: dict[str, Any]) -> None:
        verbs.write_research(visit, by=actor, **data)

    return kit.form_page(
        request, form, run, heading="调研报告", button="保存", back=kit.url("visit", ref), done="已保存。"
    )


@require_http_methods(["GET", "POST"])
@kit.page
def suggestion(request: HttpRequest, ref: str) -> HttpResponse:
    """A suggestion to a body (完善政策建议), and its answer."""
    actor = actor_of(request)
    rows = Research.objects.select_related("visit__leader__user", "visit__place", "visit__office", "to").exclude(
        to=None
    )
    office = access.office_of(actor)
    row = (
        rows.filter(visit__office_id=office, ref=ref).first()
        if office
        else rows.filter(to_id=unit_of(actor), ref=ref).first()
    )
    if row is None:
        raise NotSeen

    def run(data: dict[str, Any]) -> None:
        verbs.answer_suggestion(row, by=actor, **data)

    return kit.form_page(
        request, forms.AnswerForm(_data(request)), run, heading=f"完善政策建议：{row.topic}", button="反馈", back="/",
        done="已反馈。", more={"above": "visits/_suggestion.html", "row": row},
    )  # fmt: skip
