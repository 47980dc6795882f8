"""Who else has told of this trouble?  Near texts and the same place or project, in scope, with reasons that are true."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import AccessLog
from petitions import likeness, near_texts, rarity, search_words
from petitions.actions import Person, register
from petitions.models import Petition, WordCount
from petitions.near_texts import Near, Told
from petitions.repeats import Earlier
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.test_hostile_pages import step_url

SignIn = Callable[[Actor], Client]

STORY = "万家花园二期的地下车库渗水三年，开发商宏达置业一直推诿，物业也不管，请求督促维修。"
AGAIN = "我住万家花园，地下车库渗水已经很久，宏达置业推诿不修。"
ELSE = "村里的路灯坏了半年，晚上出行不便，请求派人修理。"


def told(cast: Cast, content: str, by: Actor | None = None, **changes: Any) -> Petition:
    return register(entry(cast, title=content[:14], content=content, **changes), by=by or cast.registrar).petition


def near(actor: Actor, text: str, limit: int = near_texts.SHOWN, **told: Any) -> list[Earlier]:
    found = near_texts.near(actor, Told(text, **told), limit=limit)
    assert not found.too_slow
    return found.found


# --- what is found, and why it is shown ---------------------------------------------------------------------------------


def test_the_same_trouble_in_other_words_of_another_person_says_what_both_speak_of(cast: Cast) -> None:
    first = told(cast, STORY)
    told(cast, ELSE)
    (found,) = near(cast.registrar, AGAIN)
    assert found.petition == first and found.open
    assert found.why == "同一地点：“万家花园”；同一项目：“宏达置业”；文字相近：都写到“地下车库渗水”"


def test_another_trouble_is_not(cast: Cast) -> None:
    told(cast, STORY)
    assert near(cast.registrar, ELSE) == []


@pytest.mark.parametrize("size", [12, 16, 20, 30])
def test_half_a_sentence_is_enough(cast: Cast, size: int) -> None:
    first = told(cast, STORY)
    told(cast, ELSE)
    assert [one.petition for one in near(cast.registrar, AGAIN[:size])] == [first]


@pytest.mark.parametrize("text", ["", "渗水", "，。！？" * 30, "a b c", "\n\n", "万家", "。" * 20_000])
def test_too_little_says_nothing_and_asks_nothing(cast: Cast, text: str, django_assert_num_queries: Any) -> None:
    told(cast, STORY)
    with django_assert_num_queries(0):
        assert near(cast.registrar, text) == []


@pytest.mark.parametrize(
    "text",
    ["'); DROP TABLE x; --" + STORY, "\\" + STORY + "'&|!<->:*", "%s%(a)s" + STORY, "𠮷" + STORY, STORY * 500],
)
def test_hostile_texts_are_texts(cast: Cast, text: str) -> None:
    first = told(cast, STORY)
    assert [one.petition for one in near(cast.registrar, text)] == [first]


def test_a_house_number_alone_is_no_likeness(cast: Cast) -> None:
    told(cast, "家住前吴294号，林地界线有争议，请求重新测量。")
    assert near(cast.registrar, "家住横溪294号，拖欠工资半年之久，请求帮助讨要。") == []


def test_the_same_village_is_said(cast: Cast) -> None:
    told(cast, "地下车库渗水三年，一直推诿不修，物业也不管。", region=cast.region)
    (found,) = near(cast.registrar, "地下车库渗水很久，推诿不修。", region=cast.region)
    assert found.why.startswith("同一属地；文字相近：都写到")


def test_the_same_written_place_is_a_reason_of_its_own(cast: Cast) -> None:
    first = told(cast, "楼道堆放杂物，消防通道被堵，多次劝说无用。", place="明月湾12幢")
    text = "消防通道被堵，车辆开不进来，请求清理。"
    (found,) = near(cast.registrar, text, place="明月湾12幢")
    assert found.petition == first and found.why.startswith("同一地点：“明月湾12幢”")
    assert all("同一地点" not in one.why for one in near(cast.registrar, text, place="别处"))


def test_a_matter_is_not_near_itself(cast: Cast) -> None:
    first, second = told(cast, STORY), told(cast, AGAIN)
    assert [one.petition for one in near_texts.near(cast.triage, Told.of(first)).found] == [second]


def test_the_nearest_are_shown_and_of_them_the_open_ones_first(cast: Cast, make: Makes) -> None:
    done = make.confirmed(title=STORY[:14], content=STORY)
    alive = told(cast, AGAIN + "另有其他问题也请一并处理，具体情况见材料。")
    assert [one.petition for one in near(cast.registrar, STORY)] == [alive, done]
    assert [one.petition for one in near(cast.registrar, STORY, limit=1)] == [done]


def test_the_answer_holds_nothing_but_matters(cast: Cast) -> None:
    told(cast, STORY)
    answer = near_texts.near(cast.registrar, Told(AGAIN))
    assert set(vars(answer)) == {"found", "too_slow"} and set(vars(answer.found[0])) == {"petition", "why", "open"}


# --- scope ----------------------------------------------------------------------------------------------------------------


def test_only_inside_the_scope(cast: Cast) -> None:
    ours, theirs = told(cast, STORY), told(cast, STORY, by=cast.township_registrar)
    for region in (None, cast.region):
        assert [one.petition for one in near(cast.township_registrar, AGAIN, region=region)] == [theirs]
        assert [one.petition for one in near(cast.registrar, AGAIN, region=region)] == [ours]
        assert {one.petition for one in near(cast.triage, AGAIN, region=region)} == {ours, theirs}


def test_who_sees_no_matters_is_shown_none(cast: Cast, django_assert_num_queries: Any) -> None:
    told(cast, STORY, place="明月湾12幢")
    for nobody in (cast.auditor, cast.system_admin):
        with django_assert_num_queries(0):
            assert near(nobody, AGAIN, region=cast.region, place="明月湾12幢") == []
    assert near(cast.sibling_signer, AGAIN, region=cast.region, place="明月湾12幢") == []


def test_a_siblings_matter_is_never_shown_however_near(cast: Cast, make: Makes) -> None:
    make.sent(title=STORY[:14], content=STORY)
    assert len(near(cast.signer, AGAIN)) == 1
    for where in ({}, {"region": cast.region}, {"place": "村口"}):
        assert near(cast.sibling_signer, AGAIN, **where) == []


def test_ones_own_is_found_behind_many_that_are_out_of_scope(cast: Cast, monkeypatch: Any) -> None:
    mine = told(cast, STORY, by=cast.township_registrar)
    for _ in range(4):
        told(cast, STORY)
    monkeypatch.setattr(near_texts, "CANDIDATES", 1)
    assert [one.petition for one in near(cast.township_registrar, STORY)] == [mine]


def test_a_hidden_name_stands_nowhere(cast: Cast, make: Makes) -> None:
    make.sent(title="车库渗水", content=STORY, people=[Person(name="欧阳明月")], hide_name=True)
    (found,) = near(cast.signer, AGAIN)
    assert "欧阳" not in found.why and "欧阳" not in found.petition.title


# --- bounds ---------------------------------------------------------------------------------------------------------------


def test_an_old_matter_is_found_among_many_newer_by_its_rare_words(cast: Cast, monkeypatch: Any) -> None:
    old = told(cast, STORY)
    for number in range(6):
        told(cast, f"{ELSE}第{number}次反映。")
    rarity.count()
    for bound in ("OF_REGION", "OF_PLACE", "CANDIDATES", "HITS"):
        monkeypatch.setattr(near_texts, bound, 2)
    for region in (None, cast.region):
        assert [one.petition for one in near(cast.registrar, AGAIN, region=region)] == [old]


def test_so_many_statements_whatever_the_text(cast: Cast) -> None:
    told(cast, STORY)
    counts = set()
    for text in (AGAIN, AGAIN, AGAIN + ELSE * 20):
        with CaptureQueriesContext(connection) as asked:
            near(cast.registrar, text, region=cast.region, place="村口")
        counts.add(len(asked))
    assert len(counts) == 1 and counts.pop() <= 6


def test_words_are_asked_by_rarity_up_to_a_sum(monkeypatch: Any) -> None:
    monkeypatch.setattr(near_texts, "HITS", 10)
    known = rarity.Rarity(10_000, {"甲乙": 1, "丙丁": 6, "戊己": 5, "庚辛": 400, "壬癸": 9_000})
    assert _asked("", known) == [("甲乙",), ("戊己",)]
    assert _asked("", rarity.Rarity(10_000, {"庚辛": 400})) == [("庚辛",)]
    assert _asked("", rarity.Rarity(10_000, {"壬癸": 9_000})) == []


def test_commoner_words_are_asked_side_by_side(monkeypatch: Any) -> None:
    monkeypatch.setattr(near_texts, "HITS", 10)
    known = rarity.Rarity(10_000, {"魅力": 300, "力之": 200, "之城": 400, "业主": 9_000, "甲乙": 9})
    assert _asked("魅力之城业主甲乙", known) == [("甲乙",), ("魅力", "力之"), ("力之", "之城")]
    monkeypatch.setattr(near_texts, "RUNS", 1)
    assert _asked("魅力之城业主甲乙", known) == [("甲乙",), ("魅力", "力之")]


def _asked(text: str, known: rarity.Rarity) -> list[tuple[str, ...]]:
    return [ask.words for ask in near_texts._asks(text, known)]


@pytest.mark.django_db(transaction=True)
def test_what_takes_too_long_is_given_up_and_said(cast: Cast, monkeypatch: Any) -> None:
    told(cast, STORY)
    slow = near_texts._candidates

    def sleeping(*given: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return slow(*given)

    monkeypatch.setattr(near_texts, "PATIENCE", 20)
    monkeypatch.setattr(near_texts, "_candidates", sleeping)
    assert near_texts.near(cast.registrar, Told(AGAIN)) == Near(too_slow=True)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] == "0"


# --- where it is shown ----------------------------------------------------------------------------------------------------


def test_the_case_page_asks_before_a_matter_is_sent_on_and_no_longer(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    first, second = told(cast, STORY), told(cast, AGAIN)
    client = signed_in(cast.triage)
    ask = f"/petitions/{second.ref}/near/"
    assert f'hx-get="{ask}"' in client.get(f"/petitions/{second.ref}/").content.decode()
    held = make.sent()
    assert "/near/" not in client.get(f"/petitions/{held.petition.ref}/").content.decode()
    for headers in ({}, {"HX-Request": "true"}):
        page = client.get(ask, headers=headers).content.decode()
        assert first.number in page and "同一地点：“万家花园”" in page and "由您判断" in page


def test_what_the_case_page_shows_stays_in_scope_and_is_logged(cast: Cast, signed_in: SignIn) -> None:
    first, second = told(cast, STORY), told(cast, AGAIN)
    ask = f"/petitions/{second.ref}/near/"
    assert signed_in(cast.registrar).get(ask).status_code == 200
    entry = AccessLog.objects.filter(kind="look_up").latest("pk")
    assert (entry.target, entry.data) == (f"petition:{second.ref}", {"by": ["text"], "shown": [first.ref]})
    assert signed_in(cast.township_registrar).get(ask).status_code == 404
    theirs = told(cast, AGAIN, by=cast.township_registrar)
    page = signed_in(cast.township_registrar).get(f"/petitions/{theirs.ref}/near/").content.decode()
    assert first.number not in page and second.number not in page and "没有找到" in page


@pytest.mark.parametrize("path", ["/register/suggest/", "near"])
def test_a_question_that_took_too_long_says_so_and_offers_none(
    cast: Cast, signed_in: SignIn, monkeypatch: Any, path: str
) -> None:
    matter = told(cast, STORY)
    monkeypatch.setattr(near_texts, "near", lambda *_, **__: Near(too_slow=True))
    client = signed_in(cast.registrar)
    answer = client.get(f"/petitions/{matter.ref}/near/") if path == "near" else client.post(path, {"content": AGAIN})
    assert answer.status_code == 200 and "用时过长" in answer.content.decode()


def test_a_merge_offers_open_matters_about_the_same_trouble(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.confirmed(title=STORY[:14], content=STORY)
    first, second = told(cast, STORY), told(cast, AGAIN)
    client, path = signed_in(cast.triage), step_url("merge", second.filings.get())
    page = client.get(path).content.decode()
    assert page.count('type="radio"') == 1 and f'value="{first.number}"' in page
    assert client.post(path, {"pick": first.number}).status_code == 302
    second.refresh_from_db()
    assert second.merged_into == first


def test_a_typed_number_goes_before_a_choice(cast: Cast, signed_in: SignIn) -> None:
    first, other, second = told(cast, STORY), told(cast, ELSE), told(cast, AGAIN)
    client, path = signed_in(cast.triage), step_url("merge", second.filings.get())
    assert client.post(path, {"pick": first.number, "into": other.number}).status_code == 302
    second.refresh_from_db()
    assert second.merged_into == other


def test_a_merge_into_nothing_or_into_what_is_not_seen_is_refused(cast: Cast, signed_in: SignIn) -> None:
    told(cast, STORY)
    second = told(cast, AGAIN)
    client, path = signed_in(cast.triage), step_url("merge", second.filings.get())
    for said in ({}, {"pick": "无此编号"}, {"pick": second.number}):
        assert client.post(path, said).status_code == 422
    assert Petition.objects.filter(merged_into=None).count() == 2


# --- how rare a word is ---------------------------------------------------------------------------------------------------


def test_words_are_counted_as_they_stand(cast: Cast) -> None:
    told(cast, STORY)
    told(cast, AGAIN)
    rarity.count()
    known = rarity.of(["渗水", "开发", "没有"])
    assert (known.total, dict(known.matters)) == (2, {"渗水": 2, "开发": 1, "没有": 0})


def test_a_sample_is_weighed_up_and_leaves_out_what_stood_once(cast: Cast, monkeypatch: Any) -> None:
    for _ in range(30):
        told(cast, STORY)
    monkeypatch.setattr(rarity, "SAMPLE", 29)
    rarity.count()
    known = rarity.of(["渗水"])
    assert known.total == 30 and known.matters["渗水"] <= 30


def test_counts_are_stale_when_the_record_has_grown(cast: Cast) -> None:
    assert not rarity.stale()
    told(cast, STORY)
    assert rarity.stale()
    rarity.count()
    assert not rarity.stale()
    assert not WordCount.objects.filter(matters__lt=0).exists()


def test_what_everybody_writes_says_nothing() -> None:
    known = rarity.Rarity(100_000, {"请求": 40_000, "渗水": 300, "万家": 3})
    weights = known.weights()
    assert set(weights) == {"渗水", "万家"} and weights["万家"] > weights["渗水"]


# --- two texts ------------------------------------------------------------------------------------------------------------

_TEXT = st.text(alphabet="万家花园小区的地下车库渗水宏达置业公司路，。 aB3", max_size=80)
_QUOTED = re.compile("“([^”]*)”")


def _weighed(text: str) -> dict[str, float]:
    return dict.fromkeys(likeness.words_in(text), 7.0)


@given(_TEXT, _TEXT)
@settings(max_examples=300, deadline=None)
def test_every_quoted_word_stands_in_both_texts(one: str, other: str) -> None:
    found = likeness.likeness(one, other, _weighed(one))
    if found is not None:
        for phrase in _QUOTED.findall(likeness.reason(found)):
            assert phrase in one.lower() and phrase in other.lower()


@given(_TEXT)
@settings(max_examples=200, deadline=None)
def test_a_text_is_wholly_like_itself(text: str) -> None:
    weights = _weighed(text)
    found = likeness.likeness(text, text, weights)
    assert found is None or found.share == pytest.approx(1)
    if sum(weights.values()) >= likeness.LEAST and re.search("[万家地下车库渗]{4}", text):
        assert found is not None


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    found = likeness.likeness(one, other, _weighed(one))
    assert found is None or found.share > 0


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (
            "我住在万家花园，天天渗水漏水",
            "万家花园天天渗水漏水",
            "同一地点：“万家花园”；文字相近：都写到“天天渗水漏水”",
        ),
        (
            "和平路改造工程拖欠工资",
            "和平路改造工程拖欠工资不还",
            "同一项目：“和平路改造工程”；文字相近：都写到“拖欠工资”",
        ),
        ("天天渗水漏水没人修", "楼上天天渗水漏水", "文字相近：都写到“天天渗水漏水”"),
    ],
)
def test_a_reason_names_what_both_texts_name(one: str, other: str, reason: str) -> None:
    found = likeness.likeness(one, other, _weighed(one))
    assert found is not None and likeness.reason(found) == reason


# How often words stand in what people write to offices: what every firm is called says little, a firm's own name much.
_EVERYDAY = dict.fromkeys(["有限", "公司", "服务", "物业", "管理", "科技", "建设", "集团", "业主", "开发"], 2.5)


def _as_written(text: str) -> dict[str, float]:
    return {word: _EVERYDAY.get(word, 7.0) for word in likeness.words_in(text)}


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        (
            "万家物业服务有限公司乱收停车费，意见很大",
            "小区由浦江万家物业服务有限公司管理，电梯坏了",
            "万家物业服务有限公司",
        ),
        ("恒信科技有限公司拖欠工资三个月", "我在浦江恒信科技有限公司上班，没有交社保", "恒信科技有限公司"),
        ("金华市宏达置业有限公司延期交房，请求处理", "我买了宏达置业有限公司的房子，漏水严重", "宏达置业有限公司"),
        ("中天建设集团有限公司拖欠农民工工资", "中天建设集团欠我们的工资三个月", "中天建设集团"),
        ("万家物业服务有限责任公司收费不公开", "万家物业服务有限公司电梯不修", "万家物业服务"),
        ("小区的万家物业不管，电梯坏了没人来修", "浦江万家物业服务有限公司电梯坏了没人修", "万家物业"),
        ("浦江县绿源园林绿化工程有限公司占道", "绿源园林绿化工程有限公司夜间施工", "绿源园林绿化工程有限公司"),
    ],
)
def test_a_firm_named_in_both_texts_is_the_same_project_however_it_is_written(one: str, other: str, name: str) -> None:
    for first, second in ((one, other), (other, one)):
        found = likeness.likeness(first, second, _as_written(first))
        assert found is not None and likeness.Name("project", name) in found.names


@pytest.mark.parametrize("weights", [_weighed, _as_written])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("浦江恒信物业服务有限公司乱收费用", "安泰物业服务有限公司电梯不修"),
        ("宏达建设集团有限公司拖欠工资", "中天建设集团有限公司占用道路"),
        ("绿源园林绿化工程有限公司拖欠工资", "青山园林绿化工程有限公司占道施工"),
        ("某某有限责任公司拖欠工资", "另外一家有限责任公司占道施工"),
    ],
)
def test_what_every_firm_is_called_is_no_name(one: str, other: str, weights: Any) -> None:
    found = likeness.likeness(one, other, weights(one))
    assert found is None or found.names == ()


def test_words_of_a_text_are_the_indexs_words() -> None:
    assert set(likeness.words_in(STORY)) == set(search_words.bigrams(STORY))


def test_what_too_many_hold_is_passed_over(cast: Cast, monkeypatch: Any) -> None:
    for _ in range(3):
        told(cast, STORY)
    assert len(near(cast.registrar, AGAIN)) == 3
    monkeypatch.setattr(near_texts, "OF_EACH", 2)
    monkeypatch.setattr(near_texts, "OF_RUN", 2)
    assert near(cast.registrar, AGAIN) == []
