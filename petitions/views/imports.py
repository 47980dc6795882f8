"""How does a list come in?  Choose the file, say which column is what, try it, then register it in the background."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions import imports, jobs
from petitions.actions.register import may_register
from petitions.errors import BadInput, NotSeen, WrongPerson
from petitions.forms.imports import FileForm, PlanForm
from petitions.models import Job
from petitions.views import jobs as job_pages
from petitions.views.answers import actor_of, put_on, refusals
from petitions.views.links import link
from petitions.views.list_rooms import rooms

KINDS = ("check_filings", "import_filings")
LATEST = 20


def _clerk(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not may_register(actor):
        raise WrongPerson("导入来件由有登记职责的岗位办理。", rule="《信访工作条例》第二十一条")
    return actor


@require_http_methods(["GET", "POST"])
@signed_in
@refusals
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a list; the post's last imports stand below."""
    actor = _clerk(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        try:
            kept = imports.begin(form.cleaned_data["file"], by=actor)
        except BadInput as refused:
            put_on(form, refused)
        else:
            settings = {**kept, **imports.guess(kept["names"]).said()}
            job = jobs.start("check_filings", by=actor, settings=settings, planned=True)
            return HttpResponseRedirect(link("import_plan", job.ref))
    rows = Job.objects.filter(post=actor.post, kind__in=KINDS).exclude(state="planned").order_by("-pk")[:LATEST]
    lines = [{**job_pages.shown(row), "url": link("job", row.ref)} for row in rows]
    return render(
        request,
        "petitions/import.html",
        {"form": form, "lines": lines, "tabs": rooms(actor, "import")},
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "POST"])
@signed_in
@refusals
def plan(request: HttpRequest, ref: str) -> HttpResponse:
    """Say which column is what; ``do=check`` tries it, ``do=run`` registers."""
    actor = _clerk(request)
    kept = _list_of(actor, ref)
    form = PlanForm(kept.settings["names"], kept.settings, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _start(request, actor, kept, form)
        except BadInput as refused:
            put_on(form, refused)
    return render(request, "petitions/import_plan.html", _context(kept, form), status=422 if form.is_bound else 200)


def _list_of(actor: Actor, ref: str) -> Job:
    """The post's own work on a list; other long work has none."""
    kept = jobs.own(actor, ref)
    if "names" not in kept.settings:
        raise NotSeen
    return kept


def _start(request: HttpRequest, actor: Actor, kept: Job, form: PlanForm) -> HttpResponse:
    made = form.plan()
    imports.check_plan(made, kept.settings["names"])
    imports.remember(kept.settings["names"], made)
    code = "import_filings" if request.POST.get("do") == "run" else "check_filings"
    job = jobs.start(code, by=actor, settings={**kept.settings, **made.said()})
    return job_pages.begin(job)


def _context(kept: Job, form: PlanForm) -> dict[str, Any]:
    samples, names = imports.samples(kept.settings), kept.settings["names"]
    return {
        "form": form, "name": kept.settings.get("name", ""),
        "columns": [{"name": name, "cells": [row.get(name, "")[:60] for row in samples]} for name in names],
    }  # fmt: skip
