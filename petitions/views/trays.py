"""What waits for me?  The tray with its tabs, and many matters transferred at once, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import Department
from petitions import access, lifecycle, panels
from petitions.actions import advance
from petitions.actions.once import once
from petitions.cells import reader_for, value
from petitions.columns import COLUMNS, MOST, SPLIT, TRAY, TRAY_FIXED, Column, before_received, named, of_tray
from petitions.errors import BadInput, NotSeen, Refused, WrongPerson
from petitions.forms.bulk import RowForm, row_forms
from petitions.forms.suggested import may_transfer, offers_transfer, suggestions_for
from petitions.models import Petition, SavedView
from petitions.saved_views import views_of
from petitions.trays import Line, Question, Tab, counts, how_many, missed, page_of, questions_for, watched
from petitions.views import bulk, reminders
from petitions.views.answers import actor_of, refusals
from petitions.views.badges import TONES, Badge, due_badge
from petitions.views.links import case_link, link
from petitions.views.lists import WIDE, Cell, ordered, turn_of
from petitions.views.saved_views import opened_with, strip, tray_page

MOST_ROWS = 50
COUNTED = 1_000  # of one unit, or one duty: what is more is "1,000+"


@dataclass(frozen=True)
class Shown:
    """A row of a tray as the page shows it."""

    petition: Petition
    href: str
    stage: str
    tone: str
    unit: str
    duty: str
    badge: Badge | None
    cells: list[Cell]


@require_safe
@signed_in
@refusals
def tray(request: HttpRequest, tray: str) -> HttpResponse:
    """One tab of the person's tray."""
    actor = actor_of(request)
    question = next((one for one in questions_for(actor) if one.code == tray), None)
    if question is None:
        raise NotSeen
    views = list(views_of(actor, tray_page(tray))) if question.wide else []
    if not request.META.get("QUERY_STRING") and (first := opened_with(views)):
        return HttpResponseRedirect(first)
    return show(request, actor, question, views=views)


def show(
    request: HttpRequest,
    actor: Actor,
    question: Question,
    *,
    home: bool = False,
    tabs: list[Tab] | None = None,
    views: Sequence[SavedView] = (),
) -> HttpResponse:
    """Draw the tray with ``question`` open; ``home`` where it stands on the home page."""
    tabs = tabs if tabs is not None else counts(actor, questions_for(actor))
    unit = _unit(request, actor, question)
    columns = of_tray(request.GET.get("cols", ""))
    question, units = missed(question, request.GET.get("duty", "")), [unit.pk] if unit else None
    page = page_of(actor, question, turn_of(request, f"tray:{question.code}"), units=units, columns=columns)
    beside = _beside(actor, question)
    if unit is None and not question.duty:
        page.count = next((tab.count for tab in tabs if tab.question.code == question.code), None)
    else:
        page.count = how_many(actor, question, units, COUNTED)
    context = {
        "question": question,
        "unit": unit,
        "duty": lifecycle.CLOCKS[question.duty].label if question.duty else "",
        "everywhere": link("tray", question.code),
        "tabs": [_tab(tab, question) for tab in tabs],
        "lines": shown(actor, page.rows, columns, beside),
        "columns": _laid(columns, beside),
        "columns_url": f"{link('tray_columns', question.code)}?{request.GET.urlencode()}",
        "wide": len(columns) > WIDE - 2,
        "page": page,
        "bulk": offers_transfer(actor, question),
        "bulk_steps": bulk.buttons(actor, question.code),
        "home": home,
        "reminders": reminders.due(actor) if home else [],
        "panels": panels.for_home(actor) if home else [],
        "export": {"page": tray_page(question.code), "query": request.GET.urlencode()},
        "strip": strip(actor, tray_page(question.code), request.GET, views) if question.wide and not home else None,
    }
    return render(request, "petitions/tray.html", context)


