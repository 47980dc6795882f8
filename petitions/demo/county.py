"""What is in the demo county?  Places, bodies, people, contents, routes and days off: everything but matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from accounts.actor import Actor
from accounts.models import COMPETENT_KINDS, Department, Region, RegionLevel
from petitions import trees
from petitions.demo import bodies, contents, notice_board, people, places
from petitions.demo.guard import demo_only, take_for_demo
from petitions.models import Category
from petitions.seeds import days

PASSWORD = people.PASSWORD


@dataclass(frozen=True)
class County:
    """The demo county as rows.

    Attributes:
        departments: by code in departments.txt ("XF", "ZRZY", "330726101" for a town).
        regions: by 12-digit code.
        categories: second-level ones by code.
        people: actors by sign-in name, one for each post, first post first.
    """

    departments: Mapping[str, Department]
    regions: Mapping[str, Region]
    categories: Mapping[str, Category]
    people: Mapping[str, list[Actor]]

    @property
    def office(self) -> Department:
        """The county petition office."""
        return self.departments["XF"]

    @property
    def villages(self) -> list[Region]:
        """Villages and communities, in the order of their codes."""
        return [row for row in self.regions.values() if row.level == RegionLevel.VILLAGE]

    def named(self, username: str) -> Actor:
        """The person of that sign-in name, in the first post."""
        return self.people[username][0]

    def by_post(self) -> dict[tuple[int, str], list[Actor]]:
        """Actors by department id and role; those of inner offices stand under the body above as well."""
        found: dict[tuple[int, str], list[Actor]] = {}
        for actor in (actor for actors in self.people.values() for actor in actors):
            department = actor.post.department
            found.setdefault((department.pk, actor.role), []).append(actor)
            if department.kind == "inner" and department.parent_id is not None:
                found.setdefault((department.parent_id, actor.role), []).append(actor)
        return found

    def units(self) -> list[Department]:
        """Bodies that a matter may be sent to."""
        return [row for row in self.departments.values() if row.kind in COMPETENT_KINDS]


def build_county() -> County:
    """Make whatever of the demo county is missing, and return it all; running it again changes nothing.

    Raises:
        NotADemo: this is a real office.
    """
    demo_only()
    with transaction.atomic():
        take_for_demo()
        regions = places.build_regions()
        listed = bodies.bodies(regions)
        departments = bodies.build_departments(listed, regions)
        categories = contents.build_categories()
        contents.build_routes(departments, regions)
        days.build()
        found = people.build_people(listed, departments)
        notice_board.build_board(departments["XF"], found["xitong"][0])
    trees.forget()
    return County(departments, regions, categories, found)


def sign_ins() -> list[tuple[str, str, str]]:
    """Return (who, sign-in name, what to look at) for a tour of the demo; the password is `PASSWORD`."""
    return [
        ("窗口登记", "chuangkou1", "登记来访、来信、来电；查看本窗口登记的事项"),
        ("受理甄别", "shouli1", "待转送、异议、待审核；批量转送"),
        ("信访局长", "xinfangjuzhang", "全县事项、审核认定、存的批准；可切换岗位"),
        ("督查", "ducha", "逾期未受理自动督办、影子时限"),
        ("单位签收", "ziran_qianshou", "自然资源和规划局：签收、异议、受理"),
        ("承办人", "ziran_chengban1", "接谈、起草处理意见、送达"),
        ("分管领导", "ziran_fenguan", "核稿；也可代签局长"),
        ("单位负责人", "ziran_juzhang", "签发、批准延期"),
        ("另一单位", "renshe_qianshou", "人社局：欠薪、社保事项"),
        ("乡镇", "huangzhai_qianshou", "黄宅镇：属地事项；可切换为登记岗"),
        ("县领导", "fuxianzhang1", "分管领域的事项、批示"),
        ("政法委", "zhengfa1", "涉法涉诉来件的签收"),
        ("复查", "fucha", "县级复查：审查申请、起草复查意见；不能签发自己起草的"),
        ("复查签发", "fucha2", "签发、送达复查意见"),
        ("复核", "shifuhe", "市级复核：听证期间不计入期限"),
        ("联席办", "lianxiban", "约谈、通报、挂牌督办；受理争议"),
        ("审计", "shenji", "访问记录"),
        ("系统管理员", "xitong", "单位、岗位、分类、节假日"),
        ("安全管理员", "anquan", "帐号与锁定"),
        ("审计管理员", "shenjiguanli", "封印与核验"),
    ]
