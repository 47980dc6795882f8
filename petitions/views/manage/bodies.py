"""Which bodies are there, and what becomes of their work when they change?  Nothing that takes work away is done unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import bodies as verbs
from accounts.dates import today
from accounts.errors import BadInput
from accounts.models import Department
from petitions import large_changes, placement, reorganise
from petitions.actions.moving import open_posts
from petitions.forms.manage.bodies import CloseForm, MoveForm, NamesForm, NewBodyForm, ReachedForm, SplitForm
from petitions.models import Job
from petitions.reorganise import Plan, PlanChanged
from petitions.views import jobs as job_pages
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.lists import clean_line
from petitions.views.manage import kit

MOST = 300
_ACTIONS = ("rename", "reach", "move", "close", "split")


@require_safe
@kit.room("departments")
def bodies(request: HttpRequest) -> HttpResponse:
    """The tree of bodies in force; with ``?gone=1`` those that are no longer, with ``?q=`` whatever is called so."""
    gone, text = request.GET.get("gone") == "1", clean_line(request.GET.get("q", ""))
    rows = Department.objects.exclude(kind__in=verbs.FIXED).select_related("successor").order_by("path")
    rows = rows.filter(valid_to__lt=today()) if gone else rows.in_force(today())
    if text:
        rows = rows.filter(_called(text)).distinct()
    context = {"lines": _lines(rows), "q": text, "gone": gone, "add": link("manage_add_body")}
    return render(request, "manage/bodies.html", {**kit.frame("departments"), **context})


def _called(text: str) -> Q:
    """By a name it bears or bore, or its code."""
    now = Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__istartswith=text)
    return now | Q(former_names__name__icontains=text)


def _lines(rows: QuerySet[Department]) -> list[dict[str, Any]]:
    held = Q(posts__valid_to=None) | Q(posts__valid_to__gte=today())
    found = rows.annotate(people=Count("posts__user", filter=held, distinct=True))[:MOST]
    return [
        {"row": row, "depth": min(row.path.count("/") - 2, 3), "url": link("manage_body", str(row.pk))} for row in found
    ]


def _found(pk: int) -> Department:
    rows = Department.objects.exclude(kind__in=verbs.FIXED).select_related("parent", "region", "successor")
    return get_object_or_404(rows, pk=pk)


@require_safe
@kit.room("departments")
def body(request: HttpRequest, pk: int) -> HttpResponse:
    """One body: what it is, its people, what lies below it, its names, what was changed."""
    row = _found(pk)
    context = {
        "body": row, "facts": verbs.facts(row), "in_force": verbs.in_force(row), "posts": open_posts(row),
        "children": list(row.children.order_by("code")), "former": list(row.former_names.all()),
        "predecessors": list(row.predecessors.order_by("valid_to")), "open": reorganise.unfinished(row).count(),
        "links": {name: link(f"manage_body_{name}", str(pk)) for name in _ACTIONS},
        "history": kit.history(verbs.target(row)),
    }  # fmt: skip
    return render(request, "manage/body.html", {**kit.frame("departments", (row.name, "")), **context})


# --- what touches no matter ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@kit.room("departments")
def add(request: HttpRequest) -> HttpResponse:
    """Set up a body."""
    form = NewBodyForm(request.POST if request.method == "POST" else None)
    run = lambda **said: verbs.add(by=actor_of(request), **said)  # noqa: E731
    return _form(request, form, run, "新设单位", "从今天起成立；设立后由安全管理员授予岗位。", "新设", None)


@require_http_methods(["GET", "POST"])
@kit.room("departments")
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the body another name."""
    row = _found(pk)
    begin = {name: getattr(row, name) for name in ("name", "short_name", "paper_prefix")}
    form = NamesForm(request.POST if request.method == "POST" else None, initial=begin)
    run = lambda **said: verbs.rename(row, by=actor_of(request), **said)  # noqa: E731
    intro = "从今天起用新名称；以前的文书、办理记录仍显示当时的名称。文号接着编，不会重复。"
    return _form(request, form, run, f"更名：{row.name}", intro, "更名", row)


