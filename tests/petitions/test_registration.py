"""At the counter: one page registers everything, loses nothing, shows only what the clerk may see, and hands over one code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessLog
from petitions import querycode
from petitions.models import Attachment, Draft, Event, Filing, LocalRule, Party, Petition, Petitioner
from petitions.querycode import new_ref
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]
ID = "330726195603027315"  # an invented number with a right check mark
STORY = "前年村里修路占了我家的承包地三分，说好的补偿款至今没有发。我去村里问过三次。"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x35\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


def right_id() -> str:
    """The number above with the check mark it must have."""
    from accounts.identity import check_mark

    return ID[:17] + check_mark(ID[:17])


def sheet(*people: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The posted page."""
    rows = people or ({"name": "周桂英"},)
    data: dict[str, Any] = {
        "channel": "visit", "content": STORY, "kind": "claim", "purpose": "settle", "draft": new_ref(),
        "idempotency_key": new_ref(), "p-TOTAL_FORMS": len(rows), "p-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, row in enumerate(rows):
        data |= {f"p-{number}-{name}": value for name, value in row.items()}
    return data | fields


def register(client: Client, *people: dict[str, Any], **fields: Any) -> Filing:
    response = client.post("/register/", sheet(*people, **fields))
    assert response.status_code == 302, messages_of(response.content.decode())
    return Filing.objects.get(ref=response["Location"].split("/")[-2])


def messages_of(html: str) -> str:
    """What the error summary says."""
    found = re.search(r'<div class="errors".*?</div>', html, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found.group(0)) if found else html[:500]


@pytest.fixture
def counter(cast: Cast, signed_in: SignIn) -> Client:
    return signed_in(cast.registrar)


def test_a_walk_in_is_registered_and_the_code_is_shown_once(counter: Client, cast: Cast) -> None:
    filing = register(counter, {"name": "周桂英", "id_number": right_id(), "phone": "138 1234 5678", "role": "lead"})
    page = counter.get(f"/register/done/{filing.ref}/").content.decode()
    code = re.search(r"data-code>([^<]+)<", page)
    assert code and querycode.code_hash(code.group(1)) == filing.query_code_hash
    assert "<svg" in page and "为什么是这一天" in page and filing.petition.number in page
    receipt = counter.get(f"/register/receipt/{filing.ref}/").content.decode()
    assert code.group(1) in receipt and "前转给管这件事的单位" in receipt  # in the petitioner's words
    counter.post("/sign-out/")
    counter.force_login(cast.registrar.user)
    assert code.group(1) not in counter.get(f"/register/done/{filing.ref}/").content.decode()


def test_the_id_says_birth_and_sex(counter: Client) -> None:
    register(counter, {"name": "周桂英", "id_number": right_id().lower()})
    person = Petitioner.objects.get()
    assert (str(person.birth_date), person.sex, person.id_number) == ("1956-03-02", "1", right_id())


def test_a_wrong_check_mark_is_told_beside_the_field_and_nothing_is_lost(counter: Client) -> None:
    wrong = right_id()[:17] + ("0" if right_id()[17] != "0" else "1")
    response = counter.post("/register/", sheet({"name": "周桂英", "id_number": wrong}))
    html = response.content.decode()
    assert response.status_code == 422 and "校验位" in html
    assert "周桂英" in html and STORY in html
    assert not Petition.objects.exists()


def test_the_number_may_be_left_empty(counter: Client) -> None:
    assert register(counter, {"name": "周桂英"}).petition.lead_name == "周桂英"


def test_a_title_is_taken_from_the_first_sentence(counter: Client) -> None:
    assert register(counter).petition.title == "前年村里修路占了我家的承包地三分，说好的补偿款至今没有发"


def test_several_claims_are_several_rows(counter: Client) -> None:
    petition = register(counter, claims="发补偿款\n\n公布账目").petition
    assert [claim.text for claim in petition.claims.order_by("serial")] == ["发补偿款", "公布账目"]


@pytest.mark.parametrize(
    ("content", "claim"),
    [
        (
            "老板拖欠工资四万八千元，说好年底结清。厂里电话不接，请求帮助我们要回工资。",
            "厂里电话不接，请求帮助我们要回工资",
        ),
        ("请求发补偿款。另外路灯坏了，希望修好！", "请求发补偿款；另外路灯坏了，希望修好"),
        (
            f"{'去年修路占了我家的地' * 5}，补偿款至今没有发。村里说等。",
            f"{'去年修路占了我家的地' * 5}，补偿款至今没有发",
        ),
    ],
)
def test_one_claim_is_what_is_asked_for_and_is_never_cut(counter: Client, content: str, claim: str) -> None:
    """An opinion answers each claim in its own words: a title cut to forty characters is none."""
    assert register(counter, content=content).petition.claims.get().text == claim


def test_a_narrative_without_end_is_no_claim(counter: Client) -> None:
    petition = register(counter, content="请求" * 400, title="要求答复").petition
    assert petition.claims.get().text == "要求答复"


def test_five_people_make_it_joint_with_representatives(counter: Client) -> None:
    rows = [{"name": f"村民{mark}", "representative": "on" if mark in "甲乙" else ""} for mark in "甲乙丙丁戊"]
    petition = register(counter, *rows, actual_count=12).petition
    assert petition.joint and petition.head_count == 5
    assert Party.objects.filter(representative=True).count() == 2


def test_nobody_is_said_to_be_a_man_or_to_lead_unless_told(counter: Client) -> None:
    page = counter.get("/register/").content.decode()
    assert _chosen(page, "p-0-sex") == "未填" and _chosen(page, "p-0-role") == "主访人"
    assert _chosen(page, "p-__prefix__-sex") == "未填" and _chosen(page, "p-__prefix__-role") == "随访人"
    more = counter.post("/register/", sheet({"name": "周桂英"}, add_row="p")).content.decode()
    assert _chosen(more, "p-1-sex") == "未填" and _chosen(more, "p-1-role") == "随访人"


def _chosen(html: str, name: str) -> str:
    """The words of the option that a select shows."""
    select = re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL)
    assert select, name
    options = re.findall(r'<option value="[^"]*"( selected)?>\s*([^<]*)', select.group(0))
    return next((words for selected, words in options if selected), options[0][1]).strip()


