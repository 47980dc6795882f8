"""The door and the steps of the first run: code, region, office, rules, administrators."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import founding, gazetteer
from accounts.errors import BadInput, Refused
from accounts.models import Office, RegionLevel
from petitions import presets
from petitions.forms.setup import AdministratorsForm, CodeForm, OfficeForm, PresetForm
from petitions.presets import PRESETS
from petitions.views.setup import kit


@never_cache
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    """Ask for the one-time code; who has given it goes on where it was left off."""
    if not founding.needed():
        raise Http404
    try:
        return HttpResponseRedirect(kit.next_step(founding.check_open(request.session.get(kit.TOKEN, ""))))
    except Refused:
        pass
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            request.session[kit.TOKEN] = founding.open_with(form.cleaned_data["code"])
        except BadInput as refused:
            kit.put_on(form, refused)
        except Refused as refused:
            return kit.refusal(request, refused)
        else:
            request.session.cycle_key()
            return HttpResponseRedirect(kit.next_step(founding.the_office()))
    return render(request, "setup/door.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@kit.first_run
def region(request: HttpRequest, office: Office) -> HttpResponse:
    """Province, city, county, one list after the other; then what would come with the county, and yes."""
    asked = request.POST.get("county") or request.GET.get("at", "")
    if request.method == "POST":
        try:
            founding.choose_region(asked)
        except BadInput as refused:
            return _region_page(request, office, "", problem=refused.message)
        return HttpResponseRedirect(reverse("petitions:setup_office"))
    return _region_page(request, office, asked)


def _region_page(request: HttpRequest, office: Office, asked: str, *, problem: str = "") -> HttpResponse:
    """What stands below ``asked`` (six digits, empty for the country), or the county itself."""
    known = asked if gazetteer.name_of(asked) or asked[4:] == "00" else ""
    way = [{"code": code, "name": gazetteer.name_of(code)} for code in _way(known)]
    context = {"way": way, "problem": problem, **_below(known)}
    return kit.page(request, office, "region", context, status=422 if problem else 200)


def _way(code: str) -> list[str]:
    """The places above a code, and itself."""
    stems = [f"{code[:2]}0000", f"{code[:4]}00", code] if code else []
    return [stem for stem in dict.fromkeys(stems) if gazetteer.name_of(stem)]


def _below(code: str) -> dict[str, object]:
    if not code:
        return {"ask": "省（自治区、直辖市）", "choices": gazetteer.provinces()}
    if code.endswith("0000"):
        return {"ask": "市（州、盟）", "choices": gazetteer.cities(code)}
    counties = gazetteer.counties(code) if code.endswith("00") else []
    if [row.code for row in counties] not in ([], [code]):
        return {"ask": "县（市、区、旗）", "choices": counties}
    rows = list(gazetteer.county_rows(code).values()) if gazetteer.name_of(code) else []
    towns = [row for row in rows if row.level == RegionLevel.TOWN]
    villages = sum(row.level == RegionLevel.VILLAGE for row in rows)
    return {"county": code, "name": gazetteer.name_of(code), "towns": towns, "villages": villages}


@require_http_methods(["GET", "POST"])
@kit.first_run
def office(request: HttpRequest, row: Office) -> HttpResponse:
    """Name, letterhead, the beginning of every number, how the office is reached."""
    form = OfficeForm(request.POST if request.method == "POST" else None, initial=OfficeForm.now(row))
    if form.is_valid():
        founding.name_office(form.named())
        return HttpResponseRedirect(reverse("petitions:setup_rules"))
    return kit.page(request, row, "office", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@kit.first_run
def rules(request: HttpRequest, row: Office) -> HttpResponse:
    """The national limits, or a province's, which must be checked first."""
    form = PresetForm(request.POST if request.method == "POST" else None, initial={"preset": row.preset or "national"})
    if form.is_valid():
        presets.choose(form.cleaned_data["preset"])
        return HttpResponseRedirect(reverse("petitions:setup_people"))
    context = {"form": form, "presets": [preset for preset in PRESETS.values() if preset.warning]}
    return kit.page(request, row, "rules", context, status=422 if form.is_bound else 200)


@sensitive_variables("slips")
@require_http_methods(["GET", "POST"])
@kit.first_run
def administrators(request: HttpRequest, row: Office) -> HttpResponse:
    """Three different people; their first passwords are shown on this answer alone, and the first-run pages are closed."""
    if row.staffed_at is None:
        return HttpResponseRedirect(kit.next_step(row))
    form = AdministratorsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            slips = founding.appoint(form.people())
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            request.session.flush()
            return render(request, "setup/begun.html", {"slips": slips, "office_name": row.name})
    return kit.page(request, row, "administrators", {"form": form}, status=422 if form.is_bound else 200)
