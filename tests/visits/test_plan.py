"""A plan is drafted, changed, approved and made known; what breaks a rule is refused in words and changes nothing."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from accounts.dates import today
from accounts.models import AccessLog, Department
from petitions.actions import moment
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import CalendarDay
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days, next_workday, noon
from visits import book
from visits.access import visible_to
from visits.actions import plan, tables
from visits.actions.day import leave
from visits.actions.notice import publish
from visits.actions.record import locked
from visits.checking import check
from visits.models import FrequencyRule, Receiver, Status, Visit, VisitEvent

pytestmark = pytest.mark.django_db
SOON = next_workday()


def test_a_month_is_drafted_and_keeps_its_rules(days: Days, cast: Cast) -> None:
    tables.adopt(cast.head, "2013", valid_from=date(2020, 1, 1))
    first = (today().replace(day=1) + timedelta(days=40)).replace(day=1)
    last = (first + timedelta(days=40)).replace(day=1) - timedelta(days=1)
    looked = plan.look(cast.triage, first, last)
    assert [breach.words for breach in looked.breaches if breach.hard or breach.open] == []
    made = plan.draft_plan(cast.triage, first, last, f"{first:%Y-%m}")
    assert len(made) == len(looked.rows) == 2
    assert {visit.leader_id for visit in made} == {cast.leader.post.pk, cast.other_leader.post.pk}
    facts = book.facts_for(cast.triage, cast.office, first, last)
    assert check(list(facts.kept), facts) == []
    assert plan.draft_plan(cast.triage, first, last, f"{first:%Y-%m}") == []


def test_a_draft_says_which_leaders_fields_have_the_problems_of_the_place(
    days: Days, cast: Cast, make: Makes, signed_in: Any
) -> None:
    make.handling()
    tables.adopt(cast.head, "down", valid_from=date(2020, 1, 1), source="本县办法")
    first = (today().replace(day=1) + timedelta(days=40)).replace(day=1)
    sheet = {"first": f"{first}", "last": f"{first.replace(day=28) + timedelta(days=3)}", "look": "1"}
    page = signed_in(cast.triage).post("/visits/draft/", sheet).content.decode()
    assert f"这里{cast.bureau.short_name}未办结1件，由他分管" in page


def test_a_month_whose_only_visit_of_a_leader_is_cancelled_is_no_longer_in_order(
    days: Days, cast: Cast, signed_in: Any
) -> None:
    tables.adopt(cast.head, "2013", valid_from=date(2020, 1, 1))
    first = (today().replace(day=1) + timedelta(days=40)).replace(day=1)
    last = (first + timedelta(days=40)).replace(day=1) - timedelta(days=1)
    made = plan.draft_plan(cast.triage, first, last, f"{first:%Y-%m}")
    month = f"/visits/?month={first:%Y-%m}"
    assert "符合各项规则" in signed_in(cast.head).get(month).content.decode()
    plan.cancel(cast.triage, made[0], reason="防汛")
    page = signed_in(cast.head).get(month).content.decode()
    assert "符合各项规则" not in page
    assert "次数不足" in page and f"{made[0].leader.user.name}{first.year}年{first.month}月1日" in page
    assert plan.approve(cast.head, made) == 1, "what is missing is told; a person decides"


def test_a_quarter_is_read_from_its_own_first_day(days: Days, cast: Cast) -> None:
    """What was held in its first month counts in the plan of its last; a draft that nobody approved does not."""
    tables.add_rule(cast.head, level="county", who="every", times=1, per="quarter", where="any", weekday=None, source="本县办法",
                    valid_from=date(2020, 1, 1))  # fmt: skip
    begin = date(today().year + 1, 1, 1)
    held = days.drafted(next(day for day in (begin + timedelta(days=n) for n in range(4, 12)) if day.weekday() < 5))
    first, last = begin.replace(month=3), begin.replace(month=3, day=31)
    facts = book.facts_for(cast.triage, cast.office, first, last)
    assert (list(facts.kept), [row.key for row in facts.beside]) == ([], [held.pk])
    assert [breach.words.count(cast.leader.user.name) for breach in check([], facts)] == [0]
    with moment.at(noon(first)):
        assert not book.facts_for(cast.triage, cast.office, first, last).beside


def test_a_leader_is_not_taken_from_the_office_that_plans_for_him(days: Days, cast: Cast) -> None:
    Receiver.objects.filter(post=cast.other_leader.post).update(office=cast.city_review)
    with pytest.raises(BadInput) as caught:
        tables.keep_receiver(cast.head, cast.other_leader.post, level="county", main=True)
    assert cast.city_review.name in caught.value.fields["post"]


def test_a_plan_with_a_visit_of_somebody_who_receives_no_more_still_opens(
    days: Days, cast: Cast, signed_in: Any
) -> None:
    visit = days.published(next_workday(10))
    tables.adopt(cast.head, "2013", valid_from=date(2020, 1, 1))
    Receiver.objects.filter(post=cast.leader.post).delete()
    page = signed_in(cast.head).get(f"/visits/?month={visit.day:%Y-%m}")
    assert page.status_code == 200 and cast.leader.user.name in page.content.decode()
    assert plan.look(cast.triage, visit.day, visit.day).facts.leaders[cast.leader.post.pk].level == "county"


def test_only_the_petition_office_plans_and_only_its_head_approves(days: Days, cast: Cast) -> None:
    visit = days.drafted(SOON)
    for who in (cast.leader, cast.registrar, cast.handler, cast.system_admin):
        with pytest.raises(WrongPerson):
            plan.move(who, visit, room="2号室")
    with pytest.raises(WrongPerson):
        plan.approve(cast.triage, [visit])
    assert plan.approve(cast.head, [visit]) == 1
    assert plan.approve(cast.head, [visit]) == 0


def refused(days: Days, **changes: object) -> dict[str, str]:
    before = Visit.objects.count()
    with pytest.raises(BadInput) as caught:
        days.drafted(**({"day": SOON} | changes))  # type: ignore[arg-type]
    assert Visit.objects.count() == before
    return caught.value.fields


def test_overlapping_rooms_and_leaders_are_refused(days: Days, cast: Cast) -> None:
    days.drafted(SOON)
    assert "同一时间安排了两场" in refused(days, room="2号室")["leader"]
    assert "1号室同一时间安排了" in refused(days, leader=cast.other_leader)["room"]
    days.drafted(SOON, cast.other_leader, room="2号室")


def test_a_holiday_a_busy_day_and_a_day_in_the_past_are_refused(days: Days, cast: Cast) -> None:
    CalendarDay.objects.create(day=SOON, is_workday=False, name="丰收节")
    assert "丰收节" in refused(days)["day"]
    for back in range(1, 8):  # whatever weekday it is today: a day that is over is that first, a day off or not
        assert "已经过去" in refused(days, day=today() - timedelta(days=back))["day"]
    other = next_workday(20)
    tables.keep_busy(cast.leader, cast.leader.post, first=other, last=other, reason="外出开会")
    assert "另有安排" in refused(days, day=other)["leader"]


def test_a_leader_keeps_away_from_a_place(days: Days, cast: Cast) -> None:
    tables.keep_apart(cast.head, cast.leader.post, place=days.town, department=None, reason="亲属在该镇任职")
    assert "应当回避" in refused(days, place=days.town, room="接待室")["leader"]


def test_a_room_that_is_not_there_and_times_the_wrong_way_round(days: Days) -> None:
    found = refused(days, room="9号室", starts=time(11), ends=time(9))
    assert set(found) == {"room", "ends"}


def test_notice_is_given_so_many_working_days_ahead(days: Days, cast: Cast) -> None:
    visit = days.approved(next_workday(1))
    tables.set_number(cast.head, "notice_days", 5, source="本县办法", valid_from=today())
    with pytest.raises(BadInput) as caught:
        publish(cast.triage, [visit])
    assert "提前5个工作日" in caught.value.fields["day"]
    visit.refresh_from_db()
    assert visit.status == Status.APPROVED
    far = days.approved(next_workday(14), cast.other_leader)
    assert publish(cast.triage, [far]) == 1
    far.refresh_from_db()
    assert far.published_on == today()
    assert far.lead_days >= 5


def test_a_draft_is_not_published_and_a_published_visit_changes_only_with_a_reason(days: Days, cast: Cast) -> None:
    drafted = days.drafted(next_workday(14))
    assert publish(cast.triage, [drafted]) == 0
    visit = days.published(next_workday(21))
    with pytest.raises(BadInput) as caught:
        plan.move(cast.triage, visit, room="2号室")
    assert "reason" in caught.value.fields
    plan.move(cast.triage, visit, room="2号室", reason="1号室检修")
    visit.refresh_from_db()
    assert visit.status == Status.PUBLISHED
    assert "1号室" in visit.before
    assert visit.changed_on == today()


def test_a_published_visit_is_moved_no_nearer_than_notice_is_given_unless_it_is_urgent(days: Days, cast: Cast) -> None:
    visit = days.published(next_workday(14))
    near = next_workday(1)
    assert visit.lead_days >= 10
    with pytest.raises(BadInput) as caught:
        plan.move(cast.triage, visit, day=near, reason="提前")
    assert "要提前3个工作日" in caught.value.fields["day"] and "紧急变更" in caught.value.fields["day"]
    plan.move(cast.triage, visit, day=near, reason="防汛", urgent=True)
    visit.refresh_from_db()
    assert (visit.day, visit.urgent) == (near, True) and visit.lead_days <= 2, (
        "it no longer counts as published in time"
    )
    plan.move(cast.triage, visit, day=next_workday(20), reason="汛情解除", urgent=True)
    visit.refresh_from_db()
    assert visit.urgent is False and visit.lead_days >= 10


def test_nobody_who_has_come_finds_the_reception_moved(days: Days, cast: Cast) -> None:
    visit = days.published()
    row = days.waiting(visit)
    for changes in ({"day": next_workday(10)}, {"place": days.town, "room": "接待室"}):
        with pytest.raises(WrongMoment):
            plan.move(cast.triage, visit, reason="防汛", urgent=True, **changes)
    leave(row, by=cast.registrar)
    plan.move(cast.triage, visit, day=next_workday(10), reason="防汛")


def test_what_was_approved_and_is_moved_is_a_draft_again(days: Days, cast: Cast) -> None:
    visit = days.approved(SOON)
    plan.move(cast.triage, visit, topic="征地补偿")
    visit.refresh_from_db()
    assert visit.status == Status.DRAFT


def test_a_substitute_for_a_published_visit_stays_on_the_notice(days: Days, cast: Cast) -> None:
    visit = days.published(next_workday(10))
    booking = days.booked(visit).booking
    fresh = plan.substitute(cast.triage, visit, leader=cast.other_leader.post, reason="临时赴省开会")
    visit.refresh_from_db()
    booking.refresh_from_db()
    assert (visit.status, fresh.status, fresh.replaces_id) == (Status.SWAPPED, Status.PUBLISHED, visit.pk)
    assert booking.visit_id == fresh.pk
    assert fresh.leader_id == cast.other_leader.post.pk
    with pytest.raises(WrongMoment):
        plan.move(cast.triage, visit, room="2号室", reason="晚了")


def test_two_leaders_exchange_their_days(days: Days, cast: Cast) -> None:
    one, other = days.approved(next_workday(7)), days.published(next_workday(14), cast.other_leader)
    first, second = plan.swap(cast.triage, one, other, reason="两人日程对调")
    assert (first.leader_id, second.leader_id) == (cast.other_leader.post.pk, cast.leader.post.pk)
    other.refresh_from_db()
    assert other.status == Status.SWAPPED
    assert second.replaces_id == other.pk


def test_a_swap_that_puts_a_leader_on_a_busy_day_is_refused(days: Days, cast: Cast) -> None:
    one, other = days.drafted(next_workday(7)), days.drafted(next_workday(14), cast.other_leader)
    tables.keep_busy(cast.head, cast.leader.post, first=other.day, last=other.day)
    with pytest.raises(BadInput):
        plan.swap(cast.triage, one, other, reason="对调")
    one.refresh_from_db()
    assert one.leader_id == cast.leader.post.pk


def test_a_cancelled_visit_says_why(days: Days, cast: Cast) -> None:
    visit = days.published(SOON)
    with pytest.raises(BadInput):
        plan.cancel(cast.triage, visit, reason=" ")
    plan.cancel(cast.triage, visit, reason="防汛")
    visit.refresh_from_db()
    assert (visit.status, visit.reason) == (Status.CANCELLED, "防汛")


def test_others_see_what_is_published_and_nothing_before(days: Days, cast: Cast) -> None:
    drafted, published = days.drafted(SOON), days.published(next_workday(14))
    for who in (cast.handler, cast.other_leader, cast.stranger):
        assert list(visible_to(who)) == [published]
    assert set(visible_to(cast.registrar)) == {drafted, published}
    assert not visible_to(cast.auditor).exists()
    with pytest.raises(NotSeen), transaction.atomic():
        locked(cast.leader, drafted)


def test_what_happened_to_a_visit_is_only_ever_added_to(days: Days) -> None:
    visit = days.published(SOON)
    assert list(visit.events.order_by("seq").values_list("step", flat=True)) == ["add", "approve", "publish"]
    with pytest.raises(ProgrammingError), transaction.atomic():
        VisitEvent.objects.filter(visit=visit).update(step="cancel")


def test_nothing_is_published_without_a_telephone_to_book_by(days: Days, cast: Cast) -> None:
    visit = days.approved(next_workday(10))
    Visit.objects.update(phone="")
    Department.objects.filter(pk=cast.office.pk).update(phone="")
    with pytest.raises(BadInput) as caught:
        publish(cast.triage, [visit])
    assert "预约电话" in caught.value.fields["phone"]
    Department.objects.filter(pk=cast.office.pk).update(phone="0579-84184444")
    assert publish(cast.triage, [visit]) == 1
    visit.refresh_from_db()
    assert visit.phone == "0579-84184444"


def test_a_set_of_rules_ends_what_held_before_for_its_levels(days: Days, cast: Cast) -> None:
    tables.adopt(cast.head, "2013", valid_from=date(2020, 1, 1))
    with pytest.raises(BadInput):
        tables.adopt(cast.head, "monday", valid_from=today() - timedelta(days=1))
    for _ in range(2):
        tables.adopt(cast.head, "monday", valid_from=today())
    held = FrequencyRule.objects.filter(office=cast.office).exclude(valid_to__lt=today())
    assert sorted((row.level, row.who, row.per) for row in held) == [
        ("city", "every", "quarter"), ("county", "main", "week"), ("county", "team", "workday"),
        ("province", "every", "half_year"), ("town", "every", "week"),
    ]  # fmt: skip
    past = FrequencyRule.objects.get(office=cast.office, level="county", per="month")
    assert past.valid_to == today() - timedelta(days=1), "earlier plans keep the rule they were made by"


def test_a_set_adopted_within_a_period_judges_the_whole_of_it(days: Days, cast: Cast) -> None:
    """Also where it begins after the plan's end, and the quarter is not over yet."""
    begin = date(today().year + 1, 1, 1)
    tables.adopt(cast.head, "2013", valid_from=date(2020, 1, 1))
    tables.adopt(cast.head, "down", valid_from=begin.replace(day=15), source="本县办法")
    facts = book.facts_for(cast.triage, cast.office, begin, begin.replace(day=31))
    said = [breach.words for breach in check([], facts)]
    assert len(said) == 2 and all("每月至少1次（下访）" in words for words in said), said
    quarter = {"level": "county", "who": "every", "times": 1, "per": "quarter", "where": "any", "weekday": None}
    tables.add_rule(cast.head, **quarter, source="本县办法", valid_from=begin.replace(month=2, day=15))
    facts = book.facts_for(cast.triage, cast.office, begin, begin.replace(day=31))
    assert sum("每季度" in breach.words for breach in check([], facts)) == 2


