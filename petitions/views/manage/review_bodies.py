"""Against whose opinion does one go to whom?  The table of review bodies, and what holds where it is silent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import BadInput
from petitions import review_bodies
from petitions.forms.manage.staff import ReasonForm
from petitions.forms.manage.tables import ReviewBodyForm
from petitions.models import ReviewBody
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


@require_safe
@kit.room("review_bodies")
def table(request: HttpRequest) -> HttpResponse:
    """Every row, by the body whose opinion it is about."""
    rows = ReviewBody.objects.select_related("of", "body").order_by("of__code", "body__code")
    lines = [{"row": row, "drop": link("manage_drop_review_body", str(row.pk))} for row in rows]
    context = {"lines": lines, "add": link("manage_put_review_body"), "history": kit.history("review_bodies")}
    return render(request, "manage/review_bodies.html", {**kit.frame("review_bodies"), **context})


@require_http_methods(["GET", "POST"])
@kit.room("review_bodies")
def put(request: HttpRequest) -> HttpResponse:
    """Add a row."""
    form = ReviewBodyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row = review_bodies.put(by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, f"对{row.of.name}的意见不服，可以向{row.body.name}申请。")
            return HttpResponseRedirect(link("manage_review_bodies"))
    intro = "可以有几个，由申请人选择。没有写的，县级单位的意见向县级复查机构申请，县级复查意见向市级申请。"
    return _form(request, form, "新增复查复核机关", intro, "保存")


@require_http_methods(["GET", "POST"])
@kit.room("review_bodies")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a row out."""
    row = get_object_or_404(ReviewBody.objects.select_related("of", "body"), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        review_bodies.drop(row, by=actor_of(request), **form.cleaned_data)
        messages.success(request, "已删除。")
        return HttpResponseRedirect(link("manage_review_bodies"))
    words = "，".join(f"{name}：{value}" for name, value in review_bodies.facts(row).items() if value)
    return _form(request, form, "删除复查复核机关", words, "删除")


def _form(request: HttpRequest, form: Any, heading: str, intro: str, button: str) -> HttpResponse:
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": link("manage_review_bodies")}
    frame = kit.frame("review_bodies", (heading, ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)
