"""Whose hands does the demo need, and how is one reception of its told?  Places, leaders, rules; a visit; its parties; by the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from accounts.actor import Actor
from accounts.dates import SHANGHAI, today
from accounts.models import Department, DepartmentKind, Post, Region, Role
from petitions import routing
from petitions.actions import Entry, Person, moment
from petitions.models import Category
from visits.access import UNIT
from visits.actions import plan, tables
from visits.actions.booking import Wish
from visits.actions.day import call_next, close, walk_in
from visits.actions.notice import publish
from visits.actions.outcome import Matter, Said, record
from visits.models import Place, Visit

TOWNS = 5
LATE = "黄秀英"  # her assignment is past its day
Party = tuple[str, int, str, str, str, str]
NOTICE = timedelta(days=12)
# Who comes, what about, and what became of it; invented.
PARTIES: tuple[Party, ...] = (
    ("楼金水", 1, "反映村口路灯不亮", "村口三盏路灯坏了两个月，晚上走路不安全。", "resolved", "当场联系供电所，三日内修好。"),
    ("张桂芳", 2, "咨询低保复核结果", "去年低保停发，想知道依据和怎样再申请。", "explained", "当面说明复核标准和申请办法，已取得谅解。"),
    ("陈水根", 3, "反映征地补偿款未到位", "承包地去年被征收，三户的补偿款至今没有发放。", "assigned", "请查清款项去向，按标准发放并书面答复。"),
    ("赵水法", 3, "反映拆迁过渡费停发", "过渡期已满两年，安置房没有交付，过渡费从去年起停发。", "sponsored", "由我包案，查清停发原因，限期补发。"),
    ("黄秀英", 1, "反映小区污水外溢", "小区化粪池满溢多次，物业和街道互相推。", "assigned", "请牵头明确管养责任，限期整治。"),
    ("吴根土", 1, "反映拖欠工资", "在工地干了四个月，还欠两个月工资。", "studied", "请县里研究后答复。"),
)  # fmt: skip


class Teller:
    """Everybody whose hand it takes."""

    def __init__(self) -> None:
        self.office = Department.objects.filter(kind=DepartmentKind.PETITION_OFFICE, level="county").order_by("pk")[0]
        self.head, self.triage, self.registrar = (
            self._one(role) for role in (Role.OFFICE_HEAD, Role.TRIAGE, Role.REGISTRAR)
        )
        self.leaders = list(
            Post.objects.filter(role=Role.LEADER, valid_to=None).select_related("user", "department").order_by("pk")
        )
        self.supervisor = self._one(Role.SUPERVISOR)
        self.units = list(Department.objects.filter(kind=DepartmentKind.BUREAU, level="county").order_by("pk"))
        self.category = Category.objects.filter(active=True, children=None).order_by("pk")[0]

    def _one(self, role: Role) -> Actor:
        rows = Post.objects.filter(department=self.office, role=role, valid_to=None)
        post = rows.select_related("user", "department").order_by("pk")[0]
        return Actor(post.user, post)

    def tables(self) -> tuple[Place, list[Place]]:
        """Places, leaders, rules."""
        hall = tables.keep_place(self.head, None, name="县群众接待中心", hall=True, region=None, rooms="1号室、2号室、3号室",
                                 address=self.office.address)  # fmt: skip
        towns = [
            tables.keep_place(
                self.head, None, name=region.name, hall=False, region=region, address=f"{region.name}便民服务中心"
            )
            for region in Region.objects.filter(level="town", active=True).order_by("pk")[:TOWNS]
        ]
        for number, post in enumerate(self.leaders):
            tables.keep_receiver(self.head, post, level="county", main=number == 0)
        tables.adopt(self.head, "2013", valid_from=date(today().year, 1, 1))
        return hall, towns

    def visit(self, day: date, number: int, place: Place) -> Visit:
        """A visit of ``day``, published in good time."""
        with moment.at(at_ten(day) - NOTICE):
            leader, backup = (self.leaders[(number + step) % len(self.leaders)] for step in (0, len(self.leaders) // 2))
            visit = plan.add(self.triage, leader=leader, day=day, starts=time(9), ends=time(11, 30), place=place,
                             room=place.room_names[number % len(place.room_names)],
                             form="reception" if place.hall else "down_visit", backup=backup)  # fmt: skip
            plan.approve(self.head, [visit])
            publish(self.triage, [visit])
        visit.refresh_from_db()
        return visit

    def hold(self, visit: Visit, parties: Sequence[Party]) -> None:
        """Receive some parties, and end the reception."""
        with moment.at(at_ten(visit.day)):
            for party in parties:
                walk_in(visit, Wish(name=party[0], people=party[1], matter=party[2]), by=self.registrar)
                row = call_next(visit, by=self.registrar)
                record(
                    row,
                    by=self.triage,
                    said=Said(origin=party[3], opinion=party[5]),
                    matters=[self._matter(visit, party)],
                )
            close(visit, by=self.triage)

    def unit_of(self, leader: Post) -> Department:
        """A body in the leader's fields; for the magistrate, who has all, the first."""
        paths = list(leader.fields.values_list("department__path", flat=True))
        mine = [unit for unit in self.units if any(unit.path.startswith(path) for path in paths)]
        return (mine or self.units)[0]

    def hand_in(self, unit: Department) -> Actor:
        """Somebody at work in ``unit``."""
        rows = Post.objects.filter(department__path__startswith=unit.path, valid_to=None)
        post = rows.filter(role__in=UNIT).select_related("user", "department").order_by("role", "pk")[0]
        return Actor(post.user, post)

    def _category(self, text: str) -> Category:
        """What the registration page would suggest for these words; the first category where it suggests none."""
        guessed = routing.categories(text, limit=1)
        return Category.objects.get(pk=guessed[0].value) if guessed else self.category

    def _matter(self, visit: Visit, party: Party) -> Matter:
        name, people, title, content, kind, answer = party
        category = self._category(title + content)
        entry = Entry(title=title, content=content, people=[Person(name=name)], category=category, head_count=people,
                      region=visit.place.region)  # fmt: skip
        return Matter(kind, answer, entry=entry, unit=self.unit_of(visit.leader) if kind in ("assigned", "sponsored") else None, category=category,
                      due=visit.day + timedelta(days=12 if name == LATE else 45) if kind in ("assigned", "sponsored", "studied") else None)  # fmt: skip


def at_ten(day: date) -> datetime:
    """Ten in the morning."""
    return datetime.combine(day, time(10, 0), SHANGHAI)
