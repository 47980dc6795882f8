"""Which part is looked at?  Capacity, basis, period, unit, place, category, channel and day, and who may look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department, Role
from petitions import access, trees
from petitions.errors import BadInput, NotSeen, WrongPerson
from petitions.figures.derive import BODY, OFFICE
from petitions.figures.totals import BASES
from petitions.models import Channel
from petitions.models.figures import CURRENT
from petitions.querysets import units_of

CAPACITIES: Mapping[str, str] = {OFFICE: "信访部门", BODY: "有权处理机关"}
BASIS_WORDS: Mapping[str, str] = {"registered": "登记日期", "filed": "信访日期", "closed": "办结日期"}
RULE = "指标"
SEVERAL, UNSORTED = ".", "-"  # between several categories of an address; what has no category yet


@dataclass(frozen=True)
class Cut:
    """What a figure is reckoned over; every field can stand in an address.

    Attributes:
        first, last: the period, both days included; ``None``: without an end.
        unit: a body with everything below it, or ``alone``; region, category: the same of their trees.  Several categories
            are joined by `SEVERAL`, `UNSORTED` among them.
        day: `CURRENT`, or the day at whose end the figures stood so.
    """

    capacity: str = OFFICE
    basis: str = "registered"
    first: date | None = None
    last: date | None = None
    unit: int | None = None
    alone: bool = False
    region: str = ""
    category: str = ""
    channel: str = ""
    day: date = CURRENT

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Cut:
        """Read an address.

        Raises:
            BadInput: it says something that is not there.
        """
        said = {name: str(query.get(name, "") or "") for name in _NAMES}
        wrong = {name: "没有这个选项。" for name, known in _KNOWN.items() if said[name] and not known(said[name])}
        days = {name: _day(said[name], wrong, name) for name in ("first", "last", "day")}
        if days["first"] and days["last"] and days["last"] < days["first"]:
            wrong["last"] = "截止日期早于开始日期。"
        if days["day"] and days["day"] >= today():
            wrong["day"] = "历史时点要早于今天。"
        if wrong:
            raise BadInput(wrong, rule=RULE)
        return cls(
            said["capacity"] or OFFICE, said["basis"] or "registered", days["first"], days["last"],
            int(said["unit"]) if said["unit"] else None, bool(said["unit"] and said["alone"]), said["region"], said["category"], said["channel"],
            days["day"] or CURRENT,
        )  # fmt: skip

    def pairs(self) -> dict[str, str]:
        """What stands in an address for it."""
        said = {name: getattr(self, name) for name in _NAMES}
        said["day"] = None if self.day == CURRENT else self.day
        said["basis"] = "" if self.basis == "registered" else self.basis
        said["alone"] = "1" if self.alone else ""
        return {name: str(value) for name, value in said.items() if value}

    @cached_property
    def line(self) -> str:
        """The pairs as a query, made once for all the links of a row."""
        return urlencode(self.pairs())

    def address(self, **more: str) -> str:
        """The pairs as a query, with others."""
        return urlencode({**self.pairs(), **more})

    def categories(self) -> list[str]:
        """The codes of all categories that it is narrowed to, those below them too."""
        tree = trees.categories()
        named = ((UNSORTED,) if one == UNSORTED else tree.below(one) for one in self.category.split(SEVERAL))
        return ["" if key == UNSORTED else str(key) for keys in named for key in keys]

    def words(self) -> list[tuple[str, str]]:
        """What it is of, part by part, each with its name; what it is not narrowed to is left out."""
        body = trees.departments().name(self.unit)
        said = [
            ("口径", f"{CAPACITIES[self.capacity]}口径"),
            ("时段", f"按{BASIS_WORDS[self.basis]}：{_said(self.first, '最初')}至{_said(self.last, '最近')}"),
            ("单位", body and body + ("" if self.alone else "（含下级）")),
            ("内容分类", "、".join(_category(one) for one in self.category.split(SEVERAL)) if self.category else ""),
            ("问题属地", trees.regions().name(self.region or None)),
            ("形式", str(dict(Channel.choices).get(self.channel, ""))),
            ("历史时点", "" if self.day == CURRENT else f"{_said(self.day)}日终"),
        ]
        return [(name, words) for name, words in said if words]

    def phrases(self) -> list[str]:
        """The same as phrases: what says by itself what it is stands without a name."""
        return [words if name in ("口径", "时段") else f"{name}：{words}" for name, words in self.words()]

    def standing(self) -> Cut:
        """What stands now, or stood on the day: of no period, nor of a basis that what is open does not have."""
        return replace(self, first=None, last=None, basis="registered")

    def reached(self) -> Cut:
        """The period as far as it has run: until today, or until the day that is looked at."""
        now = today() if self.day == CURRENT else self.day
        if self.first is None or self.last is None or not self.first <= now < self.last:
            return self
        return replace(self, last=now)

    def moved(self, months: int) -> Cut:
        """The same part ``months`` months later or earlier; a period that ends with its month goes on doing so."""
        if self.first is None or self.last is None:
            return self
        last = month_end(_later(self.last, months)) if self.last == month_end(self.last) else _later(self.last, months)
        return replace(self, first=_later(self.first, months), last=last)

    def before(self, part: Cut | None = None) -> Cut:
        """The period of the same length just before this one: whole months where it begins with one.

        Args:
            part: as much of this period as has run; then the same part of the period before is returned.
        """
        part = part or self
        if self.first is None or self.last is None or part.first is None or part.last is None:
            return part
        if self.first.day == 1:
            months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
            return part.moved(-months)
        length = self.last - self.first + timedelta(days=1)
        return replace(part, first=part.first - length, last=part.last - length)


_NAMES = ("capacity", "basis", "first", "last", "unit", "alone", "region", "category", "channel", "day")
_KNOWN: Mapping[str, Any] = {
    "capacity": lambda text: text in CAPACITIES,
    "basis": lambda text: text in BASES,
    "unit": lambda text: (
        text.isascii() and text.isdecimal() and len(text) < 19 and int(text) in trees.departments().nodes
    ),
    "region": lambda text: text in trees.regions().nodes,
    "category": lambda text: all(one == UNSORTED or one in trees.categories().nodes for one in text.split(SEVERAL)),
    "channel": lambda text: text in Channel.values,
}


def _day(text: str, wrong: dict[str, str], name: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        wrong[name] = "日期写成2026-11-26这样。"
        return None
    if not 1990 <= found.year <= 2100:
        wrong[name] = "请核对年份。"
    return found


def _said(day: date | None, otherwise: str = "") -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else otherwise


def _category(code: str) -> str:
    return "未分类" if code == UNSORTED else trees.categories().name(code)


def month_end(day: date) -> date:
    """The last day of ``day``'s month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def month_ends_before(day: date) -> tuple[date, date]:
    """The last end of a month before ``day``, and the same a year earlier."""
    last = day.replace(day=1) - timedelta(days=1)
    return last, month_end(last.replace(year=last.year - 1, day=1))


