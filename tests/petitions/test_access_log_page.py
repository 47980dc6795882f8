"""The access log read by an auditor: in words, without anything that names a petitioner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from accounts.access_log import log
from accounts.actor import Actor
from petitions.views.audit import named, said
from tests.cast import Cast


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, ""),
        ({"shown": [], "by": ["name", "phone"]}, "按姓名、电话查；没有相同的"),
        ({"by": ["text"], "shown": ["ab12", "cd34"]}, "按反映内容查；显示了 2 件：ab12、cd34"),
        (
            {"hash": "8bbf664b928657fb", "kind": "words", "found": 25},
            "按标题和内容中的字；找到 25 件；检索词指纹 8bbf664b9286",
        ),
        ({"person": 1}, "第 1 位信访人"),
        ({"ok": False}, "没有查到"),
        ({"why": "idle"}, "久未操作，自动退出"),
        ({"later": ["what", 1]}, "later：['what', 1]"),
    ],
)
def test_what_the_log_holds_is_said_in_words(data: Mapping[str, Any], words: str) -> None:
    assert said(data) == words


def test_what_was_opened_is_named_in_words() -> None:
    assert (named("paper:ab12"), named("draft:"), named("")) == ("文书 ab12", "", "")


def test_the_page_says_it_so_and_offers_no_search(cast: Cast, signed_in: Callable[[Actor], Client]) -> None:
    log(cast.registrar, "look_up", "draft:", data={"by": ["name"], "shown": []})
    page = signed_in(cast.auditor).get("/audit/log/").content.decode()
    assert "按姓名查；没有相同的" in page and "[&#x27;" not in page
    assert "data-key-search" not in page.replace("[data-key-search]", "")  # the sheet of keys names it
    assert "data-key-search" in signed_in(cast.registrar).get("/").content.decode()
