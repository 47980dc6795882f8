"""How do filings go out to the province's system?  Choose the days and the form; the file is made in the background."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.decorators import signed_in
from petitions import exchange
from petitions.errors import BadInput, WrongPerson
from petitions.forms.exchange import ExchangeForm
from petitions.models import Job
from petitions.views import jobs as job_pages
from petitions.views.answers import actor_of, put_on, refusals
from petitions.views.imports import LATEST
from petitions.views.links import link
from petitions.views.list_rooms import rooms


@require_http_methods(["GET", "POST"])
@signed_in
@refusals
def page(request: HttpRequest) -> HttpResponse:
    """Ask for the records of some days; the post's last exports stand below."""
    actor = actor_of(request)
    if not exchange.may_export(actor):
        raise WrongPerson("数据交换由信访部门的受理和负责人岗位办理。", rule=exchange.RULE)
    form = ExchangeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return job_pages.begin(exchange.start(actor, **form.cleaned_data))
        except BadInput as refused:
            put_on(form, refused)
    rows = Job.objects.filter(post=actor.post, kind="export_exchange").order_by("-pk")[:LATEST]
    lines = [{**job_pages.shown(row), "url": link("job", row.ref)} for row in rows]
    context = {"form": form, "lines": lines, "tabs": rooms(actor, "exchange")}
    return render(request, "petitions/exchange.html", context, status=422 if form.is_bound else 200)
