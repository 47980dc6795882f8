"""Does the whole office come up, answer, and go down without a trace?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from config import embedded
from tests.config.test_embedded import clean_environment, gone, new_var, postmaster, valkey, wait_until

__all__ = ["new_var"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def open_office(var, port, **more) -> subprocess.Popen[str]:
    environment = {**clean_environment(var), "PORT": str(port), "OFFICE_MODE": "office", "WEB_WORKERS": "1", **more}
    return subprocess.Popen(
        [sys.executable, "-m", "config.office"], cwd=embedded.ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def descendants(top: int) -> set[int]:
    """Every process below one, however deep."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in map(str.split, table.splitlines())}
    found = {top}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {top}


def until_open(office) -> None:
    assert office.stdout is not None
    seen = []
    for line in office.stdout:
        seen.append(line)
        if "Ctrl-C closes it" in line:
            return
    pytest.fail("".join(seen))


@pytest.mark.slow
def test_nothing_is_left_when_it_closes_however_it_is_closed(new_var):
    var = new_var()  # one for all three ways: making the tables is what takes long
    for number in (signal.SIGINT, signal.SIGTERM):
        closes_without_a_trace(var, number)
    dies_with_its_children(var)


def closes_without_a_trace(var, number) -> None:
    """Open it, ask for a page, find that a second one will not open, close it by a signal."""
    port = free_port()
    office = open_office(var, port)
    try:
        until_open(office)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/no-such-page/", timeout=20)
        family = descendants(office.pid) | {postmaster(var), valkey(var)}
        assert len(family) >= 6
        second = open_office(var, free_port())
        assert "already open" in second.communicate(timeout=60)[0]
        os.kill(office.pid, number)
        assert office.wait(60) == 0
        wait_until(lambda: all(map(gone, family)), 10)
    finally:
        office.kill()


def dies_with_its_children(var) -> None:
    """Open it and kill it outright."""
    office = open_office(var, free_port())
    until_open(office)
    family = descendants(office.pid)
    office.kill()
    wait_until(lambda: all(map(gone, family)), 60)


@pytest.mark.slow
def test_an_office_does_not_open_on_a_demo_nor_a_demo_on_an_office(new_var):
    for begun, asked, word in (("demo", "office", "演示"), ("office", "demo", "正式")):
        var = new_var()
        for command in (["migrate", "--verbosity", "0"], ["begin"]):
            environment = {**clean_environment(var), "OFFICE_MODE": begun}
            subprocess.run([sys.executable, "manage.py", *command], cwd=embedded.ROOT, env=environment, check=True)
        office = open_office(var, free_port(), OFFICE_MODE=asked)
        said, _ = office.communicate(timeout=120)
        assert office.returncode == 1
        assert word in said


def test_a_taken_port_is_said_plainly(new_var):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        office = open_office(new_var(), taken.getsockname()[1])
        said, _ = office.communicate(timeout=60)
    assert office.returncode == 1
    assert "is taken by another program" in said


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [("PORT", "many", "PORT must be"), ("SESSION_HOURS", "99", "SESSION_HOURS"), ("OFFICE_MODE", "party", "OFFICE_MODE"),
     ("DATABASE_URL", "mysql://x/y", "postgresql://")],
)  # fmt: skip
def test_a_wrong_setting_stops_it_with_its_name(new_var, name, value, word):
    var = new_var()
    if name == "PORT":
        command = [sys.executable, "-m", "config.office"]
    else:
        command = [sys.executable, "-c", "import config.settings"]
    done = subprocess.run(
        command,
        cwd=embedded.ROOT,
        env={**clean_environment(var), name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert word in done.stdout + done.stderr
