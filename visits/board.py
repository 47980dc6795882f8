"""What stands on the board of a reception day?  Each room, its leader, who is in it now, who is next, how many wait.

Numbers alone: no name of a petitioner is ever on a wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.actor import Actor
from visits import access
from visits.actions.day import turn
from visits.models import Booking, Reception, Visit

NEXT = 3
_UNREAD = ("name", "phone", "representatives", "matter", "filed_number", "origin", "opinion")


@dataclass(frozen=True)
class Room:
    """One room at this moment."""

    visit: Visit
    units: list[str]
    now: int | None
    next: list[int]
    waiting: int
    done: int


@dataclass(frozen=True)
class Board:
    """All rooms of a day, and the sums under them."""

    day: date
    rooms: list[Room]
    expected: int
    waiting: int
    in_room: int
    done: int
    people: int


def board_for(actor: Actor, day: date) -> Board:
    """Return the board of ``day`` as ``actor`` sees it: four queries, however many rooms."""
    return _board(access.rooms_of(actor), day)


def board_of(office_id: int, day: date) -> Board:
    """Return the board of an office's ``day`` for a wall: what is published, numbers alone."""
    return _board(access.public_visits().filter(office_id=office_id), day)


def _board(rows: QuerySet[Visit], day: date) -> Board:
    visits = list(
        rows.filter(day=day, status__in=["published", "held"])
        .select_related("leader__user", "place")
        .prefetch_related("units")
        .order_by("place_id", "room", "starts", "pk")
    )
    parties = list(Reception.objects.filter(visit__in=visits).defer(*_UNREAD))
    by_visit: dict[int, list[Reception]] = {visit.pk: [] for visit in visits}
    for row in parties:
        by_visit[row.visit_id].append(row)
    rooms = [_room(visit, by_visit[visit.pk]) for visit in visits]
    done = [row for row in parties if row.state == "done"]
    return Board(
        day, rooms, _expected(visits), sum(room.waiting for room in rooms), sum(room.now is not None for room in rooms),
        len(done), sum(row.people for row in done),
    )  # fmt: skip


def _expected(visits: list[Visit]) -> int:
    return Booking.objects.filter(visit__in=visits, state="booked").count()


def _room(visit: Visit, rows: list[Reception]) -> Room:
    waiting = sorted((row for row in rows if row.state == "waiting"), key=turn)
    inside = next((row for row in rows if row.state == "in_room"), None)
    return Room(
        visit, [unit.short_name for unit in visit.units.all()], inside.queue_number if inside else None,
        [row.queue_number for row in waiting[:NEXT]], len(waiting), sum(row.state == "done" for row in rows),
    )  # fmt: skip
