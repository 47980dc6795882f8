"""Who sees which warning, and which cases of it?  Every read begins with the scope.

The petition office sees all; a leader and the heads of a body see a warning all of whose cases they see.  A number is the
length of its list, asked of the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.actor import Actor
from accounts.models import Role
from petitions import access
from petitions.errors import WrongPerson
from petitions.models import Pattern, PatternCase, Petition
from petitions.patterns.growth import LEAST

READS = frozenset(
    {Role.TRIAGE, Role.OFFICE_HEAD, Role.SUPERVISOR, Role.CONFERENCE, Role.LEADER, Role.UNIT_HEAD, Role.UNIT_LEADER}
)
ACTS = frozenset({Role.OFFICE_HEAD, Role.SUPERVISOR})
PARTS = {"now": "本期", "before": "此前24周", "season": "去年同期"}
MARKS = {"joint": "集体", "dissatisfied": "评价不满意", "overdue": "曾超期"}


def may_read(actor: Actor) -> bool:
    """Whether the room of warnings is the actor's."""
    return actor.role in READS and not access.scope_of(actor).empty


def may_act(actor: Actor) -> bool:
    """Whether the actor judges warnings: the petition office's head and supervisors (Art.14, 40)."""
    return actor.role in ACTS and access.scope_of(actor).all


def check_reads(actor: Actor) -> None:
    """Let only whose room it is pass.

    Raises:
        WrongPerson.
    """
    if not may_read(actor):
        raise WrongPerson("苗头预警由信访部门、分管领导和单位负责人查看。", rule="第十四条")


def visible_to(actor: Actor) -> QuerySet[Pattern]:
    """Return the warnings that ``actor`` sees."""
    if not may_read(actor):
        return Pattern.objects.none()
    rows = Pattern.objects.select_related("category", "region", "unit")
    if access.scope_of(actor).all:
        return rows
    unseen = PatternCase.objects.filter(pattern=OuterRef("pk")).exclude(
        petition__in=access.visible_to(actor).values("pk")
    )
    return rows.exclude(Exists(unseen))


def cases_of(actor: Actor, pattern: Pattern, part: str, mark: str = "") -> QuerySet[Petition]:
    """Return the matters behind a number: of a part, and with a mark of how they stood when the warning was raised."""
    rows = PatternCase.objects.filter(pattern=pattern, part=part, **({mark: True} if mark else {}))
    return access.visible_to(actor).filter(pk__in=rows.values("petition"))


@dataclass(frozen=True)
class Share:
    """A mark's count of a part; ``None`` where it is a group smaller than LEAST, which is not shown."""

    mark: str
    label: str
    count: int | None
    whole: int

    @property
    def percent(self) -> int | None:
        """Of a hundred, rounded."""
        return None if self.count is None or not self.whole else round(100 * self.count / self.whole)


@dataclass(frozen=True)
class Part:
    """A part of the evidence: how many, and the shares of marks in it."""

    code: str
    label: str
    count: int
    shares: Sequence[Share]


def parts_of(actor: Actor, pattern: Pattern) -> list[Part]:
    """Return the numbers of a warning, each the length of the list that `cases_of` gives: one question."""
    seen = PatternCase.objects.filter(pattern=pattern, petition__in=access.visible_to(actor).values("pk"))
    marks = {mark: Count("pk", filter=Q(**{mark: True})) for mark in MARKS}
    rows: Any = seen.order_by().values("part").annotate(every=Count("pk"), **marks)
    sums = {row["part"]: row for row in rows}
    known = [code for code in PARTS if code in sums or code == "before" or pattern.numbers.get("season") is not None]
    return [_part(code, sums.get(code, {})) for code in known]


def _part(code: str, row: dict[str, int]) -> Part:
    whole = row.get("every", 0)
    shares = [Share(mark, label, _shown(row.get(mark, 0)), whole) for mark, label in MARKS.items()]
    return Part(code, PARTS[code], whole, shares)


def _shown(count: int) -> int | None:
    return None if 0 < count < LEAST else count


def name_of(pattern: Pattern) -> str:
    """A warning in a few words: where, at what, about what, whose."""
    where = pattern.region.name if pattern.region else ""
    about = pattern.category.name if pattern.category else "多类事项"
    named = [where, pattern.place, f"“{about}”", pattern.unit.short_name if pattern.unit else ""]
    return " · ".join(part for part in named if part)