def test_six_representatives_are_one_too_many(counter: Client) -> None:
    rows = [{"name": f"村民{mark}", "representative": "on"} for mark in "甲乙丙丁戊己"]
    response = counter.post("/register/", sheet(*rows))
    assert response.status_code == 422 and "代表人数不得超过5人" in response.content.decode()


def test_a_local_rule_makes_them_fewer_for_few_people_and_the_page_says_so(counter: Client) -> None:
    LocalRule.objects.create(code="REPRESENTATIVES_10", value=3, source="本省条例", valid_from=today())
    assert "10人以下的不超过3人" in counter.get("/register/").content.decode()
    rows = [{"name": f"村民{mark}", "representative": "on"} for mark in "甲乙丙丁"]
    refused = counter.post("/register/", sheet(*rows))
    assert refused.status_code == 422 and "4人的，代表人数不得超过3人" in refused.content.decode()
    assert counter.post("/register/", sheet(*rows, head_count="11")).status_code in (200, 302)


@pytest.mark.parametrize(
    "more",
    [
        {"channel": "letter", "addressee": "县长", "postmark_on": str(today() - timedelta(days=3))},
        {"channel": "phone"},
        {"channel": "online"},
    ],
)
def test_other_channels(counter: Client, more: dict[str, Any]) -> None:
    assert register(counter, **more).channel == more["channel"]


def test_handed_down_names_who_handed_it(counter: Client, cast: Cast) -> None:
    refused = counter.post("/register/", sheet(channel="handed_down"))
    assert refused.status_code == 422 and "请选择交转机关" in refused.content.decode()
    due = today() + timedelta(days=30)
    filing = register(
        counter, channel="handed_down", handed_by=cast.city.pk, handed_number="金信转〔2026〕8号", handed_due=due
    )
    assert filing.handed_by == cast.city
    assert set(filing.petition.clocks.values_list("name", flat=True)) == {"T1", "T8"}


def test_a_receipt_dated_back_needs_its_reason(counter: Client) -> None:
    day = today() - timedelta(days=2)
    assert counter.post("/register/", sheet(received_on=day)).status_code == 422
    assert register(counter, received_on=day, backdate_reason="周末值班手工登记").received_on == day


def test_the_wish_to_hide_the_name_is_kept(counter: Client) -> None:
    assert register(counter, hide_name="on").petition.hide_name


# --- drafts -----------------------------------------------------------------------------------------------------


def test_a_draft_keeps_everything_and_only_its_own_post_sees_it(counter: Client, cast: Cast, signed_in: SignIn) -> None:
    data = sheet({"name": "周桂英", "phone": "13812345678"}, {"name": "周小妹"}, place="三组")
    answer = counter.post("/register/draft/", data, HTTP_X_AUTOSAVE="1")
    assert json.loads(answer.content) == {"draft": data["draft"]}
    page = counter.get(f"/register/draft/{data['draft']}/").content.decode()
    assert all(word in page for word in ("周桂英", "周小妹", "三组", STORY))
    assert 'class="errors"' not in page
    assert signed_in(cast.registrar2).get(f"/register/draft/{data['draft']}/").status_code == 404


