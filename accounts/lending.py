"""Who signs for whom, from when to when, and why?  A post's powers lent to another person (代签); every act names both."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.dates import today
from accounts.duties import ADMINISTRATORS, NOT_LENT
from accounts.errors import BadInput, WrongMoment, WrongPerson
from accounts.manage import SECTIONS, changed
from accounts.models import Delegation, Post, Role, User

LONGEST = 180  # days; whoever is away longer gives the post up


def may_lend(by: Actor, post: Post) -> bool:
    """Whether ``by`` may lend ``post``: the holder himself, in it and not by delegation, or the security administrator."""
    own = by.user.pk == post.user_id and by.post.pk == post.pk and by.delegation is None
    return own or by.role in SECTIONS["delegations"].roles


def facts(row: Delegation) -> dict[str, object]:
    """Return a delegation's fields by their names on the page."""
    return {
        "岗位": str(row.post),
        "由谁代签": row.to_user.name,
        "自": row.valid_from,
        "至": row.valid_to,
        "事由": row.reason,
    }


def lend(post: Post, to_user: User, *, by: Actor, valid_from: date, valid_to: date, reason: str) -> Delegation:
    """Lend ``post`` to ``to_user`` from the first to the last day (Asia/Shanghai dates, both included).

    Raises:
        WrongPerson: the post is not the actor's to lend.
        BadInput: powers that are not lent, a person who may not take them, days that do not fit.
    """
    _check(by, post)
    _check_days(valid_from, valid_to)
    with transaction.atomic():
        row = Post.objects.select_for_update(of=("self",)).select_related("department", "user").get(pk=post.pk)
        _check_taker(row, to_user)
        others = Delegation.objects.filter(post=row, valid_from__lte=valid_to, valid_to__gte=valid_from)
        if others.exists():
            raise BadInput({"valid_from": "这些日子里已经有人代签，请先结束那一项。"})
        made = Delegation.objects.create(
            post=row, to_user=to_user, valid_from=valid_from, valid_to=valid_to, reason=reason
        )
        changed(by, f"delegation:{made.pk}", "委托代签", after=facts(made), reason=reason)
    return made


def _check(by: Actor, post: Post) -> None:
    if post.role in NOT_LENT:
        raise BadInput({"post": f"“{Role(post.role).label}”的职责不能委托代签。"}, rule="代签规则")
    if not may_lend(by, post):
        raise WrongPerson("代签由本人委托，或者由安全管理员代为办理。", rule="代签规则")


def _check_days(first: date, last: date) -> None:
    if first < today():
        raise BadInput({"valid_from": "从今天或以后的某天起：已经签过的不能补委托。"})
    if last < first:
        raise BadInput({"valid_to": "截止日早于开始日。"})
    if (last - first).days >= LONGEST:
        raise BadInput({"valid_to": f"最长{LONGEST}天；离开更久的请调整岗位。"})


def _check_taker(post: Post, taker: User) -> None:
    """A colleague who is no administrator: of the same body, or of one above or below it."""
    if taker.pk == post.user_id:
        raise BadInput({"to_user": "不能委托给自己。"})
    held = Post.objects.in_force(today()).filter(user=taker, user__is_active=True).select_related("department")
    posts = list(held)
    if any(one.role in ADMINISTRATORS for one in posts):
        raise BadInput({"to_user": "管理员不能代签（三员分立）。"})
    path = post.department.path
    if not any(one.department.path.startswith(path) or path.startswith(one.department.path) for one in posts):
        raise BadInput({"to_user": "代签的人要在本单位、上级单位或者内设机构任职。"})


def takers(post: Post) -> list[User]:
    """The people to whom ``post`` may be lent, by name."""
    path = post.department.path
    rows = Post.objects.in_force(today()).filter(user__is_active=True).exclude(user=post.user_id)
    barred = set(rows.filter(role__in=ADMINISTRATORS).values_list("user_id", flat=True))
    near = {
        row.user_id
        for row in rows.select_related("department").exclude(role=Role.SYSTEM)
        if row.department.path.startswith(path) or path.startswith(row.department.path)
    }
    return list(User.objects.filter(pk__in=near - barred).order_by("name", "pk"))


def take_back(row: Delegation, *, by: Actor, reason: str) -> Delegation:
    """End a delegation now; one that has not begun is taken back whole.

    Raises:
        WrongPerson, WrongMoment: it is over.
    """
    if not may_lend(by, row.post):
        raise WrongPerson("代签由本人或者安全管理员收回。", rule="代签规则")
    with transaction.atomic():
        fresh = (
            Delegation.objects.select_for_update(of=("self",))
            .select_related("post__department", "to_user")
            .get(pk=row.pk)
        )
        if fresh.valid_to < today():
            raise WrongMoment("这项代签已经结束。", rule="代签规则")
        before = facts(fresh)
        # A delegation that somebody has signed under stays, ended; its first day is moved so that it holds on none.
        last = today() - timedelta(days=1)
        fresh.valid_from, fresh.valid_to = min(fresh.valid_from, last), last
        fresh.save(update_fields=["valid_from", "valid_to"])
        changed(by, f"delegation:{fresh.pk}", "收回代签", before=before, after=facts(fresh), reason=reason)
    return fresh