def _tab(tab: Tab, active: Question) -> dict[str, Any]:
    level = {"overdue": "late", "due_soon": "soon"}.get(tab.question.code, "") if tab.count else ""
    return {
        "label": tab.question.label, "url": link("tray", tab.question.code), "count_words": tab.words,
        "active": tab.question.code == active.code, "level": level,
    }  # fmt: skip


def _unit(request: HttpRequest, actor: Actor, question: Question) -> Department | None:
    """The one unit asked for by its code, if the person watches it."""
    code = request.GET.get("unit", "")
    if not code:
        return None
    unit = Department.objects.filter(code=code).first()
    if unit is None or unit.pk not in watched(actor, question):
        raise NotSeen
    return unit


_SUGGESTED = Column("suggestion", "建议转送", shape="suggestion")
_UNIT = Column("unit", "单位")


def _beside(actor: Actor, question: Question) -> Column | None:
    """The column that the tray has besides: who is suggested, or whose row it is."""
    if offers_transfer(actor, question):
        return _SUGGESTED
    return _UNIT if question.wide else None


def _laid(columns: Sequence[Column], beside: Column | None) -> list[Column]:
    """The columns in their order, with the tray's own in its place."""
    at = before_received(columns)
    return [*columns[:at], *([beside] if beside else []), *columns[at:]]


def shown(actor: Actor, lines: list[Line], columns: Sequence[Column], beside: Column | None = None) -> list[Shown]:
    """Return lines of a tray as rows of ``columns``; names that the actor may not know are not given."""
    day, reader = today(), reader_for(actor)
    suggestions = suggestions_for([line.petition for line in lines]) if beside is _SUGGESTED else {}

    def cells(line: Line) -> list[Cell]:
        own: dict[str, Any] = {
            "suggestion": suggestions.get(line.petition.pk),
            "unit": reader.units.name(line.department_id),
        }
        return [
            Cell(one.shape, one.label, one.less, own[one.code] if one is beside else value(one, line.petition, reader))
            for one in _laid(columns, beside)
        ]

    return [
        Shown(
            petition=line.petition, href=case_link(line.petition),
            stage=lifecycle.STAGES.get(line.petition.stage, line.petition.stage), tone=TONES.get(line.petition.stage, ""),
            unit=reader.units.name(line.department_id), duty=line.duty,
            badge=due_badge(
                line.started, line.raw_due, line.due, day, provisional=bool(line.clock.get("provisional"))
            ),
            cells=cells(line),
        )
        for line in lines
    ]  # fmt: skip


@require_safe
@signed_in
@refusals
def columns(request: HttpRequest, tray: str) -> HttpResponse:
    """Choose the columns of a tray and their order, as for a list; what is due stands before them in any case."""
    actor, said = actor_of(request), request.GET
    if tray not in {question.code for question in questions_for(actor)}:
        raise NotSeen
    usual = [column.code for column in of_tray(said.get("cols", ""))]
    order = ordered(said, usual, TRAY_FIXED)
    kept = {name: said[name] for name in ("unit", "duty", "size") if said.get(name)}
    if "apply" in said:
        picked = [COLUMNS[code] for code in order if code in said.getlist("col")]
        return HttpResponseRedirect(_columned(tray, kept, of_tray(SPLIT.join(column.code for column in picked))))
    on = said.getlist("col") if "order" in said else usual
    rows = [{"column": COLUMNS[code], "on": code in on, "fixed": code == "title"} for code in order]
    context = {
        "rows": rows, "most": MOST, "usual": _columned(tray, kept, TRAY), "back": _columned(tray, kept, of_tray(said.get("cols", ""))),
        "action": link("tray_columns", tray), "hidden": list(kept.items()), "moved": said.get("up") or said.get("down"),
    }  # fmt: skip
    return render(request, "petitions/columns.html", context)


def _columned(tray: str, kept: Mapping[str, str], columns: Sequence[Column]) -> str:
    """The tray's address with these columns; ``all=1`` where it asks for nothing, so that no default view comes instead."""
    cols = named(columns, TRAY)
    said = {**kept, **({"cols": cols} if cols else {})}
    return f"{link('tray', tray)}?{urlencode(said) or 'all=1'}"


