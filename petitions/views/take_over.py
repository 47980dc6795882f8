"""How does work under way come in from paper?  Fill the template in, have it looked at, then take it over."""

from __future__ import annotations

from io import BytesIO
from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions import jobs, open_cases
from petitions.actions.take_over import may_take_over
from petitions.errors import BadInput, NotSeen, WrongPerson
from petitions.forms.imports import FileForm
from petitions.models import Job
from petitions.views import jobs as job_pages
from petitions.views.answers import actor_of, put_on, refusals
from petitions.views.imports import LATEST
from petitions.views.links import link
from petitions.views.list_rooms import rooms

KINDS = ("check_open_cases", "import_open_cases")


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not may_take_over(actor):
        raise WrongPerson("接收在办件由信访部门的受理和负责人岗位办理。", rule="《信访工作条例》第二十二条")
    return actor


@require_http_methods(["GET", "POST"])
@signed_in
@refusals
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a filled-in template: it is looked at first, and nothing is taken over."""
    actor = _officer(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    form.fields["file"].help_text = "用下载的模板填写，xlsx 或 csv。先检查，不会直接登记。"
    if form.is_bound and form.is_valid():
        try:
            kept = open_cases.begin(form.cleaned_data["file"], by=actor)
        except BadInput as refused:
            put_on(form, refused)
        else:
            return job_pages.begin(jobs.start("check_open_cases", by=actor, settings=kept))
    rows = Job.objects.filter(post=actor.post, kind__in=KINDS).order_by("-pk")[:LATEST]
    lines = [{**job_pages.shown(row), "url": link("job", row.ref)} for row in rows]
    return render(
        request,
        "petitions/take_over.html",
        {"form": form, "lines": lines, "tabs": rooms(actor, "take_over")},
        status=422 if form.is_bound else 200,
    )


@require_safe
@signed_in
@refusals
def template(request: HttpRequest) -> HttpResponse:
    """The spreadsheet to be filled in."""
    _officer(request)
    made = FileResponse(BytesIO(open_cases.template()), as_attachment=True, filename="在办件模板.xlsx")
    return cast("HttpResponse", made)


@require_POST
@signed_in
@refusals
def start(request: HttpRequest, ref: str) -> HttpResponse:
    """Take over the list that was looked at as ``ref``."""
    actor = _officer(request)
    looked = jobs.own(actor, ref)
    if looked.kind != "check_open_cases":
        raise NotSeen
    return job_pages.begin(jobs.start("import_open_cases", by=actor, settings=looked.settings))
