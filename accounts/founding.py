"""How does an office begin?  The verbs of the first-run pages, which are open only while there is no administrator.

A one-time code, printed on the terminal of the machine, opens them to one browser, so that nobody else on the network can
take the office.  Every verb is one transaction and can be done again until the last one, which appoints the three
administrators and closes the pages for good.  What is done is written down under the name of the automatic user.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import gazetteer, staff, standing
from accounts.actor import system_actor
from accounts.dates import today
from accounts.duties import ADMINISTRATORS
from accounts.errors import BadInput, Refused, WrongMoment
from accounts.manage import changed
from accounts.models import Department, DepartmentKind, Kind, Level, Office, Post, Region, RegionLevel, Role, User
from accounts.privacy import blind
from accounts.signins import new_password
from accounts.tree import place

RULE = "首次启用"
TRIES = 5  # wrong codes that make the printed one worthless
ADMINS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


class NotOpen(Refused):
    """The pages are not open to this browser (403)."""

    status = 403


def the_office() -> Office:
    """The office's row; an empty one where there is none."""
    return Office.objects.select_related("region", "department").first() or Office()


def needed() -> bool:
    """Whether the first-run pages exist: an office's database, not yet begun, without an administrator."""
    if standing.mark() != Kind.OFFICE or not Office.objects.filter(finished_at=None).exists():
        return False
    return not Post.objects.filter(role__in=ADMINISTRATORS).exists()


# --- the door -----------------------------------------------------------------------------------------------------


def new_code() -> str:
    """Make a new one-time code, which ends the one before and what that had opened; return it as it is printed.

    Raises:
        WrongMoment: the office has begun.
    """
    with transaction.atomic():
        row = _open_row()
        code = new_password()
        row.code_hash, row.code_tries, row.opened_by = _hash(code), 0, ""
        row.save(update_fields=["code_hash", "code_tries", "opened_by"])
    return code


def open_with(typed: str) -> str:
    """Use the code up and return the token of the browser that the pages are open to from now on.

    Raises:
        WrongMoment: the office has begun, or too many wrong codes were typed.
        BadInput: it is another code.
    """
    with transaction.atomic():
        row = _open_row()
        if not row.code_hash or row.code_tries >= TRIES:
            raise WrongMoment("启用码已经用过或者输错太多次。请在服务器上重新取一个：重新运行 make office。", rule=RULE)
        right = hmac.compare_digest(bytes(row.code_hash), _hash(typed))
        if right:
            row.code_hash, row.opened_by = b"", secrets.token_urlsafe(32)
        else:
            row.code_tries += 1
        row.save(update_fields=["code_hash", "code_tries", "opened_by"])
    if not right:  # outside the transaction, so that the try is counted
        raise BadInput({"code": f"启用码不对，还可以试{TRIES - row.code_tries}次。"}, rule=RULE)
    return row.opened_by


def check_open(token: str) -> Office:
    """Return the office's row to the browser that holds ``token``.

    Raises:
        WrongMoment: the office has begun.  NotOpen: another browser's turn, or nobody's yet.
    """
    if not needed():
        raise WrongMoment("本机关已经启用，这些页面已关闭。", rule=RULE)
    row = the_office()
    if not row.opened_by or not hmac.compare_digest(row.opened_by, token):
        raise NotOpen("请先输入服务器上显示的启用码。", rule=RULE)
    return row


def _open_row() -> Office:
    """The row, locked."""
    row = Office.objects.select_for_update(of=("self",)).select_related("region", "department").first()
    if row is None or not needed():  # asked under the lock: who came second finds the office begun
        raise WrongMoment("本机关已经启用，这些页面已关闭。", rule=RULE)
    return row


def _hash(code: str) -> bytes:
    plain = "".join(mark for mark in code.lower() if mark.isalnum())[:40]
    return bytes.fromhex(blind(plain, "first-run-code"))


# --- the steps ----------------------------------------------------------------------------------------------------


def choose_region(county: str) -> Office:
    """Take ``county`` (six digits) as the office's place, and its towns and villages with it.  An earlier choice is replaced.

    Raises:
        BadInput: there is no such county.  WrongMoment: units have been taken over already.
    """
    try:
        rows = gazetteer.county_rows(county)
    except ValueError:
        raise BadInput({"county": "没有这个县（市、区）。"}) from None
    with transaction.atomic():
        row = _open_row()
        if row.staffed_at:
            raise WrongMoment("单位和人员已经录入，地区不能再改。", rule=RULE)
        row.region = None
        row.save(update_fields=["region"])
        Department.objects.exclude(region=None).update(region=None)
        for level in reversed(RegionLevel):  # villages first: each place holds the one above it
            Region.objects.filter(level=level).delete()
        Region.objects.bulk_create(rows.values())
        row.region = rows[f"{county}000000"]
        row.save(update_fields=["region"])
        Department.objects.exclude(kind=DepartmentKind.SYSTEM).update(region=row.region)
        _rename_county(row)
        changed(system_actor(), "office:1", "选定地区", after={"地区": row.region.full_name}, reason=RULE)
    return row


def _rename_county(row: Office) -> None:
    assert row.region is not None
    top = Department.objects.filter(parent=None, kind=DepartmentKind.LEADERSHIP).first()
    if top is not None:
        top.name = top.short_name = row.region.name[:30]
        top.save(update_fields=["name", "short_name"])


