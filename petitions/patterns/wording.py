"""How is a warning said?  In short, with its reasons, and as the first draft of a suggestion.  Words about problems only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from petitions.columns import COLUMNS as ALL_COLUMNS
from petitions.models import Pattern
from petitions.patterns.growth import AROUND, BEFORE, TIMES, WINDOW
from petitions.patterns.reading import Part, name_of

# What the list of cases shows: nothing of who brought them.
COLUMNS = tuple(ALL_COLUMNS[code] for code in ("number", "title", "stage", "category", "responsible", "received"))


def in_short(row: Pattern) -> str:
    """What grew, in one line."""
    return f"{row.count}件，此前每4周平均{said(row.numbers['usual'])}件{_year(row)}"


def _year(row: Pattern) -> str:
    year = row.numbers.get("last_year")
    return "" if year is None else f"，去年同期{said(year)}件"


def said(number: float) -> str:
    """A mean with one digit behind the point, none where it is whole."""
    return f"{number:.1f}".removesuffix(".0")


def odds(chance: float) -> str:
    """How likely, as one in so many: rounded, so that no false exactness is shown."""
    if chance < 1e-6:
        return "不到百万分之一"
    for many, words in (
        (1e-5, "不到十万分之一"),
        (1e-4, "不到万分之一"),
        (1e-3, "不到千分之一"),
        (1e-2, "不到百分之一"),
    ):
        if chance < many:
            return words
    return f"约{chance:.0%}"


def explained(row: Pattern) -> list[str]:
    """Why this was raised, sentence by sentence, for whoever is no statistician."""
    numbers, before = row.numbers, row.numbers["before"]
    how = {
        "topic": f"{span(row.first, row.last)}，同一乡镇（街道）里有{row.count}件的内容写的是相近的事。",
        "place": f"{span(row.first, row.last)}，{'同一乡镇（街道）里，' if row.region_id else ''}写明发生在同一地点或项目{'、同一类' if row.category_id else ''}的有{row.count}件。",
        "growth": f"{span(row.first, row.last)}，同一地方、同一类、同一责任单位的有{row.count}件。",
    }[row.kind]
    found = [
        how,
        f"此前{len(before) * 4}周里，每4周依次是{'、'.join(map(str, before))}件（近的在前），平均{said(numbers['usual'])}件。",
        f"如果情况没有变化，4周里来{row.count}件或更多的可能{odds(numbers['chance'])}。",
    ]
    if numbers.get("season") is None:
        return [*found, "没有用去年同期比较：记录不够早，或者内容相近的事项不按季节比较。遇到季节性问题请自行判断。"]
    return [
        *found,
        f"去年同期（前后各放宽{AROUND}天）每4周{said(numbers['last_year'])}件；按去年看，可能{odds(numbers['season_chance'])}，不是每年都有的季节变化。",
    ]


def span(first: date, last: date) -> str:
    """From when to when."""
    return f"{first:%Y年%-m月%-d日}至{last:%Y年%-m月%-d日}（{(last - first).days + 1}天）"


def facts(row: Pattern, parts: Sequence[Part]) -> str:
    """The first draft of what was found, for the paper of Art.40: numbers and places, no names."""
    lines = [f"{span(row.first, row.last)}，{name_of(row)}类信访事项{row.count}件；{'；'.join(explained(row)[1:2])}"]
    now = next((part for part in parts if part.code == "now"), None)
    shares = [f"{share.label}{share.count}件" for share in now.shares if share.count] if now else []
    if shares:
        lines.append(f"其中{'、'.join(shares)}。")
    return "\n".join(lines)


RULE = (
    f"每天夜里比较最近{WINDOW}天与此前{BEFORE}个{WINDOW}天，再与去年同期比较",
    f"至少5件，且达到平时和去年同期的{TIMES}倍以上",
    "按平时的数量和起伏，凭偶然来这么多的可能不到万分之一",
)
