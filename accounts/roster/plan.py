"""What is wrong with a filled sheet, row by row?  Nothing is written while that is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts import bodies
from accounts.duties import fits
from accounts.identity import pinyin_full
from accounts.models import Department, DepartmentKind, Office, Region, RegionLevel, Role, User
from accounts.roster.sheet import COLUMNS, KINDS, PEOPLE, ROLES, UNITS, Row

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")
TOWNS = {DepartmentKind.TOWNSHIP, DepartmentKind.STREET}


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken: sheet, number of the row there, heading of the column, what stands there, the reason."""

    sheet: str
    number: int
    column: str
    value: str
    reason: str


@dataclass
class Unit:
    """A body to be made.

    Attributes:
        row: the number of its row.
        above: the full name of the body over it, empty for the county.
        region: the code of the town, or street, it belongs to; empty where the row says none.
    """

    row: int
    name: str
    short_name: str
    kind: str
    above: str
    region: str
    paper_prefix: str
    phone: str
    address: str
    opening_hours: str


@dataclass
class Holding:
    """A post to be given: the body's full name, the role, the title."""

    department: str
    role: str
    title: str


@dataclass
class Person:
    """A person to be added, with every post of theirs; ``row``: the number of the first row that names the person."""

    row: int
    username: str
    name: str
    phone: str
    email: str
    posts: list[Holding] = field(default_factory=list)


@dataclass
class Plan:
    """Everything a sheet says: units in an order in which each stands after the one above it, people, and what is wrong."""

    units: list[Unit] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def posts(self) -> int:
        """How many posts would be given."""
        return sum(len(person.posts) for person in self.people)


def plan(rows: Iterable[Row], office: Office) -> Plan:
    """Return what ``rows`` would make of the office, with every problem found; nothing is written."""
    made = list(rows)
    checker = _Checker(office, made)
    units = checker.units([row for row in made if row.sheet == UNITS])
    people = checker.people([row for row in made if row.sheet == PEOPLE])
    problems = sorted(checker.problems, key=lambda one: (one.sheet != UNITS, one.number))
    return Plan(units, people, problems)


