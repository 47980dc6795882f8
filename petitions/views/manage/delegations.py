"""Who signs for whom?  Every delegation for the security administrator; one's own post for whoever goes away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import lending
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.duties import NOT_LENT
from accounts.errors import BadInput, WrongPerson
from accounts.models import Delegation, Post
from petitions.forms.manage.staff import LendForm, ReasonForm, WhoseForm
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link
from petitions.views.manage import kit

LATEST = 100


@require_safe
@kit.room("delegations")
def delegations(request: HttpRequest) -> HttpResponse:
    """Delegations in force and to come, then those that are over."""
    rows = Delegation.objects.select_related("post__user", "post__department", "to_user").order_by("-valid_to", "-pk")[
        :LATEST
    ]
    lines = [_line(row, link("manage_take_back", str(row.pk))) for row in rows]
    context = {"lines": lines, "form": WhoseForm(), "lend": link("manage_lend")}
    history = kit.history(*(f"delegation:{row.pk}" for row in rows[:20]))
    return render(request, "manage/delegations.html", {**kit.frame("delegations"), **context, "history": history})


def _line(row: Delegation, end: str) -> dict[str, Any]:
    day = today()
    state = "over" if row.valid_to < day else "later" if row.valid_from > day else "now"
    return {"row": row, "state": state, "end": "" if state == "over" else end}


@require_http_methods(["GET", "POST"])
@kit.room("delegations")
def lend(request: HttpRequest) -> HttpResponse:
    """Lend somebody's post on their behalf: first whose (``?post=``), then to whom."""
    whose = WhoseForm(request.GET)
    if not whose.is_valid():
        return render(
            request, "manage/delegations.html", {**kit.frame("delegations"), "form": whose, "lend": ""}, status=422
        )
    return _lend(
        request, whose.cleaned_data["post"], link("manage_delegations"), kit.frame("delegations", ("新增", ""))
    )


@require_http_methods(["GET", "POST"])
@kit.room("delegations")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation."""
    frame = kit.frame("delegations", ("收回", ""))
    return _take_back(request, _found(pk), link("manage_delegations"), frame)


def _found(pk: int) -> Delegation:
    return get_object_or_404(Delegation.objects.select_related("post__user", "post__department", "to_user"), pk=pk)


# --- one's own post ----------------------------------------------------------------------------------------------


def may_lend_own(request: HttpRequest) -> bool:
    """Whether the post acted in is one whose powers can be lent, and one's own."""
    actor = getattr(request, "actor", None)
    return actor is not None and actor.delegation is None and actor.post.role not in NOT_LENT


@require_http_methods(["GET", "POST"])
@signed_in
@refusals
def own(request: HttpRequest) -> HttpResponse:
    """Lend the post one acts in, and see to whom it is lent."""
    if not may_lend_own(request):
        raise WrongPerson("这个岗位的职责不能委托代签；代签的人也不能再委托。", rule="代签规则")
    post = actor_of(request).post
    rows = Delegation.objects.filter(post=post).select_related("to_user", "post__user", "post__department")
    lines = [_line(row, link("take_back_own", str(row.pk))) for row in rows.order_by("-valid_to", "-pk")[:20]]
    return _lend(request, post, link("lend_own"), {"crumbs": [], "lines": lines, "mine": True})


@require_http_methods(["GET", "POST"])
@signed_in
@refusals
def take_back_own(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation of one's own post."""
    row = _found(pk)
    if not lending.may_lend(actor_of(request), row.post):
        raise WrongPerson("代签由本人或者安全管理员收回。", rule="代签规则")
    return _take_back(request, row, link("lend_own"), {"crumbs": [("委托代签", link("lend_own"))]})


def _lend(request: HttpRequest, post: Post, back: str, frame: dict[str, Any]) -> HttpResponse:
    form = LendForm(post, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row = lending.lend(post, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, f"已委托{row.to_user.name}代签，至{row.valid_to:%Y年%-m月%-d日}。")
            return HttpResponseRedirect(back)
    context = {
        "heading": "委托代签", "intro": f"{post}。代签的人在页面右上角切换到这个岗位办理，案卷同时写明两人。",
        "form": form, "button": "委托", "back": "" if frame.get("mine") else back,
    }  # fmt: skip
    return render(request, "manage/lend.html", {**frame, **context}, status=422 if form.is_bound else 200)


def _take_back(request: HttpRequest, row: Delegation, back: str, frame: dict[str, Any]) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        lending.take_back(row, by=actor_of(request), **form.cleaned_data)
        messages.success(request, "代签已收回。")
        return HttpResponseRedirect(back)
    intro = f"{row.post}由{row.to_user.name}代签，{row.valid_from:%-m月%-d日}至{row.valid_to:%-m月%-d日}。"
    context = {"heading": "收回代签", "intro": intro, "form": form, "button": "收回", "back": back}
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)
