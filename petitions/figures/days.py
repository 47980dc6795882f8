"""Are the figures of a day that is over there, and if not, who counts them?  Work in the background, from the record as it stood then."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Min

from accounts.actor import Actor
from accounts.dates import day_of
from petitions import jobs
from petitions.errors import BadInput, WrongMoment
from petitions.figures import keep
from petitions.figures.cut import RULE
from petitions.models import Event, FigureDay, Job, Petition
from petitions.models.figures import CURRENT

CODE = "figure_day"


def ready(day: date) -> bool:
    """Whether the figures of ``day`` have been counted; of now they always are."""
    return day == CURRENT or FigureDay.objects.filter(day=day, made_at__isnull=False).exists()


def check(day: date) -> None:
    """Refuse what would be of a day that is not counted.

    Raises:
        WrongMoment: it is not.
    """
    if not ready(day):
        raise WrongMoment(f"{day}日终的数字还没有统计，请先在指标页统计。", rule=RULE)


def check_after_the_first(day: date) -> None:
    """Refuse a day on which there was nothing yet; how long the record goes back is not told, whoever asks.

    Raises:
        BadInput: the record begins later, or has not begun.
    """
    # One look at an index; every filing has its event.
    first = Event.objects.aggregate(first=Min("recorded_at"))["first"]
    if first is None or day < day_of(first):
        raise BadInput({"day": f"{day}日终还没有登记过信访件，没有数字。"}, rule=RULE)


def ask(day: date, *, by: Actor) -> Job:
    """Have ``day`` counted, and return the work: what the post has asked for already is not begun twice.

    Raises:
        BadInput: there was nothing yet on that day.
    """
    check_after_the_first(day)
    with transaction.atomic():
        FigureDay.objects.get_or_create(day=day)
        FigureDay.objects.select_for_update().get(day=day)  # two clicks are one after the other
        begun = Job.objects.filter(post=by.post, kind=CODE, state__in=["waiting", "running"], settings__day=str(day))
        return begun.first() or jobs.start(CODE, by=by, settings={"day": str(day)})


@jobs.kind(CODE, "历史时点指标")
def count_day(run: jobs.Run) -> None:
    """Count the day that a job names; begun again from the first matter where a worker was lost."""
    total, day = Petition.objects.count(), date.fromisoformat(run.job.settings["day"])

    def told(done: int) -> None:
        with transaction.atomic():
            run.step(min(done, total), total=total)

    told(0)
    try:
        if not ready(day):
            keep.make_day(day, told)
    except WrongMoment as not_yet:
        raise jobs.Later(not_yet.message) from not_yet
    told(total)
