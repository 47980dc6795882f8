"""How do open matters go from a body to the one that follows it?  Rows, clocks and Reach follow; no day moves.

Art.24: the body that goes on with the functions takes the matter.  What has ended stays under the body that ended it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.actor import Actor
from accounts.models import Department, Post, Role
from petitions import hooks, lifecycle, notices
from petitions.access import ON, Aside
from petitions.actions import moment, record
from petitions.actions.matter import Matter, hangs_on, save_reach
from petitions.models import (
    Advice,
    Assignment,
    Clock,
    Dispute,
    Event,
    Hearing,
    Instruction,
    Measure,
    Mediation,
    Notice,
    Petition,
    Proceeding,
    Reach,
    Recusal,
    Supervision,
    UrgentReport,
    Withdrawal,
)

STEP = "reorganised"
_GONE = ("returned", "recalled")
# What waits for a body's answer, or runs beside the stage under it.
ANSWERING: tuple[type[Aside] | type[Instruction] | type[Supervision], ...] = (
    Instruction, Supervision, Hearing, Mediation, Withdrawal, UrgentReport, Dispute, Measure, Advice,
)  # fmt: skip


@dataclass(frozen=True)
class Handover:
    """From whom to whom, by whom.

    Attributes:
        posts: the post in which each person of ``was`` goes on, by the id of the old one; who is missing does not.
        tell: the posts of ``now`` that are told of each matter.
        why: codes for the event.
    """

    was: Department
    now: Department
    by: Actor
    posts: Mapping[int, Post] = field(default_factory=dict)
    tell: tuple[Post, ...] = ()
    why: str = "merged"


def hand_over(petitions: Sequence[Petition], plan: Handover) -> None:
    """Move what ``plan.was`` has in the locked ``petitions`` to ``plan.now``.

    Clocks keep their start and their due days.  A handler who does not go along is taken off, and the unit is told.
    What can be asked or written for all of them at once is: a body may hold thousands.
    """
    beside, reach = _Beside.of(petitions, plan), _reach_of(petitions)
    moves = [_Move(matter, plan, beside) for matter in Matter.of_many(petitions)]
    moved = [(move, parts) for move in moves if (parts := move.everything())]
    events = [_recorded(move, parts, reach[move.petition.pk]) for move, parts in moved]
    Event.objects.bulk_create(events)
    for move, _ in moved:
        hooks.tell(move.petition, was=move.matter.was, step=STEP, at=moment.now())
    Notice.objects.bulk_create([notice for move, _ in moved for notice in _told(move)])


def _reach_of(petitions: Sequence[Petition]) -> dict[int, list[Reach]]:
    found: dict[int, list[Reach]] = {petition.pk: [] for petition in petitions}
    for row in Reach.objects.filter(petition__in=found):
        found[row.petition_id].append(row)
    return found


@dataclass(frozen=True)
class _Beside:
    """Which of some matters have what under the body that ends: few have any of it, and each would be asked for all.

    Attributes:
        waiting: matters with unfinished rows, by kind of row; ``people``: who handled, drafted or checked, by post.
    """

    waiting: Mapping[type[Any], frozenset[int]]
    people: Mapping[int, Post]

    @classmethod
    def of(cls, petitions: Sequence[Petition], plan: Handover) -> _Beside:
        """Read it: one question for each kind of row."""
        mine = {"petition__in": [petition.pk for petition in petitions]}
        final = lifecycle.FINAL_STATES
        waiting = {
            kind: frozenset(
                kind._default_manager.filter(department=plan.was, **mine)
                .exclude(state__in=final[ON[kind]])
                .values_list("petition", flat=True)
            )
            for kind in ANSWERING
        }
        asked = Recusal.objects.filter(decider=plan.was, state="asked", **mine).values_list("petition", flat=True)
        posts = Post.objects.filter(department=plan.was).select_related("user", "department")
        return cls({**waiting, Recusal: frozenset(asked)}, {post.pk: post for post in posts})


class _Move:
    """The rows of one matter on their way."""

    def __init__(self, matter: Matter, plan: Handover, beside: _Beside) -> None:
        self.matter, self.plan, self.petition, self.beside = matter, plan, matter.petition, beside
        self.without: list[str] = []  # names of the handlers who do not go along
        self.recalled: list[Assignment] = []

    def everything(self) -> list[str]:
        """Move it all; return in which parts the body stood."""
        parts = [
            ("office", self._office()),
            ("assignment", self._assignments()),
            ("proceeding", self._proceedings()),
            *((ON[kind], self._answers(kind)) for kind in ANSWERING),
            ("recusal", self._recusals()),
        ]
        moved = [name for name, found in parts if found]
        clocks = self._clocks()
        return moved + (["clock"] if clocks and not moved else [])

    def _office(self) -> bool:
        was, now = self.plan.was, self.plan.now
        mine = [filing for filing in self.matter.filings if filing.office_id == was.pk]
        for filing in mine:
            filing.office = now
            filing.save(update_fields=["office"])
        if self.petition.office_id == was.pk:
            self.petition.office = now
            return True
        return bool(mine)

    def _assignments(self) -> bool:
        was, now = self.plan.was, self.plan.now
        held = [row for row in self.matter.assignments if row.state not in _GONE]
        mine = next((row for row in held if row.department_id == was.pk), None)
        theirs = next((row for row in held if row.department_id == now.pk), None)
        if mine is not None and theirs is not None:  # one unit, one hold: the lead's stays, else the one it had
            weaker = theirs if mine.lead else mine
            weaker.state = "recalled"
            weaker.save(update_fields=["state"])
            self.recalled.append(weaker)
            mine = mine if weaker is theirs else None
        if mine is not None:
            mine.department = now
            self._handler(mine, "handler")
            mine.save(update_fields=["department", "handler"])
        for row in held:
            if row.sender_id == was.pk:
                row.sender = now
                row.save(update_fields=["sender"])
        return mine is not None or bool(self.recalled)

    def _proceedings(self) -> bool:
        final = lifecycle.FINAL_STATES["proceeding"]
        mine = [r for r in self.matter.proceedings if r.department_id == self.plan.was.pk and r.state not in final]
        for run in mine:
            run.department = self.plan.now
            for name in ("handler", "drafter", "checker"):
                self._handler(run, name)
            run.save(update_fields=["department", "handler", "drafter", "checker"])
        return bool(mine)

    def _handler(self, row: Assignment | Proceeding, name: str) -> None:
        """The person goes on in the post that follows, or is taken off; who drafted or checked stays known."""
        pk = getattr(row, f"{name}_id")
        post = self.beside.people.get(pk)
        if post is None:
            return
        follows = self.plan.posts.get(pk)
        if follows is not None:
            setattr(row, name, follows)
        elif name == "handler":
            setattr(row, name, None)
            self.without.append(post.user.name)

    def _answers(self, model: type[Aside] | type[Instruction] | type[Supervision]) -> bool:
        """What waits for the body's answer, or runs beside the stage under it."""
        if self.petition.pk not in self.beside.waiting[model]:
            return False
        on = ON[model]
        rows = model._default_manager.filter(petition=self.petition, department=self.plan.was)
        return bool(rows.exclude(state__in=lifecycle.FINAL_STATES[on]).update(department=self.plan.now))

    def _recusals(self) -> bool:
        """Those that wait for the word of the body's head."""
        if self.petition.pk not in self.beside.waiting[Recusal]:
            return False
        rows = Recusal.objects.filter(petition=self.petition, decider=self.plan.was, state="asked")
        return bool(rows.update(decider=self.plan.now))

    def _clocks(self) -> bool:
        mine = [clock for clock in self.matter.clocks if clock.department_id == self.plan.was.pk]
        for clock in mine:
            clock.department = self.plan.now
        if mine:
            Clock.objects.filter(pk__in=[clock.pk for clock in mine]).update(department=self.plan.now)
        for row in self.recalled:
            for clock in [clock for clock in self.matter.clocks if clock.ended == "" and hangs_on(clock, row)]:
                clock.ended, clock.ended_on = Clock.Ended.CANCELLED, moment.today()
                clock.save(update_fields=["ended", "ended_on"])
        return bool(mine)


