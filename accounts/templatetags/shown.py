"""How are dates, days, numbers and sizes shown? Display only: no rule of the law lives here.

Dates are Asia/Shanghai dates; date-times are turned into Shanghai time before they are shown.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.http import QueryDict

register = template.Library()

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"
_NEAR = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def _moment(value: Any) -> dt.datetime | None:
    if not isinstance(value, dt.datetime):
        return None
    return value.astimezone(SHANGHAI) if value.tzinfo else value


def _day(value: Any) -> dt.date | None:
    moment = _moment(value)
    if moment:
        return moment.date()
    return value if isinstance(value, dt.date) else None


def _today() -> dt.date:
    return dt.datetime.now(SHANGHAI).date()


@register.filter
def zh_date(value: Any) -> str:
    """A date as ``2026年11月26日 周四``; empty for no date."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}" if day else ""


@register.filter
def clause(value: Any) -> str:
    """Words that somebody wrote, to go on within a sentence: without the mark at their end."""
    return str(value or "").rstrip("。；，;,. \n")


@register.filter
def zh_day(value: Any) -> str:
    """A date without weekday, ``2026年11月26日``, as papers write it."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def zh_short(value: Any) -> str:
    """``11月26日 周四`` within this year, with the year otherwise: for tables and badges."""
    day = _day(value)
    if not day:
        return ""
    year = "" if day.year == _today().year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


@register.filter
def zh_time(value: Any) -> str:
    """The Shanghai clock time of a date-time, ``14:05``."""
    moment = _moment(value)
    return f"{moment:%H:%M}" if moment else ""


@register.filter
def zh_moment(value: Any) -> str:
    """``2026年11月26日 周四 14:05``; a bare date is shown without a time."""
    return f"{zh_date(value)} {zh_time(value)}".strip()


@register.filter
def iso(value: Any) -> str:
    """Machine form for ``<time datetime>``: an ISO date, or an ISO date-time with offset."""
    moment = _moment(value)
    if moment:
        return moment.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, dt.date) else ""


@register.filter
def days_left(value: Any) -> str:
    """Whole days until a due day in words: ``还剩3天``, ``明天到期``, ``今天到期``, ``已超期2天``."""
    if value is None or value == "":
        return ""
    days = int(value)
    if days < 0:
        return f"已超期{-days}天"
    return {0: "今天到期", 1: "明天到期"}.get(days, f"还剩{days}天")


@register.filter
def near_day(value: Any, today: dt.date | None = None) -> str:
    """How far a date is from today (or from the given day): ``今天``, ``昨天``, ``5天前``, ``8天后``."""
    day = _day(value)
    if not day:
        return ""
    gap = (day - (today or _today())).days
    return _NEAR.get(gap) or (f"{gap}天后" if gap > 0 else f"{-gap}天前")


@register.filter
def number(value: Any) -> str:
    """A number with thousands separators; anything else is shown as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None else str(value)
    return f"{value:,}"


@register.filter
def capped(value: Any, cap: int = 1000) -> str:
    """A count that stops at ``cap``: ``1,000+``, because counting every row of a big list costs more than it tells."""
    if value is None or value == "":
        return ""
    return f"{cap:,}+" if int(value) >= cap else f"{int(value):,}"


@register.filter
def size(value: Any) -> str:
    """Bytes as ``12 KB`` or ``3.4 MB``."""
    count = float(value or 0)
    if count < 1024:
        return f"{count:.0f} B"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


@register.filter
def grouped(value: Any, every: int = 4) -> str:
    """A code in groups for reading aloud: ``K7F2 9QXM``."""
    text = str(value or "")
    return " ".join(text[start : start + every] for start in range(0, len(text), every))


@register.filter
def any_errors(forms: Any) -> bool:
    """Whether any of the forms has an error."""
    return any(form.errors for form in forms or ())


@register.simple_tag
def once_key() -> str:
    """A fresh idempotency key for a form; a double click then repeats the key and is answered once."""
    return secrets.token_urlsafe(18)


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """The present query string with some keys changed; ``None`` or an empty text removes a key.

    Keyset marks (``after``, ``before``) never survive a change of filter.
    """
    request = context.get("request")
    kept = request.GET.copy() if request else QueryDict(mutable=True)
    for key in ("after", "before", *changes):
        kept.pop(key, None)
    for key, value in changes.items():
        if value not in (None, ""):
            kept[key] = str(value)
    return f"?{kept.urlencode()}"
