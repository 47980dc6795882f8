"""How do figures stay true?  What was written into a record is taken up in steps; all of it can be made again and compared.

Whoever works on figures holds the one row of `FigureState`: two at once would add the same difference twice.  Each batch
changes facts and totals in one transaction, so that a list and a number never differ, and a killed worker leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone
from psycopg2.extras import execute_values

from accounts.dates import today
from petitions.figures import history, totals
from petitions.figures.bits import VERSION
from petitions.figures.derive import Fact, facts_of
from petitions.models.figures import CURRENT, FigureChange, FigureDay, FigureFact, FigureState

BATCH = 500  # matters of one transaction
_COLUMNS = ", ".join(Fact._fields)
Key = tuple[int, int, str]
Say = Callable[[str], None]


@dataclass
class Done:
    """What a turn of bringing figures up to date did."""

    matters: int = 0
    facts: int = 0
    frozen: int = 0


# --- step by step ------------------------------------------------------------------------------------------------------


def refresh(most: int = 100_000) -> Done:
    """Take up what was written since, day by day in order, and freeze each month's end as it is passed.

    Safe at any time and twice at once: who does not get the row has nothing to do.  Ends after ``most`` matters.
    """
    done = Done()
    if not FigureState.objects.filter(measures=VERSION).exists():
        rebuild()
    while done.matters < most:
        with transaction.atomic():
            state = FigureState.objects.select_for_update(skip_locked=True).first()
            if state is None or state.measures != VERSION:
                return done
            if not _turn(state, done):
                _note(state)
                return done
    return done


def _note(state: FigureState) -> None:
    state.fresh_at = timezone.now()
    state.save(update_fields=["fresh_at"])


def _turn(state: FigureState, done: Done) -> bool:
    """One batch, or the end of a month; whether there was anything to do."""
    border = min(_month_end(state.done_to), today())
    day, keys, changes = _due_by(border)
    if keys:
        done.facts += take_up(keys, day)
        done.matters += len(keys)
        FigureChange.objects.filter(pk__in=changes).delete()
        return True
    if border < today():
        totals.freeze(border)
        FigureDay.objects.update_or_create(day=border, defaults={"frozen": True, "made_at": timezone.now()})
        state.done_to = border + timedelta(days=1)
        state.save(update_fields=["done_to"])
        done.frozen += 1
        return True
    return False


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _due_by(border: date) -> tuple[date, list[int], list[int]]:
    """The earliest day on which something is to be taken up, the matters of that day, and the marks that say so."""
    changed = FigureChange.objects.filter(day__lte=border).order_by("day", "pk").values_list("day", flat=True).first()
    turning = FigureFact.objects.filter(valid_to=None, turns_on__lte=border).order_by("turns_on").values_list("turns_on", flat=True).first()  # fmt: skip
    days = [day for day in (changed, turning) if day is not None]
    if not days:
        return border, [], []
    day = min(days)
    marks = list(FigureChange.objects.filter(day=day).order_by("pk").values_list("pk", "petition_id")[: 4 * BATCH])
    turned = (
        FigureFact.objects.filter(valid_to=None, turns_on=day)
        .order_by("petition_id")
        .values_list("petition_id", flat=True)
    )
    keys = list(dict.fromkeys([petition for _, petition in marks] + list(turned[:BATCH])))
    return day, keys, [pk for pk, _ in marks]


def take_up(keys: Sequence[int], day: date, *, counted: bool = True) -> int:
    """Bring the facts of some matters to what they are at the end of ``day``; return how many rows changed.

    The totals follow in the same transaction, unless they are counted anew afterwards (``counted=False``).
    """
    fresh = derived(keys, day)
    kept = _kept(keys)
    gone = {key: row for key, row in kept.items() if fresh.get(key) != row[1]}
    new = [fact for key, fact in fresh.items() if key not in kept or key in gone]
    if counted:
        difference = totals.Difference()
        for _, fact, _ in gone.values():
            difference.add(fact, -1)
        for fact in new:
            difference.add(fact, 1)
        difference.write()
    _end([(pk, since) for pk, _, since in gone.values()], day)
    _begin(new, day, {key: since for key, (_, _, since) in gone.items()})
    return len(new) + sum(key not in fresh for key in gone)


def derived(keys: Iterable[int], day: date) -> dict[Key, Fact]:
    """The facts of some matters as their record says at the end of ``day``."""
    return {
        (fact.petition_id, fact.filing_id, fact.capacity): fact
        for one in history.read(keys)
        for fact in facts_of(one.as_of(day), day)
    }


def _kept(keys: Sequence[int]) -> dict[Key, tuple[int, Fact, date]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, valid_from, {_COLUMNS} FROM petitions_figurefact WHERE petition_id = ANY(%s) AND valid_to IS NULL",
            [list(keys)],
        )
        rows = cursor.fetchall()
    facts = [(pk, Fact(*rest), since) for pk, since, *rest in rows]
    return {(fact.petition_id, fact.filing_id, fact.capacity): (pk, fact, since) for pk, fact, since in facts}


def _end(rows: Sequence[tuple[int, date]], day: date) -> None:
    """What held until ``day`` stays as it was; what began no earlier never held at the end of a day."""
    FigureFact.objects.filter(pk__in=[pk for pk, since in rows if since >= day]).delete()
    FigureFact.objects.filter(pk__in=[pk for pk, since in rows if since < day]).update(valid_to=day)


def _begin(facts: Sequence[Fact], day: date, since: Mapping[Key, date], until: date | None = None) -> None:
    if not facts:
        return
    rows = [
        (*fact, max(day, since.get((fact.petition_id, fact.filing_id, fact.capacity), day)), until) for fact in facts
    ]
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            f"INSERT INTO petitions_figurefact ({_COLUMNS}, valid_from, valid_to) VALUES %s",
            rows,
            page_size=1000,
        )


# --- anew, and compared -----------------------------------------------------------------------------------------------


def rebuild(say: Say = lambda _: None) -> int:
    """Make every fact again from the record, in batches, then count the totals anew; return how many rows changed.

    Meanwhile nothing is taken up; what is written waits in `FigureChange`.  Frozen days stay as they are.
    """
    changed, day = 0, today()
    with transaction.atomic():
        state = FigureState.objects.select_for_update().get()
        state.measures = ""
        state.save(update_fields=["measures"])
    for at, keys in enumerate(_batches(2000)):
        with transaction.atomic():
            FigureState.objects.select_for_update().get()
            changed += take_up(keys, day, counted=False)
        if at % 25 == 24:
            say(f"{(at + 1) * 2000:,} matters")
    with transaction.atomic():
        state = FigureState.objects.select_for_update().get()
        totals.recount()
        FigureChange.objects.filter(day__lt=day).update(day=day)  # an earlier day would set back what was read today
        state.measures, state.since = VERSION, state.since or day
        state.done_to = max(state.done_to, day.replace(day=1))
        state.fresh_at = timezone.now()
        state.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE petitions_figurefact")
        cursor.execute("ANALYZE petitions_figuretotal")
    return changed


def compare(say: Say = lambda _: None) -> int:
    """How many rows of facts and totals are not what the record says; nothing is changed.  What is not taken up yet is first."""
    refresh()
    wrong = 0
    for at, keys in enumerate(_batches(2000)):
        day, kept = today(), _kept(keys)
        fresh = derived(keys, day)
        pending = set(FigureChange.objects.filter(petition_id__in=keys).values_list("petition_id", flat=True))
        wrong += sum(
            kept[key][1] != fresh[key] if key in kept and key in fresh else True
            for key in kept.keys() | fresh.keys()
            if key[0] not in pending
        )
        if at % 25 == 24:
            say(f"{(at + 1) * 2000:,} matters compared")
    return wrong + totals.differences()


def _batches(size: int) -> Iterator[list[int]]:
    """Every matter, by its key."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM petitions_petition WHERE id > %s ORDER BY id LIMIT %s", [last, size])
            keys = [row[0] for row in cursor.fetchall()]
        if not keys:
            return
        yield keys
        last = keys[-1]


# --- days that are over ------------------------------------------------------------------------------------------------


def make_day(day: date, told: Callable[[int], None] = lambda _: None) -> None:
    """Count the figures of a day that is over, from the record as it stood at its end, and keep them.

    Days since figures are kept have their facts; for an earlier day they are derived from the events.
    """
    state = FigureState.objects.get()
    if state.since is None or day < state.since:
        _derive_day(day, told)
    with transaction.atomic():
        row, _ = FigureDay.objects.get_or_create(day=day)
        if row.made_at is None:
            totals.recount(day)
            row.made_at = timezone.now()
            row.save(update_fields=["made_at"])


def _derive_day(day: date, told: Callable[[int], None]) -> None:
    done = 0
    for keys in _batches(1000):
        with transaction.atomic():
            facts = list(derived(keys, day).values())
            after = day + timedelta(days=1)
            FigureFact.objects.filter(
                petition_id__in=keys, valid_from=day, valid_to=after
            ).delete()  # of a run that was killed
            _begin(facts, day, {}, after)
        done += len(keys)
        told(done)


__all__ = ["BATCH", "CURRENT", "Done", "compare", "derived", "make_day", "rebuild", "refresh", "take_up"]
