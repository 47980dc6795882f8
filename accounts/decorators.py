"""Who may open a page at all?  Only somebody signed in, in a post; everything finer is asked of the page's own scope."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts.forms import SignInForm

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def signed_in(view: View[P]) -> View[P]:
    """Let only a person in a post through: a page leads to the sign-in page and back, a part of a page answers 401."""

    @wraps(view)
    def asked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if getattr(request, "actor", None) is not None:
            return view(request, *args, **kwargs)
        if request.headers.get("HX-Request") or request.headers.get("X-Autosave"):
            return HttpResponse(status=401)
        if request.method != "GET":
            return _sign_in_again(request)
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")

    return cast("View[P]", asked)


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    """A form sent without a session: the sign-in page, leading back to the form, where what was typed waits."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    back = came_from.path if came_from.netloc == request.get_host() else ""
    if back and came_from.query:
        back += f"?{came_from.query}"
    words = "登录已过期，没有改动任何数据。请重新登录，回到刚才的页面。"
    context = {"form": SignInForm(), "next": back, "action": settings.LOGIN_URL, "notice": words}
    return render(request, "accounts/sign_in.html", context, status=401)
