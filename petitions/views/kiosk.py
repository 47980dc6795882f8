"""A device in the hall for people without a phone: take a number, ask how far it is, rate.  No staff, no traces.

Every key on the screen is a button that sends the page: no script is needed, and after sixty seconds without a touch the
page itself goes back to the start.  Code and second factor go through the same door and throttle as ``/q/``, and the
verdict through the same verb.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access_log, dates
from accounts.address import client_address
from accounts.models import AccessKind
from petitions import hall, plainly, public_access, querycode
from petitions.actions import rate
from petitions.errors import Refused, WrongMoment
from petitions.models import HallDevice, Rating
from petitions.views.hall import DEVICE_COOKIE
from petitions.views.public import close, open_here, opened

COOKIE, PATH = DEVICE_COOKIE, "/hall/"
YEAR = 366 * 24 * 3600
IDLE = 60  # seconds without a touch
TRIES, WAIT = 10, 15 * 60
_VISIT = "kiosk"  # in the session: which visit to the device this is
LETTERS, DIGITS = querycode.ALPHABET, "0123456789X"
View = Callable[[HttpRequest, HallDevice], HttpResponse]


def on_device(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Let only a device of the hall in; never a browser in which staff are signed in (domain.md §8)."""

    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            access_log.log(getattr(request, "actor", None), AccessKind.REFUSED, data={"what": "kiosk"})
            return render(request, "petitions/public/not_here.html", status=403)
        device = hall.device_of(request.COOKIES.get(COOKIE, ""))
        if device is None:
            return HttpResponseRedirect(reverse("petitions:kiosk_open"))
        return view(request, device)

    return never_cache(asked)


def _page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page that goes back to the start by itself when nobody touches it."""
    response = render(request, f"hall/{template}.html", context, status=status)
    if template != "kiosk":
        response["Refresh"] = f"{IDLE}; url={reverse('petitions:kiosk')}"
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def open_device(request: HttpRequest) -> HttpResponse:
    """Type the code that the administrator was given: once for each device."""
    if request.user.is_authenticated:
        return render(request, "petitions/public/not_here.html", status=403)
    if request.method != "POST":
        return _page(request, "kiosk_open")
    key = f"hall:{client_address(request)}"
    if cache.get(key, 0) >= TRIES:
        return _page(request, "kiosk_open", status=429, wrong="填错的次数太多了，请过15分钟再试。")
    token = hall.open_device(request.POST.get("code", "")[:40])
    if token is None:
        cache.set(key, cache.get(key, 0) + 1, WAIT)
        return _page(request, "kiosk_open", status=422, wrong="启用码不对，或者已经过了30分钟。请管理员重新添加设备。")
    response = HttpResponseRedirect(reverse("petitions:kiosk"))
    response.set_cookie(
        COOKIE, token, max_age=YEAR, path=PATH, httponly=True, samesite="Strict", secure=request.is_secure()
    )
    return response


@require_GET
@on_device
def start(request: HttpRequest, device: HallDevice) -> HttpResponse:
    """The first page: whatever was open is closed."""
    close(request)
    request.session.flush()
    response = _page(request, "kiosk", queue=hall.queue(device.office_id))
    response["Clear-Site-Data"] = '"cache"'
    return response


@require_POST
@on_device
def ticket(request: HttpRequest, device: HallDevice) -> HttpResponse:
    """Take a number."""
    try:
        made = hall.take(device.office_id)
    except WrongMoment as refused:
        return _page(request, "kiosk_said", status=409, title=refused.message)
    ahead = hall.queue(device.office_id).waiting - 1
    words = f"前面还有{ahead}位。" if ahead > 0 else "下一个就是您。"
    return _page(
        request, "kiosk_said", title=f"您是 {made.number} 号", words=f"{words}请看大屏幕，叫到您的号再到窗口。"
    )


@require_http_methods(["GET", "POST"])
@on_device
def code(request: HttpRequest, device: HallDevice) -> HttpResponse:
    """Key in the query code, then the second factor.  ``press``: a key; ``back``: the last sign away; ``go``: on.

    What was sent before the last return to the start is not taken again: a browser may keep it in its history.
    """
    if request.method != "POST":
        request.session[_VISIT] = querycode.new_ref()
        return _keys(request, "", "", second=False)
    if request.POST.get("visit", "-") != request.session.get(_VISIT):
        return HttpResponseRedirect(reverse("petitions:kiosk"))
    said = {name: request.POST.get(name, "")[:20] for name in ("code", "tail", "press", "do")}
    code, tail = querycode.normalise(said["code"])[: querycode.LENGTH], _kept(said["tail"])
    second = bool(request.POST.get("second")) and len(code) == querycode.LENGTH
    if said["do"] == "back":
        code, tail = (code, tail[:-1]) if second else (code[:-1], tail)
    elif len(said["press"]) == 1 and second:
        tail = _kept(tail + said["press"])
    elif len(said["press"]) == 1 and said["press"] in LETTERS:
        code = (code + said["press"])[: querycode.LENGTH]
    elif said["do"] == "go" and second:
        return _asked(request, code, tail)
    elif said["do"] == "go" and len(code) == querycode.LENGTH:
        second = True
    return _keys(request, code, tail, second=second)


def _kept(tail: str) -> str:
    return "".join(mark for mark in tail.upper() if mark in DIGITS)[: public_access.TAIL]


def _keys(
    request: HttpRequest, code: str, tail: str, *, second: bool, wrong: str = "", status: int = 200
) -> HttpResponse:
    size = public_access.TAIL if second else querycode.LENGTH
    typed = tail if second else code
    return _page(
        request, "kiosk_keys", visit=request.session.get(_VISIT, ""), code=code, tail=tail, second=second, wrong=wrong, status=status, typed=typed,
        keys=DIGITS if second else LETTERS, full=len(typed) == size, size=size, places=[*typed, *[""] * (size - len(typed))],
    )  # fmt: skip


def _asked(request: HttpRequest, code: str, tail: str) -> HttpResponse:
    try:
        found = open_here(request, code, tail)
    except public_access.Throttled:
        return _page(
            request, "kiosk_said", status=429, title="填错的次数太多了", words="请过15分钟再试，或者到窗口问。"
        )
    if not found:
        wrong = "查询码或者后4位不对，请看着告知单再填一次。"
        return _keys(request, "", "", second=False, wrong=wrong, status=422)
    return HttpResponseRedirect(reverse("petitions:kiosk_rate"))


@require_http_methods(["GET", "POST"])
@on_device
def rating(request: HttpRequest, device: HallDevice) -> HttpResponse:
    """How far it is; after closure the verdict on the office and on the unit, one at a time."""
    held = opened(request)
    if held is None:
        return HttpResponseRedirect(reverse("petitions:kiosk"))
    filing, full = held
    said = ""
    if request.method == "POST" and full:
        try:
            rate(filing, target=request.POST.get("target", ""), value=request.POST.get("value", ""))
            said = "收到您的评价了，谢谢。"
        except Refused as refused:
            said = refused.message
    status = plainly.status_of(filing, full=full, today=dates.today())
    target, name = next(iter(status.may_rate), ("", ""))
    values = [(value, label) for value, label in Rating.Value.choices]
    return _page(request, "kiosk_rate", found=status, target=target, name=name, values=values, said=said)
