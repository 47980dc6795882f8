"""How are receptions going?  Figures by leader, level and place; each is the length of a list that can be opened.

A figure and its list are one queryset (`listed`), so that they cannot differ.  Leaders and places are measured, nobody who came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet, Sum

from accounts.actor import Actor
from accounts.dates import today
from visits import access, book
from visits.models import FollowUp, Outcome, Place, Reception, Research, Sponsorship, Visit
from visits.pressure import weights_of

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
        rows = access.rooms_of(actor).filter(day__range=(self.first, self.last), published_on__isnull=False)
        for name, value in (("leader_id", self.leader), ("level", self.level), ("place_id", self.place)):
            rows = rows.filter(**{name: value}) if value else rows
        return rows


Rows = QuerySet[Any]
Base = Callable[[Actor, Cut], Rows]


def _past(actor: Actor, cut: Cut) -> QuerySet[Visit]:
    """Those whose day is over, and of today's those that are done with: what is still to come is kept by nobody yet."""
    over = Q(day__lt=today()) | Q(day=today()) & ~Q(status="published")
    return cut.visits(actor).filter(over)


def _received(actor: Actor, cut: Cut) -> QuerySet[Reception]:
    return Reception.objects.filter(visit__in=cut.visits(actor), state="done")


def _outcomes(actor: Actor, cut: Cut) -> QuerySet[Outcome]:
    return Outcome.objects.filter(reception__visit__in=cut.visits(actor))


def _asked(actor: Actor, cut: Cut) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(outcome__in=_outcomes(actor, cut), kind__in=("revisit", "second"))


def _sponsored(actor: Actor, cut: Cut) -> QuerySet[Sponsorship]:
    return Sponsorship.objects.filter(outcome__in=_outcomes(actor, cut))


def _research(actor: Actor, cut: Cut) -> QuerySet[Research]:
    return Research.objects.filter(visit__in=cut.visits(actor))


def _again(actor: Actor, cut: Cut) -> QuerySet[Outcome]:
    """After which the petitioner came again within 90 days with the same matter."""
    since = {"received_on__gt": F("recorded_on"), "received_on__lte": F("recorded_on") + timedelta(days=90)}
    return (
        _outcomes(actor, cut)
        .filter(**{f"petition__filings__{name}": day for name, day in since.items()}, petition__filings__repeat=True)
        .distinct()
    )


