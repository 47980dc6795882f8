"""How do several processes tell the histories together?  Each its share, all on the same day of the past at a time."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import time
from datetime import datetime
from multiprocessing.context import ForkContext, ForkProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from django.db import connection, connections

from petitions.demo.county import County
from petitions.demo.histories import Say, Teller, Told

_PATIENCE = 120  # seconds that one waits for the others at a night


class CrewBroken(RuntimeError):
    """One of the processes failed; what was told so far is whole, but stops in the past."""


def tell_together(county: County, count: int, *, first: int, now: datetime, workers: int, say: Say) -> Told:
    """Tell ``count`` histories with ``workers`` processes; see ``tell_histories``.

    Raises:
        CrewBroken: a process failed; its own words are in the message.
    """
    context = multiprocessing.get_context("fork")
    connections.close_all()  # a connection cannot be shared with a child
    news: Queue[tuple[int, Any]] = context.Queue()
    barrier = context.Barrier(workers)
    crew = [_start(context, share, (county, count, first, now, workers), barrier, news) for share in range(workers)]
    try:
        return _gather(crew, news, say)
    finally:
        for process in crew:
            if process.is_alive():
                process.terminate()
            process.join()


def _start(context: ForkContext, share: int, what: tuple[Any, ...], barrier: Barrier, news: Queue[Any]) -> ForkProcess:
    process = context.Process(target=_work, args=(share, *what, barrier, news), daemon=True)
    process.start()
    return process


def _work(
    share: int, county: County, count: int, first: int, now: datetime, of: int, barrier: Barrier, news: Queue[Any]
) -> None:
    """One process: tells its share, and says how far it is."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # many small rows and no cycles worth looking for: a tenth of the time
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who started us decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO off")  # invented: a crash may cost the last half second
        teller = Teller(county, count, first, now, share=share, of=of)
        told = teller.tell(lambda *far: news.put((share, far)), lambda: barrier.wait(_PATIENCE))
        news.put((share, told))
    except Exception as error:
        barrier.abort()
        news.put((share, f"{type(error).__name__}: {error}"))
    finally:
        connections.close_all()


def _gather(crew: list[ForkProcess], news: Queue[Any], say: Say) -> Told:
    whole, ended = Told(), set[int]()
    steps: dict[int, int] = {}
    while len(ended) < len(crew):
        share, what = _next(crew, news)
        if isinstance(what, str):
            raise CrewBroken(what)
        if isinstance(what, Told):
            ended.add(share)
            _join(whole, what)
            continue
        steps[share] = what[0]
        say(sum(steps.values()), what[1], what[2])
    return whole


def _next(crew: list[ForkProcess], news: Queue[Any]) -> tuple[int, Any]:
    """The next news; a process that was killed can tell none."""
    while news.empty():
        if any(process.exitcode not in (None, 0) for process in crew):
            raise CrewBroken("a process was killed")
        time.sleep(0.05)
    found: tuple[int, Any] = news.get()
    return found


def _join(whole: Told, part: Told) -> None:
    whole.matters += part.matters
    whole.steps += part.steps
    whole.stuck += part.stuck
    for name, refs in part.kinds.items():
        whole.kinds.setdefault(name, []).extend(refs)
