"""How does one invented matter live?  The table of the law taken step by step, on plain rows and without a database.

The same table that the verbs read (`petitions.lifecycle`) says here which clocks stop and start and in which state a row
is then; `tests/petitions/test_generate.py` holds what comes out against the verbs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from accounts.privacy import seal_with
from petitions import chain, lifecycle, limits
from petitions.actions.record import event_aad
from petitions.bulk.office import Hand

DAY = timedelta(days=1)
_NIGHT = timedelta(hours=9)
GONE = ("returned", "recalled")
OFFICE_CLOCKS = ("T1", "T2", "TC")

_clear = json.JSONEncoder(ensure_ascii=False).encode
stage_of = lru_cache(maxsize=None)(lifecycle.stage_of)
tray_of = lru_cache(maxsize=None)(lifecycle.tray_of)
_rules = lru_cache(maxsize=None)(limits.rules_on)


@dataclass(frozen=True, slots=True)
class Span:
    """A limit with its due day; ``cells``: how COPY reads it, from length to rule."""

    due: date
    cells: str


@cache
def spanned(code: str, start: date, length: int | None) -> Span:
    """Limit and due day of a clock, remembered: a thousand matters begin theirs on the same day."""
    found = limits.choose(code, start, _rules(start), length=length)
    limit, due = found.limit, found.due
    marks = ("t" if limit.kind == "working" else "f"), ("t" if due.provisional else "f")
    cells = f"{limit.length}\t{marks[0]}\t0\t{start}\t{due.raw}\t{due.rolled}\t{marks[1]}\t{limit.article}"
    return Span(due.rolled, cells)


@cache
def morning(day: date) -> datetime:
    """Nine o'clock of a day in Shanghai, in UTC."""
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


@cache
def workday(day: date) -> date:
    """``day`` itself or the first workday after it."""
    calendar = _rules(day).calendar
    while not calendar.is_workday(day):
        day += DAY
    return day


@dataclass(slots=True)
class Row:
    """A filing, assignment or proceeding: its kind, id and columns."""

    kind: str
    pk: int
    columns: dict[str, Any]

    @property
    def state(self) -> str:
        """Where it stands."""
        return str(self.columns["state"])


@dataclass(slots=True)
class Ticking:
    """A clock; ``on`` is the row it hangs on."""

    pk: int
    name: str
    on: Row
    department: int | None
    span: Span
    ended: str = ""
    ended_on: date | None = None
    lapse_logged_on: date | None = None

    @property
    def due(self) -> date:
        """The day that counts."""
        return self.span.due

    @property
    def window(self) -> bool:
        """Whether it is somebody's time to act and no duty."""
        return lifecycle.CLOCKS[self.name].window


@dataclass(slots=True)
class Happened:
    """An event as it is stored; ``data`` is JSON text already."""

    seq: int
    step: str
    on: str
    on_id: int
    hand: Hand
    occurred_on: date
    recorded_at: datetime
    data: str
    sealed: bytes | None
    digest: bytes


