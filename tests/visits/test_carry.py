"""Cases brought along: what they share is said, who does not wish it is left in peace, who must keep away is kept away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from petitions.actions import advance
from petitions.errors import BadInput, WrongPerson
from petitions.models import Petition
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days, next_workday
from tests.visits.test_day import heard, new
from visits import matching
from visits.actions import plan, tables
from visits.actions.booking import Wish, reserve
from visits.actions.carry import ask, carry, take_out
from visits.actions.conflict import conflicts
from visits.actions.day import arrive, to_room, walk_in
from visits.forms.day import matter_set
from visits.forms.fields import MatterField
from visits.matching import cases_for
from visits.models import Outcome, Place, Purpose
from visits.sharing import shared

pytestmark = pytest.mark.django_db
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}  # as an input method for Chinese types them


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (("反映阳光花园小区污水外溢", "阳光花园小区电梯停运三个月", "路灯不亮"), "阳光花园小区"),
        (("对《被征地农民社会保障办法》不服", "要求按《被征地农民社会保障办法》补缴"), "《被征地农民社会保障办法》"),
        (("请求公开浦阳江治理工程补偿标准", "浦阳江治理工程占用林地"), "浦阳江治理工程"),
    ],
)  # fmt: skip
def test_what_matters_share_is_found_in_their_own_words(texts: tuple[str, ...], name: str) -> None:
    found = shared(enumerate(texts))
    assert found[0] == found[1] == (name, 2)
    assert 2 not in found


def test_what_nobody_else_names_is_shared_with_nobody() -> None:
    assert shared([(1, "阳光花园小区"), (2, "月光公寓漏水"), (3, "")]) == {}


def test_the_same_project_and_the_visits_own_topic_are_reasons(days: Days, make: Makes, cast: Cast) -> None:
    for _ in range(2):
        make.handling(title="反映阳光花园小区污水外溢", head_count=9)
    visit = days.approved(next_workday(), place=days.town, room="接待室", topic="污水")
    first = cases_for(visit, cast.triage).cases[0]
    assert "涉及同一项目“阳光花园小区”未办结2件" in first.reasons
    assert "与这次的主题“污水”相关" in first.reasons


def test_who_does_not_wish_to_be_visited_is_left_in_peace(days: Days, make: Makes, cast: Cast) -> None:
    petition = make.handling(head_count=9).petition
    visit = days.approved(next_workday(), place=days.town, room="接待室")
    carry(visit, [(petition, ["集体事项"])], by=cast.triage)
    row = visit.carried.get()
    assert row.consent == ""
    with pytest.raises(WrongPerson):
        ask(row, by=cast.handler, consent="agreed", words="电话里同意")
    with pytest.raises(BadInput):
        ask(row, by=cast.registrar, consent="agreed", words=" ")
    ask(row, by=cast.registrar, consent="declined", words="电话里说不想见")
    matched = cases_for(visit, cast.triage)
    assert petition.pk not in {case.petition.pk for case in matched.cases}
    assert "1件信访人本人不愿意，没有列出。" in matched.left_out
    with pytest.raises(BadInput):
        take_out(row, by=cast.triage, reason="")
    take_out(row, by=cast.triage, reason="本人不愿意")
    steps = list(Petition.objects.get(pk=petition.pk).events.values_list("step", flat=True))
    assert not visit.carried.exists() and {"carried", "carried_consent", "uncarried"} <= set(steps)


def test_a_case_that_was_brought_is_met_as_such(days: Days, make: Makes, cast: Cast) -> None:
    petition = make.handling().petition
    visit = days.published()
    carry(visit, [(petition, ["长期"])], by=cast.triage)
    heard(days, new(days, "explained", entry=None, petition=petition), visit=visit)
    assert Outcome.objects.get().purpose == Purpose.CARRIED


def test_what_has_come_back_from_a_legal_procedure_may_be_brought_again(days: Days, make: Makes, cast: Cast) -> None:
    run = make.channelled()
    visit = days.approved(next_workday(), place=days.town, room="接待室")
    with pytest.raises(BadInput) as caught:
        carry(visit, [(run.petition, ["长期"])], by=cast.triage)
    assert "法定程序" in caught.value.fields["pick"]
    advance("come_back", on=run, by=cast.triage, reason="不属于法院受理范围")
    Petition.objects.filter(pk=run.petition_id).update(joint=True, head_count=9)
    matched = cases_for(visit, cast.triage)
    assert run.petition_id in {case.petition.pk for case in matched.cases}
    assert not [words for words in matched.left_out if "法定程序" in words]
    assert carry(visit, [(run.petition, ["集体事项"])], by=cast.triage) == 1


def test_what_lies_beyond_what_is_ranked_is_said(
    days: Days, make: Makes, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make.handling(head_count=9)
    visit = days.approved(next_workday(), place=days.town, room="接待室")
    assert not cases_for(visit, cast.triage).left_out
    monkeypatch.setattr(matching, "LOOKED_AT", 2)
    matched = cases_for(visit, cast.triage)
    assert len(matched.cases) == 2
    assert "只排了期限最早的2件，还有1件没有排" in matched.left_out[0]


def test_where_to_go_offers_the_offices_own_places_alone(days: Days, cast: Cast, signed_in: Any) -> None:
    theirs = Place.objects.create(name="邻县岩头镇", office=cast.city_review, region_id="330726101000")
    for who in (cast.head, cast.leader):
        page = signed_in(who).get("/visits/where/").content.decode()
        assert days.town.name in page and theirs.name not in page


def _place(days: Days, petition: Petition) -> dict[str, Any]:
    return {"place": days.town}


def _body(days: Days, petition: Petition) -> dict[str, Any]:
    return {"department": days.cast.bureau}


def _matter(days: Days, petition: Petition) -> dict[str, Any]:
    return {"petition": petition}


@pytest.mark.parametrize("what", [_place, _body, _matter])
def test_a_leader_keeps_away_from_a_place_a_body_or_one_matter(days: Days, make: Makes, cast: Cast, what: Any) -> None:
    petition, other = make.handling().petition, make.registered().petition
    tables.keep_apart(cast.triage, cast.leader.post, reason="亲属涉及", **what(days, petition))
    found = conflicts(cast.leader.post, [petition])
    assert "应当回避：亲属涉及" in found[petition.pk]
    assert not conflicts(cast.other_leader.post, [petition])
    if what is _matter:
        assert not conflicts(cast.leader.post, [other])
    with pytest.raises(BadInput):
        heard(days, new(days, "assigned", entry=None, petition=petition))


def test_another_leader_is_not_given_a_case_from_which_he_keeps_away(days: Days, make: Makes, cast: Cast) -> None:
    """Nor a party of his own name, nor a filed matter that a party named: asked anew with each change of leader."""
    petition, filed = make.handling().petition, make.handling().petition
    visit = days.published(next_workday(10))
    other = days.published(next_workday(14), cast.other_leader)
    carry(visit, [(petition, ["集体事项"])], by=cast.triage)
    days.booked(visit, filed_number=filed.number)
    days.booked(visit, cast.other_leader.user.name, "13800000002")
    for matter in (petition, filed):
        tables.keep_apart(cast.triage, cast.other_leader.post, reason="亲属涉及", petition=matter)
    for act, field in (
        (lambda: plan.substitute(cast.triage, visit, leader=cast.other_leader.post, reason="赴省开会"), "leader"),
        (lambda: plan.swap(cast.triage, visit, other, reason="日程对调"), "other"),
    ):
        with pytest.raises(BadInput) as caught:
            act()
        said = caught.value.fields[field]
        assert petition.number in said and filed.number in said and "亲属涉及" in said
        assert f"群众里有{cast.other_leader.user.name}" in said
    visit.refresh_from_db()
    assert (visit.leader_id, visit.status) == (cast.leader.post.pk, "published")


def test_a_party_is_not_moved_to_the_room_of_a_leader_who_keeps_away_from_its_matter(
    days: Days, make: Makes, cast: Cast
) -> None:
    petition = make.handling().petition
    one, two = days.published(), days.published(leader=cast.other_leader, room="2号室")
    tables.keep_apart(cast.triage, cast.other_leader.post, reason="亲属涉及", petition=petition)
    wish = Wish(name="李四", matter="低保停发", filed_number=petition.number)
    with pytest.raises(BadInput) as caught:
        walk_in(two, wish, by=cast.registrar)
    assert "亲属涉及" in caught.value.fields["filed_number"]
    with pytest.raises(BadInput):
        reserve(two, wish, by=cast.registrar)
    booked = days.booked(two, filed_number=petition.number).booking  # at home nobody is told what the office knows
    with pytest.raises(BadInput):
        arrive(booked, by=cast.registrar)
    row = walk_in(one, wish, by=cast.registrar)
    with pytest.raises(BadInput) as caught:
        to_room(row, two, by=cast.registrar)
    assert "亲属涉及" in caught.value.fields["to"]
    his = walk_in(one, replace(wish, name=cast.other_leader.user.name, filed_number=""), by=cast.registrar)
    with pytest.raises(BadInput) as caught:
        to_room(his, two, by=cast.registrar)
    assert "同名" in caught.value.fields["to"]


def filed_again(petition: Petition) -> str:
    """The number of a second filing of the matter."""
    row = petition.filings.order_by("pk")[0]
    row.pk, row.ref, row.number, row.query_code_hash, row.repeat = None, "filedagain", "PJXF-2026-900001", "", True
    row.save(force_insert=True)
    return str(row.number)


@pytest.mark.parametrize("typed", ["{}", " {} ", "fullwidth"])
def test_a_matter_is_kept_from_a_leader_by_whichever_number_it_is_named(
    days: Days, make: Makes, cast: Cast, typed: str
) -> None:
    """At the counter, on arrival, when another leader comes, and in the room."""
    petition = make.handling().petition
    number = filed_again(petition)
    said = number.lower().translate(WIDE) if typed == "fullwidth" else typed.format(number)
    tables.keep_apart(cast.triage, cast.other_leader.post, reason="亲属涉及", petition=petition)
    his, ours = days.published(leader=cast.other_leader, room="2号室"), days.published(next_workday(10))
    booked = days.booked(his, filed_number=said).booking
    days.booked(ours, "李四", "13800000002", filed_number=said)
    for act, field in (
        (lambda: walk_in(his, Wish(name="李四", matter="x", filed_number=said), by=cast.registrar), "filed_number"),
        (lambda: arrive(booked, by=cast.registrar), "filed_number"),
        (lambda: plan.substitute(cast.triage, ours, leader=cast.other_leader.post, reason="开会"), "leader"),
    ):
        with pytest.raises(BadInput) as caught:
            act()
        assert "亲属涉及" in caught.value.fields[field]
    sheet = {
        "m-TOTAL_FORMS": "1",
        "m-INITIAL_FORMS": "0",
        "m-0-kind": "explained",
        "m-0-answer": "已解释",
        "m-0-number": said,
    }
    rows = matter_set(cast.triage, sheet)
    assert rows.is_valid(), rows.errors
    assert rows.forms[0].petition == petition
    assert MatterField(actor=cast.triage, label="x").clean(said) == petition


def test_one_thing_at_a_time_is_kept_away_from(days: Days, cast: Cast) -> None:
    with pytest.raises(BadInput):
        tables.keep_apart(cast.triage, cast.leader.post, reason="x", place=days.town, department=cast.bureau)
    with pytest.raises(BadInput):
        tables.keep_apart(cast.triage, cast.leader.post, reason="x")
