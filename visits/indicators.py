"""How are receptions going?  Figures by leader, level and place; each is the length of a list that can be opened.

A figure and its list are one queryset (`listed`), so that they cannot differ.  Leaders and places are measured, nobody who came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.actor import Actor
from accounts.dates import today
from petitions.models import Filing, Rating
from visits import access, book
from visits.models import FollowUp, Outcome, Place, Reception, Research, Sponsorship, Visit, VisitEvent
from visits.pressure import weights_of

AGAIN = timedelta(days=90)
AXES = ("leader", "level", "place")
Key = tuple[int, str, int]  # leader, level and place of a visit
ANSWERED = ("delivered", "lapsed", "closed", "confirmed", "ended")


@dataclass(frozen=True)
class Cut:
    """Which part is looked at: from when to when, and one leader, level or place, or all."""

    first: date
    last: date
    leader: int | None = None
    level: str = ""
    place: int | None = None

    def visits(self, actor: Actor) -> QuerySet[Visit]:
        """The visits of the cut that were told to the public and are not before us."""
        return self.planned(actor).filter(published_on__isnull=False)

    def planned(self, actor: Actor) -> QuerySet[Visit]:
        """The visits of the cut, also those that the public was never told of."""
        rows = access.rooms_of(actor).filter(day__range=(self.first, self.last))
        for name, value in (("leader_id", self.leader), ("level", self.level), ("place_id", self.place)):
            rows = rows.filter(**{name: value}) if value else rows
        return rows


Rows = QuerySet[Any]
Base = Callable[[Actor, Cut], Rows]
Where = Callable[[Actor], Q]


def _past(actor: Actor, cut: Cut) -> QuerySet[Visit]:
    """Those whose day is over, and of today's those that are done with: what is still to come is kept by nobody yet."""
    done = Q(day=today(), status__in=("held", "cancelled", "swapped"))
    return cut.planned(actor).filter(Q(day__lt=today()) | done)


def _received(actor: Actor, cut: Cut) -> QuerySet[Reception]:
    return Reception.objects.filter(visit__in=cut.visits(actor), state="done")


def _outcomes(actor: Actor, cut: Cut) -> QuerySet[Outcome]:
    return Outcome.objects.filter(reception__visit__in=cut.visits(actor))


def _asked(actor: Actor, cut: Cut) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(outcome__in=_outcomes(actor, cut), kind__in=("revisit", "second"))


def _sponsored(actor: Actor, cut: Cut) -> QuerySet[Sponsorship]:
    rows = Sponsorship.objects.filter(outcome__in=_outcomes(actor, cut))
    # Ended without a result: its registration was taken back.
    return rows.exclude(state=Sponsorship.State.ENDED, result=Sponsorship.Result.NONE)


def _research(actor: Actor, cut: Cut) -> QuerySet[Research]:
    return Research.objects.filter(visit__in=cut.visits(actor))


# From a row of each base to its visit.
_VISIT: Mapping[Base, str] = {
    _past: "", _received: "visit__", _outcomes: "reception__visit__", _asked: "outcome__reception__visit__",
    _sponsored: "outcome__reception__visit__", _research: "visit__",
}  # fmt: skip


@dataclass(frozen=True)
class List:
    """The rows behind a figure: those of ``base`` that are also ``where`` (asked when the reader is known)."""

    label: str
    base: Base
    where: Where = lambda actor: Q()


def _given(**asked: Any) -> Where:
    return lambda actor: Q(**asked)


def _planned(**asked: Any) -> Where:
    """A visit as it was planned: whoever came instead stands for it and is no second one; approved at least, told or not."""
    approved = Q(published_on__isnull=False) | Q(status="approved")
    return lambda actor: Q(replaces=None) & (approved | _dropped(actor)) & Q(**asked)


def _dropped(actor: Actor) -> Q:
    """Approved, and cancelled before the public was told; one that was changed since and cancelled as a draft was nobody's promise any more."""
    since = VisitEvent.objects.filter(visit=OuterRef("visit"), seq__gt=OuterRef("seq"), step__in=("move", "swap"))
    approved = VisitEvent.objects.filter(~Exists(since), visit=OuterRef("pk"), step="approve")
    return Q(Exists(approved), published_on=None, status="cancelled")


def _kept(actor: Actor) -> Q:
    """A planned visit that was held, by its leader or by whoever came instead."""
    instead = Exists(Visit.objects.filter(stands_for=OuterRef("pk"), status="held"))
    return _planned()(actor) & (Q(status="held") | Q(instead))


