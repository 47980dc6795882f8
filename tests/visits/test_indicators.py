"""Figures of receptions: what was planned counts once, places are ranked whether anybody went there or not, only petitioners rate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.dates import today
from petitions.models import Rating
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days, next_workday
from tests.visits.test_day import heard, new
from visits import indicators
from visits.actions import plan, tables
from visits.actions.after import revisit
from visits.actions.day import close
from visits.models import Place, Visit

pytestmark = pytest.mark.django_db
CUT = indicators.Cut(today() - timedelta(days=60), today() + timedelta(days=1))  # a run may go on past midnight


def of(cast: Cast, cut: indicators.Cut = CUT) -> dict[str, int]:
    return indicators.figures(cast.supervisor, cut)


def listed(cast: Cast, code: str, cut: indicators.Cut = CUT) -> list[Any]:
    return list(indicators.listed(cast.supervisor, cut, code).order_by("pk"))


def held(days: Days, place: Place, room: str, **changes: Any) -> Visit:
    visit = days.published(place=place, room=room, **changes)
    close(visit, by=days.cast.triage)
    visit.refresh_from_db()
    return visit


def test_a_visit_swapped_and_held_was_planned_once_and_kept(days: Days, cast: Cast) -> None:
    first = days.published()
    fresh = plan.substitute(cast.triage, first, leader=cast.other_leader.post, reason="开会")
    again = plan.substitute(cast.triage, fresh, leader=cast.leader.post, reason="会议改期")
    close(again, by=cast.triage)
    counts = of(cast)
    assert (counts["planned"], counts["kept"], counts["held"], counts["swapped"]) == (1, 1, 1, 1)
    assert [row.pk for row in listed(cast, "kept")] == [first.pk] and [row.pk for row in listed(cast, "held")] == [
        again.pk
    ]
    by = indicators.counted(cast.supervisor, CUT).by("leader")
    assert (by[cast.leader.post.pk]["planned"], by[cast.leader.post.pk]["kept"]) == (1, 1)
    assert by[cast.other_leader.post.pk]["planned"] == 0, "who stands in has no plan of his own by it"


def test_a_visit_swapped_and_then_cancelled_was_not_kept(days: Days, cast: Cast) -> None:
    fresh = plan.substitute(cast.triage, days.published(), leader=cast.other_leader.post, reason="开会")
    plan.cancel(cast.triage, fresh, reason="防汛")
    counts = of(cast)
    assert (counts["planned"], counts["kept"], counts["cancelled"]) == (1, 0, 1)


def test_a_plan_that_was_never_published_was_not_kept_and_is_named(days: Days, cast: Cast) -> None:
    approved, draft = days.approved(next_workday(5)), days.drafted(next_workday(12))
    Visit.objects.filter(pk__in=[approved.pk, draft.pk]).update(day=today() - timedelta(days=3))
    counts = of(cast)
    assert (counts["planned"], counts["kept"], counts["unpublished"]) == (1, 0, 2)
    assert [row.get_status_display() for row in listed(cast, "unpublished")] == ["已审定", "草稿"]


def test_a_plan_approved_and_cancelled_before_its_notice_was_not_kept(days: Days, cast: Cast) -> None:
    """One that was changed since, and so was a draft again when it was cancelled, was no plan; nor one that nobody approved."""
    rows = [days.approved(next_workday(after)) for after in (5, 12, 19)] + [days.drafted(next_workday(26))]
    plan.move(cast.triage, rows[1], topic="征地补偿")
    plan.move(cast.triage, rows[2], topic="征地补偿")
    plan.approve(cast.head, [rows[2]])
    for row in rows:
        plan.cancel(cast.triage, row, reason="防汛")
    Visit.objects.update(day=today() - timedelta(days=3))
    counts = of(cast)
    assert (counts["planned"], counts["kept"], counts["dropped"], counts["cancelled"]) == (2, 0, 2, 0)
    assert [row.pk for row in listed(cast, "dropped")] == [rows[0].pk, rows[2].pk]
    assert indicators.counted(cast.supervisor, CUT).by("leader")[cast.leader.post.pk]["planned"] == 2
    (share,) = [one for one in indicators.shares(counts) if one.label == "计划兑现率"]
    assert share.percent == 0


def test_places_are_ranked_whether_anybody_went_there_or_not(days: Days, make: Makes, cast: Cast) -> None:
    """The town has the problems and nobody went; every visit was to the village without any: none went where they are most."""
    for _ in range(3):
        make.handling(head_count=9)
    calm = tables.keep_place(cast.head, None, name="平安村", hall=False, region=cast.region, address="村委会")
    Place.objects.filter(pk=calm.pk).update(region=None)
    held(days, calm, "接待室")
    held(days, days.hall, "1号室", leader=cast.other_leader)
    counts = of(cast)
    assert (counts["top_places"], counts["held_down"]) == (0, 1), "and a reception in the hall is no down-visit"


def test_a_visit_to_the_hardest_place_counts(days: Days, make: Makes, cast: Cast) -> None:
    make.handling(head_count=9)
    held(days, days.town, "接待室")
    counts = of(cast)
    assert (counts["top_places"], counts["held_down"]) == (1, 1)
    share = next(one for one in indicators.shares(counts) if one.part_code == "top_places")
    assert (share.whole_code, share.percent) == ("held_down", 100)


def test_only_the_petitioners_own_rating_says_whether_he_is_content(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "explained"))
    revisit(outcome.follow_ups.get(), by=cast.supervisor, reached=True, words="满意", heard="content")
    counts = of(cast)
    assert (counts["heard_content"], counts["rated"], counts["content"]) == (1, 0, 0)
    said = {"filing": outcome.petition.filings.get(), "petition": outcome.petition, "rated_at": timezone.now()}
    Rating.objects.create(**said, target="unit", department=cast.office, value="0")
    assert (of(cast)["rated"], of(cast)["content"]) == (1, 1)
    Rating.objects.create(**said, target="office", department=cast.office, value="3")
    assert (of(cast)["rated"], of(cast)["content"]) == (1, 0), "with one of the two he is not content"
    assert "content" in {one.part_code for one in indicators.shares(of(cast))}
    assert not {"heard_content", "heard_not"} & {one.part_code for one in indicators.shares(of(cast))}


def test_a_rating_from_before_the_reception_says_nothing_of_it(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "explained"))
    Rating.objects.create(
        filing=outcome.petition.filings.get(), petition=outcome.petition, target="unit", department=cast.office, value="0",
        rated_at=timezone.now() - timedelta(days=3),
    )  # fmt: skip
    assert of(cast)["rated"] == 0


def test_days_of_notice_have_their_list(days: Days, cast: Cast, signed_in: Any) -> None:
    visit = held(days, days.hall, "1号室")
    counts = of(cast)
    assert (counts["noticed"], counts["lead_days"]) == (1, visit.lead_days)
    assert indicators.lead_days(counts) == visit.lead_days
    assert indicators.lead_days({"noticed": 0, "lead_days": 0}) is None
    page = (
        signed_in(cast.supervisor).get(f"/visits/figures/lead_days/?first={CUT.first}&last={CUT.last}").content.decode()
    )
    assert f"data-count>{visit.lead_days}<" in page and f"提前{visit.lead_days}个工作日公示" in page


def test_tables_by_leader_level_and_place_add_up_to_the_whole(days: Days, cast: Cast, signed_in: Any) -> None:
    heard(days, new(days, "assigned"), new(days, "explained", entry=days.entry(title="路灯不亮")))
    held(days, days.town, "接待室", leader=cast.other_leader)
    found = indicators.counted(cast.supervisor, CUT)
    for axis in indicators.AXES:
        rows = found.by(axis).values()
        assert {code: sum(row[code] for row in rows) for code in found.codes} == found.whole, axis
    page = signed_in(cast.supervisor).get(f"/visits/figures/?first={CUT.first}&last={CUT.last}")
    tables_ = {one["axis"]: one["rows"] for one in page.context["tables"]}
    assert [len(tables_[axis]) for axis in indicators.AXES] == [2, 1, 2]
    assert {row["name"] for row in tables_["place"]} == {"县接访大厅", "檀溪镇"}
