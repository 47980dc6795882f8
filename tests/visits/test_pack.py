"""Before a visit: what its leader and the desk read of each matter, what the responsible unit says, how the venue is ordered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.dates import today
from accounts.models import AccessLog
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Notice, Petition, Reach
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days, next_workday
from visits import erasing, owed
from visits.actions import brief, plan, tables
from visits.actions.carry import ask as ask_consent
from visits.actions.carry import carry
from visits.actions.day import arrive, call_next
from visits.expected import expected_at
from visits.models import Brief, Visit
from visits.pack import pack_of, sheet_for

pytestmark = pytest.mark.django_db
SAID = {"checked": "款项已到镇财政", "basis": "土地管理法第四十八条", "promise": "本月内发放；不能答应提高标准"}


@pytest.fixture
def visit(days: Days) -> Visit:
    return days.published(next_workday(10), place=days.town, room="接待室")


@pytest.fixture
def carried(visit: Visit, make: Makes, cast: Cast) -> Petition:
    petition = make.handling().petition
    carry(visit, [(petition, ["集体事项"])], by=cast.triage)
    return petition


def asked(visit: Visit, petition: Petition, cast: Cast) -> Brief:
    brief.ask(visit, [petition], due=visit.day - timedelta(days=1), by=cast.triage)
    return Brief.objects.get()


def test_what_is_brought_along_and_what_was_booked_under_its_number_is_in_the_pack(
    visit: Visit, carried: Petition, days: Days, make: Makes, cast: Cast
) -> None:
    booked = make.handling().petition
    filing = make.registered().filing
    days.booked(visit, "王小明", "13800000001", filed_number=f" {booked.number.lower()} ")
    days.booked(visit, "李四", "13800000002", filed_number=filing.number)
    days.booked(visit, "赵六", "13800000003", filed_number="没有这个号")
    pack = pack_of(cast.triage, visit, today())
    assert [one.petition.pk for one in pack.sheets] == [carried.pk, booked.pk, filing.petition_id]
    assert pack.sheets[0].why == ["带案：集体事项"] and pack.sheets[1].why[0].startswith("预约")
    assert (pack.unknown, pack.more) == (1, 0)


def test_a_visit_opens_no_case_to_its_leader(visit: Visit, days: Days, make: Makes, cast: Cast) -> None:
    """A registered matter that no unit has is in nobody's fields: the desk reads it, the leader does not."""
    number = make.registered().petition.number
    days.booked(visit, filed_number=number)
    assert [one.petition.number for one in pack_of(cast.triage, visit, today()).sheets] == [number]
    assert pack_of(cast.leader, visit, today()).sheets == []


def test_who_does_not_wish_to_be_brought_along_is_not_in_the_pack(visit: Visit, carried: Petition, cast: Cast) -> None:
    ask_consent(visit.carried.get(), by=cast.registrar, consent="declined", words="不想见")
    assert pack_of(cast.triage, visit, today()).sheets == []


def test_the_pack_says_what_was_decided_before_and_by_which_article(visit: Visit, make: Makes, cast: Cast) -> None:
    run = make.delivered()
    carry(visit, [(run.petition, ["评价不满意"])], by=cast.triage)
    (sheet,) = pack_of(cast.leader, visit, today()).sheets
    assert [(row["basis"], row["claims"][0].support) for row in sheet.opinions] == [("土地管理法。", "support")]
    assert "信访事项处理意见书" in [row["row"].title for row in sheet.papers]
    assert any("第三十五条" in row["article"] for row in sheet.articles), (
        "the petitioner's window for review is running"
    )


def test_a_pack_of_many_matters_asks_no_more_than_one_of_few(visit: Visit, days: Days, make: Makes, cast: Cast) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            pack_of(cast.triage, visit, today())
        return len(asked)

    carry(visit, [(make.delivered().petition, []) for _ in range(2)], by=cast.triage)
    count()  # the trees that a process keeps are read once
    few = count()
    carry(visit, [(make.delivered().petition, []) for _ in range(6)], by=cast.triage)
    assert count() == few


