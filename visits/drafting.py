"""Which plan would keep the rules?  A greedy draft: first the days that rules ask for, then the places, problems first.

Pure; a person changes and approves what comes out, and `visits.checking` says, without knowing this module, what it breaks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from visits.planbook import Facts, Leader, Row, RuleRow, Site, periods

# The order in which rules take their days: a week's visit also counts for the month.
_ORDER = ("workday", "week", "month", "quarter", "half_year", "year")


@dataclass
class _Book:
    """What has been put down so far."""

    facts: Facts
    days: dict[int, dict[date, str]] = field(default_factory=lambda: defaultdict(dict))  # leader → day → kind of place
    load: Counter[date] = field(default_factory=Counter)
    covered: set[date] = field(default_factory=set)  # days on which somebody is in the hall
    rooms: dict[str, int] = field(default_factory=dict)  # kind of place → rooms a day
    taken: Counter[tuple[date, str]] = field(default_factory=Counter)

    def free(self, leader: Leader, day: date, where: str) -> bool:
        """Whether ``leader`` can be put down for ``day``."""
        kind = self.kind(where)
        open_ = self.taken[day, kind] < self.rooms.get(kind, 0)
        return open_ and day not in leader.busy and day not in self.days[leader.key] and day >= self.facts.today

    def put(self, leader: Leader, day: date, where: str) -> None:
        """Put ``leader`` down for ``day``."""
        kind = self.kind(where)
        self.days[leader.key][day] = kind
        self.load[day] += 1
        self.taken[day, kind] += 1
        if kind == "hall":
            self.covered.add(day)

    def kind(self, where: str) -> str:
        """The kind of place that ``where`` means: down to the people where the rule leaves it open."""
        if where != "any":
            return where
        return "grassroots" if self.rooms.get("grassroots") else "hall"


def draft(facts: Facts) -> list[Row]:
    """Return rows for ``facts``'s span, beside those it keeps (``facts.kept``, which count and are not returned)."""
    book = _Book(facts, rooms=_rooms(facts.sites.values()))
    for row in (*facts.kept, *facts.beside):
        leader = facts.leaders.get(row.leader)
        if leader is not None:
            book.put(leader, row.day, "hall" if facts.sites[row.site].hall else "grassroots")
    for rule in sorted(facts.rules, key=lambda rule: (rule.rule.who == "team", _ORDER.index(rule.rule.per), rule.key)):
        (_in_turn if rule.rule.who == "team" else _one_by_one)(rule, book)
    return _with_backups(_placed(book), facts)


