"""An office that receives: a hall with two rooms, a town at the grass roots, two leaders, and visits at any stage."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.actor import Actor
from accounts.dates import SHANGHAI, day_of, today
from accounts.models import Region
from petitions.actions import Entry, Person, moment
from petitions.models import CalendarDay, CalendarYear
from tests.cast import Cast
from visits.actions import plan, tables
from visits.actions.booking import Booked, Wish, reserve
from visits.actions.day import arrive, call_next, walk_in
from visits.actions.milestones import Planned
from visits.actions.notice import publish
from visits.models import Place, Reception, Visit


class Days:
    """Ready visits; a day that is today is a working day here, whichever day the tests run on."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        CalendarYear.objects.get_or_create(year=today().year + 1, defaults={"source": "测试"})
        if today().weekday() >= 5:
            CalendarDay.objects.get_or_create(day=today(), defaults={"is_workday": True, "name": "测试补班"})
        self.hall = tables.keep_place(cast.head, None, name="县接访大厅", hall=True, region=None, rooms="1号室、2号室")
        town = Region.objects.get(code="330726101000")
        self.town = tables.keep_place(cast.head, None, name="檀溪镇", hall=False, region=town, address="檀溪镇便民中心")
        for leader, main in ((cast.leader, False), (cast.other_leader, True)):
            tables.keep_receiver(cast.head, leader.post, level="county", main=main)

    def drafted(self, day: date | None = None, leader: Actor | None = None, **changes: Any) -> Visit:
        fields: dict[str, Any] = {
            "leader": (leader or self.cast.leader).post, "day": day or today(), "starts": time(0, 0), "ends": time(23, 59),
            "place": self.hall, "room": "1号室", "capacity": 4,
        }  # fmt: skip
        return plan.add(self.cast.triage, **(fields | changes))

    def approved(self, day: date | None = None, leader: Actor | None = None, **changes: Any) -> Visit:
        visit = self.drafted(day, leader, **changes)
        plan.approve(self.cast.head, [visit])
        visit.refresh_from_db()
        return visit

    def published(self, day: date | None = None, leader: Actor | None = None, **changes: Any) -> Visit:
        """Published ten days ago."""
        visit = self.approved(day, leader, **changes)
        with moment.at(timezone.now() - timedelta(days=14)):
            assert publish(self.cast.triage, [visit]) == 1
        visit.refresh_from_db()
        return visit

    def booked(self, visit: Visit, name: str = "王小明", phone: str = "13800000001", **changes: Any) -> Booked:
        """Today's visit was booked the day before: late in the evening most of a day's slots are over."""
        now = moment.now()
        with moment.at(noon(visit.day - timedelta(days=1)) if visit.day == day_of(now) else now):
            return reserve(visit, Wish(name=name, phone=phone, matter="承包地补偿款没有到位", **changes), by=None)

    def waiting(self, visit: Visit, name: str = "王小明", phone: str = "13800000001") -> Reception:
        return arrive(self.booked(visit, name, phone).booking, by=self.cast.registrar)

    def walked_in(self, visit: Visit, name: str = "李四") -> Reception:
        return walk_in(visit, Wish(name=name, matter="低保停发"), by=self.cast.registrar)

    def in_room(self, visit: Visit, name: str = "王小明", phone: str = "13800000001") -> Reception:
        self.waiting(visit, name, phone)
        return call_next(visit, by=self.cast.registrar)

    def visit_of_today(self) -> Reception:
        """The party that is in the room now."""
        return Reception.objects.get(state="in_room")

    def step(self, **changes: Any) -> Planned:
        """A step of a sponsored case's plan."""
        fields: dict[str, Any] = {
            "what": "财政补齐补偿款", "unit": self.cast.bureau, "person": "陈科长", "due": today() + timedelta(days=20),
            "done_when": "三户全部到账",
        }  # fmt: skip
        return Planned(**(fields | changes))

    def entry(self, name: str = "王小明", **changes: Any) -> Entry:
        fields: dict[str, Any] = {
            "title": "承包地补偿款没有到位", "content": "承包地去年被征收，补偿款至今没有发放。",
            "people": [Person(name=name, phone="13800000001")], "category": self.cast.category, "region": self.cast.region,
        }  # fmt: skip
        return Entry(**(fields | changes))


@pytest.fixture
def days(cast: Cast) -> Days:
    cache.clear()
    return Days(cast)


def next_workday(after: int = 7) -> date:
    """A working day about so many days ahead, away from the holidays that tests know of."""
    day = today() + timedelta(days=after)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


__all__ = ["Days", "Place", "next_workday", "noon"]
