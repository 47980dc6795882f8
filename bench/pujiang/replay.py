"""How is the day played?  Booked in three waves, signed in, called, recorded in all rooms at once, while processes are killed."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from html import unescape
from pathlib import Path
from typing import Any

from bench.pujiang.client import Desk, Lost, Times
from bench.pujiang.script import Group, Script, script
from config import embedded, office
from config.transport import Transport

Say = Callable[[str], None]
WAVES, COUNTERS = 3, 4
DAY_HOURS = 10  # of the day that SPEED counts in
_CODE = re.compile(r'<dd class="mono">([^<]+)</dd>')
_BOOKING = re.compile(r'<span class="name">(群众\d+)</span>.{0,600}?/visits/bookings/([0-9a-z]{16})/arrive/', re.DOTALL)
_INSIDE = re.compile(r'data-session="([0-9a-z]{16})"')
_NAME = re.compile(r'name="name" value="(群众\d+)"')


class Office:
    """The processes of an office that is killed and comes back."""

    def __init__(self, port: int) -> None:
        self.commands = office.commands(Transport("127.0.0.1", port))
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.port, self.kills, self.back = port, {"web": 0, "worker": 0}, 0
        for name in ("web", "worker"):
            self.start(name)

    def start(self, name: str) -> None:
        """Start a process in a session of its own."""
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
        if name == "web" and self.back:
            env |= {"PUJIANG_DAYS_BACK": str(self.back), "PYTHONPATH": str(Path(__file__).parent / "dated")}
        log = open(Path(os.environ["OFFICE_VAR"]) / f"pujiang-{name}.log", "ab")  # noqa: SIM115 (the process keeps it)
        self.running[name] = subprocess.Popen(  # noqa: S603
            self.commands[name],
            cwd=embedded.ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        if name == "web":
            self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise Lost("the web server does not come up")

    def live_on(self, back: int) -> None:
        """Let the web server live ``back`` days ago: ended in order and started again."""
        self._end(self.running["web"])
        self.back = back
        self.start("web")

    def kill(self, name: str) -> None:
        """As the power would: at once, with everything it was doing; then started again."""
        process = self.running[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills[name] += 1
        self.start(name)

    def stop(self) -> None:
        """End the processes in order."""
        self._end(*self.running.values())

    def _end(self, *processes: subprocess.Popen[bytes]) -> None:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class Replay:
    """One day in the making."""

    def __init__(self, day: Script, found: dict[str, Any], port: int, speed: float, say: Say) -> None:
        self.day, self.found, self.port, self.say = day, found, port, say
        self.times, self.by_name = Times(), {group.name: group for group in day.groups}
        self.booked, self.recorded, self.lock, self.all_in = 0, 0, threading.Lock(), threading.Event()
        # A real-time day of ten hours, `speed` times as fast: so long is one party in the room.
        rounds = -(-len(day.received) // day.rooms)
        self.pause = DAY_HOURS * 3600 / speed / rounds if speed else 0.0

    # --- the three days before ---------------------------------------------------------------------------------------

    def book(self, running: Office) -> None:
        """Everybody books on the three days before, each from an address of its own; on the second day the server is killed."""
        groups = self.day.booked
        for wave in range(WAVES):
            running.live_on(WAVES - wave)
            mine = groups[wave::WAVES]
            beside = self._killing(running, self.booked + len(mine) // 2) if wave == 1 else nullcontext()
            with beside, ThreadPoolExecutor(8) as crowd:
                list(crowd.map(self._book, mine))
            self.say(f"{WAVES - wave} days before: {len(mine)} groups booked")
        running.live_on(0)

    @contextmanager
    def _killing(self, running: Office, after: int) -> Iterator[None]:
        """Kill the web server beside what is done inside, after so many bookings; if they fail before, nothing waits on for them."""
        over = threading.Event()
        killer = threading.Thread(target=self._kill_while_booking, args=(running, after, over))
        killer.start()
        try:
            yield
        finally:
            over.set()
            killer.join()

    def _kill_while_booking(self, running: Office, after: int, over: threading.Event) -> None:
        while self.booked < after and not over.wait(0.01):
            pass
        if self.booked >= after:
            running.kill("web")
            self.say(f"web killed after {after} bookings, and started again")

    def _book(self, group: Group) -> None:
        desk = Desk(self.port, self.times, address=f"127.0.{1 + group.number // 200}.{1 + group.number % 200}")
        first = group.number % self.day.rooms
        for turn in range(self.day.rooms):
            ref = self.found["rooms"][(first + turn) % self.day.rooms]
            status, text = desk.post(f"/v/{ref}/book/", {
                "name": group.name, "phone": group.phone, "people": str(group.people), "matter": f"{group.name}反映补偿款没有到位",
                "idempotency_key": secrets.token_hex(8),
            }, "book")  # fmt: skip
            if status == 302:
                return self._opens(desk, group)
        raise Lost(f"{group.name} found no room: {status} {_said(text)}")

    def _opens(self, desk: Desk, group: Group) -> None:
        """The code is shown, and opens the booking: also where the server was killed between the two pages."""
        _, shown = desk.get("/v/booked/", "booked page")
        code = _CODE.search(shown)
        if code is None:
            raise Lost(f"{group.name} was not told the code: {_said(shown)}")
        status, text = desk.post("/v/booking/", {"code": unescape(code.group(1))}, "open by code")
        if status != 200 or not ("已预约" in text or "候补" in text):
            raise Lost(f"the code of {group.name} opens nothing: {status} {_said(text)}")
        with self.lock:
            self.booked += 1

    # --- the day -----------------------------------------------------------------------------------------------------

    def receive(self, killer: Callable[[], None]) -> None:
        """Signed in at the counters, received in all rooms at once; ``killer`` runs beside."""
        rooms = [threading.Thread(target=self._guarded, args=(self._room, number)) for number in range(self.day.rooms)]
        beside = threading.Thread(target=killer)
        self.trouble: list[str] = []
        for one in [*rooms, beside]:
            one.start()
        try:
            self._counters()
        except Exception as error:  # the rooms and the killer end by themselves once they are told
            self.trouble.append(f"counters: {error!r}")
        self.all_in.set()
        for one in [*rooms, beside]:
            one.join()
        if self.trouble:
            raise Lost("; ".join(self.trouble[:3]))

    def _guarded(self, work: Callable[[int], None], number: int) -> None:
        try:
            work(number)
        except Exception as error:
            self.trouble.append(f"room {number + 1}: {error!r}")

    def _counters(self) -> None:
        desks = [Desk(self.port, self.times, cookie) for cookie in self.found["counters"]]
        bookings = self._bookings(desks[0])
        coming = [("arrive", group) for group in self.day.booked if group.comes] + [
            ("walk", group) for group in self.day.walk_ins
        ]
        coming.sort(key=lambda one: one[1].number * 7919 % 1009)  # those who booked and those who did not come mixed
        with ThreadPoolExecutor(COUNTERS) as counters:
            for share in range(COUNTERS):
                counters.submit(self._share, desks[share], coming[share::COUNTERS], bookings)

    def _share(self, desk: Desk, coming: list[tuple[str, Group]], bookings: dict[str, str]) -> None:
        try:
            for how, group in coming:
                self._arrive(desk, group, bookings) if how == "arrive" else self._walk_in(desk, group)
                time.sleep(self.pause / 40)
        except Exception as error:
            self.trouble.append(f"counter: {error!r}")

    def _bookings(self, desk: Desk) -> dict[str, str]:
        """The bookings as the office's own pages list them."""
        found: dict[str, str] = {}
        for ref in self.found["rooms"]:
            _, text = desk.get(f"/visits/{ref}/", "visit page")
            found |= dict(_BOOKING.findall(text))
        return found

    def _arrive(self, desk: Desk, group: Group, bookings: dict[str, str]) -> None:
        status, text = desk.post(
            f"/visits/bookings/{bookings[group.name]}/arrive/", {"idempotency_key": secrets.token_hex(8)}, "sign in"
        )
        if status != 302:
            raise Lost(f"{group.name} was not signed in: {status} {_said(text)}")

    def _walk_in(self, desk: Desk, group: Group) -> None:
        ref = self.found["rooms"][group.number % self.day.rooms]
        status, text = desk.post(f"/visits/{ref}/walk-in/", {
            "name": group.name, "phone": group.phone, "people": str(group.people), "matter": f"{group.name}反映低保停发",
            "idempotency_key": secrets.token_hex(8),
        }, "walk in")  # fmt: skip
        if status != 302:
            raise Lost(f"{group.name} got no number: {status} {_said(text)}")

    def _room(self, number: int) -> None:
        ref, desk = self.found["rooms"][number], Desk(self.port, self.times, self.found["recorders"][number])
        while True:
            last = self.all_in.is_set()
            status, text = desk.post(f"/visits/{ref}/call/", {"idempotency_key": secrets.token_hex(8)}, "call")
            if status == 409 and "没有候访" in text:
                if last:
                    break
                time.sleep(0.2)
                continue
            if status != 302:
                raise Lost(f"nobody was called: {status} {_said(text)}")
            self._hear(ref, desk)
        status, text = desk.post(f"/visits/{ref}/close/", {"idempotency_key": secrets.token_hex(8)}, "close")
        if status != 302:
            raise Lost(f"the room did not close: {status} {_said(text)}")

    def _hear(self, ref: str, desk: Desk) -> None:
        _, page = desk.get(f"/visits/{ref}/room/", "room page")
        inside, name = _INSIDE.search(page), _NAME.search(page)
        if inside is None or name is None:
            raise Lost(f"nobody is in the room: {_said(page)}")
        group = self.by_name[name.group(1)]
        time.sleep(self.pause)
        status, text = desk.post(f"/visits/receptions/{inside.group(1)}/record/", self._record(group), "record")
        if status != 302:
            raise Lost(f"{group.name} was not recorded: {status} {_said(text)}")
        with self.lock:
            self.recorded += 1

    def _record(self, group: Group) -> dict[str, str]:
        routed = group.outcome == "assigned"
        return {
            "name": group.name, "phone": group.phone, "people": str(group.people), "origin": "重演", "opinion": "依法办理",
            "region": self.found["region"], "m-TOTAL_FORMS": "1", "m-INITIAL_FORMS": "0", "m-0-title": f"{group.name}反映的事项",
            "m-0-content": f"{group.name}在接访日反映：请求依法处理。", "m-0-category": self.found["category"], "m-0-kind": group.outcome,
            "m-0-answer": "请依法办理并答复信访人。", "m-0-unit": str(self.found["unit"]) if routed else "", "m-0-due": self.found["due"],
            "idempotency_key": secrets.token_hex(8),
        }  # fmt: skip


