"""Whoever sets up a computer of the office: the page on installing the authority, and the page that meets http."""

from __future__ import annotations

import hashlib
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from config import plain_door, tls
from tests.stories.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An authority in a folder of its own; returns its fingerprint without colons."""
    monkeypatch.setenv("OFFICE_VAR", str(tmp_path))
    tls.ensure(["xinfang.lan", "127.0.0.1", "::1"])
    return tls.fingerprint().replace(":", "")


def test_the_authority_is_downloaded_and_compared(authority: str, stage: Stage) -> None:
    page = stage.window()
    page.goto(f"{stage.address}/ca/")
    stage.look(page, "authority")
    shown = "".join(page.locator("[data-fingerprint] span").all_inner_texts())
    assert shown == authority
    with page.expect_download() as download:
        page.click("text=下载 office-ca.crt")
    assert hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest().upper() == authority


def test_without_an_authority_there_is_nothing_to_install(tmp_path: Path, monkeypatch: Any, stage: Stage) -> None:
    monkeypatch.setenv("OFFICE_VAR", str(tmp_path))
    page = stage.window()
    page.goto(f"{stage.address}/ca/")
    page.locator("text=不用安装").wait_for()
    stage.look(page, "none")


def test_http_leads_to_https_and_nowhere_else(authority: str, stage: Stage) -> None:
    table = plain_door.pages("https://xinfang.lan/")
    door = type("Door", (plain_door.Door,), {"table": table})
    with ThreadingHTTPServer(("127.0.0.1", 0), door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = stage.window()
        for path in ("/", "/sign-in/"):
            page.goto(f"http://127.0.0.1:{server.server_port}{path}")
            page.locator("h1:has-text('请用 https 打开')").wait_for()
        assert page.locator("form").count() == 0 and page.context.cookies() == []
        assert page.locator("a[href='https://xinfang.lan/']").is_visible()
        stage.look(page, "plain-door")
        server.shutdown()
