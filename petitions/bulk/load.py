"""How do a million invented matters come into the database in minutes?  Planned in shares, told and copied by processes.

The parent plans (ids, serials, days) and puts indexes and foreign keys aside; each worker tells its shares and copies
them; then everything put aside is built again, side by side.
"""

from __future__ import annotations

import gc
import io
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connection, connections

from accounts.actor import system_actor
from accounts.dates import today
from petitions import figures, numbers, rarity
from petitions.bulk import aside
from petitions.bulk.counter import REPEATED, Counter, Ids
from petitions.bulk.histories import Teller
from petitions.bulk.life import workday
from petitions.bulk.office import Body, County, Hand, county_of
from petitions.bulk.rows import GIVEN_IDS, MODELS, Sheets, copy_of
from petitions.bulk.words import Composer

SHARE = 2_000  # matters told and copied at a time
DAYS = 730  # how far back the first one lies
OWN = 20  # every twentieth is filed with the competent body directly
# More rows than a matter has at most, of the tables whose ids other rows name.
MOST = {"petition": 1, "filing": 2, "petitioner": 3, "assignment": 3, "proceeding": 3, "clock": 16}
FEW = 5_000  # up to here the indexes stay where they are

Say = Callable[[str], None]


@dataclass(frozen=True)
class Share:
    """Some matters in a row: numbers ``first`` to ``first + count`` of the run, with ids and serials of their own."""

    first: int
    count: int
    ids: dict[str, int]
    serials: dict[tuple[int, int], int]


@dataclass(frozen=True)
class Plan:
    """One run: how many matters, over which days, by whom."""

    total: int
    seed: int
    last: date
    county: County
    system: Hand

    def day(self, number: int) -> date:
        """The day on which matter ``number`` was received: evenly over two years, on workdays."""
        found = workday(self.last - timedelta(days=DAYS - 1) + timedelta(days=number * DAYS // self.total))
        return min(found, self.last)

    def office(self, number: int) -> Body:
        """With whom it was filed: mostly the petition office; never the quiet branch."""
        if number % OWN:
            return self.county.office
        return self.county.units[number // OWN % (len(self.county.units) - 1)]

    def shares(self) -> Iterator[Share]:
        """The run in shares; takes ids and serials from their series."""
        starts = [(first, min(SHARE, self.total - first)) for first in range(0, self.total, SHARE)]
        ids = {table: _block(table, self.total * most) for table, most in MOST.items()}
        wanted: list[dict[tuple[int, int], int]] = []
        for first, count in starts:
            counted: dict[tuple[int, int], int] = {}
            for number in range(first, first + count):
                key = (self.office(number).pk, self.day(number).year)
                counted[key] = counted.get(key, 0) + 1
            wanted.append(counted)
        totals: dict[tuple[int, int], int] = {}
        for counted in wanted:
            for key, count in counted.items():
                totals[key] = totals.get(key, 0) + count
        following = {key: numbers.take(key[0], numbers.MATTER, key[1], count) for key, count in totals.items()}
        for (first, count), counted in zip(starts, wanted, strict=True):
            mine = {table: start + first * MOST[table] for table, start in ids.items()}
            yield Share(first, count, mine, {key: following[key] for key in counted})
            for key, taken in counted.items():
                following[key] += taken


def _block(table: str, count: int) -> int:
    """Take ``count`` ids in a row from a table's sequence and return the first.  Nobody else may be writing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [MODELS[table]._meta.db_table])
        name = cursor.fetchone()[0]
        if count > 10 * FEW:  # as the owner: at once
            cursor.execute(f"SELECT setval('{name}', nextval('{name}') + {count} - 1) - {count} + 1")
            return int(cursor.fetchone()[0])
        ids = f"SELECT nextval('{name}') AS id FROM generate_series(1, {count})"  # noqa: S608
        cursor.execute(f"SELECT min(id), max(id) FROM ({ids}) i")  # noqa: S608
        first, last = cursor.fetchone()
    if last - first != count - 1:
        raise RuntimeError("somebody else is writing into this database: generate wants it for itself")
    return int(first)


# --- a share -------------------------------------------------------------------------------------------------------


def told(plan: Plan, share: Share) -> Sheets:
    """Tell the matters of a share."""
    random = Random(f"{plan.seed}:{share.first}")  # noqa: S311  (invented people, not secrets)
    words = Composer(random)
    counter = Counter(plan.county, plan.system, random, words, Ids(dict(share.ids)), dict(share.serials))
    teller = Teller(plan.county, random, words, plan.last)
    sheets = Sheets()
    for number in range(share.first, share.first + share.count):
        office = plan.office(number)
        life = counter.register(office, plan.day(number))
        if random.random() < REPEATED:
            counter.repeat(life, office, life.petition["received_on"])
        teller.tell(life, office)
        sheets.add(life)
    return sheets


def copied(sheets: Sheets) -> None:
    """Copy a share's rows into their tables, in one transaction of the open connection."""
    with connection.cursor() as cursor:
        for table, lines in sheets.lines.items():
            if lines:
                cursor.copy_expert(copy_of(table), io.StringIO("".join(lines)))


def _work(plan: Plan, share: Share) -> int:
    from django.db import transaction

    sheets = told(plan, share)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.execute("SET LOCAL office.figures_later = 'on'")  # they are counted once everything is there
        copied(sheets)
    return share.count


_plan: list[Plan] = []


def _begin(plan: Plan) -> None:
    """In a worker: keep the plan; the connection of the parent is not ours."""
    connections.close_all()
    gc.disable()  # a life holds no cycles; counting references frees it
    _plan.append(plan)


def _in_worker(share: Share) -> int:
    return _work(_plan[0], share)


# --- the run -------------------------------------------------------------------------------------------------------


def generate(total: int, *, seed: int = 1, workers: int = 0, say: Say = lambda _: None) -> None:
    """Fill the database with ``total`` invented matters of the last two years.

    Args:
        seed: the same seed tells the same histories (random refs, keys and codes differ).
        workers: processes; 0 does it all here on the open connection, with every index in place.
    """
    by = system_actor()
    plan = Plan(total, seed, today() - timedelta(days=1), county_of(), Hand(by.post.pk, by.user.pk))
    shares = list(plan.shares())
    if not workers:
        for share in shares:
            copied(told(plan, share))
        return
    if total > FEW:
        aside.finish(say)  # what an interrupted run left
        aside.put_aside([model._meta.db_table for model in MODELS.values()])
    _spread(plan, shares, workers, say)
    aside.finish(say, lanes=workers)
    aside.analyse([model._meta.db_table for model in MODELS.values()], lanes=workers)
    rarity.count()
    say(f"{figures.rebuild():,} facts for the figures")


def _spread(plan: Plan, shares: list[Share], workers: int, say: Say) -> None:
    connections.close_all()
    done = 0
    context: Any = multiprocessing.get_context("fork")
    with context.Pool(workers, _begin, (plan,)) as pool:
        for count in pool.imap_unordered(_in_worker, shares):
            done += count
            if done % (10 * SHARE) < SHARE:
                say(f"{done:,} of {plan.total:,} matters written")


__all__ = ["GIVEN_IDS", "Plan", "Share", "generate", "told"]
