"""Who works here?  The system administrator's pages: find, add, correct, let go, take back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import staff
from accounts.dates import today
from accounts.errors import BadInput
from accounts.models import Post, User
from petitions.forms.manage.staff import CorrectForm, PersonForm, ReasonForm
from petitions.homes import open_work_of
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.lists import clean_line
from petitions.views.manage import kit

MOST = 200


def found(text: str, *, gone: bool = False) -> QuerySet[User]:
    """People by name, sign-in name or body, each with the posts held now or later."""
    posts = Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today())).select_related("department").order_by("pk")
    rows = User.objects.exclude(username="system").filter(is_active=not gone)
    if text:
        body = Q(posts__department__name__icontains=text) | Q(posts__department__short_name__icontains=text)
        rows = rows.filter(Q(name__icontains=text) | Q(username__icontains=text) | body).distinct()
    return rows.prefetch_related(Prefetch("posts", posts, to_attr="held")).order_by("name", "pk")


@require_safe
@kit.room("people")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody in service, or those who have left."""
    text, gone = clean_line(request.GET.get("q", "")), request.GET.get("gone") == "1"
    rows = list(found(text, gone=gone)[: MOST + 1])
    lines = [{"row": row, "url": link("manage_person", str(row.pk))} for row in rows[:MOST]]
    context = {"lines": lines, "more": len(rows) > MOST, "q": text, "gone": gone, "add": link("manage_add_person"),
               "sheet": link("manage_people_sheet")}  # fmt: skip
    return render(request, "manage/people.html", {**kit.frame("people"), **context})


@require_http_methods(["GET", "POST"])
@kit.room("people")
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; posts and a password come from the security administrator."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = staff.add_person(by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, f"已新增{user.name}。岗位和初始密码由安全管理员授予。")
            return HttpResponseRedirect(link("manage_person", str(user.pk)))
    return _form(
        request, form, "新增人员", "先登记这个人；岗位和初始密码由安全管理员授予。", "新增", link("manage_people")
    )


@require_safe
@kit.room("people")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what is kept, the posts, what is on the desk, what was changed."""
    user = _person(pk)
    posts = list(Post.objects.filter(user=user).select_related("department").order_by("valid_to", "pk"))
    work = open_work_of(posts)
    context: dict[str, Any] = {
        "person": user,
        "posts": [{"row": post, "over": _over(post), "work": work.get(post.pk, 0)} for post in posts],
        "links": {name: link(f"manage_person_{name}", str(pk)) for name in ("edit", "leave", "back")},
        "history": kit.history(staff.user_target(user)),
    }
    return render(request, "manage/person.html", {**kit.frame("people", (user.name, "")), **context})


def _over(post: Post) -> bool:
    return post.valid_to is not None and post.valid_to < today()


def _person(pk: int) -> User:
    return get_object_or_404(User.objects.exclude(username="system"), pk=pk)


@require_http_methods(["GET", "POST"])
@kit.room("people")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a name or a number."""
    user = _person(pk)
    now = {"name": user.name, "phone": user.phone, "email": user.email}
    form = CorrectForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        staff.edit_person(user, by=actor_of(request), **form.cleaned_data)
        messages.success(request, "已更正。")
        return HttpResponseRedirect(link("manage_person", str(pk)))
    return _form(
        request, form, f"更正：{user.name}", f"登录名 {user.username} 不变。", "保存", link("manage_person", str(pk))
    )


@require_http_methods(["GET", "POST"])
@kit.room("people")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person go: what is on the desk is said first."""
    user = _person(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        staff.leave(user, by=actor_of(request), **form.cleaned_data)
        messages.success(request, f"{user.name}的帐号已停用，岗位已收回。")
        return HttpResponseRedirect(link("manage_person", str(pk)))
    posts = staff.open_posts(user)
    work = sum(open_work_of(posts).values())
    intro = f"收回 {len(posts)} 个岗位，立即退出所有登录。"
    if work:
        intro += f"名下还有 {work} 件在办：由单位签收岗位或分管领导重新确定承办人，时限不变。"
    return _form(request, form, f"停用：{user.name}", intro, "停用", link("manage_person", str(pk)), danger=True)


@require_http_methods(["GET", "POST"])
@kit.room("people")
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person back, without posts."""
    user = _person(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        staff.come_back(user, by=actor_of(request), **form.cleaned_data)
        messages.success(request, f"{user.name}的帐号已恢复；岗位由安全管理员重新授予。")
        return HttpResponseRedirect(link("manage_person", str(pk)))
    return _form(
        request, form, f"恢复：{user.name}", "恢复后没有岗位，须重新授予。", "恢复", link("manage_person", str(pk))
    )


def _form(
    request: HttpRequest, form: Any, heading: str, intro: str, button: str, back: str, *, danger: bool = False
) -> HttpResponse:
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": back, "danger": danger}
    frame = kit.frame("people", (heading, ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)
