"""Who may put the board on a wall without being signed in there?  Whoever holds a link that the office made, while it lasts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from accounts.access_log import log
from accounts.actor import Actor
from accounts.models import AccessKind
from accounts.privacy import blind
from petitions.actions import moment
from petitions.errors import BadInput, NotSeen, WrongMoment
from visits import access
from visits.models import WallLink

LONGEST = timedelta(days=31)
LONGEST_TOKEN = 100
RULE = "接访大屏"


@dataclass(frozen=True)
class Made:
    """The link's row, and its secret in clear: told once."""

    row: WallLink
    token: str


def make(by: Actor, *, name: str, last_day: date) -> Made:
    """Make a link that opens the office's board of the day, up to and including ``last_day``.

    Raises:
        WrongPerson; BadInput: no name, or a day that is past or too far.
    """
    office = access.check(by, access.DESK, "生成大屏链接")
    today = moment.today()
    if not name.strip():
        raise BadInput({"name": "请写明放在哪里，例如：接待大厅东墙。"}, rule=RULE)
    if not today <= last_day <= today + LONGEST:
        raise BadInput({"last_day": f"从今天起，最长{LONGEST.days}天。"}, rule=RULE)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = WallLink.objects.create(
            office=office, name=name.strip(), token_hash=_hash(token), made_by=by.post, made_on=today, last_day=last_day
        )
        _logged(by, row, "生成大屏链接")
    return Made(row, token)


def withdraw(by: Actor, row: WallLink) -> WallLink:
    """Let the link open nothing any more, at once.

    Raises:
        WrongPerson, NotSeen; WrongMoment: it is withdrawn already.
    """
    office = access.check(by, access.DESK, "撤回大屏链接")
    with transaction.atomic():
        found = WallLink.objects.select_for_update().filter(pk=row.pk, office=office).first()
        if found is None:
            raise NotSeen
        if found.ended_at is not None:
            raise WrongMoment("这个链接已经撤回。", rule=RULE)
        found.ended_at = moment.now()
        found.save(update_fields=["ended_at"])
        _logged(by, found, "撤回大屏链接")
    return found


def opened_by(token: str) -> WallLink | None:
    """Return the link that ``token`` belongs to, if it still opens the board."""
    if len(token) > LONGEST_TOKEN:
        return None
    rows = WallLink.objects.filter(token_hash=_hash(token), ended_at=None, last_day__gte=moment.today())
    return rows.select_related("office").first()


def _logged(by: Actor, row: WallLink, what: str) -> None:
    data = {"what": what, "after": {"放在哪里": row.name, "有效到": f"{row.last_day:%Y-%m-%d}"}}
    log(by, AccessKind.CHANGE_SETTING, f"wall_link:{row.pk}", data=data)


def _hash(token: str) -> str:
    return blind(token, "wall-link")


__all__ = ["LONGEST", "Made", "make", "opened_by", "withdraw"]
