"""What does the record say of some matters?  Read narrow and whole, and cut to what had been written by the end of a day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from petitions.lifecycle import STEPS


class Happening(NamedTuple):
    """An event: when it happened, and on which Shanghai day it was written."""

    step: str
    on: str
    on_id: int
    occurred_on: date
    written_on: date
    data: Mapping[str, Any]


class Filed(NamedTuple):
    """A filing; ``by_office``: whether it came to a petition office."""

    pk: int
    office: int
    by_office: bool
    channel: str
    received_on: date
    registered_on: date
    repeat: bool


class Held(NamedTuple):
    """A unit's hold as lead."""

    pk: int
    unit: int
    mode: str
    state: str
    sent_on: date


class Ticked(NamedTuple):
    """A clock, as it stands at the end of the record that was read."""

    pk: int
    name: str
    filing: int | None
    assignment: int | None
    proceeding: int | None
    start: date
    due: date
    ended: str
    ended_on: date | None

    @property
    def row(self) -> tuple[int | None, int | None, int | None]:
        """What it hangs on."""
        return (self.filing, self.assignment, self.proceeding)


class Run(NamedTuple):
    """A proceeding and the hold it was made under."""

    pk: int
    assignment: int | None
    started_on: date


class Rated(NamedTuple):
    """A rating by the petitioner."""

    target: str
    value: str
    written_on: date


@dataclass(frozen=True)
class History:
    """One matter.  ``pk`` and what it is about; its rows in their order."""

    pk: int
    office: int
    by_office: bool
    kind: str
    joint: bool
    category: str
    region: str
    filings: Sequence[Filed] = ()
    holds: Sequence[Held] = ()
    runs: Sequence[Run] = ()
    clocks: Sequence[Ticked] = ()
    ratings: Sequence[Rated] = ()
    events: Sequence[Happening] = field(default=())

    def as_of(self, day: date) -> History:
        """Return what had been written by the end of ``day``; what the matter is about is as today.

        A clock that had not ended then runs; one that had not begun is not there; a due day that was moved later stands
        where it stood.
        """
        if not self.events or self.events[-1].written_on <= day:
            return self
        events = [one for one in self.events if one.written_on <= day]
        later = self.events[len(events) :]
        begun = _begun(self.holds, self.events)
        return replace(
            self, events=events,
            filings=[one._replace(office=_under(one.office, "office", later)) for one in self.filings if one.registered_on <= day],
            holds=[_gave_back(one, later) for one, since in zip(self.holds, begun, strict=True) if since <= day],
            clocks=[then for one in self.clocks if (then := _then(one, self, later, day)) is not None],
            ratings=[one for one in self.ratings if one.written_on <= day],
        )  # fmt: skip


_SENDS = frozenset({"transfer", "assign", "take_up", "channel_direct", "pass_down", "assign_down", "take_over"})
_RESUMES = frozenset({"uphold_objection", "unmerge", "break_mediation"})


def _begun(holds: Sequence[Held], events: Sequence[Happening]) -> list[date]:
    """On which day each hold as lead was written: the nth sending made the nth of them."""
    sent = [one.written_on for one in events if one.step in _SENDS and _makes_hold(one)]
    return [sent[at] if at < len(sent) else one.sent_on for at, one in enumerate(holds)]


def _makes_hold(one: Happening) -> bool:
    return one.step != "take_over" or "department" in one.data


def _gave_back(hold: Held, later: Sequence[Happening]) -> Held:
    """The hold as it was before ``later``: what was returned only then was not returned yet, nor handed over to another body."""
    hold = hold._replace(unit=_under(hold.unit, "assignment", later))
    returned = any(one.step == "uphold_objection" and one.on_id == hold.pk for one in later)
    recalled = hold.state == "recalled" and any(one.step == "reorganised" for one in later)
    return hold._replace(state="sent") if returned or recalled else hold


def _under(unit: int, part: str, later: Sequence[Happening]) -> int:
    """The body under which a row stood before ``later`` handed it over: the row itself names only the one of today."""
    for one in reversed(later):
        if one.step == "reorganised" and one.data.get("now") == unit and part in one.data.get("parts", ()):
            unit = int(one.data["was"])
    return unit


def _then(clock: Ticked, history: History, later: Sequence[Happening], day: date) -> Ticked | None:
    if _since(clock, history) > day:
        return None
    due = _due_then(clock, later)
    if clock.ended and _ended(clock, later):
        return clock._replace(due=due, ended="", ended_on=None)
    return clock._replace(due=due)


def _since(clock: Ticked, history: History) -> date:
    """On which day the clock was written."""
    twins = [one for one in history.clocks if one.name == clock.name and one.row == clock.row and one.pk < clock.pk]
    if twins and twins[-1].start == clock.start:  # taken up again with the day it had
        again = [one.written_on for one in history.events if one.step in _RESUMES]
        return again[min(len(twins), len(again)) - 1] if again else clock.start
    starts = [one.written_on for one in history.events
              if one.occurred_on == clock.start and clock.name.rstrip("'") in _started_by(one.step)]  # fmt: skip
    return starts[0] if starts else clock.start


