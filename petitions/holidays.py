"""What does a holiday notice say?  The words of the State Council's yearly notice read into days, and days put into the same words.

Pure functions.  A notice says for each holiday 「元旦：1月1日（周五）至3日（周日）放假调休，共3天。1月4日（周日）上班。」; offices paste it as
it stands, and what is kept is shown and edited in the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from petitions.workdays import MOST_DAYS_OFF, spoken

MAKE_UP = "补班"
_ASIDE = re.compile(r"[（(][^）)]*[）)]")
_HEAD = re.compile(r"^\s*(?:[一二三四五六七八九十]+、|\d+[.、])?\s*([^：:，。\s\d]{2,20})[：:]")
_DATE = r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日"
_TOKEN = re.compile(rf"{_DATE}(?:\s*[至到—-]+\s*(?:(\d{{4}})年)?(?:(\d{{1,2}})月)?(\d{{1,2}})日)?|放假|上班|补班")


class Unreadable(ValueError):
    """A line that cannot be read; the words say which and why, in Chinese."""


@dataclass(frozen=True)
class Off:
    """What a listed day is: ``works`` True = make-up workday; ``name`` the holiday it belongs to."""

    works: bool
    name: str


Days = dict[date, Off]


def read(text: str, year: int) -> Days:
    """Return the days that ``text`` names, one holiday a line.

    Raises:
        Unreadable: a line has no holiday's name, no day, a day of another year, or a make-up day that is no weekend.
    """
    days: Days = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        for day, off in _line(line, year).items():
            if day in days:
                raise Unreadable(f"{spoken(day)}写了两次。")
            days[day] = off
    if not days:
        raise Unreadable("没有读到放假安排。")
    return days


def _line(line: str, year: int) -> Days:
    plain = _ASIDE.sub("", line)
    head = _HEAD.match(plain)
    if head is None:
        raise Unreadable(f"“{line[:30]}”：开头写节日名称和冒号，例如“元旦：1月1日至3日放假”。")
    name, found, waiting = head.group(1), Days(), list[date]()
    for token in _TOKEN.finditer(plain, head.end()):
        if token.group(2):
            waiting += _span(token, year, line)
            continue
        works = token.group() != "放假"
        found |= {day: Off(works, f"{name}{MAKE_UP}" if works else name) for day in waiting}
        waiting = []
    if waiting or not found:
        raise Unreadable(f"“{line[:30]}”：日期后面写“放假”或“上班”。")
    return _checked(found, year)


def _span(token: re.Match[str], year: int, line: str) -> list[date]:
    """The days from the first to the last that a token names."""
    own, month, day, last_own, last_month, last_day = token.groups()
    try:
        first = date(int(own or year), int(month), int(day))
        last = date(int(last_own or first.year), int(last_month or first.month), int(last_day)) if last_day else first
    except ValueError:
        raise Unreadable(f"“{line[:30]}”：没有“{token.group()}”这一天。") from None
    if last < first or (last - first).days >= MOST_DAYS_OFF:
        raise Unreadable(f"“{line[:30]}”：“{token.group()}”的先后不对。")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _checked(days: Days, year: int) -> Days:
    for day, off in days.items():
        if day.year != year:
            raise Unreadable(f"{spoken(day)}不在{year}年，请在{day.year}年里录入。")
        if off.works and day.weekday() < 5:
            raise Unreadable(f"{spoken(day)}本来就是工作日，不用补班。")
    return days


def say(days: Mapping[date, Off]) -> str:
    """Return ``days`` in the words that :func:`read` reads, one holiday a line, in the order of the year."""
    names = dict.fromkeys(off.name.removesuffix(MAKE_UP) for _, off in sorted(days.items()))
    return "\n".join(_said(name, days) for name in names)


def _said(name: str, days: Mapping[date, Off]) -> str:
    mine = {day: off for day, off in sorted(days.items()) if off.name.removesuffix(MAKE_UP) == name}
    offs = _runs([day for day, off in mine.items() if not off.works])
    works = [day for day, off in mine.items() if off.works]
    parts = ["、".join(_spoken(*run) for run in offs) + "放假"] if offs else []
    parts += ["、".join(_short(day) for day in works) + "上班"] if works else []
    return f"{name}：{'，'.join(parts)}"


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as spans; a weekend between two of them is part of the span."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and all(_rest(between) for between in _between(runs[-1][1], day)):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(1, (last - first).days)]


def _rest(day: date) -> bool:
    return day.weekday() >= 5


def _spoken(first: date, last: date) -> str:
    if first == last:
        return _short(first)
    return f"{_short(first)}至{last.day}日" if first.month == last.month else f"{_short(first)}至{_short(last)}"


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


__all__ = ["MAKE_UP", "Days", "Off", "Unreadable", "read", "say"]
