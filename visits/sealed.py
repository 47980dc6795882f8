"""What of a visit is sealed?  Its events, with the rest of the record."""

from __future__ import annotations

from accounts.sealer import Source
from visits.models import VisitEvent


def _event(pk: int) -> str:
    found = VisitEvent.objects.filter(pk=pk).values_list("visit__ref", "seq", "step").first()
    return "visit {}, event {} ({})".format(*found) if found else ""


SOURCES = (
    Source(
        "visit", "visit event", VisitEvent,
        ("id", "visit_id", "seq", "step", "user_id", "post_id", "recorded_at", "data", "words"),
        _event,
    ),
)  # fmt: skip
