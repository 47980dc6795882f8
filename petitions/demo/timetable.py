"""When does each step of a story happen?  Counted back from today over the days that offices work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from random import Random

from accounts.dates import SHANGHAI, day_of
from petitions import limits
from petitions.demo.stories import gap
from petitions.demo.story import Story, anchor_of, steps_of

BACK = 420  # days that a history may reach back, at most
_OPENS, _CLOSES = 8 * 60 + 35, 16 * 60 + 50  # minutes of the day between which people at desks act


@dataclass(frozen=True)
class Planned:
    """One step to be taken, and when (aware)."""

    at: datetime
    step: str


class Timetable:
    """The days around ``now``; one query, whatever is planned."""

    def __init__(self, now: datetime) -> None:
        self.now, self.today = now, day_of(now)
        self.rules = limits.rules_on(self.today, back_to=self.today - timedelta(days=BACK))

    def plan(self, story: Story, rng: Random) -> list[Planned]:
        """Return the steps of ``story`` with their moments, none of them ahead of now."""
        days = [day for day in self._days(story, rng) if day <= self.today]
        moments = self._moments(days, rng)
        return [Planned(at, step) for at, step in zip(moments, steps_of(story), strict=False)]

    def later(self, at: datetime) -> datetime:
        """The same time on the next working day."""
        day = self._after(day_of(at) + timedelta(days=1))
        return datetime.combine(day, at.astimezone(SHANGHAI).time(), SHANGHAI)

    # --- days ---------------------------------------------------------------------------------------------------

    def _days(self, story: Story, rng: Random) -> list[date]:
        index, count = anchor_of(story), len(steps_of(story))
        days = [self._anchor(story, rng)]
        for before in range(index, 0, -1):
            days.insert(0, self._before(days[0] - timedelta(days=gap(story, before, rng))))
        for after in range(index + 1, count):
            days.append(self._after(days[-1] + timedelta(days=gap(story, after, rng))))
        return days

    def _anchor(self, story: Story, rng: Random) -> date:
        if story.due is None:
            age = rng.randint(*story.age)
            return self.today if story.age == (0, 0) else self._before(self.today - timedelta(days=age))
        code, low, high = story.due
        wanted = list(range(low, high + 1))
        rng.shuffle(wanted)
        # Nothing runs out on a day of rest: then the nearest day that something does run out on.
        wanted += range(high + 1, high + 11) if low > 0 else range(low - 1, low - 11, -1)
        found = (start for offset in wanted for start in self._starts(code, self.today + timedelta(days=offset)))
        return next(found)

    def _starts(self, code: str, due: date) -> Iterator[date]:
        """Working days on which clock ``code`` would have begun to run out on ``due``, the latest first."""
        for back in range(120):
            start = due - timedelta(days=back)
            if start > self.today or not self.rules.calendar.is_workday(start):
                continue
            if limits.choose(code, start, self.rules).due.rolled == due:
                yield start

    def _before(self, day: date) -> date:
        while not self.rules.calendar.is_workday(day):
            day -= timedelta(days=1)
        return day

    def _after(self, day: date) -> date:
        while not self.rules.calendar.is_workday(day):
            day += timedelta(days=1)
        return day

    # --- times --------------------------------------------------------------------------------------------------

    def _moments(self, days: list[date], rng: Random) -> list[datetime]:
        found: list[datetime] = []
        for day, group in groupby(days):
            count = len(list(group))
            found += self._today(count, rng) if day == self.today else _at_desk(day, count, rng)
        return found

    def _today(self, count: int, rng: Random) -> list[datetime]:
        """Times between the opening and now; before the opening, since midnight."""
        local = self.now.astimezone(SHANGHAI)
        opened = datetime.combine(self.today, time(8, 30), SHANGHAI)
        since = opened if local - opened > timedelta(minutes=20) else datetime.combine(self.today, time.min, SHANGHAI)
        until = min(local, max(since, datetime.combine(self.today, time(17, 0), SHANGHAI)))
        return [since + (until - since) * share for share in sorted(rng.random() for _ in range(count))]


def _at_desk(day: date, count: int, rng: Random) -> list[datetime]:
    midnight = datetime.combine(day, time.min, SHANGHAI)
    minutes = sorted(rng.uniform(_OPENS, _CLOSES) for _ in range(count))
    return [midnight + timedelta(minutes=minute) for minute in minutes]
