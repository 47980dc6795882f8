"""How do many histories come to be, in the order in which they would have happened?  Day by day, with the nights between."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.utils import timezone

from accounts.dates import SHANGHAI, day_of
from petitions.actions import moment, run_night
from petitions.demo.county import County
from petitions.demo.guard import demo_only
from petitions.demo.hands import Case, NotYet
from petitions.demo.stories import STORIES, Story, choose
from petitions.demo.timetable import Planned, Timetable
from petitions.errors import Refused
from petitions.models import Notice, Petition

_PATIENCE = 15  # working days for which a step that is refused is tried again


@dataclass
class Told:
    """What was made.

    Attributes:
        kinds: story name → references of its matters.
        stuck: steps that could not be taken, in words: a fault of the demo, and empty if all is well.
    """

    matters: int = 0
    steps: int = 0
    kinds: dict[str, list[str]] = field(default_factory=dict)
    stuck: list[str] = field(default_factory=list)


Say = Callable[[int, int, str], None]


def tell_histories(
    county: County, count: int, *, first: int = 0, now: datetime | None = None, say: Say | None = None
) -> Told:
    """Make ``count`` matters with their histories up to now, through the verbs alone.

    Args:
        first: number of the first one; the same numbers on the same day tell the same histories.
        now: until when; the wall clock unless given.
        say: told (steps done, steps in all, day reached) now and then.

    Raises:
        NotADemo: this is a real office.
    """
    demo_only()
    return _Teller(county, count, first, now or timezone.now(), say or (lambda *_: None)).tell()


class _Teller:
    """All histories at once, as a queue of next steps."""

    def __init__(self, county: County, count: int, first: int, now: datetime, say: Say) -> None:
        self.table, self.now, self.say = Timetable(now), now, say
        self.told = Told(matters=count)
        self.cases: list[Case] = []
        self.plans: list[list[Planned]] = []
        self.tries: Counter[int] = Counter()
        self.queue: list[tuple[datetime, int]] = []
        taken = set(Petition.objects.values_list("title", flat=True))
        for number, story in enumerate(choose(count, first, Random(f"demo stories {first}")), start=first):  # noqa: S311
            self._plan(county, story, number, taken)

    def _plan(self, county: County, story: Story, number: int, taken: set[str]) -> None:
        case = Case(county, story, number, taken=taken, unit=_unit(story, number))
        plan = self.table.plan(story, Random(f"demo days {number}"))  # noqa: S311
        if plan:
            heapq.heappush(self.queue, (plan[0].at, len(self.cases)))
        self.cases.append(case)
        self.plans.append(plan)

    def tell(self) -> Told:
        total = sum(map(len, self.plans))
        night = day_of(self.queue[0][0]) if self.queue else self.table.today
        while self.queue:
            at, index = heapq.heappop(self.queue)
            night = self._nights(night, day_of(at))
            self._step(at, index)
            if self.told.steps % 50 == 0:
                self.say(self.told.steps, total, f"{day_of(at)}")
        self._nights(night, self.table.today)
        self._mail_of_the_past()
        for case in self.cases:
            self.told.kinds.setdefault(case.story.name, []).append(case.petition.ref)
        return self.told

    def _nights(self, done: date, until: date) -> date:
        """Do the work of the nights after ``done`` up to the one before the morning of ``until``."""
        while done < until:
            done += timedelta(days=1)
            with moment.at(min(datetime.combine(done, time(0, 20), SHANGHAI), self.now)):
                run_night(done)
        return done

    def _step(self, at: datetime, index: int) -> None:
        case, plan = self.cases[index], self.plans[index]
        try:
            with moment.at(at):
                case.take(plan[0].step)
        except (Refused, NotYet) as why:
            self._again(at, index, why)
            return
        self.told.steps += 1
        self.tries.pop(index, None)
        plan.pop(0)
        if plan:
            heapq.heappush(self.queue, (max(plan[0].at, at + timedelta(minutes=1)), index))

    def _again(self, at: datetime, index: int, why: Exception) -> None:
        """Try on the next working day: a window may still be open, a supervision not yet be there."""
        self.tries[index] += 1
        later = self.table.later(at)
        if self.tries[index] > _PATIENCE:
            self.told.stuck.append(f"{self.cases[index].story.name} {self.plans[index][0].step} {day_of(at)}: {why!r}")
        elif later <= self.now:
            heapq.heappush(self.queue, (later, index))

    def _mail_of_the_past(self) -> None:
        """What was due to leave the house before today has left it, and was read: nobody is sent last spring's messages."""
        refs = [case.petition.pk for case in self.cases]
        today = datetime.combine(self.table.today, time.min, SHANGHAI)
        old = Notice.objects.filter(petition__in=refs, made_at__lt=today)
        minute = ExpressionWrapper(F("made_at") + Value(timedelta(minutes=1)), output_field=DurationField())
        old.filter(state=Notice.State.WAITING).update(state=Notice.State.SENT, tries=1, ended_at=minute)
        week = today - timedelta(days=7)
        old.filter(channel=Notice.Channel.DESK, made_at__lt=week).update(read_at=F("made_at"))


def _unit(story: Story, number: int) -> str:
    """The first telling of each story is at the bureau whose people are in the tour; so is each ninth."""
    special = {"town", "thanks", "legal"} & set(story.traits)
    if special or "direct_reply" in story.path:
        return ""
    return "ZRZY" if number < len(STORIES) or number % 9 == 0 else ""
