"""Who sees which sealed reports?  Who is on the list, but for those that are about him or his unit (Art.28, 30, 46).

A report bars people and units by keyed hashes: the database does not say in clear whom it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department, DepartmentKind, Post, User
from accounts.privacy import blind
from petitions.accusations import roll
from petitions.errors import NotSeen
from petitions.models import Accusation, AccusationEvent, AccusationFile, AccusationPaper

Part = TypeVar("Part", AccusationFile, AccusationPaper)


def _token(kind: str, value: object) -> str:
    return blind(f"{kind}:{value}", "accusation-bar")


def plain_name(name: str) -> str:
    """A person's name as it is compared: without blanks."""
    return "".join(name.split())


def bars_for(told: dict[str, Any]) -> list[str]:
    """Return the hashes of whom a report must be kept from: its accused people by name, their units, who recused himself."""
    units = _units(told)
    found = [_token("name", plain_name(name)) for name in told.get("accused", [])]
    # Everybody sits below the county's leadership: a report about one of its members bars that person, not the county.
    found += [_token("unit", unit.pk) for unit in units if unit.kind != DepartmentKind.LEADERSHIP]
    found += [_token("unit", unit.heir_id) for unit in units if unit.heir_id]
    found += [_token("user", pk) for pk in told.get("recused", [])]
    return sorted(set(found))


def _units(told: dict[str, Any]) -> list[Department]:
    return list(Department.objects.filter(pk__in=told.get("accused_units", [])))


def _tokens_of(user: User) -> list[str]:
    """Every hash that would bar this person."""
    paths = Post.objects.in_force(today()).filter(user=user).values_list("department__path", flat=True)
    units = {pk for path in paths for pk in path.split("/") if pk}
    return [
        _token("user", user.pk),
        _token("name", plain_name(user.name)),
        *(_token("unit", pk) for pk in sorted(units)),
    ]


def visible_to(actor: Actor) -> QuerySet[Accusation]:
    """Return the reports that ``actor`` sees: the first line of every read.

    Raises:
        NotSeen: he is not on the list of recipients today.  Asked before anything is looked up.
    """
    if not roll.is_on(actor, roll.HANDLES):
        raise NotSeen
    open_to_him = ~Q(state="destroyed") & ~Q(bars__overlap=_tokens_of(actor.user))
    return Accusation.objects.filter(open_to_him | Q(state="destroyed") & Exists(_signed_for(actor)))


def _signed_for(actor: Actor) -> QuerySet[AccusationEvent]:
    """A destroyed report no longer says whom it was kept from: its tombstone is seen by the two who signed for it alone."""
    signed = AccusationEvent.objects.filter(accusation=OuterRef("pk"), step__in=("propose_destruction", "destroy"))
    return signed.filter(user=actor.user)


def part_seen(kind: type[Part], actor: Actor, ref: str) -> Part:
    """Return the file or paper ``ref`` of a report that ``actor`` sees.

    Raises:
        NotSeen: there is none.
    """
    found = kind._default_manager.filter(accusation__in=visible_to(actor), ref=ref).select_related("accusation").first()
    if found is None:
        raise NotSeen
    return found


def recipients_for(told: dict[str, Any]) -> list[User]:
    """Return the people on the list who would see a report that says ``told``."""
    bars = set(bars_for(told))
    users = {row.user for row in roll.in_force().filter(duty=roll.HANDLES).select_related("user")}
    return [user for user in users if not bars & set(_tokens_of(user))]


# --- to whom it may never go ------------------------------------------------------------------------------------------


def why_not_to(told: dict[str, Any], body: Department) -> str:
    """Return why nothing of the report may go to ``body``; ``""`` where it may (Art.30 ¶3)."""
    for unit in _units(told):
        for accused in filter(None, (unit, unit.heir)):
            if body.path.startswith(accused.path):
                same = body.pk == accused.pk
                return (
                    f"{body.name}是被反映的单位。" if same else f"{body.name}是被反映的单位（{accused.name}）的下级。"
                )
    return _named_in(told, body.name)


def why_not_to_words(told: dict[str, Any], name: str) -> str:
    """The same for a body outside the tree, known by its name alone."""
    return _named_in(told, name)


def _named_in(told: dict[str, Any], name: str) -> str:
    """An accused body that is known by its name alone is recognised by it."""
    names: Iterable[str] = (told.get("accused_unit") or "", *(unit.name for unit in _units(told)))
    hit = next((one for one in names if one and (one in name or name in one)), "")
    return f"{name}是被反映的单位。" if hit else ""


def why_not_to_leader(told: dict[str, Any], post: Post) -> str:
    """Return why the report may not be laid before this leader; ``""`` where it may."""
    if plain_name(post.user.name) in {plain_name(name) for name in told.get("accused", [])}:
        return f"{post.user.name}是被反映的人，或者与被反映的人同名。"
    for unit in _units(told):
        about_the_body = unit.kind != DepartmentKind.LEADERSHIP or not told.get("accused")
        if about_the_body and post.department.path.startswith(unit.path):
            return f"{post.user.name}任职的单位是被反映的单位。"
    return ""
