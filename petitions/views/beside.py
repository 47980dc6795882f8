"""What stands beside the fields while a filing is typed?  Earlier matters in scope, and suggestions, each with its reason."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from accounts.access_log import log
from accounts.actor import Actor
from accounts.models import AccessKind, Region
from petitions import lifecycle, near_texts, repeats, routing, trees
from petitions.forms.registration import people_typed
from petitions.models import Category
from petitions.near_texts import Told
from petitions.repeats import Earlier

MOST_LOOKED_UP = 5  # rows of people looked up at a time: each is a question to the record
SHORTEST = 6  # characters of a narrative that say anything


def earlier(actor: Actor, data: QueryDict, *, named: bool = True) -> list[Earlier]:
    """Return earlier matters of the people typed so far, inside the actor's scope; each look-up is logged with its draft.

    Args:
        named: also by the name alone; without it only by ID number and telephone.
    """
    people = people_typed(data)[:MOST_LOOKED_UP]
    if not named:
        people = [person | {"name": ""} for person in people if person["id_number"] or person["phone"]]
    found: dict[int, Earlier] = {}
    for person in people:
        name, number, phone = person["name"], person["id_number"], person["phone"]
        for one in repeats.same_person(actor, name=name, id_number=number, phone=phone):
            found.setdefault(one.petition.pk, one)
    if people and named:
        _log(actor, data, people, list(found.values()))
    return list(found.values())


def shown(found: list[Earlier]) -> list[dict[str, Any]]:
    """Return what the panel says of each: the matter, where it stands, why it is shown, whether one may file under it."""
    return [
        {"petition": one.petition, "why": one.why, "open": one.open, "state": lifecycle.STAGES[one.petition.stage]}
        for one in found
    ]


def _log(actor: Actor, data: QueryDict, people: list[dict[str, str]], found: list[Earlier]) -> None:
    """What was asked by and which matters were shown; never the name or number itself."""
    asked = sorted({name for person in people for name, value in person.items() if value})
    shown = [one.petition.ref for one in found]
    log(
        actor,
        AccessKind.LOOK_UP,
        f"draft:{data.get('draft', '')[:16]}".replace("\0", ""),
        data={"by": asked, "shown": shown},
    )


def suggested(actor: Actor, data: QueryDict) -> dict[str, Any]:
    """Return suggestions for the narrative typed so far: categories, places, the responsible body, similar matters."""
    text = f"{data.get('title', '')}\n{data.get('content', '')}\n{data.get('place', '')}"[:20_000].replace("\0", "")
    if len(text.strip()) < SHORTEST:
        return {"categories": [], "regions": [], "bodies": [], "similar": [], "too_slow": False}
    category, region = _chosen(data)
    near = near_texts.near(actor, Told(text, region, data.get("place", "")[:120].replace("\0", "")))
    if near.found:
        _log(actor, data, [{"text": "shown"}], near.found)
    categories = [] if category else routing.categories(text)
    regions = [] if region else routing.regions(text)
    return {
        "categories": categories,
        "regions": regions,
        "bodies": routing.departments(category or _first(Category, categories), region or _first(Region, regions))[:1],
        "similar": shown(near.found),
        "too_slow": near.too_slow,
        "under": data.get("under", ""),
    }


def _chosen(data: QueryDict) -> tuple[Category | None, Region | None]:
    """What the clerk has chosen already, if it is there to be chosen."""
    category, region = data.get("category", ""), data.get("region", "")
    return (
        Category(pk=category) if category in trees.categories().nodes else None,
        Region(pk=region) if region in trees.regions().nodes else None,
    )


def _first(model: Any, guesses: list[routing.Guess]) -> Any:
    return model(pk=guesses[0].value) if guesses else None
