"""How does somebody at a desk send when the office may be gone for a moment?  Again, with the same key, until it answers."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

PATIENCE = 90  # seconds for one act, however often the server is killed meanwhile
TOKEN = "a" * 32


class Lost(RuntimeError):
    """No answer for too long, or an answer that makes no sense."""


@dataclass
class Times:
    """How long each operation took at the desk, waiting for a killed server left out; how often it was tried again."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, seconds: float) -> None:
        """One answer."""
        with self.lock:
            self.seconds[what].append(seconds)

    def p95(self, what: str) -> float:
        """Milliseconds within which 95 of 100 answers came."""
        ordered = sorted(self.seconds[what])
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


class Desk:
    """One browser: a kept connection, cookies, and its own address on the loopback."""

    def __init__(self, port: int, times: Times, cookie: str = "", address: str = "127.0.0.1") -> None:
        self.port, self.times, self.address = port, times, address
        self.cookie = cookie or f"csrftoken={TOKEN}"
        self.connection: HTTPConnection | None = None

    def get(self, path: str, what: str) -> tuple[int, str]:
        """Open a page."""
        return self._ask("GET", path, None, what)

    def post(self, path: str, fields: dict[str, str], what: str) -> tuple[int, str]:
        """Send a form."""
        return self._ask("POST", path, urlencode({**fields, "csrfmiddlewaretoken": TOKEN}), what)

    def _ask(self, method: str, path: str, body: str | None, what: str) -> tuple[int, str]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            began = time.monotonic()
            try:
                status, text = self._once(method, path, body)
            except (OSError, HTTPException):
                self.connection = None
                self.times.again += 1
                time.sleep(0.2)
                continue
            if status < 500:
                self.times.add(what, time.monotonic() - began)
                return status, text
            time.sleep(0.2)
        raise Lost(f"{method} {path}: no answer")

    def _once(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        if self.connection is None:
            self.connection = HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(self.address, 0))
        headers = {"Cookie": self.cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self._keep(answer.headers.get_all("Set-Cookie") or [])
        text = answer.read().decode()
        return answer.status, text

    def _keep(self, told: list[str]) -> None:
        """The session that a public page begins, as a browser keeps it."""
        for line in told:
            name, _, value = line.partition(";")[0].partition("=")
            if name.endswith("sessionid"):
                self.cookie = f"csrftoken={TOKEN}; {name}={value}"
