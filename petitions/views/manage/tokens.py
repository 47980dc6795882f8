"""Which programs may act as whom?  The security administrator makes tokens, shows each once, and revokes them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.dates import today
from accounts.errors import BadInput
from accounts.models import ApiToken
from accounts.tokens import held_today, token_target
from petitions import programs as verbs
from petitions.forms.manage.interfaces import TokenForm
from petitions.forms.manage.staff import ReasonForm
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit

LATEST = 100


@require_safe
@kit.room("tokens")
def tokens(request: HttpRequest) -> HttpResponse:
    """Every token, the newest first, with whom it acts as and when it was last used."""
    rows = list(_rows().order_by("-pk")[:LATEST])
    history = kit.history(*(token_target(row) for row in rows[:20]))
    context = {"lines": [_line(row) for row in rows], "add": link("manage_add_token"), "history": history}
    return render(request, "manage/tokens.html", {**kit.frame("tokens"), **context})


def _rows() -> Any:
    return ApiToken.objects.select_related("post__user", "post__department", "delegation__to_user")


def _line(row: ApiToken) -> dict[str, Any]:
    state = _state(row)
    return {"row": row, "state": state, "end": link("manage_revoke_token", str(row.pk)) if state != "revoked" else ""}


def _state(row: ApiToken) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.valid_to < today():
        return "over"
    return "now" if held_today(row.post, row.delegation) else "empty"


@never_cache
@require_http_methods(["GET", "POST"])
@kit.room("tokens")
def add(request: HttpRequest) -> HttpResponse:
    """Make a token: it is shown on this answer and nowhere else."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row, words = verbs.make(by=actor_of(request), **form.told())
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            return _shown(request, row, words)
    intro = "令牌代替所选岗位的人读写，每次读写都记在这个人和这个令牌名下；不能看隐藏的证件、电话，不能评价，不能进管理页面。发放和收回都会告知这个人。"
    context = {
        "heading": "发放令牌",
        "intro": intro,
        "form": form,
        "button": "发放并显示",
        "back": link("manage_tokens"),
    }
    frame = kit.frame("tokens", ("发放令牌", ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)


def _shown(request: HttpRequest, row: ApiToken, words: str) -> HttpResponse:
    context = {
        "heading": f"{row.name}的令牌", "secret": words, "back": link("manage_tokens"),
        "text": "请当面或者用密封方式交给对方系统的负责人，写在 Authorization: Bearer 后面。",
        "lost": "系统不保存原文；丢失了就收回，重新发放。",
    }  # fmt: skip
    return render(request, "manage/secret.html", {**kit.frame("tokens", (row.name, "")), **context})


@require_http_methods(["GET", "POST"])
@kit.room("tokens")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    row = get_object_or_404(_rows(), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        verbs.revoke(row, by=actor_of(request), **form.cleaned_data)
        messages.success(request, f"{row.name}的令牌已收回，立即失效；已告知岗位上的人。")
        return HttpResponseRedirect(link("manage_tokens"))
    context = {
        "heading": "收回令牌", "intro": f"{row.name}（{row.prefix}…）以{row.post}读写。收回后立即失效，不能恢复。",
        "form": form, "button": "收回", "back": link("manage_tokens"), "danger": True,
    }  # fmt: skip
    frame = kit.frame("tokens", ("收回令牌", ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)
