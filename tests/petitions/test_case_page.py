"""The case page: one matter whole, masked, with what may be done now, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import AccessLog
from petitions.actions import advance
from petitions.models import Petition
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]


def page(client: Client, petition: Petition, **headers: str) -> str:
    response = client.get(f"/petitions/{petition.ref}/", headers=headers)
    assert response.status_code == 200, response.content.decode()[:500]
    return response.content.decode()


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

    from accounts.dates import today

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
