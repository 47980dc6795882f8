"""How are things going?  Each person's page of figures, the explanation, the spreadsheet, and days that are over."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import figures, panels
from petitions.errors import BadInput
from petitions.figures import boards, days, sheet
from petitions.figures.cut import CAPACITIES, RULE, Cut, month_end
from petitions.figures.formulas import ABSENT, INDICATORS, NEVER, RETIRED
from petitions.figures.words import said
from petitions.forms.figures import CutForm
from petitions.models import FigureState
from petitions.models.figures import CURRENT
from petitions.views import jobs as job_pages
from petitions.views.answers import actor_of, refusals
from petitions.views.export import SPREADSHEET
from petitions.views.links import link


@require_safe
@signed_in
@refusals
def board(request: HttpRequest) -> HttpResponse:
    """The figures of the post acted in, over the part that the address names."""
    actor = actor_of(request)
    cut, whole = asked(actor, request), request.GET.get("all") == "1"
    if not days.ready(cut.day):
        return _uncounted(request, actor, cut)
    mine = figures.units_for(actor, replace(cut, unit=None))
    found = boards.board_of(actor, cut, mine, whole=whole)
    return render(
        request,
        "petitions/figures/board.html",
        _frame(cut, mine) | _shown(found) | _beside(actor, found) | _ways(cut, found.layout, whole=whole),
    )


def _uncounted(request: HttpRequest, actor: Actor, cut: Cut) -> HttpResponse:
    """A past day that nobody has asked for yet, to be counted."""
    figures.units_for(actor, cut)
    days.check_after_the_first(cut.day)
    return render(request, "petitions/figures/day.html", {"cut": cut, "day": cut.day, "back": link("figures")})


def _beside(actor: Actor, found: boards.Board) -> dict[str, Any]:
    """What other apps show: nothing where it is narrowed to a part that they do not know, or to a past day."""
    cut, sections = found.cut, found.layout.sections
    if cut.day != CURRENT or cut.unit or cut.region or cut.category or cut.channel:
        return {"own": [], "panels": []}
    return {
        "own": panels.for_own_cases(actor) if "own" in sections else [],
        "panels": panels.for_figures(actor, cut.first, cut.last) if "beside" in sections else [],
    }


def _ways(cut: Cut, layout: boards.Layout, *, whole: bool) -> dict[str, Any]:
    """From a page that leaves something out to all of it, and back."""
    return {
        "whole": whole,
        "whole_url": f"?{cut.address(all='1')}" if layout.short else "",
        "short_url": f"?{cut.address()}" if whole else "",
    }


def asked(actor: Actor, request: HttpRequest) -> Cut:
    """The part that the address names; what it leaves out is as the page opens with.

    Raises:
        BadInput: it names something that is not there.
    """
    query = request.GET.dict()
    said = Cut.of(query)
    first = boards.first_cut(actor, today() if said.day == CURRENT else said.day)
    if "first" not in query and "last" not in query:
        query |= {name: value for name, value in first.pairs().items() if name in ("first", "last")}
    return Cut.of({"capacity": first.capacity} | query)


def _frame(cut: Cut, mine: tuple[int, ...] | None) -> dict[str, Any]:
    """What stands round the numbers; ``mine``: the bodies of which they may be asked."""
    state = FigureState.objects.get()
    return {
        "cut": cut, "form": CutForm(initial=cut.pairs(), bodies=None if mine is None else frozenset(mine)), "fresh_at": state.fresh_at, "counted": bool(state.measures),
        "capacities": [
            {"label": f"{label}口径", "url": f"?{cut.address(capacity=code)}", "active": code == cut.capacity} for code, label in CAPACITIES.items()
        ],
        "periods": [{"label": label, "url": f"?{moved.address()}", "active": (moved.first, moved.last) == (cut.first, cut.last)} for label, moved in _periods(cut)],
        "said": cut.phrases(), "about": link("figure_about"), "export": f"{link('figure_sheet')}?{cut.address()}",
    }  # fmt: skip


def _periods(cut: Cut) -> list[tuple[str, Cut]]:
    now = today()
    month, end = now.replace(day=1), month_end(now)
    before = month - timedelta(days=1)
    year = date(now.year, 1, 1)
    spans = [
        ("本月", month, end), ("上月", before.replace(day=1), before), ("今年", year, end),
        ("去年", date(now.year - 1, 1, 1), date(now.year - 1, 12, 31)),
    ]  # fmt: skip
    return [(label, replace(cut, first=first, last=last)) for label, first, last in spans]


def _shown(found: boards.Board) -> dict[str, Any]:
    """The board as its template reads it: every number with the address of its list."""
    return {
        "layout": found.layout, "sections": found.layout.sections, "running": found.cut.reached().last if found.running else None, "tiles": [_line(line) for line in found.tiles], "lines": [_line(line) for line in found.lines],
        "units": [_unit(row) for row in found.units],
        "late": [{"label": row.label, "overdue": _number(row, "overdue"), "open": _number(row, "open")} for row in found.late],
        "categories": [{"label": row.label, "filings": _number(row, "filings"), "joint": _number(row, "joint")} for row in found.categories],
        "trend": [
            {"label": row.label, "filings": _number(row, "filings"), "closed": _number(row, "closed"), "reply": _share(row, "reply_in_time")}
            for row in found.trend
        ],
        "chart": _chart(found), "reply_formula": found.formulas["reply_in_time"],
    }  # fmt: skip


@cache
def _list_room() -> str:
    """The room of lists: a page has several hundred links to it."""
    return link("figure_list")


def behind(cut: Cut, measures: tuple[str, ...]) -> str:
    """The address of the list behind a number."""
    return f"{_list_room()}?{cut.line}&of={'.'.join(measures)}"


def _line(line: boards.Line) -> dict[str, Any]:
    formula, now = line.formula, line.now
    counted = formula.unit != "日"
    return {
        "formula": formula, "value": said(now), "known": now.known, "url": behind(line.cut, formula.above if counted else formula.below) if now.known else "",
        "above": {"many": now.above, "url": behind(line.cut, formula.above) if counted else ""},
        "below": {"many": now.below, "url": behind(line.cut, formula.below)} if formula.below else None,
        "before": _then(line, line.before), "last_year": _then(line, line.last_year),
        "level": "late" if formula.code == "overdue" and now.above else "",
    }  # fmt: skip


def _then(line: boards.Line, then: boards.Then | None) -> dict[str, Any]:
    """The indicator in another period, with its own list and how it differs from now."""
    if then is None or then.figure.value is None:
        return {"value": said(None), "url": "", "many": 0, "change": ""}
    shown = then.figure.formula.below or then.figure.formula.above
    many = then.figure.below if then.figure.formula.below else then.figure.above
    return {
        "value": said(then.figure), "url": behind(then.cut, shown), "many": many, "share": bool(then.figure.formula.below),
        "change": line.change(then),
    }  # fmt: skip


def _number(row: boards.Row, code: str) -> dict[str, Any]:
    return {"many": row.numbers[code], "url": behind(row.cut, (code,))}


def _share(row: boards.Row, code: str) -> dict[str, Any]:
    figure = row.shares[code]
    return {
        "value": said(figure),
        "url": behind(row.cut, figure.formula.below),
        "many": figure.below,
        "reading": figure.formula.reading,
    }


def _unit(row: boards.Row) -> dict[str, Any]:
    return {
        "label": row.label, "url": f"?{replace(row.cut, alone=False).address()}", "filings": _number(row, "filings"), "matters": _number(row, "matters"),
        "closed": _number(row, "closed"), "shares": [{"name": row.shares[code].formula.name, **_share(row, code)} for code in row.shares],
    }  # fmt: skip


def _chart(found: boards.Board) -> dict[str, Any]:
    """What the script draws; the same numbers stand in the table beneath."""
    rows = found.trend
    return {
        "months": [row.label for row in rows],
        "bars": [{"name": "信访件", "values": [row.numbers["filings"] for row in rows]}, {"name": "已办结", "values": [row.numbers["closed"] for row in rows]}],
        "line": {"name": found.formulas["reply_in_time"].name, "values": [_percent(row.shares["reply_in_time"].value) for row in rows]},
    }  # fmt: skip


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 1)


@require_safe
@signed_in
@refusals
def about(request: HttpRequest) -> HttpResponse:
    """Each formula with its source and what it leaves out, and why some figures are not here."""
    using = {formula.code for formula in figures.chosen().values()}
    rows = [
        {
            "formula": formula,
            "used": formula.code in using,
            "two": len(readings) > 1 and formula.until is None,
            "for": "、".join(CAPACITIES[one] for one in formula.capacities),
        }
        for readings in (*INDICATORS.values(), RETIRED)
        for formula in readings
    ]
    return render(
        request,
        "petitions/figures/about.html",
        {"rows": rows, "never": NEVER, "absent": ABSENT, "back": link("figures")},
    )


@require_safe
@signed_in
@refusals
def spreadsheet(request: HttpRequest) -> HttpResponse:
    """The page as a spreadsheet: indicators, units, categories, months, and what it is."""
    actor = actor_of(request)
    cut = asked(actor, request)
    days.check(cut.day)
    out = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    sheet.write(boards.board_of(actor, cut, whole=True), actor, out)
    log(actor, AccessKind.EXPORT, "figures", data={"list": "figures", "query": cut.address(), "rows": 0})
    out.seek(0)
    name = f"指标-{today():%Y%m%d}.xlsx"
    return cast("HttpResponse", FileResponse(out, as_attachment=True, filename=name, content_type=SPREADSHEET))


@require_POST
@signed_in
@refusals
def past_day(request: HttpRequest) -> HttpResponse:
    """Have the figures of a day that is over counted in the background."""
    actor = actor_of(request)
    cut = Cut.of({"day": request.POST.get("day", "")})
    if cut.day == CURRENT:
        raise BadInput({"day": "请选择一个早于今天的日期。"}, rule=RULE)
    figures.units_for(actor, cut)
    if days.ready(cut.day):
        return HttpResponseRedirect(f"{link('figures')}?{cut.address()}")
    return job_pages.begin(days.ask(cut.day, by=actor))