# --- many at once -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of one row: transferred with its paper, or refused with the reason and the rule."""

    label: str
    href: str = ""
    department: str = ""
    paper: str = ""
    message: str = ""
    rule: str = ""

    @property
    def done(self) -> bool:
        """Whether the row was transferred."""
        return not self.message


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@refusals
def bulk_transfer(request: HttpRequest) -> HttpResponse:
    """Choose a department for each picked matter, then transfer them one by one, each through the one door."""
    actor = actor_of(request)
    if not may_transfer(actor):
        raise WrongPerson("批量转送不是您这个岗位的职责。", rule=f"《{lifecycle.TEXT}》第二十二条")
    picked, lost = _picked(request, actor)
    forms = row_forms(picked, suggestions_for(picked), request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _choose(request, forms)
    if not all(form.is_valid() for form in forms):
        return _choose(request, forms, status=422)
    unseen = NotSeen()
    outcomes = [_transfer(actor, form, request.POST) for form in forms]
    outcomes += [Outcome("（没有找到）", message=unseen.message, rule=unseen.rule) for _ in range(lost)]
    done = sum(one.done for one in outcomes)
    context = {"outcomes": outcomes, "done": done, "left": len(outcomes) - done, "back": link("tray", "to_route")}
    return render(request, "petitions/bulk_report.html", context)


def _picked(request: HttpRequest, actor: Actor) -> tuple[list[Petition], int]:
    """The picked matters that the person sees, in the order of picking, and how many others were asked for."""
    asked = request.POST if request.method == "POST" else request.GET
    refs = list(dict.fromkeys(asked.getlist("pick")))
    if not refs:
        raise BadInput({"pick": "请先勾选要转送的事项。"}, rule="批量转送")
    if len(refs) > MOST_ROWS:
        raise BadInput({"pick": f"一次最多转送{MOST_ROWS}件。"}, rule="批量转送")
    rows = access.visible_to(actor).filter(ref__in=refs).select_related("category")
    found = {row.ref: row for row in rows}
    if not found:
        raise NotSeen
    return [found[ref] for ref in refs if ref in found], len(refs) - len(found)


def _choose(request: HttpRequest, forms: list[RowForm], *, status: int = 200) -> HttpResponse:
    context = {"forms": forms, "back": link("tray", "to_route"), "departments": forms[0].departments.values()}
    return render(request, "petitions/bulk.html", context, status=status)


def _transfer(actor: Actor, form: RowForm, sent: QueryDict) -> Outcome:
    """Transfer one row, once for each sending; a refusal is told and stops nobody else's."""
    petition = form.petition
    label, href = f"{petition.number} {petition.title}", case_link(petition)
    filing = petition.filings.order_by("pk").first()
    department = form.department()
    if department is None or filing is None:
        return Outcome(label, href, message="没有选择责任单位，没有转送。", rule="批量转送")

    def run() -> dict[str, str]:
        event = advance("transfer", on=filing, by=actor, department=department, **form.told())
        return {"paper": str(event.data.get("paper", ""))}

    try:
        said = _once(actor, form, sent, run)
    except Refused as refused:
        return Outcome(label, href, department.name, message=refused.message, rule=refused.rule)
    return Outcome(label, href, department.name, paper=said["paper"])


def _once(actor: Actor, form: RowForm, sent: QueryDict, run: Callable[[], dict[str, str]]) -> dict[str, str]:
    """A key for each row: pressed twice, a row that went through says so again, and one that was refused is asked anew."""
    key = sent.get("idempotency_key", "")
    if not key:
        return run()
    body = {name: value for name, value in sent.items() if name.startswith((form.prefix or "") + "-")}
    body["department_all"] = sent.get("department_all", "")
    return once(actor, f"{key}-{form.petition.ref}", body, run)[0]
