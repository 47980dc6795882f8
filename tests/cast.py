"""The fixed cast: one small county in which everybody has a name, and every test knows them.

Two units that may decide (自然资源局 handles, 住建局 is its sibling), one petition office, one township as the
stranger, a leader in charge of the first unit.  Built once per test database, by plain rows: no verbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.actor import Actor
from accounts.models import Department, DepartmentKind, LeaderField, Level, Post, Region, Role, User
from petitions.models import CalendarDay, CalendarYear, Category

SINCE = date(2019, 1, 1)
PASSWORD = "A-long-test-password-1"


@dataclass
class Cast:
    """Everybody, as actors ready to be told ``by=``; departments and reference rows beside them."""

    county: Department
    office: Department
    bureau: Department
    sibling: Department
    township: Department
    police: Department
    city: Department
    review: Department
    city_review: Department
    category: Category
    region: Region
    registrar: Actor
    registrar2: Actor
    triage: Actor
    head: Actor
    supervisor: Actor
    signer: Actor
    handler: Actor
    unit_leader: Actor
    unit_head: Actor
    sibling_signer: Actor
    sibling_handler: Actor
    sibling_head: Actor
    police_signer: Actor
    township_signer: Actor
    township_registrar: Actor
    stranger: Actor
    conference: Actor
    reviewer: Actor
    reviewer2: Actor
    rereviewer: Actor
    rereviewer2: Actor
    leader: Actor
    other_leader: Actor
    auditor: Actor
    system_admin: Actor
    security_admin: Actor
    audit_admin: Actor

    def everybody(self) -> dict[str, Actor]:
        """Every actor by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Actor)}


def build_cast() -> Cast:
    """Make the cast's rows and return it."""
    rows: dict[str, Any]
    people: dict[str, Any]
    region = _region()
    county = _department("T-COUNTY", "浦江县", DepartmentKind.LEADERSHIP, None, region)
    rows = {
        "office": _department("T-XF", "浦江县信访局", DepartmentKind.PETITION_OFFICE, county, region, "浦信"),
        "bureau": _department("T-ZR", "浦江县自然资源和规划局", DepartmentKind.BUREAU, county, region, "浦自然资规"),
        "sibling": _department("T-ZJ", "浦江县住房和城乡建设局", DepartmentKind.BUREAU, county, region, "浦建"),
        "township": _department("T-TZ", "檀溪镇人民政府", DepartmentKind.TOWNSHIP, county, region, "檀政"),
        "police": _department(
            "T-ZF", "中共浦江县委政法委员会", DepartmentKind.POLITICAL_LEGAL, county, region, "浦政法"
        ),
        "city": _department("T-JH", "金华市信访局", DepartmentKind.SUPERIOR, None, region, "金信"),
        "review": _department("T-FC", "浦江县信访事项复查复核委员会", DepartmentKind.REVIEW, county, region, "浦复"),
        "city_review": _department(
            "T-JHFC", "金华市信访事项复查复核委员会", DepartmentKind.REVIEW, None, region, "金复", Level.CITY
        ),
    }
    Department.objects.bulk_update([county, *rows.values()], ["path"])
    _calendar()
    people = _actors({**rows, "county": county})
    LeaderField.objects.create(post=people["leader"].post, department=rows["bureau"])
    LeaderField.objects.create(post=people["other_leader"].post, department=rows["sibling"])
    return Cast(county=county, category=_category(), region=region, **rows, **people)


_PEOPLE = (
    ("registrar", "office", Role.REGISTRAR),
    ("registrar2", "office", Role.REGISTRAR),
    ("triage", "office", Role.TRIAGE),
    ("head", "office", Role.OFFICE_HEAD),
    ("supervisor", "office", Role.SUPERVISOR),
    ("signer", "bureau", Role.SIGNER),
    ("handler", "bureau", Role.HANDLER),
    ("unit_leader", "bureau", Role.UNIT_LEADER),
    ("unit_head", "bureau", Role.UNIT_HEAD),
    ("sibling_signer", "sibling", Role.SIGNER),
    ("sibling_handler", "sibling", Role.HANDLER),
    ("sibling_head", "sibling", Role.UNIT_HEAD),
    ("police_signer", "police", Role.SIGNER),
    ("township_signer", "township", Role.SIGNER),
    ("township_registrar", "township", Role.REGISTRAR),
    ("stranger", "township", Role.HANDLER),
    ("conference", "office", Role.CONFERENCE),
    ("reviewer", "review", Role.REVIEWER),
    ("reviewer2", "review", Role.REVIEWER),
    ("rereviewer", "city_review", Role.REREVIEWER),
    ("rereviewer2", "city_review", Role.REREVIEWER),
    ("leader", "county", Role.LEADER),
    ("other_leader", "county", Role.LEADER),
    ("auditor", "county", Role.AUDITOR),
    ("system_admin", "county", Role.SYSTEM_ADMIN),
    ("security_admin", "county", Role.SECURITY_ADMIN),
    ("audit_admin", "county", Role.AUDIT_ADMIN),
)


def _region() -> Region:
    top = Region.objects.create(code="330726000000", name="浦江县", full_name="浙江省金华市浦江县", level="county")
    town = Region.objects.create(
        code="330726101000", name="檀溪镇", full_name="浙江省金华市浦江县檀溪镇", level="town", parent=top
    )
    return Region.objects.create(
        code="330726101201", name="寺前村", full_name="浙江省金华市浦江县檀溪镇寺前村", level="village", parent=town
    )


def _department(
    code: str,
    name: str,
    kind: DepartmentKind,
    parent: Department | None,
    region: Region,
    prefix: str = "",
    at: Level | None = None,
) -> Department:
    level = at or (Level.CITY if kind == DepartmentKind.SUPERIOR else Level.COUNTY)
    short = name.removeprefix("浦江县")
    row = Department.objects.create(
        code=code, name=name, short_name=short or name, kind=kind, level=level, parent=parent, region=region,
        paper_prefix=prefix, phone="0579-0000000", valid_from=SINCE,
    )  # fmt: skip
    row.path = f"{parent.path if parent else '/'}{row.pk}/"  # written by build_cast, all in one statement
    return row


def _actors(places: dict[str, Department]) -> dict[str, Actor]:
    """All people and their posts in two statements: nearly every test makes a cast."""
    users = [User(username=f"t-{name}", name=f"{role.label}{name}") for name, _, role in _PEOPLE]
    for user in users:
        user.set_unusable_password()
    User.objects.bulk_create(users)
    posts = Post.objects.bulk_create(
        Post(user=user, department=places[place], role=role, valid_from=SINCE)
        for user, (_, place, role) in zip(users, _PEOPLE, strict=True)
    )
    return {name: Actor(user=post.user, post=post) for (name, _, _), post in zip(_PEOPLE, posts, strict=True)}


def _category() -> Category:
    top = Category.objects.create(code="T02", name="国土资源")
    return Category.objects.create(code="T0202", name="土地征收", parent=top, hints=["征收", "征地", "补偿"])


def _calendar() -> None:
    """National Day 2026 and the make-up days around it: enough for every test that does not bring its own."""
    off = [date(2026, 10, day) for day in (1, 2, 5, 6, 7)]
    CalendarDay.objects.bulk_create(CalendarDay(day=day, is_workday=False, name="国庆节") for day in off)
    CalendarDay.objects.create(day=date(2026, 10, 10), is_workday=True, name="国庆节补班")
    CalendarYear.objects.bulk_create(CalendarYear(year=year, source="测试") for year in (2024, 2025, 2026))
