"""How near is a due day, in words?  What the due badge and the rail show of a clock; every rule is asked elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from petitions import lifecycle
from petitions.actions.clocks import explained
from petitions.limits import Rules, share_told, soon_from
from petitions.models import Clock
from petitions.workdays import days_left, is_overdue, sentences

SOON_DAYS = 3  # a day that near is "soon" whatever the share
TONES = {
    "registered": "wait", "triaged": "wait", "sent": "wait", "review": "wait", "objected": "wait",
    "handling": "active", "issued": "active", "delivered": "active", "lapsed": "active", "settled": "active", "closed": "wait",
    "confirmed": "done", "ended": "stop", "in_review": "active", "in_rereview": "active", "review_issued": "active",
    "review_delivered": "active", "exhausted": "active",
}  # fmt: skip


@dataclass(frozen=True)
class Badge:
    """A clock as a page shows it."""

    name: str
    due: date
    raw_due: date
    days_left: int
    level: str
    provisional: bool
    article: str = ""
    reasons: list[str] = field(default_factory=list)


def badge(clock: Clock, today: date, rules: Rules | None = None, *, whose: str = "") -> Badge:
    """Return the badge of a running clock; with ``rules`` it also says why it is that day."""
    name = lifecycle.CLOCKS[clock.name].label
    if clock.shadow:
        name = f"{name}（影子时限）"
    reasons = sentences(explained(clock, rules)) if rules else []
    return Badge(
        f"{name}{whose}", clock.due, clock.raw_due, days_left(clock.due, today),
        "ok" if clock.window else _level(clock.start, clock.raw_due, clock.due, today), clock.provisional, clock.rule, reasons,
    )  # fmt: skip


def _level(start: date, raw_due: date, due: date, today: date) -> str:
    if is_overdue(due, today):
        return "overdue"
    near = (due - today).days <= SOON_DAYS or share_told(start, raw_due, today) >= soon_from()
    return "soon" if near else "ok"


def due_badge(
    start: date | None, raw_due: date | None, due: date | None, today: date, *, provisional: bool = False
) -> Badge | None:
    """Return the badge for a row of a list; without the clock's own dates only the due day speaks."""
    if due is None:
        return None
    if start is None or raw_due is None:
        near = "soon" if (due - today).days <= SOON_DAYS else "ok"
        level = "overdue" if is_overdue(due, today) else near
    else:
        level = _level(start, raw_due, due, today)
    return Badge("", due, raw_due or due, days_left(due, today), level, provisional)
