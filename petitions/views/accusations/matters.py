"""One sealed report after another: the list, the counter, one on its page, a step of it, its papers and files."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department
from petitions import docx
from petitions.accusations import access, archive, intake, papers, record, roll, words
from petitions.accusations.files import opened, plain
from petitions.accusations.search import find, older
from petitions.accusations.verbs import ORIGINS, RECEIPTS, advance
from petitions.errors import BadInput, NotSeen, Refused
from petitions.forms.accusations import STEP_FORMS, GuardedStepForm, IntakeForm, SearchForm
from petitions.law import accusations as law
from petitions.law import archive as periods
from petitions.models import Accusation, AccusationEvent, AccusationFile, AccusationPaper, AccusationReading
from petitions.views.accusations import kit
from petitions.views.answers import actor_of, put_on
from petitions.views.links import link

PAGE = 50
SHOWS = {"open": ("在办", law.OPEN), "closed": ("已了结", ("closed",)), "archive": ("档案", law.ARCHIVE)}
Kind = AccusationReading.Kind


@require_safe
@kit.room(roll.HANDLES)
def matters(request: HttpRequest) -> HttpResponse:
    """What is open, by what runs out first; what is over and what is archived, newest first, a page at a time."""
    actor = actor_of(request)
    show = request.GET.get("show", "")
    show = show if show in SHOWS else "open"
    rows = access.visible_to(actor).filter(state__in=SHOWS[show][1])
    ordered = (
        rows.order_by("due", "-received_on", "-pk") if show == "open" else older(rows, request.GET.get("before", ""))
    )
    page = list(ordered[: PAGE + 1])
    full = len(page) > PAGE
    record.note_readings(actor, Kind.LIST, page[:PAGE])
    context = {
        "lines": [_line(row, words.of(row) if row.wrapped_key else {}) for row in page[:PAGE]], "show": show,
        "shows": [{"code": code, "label": label} for code, (label, _) in SHOWS.items()],
        "more": page[PAGE - 1].ref if full and show != "open" else "", "capped": full and show == "open",
        "add": link("guarded_new"), "find_url": link("guarded_search"),
        "ending": archive.ending(actor, today()).count(),
    }  # fmt: skip
    return render(request, "accusations/list.html", {**kit.frame(actor, "guarded"), **context})


@require_http_methods(["GET", "HEAD", "POST"])
@kit.room(roll.HANDLES)
def search(request: HttpRequest) -> HttpResponse:
    """Find a report among those one sees.  What is looked for is posted: it stands in no address and so in no log of them."""
    actor = actor_of(request)
    form = SearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "crumbs": [("专门受理", link("guarded"))]}
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            found = find(actor, form.cleaned_data["text"], form.cleaned_data["after"])
        except BadInput as refused:
            put_on(form, refused)
        else:
            lines = [_line(row, known) for row, known in found.hits]
            context |= {"found": found, "lines": lines, "text": form.cleaned_data["text"]}
            status = 200
    return render(request, "accusations/search.html", context, status=status)


def _line(row: Accusation, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "row": row, "url": link("guarded_case", row.ref), "state": law.STATES[row.state],
        "about": "、".join(known.get("accused", [])) or known.get("accused_unit", "") or ("未写明" if known else "—"),
        "text": known.get("content", "")[:60], "major": known.get("major", False), "late": bool(row.due and row.due < today()),
        "ending": row.state == "archived" and row.keep_until is not None and row.keep_until <= _soon(),
    }  # fmt: skip


def _soon() -> date:
    return today() + timedelta(days=periods.REMIND_DAYS)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    """What a form was sent with, if it was sent: its fields and its files."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