class _Checker:
    """Knows the names that are there and the ones that are to come; collects problems."""

    def __init__(self, office: Office, rows: list[Row]) -> None:
        self.problems: list[Problem] = []
        self.there = {row.name: row for row in Department.objects.exclude(kind=DepartmentKind.SYSTEM)}
        self.office = office.department.name if office.department else ""
        self.kinds: dict[str, str] = {name: row.kind for name, row in self.there.items()}
        names = [row.values["name"] for row in rows if row.sheet == UNITS]
        self.coming = {name for name in names if name}
        self.towns = _towns()
        self.begins = bodies.beginnings()
        self.taken = set(User.objects.values_list("username", flat=True))

    def fault(self, row: Row, name: str, reason: str) -> None:
        """Note why ``row`` cannot be taken, at the column ``name``."""
        label = next((column.label for column in COLUMNS[row.sheet] if column.name == name), "")
        self.problems.append(Problem(row.sheet, row.number, label, row.values.get(name, ""), reason))

    def _whole(self, row: Row) -> bool:
        """Whether the row holds all it must, in characters that can be taken."""
        for name, reason in row.faults.items():
            self.fault(row, name, reason)
        missing = [column.name for column in COLUMNS[row.sheet] if column.must and not row.values[column.name]]
        for name in missing:
            self.fault(row, name, "没有填写。")
        return not missing and not row.faults

    # --- units ----------------------------------------------------------------------------------------------------

    def units(self, rows: list[Row]) -> list[Unit]:
        """The bodies that can be made, those above first."""
        found: dict[str, tuple[Row, Unit]] = {}
        for row in rows:
            if not self._whole(row):
                continue
            unit = self._unit(row)
            if unit.name in found:
                self.fault(row, "name", f"与第{found[unit.name][0].number}行重名。")
            else:
                found[unit.name] = (row, unit)
                self.kinds.setdefault(unit.name, unit.kind)
                self._begins(row, unit)
        return list(self._in_order(found))

    def _begins(self, row: Row, unit: Unit) -> None:
        """No two bodies' papers are numbered alike, as for a body that is set up by hand (`bodies`)."""
        begins = unit.paper_prefix or unit.short_name
        other = self.begins.setdefault(begins, unit.name)
        if other != unit.name:
            column = "paper_prefix" if unit.paper_prefix or not row.values["short_name"] else "short_name"
            self.fault(row, column, f"文号以“{begins}”开头的已有{other}，文号会重复：请另填发文代字。")

    def _unit(self, row: Row) -> Unit:
        said = row.values
        kind = KINDS.get(said["kind"], "")
        if not kind:
            self.fault(
                row,
                "kind",
                "没有这个类型，请从列表中选。"
                if said["kind"] != "信访部门"
                else "信访部门已在上一步登记，不用写在这里。",
            )
        if said["name"] in self.there:
            self.fault(row, "name", "系统里已经有这个单位。")
        if said["parent"] and said["parent"] not in self.there and said["parent"] not in self.coming:
            self.fault(row, "parent", "单位表里没有这个上级单位。")
        return Unit(
            row.number, said["name"], said["short_name"] or said["name"][:30], kind, said["parent"], self._region(row, kind),
            said["paper_prefix"], said["phone"], said["address"], said["opening_hours"],
        )  # fmt: skip

    def _region(self, row: Row, kind: str) -> str:
        """The code of the town or street named: a township or street must name its own, any other body may; empty where none is."""
        name = row.values["region"]
        if not name:
            if kind in TOWNS:
                self.fault(row, "region", "乡镇、街道要填属地，责任单位按它确定。")
            return ""
        code = self.towns.get(name, "")
        if not code:
            self.fault(row, "region", "本县没有叫这个名字的乡镇、街道。")
        return code

    def _in_order(self, found: Mapping[str, tuple[Row, Unit]]) -> Iterator[Unit]:
        """Those above first; a circle is a problem of each row in it."""
        done: set[str] = set()
        waiting = dict(found)
        while waiting:
            ready = [name for name, (_, unit) in waiting.items() if unit.above not in waiting or unit.above in done]
            if not ready:
                for row, _ in waiting.values():
                    self.fault(row, "parent", "上级单位绕成了一圈。")
                return
            for name in ready:
                yield waiting.pop(name)[1]
                done.add(name)

    # --- people ---------------------------------------------------------------------------------------------------

    def people(self, rows: list[Row]) -> list[Person]:
        """The people that can be added, each with all posts."""
        whole = [row for row in rows if self._whole(row)]
        self._same_name_twice(whole)
        found: dict[str, Person] = {}
        for row in whole:
            self._put(found, row)
        return list(found.values())

    def _same_name_twice(self, rows: list[Row]) -> None:
        """Two rows of one name, one of them without a sign-in name: one person or two?"""
        first: dict[str, Row] = {}
        for row in rows:
            name = row.values["name"]
            before = first.setdefault(name, row)
            if before is not row and not (row.values["username"] and before.values["username"]):
                self.fault(row, "username", f"与第{before.number}行同名：请填写登录名，说明是一人还是两人。")

    def _put(self, found: dict[str, Person], row: Row) -> None:
        said = row.values
        post = self._post(row)
        username = said["username"].lower() or self._spelled(said["name"], found)
        if not _USERNAME.fullmatch(username):
            self.fault(row, "username", "登录名用3到40个小写字母、数字、点、横线，字母开头。")
        if username in self.taken:
            self.fault(row, "username", "这个登录名已经有人用了。")
        if said["email"] and not _is_email(said["email"]):
            self.fault(row, "email", "不是电子邮箱。")
        person = found.setdefault(username, Person(row.number, username, said["name"], said["phone"], said["email"]))
        if person.name != said["name"]:
            self.fault(row, "username", f"这个登录名在前面是{person.name}的。")
        if any((one.department, one.role) == (post.department, post.role) for one in person.posts):
            self.fault(row, "role", "同一个岗位写了两次。")
        person.posts.append(post)

    def _post(self, row: Row) -> Holding:
        said = row.values
        role, kind = ROLES.get(said["role"], ""), self.kinds.get(said["department"])
        if not role:
            admin = said["role"] in {Role.SYSTEM_ADMIN.label, Role.SECURITY_ADMIN.label, Role.AUDIT_ADMIN.label}
            self.fault(row, "role", "三种管理员在下一步登记。" if admin else "没有这个岗位，请从列表中选。")
        if kind is None:
            self.fault(row, "department", "单位表里没有这个单位，或者那一行有误。")
        elif role and kind and not fits(role, kind):
            self.fault(row, "role", f"{DepartmentKind(kind).label}没有“{Role(role).label}”这个岗位。")
        return Holding(said["department"], role, said["title"])

    def _spelled(self, name: str, found: Mapping[str, Any]) -> str:
        """A sign-in name from the pinyin, with a number where it is taken."""
        stem = re.sub(r"[^a-z0-9]", "", pinyin_full(name).lower())[:36] or "user"
        stem = stem if len(stem) >= 3 and stem[0].isalpha() else f"u{stem}xx"
        number, taken = 1, self.taken | found.keys()
        while (username := stem if number == 1 else f"{stem}{number}") in taken:
            number += 1
        return username


def _towns() -> dict[str, str]:
    """Code by name of the county's towns and streets."""
    rows = Region.objects.filter(level=RegionLevel.TOWN, active=True)
    return dict(rows.values_list("name", "pk"))


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
