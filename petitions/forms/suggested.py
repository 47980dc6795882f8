"""Which department does the routing table suggest, and why?  A person decides."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Department
from petitions.models import Petition


@dataclass(frozen=True)
class Suggestion:
    """A department and the reason in words."""

    department: Department
    reason: str


def suggestion_for(petition: Petition) -> Suggestion | None:
    """Return the suggestion for ``petition``'s category and region, ``None`` where the table says nothing."""
    return None
