"""How do many bodies, people and posts come in at once?  A sheet is looked at, then taken in; each administrator his own part."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roster import later, sheet
from accounts.roster.later import Part, Report
from petitions.forms.setup import SheetForm
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200  # problems on the page; a sheet with more has one fault many times


@require_safe
@kit.room("people")
def people_template(request: HttpRequest) -> HttpResponse:
    """The empty sheet."""
    return _template()


@require_safe
@kit.room("posts")
def posts_template(request: HttpRequest) -> HttpResponse:
    """The same sheet, for the security administrator."""
    return _template()


def _template() -> HttpResponse:
    response = HttpResponse(sheet.template("", "", later=True), content_type=XLSX)
    response["Content-Disposition"] = str(content_disposition_header(True, "单位和人员.xlsx"))
    return response


@require_http_methods(["GET", "POST"])
@kit.room("people")
def people_sheet(request: HttpRequest) -> HttpResponse:
    """Bodies and people of a sheet: looked at first, then all of it or nothing."""
    done = _page(request, "people", later.bodies_and_people)
    if isinstance(done, HttpResponse):
        return done
    messages.success(request, f"已录入{done.units}个单位、{done.people}人。岗位和初始密码由安全管理员用同一张表授予。")
    return HttpResponseRedirect(link("manage_people"))


@never_cache
@sensitive_variables("done")
@require_http_methods(["GET", "POST"])
@kit.room("posts")
def posts_sheet(request: HttpRequest) -> HttpResponse:
    """The posts of a sheet, and the first passwords: these are shown on this answer and nowhere else."""
    done = _page(request, "posts", later.posts)
    if isinstance(done, HttpResponse):
        return done
    if done.slips:
        return render(request, "manage/slips.html", {**kit.frame("posts", ("初始密码", "")), "slips": done.slips})
    messages.success(request, f"已授予{done.posts}个岗位。")
    return HttpResponseRedirect(link("manage_posts"))


def _page(request: HttpRequest, part: str, take: Part) -> HttpResponse | Report:
    """The form, or what a sheet would do; once it has been taken in, its report."""
    by = actor_of(request)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if request.method != "POST":
        return _shown(request, part, form)
    if kept := request.POST.get("kept", ""):
        done = take(later.opened(kept, part, by), by=by, keep=True)
        return _shown(request, part, SheetForm(), done, status=422) if done.problems else done
    if not form.is_valid():
        return _shown(request, part, form, status=422)
    try:
        rows = sheet.read(form.cleaned_data["sheet"].read())
    except sheet.Unreadable as fault:
        form.add_error("sheet", str(fault))
        return _shown(request, part, form, status=422)
    looked = take(rows, by=by, keep=False)
    status = 422 if looked.problems else 200
    return _shown(request, part, SheetForm(), looked, kept=later.sealed(rows, part, by), status=status)


def _shown(
    request: HttpRequest, part: str, form: SheetForm, looked: Report | None = None, *, kept: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form, "looked": looked, "problems": looked.problems[:SHOWN] if looked else [], "kept": kept, "part": part,
        "template": link(f"manage_{part}_template"), "back": link(f"manage_{part}"),
    }  # fmt: skip
    frame = kit.frame(part, ("从表格录入", ""))
    return render(request, "manage/sheet.html", {**frame, **context}, status=status)
