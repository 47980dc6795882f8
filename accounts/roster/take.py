"""How is a looked-at sheet taken over?  Whole or not at all, by the verbs that the administrators' pages use."""

from __future__ import annotations

from collections.abc import Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import count

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import founding, staff
from accounts.actor import Actor, system_actor
from accounts.dates import today
from accounts.errors import WrongMoment
from accounts.founding import RULE, Slip
from accounts.manage import changed
from accounts.models import Department, DepartmentKind, Level, Office, Region, Role, User
from accounts.roster.plan import TOWNS, Plan, Unit, plan
from accounts.roster.sheet import Row
from accounts.signins import new_password
from accounts.tree import place

_HASHERS = 2  # at once: each takes about a hundred megabytes for a moment
LEVELS = {
    DepartmentKind.TOWNSHIP: Level.TOWN, DepartmentKind.STREET: Level.TOWN, DepartmentKind.VILLAGE: Level.TOWN,
    DepartmentKind.SUPERIOR: Level.CITY,
}  # fmt: skip


def look(rows: list[Row], office: Office) -> Plan:
    """Keep the rows of a sheet for later and return what they would do; nothing else is written."""
    made = plan(rows, office)
    Office.objects.filter(pk=office.pk).update(pending={"rows": [asdict(row) for row in rows]})
    return made


def kept(office: Office) -> Plan | None:
    """What the rows kept by :func:`look` would do today; None where there are none."""
    rows = office.pending.get("rows")
    return plan([Row(**row) for row in rows], office) if rows else None


def take() -> list[Slip]:
    """Take the kept rows over: bodies, people, posts, first passwords; return the slips to be handed out.

    Raises:
        WrongMoment: nothing is kept, it has been taken over already, or something is wrong with it by now.
    """
    made = _sound(founding.the_office())
    passwords = _first_passwords(made)
    with transaction.atomic():
        row = Office.objects.select_for_update(of=("self",)).select_related("department", "region").get()
        _sound(row)
        slips = _write(made, row, passwords)
        row.staffed_at, row.pending = timezone.now(), {}
        row.save(update_fields=["staffed_at", "pending"])
    return slips


def skip() -> None:
    """Go on without a sheet: units and people are entered by the administrators."""
    Office.objects.filter(staffed_at=None).update(staffed_at=timezone.now(), pending={})


def _sound(office: Office) -> Plan:
    if office.staffed_at:
        raise WrongMoment("单位和人员已经录入。", rule=RULE)
    made = kept(office)
    if made is None or made.problems:
        raise WrongMoment("没有可以录入的表：请重新上传并检查。", rule=RULE)
    return made


def _first_passwords(made: Plan) -> dict[str, tuple[str, str]]:
    """By sign-in name: a password and its hash.  Argon2 is slow on purpose, so that this is done before rows are locked."""
    clear = {person.username: new_password() for person in made.people}
    with ThreadPoolExecutor(_HASHERS) as pool:
        hashed = dict(zip(clear, pool.map(make_password, clear.values()), strict=True))
    return {name: (clear[name], hashed[name]) for name in clear}


def _write(made: Plan, office: Office, passwords: dict[str, tuple[str, str]]) -> list[Slip]:
    by = system_actor()
    departments = {row.name: row for row in Department.objects.exclude(kind=DepartmentKind.SYSTEM)}
    _make_units(made.units, departments, office, by)
    slips = []
    for person in made.people:
        user = staff.add_person(
            by=by, username=person.username, name=person.name, phone=person.phone, email=person.email
        )
        for post in person.posts:
            body = departments[post.department]
            staff.give_post(
                user, by=by, department=body, role=post.role, title=post.title, valid_from=today(), reason=RULE
            )
        founding.set_first(user, passwords[person.username][1])
        slips.append(_slip(user, person.posts[0].department, [post.role for post in person.posts], passwords))
    return slips


def _slip(user: User, where: str, roles: Iterable[str], passwords: dict[str, tuple[str, str]]) -> Slip:
    duty = "、".join(dict.fromkeys(Role(role).label for role in roles))
    return Slip(user, where, duty, passwords[user.username][0])


def _make_units(units: Iterable[Unit], departments: dict[str, Department], office: Office, by: Actor) -> None:
    county = office.department.parent if office.department else None
    regions = Region.objects.in_bulk([unit.region for unit in units if unit.region])
    used = {row.code for row in departments.values()}
    for unit in units:
        superior = unit.kind == DepartmentKind.SUPERIOR
        above = departments[unit.above] if unit.above else (None if superior else county)
        row = Department.objects.create(
            code=code_of(unit, office, used), name=unit.name, short_name=unit.short_name, kind=unit.kind,
            level=LEVELS.get(DepartmentKind(unit.kind), Level.COUNTY), parent=above, valid_from=today(),
            region=regions.get(unit.region) or (None if superior else office.region), paper_prefix=unit.paper_prefix,
            phone=unit.phone, address=unit.address, opening_hours=unit.opening_hours,
        )  # fmt: skip
        departments[unit.name] = place(row)
        used.add(row.code)
        changed(
            by, f"department:{row.pk}", "设立", after={"名称": row.name, "类型": row.get_kind_display()}, reason=RULE
        )


def code_of(unit: Unit, office: Office, used: Container[str]) -> str:
    """Return a code that is not ``used`` yet for a body of a sheet: other systems' codes stand beside ours.

    A township or street has its town's nine digits, any other body the county's six and a serial.
    """
    town = unit.region[:9]
    if town and unit.kind in TOWNS and town not in used:
        return town
    begins = office.region.pk[:6] if office.region else "X"
    return next(code for serial in count(1) if (code := f"{begins}-{serial:03d}") not in used)
