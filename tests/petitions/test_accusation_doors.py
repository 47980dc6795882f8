"""A sealed report cannot be told from none: at every door of the table, for everybody of the cast who is not on the list.

Two worlds are compared under a standing clock: one in which there is a report, and one in which there is not; and its names
in an address with a name that nobody has.  Statements, status, bytes and headers are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import letterhead
from accounts.dates import today
from petitions import paper_templates, trees, wording
from petitions.accusations import figures, roll
from petitions.models import Accusation
from petitions.querycode import new_ref
from tests.doors import DOORS, REFS, STAFF, Door
from tests.petitions.accusations import WORDS, Sealed
from tests.test_doors import ANONYMOUS, OUTSIDE, House, _house, sealed_report

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Whoever is on the list, or keeps the list of names, is told apart on purpose: the others are everybody else.
NAMED = {"registrar2", "conference", "rereviewer2"}
OTHERS = (*sorted(STAFF - NAMED), ANONYMOUS)
# Names and keys drawn anew for each page.
_DRAWN = re.compile(rb"""(?<=[\s"'=/:>])[A-Za-z0-9_-]{16,64}(?=["'/&<])""")
_VALUES = re.compile(r"'(?:[^']|'')*'(?:::\w+)?|_django_curs_\w+|\b\d+(?:\.\d+)?\b")


@dataclass
class Seen:
    """What an answer shows: status, words and headers, and the statements it was made of."""

    status: int
    body: bytes
    headers: dict[str, str]
    statements: list[str]


def knock(
    house: House, who: str, door: Door, refs: dict[str, str], report: dict[str, str], said: dict[str, str] | None = None
) -> Seen:
    """Open a door and keep everything that can be seen of the answer; drawn names and values left out."""
    cache.clear()
    for kept in (
        roll,
        trees,
        wording,
        paper_templates,
        letterhead,
    ):  # what a process keeps for a minute would tell who came first
        kept.forget()
    with CaptureQueriesContext(connection) as asked:
        status, body, headers = house.knock(who, door, refs, said)
    for ref in {*report.values(), *refs.values()}:
        body = body.replace(ref.encode(), b"*") if len(ref) == 16 else body
    plain = {name: re.sub(r"[\w-]{16,}", "*", value) for name, value in headers.items()}
    statements = [_VALUES.sub("?", query["sql"]) for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    return Seen(status, _DRAWN.sub(b"*", _unpacked(body)), plain, statements)


def _unpacked(body: bytes) -> bytes:
    """A workbook's parts without the seconds at which each was packed."""
    if not body.startswith(b"PK"):
        return body
    with ZipFile(BytesIO(body)) as parts:
        return b"\n".join(name.encode() + _unpacked(parts.read(name)) for name in parts.namelist())


@pytest.fixture(scope="module")
def house(django_db_setup: Any, django_db_blocker: Any) -> Iterator[House]:
    """One office with a list of names and no report, while time stands still."""
    with django_db_blocker.unblock(), time_machine.travel(timezone.now(), tick=False), transaction.atomic():
        house = _house(report=False)
        connection.check_constraints()  # once: else the end of each test looks up every key of these rows again
        yield house
        transaction.set_rollback(True)


@contextmanager
def report_in(house: House, state: str = "transferred") -> Iterator[dict[str, str]]:
    """For a while there is a report, with everything a report may have, as far along as ``state``."""
    with transaction.atomic():
        refs = sealed_report(house.room)
        _bring(house.room, Accusation.objects.get(ref=refs["accusation"]), state)
        yield refs
        transaction.set_rollback(True)


def _bring(room: Sealed, row: Accusation, state: str) -> None:
    """Take a report that was passed on further along its road."""
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("result", {"result": "查无实据。"}), ("close", {}), ("archive", {"period": "30"}),
        ("propose_destruction", {"ground": "settled"}), ("destroy", {}),
    )  # fmt: skip
    for step, said in steps:
        if row.state == state:
            break
        row = room.take(row, step, by=room.second if step == "destroy" else room.first, **said)
        if row.state == "archived":
            Accusation.objects.filter(pk=row.pk).update(keep_until=today() - timedelta(days=1))
    assert row.state == state


def _name(door: Door) -> str:
    return f"{door.method} {door.name} {' '.join(door.args)}".strip()


def _places(door: Door) -> list[str]:
    return [arg for arg in door.args if arg in REFS or arg == "unknown"]


def _parts(doors: list[Door], many: int) -> list[list[Door]]:
    """The doors in ``many`` parts, each tried beside one report: to make a report takes as long as ten knocks."""
    return [doors[at::many] for at in range(many)]


_OF_A_MATTER = [door for door in DOORS if _places(door)]


@pytest.mark.parametrize("doors", _parts(_OF_A_MATTER, 6), ids=range(6))
def test_its_names_in_an_address_are_names_that_nobody_has(house: House, doors: list[Door]) -> None:
    """Each of them at its own door; the report's own name at every other."""
    wrong = []
    with report_in(house) as report:
        for door in doors:
            places = _places(door)
            kind = next((place for place in places if place.startswith("accusation")), "accusation")
            for who in OTHERS:
                theirs = knock(house, who, door, house.refs | dict.fromkeys(places, report[kind]), report)
                if theirs != knock(house, who, door, house.refs | dict.fromkeys(places, new_ref()), report):
                    wrong.append((who, _name(door)))
    assert not wrong


_ELSEWHERE = [door for door in DOORS if door not in _OF_A_MATTER]
# Where nobody has anything to look up: whoever may pass, and one of each reason not to.
_REFUSED = {*OUTSIDE, "auditor", "audit_admin", "security_admin", "head", ANONYMOUS}


@pytest.mark.parametrize("doors", _parts(_ELSEWHERE, 24), ids=range(24))
def test_an_office_with_a_report_looks_like_one_without(house: House, doors: list[Door]) -> None:
    tried = [(who, door) for door in doors for who in OTHERS if who in door.open_to or who in _REFUSED]
    without = [knock(house, who, door, house.refs, {}) for who, door in tried]
    with report_in(house) as report:
        beside = [knock(house, who, door, house.refs, report) for who, door in tried]
    asked = [(who, _name(door)) for who, door in tried]
    assert [one for one, before, now in zip(asked, without, beside, strict=True) if before != now] == []


# --- in every state, for a recipient and a sealed auditor whom it is about, and for outsiders -----------------------------

STATES = ("transferred", "archived", "doomed", "destroyed")
BARRED = ("handler", "signer")  # of the accused bureau: the one receives, the other reads who read
_GUARDED = [door for door in DOORS if door.name.startswith("petitions:guarded")]
_FILLED = {
    "petitions:guarded_search": ({"text": "补偿款"}, {"text": "钱某"}, {"text": "专2026"}),
    "petitions:guarded_year": ({"year": str(today().year - 1)}, {"year": str(today().year)}),
    "petitions:guarded_new": ({"content": WORDS, "accused": "孙某", "channel": "visit", "ref": "0" * 16},),
    "petitions:guarded_export": ({"to": "巡察组", "first": "2020-01-01", "last": str(today())},),
}


@contextmanager
def barred_in(house: House) -> Iterator[None]:
    """For a while two people of the accused bureau are on the list, and an export has been asked for as in the other world."""
    with transaction.atomic():
        house.room.put(house.room.cast.handler)
        house.room.put(house.room.cast.signer, "audit")
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("state", STATES)
def test_in_every_state_its_names_are_names_that_nobody_has(house: House, state: str) -> None:
    wrong = []
    with barred_in(house), report_in(house, state) as report:
        for door in [door for door in _GUARDED if _places(door)]:
            places = _places(door)
            theirs_are = house.refs | {place: report.get(place, report["accusation"]) for place in places}
            nobodys_are = house.refs | dict.fromkeys(places, new_ref())
            for who in (*BARRED, *OUTSIDE, "head", "security_admin", ANONYMOUS):
                if knock(house, who, door, theirs_are, report) != knock(house, who, door, nobodys_are, report):
                    wrong.append((who, _name(door)))
    assert not wrong


@pytest.mark.parametrize("state", STATES)
def test_in_every_state_whom_it_is_about_finds_the_room_as_if_there_were_none(house: House, state: str) -> None:
    """The list, the search, the year, an export of his own, the log: pages and filled forms alike."""
    doors = [(door, said) for door in _GUARDED if not _places(door) for said in (None, *_said_at(door))]
    with barred_in(house):
        with transaction.atomic():
            figures.ask(house.room.first, first=today(), last=today(), unit=None, to="巡察组")
            without = [knock(house, who, door, house.refs, {}, said) for door, said in doors for who in BARRED]
            transaction.set_rollback(True)
        with report_in(house, state) as report:
            now = [knock(house, who, door, house.refs, report, said) for door, said in doors for who in BARRED]
    asked = [(who, _name(door), said) for door, said in doors for who in BARRED]
    assert [one for one, before, after in zip(asked, without, now, strict=True) if before != after] == []
    statuses = {before.status for before in without}
    assert {200, 302, 404, 422} <= statuses, "some of these doors are open to them"


def _said_at(door: Door) -> tuple[dict[str, str], ...]:
    return _FILLED.get(door.name, ()) if door.method == "POST" else ()


def test_the_comparison_sees_what_it_must(house: House) -> None:
    """A door that answers its recipients must look different to them: else the comparison proves nothing."""
    door = next(door for door in DOORS if door.name == "petitions:guarded_case")
    listed = next(door for door in DOORS if door.name == "petitions:guarded")
    before = knock(house, "registrar2", listed, house.refs, {})
    with report_in(house) as report:
        theirs = knock(house, "registrar2", door, house.refs | report, report)
        nobodys = knock(house, "registrar2", door, house.refs | {"accusation": new_ref()}, report)
        after = knock(house, "registrar2", listed, house.refs, report)
    assert (theirs.status, nobodys.status) == (200, 404)
    assert theirs.statements != nobodys.statements
    assert WORDS.encode() in theirs.body
    assert after.body != before.body
