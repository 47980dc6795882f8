"""Each person's first page answers "what now?", in a fixed number of queries; nobody's page shows another's work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from petitions.actions import advance
from petitions.models import Clock, Draft, Instruction, Notice, Petition, Reach
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]


def text_of(client: Client, url: str = "/") -> str:
    response = client.get(url)
    assert response.status_code == 200, response.content.decode()[:300]
    return response.content.decode()


def make_late(petition: Petition, days: int) -> None:
    """Move the matter's running duties into the past."""
    due = today() - timedelta(days=days)
    Clock.objects.filter(petition=petition, ended="", window=False).update(due=due, raw_due=due)
    Petition.objects.filter(pk=petition.pk).update(due=due)
    Reach.objects.filter(petition=petition, open=True).update(due=due)


def test_everybody_has_a_home(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.signed()
    for name, actor in cast.everybody().items():
        assert "<h1>" in text_of(signed_in(actor)), name


def test_the_window_shows_todays_queue_and_drafts(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    done = make.registered(title="反映路灯不亮")
    Draft.objects.create(post=cast.registrar.post, title="写了一半的来访")
    Draft.objects.create(post=cast.registrar2.post, title="别人的草稿")
    text = text_of(signed_in(cast.registrar))
    assert done.filing.number in text and "写了一半的来访" in text and "别人的草稿" not in text


def test_the_leader_reads_and_instructs_in_two_taps(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.signed().petition
    advance("submit_to_leader", on=petition, by=cast.head, leader=cast.leader.post, proposal="拟请自然资源局限期办结")
    client = signed_in(cast.leader)
    assert f"/petitions/{petition.ref}/digest/" in text_of(client)
    digest = text_of(client, f"/petitions/{petition.ref}/digest/")
    assert "拟请自然资源局限期办结" in digest and 'name="text"' in digest
    petition.refresh_from_db()
    answer = client.post(
        f"/petitions/{petition.ref}/step/instruct/{petition.ref}/",
        {"text": "请依法办结", "answer_days": "10", "seen": petition.events_count, "next": "/"},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert Instruction.objects.get(petition=petition).state == "written"
    assert signed_in(cast.other_leader).get(f"/petitions/{petition.ref}/digest/").status_code == 404


def test_the_leader_sees_what_is_overdue_in_the_leaders_fields(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.handling(title="超期的征地补偿").petition
    make_late(petition, 5)
    assert "超期的征地补偿" in text_of(signed_in(cast.leader))
    assert "超期的征地补偿" not in text_of(signed_in(cast.other_leader))


def test_the_supervisor_sees_trouble_by_unit_and_opens_a_supervision_from_the_row(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    petition = make.handling().petition
    make_late(petition, 9)
    client = signed_in(cast.supervisor)
    text = text_of(client)
    assert cast.bureau.name in text and "9天" in text and f"/step/supervise/{petition.ref}/?next=/" in text
    form = client.get(
        f"/petitions/{petition.ref}/step/supervise/{petition.ref}/?next=/", headers={"HX-Request": "true"}
    )
    assert 'name="next" value="/"' in form.content.decode()
    only = text_of(client, f"/tray/overdue/?unit={cast.bureau.code}")
    assert petition.number in only
    assert petition.number not in text_of(client, f"/tray/overdue/?unit={cast.sibling.code}")


def test_a_unit_may_not_look_into_another_units_tray(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make_late(make.handling().petition, 9)
    assert signed_in(cast.sibling_head).get(f"/tray/overdue/?unit={cast.bureau.code}").status_code == 404
    assert signed_in(cast.signer).get("/tray/to_route/").status_code == 404
    assert signed_in(cast.triage).get("/tray/nonsense/").status_code == 404
    assert signed_in(cast.auditor).get("/tray/overdue/").status_code == 404


def test_the_tray_opens_at_what_waits(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    issued = make.issued()
    text = text_of(signed_in(cast.signer))
    assert issued.petition.number in text and "待送达" in text


def test_the_auditor_sees_no_matter_but_who_looked(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.signed().petition
    log(cast.triage, "read", f"petition:{petition.ref}")
    client = signed_in(cast.auditor)
    assert "待查的评价" in text_of(client)
    assert f"petition:{petition.ref}" in text_of(client, "/audit/log/?kind=read")
    assert signed_in(cast.triage).get("/audit/log/").status_code == 403


def test_notices_are_the_posts_own_and_can_be_read(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.sent()
    notice = Notice.objects.get(post=cast.signer.post)
    client = signed_in(cast.signer)
    assert "1 条未读" in text_of(client)
    assert held.petition.number in text_of(client, "/notices/")
    assert signed_in(cast.handler).post("/notices/read/", {"notice": notice.pk}).status_code == 404
    answer = signed_in(cast.signer).post("/notices/read/", {"notice": notice.pk})
    assert answer["Location"] == f"/petitions/{held.petition.ref}/"
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "没有未读" in text_of(signed_in(cast.signer))


@pytest.mark.parametrize(
    ("who", "most"),
    [("triage", 9), ("signer", 8), ("handler", 8), ("leader", 15), ("supervisor", 11), ("registrar", 8)],
)
def test_the_number_of_queries_does_not_grow(cast: Cast, make: Makes, signed_in: SignIn, who: str, most: int) -> None:
    make_late(make.handling().petition, 3)
    make.registered()
    client = signed_in(getattr(cast, who))
    text_of(client)
    few = _queries(client)
    for _ in range(4):
        make.registered()
        make_late(make.handling().petition, 3)
    many = _queries(client)
    assert few == many <= most, (few, many)


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        text_of(client)
    return len(captured)
