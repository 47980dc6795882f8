"""How dates, days and numbers are shown."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from accounts.templatetags import shown


def test_a_date_is_shown_with_its_weekday() -> None:
    """Thursday, in words."""
    assert shown.zh_date(dt.date(2026, 11, 26)) == "2026年11月26日 周四"
    assert shown.zh_date(None) == ""


def test_a_moment_is_shown_in_shanghai_time() -> None:
    """Half past four in the afternoon UTC is already the next day there."""
    assert shown.zh_moment(dt.datetime(2026, 11, 25, 16, 30, tzinfo=dt.UTC)) == "2026年11月26日 周四 00:30"


@pytest.mark.parametrize(
    ("days", "words"), [(3, "还剩3天"), (1, "明天到期"), (0, "今天到期"), (-2, "已超期2天"), (None, "")]
)
def test_days_left_in_words(days: int | None, words: str) -> None:
    """Never a bare number."""
    assert shown.days_left(days) == words


def test_a_near_day_is_counted_from_the_given_day() -> None:
    """Yesterday, and five days on."""
    today = dt.date(2026, 11, 26)
    assert shown.near_day(dt.date(2026, 11, 25), today) == "昨天"
    assert shown.near_day(dt.date(2026, 12, 1), today) == "5天后"


def test_counts_stop_at_the_cap() -> None:
    """A capped count says so."""
    assert (shown.capped(999), shown.capped(1000), shown.capped(0)) == ("999", "1,000+", "0")


def test_a_changed_filter_starts_at_the_first_page() -> None:
    """Filters stay, keyset marks go."""
    request = RequestFactory().get("/", {"tab": "late", "after": "x", "size": "25"})
    drawn = Template("{% load shown %}{% with_query size=50 %}").render(Context({"request": request}))
    assert drawn == "?tab=late&amp;size=50"
