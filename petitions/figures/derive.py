"""What did a matter come to by the end of a day?  One pure function from its history to its facts; nothing is read here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from petitions.figures.bits import RATING_DAYS, Bit
from petitions.figures.history import Filed, Happening, Held, History, Ticked
from petitions.lifecycle import LONG_DAYS

OFFICE, BODY = "office", "body"
_GONE = ("returned", "recalled")


class Fact(NamedTuple):
    """One narrow row (`FigureFact` without its validity)."""

    petition_id: int
    filing_id: int
    capacity: str
    unit_id: int
    filed_on: date
    registered_on: date
    closed_on: date | None
    region: str
    category: str
    channel: str
    bits: int
    notify_days: int | None
    reply_days: int | None
    turns_on: date | None


@dataclass
class _Story:
    """What the events tell, one after the other."""

    closed_on: date | None = None
    closed_first: date | None = None
    rateable: date | None = None
    merged: bool = False
    resolved: bool = False
    sponsored: bool = False
    contacted: bool = False
    supervised: bool = False
    extended: bool = False
    opinion: bool = False
    replied_on: date | None = None
    accepted_on: date | None = None
    notified_on: date | None = None
    again: tuple[date, ...] = ()


_CLOSES = frozenset(
    {
        "route_legal", "redirect", "not_accept", "no_further", "merge", "merge_supervise", "file_away", "direct_reply", "decline",
        "taken_back", "close", "close_reply", "close_settled", "confirm_withdrawal",
    }
)  # fmt: skip
_CHANNELS = frozenset({"channel", "channel_direct"})
_OPENS = frozenset({"refuse_closure", "unmerge", "apply_review", "come_back"})
_NOT_RATEABLE = frozenset({"apply_review", "come_back"})
_CONTACTS = frozenset({"interview", "received"})
_NOTIFIES = frozenset(
    {
        "accept",
        "channel",
        "channel_direct",
        "decline",
        "take_up",
        "take_suggestion",
        "redirect",
        "not_accept",
        "no_further",
    }
)


def _told(events: Iterable[Happening]) -> _Story:
    story = _Story()
    for one in events:
        step = one.step
        if step in _CLOSES or (step in _CHANNELS and "outcome" in one.data):
            story.closed_on = one.occurred_on
            story.closed_first = story.closed_first or one.occurred_on
        elif step in _OPENS:
            story.closed_on = None
        _apart(story, one)
    return story


def _apart(story: _Story, one: Happening) -> None:
    """What else an event says."""
    step, day = one.step, one.occurred_on
    if step in ("merge", "merge_supervise"):
        story.merged = True
    elif step == "unmerge":
        story.merged = False
    elif step in ("confirm_closure", "direct_reply"):
        story.rateable = day
    elif step in _NOT_RATEABLE:
        story.rateable = None
    elif step == "judge_resolved":
        story.resolved = one.data.get("resolved") is True
    elif step == "sponsored":
        story.sponsored = True
    elif step in ("supervise", "supervision_opened"):
        story.supervised = True
    elif step == "extend":
        story.extended = True
    elif step == "sign":
        story.opinion, story.replied_on = True, story.replied_on or day
    elif step in ("register_repeat", "merged_in"):
        story.again = (*story.again, day)
    elif step == "take_over":
        _taken_over(story, one)
    if step in _CONTACTS:
        story.contacted = True
    if step in _NOTIFIES and story.notified_on is None:
        story.notified_on = day
    if step in ("accept", "take_up") and story.accepted_on is None:
        story.accepted_on = day


def _taken_over(story: _Story, one: Happening) -> None:
    """A matter that came from paper brings its days with it."""
    days = {name: date.fromisoformat(str(value)) for name, value in one.data.items() if name.endswith("_on") and value}
    ordinary = "main" not in one.data  # a reply to a suggestion, or on a duty, is no opinion
    story.notified_on = days.get("accepted_on")
    story.accepted_on = days.get("accepted_on") if ordinary else None
    story.replied_on = days.get("issued_on") if ordinary else None
    story.opinion = story.replied_on is not None
    story.closed_on = story.closed_first = days.get("closed_on")
    story.again = tuple(date.fromisoformat(day) for day in one.data.get("again", ()))


# --- duties ---------------------------------------------------------------------------------------------------------


@dataclass
class _Duties:
    """The answers about duties on a day, and when the next of them turns."""

    on: date
    bits: int = 0
    turns: list[date] | None = None

    def ask(self, stem: str, clocks: Sequence[Ticked]) -> None:
        """Add the answer about one duty: the worst of its clocks; a clock that no longer applies says nothing."""
        told = [self._answer(one) for one in clocks if one.ended not in ("cancelled", "replaced", "lapsed")]
        for answer in ("OVERDUE", "LATE", "WAITS", "IN_TIME"):
            if answer in told:
                self.bits |= Bit[f"{stem}_{answer}"]
                break
        running = [one.due + timedelta(days=1) for one in clocks if one.ended == "" and one.due >= self.on]
        self.turns = [*(self.turns or []), *running]

    def _answer(self, clock: Ticked) -> str:
        if clock.ended:
            assert clock.ended_on is not None
            return "IN_TIME" if clock.ended_on <= clock.due else "LATE"
        return "OVERDUE" if clock.due < self.on else "WAITS"


# --- facts -----------------------------------------------------------------------------------------------------------


def facts_of(history: History, on: date) -> list[Fact]:
    """Return the facts of a matter as they read on ``on`` (an Asia/Shanghai date; its record cut to that day before).

    One for each filing and each capacity in which a unit answers for it: the petition office it was filed with, and the
    body that decides.  The filing that opened the matter carries what the matter came to.
    """
    if not history.filings or any(
        one.step == "retract" for one in history.events
    ):  # registered in error: it never came
        return []
    gone = {one.on_id for one in history.events if one.step == "split_off"}  # another matter's now, and counted there
    story, lead = _told(one for one in history.events if not _of(one, gone)), _lead(history.holds)
    facts = []
    for at, filing in enumerate(one for one in history.filings if one.pk not in gone):
        for capacity, unit in _units(history, filing, lead):
            facts.append(_fact(history, story, lead, filing, capacity, unit, on, first=at == 0))
    return facts


def _of(one: Happening, gone: set[int]) -> bool:
    """Whether an event tells that a filing came which has been split off since: it was never this matter come again."""
    return one.step == "register_repeat" and one.on_id in gone


def _lead(holds: Sequence[Held]) -> Held | None:
    return next((one for one in reversed(holds) if one.state not in _GONE), None)


def _units(history: History, filing: Filed, lead: Held | None) -> list[tuple[str, int]]:
    """Who answers for a filing: the petition office it came to, and the body that has the matter or received it."""
    found = [(OFFICE, filing.office)] if filing.by_office else []
    if lead is not None:
        return [*found, (BODY, lead.unit)]
    return found or [(BODY, filing.office)]


def _fact(
    history: History, story: _Story, lead: Held | None, filing: Filed, capacity: str, unit: int, on: date, *, first: bool
) -> Fact:  # fmt: skip
    duties = _Duties(on)
    bits = _kind(history, story, filing, first=first)
    if first:
        _ask(duties, history, filing, lead, capacity)
        bits |= (
            duties.bits
            | _course(history, story, lead)
            | _time(story, filing, on)
            | _rating(history, story, capacity, on)
        )
    if duties.bits & (Bit.ROUTE_OVERDUE | Bit.NOTIFY_OVERDUE | Bit.REPLY_OVERDUE) and not story.closed_on:
        bits |= Bit.OVERDUE
    turns = [*(duties.turns or []), *(_turns(story, filing, on) if first else [])]
    return Fact(
        history.pk, filing.pk, capacity, unit, filing.received_on, filing.registered_on, story.closed_on, history.region,
        history.category, filing.channel, int(bits),
        _days(filing.received_on, story.notified_on) if first else None,
        _days(story.accepted_on, story.replied_on) if first else None,
        min((day for day in turns if day > on), default=None),
    )  # fmt: skip


def _days(start: date | None, end: date | None) -> int | None:
    return (end - start).days if start is not None and end is not None else None


def _kind(history: History, story: _Story, filing: Filed, *, first: bool) -> Bit:
    bits = Bit(0)
    own = first and not story.merged
    if own:
        bits |= Bit.MATTER
    if not own or filing.repeat:
        bits |= Bit.REPEAT
    if history.kind == "claim":
        bits |= Bit.CLAIM
    if history.joint:
        bits |= Bit.JOINT
    if story.closed_on:
        bits |= Bit.CLOSED
    return bits


def _ask(duties: _Duties, history: History, filing: Filed, lead: Held | None, capacity: str) -> None:
    """T1 is the office's; T2 and T3 tell the petitioner; T5 answers him (Art.22, 23, 34)."""
    if capacity == OFFICE:
        duties.ask("ROUTE", [one for one in history.clocks if one.name == "T1" and one.filing == filing.pk])
    held = lead.pk if lead else None
    duties.ask(
        "NOTIFY", [one for one in history.clocks if (one.name == "T3" and one.assignment == held) or one.name == "T2"]
    )
    mine = {run.pk for run in history.runs if run.assignment == held}
    duties.ask("REPLY", [one for one in history.clocks if one.name in ("T5", "T5'") and one.proceeding in mine])


