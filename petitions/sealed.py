"""What of a matter is sealed?  Its events, and what its papers said when they were issued."""

from __future__ import annotations

from accounts.sealer import Source
from petitions.models import (
    AccusationChange,
    AccusationDecision,
    AccusationEvent,
    AccusationPaper,
    AccusationReading,
    Event,
    Paper,
)


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
    # Sealed reports: a finding names a row and no report, and how many rows there are is not told.
    Source(
        "guarded", "guarded event", AccusationEvent,
        ("id", "accusation_id", "seq", "step", "user_id", "post_id", "occurred_on", "recorded_at", "sealed", "digest"),
        quiet=True,
    ),
    Source(
        "gpaper", "guarded paper", AccusationPaper,
        ("id", "ref", "accusation_id", "kind", "number", "issued_on", "issued_by_id", "sealed", "digest"), quiet=True,
    ),
    Source(
        "gread", "guarded reading", AccusationReading,
        ("id", "accusation_id", "user_id", "post_id", "kind", "at", "address", "note"), quiet=True,
    ),
    Source(
        "glist", "change of the list", AccusationChange,
        ("id", "ref", "what", "user_id", "duty", "valid_from", "valid_to", "reason", "by_id", "at"), quiet=True,
    ),
    Source(
        "gagreed", "decision on the list", AccusationDecision, ("id", "change_id", "agreed", "by_id", "at"), quiet=True
    ),
)  # fmt: skip