def _top_places(actor: Actor, cut: Cut) -> QuerySet[Visit]:
    """Visits held in the third of the places at the grass roots where the problems are most."""
    rows = cut.visits(actor).filter(status="held", place__hall=False)
    here = access.rooms_of(actor).filter(place__hall=False).values("place")
    places = list(Place.objects.filter(pk__in=here).select_related("region"))
    weights = weights_of(actor, places)
    ranked = sorted(weights, key=lambda pk: -weights[pk])
    return rows.filter(place__in=ranked[: max(1, len(ranked) // 3)])


@dataclass(frozen=True)
class List:
    """The rows behind a figure: those of ``base`` that are also ``where`` (asked when reader and day are known)."""

    label: str
    base: Base
    where: Callable[[Actor], Q] = lambda actor: Q()


def _given(**asked: Any) -> Callable[[Actor], Q]:
    return lambda actor: Q(**asked)


def _in_notice(actor: Actor) -> Q:
    """Made known as many working days ahead as the place asks for."""
    return Q(lead_days__gte=book.number(access.office_of(actor) or actor.department.pk, "notice_days"))


_ON = ("assigned", "sponsored")  # outcomes by which somebody else has to do something until a day

LISTS: Mapping[str, List] = {
    "planned": List("应接访", _past),
    "held": List("已举行", _past, _given(status="held")),
    "swapped": List("换人", _past, _given(status="swapped")),
    "cancelled": List("取消", _past, _given(status="cancelled")),
    "in_notice": List("按期公示", _past, _in_notice),
    "groups": List("接谈批次", _received),
    "people": List("接谈人数", _received),
    "outcomes": List("接谈事项", _outcomes),
    "resolved": List("当场解决", _outcomes, _given(kind="resolved")),
    "explained": List("解释答复", _outcomes, _given(kind="explained")),
    "assigned": List("交办", _outcomes, _given(kind__in=_ON)),
    "assigned_due": List("交办已到期或已办结", _outcomes, lambda actor: Q(Q(due__lt=today()) | Q(petition__closed_on__isnull=False), kind__in=_ON)),
    "in_time": List("交办按期办结", _outcomes, lambda actor: Q(petition__closed_on__lte=F("due"), kind__in=_ON)),
    "answered": List("已有答复", _outcomes, _given(petition__stage__in=ANSWERED)),
    "revisits": List("回访到期", _asked, lambda actor: Q(due__lte=today()) | Q(done_on__isnull=False)),
    "revisited": List("已回访", _asked, _given(done_on__isnull=False)),
    "content": List("回访表示满意或基本满意", _asked, _given(heard__in=("content", "fairly"))),
    "sponsored": List("包案", _sponsored),
    "settled": List("包案化解销号", _sponsored, _given(state="ended", result="settled")),
    "top_places": List("到问题最多的三分之一地点", _top_places),
    "research": List("调研报告", _research),
    "suggested": List("完善政策建议", _research, _given(advice__isnull=False)),
    "adopted": List("建议被采纳或部分采纳", _research, _given(advice__adopted__in=("whole", "part"))),
    "again": List("90日内再次来件", _again),
}  # fmt: skip
ADDED = {"people": "people"}  # of these the column is added up; the list is of the rows that have it
SHARES = (
    ("计划兑现率", "held", "planned"), ("换人率", "swapped", "planned"), ("按期公示率", "in_notice", "planned"),
    ("当场解决率", "resolved", "outcomes"), ("交办按期办结率", "in_time", "assigned_due"), ("件件有答复", "answered", "outcomes"),
    ("回访率", "revisited", "revisits"), ("回访满意率", "content", "revisited"), ("包案化解率", "settled", "sponsored"),
    ("到问题多的地方下访", "top_places", "held"), ("接谈后再次来件", "again", "outcomes"), ("建议采纳率", "adopted", "suggested"),
)  # fmt: skip


def listed(actor: Actor, cut: Cut, code: str) -> Rows:
    """Return the rows behind a figure."""
    one = LISTS[code]
    return one.base(actor, cut).filter(one.where(actor))


def total(rows: Rows, code: str) -> int:
    """What the rows behind a figure come to: how many they are, or what is added up of them."""
    return int(rows.order_by().aggregate(n=_sum(code, Q()))["n"] or 0)


def _sum(code: str, where: Q) -> Any:
    return Sum(ADDED[code], filter=where) if code in ADDED else Count("pk", filter=where)


def figures(actor: Actor, cut: Cut, codes: Iterable[str] = tuple(LISTS)) -> dict[str, int]:
    """Return each figure, the number of rows of its list; those that part the same rows are asked for together."""
    wanted: dict[Base, list[str]] = {}
    for code in codes:
        wanted.setdefault(LISTS[code].base, []).append(code)
    found: dict[str, int] = {}
    for base, of_it in wanted.items():
        counts = (
            base(actor, cut)
            .order_by()
            .aggregate(**{f"n_{code}": _sum(code, LISTS[code].where(actor)) for code in of_it})
        )
        found |= {code: int(counts[f"n_{code}"] or 0) for code in of_it}
    return found


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


def lead_days(actor: Actor, cut: Cut) -> float | None:
    """How many working days ahead visits were made known, on average; ``None`` where there was none."""
    found = _past(actor, cut).aggregate(mean=Avg("lead_days"))["mean"]
    return None if found is None else round(float(found), 1)
