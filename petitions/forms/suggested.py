"""Which department does the routing table suggest, and why?  A person decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.actor import Actor
from accounts.models import Department
from petitions import lifecycle, routing
from petitions.models import Petition
from petitions.trays import Question


@dataclass(frozen=True)
class Suggestion:
    """A suggested responsible department and the reason in words."""

    department: Department
    reason: str


@dataclass(frozen=True)
class Placed:
    """Category and place of a petition: as chosen, else as its words suggest; ``reasons`` says why of what was guessed."""

    category: str | None
    region: str | None
    reasons: Mapping[str, str]


def may_transfer(actor: Actor) -> bool:
    """Whether the post transfers at all; each row is asked again at the door."""
    return f"office:{actor.role}" in lifecycle.STEPS["transfer"].who


def offers_transfer(actor: Actor, question: Question) -> bool:
    """Whether the tray ``question`` offers ``actor`` to transfer its matters, each with the body that is suggested."""
    return question.code == "to_route" and may_transfer(actor)


def placed(petition: Petition) -> Placed:
    """Return category and place of ``petition``, guessed from its words where registration left them open."""
    text = f"{petition.title}\n{petition.content}\n{petition.place}"
    guessed = {
        "category": [] if petition.category_id else routing.categories(text, limit=1),
        "region": [] if petition.region_id else routing.regions(text, limit=1),
    }
    reasons = {name: f"建议：{found[0].label}，{found[0].reason}" for name, found in guessed.items() if found}
    values = {name: found[0].value for name, found in guessed.items() if found}
    return Placed(petition.category_id or values.get("category"), petition.region_id or values.get("region"), reasons)


def suggestion_for(petition: Petition, where: Placed | None = None) -> Suggestion | None:
    """Return the body that the table names, ``None`` where it says nothing.

    Args:
        where: category and place to ask for; by default those that ``petition`` was given.
    """
    if where is None:
        return suggestions_for([petition]).get(petition.pk)
    found = routing.bodies_for([(petition.pk, where.category, where.region)]).get(petition.pk)
    return Suggestion(*found) if found else None


def suggestions_for(petitions: Iterable[Petition]) -> dict[int, Suggestion]:
    """Return the suggestions by petition id, read together."""
    asked = [(petition.pk, petition.category_id, petition.region_id) for petition in petitions]
    return {pk: Suggestion(body, why) for pk, (body, why) in routing.bodies_for(asked).items()}
