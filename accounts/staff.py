"""Who works here, and in which posts?  The verbs: a person comes, is corrected, leaves; a post is given and ended.

Two administrators share it: the system administrator keeps who the people are, the security administrator what they may do.
Nothing is deleted: what a person did stays under that person's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.dates import today
from accounts.duties import ADMINISTRATORS, clash, fits
from accounts.errors import BadInput, WrongMoment
from accounts.manage import RULE, changed, check_manages
from accounts.models import Department, LeaderField, Post, Role, User

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")


def user_target(user: User) -> str:
    """How the log names a person."""
    return f"user:{user.pk}"


def person_facts(user: User) -> dict[str, object]:
    """Return a person's fields by their names on the page."""
    return {
        "登录名": user.username, "姓名": user.name, "办公电话": user.phone, "电子邮箱": user.email, "在用": user.is_active,
    }  # fmt: skip


def post_facts(post: Post) -> dict[str, object]:
    """Return a post's fields by their names on the page."""
    return {
        "单位": post.department.name, "岗位": Role(post.role).label, "职务": post.title,
        "自": post.valid_from, "至": post.valid_to or "",
    }  # fmt: skip


# --- people -------------------------------------------------------------------------------------------------------


def add_person(*, by: Actor, username: str, name: str, phone: str = "", email: str = "") -> User:
    """Add a person; nobody can sign in as it until the security administrator has issued a password.

    Raises:
        WrongPerson, BadInput: the sign-in name is taken or has other characters.
    """
    check_manages(by, "people")
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise BadInput({"username": "登录名用3到40个小写字母、数字、点、横线，字母开头。"})
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise BadInput({"username": "这个登录名已经有人用了。"})
        user = User.objects.create_user(username, name=name, phone=phone, email=email, must_change_password=True)
        changed(by, user_target(user), "新增人员", after=person_facts(user))
    return user


def edit_person(user: User, *, by: Actor, name: str, phone: str, email: str, reason: str = "") -> User:
    """Correct what is kept of a person; the sign-in name stays.

    Raises:
        WrongPerson.
    """
    check_manages(by, "people")
    with transaction.atomic():
        row = _locked(user)
        before = person_facts(row)
        row.name, row.phone, row.email = name, phone, email
        row.save(update_fields=["name", "phone", "email"])
        changed(by, user_target(row), "更正", before=before, after=person_facts(row), reason=reason)
    return row


def leave(user: User, *, by: Actor, reason: str) -> User:
    """A person leaves: all posts end, and no session of theirs goes on.

    Raises:
        WrongPerson, WrongMoment: it is oneself, or an administrator without another of the kind.
    """
    check_manages(by, "people")
    with transaction.atomic():
        row = _locked(user)
        if row.pk == by.user.pk:
            raise WrongMoment("不能停用自己的帐号。", rule=RULE)
        for post in open_posts(row):
            _not_the_last(post)
            _end(post, today() - timedelta(days=1), by, reason)
        before = person_facts(row)
        row.is_active = False
        row.save(update_fields=["is_active"])
        changed(by, user_target(row), "停用", before=before, after=person_facts(row), reason=reason)
    return row


def come_back(user: User, *, by: Actor, reason: str) -> User:
    """A person who left comes back, without posts: they are given anew.

    Raises:
        WrongPerson.
    """
    check_manages(by, "people")
    with transaction.atomic():
        row = _locked(user)
        before = person_facts(row)
        row.is_active = True
        row.save(update_fields=["is_active"])
        changed(by, user_target(row), "恢复", before=before, after=person_facts(row), reason=reason)
    return row


def _locked(user: User) -> User:
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.username == "system":
        raise WrongMoment("自动程序的帐号不能修改。", rule="自动程序")
    return row


# --- posts --------------------------------------------------------------------------------------------------------


def open_posts(user: User) -> list[Post]:
    """The posts of ``user`` that are held today or later."""
    rows = Post.objects.filter(user=user).select_related("department", "user").order_by("pk")
    return [row for row in rows if row.valid_to is None or row.valid_to >= today()]


