"""Which department does the routing table suggest, and why?  A person decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Department
from petitions import routing
from petitions.models import Petition


@dataclass(frozen=True)
class Suggestion:
    """A suggested responsible department and the reason in words."""

    department: Department
    reason: str


def suggestion_for(petition: Petition) -> Suggestion | None:
    """Return the suggestion for ``petition``'s category and region, ``None`` where the table says nothing."""
    return suggestions_for([petition]).get(petition.pk)


def suggestions_for(petitions: Iterable[Petition]) -> dict[int, Suggestion]:
    """Return the suggestions by petition id, read together."""
    asked = [(petition.pk, petition.category_id, petition.region_id) for petition in petitions]
    return {pk: Suggestion(body, why) for pk, (body, why) in routing.bodies_for(asked).items()}
