"""What is still to do?  The system administrator's list after the first run."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.manage import SECTIONS
from petitions import first_day
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


@require_safe
@kit.room("first_day")
def to_do(request: HttpRequest) -> HttpResponse:
    """Every task with its state; a link where this administrator does it."""
    role = actor_of(request).role
    lines = [{"task": task, "url": _room(task.room, role)} for task in first_day.tasks()]
    left = sum(line["task"].done is False for line in lines)  # type: ignore[attr-defined]
    return render(request, "manage/first_day.html", {**kit.frame("first_day"), "lines": lines, "left": left})


def _room(code: str, role: str) -> str:
    return link(f"manage_{code}") if code and role in SECTIONS[code].roles else ""
