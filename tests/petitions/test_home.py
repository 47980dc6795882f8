"""Each person's first page answers "what now?", in a fixed number of queries; nobody's page shows another's work."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from petitions.actions import advance
from petitions.models import Clock, Draft, Instruction, Notice, Petition, Reach, Supervision
from petitions.views.links import link
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


def test_what_is_urgent_stands_first_until_it_is_over(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    report = make.urgent()
    told = (cast.leader, cast.conference, cast.head, cast.unit_head)
    for actor in told:
        assert report.petition.title in text_of(signed_in(actor)).split("重大紧急，正在处置")[1], actor
    assert "正在处置" not in text_of(signed_in(cast.handler)) and "正在处置" not in text_of(
        signed_in(cast.sibling_signer)
    )
    advance("end_urgent", on=report, by=cast.triage, finding="已经平息")
    assert not [actor for actor in told if "正在处置" in text_of(signed_in(actor))]


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
    assert f"信访事项 {petition.ref}" in text_of(client, "/audit/log/?kind=read")
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
    [("triage", 14), ("signer", 12), ("handler", 12), ("leader", 17), ("supervisor", 17), ("registrar", 11)],
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


def test_receipts_that_nobody_has_printed_wait_at_the_window_of_whoever_registered(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    one, two = make.registered(), make.registered()
    client = signed_in(cast.registrar)
    before = text_of(client)
    assert '待打印回执 <span class="quiet">2</span>' in before and f"/receipt/{one.filing.ref}" in before
    assert client.get(link("receipt", one.filing.ref)).status_code == 200
    after = text_of(client)
    assert f"/receipt/{one.filing.ref}" not in after and f"/receipt/{two.filing.ref}" in after
    assert "回执都打印了" in text_of(signed_in(cast.registrar2))


def test_the_supervisor_sees_which_limits_were_missed_and_what_was_answered(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    first, second = make.handling(title="甲事项").petition, make.handling(title="乙事项").petition
    for petition in (first, second):
        make_late(petition, 9)
    client = signed_in(cast.supervisor)
    assert f'<a href="/tray/overdue/?unit={cast.bureau.code}&amp;duty=T5">办理 <b class="num">2</b></a>' in text_of(
        client
    )
    form = client.get(f"/petitions/{first.ref}/step/supervise/{first.ref}/").content.decode()
    assert '<option value="t5_lapsed" selected>' in form
    advance("supervise", on=first, by=cast.supervisor, trigger="t5_lapsed", demand="请说明")
    text = text_of(client)
    assert "督办中" in text and f"/step/supervise/{first.ref}/" not in text and f"/step/supervise/{second.ref}/" in text
    assert "等您结束督办" not in text
    advance("answer_supervision", on=Supervision.objects.get(), by=cast.handler, answer="已经整改")
    assert "单位已反馈，等您结束督办" in text_of(client)


def test_each_number_of_a_unit_opens_a_list_as_long_as_it_says(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    """Three are late in handling, one in signing for, one of them is supervised twice; nothing of another unit's is counted."""
    handled = [make.handling().petition for _ in range(3)]
    for petition in (*handled, make.sent().petition):
        make_late(petition, 9)
    for trigger in ("t5_lapsed", "shirking"):
        advance("supervise", on=handled[0], by=cast.supervisor, trigger=trigger, demand="请说明")
    client = signed_in(cast.supervisor)
    (row,) = client.get("/").context["units"]
    numbers = [(one["href"], one["count"]) for one in row["duties"]]
    numbers += [(row["href"], row["row"].late), (row["supervised"], row["row"].supervisions)]
    assert [many for _, many in numbers] == [3, 1, 4, 2]
    for address, many in numbers:
        assert client.get(address).context["page"].count == many, address
    for one in row["duties"]:
        export = client.post("/export/", {"page": "tray:overdue", "query": one["href"].partition("?")[2]})
        book = load_workbook(BytesIO(b"".join(export.streaming_content)))
        assert book.worksheets[0].max_row - 1 == one["count"]  # beside the heads
        about = dict(book["说明"].iter_rows(values_only=True))
        assert about["条件"] == f"单位：{cast.bureau.name}；期限：{one['label']}"
    assert client.get("/tray/overdue/?duty=nothing").status_code == 404
    assert client.get("/tray/due_soon/?duty=T5").status_code == 404


def test_units_stand_in_the_order_of_the_tree_however_late_they_are(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make_late(make.handling().petition, 2)
    for unit in (cast.sibling, cast.township):
        late = make.registered().filing
        advance("transfer", on=late, by=cast.triage, department=unit)
        make_late(late.petition, 50 if unit == cast.township else 30)
    units = [row["row"].unit for row in signed_in(cast.supervisor).get("/").context["units"]]
    assert units == sorted([cast.bureau, cast.sibling, cast.township], key=lambda unit: unit.path)


def test_a_supervision_of_another_unit_does_not_count(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.handling().petition
    make_late(petition, 9)
    Supervision.objects.create(
        petition=petition, department=cast.sibling, trigger="other", opened_on=today(), state="open"
    )
    assert "督办中" not in text_of(signed_in(cast.supervisor))


def test_administrators_see_numbers_and_no_matter(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.signed().petition
    Notice.objects.filter(channel="sms").update(state="failed")
    for actor, words in ((cast.system_admin, "没有发出的通知"), (cast.security_admin, "24小时内登录失败")):
        text = text_of(signed_in(actor))
        assert words in text and petition.number not in text


def test_the_digest_shows_duties_and_no_window(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.signed().petition
    text = text_of(signed_in(cast.leader), f"/petitions/{petition.ref}/digest/")
    assert "告知是否受理" in text and "提出异议" not in text


def test_notices_are_turned_page_by_page_without_loss(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.registered().petition
    now = timezone.now()
    Notice.objects.bulk_create(
        Notice(post=cast.signer.post, petition=petition, text=f"第{n:03d}条", made_at=now - timedelta(hours=n % 7))
        for n in range(120)
    )
    client, url, seen = signed_in(cast.signer), "/notices/", []
    while url:
        text = text_of(client, url)
        seen += re.findall(r"第(\d{3})条", text)
        more = re.search(r'href="(\?after=[^"]+)"', text)
        url = f"/notices/{more[1]}" if more else ""
    assert len(seen) == len(set(seen)) == 120
