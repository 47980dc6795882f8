"""Does every drafted plan keep its rules?  Checked by a module that knows nothing of how it was drafted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petitions.workdays import Calendar
from visits.checking import Breach, check, row_breaches
from visits.drafting import draft
from visits.frequency import SETS, Frequency, spoken
from visits.planbook import Facts, Leader, Row, RuleRow, Site, around, reason

NEW_YEAR = date(2027, 1, 1)
YEAR = (date(2027, 1, 1), date(2027, 12, 31))
SPRING = {date(2027, 2, day): False for day in range(5, 13)}
CALENDAR = Calendar(days=SPRING, names=dict.fromkeys(SPRING, "春节"), years=frozenset({2027}))


def rules(*codes: str) -> tuple[RuleRow, ...]:
    found = [rule for code in codes for rule in SETS[code].rules]
    return tuple(RuleRow(key, rule, date(2020, 1, 1)) for key, rule in enumerate(found, start=1))


def county(leaders: int = 12, places: int = 6, *codes: str, span: tuple[date, date] = YEAR, busy: int = 0) -> Facts:
    people = {
        key: Leader(
            key, f"领导{key}", "county", main=key <= 2,
            busy=frozenset(span[0] + timedelta(days=(key * 7 + step * 11) % 360) for step in range(busy)),
        )
        for key in range(1, leaders + 1)
    }  # fmt: skip
    sites = {key: Site(key, f"地点{key}", hall=False, problems=(places - key) * 10) for key in range(1, places + 1)}
    sites[100] = Site(100, "接待大厅", hall=True, rooms=tuple(f"{n}号" for n in range(1, 5)))
    return Facts(span[0], span[1], NEW_YEAR, CALENDAR, people, sites, rules(*(codes or ("2013",))))


def words(found: list[Breach]) -> str:
    return "\n".join(breach.words for breach in found)


def bad(found: list[Breach]) -> list[Breach]:
    """What a draft must not break: no row out of place, no visit missing that there are days for."""
    return [breach for breach in found if breach.hard or breach.open]


COUNTY = [code for code in SETS if any(rule.level == "county" for rule in SETS[code].rules)]


@pytest.mark.parametrize("code", COUNTY)
def test_a_draft_keeps_every_set_of_rules_that_is_shipped(code: str) -> None:
    facts = county(14, 5, code, busy=20)
    found = check(draft(facts), facts)
    assert not bad(found), words(found)


def test_sixty_leaders_twenty_places_and_a_year() -> None:
    facts = county(60, 20, "2013", "workday", busy=30)
    rows = draft(facts)
    found = check(rows, facts)
    assert found == [], words(found)
    assert len(rows) >= 720


def test_the_place_with_most_problems_is_visited_first_and_most() -> None:
    facts = county(12, 6, "down")
    rows = sorted(draft(facts), key=lambda row: row.day)
    count = {key: sum(row.site == key for row in rows) for key in range(1, 7)}
    assert rows[0].site == 1
    assert count[1] == max(count.values())
    assert min(count.values()) >= len(rows) // 12


def test_nobody_is_sent_where_he_must_keep_away() -> None:
    facts = county(6, 3, "down")
    people = dict(facts.leaders)
    people[1] = replace(people[1], not_at=frozenset({1, 2}))
    rows = draft(replace(facts, leaders=people))
    assert {row.site for row in rows if row.leader == 1} == {3}


def test_what_stands_already_counts_and_is_not_drafted_twice() -> None:
    facts = county(3, 2, "2013", span=(date(2027, 3, 1), date(2027, 3, 31)))
    first = draft(facts)
    kept = tuple(replace(row, key=number) for number, row in enumerate(first, start=1))
    assert draft(replace(facts, kept=kept)) == []


def test_a_leader_without_a_free_day_is_told_and_does_not_stop_the_others() -> None:
    facts = county(3, 2, "2013", span=(date(2027, 3, 1), date(2027, 3, 31)))
    away = frozenset(date(2027, 3, 1) + timedelta(days=day) for day in range(31))
    people = dict(facts.leaders) | {2: replace(facts.leaders[2], busy=away)}
    facts = replace(facts, leaders=people)
    found = check(draft(facts), facts)
    assert [breach.code for breach in found] == ["too_few"]
    assert "领导2" in found[0].words
    assert "可用的工作日只有0天" in found[0].words


ONE = Row(1, date(2027, 3, 3), time(9), time(11), 1)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([replace(ONE, day=date(2026, 12, 30))], "past"),
        ([replace(ONE, day=date(2027, 3, 6))], "holiday"),
        ([replace(ONE, day=date(2027, 2, 8))], "holiday"),
        ([replace(ONE, leader=2)], "busy"),
        ([replace(ONE, site=2)], "recused"),
        ([ONE, replace(ONE, site=100, room="1号")], "leader_twice"),
        ([ONE, replace(ONE, leader=3)], "room_twice"),
        ([replace(ONE, backup=1)], "backup"),
        ([replace(ONE, ends=time(8))], "times"),
    ],
)
def test_what_no_person_may_set_aside_is_found_in_words(rows: list[Row], code: str) -> None:
    facts = county(3, 2, "2013")
    people = dict(facts.leaders)
    people[1] = replace(people[1], not_at=frozenset({2}))
    people[2] = replace(people[2], busy=frozenset({ONE.day}))
    found = [breach for breach in check(rows, replace(facts, leaders=people, rules=())) if breach.hard]
    assert [breach.code for breach in found] == [code]
    assert found[0].words.endswith("。")


def test_two_on_one_day_one_after_the_other_are_no_clash() -> None:
    facts = replace(county(3, 2, "2013"), rules=())
    assert not [b for b in check([ONE, replace(ONE, starts=time(14), ends=time(16))], facts) if b.hard]


def test_a_visit_too_few_is_missed_and_a_rule_that_has_ended_asks_for_nothing() -> None:
    facts = county(1, 1, "2013", span=(date(2027, 3, 1), date(2027, 4, 30)))
    assert [breach.day for breach in check([replace(ONE, backup=2)], facts)] == [date(2027, 4, 1)]
    ended = tuple(replace(rule, until=date(2027, 3, 31)) for rule in facts.rules)
    assert check([replace(ONE, backup=2)], replace(facts, rules=ended)) == []


MARCH = (date(2027, 3, 1), date(2027, 3, 31))


def each(per: str) -> tuple[RuleRow, ...]:
    return (RuleRow(1, Frequency("county", "every", 1, per), date(2020, 1, 1)),)


def test_a_month_that_is_under_way_is_judged_by_what_was_held_and_what_is_still_to_come() -> None:
    facts = replace(county(1, 1, span=MARCH), today=date(2027, 3, 15), rules=each("month"))
    (breach,) = check([], facts)
    assert (breach.code, breach.open, breach.hard) == ("too_few", True, False)
    assert "安排了0次" in breach.words
    assert check([replace(ONE, key=1)], facts) == [], "held on the third"
    assert [row.day >= facts.today for row in draft(facts)] == [True]
    over = replace(facts, today=date(2027, 4, 1))
    assert check([], over) == [], "what is over is no plan's matter"


def test_a_month_within_which_one_rule_takes_the_place_of_another_is_judged_by_the_new_one_alone() -> None:
    old, new = Frequency("county", "every", 1, "month"), Frequency("county", "every", 2, "month")
    changed = (
        RuleRow(1, old, date(2020, 1, 1), date(2027, 3, 14)), RuleRow(2, new, date(2027, 3, 15)),
        RuleRow(3, old, date(2027, 3, 31), date(2027, 3, 30)),  # was to come, and never held
    )  # fmt: skip
    facts = replace(county(1, 1, span=MARCH), rules=changed)
    (breach,) = check([replace(ONE, backup=2)], facts)
    assert breach.code == "too_few" and breach.words.endswith(f"要求{spoken(new)}。")
    assert len(draft(facts)) == 2
    february = replace(facts, first=date(2027, 2, 1), last=date(2027, 2, 28))
    assert len(draft(february)) == 1, "the month before keeps the rule it was made by"


@pytest.mark.parametrize("per", ["quarter", "half_year", "year"])
def test_a_month_is_judged_by_the_longer_periods_too_with_what_stands_outside_it(per: str) -> None:
    facts = replace(county(1, 1, span=MARCH), rules=each(per))
    (breach,) = check([], facts)
    assert breach.open is (per == "quarter"), "the others have days left after March"
    assert ("以后还可以安排" in breach.words) is (per != "quarter")
    assert check([], replace(facts, beside=(replace(ONE, day=date(2027, 1, 12)),))) == []
    assert len(draft(facts)) == (per == "quarter"), "only what cannot wait is drafted now"
    assert draft(replace(facts, beside=(replace(ONE, day=date(2027, 1, 12)),))) == []


def test_a_week_across_the_end_of_a_month_is_planned_once() -> None:
    rule = each("week")
    april = (date(2027, 4, 1), date(2027, 4, 30))  # 1 April is a Thursday
    march = draft(replace(county(1, 1, span=MARCH), rules=rule))
    assert not [row for row in march if row.day >= date(2027, 3, 29)], "Thursday and Friday are left"
    facts = replace(county(1, 1, span=april), rules=rule, beside=tuple(march))
    rows = draft(facts)
    assert sum(row.day < date(2027, 4, 5) for row in rows) == 1
    assert not bad(check(rows, facts))


def test_a_place_with_more_problems_and_fewer_visits_is_named() -> None:
    facts = replace(county(3, 2, "2013"), rules=())
    rows = [replace(ONE, site=2, day=date(2027, 3, day)) for day in (1, 2, 3)]
    found = check(rows, facts)
    assert all(not breach.hard for breach in found)
    assert any("地点1的问题比地点2多" in breach.words for breach in found)


@pytest.mark.parametrize(
    ("per", "count"), [("month", 12), ("quarter", 4), ("half_year", 2), ("year", 1), ("workday", 365)]
)
def test_a_year_has_so_many_periods(per: str, count: int) -> None:
    assert len(list(around(per, *YEAR))) == count


def test_a_set_is_said_in_words() -> None:
    assert spoken(Frequency("county", "main", 1, "week", "hall", 0)) == (
        "县党政主要领导每周至少1次（接待场所接访，一般在周一）"
    )


@settings(max_examples=25, deadline=None)
@given(
    leaders=st.integers(1, 10), places=st.integers(1, 5), busy=st.integers(0, 40),
    codes=st.lists(st.sampled_from(["2009", "2013", "down", "gansu"]), min_size=1, max_size=3, unique=True),
    start=st.integers(0, 9), months=st.integers(1, 3),
)  # fmt: skip
def test_whatever_the_county_a_draft_breaks_no_rule_that_can_be_kept(
    leaders: int, places: int, busy: int, codes: list[str], start: int, months: int
) -> None:
    first = date(2027, start + 1, 1)
    last = date(2027 + (start + months) // 12, (start + months) % 12 + 1, 1) - timedelta(days=1)
    facts = county(leaders, places, *codes, span=(first, last), busy=busy)
    found = bad(check(draft(facts), facts))
    # What can stand in the way is that there are fewer people, or fewer rooms, than a rule asks for each day.
    assert {breach.code for breach in found} <= {"no_one", "too_few"}
    if leaders >= 4 and busy <= 20:
        assert found == [], words(found)


ONE_MONTH = (RuleRow(1, Frequency("county", "every", 1, "month", "grassroots"), date(2020, 1, 1)),)
FREE = [date(2027, 3, day) for day in (3, 10, 17)]


def narrow(free: dict[int, set[date]], not_at: dict[int, set[int]], places: int) -> Facts:
    """Leaders with hardly a free day, places with one room each and more problems the higher their number."""
    whole = frozenset(date(2027, 3, day) for day in range(1, 32))
    people = {
        key: Leader(key, f"领导{key}", "county", busy=whole - days, not_at=frozenset(not_at.get(key, ())))
        for key, days in free.items()
    }
    sites = {key: Site(key, f"地点{key}", problems=key * 10) for key in range(1, places + 1)}
    return Facts(*MARCH, NEW_YEAR, CALENDAR, people, sites, ONE_MONTH)


def test_who_can_go_anywhere_leaves_the_room_to_who_cannot() -> None:
    """The sharper place would go to the first; but the other keeps away from the first place, and both are free on one day."""
    facts = narrow({1: {FREE[0]}, 2: {FREE[0]}}, {2: {1}}, 2)
    rows = draft(facts)
    assert {(row.leader, row.site) for row in rows} == {(1, 1), (2, 2)}
    assert not bad(check(rows, facts))


def test_who_has_another_day_leaves_the_only_day_to_who_has_not() -> None:
    facts = narrow({1: {FREE[0], FREE[1]}, 2: {FREE[0], FREE[2]}, 3: {FREE[1]}, 4: {FREE[0]}}, {}, 1)
    assert {(row.leader, row.day) for row in draft(facts)} == {
        (3, FREE[1]), (4, FREE[0]), (2, FREE[2]),
    }, "three days, four leaders: as many as there can be"  # fmt: skip


def _could_be(facts: Facts) -> bool:
    """Whether any plan gives each leader a day and a room: every one of them is tried."""
    ways = [
        [(day, site) for day in FREE if day not in leader.busy for site in facts.sites if site not in leader.not_at]
        for leader in facts.leaders.values()
    ]
    return any(len(set(plan)) == len(plan) for plan in product(*ways))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_where_any_plan_meets_the_rule_the_draft_does(data: st.DataObject) -> None:
    leaders, places = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 2))
    free = {key: data.draw(st.sets(st.sampled_from(FREE), min_size=1)) for key in range(1, leaders + 1)}
    apart = {key: data.draw(st.sets(st.integers(1, places), max_size=1)) for key in free}
    facts = narrow(free, apart, places)
    rows = draft(facts)
    assert (len(rows) == leaders) is _could_be(facts)
    assert not [breach for breach in check(rows, facts) if breach.hard]


def test_among_places_nearly_as_much_in_turn_a_leader_goes_where_his_units_have_the_problems() -> None:
    facts = county(1, 3, span=MARCH)
    people = {1: replace(facts.leaders[1], fields=((7, "自然资源局"), (8, "住建局")))}
    sites = {
        key: replace(site, problems=100 + key, by_unit={8: 12, 7: 3} if key == 1 else {})
        for key, site in facts.sites.items()
    }
    facts = replace(facts, leaders=people, sites=sites, rules=ONE_MONTH)
    (row,) = draft(facts)
    assert row.site == 1
    assert reason(people[1], sites[row.site]) == "这里住建局未办结12件，由他分管"
    sharper = replace(facts, sites=sites | {3: replace(sites[3], problems=900)})
    assert draft(sharper)[0].site == 3, "his own field never comes before a place with far more problems"


@st.composite
def counties(draw: st.DrawFn) -> Facts:
    """Leaders with days and places of their own, places with any problems, some rules, and visits that stand already."""
    codes = draw(st.lists(st.sampled_from(COUNTY), min_size=1, max_size=3, unique=True))
    facts = county(
        draw(st.integers(8, 16)), draw(st.integers(3, 6)), *codes, span=(date(2027, 3, 1), date(2027, 5, 31))
    )
    free = [site.key for site in facts.sites.values() if not site.hall]
    days = st.dates(date(2027, 3, 1), date(2027, 5, 31))
    people = {
        key: replace(leader, busy=draw(st.frozensets(days, max_size=6)), not_at=draw(st.frozensets(st.sampled_from(free), max_size=1)))
        for key, leader in facts.leaders.items()
    }  # fmt: skip
    sites = {key: replace(site, problems=draw(st.integers(0, 500))) for key, site in facts.sites.items()}
    facts = replace(facts, leaders=people, sites=sites)
    stands = [
        replace(row, key=number) for number, row in enumerate(draft(facts), start=1) if draw(st.integers(0, 9)) == 0
    ]
    return replace(facts, kept=tuple(stands))


@settings(max_examples=30, deadline=None)
@given(facts=counties())
def test_each_drafted_plan_is_judged_by_the_checker_alone(facts: Facts) -> None:
    rows = [*facts.kept, *draft(facts)]
    found = check(rows, facts)
    assert not bad(found), words(found)
    # No row is out of place, whoever wrote it: the checker is asked of each by itself, too.
    for row in rows:
        others = [other for other in rows if other is not row]
        assert not [breach for breach in row_breaches(row, others, facts) if breach.hard]


@settings(max_examples=20, deadline=None)
@given(facts=counties(), data=st.data())
def test_whatever_a_person_does_to_a_plan_the_checker_sees_it(facts: Facts, data: st.DataObject) -> None:
    rows = [*facts.kept, *draft(facts)]
    row = data.draw(st.sampled_from(rows))
    rest = [other for other in rows if other is not row]
    busy = replace(facts.leaders[row.leader], busy=facts.leaders[row.leader].busy | {row.day})
    assert "busy" in {one.code for one in check(rows, replace(facts, leaders={**facts.leaders, row.leader: busy}))}
    twice = [*rows, replace(row, site=100, room="9号", key=0)]
    assert "leader_twice" in {one.code for one in check(twice, facts)}
    sunday = replace(row, day=date(2027, 3, 7))
    assert "holiday" in {one.code for one in check([*rest, sunday], facts)}
