"""Which kinds of problem are there?  The two levels on one page, and a category's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import BadInput
from petitions import classification
from petitions.forms.manage.staff import ReasonForm
from petitions.forms.manage.tables import CategoryForm, NewCategoryForm
from petitions.models import Category, RoutingRule
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


@require_safe
@kit.room("categories")
def categories(request: HttpRequest) -> HttpResponse:
    """The tree, those out of use last."""
    routes = dict(RoutingRule.objects.values_list("category_id").annotate(many=Count("pk")).order_by())
    rows = list(Category.objects.order_by("-active", "code"))
    below: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(_line(row, routes))
    tops = [{**line, "below": below.get(line["row"].pk, [])} for line in below.get(None, [])]
    context = {"tops": tops, "add": link("manage_add_category")}
    return render(request, "manage/categories.html", {**kit.frame("categories"), **context})


def _line(row: Category, routes: dict[Any, int]) -> dict[str, Any]:
    return {"row": row, "url": link("manage_category", str(row.pk)), "routes": routes.get(row.pk, 0)}


@require_http_methods(["GET", "POST"])
@kit.room("categories")
def add(request: HttpRequest) -> HttpResponse:
    """Add a category."""
    form = NewCategoryForm(
        request.POST if request.method == "POST" else None, initial={"parent": request.GET.get("under")}
    )
    if form.is_valid():
        try:
            row = classification.add_category(by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, f"已新增“{row.name}”。")
            return HttpResponseRedirect(link("manage_categories"))
    return _form(request, form, "新增分类", "", "新增", link("manage_categories"))


@require_http_methods(["GET", "POST"])
@kit.room("categories")
def category(request: HttpRequest, code: str) -> HttpResponse:
    """One category: its name, its words, its codes elsewhere."""
    row = _found(code)
    outside = "\n".join(f"{system}：{number}" for system, number in sorted(row.outside_codes.items()))
    now = {"name": row.name, "hints": "、".join(row.hints), "outside": outside}
    form = CategoryForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        try:
            classification.edit_category(row, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, "已保存。")
            return HttpResponseRedirect(link("manage_category", code))
    intro = f"代码 {code}{'，上级：' + row.parent.name if row.parent else '，第一级'}{'' if row.active else '；已停用'}"
    more = {"use": link("manage_category_use", code), "active": row.active, "history": kit.history(f"category:{code}")}
    return _form(request, form, row.name, intro, "保存", link("manage_categories"), "manage/category.html", **more)


def _found(code: str) -> Category:
    return get_object_or_404(Category.objects.select_related("parent"), pk=code)


@require_http_methods(["GET", "POST"])
@kit.room("categories")
def use(request: HttpRequest, code: str) -> HttpResponse:
    """Take a category out of use, or back."""
    row = _found(code)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    word = "停用" if row.active else "恢复"
    if form.is_valid():
        classification.put_category(row, by=actor_of(request), active=not row.active, **form.cleaned_data)
        messages.success(request, f"已{word}“{row.name}”。")
        return HttpResponseRedirect(link("manage_category", code))
    intro = "停用后登记和甄别时不再列出；已登记的事项不变。" if row.active else "恢复后登记和甄别时可以选择。"
    return _form(request, form, f"{word}：{row.name}", intro, word, link("manage_category", code))


def _form(
    request: HttpRequest, form: Any, heading: str, intro: str, button: str, back: str,
    template: str = "manage/form.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": back, **more}
    frame = kit.frame("categories", (heading, ""))
    return render(request, template, {**frame, **context}, status=422 if form.is_bound else 200)
