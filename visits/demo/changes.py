"""What is under way and what was changed in the demo?  A queue of today; a substitute, a cancellation, another day, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from accounts.dates import today
from petitions.actions import moment
from visits.actions import plan
from visits.actions.booking import Wish, reserve
from visits.actions.day import arrive, call_next, walk_in
from visits.demo.teller import Teller, at_ten
from visits.models import Visit

# Who booked for today: invented people; the last has not come yet.
_BOOKED = (
    Wish(name="方志明", phone="13900000101", people=1, matter="反映农田灌溉渠道淤塞，今年两季没有水。"),
    Wish(name="何美珍", phone="13900000102", people=2, matter="反映孩子转学手续被退回三次。", needs="行动不便"),
    Wish(name="邵建国", phone="13900000103", people=1, matter="反映企业改制时工龄没有算清。"),
)


def queue(teller: Teller, visit: Visit) -> None:
    """Today's reception: three booked, two have come, one without booking; the first is in the room."""
    with moment.at(at_ten(today() - timedelta(days=3))):
        booked = [reserve(visit, wish, by=None).booking for wish in _BOOKED]
    for one in booked[:2]:
        arrive(one, by=teller.registrar)
    walk_in(visit, Wish(name="周阿根", matter="反映村里分红没有公开。"), by=teller.registrar)
    call_next(visit, by=teller.registrar)


def change(teller: Teller, visits: Sequence[Visit], later: date) -> None:
    """Three published receptions that do not stay as they were: another leader, none at all, another day."""
    swapped, cancelled, moved = visits
    other = next(post for post in teller.leaders if post.pk != swapped.leader_id)
    plan.substitute(teller.triage, swapped, leader=other, reason="赴省里参加会议")
    plan.cancel(teller.triage, cancelled, reason="防汛值班，改期另行公示")
    plan.move(teller.triage, moved, day=later, reason="与县委全会冲突")