def _in_notice(actor: Actor) -> Q:
    """Made known as many working days ahead as the place asks for."""
    days = book.number(access.office_of(actor) or actor.department.pk, "notice_days")
    return _planned(lead_days__gte=days)(actor)


def _hardest(actor: Actor) -> Q:
    """Held in the third of the office's places at the grass roots where the problems are most, whether anybody went there or not."""
    offices = access.rooms_of(actor).order_by().values("office")
    there = Q(active=True) | Q(pk__in=access.rooms_of(actor).order_by().values("place"))
    places = list(Place.objects.filter(there, office__in=offices, hall=False).select_related("region"))
    weights = weights_of(actor, places)
    ranked = sorted(weights, key=lambda pk: (-weights[pk], pk))
    return Q(status="held", place__in=ranked[: max(1, len(ranked) // 3)])


def _ratings() -> QuerySet[Rating]:
    """What the petitioner himself said of the row's matter since it was heard."""
    return Rating.objects.filter(petition=OuterRef("petition"), rated_at__date__gte=OuterRef("recorded_on"))


def _rated(actor: Actor) -> Q:
    return Q(Exists(_ratings()))


def _content(actor: Actor) -> Q:
    """Rated, and with nobody that was rated dissatisfied."""
    return Q(Exists(_ratings())) & ~Q(Exists(_ratings().filter(value=Rating.Value.DISSATISFIED)))


def again(actor: Actor) -> Q:
    """After which the matter was brought again within 90 days."""
    since = {"received_on__gt": OuterRef("recorded_on"), "received_on__lte": OuterRef("recorded_on") + AGAIN}
    return Q(Exists(Filing.objects.filter(petition=OuterRef("petition"), repeat=True, **since)))


_ON = ("assigned", "sponsored")  # outcomes by which somebody else has to do something until a day

LISTS: Mapping[str, List] = {
    "planned": List("应接访", _past, _planned()),
    "kept": List("如期举行（含换人举行）", _past, _kept),
    "held": List("已举行", _past, _given(status="held")),
    "unpublished": List("过了日子没有公示的计划（草稿、已审定）", _past, _given(published_on=None, status__in=("draft", "approved"))),
    "dropped": List("审定以后、公示以前取消", _past, _dropped),
    "swapped": List("换人", _past, _planned(status="swapped")),
    "cancelled": List("取消", _past, _given(status="cancelled", published_on__isnull=False)),
    "noticed": List("已公示", _past, _planned(lead_days__isnull=False)),
    "lead_days": List("提前公示的工作日合计", _past, _planned(lead_days__isnull=False)),
    "in_notice": List("按期公示", _past, _in_notice),
    "held_down": List("到基层举行", _past, _given(status="held", place__hall=False)),
    "top_places": List("到问题最多的三分之一地点", _past, _hardest),
    "groups": List("接谈批次", _received),
    "people": List("接谈人数", _received),
    "outcomes": List("接谈事项", _outcomes),
    "resolved": List("当场解决", _outcomes, _given(kind="resolved")),
    "explained": List("解释答复", _outcomes, _given(kind="explained")),
    "assigned": List("交办", _outcomes, _given(kind__in=_ON)),
    "assigned_due": List("交办已到期或已办结", _outcomes, lambda actor: Q(Q(due__lt=today()) | Q(petition__closed_on__isnull=False), kind__in=_ON)),
    "in_time": List("交办按期办结", _outcomes, lambda actor: Q(petition__closed_on__lte=F("due"), kind__in=_ON)),
    "answered": List("已有答复", _outcomes, _given(petition__stage__in=ANSWERED)),
    "rated": List("信访人已评价", _outcomes, _rated),
    "content": List("信访人评价满意或基本满意", _outcomes, _content),
    "again": List("90日内再次来件", _outcomes, again),
    "revisits": List("回访到期", _asked, lambda actor: Q(due__lte=today()) | Q(done_on__isnull=False)),
    "revisited": List("已回访", _asked, _given(done_on__isnull=False)),
    "heard_content": List("回访了解到的情况：说满意或基本满意", _asked, _given(heard__in=("content", "fairly"))),
    "heard_not": List("回访了解到的情况：说不满意", _asked, _given(heard="not")),
    "sponsored": List("包案", _sponsored),
    "settled": List("包案化解销号", _sponsored, _given(state="ended", result="settled")),
    "research": List("调研报告", _research),
    "suggested": List("完善政策建议", _research, _given(advice__isnull=False)),
    "adopted": List("建议被采纳或部分采纳", _research, _given(advice__adopted__in=("whole", "part"))),
}  # fmt: skip
# Of these a column is added up; the list is of the rows that have it, and says so in these words.
ADDED = {"people": ("people", "批的人数"), "lead_days": ("lead_days", "场的提前工作日数")}
SHARES = (
    ("计划兑现率", "kept", "planned"), ("换人率", "swapped", "planned"), ("按期公示率", "in_notice", "planned"),
    ("当场解决率", "resolved", "outcomes"), ("交办按期办结率", "in_time", "assigned_due"), ("件件有答复", "answered", "outcomes"),
    ("回访率", "revisited", "revisits"), ("信访人评价满意率", "content", "rated"), ("包案化解率", "settled", "sponsored"),
    ("到问题多的地方下访", "top_places", "held_down"), ("接谈后再次来件", "again", "outcomes"), ("建议采纳率", "adopted", "suggested"),
)  # fmt: skip
# What stands in the tables by leader, by level and by place.
COLUMNS = (
    "planned",
    "kept",
    "swapped",
    "groups",
    "people",
    "outcomes",
    "resolved",
    "assigned",
    "in_time",
    "sponsored",
    "settled",
)


def listed(actor: Actor, cut: Cut, code: str) -> Rows:
    """Return the rows behind a figure."""
    one = LISTS[code]
    return one.base(actor, cut).filter(one.where(actor))


def total(rows: Rows, code: str) -> int:
    """What the rows behind a figure come to: how many they are, or what is added up of them."""
    return int(rows.order_by().aggregate(n=_sum(code, Q()))["n"] or 0)


def _sum(code: str, where: Q) -> Any:
    return Sum(ADDED[code][0], filter=where) if code in ADDED else Count("pk", filter=where)


@dataclass(frozen=True)
class Figures:
    """Every figure asked for, by leader, level and place (:attr:`cells`): any of the three, and the whole, is a sum of them."""

    codes: tuple[str, ...]
    cells: Mapping[Key, Mapping[str, int]]

    @property
    def whole(self) -> dict[str, int]:
        """Each figure of the cut."""
        return self._summed(self.cells.values())

    def by(self, axis: str) -> dict[Any, dict[str, int]]:
        """Each figure by ``leader``, ``level`` or ``place`` (its id or code)."""
        at = AXES.index(axis)
        found: dict[Any, list[Mapping[str, int]]] = defaultdict(list)
        for key, cell in self.cells.items():
            found[key[at]].append(cell)
        return {value: self._summed(cells) for value, cells in found.items()}

    def _summed(self, cells: Iterable[Mapping[str, int]]) -> dict[str, int]:
        rows = list(cells)
        return {code: sum(row.get(code, 0) for row in rows) for code in self.codes}


def counted(actor: Actor, cut: Cut, codes: Iterable[str] = tuple(LISTS)) -> Figures:
    """Return each figure, the number of rows of its list, by leader, level and place; one question for those of one base."""
    wanted: dict[Base, list[str]] = defaultdict(list)
    for code in codes:
        wanted[LISTS[code].base].append(code)
    cells: dict[Key, dict[str, int]] = defaultdict(dict)
    for base, of_it in wanted.items():
        key = [f"{_VISIT[base]}{name}" for name in ("leader_id", "level", "place_id")]
        counts = {f"n_{code}": _sum(code, LISTS[code].where(actor)) for code in of_it}
        for row in base(actor, cut).order_by().values_list(*key).annotate(**counts):
            cells[row[:3]] |= {code: int(count or 0) for code, count in zip(of_it, row[3:], strict=True)}
    return Figures(tuple(codes), cells)


def figures(actor: Actor, cut: Cut, codes: Iterable[str] = tuple(LISTS)) -> dict[str, int]:
    """Return each figure of the cut, the number of rows of its list."""
    return counted(actor, cut, tuple(codes)).whole


@dataclass(frozen=True)
class Share:
    """A share of two figures; ``percent``: ``None`` where there is nothing to share."""

    label: str
    part_code: str
    whole_code: str
    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Of a hundred, rounded."""
        return round(100 * self.part / self.whole) if self.whole else None


def shares(counts: Mapping[str, int]) -> list[Share]:
    """Return the shares of which both figures were counted."""
    return [
        Share(label, part, whole, counts[part], counts[whole])
        for label, part, whole in SHARES
        if part in counts and whole in counts
    ]


def lead_days(counts: Mapping[str, int]) -> float | None:
    """How many working days ahead visits were made known, on average; ``None`` where there was none."""
    return round(counts["lead_days"] / counts["noticed"], 1) if counts["noticed"] else None
