"""In whose words does the office speak?  Its own round what the law wants told; what the law wants told stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.errors import BadInput, WrongPerson
from petitions import papers, wording
from petitions.actions import advance
from petitions.actions.send import send_again
from petitions.models import Notice, NoticeWording, Paper, PaperWording
from petitions.notices import TABLE
from petitions.views.manage.notices import whom
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]
OWN = "尊敬的群众：\n【标准内容】\n如有疑问，请到【地址】或拨打【电话】，编号【编号】。<script>"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("【标准内容】", ""),
        (OWN, ""),
        ("没有标准内容", "不能删去"),
        ("【标准内容】【标准内容】", "不能删去"),
        ("【标准内容】【身份证号】", "没有【身份证号】"),
        ("【标准内容】{{ petition.petitioners }}{% load x %}", ""),  # words, never run
        ("【标准内容】" + "长" * 2000, "最多"),
    ],
)
def test_what_may_stand_round_a_paper(text: str, why: str) -> None:
    assert why in wording.fault(text) if why else wording.fault(text) == ""


@given(st.text(max_size=300))
def test_no_words_are_ever_run_or_lose_the_standard_text(text: str) -> None:
    if wording.fault(text) == "":
        found = wording.around(text, wording.FIELDS)
        assert all(line.strip() for line in (*found.before, *found.after))


@pytest.mark.django_db
def test_a_paper_says_the_offices_words_round_the_laws_and_old_papers_stay(cast: Cast, make: Makes) -> None:
    before = Paper.objects.get(petition=make.handling().petition_id, kind="accept_notice")
    old = papers.html_of(before)
    wording.set_paper("accept_notice", OWN, by=cast.system_admin)
    held = make.signed()
    advance("accept", on=held, by=cast.signer, handler=cast.handler.post)
    html = papers.html_of(Paper.objects.get(petition=held.petition_id, kind="accept_notice"))
    assert html.index("尊敬的群众") < html.index("自受理之日起60日内办结") < html.index(f"，编号{held.petition.number}")
    assert "&lt;script&gt;" in html
    assert papers.html_of(Paper.objects.get(pk=before.pk)) == old
    wording.set_paper("accept_notice", "【标准内容】", by=cast.system_admin)
    assert not PaperWording.objects.exists()


@pytest.mark.django_db
def test_a_notice_in_other_words_or_left_out(cast: Cast, make: Makes) -> None:
    more = {"by": cast.system_admin, "standard": TABLE["transfer"][0].text}
    wording.set_notice("transfer", "lead:signer", "请签收{number}，两个工作日内", **more)
    held = make.sent()
    assert Notice.objects.get(step="transfer", channel="desk").text == f"请签收{held.petition.number}，两个工作日内"
    wording.set_notice("transfer", "lead:signer", "请签收{number}", off=True, **more)
    held = make.sent()
    assert not Notice.objects.filter(step="transfer", channel="desk", petition=held.petition).exists()
    assert Notice.objects.filter(step="transfer", channel="sms", petition=held.petition).exists()
    wording.set_notice("transfer", "lead:signer", TABLE["transfer"][0].text, **more)
    assert not NoticeWording.objects.exists()


@pytest.mark.parametrize(
    ("told", "text", "off", "why"),
    [
        ("petitioner", "您反映的事项已转办。", False, ""),
        ("petitioner", "您反映的{number}已转办。", False, "可能被别人看到"),
        ("petitioner", "您反映的事项已转办。", True, "不能停用"),
        ("lead:signer", "请签收", False, "哪一件"),
        ("lead:signer", "{number} {title}", False, "只能用"),
        ("lead:signer", "{number.__class__}", False, "只能用"),
        ("lead:signer", "请签收{number}", False, ""),
    ],
)
def test_what_a_notice_may_say(told: str, text: str, off: bool, why: str) -> None:
    said = wording.notice_fault(told, text, off=off)
    assert why in said if why else said == ""


def test_every_row_of_the_table_has_words_for_whom_it_tells() -> None:
    assert all(whom(told.whom) for rows in TABLE.values() for told in rows)


@pytest.mark.django_db
def test_only_the_system_administrator_changes_words(cast: Cast) -> None:
    for other in (cast.security_admin, cast.audit_admin, cast.head):
        with pytest.raises(WrongPerson):
            wording.set_paper("opinion", "【标准内容】", by=other)
        with pytest.raises(WrongPerson):
            wording.set_notice("transfer", "lead:signer", "{number}", by=other, standard="")
        with pytest.raises(WrongPerson):
            send_again(other)


@pytest.mark.django_db
def test_what_was_given_up_waits_once_more(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.sent()
    Notice.objects.filter(channel="sms").update(state="failed", tries=9, failure="SMTPException 550")
    client = signed_in(cast.system_admin)
    assert "SMTPException 550" in client.get("/manage/notices/").content.decode()
    many = Notice.objects.filter(state="failed").count()
    assert many
    assert f"{many}条通知会再发一次" in client.post("/manage/notices/again/", follow=True).content.decode()
    assert set(Notice.objects.filter(channel="sms").values_list("state", "tries")) == {("waiting", 0)}


@pytest.mark.django_db
def test_the_pages(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.system_admin)
    assert "处理意见书" in client.get("/manage/templates/").content.decode()
    assert client.post("/manage/templates/opinion/", {"text": "删掉了"}).status_code == 422
    assert client.post("/manage/templates/opinion/look/", {"text": "删掉了"}).status_code == 422
    seen = client.post("/manage/templates/opinion/look/", {"text": OWN})
    assert "请到某路1号或拨打" in seen.content.decode()
    assert client.post("/manage/templates/opinion/", {"text": OWN, "reason": "统一格式"}).status_code == 302
    assert "本地文字" in client.get("/manage/templates/").content.decode()
    assert client.get("/manage/templates/nothing/").status_code == 404
    assert client.get("/manage/notices/transfer/nobody/").status_code == 404
    assert client.post("/manage/notices/transfer/petitioner/", {"text": "{number}"}).status_code == 422
    assert client.post("/manage/notices/transfer/lead-signer/", {"text": "请签收{number}"}).status_code == 302
    with pytest.raises(BadInput):
        wording.set_paper("nothing", "", by=cast.system_admin)
