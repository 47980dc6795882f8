"""Does a plan keep its rules?  Reads rows as they are, whoever made them: the draft, a person, a later change.

Pure, and independent of `visits.drafting`: nothing of how a draft is made is used here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from petitions.workdays import spoken
from visits.frequency import PER
from visits.frequency import spoken as in_words
from visits.planbook import Facts, Leader, Row, RuleRow, Site, counts_for, periods


@dataclass(frozen=True)
class Breach:
    """A rule that a plan breaks, in words.

    Attributes:
        code: past, holiday, busy, recused, leader_twice, room_twice, backup, no_backup, too_few, no_one, weekday, place_left, place_order.
        row: the visit it speaks of, ``None`` where a visit is missing.
        hard: no row is written or approved with it; the others are told and a person decides.
        open: visits are missing, and this plan has the days for them.
    """

    code: str
    words: str
    day: date | None = None
    row: Row | None = None
    hard: bool = True
    open: bool = False


def check(rows: Sequence[Row], facts: Facts) -> list[Breach]:
    """Return every rule that ``rows`` break, in the order of the days; empty = the plan keeps all."""
    ahead = [row for row in rows if not (row.key and row.day < facts.today)]  # what took place is not judged again
    found = [
        *_each(ahead, facts),
        *_alone(ahead, facts),
        *_together(rows, facts),
        *_frequency(rows, facts),
        *_places(rows, facts),
    ]
    return sorted(found, key=lambda breach: (breach.day or facts.last, not breach.hard, not breach.open))


def row_breaches(row: Row, others: Iterable[Row], facts: Facts) -> list[Breach]:
    """Return what is wrong with one row beside ``others``: asked before a person writes it."""
    near = [other for other in others if other.day == row.day and not (row.key and other.key == row.key)]
    mine = [breach for breach in _together([row, *near], facts) if row in _both(breach, [row, *near])]
    return [*_each([row], facts), *mine]


def _both(breach: Breach, rows: list[Row]) -> list[Row]:
    return [one for one in rows if breach.row is not None and one.overlaps(breach.row)]


# --- one row -----------------------------------------------------------------------------------------------------


def _each(rows: Iterable[Row], facts: Facts) -> Iterator[Breach]:
    for row in rows:
        leader, site, day = facts.leaders[row.leader], facts.sites[row.site], spoken(row.day)
        if row.day < facts.today:
            yield Breach("past", f"{day}已经过去，不能安排{leader.name}接访。", row.day, row)
        elif not facts.calendar.is_workday(row.day):
            name = facts.calendar.names.get(row.day, "休息日")
            yield Breach("holiday", f"{day}是{name}，不安排接访；遇假日顺延到下一个工作日。", row.day, row)
        if row.day in leader.busy:
            yield Breach("busy", f"{leader.name}{day}另有安排。", row.day, row)
        if row.site in leader.not_at:
            yield Breach("recused", f"{leader.name}对{site.name}的事项应当回避，不能到那里接访。", row.day, row)
        if row.starts >= row.ends:
            yield Breach("times", f"{day}{leader.name}的结束时间早于开始时间。", row.day, row)
        if row.backup is not None and row.backup == row.leader:
            yield Breach("backup", f"{day}的候补领导不能是{leader.name}本人。", row.day, row)


def _alone(rows: Iterable[Row], facts: Facts) -> Iterator[Breach]:
    """Visits to come without a substitute: an absent leader must have one, and a person names him."""
    for row in rows:
        if row.backup is None and row.day >= facts.today:
            yield Breach(
                "no_backup",
                f"{facts.leaders[row.leader].name}{spoken(row.day)}的接访没有候补领导。",
                row.day,
                row,
                hard=False,
            )


def _together(rows: Sequence[Row], facts: Facts) -> Iterator[Breach]:
    by_day: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    for day, mine in by_day.items():
        for number, row in enumerate(mine):
            for other in mine[number + 1 :]:
                if row.overlaps(other):
                    yield from _clash(day, row, other, facts)


def _clash(day: date, row: Row, other: Row, facts: Facts) -> Iterator[Breach]:
    when, name = spoken(day), facts.leaders[row.leader].name
    if row.leader == other.leader:
        yield Breach("leader_twice", f"{name}{when}同一时间安排了两场接访。", day, row)
    elif row.backup == other.leader or other.backup == row.leader:
        yield Breach(
            "backup",
            f"{when}{facts.leaders[other.leader].name}与{name}同时接访，不能互为候补。",
            day,
            row,
            hard=False,
        )
    if (row.site, row.room) == (other.site, other.room):
        where = f"{facts.sites[row.site].name}{row.room}"
        yield Breach(
            "room_twice",
            f"{when}{where}同一时间安排了{name}和{facts.leaders[other.leader].name}两场接访。",
            day,
            row,
        )


# --- how often ---------------------------------------------------------------------------------------------------


def _frequency(rows: Sequence[Row], facts: Facts) -> Iterator[Breach]:
    """Each period is counted whole: with what stands in it before and after the plan."""
    for rule in facts.rules:
        fitting = [row for row in [*facts.beside, *rows] if counts_for(rule.rule, row, facts.sites)]
        if rule.rule.who == "team":
            yield from _team(rule, fitting, facts)
        else:
            yield from _one_by_one(rule, fitting, facts)


def _team(rule: RuleRow, rows: list[Row], facts: Facts) -> Iterator[Breach]:
    known = {row.key for row in facts.leaders.values() if rule.applies_to(row)}
    for first, last in periods(rule, facts):
        missing = rule.rule.times - sum(first <= row.day <= last and row.leader in known for row in rows)
        if missing <= 0 or not any(True for _ in facts.days_left(first, last)):
            continue
        later = missing <= sum(1 for _ in facts.days_after(first, last))
        words = f"{_span(first, last)}没有领导接访：{in_words(rule.rule)}{_LATER if later else ''}。"
        yield Breach("no_one", words, first, None, hard=False, open=not later)


_LATER = "（这段计划以后还可以安排）"


def _one_by_one(rule: RuleRow, rows: list[Row], facts: Facts) -> Iterator[Breach]:
    for leader in facts.leaders.values():
        if not rule.applies_to(leader):
            continue
        mine = [row for row in rows if row.leader == leader.key]
        for first, last in periods(rule, facts):
            inside = [row for row in mine if first <= row.day <= last]
            if len(inside) < rule.rule.times:
                yield _too_few(rule, leader, (first, last), inside, facts)
            elif rule.rule.weekday is not None:
                yield from _weekday(rule, leader, inside, (first, last), facts)


def _too_few(rule: RuleRow, leader: Leader, span: tuple[date, date], inside: list[Row], facts: Facts) -> Breach:
    taken = leader.busy | {row.day for row in inside}
    free = sum(day not in taken for day in facts.days_left(*span))
    missing = rule.rule.times - len(inside)
    later = missing <= sum(day not in taken for day in facts.days_after(*span))
    # Where not even the days are there, a person must know, and nothing can be done about it.
    why = _LATER if later else "" if free >= missing else f"（这段时间可用的工作日只有{free}天）"
    words = f"{leader.name}{_span(*span)}安排了{len(inside)}次，要求{in_words(rule.rule)}{why}。"
    return Breach("too_few", words, span[0], None, hard=False, open=not later and free >= missing)


def _weekday(
    rule: RuleRow, leader: Leader, inside: list[Row], span: tuple[date, date], facts: Facts
) -> Iterator[Breach]:
    wanted = [day for day in facts.workdays(*span) if day.weekday() == rule.rule.weekday and day not in leader.busy]
    if wanted and all(row.day.weekday() != rule.rule.weekday for row in inside):
        words = f"{leader.name}{_span(*span)}没有安排在惯例的那一天：{in_words(rule.rule)}。"
        yield Breach("weekday", words, span[0], inside[0], hard=False)


def _span(first: date, last: date) -> str:
    if first == last:
        return spoken(first)
    return f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"


# --- where -------------------------------------------------------------------------------------------------------


def _places(rows: Sequence[Row], facts: Facts) -> Iterator[Breach]:
    """Places at the grass roots: none forgotten, and none with more problems visited less than one with fewer."""
    sites = [site for site in facts.sites.values() if not site.hall and site.rooms]
    ours = [row for row in rows if not facts.sites[row.site].hall]
    if not sites or not ours:
        return
    given = Counter(row.site for row in ours)
    least = len(ours) // (2 * len(sites))
    for site in sites:
        if given[site.key] < least:
            yield Breach(
                "place_left", f"{site.name}只安排了{given[site.key]}次，均衡安排至少{least}次。", None, None, hard=False
            )
    yield from _order(sites, given, ours)


def _order(sites: list[Site], given: Counter[int], rows: list[Row]) -> Iterator[Breach]:
    ranked = sorted(sites, key=lambda site: -site.problems)
    for site in ranked:
        more = [other for other in ranked if other.problems > site.problems and given[other.key] < given[site.key] - 1]
        if more:
            words = f"{more[0].name}的问题比{site.name}多，却安排得少（{given[more[0].key]}次与{given[site.key]}次）。"
            yield Breach("place_order", words, None, None, hard=False)
    top = ranked[0]
    first = min(row.day for row in rows)
    if top.problems > ranked[-1].problems and all(
        row.site != top.key for row in rows if row.day <= _soon(rows, len(sites))
    ):
        yield Breach("place_order", f"问题最多的{top.name}没有先去。", first, None, hard=False)


def _soon(rows: list[Row], count: int) -> date:
    """The day by which as many visits have been made as there are places, or half of all, whichever is sooner."""
    days = sorted(row.day for row in rows)
    return days[min(count, max(1, len(days) // 2)) - 1]


__all__ = ["PER", "Breach", "check", "row_breaches"]
