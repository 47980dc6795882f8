"""Which program may act as whom, and for how long?  Tokens of the REST API: made, recognised, revoked.

A token is 256 random bits, shown once; what is kept is its keyed hash.  It carries no power of its own: at each request the
post (and the delegation) it is bound to must be held that very day by a person in service.
"""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actor import Actor
from accounts.dates import today
from accounts.duties import ADMINISTRATORS
from accounts.errors import BadInput, WrongMoment
from accounts.manage import RULE, changed, check_manages
from accounts.models import ApiToken, Delegation, Post, Role
from accounts.privacy import blind

MARK = "xf_"
# Programs do not administer, audit or run the night: those posts have no token.
NO_TOKEN = ADMINISTRATORS | {Role.AUDITOR, Role.SYSTEM}
USED_STEP = timedelta(minutes=1)  # between two notes of the last use, so that most requests write nothing


def token_target(row: ApiToken) -> str:
    """How the log names a token."""
    return f"token:{row.pk}"


def facts(row: ApiToken) -> dict[str, object]:
    """Return a token's fields by their names on the page; never the token."""
    lent = f"{row.delegation.to_user.name}代签" if row.delegation else ""
    return {"系统": row.name, "开头": row.prefix, "岗位": str(row.post), "代签": lent, "有效至": row.valid_to}


def make(
    *, by: Actor, name: str, post: Post, delegation: Delegation | None = None, valid_to: date, reason: str = ""
) -> tuple[ApiToken, str]:
    """Make a token that acts as ``post`` (by ``delegation``, if given) and return it with its words, shown this once.

    Args:
        valid_to: last day, an Asia/Shanghai date, at most API_TOKEN_DAYS from today.

    Raises:
        WrongPerson, WrongMoment: it would act as the administrator himself, or the post is not held.
        BadInput: a post that has no token; a day out of range.
    """
    check_manages(by, "tokens")
    _check(by, post, delegation, valid_to)
    words = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = ApiToken.objects.create(
            name=name, prefix=words[: len(MARK) + 8], hash=_hash(words), post=post, delegation=delegation,
            made_by=by.post, made_at=timezone.now(), valid_to=valid_to,
        )  # fmt: skip
        changed(by, token_target(row), "发放令牌", after=facts(row), reason=reason)
    return row, words


def _check(by: Actor, post: Post, delegation: Delegation | None, valid_to: date) -> None:
    if post.role in NO_TOKEN:
        raise BadInput({"holder": f"“{Role(post.role).label}”岗位不发放令牌。"}, rule=RULE)
    person = delegation.to_user if delegation else post.user
    if person.pk == by.user.pk:
        raise WrongMoment("不能给自己的岗位发放令牌。", rule=RULE)
    if not held_today(post, delegation):
        raise BadInput({"holder": "这个岗位（或者代签）今天没有人在任。"})
    if valid_to < today():
        raise BadInput({"valid_to": "有效期不能早于今天。"})
    if valid_to > today() + timedelta(days=settings.API_TOKEN_DAYS):
        raise BadInput({"valid_to": f"最长{settings.API_TOKEN_DAYS}天，到期后重新发放。"}, rule="令牌有效期")


def held_today(post: Post, delegation: Delegation | None) -> bool:
    """Whether the post is held today, by a person in service; by delegation: whether that is in force too."""
    day = today()
    if not (post.valid_from <= day and (post.valid_to is None or post.valid_to >= day)):
        return False
    if delegation is None:
        return post.user.is_active
    in_force = delegation.valid_from <= day <= delegation.valid_to
    return delegation.post_id == post.pk and in_force and delegation.to_user.is_active


def revoke(row: ApiToken, *, by: Actor, reason: str) -> ApiToken:
    """End a token at once.

    Raises:
        WrongPerson, WrongMoment: it has been revoked already.
    """
    check_manages(by, "tokens")
    with transaction.atomic():
        fresh = ApiToken.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if fresh.revoked_at is not None:
            raise WrongMoment("这个令牌已经收回。", rule="令牌管理")
        fresh.revoked_at = timezone.now()
        fresh.save(update_fields=["revoked_at"])
        changed(by, token_target(fresh), "收回令牌", before={"状态": "有效"}, after={"状态": "收回"}, reason=reason)
    return fresh


def actor_of(words: str, address: str | None = None) -> Actor | None:
    """Return who acts by the token ``words`` today, ``None`` where it is unknown, over, revoked, or its post is not held."""
    row = (
        ApiToken.objects.select_related("post__user", "post__department", "delegation__to_user")
        .filter(hash=_hash(words), revoked_at=None, valid_to__gte=today())
        .first()
    )
    if row is None or row.post.role in NO_TOKEN or not held_today(row.post, row.delegation):
        return None
    _used(row)
    user = row.delegation.to_user if row.delegation else row.post.user
    return Actor(user=user, post=row.post, delegation=row.delegation, address=address, token=row.prefix)


def _used(row: ApiToken) -> None:
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - USED_STEP:
        ApiToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=now), pk=row.pk).update(last_used_at=now)


def _hash(words: str) -> str:
    return blind(words, "api-token")


__all__ = ["NO_TOKEN", "actor_of", "facts", "held_today", "make", "revoke", "token_target"]
