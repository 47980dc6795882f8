"""Links for projectors: made, listed, withdrawn; and the board that such a link opens, without anybody being signed in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.dates import today
from petitions.views.answers import actor_of, is_part
from visits import access
from visits.actions import walls as verbs
from visits.board import board_of
from visits.forms.day import WallForm
from visits.models import WallLink
from visits.views import kit

_SESSION = "wall_link"  # the link made just now: shown once


@never_cache
@require_safe
@kit.page
def walls(request: HttpRequest) -> HttpResponse:
    """The office's links: those that open the board, and those that do no more."""
    actor = actor_of(request)
    office = access.check(actor, access.DESK, "查看大屏链接")
    rows = (
        WallLink.objects.filter(office=office).select_related("made_by__user").order_by("ended_at", "-last_day", "-pk")
    )
    lines = [{"row": row, "open": row.ended_at is None and row.last_day >= today()} for row in rows[:50]]
    return render(request, "visits/walls.html", {"lines": lines, "fresh": request.session.pop(_SESSION, "")})


@require_http_methods(["GET", "POST"])
@kit.page
def make(request: HttpRequest) -> HttpResponse:
    """A new link; the list that follows shows it, once."""
    actor = actor_of(request)
    access.check(actor, access.DESK, "生成大屏链接")

    def run(data: dict[str, Any]) -> str:
        made = verbs.make(actor, **data)
        request.session[_SESSION] = request.build_absolute_uri(reverse("notices:wall", args=[made.token]))
        return kit.url("walls")

    return kit.form_page(
        request, WallForm(kit.data(request)), run, heading="大屏链接", button="生成链接", back=kit.url("walls"),
        intro="在大屏的电脑上打开链接就显示接访大屏，不用登录；只有号码、接待室和领导，没有群众的姓名。",
    )  # fmt: skip


@require_POST
@kit.page
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """A link opens nothing any more."""
    actor = actor_of(request)
    office = access.check(actor, access.DESK, "撤回大屏链接")
    row = get_object_or_404(WallLink, pk=pk, office=office)
    return kit.press(
        request, lambda: verbs.withdraw(actor, row), back=kit.url("walls"), done="已撤回，大屏下一次刷新就打不开。"
    )


@never_cache
@require_safe
def wall(request: HttpRequest, token: str) -> HttpResponse:
    """Today's board on a wall, asked again every few seconds; nothing to press, nothing of who came."""
    link = verbs.opened_by(token)
    if link is None and is_part(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})  # a wall keeps showing nothing of the past
    if link is None:
        raise Http404
    context = {"board": board_of(link.office_id, today()), "source": reverse("notices:wall", args=[token])}
    return render(request, "visits/_wall.html" if is_part(request) else "visits/wall.html", context)
