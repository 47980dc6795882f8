"""How is the measuring done?  A database of its own under var/bench, the real web server, the lean app beside it, a report."""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from bench import lean, long, near, scenarios, steps
from bench.driver import Run, drive, middle
from bench.scenarios import Scenario
from config import embedded, office
from config.transport import Transport
from petitions.walk.messages import NoMessages

CONNECTIONS, RUNS, SECONDS, WARM = (1, 8), 3, 4.0, 12
STEPS = 100  # steps of a kind in one run
HISTORIES = 400  # told to measure every kind of step
Say = Callable[[str], None]


def bench(size: int, say: Say, *, only: set[str], seconds: float = SECONDS) -> dict[str, Any]:
    """Measure an office of ``size`` matters; the report is written to var/bench/<size>.json and returned."""
    base = embedded.var_dir() / "bench"
    os.environ.update(OFFICE_VAR=str(base / str(size)), OFFICE_MODE="demo", DJANGO_SETTINGS_MODULE="config.settings")
    for given in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "OFFICE_SERVERS"):
        os.environ.pop(given, None)  # measured on servers of its own, never on anybody's
    embedded.make_folder(base, 0o711 if os.geteuid() == 0 else 0o700)
    embedded.ensure()
    generated = _fill(size, say)
    with _web(say) as port, _lean(size, say) as (lean_port, lean_rows):
        rows = list(_measured(size, port, lean_port, lean_rows, say, only, seconds))
    report = {
        "size": size, "matters": generated["matters"], "generate": generated, "machine": _machine(),
        "runs": RUNS, "seconds": seconds, "lean_rows": lean_rows,
        "lean": "measured in the same run" if lean_port else "absent: no ../shared/bench", "rows": rows,
    }  # fmt: skip
    path = base / f"{size}.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say(
        f"\n{table(rows)}\n\nwritten to {path.relative_to(embedded.ROOT) if path.is_relative_to(embedded.ROOT) else path}"
    )
    return report


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(), "memory_gib": round(memory), "system": platform.system(), "python": platform.python_version(),
        "load_before": [round(part, 2) for part in os.getloadavg()],
    }  # fmt: skip


# --- what is measured on ---------------------------------------------------------------------------------------------


def _manage(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=embedded.ROOT, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]} failed")


def _asked(*arguments: str) -> dict[str, Any]:
    """What bench.targets says, run beside the filled database."""
    return _asked_of("bench.targets", *arguments)


def _asked_of(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=embedded.ROOT, check=True, stdout=subprocess.PIPE)  # noqa: S603
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _fill(size: int, say: Say) -> dict[str, Any]:
    """Tables, style sheets and matters, unless they are there from before; says how fast they were written."""
    kept = Path(os.environ["OFFICE_VAR"]) / "generated.json"
    _manage("migrate", "--verbosity", "0")
    office.once(
        "static", office.static_mark(), lambda: _manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
    )
    if kept.exists():
        say(f"{size:,} matters are there from before")
        return dict(json.loads(kept.read_text()))
    began = time.monotonic()
    _manage("generate", "--petitions", str(size))
    seconds = time.monotonic() - began
    said = {"matters": size, "seconds": round(seconds, 1), "a_second": round(size / seconds)}
    kept.write_text(json.dumps(said))
    return said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(command: list[str], where: Path, more: dict[str, str], port: int) -> Iterator[int]:
    process = subprocess.Popen(command, cwd=where, env=os.environ | more, start_new_session=True)  # noqa: S603
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def _web(say: Say) -> Iterator[int]:
    """The web server as `make run` starts it."""
    port = _free_port()
    say("web server: granian, as make run starts it")
    with _server(office.commands(Transport("127.0.0.1", port))["web"], embedded.ROOT, {}, port):
        yield port


@contextmanager
def _lean(size: int, say: Say) -> Iterator[tuple[int, int]]:
    """The lean app on the same database server, by the same web server; (0, 0) where it is not there."""
    if not lean.there():
        say("lean app: ../shared/bench is not there; ratios are left out")
        yield 0, 0
        return
    name, rows = lean.fill(size, say)
    port = _free_port()
    command = [
        part.replace("config.wsgi:application", "django_floor:application")
        for part in office.commands(Transport("127.0.0.1", port))["web"]
    ]
    with _server(command, lean.FOLDER / "floor", lean.environment(name), port):
        yield port, rows


# --- measuring -------------------------------------------------------------------------------------------------------