def _later(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    begin = date(place // 12, place % 12 + 1, 1)
    return min(begin + timedelta(days=day.day - 1), month_end(begin))


def reads(actor: Actor) -> bool:
    """Whether the post reads figures: whoever answers for a body's matters; not a window, nor administrators.

    Asked by every page's menu, so that a leader's fields are not looked up for it.
    """
    if actor.role == Role.LEADER:
        return True
    scope = access.scope_of(actor)
    return not scope.empty and not scope.roles


def units_for(actor: Actor, cut: Cut) -> tuple[int, ...] | None:
    """The bodies whose facts ``actor`` may count under ``cut``; ``None``: all there are.

    Raises:
        WrongPerson: the post reads no figures.
        NotSeen: the body asked for is outside its scope.
    """
    scope = access.scope_of(actor)
    if scope.empty or scope.roles:
        raise WrongPerson("指标由信访部门、责任单位的负责人和经办人员查看。", rule=RULE)
    mine = units_of(scope)
    if mine is not None and scope.units:  # with what they have taken over, as a list has it
        mine = list(scope.departments().values_list("pk", flat=True))
    if cut.unit is None:
        return None if mine is None else tuple(mine)
    if cut.alone:
        if mine is not None and cut.unit not in mine:
            raise NotSeen
        return (cut.unit,)
    path = Department.objects.values_list("path", flat=True).get(pk=cut.unit)
    below = Department.objects.filter(Q(path__startswith=path) | Q(heir__path__startswith=path)).values_list(
        "pk", flat=True
    )
    found = tuple(pk for pk in below if mine is None or pk in set(mine))
    if cut.unit not in found:
        raise NotSeen
    return found
