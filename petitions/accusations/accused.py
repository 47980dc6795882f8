"""Which bodies is a sealed report about?  Those chosen, those named in words, and where a person of an accused name holds a post.

Every body's names and everybody's post are read each time, so that no statement tells which were asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.dates import today
from accounts.models import Department, DepartmentKind, FormerName, Post, Role

_APART = re.compile(r"[、，,；;。/|\n]")
_BRACKETS = re.compile(r"[(（【\[].*?[)）】\]]")
_EDGES = re.compile(r"[()（）【】\[\]]")
_BEFORE = re.compile(r"^(?:中国共产党|中共|原)+")
_NOT_A_CITY = "(?![场政民容])"  # 市场监督, 市政, 市民, 市容: words, and no city
_PLACE = re.compile(rf"[一-鿿]{{2,6}}?(?:自治区|自治州|省|市{_NOT_A_CITY}|州|盟|县|旗|区)")
_HERE = re.compile(rf"^[我本]?(省|市{_NOT_A_CITY}|县|区)")
_SHORTER = (
    ("人民政府", "政府"), ("纪律检查委员会", "纪委"), ("村民委员会", "村委会"), ("居民委员会", "居委会"), ("管理委员会", "管委会"),
)  # fmt: skip
# Words round a name that say what somebody is, and what a body's name ends with, where one stands before the person's.
_TITLES = re.compile(
    "(?:副|原|前|时任|现任)*(?:同志|先生|女士|[正科处股厅]级|[局所院镇乡县市区科股站队厂校社村组会部]长|书记|主任|主席|委员|经理|支书|会计|干部|等.{0,3}人)"
)
_TO_ITS_END = re.compile("^.*[局所院镇乡村委办会司站队科室厂校社县区]")
_TOWNS = ("镇", "乡", "街道", "村", "社区")
LEAST = 3  # characters of a name by which a longer one that begins with it is known
FULL = 4  # characters of a full name, seldom more
LONGEST = 20  # characters of a person's name


def plain_name(name: str) -> str:
    """A person's name as it is compared: without blanks."""
    return "".join(name.split())


def lines_of(told: dict[str, Any]) -> list[str]:
    """Return what was written of accused people, one piece for each: titles and brackets may stand round the name."""
    return [piece for line in told.get("accused", []) for one in _APART.split(line) if (piece := plain_name(one))]


def beginnings(line: str) -> list[str]:
    """Return every name that ``line`` may begin with: 钱某同志 begins with 钱某."""
    name = _BRACKETS.sub("", line) or line
    return [name, *(name[:length] for length in range(2, min(len(name), LONGEST + 1)))]


def names_in(line: str) -> list[str]:
    """Return what a text would call the person that ``line`` is about: 钱某 of 副所长钱某, 钱某同志, 土地所钱某 and 钱某（副所长）."""
    whole, found = _BRACKETS.sub("", line) or line, set()
    for piece in (whole, *_TITLES.split(whole)):
        bare = _TO_ITS_END.sub("", piece)
        name = bare if len(bare) > 1 else piece
        found |= {piece, name}
        if len(name) > FULL:  # what else stands beside it we do not know
            found |= {name[:2], name[:LEAST], name[-2:], name[-LEAST:]}
    return sorted(name for name in found if len(name) > 1)


def units_of(told: dict[str, Any]) -> list[str]:
    """Return what was written of accused bodies, one piece for each."""
    return [piece for one in _APART.split(told.get("accused_unit") or "") if len(piece := plain_name(one)) > 1]


@dataclass(frozen=True)
class Called:
    """A body's name as it is compared: ``place``: the lowest place before it (empty: none said), ``core``: the rest."""

    place: str
    core: str


def called(name: str) -> Called:
    """Return a body's name as it is compared: 中共浦江县委组织部 is 委组织部 of 浦江县, 县国土局 is 国土局 of a county."""
    rest, place = _BEFORE.sub("", "".join(unicodedata.normalize("NFKC", name).split())), ""
    while found := _PLACE.match(rest):
        place, rest = found[0], rest[found.end() :]
    if not place and (here := _HERE.match(rest)):
        place, rest = here[1], rest[here.end() :]
    for long, short in _SHORTER:
        rest = rest.replace(long, short)
    return Called(place, rest)


def _of_one_place(one: Called, other: Called) -> bool:
    """Whether nothing said of their places speaks against it; 县 alone is any county."""
    a, b = sorted((one.place, other.place), key=len)
    return not a or a == b or (len(a) == 1 and b.endswith(a))


def _known_by(core: str) -> bool:
    """Whether a longer name that begins with it, or has it within, is of the same body: not by a town's bare name."""
    return len(core) >= LEAST and not core.endswith(_TOWNS)