def _course(history: History, story: _Story, lead: Held | None) -> Bit:
    """What became of the matter."""
    said: tuple[tuple[bool, Bit], ...] = (
        (story.resolved, Bit.RESOLVED), (story.sponsored, Bit.SPONSORED), (story.contacted, Bit.CONTACTED),
        (story.supervised, Bit.SUPERVISED), (story.extended, Bit.EXTENDED), (story.opinion, Bit.OPINION),
        (lead is not None and lead.mode == "transfer", Bit.TRANSFERRED), (lead is not None and lead.mode == "assign", Bit.ASSIGNED),
        (bool(story.again), Bit.AGAIN),
        (story.closed_first is not None and any(day >= story.closed_first for day in story.again), Bit.AGAIN_AFTER),
        (story.notified_on is not None, Bit.NOTIFIED),
        (story.accepted_on is not None and story.replied_on is not None, Bit.REPLIED),
    )  # fmt: skip
    bits = Bit(0)
    for true, bit in said:
        if true:
            bits |= bit
    return bits


def _time(story: _Story, filing: Filed, on: date) -> Bit:
    """What the calendar alone changes."""
    bits, end = Bit(0), story.closed_on or on
    if end > filing.received_on + timedelta(days=LONG_DAYS):
        bits |= Bit.LONG
    begin = on.replace(month=1, day=1)
    if filing.registered_on < begin and (story.closed_on is None or story.closed_on >= begin):
        bits |= Bit.STOCK
    return bits