def give_post(
    user: User, *, by: Actor, department: Department, role: str, title: str = "", valid_from: date, reason: str = ""
) -> Post:
    """Give ``user`` a post from ``valid_from`` on (Asia/Shanghai date).

    Raises:
        WrongPerson, WrongMoment: one does not give oneself a post; the person has left.
        BadInput: the body has no such post, or it is held already, or two administrators would be one person.
    """
    check_manages(by, "posts")
    with transaction.atomic():
        row = _locked(user)
        if row.pk == by.user.pk:
            raise WrongMoment("不能给自己授予岗位。", rule=RULE)
        if not row.is_active:
            raise WrongMoment("这个帐号已停用，请系统管理员先恢复。", rule="人员管理")
        _check_post(row, department, role)
        post = Post.objects.create(user=row, department=department, role=role, title=title, valid_from=valid_from)
        changed(by, user_target(row), "授予岗位", after=post_facts(post), reason=reason)
    return post


def _check_post(user: User, department: Department, role: str) -> None:
    if not Department.objects.in_force(today()).filter(pk=department.pk).exists():
        raise BadInput({"department": "这个单位已经撤销。"})
    if not fits(role, department.kind):
        raise BadInput({"role": f"{department.get_kind_display()}没有“{Role(role).label}”这个岗位。"})
    held = open_posts(user)
    if why := clash(role, [post.role for post in held]):
        raise BadInput({"role": why}, rule=RULE)
    if any(post.department_id == department.pk and post.role == role and post.valid_to is None for post in held):
        raise BadInput({"role": "已经在这个岗位上。"})


def end_post(post: Post, *, by: Actor, on_day: date, reason: str) -> Post:
    """End a post after ``on_day``; yesterday: at once.

    Raises:
        WrongPerson, WrongMoment: it has ended, it is one's own, or the office would be without such an administrator.
        BadInput: the day is further back: what was done in the post stays done.
    """
    check_manages(by, "posts")
    if on_day < today() - timedelta(days=1):
        raise BadInput({"on_day": "最早到昨天为止（即刻离任）。"})
    with transaction.atomic():
        _lock_kind(post.role)
        row = Post.objects.select_for_update(of=("self",)).select_related("department", "user").get(pk=post.pk)
        if row.valid_to is not None and row.valid_to < today():
            raise WrongMoment("这个岗位已经离任。", rule="岗位管理")
        if row.user_id == by.user.pk:
            raise WrongMoment("不能收回自己的岗位。", rule=RULE)
        if row.role == Role.SYSTEM:
            raise WrongMoment("自动程序的岗位不能收回。", rule="自动程序")
        _not_the_last(row)
        _end(row, on_day, by, reason)
    return row


def _end(post: Post, on_day: date, by: Actor, reason: str) -> None:
    before = post_facts(post)
    post.valid_to = on_day
    post.save(update_fields=["valid_to"])
    changed(by, user_target(post.user), "离任", before=before, after=post_facts(post), reason=reason)


def _lock_kind(role: str) -> None:
    """All posts of one kind of administrator, in one order: two that end at once wait for each other here."""
    if role in ADMINISTRATORS:
        list(Post.objects.select_for_update().filter(role=role).order_by("pk").values_list("pk", flat=True))


def _not_the_last(post: Post) -> None:
    """Each kind of administrator has somebody."""
    if post.role not in ADMINISTRATORS:
        return
    _lock_kind(post.role)
    others = Post.objects.in_force(today()).filter(role=post.role, user__is_active=True, valid_to=None)
    if not others.exclude(pk=post.pk).exists():
        raise WrongMoment(f"这是唯一的{Role(post.role).label}，请先授予另一人。", rule=RULE)


def set_charge(post: Post, departments: Iterable[Department], *, by: Actor, reason: str = "") -> None:
    """Say which bodies a leader is in charge of (分管): the leader sees the matters of their subtrees.

    Raises:
        WrongPerson, BadInput: the post is no leader's.
    """
    check_manages(by, "posts")
    if post.role != Role.LEADER:
        raise BadInput({"departments": "只有县领导的岗位有分管单位。"})
    with transaction.atomic():
        Post.objects.select_for_update().get(pk=post.pk)
        rows = LeaderField.objects.filter(post=post).select_related("department")
        before = {row.department_id: row.department.name for row in rows}
        after = {row.pk: row.name for row in departments}
        LeaderField.objects.filter(post=post).exclude(department__in=after).delete()
        LeaderField.objects.bulk_create(LeaderField(post=post, department_id=pk) for pk in after if pk not in before)
        said: Mapping[str, object] = {"分管": sorted(before.values())}
        changed(
            by, user_target(post.user), "调整分管", before=said, after={"分管": sorted(after.values())}, reason=reason
        )
