"""Which times can be booked, and how many parties each takes?  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    all_: Mapping[time, int], taken: Iterable[time], ends: time, *, after: time | None = None
) -> list[Slot]:  # fmt: skip
    """Return the slots that are not full, and not over at ``after``; the last one is over at ``ends``.

    Args:
        taken: the time of each party that keeps its own, one of ``all_`` or of the times before the visit was changed.
    """
    over = dict(zip(all_, [*list(all_)[1:], ends], strict=True))
    left = _left(all_, taken)
    return [Slot(at, left[at]) for at in all_ if left[at] > 0 and (after is None or over[at] > after)]


def _left(all_: Mapping[time, int], taken: Iterable[time]) -> dict[time, int]:
    """How many each slot still takes; a party stands in the last one with room that is not after its own time, else in the first."""
    left = dict(all_)
    for own in sorted(taken):
        room = [at for at in left if left[at] > 0]
        at = max((at for at in room if at <= own), default=min(room, default=None))
        if at is not None:
            left[at] -= 1
    return left