def _rating(history: History, story: _Story, capacity: str, on: date) -> Bit:
    """The petitioner's verdict on this capacity; what may not be rated is in no share of ratings."""
    target = {OFFICE: "office", BODY: "unit"}[capacity]
    if not history.by_office and capacity == BODY and not history.holds:
        target = "office"  # the body that received it directly and answered at once is rated as what received it
    value = next((one.value for one in history.ratings if one.target == target), None)
    if story.rateable is None and value is None:
        return Bit(0)
    if value is not None:
        return Bit.RATEABLE | Bit.RATED | (Bit.DISCONTENT if value == "3" else Bit.CONTENT)
    assert story.rateable is not None
    return Bit.RATEABLE | (Bit.UNRATED if on > story.rateable + timedelta(days=RATING_DAYS) else Bit(0))


def _turns(story: _Story, filing: Filed, on: date) -> list[date]:
    """The days on which the calendar alone changes something."""
    found = [date(on.year + 1, 1, 1)] if story.closed_on is None or story.closed_on.year == on.year else []
    if story.closed_on is None:
        found.append(filing.received_on + timedelta(days=LONG_DAYS + 1))
    if story.rateable is not None:
        found.append(story.rateable + timedelta(days=RATING_DAYS + 1))
    return found


Derive = Callable[[History, date], list[Fact]]