@require_http_methods(["GET", "HEAD", "POST"])
@kit.room(roll.HANDLES)
def new(request: HttpRequest) -> HttpResponse:
    """Register a report told at the counter; a press made twice leads to the same one."""
    actor = actor_of(request)
    form = IntakeForm(*_sent(request))
    problems: list[dict[str, Any]] = []
    if form.is_valid():
        try:
            row = intake.receive(form.told(), by=actor)
        except NotSeen:
            raise
        except Refused as refused:
            problems, status = put_on(form, refused), refused.status
        else:
            messages.success(request, "已登记。请打印回执交给来访人。")
            return HttpResponseRedirect(link("guarded_case", row.ref))
    else:
        status = 422 if form.is_bound else 200
    context = {"form": form, "problems": problems, "back": link("guarded"), **kit.frame(actor)}
    return render(request, "accusations/new.html", context, status=status)


@require_safe
@kit.room(roll.HANDLES)
def case(request: HttpRequest, ref: str) -> HttpResponse:
    """One report whole; that it was read is written down."""
    actor = actor_of(request)
    row = kit.found(actor, ref)
    record.note_reading(actor, Kind.READ, row)
    return page(request, actor, row)


def page(request: HttpRequest, actor: Actor, row: Accusation, *, status: int = 200, **more: Any) -> HttpResponse:
    """Draw a report's page, with ``more`` (an open form) where a step is taken; of a destroyed one, its tombstone."""
    if not row.wrapped_key:
        return _tombstone(request, row, status)
    key, known = words.key_of(row), words.of(row)
    events = list(row.events.select_related("user", "post__department").order_by("seq"))
    clocks = list(row.clocks.order_by("start", "pk"))
    issued, running = list(row.papers.order_by("pk")), {clock.name for clock in clocks if not clock.ended}
    steps = [step for step in law.ROWS if row.state in step.from_ and _fits(step.code, row, known, running, issued)]
    context = {
        "row": row, "known": known, "state": law.STATES[row.state], "real_name": intake.real_name(known),
        "units": list(Department.objects.filter(pk__in=known["accused_units"]).values_list("name", flat=True)),
        "remit": law.REMITS.get(known.get("remit", ""), ""),
        "clocks": [_clock(clock) for clock in clocks], "events": [_event(event, row, key) for event in events],
        "whole": record.is_whole(row, events), "years": periods.label_of(known["years"]) if "years" in known else "",
        "steps": _buttons(row, steps),
        "sent": [{"to": one["to"], "on": date.fromisoformat(one["on"])} for one in known.get("sent", [])],
        "told": [_told_line(one) for one in known.get("told", []) if one.get("paper") not in known.get("void", {})],
        "papers": [_paper_line(one, known) for one in issued],
        "files": [_file_line(one, key) for one in row.files.order_by("pk")],
        "added": [{"label": ORIGINS[one["origin"]], "on": date.fromisoformat(one["on"]), "words": one["words"]}
                  for one in known.get("added", [])],
        "left": [known["reporters"][place]["name"] for place in intake.unanswered(known)],
        "slip_url": link("guarded_slip", row.ref),
        "crumbs": [("专门受理", link("guarded"))],
        **more,
    }  # fmt: skip
    return render(request, "accusations/case.html", context, status=status)


def _told_line(one: dict[str, Any]) -> dict[str, Any]:
    """To which of the two leaders a report went, or to which organisation department (Art.30 ¶2)."""
    if one["kind"] == "inform":
        return {"label": "通报", "to": one["to"], "on": date.fromisoformat(one["on"])}
    return {
        "label": "呈报",
        "to": "、".join(law.LEADERS[duty] for duty in one["duties"]),
        "on": date.fromisoformat(one["on"]),
    }


def _paper_line(paper: AccusationPaper, known: dict[str, Any]) -> dict[str, Any]:
    """A paper, since when it is void and how it was served."""
    served = known.get("served", {}).get(paper.number)
    return {
        "row": paper, "title": law.PAPERS[paper.kind].title, "url": link("guarded_paper", paper.ref), "void": _void_on(paper, known),
        "served": RECEIPTS[served["receipt"]] if served else "", "served_on": date.fromisoformat(served["on"]) if served else None,
    }  # fmt: skip