def test_a_draft_is_unreadable_in_the_table(counter: Client) -> None:
    from django.db import connection

    data = sheet({"name": "周桂英", "phone": "13812345678"})
    counter.post("/register/draft/", data)
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields::text FROM petitions_draft")
        assert "13812345678" not in str(cursor.fetchone())


def test_another_persons_draft_name_is_not_taken(counter: Client, cast: Cast, signed_in: SignIn) -> None:
    data = sheet()
    counter.post("/register/draft/", data)
    answer = signed_in(cast.registrar2).post("/register/draft/", data)
    assert answer.status_code == 404


def test_after_the_session_has_ended_an_autosave_is_told_so_and_a_draft_goes_on(
    counter: Client, cast: Cast, signed_in: SignIn
) -> None:
    data = sheet()
    counter.post("/register/draft/", data)
    counter.logout()
    assert counter.post("/register/draft/", data, HTTP_X_AUTOSAVE="1").status_code == 401
    assert STORY in signed_in(cast.registrar).get(f"/register/draft/{data['draft']}/").content.decode()


def test_registering_ends_the_draft(counter: Client) -> None:
    data = sheet()
    counter.post("/register/draft/", data)
    assert counter.post("/register/", data).status_code == 302
    draft = Draft.objects.get()
    assert draft.registered is not None and draft.fields == ""
    assert counter.get(f"/register/draft/{draft.ref}/").status_code == 409


# --- the page's own buttons, without a script ---------------------------------------------------------------------


def test_a_card_readers_line_fills_the_first_free_row(counter: Client) -> None:
    line = f"陈水根,男,汉,19560302,浙江省浦江县白马镇嵩溪村12号,{right_id()},浦江县公安局,20100101-长期"
    response = counter.post("/register/", sheet({"name": "周桂英"}, {"name": ""}, reader=line, do="read"))
    html = response.content.decode()
    assert response.status_code == 200
    assert 'value="陈水根"' in html and f'value="{right_id()}"' in html and 'value="周桂英"' in html


def test_one_row_more(counter: Client) -> None:
    html = counter.post("/register/", sheet({"name": "周桂英"}, add_row="p")).content.decode()
    assert 'name="p-1-name"' in html and 'value="周桂英"' in html


def test_a_suggestion_is_taken(counter: Client, cast: Cast) -> None:
    html = counter.post("/register/", sheet(do=f"take:category={cast.category.pk}")).content.decode()
    assert re.search(rf'value="{cast.category.pk}"[^>]*selected', html)


def test_a_file_goes_with_the_matter(counter: Client) -> None:
    data = sheet(files=SimpleUploadedFile("现场.png", PNG), do="upload")
    assert "现场.png" in counter.post("/register/", data).content.decode()
    again = {name: value for name, value in data.items() if name not in ("files", "do")}
    assert counter.post("/register/", again).status_code == 302
    attachment = Attachment.objects.get()
    assert attachment.filing is not None and attachment.petition == attachment.filing.petition


def test_a_wrong_file_is_refused_by_what_it_is_and_the_text_stays(counter: Client) -> None:
    data = sheet(files=SimpleUploadedFile("照片.png", b"<html><script>alert(1)</script></html>"))
    response = counter.post("/register/", data)
    assert response.status_code == 422 and STORY in response.content.decode()
    assert not Petition.objects.exists() and not Attachment.objects.exists()


# --- what is on file ----------------------------------------------------------------------------------------------


def test_an_open_matter_of_the_same_person_is_shown_and_must_be_decided(counter: Client) -> None:
    person = {"name": "周桂英", "id_number": right_id()}
    first = register(counter, person)
    response = counter.post("/register/", sheet(person))
    assert response.status_code == 422 and first.petition.number in response.content.decode()
    second = register(counter, person, under=first.petition.ref)
    assert second.petition == first.petition and second.repeat
    third = register(counter, person, under="new")
    assert third.petition != first.petition


def test_a_look_up_stays_inside_the_scope_and_is_logged_with_its_draft(
    counter: Client, cast: Cast, signed_in: SignIn
) -> None:
    person = {"name": "周桂英", "id_number": right_id()}
    number = register(counter, person).petition.number
    ask = sheet(person)
    assert number in counter.post("/register/look-up/", ask).content.decode()
    entry = AccessLog.objects.filter(kind="look_up").latest("pk")
    assert entry.target == f"draft:{ask['draft']}" and right_id() not in json.dumps(entry.data)
    elsewhere = signed_in(cast.township_registrar).post("/register/look-up/", ask).content.decode()
    assert number not in elsewhere and "此人" in elsewhere


def test_what_reads_alike_is_shown_and_logged_with_its_draft(counter: Client) -> None:
    number = register(counter).petition.number
    ask = sheet({"name": "吴大明"})
    assert number in counter.post("/register/suggest/", ask).content.decode()
    entry = AccessLog.objects.filter(kind="look_up").latest("pk")
    assert entry.target == f"draft:{ask['draft']}" and entry.data["by"] == ["text"]