def _said(text: str) -> str:
    """What a page's main part says, for a message."""
    main = re.search(r"<main.*?</main>", text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main.group(0) if main else text)).split())[:300]


# --- from the beginning to the report ------------------------------------------------------------------------------


def play(received: int, say: Say, *, speed: float = 0.0, folder: Path | None = None) -> dict[str, Any]:
    """Play a day of ``received`` groups on a database of its own, and return the report; ``wrong`` is empty if all is whole.

    Args:
        speed: so many times as fast as the day was; 0 = as fast as the server takes it.
        folder: where the replay's servers live; a new one each time, so that every day begins empty.
    """
    base = folder or embedded.var_dir() / "pujiang"
    where = base / time.strftime("%m%d%H%M%S")
    embedded.make_folder(base, 0o711 if os.geteuid() == 0 else 0o700)
    os.environ.update(OFFICE_VAR=str(where), OFFICE_MODE="demo", DJANGO_SETTINGS_MODULE="config.settings")
    for given in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "OFFICE_SERVERS"):
        os.environ.pop(given, None)
    embedded.ensure()
    try:
        return _played(script(received), received, say, speed)
    finally:
        subprocess.run(
            [sys.executable, "-m", "config.embedded", "stop"], cwd=embedded.ROOT, check=False, stdout=subprocess.DEVNULL
        )