def test_the_page_is_for_the_desk_and_the_leader_and_every_reading_is_logged(
    visit: Visit, carried: Petition, cast: Cast, signed_in: Any
) -> None:
    address = f"/visits/{visit.ref}/pack/"
    for actor in (cast.triage, cast.head, cast.leader):
        page = signed_in(actor).get(address).content.decode()
        assert carried.title in page and carried.number in page
        read = AccessLog.objects.filter(kind="read", user=actor.user, target=f"petition:{carried.ref}")
        assert read.get().data == {"page": "pack"}
    for actor, status in ((cast.registrar, 403), (cast.other_leader, 404), (cast.handler, 404)):
        assert signed_in(actor).get(address).status_code == status


def test_the_head_of_a_town_reads_the_pack_of_his_own_visit_and_in_his_room(
    days: Days, make: Makes, cast: Cast, signed_in: Any
) -> None:
    tables.keep_receiver(cast.head, cast.unit_head.post, level="town", main=True)
    petition = make.handling().petition
    own, room = days.published(next_workday(10), cast.unit_head), days.published(leader=cast.unit_head)
    for visit in (own, room):
        carry(visit, [(petition, ["集体事项"])], by=cast.triage)
    client = signed_in(cast.unit_head)
    assert f"/visits/{own.ref}/pack/" in client.get(f"/visits/{own.ref}/").content.decode()
    assert petition.title in client.get(f"/visits/{own.ref}/pack/").content.decode()
    arrive(days.booked(room, filed_number=petition.number).booking, by=cast.registrar)
    call_next(room, by=cast.registrar)
    assert petition.title in client.get(f"/visits/{room.ref}/room/").content.decode()
    other = days.published(next_workday(10), room="2号室")
    assert client.get(f"/visits/{other.ref}/pack/").status_code == 404
    assert f"/visits/{other.ref}/pack/" not in client.get(f"/visits/{other.ref}/").content.decode()
    assert signed_in(cast.unit_leader).get(f"/visits/{own.ref}/pack/").status_code == 404


def test_the_responsible_unit_is_asked_with_a_day_and_told_and_finds_it_among_its_duties(
    visit: Visit, carried: Petition, cast: Cast, signed_in: Any
) -> None:
    row = asked(visit, carried, cast)
    assert (row.unit_id, row.asked_on) == (cast.bureau.pk, today())
    told = Notice.objects.filter(step="ask_brief")
    assert {one.post_id for one in told} == {cast.signer.post.pk, cast.handler.post.pk}
    assert all(carried.number in one.text and "王小明" not in one.text for one in told)
    assert owed.for_unit(cast.handler, today()).rows[0].label == "接访预审"
    assert f"/visits/briefs/{row.ref}/" in signed_in(cast.handler).get("/visits/follow-ups/").content.decode()
    assert signed_in(cast.sibling_handler).get(f"/visits/briefs/{row.ref}/").status_code == 404


def test_a_unit_that_sees_the_matter_no_longer_finds_no_title_of_it_among_its_duties(
    visit: Visit, carried: Petition, cast: Cast, signed_in: Any
) -> None:
    asked(visit, carried, cast)
    Reach.objects.filter(petition=carried, department=cast.bureau).delete()
    assert not owed.open_briefs(cast.handler).exists()
    client = signed_in(cast.handler)
    for address in ("/", "/visits/follow-ups/"):
        assert carried.title not in client.get(address).content.decode()


def test_what_will_not_be_there_is_not_asked_about(visit: Visit, make: Makes, cast: Cast) -> None:
    with pytest.raises(NotSeen):
        brief.ask(visit, [make.handling().petition], due=visit.day, by=cast.triage)
    with pytest.raises(NotSeen):
        brief.ask(visit, [], due=visit.day, by=cast.triage)
    assert not Brief.objects.exists()


@pytest.mark.parametrize("days_after", [-40, 1])
def test_the_day_for_a_brief_lies_between_today_and_the_visit(
    visit: Visit, carried: Petition, cast: Cast, days_after: int
) -> None:
    with pytest.raises(BadInput) as caught:
        brief.ask(visit, [carried], due=visit.day + timedelta(days=days_after), by=cast.triage)
    assert "接访当天" in caught.value.fields["due"] and not Notice.objects.filter(step="ask_brief").exists()