def _recorded(move: _Move, parts: list[str], reach: Iterable[Reach]) -> Event:
    """Save the matter and who sees it, and return its event, unsaved."""
    petition, plan = move.petition, move.plan
    data: dict[str, Any] = {
        "was": plan.was.pk, "now": plan.now.pk, "was_name": plan.was.name, "now_name": plan.now.name,
        "parts": parts, "why": plan.why,
    }  # fmt: skip
    if move.without:
        data["without"] = len(move.without)
    event = record.make_event(petition, STEP, by=plan.by, on_id=petition.pk, data=data)
    petition.save(update_fields=sorted({*move.matter.derive(), "office", "events_count", "chain_head"}))
    save_reach(move.matter, reach)
    return event


def _told(move: _Move) -> Iterable[Notice]:
    petition, plan = move.petition, move.plan
    words = f"{petition.number} 因机构改革由{plan.was.short_name}转入"
    if move.without:
        words += "，原承办人未随转，请重新确定承办人"
    return notices.to_posts(plan.tell, step=STEP, petition=petition, text=words, at=moment.now())


def told_in(body: Department) -> tuple[Post, ...]:
    """Who of ``body`` is told: those who sign for it, and in a petition office those who triage."""
    rows = Post.objects.in_force(moment.today()).filter(department=body, role__in=(Role.SIGNER, Role.TRIAGE))
    return tuple(rows.filter(user__is_active=True).select_related("user", "department").order_by("pk"))
