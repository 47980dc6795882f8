"""Which characters may a text hold?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.text import TextRefused, clean_text


@pytest.mark.parametrize("name", ["𠮷田", "㛃", "䶮", "阿卜杜拉·买买提", "\u2f800", "👨‍👩‍👧", "é"])
def test_rare_characters_are_kept_as_they_are(name: str) -> None:
    assert clean_text(name) == name


def test_nul_and_other_controls_vanish_and_line_ends_are_one() -> None:
    assert clean_text("\ufeff张\x00三\x07\r\n李\u2028四\r王\t五\u200b ") == "张三\n李\n四\n王\t五"


def test_a_name_has_one_line() -> None:
    assert clean_text("张三\r\n李四", one_line=True) == "张三 李四"


@pytest.mark.parametrize("mark", list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
def test_marks_of_writing_direction_are_refused_or_stripped(mark: str) -> None:
    with pytest.raises(TextRefused, match="书写方向"):
        clean_text(f"张{mark}三")
    assert clean_text(f"张{mark}三", bidi="strip") == "张三"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(TextRefused, match="无法识别"):
        clean_text("张\ud842三")


def test_a_long_text_is_refused_with_both_lengths() -> None:
    with pytest.raises(TextRefused, match=r"10000000个字符，最多4000个"):
        clean_text("长" * 10_000_000, limit=4000)
    with pytest.raises(TextRefused, match=r"4001个字符"):
        clean_text("长" * 4001, limit=4000)
    assert len(clean_text("长" * 4000 + " " * 500, limit=4000)) == 4000


@given(st.text())
def test_a_cleaned_text_is_clean(text: str) -> None:
    once = clean_text(text, bidi="strip")
    assert clean_text(once) == once
    assert "\x00" not in once