def _measured(
    size: int, port: int, lean_port: int, lean_rows: int, say: Say, only: set[str], seconds: float
) -> Iterator[dict[str, Any]]:
    found = _asked()
    numbers = count(time.time_ns() // 1000 % 10**14)
    for scenario in scenarios.reading(found, lean_rows or 1):
        if not only or scenario.name in only:
            yield from _one(scenario, port, lean_port, numbers, say, seconds)
    for scenario in scenarios.looking_up(found):
        if not only or {"look_up", scenario.name} & only:
            yield from _one(scenario, port, lean_port, numbers, say, seconds)
    if not only or "suggest_real" in only:
        yield from _one(
            scenarios.typing(found, embedded.ROOT.parent / "shared/data"), port, lean_port, numbers, say, seconds
        )
    if not only or "suggest_planted" in only:
        yield from _planted(found, port, numbers, say, seconds)
    if not only or "register" in only:
        yield from _one(scenarios.registering(found), port, lean_port, numbers, say, seconds)
    needed = len(CONNECTIONS) * RUNS * STEPS + WARM * 2
    for step in steps.STEPS:
        if not only or f"step_{step}" in only:
            waiting = _asked_of("bench.steps", step, str(needed))
            yield from _one(scenarios.stepping(step, waiting, STEPS), port, lean_port, numbers, say, seconds)
    if "verbs" in only:
        row = _asked_of("bench.verbs", str(HISTORIES))
        say(f"  {row}")
        yield {"verbs": row}
    for work in long.WORKS:
        if "long" in only or f"long_{work}" in only:  # minutes each: only where asked for
            yield _long(work, say)


def _long(work: str, say: Say) -> dict[str, Any]:
    """A piece of long work, once, in a process of its own."""
    row = {**_asked_of("bench.long", work), "load": round(os.getloadavg()[0], 2)}
    say(f"  {row}")
    return {"long": row}


def _planted(
    found: dict[str, Any], port: int, numbers: Iterator[int], say: Say, seconds: float
) -> Iterator[dict[str, Any]]:
    """Near copies of real messages are planted once, typed for over HTTP, and then asked for directly: how many are found?"""
    folder = embedded.ROOT.parent / "shared/data"
    try:
        texts = near.texts_of(folder)
    except NoMessages:
        yield from _one(scenarios.typing_planted(found, []), port, 0, numbers, say, seconds)
        return
    _asked_of("bench.near", "plant", str(folder))
    yield from _one(scenarios.typing_planted(found, texts), port, 0, numbers, say, seconds)
    for row in _asked_of("bench.near", "measure", str(folder))["rows"]:
        say(f"  {row}")
        yield {"near": row}


def _one(
    scenario: Scenario, port: int, lean_port: int, numbers: Iterator[int], say: Say, seconds: float
) -> Iterator[dict[str, Any]]:
    """One scenario at each number of connections; ours and the lean app's by turns, so that both meet the same noise."""
    if scenario.ours is None:
        say(f"{scenario.name}: skipped, {scenario.why}")
        yield {"scenario": scenario.name, "skipped": scenario.why}
        return
    for connections in CONNECTIONS:
        ours: list[Run] = []
        theirs: list[Run] = []
        _warm(port, scenario.ours, numbers, connections)
        for _ in range(RUNS):
            ours.append(drive(port, scenario.ours, connections=connections, seconds=seconds, numbers=numbers))
            if lean_port and scenario.lean:
                theirs.append(
                    drive(lean_port, scenario.lean, connections=connections, seconds=seconds / 2, numbers=numbers)
                )
        row = {"scenario": scenario.name, "connections": connections, **middle(ours)}
        row["lean_rps"] = middle(theirs)["rps"] if theirs else None
        row["of_lean"] = round(row["rps"] / row["lean_rps"], 3) if theirs and row["lean_rps"] else None
        row["load"] = round(os.getloadavg()[0], 2)
        row["lean_bad"] = sum(run.bad for run in theirs)
        say(line(row))
        yield row


def _warm(port: int, load: Any, numbers: Iterator[int], connections: int) -> None:
    """Templates and trees are read once in each process; that is not what is measured."""
    from dataclasses import replace

    drive(port, replace(load, count=WARM), connections=connections, seconds=0, numbers=numbers)


HEAD = (
    f"{'scenario':<22} {'c':>2} {'req/s':>9} {'p50 ms':>8} {'p95 ms':>8} {'lean req/s':>11} {'of lean':>8} {'bad':>4}"
)


def line(row: dict[str, Any]) -> str:
    """One row of the report for the screen."""
    if "skipped" in row:
        return f"{row['scenario']:<22} skipped: {row['skipped']}"
    lean_rps = f"{row['lean_rps']:.0f}" if row["lean_rps"] else "-"
    ratio = f"{row['of_lean']:.3f}" if row["of_lean"] else "-"
    return (
        f"{row['scenario']:<22} {row['connections']:>2} {row['rps']:>9.1f} {row['p50_ms']:>8.1f} {row['p95_ms']:>8.1f} "
        f"{lean_rps:>11} {ratio:>8} {row['bad']:>4} {row['first_bad'][:200] if row['bad'] else ''}"
    )


def table(rows: list[dict[str, Any]]) -> str:
    """The report for the screen."""
    return "\n".join([HEAD, *(line(row) for row in rows if "scenario" in row)])
