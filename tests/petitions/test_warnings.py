"""Warnings at shares of a limit: once each, to whoever holds the duty, however often and however late the task runs."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection

from accounts.dates import SHANGHAI
from accounts.models import Department, Post, Role, User
from petitions import limits, notices
from petitions.actions import advance, moment, run_night
from petitions.actions.warn import Warned, warn
from petitions.models import Clock, Notice, Petition
from petitions.workdays import share_used
from tests.cast import Cast, build_cast
from tests.makes import Makes

MONDAY = date(2026, 3, 2)


def on(day: date) -> AbstractContextManager[None]:
    return moment.at(datetime(day.year, day.month, day.day, 7, 30, tzinfo=SHANGHAI))


def told(petition: Petition, step: str = "clock_warned") -> list[tuple[int | None, str]]:
    rows = Notice.objects.filter(petition=petition, step=step, channel="desk").order_by("pk")
    return [(row.post_id, row.text) for row in rows]


def handling(make: Makes) -> Petition:
    """Accepted on Monday 2 March 2026: 60 days, until Friday 1 May, which is a holiday in life and a Friday here."""
    with on(MONDAY):
        return make.handling().petition


# T5 began on 2 March and ends on 1 May: 60 days, so a share is reached on the day that is as many tenths along.
@pytest.mark.parametrize(
    ("day", "share"),
    [
        (date(2026, 3, 31), 0),  # Tuesday, 29 days: 48.3 %
        (date(2026, 4, 1), 50),  # Wednesday, 30 days
        (date(2026, 4, 15), 50),  # Wednesday, 44 days: 73.3 %
        (date(2026, 4, 16), 75),  # Thursday, 45 days
        (date(2026, 4, 21), 75),  # Tuesday, 50 days: 83.3 %
        (date(2026, 4, 22), 85),  # Wednesday, 51 days
        (date(2026, 5, 1), 100),  # Friday, the last day
        (date(2026, 5, 2), 0),  # over: that is a lapse, and no warning
    ],
)
def test_a_share_is_told_on_the_day_it_is_reached(cast: Cast, make: Makes, day: date, share: int) -> None:
    petition = handling(make)
    warn(day)
    assert Clock.objects.get(petition=petition, name="T5").warned == share
    assert bool(told(petition)) == bool(share)


def test_each_share_is_told_once_in_the_life_of_a_clock(cast: Cast, make: Makes) -> None:
    petition = handling(make)
    days = [date(2026, 4, n) for n in range(1, 31)] + [date(2026, 5, n) for n in range(1, 10)]
    for day in days:
        warn(day)
        warn(day)
    mine = [text for post, text in told(petition) if post == cast.handler.post.pk]
    assert ["50%" in mine[0], "75%" in mine[1], "85%" in mine[2], "今天" in mine[3]] == [True] * 4
    assert len(mine) == 4


def test_a_run_that_comes_late_tells_the_highest_share_alone(cast: Cast, make: Makes) -> None:
    petition = handling(make)
    assert warn(date(2026, 4, 25)) == Warned(clocks=1, notices=2)
    assert {text for _, text in told(petition)} == {f"{petition.number} “办理”期限已过85%，5月1日 周五到期，还剩6天"}
    assert warn(date(2026, 4, 25)) == Warned()


def test_the_handler_is_told_and_near_the_end_the_head_too(cast: Cast, make: Makes) -> None:
    petition = handling(make)
    warn(date(2026, 4, 1))
    assert [post for post, _ in told(petition)] == [cast.handler.post.pk]
    warn(date(2026, 4, 22))
    assert [post for post, _ in told(petition)][1:] == [cast.handler.post.pk, cast.unit_head.post.pk]


def test_without_a_handler_whoever_signs_for_the_unit_is_told(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        held = make.signed()
    warn(date(2026, 3, 10))  # eight of fifteen days
    assert [post for post, _ in told(held.petition)] == [cast.signer.post.pk]


def test_a_handler_who_has_left_is_not_told_but_the_desk_is(cast: Cast, make: Makes) -> None:
    petition = handling(make)
    User.objects.filter(pk=cast.handler.user.pk).update(is_active=False)
    warn(date(2026, 4, 1))
    assert [post for post, _ in told(petition)] == [cast.signer.post.pk]


def test_where_nobody_signs_the_head_is_told(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        held = make.signed()
    Post.objects.filter(pk=cast.signer.post.pk).update(valid_to=date(2026, 1, 1))
    warn(date(2026, 3, 10))
    assert [post for post, _ in told(held.petition)] == [cast.unit_head.post.pk]


def test_the_offices_own_duty_is_triages(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        petition = make.registered().petition
    warn(date(2026, 3, 10))
    assert [post for post, _ in told(petition)] == [cast.triage.post.pk]
    assert "“转送交办”期限已过50%" in told(petition)[0][1]


def test_who_signs_in_an_inner_office_acts_for_the_body_above(cast: Cast) -> None:
    inner = Department.objects.create(
        code="T-ZR-1", name="办公室", short_name="办公室", kind="inner", level="county", parent=cast.bureau,
        path=f"{cast.bureau.path}0/", region=cast.region, valid_from=date(2019, 1, 1),
    )  # fmt: skip
    user = User.objects.create(username="t-inner", name="内设")
    post = Post.objects.create(user=user, department=inner, role=Role.SIGNER, valid_from=date(2019, 1, 1))
    assert {one.pk for one in notices.posts_of(cast.bureau.pk, "signer")} == {cast.signer.post.pk, post.pk}


def test_a_window_and_a_shadow_warn_nobody(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        delivered = make.delivered(view="1").petition  # T6, the petitioner's thirty days, runs
        held = make.signed()  # T4, the unit's five working days
    Clock.objects.filter(petition=held.petition, name="T3").update(ended="met")
    for day in range(3, 31):
        warn(date(2026, 3, day))
    assert told(delivered) == told(held.petition) == []


def test_the_last_day_on_a_day_of_rest_says_until_when(cast: Cast, make: Makes) -> None:
    with on(date(2026, 2, 27)):  # Friday; the fifteenth day is Saturday 14 March
        petition = make.registered().petition
    warn(date(2026, 3, 14))
    assert told(petition)[0][1] == f"{petition.number} “转送交办”最后一天遇休息日顺延，3月16日 周一到期，还剩2天"
    assert warn(date(2026, 3, 16)) == Warned()


def test_a_longer_limit_warns_at_its_own_shares(cast: Cast, make: Makes) -> None:
    petition = handling(make)
    warn(date(2026, 4, 22))
    run = petition.proceedings.get()
    with on(date(2026, 4, 23)):
        advance("extend", on=run, by=cast.unit_head, days=30, reason="案情复杂")
    Notice.objects.all().delete()
    assert warn(date(2026, 4, 23)) == Warned()  # 52 of 90 days: half was told long ago
    warn(date(2026, 5, 9))  # 68 days: 75.6 %
    assert "75%" in told(petition)[0][1]


def test_the_shares_are_a_setting(cast: Cast, make: Makes, settings: Any) -> None:
    settings.WARN_AT = [90, 20]
    petition = handling(make)
    warn(date(2026, 3, 14))  # twelve days: a fifth
    assert "20%" in told(petition)[0][1]
    assert limits.warn_at() == (20, 90, 100)


def test_the_database_and_the_rule_agree_on_every_day(cast: Cast, make: Makes) -> None:
    petition = handling(make)
    clock = Clock.objects.get(petition=petition, name="T5")
    for offset in range(61):
        day = date.fromordinal(MONDAY.toordinal() + offset)
        Clock.objects.filter(pk=clock.pk).update(warned=0)
        expected = limits.share_told(clock.start, clock.raw_due, day)
        assert (warn(day).clocks == 1) == (expected > 0), (day, share_used(clock.start, clock.raw_due, day))


def test_a_crash_half_way_loses_nothing_and_repeats_nothing(
    cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = handling(make), handling(make)
    write = Notice.objects.bulk_create
    crashed: list[bool] = []

    def crash_once(rows: Any) -> Any:
        if not crashed:
            crashed.append(True)
            raise RuntimeError("the machine went down")
        return write(rows)

    monkeypatch.setattr(Notice.objects, "bulk_create", crash_once)
    assert warn(date(2026, 4, 1)) == Warned(clocks=1, notices=1, failed=1)
    assert warn(date(2026, 4, 1)) == Warned(clocks=1, notices=1)
    assert len(told(first)) == len(told(second)) == 1


def test_a_lapse_is_told_once(cast: Cast, make: Makes) -> None:
    petition = handling(make)
    for _ in range(2):
        run_night(date(2026, 5, 4))
    posts = [post for post, text in told(petition, "clock_lapsed") if "已超期" in text]
    assert posts == [cast.handler.post.pk, cast.unit_head.post.pk]


def test_no_warning_goes_to_a_petitioner_and_no_text_to_one_holds_the_matter(cast: Cast, make: Makes) -> None:
    handling(make)
    warn(date(2026, 5, 1))
    assert not Notice.objects.filter(post=None, step__in=["clock_warned", "clock_lapsed"]).exists()
    for rows in notices.TABLE.values():
        for row in rows:
            if row.whom == "petitioner":
                assert "{" not in row.text and "查询码" in row.text


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_warn_once() -> None:
    make = Makes(build_cast())
    petitions = [handling(make) for _ in range(3)]
    Notice.objects.all().delete()
    gate, found = threading.Barrier(2), list[Warned]()

    def run() -> None:
        gate.wait()
        try:
            found.append(warn(date(2026, 4, 1)))
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(2)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert [len(told(petition)) for petition in petitions] == [1, 1, 1]
    assert sum(one.clocks for one in found) == 3 and not any(one.failed for one in found)
