"""What a petitioner may see and do with a query code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import letterhead
from accounts.actor import Actor
from petitions.actions import Person, advance
from petitions.models import Filing, Rating
from tests.cast import Cast
from tests.makes import Makes

CODE = "HJKMNPQRST"


@pytest.fixture(autouse=True)
def _no_tries() -> None:
    cache.clear()


def known_code(filing: Filing) -> str:
    from petitions.querycode import code_hash, new_code

    code = new_code()
    Filing.objects.filter(pk=filing.pk).update(query_code_hash=code_hash(code))
    return code


def ask(client: Client, code: str, tail: str = "0001") -> int:
    return client.post("/q/", {"code": code, "tail": tail}).status_code


def test_code_and_phone_tail_show_where_it_is_and_who_has_it(client: Client, make: Makes) -> None:
    held = make.sent()
    assert ask(client, known_code(held.petition.filings.get())) == 302
    page = client.get("/q/status/").content.decode()
    assert "浦江县自然资源和规划局" in page and "等单位签收" in page


def test_a_code_brought_by_the_qr_is_filled_in_and_nothing_is_looked_up(
    client: Client, make: Makes, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    code = known_code(make.registered().filing)
    letterhead.words()  # whom to ring is known for a minute
    with django_assert_num_queries(0):
        page = client.get("/q/", {"code": f" {code.lower()[:5]}-{code[5:]}"}).content.decode()
    assert f'value="{code}"' in page
    hostile = client.get("/q/", {"code": '"><b>' + "A" * 200}).content.decode()
    assert f'value="8{"A" * 19}"' in hostile
    assert "<b>A" not in hostile


def test_who_handled_it_is_told_once_the_answer_is_delivered(client: Client, make: Makes) -> None:
    ask(client, known_code(make.sent().petition.filings.get()))
    assert "现在谁在办" in client.get("/q/status/").content.decode()
    cache.clear()
    ask(client, known_code(make.delivered().petition.filings.get()))
    page = client.get("/q/status/").content.decode()
    assert "由谁办理的" in page and "现在谁在办" not in page


def test_the_right_code_with_a_wrong_tail_says_no_more_than_a_wrong_code(client: Client, make: Makes) -> None:
    code = known_code(make.registered().filing)
    wrong_tail = client.post("/q/", {"code": code, "tail": "9999"})
    wrong_code = client.post("/q/", {"code": CODE, "tail": "0001"})
    assert wrong_tail.status_code == wrong_code.status_code == 422
    assert "不对" in wrong_tail.content.decode() and "不对" in wrong_code.content.decode()


def test_with_neither_id_nor_phone_on_file_the_code_tells_the_stage_only(client: Client, make: Makes) -> None:
    filing = make.registered(people=[Person(name="匿名")]).filing
    assert ask(client, known_code(filing), "") == 302
    page = client.get("/q/status/").content.decode()
    assert "已经登记" in page and filing.petition.title not in page


def test_six_wrong_tries_close_the_code_for_a_while(client: Client, make: Makes) -> None:
    code = known_code(make.registered().filing)
    assert [ask(client, code, "9999") for _ in range(5)] == [422] * 5
    assert ask(client, code, "0001") == 429


def test_the_status_closes_by_itself(client: Client, make: Makes) -> None:
    ask(client, known_code(make.registered().filing))
    session = client.session
    session["query"] = session["query"] | {"until": 0}
    session.save()
    assert client.get("/q/status/").status_code == 302


def test_the_petitioner_rates_office_and_unit_apart_and_once_each(client: Client, make: Makes) -> None:
    filing = make.confirmed().filings.get()
    ask(client, known_code(filing))
    for target, value in (("office", "0"), ("unit", "3"), ("unit", "0")):
        assert client.post("/q/rate/", {f"{target}-value": value}).status_code == 302
    assert sorted(Rating.objects.values_list("target", "value")) == [("office", "0"), ("unit", "3")]


def test_both_verdicts_go_with_one_press_and_words_alone_are_not_lost(client: Client, make: Makes) -> None:
    filing = make.confirmed().filings.get()
    ask(client, known_code(filing))
    assert client.get("/q/rate/").headers["Location"] == "/q/status/"  # a telephone opens its pages again
    refused = client.post("/q/rate/", {"office-value": "0", "unit-comment": "拖了一年"})
    assert refused.status_code == 422 and "拖了一年" in refused.content.decode()
    assert 'value="0"' in refused.content.decode() and not Rating.objects.exists()
    client.post("/q/rate/", {"office-value": "0", "unit-value": "3", "unit-comment": "拖了一年"})
    assert sorted(Rating.objects.values_list("target", "value", "comment")) == [
        ("office", "0", ""), ("unit", "3", "拖了一年"),
    ]  # fmt: skip


def test_each_page_says_whom_to_ring(client: Client, cast: Cast, make: Makes) -> None:
    desk = make.registered().petition.office
    desk.phone, desk.address = "0579-84110000", "浦江县人民东路38号"
    desk.save(update_fields=["phone", "address"])
    assert "tel:0579-84110000" in client.get("/q/").content.decode()
    refused = client.post("/q/", {"code": ""}).content.decode()
    assert "人民东路38号" in refused and "请填写查询码" in refused


def test_nothing_can_be_rated_before_it_is_closed(client: Client, make: Makes) -> None:
    held = make.sent()
    ask(client, known_code(held.petition.filings.get()))
    client.post("/q/rate/", {"office-value": "0"})
    assert not Rating.objects.exists()


@pytest.mark.parametrize("who", ["registrar", "triage", "head", "handler", "unit_head", "leader", "supervisor"])
def test_no_staff_session_can_rate(who: str, signed_in: Callable[[Actor], Client], cast: Cast, make: Makes) -> None:
    filing = make.confirmed().filings.get()
    client = signed_in(getattr(cast, who))
    ask(client, known_code(filing))
    assert client.post("/q/rate/", {"office-value": "0"}).status_code == 403
    assert not Rating.objects.exists()


def test_a_rating_within_a_day_of_a_reprint_is_flagged(client: Client, cast: Cast, make: Makes) -> None:
    filing = make.confirmed().filings.get()
    code = "HJKMNPQRST"
    advance("reissue_code", on=filing, by=cast.registrar, reason="告知单遗失", code=code)
    ask(client, code)
    client.post("/q/rate/", {"office-value": "0"})
    Filing.objects.filter(pk=filing.pk).update(query_code_reprinted_at=timezone.now() - timedelta(hours=25))
    client.post("/q/rate/", {"unit-value": "0"})
    assert dict(Rating.objects.values_list("target", "flagged")) == {"office": True, "unit": False}


def test_an_old_code_stops_working_when_a_new_one_is_made(client: Client, cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    old = known_code(filing)
    filing.refresh_from_db()
    advance("reissue_code", on=filing, by=cast.registrar, reason="告知单遗失")
    assert ask(client, old) == 422


def test_a_paper_of_another_matter_cannot_be_opened(client: Client, cast: Cast, make: Makes) -> None:
    mine, other = make.registered().filing, make.delivered()
    ask(client, known_code(mine))
    paper = other.papers.get(kind="opinion")
    assert client.get(f"/q/papers/{paper.ref}/").status_code == 404
    cache.clear()
    ask(client, known_code(other.petition.filings.get()))
    assert "处理意见" in client.get(f"/q/papers/{paper.ref}/").content.decode()


def test_letters_between_offices_are_not_shown_to_the_petitioner(client: Client, make: Makes) -> None:
    held = make.sent()
    ask(client, known_code(held.petition.filings.get()))
    letter = held.petition.papers.get(kind="transfer_letter")
    assert letter.number not in client.get("/q/status/").content.decode()
    assert client.get(f"/q/papers/{letter.ref}/").status_code == 404


def test_what_is_answered_by_a_duty_has_its_own_remedy_on_the_page_and_no_review(make: Makes, client: Client) -> None:
    run = make.replied("draft_reply", "sign_reply", "deliver_reply", run=make.duty())
    ask(client, known_code(run.petition.filings.get()))
    page = client.get("/q/status/").content.decode()
    assert "答复已经送到您手里" in page and "处理意见已经送到" not in page
    assert "60日内申请行政复议" in page and "6个月内向人民法院起诉" in page and "申请复查" not in page
