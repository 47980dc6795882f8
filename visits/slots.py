"""Which times can be booked, and how many parties each takes?  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True)
class Slot:
    """A time to come at, and how many parties are still wanted then."""

    at: time
    left: int


def times(starts: time, ends: time, minutes: int, capacity: int) -> dict[time, int]:
    """Return each slot's time with how many of ``capacity`` parties it takes: as even as can be, the earlier ones first."""
    day = date(2000, 1, 1)
    begin, end = datetime.combine(day, starts), datetime.combine(day, ends)
    count = max(1, min(capacity, int((end - begin) / timedelta(minutes=max(1, minutes)))))
    step = (end - begin) / count
    each, rest = divmod(capacity, count)
    found = {}
    for number in range(count):
        at = (begin + step * number).replace(second=0, microsecond=0).time()
        found[at] = each + (number < rest)
    return found


def free(
    all_: Mapping[time, int], taken: Mapping[time, int], ends: time, *, after: time | None = None
) -> list[Slot]:  # fmt: skip
    """Return the slots that are not full, and not over at ``after``; the last one is over at ``ends``."""
    over = dict(zip(all_, [*list(all_)[1:], ends], strict=True))
    left = [Slot(at, most - taken.get(at, 0)) for at, most in all_.items() if after is None or over[at] > after]
    return [slot for slot in left if slot.left > 0]
