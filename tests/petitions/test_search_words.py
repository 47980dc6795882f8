"""Which words does a search mean, and does PostgreSQL part a text as Python does?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from petitions.search_sql import CREATE_BIGRAMS
from petitions.search_words import QueryKind, bigrams, classify, tsquery


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("今天天气", ["今天", "天天", "天气"]),
        ("拖欠，工资。", ["拖欠", "工资"]),
        ("3号楼KTV噪音", ["号楼", "噪音", "3", "ktv"]),
        ("𠮷祥㛃䶮", ["𠮷祥", "祥㛃", "㛃䶮"]),
        ("二〇二六年人民々", ["二〇", "〇二", "二六", "六年", "年人", "人民", "民々"]),
        ("Ａ座１２", []),
        ("井", []),
        ("", []),
        ("\x00 \n", []),
        ("a" * 64 + " " + "b" * 65, ["a" * 64]),
    ],
)
def test_a_text_is_parted_into_pairs_and_words(text: str, words: list[str]) -> None:
    assert bigrams(text) == words


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("浦信2026-000123", "number", "浦信2026-000123"),
        ("浦信２０２６—０００１２３", "number", "浦信2026-000123"),
        ("2026-000123-02", "number", "2026-000123-02"),
        ("浦信访受字[2026]12号", "number", "浦信访受字〔2026〕12号"),
        ("11010519491231002x", "id", "11010519491231002X"),
        ("110105491231002", "id", "11010519491231002X"),
        ("138 1234 5678", "phone", "+8613812345678"),
        ("0579-84112345", "phone", "+8657984112345"),
        ("ZSF", "initials", "zsf"),
        ("张三丰", "name", "张三丰"),
        ("欧阳锋", "name", "欧阳锋"),
        ("阿卜杜拉·买买提", "name", "阿卜杜拉·买买提"),
        ("拖欠工资", "words", ""),
        ("张三 拖欠", "words", ""),
        ("井", "words", ""),
        ("  \x00 ", "empty", ""),
    ],
)
def test_a_search_is_understood(text: str, kind: str, value: str) -> None:
    found = classify(text)
    assert (found.kind, found.value) == (kind, value)


def test_blanks_part_phrases_and_a_word_at_an_edge_is_left_to_the_check() -> None:
    found = classify("KTV噪音 3楼漏水 拖欠K工资")
    assert found.phrases == ("KTV噪音", "3楼漏水", "拖欠K工资")
    assert found.terms == ("噪音", "楼漏", "漏水", "拖欠", "工资", "k")
    assert tsquery(("噪音", "k", "噪音")) == "'噪音' & 'k'"


def test_one_character_asks_the_index_for_nothing() -> None:
    assert classify("井").terms == ()


marks = st.text(
    alphabet=st.one_of(
        st.characters(exclude_characters="\x00", exclude_categories=["Cs"]),
        st.sampled_from("国家天气ABab09 ，。'\\𠮷㛃〇々・１Ａİı"),
    ),
    max_size=60,
)


@given(marks, st.data())
def test_every_text_holding_a_phrase_holds_its_terms(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text)))
    phrase = text[first : data.draw(st.integers(first, len(text)))].strip()
    if phrase and classify(phrase).kind is QueryKind.WORDS and not phrase.isascii():
        assert set(classify(phrase).terms) <= set(bigrams(text))


@pytest.fixture
def _function(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CREATE_BIGRAMS.replace("petitions_bigrams", "pg_temp.petitions_bigrams"))


def _in_database(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_temp.petitions_bigrams(%s)", [text])
        found: list[str] = cursor.fetchone()[0]
    return found


@pytest.mark.usefixtures("_function")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marks | st.from_regex(r"[a-z0-9 天]{60,140}", fullmatch=True))
def test_postgresql_parts_a_text_as_python_does(text: str) -> None:
    assert _in_database(text) == bigrams(text)


@pytest.mark.usefixtures("_function")
def test_a_huge_text_is_indexed_as_far_as_postgresql_can() -> None:
    text = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(60_000)) + "a" * 100_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(array_to_tsvector(pg_temp.petitions_bigrams(%s)))", [text])
        assert cursor.fetchone()[0] == 20_000


@pytest.mark.usefixtures("_function")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marks)
def test_no_text_makes_a_question_that_postgresql_refuses(text: str) -> None:
    terms = tuple(bigrams(text))
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_to_tsvector(%s::text[]) @@ %s::tsquery", [list(terms), tsquery(terms)])
        assert cursor.fetchone()[0] is bool(terms)