def test_a_unit_writes_its_brief_and_the_leader_reads_it(
    visit: Visit, carried: Petition, cast: Cast, signed_in: Any
) -> None:
    row = asked(visit, carried, cast)
    with pytest.raises(BadInput) as caught:
        brief.write(row, by=cast.handler, checked="款项已到镇财政", basis=" ", promise="")
    assert set(caught.value.fields) == {"basis", "promise"}
    with pytest.raises(WrongPerson):
        brief.write(row, by=cast.triage, **SAID)
    answer = signed_in(cast.handler).post(f"/visits/briefs/{row.ref}/", SAID)
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.written_on, row.promise) == (today(), SAID["promise"])
    assert SAID["promise"] in signed_in(cast.leader).get(f"/visits/{visit.ref}/pack/").content.decode()
    assert list(visit.events.order_by("-seq").values_list("step", flat=True)[:2]) == ["brief", "ask_brief"]
    assert brief.ask(visit, [carried], due=visit.day, by=cast.triage) == 0, "what has been written stays"
    assert "接访预审" not in [one.label for one in owed.for_unit(cast.handler, today()).rows]


def test_after_the_visit_was_cancelled_no_brief_is_written(visit: Visit, carried: Petition, cast: Cast) -> None:
    row = asked(visit, carried, cast)
    plan.cancel(cast.triage, visit, reason="防汛")
    with pytest.raises(WrongMoment):
        brief.write(row, by=cast.handler, **SAID)


def test_briefs_go_along_when_another_leader_comes(visit: Visit, carried: Petition, cast: Cast) -> None:
    asked(visit, carried, cast)
    fresh = plan.substitute(cast.triage, visit, leader=cast.other_leader.post, reason="开会")
    assert fresh.pk != visit.pk and fresh.briefs.get().petition_id == carried.pk


def test_a_destroyed_matter_leaves_no_words_in_its_brief(visit: Visit, carried: Petition, cast: Cast) -> None:
    brief.write(asked(visit, carried, cast), by=cast.handler, **SAID)
    erasing.wipe(carried)
    row = Brief.objects.get()
    assert (row.checked, row.basis, row.promise) == ("", "", "")


def test_order_and_emergency_are_written_by_the_desk_and_never_published(
    visit: Visit, cast: Cast, signed_in: Any, client: Any
) -> None:
    with pytest.raises(WrongPerson):
        brief.set_order(visit, by=cast.registrar, venue_order="x", emergency="y")
    said = {"venue_order": "门口由小李引导", "emergency": "突发疾病打镇卫生院电话"}
    assert signed_in(cast.triage).post(f"/visits/{visit.ref}/pack/order/", said).status_code == 302
    assert "镇卫生院" in signed_in(cast.leader).get(f"/visits/{visit.ref}/pack/").content.decode()
    client.logout()
    assert "小李" not in client.get(f"/v/{visit.ref}/").content.decode()


def test_the_room_shows_what_is_known_of_the_partys_matter_and_logs_it(
    days: Days, make: Makes, cast: Cast, signed_in: Any
) -> None:
    petition, visit = make.handling().petition, days.published()
    arrive(days.booked(visit, filed_number=petition.number).booking, by=cast.registrar)
    call_next(visit, by=cast.registrar)
    assert expected_at(cast.triage, visit).why == {petition.pk: ["1号"]}
    for actor in (cast.triage, cast.leader):
        assert petition.title in signed_in(actor).get(f"/visits/{visit.ref}/room/").content.decode()
        assert (
            AccessLog.objects.filter(user=actor.user, target=f"petition:{petition.ref}", data={"page": "room"}).count()
            == 1
        )
    assert petition.title not in signed_in(cast.registrar).get(f"/visits/{visit.ref}/room/").content.decode()
    part = signed_in(cast.triage).get(f"/visits/{visit.ref}/room/", headers={"hx-request": "true"}).content.decode()
    assert petition.title not in part, "what is asked every five seconds reads no case"
    assert sheet_for(cast.triage, visit, "没有这个号", today()) is None
