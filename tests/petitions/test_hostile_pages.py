"""Whatever a browser sends: a clear answer below 500, nothing half done, and nobody learns what is not his to know."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.dates import today
from petitions.actions import Person, advance, register
from petitions.models import Assignment, Attachment, Event, Filing, Petition, Rating
from petitions.querycode import new_ref
from tests.cast import Cast
from tests.makes import Makes, entry

SignIn = Callable[[Actor], Client]
RARE = "𠮷㛃䶮"


@pytest.fixture(autouse=True)
def _no_tries() -> None:
    cache.clear()


def said(answer: Any) -> str:
    """An answer's text without what differs between any two answers."""
    return re.sub(
        r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|"X-CSRFToken": ?"\w+"', "", answer.content.decode()
    )


def step_url(step: str, row: Any) -> str:
    petition = row if isinstance(row, Petition) else row.petition
    return f"/petitions/{petition.ref}/step/{step}/{row.ref}/"


# --- what does not exist and what is not yours are one ----------------------------------------------------------------


def test_another_departments_matter_answers_like_none_at_all(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held, run = make.signed(), make.issued()
    client, none = signed_in(cast.stranger), new_ref()
    paper = run.papers.get(kind="opinion")
    pairs = [
        (f"/petitions/{held.petition.ref}/", f"/petitions/{none}/"),
        (f"/petitions/{held.petition.ref}/digest/", f"/petitions/{none}/digest/"),
        (step_url("accept", held), f"/petitions/{none}/step/accept/{held.ref}/"),
        (f"/papers/{paper.ref}/", f"/papers/{none}/"),
        (f"/register/receipt/{held.petition.filings.get().ref}/", f"/register/receipt/{none}/"),
        (f"/register/done/{held.petition.filings.get().ref}/", f"/register/done/{none}/"),
        (f"/register/reissue/{held.petition.filings.get().ref}/", f"/register/reissue/{none}/"),
    ]
    for mine, nobodys in pairs:
        one, other = client.get(mine), client.get(nobodys)
        assert (one.status_code, said(one)) == (404, said(other)), mine
        assert other.status_code == 404
    data = {"route_1": "6", "seen": ""}
    one, other = client.post(step_url("accept", held), data), client.post(pairs[2][1], data)
    assert (one.status_code, said(one)) == (404, said(other))
    one, other = (client.post(f"/petitions/{ref}/reveal/?person=1") for ref in (held.petition.ref, none))
    assert (one.status_code, said(one)) == (404, said(other))


def test_a_row_of_another_matter_and_an_unknown_step_are_not_found(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    one, other = make.signed(), make.signed()
    client = signed_in(cast.signer)
    for address in (
        f"/petitions/{one.petition.ref}/step/accept/{other.ref}/", f"/petitions/{one.petition.ref}/step/lapse/{one.ref}/",
        f"/petitions/{one.petition.ref}/step/accept/{one.petition.ref}/", f"/petitions/{one.petition.ref}/step/x/{one.ref}/",
    ):  # fmt: skip
        assert client.get(address).status_code == client.post(address, {"route_1": "6"}).status_code == 404, address
    assert not Event.objects.filter(step="accept").exists()


# --- what a browser may send ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"route_1": 6}', "application/json"), (b"\xff\xfe\x00", "application/x-www-form-urlencoded"), (b"", "text/plain"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"), (b"--x\r\nbroken", "multipart/form-data"),
        (b"route_1=6", "application/x-www-form-urlencoded; charset=utf-16"), (b"<a/>", "application/xml"),
        (b"a=1&" * 3000, "application/x-www-form-urlencoded"),
    ],
)  # fmt: skip
def test_a_body_of_another_kind_is_refused(cast: Cast, make: Makes, signed_in: SignIn, body: bytes, kind: str) -> None:
    held = make.signed()
    answer = signed_in(cast.signer).post(step_url("accept", held), body, content_type=kind)
    assert 400 <= answer.status_code < 500
    held.refresh_from_db()
    assert held.state == "signed"


