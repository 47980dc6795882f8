"""Who can sign in?  A password issued for the first day, a lock that is opened.  The security administrator's verbs."""

from __future__ import annotations

import secrets

from axes.models import AccessAttempt
from axes.utils import reset
from django.db import transaction

from accounts.actor import Actor
from accounts.errors import WrongMoment
from accounts.manage import RULE, changed, check_manages
from accounts.models import User

# No letters or digits that look alike: the password is read from paper once.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LENGTH = 3, 4


def new_password() -> str:
    """Return a password to be read aloud once: ``k7mp-3xqw-9fhe``, 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(_GROUPS))


def issue_password(user: User, *, by: Actor, reason: str) -> str:
    """Give ``user`` a password for once and return it in clear; every session ends, and the next sign-in asks for an own one.

    Raises:
        WrongPerson, WrongMoment: it is one's own (that is changed under 修改密码), or the person has left.
    """
    check_manages(by, "signins")
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if row.pk == by.user.pk:
            raise WrongMoment("自己的密码请在“修改密码”里改。", rule=RULE)
        if not row.is_active or row.username == "system":
            raise WrongMoment("这个帐号已停用，或者是自动程序的帐号。", rule="登录管理")
        password = new_password()
        row.set_password(password)
        row.must_change_password = True
        row.save(update_fields=["password", "must_change_password"])
        reset(username=row.username)
        changed(by, f"user:{row.pk}", "重设密码", reason=reason)
    return password


def locked_names() -> set[str]:
    """Return the sign-in names with failures that count against them now."""
    return set(AccessAttempt.objects.exclude(username=None).values_list("username", flat=True))


def unlock(user: User, *, by: Actor, reason: str) -> None:
    """Forget the wrong passwords typed for ``user``.

    Raises:
        WrongPerson.
    """
    check_manages(by, "signins")
    with transaction.atomic():
        reset(username=user.username)
        changed(by, f"user:{user.pk}", "解除锁定", reason=reason)
