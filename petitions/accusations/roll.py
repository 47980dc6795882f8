"""Who is on the list?  People by name, never a role; changed by two hands, neither of them the person it is about."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.signals import post_save

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Post, Role, User
from petitions.actions import told
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.law.accusations import DUTIES, LEADERS
from petitions.models import AccusationChange, AccusationDecision, AccusationMember

HANDLES, AUDITS = "handle", "audit"
INSIDE = (
    HANDLES,
    AUDITS,
)  # the duties in the room; the leaders named beside them are written to, and see nothing by that
RULE = "专门受理人员名单（第三十条、第四十六条）"
# Who may propose or confirm beside those who are on the list: they see the list, and no report.
KEEPERS = frozenset({Role.SECURITY_ADMIN, Role.OFFICE_HEAD})
BOTH = "一个人只能有一项职责：专门受理的不查看记录，查看记录的不专门受理。"
KEEP_SECONDS = 60
_kept: dict[str, Any] = {}


def in_force(day: date | None = None) -> QuerySet[AccusationMember]:
    """Return who is on the list on ``day`` (today)."""
    day = day or today()
    held = Q(valid_to=None) | Q(valid_to__gte=day)
    return AccusationMember.objects.filter(held, valid_from__lte=day, user__is_active=True)


def inside() -> QuerySet[AccusationMember]:
    """Return who has a duty in the room today: without the leaders whom grave reports go to."""
    return in_force().filter(duty__in=INSIDE)


def leaders_for(duty: str) -> list[Post]:
    """Return the leaders' posts in force of whom the list names for ``duty`` of ``LEADERS`` (Art.30 ¶2)."""
    users = in_force().filter(duty=duty).values("user")
    rows = Post.objects.in_force(today()).filter(role=Role.LEADER, user__in=users)
    return list(rows.select_related("user", "department").order_by("pk"))


def is_on(actor: Actor, duty: str) -> bool:
    """Whether the person himself is on the list today: not a program of his, and not in a post lent to him."""
    if actor.token or actor.delegation is not None or actor.is_system:
        return False
    return in_force().filter(user=actor.user, duty=duty).exists()


def may_keep(actor: Actor) -> bool:
    """Whether the actor may see the list and propose or confirm a change of it."""
    if actor.token or actor.delegation is not None:
        return False
    return actor.role in KEEPERS or inside().filter(user=actor.user).exists()


# --- the two hands --------------------------------------------------------------------------------------------------


def propose(
    by: Actor, *, what: str, user: User, duty: str, valid_from: date, valid_to: date | None, reason: str
) -> AccusationChange:
    """Propose that a person be put on the list or leave it.

    Raises:
        NotSeen: the actor has no part in the list.
        WrongPerson: it is about the actor himself, and he would be put on it.
        BadInput: a field cannot be taken.
    """
    if not may_keep(by):
        raise NotSeen
    if user == by.user and what == AccusationChange.What.ADD:
        raise WrongPerson("不能提议把自己列入名单。", rule=RULE)
    wrong = _wrong(what, user, duty, valid_from, valid_to)
    reason = told.words(reason, 200, one_line=True)
    if not reason:
        wrong["reason"] = "请写明事由，例如任职文件或者会议决定。"
    if wrong:
        raise BadInput(wrong, rule=RULE)
    return AccusationChange.objects.create(
        what=what, user=user, duty=duty, valid_from=valid_from, valid_to=valid_to, reason=reason, by=by.post
    )