def _void_on(paper: AccusationPaper, known: dict[str, Any]) -> date | None:
    day = known.get("void", {}).get(paper.number)
    return date.fromisoformat(day) if day else None


def _file_line(file: AccusationFile, key: bytes) -> dict[str, Any]:
    meta = opened(file, key)[0]
    return {
        "name": meta["name"],
        "url": link("guarded_file", file.ref),
        "origin": ORIGINS.get(meta.get("origin", ""), ""),
    }


def _tombstone(request: HttpRequest, row: Accusation, status: int) -> HttpResponse:
    """What is left of a destroyed report: its number, its days, and who signed for what."""
    events = list(row.events.select_related("user", "post__department").order_by("seq"))
    context = {
        "row": row, "whole": record.is_whole(row, events), "crumbs": [("专门受理", link("guarded"))],
        "events": [{"row": event, "label": law.label_of(event.step), "said": [], "refused": False} for event in events],
    }  # fmt: skip
    return render(request, "accusations/tombstone.html", context, status=status)


def _buttons(row: Accusation, steps: list[law.GuardedStep]) -> list[dict[str, Any]]:
    """The steps as buttons: the first that leads on is the one most often meant."""
    leads = next((step for step in steps if not step.secondary and step.to not in ("", row.state)), None)
    return [{"row": step, "url": link("guarded_step", row.ref, step.code), "primary": step is leads} for step in steps]


def _fits(code: str, row: Accusation, known: dict[str, Any], running: set[str], issued: list[AccusationPaper]) -> bool:
    """What the table cannot say in a state's name; ``running``: the clocks that run, ``issued``: the report's papers."""
    if code == "answer":
        return bool(intake.unanswered(known))
    if code == "taken_over":
        return not known.get("taken_over")
    if code == "urge":
        return "S4" in running
    if code in ("serve", "void"):
        return any(not papers.why_not_void(one, known) and (code == "void" or one.kind == "reply") for one in issued)
    if code == "result":
        return row.state == "transferred" or known.get("remit") != "discipline"
    if code == "propose_destruction":
        return not archive.why_not(row, today())
    if code == "namesake":
        return bool(access.namesakes(known))
    if code == "keep_longer":
        return known.get("years") is not None
    return True


def _clock(clock: Any) -> dict[str, Any]:
    label, _ = law.CLOCKS[clock.name]
    return {
        "label": label,
        "row": clock,
        "late": not clock.ended and clock.due < today(),
        "left": (clock.due - today()).days,
    }