@require_http_methods(["GET", "POST"])
@kit.room("departments")
def reach(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct how the body is reached."""
    row = _found(pk)
    begin = {name: getattr(row, name) for name in ("phone", "address", "opening_hours", "region")}
    form = ReachedForm(request.POST if request.method == "POST" else None, initial=begin)
    run = lambda **said: verbs.correct(row, by=actor_of(request), **said)  # noqa: E731
    return _form(request, form, run, f"联系方式：{row.name}", "告知书和查询页上给信访人看的。", "保存", row)


def _form(
    request: HttpRequest, form: Any, run: Callable[..., Department], heading: str, intro: str, button: str,
    row: Department | None,
) -> HttpResponse:  # fmt: skip
    back = link("manage_body", str(row.pk)) if row else link("manage_departments")
    if form.is_valid():
        try:
            done = run(**form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, "已保存。")
            return HttpResponseRedirect(link("manage_body", str(done.pk)))
    way = [(row.name, back)] if row else []
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": back}
    frame = kit.frame("departments", *way, (heading, ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)


# --- what changes who has or sees work: looked at first ---------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@kit.room("departments")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the body under another one."""
    row = _found(pk)
    form = MoveForm(request.POST if request.method == "POST" else None, initial={"parent": row.parent})

    def plan(said: dict[str, Any]) -> Plan:
        return placement.plan(row, said["parent"])

    def run(said: dict[str, Any]) -> Plan:
        return placement.move(row, said["parent"], by=actor_of(request), **_said(said))

    return _changed(request, row, form, plan, run, f"调整隶属：{row.name}")


@require_http_methods(["GET", "POST"])
@kit.room("departments")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge the body into another, or abolish it."""
    row = _found(pk)
    form = CloseForm(row, request.POST if request.method == "POST" else None)

    def plan(said: dict[str, Any]) -> Plan:
        return reorganise.plan(row, said["successor"])

    def run(said: dict[str, Any]) -> Plan:
        return reorganise.close(row, said["successor"], by=actor_of(request), **_said(said))

    def begin(said: dict[str, Any]) -> Job | None:
        return large_changes.begin(row, said["successor"], reorganise.WHOLE, by=actor_of(request), **_said(said))

    return _changed(request, row, form, plan, run, f"合并或撤销：{row.name}", begin)


@require_http_methods(["GET", "POST"])
@kit.room("departments")
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a part of what the body does to another one."""
    row = _found(pk)
    form = SplitForm(row, request.POST if request.method == "POST" else None)

    def plan(said: dict[str, Any]) -> Plan:
        return reorganise.plan(row, said["successor"], _part(said))

    def run(said: dict[str, Any]) -> Plan:
        return reorganise.split(row, said["successor"], _part(said), by=actor_of(request), **_said(said))

    def begin(said: dict[str, Any]) -> Job | None:
        return large_changes.begin(row, said["successor"], _part(said), by=actor_of(request), **_said(said))

    return _changed(request, row, form, plan, run, f"划出职能：{row.name}", begin)


def _part(said: dict[str, Any]) -> reorganise.Part:
    part = reorganise.part_of(said["categories"], said["regions"], said["posts"])
    if part.whole:
        raise BadInput({"categories": "请选择划出的内容分类或者属地。"})
    return part


def _said(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in ("reason", "mark", "seen")}


def _changed(
    request: HttpRequest,
    row: Department,
    form: Any,
    plan: Callable[[Any], Plan],
    run: Callable[[Any], Plan],
    heading: str,
    begin: Callable[[Any], Job | None] = lambda said: None,
) -> HttpResponse:
    """The first press shows what would move, the second does it; what has changed since is shown and nothing is done.

    Args:
        begin: begins it in the background where much moves.
    """
    if not form.is_valid():
        return _look(request, row, form, heading, status=422 if form.is_bound else 200)
    said, differs = form.cleaned_data, list[str]()
    try:
        if request.POST.get("do") == "keep":
            if (job := begin(said)) is not None:
                return job_pages.begin(job)
            done = run(said)
            to = f"，{done.many}件在办事项转到{done.successor.name}" if done.successor else ""
            messages.success(request, f"已完成{to}。")
            return HttpResponseRedirect(link("manage_body", str(row.pk)))
    except PlanChanged as refused:
        differs = refused.differs or ["换了单位或者范围"]
    except BadInput as refused:
        kit.put_on(form, refused)
        return _look(request, row, form, heading, status=422)
    try:
        return _look(request, row, form, heading, plan(said), differs, status=409 if differs else 200)
    except BadInput as refused:
        kit.put_on(form, refused)
        return _look(request, row, form, heading, status=422)


def _look(
    request: HttpRequest, row: Department, form: Any, heading: str, plan: Plan | None = None,
    differs: list[str] | None = None, *, status: int = 200,
) -> HttpResponse:  # fmt: skip
    if plan is not None:
        form.data = form.data.copy()
        form.data["mark"], form.data["seen"] = plan.mark, json.dumps(plan.seen, ensure_ascii=False)
    back = link("manage_body", str(row.pk))
    context = {
        "heading": heading, "body": row, "form": form, "plan": plan, "differs": differs, "back": back,
        "long": plan is not None and large_changes.long(plan),
    }  # fmt: skip
    frame = kit.frame("departments", (row.name, back), (heading, ""))
    return render(request, "manage/body_change.html", {**frame, **context}, status=status)
