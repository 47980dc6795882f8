"""Signing in and out, acting in another post, changing the password, ending one's other sessions."""

from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access_log, founding
from accounts.address import client_address
from accounts.forms import PasswordForm, SignInForm
from accounts.middleware import POST_KEY, actor_of
from accounts.models import AccessKind, User


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a person in; five wrong passwords lock the account and the address for a while."""
    if request.method == "GET" and founding.needed():
        return HttpResponseRedirect("/setup/")
    form = SignInForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _sign_in_page(request, form, 422 if form.is_bound else 200)
    address = client_address(request) or None
    user = authenticate(request, **form.cleaned_data)
    if user is None:
        access_log.log(None, AccessKind.SIGN_IN_FAILED, address=address)
        if not AxesProxyHandler.is_allowed(request, {"username": form.cleaned_data["username"]}):
            return locked(request)
        form.add_error(None, "帐号或者密码不对。")
        return _sign_in_page(request, form, 422)
    login(request, user)
    actor = actor_of(request)
    access_log.log(actor, AccessKind.SIGN_IN, address=address)
    return HttpResponseRedirect(_next(request))


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int) -> HttpResponse:
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/sign_in.html", context, status=status)


def locked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """The page that a locked account or address gets."""
    return render(request, "accounts/locked.html", {"minutes": settings.LOGIN_LOCK_MINUTES}, status=429)


def _next(request: HttpRequest) -> str:
    """Where to go after signing in: a path of this site, else home."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and safe else settings.LOGIN_REDIRECT_URL


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; the browser is told to empty what our pages had stored in it, beside what they wipe themselves."""
    if request.user.is_authenticated:
        access_log.log(getattr(request, "actor", None), AccessKind.SIGN_OUT)
    logout(request)
    response = redirect("accounts:sign_in")
    if request.is_secure():  # over plain http a browser ignores it, and complains
        response["Clear-Site-Data"] = '"storage"'
    return response


@require_POST
def switch_post(request: HttpRequest) -> HttpResponse:
    """Act in another of one's posts; one that is not held today changes nothing."""
    before = getattr(request, "actor", None)
    if before is None:
        return redirect("accounts:sign_in")
    wanted = request.POST.get("post", "")
    request.session[POST_KEY] = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 12 else None
    after = actor_of(request)
    if after is None or str(after.post.pk) != wanted:
        request.session[POST_KEY] = before.post.pk
        messages.error(request, "您今天不在这个岗位上。")
    else:
        access_log.log(after, AccessKind.SWITCH_POST)
    return redirect(settings.LOGIN_REDIRECT_URL)


@sensitive_post_parameters("old", "new", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's password; every other session of the person ends with it."""
    user = request.user
    if not isinstance(user, User):
        return redirect("accounts:sign_in")
    form = PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if not form.is_valid():
        return render(request, "accounts/password.html", {"form": form}, status=422 if form.is_bound else 200)
    user.set_password(form.cleaned_data["new"])
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    update_session_auth_hash(request, user)
    access_log.log(getattr(request, "actor", None), AccessKind.CHANGE_SETTING, data={"what": "password"})
    messages.success(request, "密码已修改，您在其他地方的登录都已退出。")
    return redirect(settings.LOGIN_REDIRECT_URL)
