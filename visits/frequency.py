"""How often must a leader receive people?  The sets of rules that documents give; no number is the law's own.

Art.18 says 定期接待、定期下访 and no number, so that a frequency is always a row with its source and validity dates; an office
adopts a set, or writes rows of its own.  What documents say without a number (随时, 定期) is in no set, nor are central organs,
for whom no office here plans.  Pure data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEVELS: Mapping[str, str] = {"province": "省", "city": "市", "county": "县", "town": "乡镇"}
WHO: Mapping[str, str] = {"main": "党政主要领导", "member": "班子其他成员", "every": "每位领导", "team": "班子轮流"}
PER: Mapping[str, str] = {
    "workday": "每个工作日",
    "week": "每周",
    "month": "每月",
    "quarter": "每季度",
    "half_year": "每半年",
    "year": "每年",
}
WHERE: Mapping[str, str] = {"any": "接访或下访", "hall": "接待场所接访", "grassroots": "下访"}
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True)
class Frequency:
    """One line of a set: at ``level``, ``who`` receives ``times`` in each ``per``, ``where``.

    Attributes:
        who: main, member, every (each of them so often) or team (one of them so often, in turn).
        weekday: 0-6 where the day of the week is fixed as a rule; ``None`` = any.
    """

    level: str
    who: str
    times: int
    per: str
    where: str = "any"
    weekday: int | None = None


@dataclass(frozen=True)
class RuleSet:
    """The frequencies of one document, and which document that is; ``""``: none, an office names its own."""

    code: str
    name: str
    source: str
    rules: tuple[Frequency, ...]


SETS: Mapping[str, RuleSet] = {
    one.code: one
    for one in (
        RuleSet(
            "2009", "2009年两办意见",
            "中办、国办关于领导干部定期接待群众来访的意见（2009）",
            (Frequency("city", "every", 1, "quarter"), Frequency("county", "main", 1, "month")),
        ),
        RuleSet(
            "2013", "2013年意见",
            "关于创新群众工作方法解决信访突出问题的意见（2013，次数以本地文件为准）",
            (Frequency("province", "every", 1, "half_year"), Frequency("city", "every", 1, "quarter"),
             Frequency("county", "every", 1, "month"), Frequency("town", "every", 1, "week")),
        ),
        RuleSet(
            "gansu", "甘肃2018年办法（省、市、县）",
            "甘肃省2018年的规定：省级领导每年预约接访，市级主要领导每季度、其他领导每月，县级主要领导每月、每个工作日一名领导",
            (Frequency("province", "every", 1, "year"), Frequency("city", "main", 1, "quarter"), Frequency("city", "member", 1, "month"),
             Frequency("county", "main", 1, "month"), Frequency("county", "team", 1, "workday", "hall")),
        ),
        RuleSet(
            "workday", "县级领导每个工作日接访",
            "每个工作日一名县级领导接访，主要领导每月一次（甘肃2018年规定的县级部分）",
            (Frequency("county", "team", 1, "workday", "hall"), Frequency("county", "main", 1, "month")),
        ),
        RuleSet(
            "monday", "主要领导周一接访",
            "县级党政主要领导一般周一上午接访，每个工作日一名县级领导接访（河南2024的做法）",
            (Frequency("county", "team", 1, "workday", "hall"), Frequency("county", "main", 1, "week", "hall", 0)),
        ),
        RuleSet(
            "weekly_town", "乡镇班子每周接访下访",
            "乡镇领导班子每周至少一次接访下访（重庆2024的做法）",
            (Frequency("town", "team", 1, "week"),),
        ),
        RuleSet(
            "workday_town", "乡镇每个工作日有一名领导接访",
            "集市日由乡镇主要领导、其余工作日由一名班子成员接访（达川2022的做法；集市日由排班的人安排）",
            (Frequency("town", "team", 1, "workday", "hall"),),
        ),
        RuleSet(
            "down", "每月下访",
            "",  # to go down first to where the problems are is 浦江经验; how often, no document that is known here says
            (Frequency("county", "every", 1, "month", "grassroots"),),
        ),
    )
}  # fmt: skip


def spoken(rule: Frequency) -> str:
    """Return a frequency as a sentence: "县党政主要领导每月至少1次（接访或下访）"."""
    day = f"，一般在{WEEKDAYS[rule.weekday]}" if rule.weekday is not None else ""
    how = "有1人" if rule.who == "team" and rule.times == 1 else f"至少{rule.times}次"
    return f"{LEVELS[rule.level]}{WHO[rule.who]}{PER[rule.per]}{how}（{WHERE[rule.where]}{day}）"