def _same_body(written: Called, name: Called) -> bool:
    """Whether what was written is a body's name, begins with it (人事科 of it), or is the beginning of it."""
    if not _of_one_place(written, name):
        return False
    if not written.core or not name.core:
        return written == name
    begun = len(written.core) >= LEAST and name.core.startswith(written.core)
    return written.core == name.core or begun or (_known_by(name.core) and written.core.startswith(name.core))


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a post today."""

    user: int
    name: str
    body: int


@dataclass(frozen=True)
class About:
    """A body that a report is about.

    Attributes:
        by_person: only what was written of accused people says so: 国土局钱某, or a name that somebody there bears.
        holder: who bears it and holds a post there, where that alone says so.
    """

    body: Department
    by_person: bool = False
    holder: Holder | None = None


class Roster:
    """Every body with all the names it has had, and who holds which post today: read once, asked about many reports."""

    def __init__(self) -> None:
        self.bodies = {row.pk: row for row in Department.objects.exclude(kind=DepartmentKind.SYSTEM)}
        posts = Post.objects.in_force(today()).exclude(role=Role.SYSTEM).order_by("pk")
        held = posts.values_list("user_id", "user__name", "department_id")
        self.holders = [Holder(user, plain_name(name), body) for user, name, body in held if body in self.bodies]

    @cached_property
    def names(self) -> dict[int, list[Called]]:
        """Each body's names, short names and former names; one without a place is of the place of the body above it."""
        said: dict[int, list[str]] = {pk: [row.name, row.short_name] for pk, row in self.bodies.items()}
        for pk, name, short in FormerName.objects.values_list("department_id", "name", "short_name"):
            said.get(pk, []).extend((name, short))
        return {pk: [self._placed(pk, name) for name in names if name] for pk, names in said.items()}

    def _placed(self, pk: int, name: str) -> Called:
        found = called(name)
        return found if found.place else Called(self._place(pk), found.core)

    def _place(self, pk: int) -> str:
        body = self.bodies.get(pk)
        while body is not None:
            if place := called(body.name).place:
                return place
            body = self.bodies.get(body.parent_id or 0)
        return ""

    def named(self, text: str) -> list[Department]:
        """Return the bodies that words may mean; those that were abolished too."""
        written = [called(piece) for one in _APART.split(text) for piece in _EDGES.split(one) if piece.strip()]
        return [
            self.bodies[pk] for pk, names in self.names.items()
            if any(_same_body(one, name) for one in written for name in names)
        ]  # fmt: skip

    def below(self, body: Department) -> Iterator[tuple[Department, list[Called]]]:
        """Yield ``body`` and everything below it, with their names."""
        for pk, names in self.names.items():
            if self.bodies[pk].path.startswith(body.path):
                yield self.bodies[pk], names

    def near(self, text: str, body: Department) -> Department | None:
        """Return the body at or below ``body`` whose name stands somewhere in ``text``."""
        written = called(text)
        for one, names in self.below(body):
            if any(
                _known_by(name.core) and name.core in written.core and _of_one_place(written, name) for name in names
            ):
                return one
        return None

    def named_in(self, text: str, body: Department) -> bool:
        """Whether ``text`` names ``body``: by a name in full, or by what any of its names is without the place."""
        full, rest = plain_name(text), called(text).core
        if any(len(name) > 1 and plain_name(name) in full for name in (body.name, body.short_name)):
            return True
        return any(_known_by(name.core) and name.core in rest for name in self.names[body.pk])

    def alike(self, told: dict[str, Any]) -> list[Holder]:
        """Return who holds a post under a name that stands in what was written of the accused people."""
        lines = lines_of(told)
        return [one for one in self.holders if len(one.name) > 1 and any(one.name in line for line in lines)]

    def about(self, told: dict[str, Any]) -> list[About]:
        """Return every body that a report is about, once; who was stated to be another person of that name brings none."""
        chosen = [self.bodies[pk] for pk in told.get("accused_units", []) if pk in self.bodies]
        rows = [About(body) for body in (*chosen, *self.named(told.get("accused_unit") or ""))]
        others = {one["user"] for one in told.get("namesakes", [])}
        rows += [About(body, by_person=True) for line in lines_of(told) for body in self.named(line)]
        rows += [About(self.bodies[one.body], True, one) for one in self.alike(told) if one.user not in others]
        first: dict[int, About] = {}
        for row in rows:
            first.setdefault(row.body.pk, row)
        return list(first.values())

    def heir(self, body: Department) -> Department | None:
        """Return who has taken over what a body had."""
        return self.bodies.get(body.heir_id or 0)

    def with_heirs(self, told: dict[str, Any]) -> set[int]:
        """Return the ids of every body that a report is about and of who took it over."""
        found = [row.body for row in self.about(told)]
        return {body.pk for body in found} | {body.heir_id for body in found if body.heir_id}

    def span(self, body: Department) -> set[int]:
        """Return the ids of ``body``, of everything below it, and of what any of them has taken over."""
        ids = {pk for pk, row in self.bodies.items() if row.path.startswith(body.path)}
        return ids | {pk for pk, row in self.bodies.items() if row.heir_id in ids}
