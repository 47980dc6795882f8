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
from petitions.demo.filing import TOWN
from petitions.demo.guard import demo_only
from petitions.demo.hands import NotYet
from petitions.demo.road_hands import RoadCase
from petitions.demo.stories import STORIES, choose
from petitions.demo.story import Story
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
    """Make ``count`` matters with their histories up to now, through the verbs alone, in this process.

    Args:
        first: number of the first one; the same numbers on the same day tell the same histories.
        now: until when; the wall clock unless given.
        say: told (steps done, steps in all, day reached) each day of the histories.

    Raises:
        NotADemo: this is a real office.
    """
    return Teller(county, count, first, now or timezone.now()).tell(say or (lambda *_: None))


class Teller:
    """All histories at once, as a queue of next steps.

    Several tellers (``share`` of ``of``) with the same numbers tell the same histories between them: each plans all,
    takes the steps of its own share, and meets the others (``meet``) before and after each night.
    """

    def __init__(self, county: County, count: int, first: int, now: datetime, *, share: int = 0, of: int = 1) -> None:
        demo_only()
        self.table, self.now, self.share, self.of = Timetable(now), now, share, of
        self.told = Told()
        self.cases: list[RoadCase] = []
        self.plans: list[list[Planned]] = []
        self.tries: Counter[int] = Counter()
        self.queue: list[tuple[datetime, int]] = []
        taken = set(Petition.objects.values_list("title", flat=True))
        for number, story in enumerate(choose(count, first, Random(f"demo stories {first}")), start=first):  # noqa: S311
            self._plan(county, story, number, taken)
        self.total = sum(map(len, self.plans))
        self.first_day = min((day_of(plan[0].at) for plan in self.plans if plan), default=self.table.today)

    def _plan(self, county: County, story: Story, number: int, taken: set[str]) -> None:
        index = len(self.cases)
        plan = self.table.plan(story, Random(f"demo days {number}"))  # noqa: S311
        case = RoadCase(county, story, number, taken=taken, unit=_unit(story, number), day=day_of(plan[0].at))
        if index % self.of == self.share:
            heapq.heappush(self.queue, (plan[0].at, index))
            self.told.matters += 1
        self.cases.append(case)
        self.plans.append(plan)

    def tell(self, say: Say, meet: Callable[[], object] = lambda: None) -> Told:
        """Tell everything of this share."""
        day = self.first_day
        while day <= self.table.today:
            meet()
            if self.share == 0:
                with moment.at(min(datetime.combine(day, time(0, 20), SHANGHAI), self.now)):
                    run_night(day)
            meet()
            self.through(day)
            say(self.told.steps, self.total, day.isoformat())
            day += timedelta(days=1)
        mine = self.cases[self.share :: self.of]
        self._mail_of_the_past([case.petition.pk for case in mine])
        for case in mine:
            self.told.kinds.setdefault(case.story.name, []).append(case.petition.ref)
        return self.told

    def through(self, day: date) -> None:
        """Take every step of this share that is due by the end of ``day`` (Asia/Shanghai), in their order."""
        while self.queue and day_of(self.queue[0][0]) <= day:
            self._step(*heapq.heappop(self.queue))

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

    def _mail_of_the_past(self, petitions: list[int]) -> None:
        """What was due to leave the house before today has left it, and was read: nobody is sent last spring's messages."""
        today = datetime.combine(self.table.today, time.min, SHANGHAI)
        old = Notice.objects.filter(petition__in=petitions, made_at__lt=today)
        minute = ExpressionWrapper(F("made_at") + Value(timedelta(minutes=1)), output_field=DurationField())
        old.filter(state=Notice.State.WAITING).update(state=Notice.State.SENT, tries=1, ended_at=minute)
        week = today - timedelta(days=7)
        old.filter(channel=Notice.Channel.DESK, made_at__lt=week).update(read_at=F("made_at"))


def _unit(story: Story, number: int) -> str:
    """The first telling of each story is at the bureau whose people are in the tour; later all three units get some."""
    special = {"town", "thanks", "legal"} & set(story.traits)
    if special or "direct_reply" in story.path:
        return ""
    return "ZRZY" if number < len(STORIES) else {1: "ZRZY", 4: "RS", 7: TOWN}.get(number % 10, "")
