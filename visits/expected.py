"""Which matters will be at a visit, and which does a typed number mean?  Those brought along, and those booked under a number the reader sees."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.actor import Actor
from petitions.access import visible_to
from petitions.models import Filing, Petition
from visits.models import LIVE, Consent, Visit


@dataclass(frozen=True)
class Expected:
    """Why each matter (by id) will be there, in words; ``unknown``: how many parties gave no number that the reader sees."""

    why: dict[int, list[str]] = field(default_factory=dict)
    unknown: int = 0


def expected_at(actor: Actor, visit: Visit) -> Expected:
    """Return the matters that will be at ``visit`` (found by `access.rooms_of`) and that ``actor`` sees.

    A matter whose petitioner does not wish it to be brought along is none of them.
    """
    carried = list(visit.carried.exclude(consent=Consent.DECLINED).order_by("pk"))
    seen = set(visible_to(actor).filter(pk__in=[row.petition_id for row in carried]).values_list("pk", flat=True))
    why = {row.petition_id: ["：".join(["带案", *row.reasons[:3]])] for row in carried if row.petition_id in seen}
    parties = _parties(visit)
    found = known(actor, [number for _, number in parties])
    for words, number in parties:
        if number in found:
            why.setdefault(found[number], []).append(words)
    return Expected(why, sum(number not in found for _, number in parties))


def known(actor: Actor | None, numbers: Iterable[str]) -> dict[str, int]:
    """Return, of ``numbers`` of matters or of their filings, those whose matter ``actor`` sees, each with its id."""
    wanted: dict[str, list[str]] = {}
    for number in numbers:
        wanted.setdefault(_plain(number), []).append(number)
    wanted.pop("", None)
    if not wanted:
        return {}
    seen = visible_to(actor)
    filed = Filing.objects.filter(number__in=wanted, petition__in=seen.values("pk")).values_list(
        "number", "petition_id"
    )
    own = seen.filter(number__in=wanted).values_list("number", "pk")
    return {typed: pk for number, pk in (*filed, *own) for typed in wanted[number]}


def meant(actor: Actor | None, number: str) -> Petition | None:
    """Return the matter that ``number``, its own or one of its filings', however it was typed, means; ``None``: none that ``actor`` sees."""
    found = known(actor, [number])
    return visible_to(actor).select_related("responsible").get(pk=found[number]) if found else None


def _plain(number: str) -> str:
    """A number as it is kept, however it was typed."""
    return unicodedata.normalize("NFKC", number).strip().upper()


def _parties(visit: Visit) -> list[tuple[str, str]]:
    """Each party that is to be heard yet, in words, with the number it gave (``""``: none)."""
    booked = visit.bookings.filter(state__in=LIVE).order_by("slot", "made_at")
    there = visit.receptions.filter(state__in=("waiting", "in_room")).order_by("queue_number")
    return [
        *((f"预约{row.slot:%H:%M}" if row.slot else "候补", row.filed_number) for row in booked),
        *((f"{row.queue_number}号", row.filed_number) for row in there),
    ]
