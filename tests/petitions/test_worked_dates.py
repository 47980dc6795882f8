"""Worked dates: each with its article, and with weekday and holiday in words, as a clerk would count them on a wall calendar.

Clocks are chosen by `limits.choose`, as every verb does it, under the real calendar of 2024 to 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from petitions import lifecycle, limits
from petitions.limits import LocalLimit, Rules
from petitions.workdays import PauseSpan, is_overdue
from petitions.workdays import due as count
from tests.petitions.test_workdays import CHINA

HEARING = "《信访工作条例》第三十六条第二款"


@dataclass(frozen=True)
class Worked:
    """One worked case: which clock under which article, from when, until when, and why in words.

    Attributes:
        days: length where a person sets it (T8, TB, TE, TZ).
        extended: days granted under Art.34.
        pause: first and last day that do not count (hearing at re-review).
        local: a stricter local number: (value, working days).
    """

    clock: str
    article: str
    start: str
    due: str
    words: str
    days: int | None = None
    extended: int = 0
    pause: tuple[str, str] | None = None
    local: tuple[int, bool] | None = None


CASES = [
    # T1: the petition office routes within 15 days of receipt.
    Worked("T1", "第二十二条", "2026-11-02", "2026-11-17", "周一收到，第15日周二"),
    Worked("T1", "第二十二条", "2026-01-31", "2026-02-24", "周六收到，第15日周日2月15日是春节假期第一天，顺延至节后周二"),
    Worked("T1", "第二十二条", "2026-01-30", "2026-02-14", "第15日周六2月14日是春节调休上班日，不顺延"),
    Worked("T1", "第二十二条", "2026-09-17", "2026-10-08", "第15日周五10月2日在国庆节，顺延至节后周四"),
    Worked("T1", "第二十二条", "2026-09-25", "2026-10-10", "第15日周六10月10日是国庆节调休上班日，不顺延"),
    Worked("T1", "第二十二条", "2025-12-17", "2026-01-04", "跨年，第15日元旦周四，顺延至周日1月4日（元旦调休上班）"),
    Worked("T1", "第二十二条", "2024-02-14", "2024-02-29", "春节假期里收到，从次日算，第15日是闰年2月29日周四"),
    Worked("T1", "第二十二条", "2026-11-02", "2026-11-09", "地方规则5个工作日更短：周一收到，次周一", local=(5, True)),
    Worked("T1", "第二十二条", "2026-11-02", "2026-11-17", "地方规则30日更长，不得放宽，仍是15日", local=(30, False)),
    # T2, T3: telling the petitioner.
    Worked("T2", "第二十三条", "2025-04-16", "2025-05-06", "直接提出，第15日周四5月1日劳动节，顺延至周二5月6日"),
    Worked("T3", "第二十三条", "2026-06-04", "2026-06-22", "签收后第15日周五6月19日端午节，顺延至周一"),
    Worked("T3", "第二十三条", "2025-01-14", "2025-02-05", "第15日周三1月29日春节，顺延至节后周三2月5日"),
    Worked("T3", "第二十三条", "2026-03-20", "2026-04-07", "第15日周六4月4日清明节，顺延至周二"),
    # T4: five working days to object, the only national limit in working days.
    Worked("T4", "第二十三条", "2026-11-06", "2026-11-13", "周五签收，隔一个周末，次周五"),
    Worked("T4", "第二十三条", "2026-09-30", "2026-10-13", "国庆节前周三签收：8、9日，10日周六补班，12、13日"),
    Worked("T4", "第二十三条", "2026-02-13", "2026-02-27", "春节前周五签收：14日周六补班，节后24至27日"),
    Worked("T4", "第二十三条", "2025-12-30", "2026-01-07", "年底周二签收：31日，1月4日周日补班，5、6、7日"),
    Worked("T4", "第二十三条", "2026-11-06", "2026-11-13", "提出异议是权利期限，地方不得缩短", local=(3, True)),
    # T5: sixty days from acceptance, thirty more at most.
    Worked("T5", "第三十四条", "2026-08-03", "2026-10-08", "第60日周五10月2日在国庆节，顺延至周四10月8日"),
    Worked("T5", "第三十四条", "2025-12-17", "2026-02-24", "第60日是春节假期第一天，顺延至周二2月24日"),
    Worked("T5", "第三十四条", "2026-01-05", "2026-03-06", "第60日周五"),
    Worked("T5", "第三十四条", "2026-01-05", "2026-04-07", "延长30日：从3月6日起算，4月5日周日清明假，顺延至周二", extended=30),
    Worked("T5", "第三十四条", "2026-08-03", "2026-10-12", "延长10日：从第60日10月2日起算，不从顺延后的8日起算，12日周一", extended=10),
    Worked("T5", "第三十四条", "2025-11-03", "2026-01-04", "跨年，第60日周五1月2日元旦假，顺延至周日1月4日（补班）"),
    Worked("T5", "第三十四条", "2026-03-02", "2026-05-06", "办理中听证不停算：第60日周五5月1日劳动节，顺延至周三"),
    # T5': simplified handling, ten working days.
    Worked("T5'", "信访事项简易办理办法（试行）", "2026-04-24", "2026-05-12", "周五受理：27至30日，6、7、8日，9日周六补班，11、12日"),
    Worked("T5'", "信访事项简易办理办法（试行）", "2026-11-02", "2026-11-16", "周一受理，两个周末不计，第10个工作日周一"),
    Worked("T5'", "信访事项简易办理办法（试行）", "2026-09-28", "2026-10-16", "国庆节前周一受理：29、30日，8、9日，10日周六补班，12至16日，周五"),
    # T8, TB, TE, TZ: a person sets the day.
    Worked("T8", "第二十二条第一款第三项", "2026-11-02", "2026-12-02", "交办函写明30日，周三", days=30),
    Worked("T8", "第二十二条第一款第三项", "2026-09-02", "2026-10-08", "交办30日，周五10月2日国庆节，顺延至周四", days=30),
    Worked("T8", "第二十二条第一款第三项", "2026-11-02", "2026-11-02", "上级要求当日反馈，周一", days=0),
    Worked("T8", "第二十二条第一款第三项", "2026-10-02", "2026-10-08", "上级要求当日反馈，国庆节，顺延至周四", days=0),
    Worked("TZ", "第三十九条第三款", "2026-11-02", "2026-11-12", "责令10日内整改，周四", days=10),
    Worked("TE", "第三十二条第二款", "2026-11-02", "2026-11-23", "20日执行，第20日周日，顺延至周一", days=20),
    # T6, T7: the petitioner's windows, from delivery.
    Worked("T6", "第三十五条", "2026-11-02", "2026-12-02", "送达周一，第30日周三"),
    Worked("T6", "第三十五条", "2026-09-03", "2026-10-08", "送达后第30日周六10月3日国庆节，顺延至周四"),
    Worked("T6", "第三十五条", "2026-01-16", "2026-02-24", "送达后第30日周日2月15日春节，顺延至周二"),
    Worked("T6", "第三十五条", "2025-01-30", "2025-03-03", "二月28天：第30日周六3月1日，顺延至周一"),
    Worked("T6", "第三十五条", "2026-11-02", "2026-12-02", "信访人的期限，地方规则不得缩短为15日", local=(15, False)),
    Worked("T7", "第三十六条", "2025-12-02", "2026-01-04", "跨年，第30日元旦，顺延至周日1月4日（补班）"),
    Worked("T7", "第三十六条", "2024-01-31", "2024-03-01", "闰年二月29天：第30日周五3月1日"),
    # T6D, T7D: thirty days to decide; only a hearing at re-review does not count.
    Worked("T6D", "第三十五条", "2026-11-02", "2026-12-02", "复查30日；复查中听证照算，周三"),
    Worked("T6D", "第三十五条", "2026-09-04", "2026-10-08", "第30日周日10月4日国庆节，顺延至周四"),
    Worked("T7D", "第三十六条", "2026-11-02", "2026-12-02", "复核30日，没有听证，周三"),
    Worked("T7D", "第三十六条", "2026-11-02", "2026-12-10", "听证11月11日至18日共8日不计，周四", pause=("2026-11-11", "2026-11-18")),
    Worked("T7D", "第三十六条", "2026-09-01", "2026-10-10", "听证9日不计，第39日周六10月10日是国庆节调休上班日，不顺延",
           pause=("2026-09-10", "2026-09-18")),
    Worked("T7D", "第三十六条", "2026-11-02", "2026-12-03", "听证当天取消也只还1日：12月3日周四", pause=("2026-11-05", "2026-11-05")),
    # Local duties that the statute names no number for.
    Worked("TV", "地方规则（条例未定天数）", "2026-09-24", "2026-10-15", "10个工作日：25日周五中秋节不计，28至30日，8、9日，10日周六补班，12至15日，周四"),
    Worked("TD", "地方规则（条例未定天数）", "2026-02-12", "2026-02-26", "5个工作日送达：13日，14日周六补班，24、25、26日"),
    Worked("T9", "地方规则（条例第四十条未定天数）", "2026-11-02", "2026-12-02", "建议30日内书面反馈，周三"),
]  # fmt: skip


def rules(case: Worked) -> Rules:
    """The real calendar, with the case's local rule if it has one."""
    local = {case.clock: LocalLimit(*case.local, "本地规定")} if case.local else {}
    return Rules(CHINA, local)


def computed(case: Worked) -> date:
    """The day as the verbs come to it: the limit chosen, then extension and pauses on it."""
    chosen = limits.choose(case.clock, date.fromisoformat(case.start), rules(case), length=case.days)
    pauses = (
        [PauseSpan(date.fromisoformat(case.pause[0]), date.fromisoformat(case.pause[1]), HEARING)] if case.pause else []
    )
    return count(date.fromisoformat(case.start), chosen.limit, CHINA, pauses, extended=case.extended).rolled


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clock} {case.start} {case.words[:24]}")
def test_a_date_is_the_one_that_a_clerk_counts(case: Worked) -> None:
    assert lifecycle.CLOCKS[case.clock].article == case.article
    assert computed(case) == date.fromisoformat(case.due), case.words


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clock} {case.start}")
def test_a_duty_is_overdue_and_a_window_shut_from_the_day_after(case: Worked) -> None:
    last = computed(case)
    assert not is_overdue(last, last)
    assert is_overdue(last, last + timedelta(days=1))


def test_there_are_forty_and_every_national_clock_is_among_them() -> None:
    assert len(CASES) >= 40
    national = {code for code, rule in lifecycle.CLOCKS.items() if not rule.local}
    assert national <= {case.clock for case in CASES}
