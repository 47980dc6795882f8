"""Which programs may act as whom?  The security administrator's verbs; whoever they act as is told, whatever comes of it.

`accounts.tokens` makes and revokes; a token acts in somebody's name, so that person learns of it in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts import tokens
from accounts.actor import Actor
from accounts.dates import today
from accounts.models import ApiToken, Delegation, Post
from petitions import notices
from petitions.models import Notice

_MADE = "安全管理员{by}发放了令牌（{prefix}…）：“{system}”可用它代替{whom}读写，有效至{until}。不是您知道的对接，请立即联系安全管理员。"
_REVOKED = "安全管理员{by}收回了“{system}”的令牌（{prefix}…），它不能再代替{whom}读写。"


def make(
    *, by: Actor, name: str, post: Post, delegation: Delegation | None = None, valid_to: date, reason: str = ""
) -> tuple[ApiToken, str]:
    """Make a token (`accounts.tokens.make`), and tell the post's holder, and whoever signs for him, that there is one.

    Raises:
        WrongPerson, WrongMoment, BadInput: nobody is told then.
    """
    with transaction.atomic():
        row, words = tokens.make(
            by=by, name=name, post=post, delegation=delegation, valid_to=valid_to, reason=reason
        )  # fmt: skip
        _tell(row, by, "token_made", _MADE)
    return row, words


def revoke(row: ApiToken, *, by: Actor, reason: str) -> ApiToken:
    """End a token at once (`accounts.tokens.revoke`), and tell the same people.

    Raises:
        WrongPerson, WrongMoment: nobody is told then.
    """
    with transaction.atomic():
        fresh = tokens.revoke(row, by=by, reason=reason)
        _tell(fresh, by, "token_revoked", _REVOKED)
    return fresh


def _tell(row: ApiToken, by: Actor, step: str, words: str) -> None:
    whom = f"{row.post.department.short_name}{row.post.get_role_display()}岗位"
    text = words.format(
        by=by.user.name, prefix=row.prefix, system=row.name, whom=whom, until=f"{row.valid_to:%-Y年%-m月%-d日}"
    )  # fmt: skip
    Notice.objects.bulk_create(
        notices.to_posts(_concerned(row), step=step, petition=None, text=text, at=timezone.now())
    )


def _concerned(row: ApiToken) -> Iterable[Post]:
    """The post, and every post of the person who signs for it: he looks at his own desk."""
    if row.delegation is None:
        return [row.post]
    own = Post.objects.in_force(today()).filter(user=row.delegation.to_user).select_related("user")
    return [row.post, *own.order_by("pk")]


__all__ = ["make", "revoke"]
