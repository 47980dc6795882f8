"""The case page: one matter whole, masked, with what may be done now, in a fixed number of queries."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessLog
from petitions import lifecycle
from petitions.actions import advance
from petitions.models import Clock, Petition
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]


def page(client: Client, petition: Petition, **headers: str) -> str:
    response = client.get(f"/petitions/{petition.ref}/", headers=headers)
    assert response.status_code == 200, response.content.decode()[:500]
    return response.content.decode()


def test_nothing_is_offered_to_reveal_where_nothing_can_be(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    advance("object", on=held, by=cast.signer, reason="不属于本单位职权")
    address = f"/petitions/{held.petition.ref}/"
    assert "显示全部信息会留下记录" in signed_in(cast.signer).get(address).content.decode()
    held.refresh_from_db()
    advance("uphold_objection", on=held, by=cast.triage, reason="属实")
    page = signed_in(cast.signer).get(address).content.decode()
    assert "显示全部" not in page and "王小明" in page


def test_the_page_shows_the_matter_masked(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    text = page(signed_in(cast.signer), held.petition)
    assert held.petition.number in text and "发放征地补偿款" in text and "王小明" in text
    assert "19900000001" not in text and "199******01" in text
    assert "寺前村1号" not in text
    assert "为什么是这一天" in text and "第二十三条" in text
    assert AccessLog.objects.filter(kind="read", target=f"petition:{held.petition.ref}", user=cast.signer.user).exists()


def test_only_the_steps_of_this_person_at_this_moment_are_offered(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    mine = page(signed_in(cast.signer), held.petition)
    assert f"/step/accept/{held.ref}/" in mine and f"/step/object/{held.ref}/" in mine and "/step/sign_for/" not in mine
    offices = page(signed_in(cast.triage), held.petition)
    assert "/step/accept/" not in offices


def test_who_is_outside_sees_nothing(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    for actor in (cast.stranger, cast.sibling_signer, cast.auditor, cast.system_admin):
        response = signed_in(actor).get(f"/petitions/{held.petition.ref}/")
        assert response.status_code == 404 and held.petition.number not in response.content.decode()


def test_an_anonymous_visit_is_led_to_the_sign_in_page(make: Makes, client: Client) -> None:
    held = make.signed()
    response = client.get(f"/petitions/{held.petition.ref}/")
    assert response.status_code == 302 and "/sign-in/" in response["Location"]
    assert client.get(f"/petitions/{held.petition.ref}/", headers={"HX-Request": "true"}).status_code == 401


def test_revealing_is_a_logged_post(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    client, url = signed_in(cast.signer), f"/petitions/{held.petition.ref}/reveal/?person=1"
    assert client.get(url).status_code == 405
    part = client.post(url, headers={"HX-Request": "true"}).content.decode()
    assert "19900000001" in part and "寺前村1号" in part and "<html" not in part
    whole = client.post(url).content.decode()
    assert "19900000001" in whole and "<html" in whole
    assert AccessLog.objects.filter(kind="unmask", target=f"petition:{held.petition.ref}").count() == 2
    assert client.post(f"/petitions/{held.petition.ref}/reveal/?person=9").status_code == 404
    assert client.post(f"/petitions/{held.petition.ref}/reveal/?person=x").status_code == 404


def test_the_unit_is_not_told_the_name_where_that_was_asked(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run = make.delivered(hide_name=True)
    petition = run.petition
    text = page(signed_in(cast.handler), petition)
    assert "信访人要求不透露姓名" in text and "王小明" not in text and "199******01" not in text
    answer = signed_in(cast.handler).post(f"/petitions/{petition.ref}/reveal/?person=1")
    assert answer.status_code == 403 and "19900000001" not in answer.content.decode()
    assert "王小明" in page(signed_in(cast.triage), petition)


def test_what_was_dated_back_shows_its_gap(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    from datetime import timedelta

    done = make.registered(received_on=today() - timedelta(days=3), backdate_reason="周末来信")
    text = page(signed_in(cast.triage), done.petition)
    assert "收到后3天登记" in text and "周末来信" in text


def test_the_timeline_says_who_when_under_which_article_with_which_words(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    held = make.signed()
    advance("object", on=held, by=cast.signer, reason="属于住建部门职权", suggested=cast.sibling)
    text = page(signed_in(cast.triage), held.petition)
    assert "属于住建部门职权" in text and "提出异议" in text and cast.signer.user.name in text
    assert "转送函" in text and "《信访工作条例》第二十三条" in text


@pytest.mark.parametrize("who", ["triage", "handler", "leader", "unit_head", "registrar"])
def test_twelve_queries_whatever_the_number_of_rows(cast: Cast, make: Makes, signed_in: SignIn, who: str) -> None:
    run = make.handling()
    client = signed_in(getattr(cast, who))
    page(client, run.petition)
    few = _queries(client, run.petition)
    for number in range(20):
        advance("interview", on=run, by=cast.handler, text=f"第{number}次谈话")
    held = run.assignment
    advance("add_co_unit", on=held, by=cast.handler, department=cast.sibling, demand="请提供规划意见")
    advance("supervise", on=run.petition, by=cast.supervisor, trigger="shirking", demand="请说明")
    many = _queries(client, run.petition)
    assert many <= 12, many
    assert few <= many <= few + 1  # one more where a department is named that nobody has acted for yet


def _queries(client: Client, petition: Petition) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page(client, petition)
    return len([q for q in captured.captured_queries if "SAVEPOINT" not in q["sql"]])


def test_the_rail_says_when_the_day_is_provisional(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    from petitions.models import CalendarYear

    CalendarYear.objects.all().delete()
    held = make.signed()
    assert "节假日安排尚未录入" in page(signed_in(cast.signer), held.petition)


def test_a_destroyed_key_leaves_the_page_standing(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    Petition.objects.filter(pk=held.petition_id).update(wrapped_key=None)
    assert held.petition.number in page(signed_in(cast.triage), held.petition)


# --- one page, three people -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "offered", "withheld"),
    [
        ("triage", {"supervise": False, "follow_up": False}, {"accept", "object", "sign", "draft", "instruct"}),
        (
            "signer",
            {"accept": True, "object": True, "assign_handler": True},
            {"sign", "transfer", "supervise", "instruct"},
        ),
        ("leader", {"instruct": True}, {"accept", "object", "transfer", "supervise"}),
    ],
)
def test_three_people_see_one_matter_masked_and_are_offered_their_own_steps(
    cast: Cast, make: Makes, signed_in: SignIn, who: str, offered: dict[str, bool], withheld: set[str]
) -> None:
    held = make.signed()
    text = page(signed_in(getattr(cast, who)), held.petition)
    assert held.petition.title in text and "199******01" in text
    assert "19900000001" not in text and "寺前村1号" not in text
    for step, wanted in offered.items():
        assert (f"/step/{step}/" in text) == wanted, step
    for step in withheld:
        assert f"/step/{step}/" not in text, step


@pytest.mark.parametrize("who", ["triage", "signer", "leader"])
def test_the_rail_shows_each_running_clock_with_the_reason_for_its_day(
    cast: Cast, make: Makes, signed_in: SignIn, who: str
) -> None:
    held = make.signed()
    text = page(signed_in(getattr(cast, who)), held.petition)
    rail = text[text.index('class="rail') :]
    for clock in Clock.objects.filter(petition=held.petition, ended=""):
        assert lifecycle.CLOCKS[clock.name].label in rail, clock.name
        assert f"{clock.due.month}月{clock.due.day}日" in rail
        assert f"自{held.received_on.year}年{held.received_on.month}月{held.received_on.day}日" in rail.replace(" ", "")
    assert "为什么是这一天" in rail and "《信访工作条例》第二十三条" in rail


def test_a_step_offered_on_the_page_may_be_taken_and_one_withheld_is_refused(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    held = make.signed()
    url = f"/petitions/{held.petition.ref}/step/accept/{held.ref}/"
    for actor, status in ((cast.triage, 403), (cast.leader, 403), (cast.stranger, 404), (cast.signer, 200)):
        assert signed_in(actor).get(url).status_code == status
        posted = signed_in(actor).post(url, {})
        assert posted.status_code == (422 if status == 200 else status)
    held.refresh_from_db()
    assert held.state == "signed"


def test_a_stale_page_is_told_who_did_what_and_keeps_the_words(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    petition = Petition.objects.get(pk=held.petition_id)
    seen = petition.events_count
    advance("assign_handler", on=held, by=cast.unit_head, handler=cast.handler.post)
    words = "该事项属于住建部门职权，理由详见附件所列文件"
    url = f"/petitions/{petition.ref}/step/object/{held.ref}/"
    client = signed_in(cast.signer)
    answer = client.post(url, {"reason": words, "seen": seen, "idempotency_key": "a" * 24})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert words in text and cast.unit_head.user.name in text and "确定承办人" in text
    held.refresh_from_db()
    assert held.state == "signed"
    fresh = re.search(r'name="seen" value="(\d+)"', text)
    key = re.search(r'name="idempotency_key" value="([^"]+)"', text)
    assert fresh and key and int(fresh[1]) == seen + 1 and key[1] != "a" * 24
    went_on = client.post(url, {"reason": words, "seen": fresh[1], "idempotency_key": key[1]})
    assert went_on.status_code == 302
    held.refresh_from_db()
    assert held.state == "objected"


def test_a_step_pressed_twice_is_taken_once(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run = make.handling()
    petition = Petition.objects.get(pk=run.petition_id)
    url = f"/petitions/{petition.ref}/step/interview/{run.ref}/"
    said = {
        "text": "与信访人面谈，核对了地块四至。", "occurred_on": today().isoformat(), "seen": petition.events_count,
        "idempotency_key": "b" * 24,
    }  # fmt: skip
    client = signed_in(cast.handler)
    assert [client.post(url, said).status_code for _ in range(2)] == [302, 302]
    assert petition.events.filter(step="interview").count() == 1
    other = client.post(url, said | {"text": "另一段话"})
    assert other.status_code == 422 and petition.events.filter(step="interview").count() == 1
    assert "同一编号" in other.content.decode() and "另一段话" in other.content.decode()


def test_a_hidden_name_is_on_no_page_of_the_unit_or_its_leaders(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run = make.checked(hide_name=True)
    petition = run.petition
    pages = [
        f"/petitions/{petition.ref}/", "/", "/tray/handling/", "/petitions/", "/notices/", f"/search/?q={petition.number}",
        f"/petitions/{petition.ref}/step/sign/{run.ref}/",
    ]  # fmt: skip
    for actor in (cast.signer, cast.handler, cast.unit_leader, cast.unit_head, cast.leader):
        client = signed_in(actor)
        for url in (*pages, f"/petitions/{petition.ref}/digest/"):
            text = client.get(url, follow=True).content.decode()
            assert "王小明" not in text and "199******01" not in text, (actor, url)
    assert "王小明" in signed_in(cast.triage).get(f"/petitions/{petition.ref}/").content.decode()


def test_every_reveal_says_who_looked_at_whom(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    for actor in (cast.triage, cast.signer):
        signed_in(actor).post(f"/petitions/{held.petition.ref}/reveal/?person=1")
    rows = AccessLog.objects.filter(kind="unmask", target=f"petition:{held.petition.ref}").order_by("pk")
    assert [row.user for row in rows] == [cast.triage.user, cast.signer.user]
    assert "19900000001" not in "".join(str(row.data) for row in rows)


def test_while_a_draft_waits_the_rail_says_for_whom(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    drafted, checked = make.drafted(), make.checked()
    client = signed_in(cast.unit_head)
    assert "<strong>待核稿</strong>" in page(client, drafted.petition)
    assert "<strong>待签发</strong>" in page(client, checked.petition)
