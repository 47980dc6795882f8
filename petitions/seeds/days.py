"""Which days are off?  The State Council's arrangements for 2024 to 2026, from a package; later years are not guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar

from petitions.models import CalendarDay, CalendarYear

YEARS = (2024, 2025, 2026)
SOURCE = "国务院办公厅当年部分节假日安排的通知（数据取自 chinesecalendar）"
_NAMES = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明节", "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节", "National Day": "国庆节", "Mid-autumn Festival": "中秋节",
}  # fmt: skip


def build() -> None:
    """Enter every day off in the week and every make-up workday of the known years."""
    CalendarDay.objects.bulk_create(list(_deviations()), ignore_conflicts=True)
    CalendarYear.objects.bulk_create([CalendarYear(year=year, source=SOURCE) for year in YEARS], ignore_conflicts=True)


def _deviations() -> Iterator[CalendarDay]:
    day = date(YEARS[0], 1, 1)
    while day.year <= YEARS[-1]:
        works = chinese_calendar.is_workday(day)
        if works != (day.weekday() < 5):
            _, holiday = chinese_calendar.get_holiday_detail(day)
            name = _NAMES.get(str(holiday), str(holiday or ""))
            yield CalendarDay(day=day, is_workday=works, name=f"{name}补班" if works else name)
        day += timedelta(days=1)
