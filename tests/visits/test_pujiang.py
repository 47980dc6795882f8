"""The Pujiang day in a small form: real HTTP, real processes, the web server killed four times and the worker once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from bench.pujiang import replay
from bench.pujiang.client import Lost
from bench.pujiang.script import BOOKED, OUTCOMES, PEOPLE, RECEIVED, script
from config import embedded


def test_the_day_as_it_was() -> None:
    day = script()
    assert (len(day.received), len(day.booked), len(day.walk_ins), day.rooms) == (RECEIVED, BOOKED, 107, 14)
    assert sum(group.people for group in day.received) == PEOPLE == 667
    assert day.outcomes == OUTCOMES == {"resolved": 91, "explained": 21, "assigned": 324}
    assert sum(not group.comes for group in day.booked) == 100
    assert len({group.phone for group in day.groups}) == len(day.groups)


def test_a_smaller_day_keeps_the_proportions() -> None:
    day = script(14)
    assert (len(day.received), day.rooms, sum(day.outcomes.values())) == (14, 2, 14)
    assert len(day.booked) - sum(not group.comes for group in day.booked) + len(day.walk_ins) == 14


class _Full(BaseHTTPRequestHandler):
    """Takes the bookings of ``names`` and refuses every other."""

    protocol_version = "HTTP/1.1"
    names: frozenset[str] = frozenset()

    def do_POST(self) -> None:
        told = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.path.endswith("/book/"):
            return self._answer(302 if told["name"][0] in self.names else 422, "")
        return self._answer(200, "已预约")

    def do_GET(self) -> None:
        self._answer(200, '<dd class="mono">AB12</dd>')

    def log_message(self, *_args: Any) -> None:
        """Nothing."""

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Up(replay.Office):
    """An office whose one server is the test's."""

    def __init__(self) -> None:
        self.kills = {"web": 0, "worker": 0}

    def live_on(self, back: int) -> None:
        """It lives today."""

    def kill(self, name: str) -> None:
        self.kills[name] += 1


def test_a_replay_whose_bookings_fail_says_so_and_nobody_waits_on() -> None:
    day, office = script(14), _Up()
    _Full.names = frozenset(
        group.name for group in day.booked[0 :: replay.WAVES]
    )  # the second wave finds the rooms full
    with ThreadingHTTPServer(("127.0.0.1", 0), _Full) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        playing = replay.Replay(day, {"rooms": ["a", "b"]}, server.server_port, 0, lambda _: None)
        try:
            with pytest.raises(Lost, match="found no room"):
                playing.book(office)
        finally:
            server.shutdown()
            serving.join()
    assert [one for one in threading.enumerate() if one.name.endswith("(_kill_while_booking)")] == []
    assert office.kills["web"] == 0


@pytest.mark.slow
def test_fourteen_groups_are_received_whole_while_processes_are_killed(tmp_path: Path) -> None:
    # A short path: PostgreSQL's socket stands in it.
    folder = Path(f"/tmp/pj{os.getpid()}")
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
    }
    env |= {"OFFICE_VAR": str(tmp_path / "var"), "OFFICE_MODE": "demo", "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "pujiang", "--groups", "14", "--folder", str(folder)]
    done = subprocess.run(command, cwd=embedded.ROOT, env=env, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "14 groups, 21 people: 3 settled on the spot, 1 explained, 10 assigned" in done.stdout
    assert "'web': 4, 'worker': 1" in done.stdout
