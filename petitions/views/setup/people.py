"""Units and people out of a spreadsheet: the template, the look at a filled one, taking it over, the sheet of first passwords."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import founding
from accounts.models import Office, Region, RegionLevel
from accounts.roster import sheet, take
from accounts.roster.plan import Plan
from petitions.forms.setup import SheetForm
from petitions.views.setup import kit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200  # problems on the page; a sheet with more has one fault many times


@require_safe
@kit.first_run
def template(request: HttpRequest, row: Office) -> HttpResponse:
    """The empty spreadsheet, with the county's towns to start with."""
    towns = Region.objects.filter(level=RegionLevel.TOWN).order_by("pk")
    county = row.region.name if row.region else ""
    response = HttpResponse(sheet.template(row.name, county, towns), content_type=XLSX)
    response["Content-Disposition"] = str(content_disposition_header(True, "单位和人员.xlsx"))
    return response


@require_http_methods(["GET", "POST"])
@kit.first_run
def people(request: HttpRequest, row: Office) -> HttpResponse:
    """Download, upload, and what is wrong with each row; a sheet without a fault can be taken over."""
    if not row.preset:
        return HttpResponseRedirect(kit.next_step(row))
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if form.is_bound and form.is_valid() and row.staffed_at is None:
        try:
            made = take.look(sheet.read(form.cleaned_data["sheet"].read()), row)
        except sheet.Unreadable as fault:
            form.add_error("sheet", str(fault))
        else:
            return _page(request, row, SheetForm(), made, status=422 if made.problems else 200)
    return _page(request, row, form, take.kept(row), status=422 if form.errors else 200)


def _page(request: HttpRequest, row: Office, form: SheetForm, made: Plan | None, *, status: int) -> HttpResponse:
    context = {"form": form, "plan": made, "problems": made.problems[:SHOWN] if made else [], "staffed": row.staffed_at}
    return kit.page(request, row, "people", context, status=status)


@sensitive_variables("slips")
@require_POST
@kit.first_run
def take_over(request: HttpRequest, row: Office) -> HttpResponse:
    """All of the sheet or nothing; the first passwords are shown on this answer and nowhere else."""
    slips = take.take()
    return kit.page(request, founding.the_office(), "people", {"slips": slips}, template="setup/slips.html")


@require_POST
@kit.first_run
def skip(request: HttpRequest, row: Office) -> HttpResponse:
    """Without a sheet: the administrators enter units and people on their pages."""
    take.skip()
    return HttpResponseRedirect(reverse("petitions:setup_administrators"))