@pytest.mark.parametrize("size", [2_000_000, 10_000_000, 13_000_000])
def test_ten_megabytes_of_text_are_refused_in_words(cast: Cast, make: Makes, signed_in: SignIn, size: int) -> None:
    held = make.signed()
    answer = signed_in(cast.signer).post(step_url("object", held), {"reason": "a" * size})
    assert answer.status_code in (400, 413, 422)
    assert (
        re.sub(r"<[^>]+>", "", answer.content.decode())[-200:].strip()[:1] >= "一" or "过长" in answer.content.decode()
    )
    held.refresh_from_db()
    assert held.state == "signed"


def test_methods_are_those_of_the_room(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    client, ref = signed_in(cast.signer), held.petition.ref
    for address in (f"/petitions/{ref}/reveal/", "/notices/read/", "/q/leave/", "/register/draft/"):
        assert client.get(address).status_code == 405, address
    for address in (f"/petitions/{ref}/", "/petitions/", "/search/", f"/petitions/{ref}/digest/"):
        assert client.post(address).status_code == 405, address
    html = {"headers": {"accept": "text/html"}}
    assert "这个网址不能直接打开" in client.get("/notices/read/", **html).content.decode()
    assert "回到查询" in client.get("/q/leave/", **html).content.decode()
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(step_url("accept", held)).status_code == 405


@pytest.mark.parametrize("next_", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/a\nSet-Cookie: b=c",
                                   "/\\evil.example", "/名" * 2_000, "/\x00"])  # fmt: skip
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_one_is_never_sent_elsewhere(
    cast: Cast, make: Makes, signed_in: SignIn, next_: str, headers: dict[str, str]
) -> None:
    held = make.signed()
    data = {"route_1": "6", "occurred_on": today().isoformat(), "next": next_}
    answer = signed_in(cast.signer).post(step_url("accept", held), data, headers=headers)
    assert answer.status_code in (302, 204)
    target = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    assert target.startswith("/") and "evil" not in target.split("?")[0][:3] and not target.startswith("//")
    assert "Set-Cookie: b" not in str(answer.headers)


def test_what_was_not_offered_is_refused_and_what_is_unknown_is_left(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    filing = make.registered().filing
    client = signed_in(cast.triage)
    sort = {"kind": "claim", "category": "T0202", "region": "330726101201", "department": cast.bureau.pk}
    for name, value in [
        ("department", cast.county.pk), ("department", cast.city.pk), ("department", cast.office.pk), ("department", "9" * 30),
        ("department", "x"), ("department", "\x00"), ("category", "T02"), ("category", "nix"), ("region", "9" * 400), ("kind", "accusation"),
        ("place", "长" * 121), ("note", "右\u202e左"), ("seen", "9" * 5_000), ("seen", "abc"), ("idempotency_key", "k" * 65),
        ("idempotency_key", "\x00"),
    ]:  # fmt: skip
        answer = client.post(step_url("transfer", filing), sort | {name: value})
        assert answer.status_code in (409, 422), (name, value)
    assert not Assignment.objects.exists()
    more = {
        "state": "confirmed",
        "by": "1",
        "stage": "ended",
        "lead": "0",
        "sender_id": cast.sibling.pk,
        "hide_name": "on",
    }
    assert client.post(step_url("transfer", filing), sort | more).status_code == 302
    held = Assignment.objects.get()
    assert (held.state, held.sender_id, held.lead, held.petition.hide_name) == ("sent", cast.office.pk, True, False)


@pytest.mark.parametrize(
    "query",
    ["responsible=" + "9" * 5_000, "responsible=１２３", "responsible=²", "stage=%00", "category=%00", "region=" + "9" * 5_000,
     "received_from=0001-01-01", "received_to=9999-12-31", "received_from=10000-01-01", "after=" + "A" * 5_000, "after=%00",
     "before=xx&after=yy", "size=" + "9" * 5_000, "q=%ff%fe", "channel=%F0%A0%AE%B7", "joint=maybe"],
)  # fmt: skip
@pytest.mark.parametrize("room", ["/petitions/", "/search/?q=征收&", "/notices/", "/tray/to_route/"])
def test_an_address_may_say_anything(cast: Cast, signed_in: SignIn, room: str, query: str) -> None:
    answer = signed_in(cast.triage).get(room + ("" if "?" in room else "?") + query)
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "words", ["\x00", "%", "_", "\\", "'", '"', "a" * 5_000, "𠮷", "右\u202e左", "王" * 300, "! & | ( )", ":*"]
)
def test_a_search_may_say_anything(cast: Cast, make: Makes, signed_in: SignIn, words: str) -> None:
    make.registered()
    assert signed_in(cast.triage).get("/search/", {"q": words}).status_code == 200