def test_filing_under_a_matter_out_of_scope_is_as_if_there_were_none(
    counter: Client, cast: Cast, signed_in: SignIn
) -> None:
    ref = register(counter).petition.ref
    response = signed_in(cast.township_registrar).post("/register/", sheet(under=ref))
    assert response.status_code == 404 and Filing.objects.count() == 1


# --- twice, elsewhere, hostile ------------------------------------------------------------------------------------


def test_a_double_click_registers_once_and_leads_to_the_same_page(counter: Client) -> None:
    data = sheet()
    first, second = counter.post("/register/", data), counter.post("/register/", data)
    assert first["Location"] == second["Location"] and Petition.objects.count() == 1


def test_a_double_click_with_a_file_chosen_keeps_it_once_and_leads_to_the_same_page(counter: Client) -> None:
    data = sheet()
    first, second = (
        counter.post("/register/", data | {"files": SimpleUploadedFile("现场.png", PNG)}) for _ in range(2)
    )
    assert first["Location"] == second["Location"]
    assert Petition.objects.count() == 1 and Attachment.objects.count() == 1


def test_a_registered_draft_takes_no_second_filing(counter: Client) -> None:
    data = sheet()
    counter.post("/register/draft/", data)
    assert counter.post("/register/", data).status_code == 302
    again = data | {"idempotency_key": new_ref(), "files": SimpleUploadedFile("现场.png", PNG)}
    assert counter.post("/register/", again).status_code == 409
    assert Petition.objects.count() == 1 and not Attachment.objects.exists()


def test_the_same_key_with_other_words_is_refused(counter: Client) -> None:
    data = sheet()
    counter.post("/register/", data)
    response = counter.post("/register/", data | {"content": "别的事情，另外一件。", "draft": new_ref()})
    assert response.status_code == 422 and Petition.objects.count() == 1


def test_who_does_not_register_is_told_so(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.handler)
    assert client.get("/register/").status_code == 403
    assert client.post("/register/", sheet()).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("content", "字" * 20_001, 422),
        ("content", "", 422),
        ("title", "标" * 121, 422),
        ("content", "有\u202e倒写的字", 422),
        ("category", "no-such", 422),
        ("region", "1", 422),
        ("handed_by", "999999", 422),
        ("received_on", "2026-13-45", 422),
        ("received_on", "9999-12-31", 422),
        ("channel", "pigeon", 422),
        ("head_count", "-3", 422),
        ("head_count", "9" * 30, 422),
        ("p-TOTAL_FORMS", "99999999", 422),
        ("p-TOTAL_FORMS", "x", 422),
        ("under", "nosuchmatter0000", 404),
        ("p-0-name", "名" * 61, 422),
        ("p-0-phone", "12", 422),
        ("p-0-birth_date", "yesterday", 422),
        ("p-0-role", "king", 422),
    ],
)
def test_bad_input_is_told_and_changes_nothing(counter: Client, field: str, value: str, status: int) -> None:
    response = counter.post("/register/", sheet() | {field: value})
    assert response.status_code == status, messages_of(response.content.decode())
    assert not Petition.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize("name", ["𠮷田", "张㛃", "李䶮", "阿卜杜拉·买买提"])
def test_rare_names_are_kept_as_they_are(counter: Client, name: str) -> None:
    filing = register(counter, {"name": name})
    assert filing.petition.lead_name == name
    assert name in counter.get(f"/register/receipt/{filing.ref}/").content.decode()


def test_nul_bytes_are_left_out(counter: Client) -> None:
    assert "\0" not in register(counter, content=f"{STORY}\0结尾").petition.content


def test_two_leads_are_refused(counter: Client) -> None:
    response = counter.post("/register/", sheet({"name": "甲某", "role": "lead"}, {"name": "乙某", "role": "lead"}))
    assert response.status_code == 422


# --- a new code ---------------------------------------------------------------------------------------------------


def test_a_new_code_ends_the_old_one_and_is_logged(counter: Client, cast: Cast, make: Makes) -> None:
    filing = register(counter)
    old = filing.query_code_hash
    assert counter.get(f"/register/reissue/{filing.ref}/").status_code == 200
    assert counter.post(f"/register/reissue/{filing.ref}/", {"reason": ""}).status_code == 422
    done = counter.post(f"/register/reissue/{filing.ref}/", {"reason": "回执遗失，已核对身份证"})
    assert done.status_code == 302
    filing.refresh_from_db()
    assert filing.query_code_hash != old and filing.query_code_reprinted_at
    assert "data-code" in counter.get(done["Location"]).content.decode()
    assert AccessLog.objects.filter(kind="reprint_code", target=f"filing:{filing.ref}").exists()
