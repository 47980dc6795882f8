"""What now?  Each person's own first page, by post; the leader's digest; notices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import day_of, today
from accounts.decorators import signed_in
from accounts.models import AccessKind, Role
from petitions import acts, homes, lifecycle, panels
from petitions.access import sees_name, visible_to
from petitions.actions.door import check
from petitions.dossier import Dossier, dossier_of
from petitions.errors import NotSeen, Refused
from petitions.forms.base import StepForm
from petitions.forms.steps import form_for
from petitions.keyset import Mark, Turn, pack, unpack
from petitions.law import oversight
from petitions.models import Filing, Measure, Notice, Petition
from petitions.notices import roles_told
from petitions.trays import QUESTIONS, counts, page_of, questions_for, watched
from petitions.views import case_parts as parts
from petitions.views import reminders
from petitions.views.answers import actor_of, petition_for, refusals
from petitions.views.badges import TONES
from petitions.views.links import case_link, link, step_link
from petitions.views.queue import at_counter
from petitions.views.timeline import timeline
from petitions.views.trays import show, shown

_WORST = 15
_URGENT_TO = roles_told("report_urgent") - {Role.LEADER}  # a leader's page shows it by itself: the digest
_SIZE, _NOTICES = 50, "notices"


@require_safe
@signed_in
@refusals
def home(request: HttpRequest) -> HttpResponse:
    """The page that answers "what now?" for the post acted in."""
    actor = actor_of(request)
    return _HOMES.get(actor.role, _tray)(request, actor)


def _tray(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A unit's or the triage officer's home is the tray, opened at the first question that has an answer."""
    questions = questions_for(actor)
    if not questions:
        return _short(request, actor)
    tabs = counts(actor, questions)
    first = next((tab.question for tab in tabs if tab.count), questions[0])
    return show(request, actor, first, home=True, tabs=tabs)


