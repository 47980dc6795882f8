"""Can nobody else use the embedded servers, and is nothing lost when they are killed?"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from config import embedded

NOBODY = 65534
# Libraries first: the other user may not be able to read this Python, which is not what is asked.
DROP = f"import os, socket, psycopg2; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY});"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another user")


def clean_environment(var: Path) -> dict[str, str]:
    """This environment without what the test run itself set, and with a var/ of its own."""
    dropped = ("OFFICE_", "DATABASE_", "REDIS_", "PYTEST_", "DJANGO_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    return {**kept, "OFFICE_VAR": str(var)}


def python(var: Path, code: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=embedded.ROOT, env=clean_environment(var), capture_output=True, text=True,
        timeout=120, check=False, **options,
    )  # fmt: skip


def control(var: Path, wish: str) -> str:
    """start, stop or status, as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "config.embedded", wish], cwd=embedded.ROOT, env=clean_environment(var),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def addresses(var: Path) -> dict:
    return json.loads((var / "servers.json").read_text())


def connect(var: Path, login: str = "owner"):
    found = addresses(var)["database"]
    return psycopg2.connect(
        host=found["host"], port=found["port"], dbname=found["name"], user=found[login]["user"],
        password=found[login]["password"],
    )  # fmt: skip


def postmaster(var: Path) -> int:
    home = Path((var / "home").read_text().strip()) if (var / "home").exists() else var
    return int((home / "pg" / "postmaster.pid").read_text().split()[0])


def valkey(var: Path) -> int:
    pid = embedded._valkey_pid(addresses(var)["redis"])
    assert pid
    return pid


def gone(pid: int) -> bool:
    """Whether a process has ended (one that nobody waited for counts as ended)."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].startswith("Z")
    return True


def wait_until(true, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def new_var():
    """Makes folders that the servers' own user can enter; stops what runs there, and removes them."""
    made: list[Path] = []

    def make(mode: int = 0o711, below: str = "") -> Path:
        top = Path(tempfile.mkdtemp(prefix="xf-test-", dir="/tmp"))
        top.chmod(mode)
        made.append(top)
        return top / below / "var"

    yield make
    for top in made:
        for var in {path.parent for path in top.rglob("servers.json")}:
            control(var, "stop")
            for note in ("home", "sockets"):
                if (var / note).exists():
                    shutil.rmtree((var / note).read_text().strip(), ignore_errors=True)
        shutil.rmtree(top, ignore_errors=True)


@pytest.fixture
def running(new_var):
    """The var/ of servers that run."""
    var = new_var()
    control(var, "start")
    return var


def test_no_other_user_gets_in_and_nobody_without_the_password(running):
    found = addresses(running)["database"]
    assert (running / "servers.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host=found["host"], dbname="postgres", user="postgres", password="wrong")
    with contextlib.closing(connect(running)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolsuper")
        assert cursor.fetchall() == [("postgres",)]
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)
        cursor.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()")
        assert cursor.fetchone() == ("b", "C.UTF-8")


@as_root
def test_another_os_user_cannot_connect_even_with_the_password(running):
    found = addresses(running)
    try_postgres = (
        "import psycopg2; psycopg2.connect(host={host!r}, port={port}, dbname={name!r}, user='postgres',"
        " password={admin[password]!r})"
    ).format(**found["database"])
    try_valkey = "import socket; socket.socket(socket.AF_UNIX).connect({socket!r})".format(**found["redis"])
    for code in (try_postgres, try_valkey, f"open({str(running / 'servers.json')!r})"):
        assert python(running, code).returncode == 0
        refused = python(running, DROP + code)
        assert refused.returncode != 0
        assert "ermission denied" in refused.stderr, refused.stderr


@as_root
def test_the_servers_do_not_run_as_root_and_a_closed_home_keeps_its_mode(new_var):
    var = new_var(mode=0o700)
    control(var, "start")
    assert Path(f"/proc/{postmaster(var)}").stat().st_uid != 0
    assert Path(f"/proc/{valkey(var)}").stat().st_uid != 0
    assert var.parent.stat().st_mode & 0o777 == 0o700
    assert not (var / "pg").exists()


def test_nothing_is_lost_when_everything_is_killed(running):
    with contextlib.closing(connect(running)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    redis = embedded._valkey(addresses(running)["redis"])
    redis.set("kept", "42")
    redis.execute_command("WAITAOF", 1, 0, 5000)
    pids = [postmaster(running), valkey(running)]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: all(map(gone, pids)))
    # Process numbers come round again: the stale file now names a process of somebody else.
    stale = running / "pg" / "postmaster.pid"
    stale.write_text("\n".join([str(os.getpid()), *stale.read_text().splitlines()[1:]]) + "\n")
    control(running, "start")
    with contextlib.closing(connect(running)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    assert embedded._valkey(addresses(running)["redis"]).get("kept") == b"42"


def test_two_checkouts_and_many_processes_at_once(new_var):
    first, second = new_var(), new_var(below="a-folder-with-a-very-long-name/" * 4)
    code = (
        "from config import embedded; import psycopg2; f = embedded.ensure()['database'];"
        "c = psycopg2.connect(host=f['host'], dbname=f['name'], user=f['app']['user'], password=f['app']['password']);"
        "c.cursor().execute('SELECT 1'); print('ok')"
    )
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda var: python(var, code), [first, second] * 3))
    assert [each.stdout for each in done] == ["ok\n"] * 6, [each.stderr for each in done]
    assert addresses(first)["database"]["host"] != addresses(second)["database"]["host"]
    # The last one to end stopped them.
    for var in (first, second):
        assert "is not running\nValkey: is not running" in control(var, "status")


def test_a_start_that_failed_tells_why_and_nothing_else_and_still_lets_go(running):
    code = (
        "from config import embedded\n"
        "def trouble(*_): raise embedded.ServerTrouble('no room on the disk')\n"
        "embedded._start_postgres = trouble\n"
        "embedded.ensure()"
    )
    failed = python(running, code)
    assert failed.stderr.strip().endswith("no room on the disk"), failed.stderr
    assert "Valkey: is not running" in control(running, "status")


def test_where_the_servers_live_is_settled_by_one_process_at_a_time(new_var):
    code = (
        "import fcntl; from config import embedded; settle = embedded._place\n"
        "def settled_alone(base, **options):\n"
        "    try: fcntl.flock(open(base / 'start.lock', 'a'), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "    except BlockingIOError: return settle(base, **options)\n"
        "    raise AssertionError('another process may settle it at the same time')\n"
        "embedded._place = settled_alone; embedded.ensure(); print('ok')"
    )
    done = python(new_var(), code)
    assert done.stdout == "ok\n", done.stderr
