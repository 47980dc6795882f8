"""Who may do what, and who can sign in?  The security administrator's pages: posts, charge, passwords, locks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import signins, staff
from accounts.dates import today
from accounts.errors import BadInput
from accounts.models import Post, Role, User
from petitions.forms.manage.staff import ChargeForm, EndPostForm, PostForm, ReasonForm
from petitions.homes import open_work_of
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.lists import clean_line
from petitions.views.manage import kit
from petitions.views.manage.people import MOST, found


@require_safe
@kit.room("posts")
def posts(request: HttpRequest) -> HttpResponse:
    """Everybody in service with their posts; those without one first."""
    return _listed(request, "posts")


@require_safe
@kit.room("signins")
def sign_ins(request: HttpRequest) -> HttpResponse:
    """Everybody in service: who has no password yet, who is locked out."""
    return _listed(request, "signins")


def _listed(request: HttpRequest, code: str) -> HttpResponse:
    text = clean_line(request.GET.get("q", ""))
    rows = list(found(text)[: MOST + 1])
    locked = signins.locked_names() if code == "signins" else set()
    lines = [_line(row, locked, code) for row in rows[:MOST]]
    lines.sort(key=lambda line: not line["first"])
    context = {"lines": lines, "more": len(rows) > MOST, "q": text, "of_posts": code == "posts",
               "sheet": link("manage_posts_sheet")}  # fmt: skip
    return render(request, "manage/posts.html", {**kit.frame(code), **context})


def _line(row: User, locked: set[str], code: str) -> dict[str, Any]:
    usable = row.has_usable_password()
    wanting = not row.held if code == "posts" else not usable or row.username in locked  # type: ignore[attr-defined]
    return {
        "row": row, "url": link("manage_holder", str(row.pk)), "locked": row.username in locked, "usable": usable,
        "first": wanting,
    }  # fmt: skip


@require_safe
@kit.room("posts")
def holder(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's posts, and whether they can sign in."""
    user = _person(pk)
    rows = list(Post.objects.filter(user=user).select_related("department").prefetch_related("fields__department"))
    work = open_work_of(rows)
    context = {
        "person": user, "posts": [_post(row, work) for row in rows],
        "locked": user.username in signins.locked_names(), "usable": user.has_usable_password(),
        "links": {name: link(f"manage_{name}", str(pk)) for name in ("give_post", "issue_password", "unlock")},
        "history": kit.history(staff.user_target(user)),
    }  # fmt: skip
    return render(request, "manage/holder.html", {**kit.frame("posts", (user.name, "")), **context})


def _post(row: Post, work: dict[int, int]) -> dict[str, Any]:
    over = row.valid_to is not None and row.valid_to < today()
    leads = row.role == Role.LEADER and not over
    return {
        "row": row, "over": over, "work": work.get(row.pk, 0),
        "charge": [field.department.short_name for field in row.fields.all()],
        "end": "" if over else link("manage_end_post", str(row.pk)),
        "charge_url": link("manage_charge", str(row.pk)) if leads else "",
    }  # fmt: skip


def _person(pk: int) -> User:
    return get_object_or_404(User.objects.exclude(username="system"), pk=pk)


@require_http_methods(["GET", "POST"])
@kit.room("posts")
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a post."""
    user = _person(pk)
    form = PostForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            post = staff.give_post(user, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, f"已授予：{post.department.short_name} {post.get_role_display()}。")
            return HttpResponseRedirect(link("manage_holder", str(pk)))
    intro = "一人可以有几个岗位，在页面右上角切换。三种管理员不能由同一人担任。"
    return _form(request, form, f"授予岗位：{user.name}", intro, "授予", pk)


@require_http_methods(["GET", "POST"])
@kit.room("posts")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a post; what is on its desk is said first."""
    post = get_object_or_404(Post.objects.select_related("user", "department").exclude(role=Role.SYSTEM), pk=pk)
    form = EndPostForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            staff.end_post(post, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, "岗位已收回。")
            return HttpResponseRedirect(link("manage_holder", str(post.user_id)))
    work = open_work_of([post]).get(post.pk, 0)
    intro = f"名下还有 {work} 件在办：由单位重新确定承办人，时限不变。" if work else "名下没有在办事项。"
    return _form(request, form, f"收回岗位：{post}", intro, "收回", post.user_id, danger=True)


@require_http_methods(["GET", "POST"])
@kit.room("posts")
def charge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which bodies a leader is in charge of."""
    post = get_object_or_404(Post.objects.select_related("user", "department"), pk=pk, role=Role.LEADER)
    held = list(post.fields.values_list("department_id", flat=True))
    form = ChargeForm(request.POST if request.method == "POST" else None, initial={"departments": held})
    if form.is_valid():
        staff.set_charge(post, by=actor_of(request), **form.cleaned_data)
        messages.success(request, "分管单位已保存。")
        return HttpResponseRedirect(link("manage_holder", str(post.user_id)))
    return _form(
        request, form, f"分管单位：{post.user.name}", "县领导看到分管单位及其下属的信访事项。", "保存", post.user_id
    )


@never_cache
@require_http_methods(["GET", "POST"])
@kit.room("signins")
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue a password for once: it is shown on this answer and nowhere else."""
    user = _person(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None, initial={"reason": "首次登录"})
    if not form.is_valid():
        intro = "旧密码随即失效，这个人的所有登录都会退出；第一次登录须换成自己的密码。"
        return _form(request, form, f"重设密码：{user.name}", intro, "重设并显示", pk)
    password = signins.issue_password(user, by=actor_of(request), **form.cleaned_data)
    context = {"person": user, "password": password, "back": link("manage_holder", str(pk))}
    return render(request, "manage/password.html", {**kit.frame("signins", (user.name, "")), **context})


@require_http_methods(["GET", "POST"])
@kit.room("signins")
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a lock that wrong passwords closed."""
    user = _person(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        signins.unlock(user, by=actor_of(request), **form.cleaned_data)
        messages.success(request, "已解除锁定。")
        return HttpResponseRedirect(link("manage_holder", str(pk)))
    return _form(request, form, f"解除锁定：{user.name}", "先向本人核实是不是本人输错了密码。", "解除", pk)


def _form(
    request: HttpRequest, form: Any, heading: str, intro: str, button: str, user: int, *, danger: bool = False
) -> HttpResponse:
    back = link("manage_holder", str(user))
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": back, "danger": danger}
    frame = kit.frame("posts", (heading, ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)
