"""Are the near copies of the measuring near, and is what is said of them true?"""

from __future__ import annotations

import pytest

from bench import near
from petitions.likeness import likeness, words_in
from petitions.models import Petition
from tests.cast import Cast

TEXTS = [
    "万家花园二期的地下车库渗水三年。开发商宏达置业一直推诿；物业也不管。请求督促维修，给业主一个答复！",
    "前吴村去年修路占了承包地三分，补偿款至今没有发放。多次到镇上询问，答复都是再等等。请求查明款项去向。",
    "城东菜场旁的早餐摊点油烟直排，居民不敢开窗。夜里两点就开始拉货，噪音很大。希望城管部门管一管。",
]


def test_each_kind_of_copy_is_another_text_about_the_same_trouble_and_the_same_each_time() -> None:
    made = near.copies(TEXTS)
    assert made == near.copies(TEXTS)
    assert [kind for kind, _ in made] == list(near.COPIES)
    for text, (kind, copy) in zip(TEXTS, made, strict=True):
        assert copy != text, kind
        assert likeness(text, copy, dict.fromkeys(words_in(text), 7.0)) is not None, kind


@pytest.mark.django_db
def test_what_was_planted_is_found_and_what_was_not_is_missed(cast: Cast) -> None:
    planted = near.plant(TEXTS, cast.registrar)
    assert Petition.objects.count() == 3
    rows = near.measure(TEXTS, planted, cast.registrar)
    whole = next(row for row in rows if row["copy"] == "all" and row["typed"] == "whole")
    assert (whole["asked"], whole["found"], whole["recall"], whole["too_slow"]) == (3, 3, 1.0, 0)
    elsewhere = near.measure(TEXTS, [(kind, "0" * 16) for kind, _ in planted], cast.registrar)
    assert {row["found"] for row in elsewhere} == {0} and elsewhere[-1]["others"] > 0
