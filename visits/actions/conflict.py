"""May this leader hear this matter?  Not one he is party to, nor one he keeps away from, by itself, its body or its place, nor one
from which he has been recused (回避, Art.28)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from accounts.actor import Actor
from accounts.models import Post
from petitions.access import visible_to
from petitions.errors import BadInput
from petitions.models import Petition, Petitioner
from petitions.models import Recusal as Decided
from visits.expected import known, meant
from visits.models import LIVE, Booking, Reception, Recusal, Visit
from visits.pressure import prefix_of


def conflicts(leader: Post, petitions: Iterable[Petition]) -> dict[int, str]:
    """Return for each of ``petitions`` (by id) why ``leader`` must keep away from it; those without a conflict are missing."""
    found: dict[int, str] = {}
    rows = list(Recusal.objects.filter(post=leader).select_related("place__region", "department"))
    matters = list(petitions)
    decided = _decided(leader, matters)
    parties = set(
        Petitioner.objects.filter(petition__in=matters, name=leader.user.name).values_list("petition_id", flat=True)
    )
    for petition in matters:
        if petition.pk in decided:
            found[petition.pk] = f"{leader.user.name}已决定回避这件事项，请由其他领导接谈"
            continue
        if petition.pk in parties:
            found[petition.pk] = f"信访人与{leader.user.name}同名，可能是当事人，请由其他领导接谈"
            continue
        row = next((row for row in rows if _touches(row, petition)), None)
        if row is not None:
            found[petition.pk] = f"{leader.user.name}应当回避：{row.reason}"
    return found


def _decided(leader: Post, petitions: Iterable[Petition]) -> set[int]:
    """Those of ``petitions`` from which the leader's person, in any post, has been recused; asked only where there is a recusal."""
    some = [petition.pk for petition in petitions if petition.recusals]
    if not some:
        return set()
    rows = Decided.objects.filter(petition__in=some, person__user=leader.user_id, state="granted")
    return set(rows.values_list("petition_id", flat=True))


def _touches(row: Recusal, petition: Petition) -> bool:
    """Whether a recusal speaks of ``petition``: of this very matter, of the body that has it, or of where it happened."""
    if row.petition_id is not None:
        return petition.pk == row.petition_id
    if row.department_id is not None:
        return petition.responsible_id == row.department_id
    prefix = prefix_of(row.place) if row.place is not None else ""
    return bool(prefix) and (petition.region_id or "").startswith(prefix)


def check_party(visit: Visit, name: str, field: str = "name") -> None:
    """Refuse to let a leader hear himself.

    Raises:
        BadInput: the party's name is the leader's own; beside ``field``.
    """
    if name and name == visit.leader.user.name:
        raise BadInput(
            {field: f"来访人与接访领导{name}同名，可能是本人的事，请换到其他领导的接待室。"}, rule="回避（第二十八条）"
        )


def check_leader(leader: Post, petition: Petition, field: str) -> None:
    """Refuse a matter that ``leader`` must keep away from.

    Raises:
        BadInput: beside ``field``, in words.
    """
    found = conflicts(leader, [petition])
    if found:
        raise BadInput({field: f"{found[petition.pk]}。"}, rule="回避（第二十八条）")


def check_filed(leader: Post, number: str, by: Actor | None, field: str = "filed_number") -> None:
    """Refuse a filed matter, named by its number or a filing's, that ``leader`` must keep away from, where ``by`` sees that matter.

    Raises:
        BadInput: beside ``field``, in words.
    """
    petition = meant(by, number) if by is not None else None
    if petition is not None:
        check_leader(leader, petition, field)


def check_change(by: Actor, visit: Visit, leader: Post, field: str) -> None:
    """Refuse to give ``visit`` to another leader who must keep away from a case or a party that it has already.

    Raises:
        BadInput: which cases and parties, and why.
    """
    cases = [row.petition for row in visit.carried.select_related("petition")]
    numbers = {case.pk: case.number for case in cases}
    parties: list[Booking | Reception] = [
        *visit.bookings.filter(state__in=LIVE),
        *visit.receptions.filter(state__in=("waiting", "in_room")),
    ]
    told = known(by, {row.filed_number for row in parties}).values()
    filed = list(visible_to(by).filter(pk__in=told).exclude(pk__in=numbers)) if told else []
    numbers |= {petition.pk: petition.number for petition in filed}
    found = [f"{numbers[pk]}：{why}" for pk, why in conflicts(leader, [*cases, *filed]).items()]
    if any(row.name == leader.user.name for row in parties):
        found.append(f"预约、候访的群众里有{leader.user.name}，与接访领导同名，可能是本人的事")
    if found:
        raise BadInput({field: f"不能由{leader.user.name}接访：{'；'.join(found)}。"}, rule="回避（第二十八条）")


def check_unit(leader: Post, unit_id: int | None, field: str) -> None:
    """Refuse a unit whose matters ``leader`` keeps away from."""
    row = Recusal.objects.filter(Q(department_id=unit_id) & Q(department__isnull=False), post=leader).first()
    if unit_id is not None and row is not None:
        raise BadInput(
            {field: f"{leader.user.name}对这个单位的事项应当回避：{row.reason}。"}, rule="回避（第二十八条）"
        )
