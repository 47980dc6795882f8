"""Are the figures of a day that is over there, and if not, who counts them?  Work in the background, from the record as it stood then."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from petitions import jobs
from petitions.figures import keep
from petitions.models import FigureDay, Petition

CODE = "figure_day"


def ready(day: date) -> bool:
    """Whether the figures of ``day`` have been counted."""
    return FigureDay.objects.filter(day=day, made_at__isnull=False).exists()


@jobs.kind(CODE, "历史时点指标")
def count_day(run: jobs.Run) -> None:
    """Count the day that a job names; begun again from the first matter where a worker was lost."""
    total = Petition.objects.count()

    def told(done: int) -> None:
        with transaction.atomic():
            run.step(min(done, total), total=total)

    told(0)
    keep.make_day(date.fromisoformat(run.job.settings["day"]), told)
    told(total)
