"""Which plan would keep the rules?  A greedy draft: first the days that rules ask for, then the places, problems first.

Where that leaves somebody without a room or a day although there is one for all, others give way along an augmenting path.

Pure; a person changes and approves what comes out, and `visits.checking` says, without knowing this module, what it breaks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from visits.planbook import Facts, Leader, Row, RuleRow, Site, charge, periods

# The order in which rules take their days: a week's visit also counts for the month.
_ORDER = ("workday", "week", "month", "quarter", "half_year", "year")


Seat = tuple[int, str]  # a place and its room


@dataclass
class _Book:
    """What has been put down so far."""

    facts: Facts
    # Leader → day → kind of place.
    days: dict[int, dict[date, str]] = field(default_factory=lambda: defaultdict(dict))
    load: Counter[date] = field(default_factory=Counter)
    # Kind of place → its rooms; on each day those held by drafted rows, and those taken by rows that stand.
    seats: dict[str, list[Seat]] = field(default_factory=dict)
    held: dict[tuple[date, str], dict[Seat, Leader]] = field(default_factory=lambda: defaultdict(dict))
    stand: dict[tuple[date, str], set[Seat]] = field(default_factory=lambda: defaultdict(set))
    # Leader and drafted day → the period that it is for, within which it may be moved.
    may_move: dict[tuple[int, date], tuple[date, date]] = field(default_factory=dict)

    def free(self, leader: Leader, day: date, where: str) -> bool:
        """Whether ``leader`` can be put down for ``day``: others change rooms for it, if there is no other way."""
        if day in leader.busy or day in self.days[leader.key] or day < self.facts.today:
            return False
        return self._seated(leader, day, self.kind(where)) is not None

    def _seated(self, leader: Leader, day: date, kind: str) -> dict[Seat, Leader] | None:
        return seated(leader, self.held[day, kind], self.seats.get(kind, []), self.stand[day, kind])

    def put(self, leader: Leader, day: date, where: str, span: tuple[date, date]) -> None:
        """Put ``leader`` down for ``day``, which is free, for what is asked of ``span``."""
        kind = self.kind(where)
        self.held[day, kind] = self._seated(leader, day, kind) or {}
        self.may_move[leader.key, day] = span
        self._count(leader.key, day, kind)

    def stands(self, row: Row) -> None:
        """A visit that stands already: it counts, and keeps its room."""
        kind = "hall" if self.facts.sites[row.site].hall else "grassroots"
        self.stand[row.day, kind].add((row.site, row.room))
        self._count(row.leader, row.day, kind)

    def _count(self, leader: int, day: date, kind: str) -> None:
        self.days[leader][day] = kind
        self.load[day] += 1

    def take_out(self, leader: Leader, day: date) -> tuple[date, date]:
        """Take a drafted day of ``leader`` back, and return the period it was for."""
        kind = self.days[leader.key].pop(day)
        self.held[day, kind] = {seat: one for seat, one in self.held[day, kind].items() if one.key != leader.key}
        self.load[day] -= 1
        return self.may_move.pop((leader.key, day))

    def kind(self, where: str) -> str:
        """The kind of place that ``where`` means: down to the people where the rule leaves it open."""
        if where != "any":
            return where
        return "grassroots" if self.seats.get("grassroots") else "hall"


def seated(
    leader: Leader, held: Mapping[Seat, Leader], seats: Sequence[Seat], stand: Set[Seat]
) -> dict[Seat, Leader] | None:
    """Return ``held`` with a room for ``leader`` too, others having changed theirs where that is the only way (an augmenting path).

    Args:
        stand: rooms that are taken by visits that nobody moves.

    Returns:
        ``None``: there is no way to give all of them a room.
    """
    found, seen = dict(held), set(stand)

    def find(one: Leader) -> bool:
        open_ = [seat for seat in seats if seat not in seen and seat[0] not in one.not_at]
        for seat in sorted(open_, key=lambda seat: seat in found):
            if seat in seen:
                continue
            seen.add(seat)
            if seat not in found or find(found[seat]):
                found[seat] = one
                return True
        return False

    return found if find(leader) else None


def draft(facts: Facts) -> list[Row]:
    """Return rows for ``facts``'s span, beside those it keeps (``facts.kept``, which count and are not returned)."""
    book = _Book(facts, seats=_seats(facts.sites.values()))
    for row in (*facts.kept, *facts.beside):
        book.stands(row)
    for rule in sorted(facts.rules, key=lambda rule: (rule.rule.who == "team", _ORDER.index(rule.rule.per), rule.key)):
        (_in_turn if rule.rule.who == "team" else _one_by_one)(rule, book)
    return _with_backups(_placed(book), facts)


def _seats(sites: Iterable[Site]) -> dict[str, list[Seat]]:
    found: dict[str, list[Seat]] = defaultdict(list)
    for site in sites:
        found["hall" if site.hall else "grassroots"] += [(site.key, room) for room in site.rooms]
    return found


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
        if day is not None:
            book.put(leader, day, rule.rule.where, span)
        elif not _squeezed_in(leader, days, rule.rule.where, span, book, set()):
            return
        have = _days_had(leader, span, rule.rule.where, book)


