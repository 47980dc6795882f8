"""What may the petitioner ask for himself, with code and second factor?  A review, then a re-review (Art.35, 36)."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Department
from petitions import review_bodies
from petitions.actions import moment
from petitions.actions.door import advance
from petitions.actions.public import petitioner_actor
from petitions.errors import BadInput, WrongMoment
from petitions.models import Clock, Event, Filing, Proceeding

_STEPS = {"T6": ("apply_review", "复查"), "T7": ("apply_rereview", "复核")}


@dataclass(frozen=True)
class Asked:
    """What is open to the petitioner: against which run, by which step, before whom, until when."""

    run: Proceeding
    step: str
    name: str
    bodies: list[Department]
    until: Clock


def open_to(filing: Filing) -> Asked | None:
    """Return what the holder of ``filing``'s code may ask for today; ``None`` where no window is open."""
    windows = Clock.objects.filter(petition=filing.petition_id, name__in=_STEPS, ended="", due__gte=moment.today())
    clock = windows.select_related("proceeding__department__parent").order_by("-pk").first()
    if clock is None or clock.proceeding is None:
        return None
    step, name = _STEPS[clock.name]
    return Asked(clock.proceeding, step, name, review_bodies.possible(clock.proceeding.department), clock)


def apply_online(filing: Filing, *, body: str, request: str, reasons: str) -> Event:
    """Apply, in the petitioner's own words.  There is no ``by``: no staff post can be taken.

    Raises:
        WrongMoment: no window is open.
        BadInput: no such body, or nothing said.
    """
    asked = open_to(filing)
    if asked is None:
        raise WrongMoment("现在没有可以申请复查、复核的意见，或者期限已经过了。", rule="第三十五条、第三十六条")
    chosen = next((row for row in asked.bodies if str(row.pk) == body), None)
    if chosen is None:
        raise BadInput({"body": "请选择向哪个机关申请。"})
    return advance(
        asked.step, on=asked.run, by=petitioner_actor(), through=filing, body=chosen, request=request, reasons=reasons
    )