def test_what_was_to_begin_and_is_taken_out_by_a_later_decision_is_said_in_its_record(days: Days, cast: Cast) -> None:
    later = today() + timedelta(days=30)

    def recorded(target: str) -> dict[str, str]:
        row = AccessLog.objects.filter(kind="change_setting", target=target).latest("pk")
        said: dict[str, str] = row.data["after"]
        return said

    tables.adopt(cast.head, "2013", valid_from=later)
    assert "未施行即撤下" not in recorded("visit_rules")
    tables.adopt(cast.head, "down", valid_from=today(), source="本县办法")
    assert recorded("visit_rules")["未施行即撤下"] == f"县每位领导每月至少1次（接访或下访），自{later}"
    tables.adopt_pledges(cast.head, "five_aid", valid_from=later)
    tables.adopt_pledges(cast.head, "five_town", valid_from=today())
    assert f"包帮扶救助，自{later}" in recorded("visit_pledges")["未施行即撤下"]


def test_a_set_that_no_document_gives_is_adopted_with_the_places_own(days: Days, cast: Cast) -> None:
    with pytest.raises(BadInput) as caught:
        tables.adopt(cast.head, "down", valid_from=today())
    assert "source" in caught.value.fields
    (row,) = tables.adopt(cast.head, "down", valid_from=today(), source="浦委办〔2026〕3号")
    assert row.source == "浦委办〔2026〕3号"


