"""What grew since yesterday?  Once a night, in steps: each town's texts, then the counts; each warning once.

A step is one transaction that also notes that it is done (`PatternNight`): a worker that is killed, or two at once, do no
step twice.  What speaks of the cases of a warning that still lasts is the same warning, and is not raised again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.db import transaction

from accounts.dates import today
from petitions.models import Pattern, PatternCase, PatternNight
from petitions.patterns import cells, topics
from petitions.patterns.cells import Cell, Stretches
from petitions.patterns.growth import LEAST, WINDOW, Growth
from petitions.patterns.topics import Topic

SAME = 0.5  # share of the cases that another lasting warning holds already
LASTS = timedelta(days=WINDOW)
GROWTH = "growth"
KEPT = timedelta(days=30)  # notes of nights


def run_night(day: date | None = None) -> int:
    """Look for what grew up to the day before ``day`` (today), raise what is new, and return how many warnings that is."""
    day = day or today()
    PatternNight.objects.filter(day__lt=day - KEPT).delete()
    PatternNight.objects.get_or_create(day=day)
    days = Stretches.of(day)
    raised = 0
    for town in topics.towns(days.now):
        raised += _step(day, f"topics:{town}", lambda town=town: _topics(days, town, day))  # type: ignore[misc]
    return raised + _step(day, GROWTH, lambda: _growth(days, day))


def _step(day: date, code: str, act: Callable[[], int]) -> int:
    with transaction.atomic():
        night = PatternNight.objects.select_for_update().get(day=day)
        if code in night.done:
            return 0
        raised = act()
        night.done = [*night.done, code]
        night.save(update_fields=["done"])
    return raised


def _topics(days: Stretches, town: str, day: date) -> int:
    return sum(_raise_topic(topic, days, town, day) for topic in topics.hot(days, town))


def _raise_topic(topic: Topic, days: Stretches, town: str, day: date) -> bool:
    assert topic.grown is not None
    cell = Cell(topic.category, town or None, topic.unit, "、".join(topic.names)[:120])
    cases = cells.evidence("now", [text.pk for text in topic.matters]) + cells.evidence("before", topic.before)
    return _raise("topic", cell, topic.grown, cases, days, day)


def _growth(days: Stretches, day: date) -> int:
    return sum(
        _raise(cell.kind, cell, more, cells.evidence_of(cell, days), days, day) for cell, more in cells.grown(days)
    )


def _raise(kind: str, cell: Cell, more: Growth, cases: Sequence[PatternCase], days: Stretches, day: date) -> bool:
    """Write a warning with its cases; not where a lasting one holds half of them already."""
    now = [case.petition_id for case in cases if case.part == "now"]
    if len(now) < LEAST or _known(now, day):
        return False
    row = Pattern.objects.create(
        kind=kind, category_id=cell.category, region=cells.town_region(cell.town), unit_id=cell.unit, place=cell.place,
        first=days.now.first, last=days.now.last, count=len(now), numbers=more.numbers, raised_on=day,
    )  # fmt: skip
    for case in cases:
        case.pattern = row
    PatternCase.objects.bulk_create(cases, batch_size=1_000)
    return True


def _known(now: Sequence[int], day: date) -> bool:
    """Whether one warning whose days are not over, whatever became of it, holds SAME of the cases."""
    lasting = Pattern.objects.filter(
        last__gt=day - timedelta(days=1) - LASTS, cases__part="now", cases__petition__in=now
    )
    held: dict[int, int] = {}
    for pk in lasting.values_list("pk", flat=True):
        held[pk] = held.get(pk, 0) + 1
    return any(many >= SAME * len(now) for many in held.values())