def _squeezed_in(
    leader: Leader, days: Sequence[date], where: str, span: tuple[date, date], book: _Book, seen: set[date]
) -> bool:
    """Put ``leader`` down for a day that is full, by giving somebody there another day of his own period (an augmenting path)."""
    for day in days:
        if day in seen or day in leader.busy or day in book.days[leader.key] or day < book.facts.today:
            continue
        seen.add(day)
        if book.free(leader, day, where) or _gave_way(leader, day, days, where, book, seen):
            book.put(leader, day, where, span)
            return True
    return False


def _gave_way(leader: Leader, day: date, days: Sequence[date], where: str, book: _Book, seen: set[date]) -> bool:
    """Whether somebody who was drafted for ``day`` has gone to another, so that it is free for ``leader``."""
    kind = book.kind(where)
    for other in list(book.held[day, kind].values()):
        own = book.take_out(other, day)
        theirs = [one for one in days if own[0] <= one <= own[1]]
        if book.free(leader, day, where):
            book.put(leader, day, where, own)  # keeps the room while the other looks for a day
            moved = _squeezed_in(other, theirs, kind, own, book, seen)
            book.take_out(leader, day)
            if moved:
                return True
        book.put(other, day, kind, own)
    return False


def _days_had(leader: Leader, span: tuple[date, date], where: str, book: _Book) -> list[date]:
    """The days of a period on which ``leader`` is put down for what the rule asks for, in the plan or beside it."""
    return [day for day, kind in book.days[leader.key].items() if span[0] <= day <= span[1] and _counts(kind, where)]


def _counts(kind: str, where: str) -> bool:
    return where in ("any", kind)


def _best(rule: RuleRow, leader: Leader, days: list[date], have: list[date], book: _Book) -> date | None:
    """The day that fits best: the rule's own weekday, far from the others, the emptiest."""
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
            book.put(leader, day, rule.rule.where, span)
            turns[leader.key] += 1


# --- places ------------------------------------------------------------------------------------------------------


def _placed(book: _Book) -> list[Row]:
    """Give every drafted day a place and a room: Sainte-Laguë over half an even share and half a share by problems."""
    facts, tally = book.facts, _Tally(_shares(book.facts.sites.values()), Counter(row.site for row in book.facts.kept))
    rows = []
    for day, kind in sorted(key for key, held in book.held.items() if held):
        held = _rooms_of(day, kind, book, tally)
        rows += [Row(one.key, day, facts.starts, facts.ends, *seat) for seat, one in held.items()]
    return sorted(rows, key=lambda row: (row.day, row.leader))


@dataclass
class _Tally:
    """How often each place has been given, and who has been where."""

    shares: dict[int, float]
    given: Counter[int]
    been: Counter[tuple[int, int]] = field(default_factory=Counter)

    def count(self, held: Mapping[Seat, Leader], by: int) -> None:
        """Count the rooms of a day in (1), or out again (-1)."""
        for (site, _), leader in held.items():
            self.given[site] += by
            self.been[leader.key, site] += by

    def worth(self, site: Site) -> float:
        """How much it is this place's turn."""
        return self.shares[site.key] / (2 * self.given[site.key] + 1)


def _rooms_of(day: date, kind: str, book: _Book, tally: _Tally) -> dict[Seat, Leader]:
    """A room for each leader of a day: the place whose turn it is, others changing theirs where one would find none."""
    held: dict[Seat, Leader] = {}
    for leader in sorted(book.held[day, kind].values(), key=lambda one: one.key):
        taken = held.keys() | book.stand[day, kind]
        seat = _seat(leader, [seat for seat in book.seats[kind] if seat not in taken], book.facts, tally)
        wider = held | {seat: leader} if seat else seated(leader, held, book.seats[kind], book.stand[day, kind])
        tally.count(held, -1)
        held = wider or held
        tally.count(held, 1)
    return held


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


NEAR = 0.9  # of the best: so near that a leader whose units have the problems there may go


def _seat(leader: Leader, open_: Sequence[Seat], facts: Facts, tally: _Tally) -> Seat | None:
    """The place whose turn it is, where the leader has not been yet; among those nearly as much in turn, where his units have problems."""
    rooms: dict[int, Seat] = {}
    for seat in open_:
        if seat[0] not in leader.not_at:
            rooms.setdefault(seat[0], seat)

    def turn(site: Site) -> tuple[float, bool, int]:
        return -tally.worth(site), tally.been[leader.key, site.key] > 0, site.key

    fitting = sorted((facts.sites[key] for key in rooms), key=turn)
    if not fitting:
        return None
    near = [site for site in fitting if tally.worth(site) >= NEAR * tally.worth(fitting[0])]
    return rooms[max(near, key=lambda site: charge(leader, site)[0]).key]  # the first of equals


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
