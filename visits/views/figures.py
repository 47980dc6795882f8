"""How are receptions going?  Figures with their shares, and the list behind each."""

from __future__ import annotations

import tempfile
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessKind, Role
from petitions import keyset
from petitions.access import visible_to
from petitions.errors import NotSeen
from petitions.keyset import Mark, Page, Turn, pack
from petitions.views.answers import actor_of
from petitions.views.export import SPREADSHEET
from petitions.views.links import case_link
from petitions.views.lists import turn_of
from visits import access, sheet
from visits import indicators as found
from visits.frequency import LEVELS
from visits.models import FollowUp, Outcome, Reception, Research, Sponsorship, Visit
from visits.views import kit


def _cut(request: HttpRequest) -> found.Cut:
    now = today()
    number = {
        name: int(value) if (value := request.GET.get(name, "")).isdecimal() and len(value) < 18 else None
        for name in ("leader", "place")
    }
    level = request.GET.get("level", "")
    return found.Cut(
        _day(request.GET.get("first", ""), now.replace(month=1, day=1)), _day(request.GET.get("last", ""), now), number["leader"],
        level if level in LEVELS else "", number["place"],
    )  # fmt: skip


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _actor(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if actor.role != Role.LEADER:
        access.check(actor, access.WATCH, "查看接访指标")
    return actor


@require_safe
@kit.page
def figures(request: HttpRequest) -> HttpResponse:
    """Every figure of a cut, each a link to its list; shares in words, never without their two numbers."""
    actor, cut = _actor(request), _cut(request)
    counted, names = found.counted(actor, cut), _names(actor)
    counts = counted.whole
    url = {code: _url(cut, code) for code in found.LISTS}
    context = {
        "cut": cut, "lead_days": found.lead_days(counts), "counts": counts, "url": url,
        "lines": [{"label": one.label, "count": counts[code], "url": url[code]} for code, one in found.LISTS.items()],
        "shares": [{"row": one, "part_url": url[one.part_code], "whole_url": url[one.whole_code]} for one in found.shares(counts)],
        "tables": [_table(counted, cut, axis, *names[axis]) for axis in found.AXES], "sheet": _sheet_url(cut),
        "columns": [found.LISTS[code].label for code in found.COLUMNS],
        "leaders": names["leader"][1], "places": names["place"][1], "levels": LEVELS,
    }  # fmt: skip
    return render(request, "visits/figures.html", context)


def _names(actor: Actor) -> dict[str, tuple[str, list[tuple[Any, str]]]]:
    """Of each axis its heading, and the names of what may stand in its rows."""
    levels: list[tuple[Any, str]] = list(LEVELS.items())
    return {"leader": ("领导", _leaders(actor)), "level": ("层级", levels), "place": ("地点", _places(actor))}


@require_safe
@kit.page
def spreadsheet(request: HttpRequest) -> HttpResponse:
    """The page as a spreadsheet; that it left is logged."""
    actor, cut = _actor(request), _cut(request)
    out = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    sheet.write(found.counted(actor, cut), cut, _names(actor), actor, out)
    log(actor, AccessKind.EXPORT, "visit-figures", data={"list": "visit-figures", "query": _query(cut), "rows": 0})
    out.seek(0)
    name = f"接访指标-{today():%Y%m%d}.xlsx"
    return cast("HttpResponse", FileResponse(out, as_attachment=True, filename=name, content_type=SPREADSHEET))


def _sheet_url(cut: found.Cut) -> str:
    return f"{kit.url('figures_sheet')}?{_query(cut)}"


def _query(cut: found.Cut, **more: Any) -> str:
    """A cut as an address says it."""
    said = {
        "first": cut.first.isoformat(),
        "last": cut.last.isoformat(),
        "leader": cut.leader,
        "level": cut.level,
        "place": cut.place,
    }
    return urlencode({name: value for name, value in (said | more).items() if value})


def _url(cut: found.Cut, code: str, **more: Any) -> str:
    """Where the rows behind a figure of the cut, or of a part of it, are listed."""
    return f"{kit.url('figure', code)}?{_query(cut, **more)}"


def _table(
    counted: found.Figures, cut: found.Cut, axis: str, label: str, names: list[tuple[Any, str]]
) -> dict[str, Any]:
    """One table: a row for each leader, level or place that has anything, each number with its list."""
    by = counted.by(axis)
    rows = [
        {"name": name, "cells": [{"count": by[key][code], "url": _url(cut, code, **{axis: key})} for code in found.COLUMNS]}
        for key, name in names
        if key in by and any(by[key].values())
    ]  # fmt: skip
    return {"axis": axis, "label": label, "rows": rows}


def _leaders(actor: Actor) -> list[tuple[Any, str]]:
    rows = access.rooms_of(actor).order_by().values_list("leader_id", "leader__user__name").distinct()
    return sorted(rows, key=lambda row: row[1])


def _places(actor: Actor) -> list[tuple[Any, str]]:
    rows = access.rooms_of(actor).order_by().values_list("place_id", "place__name").distinct()
    return sorted(rows, key=lambda row: row[1])


@require_safe
@kit.page
def listed(request: HttpRequest, code: str) -> HttpResponse:
    """The rows behind a figure: as many as it says."""
    actor, cut = _actor(request), _cut(request)
    if code not in found.LISTS:
        raise NotSeen
    rows = found.listed(actor, cut, code)
    page = _page(rows, turn_of(request, f"visit-figure:{code}"), code)
    query = {name: value for name, value in request.GET.items() if name not in ("after", "before", "size")}
    context = {
        "label": found.LISTS[code].label, "lines": _lines(actor, page.rows), "page": page, "added": found.ADDED[code][1] if code in found.ADDED else "",
        "total": found.total(rows, code) if code in found.ADDED else page.count, "back": f"{kit.url('figures')}?{urlencode(query)}",
    }  # fmt: skip
    return render(request, "visits/figure.html", context)


def _page(rows: Any, turn: Turn, code: str) -> Page[Any]:
    """A page of the rows, the newest first; of them all no day is common, so that a mark is of the row alone."""
    count, back = rows.order_by().values("pk").distinct().count(), turn.backwards
    if turn.mark:
        rows = rows.filter(pk__gt=turn.mark.pk) if back else rows.filter(pk__lt=turn.mark.pk)
    shown, before, after = keyset.cut(list(_related(rows).order_by("pk" if back else "-pk")[: turn.size + 1]), turn)
    ends = [pack(Mark(date.min, row.pk), f"visit-figure:{code}") for row in (shown[:1] + shown[-1:])]
    return Page(shown, before=ends[0] if before else "", after=ends[-1] if after else "", count=count, size=turn.size)


_RELATED: dict[type[Any], tuple[str, ...]] = {
    Visit: ("leader__user", "place"),
    Reception: ("visit__leader__user", "visit__place"),
    Outcome: ("petition", "reception__visit__leader__user", "unit"),
    FollowUp: ("outcome__petition", "outcome__reception__visit__leader__user", "unit"),
    Sponsorship: ("petition", "sponsor__user", "unit"),
    Research: ("visit__leader__user", "visit__place"),
}


_OF_VISITS = (Visit, Reception, Research)


def _related(rows: Any) -> Any:
    return rows.select_related(*_RELATED[rows.model])


def _lines(actor: Actor, rows: list[Any]) -> list[dict[str, str]]:
    matters = {_petition(row).pk for row in rows if not isinstance(row, _OF_VISITS)}
    seen = set(visible_to(actor).filter(pk__in=matters).values_list("pk", flat=True))
    return [_line(row, seen) for row in rows]


def _petition(row: Any) -> Any:
    return row.petition  # of a duty: of what it came of


def _of_visit(row: Visit) -> str:
    """How far it is, and how long before it was made known."""
    return row.get_status_display() + (f"，提前{row.lead_days}个工作日公示" if row.lead_days is not None else "")


def _line(row: Any, seen: set[int]) -> dict[str, str]:
    if isinstance(row, _OF_VISITS):
        visit = row if isinstance(row, Visit) else row.visit
        title = f"{visit.leader.user.name} {visit.day:%Y年%-m月%-d日} {visit.place.name}"
        if isinstance(row, Research):
            return {"title": f"{row.topic} · {title}", "url": kit.url("report", row.ref), "more": ""}
        more = _of_visit(row) if isinstance(row, Visit) else f"{row.code or ''} {row.people}人"
        return {"title": title, "url": kit.url("visit", visit.ref), "more": more}
    petition = _petition(row)
    url = case_link(petition) if petition.pk in seen else ""
    more = row.get_state_display() if isinstance(row, Sponsorship) else row.get_kind_display()
    return {"title": f"{petition.number} {petition.title if url else ''}", "url": url, "more": more}
