"""What do tests run on?  A pytest plugin: throwaway embedded servers, a database slot a run, and Chromium where there is one.

pyproject.toml loads it by ``-p tests.servers``, before settings are read.  A run takes the first free slot, so that several
runs beside each other, and beside ``make run``, never share a database.  With DATABASE_URL and REDIS_URL given, those
servers are used.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from config import embedded

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet and offline; --no-sandbox because tests may run as root, where Chromium refuses to start with it.
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
_slot: list[int] = []  # the handle of this run's slot, kept open until the process ends


def chromium() -> str | None:
    """The path of the system's Chromium (or CHROMIUM in the environment), if there is one."""
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def take_slot(folder: Path) -> int:
    """Reserve the lowest free number for this process; it is free again when the process ends."""
    for number in range(100):
        handle = os.open(folder / f"slot-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        _slot.append(handle)
        return number
    raise RuntimeError("a hundred test runs at once?")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, Any, Any]:
    """Bring the servers up before pytest-django reads settings.  Parallel workers inherit what the first process set."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        base = embedded.var_dir() / "test"
        embedded.make_folder(base, 0o711 if os.geteuid() == 0 else 0o700)
        os.environ["OFFICE_SERVERS"] = str(base / "servers.json")
        os.environ["OFFICE_TEST_DATABASE"] = f"test_office_{take_slot(base)}"
        os.environ["OFFICE_VAR"] = str(base / "var")  # tests write files of their own, and keep secrets of their own
        os.environ["OFFICE_MODE"] = "demo"  # history is written with an explicit clock, which a real office refuses
        embedded.make_folder(base / "var" / "static", 0o700)
        embedded.ensure(base, throwaway=True)
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the test's own thread
    return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser stories are skipped where there is no Chromium, unless CI asks for all of them."""
    if chromium() or os.environ.get("CI") == "true":
        return
    skip = pytest.mark.skip(reason="no Chromium on this machine (Debian: apt-get install chromium)")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say plainly that stories were not walked."""
    if not chromium():
        terminalreporter.write_line("No Chromium here: the browser stories were skipped.", yellow=True)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; with CI=true its absence fails the test."""
    found = chromium()
    if found is None:
        pytest.fail("CI=true and no Chromium: install it, so that the browser stories are walked")
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    """A Playwright browser on the system's Chromium, one for each test process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()
