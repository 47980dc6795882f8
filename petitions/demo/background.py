"""How is the demo filled while somebody looks on?  By a process of its own; whoever looks may leave, the work goes on."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from petitions import figures
from petitions.demo.county import build_county
from petitions.demo.crew import CrewBroken, tell_together
from petitions.models import Petition

_WAIT = 0.25  # seconds between two looks
_BEGIN_SECONDS = 60  # for the process to come up


class Busy(RuntimeError):
    """The demo is being filled already; only one can do it at a time."""


@dataclass
class Progress:
    """How far the filling is, as it stands in a file that everybody may look at."""

    pid: int = 0
    count: int = 0
    done: int = 0
    total: int = 0
    day: str = ""
    seconds: float = 0.0
    ended: bool = False
    trouble: str = ""

    @property
    def words(self) -> str:
        """One line for the screen."""
        share = 100 * self.done // self.total if self.total else 0
        return f"demo matters {share:3d}%  {self.done}/{self.total or '?'} steps  up to {self.day or '...'}  ({self.seconds:.0f} s)"


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# --- the one who fills ----------------------------------------------------------------------------------------------


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock while filling; the kernel lets go of it however the process ends."""
    handle = os.open(_folder() / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Busy from None
    try:
        yield
    finally:
        os.close(handle)


def is_busy() -> bool:
    """Whether somebody is filling the demo now."""
    with suppress(Busy), _alone():
        return False
    return True


def fill(count: int, workers: int) -> Progress:
    """Build the county and add ``count`` matters, writing down how far it is.

    Raises:
        Busy: somebody else is doing so.
    """
    with _alone():
        state, started = Progress(pid=os.getpid(), count=count), time.monotonic()
        _write(state)

        def say(done: int, total: int, day: str) -> None:
            state.done, state.total, state.day = done, total, max(day, state.day)
            state.seconds = time.monotonic() - started
            _write(state)

        try:
            first = Petition.objects.count()
            told = tell_together(build_county(), count, first=first, now=timezone.now(), workers=workers, say=say)
            state.trouble = "; ".join(told.stuck)
            figures.rebuild()  # nobody's first page of figures is empty
        except CrewBroken as broken:
            state.trouble = str(broken)
        finally:
            state.ended, state.seconds = True, time.monotonic() - started
            _write(state)
        return state


def _write(state: Progress) -> None:
    path = _folder() / "progress.json"
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(asdict(state)))
    fresh.replace(path)  # whole or not at all


# --- the one who looks on -------------------------------------------------------------------------------------------


def progress() -> Progress:
    """How far the last filling is."""
    with suppress(FileNotFoundError, ValueError, TypeError):
        return Progress(**json.loads((_folder() / "progress.json").read_text()))
    return Progress()


def start(count: int) -> subprocess.Popen[bytes]:
    """Start a process that fills the demo, in a session of its own: Ctrl-C here does not reach it."""
    with (_folder() / "fill.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "manage.py", "demo", "--fill", "--size", str(count)], cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def look_on(say: Callable[[Progress], None], child: subprocess.Popen[bytes] | None = None) -> Progress:
    """Tell ``say`` how far it is until it has ended, and return how it ended.

    Args:
        child: the process just started, if it was started here; otherwise whichever is at work.
    """
    deadline = time.monotonic() + _BEGIN_SECONDS
    while True:
        alive = child.poll() is None if child else is_busy()
        state = progress()
        ours = child is None or state.pid == child.pid
        if ours and state.total:
            say(state)
        if not alive:
            return progress() if ours and progress().ended else Progress(ended=False, trouble=_log())
        if not ours and time.monotonic() > deadline:
            return Progress(trouble="the filling process does not begin")
        time.sleep(_WAIT)


def _log() -> str:
    with suppress(FileNotFoundError):
        return (_folder() / "fill.log").read_text(errors="replace").strip()[-2000:] or "it broke off without a word"
    return "it broke off without a word"
