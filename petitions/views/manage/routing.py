"""Who gets what, where?  The routing table by category, a case to try it with, one form to add or change a rule."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.dates import today
from accounts.errors import BadInput
from accounts.models import Department
from petitions import classification, routing, trees
from petitions.forms.manage.staff import ReasonForm
from petitions.forms.manage.tables import RouteForm, TryForm
from petitions.models import RoutingRule
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


@require_safe
@kit.room("routing")
def table(request: HttpRequest) -> HttpResponse:
    """Every rule; those whose body is no longer, and categories without any, are said first."""
    rows = list(
        RoutingRule.objects.select_related("category__parent", "region", "department").order_by("category", "region")
    )
    day = today()
    gone = {row.pk for row in rows if not _in_force(row.department, day)}
    ruled = {row.category_id for row in rows if row.pk not in gone}
    without = [node for node in trees.categories().leaves() if node.key not in ruled and node.above not in ruled]
    lines = [{"row": row, "gone": row.pk in gone, "drop": link("manage_drop_route", str(row.pk))} for row in rows]
    form = TryForm(request.GET or None)
    context = {
        "lines": lines, "without": [node.name for node in without], "add": link("manage_set_route"), "form": form,
        "tried": _tried(form), "history": kit.history(*{f"route:{row.category_id}" for row in rows}),
    }  # fmt: skip
    return render(request, "manage/routing.html", {**kit.frame("routing"), **context})


def _in_force(body: Department, day: Any) -> bool:
    return body.valid_from <= day and (body.valid_to is None or body.valid_to >= day)


def _tried(form: TryForm) -> list[routing.Guess] | None:
    """What the table says to the case in the URL; None where none was asked."""
    if not form.is_bound or not form.is_valid() or form.cleaned_data["category"] is None:
        return None
    return routing.departments(form.cleaned_data["category"], form.cleaned_data["region"])


@require_http_methods(["GET", "POST"])
@kit.room("routing")
def put(request: HttpRequest) -> HttpResponse:
    """Add a rule, or replace the one of the same category and place."""
    begin = {name: request.GET.get(name) for name in ("category", "region", "department", "note")}
    form = RouteForm(request.POST if request.method == "POST" else None, initial=begin)
    if form.is_valid():
        try:
            row = classification.set_route(by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(
                request,
                f"“{row.category.name}”在{row.region.name if row.region else '全县'}由{row.department.name}承办。",
            )
            return HttpResponseRedirect(link("manage_routing"))
    intro = "同一分类、同一属地只有一条；再填一次就是修改。只影响以后的建议，已转送的不变。"
    return _form(request, form, "分派", intro, "保存")


@require_http_methods(["GET", "POST"])
@kit.room("routing")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rule out."""
    row = get_object_or_404(RoutingRule.objects.select_related("category", "region", "department"), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        classification.drop_route(row, by=actor_of(request), **form.cleaned_data)
        messages.success(request, "已删除。")
        return HttpResponseRedirect(link("manage_routing"))
    words = "，".join(f"{name}：{value}" for name, value in classification.route_facts(row).items() if value)
    return _form(request, form, "删除分派", words, "删除")


def _form(request: HttpRequest, form: Any, heading: str, intro: str, button: str) -> HttpResponse:
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": link("manage_routing")}
    frame = kit.frame("routing", (heading, ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)
