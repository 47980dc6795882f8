"""How do figures stay true?  What was written into a record is taken up in steps; all of it can be made again and compared.

Whoever works on figures holds the one row of `FigureState`: two at once would add the same difference twice.  Each batch
changes facts and totals in one transaction, so that a list and a number never differ, and a killed worker leaves nothing half done.
Long counting (everything anew, a day that is over) is done by one at a time: it holds a lock of its connection, which ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from psycopg2.extras import execute_values

from accounts.dates import today
from petitions.errors import WrongMoment
from petitions.figures import history, totals
from petitions.figures.bits import MEASURES, VERSION
from petitions.figures.cut import RULE, month_end
from petitions.figures.derive import Fact, facts_of
from petitions.models.figures import CURRENT, FigureChange, FigureDay, FigureFact, FigureState

BATCH = 500  # matters of one transaction
LOCK = 0xF1C5  # advisory lock of a database; the second number says of what: 0 of everything anew, else a day's ordinal
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

    Safe at any time and twice at once: who does not get the row has nothing to do, nor has anybody while everything is
    made anew.  Ends after ``most`` matters.
    """
    done = Done()
    if not is_current():
        with _alone() as mine:
            if mine and not is_current():  # another may just have ended
                _rebuild(lambda _: None)
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


def is_current() -> bool:
    """Whether facts and totals are in the measures of now, and nobody is making them anew."""
    return FigureState.objects.filter(measures=VERSION).exists()


@contextmanager
def _alone(what: int = 0, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock of ``what``, and say whether it was free; ``wait`` until it is."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_lock(%s, %s)", [LOCK, what])
        mine = wait or bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, what])


def _turn(state: FigureState, done: Done) -> bool:
    """One batch, or the end of a month; whether there was anything to do."""
    border = min(month_end(state.done_to), today())
    matters, facts = _take_up_due(state, border)
    if matters:
        done.matters, done.facts = done.matters + matters, done.facts + facts
        return True
    if border < today():
        _keep_day(border, totals.freeze, frozen=True)
        state.done_to = border + timedelta(days=1)
        state.save(update_fields=["done_to"])
        done.frozen += 1
        return True
    return False


def _keep_day(day: date, count: Callable[[date], None], *, frozen: bool = False) -> None:
    """Keep the totals of ``day`` for good; what was kept before stays."""
    row, _ = FigureDay.objects.select_for_update().get_or_create(day=day)
    if row.made_at is None:
        count(day)
        row.made_at, row.measures = timezone.now(), list(MEASURES)
    row.frozen = row.frozen or frozen
    row.save()


def _take_up_due(state: FigureState, border: date, *, counted: bool = True) -> tuple[int, int]:
    """Take up one batch of what is due until ``border``; return how many matters it was, and how many facts changed."""
    day, keys, changes = _due_by(border)
    if not keys:
        return 0, 0
    facts = take_up(keys, _not_before(state, day), counted=counted)
    FigureChange.objects.filter(pk__in=changes).delete()
    return len(keys), facts


def _not_before(state: FigureState, day: date) -> date:
    """``day``, or the first day after it that is not counted for good: what was committed late shows in what is still open."""
    made = FigureDay.objects.filter(day__gte=day, made_at__isnull=False).order_by("-day").values_list("day", flat=True)
    kept = [one + timedelta(days=1) for one in made[:1]]
    return max(day, state.since or day, *kept)


def _due_by(border: date) -> tuple[date, list[int], list[int]]:
    """The earliest day on which something is to be taken up, the matters of that day, and the marks that say so."""
    changed = FigureChange.objects.filter(day__lte=border).order_by("day", "pk").values_list("day", flat=True).first()
    turning = _turning(border).order_by("turns_on").values_list("turns_on", flat=True).first()
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


