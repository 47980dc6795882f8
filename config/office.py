"""How does the whole office come up, and go down without a trace?  ``make run`` is ``python -m config.office``.

Steps first, each with its line on the screen; then web server, worker and beat as children of this one process, their
lines marked with their names.  Ctrl-C or TERM ends them, then the embedded servers.  Should this process be killed
outright, the kernel tells the children to stop (PDEATHSIG), and the next start finds the servers and goes on with them.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import IO

from config import embedded, tls, transport
from config.transport import Transport

ROOT = embedded.ROOT
PYTHON = sys.executable
PATIENCE_SECONDS = 20  # to finish requests and tasks after TERM, before KILL
COLOURS = {"web": "\033[36m", "worker": "\033[33m", "beat": "\033[35m", "door": "\033[34m"}
CHORE_SECONDS = 3600  # between two looks at the certificate
_libc = ctypes.CDLL(None, use_errno=True)


class CannotStart(RuntimeError):
    """The office cannot come up; the message says why in words."""


def say(text: str) -> None:
    """One line to the person at the terminal."""
    print(text, flush=True)


# --- the steps -----------------------------------------------------------------------------------------------------


def check_port(host: str, port: int) -> None:
    """Stop early, and plainly, when another program has the port, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise CannotStart(
                f"Port {port} needs a right of its own (CAP_NET_BIND_SERVICE): take one from 1024 on."
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotStart(f"HOST={host} is no address of this machine: {error.strerror}.") from None
            raise CannotStart(
                f"Port {port} is taken by another program.  Choose another one: make {'run' if is_demo() else 'office'} PORT={port + 1}"
            ) from None


def only_one() -> None:
    """Two offices on one var/ would do automatic work twice; the second says so and stops."""
    folder = embedded.var_dir()
    embedded.make_folder(folder, 0o711 if os.geteuid() == 0 else 0o700)
    handle = os.open(
        folder / "office.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )  # kept until this process ends
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart("The office of this folder is already open, in another terminal.") from None


def manage(*arguments: str, quiet: bool = False) -> None:
    """Run one management command; its own output is shown when it fails, or unless quiet."""
    done = subprocess.run(  # noqa: S603
        [PYTHON, "manage.py", *arguments], cwd=ROOT, check=False, text=True,
        stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None,
    )  # fmt: skip
    if done.returncode:
        raise CannotStart(f"{done.stdout or ''}\n'manage.py {' '.join(arguments)}' failed; see above.")


def has_command(name: str) -> bool:
    """Whether an app brings this management command."""
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


def is_demo() -> bool:
    """Whether invented people may be put on an empty database: never on a given one."""
    return embedded.mode() == "demo"


def fingerprint(*patterns: str) -> str:
    """One hash over the files that a step depends on: names, sizes and times, not contents."""
    found = hashlib.sha256(PYTHON.encode())
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            stat = path.stat()
            found.update(f"{path.relative_to(ROOT)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return found.hexdigest()


def once(name: str, mark: str, work: Callable[[], None]) -> str:
    """Do ``work`` unless it was done for the same ``mark``; says which."""
    stamp = embedded.var_dir() / "stamps" / name
    if stamp.exists() and stamp.read_text() == mark:
        return "in step"
    work()
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(mark)
    return "done"


def database_mark() -> str:
    """The migrations there are, and the database they were last run on."""
    where = os.environ.get("DATABASE_URL") or str(embedded.addresses().get("database", {}).get("owner"))
    return hashlib.sha256((where + fingerprint("*/migrations/*.py", "requirements/base.txt")).encode()).hexdigest()


def static_mark() -> str:
    """Everything that goes into the collected static files."""
    return fingerprint("static/**/*", "package-lock.json", "config/statics.py", "requirements/base.txt")


def servers() -> str:
    """Bring up what was not given; says what there is."""
    database, broker = embedded.needed()
    embedded.ensure()
    parts = ["PostgreSQL " + ("embedded" if database else "given"), "Valkey " + ("embedded" if broker else "given")]
    return ", ".join(parts)


def migrate() -> str:
    """Tables as the migrations say."""
    return once("migrate", database_mark(), lambda: manage("migrate", "--noinput", "--verbosity", "1"))


def begin() -> str:
    """What the database is for, marked in it for good; then the demo county, or the tables that the law gives an office."""
    manage("begin")
    (embedded.var_dir() / "mode").write_text(embedded.mode() + "\n")
    if not is_demo():
        return "a real office: no demo data"
    manage("demo", "--if-empty")
    if has_command("demo_visits"):
        manage("demo_visits")
    return "the demo county"


def static() -> str:
    """Style sheets and scripts, with hashed names, compressed."""
    return once("static", static_mark(), lambda: manage("collectstatic", "--noinput", "--clear", quiet=True))


def way_in(port: int) -> Transport:
    """Over what people come; in an office on a network that is HTTPS, or it does not start."""
    try:
        return transport.chosen(port, embedded.mode(), os.environ)
    except (transport.Unfit, tls.TlsTrouble) as trouble:
        raise CannotStart(str(trouble)) from None


def prepare(way: Transport) -> None:
    """Everything before the processes start.  Steps 1 to 3 (Python, packages, Node) are the Makefile's."""
    steps = [("servers", servers), ("tables", migrate), ("what is in it", begin), ("static files", static)]
    only_one()
    for port in filter(None, (way.port, way.plain_port)):
        check_port(way.host, port)
    for number, (title, work) in enumerate(steps, start=4):
        started = time.monotonic()
        print(f"[{number}/8] {title} ...", flush=True)
        result = work()
        say(f"[{number}/8] {title}: {result} ({time.monotonic() - started:.1f} s)")


# --- the processes -------------------------------------------------------------------------------------------------


@dataclass
class Child:
    """One process of the office."""

    name: str
    process: subprocess.Popen[bytes]
    rest: bytes = b""


def commands(way: Transport) -> dict[str, list[str]]:
    """Name → command line of each process."""
    cores = os.cpu_count() or 2
    workers = int(os.environ.get("WEB_WORKERS") or max(1, min(4, cores)))
    threads = int(os.environ.get("WEB_THREADS") or 8)
    beat = embedded.var_dir() / "beat"
    beat.mkdir(exist_ok=True)
    celery = [PYTHON, "-m", "celery", "--quiet", "-A", "config.celery"]
    door = [PYTHON, "-m", "config.plain_door", way.host, str(way.plain_port), way.addresses()[0]]
    return ({"door": door} if way.plain_port else {}) | {
        "web": [PYTHON, "-m", "granian", "--interface", "wsgi", *way.arguments(), "--workers", str(workers),
                "--blocking-threads", str(threads), "--backlog", "1024", "--no-ws", "--log-level", "error",
                "--blocking-threads-idle-timeout", "600", "--respawn-failed-workers", "--workers-kill-timeout", "10",
                "config.wsgi:application"],
        "worker": [*celery, "worker", "--pool", "prefork", "-c", os.environ.get("TASK_WORKERS", "2"), "-l", "warning",
                   "--without-gossip", "--without-mingle", "-n", "office@%h"],
        "beat": [*celery, "beat", "-l", "warning", "-s", str(beat / "schedule"), "--pidfile", ""],
    }  # fmt: skip


def _with_parent() -> None:
    """In the child, before exec: be told to stop when the parent is gone (prctl PR_SET_PDEATHSIG)."""
    _libc.prctl(1, signal.SIGTERM)


def start(way: Transport) -> list[Child]:
    """Start every process in a session of its own, so that Ctrl-C reaches this process alone, which ends them in order."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment |= way.environment()
    environment["PYTHONWARNINGS"] = "ignore:You're running the worker"  # as root: said once in docs/security.md
    return [
        Child(name, subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_with_parent,
        ))
        for name, command in commands(way).items()
    ]  # fmt: skip


def relay(child: Child, stream: IO[bytes]) -> bool:
    """Print what a child wrote, a marked line each; says whether there may be more."""
    data = os.read(stream.fileno(), 65536)
    *lines, child.rest = (child.rest + data).split(b"\n")
    colour, end = (COLOURS[child.name], "\033[0m") if sys.stdout.isatty() else ("", "")
    for line in lines:
        say(f"{colour}{child.name:6}|{end} {line.decode(errors='replace')}")
    return bool(data)


def warn_of_authority() -> None:
    """An authority near its end is said at the start and every hour until it is replaced; the office goes on."""
    if trouble := tls.warning():
        say(trouble)


def keep_certificate(way: Transport, children: list[Child]) -> None:
    """A certificate that is near its end is made anew and handed to the web server, which goes on serving (SIGHUP)."""
    try:
        if way.renew():
            say("A new certificate was made.")
            next(child for child in children if child.name == "web").process.send_signal(signal.SIGHUP)
    except tls.TlsTrouble as trouble:
        say(f"The certificate could not be renewed: {trouble}")
    if way.own:
        warn_of_authority()


def watch(children: list[Child], stopped: Callable[[], bool], way: Transport) -> str | None:
    """Relay output until somebody asks to stop (nothing is returned) or a process ends (its name is)."""
    chore = time.monotonic() + CHORE_SECONDS
    with selectors.DefaultSelector() as selector:
        for child in children:
            assert child.process.stdout is not None
            selector.register(child.process.stdout, selectors.EVENT_READ, child)
        while not stopped():
            if time.monotonic() > chore:
                chore = time.monotonic() + CHORE_SECONDS
                keep_certificate(way, children)
            for key, _ in selector.select(timeout=0.5):
                if not relay(key.data, key.fileobj):  # type: ignore[arg-type]
                    selector.unregister(key.fileobj)
            for child in children:
                if child.process.poll() is not None:
                    return child.name
    return None


def finish(children: list[Child]) -> None:
    """TERM to all; after the time they get, KILL to each whole process group."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for child in children:
        try:
            child.process.communicate(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{child.name} did not stop by itself")
        try:
            os.killpg(child.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def wait_until_it_answers(way: Transport, children: list[Child], stopped: Callable[[], bool]) -> bool:
    """Whether the web server takes connections, within half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not stopped():
        if any(child.process.poll() is not None for child in children):
            return False
        try:
            socket.create_connection((way.near, way.port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def welcome(way: Transport) -> None:
    """The address, the fingerprint that people compare, and in a demo who may sign in."""
    first, *others = way.addresses()
    say(f"\nThe office is open: {'  '.join([first, *others])}")
    if way.own:
        say(f"Install the certificate authority on each computer, once: {first}ca/")
        say(f"Its SHA-256 fingerprint, to compare / 根证书指纹：\n  {tls.fingerprint()}")
        warn_of_authority()
    if is_demo():
        manage("demo", "--sign-ins")
    else:
        manage("first_run")
    say("Ctrl-C closes it.\n")


def run(port: int) -> int:
    """Bring the office up, stay until asked to stop, and leave nothing behind.  Returns the exit status."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if not children:  # still preparing: give up at once
            raise KeyboardInterrupt

    children: list[Child] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    way = way_in(port)
    prepare(way)
    say("[8/8] web server, worker, beat ...")
    children += start(way)
    try:
        if wait_until_it_answers(way, children, lambda: bool(asked)):
            welcome(way)
        ended = watch(children, lambda: bool(asked), way)
    finally:
        say("\nClosing ...")
        finish(children)
    if ended:
        say(f"{ended} ended by itself; see its lines above.")
    return 1 if ended else 0


def main() -> int:
    """Entry: PORT from the environment."""
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        say(f"PORT must be a number from 1 to 65535, not {text!r}")
        return 2
    try:
        return run(int(text))
    except (CannotStart, embedded.ServerTrouble) as trouble:
        say(f"\nStopped: {trouble}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
