"""Who of a body that ends goes on where?  Posts end and begin; what lay on the desk goes along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.duties import fits
from accounts.manage import changed
from accounts.models import Delegation, Department, Post, Role
from accounts.staff import post_facts, user_target
from petitions.actions import moment
from petitions.models import Draft, Notice

HEADS = frozenset({Role.UNIT_HEAD, Role.OFFICE_HEAD})  # one body, one head


def open_posts(body: Department) -> list[Post]:
    """The posts of ``body`` that are held today or later."""
    rows = Post.objects.filter(department=body).filter(Q(valid_to=None) | Q(valid_to__gte=moment.today()))
    return list(rows.select_related("user", "department").order_by("pk"))


def goes_on(post: Post, successor: Department) -> str:
    """Why ``post`` does not go on in ``successor``; ``""`` where it does, with the same duty and nothing more."""
    if not post.user.is_active:
        return "帐号已停用，离任"
    if not fits(post.role, successor.kind):
        return f"{successor.short_name}没有这个岗位，离任"
    if post.role in HEADS and _held(successor, post.role).exclude(user=post.user_id).exists():
        return f"{successor.short_name}已有主要负责人，离任；如有任命由安全管理员另行授予"
    return ""


def _held(body: Department, role: str) -> QuerySet[Post]:
    return Post.objects.in_force(moment.today()).filter(department=body, role=role)


def carry(post: Post, successor: Department, *, by: Actor, reason: str) -> Post:
    """Return the post in ``successor`` that follows ``post``: the one its person has there already, or a new one."""
    same = Post.objects.filter(user=post.user, department=successor, role=post.role, valid_to=None).first()
    if same is None:
        same = Post.objects.create(
            user=post.user, department=successor, role=post.role, title=post.title, valid_to=post.valid_to,
            valid_from=max(moment.today(), post.valid_from),
        )  # fmt: skip
        changed(by, user_target(post.user), "随机构改革转岗", after=post_facts(same), reason=reason)
    Draft.objects.filter(post=post, registered=None).update(post=same)
    Notice.objects.filter(post=post, read_at=None).update(post=same)
    for lent in Delegation.objects.filter(post=post, valid_to__gte=moment.today()):
        Delegation.objects.create(
            post=same, to_user=lent.to_user, valid_from=max(moment.today(), lent.valid_from), valid_to=lent.valid_to,
            reason=lent.reason,
        )  # fmt: skip
    return same


def end_posts(posts: Iterable[Post], carried: Mapping[int, Post], *, by: Actor, reason: str) -> None:
    """End ``posts`` with yesterday, and what was lent of them."""
    last = moment.today() - timedelta(days=1)
    for post in posts:
        before = post_facts(post)
        post.valid_to = last
        post.save(update_fields=["valid_to"])
        for lent in Delegation.objects.filter(post=post, valid_to__gt=last):
            lent.valid_from, lent.valid_to = min(lent.valid_from, last), last
            lent.save(update_fields=["valid_from", "valid_to"])
        what = "离任（机构改革）" if post.pk not in carried else "离任（已转岗）"
        changed(by, user_target(post.user), what, before=before, after=post_facts(post), reason=reason)
