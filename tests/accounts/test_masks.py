"""How much of personal data does a screen show?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.masks import mask_address, mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张某"), ("张三丰", "张*某"), ("欧阳锋", "欧阳某"), ("欧阳娜娜", "欧阳*某"), ("欧阳", "欧某"),
     ("阿卜杜拉·买买提", "阿**某"), ("John Smith", "J***"), ("𠮷田", "𠮷某"), ("", "")],
)  # fmt: skip
def test_a_name_keeps_its_surname(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_ids_and_phones_hide_the_tail_that_opens_the_public_page() -> None:
    assert mask_id("330726198001010011") == "3307************11"
    assert mask_phone("+8613812345678") == "138******78"
    assert mask_phone("+8657984112345") == "057*******45"
    assert mask_id("E1234567") == "E1******"
    assert mask_id("") == mask_phone("") == ""


@given(st.text(alphabet="0123456789X", min_size=4, max_size=20))
def test_no_mask_shows_the_last_four_or_more_than_half(number: str) -> None:
    for masked in (mask_id(number), mask_phone(number)):
        assert masked[-4:] != number[-4:]
        assert masked.count("*") * 2 >= len(masked)


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("浙江省浦江县岩头镇芳地村3号", "浙江省浦江县岩头镇****"),
        ("浙江省金华市浦江县浦阳街道人民路1号", "浙江省金华市浦江县浦阳街道****"),
        ("北京市朝阳区建国路1号", "北京市朝阳区****"),
        ("人民路1号", "人民****"),
        ("", ""),
    ],
)
def test_an_address_stops_at_the_town(address: str, masked: str) -> None:
    assert mask_address(address) == masked
