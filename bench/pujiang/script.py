"""What happened on that day?  18 September 2003 in Pujiang, as numbers; a smaller day keeps the proportions.  Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """One party: who, how many, whether it booked and came, and what becomes of its matter."""

    number: int
    name: str
    phone: str
    people: int
    booked: bool
    comes: bool
    outcome: str  # resolved | explained | assigned; "" for those who do not come


@dataclass(frozen=True)
class Script:
    """The whole day."""

    groups: tuple[Group, ...]
    rooms: int
    people: int
    outcomes: dict[str, int]

    @property
    def booked(self) -> list[Group]:
        """Those who book."""
        return [group for group in self.groups if group.booked]

    @property
    def received(self) -> list[Group]:
        """Those who come."""
        return [group for group in self.groups if group.comes]

    @property
    def walk_ins(self) -> list[Group]:
        """Those who come without having booked."""
        return [group for group in self.groups if group.comes and not group.booked]


RECEIVED, BOOKED, ABSENT, PEOPLE, ROOMS = 436, 429, 100, 667, 14
OUTCOMES = {"resolved": 91, "explained": 21, "assigned": 324}


def script(received: int = RECEIVED) -> Script:
    """Return a day on which ``received`` groups are received: the real one, or one of its proportions."""
    share = received / RECEIVED
    booked, absent = round(BOOKED * share), round(ABSENT * share)
    people = round(PEOPLE * share)
    resolved, explained = round(OUTCOMES["resolved"] * share), max(1, round(OUTCOMES["explained"] * share))
    outcomes = {"resolved": resolved, "explained": explained, "assigned": received - resolved - explained}
    rng = random.Random(20030918)  # noqa: S311
    kinds = [kind for kind, count in outcomes.items() for _ in range(count)]
    rng.shuffle(kinds)
    sizes = _sizes(received, people, rng)
    came = booked - absent
    groups = [
        Group(n, f"群众{n:03d}", f"139{n:08d}", sizes[n], n < came, True, kinds[n]) for n in range(received)
    ]  # the first of those who come have booked, the rest walk in
    groups += [Group(n, f"群众{n:03d}", f"139{n:08d}", 1, True, False, "") for n in range(received, received + absent)]
    return Script(tuple(groups), min(ROOMS, max(2, received // 7)), people, outcomes)


def _sizes(count: int, people: int, rng: random.Random) -> list[int]:
    """How many come in each group: one each, and the rest spread, never more than five."""
    sizes = [1] * count
    for _ in range(people - count):
        place = rng.choice([n for n, size in enumerate(sizes) if size < 5])
        sizes[place] += 1
    return sizes
