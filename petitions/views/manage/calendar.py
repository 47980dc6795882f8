"""Which days are off?  The years, and a year's page: read the notice, look at what it moves, then keep it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import BadInput, WrongMoment
from petitions import calendars, holidays, trees
from petitions.calendars import Plan
from petitions.forms.manage.calendar import YearForm
from petitions.models import CalendarYear
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit

SHOWN = 30  # groups of clocks that a preview lists; the rest is counted


@require_safe
@kit.room("calendar")
def years(request: HttpRequest) -> HttpResponse:
    """The years that can be entered, and how many running clocks wait for one that is missing."""
    entered = {row.year: row for row in CalendarYear.objects.all()}
    provisional = calendars.unsettled()
    rows = [
        {"year": year, "entered": entered.get(year), "waiting": provisional.get(year, 0), "url": link("manage_year", str(year))}
        for year in reversed(calendars.years())
    ]  # fmt: skip
    return render(request, "manage/calendar.html", {**kit.frame("calendar"), "years": rows})


@require_http_methods(["GET", "POST"])
@kit.room("calendar")
def year(request: HttpRequest, year: int) -> HttpResponse:
    """A year's days.  The first press shows what would move, the second keeps it."""
    if year not in calendars.years():
        raise Http404
    if request.method != "POST":
        return _page(request, year, _begun(year))
    form = YearForm(request.POST)
    if not form.is_valid():
        return _page(request, year, form, status=422)
    return _keep(request, year, form) if request.POST.get("do") == "keep" else _look(request, year, form)


def _begun(year: int) -> YearForm:
    kept = calendars.kept(year)
    source = CalendarYear.objects.filter(year=year).values_list("source", flat=True).first()
    return YearForm(initial={"text": holidays.say(kept), "source": source or ""})


def _look(request: HttpRequest, year: int, form: YearForm, *, status: int = 200) -> HttpResponse:
    """The year as it would be, and what it moves."""
    try:
        plan = calendars.plan(year, form.cleaned_data["text"], form.cleaned_data["source"])
    except BadInput as refused:
        kit.put_on(form, refused)
        return _page(request, year, form, status=422)
    said = {name: form.cleaned_data[name] for name in ("text", "source")}
    return _page(request, year, YearForm(initial={**said, "mark": plan.mark}), plan, status=status)


def _keep(request: HttpRequest, year: int, form: YearForm) -> HttpResponse:
    said = form.cleaned_data
    try:
        calendars.enter(year, said["text"], said["source"], by=actor_of(request), mark=said["mark"])
    except BadInput as refused:
        kit.put_on(form, refused)
        return _page(request, year, form, status=422)
    except WrongMoment as refused:
        messages.error(request, refused.message)
        return _look(request, year, form, status=409)
    moved = calendars.move_clocks(year, by=actor_of(request))
    messages.success(request, f"{year}年节假日已保存，{moved}个运行中的时限改了到期日。")
    return HttpResponseRedirect(link("manage_year", str(year)))


def _page(
    request: HttpRequest, year: int, form: YearForm, plan: Plan | None = None, *, status: int = 200
) -> HttpResponse:
    days = plan.days if plan else calendars.kept(year)
    context: dict[str, Any] = {
        **kit.frame("calendar", (f"{year}年", "")),
        "year": year, "form": form, "plan": plan, "months": _months(days), "history": kit.history(f"calendar:{year}"),
    }  # fmt: skip
    if plan is not None:
        units = trees.departments()
        context["moves"] = [{"row": row, "unit": units.name(row.department)} for row in plan.moves[:SHOWN]]
        context["more"] = max(0, len(plan.moves) - SHOWN)
    return render(request, "manage/calendar_year.html", context, status=status)


def _months(days: holidays.Days) -> list[dict[str, Any]]:
    """The listed days in order, for the table beside the words."""
    return [{"day": day, "works": off.works, "name": off.name} for day, off in sorted(days.items())]
