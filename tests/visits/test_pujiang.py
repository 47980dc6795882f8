"""The Pujiang day in a small form: real HTTP, real processes, the web server killed four times and the worker once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
