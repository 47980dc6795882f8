"""When does a clock run out, and why?  Dates with weekday and holiday in words; then what must always hold."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from chinese_calendar import constants
from hypothesis import given
from hypothesis import strategies as st

from petitions.workdays import (
    Calendar,
    DayKind,
    Level,
    Limit,
    PauseSpan,
    add_workdays,
    days_left,
    due,
    explain,
    extend,
    extension_room,
    is_overdue,
    level_on,
    next_workday,
    sentences,
    share_used,
    spoken,
    warning_level,
    workdays_between,
)

NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}
YEARS = frozenset({2024, 2025, 2026})
OFF = {day: NAMES[name] for day, name in constants.holidays.items() if day.year in YEARS}
WORKED = {day: NAMES[name] for day, name in constants.workdays.items() if day.year in YEARS}
CHINA = Calendar(days={**dict.fromkeys(OFF, False), **dict.fromkeys(WORKED, True)}, names=OFF | WORKED, years=YEARS)
WEEKENDS = Calendar()

C, W = DayKind.CALENDAR, DayKind.WORKING


def day(text: str) -> date:
    return date.fromisoformat(text)


def limit(length: int, kind: DayKind = C, **more: bool) -> Limit:
    return Limit(length, kind, "《信访工作条例》第二十三条", **more)


# start | length, kind | raw | rolled | what the days are
TABLE = [
    # 15 calendar days (T1-T3)
    ("2024-01-02", 15, C, "2024-01-17", "2024-01-17", "Tuesday after New Year → Wednesday"),
    ("2024-01-05", 15, C, "2024-01-20", "2024-01-22", "Friday → Saturday, plain weekend → Monday"),
    ("2024-01-06", 15, C, "2024-01-21", "2024-01-22", "received on a Saturday → Sunday → Monday"),
    ("2024-01-20", 15, C, "2024-02-04", "2024-02-04", "Saturday → Sunday 4 Feb, made up for Spring Festival: stays"),
    ("2024-01-26", 15, C, "2024-02-10", "2024-02-18", "New Year's Day of the Dragon → Sunday 18 Feb, made up"),
    ("2024-02-01", 15, C, "2024-02-16", "2024-02-18", "Friday in Spring Festival → Sunday 18 Feb, made up"),
    ("2024-02-02", 15, C, "2024-02-17", "2024-02-18", "last day of Spring Festival → next day, made-up Sunday"),
    ("2024-02-03", 15, C, "2024-02-18", "2024-02-18", "Sunday 18 Feb made up: stays"),
    ("2024-03-20", 15, C, "2024-04-04", "2024-04-07", "Tomb-sweeping Thursday → made-up Sunday 7 April"),
    ("2024-03-23", 15, C, "2024-04-07", "2024-04-07", "made-up Sunday 7 April: stays"),
    ("2024-04-16", 15, C, "2024-05-01", "2024-05-06", "Labour Day Wednesday → Monday 6 May"),
    ("2024-04-13", 15, C, "2024-04-28", "2024-04-28", "made-up Sunday 28 April: stays"),
    ("2024-04-26", 15, C, "2024-05-11", "2024-05-11", "made-up Saturday 11 May: stays"),
    ("2024-05-26", 15, C, "2024-06-10", "2024-06-11", "Dragon Boat Monday → Tuesday"),
    ("2024-05-24", 15, C, "2024-06-08", "2024-06-11", "plain Saturday before Dragon Boat Monday → Tuesday"),
    ("2024-08-30", 15, C, "2024-09-14", "2024-09-14", "made-up Saturday 14 September: stays"),
    ("2024-08-31", 15, C, "2024-09-15", "2024-09-18", "Mid-autumn Sunday → Wednesday 18 September"),
    ("2024-09-14", 15, C, "2024-09-29", "2024-09-29", "made-up Sunday 29 September: stays"),
    ("2024-09-16", 15, C, "2024-10-01", "2024-10-08", "National Day → Tuesday 8 October"),
    ("2024-09-27", 15, C, "2024-10-12", "2024-10-12", "made-up Saturday 12 October: stays"),
    ("2024-12-17", 15, C, "2025-01-01", "2025-01-02", "New Year Wednesday → Thursday; across the year"),
    ("2025-01-11", 15, C, "2025-01-26", "2025-01-26", "made-up Sunday 26 January: stays"),
    ("2025-01-13", 15, C, "2025-01-28", "2025-02-05", "New Year's Eve of the Snake → Wednesday 5 February"),
    ("2025-01-24", 15, C, "2025-02-08", "2025-02-08", "made-up Saturday 8 February: stays"),
    ("2025-03-20", 15, C, "2025-04-04", "2025-04-07", "Tomb-sweeping Friday → Monday"),
    ("2025-05-16", 15, C, "2025-05-31", "2025-06-03", "Dragon Boat Saturday → Tuesday 3 June"),
    ("2025-09-16", 15, C, "2025-10-01", "2025-10-09", "National Day and Mid-autumn together → Thursday 9 October"),
    ("2025-09-26", 15, C, "2025-10-11", "2025-10-11", "made-up Saturday 11 October: stays"),
    ("2025-12-17", 15, C, "2026-01-01", "2026-01-04", "New Year Thursday → made-up Sunday 4 January"),
    ("2026-01-30", 15, C, "2026-02-14", "2026-02-14", "made-up Saturday 14 February: stays"),
    ("2026-01-31", 15, C, "2026-02-15", "2026-02-24", "first of nine days of Spring Festival → Tuesday 24 February"),
    ("2026-02-13", 15, C, "2026-02-28", "2026-02-28", "made-up Saturday 28 February: stays"),
    ("2026-03-20", 15, C, "2026-04-04", "2026-04-07", "Tomb-sweeping Saturday → Tuesday"),
    ("2026-04-24", 15, C, "2026-05-09", "2026-05-09", "made-up Saturday 9 May: stays"),
    ("2026-06-04", 15, C, "2026-06-19", "2026-06-22", "Dragon Boat Friday → Monday"),
    ("2026-09-05", 15, C, "2026-09-20", "2026-09-20", "made-up Sunday 20 September: stays"),
    ("2026-09-10", 15, C, "2026-09-25", "2026-09-28", "Mid-autumn Friday → Monday"),
    ("2026-09-17", 15, C, "2026-10-02", "2026-10-08", "Friday in National Day → Thursday 8 October"),
    ("2026-11-02", 15, C, "2026-11-17", "2026-11-17", "Monday → Tuesday"),
    # 5 working days (T4)
    ("2024-01-05", 5, W, "2024-01-12", "2024-01-12", "Friday → Friday, one weekend between"),
    ("2024-01-06", 5, W, "2024-01-12", "2024-01-12", "signed for on a Saturday: counts from Monday"),
    ("2024-02-05", 5, W, "2024-02-18", "2024-02-18", "Monday; 6 7 8 9 (New Year's Eve was worked), Sun 18 worked"),
    ("2024-04-03", 5, W, "2024-04-11", "2024-04-11", "Wednesday; Sun 7 worked, 8 9 10 11"),
    ("2024-04-26", 5, W, "2024-05-07", "2024-05-07", "Friday; Sun 28 worked, 29 30, then 6 7 May"),
    ("2024-09-12", 5, W, "2024-09-20", "2024-09-20", "Thursday; 13, Sat 14 worked, 18 19 20"),
    ("2024-09-27", 5, W, "2024-10-10", "2024-10-10", "Friday; Sun 29 worked, 30, then 8 9 10 October"),
    ("2024-10-08", 5, W, "2024-10-14", "2024-10-14", "Tuesday; 9 10 11, Sat 12 worked, Mon 14"),
    ("2025-01-24", 5, W, "2025-02-07", "2025-02-07", "Friday; Sun 26 worked, 27, then 5 6 7 February"),
    ("2025-04-25", 5, W, "2025-05-06", "2025-05-06", "Friday; Sun 27 worked, 28 29 30, then Tue 6 May"),
    ("2025-05-29", 5, W, "2025-06-06", "2025-06-06", "Thursday; Fri 30, then 3 4 5 6 June"),
    ("2025-09-26", 5, W, "2025-10-10", "2025-10-10", "Friday; Sun 28 worked, 29 30, then 9 10 October"),
    ("2025-12-30", 5, W, "2026-01-07", "2026-01-07", "Tuesday; 31, Sun 4 worked, 5 6 7 January"),
    ("2026-02-13", 5, W, "2026-02-27", "2026-02-27", "Friday; Sat 14 worked, then 24 25 26 27"),
    ("2026-09-30", 5, W, "2026-10-13", "2026-10-13", "Wednesday; 8 9, Sat 10 worked, 12 13"),
    # 10 working days (T5')
    ("2026-04-24", 10, W, "2026-05-12", "2026-05-12", "Friday; 27-30 April, 6 7 8, Sat 9 worked, 11 12 May"),
    # 60 and 30 calendar days (T5-T7)
    ("2024-08-02", 60, C, "2024-10-01", "2024-10-08", "60 days from acceptance end on National Day"),
    ("2024-12-01", 60, C, "2025-01-30", "2025-02-05", "60 days end in Spring Festival"),
    ("2025-12-17", 60, C, "2026-02-15", "2026-02-24", "60 days end on the first day of Spring Festival"),
    ("2024-01-31", 30, C, "2024-03-01", "2024-03-01", "February of a leap year: 30 days to Friday 1 March"),
    ("2025-01-30", 30, C, "2025-03-01", "2025-03-03", "February of 28 days: Saturday 1 March → Monday"),
]


@pytest.mark.parametrize(("start", "length", "kind", "raw", "rolled", "words"), TABLE)
def test_a_clock_ends_on_the_day_that_a_person_counts(
    start: str, length: int, kind: DayKind, raw: str, rolled: str, words: str
) -> None:
    found = due(day(start), limit(length, kind), CHINA)
    assert (found.raw, found.rolled, found.provisional) == (day(raw), day(rolled), False), words


def test_the_calendar_of_the_table_agrees_with_the_package_day_by_day() -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(3 * 365 + 1)]
    assert [CHINA.is_workday(d) for d in days] == [chinese_calendar.is_workday(d) for d in days]


# --- settings --------------------------------------------------------------------------------------------------------


def test_by_setting_the_first_day_counts_and_the_last_does_not_roll() -> None:
    same_day = due(day("2026-11-02"), limit(15, start_next_day=False), CHINA)
    unrolled = due(day("2026-09-17"), limit(15, roll_over=False), CHINA)
    assert same_day.raw == day("2026-11-16")
    assert unrolled.raw == unrolled.rolled == day("2026-10-02")
    assert "不顺延" in explain(unrolled)


def test_a_limit_never_ends_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        limit(-1)


def test_a_limit_that_a_body_set_for_the_very_day_is_that_day_or_the_next_workday() -> None:
    found = due(day("2026-10-02"), limit(0), CHINA)
    assert (found.raw, found.rolled) == (day("2026-10-02"), day("2026-10-08"))
    assert "期限就是2026年10月2日（周五）当日。遇国庆节" in explain(found)


# --- why -------------------------------------------------------------------------------------------------------------


def test_the_reasons_name_rule_start_length_and_last_day() -> None:
    found = due(day("2026-11-02"), limit(15), CHINA)
    assert sentences(found) == [
        "依据《信访工作条例》第二十三条，自2026年11月2日（周一）的次日起算，期限15日。",
        "第15日为2026年11月17日（周二）。",
    ]


def test_the_reasons_name_the_holiday_that_a_date_rolled_over() -> None:
    assert explain(due(day("2026-09-17"), limit(15), CHINA)).endswith("遇国庆节6天，顺延至2026年10月8日（周四）。")


def test_the_reasons_say_why_a_made_up_saturday_stays() -> None:
    text = explain(due(day("2026-09-25"), limit(15), CHINA))
    assert text.endswith("2026年10月10日（周六）为国庆节调休上班日，不顺延。")


def test_a_working_day_clock_says_what_it_skipped_and_what_it_counted() -> None:
    text = explain(due(day("2026-09-30"), limit(5, W), CHINA))
    assert "期间国庆节7天、周末1天不计。" in text
    assert "2026年10月10日（周六）为调休上班日，计入。" in text
    assert "第5个工作日为2026年10月13日（周二）。" in text


def test_a_year_without_holidays_gives_a_provisional_date_that_says_so() -> None:
    found = due(day("2026-12-20"), limit(15), CHINA)
    assert (found.raw, found.rolled, found.provisional) == (day("2027-01-04"), day("2027-01-04"), True)
    assert explain(found).endswith("2027年节假日安排尚未录入，仅按周末推算，录入后可能变动。")


def test_a_calendar_clock_asks_only_for_the_year_it_ends_in() -> None:
    # It began in 2023, which is not entered, but nothing of 2023 moves its end.
    assert not due(day("2023-12-25"), limit(15), CHINA).provisional
    assert due(day("2023-12-28"), limit(5, W), CHINA).provisional


def test_a_date_is_spoken_with_its_weekday() -> None:
    assert spoken(day("2026-11-26")) == "2026年11月26日 周四"


# --- pauses ----------------------------------------------------------------------------------------------------------


def pause(first: str, last: str | None) -> PauseSpan:
    return PauseSpan(day(first), day(last) if last else None, "《信访工作条例》第三十六条 听证")


def test_a_hearing_of_seven_days_moves_the_end_by_seven_days_and_says_so() -> None:
    found = due(day("2026-11-02"), limit(30), CHINA, [pause("2026-11-10", "2026-11-16")])
    assert found.raw == day("2026-12-09")  # Wednesday; without the hearing Wednesday 2 December
    assert "7日不计入期限" in explain(found)


def test_an_open_pause_moves_the_end_by_its_days_so_far() -> None:
    open_pause = [pause("2026-11-10", None)]
    first = due(day("2026-11-02"), limit(30), CHINA, open_pause, today=day("2026-11-10"))
    later = due(day("2026-11-02"), limit(30), CHINA, open_pause, today=day("2026-11-19"))
    assert (first.raw, later.raw) == (day("2026-12-03"), day("2026-12-12"))
    assert "至今10日不计入期限" in explain(later)


def test_an_open_pause_cannot_be_counted_without_today() -> None:
    with pytest.raises(ValueError, match="today"):
        due(day("2026-11-02"), limit(30), CHINA, [pause("2026-11-10", None)])


def test_overlapping_pauses_give_each_day_back_once() -> None:
    spans = [pause("2026-11-10", "2026-11-14"), pause("2026-11-12", "2026-11-16")]
    assert due(day("2026-11-02"), limit(30), CHINA, spans).raw == day("2026-12-09")


def test_a_pause_outside_the_clock_moves_nothing() -> None:
    before, after = pause("2026-10-01", "2026-11-02"), pause("2026-12-03", "2026-12-09")
    assert due(day("2026-11-02"), limit(30), CHINA, [before, after]).raw == day("2026-12-02")


def test_a_pause_that_began_before_the_clock_gives_back_only_the_days_inside() -> None:
    assert due(day("2026-11-02"), limit(30), CHINA, [pause("2026-10-20", "2026-11-05")]).raw == day("2026-12-05")


def test_a_second_pause_counts_in_the_days_won_by_the_first() -> None:
    spans = [pause("2026-11-30", "2026-12-02"), pause("2026-12-04", "2026-12-05")]
    assert due(day("2026-11-02"), limit(30), CHINA, spans).raw == day("2026-12-07")


def test_a_working_day_clock_does_not_count_workdays_of_a_pause() -> None:
    found = due(day("2026-11-02"), limit(5, W), CHINA, [pause("2026-11-04", "2026-11-05")])
    assert found.raw == day("2026-11-11")  # Tue 3, Fri 6, Mon 9, Tue 10, Wed 11


def test_a_pause_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before"):
        pause("2026-11-10", "2026-11-09")


# --- extension -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("already", "room"), [(0, 30), (10, 20), (30, 0), (45, 0)])
def test_article_34_leaves_thirty_days_in_all(already: int, room: int) -> None:
    assert extension_room(already) == room


def test_an_extension_starts_from_the_raw_day_and_rolls_anew() -> None:
    # 60 days from Friday 2 August 2024 end on National Day; 10 more are counted from that day, not from the 8th.
    found = due(day("2024-08-02"), limit(60), CHINA, extended=10)
    assert found.raw == extend(day("2024-10-01"), 10) == day("2024-10-11")
    assert "另延长10日" in explain(found)


@pytest.mark.parametrize(("days", "already"), [(31, 0), (11, 20), (0, 0), (-1, 0), (1, 30)])
def test_more_than_article_34_leaves_is_refused_with_the_article(days: int, already: int) -> None:
    with pytest.raises(ValueError, match="第三十四条"):
        extend(day("2026-11-02"), days, already)


# --- how far along ---------------------------------------------------------------------------------------------------


def test_overdue_counts_from_the_day_after_the_rolled_day() -> None:
    found = due(day("2026-09-17"), limit(15), CHINA)  # Friday 2 October, rolled to Thursday 8 October
    assert not is_overdue(found.rolled, day("2026-10-08"))
    assert is_overdue(found.rolled, day("2026-10-09"))
    assert [days_left(found, day(text)) for text in ("2026-10-01", "2026-10-08", "2026-10-10")] == [7, 0, -2]
    assert days_left(found.rolled, day("2026-10-07")) == 1


def test_the_share_is_measured_on_the_raw_day() -> None:
    start, raw = day("2026-09-17"), day("2026-10-02")
    assert [share_used(start, raw, day(text)) for text in ("2026-09-17", "2026-10-02")] == [0.0, 1.0]
    assert share_used(start, raw, day("2026-09-10")) == 0.0
    assert share_used(start, start, start) == 1.0
    assert level_on(start, raw, day("2026-10-08"), day("2026-10-05")) == Level.SERIOUS
    assert level_on(start, raw, day("2026-10-08"), day("2026-10-09")) == Level.OVERDUE


@pytest.mark.parametrize(
    ("share", "level"),
    [(0.0, "normal"), (0.499, "normal"), (0.5, "notice"), (0.749, "notice"), (0.75, "warning"), (0.849, "warning"),
     (0.85, "serious"), (0.99, "serious"), (1.2, "serious")],
)  # fmt: skip
def test_levels_change_at_half_three_quarters_and_85_percent(share: float, level: str) -> None:
    assert warning_level(share) == level


# --- counting --------------------------------------------------------------------------------------------------------


def test_a_calendar_without_workdays_is_refused_instead_of_walked_for_ever() -> None:
    never = Calendar(days={day("2026-01-01") + timedelta(days=n): False for n in range(200)})
    with pytest.raises(ValueError, match="calendar"):
        next_workday(day("2026-01-05"), never)


dates = st.dates(date(2024, 1, 1), date(2026, 11, 30))
kinds = st.sampled_from(DayKind)
lengths = st.integers(1, 90)
bools = st.booleans()
spans = st.builds(
    lambda first, length: PauseSpan(first, first + timedelta(days=length), "听证"), dates, st.integers(0, 20)
)
limits = st.builds(Limit, lengths, kinds, st.just("第二十三条"), bools, st.just(True))


@given(dates, st.integers(0, 30), limits, st.lists(spans, max_size=3))
def test_a_later_start_never_ends_earlier(start: date, more: int, rule: Limit, pauses: list[PauseSpan]) -> None:
    first, later = due(start, rule, CHINA, pauses), due(start + timedelta(days=more), rule, CHINA, pauses)
    assert first.raw <= later.raw
    assert first.rolled <= later.rolled


@given(dates, limits, st.lists(spans, max_size=3))
def test_the_rolled_day_is_a_workday_and_never_before_the_raw_day(
    start: date, rule: Limit, pauses: list[PauseSpan]
) -> None:
    found = due(start, rule, CHINA, pauses)
    assert found.rolled >= found.raw >= start
    assert CHINA.is_workday(found.rolled)
    assert rule.kind is C or found.rolled == found.raw


@given(dates, limits, st.sets(st.integers(0, 60), max_size=15))
def test_more_days_off_never_make_a_due_day_earlier(start: date, rule: Limit, offsets: set[int]) -> None:
    fewer = due(start, rule, CHINA).rolled
    more_off = Calendar({**CHINA.days, **{start + timedelta(days=n): False for n in offsets}}, CHINA.names, YEARS)
    assert due(start, rule, more_off).rolled >= fewer


@given(dates, lengths, st.integers(1, 20), st.data())
def test_a_pause_of_n_days_inside_moves_a_calendar_clock_by_n_days(
    start: date, length: int, days: int, data: st.DataObject
) -> None:
    rule = limit(length)
    plain = due(start, rule, CHINA)
    first = start + timedelta(days=data.draw(st.integers(1, length)))
    moved = due(start, rule, CHINA, [PauseSpan(first, first + timedelta(days=days - 1), "听证")])
    assert moved.raw == plain.raw + timedelta(days=days)


@given(dates, limits, st.lists(spans, max_size=3))
def test_a_pause_never_makes_a_due_day_earlier(start: date, rule: Limit, pauses: list[PauseSpan]) -> None:
    assert due(start, rule, CHINA, pauses).raw >= due(start, rule, CHINA).raw


@given(dates, st.integers(0, 60))
def test_adding_workdays_and_counting_them_agree(start: date, count: int) -> None:
    assert workdays_between(start, add_workdays(start, count, CHINA), CHINA) == count


@given(dates, st.integers(1, 30), lengths, kinds)
def test_an_extension_equals_a_longer_limit(start: date, more: int, length: int, kind: DayKind) -> None:
    assert (
        due(start, limit(length, kind), CHINA, extended=more).raw == due(start, limit(length + more, kind), CHINA).raw
    )


@given(dates, limits, st.lists(spans, max_size=2))
def test_every_due_day_can_say_why(start: date, rule: Limit, pauses: list[PauseSpan]) -> None:
    found = due(start, rule, CHINA, pauses)
    codes = [reason.code for reason in found.reasons]
    assert codes[0] == "rule"
    assert "raw" in codes
    assert ("rolled" in codes) == (found.rolled > found.raw)
    assert ("provisional" in codes) == found.provisional


@given(dates, lengths)
def test_weekends_alone_are_provisional_and_roll_to_a_weekday(start: date, length: int) -> None:
    found = due(start, limit(length), WEEKENDS)
    assert found.provisional
    assert found.rolled.weekday() < 5