@dataclass(frozen=True)
class Named:
    """What the office is called and how it is reached; ``paper_prefix`` begins the numbers of its matters and papers."""

    name: str
    short_name: str
    letterhead: str
    paper_prefix: str
    phone: str = ""
    address: str = ""
    opening_hours: str = ""


def name_office(said: Named) -> Office:
    """Make the county and its petition office, or correct them.

    Raises:
        WrongMoment: no region has been chosen.
    """
    with transaction.atomic():
        row = _open_row()
        if row.region is None:
            raise WrongMoment("请先选定地区。", rule=RULE)
        department = row.department or _make(row.region)
        department.name, department.short_name, department.paper_prefix = said.name, said.short_name, said.paper_prefix
        department.phone, department.address, department.opening_hours = said.phone, said.address, said.opening_hours
        department.save()
        row.department, row.name, row.letterhead = department, said.name, said.letterhead
        row.save(update_fields=["department", "name", "letterhead"])
        facts = {"名称": said.name, "发文机关标志": said.letterhead, "发文代字": said.paper_prefix}
        changed(system_actor(), f"department:{department.pk}", "设立", after=facts, reason=RULE)
    return row


def _make(region: Region) -> Department:
    """The county as the root of the tree, and an unnamed petition office below it."""
    top = place(
        Department.objects.create(
            code=region.pk[:6], name=region.name, short_name=region.name[:30], kind=DepartmentKind.LEADERSHIP,
            level=Level.COUNTY, region=region, valid_from=today(),
        )
    )  # fmt: skip
    return place(
        Department.objects.create(
            code=f"{region.pk[:6]}-000", name="", short_name="", kind=DepartmentKind.PETITION_OFFICE,
            level=Level.COUNTY, parent=top, region=region, valid_from=today(),
        )
    )  # fmt: skip


def chose_preset(code: str) -> None:
    """Note which local rules were chosen (`petitions.presets` has made them in this transaction)."""
    row = _open_row()
    row.preset = code
    row.save(update_fields=["preset"])


# --- the end ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """What is handed to a person on paper: the first password stands nowhere else."""

    user: User
    where: str
    duty: str
    password: str


def appoint(people: Mapping[str, tuple[str, str]]) -> list[Slip]:
    """Appoint the three administrators and close the first-run pages for good.

    Args:
        people: by role (system, security, audit), the person's name and sign-in name.

    Raises:
        BadInput: two of them are one person, or a name cannot be taken.
        WrongMoment: the office has no name yet, or has begun.
    """
    _apart(people)
    passwords = {role: new_password() for role in ADMINS}
    hashed = {role: make_password(text) for role, text in passwords.items()}
    with transaction.atomic():
        row = _open_row()
        if row.department is None:
            raise WrongMoment("请先填写机关名称。", rule=RULE)
        slips = [_appointed(row.department, role, *people[role], passwords[role], hashed[role]) for role in ADMINS]
        row.finished_at, row.opened_by, row.code_hash, row.pending = timezone.now(), "", b"", {}
        row.save(update_fields=["finished_at", "opened_by", "code_hash", "pending"])
        changed(system_actor(), "office:1", "启用", after={"机关": row.name}, reason=RULE)
    return slips


def _apart(people: Mapping[str, tuple[str, str]]) -> None:
    """Three different people: neither a name nor a sign-in name twice."""
    faults = {}
    for place_, what in ((0, "name"), (1, "username")):
        said: Sequence[str] = [people[role][place_].strip().lower() for role in ADMINS]
        for number, role in enumerate(ADMINS):
            if said[number] in said[:number]:
                faults[f"{role}_{what}"] = "三种管理员必须是三个不同的人（三员分立）。"
    if faults:
        raise BadInput(faults, rule="三员分立")


def _appointed(office: Department, role: Role, name: str, username: str, password: str, hashed: str) -> Slip:
    by = system_actor()
    try:
        user = staff.add_person(by=by, username=username, name=name)
    except BadInput as refused:
        raise BadInput({f"{role}_{key}": words for key, words in refused.fields.items()}) from None
    staff.give_post(user, by=by, department=office, role=role, valid_from=today(), reason=RULE)
    set_first(user, hashed)
    return Slip(user, office.name, role.label, password)


def set_first(user: User, hashed: str) -> None:
    """Keep a first password's hash; the first sign-in asks for an own one."""
    user.password, user.must_change_password = hashed, True
    user.save(update_fields=["password", "must_change_password"])


def new_first_password(username: str) -> Slip:
    """A new first password for an administrator who has never signed in: the sheet was lost.  For the machine's terminal.

    Raises:
        WrongMoment: there is no such administrator, or the person has signed in before (another one resets it then).
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(username=username, last_login=None, is_active=True).first()
        post = Post.objects.filter(user=user, role__in=ADMINISTRATORS, valid_to=None).first() if user else None
        if user is None or post is None:
            raise WrongMoment("没有这样一个从未登录过的管理员。", rule=RULE)
        password = new_password()
        set_first(user, make_password(password))
        changed(system_actor(), staff.user_target(user), "重发初始密码", reason="在服务器上执行")
    return Slip(user, post.department.name, post.get_role_display(), password)