def _wrong(what: str, user: User, duty: str, valid_from: date, valid_to: date | None) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if duty not in DUTIES:
        wrong["duty"] = "请选择职责。"
    if duty in LEADERS and what == AccusationChange.What.ADD and not _leads(user):
        wrong["user"] = f"{user.name}没有在任的领导岗位。"
    if valid_to is not None and valid_to < valid_from:
        wrong["valid_to"] = "结束日期不能早于开始日期。"
    if what == AccusationChange.What.ADD and valid_from < today():
        wrong["valid_from"] = "从今天或者以后的日期开始。"
    on = in_force().filter(user=user, duty=duty).exists()
    if what == AccusationChange.What.ADD and _has_another(user, duty):
        wrong["duty"] = BOTH
    if what == AccusationChange.What.ADD and on:
        wrong["user"] = f"{user.name}已经在名单上。"
    if what == AccusationChange.What.END and not on:
        wrong["user"] = f"{user.name}不在名单上。"
    if AccusationChange.objects.filter(user=user, decision=None).exists():
        wrong["user"] = f"关于{user.name}的一项变更还没有确认。"
    return wrong


def _has_another(user: User, duty: str) -> bool:
    """Whether the person has, or will have, another duty: who receives does not read who read, and who reads it receives nothing."""
    held = AccusationMember.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today()), user=user)
    others = set(held.exclude(duty=duty).values_list("duty", flat=True))
    return bool(others) and (AUDITS in {duty, *others})


def _leads(user: User) -> bool:
    return Post.objects.in_force(today()).filter(user=user, role=Role.LEADER).exists()


def decide(change: AccusationChange, *, by: Actor, agreed: bool) -> None:
    """Confirm or refuse a proposal; what is confirmed is on the list from then on.

    Raises:
        NotSeen: the actor has no part in the list.
        WrongPerson: he proposed it, it is about him, or a person of the list must be one of the two.
        WrongMoment: it has been decided, or the person has come to another duty since it was proposed.
    """
    if not may_keep(by):
        raise NotSeen
    proposer = change.by.user
    if by.user == proposer:
        raise WrongPerson("提议和确认要由两个人分别作出。", rule=RULE)
    if by.user == change.user:
        raise WrongPerson("涉及自己的变更由别人确认。", rule=RULE)
    others = set(inside().exclude(user=change.user).values_list("user_id", flat=True))
    if agreed and others and not {by.user.pk, proposer.pk} & others:
        raise WrongPerson("名单上已有专门受理人员：提议人和确认人中要有一个是他们中的人。", rule=RULE)
    with transaction.atomic():
        if agreed and change.what == AccusationChange.What.ADD:
            _alone(change)
        try:
            with transaction.atomic():
                AccusationDecision.objects.create(change=change, agreed=agreed, by=by.post)
        except IntegrityError:
            raise WrongMoment("这项变更已经确认或者退回。", rule=RULE) from None
        if agreed:
            _carry_out(change)


def _alone(change: AccusationChange) -> None:
    """One duty a person: asked again under a lock on the person, so that two confirmed at once do not both come on."""
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=change.user_id)
    if _has_another(user, change.duty):
        raise WrongMoment(BOTH, rule=RULE)


def _carry_out(change: AccusationChange) -> None:
    if change.what == AccusationChange.What.ADD:
        AccusationMember.objects.create(
            user=change.user, duty=change.duty, valid_from=change.valid_from, valid_to=change.valid_to, change=change
        )
        return
    for row in in_force().filter(user=change.user, duty=change.duty):
        row.valid_to = change.valid_to or today()
        row.save(update_fields=["valid_to"])


# --- the menu alone: kept for a minute, so that no page of anybody asks one question more ------------------------------


def may_be_on(actor: Actor) -> bool:
    """Whether the menu shows the room: asked of what was read within the last minute.  Opening it asks the database."""
    if _kept.get("until", 0.0) < time.monotonic():
        _kept["users"] = frozenset(inside().values_list("user_id", flat=True))
        _kept["until"] = time.monotonic() + KEEP_SECONDS
    return actor.user.pk in _kept["users"]


def forget(**_: Any) -> None:
    """Read the list anew at the next question."""
    _kept.clear()


post_save.connect(forget, sender=AccusationMember, dispatch_uid="petitions.roll")

__all__ = [
    "AUDITS",
    "HANDLES",
    "decide",
    "forget",
    "in_force",
    "inside",
    "is_on",
    "leaders_for",
    "may_be_on",
    "may_keep",
    "propose",
]
