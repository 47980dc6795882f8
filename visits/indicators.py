"""How are receptions going?  Figures by leader, level and place; each is the length of a list that can be opened.

A figure and its list are one queryset (`listed`), so that they cannot differ.  Leaders and places are measured, nobody who came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet, Sum, Value

from accounts.actor import Actor
from accounts.dates import today
from visits import access, book
from visits.models import FollowUp, Outcome, Reception, Research, Sponsorship, Visit
from visits.pressure import pressure_of

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
Listed = Callable[[Actor, Cut], Rows]


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


def _in_notice(actor: Actor, cut: Cut) -> QuerySet[Visit]:
    """Made known as many working days ahead as the place asks for."""
    office = access.office_of(actor) or actor.department.pk
    return _past(actor, cut).filter(lead_days__gte=book.number(office, "notice_days"))


def _top_places(actor: Actor, cut: Cut) -> QuerySet[Visit]:
    """Visits held in the third of the places at the grass roots where the problems are most."""
    rows = cut.visits(actor).filter(status="held", place__hall=False)
    places = {
        visit.place_id: visit.place
        for visit in access.rooms_of(actor).filter(place__hall=False).select_related("place__region")
    }
    found = pressure_of(actor, list(places.values()))
    ranked = sorted(places, key=lambda pk: -found[pk].weight)
    return rows.filter(place__in=ranked[: max(1, len(ranked) // 3)])


LISTS: Mapping[str, tuple[str, Listed]] = {
    "planned": ("应接访", _past),
    "held": ("已举行", lambda actor, cut: _past(actor, cut).filter(status="held")),
    "swapped": ("换人", lambda actor, cut: _past(actor, cut).filter(status="swapped")),
    "cancelled": ("取消", lambda actor, cut: _past(actor, cut).filter(status="cancelled")),
    "in_notice": ("按期公示", _in_notice),
    "groups": ("接谈批次", _received),
    "people": ("接谈人数", _received),
    "outcomes": ("接谈事项", _outcomes),
    "resolved": ("当场解决", lambda actor, cut: _outcomes(actor, cut).filter(kind="resolved")),
    "explained": ("解释答复", lambda actor, cut: _outcomes(actor, cut).filter(kind="explained")),
    "assigned": ("交办", lambda actor, cut: _outcomes(actor, cut).filter(kind__in=("assigned", "sponsored"))),
    "assigned_due": (
        "交办已到期或已办结",
        lambda actor, cut: _outcomes(actor, cut).filter(
            Q(due__lt=today()) | Q(petition__closed_on__isnull=False), kind__in=("assigned", "sponsored")
        ),
    ),
    "in_time": (
        "交办按期办结",
        lambda actor, cut: _outcomes(actor, cut).filter(
            Q(petition__closed_on__lte=F("due")), kind__in=("assigned", "sponsored")
        ),
    ),
    "answered": ("已有答复", lambda actor, cut: _outcomes(actor, cut).filter(petition__stage__in=ANSWERED)),
    "revisits": ("回访到期", lambda actor, cut: _asked(actor, cut).filter(Q(due__lte=today()) | Q(done_on__isnull=False))),
    "revisited": ("已回访", lambda actor, cut: _asked(actor, cut).filter(done_on__isnull=False)),
    "content": ("回访表示满意或基本满意", lambda actor, cut: _asked(actor, cut).filter(heard__in=("content", "fairly"))),
    "sponsored": ("包案", lambda actor, cut: Sponsorship.objects.filter(outcome__in=_outcomes(actor, cut))),
    "settled": ("包案化解销号", lambda actor, cut: Sponsorship.objects.filter(outcome__in=_outcomes(actor, cut), state="ended", result="settled")),
    "top_places": ("到问题最多的三分之一地点", _top_places),
    "research": ("调研报告", lambda actor, cut: Research.objects.filter(visit__in=cut.visits(actor))),
    "suggested": ("完善政策建议", lambda actor, cut: Research.objects.filter(visit__in=cut.visits(actor), advice__isnull=False)),
    "adopted": (
        "建议被采纳或部分采纳",
        lambda actor, cut: Research.objects.filter(visit__in=cut.visits(actor), advice__adopted__in=("whole", "part")),
    ),
    "again": (
        "90日内再次来件",
        lambda actor, cut: _outcomes(actor, cut).filter(
            petition__filings__repeat=True, petition__filings__received_on__gt=F("recorded_on"),
            petition__filings__received_on__lte=F("recorded_on") + timedelta(days=90),
        ).distinct(),
    ),
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
    return LISTS[code][1](actor, cut)


def total(rows: Rows, code: str) -> int:
    """What the rows behind a figure come to: how many they are, or what is added up of them."""
    return int(rows.order_by().aggregate(n=_sum(code))["n"] or 0)


def _sum(code: str) -> Any:
    return Sum(ADDED[code]) if code in ADDED else Count("pk", distinct=True)


def figures(actor: Actor, cut: Cut, codes: Iterable[str] = tuple(LISTS)) -> dict[str, int]:
    """Return each figure, the number of rows of its list; all of them in one question."""
    wanted = list(codes)
    counts = [
        listed(actor, cut, code).order_by().values(figure=Value(code)).annotate(n=_sum(code)).values_list("figure", "n")
        for code in wanted
    ]  # fmt: skip
    return dict.fromkeys(wanted, 0) | {str(code): int(n or 0) for code, n in counts[0].union(*counts[1:], all=True)}


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
