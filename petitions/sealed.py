"""What of a matter is sealed?  Its events, and what its papers said when they were issued."""

from __future__ import annotations

from accounts.sealer import Source
from petitions.models import Event, Paper


def _event(pk: int) -> str:
    found = Event.objects.filter(pk=pk).values_list("petition__number", "seq", "step").first()
    return "matter {}, event {} ({})".format(*found) if found else ""


def _paper(pk: int) -> str:
    found = Paper.objects.filter(pk=pk).values_list("petition__number", "number").first()
    return "matter {}, paper {}".format(*found) if found else ""


SOURCES = (
    Source(
        "event", "event", Event,
        ("id", "petition_id", "seq", "step", "on", "on_id", "user_id", "post_id", "delegation_id", "occurred_on",
         "recorded_at", "data", "sealed", "digest"),
        _event,
    ),
    # How a paper was served is written later, and is in the event of that.
    Source(
        "paper", "paper", Paper,
        ("id", "ref", "petition_id", "proceeding_id", "kind", "number", "department_id", "year", "serial", "title",
         "issued_on", "issued_by_id", "sealed", "digest", "for_petitioner"),
        _paper,
    ),
)  # fmt: skip
