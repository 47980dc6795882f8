"""Is a holiday notice read as it is meant, and put into words that read back the same?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.holidays import MAKE_UP, Off, Unreadable, read, say

NOTICE = """一、元旦：1月1日（周五）至3日（周日）放假调休，共3天。
二、春节：2月5日（农历腊月二十九、周五）至13日（周六）放假调休，共9天。2月14日（周日）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
七、国庆节：10月1日至7日放假，9月26日、10月9日上班。"""


def test_a_notice_as_it_is_pasted() -> None:
    days = read(NOTICE, 2027)
    assert days[date(2027, 1, 1)] == Off(False, "元旦")  # 周五
    assert [day for day, off in days.items() if off.works] == [
        date(2027, 2, 14), date(2027, 2, 20), date(2027, 9, 26), date(2027, 10, 9)
    ]  # fmt: skip
    assert sum(not off.works for off in days.values()) == 3 + 9 + 3 + 7
    assert days[date(2027, 10, 9)].name == f"国庆节{MAKE_UP}"


def test_what_was_read_is_said_so_that_it_reads_the_same() -> None:
    days = read(NOTICE, 2027)
    assert read(say(days), 2027) == days
    assert say(days).splitlines()[1] == "春节：2月5日至13日放假，2月14日、2月20日上班"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "没有读到"),
        ("放假三天", "节日名称"),
        ("元旦：放假", "日期后面写"),
        ("元旦：1月1日至3日", "日期后面写"),
        ("元旦：2月30日放假", "没有“2月30日”这一天"),
        ("元旦：1月3日至1日放假", "先后不对"),
        ("元旦：1月1日放假\n新年：1月1日放假", "写了两次"),
        ("元旦：1月1日放假，1月4日上班", "本来就是工作日"),  # 2027年1月4日 周一
        ("元旦：2026年12月31日至1月1日放假", "先后不对"),
        ("元旦：2026年12月31日放假", "请在2026年里录入"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(text, 2027)


@given(st.text(max_size=200))
def test_any_words_are_read_or_refused_with_a_sentence(text: str) -> None:
    said = ""
    try:
        days = read(text, 2027)
    except Unreadable as fault:
        said, days = str(fault), {}
    assert bool(days) != said.endswith("。")


@given(st.sets(st.integers(0, 364), min_size=1, max_size=40))
def test_days_off_survive_being_said_and_read(numbers: set[int]) -> None:
    days = {date(2027, 1, 1) + timedelta(days=n): Off(False, "假") for n in numbers}
    days = {day: Off(False, "节假") for day in days}
    back = read(say(days), 2027)
    assert set(days) <= set(back)  # a weekend inside a holiday may be named with it
    assert all(day.weekday() >= 5 for day in set(back) - set(days))
