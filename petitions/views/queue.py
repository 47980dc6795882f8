"""Whose turn is it?  The counter's side: a number for who walks in, the next one called to one's window."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions import hall
from petitions.errors import BadInput
from petitions.views.answers import actor_of, refusals
from petitions.views.links import next_of

WINDOW_KEY = "window"  # in the session: at which window its person sits today


def at_counter(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What the home page of a counter shows of the queue (`petitions/_queue_desk.html`)."""
    office, window = hall.desk_of(actor), str(request.session.get(WINDOW_KEY, ""))
    queue = hall.queue(office)
    mine = next((row for row in queue.called if row.window == window), None)
    return {"hall_queue": queue, "hall_window": window, "hall_mine": mine}


@signed_in
@refusals
@require_POST
def window(request: HttpRequest) -> HttpResponse:
    """Say at which window one sits; kept for this session."""
    hall.desk_of(actor_of(request))
    typed = request.POST.get("window", "").strip()
    if not typed or len(typed) > 6 or not typed.isprintable():
        raise BadInput({"window": "窗口号用1到6个字，例如：3。"}, rule="接待大厅")
    request.session[WINDOW_KEY] = typed
    return _back(request, f"您在{typed}号窗口。")


@signed_in
@refusals
@require_POST
def ticket(request: HttpRequest) -> HttpResponse:
    """Give out a number: to be said or written down; no name is asked for."""
    made = hall.take(hall.desk_of(actor_of(request)))
    return _back(request, f"取到 {made.number} 号，请来访人看屏幕等候。")


@signed_in
@refusals
@require_POST
def call(request: HttpRequest) -> HttpResponse:
    """Call the next number, or (``do``) the same one again, or say that it did not come, or that nobody is there."""
    office, mine = hall.desk_of(actor_of(request)), str(request.session.get(WINDOW_KEY, ""))
    if not mine:
        raise BadInput({"window": "请先填写您的窗口号。"}, rule="接待大厅")
    do = request.POST.get("do", "next")
    if do in ("missed", "done"):
        hall.leave(office, mine, missed=do == "missed")
        return _back(request, "已记为过号。" if do == "missed" else "已接待完。")
    row = hall.again(office, mine) if do == "again" else hall.call(office, mine)
    if row is None:
        return _back(request, "现在没有人等候。")
    return _back(request, f"请 {row.number} 号到{mine}号窗口。")


def _back(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(next_of(request, "/"))