def _started_by(step: str) -> tuple[str, ...]:
    found = STEPS.get(step)
    return (*found.starts, "T3" if step == "reorganised" else "") if found else ()


def _ended(clock: Ticked, later: Sequence[Happening]) -> bool:
    """Whether what ended the clock was written only in ``later``."""
    name = clock.name
    for one in later:
        step = STEPS.get(one.step)
        if one.occurred_on == clock.ended_on and step is not None and name in (*step.stops, *step.cancels):
            return True
    return (
        clock.ended_on is not None
        and bool(later)
        and clock.ended_on >= later[0].occurred_on
        and any(one.occurred_on == clock.ended_on for one in later)
    )


def _due_then(clock: Ticked, later: Sequence[Happening]) -> date:
    """The due day before ``later`` moved it."""
    for one in later:
        if one.step == "clock_moved" and one.on_id == clock.pk:
            return date.fromisoformat(str(one.data["was"]))
        if one.step == "extend" and one.on_id == clock.proceeding and clock.name == "T5":
            return min(clock.due, _before(one, clock))
    return clock.due


def _before(extended: Happening, clock: Ticked) -> date:
    days = int(extended.data.get("days", 0))
    return date.fromordinal(date.fromisoformat(str(extended.data["due"])).toordinal() - days)


# --- reading -----------------------------------------------------------------------------------------------------

_DAY = "({} AT TIME ZONE 'Asia/Shanghai')::date"
# The answers of the office and the unit that matter here; nothing of a person.
_CLOCKS = ("T1", "T2", "T3", "T5", "T5'")
_QUESTIONS = {
    "filings": f"""SELECT f.petition_id, f.id, f.office_id, d.kind = 'petition_office', f.channel, f.received_on,
        {_DAY.format("f.recorded_at")}, f.repeat FROM petitions_filing f JOIN accounts_department d ON d.id = f.office_id
        WHERE f.petition_id = ANY(%s) ORDER BY f.id""",
    "holds": """SELECT petition_id, id, department_id, mode, state, sent_on FROM petitions_assignment
        WHERE petition_id = ANY(%s) AND lead ORDER BY id""",
    "runs": "SELECT petition_id, id, assignment_id, started_on FROM petitions_proceeding WHERE petition_id = ANY(%s) ORDER BY id",
    "clocks": """SELECT petition_id, id, name, filing_id, assignment_id, proceeding_id, start, due, ended, ended_on
        FROM petitions_clock WHERE petition_id = ANY(%s) AND NOT shadow AND name = ANY(%s) ORDER BY id""",
    "ratings": f"""SELECT petition_id, target, value, {_DAY.format("rated_at")} FROM petitions_rating
        WHERE petition_id = ANY(%s) ORDER BY id""",
    "events": f"""SELECT petition_id, step, "on", on_id, occurred_on, {_DAY.format("recorded_at")},
        CASE WHEN step = ANY(%s) THEN data END FROM petitions_event
        WHERE petition_id = ANY(%s) ORDER BY petition_id, seq""",
}  # fmt: skip
# Steps whose clear data is read; the others' is left where it is.
_SAYING = ("channel", "channel_direct", "judge_resolved", "take_over", "clock_moved", "extend", "reorganised")


def _happening(*row: Any) -> Happening:
    *rest, said = row
    return Happening._make([*rest, json.loads(said) if said else _NOTHING])


_NOTHING: Mapping[str, Any] = {}
_SHAPES: Mapping[str, Any] = {
    "filings": Filed, "holds": Held, "runs": Run, "clocks": Ticked, "ratings": Rated, "events": _happening,
}  # fmt: skip


def read(petitions: Iterable[int]) -> list[History]:
    """Return the histories of ``petitions`` (seven statements, whatever their number); sealed reports are not among them."""
    keys = list(petitions)
    rows: dict[str, dict[int, list[Any]]] = {name: {} for name in _QUESTIONS}
    with connection.cursor() as cursor:
        for name, sql in _QUESTIONS.items():
            shape, mine = _SHAPES[name], rows[name]
            more: dict[str, list[Any]] = {"clocks": [keys, list(_CLOCKS)], "events": [list(_SAYING), keys]}
            cursor.execute(sql, more.get(name, [keys]))
            for row in cursor.fetchall():
                mine.setdefault(row[0], []).append(shape(*row[1:]))
        cursor.execute(
            """SELECT p.id, p.office_id, d.kind = 'petition_office', p.kind, p.joint, coalesce(p.category_id, ''),
                coalesce(p.region_id, '') FROM petitions_petition p JOIN accounts_department d ON d.id = p.office_id
                WHERE p.id = ANY(%s) ORDER BY p.id""",
            [keys],
        )
        found = cursor.fetchall()
    return [_history(row, {name: mine.get(row[0], ()) for name, mine in rows.items()}) for row in found]


def _history(row: Sequence[Any], rows: Mapping[str, Any]) -> History:
    return History(*row, **rows)
