"""Who sees which visits, and who may do what with them?  Every read of a visit begins here.

A published visit is public.  What happens in its room is seen by the petition office that holds it and by its leader; the
matters it met are seen by whoever sees them anyway (`petitions.access`): a visit opens no case to anybody.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.models import Department, DepartmentKind, Role
from petitions.access import scope_of, unit_of
from petitions.access import visible_to as petitions_of
from petitions.errors import WrongPerson
from visits.models import PUBLIC, Brief, FollowUp, Milestone, Place, Receiver, Reception, Sponsorship, Visit

ROOM = frozenset({Role.REGISTRAR, Role.TRIAGE, Role.OFFICE_HEAD})  # who works at a reception
DESK = frozenset({Role.TRIAGE, Role.OFFICE_HEAD})  # who plans and publishes
RECORDS = frozenset({Role.TRIAGE})  # registers and assigns: whoever writes the record must be able to do both
WATCH = ROOM | {Role.SUPERVISOR, Role.CONFERENCE}
RECEIVES = frozenset(
    {Role.LEADER, Role.UNIT_HEAD, Role.UNIT_LEADER}
)  # who may be a receiver: of a county, a town, a department
UNIT = frozenset({Role.SIGNER, Role.HANDLER, Role.UNIT_LEADER, Role.UNIT_HEAD})  # who carries out in a unit


def office_of(actor: Actor | None) -> int | None:
    """The petition office whose visits ``actor`` works with; ``None`` for people of other bodies."""
    if actor is None or actor.role not in WATCH or actor.department.kind != DepartmentKind.PETITION_OFFICE:
        return None
    return unit_of(actor)


def visible_to(actor: Actor | None) -> QuerySet[Visit]:
    """Return the visits that ``actor`` sees: the office all of its own, a leader his own, others what is published."""
    if actor is None:
        return Visit.objects.none()
    office = office_of(actor)
    if office is not None:
        return Visit.objects.filter(office_id=office)
    public = Q(status__in=PUBLIC, published_on__isnull=False)
    if actor.role in RECEIVES:
        own = (Q(leader=actor.post) | Q(backup=actor.post)) & ~Q(status="draft")
        return Visit.objects.filter(public | own)
    return Visit.objects.none() if scope_of(actor).empty and not actor.is_system else Visit.objects.filter(public)


def public_visits() -> QuerySet[Visit]:
    """Return the visits that everybody may see."""
    return Visit.objects.filter(status__in=PUBLIC, published_on__isnull=False)


def rooms_of(actor: Actor | None) -> QuerySet[Visit]:
    """Return the visits whose room ``actor`` sees from inside: the office's own, and a leader's own."""
    office = office_of(actor)
    if office is not None:
        return Visit.objects.filter(office_id=office)
    if actor is not None and actor.role in RECEIVES:
        return Visit.objects.filter(Q(leader=actor.post) | Q(backup=actor.post)).exclude(status="draft")
    return Visit.objects.none()


def receives(actor: Actor) -> bool:
    """Whether ``actor`` is in a post that receives people: any leader, and whoever of a town or department is a receiver."""
    if actor.role == Role.LEADER:
        return True
    return actor.role in RECEIVES and Receiver.objects.filter(post=actor.post).exists()


def places_of(actor: Actor) -> QuerySet[Place]:
    """Return the places that ``actor``'s office receives people at; a leader's: of the office that plans for him."""
    office = office_of(actor)
    if office is not None:
        return Place.objects.filter(office_id=office)
    return Place.objects.filter(office__in=Receiver.objects.filter(post=actor.post).values("office"))


def receptions_of(actor: Actor | None) -> QuerySet[Reception]:
    """Return the parties that ``actor`` sees."""
    return Reception.objects.filter(visit__in=rooms_of(actor))


def follow_ups_of(actor: Actor | None) -> QuerySet[FollowUp]:
    """Return the duties that ``actor`` sees: the office all that came out of its visits, a unit its own."""
    office = office_of(actor)
    if office is not None:
        return FollowUp.objects.filter(
            Q(outcome__reception__visit__office_id=office) | Q(sponsorship__office_id=office)
        )
    if actor is not None and actor.role == Role.LEADER:
        return FollowUp.objects.filter(
            Q(outcome__reception__visit__leader=actor.post) | Q(sponsorship__sponsor=actor.post)
        )
    if actor is None or scope_of(actor).empty:
        return FollowUp.objects.none()
    return FollowUp.objects.filter(Q(unit_id=unit_of(actor)) | Q(outcome__reception__visit__leader=actor.post))


def briefs_of(actor: Actor | None) -> QuerySet[Brief]:
    """Return what units were asked to say before visits: the office and the leader see all of their rooms, a unit its own."""
    if office_of(actor) is not None or (actor is not None and actor.role == Role.LEADER):
        return Brief.objects.filter(visit__in=rooms_of(actor))
    if actor is None or scope_of(actor).empty:
        return Brief.objects.none()
    return Brief.objects.filter(unit_id=unit_of(actor))


def reads_pack(actor: Actor | None) -> bool:
    """Whether ``actor`` reads what is put together before a visit: the desk, and whoever receives (his own, `rooms_of`)."""
    return may(actor, DESK) or (actor is not None and actor.role in RECEIVES)


def sponsorships_of(actor: Actor | None) -> QuerySet[Sponsorship]:
    """Return the sponsored cases that ``actor`` sees: the office all of its own, the sponsor and the unit theirs.

    A unit that helps (co-unit, or one that has a step of the plan) sees the case where it sees the matter.
    """
    office = office_of(actor)
    if office is not None:
        return Sponsorship.objects.filter(office_id=office)
    if actor is not None and actor.role == Role.LEADER:
        return Sponsorship.objects.filter(sponsor=actor.post)
    if actor is None or scope_of(actor).empty:
        return Sponsorship.objects.none()
    unit = unit_of(actor)
    helps = Q(pk__in=Sponsorship.co_units.through.objects.filter(department_id=unit).values("sponsorship_id"))
    helps |= Q(pk__in=Milestone.objects.filter(unit_id=unit).values("sponsorship_id"))
    return Sponsorship.objects.filter(Q(unit_id=unit) | helps & Q(petition__in=petitions_of(actor).values("pk")))


def may(actor: Actor | None, roles: frozenset[Role]) -> bool:
    """Whether ``actor`` holds one of ``roles`` in a petition office."""
    return office_of(actor) is not None and actor is not None and actor.role in roles


def check(actor: Actor, roles: frozenset[Role], what: str) -> Department:
    """Return the office that ``actor`` acts for.

    Raises:
        WrongPerson: it is not this post's duty.
    """
    office = office_of(actor)
    if office is None or actor.role not in roles:
        raise WrongPerson(f"{what}不是您这个岗位的职责。", rule="信访部门组织领导接访下访（第十四条、第十八条）")
    return Department.objects.get(pk=office)