def _turning(border: date) -> QuerySet[FigureFact]:
    """What reads differently by the end of ``border`` although nothing happened."""
    return FigureFact.objects.filter(valid_to=None, turns_on__lte=border)


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

    Meanwhile nothing is taken up; what is written waits in `FigureChange`.  Frozen days stay as they are; a month's end
    that was passed while nobody was at work is frozen as it stood then.  Waits where somebody else is doing so.
    """
    with _alone(wait=True):
        return _rebuild(say)


def _rebuild(say: Say) -> int:
    day = today()
    with transaction.atomic():
        state = _state()
        state.measures = ""
        state.save(update_fields=["measures"])
    while _missed(day, say):
        pass
    changed = _anew(day, say)
    with transaction.atomic():
        state = _state()
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


def _state() -> FigureState:
    """The one row, held until the end of the transaction."""
    return FigureState.objects.select_for_update().get()


def _anew(day: date, say: Say = lambda _: None) -> int:
    """Derive every matter as it stands at the end of ``day``; return how many rows changed.  The totals follow later."""
    changed = 0
    for at, keys in enumerate(_batches(2000)):
        with transaction.atomic():
            _state()
            changed += take_up(keys, day, counted=False)
        if at % 25 == 24:
            say(f"{(at + 1) * 2000:,} matters")
    return changed


def _missed(day: date, say: Say) -> bool:
    """Go on to the next end of a month before ``day`` that nobody froze, and freeze it; whether there was one.

    What was written before it is taken up as of its own day.  Before facts were kept from day to day there are only the events.
    """
    state = FigureState.objects.get()
    border = month_end(state.done_to)
    if state.since is not None:
        _take_up_until(min(border, day - timedelta(days=1)))
    if border >= day:
        return False
    say(f"the end of {border:%B %Y} was missed: it is counted as it stood then")
    if state.since is None:
        _derive_day(border)
    else:
        _anew(border, say)
    with transaction.atomic():
        state = _state()
        _keep_day(border, totals.recount, frozen=True)
        state.done_to = border + timedelta(days=1)
        state.save(update_fields=["done_to"])
    return True


def _take_up_until(border: date) -> None:
    """Take up what is due until ``border``, day by day; the totals are counted afterwards."""
    matters = 1
    while matters:
        with transaction.atomic():
            matters, _ = _take_up_due(_state(), border, counted=False)


def compare(say: Say = lambda _: None) -> int:
    """How many rows of facts and totals, and of days that are kept, are not what they are made from; nothing is changed.

    Matters that wait to be taken up are not compared; ``say`` tells how many.

    Raises:
        WrongMoment: facts and totals are not in the measures of now: they are made anew first.
    """
    if not is_current():
        raise WrongMoment("指标的算法有变动，或者正在重新计算，算好以后再核对。", rule=RULE)
    wrong, waits, day = 0, 0, today()
    for at, keys in enumerate(_batches(2000)):
        found, waiting = _differing(keys, day)
        wrong, waits = wrong + found, waits + waiting
        if at % 25 == 24:
            say(f"{(at + 1) * 2000:,} matters compared")
    say(f"{waits:,} matters wait to be taken up and were not compared")
    return wrong + totals.differences() + sum(_differing_day(kept, say) for kept in _kept_days())


def _differing(keys: Sequence[int], day: date) -> tuple[int, int]:
    """How many facts of some matters are not what the record says, and how many of the matters are not taken up yet."""
    kept, fresh = _kept(keys), derived(keys, day)
    pending = set(FigureChange.objects.filter(petition_id__in=keys).values_list("petition_id", flat=True))
    pending |= set(_turning(day).filter(petition_id__in=keys).values_list("petition_id", flat=True))
    wrong = sum(
        kept[key][1] != fresh[key] if key in kept and key in fresh else True
        for key in kept.keys() | fresh.keys()
        if key[0] not in pending
    )
    return wrong, len(pending)


def _kept_days() -> list[date]:
    return list(FigureDay.objects.filter(made_at__isnull=False).order_by("day").values_list("day", flat=True))


def _differing_day(day: date, say: Say) -> int:
    wrong = totals.differences(day)
    if wrong:
        say(f"{wrong:,} totals of the end of {day} are not what its facts add up to")
    return wrong


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

    Days since figures are kept have their facts, once what was written until then is taken up; for an earlier day they are
    derived from the events.  A day that is kept stays as it is.

    Raises:
        WrongMoment: somebody else is counting it, or what was written until then is not taken up yet: to be tried again.
    """
    with _alone(day.toordinal()) as mine:
        if not mine:
            raise WrongMoment(f"{day}日终的数字正由另一项后台任务统计。", rule=RULE)
        if _from_events(day):
            _derive_day(day, told)
        else:
            refresh()
        with transaction.atomic():
            _state()
            if not _from_events(day) and (not is_current() or _due_by(day)[1]):
                raise WrongMoment(f"{day}以前办理的还没有全部计入，稍后自动再算。", rule=RULE)
            _keep_day(day, totals.recount)


def _from_events(day: date) -> bool:
    """Whether ``day`` lies before facts were kept from day to day."""
    since = FigureState.objects.get().since
    return since is None or day < since


def _derive_day(day: date, told: Callable[[int], None] = lambda _: None) -> None:
    FigureDay.objects.get_or_create(day=day)
    done, after = 0, day + timedelta(days=1)
    for keys in _batches(1000):
        with transaction.atomic():
            if FigureDay.objects.select_for_update().get(day=day).made_at is not None:
                return  # kept by somebody else in the meantime
            of_a_run_that_was_killed = FigureFact.objects.filter(petition_id__in=keys, valid_from=day, valid_to=after)
            of_a_run_that_was_killed.delete()
            _begin(list(derived(keys, day).values()), day, {}, after)
        done += len(keys)
        told(done)


__all__ = [
    "BATCH", "CURRENT", "Done", "compare", "derived", "is_current", "make_day", "rebuild", "refresh", "take_up",
]  # fmt: skip
