"""How many requests does a server answer, and how soon?  Kept connections, raw sockets, every answer checked."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

PATIENCE = 60  # seconds for one answer


@dataclass(frozen=True)
class Load:
    """What is asked again and again.

    ``request``: the whole request as bytes, by its number in the run. ``expect``: the status that is right.
    ``find``: bytes that a right answer holds. ``count``: so many requests and no more, where each can be taken only once.
    """

    request: Callable[[int], bytes]
    expect: int = 200
    find: bytes = b""
    count: int | None = None


@dataclass
class Run:
    """One run: milliseconds of each answer, wrong answers, the whole time in seconds."""

    times: list[float] = field(default_factory=list)
    bad: int = 0
    first_bad: str = ""
    seconds: float = 0.0

    @property
    def rps(self) -> float:
        """Right answers a second."""
        return (len(self.times) - self.bad) / self.seconds if self.seconds else 0.0

    def share(self, part: float) -> float:
        """The time within which ``part`` of the answers came, in milliseconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def request(method: str, path: str, *, cookie: str = "", body: bytes = b"", kind: str = "", more: str = "") -> bytes:
    """A request as bytes; ``kind`` is its content type."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}"
    head += f"Cookie: {cookie}\r\n" if cookie else ""
    head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if method == "POST" else ""
    return f"{head}\r\n".encode() + body


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Read one answer: its status, and head and body as they came."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _more(connection)
    head = data[:end].lower()
    if b"transfer-encoding: chunked" in head:
        while not data.endswith(b"0\r\n\r\n"):
            data += _more(connection)
    else:
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None]) if at >= 0 else 0
        parts, have = [data], len(data) - end - 4
        while have < length:
            parts.append(_more(connection))
            have += len(parts[-1])
        data = b"".join(parts)
    return int(data[9:12]), data


def _more(connection: socket.socket) -> bytes:
    found = connection.recv(1 << 18)
    if not found:
        raise ConnectionError("the server closed the connection")
    return found


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def drive(port: int, load: Load, *, connections: int, seconds: float, numbers: Iterator[int]) -> Run:
    """Ask over ``connections`` kept connections for ``seconds`` (or ``load.count`` times), and say how it went.

    ``numbers`` gives each request a number that no other had, over all runs.
    """
    run, lock, ends = Run(), threading.Lock(), perf_counter() + seconds
    left = itertools.count()

    def go() -> None:
        connection, mine = _connect(port), Run()
        while (load.count is not None and next(left) < load.count) or (load.count is None and perf_counter() < ends):
            with lock:
                number = next(numbers)
            data = load.request(number)
            began = perf_counter()
            try:
                connection.sendall(data)
                status, body = answer(connection)
            except OSError as error:
                status, body = 0, str(error).encode()
                connection.close()
                connection = _connect(port)
            mine.times.append((perf_counter() - began) * 1000)
            if status != load.expect or load.find not in body:
                mine.bad += 1
                mine.first_bad = mine.first_bad or f"{status} {body[:300]!r}"
        connection.close()
        with lock:
            run.times += mine.times
            run.bad += mine.bad
            run.first_bad = run.first_bad or mine.first_bad

    threads = [threading.Thread(target=go) for _ in range(connections)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.seconds = perf_counter() - began
    return run


def middle(runs: list[Run]) -> dict[str, Any]:
    """The medians over some runs, as they go into the report."""
    return {
        "rps": round(median(run.rps for run in runs), 2),
        "p50_ms": round(median(run.share(0.5) for run in runs), 2),
        "p95_ms": round(median(run.share(0.95) for run in runs), 2),
        "runs_rps": [round(run.rps, 2) for run in runs],
        "requests": sum(len(run.times) for run in runs),
        "bad": sum(run.bad for run in runs),
        "first_bad": next((run.first_bad for run in runs if run.first_bad), ""),
    }
