"""What does a plan depend on, as it stands in the tables?  Rows read into the plain values of `visits.planbook`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Q

from accounts.actor import Actor
from accounts.models import Department, LeaderField
from petitions import limits
from petitions.actions.moment import today
from petitions.workdays import Calendar
from visits import pledges as shipped
from visits.frequency import Frequency
from visits.models import OPEN, BusyDay, FrequencyRule, HouseNumber, Place, Pledge, Receiver, Recusal, Visit
from visits.planbook import Facts, Leader, Row, RuleRow, Site, reach_of
from visits.pressure import open_by_unit, weights_of

NUMBERS = {
    "notice_days": (3, "公示提前的工作日数"),
    "minutes": (15, "每批接谈的分钟数"),
    "capacity": (10, "每场可预约批次"),
    "revisit_days": (30, "回访期限（日）"),
    "phone_bookings": (3, "一个电话同时可有的预约（0为不限）"),
    "told_days": (5, "提前通知领导的工作日数"),
    "list_days": (1, "提前报送预约名单的工作日数"),
    "results_public": (0, "公布接访后的批次、人数和结果（1公布，0不公布）"),
    "sponsored_public": (0, "公开领导包案的编号、领导、单位和状态（1公开，0不公开）"),
}
SWITCHES = frozenset({"results_public", "sponsored_public"})


def number(office: Department | int, code: str, day: date | None = None) -> int:
    """Return the office's number for ``code`` on ``day`` (today), or the house default."""
    pk = office if isinstance(office, int) else office.pk
    rows = HouseNumber.objects.filter(office_id=pk, code=code, valid_from__lte=day or today())
    found = rows.order_by("-valid_from").values_list("value", flat=True).first()
    return NUMBERS[code][0] if found is None else found


def numbers(office: Department | int, day: date | None = None) -> dict[str, int]:
    """Return all of the office's numbers on ``day`` (today), the house default where it has set none: one query."""
    pk = office if isinstance(office, int) else office.pk
    rows = HouseNumber.objects.filter(office_id=pk, valid_from__lte=day or today()).order_by("valid_from")
    return {code: default for code, (default, _) in NUMBERS.items()} | dict(rows.values_list("code", "value"))


def pledges(office: Department | int, day: date | None = None) -> list[str]:
    """Return what the office's leaders take upon themselves with a case on ``day`` (today); 四包 where it has settled nothing."""
    on, pk = day or today(), office if isinstance(office, int) else office.pk
    rows = list(Pledge.objects.filter(office_id=pk, valid_from__lte=on).values_list("text", "valid_to"))
    if not rows:
        return list(shipped.DEFAULT.items)
    return [text for text, last in rows if last is None or last >= on]


def facts_for(
    actor: Actor, office: Department, first: date, last: date, *, whole: bool = True, fields: bool = False
) -> Facts:
    """Return everything that a plan of ``office`` from ``first`` to ``last`` depends on, its open and held visits as kept.

    Args:
        whole: with what stands in the weeks, quarters, … that reach into it; a row by itself is judged without them.
        fields: with what is in each leader's charge and where its problems are; a draft asks for it.
    """
    rules = _rules(office, first, last) if whole else ()
    begin, end = reach_of((row.rule for row in rules), first, last)
    stand = list(rows_between(office, begin, end))
    kept = [row for row in stand if first <= row.day <= last]
    places = list(Place.objects.filter(office=office, active=True).select_related("region"))
    places += list(
        Place.objects.filter(pk__in={row.site for row in stand} - {place.pk for place in places}).select_related(
            "region"
        )
    )
    charges = _charges(office) if fields else {}
    return Facts(
        first, last, today(), calendar(begin, end), _leaders(office, {row.leader for row in stand}, begin, end, charges),
        _sites(actor, places, charges), rules, kept=tuple(kept), beside=tuple(row for row in stand if not first <= row.day <= last),
    )  # fmt: skip


