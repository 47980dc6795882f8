"""What does a worker do by itself?  Thin shells round the verbs; every task may be run again, late, or twice at once."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from accounts.dates import today
from petitions import (
    bulk_steps,
    destruction,
    exchange,
    exports,
    figures,
    imports,
    jobs,
    large_changes,
    open_cases,
    rarity,
    reminders,
)
from petitions.accusations import access as sealed_access
from petitions.accusations import clocks as sealed_clocks
from petitions.accusations import figures as sealed_figures
from petitions.actions import run_night
from petitions.actions.push import push_waiting
from petitions.actions.send import send_waiting
from petitions.actions.sweep import sweep as sweep_all
from petitions.actions.warn import warn
from petitions.figures import days
from petitions.patterns.night import run_night as find_patterns

logger = logging.getLogger(__name__)
_DAY = 86_400
_SOFT, _HARD = 3300, 3400  # seconds, below the broker's hour, after which a task is given out again


@shared_task(name="petitions.night", soft_time_limit=_SOFT, time_limit=_HARD)
def night() -> dict[str, int]:
    """Log the lapses of the day that is over; a night that was missed is made up for by the next."""
    return _said("night", asdict(run_night()))


@shared_task(name="petitions.warnings", soft_time_limit=_SOFT, time_limit=_HARD)
def warnings() -> dict[str, int]:
    """Warn those whose limits are running out, and tell of reminders whose day has come."""
    said = {**asdict(warn()), "reminders": reminders.tell(), "files": destruction.remind(today())}
    return _said("warnings", said)


@shared_task(name="petitions.send_notices")
def send_notices() -> dict[str, int]:
    """Send what waits to be sent."""
    return _said("notices", asdict(send_waiting()))


@shared_task(name="petitions.push")
def push() -> dict[str, int]:
    """Tell other systems of changes."""
    return _said("push", asdict(push_waiting()))


@shared_task(name="petitions.sweep")
def sweep() -> dict[str, int]:
    """Throw away old keys, abandoned drafts and exported lists; keep sealed reports from where their accused are by now."""
    sealed_figures.sweep()  # of the sealed room nothing is counted
    sealed_clocks.recompute()  # here and not where holidays are entered: whoever enters them is not to see how long it takes
    said = _said("sweep", {**asdict(sweep_all()), "exports": exports.sweep()})
    sealed_access.refresh()
    return said


@shared_task(name="petitions.count_words", soft_time_limit=_SOFT, time_limit=_HARD)
def count_words(*, always: bool = False) -> dict[str, int]:
    """Count how rare words are, each night (``always``) or when the record has grown by a tenth."""
    return _said("words", {"counted": rarity.count() if always or rarity.stale() else 0})


@shared_task(name="petitions.figures", soft_time_limit=_SOFT, time_limit=_HARD)
def refresh_figures() -> dict[str, int]:
    """Take what was written since into the figures, and freeze months that are over."""
    return _said("figures", asdict(figures.refresh()))


@shared_task(name="petitions.patterns", soft_time_limit=_SOFT, time_limit=_HARD)
def patterns() -> dict[str, int]:
    """Look for problems that grow; what was looked for already this day is not looked for again."""
    return _said("patterns", {"raised": find_patterns()})


@shared_task(name="petitions.run_job", soft_time_limit=_DAY - 600, time_limit=_DAY)
def run_job(ref: str) -> str:
    """Do one piece of long work; its lease and its notes stand in its row, so that it may be given out again.

    An export of the sealed room goes the same way, so that the worker's own log tells it from no other work.
    """
    made = sealed_figures.make(ref)
    return jobs.run(ref) if made == "taken" else made


@shared_task(name="petitions.jobs")
def take_up_jobs() -> int:
    """Wake a worker for long work that nobody does: not begun, or its worker is gone."""
    found = [*jobs.waiting(), *sealed_figures.waiting()]
    for ref in found:
        run_job.delay(ref)
    return len(found)


@worker_ready.connect
def catch_up(**_: Any) -> None:
    """An office that was closed at night does the night's work when it opens."""
    for task in (night, warnings, sweep, count_words, patterns):
        task.apply_async(expires=3600)


# Kinds of work are known by their modules having been read.
KINDS = (bulk_steps, days, exchange, exports, imports, large_changes, open_cases)


def _said(what: str, done: dict[str, int]) -> dict[str, int]:
    if any(done.values()):
        logger.info("%s: %s", what, ", ".join(f"{name} {number}" for name, number in done.items() if number))
    return done