def test_the_head_of_a_town_receives_by_the_rules_of_towns_and_sees_his_own_room(
    days: Days, cast: Cast, signed_in: Any
) -> None:
    page = signed_in(cast.head).get("/visits/tables/leaders/").content.decode()
    assert cast.unit_head.user.name in page and cast.handler.user.name not in page
    assert "我的接访" not in signed_in(cast.unit_head).get("/").content.decode()
    tables.keep_receiver(cast.head, cast.unit_head.post, level="town", main=True)
    visit = days.published(next_workday(10), cast.unit_head, place=days.town, room="接待室")
    assert visit.level == "town"
    client = signed_in(cast.unit_head)
    assert "我的接访" in client.get("/").content.decode()
    assert client.get(f"/visits/{visit.ref}/room/").status_code == 200
    assert client.get("/visits/tables/busy/").status_code == 200
    assert signed_in(cast.unit_leader).get(f"/visits/{visit.ref}/room/").status_code == 404


def test_a_set_of_rules_is_adopted_and_ended(days: Days, cast: Cast) -> None:
    with pytest.raises(WrongPerson):
        tables.adopt(cast.triage, "2013", valid_from=today())
    rows = tables.adopt(cast.head, "monday", valid_from=today())
    assert {row.per for row in rows} == {"workday", "week"}
    tables.end_rule(cast.head, rows[0], on_day=today())
    assert FrequencyRule.objects.filter(valid_to=today()).count() == 1
