"""Which towns and villages are there?  A place, what lies below it, and its own page's three verbs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import places
from accounts.errors import BadInput
from accounts.models import Region, RegionLevel
from petitions.forms.manage.staff import ReasonForm
from petitions.forms.manage.tables import PlaceForm, RenameForm
from petitions.models import RoutingRule
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.lists import clean_line
from petitions.views.manage import kit

MOST = 200


@require_safe
@kit.room("regions")
def regions(request: HttpRequest) -> HttpResponse:
    """The towns of the county; with ``?q=`` whatever is called so."""
    text = clean_line(request.GET.get("q", ""))
    rows = Region.objects.filter(level__in=("county", "town"))
    if text:
        rows = Region.objects.filter(Q(name__icontains=text) | Q(pk__startswith=text))
    context = {"lines": _lines(rows), "q": text}
    return render(request, "manage/regions.html", {**kit.frame("regions"), **context})


def _lines(rows: Any) -> list[dict[str, Any]]:
    found = rows.annotate(below=Count("children", filter=Q(children__active=True))).order_by("pk")[:MOST]
    return [{"row": row, "url": link("manage_region", row.pk)} for row in found]


@require_safe
@kit.room("regions")
def region(request: HttpRequest, code: str) -> HttpResponse:
    """One place: what lies below it, the routing rules that name it, what was changed."""
    row = _found(code)
    context = {
        "region": row, "lines": _lines(row.children.all()), "rules": RoutingRule.objects.filter(region=row).count(),
        "may_add": RegionLevel(row.level) in places.BELOW,
        "links": {name: link(f"manage_region_{name}", code) for name in ("add", "rename", "use")},
        "history": kit.history(f"region:{code}"),
    }  # fmt: skip
    return render(request, "manage/region.html", {**kit.frame("regions", *_way(row)), **context})


def _way(row: Region) -> list[tuple[str, str]]:
    above = [(row.parent.name, link("manage_region", row.parent.pk))] if row.parent and row.level == "village" else []
    return [*above, (row.name, "")]


def _found(code: str) -> Region:
    return get_object_or_404(Region.objects.select_related("parent"), pk=code)


@require_http_methods(["GET", "POST"])
@kit.room("regions")
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a place below this one."""
    row = _found(code)
    form = PlaceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            places.add(row, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            return _done(request, code, "已新增。")
    return _form(request, row, form, f"在{row.name}下新增", "", "新增")


@require_http_methods(["GET", "POST"])
@kit.room("regions")
def rename(request: HttpRequest, code: str) -> HttpResponse:
    """Give the place another name."""
    row = _found(code)
    form = RenameForm(request.POST if request.method == "POST" else None, initial={"name": row.name})
    if form.is_valid():
        places.rename(row, by=actor_of(request), **form.cleaned_data)
        return _done(request, code, "已更名；已登记的事项显示新名称，变更记录里留有原名。")
    return _form(request, row, form, f"更名：{row.name}", "", "保存")


@require_http_methods(["GET", "POST"])
@kit.room("regions")
def use(request: HttpRequest, code: str) -> HttpResponse:
    """Take the place out of use, or back."""
    row = _found(code)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    word = "停用" if row.active else "恢复"
    if form.is_valid():
        places.put(row, by=actor_of(request), active=not row.active, **form.cleaned_data)
        return _done(request, code, f"已{word}。")
    intro = "停用后登记和甄别时不再列出；已登记的事项不变。" if row.active else "恢复后登记和甄别时可以选择。"
    return _form(request, row, form, f"{word}：{row.name}", intro, word)


def _done(request: HttpRequest, code: str, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(link("manage_region", code))


def _form(request: HttpRequest, row: Region, form: Any, heading: str, intro: str, button: str) -> HttpResponse:
    context = {
        "heading": heading,
        "intro": intro,
        "form": form,
        "button": button,
        "back": link("manage_region", row.pk),
    }
    frame = kit.frame("regions", (row.name, link("manage_region", row.pk)), (heading, ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)