def _event(event: AccusationEvent, row: Accusation, key: bytes) -> dict[str, Any]:
    said = record.said_in(event, row, key)
    names = (
        ("to", "去向"),
        ("about", "被反映"),
        ("holder", "同名的任职人员"),
        ("period", "保管期限"),
        ("paper", "文书"),
        ("how", "方式"),
        ("remit", "归"),
        ("cadre", "干部"),
        ("reporter", "答复"),
        ("why", "理由"),
        ("note", "说明"),
    )
    return {
        "row": event, "label": law.label_of(event.step), "said": [f"{label}：{said[name]}" for name, label in names if said.get(name)],
        "refused": event.step == "refused",
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@kit.room(roll.HANDLES)
def step(request: HttpRequest, ref: str, step: str) -> HttpResponse:
    """Show the form of one step, or take it."""
    actor = actor_of(request)
    row = kit.found(actor, ref)
    rule = law.STEPS.get(step)
    if rule is None:
        raise NotSeen
    record.note_reading(actor, Kind.READ, row)
    if not row.wrapped_key:
        return page(request, actor, row, status=409)
    form = STEP_FORMS[step](rule, row, words.of(row), *_sent(request))
    if form.is_valid():
        return _take(request, actor, row, form)
    blocked = "" if row.state in rule.from_ else f"现在是“{law.STATES[row.state]}”，不能“{rule.label}”。"
    return _show(request, actor, row, form, status=409 if blocked else (422 if form.is_bound else 200), blocked=blocked)


def _take(request: HttpRequest, actor: Actor, row: Accusation, form: GuardedStepForm) -> HttpResponse:
    try:
        done = advance(form.step.code, on=row, by=actor, seen=form.cleaned_data.get("seen"), **form.changes())
    except NotSeen:
        raise
    except Refused as refused:
        fresh = kit.found(actor, row.ref)  # what was refused may have been written down
        data = request.POST.copy()
        data["seen"] = str(fresh.events_count)
        form.data = data
        problems = [*put_on(form, refused), *([{"message": refused.message}] if refused.status == 409 else [])]
        return _show(request, actor, fresh, form, status=refused.status, problems=problems, rule=refused.rule)
    paper = f"{law.PAPERS[done.step.paper].title}：{done.paper.number}" if done.paper else ""
    messages.success(request, f"已{form.step.label}。{paper}")
    if not access.visible_to(actor).filter(pk=row.pk).exists():  # he stood aside, or it turned out to be about him
        return HttpResponseRedirect(link("guarded"))
    return HttpResponseRedirect(link("guarded_case", row.ref))


def _show(
    request: HttpRequest, actor: Actor, row: Accusation, form: GuardedStepForm, *, status: int, problems: Any = (),
    rule: str = "", blocked: str = "",
) -> HttpResponse:  # fmt: skip
    return page(
        request, actor, row, status=status, form=form, problems=problems, rule=rule, blocked=blocked,
        step_url=link("guarded_step", row.ref, form.step.code), case_url=link("guarded_case", row.ref),
    )  # fmt: skip


# --- on paper ---------------------------------------------------------------------------------------------------------


@require_safe
@kit.room(roll.HANDLES)
def slip(request: HttpRequest, ref: str) -> HttpResponse:
    """The receipt: a number and a telephone, and not a word of what it is about."""
    actor = actor_of(request)
    row = kit.found(actor, ref)
    record.note_reading(actor, Kind.SLIP, row)
    return render(request, "accusations/slip.html", {"row": row, "day": today(), "back_url": link("guarded_case", ref)})


@require_safe
@kit.room(roll.HANDLES)
def paper(request: HttpRequest, ref: str) -> HttpResponse:
    """A paper exactly as it was fixed."""
    actor = actor_of(request)
    found = access.part_seen(AccusationPaper, actor, ref)
    record.note_reading(actor, Kind.PRINT, found.accusation, note=found.kind)
    html, void = papers.html_of(found), _void_on(found, words.of(found.accusation))
    context = {
        "paper": found, "html": html, "void": docx.void_words(void) if void else "",
        "back_url": link("guarded_case", found.accusation.ref), "docx_url": link("guarded_paper_docx", ref),
    }  # fmt: skip
    return render(request, "papers/page.html", context)


@require_safe
@kit.room(roll.HANDLES)
def paper_docx(request: HttpRequest, ref: str) -> HttpResponse:
    """A paper as .docx, to edit before it is signed; its name on the disk is its number, and says nothing."""
    actor = actor_of(request)
    found = access.part_seen(AccusationPaper, actor, ref)
    answer = HttpResponse(
        papers.docx_of(found, _void_on(found, words.of(found.accusation))), content_type=docx.MEDIA_TYPE
    )
    record.note_reading(actor, Kind.DOWNLOAD, found.accusation, note=found.kind)
    answer["Content-Disposition"] = content_disposition_header(True, f"{found.number}.docx") or "attachment"
    return answer


@require_safe
@kit.room(roll.HANDLES)
def file(request: HttpRequest, ref: str) -> HttpResponse:
    """A file that came with a report; always handed out, never opened in the browser."""
    actor = actor_of(request)
    found = access.part_seen(AccusationFile, actor, ref)
    record.note_reading(actor, Kind.DOWNLOAD, found.accusation)
    name, pieces = plain(found)
    response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    response["Content-Disposition"] = name
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return cast("HttpResponse", response)
