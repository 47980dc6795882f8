"""Which codes does a petitioner or a URL carry?"""

from __future__ import annotations

import math

import pytest

from petitions import querycode


def test_a_code_has_ten_characters_none_alike_and_48_bits() -> None:
    assert not set(querycode.ALPHABET) & set("0O1ILZSB")
    assert len(set(querycode.ALPHABET)) == len(querycode.ALPHABET)
    assert math.log2(len(querycode.ALPHABET)) * querycode.LENGTH >= 48
    codes = {querycode.new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(querycode.is_code(code) and len(code) == 10 for code in codes)


@pytest.mark.parametrize("typed", ["acdef gh258", "ACDEF-GH258", "ＡＣＤＥＦＧＨ２５８", " ACDEF GHZSB\n"])
def test_what_people_type_is_read_as_the_code_meant(typed: str) -> None:
    assert querycode.normalise(typed) == "ACDEFGH258"
    assert querycode.code_hash(typed) == querycode.code_hash("ACDEFGH258")


def test_the_hash_is_keyed_and_no_two_codes_share_it() -> None:
    first, second = querycode.code_hash("ACDEFGH258"), querycode.code_hash("ACDEFGH259")
    assert first != second
    assert len(first) == 64


@pytest.mark.parametrize("typed", ["", "ACDEF", "ACDEFGH2580", "ACDEFGH25O", "一二三四五六七八九十"])
def test_what_cannot_be_a_code_has_no_hash(typed: str) -> None:
    assert not querycode.is_code(typed)
    assert querycode.code_hash(typed) == ""


def test_a_code_is_printed_in_two_groups() -> None:
    assert querycode.grouped("ACDEFGH258") == "ACDEF GH258"


def test_a_ref_is_16_characters_of_crockfords_lower_case_alphabet() -> None:
    refs = {querycode.new_ref() for _ in range(2000)}
    assert len(refs) == 2000
    assert all(len(ref) == 16 and set(ref) <= set(querycode.REF_ALPHABET) for ref in refs)
    assert not set(querycode.REF_ALPHABET) & set("ilou")