def _rooms(sites: Iterable[Site]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for site in sites:
        found["hall" if site.hall else "grassroots"] += len(site.rooms)
    return dict(found)


# --- days --------------------------------------------------------------------------------------------------------


def _one_by_one(rule: RuleRow, book: _Book) -> None:
    leaders = [leader for leader in book.facts.leaders.values() if rule.applies_to(leader)]
    for span in periods(rule, book.facts):
        days = list(book.facts.workdays(*span))
        # Who has the fewest days left chooses first.
        for leader in sorted(leaders, key=lambda leader: (sum(day not in leader.busy for day in days), leader.key)):
            _fill(rule, leader, span, book)


def _fill(rule: RuleRow, leader: Leader, span: tuple[date, date], book: _Book) -> None:
    """What a period still lacks; one that has days enough after the plan's end is left to the next plan."""
    days = list(book.facts.workdays(*span))
    have = _days_had(leader, span, rule.rule.where, book)
    missing = rule.rule.times - len(have)
    if missing <= sum(day not in leader.busy for day in book.facts.days_after(*span)):
        return
    for _ in range(missing):
        day = _best(rule, leader, days, have, book)
        if day is None:
            return
        book.put(leader, day, rule.rule.where)
        have.append(day)


def _days_had(leader: Leader, span: tuple[date, date], where: str, book: _Book) -> list[date]:
    """The days of a period on which ``leader`` is put down for what the rule asks for, in the plan or beside it."""
    return [day for day, kind in book.days[leader.key].items() if span[0] <= day <= span[1] and _counts(kind, where)]


def _counts(kind: str, where: str) -> bool:
    return where in ("any", kind)


def _best(rule: RuleRow, leader: Leader, days: list[date], have: list[date], book: _Book) -> date | None:
    """The day that fits best: the rule's own weekday, a day on which nobody is in the hall yet, the emptiest, far from the others."""
    open_ = [day for day in days if book.free(leader, day, rule.rule.where)]
    turn = leader.key % len(days) if days else 0  # so that they do not all come on the first of the month

    def worth(day: date) -> tuple[bool, int, int, int]:
        off_weekday = rule.rule.weekday is not None and day.weekday() != rule.rule.weekday
        near = sum(abs((day - other).days) < 3 for other in have)
        return off_weekday, near, book.load[day], (days.index(day) - turn) % len(days)

    return min(open_, key=worth, default=None)


def _in_turn(rule: RuleRow, book: _Book) -> None:
    leaders = [leader for leader in book.facts.leaders.values() if rule.applies_to(leader)]
    turns: Counter[int] = Counter({leader.key: len(book.days[leader.key]) for leader in leaders})
    for span in periods(rule, book.facts):
        days = list(book.facts.workdays(*span))
        missing = rule.rule.times - sum(len(_days_had(leader, span, rule.rule.where, book)) for leader in leaders)
        later = sum(1 for _ in book.facts.days_after(*span))
        for _ in range(missing if missing > later else 0):
            free = [
                (turns[one.key], one.key, day, one)
                for one in leaders
                for day in days
                if book.free(one, day, rule.rule.where)
            ]
            if not free:
                break
            _, _, day, leader = min(free, key=lambda found: found[:3])
            book.put(leader, day, rule.rule.where)
            turns[leader.key] += 1


# --- places ------------------------------------------------------------------------------------------------------


def _placed(book: _Book) -> list[Row]:
    """Give every drafted day a place and a room: Sainte-Laguë over half an even share and half a share by problems."""
    facts = book.facts
    given: Counter[int] = Counter(row.site for row in facts.kept)
    taken = {(row.day, row.site, row.room) for row in facts.kept}
    kept = {(row.leader, row.day) for row in (*facts.kept, *facts.beside)}
    wanted = sorted(
        (day, key, kind) for key, days in book.days.items() for day, kind in days.items() if (key, day) not in kept
    )
    shares = _shares(facts.sites.values())
    been: dict[int, set[int]] = defaultdict(set)
    rows = []
    for day, key, kind in wanted:
        leader = facts.leaders[key]
        site = _site(leader, day, kind, facts, shares, given, taken, been[key])
        if site is None:
            continue
        room = next(room for room in site.rooms if (day, site.key, room) not in taken)
        taken.add((day, site.key, room))
        given[site.key] += 1
        been[key].add(site.key)
        rows.append(Row(key, day, facts.starts, facts.ends, site.key, room))
    return rows


def _shares(sites: Iterable[Site]) -> dict[int, float]:
    """Each place's share of the visits to its kind: no place forgotten, those with more problems more often."""
    found: dict[int, float] = {}
    rows = [site for site in sites if site.rooms]
    for hall in (True, False):
        mine = [site for site in rows if site.hall is hall]
        whole = sum(site.problems for site in mine)
        for site in mine:
            found[site.key] = 0.5 / len(mine) + (0.5 * site.problems / whole if whole else 0.5 / len(mine))
    return found


def _site(
    leader: Leader, day: date, kind: str, facts: Facts, shares: dict[int, float], given: Counter[int],
    taken: set[tuple[date, int, str]], been: set[int],
) -> Site | None:  # fmt: skip
    fitting = [
        site
        for site in facts.sites.values()
        if site.hall is (kind == "hall") and site.key not in leader.not_at
        and any((day, site.key, room) not in taken for room in site.rooms)
    ]  # fmt: skip

    def worth(site: Site) -> tuple[float, bool, int]:
        return -shares[site.key] / (2 * given[site.key] + 1), site.key in been, site.key

    return min(fitting, key=worth, default=None)


def _with_backups(rows: list[Row], facts: Facts) -> list[Row]:
    """Name for each visit somebody of the same level who is free that day: an absent leader has a substitute."""
    at_work: dict[date, set[int]] = defaultdict(set)
    for row in [*rows, *facts.kept]:
        at_work[row.day].add(row.leader)
    turns: Counter[int] = Counter()
    found = []
    for row in rows:
        level = facts.leaders[row.leader].level
        free = [
            one for one in facts.leaders.values()
            if one.level == level and one.key not in at_work[row.day] and row.day not in one.busy and row.site not in one.not_at
        ]  # fmt: skip
        backup = min(free, key=lambda one: (turns[one.key], one.key), default=None)
        if backup is not None:
            turns[backup.key] += 1
        found.append(replace(row, backup=backup.key if backup else None))
    return found


__all__ = ["draft"]
