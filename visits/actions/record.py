"""How is what happened to a visit written down?  Look, lock, and one event, in the verb's own transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

from accounts.actor import Actor
from petitions.actions import moment
from petitions.errors import BadInput, NotSeen, WrongMoment
from visits import access
from visits.checking import Breach
from visits.models import Status, Visit, VisitEvent

STEPS: Mapping[str, str] = {
    "draft": "排定", "add": "增加", "move": "调整", "swap": "换人", "units": "确定陪同单位", "approve": "审定", "publish": "公示",
    "cancel": "取消", "book": "预约", "promote": "候补转预约", "unbook": "取消预约", "arrive": "签到", "walk_in": "现场取号",
    "call": "叫号", "to_room": "换接待室", "leave": "先行离开", "record": "接访登记", "close": "结束接访", "carry": "带案",
    "uncarry": "撤回带案", "research": "调查研究", "back": "叫回候访", "suggest": "提出完善政策建议", "recode": "重发预约码",
    "resettle": "预约顺延", "told": "电话告知", "ask_brief": "要求预审", "brief": "预审", "order": "现场安排", "absent": "报告来不了",
    "tell_ahead": "提前通知", "tell_list": "报送预约名单",
}  # fmt: skip
_PLAN_LOCK = 0x7151  # one plan is written by one person at a time


def lock_plan() -> None:
    """Wait until nobody else writes a plan; ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PLAN_LOCK])


def locked(by: Actor | None, visit: Visit, *, inside: bool = True) -> Visit:
    """Return ``visit`` fresh and locked.

    Args:
        inside: whether the room must be open to ``by`` too, and not only the notice; ``by`` None: the public.

    Raises:
        NotSeen: it is outside the actor's scope.
    """
    rows = access.public_visits() if by is None else access.rooms_of(by) if inside else access.visible_to(by)
    found = (
        rows.select_for_update(of=("self",))
        .select_related("leader__user", "place", "office")
        .filter(pk=visit.pk)
        .first()
    )
    if found is None:
        raise NotSeen
    return found


def must_be(visit: Visit, *states: str) -> None:
    """Refuse at the wrong moment.

    Raises:
        WrongMoment: the visit is in none of ``states``.
    """
    if visit.status not in states:
        raise WrongMoment(f"这场接访现在是“{Status(visit.status).label}”，不能这样做。", rule="接访下访安排")


def refuse(breaches: list[Breach], place: str = "day") -> None:
    """Refuse what breaks a rule that no person may set aside.

    Raises:
        BadInput: in the words of the rules.
    """
    hard = [breach for breach in breaches if breach.hard]
    if hard:
        raise BadInput({_FIELDS.get(breach.code, place): breach.words for breach in hard}, rule="接访下访安排规则")


_FIELDS = {
    "leader_twice": "leader",
    "busy": "leader",
    "recused": "leader",
    "room_twice": "room",
    "backup": "backup",
    "times": "ends",
}


def note(visit: Visit, step: str, by: Actor | None, *, words: str = "", **data: Any) -> VisitEvent:
    """Write one event of a locked visit; ``by`` None: somebody from the public."""
    if step not in STEPS:
        raise ValueError(step)
    visit.events_count += 1
    Visit.objects.filter(pk=visit.pk).update(events_count=visit.events_count)
    return VisitEvent.objects.create(
        visit=visit, seq=visit.events_count, step=step, user=by.user if by else None, post=by.post if by else None,
        recorded_at=moment.now(), data=json.loads(json.dumps(data, default=str)), words=words,
    )  # fmt: skip