def test_a_refusal_by_the_verb_says_why_and_by_which_rule(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    one, other = make.signed(), make.signed()
    client, day = signed_in(cast.signer), today().isoformat()
    data = {"reason": "不属本局职权", "idempotency_key": "the-same-key"}
    assert client.post(step_url("object", one), data).status_code == 302
    answer = client.post(step_url("object", other), data)
    text = answer.content.decode()
    assert answer.status_code == 422 and "与先前同一编号的提交内容不同" in text and "重复提交保护" in text
    back = {"route_1": "6", "occurred_on": (today() - timedelta(days=1)).isoformat(), "late_reason": "忙"}
    text = client.post(step_url("accept", other), back).content.decode()
    assert "决定日期不能早于签收日期" in text and "补录规则" in text and "data-primary" in text
    assert client.post(step_url("accept", other), back | {"occurred_on": day, "late_reason": ""}).status_code == 302


def test_only_leaders_in_charge_and_other_bodies_are_offered(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    text = signed_in(cast.head).get(step_url("submit_to_leader", held.petition)).content.decode()
    assert f'value="{cast.leader.post.pk}"' in text and f'value="{cast.other_leader.post.pk}"' not in text
    text = signed_in(cast.triage).get(step_url("transfer", make.registered().filing)).content.decode()
    assert f'value="{cast.bureau.pk}"' in text and f'value="{cast.office.pk}"' not in text


def test_who_gave_a_matter_back_sees_no_numbers_any_more(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.signed()
    client = signed_in(cast.signer)
    assert client.post(f"/petitions/{held.petition.ref}/reveal/?person=1").status_code == 200
    advance("object", on=held, by=cast.signer, reason="不属本局职权")
    advance("uphold_objection", on=held, by=cast.triage, reason="属实")
    assert client.get(f"/petitions/{held.petition.ref}/").status_code == 200
    assert client.post(f"/petitions/{held.petition.ref}/reveal/?person=1").status_code == 403


# --- two at once ----------------------------------------------------------------------------------------------------


def at_once(*works: Callable[[], int]) -> list[int]:
    barrier, found = threading.Barrier(len(works)), [0] * len(works)

    def run(n: int) -> None:
        try:
            barrier.wait(20)
            found[n] = works[n]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(found)


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    session = client.session
    session["post"] = actor.post.pk
    session.save()
    return client


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_double_click_takes_the_step_once_and_says_so_twice(cast: Cast, make: Makes) -> None:
    run = make.handling()
    client = browser(cast.handler)
    cookie, events = client.cookies.output(header=""), Event.objects.count()
    data = {"text": "笔录", "occurred_on": today().isoformat(), "seen": events, "idempotency_key": "one-press"}

    def press() -> int:
        other = Client()
        other.cookies.load(cookie)
        return other.post(step_url("interview", run), data).status_code

    assert at_once(press, press, press) == [302, 302, 302]
    assert Event.objects.filter(step="interview").count() == 1


def test_a_second_press_is_answered_like_the_first_although_the_choice_is_gone(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    held = make.handling().assignment
    client, data = (
        signed_in(cast.handler),
        {"department": cast.sibling.pk, "demand": "意见", "idempotency_key": "one-press"},
    )
    assert client.post(step_url("add_co_unit", held), data).status_code == 302
    assert client.post(step_url("add_co_unit", held), data).status_code == 302
    assert client.post(step_url("add_co_unit", held), data | {"demand": "别的"}).status_code == 422
    assert Event.objects.filter(step="add_co_unit").count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_people_at_one_case_one_wins_and_the_other_is_told(cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    one, other = browser(cast.triage), browser(cast.head)
    sort = {"kind": "claim", "category": "T0202", "region": "330726101201", "seen": 1}
    codes = at_once(
        lambda: one.post(step_url("transfer", filing), sort | {"department": cast.bureau.pk}).status_code,
        lambda: other.post(step_url("direct_reply", filing), {"reply": "好", "seen": 1}).status_code,
    )
    assert codes == [302, 409]
    assert Event.objects.filter(petition=filing.petition).count() == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_matters_merged_into_each_other_at_once_stay_two_or_become_one(cast: Cast, make: Makes) -> None:
    one, other = make.registered().filing, make.registered().filing
    first, second = browser(cast.triage), browser(cast.head)
    codes = at_once(
        lambda: first.post(step_url("merge", one), {"into": other.petition.number}).status_code,
        lambda: second.post(step_url("merge", other), {"into": one.petition.number}).status_code,
    )
    assert (set(codes) <= {302, 409, 422} and 302 in codes) or codes == [409, 409]
    assert Petition.objects.exclude(merged_into=None).count() <= 1


# --- a name that the unit is not to know ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["signer", "handler", "unit_leader", "unit_head", "leader", "sibling_signer", "township_registrar"]
)
def test_a_hidden_name_is_nowhere(cast: Cast, make: Makes, signed_in: SignIn, who: str) -> None:
    name, phone = "欧阳银杏", "13800000009"
    people = [Person(name=name, phone=phone, address="银杏路9号")]
    run = make.issued(hide_name=True, people=people)
    advance("deliver", on=run, by=cast.handler, how="hand", receiver=name, view="9")
    petition = run.petition
    register(entry(cast, people=people, content="又来一次"), by=cast.township_registrar, under=None)
    Attachment.objects.create(
        petition=petition,
        name=f"{name}的身份证.jpg",
        media_type="image/jpeg",
        size=1,
        sha256="0",
        stored_as="x",
        added_at=timezone.now(),
    )
    client = signed_in(getattr(cast, who))
    pages = [f"/petitions/{petition.ref}/", f"/petitions/{petition.ref}/digest/", "/petitions/", "/", "/notices/",
             f"/register/receipt/{petition.filings.get().ref}/", f"/register/done/{petition.filings.get().ref}/",
             *(f"/papers/{ref}/" for ref in petition.papers.values_list("ref", flat=True))]  # fmt: skip
    own = (
        who == "township_registrar"
    )  # who registered the other matter of the same person, and knows the name from there
    for page in pages:
        text = client.get(page).content.decode()
        assert own or (name not in text and "0009" not in text and "银杏" not in text), page
    for words in (name, "oyyx", phone, "银杏"):
        answer = client.get("/search/", {"q": words}).content.decode()
        assert petition.number not in answer, words
    if who in ("signer", "handler"):
        shown = client.post(f"/petitions/{petition.ref}/reveal/?person=1")
        assert shown.status_code == 403 and name not in shown.content.decode()


def test_nothing_is_counted_of_a_person(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    for _ in range(3):
        make.registered()
    client = signed_in(cast.registrar)
    for words in ("王小明", "wxm", "19900000001"):
        text = client.get("/search/", {"q": words}).content.decode()
        assert "浦信" in text
        assert not re.search(r"[（(]?\s*3\s*[件次条]", text), words
    panel = client.post("/register/look-up/", {"p-TOTAL_FORMS": "1", "p-0-name": "王小明", "p-0-phone": "19900000001"})
    assert "浦信" in panel.content.decode() and not re.search(r"3\s*[件次条]|共", panel.content.decode())


# --- rare characters everywhere ---------------------------------------------------------------------------------------


def test_rare_characters_are_shown_as_they_were_typed(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run = make.handling(title=f"{RARE}的事", content=f"{RARE}说", place=RARE, claims=[RARE], people=[Person(name=RARE)])
    client = signed_in(cast.handler)
    data = {"facts": RARE, "basis": RARE, "support_1": "support", "answer_1": RARE, "note": RARE}
    assert client.post(step_url("draft", run), data).status_code == 302
    assert client.get(f"/petitions/{run.petition.ref}/").content.decode().count(RARE) >= 8
    advance("check", on=run, by=cast.unit_leader)
    advance("sign", on=run, by=cast.unit_head)
    assert RARE in client.get(f"/papers/{run.papers.get(kind='opinion').ref}/").content.decode()
    assert RARE in client.get("/petitions/").content.decode()
    assert run.petition.number in client.get("/search/", {"q": RARE}).content.decode()


# --- the petitioner's page --------------------------------------------------------------------------------------------


def known_code(filing: Filing) -> str:
    from petitions.querycode import code_hash, new_code

    code = new_code()
    Filing.objects.filter(pk=filing.pk).update(query_code_hash=code_hash(code))
    return code


def test_a_wrong_tail_and_a_wrong_code_are_one_answer(client: Client, make: Makes) -> None:
    code = known_code(make.registered().filing)
    answers = [client.post("/q/", {"code": c, "tail": "9999"}) for c in (code, "HJKMNPQRST")]
    first, second = (said(answer).replace(code, "").replace("HJKMNPQRST", "") for answer in answers)
    assert first == second and answers[0].status_code == answers[1].status_code == 422


def test_both_are_closed_after_as_many_tries(client: Client, make: Makes) -> None:
    code = known_code(make.registered().filing)
    for tried in (code, "HJKMNPQRST"):
        assert [client.post("/q/", {"code": tried, "tail": "9999"}).status_code for _ in range(6)] == [422] * 5 + [429]


def test_one_address_cannot_try_many_codes(client: Client, make: Makes) -> None:
    from petitions.querycode import new_code

    codes = [client.post("/q/", {"code": new_code(), "tail": "0001"}).status_code for _ in range(32)]
    assert codes[:30] == [422] * 30 and codes[30:] == [429, 429]
    assert client.post("/q/", {"code": known_code(make.registered().filing), "tail": "0001"}).status_code == 429


@pytest.mark.parametrize("tail", ["0001", "０００１", " 0001 ", "19900000001", "199 0000 0001"])
def test_a_tail_counts_however_it_was_typed(client: Client, make: Makes, tail: str) -> None:
    assert client.post("/q/", {"code": known_code(make.registered().filing), "tail": tail}).status_code == 302


def test_a_telephone_with_an_extension_ends_in_its_own_digits(client: Client, make: Makes) -> None:
    filing = make.registered(people=[Person(name="王小明", phone="0579-84112345转12")]).filing
    code = known_code(filing)
    assert client.post("/q/", {"code": code, "tail": "t=12"}).status_code == 422
    assert client.post("/q/", {"code": code, "tail": "2345"}).status_code == 302


def test_a_new_code_closes_what_the_old_one_opened(client: Client, cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    client.post("/q/", {"code": known_code(filing), "tail": "0001"})
    assert client.get("/q/status/").status_code == 200
    advance("reissue_code", on=filing, by=cast.registrar, reason="告知单被人拿走")
    assert client.get("/q/status/").status_code == 302


def test_a_rating_by_the_code_of_a_fresh_repeat_is_flagged(client: Client, cast: Cast, make: Makes) -> None:
    run = make.delivered()
    done = register(entry(cast), by=cast.registrar, under=run.petition)
    advance("close", on=run, by=cast.handler)
    advance("confirm_closure", on=run, by=cast.triage)
    client.post("/q/", {"code": done.code, "tail": "0001"})
    client.post("/q/rate/", {"unit-value": "0"})
    assert Rating.objects.get().flagged
    Filing.objects.filter(pk=done.filing.pk).update(query_code_made_at=timezone.now() - timedelta(hours=25))
    client.post("/q/rate/", {"office-value": "0"})
    assert not Rating.objects.get(target="office").flagged


@pytest.mark.parametrize(
    ("comment", "status"), [("\x00", 422), ("长" * 501, 422), ("a" * 10_000_000, 422), ("右\u202e左", 302), ("𠮷", 302)]
)
def test_a_comment_may_say_anything(client: Client, make: Makes, comment: str, status: int) -> None:
    client.post("/q/", {"code": known_code(make.confirmed().filings.get()), "tail": "0001"})
    assert client.post("/q/rate/", {"unit-value": "3", "unit-comment": comment}).status_code == status
    assert Rating.objects.count() == (
        status == 302
    )  # what cannot be kept is said beside the words, and nothing is lost
    assert "\x00" not in "".join(Rating.objects.values_list("comment", flat=True))


@pytest.mark.parametrize("data", [{}, {"code": "x" * 21}, {"code": "\x00"}, {"code": "𠮷" * 10}, {"code": "HJKMNPQRST", "tail": "\x00"},
                                  {"code": "HJKMNPQRST", "tail": "9" * 10_000_000}])  # fmt: skip
def test_a_query_may_say_anything(client: Client, db: Any, data: dict[str, str]) -> None:
    assert client.post("/q/", data).status_code == 422


# --- the counter ------------------------------------------------------------------------------------------------------


TYPED = {
    "p-TOTAL_FORMS": "1", "p-INITIAL_FORMS": "0", "p-0-name": "王小明", "p-0-role": "lead", "channel": "visit", "kind": "claim",
    "content": "反映征地补偿款没有到位的问题", "purpose": "settle", "draft": "0123456789abcdef", "idempotency_key": "k1",
}  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [{"draft": "\x00"}, {"draft": "x" * 5_000}, {"p-0-name": "\x00王\x00"}, {"p-TOTAL_FORMS": "9" * 5_000}, {"under": "\x00"},
     {"category": "\x00"}, {"head_count": "9" * 5_000}, {"handed_due": "9999-12-31"}, {"received_on": "0001-01-01"},
     {"idempotency_key": "\x00"}, {"claims": "x\n" * 1_500}],
)  # fmt: skip
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_counter_may_be_told_anything(
    cast: Cast, signed_in: SignIn, bad: dict[str, str], headers: dict[str, str]
) -> None:
    client = signed_in(cast.registrar)
    for room in ("/register/", "/register/look-up/", "/register/suggest/", "/register/draft/"):
        assert client.post(room, TYPED | bad, headers=headers).status_code < 500, room


@pytest.mark.parametrize("room", ["/register/reissue/{filing}/", "/petitions/{petition}/step/reissue_code/{filing}/"])
def test_a_new_code_asked_for_twice_is_one_code_and_is_shown(
    cast: Cast, make: Makes, signed_in: SignIn, room: str
) -> None:
    filing = make.registered().filing
    client, address = signed_in(cast.registrar), room.format(filing=filing.ref, petition=filing.petition.ref)
    data = {"reason": "遗失", "seen": 1, "idempotency_key": "one-press"}
    first, second = client.post(address, data), client.post(address, data)
    assert first.status_code == second.status_code == 302
    assert Event.objects.filter(step="reissue_code").count() == 1
    text = client.get(second["Location"]).content.decode()
    codes = re.findall(r"[2-9A-Y]{5} [2-9A-Y]{5}", text)
    from petitions.querycode import code_hash

    filing.refresh_from_db()
    assert filing.query_code_hash in map(code_hash, codes)
    stale = client.post(address, data | {"idempotency_key": "another"})
    assert stale.status_code == 409 and "重发查询码" in stale.content.decode()


def test_a_hidden_name_in_the_narrative_is_said_beside_the_field(cast: Cast, signed_in: SignIn) -> None:
    answer = signed_in(cast.registrar).post(
        "/register/", TYPED | {"hide_name": "on", "content": "王小明反映征地补偿款没有到位"}
    )
    assert answer.status_code == 422 and "请把姓名改为" in answer.content.decode()
    assert not Petition.objects.exists()