def _counter(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The window: one big button, today's queue, receipts to print, my drafts."""
    filings = list(homes.todays_filings(actor, today()))
    context = {
        "register_url": link("register"),
        "queue": [_queued(row) for row in filings],
        "unprinted": [_queued(row) for row in homes.without_receipt(filings, actor)] if link("receipt", "x") else None,
        "drafts": [{"row": row, "href": link("draft", row.ref)} for row in homes.drafts_of(actor)],
        "day": today(),
        "panels": panels.for_home(actor),
        "reminders": reminders.due(actor),
        **at_counter(request, actor),
    }
    return render(request, "petitions/home_counter.html", context)


def _queued(row: Filing) -> dict[str, Any]:
    stage = row.petition.stage
    return {
        "row": row, "href": case_link(row.petition), "receipt": link("receipt", row.ref),
        "state": lifecycle.STAGES[stage], "tone": TONES.get(stage, ""),
    }  # fmt: skip


def _leader(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A leader: what waits for an instruction, what is overdue in the leader's fields."""
    units = watched(actor, QUESTIONS["overdue"])
    tabs = counts(actor, [QUESTIONS["overdue"], QUESTIONS["due_soon"]], units=units)
    late = page_of(actor, QUESTIONS["overdue"], Turn(size=homes.SHORT), units=units)
    seen = visible_to(actor)
    waiting, written = homes.instructions_of(actor, seen)
    context = {
        "figures": [
            {"label": "等我批示", "count": len(waiting), "url": "#waiting", "level": "soon" if waiting else ""},
            {"label": "已超期", "count": tabs[0].count, "url": link("tray", "overdue"), "level": "late" if tabs[0].count else ""},
            {"label": "即将到期", "count": tabs[1].count, "url": link("tray", "due_soon"), "level": ""},
        ],
        "waiting": [{"row": row, "href": link("digest", row.petition.ref)} for row in waiting],
        "late": [{"line": line, "href": link("digest", line.petition.ref)} for line in shown(actor, late.rows, ())],
        "panels": [*filter(None, [_urgent(seen, "digest")]), *panels.for_home(actor)],
        "reminders": reminders.due(actor, seen),
        "written": [{"row": row, "href": case_link(row.petition)} for row in written],
    }  # fmt: skip
    return render(request, "petitions/home_leader.html", context)


def _supervisor(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A supervisor: what went wrong and for how long, by unit; the worst first, to be supervised from the row."""
    late = page_of(actor, QUESTIONS["overdue"], Turn(size=_WORST))
    step = lifecycle.STEPS["supervise"]
    watched = homes.supervised(line.petition for line in late.rows)
    answered = homes.answered_supervisions(actor)
    shown_answers = list(answered[: homes.SHORT])
    context = {
        "units": [_trouble(row) for row in homes.trouble_by_unit(actor, today())],
        "late": [
            {
                "line": line, "supervise": f"{step_link(line.petition, step, line.petition)}?next=/",
                "watched": (line.petition.pk, found.department_id) in watched,
            }
            for found, line in zip(late.rows, shown(actor, late.rows, ()), strict=True)
        ],
        "answered": [{"row": row, "href": case_link(row.petition)} for row in shown_answers],
        "answered_count": answered.count() if len(shown_answers) == homes.SHORT else len(shown_answers),
        "answered_url": f"{link('ledger', acts.SUPERVISED)}?{urlencode({'state': 'answered', 'sort': 'answered'})}",
        "reminders": reminders.due(actor),
        "panels": panels.for_home(actor),
        "more": link("tray", "overdue") if late.after else "",
        "may_supervise": f"office:{actor.role}" in step.who,
    }  # fmt: skip
    return render(request, "petitions/home_supervisor.html", context)


def _trouble(row: homes.Trouble) -> dict[str, Any]:
    """A unit's row: each number with the list it is the length of."""
    late = f"{link('tray', 'overdue')}?{urlencode({'unit': row.unit.code})}"
    return {
        "row": row, "href": late,
        "duties": [
            {"label": lifecycle.CLOCKS[code].label, "count": many, "href": f"{late}&{urlencode({'duty': code})}"}
            for code, many in row.duties
        ],
        "supervised": f"{link('ledger', acts.SUPERVISED)}?{urlencode({'state': '-ended', 'unit': row.unit.pk})}",
    }  # fmt: skip


def _conference(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The joint conference's office: disputes of competence, measures proposed, running and reported on."""
    measures = list(homes.measures_before(actor))
    lists = [
        ("proposed", "待决定的措施", "督查提请，由联席会议视情节决定（第三十九条）。"),
        ("answered", "已报整改，等认定", ""),
        ("decided", "限期整改中", ""),
    ]
    context = {
        "disputes": [{"row": row, "href": case_link(row.petition)} for row in homes.disputes_before(actor)],
        "measures": [
            {"code": state, "title": title, "hint": hint, "rows": [_measure(row) for row in measures if row.state == state]}
            for state, title, hint in lists
        ],
        "waits": any(row.state != "decided" for row in measures),
        "reminders": reminders.due(actor),
        "panels": panels.for_home(actor),
        "overdue_url": link("tray", "overdue"),
    }  # fmt: skip
    return render(request, "petitions/home_conference.html", context)


def _measure(row: Measure) -> dict[str, Any]:
    return {
        "row": row, "href": case_link(row.petition), "kind": oversight.MEASURES[row.kind],
        "trigger": oversight.TRIGGERS.get(row.supervision.trigger, ""),
        "late": row.state == "decided" and row.rectify_by is not None and row.rectify_by < today(),
    }  # fmt: skip


def _short(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Administrators and auditors see no matters: numbers of what they keep; flagged ratings and the access log."""
    audits = actor.role in (Role.AUDITOR, Role.AUDIT_ADMIN)
    keeps = {
        Role.SYSTEM_ADMIN: lambda: homes.kept_by_system_admin(today()),
        Role.SECURITY_ADMIN: lambda: homes.kept_by_security_admin(timezone.now()),
    }.get(Role(actor.role))
    context = {
        "audits": audits,
        "ratings": homes.flagged_ratings() if audits else [],
        "log_url": link("access_log") if audits else "",
        "pairs": keeps() if keeps else [],
    }
    return render(request, "petitions/home_short.html", context)


def urgent_panel(actor: Actor) -> panels.Panel | None:
    """What is major and urgent, on top of the first page of whoever is told of it at once (Art.25)."""
    return _urgent(visible_to(actor), "case") if actor.role in _URGENT_TO else None


def _urgent(seen: QuerySet[Petition], page: str) -> panels.Panel | None:
    lines = [{"row": row, "href": link(page, row.petition.ref)} for row in homes.urgent_among(seen)]
    return panels.Panel("petitions/_urgent.html", {"lines": lines}) if lines else None


_HOMES: dict[str, Callable[[HttpRequest, Actor], HttpResponse]] = {
    Role.REGISTRAR: _counter,
    Role.LEADER: _leader,
    Role.SUPERVISOR: _supervisor,
    Role.CONFERENCE: _conference,
}


# --- the leader's digest ----------------------------------------------------------------------------------------


@require_safe
@signed_in
@refusals
def digest(request: HttpRequest, ref: str) -> HttpResponse:
    """A matter on one screen, with the instruction's form under it."""
    actor = actor_of(request)
    petition = petition_for(actor, ref)
    log(actor, AccessKind.READ, f"petition:{ref}", data={"page": "digest"})
    found = dossier_of(petition)
    step = lifecycle.STEPS["instruct"]
    context = {
        "petition": petition,
        "state": parts.state(found),
        "stage_tone": parts.tone(petition),
        "clocks": parts.clocks(_duties_of(found), today())[:2],
        "claims": parts.claims(found),
        "proposals": _proposals(found, actor),
        "instructions": found.instructions,
        "last": timeline(found, named=sees_name(actor, petition))[:3],
        "case_url": case_link(petition),
        "step": step,
        "step_form": _instruct_form(found, actor),
        "step_url": step_link(petition, step, petition),
        "next": "/",
    }
    return render(request, "petitions/digest.html", context)


def _duties_of(found: Dossier) -> Dossier:
    """The matter with the offices' duties alone: what others may still do is no matter for an instruction."""
    return replace(found, clocks=[clock for clock in found.clocks if not clock.window and not clock.shadow])


def _instruct_form(found: Dossier, actor: Actor) -> StepForm | None:
    step, petition = lifecycle.STEPS["instruct"], found.petition
    try:
        check(step, petition, petition, actor)
    except Refused:
        return None
    return form_for(step, petition, petition, actor)


def _proposals(found: Dossier, actor: Actor) -> list[str]:
    """What the petition office proposed when it laid the matter before the leader."""
    lines = timeline(found, named=sees_name(actor, found.petition))
    return [line["note"] for line in lines if line["label"] == lifecycle.STEPS["submit_to_leader"].label]


# --- notices ----------------------------------------------------------------------------------------------------


@require_safe
@signed_in
@refusals
def notices(request: HttpRequest) -> HttpResponse:
    """A page of the post's notices, the newest first."""
    actor, mark = actor_of(request), unpack(request.GET.get("after", ""), _NOTICES)
    rows = homes.notices_after(actor, mark.pk) if mark else homes.notices_of(actor)
    found = list(rows[: _SIZE + 1])
    page, rest = found[:_SIZE], found[_SIZE:]
    after = pack(Mark(day_of(page[-1].made_at), page[-1].pk), _NOTICES) if rest else ""
    context = {
        "rows": page, "page": {"after": after, "before": ""}, "unread": any(row.read_at is None for row in page),
    }  # fmt: skip
    return render(request, "petitions/notices.html", context)


@require_POST
@signed_in
@refusals
def read_notices(request: HttpRequest) -> HttpResponse:
    """Mark one notice read and go to its matter, or mark all."""
    rows = Notice.objects.filter(post=actor_of(request).post, channel="desk")
    number = request.POST.get("notice", "")
    if number:
        rows = rows.filter(pk=int(number) if number.isdecimal() and len(number) < 18 else 0)
    found = rows.select_related("petition").first() if number else None
    if number and found is None:
        raise NotSeen
    rows.filter(read_at=None).update(read_at=timezone.now())
    target = case_link(found.petition) if found is not None and found.petition else link("notices")
    return HttpResponseRedirect(target)
