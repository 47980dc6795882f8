"""How is a sheet taken in once the office works?  Each administrator his own part, by his own verbs, whole or not at all.

The system administrator takes the bodies and the people, the security administrator their posts and first passwords: one sheet
goes through both hands (三员分立).  To look at it everything is done and undone again: what a verb refuses is what is shown.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from django.db import transaction

from accounts import bodies, founding, privacy, signins, staff
from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, Refused, WrongMoment
from accounts.founding import Slip
from accounts.manage import check_manages
from accounts.models import Department, DepartmentKind, Level, Office, Region, Role, User
from accounts.roster.plan import Plan, Problem, Unit, plan
from accounts.roster.sheet import COLUMNS, PEOPLE, ROLES, UNITS, Row
from accounts.roster.take import LEVELS, code_of

REASON = "按表格录入"
MOST_PASSWORDS = 200  # of one sheet: each takes a tenth of a second


@dataclass
class Report:
    """What a sheet does: how many rows of each kind, what is wrong with it, and the passwords to be handed out.

    Attributes:
        known: posts that are held already and are passed over; ``passwords``: people who get their first one.
    """

    problems: list[Problem] = field(default_factory=list)
    units: int = 0
    people: int = 0
    posts: int = 0
    known: int = 0
    passwords: int = 0
    slips: list[Slip] = field(default_factory=list)


Part = Callable[..., Report]


def bodies_and_people(rows: Sequence[Row], *, by: Actor, keep: bool) -> Report:
    """Set up the bodies and add the people of a sheet; without ``keep``, or with a problem, nothing is left of it.

    Raises:
        WrongPerson: it is not the system administrator.
    """
    check_manages(by, "departments")
    check_manages(by, "people")
    made = plan(rows, founding.the_office())
    with transaction.atomic():
        problems = made.problems or [*_set_up(made, by), *_add(made, by)]
        transaction.set_rollback(not keep or bool(problems))
    return Report(problems, units=len(made.units), people=len(made.people))


def _set_up(made: Plan, by: Actor) -> Iterator[Problem]:
    office = founding.the_office()
    county = office.department.parent if office.department else _county()
    used = set(Department.objects.values_list("code", flat=True))
    for unit in made.units:
        with _noted(UNITS, unit.row, unit.name) as found:
            above = Department.objects.filter(name=unit.above, valid_to=None).first() if unit.above else county
            used.add(code := code_of(unit, office, used))
            _set_up_one(unit, code, above, office, by)
        yield from found


def _set_up_one(unit: Unit, code: str, above: Department | None, office: Office, by: Actor) -> None:
    superior = unit.kind == DepartmentKind.SUPERIOR
    row = bodies.add(
        by=by, code=code, name=unit.name, short_name=unit.short_name, kind=unit.kind,
        level=LEVELS.get(DepartmentKind(unit.kind), Level.COUNTY), parent=None if superior else above,
        paper_prefix=unit.paper_prefix, reason=REASON,
    )  # fmt: skip
    bodies.correct(
        row, by=by, phone=unit.phone, address=unit.address, opening_hours=unit.opening_hours, reason=REASON,
        region=None if superior else Region.objects.filter(pk=unit.region).first() or office.region or (above and above.region),
    )  # fmt: skip


def _county() -> Department | None:
    """What bodies stand under where the first-run pages have named none: the county itself."""
    return Department.objects.in_force(today()).filter(kind=DepartmentKind.LEADERSHIP).order_by("path").first()


def _add(made: Plan, by: Actor) -> Iterator[Problem]:
    for one in made.people:
        with _noted(PEOPLE, one.row, one.name) as found:
            staff.add_person(by=by, username=one.username, name=one.name, phone=one.phone, email=one.email)
        yield from found


def posts(rows: Sequence[Row], *, by: Actor, keep: bool) -> Report:
    """Give the posts of a sheet to people who are there, and a first password to whoever has none; as `bodies_and_people`.

    Raises:
        WrongPerson: it is not the security administrator.
    """
    check_manages(by, "posts")
    check_manages(by, "signins")
    report = Report()
    with transaction.atomic():
        given: dict[int, list[str]] = {}
        for row in (row for row in rows if row.sheet == PEOPLE):
            with _noted(PEOPLE, row.number, row.values["name"]) as found:
                _give(row, by, report, given)
            report.problems += found
        fresh = [user for user in User.objects.filter(pk__in=given).order_by("pk") if not user.has_usable_password()]
        report.passwords = len(fresh)
        if len(fresh) > MOST_PASSWORDS:
            report.problems.append(
                Problem(PEOPLE, 0, "", str(len(fresh)), f"一次最多给{MOST_PASSWORDS}人发初始密码，请分开录入。")
            )
        elif keep and not report.problems:
            report.slips = [_slip(user, given[user.pk], by) for user in fresh]
        transaction.set_rollback(not keep or bool(report.problems))
    return report


def _give(row: Row, by: Actor, report: Report, given: dict[int, list[str]]) -> None:
    if missing := [column.label for column in COLUMNS[PEOPLE] if column.must and not row.values[column.name]]:
        raise BadInput({"row": f"没有填写：{'、'.join(missing)}。"})
    user, body = _person(row), Department.objects.in_force(today()).filter(name=row.values["department"]).first()
    role = ROLES.get(row.values["role"], "")
    if body is None or not role:
        raise BadInput({"row": "没有这个单位。" if body is None else "没有这个岗位；三种管理员不在表里授予。"})
    given.setdefault(user.pk, []).extend([body.name, role])
    if any(post.department_id == body.pk and post.role == role for post in staff.open_posts(user)):
        report.known += 1
        return
    staff.give_post(
        user, by=by, department=body, role=role, title=row.values["title"], valid_from=today(), reason=REASON
    )
    report.posts += 1


def _person(row: Row) -> User:
    """Whom the row means: by sign-in name, else by a name that one person in service has."""
    username, name = row.values["username"].lower(), row.values["name"]
    wanted = {"username": username} if username else {"name": name}
    found = list(User.objects.filter(is_active=True, **wanted).exclude(username="system")[:2])
    if len(found) != 1:
        several = "有不止一人叫这个名字，请填写登录名。" if found else "还没有这个人：请系统管理员先录入人员。"
        raise BadInput({"row": several})
    if found[0].name != name:
        raise BadInput({"row": f"这个登录名是{found[0].name}的。"})
    return found[0]


def _slip(user: User, held: list[str], by: Actor) -> Slip:
    password = signins.issue_password(user, by=by, reason=REASON)
    return Slip(user, held[0], "、".join(dict.fromkeys(Role(role).label for role in held[1::2])), password)


@contextmanager
def _noted(sheet: str, number: int, value: str) -> Iterator[list[Problem]]:
    """What a verb refuses inside becomes a problem of the row; what it had done of that row is undone."""
    found: list[Problem] = []
    try:
        with transaction.atomic():
            yield found
    except Refused as refused:
        found.append(Problem(sheet, number, "", value, refused.message))


# --- kept between the look and the taking --------------------------------------------------------------------------


def sealed(rows: Sequence[Row], part: str, by: Actor) -> str:
    """Return ``rows`` for a hidden field: sealed for this post, this part and this day, so that nothing is kept here."""
    packed = zlib.compress(json.dumps([asdict(row) for row in rows]).encode())
    return base64.b64encode(privacy.seal(packed, _bound(part, by))).decode()


def opened(text: str, part: str, by: Actor) -> list[Row]:
    """Return the rows of `sealed`.

    Raises:
        WrongMoment: they were looked at by another, for another part, or on another day.
    """
    try:
        packed = privacy.unseal_bytes(base64.b64decode(text, validate=True), _bound(part, by))
    except (privacy.PrivacyError, binascii.Error, ValueError):
        raise WrongMoment("请重新上传并检查，再录入。", rule=REASON) from None
    return [Row(**row) for row in json.loads(zlib.decompress(packed))]


def _bound(part: str, by: Actor) -> bytes:
    return f"roster:{part}:{by.post.pk}:{today()}".encode()