def calendar(first: date, last: date) -> Calendar:
    """Return the calendar from ``first`` to ``last``, however far that is."""
    days: dict[date, bool] = {}
    names: dict[date, str] = {}
    years: frozenset[int] = frozenset()
    day = first
    while True:
        found = limits.rules_on(day).calendar
        days |= found.days
        names |= found.names
        years |= found.years
        day += timedelta(days=400)
        if day > last:
            return Calendar(days, names, years)


def rows_between(office: Department, first: date, last: date) -> Iterable[Row]:
    """Return the visits that stand, as rows; a draft whose day has passed never took place."""
    told = Q(status__in=["published", "held"]) | Q(status__in=OPEN, day__gte=today())
    found = Visit.objects.filter(told, office=office, day__range=(first, last)).order_by("day", "starts", "pk")
    return [as_row(visit) for visit in found]


def as_row(visit: Visit) -> Row:
    """A visit as the checker reads it."""
    return Row(
        visit.leader_id, visit.day, visit.starts, visit.ends, visit.place_id, visit.room, visit.pk or 0, visit.backup_id
    )


Charges = Mapping[int, tuple[tuple[int, str], ...]]  # post → the units in its charge, by id and name


def _charges(office: Department) -> Charges:
    rows = LeaderField.objects.filter(post__receives__office=office).order_by("department_id")
    found: dict[int, tuple[tuple[int, str], ...]] = defaultdict(tuple)
    for post, unit, name in rows.values_list("post_id", "department_id", "department__short_name"):
        found[post] += ((unit, name),)
    return found


def _leaders(office: Department, also: set[int], first: date, last: date, charges: Charges) -> dict[int, Leader]:
    receivers = Receiver.objects.filter(office=office).select_related("post__user")
    busy: dict[int, set[date]] = defaultdict(set)
    for row in BusyDay.objects.filter(post__receives__office=office, first__lte=last, last__gte=first):
        for shift in range((min(row.last, last) - max(row.first, first)).days + 1):
            busy[row.post_id].add(max(row.first, first) + timedelta(days=shift))
    apart: dict[int, set[int]] = defaultdict(set)
    for post, place in Recusal.objects.filter(place__office=office).values_list("post_id", "place_id"):
        apart[post].add(place or 0)
    found = {
        row.post_id: Leader(
            row.post_id,
            row.post.user.name,
            row.level,
            row.main,
            frozenset(busy[row.post_id]),
            frozenset(apart[row.post_id]),
            charges.get(row.post_id, ()),
        )
        for row in receivers
        if row.post_id in also or (row.active and _held(row, first))
    }
    return found | _others(also - found.keys())


def _others(posts: set[int]) -> dict[int, Leader]:
    """Those who stand in a visit and are none of the office's leaders any more, as the visit has them."""
    rows = Visit.objects.filter(leader__in=posts) if posts else Visit.objects.none()
    return {
        row.leader_id: Leader(row.leader_id, row.leader.user.name, row.level)
        for row in rows.select_related("leader__user")
    }


def _held(row: Receiver, day: date) -> bool:
    return row.post.user.is_active and (row.post.valid_to is None or row.post.valid_to >= day)


def _sites(actor: Actor, places: list[Place], charges: Charges) -> dict[int, Site]:
    weights = weights_of(actor, places)
    by_unit = open_by_unit(actor, places, (unit for units in charges.values() for unit, _ in units))
    return {
        row.pk: Site(
            row.pk, row.name, row.hall, weights[row.pk], tuple(row.room_names) if row.active else (), by_unit.get(row.pk, {})
        )
        for row in places
    }  # fmt: skip


def _rules(office: Department, first: date, last: date) -> tuple[RuleRow, ...]:
    """Those that are in force on the last day of a week, quarter, … that reaches into the plan: it may lie after the plan's end."""
    rows = FrequencyRule.objects.filter(office=office).exclude(valid_to__lt=first).order_by("pk")
    found = (RuleRow(row.pk, frequency(row), row.valid_from, row.valid_to) for row in rows)
    return tuple(row for row in found if row.since <= reach_of([row.rule], first, last)[1])


def frequency(row: FrequencyRule) -> Frequency:
    """A row of the table as a frequency."""
    return Frequency(row.level, row.who, row.times, row.per, row.where, row.weekday)
