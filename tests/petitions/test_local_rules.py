"""What may a place set for itself?  A tighter limit, from a day on; never a longer one, never a petitioner's window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment, WrongPerson
from petitions import limits, local_rules
from petitions.lifecycle import CLOCKS
from petitions.models import Clock, LocalRule
from petitions.workdays import Calendar
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]
SOURCE = "《浙江省信访条例》第二十条"


@pytest.mark.parametrize(
    ("code", "value", "working", "why"),
    [
        ("T1", 10, False, ""),
        ("T1", 15, False, ""),
        ("T1", 16, False, "第二十二条"),
        ("T1", 5, True, ""),
        ("T1", 11, True, ""),  # eleven working days take fifteen days at the least: sometimes earlier, never later
        ("T1", 12, True, "第二十二条"),
        ("T3", 5, True, ""),
        ("T5", 60, False, ""),
        ("T5", 61, False, "第三十四条"),
        ("TS", 10, True, ""),  # the law gives no number
        ("T6", 20, False, "第三十五条"),  # the petitioner's window
        ("T6", 40, False, "第三十五条"),
        ("T4", 3, True, "第二十三条"),  # the unit's window
        ("T8", 10, False, "逐件确定"),
        ("T1", 0, False, "1到365"),
        ("TS", 366, True, "1到365"),
        ("T99", 5, False, "没有这个时限"),
    ],
)
def test_what_the_law_says_of_a_local_limit(code: str, value: int, working: bool, why: str) -> None:
    said = local_rules.refusal(code, value, working=working)
    assert why in said if why else said == ""


@given(
    st.sampled_from(sorted(set(local_rules.settable()) & set(CLOCKS))),
    st.integers(1, 365),
    st.booleans(),
    st.dates(date(2024, 1, 1), date(2026, 6, 1)),
)
def test_no_rule_that_is_taken_ever_gives_an_office_more_time(
    code: str, value: int, working: bool, start: date
) -> None:
    rule = CLOCKS[code]
    if rule.local or local_rules.refusal(code, value, working=working):
        return
    plain = limits.Rules(Calendar(years=frozenset(range(2024, 2028))), {})
    local = limits.Rules(plain.calendar, {code: limits.LocalLimit(value, working, SOURCE)})
    assert limits.choose(code, start, local).due.rolled <= limits.choose(code, start, plain).due.rolled


@pytest.mark.django_db
def test_a_rule_holds_from_its_day_and_what_runs_keeps_the_rule_it_began_under(cast: Cast, make: Makes) -> None:
    before = Clock.objects.get(petition=make.registered().petition, name="T1")
    local_rules.add(by=cast.system_admin, code="T1", value=5, working=True, source=SOURCE, valid_from=today())
    after = Clock.objects.get(petition=make.registered().petition, name="T1")
    assert (after.length, after.working, after.rule) == (5, True, SOURCE)
    fresh = Clock.objects.get(pk=before.pk)
    assert (fresh.due, fresh.length) == (before.due, 15)


@pytest.mark.django_db
def test_a_new_rule_ends_the_open_one_the_day_before(cast: Cast) -> None:
    day = today()
    old = local_rules.add(by=cast.system_admin, code="T1", value=10, working=False, source=SOURCE, valid_from=day)
    local_rules.add(
        by=cast.system_admin, code="T1", value=5, working=True, source=SOURCE, valid_from=day + timedelta(days=30)
    )
    old.refresh_from_db()
    assert old.valid_to == day + timedelta(days=29)


@pytest.mark.django_db
def test_two_rules_never_hold_on_one_day(cast: Cast) -> None:
    day = today()
    more = {"by": cast.system_admin, "code": "T1", "working": False, "source": SOURCE}
    local_rules.add(value=10, valid_from=day + timedelta(days=10), valid_to=day + timedelta(days=20), **more)
    with pytest.raises(BadInput, match="重叠"):
        local_rules.add(value=9, valid_from=day, **more)
    with pytest.raises(BadInput, match="重叠"):
        local_rules.add(value=9, valid_from=day + timedelta(days=20), **more)
    local_rules.add(value=9, valid_from=day, valid_to=day + timedelta(days=9), **more)
    assert LocalRule.objects.count() == 2


@pytest.mark.django_db
def test_a_rule_is_not_dated_back_and_not_ended_in_the_past(cast: Cast) -> None:
    day, admin = today(), cast.system_admin
    with pytest.raises(BadInput, match="从今天或以后"):
        local_rules.add(by=admin, code="T1", value=5, working=True, source=SOURCE, valid_from=day - timedelta(days=1))
    row = local_rules.add(by=admin, code="T1", value=5, working=True, source=SOURCE, valid_from=day)
    with pytest.raises(BadInput, match="最早到昨天"):
        local_rules.end(row, by=admin, on_day=day - timedelta(days=2), reason="废止")
    local_rules.end(row, by=admin, on_day=day, reason="废止")
    row.refresh_from_db()
    assert row.valid_to == day


@pytest.mark.django_db
def test_a_rule_that_has_not_begun_is_taken_back_and_one_that_is_over_stays(cast: Cast) -> None:
    day, admin = today(), cast.system_admin
    later = local_rules.add(
        by=admin, code="T3", value=5, working=True, source=SOURCE, valid_from=day + timedelta(days=5)
    )
    local_rules.end(later, by=admin, on_day=day, reason="写错了")
    assert not LocalRule.objects.exists()
    over = LocalRule.objects.create(
        code="T1", value=9, source=SOURCE, valid_from=day - timedelta(days=90), valid_to=day - timedelta(days=30)
    )
    with pytest.raises(WrongMoment):
        local_rules.end(over, by=admin, on_day=day, reason="再结束")


@pytest.mark.django_db
def test_only_the_system_administrator_sets_rules(cast: Cast) -> None:
    for other in (cast.security_admin, cast.audit_admin, cast.head):
        with pytest.raises(WrongPerson):
            local_rules.add(by=other, code="T1", value=5, working=True, source=SOURCE, valid_from=today())


@pytest.mark.django_db
def test_the_page_refuses_a_longer_rule_with_the_article(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.system_admin)
    said = {"code": "T5", "value": "90", "working": "0", "source": SOURCE, "valid_from": today().isoformat()}
    answer = client.post("/manage/local-rules/add/", said)
    assert answer.status_code == 422
    assert "第三十四条" in answer.content.decode()
    assert client.post("/manage/local-rules/add/", said | {"value": "45"}).status_code == 302
    page = client.get("/manage/local-rules/").content.decode()
    assert "45日" in page
    assert "新增地方规则" in page
    row = LocalRule.objects.get()
    assert (
        client.post(f"/manage/local-rules/{row.pk}/end/", {"on_day": today().isoformat(), "reason": "废止"}).status_code
        == 302
    )
    assert client.get("/manage/local-rules/99999/end/").status_code == 404
