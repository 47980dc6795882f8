"""What does the hall show, and which devices stand there?  Kept by the system administrator; every change is written down."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.dates import today
from accounts.errors import BadInput
from accounts.models import Department
from petitions import hall
from petitions.forms.manage.hall import DeviceForm, EntryForm
from petitions.forms.manage.staff import ReasonForm
from petitions.models import BoardEntry, HallDevice
from petitions.querycode import grouped
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit

SHOWN = 200


@require_safe
@kit.room("hall")
def overview(request: HttpRequest) -> HttpResponse:
    """The board's entries by question, those that are off last; the devices; the way to the screen."""
    rows = list(BoardEntry.objects.order_by("kind", "place", "pk")[:SHOWN])
    order, day = list(BoardEntry.Kind), today()
    lines = [{"row": row, "state": _state(row, day), "url": link("manage_board_entry", str(row.pk))} for row in rows]
    lines.sort(key=lambda line: (line["state"] == "off", order.index(line["row"].kind), line["row"].place))  # type: ignore[attr-defined]
    held = {row.kind for row in rows if _state(row, day) == "on"}
    missing = hall.owed(held)
    ours = [kind.label for kind in hall.OWED if kind.value not in held and kind.label not in missing]
    devices = [
        {"row": row, "end": link("manage_end_device", str(row.pk)), "screen": hall_screen(row.office)}
        for row in HallDevice.objects.filter(ended_at=None).select_related("office").order_by("pk")
    ]
    context = {
        "lines": lines, "devices": devices, "missing": missing, "ours": ours,
        "add": link("manage_add_board_entry"), "add_device": link("manage_add_device"),
        "history": kit.history(*(f"board:{row.pk}" for row in rows), *(f"device:{d['row'].pk}" for d in devices)),  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "manage/hall.html", {**kit.frame("hall"), **context})


def hall_screen(office: Department) -> str:
    """The address of the screen that calls the numbers of ``office``; "" where none are called."""
    if not hall.has_counters(office):
        return ""
    return f"{reverse('petitions:hall_screen')}?office={quote(office.code)}"


def _state(row: BoardEntry, day: Any) -> str:
    if row.valid_to is not None and row.valid_to < day:
        return "off"
    return "on" if row.valid_from <= day else "later"


@require_http_methods(["GET", "POST"])
@kit.room("hall")
def add_entry(request: HttpRequest) -> HttpResponse:
    """Put something on the board."""
    return _entry(request, None, "新增公示")


@require_http_methods(["GET", "POST"])
@kit.room("hall")
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an entry."""
    return _entry(request, get_object_or_404(BoardEntry, pk=pk), "修改公示")


def _entry(request: HttpRequest, row: BoardEntry | None, heading: str) -> HttpResponse:
    names = ("kind", "title", "text", "place", "valid_from", "valid_to")
    begin = {name: getattr(row, name) for name in names} if row else {"valid_from": today(), "place": 10}
    form = EntryForm(request.POST if request.method == "POST" else None, initial=begin)
    if form.is_valid():
        try:
            hall.put_entry(row, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            return _done(request, "已保存，公示页上已经更新。")
    intro = "第十八条要求向社会公布的内容。写得让不识几个字的老人也听得懂。"
    more = link("manage_end_board_entry", str(row.pk)) if row else ""
    return _form(request, form, heading, intro, "保存", more=more)


@require_http_methods(["GET", "POST"])
@kit.room("hall")
def end_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an entry off."""
    row = get_object_or_404(BoardEntry, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        hall.end_entry(row, by=actor_of(request), **form.cleaned_data)
        return _done(request, "已撤下。")
    return _form(request, form, f"撤下：{row.title}", "从今天起公示页上不再显示。", "撤下")


@never_cache
@require_http_methods(["GET", "POST"])
@kit.room("hall")
def add_device(request: HttpRequest) -> HttpResponse:
    """Add a device; its code is shown this once."""
    form = DeviceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        row, code = hall.add_device(by=actor_of(request), **form.cleaned_data)
        context = {"device": row, "code": grouped(code), "address": request.build_absolute_uri(link("kiosk_open"))}
        return render(request, "manage/device.html", {**kit.frame("hall", ("新增设备", "")), **context})
    return _form(request, form, "新增大厅设备", "评价机上不登录工作人员，只凭这台设备自己的令牌。", "新增")


@require_http_methods(["GET", "POST"])
@kit.room("hall")
def end_device(request: HttpRequest, pk: int) -> HttpResponse:
    """A device is taken away."""
    row = get_object_or_404(HallDevice, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        hall.end_device(row, by=actor_of(request), **form.cleaned_data)
        return _done(request, "已停用。")
    return _form(request, form, f"停用：{row.name}", "停用后这台设备立即不能再查询、评价和取号。", "停用")


def _done(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(link("manage_hall"))


def _form(
    request: HttpRequest, form: Any, heading: str, intro: str, button: str, *, more: str = ""
) -> HttpResponse:  # fmt: skip
    context = {
        "heading": heading, "intro": intro, "form": form, "button": button, "back": link("manage_hall"), "more": more,
    }  # fmt: skip
    frame = kit.frame("hall", (heading, ""))
    return render(request, "manage/board_entry.html", {**frame, **context}, status=422 if form.is_bound else 200)
