"""Who is warned before a limit runs out?  At shares of it, once each, whoever holds the duty; nobody else is touched."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from petitions import lifecycle, limits, notices
from petitions.actions import moment
from petitions.models import Assignment, Clock, Notice, Petition

logger = logging.getLogger(__name__)

STEP = "clock_warned"
_CHUNK = 500
_WEEKDAYS = "一二三四五六日"

# Duties only: a window takes nothing from anybody who lets it pass, and a shadow stands behind a duty already overdue.
# Shares are of the raw limit, and in whole days, so that the database and petitions.workdays.share_used agree.
_NEAR = """
SELECT id FROM petitions_clock
WHERE ended = '' AND NOT "window" AND NOT shadow AND due >= %(day)s AND (due, id) > (%(after_due)s, %(after_id)s)
  AND warned < (SELECT coalesce(max(share), 0) FROM unnest(%(shares)s::int[]) AS share
                WHERE (%(day)s - start) * 100 >= share * (raw_due - start))
ORDER BY due, id LIMIT %(most)s
"""


@dataclass
class Warned:
    """What a run did: warnings made, notices written, clocks that could not be dealt with."""

    clocks: int = 0
    notices: int = 0
    failed: int = 0


def warn(day: date | None = None) -> Warned:
    """Warn the holder of every running duty that has reached a share of its limit not yet told.

    Safe to run again, twice at once, or late: the share told is kept with the clock in the notice's own transaction.
    A run that comes late tells the highest share alone.

    Args:
        day: Asia/Shanghai date; today unless given.
    """
    on_day, done = day or moment.today(), Warned()
    for pk in _near(on_day):
        try:
            made = _warn(pk, on_day)
        except Exception:
            logger.exception("clock %s could not be warned of", pk)  # the others still are; the next run tries again
            done.failed += 1
            continue
        done.clocks += made is not None
        done.notices += made or 0
    return done


def _near(day: date) -> Iterator[int]:
    """Clocks that have reached a share, what runs out first before the rest."""
    where: dict[str, Any] = {"day": day, "shares": list(limits.warn_at()), "most": _CHUNK}
    where |= {"after_due": date.min, "after_id": 0}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEAR, where)
            found = [pk for (pk,) in cursor.fetchall()]
        yield from found
        if len(found) < _CHUNK:
            return
        last = Clock.objects.get(pk=found[-1])
        where |= {"after_due": last.due, "after_id": last.pk}


def _warn(pk: int, day: date) -> int | None:
    """Warn of one clock and return how many notices were written; ``None`` where there was nothing left to tell."""
    with transaction.atomic():
        # The petition before the clock, as every step does: two that wait for each other would both be lost.
        Petition.objects.select_for_update(of=("self",)).get(clocks=pk)
        clock = Clock.objects.select_related("petition", "assignment", "proceeding").get(pk=pk)
        share = limits.share_told(clock.start, clock.raw_due, day)
        if clock.ended or clock.due < day or clock.warned >= share:
            return None
        clock.warned = share
        clock.save(update_fields=["warned"])
        return len(tell(clock, STEP, words(clock, share, day), heads=share >= _late_share()))


def _late_share() -> int:
    """From the last share before the last day on, the head of the body is told too."""
    return limits.warn_at()[-2:][0]


def tell(clock: Clock, step: str, text: str, *, heads: bool) -> Sequence[Notice]:
    """Write notices about ``clock`` to whoever holds its duty, and to the body's head where ``heads`` says so."""
    petition = clock.petition
    leads = Assignment.objects.filter(petition=petition, lead=True).exclude(state__in=["returned", "recalled"])
    posts = notices.holders(clock, leads.first(), heads=heads)
    if not posts:
        logger.warning("clock %s: nobody holds this duty", clock.pk)
    return Notice.objects.bulk_create(notices.to_posts(posts, step=step, petition=petition, text=text, at=moment.now()))


def words(clock: Clock, share: int, day: date) -> str:
    """Return the warning in words: which matter by number, which duty, how much is used, until when."""
    label, left = lifecycle.CLOCKS[clock.name].label, (clock.due - day).days
    until = f"{clock.due.month}月{clock.due.day}日 周{_WEEKDAYS[clock.due.weekday()]}"
    head = f"{clock.petition.number} “{label}”"
    if left == 0:
        return f"{head}今天（{until}）到期"
    rest = f"{until}到期，还剩{left}天"
    return f"{head}最后一天遇休息日顺延，{rest}" if share == limits.LAST_DAY else f"{head}期限已过{share}%，{rest}"


def words_late(clock: Clock) -> str:
    """Return in words that a duty's limit is over."""
    return f"{clock.petition.number} “{lifecycle.CLOCKS[clock.name].label}”已超期（{clock.due.month}月{clock.due.day}日到期）"