def _played(day: Script, received: int, say: Say, speed: float) -> dict[str, Any]:
    office.manage("migrate", "--noinput", "--verbosity", "0")
    office.once(
        "static", office.static_mark(), lambda: office.manage("collectstatic", "--noinput", "--clear", quiet=True)
    )
    found = _stage("set", received)
    say(f"{day.rooms} rooms, {len(day.booked)} groups will book, {len(day.walk_ins)} will walk in")
    running = Office(_free_port())
    try:
        replay = Replay(day, found, running.port, speed, say)
        replay.book(running)
        began = time.monotonic()
        replay.receive(lambda: _killer(replay, running))
        seconds = time.monotonic() - began
        _send_all()
    finally:
        running.stop()
    return _stage("check", received) | {
        "kills": running.kills, "again": replay.times.again, "seconds": round(seconds, 1), "speed": speed,
        "p95_ms": {what: round(replay.times.p95(what), 1) for what in sorted(replay.times.seconds)},
        "count": {what: len(times) for what, times in sorted(replay.times.seconds.items())},
    }  # fmt: skip


def _killer(replay: Replay, running: Office) -> None:
    """Kill the web server after a quarter, a half and three quarters of the records, the worker after a half."""
    whole = len(replay.day.received)
    for share, names in ((0.25, ("web",)), (0.5, ("web", "worker")), (0.75, ("web",))):
        while replay.recorded < whole * share and not replay.trouble:
            time.sleep(0.02)
        for name in names:
            if name == "worker":
                _begin_sending()
            running.kill(name)
            replay.say(f"{name} killed after {replay.recorded} of {whole} records, and started again")


def _begin_sending() -> None:
    """Have the worker send the messages that wait, and return once it is in the middle of it."""
    outbox = Path(os.environ["OFFICE_VAR"]) / "outbox" / "sms.jsonl"
    before = outbox.stat().st_size if outbox.exists() else 0
    _stage("send", 0)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (outbox.stat().st_size if outbox.exists() else 0) <= before:
        time.sleep(0.005)


def _send_all() -> None:
    """Have the worker send until no message waits."""
    deadline = time.monotonic() + 120
    while _stage("send", 0)["waiting"] and time.monotonic() < deadline:
        time.sleep(1)


def _stage(what: str, received: int) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bench.pujiang.stage", what, str(received)],
        cwd=embedded.ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