@dataclass(slots=True)
class Life:
    """A matter under way: its petition's columns, its rows, and what has happened so far."""

    petition: dict[str, Any]
    key: bytes
    ids: Any  # Ids: where the next id of each table comes from
    system: Hand
    office: int  # with which it was filed
    audits: int  # the petition office that confirms closures
    filings: list[Row] = field(default_factory=list)
    holds: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    clocks: list[Ticking] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    parties: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    head: bytes = chain.GENESIS

    # --- the rows in force --------------------------------------------------------------------------------------

    @property
    def lead(self) -> Row | None:
        """The lead assignment in force."""
        return next((row for row in reversed(self.holds) if row.columns["lead"] and row.state not in GONE), None)

    @property
    def stage(self) -> str:
        """The stage, by the law's own function."""
        lead = self.lead
        runs = [run.state for run in self.runs if run.columns["kind"] == "handling"]
        found: str = stage_of(
            filing=self.filings[0].state,
            assignment=lead.state if lead else None,
            proceeding=runs[-1] if runs else None,
        )
        return found

    @property
    def due(self) -> date | None:
        """The running duty that runs out first."""
        return min((clock.due for clock in self.clocks if not clock.ended and not clock.window), default=None)

    # --- what happens -------------------------------------------------------------------------------------------

    def take(
        self,
        code: str,
        row: Row,
        hand: Hand,
        day: date,
        *,
        data: dict[str, Any] | None = None,
        text: dict[str, str] | None = None,
        clocks_on: Row | None = None,
        starts: Iterable[str] | None = None,
        lengths: dict[str, int] | None = None,
    ) -> None:
        """Take one step of the law on ``row``; what it changes beyond state and clocks the caller has set."""
        step = lifecycle.STEPS[code]
        if step.to:
            row.columns["state"] = step.to
        self._stop(step.stops, row, day, "")
        self._stop(step.cancels, row, day, "cancelled")
        for name in step.starts if starts is None else starts:
            self.start(name, clocks_on or row, day, (lengths or {}).get(name))
        self.write(code, step.on, row.pk, hand, day, data or {}, text)

    def start(self, name: str, row: Row, day: date, length: int | None = None) -> Ticking:
        """Start a clock on ``row``."""
        window = lifecycle.CLOCKS[name].window
        owner = self.office if name in OFFICE_CLOCKS else row.columns.get("department_id")
        owner = self.audits if name == "TA" else owner
        span = spanned(name, day, length)
        clock = Ticking(self.ids.next("clock"), name, row, None if window else owner, span)
        self.clocks.append(clock)
        return clock

    def resume_t1(self) -> None:
        """What was sent back runs on under its first due day (`petitions.actions.unit`)."""
        first = self.clocks[0]
        self.clocks.append(Ticking(self.ids.next("clock"), first.name, first.on, first.department, first.span))

    def running(self, name: str) -> Ticking:
        """The running clock of that name."""
        return next(clock for clock in self.clocks if clock.name == name and not clock.ended)

    def _stop(self, names: tuple[str, ...], row: Row, day: date, how: str) -> None:
        for clock in self.clocks:
            if clock.ended or clock.name not in names:
                continue
            mine = clock.on is row or (
                clock.on.kind == "assignment" and clock.on.pk == row.columns.get("assignment_id")
            )
            if mine:
                clock.ended = how or ("met" if day <= clock.due else "late")
                clock.ended_on = day

    def nights(self, until: date) -> None:
        """What the nightly task did by the morning of ``until``: lapses logged once, windows closed."""
        for clock in self.clocks:
            if clock.ended or clock.lapse_logged_on or clock.due >= until:
                continue
            after = clock.due + DAY
            if clock.name == "T6" and clock.on.state == "delivered":
                clock.ended, clock.ended_on = "lapsed", after
                self.take("lapse", clock.on, self.system, after)
                continue
            clock.lapse_logged_on = after
            if clock.window:
                clock.ended, clock.ended_on = "lapsed", after
                continue
            data = {"clock": clock.name, "due": str(clock.due), "department": clock.department}
            self.write("clock_lapsed", "clock", clock.pk, self.system, after, data, None)

    def write(
        self, step: str, on: str, on_id: int, hand: Hand, day: date, data: dict[str, Any], text: dict[str, str] | None
    ) -> None:
        """Add an event to the chain."""
        seq, ref = len(self.events) + 1, self.petition["ref"]
        at = morning(day) + timedelta(minutes=17 * seq, microseconds=on_id % 999_983)
        if hand is self.system:
            at -= _NIGHT  # the night before office hours
        said = chain.canonical(data) if data else "{}"
        words = {name: value for name, value in (text or {}).items() if value}
        sealed = seal_with(self.key, _clear(words), event_aad(ref, seq)) if words else None
        self.head = chain.digest(
            previous=self.head, petition_ref=ref, seq=seq, step=step, on=on, on_id=on_id, user_id=hand.user,
            post_id=hand.post, delegation_id=None, occurred_on=day, recorded_at=at, data=said, sealed=sealed,
        )  # fmt: skip
        self.events.append(Happened(seq, step, on, on_id, hand, day, at, said, sealed, self.head))

    # --- what lists and trays read ------------------------------------------------------------------------------

    def derive(self) -> None:
        """Set the petition's derived columns."""
        lead, petition = self.lead, self.petition
        petition |= {
            "stage": self.stage, "due": self.due, "responsible_id": lead.columns["department_id"] if lead else None,
            "events_count": len(self.events), "chain_head": self.head,
        }  # fmt: skip

    def reach(self) -> list[dict[str, Any]]:
        """The Reach rows of the matter, by the rule of `petitions.actions.matter`: a unit's strongest role wins."""
        rows: dict[int, dict[str, Any]] = {}
        for filing in self.filings:
            self._want(rows, filing.columns["office_id"], "registry", None)
        for held in self.holds:
            role = "former" if held.state in GONE else "co"
            self._want(rows, held.columns["department_id"], role, held.state)
        if self.petition["stage"] in ("closed", "confirmed"):
            self._want(rows, self.audits, "office", None)
        self._want(rows, self.office, "office", None)
        lead = self.lead
        if lead is not None and lead.columns["department_id"] != self.office:
            self._want(rows, lead.columns["department_id"], "lead", None)
        elif lead is not None:
            kept = rows[self.office]["tray"] if self.audits == self.office else ""
            rows[self.office]["tray"] = tray_of("lead", self.petition["stage"]) or kept
        return list(rows.values())

    def _want(self, rows: dict[int, dict[str, Any]], department: int, role: str, state: str | None) -> None:
        petition = self.petition
        stage = petition["stage"]
        open_ = stage in lifecycle.OPEN_STAGES and role != "former"
        rows[department] = {
            "petition_id": petition["id"], "department_id": department, "role": role,
            "tray": tray_of(role, stage, assignment=state, resolved=petition["resolved"]),
            "due": petition["due"] if open_ else None, "received_on": petition["received_on"], "open": open_,
        }  # fmt: skip
