"""How does a plan come about and change?  Drafted, added to, moved, swapped, approved, cancelled; each checked and written down."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Department, Post, Role
from petitions.actions import moment
from petitions.errors import BadInput, WrongMoment
from petitions.models import Pattern
from petitions.patterns.verbs import turned
from petitions.querycode import new_ref
from petitions.workdays import spoken
from visits import access, book
from visits.actions.conflict import check_change
from visits.actions.notice import give_notice
from visits.actions.record import lock_plan, locked, must_be, note, refuse
from visits.actions.ringing import call_off, owe
from visits.actions.settling import resettle
from visits.actions.telling import tell, told_of_change
from visits.checking import Breach, check, row_breaches
from visits.drafting import draft
from visits.models import LIVE, OPEN, BookingState, Form, Place, Receiver, Status, Visit, Why
from visits.planbook import Facts, Row

LONGEST_DAYS = 400


@dataclass(frozen=True)
class Look:
    """What would be drafted from which facts, and what that, with what stands, would still break."""

    rows: list[Row]
    breaches: list[Breach]
    facts: Facts


def look(by: Actor, first: date, last: date) -> Look:
    """Return what would be drafted for ``first`` to ``last``.

    Raises:
        WrongPerson; BadInput: no such span.
    """
    office = access.check(by, access.DESK, "编制接访计划")
    facts = _facts(by, office, first, last)
    rows = draft(facts)
    return Look(rows, check([*facts.kept, *rows], facts), facts)


def draft_plan(by: Actor, first: date, last: date, period: str) -> list[Visit]:
    """Write a draft for ``first`` to ``last`` (included) beside what stands, and return the new visits."""
    office = access.check(by, access.DESK, "编制接访计划")
    with transaction.atomic():
        lock_plan()
        facts = _facts(by, office, first, last)
        made = [_from_row(row, office, period) for row in draft(facts)]
        _describe(made)
        for visit in made:
            visit.save(force_insert=True)
            note(visit, "draft", by, day=visit.day, leader=visit.leader_id)
    return made


def _facts(by: Actor, office: Department, first: date, last: date) -> Facts:
    if last < first or (last - first).days > LONGEST_DAYS:
        raise BadInput({"last": "计划期最长一年，截止日不早于开始日。"})
    if last < moment.today():
        raise BadInput({"first": "这段时间已经过去，不能再排。"})
    return book.facts_for(by, office, first, last, fields=True)


def _from_row(row: Row, office: Department, period: str) -> Visit:
    return Visit(
        office=office, period=period, leader_id=row.leader, day=row.day, starts=row.starts, ends=row.ends, place_id=row.site,
        room=row.room, backup_id=row.backup,
    )  # fmt: skip


def _describe(visits: Sequence[Visit]) -> None:
    """Write post, fields in charge, level and form as they are today."""
    posts = Post.objects.in_bulk([visit.leader_id for visit in visits])
    levels = dict(Receiver.objects.filter(post__in=posts).values_list("post_id", "level"))
    halls = dict(Place.objects.filter(pk__in={visit.place_id for visit in visits}).values_list("pk", "hall"))
    charges = {pk: charge_of(post) for pk, post in posts.items()}
    numbers = {visit.office_id: book.number(visit.office_id, "capacity") for visit in visits}
    for visit in visits:
        post = posts[visit.leader_id]
        visit.leader_title = post.title or post.get_role_display()
        visit.charge = charges[post.pk]
        visit.level = levels.get(post.pk, "county")
        visit.capacity = numbers[visit.office_id]
        visit.phone = visit.office.phone
        if not halls[visit.place_id] and visit.form == Form.RECEPTION:
            visit.form = Form.DOWN_VISIT


def charge_of(post: Post) -> str:
    """The fields in a leader's charge, by name."""
    names = post.fields.select_related("department").values_list("department__short_name", flat=True)
    return "、".join(names)[:200]


# --- by a person -------------------------------------------------------------------------------------------------


def add(
    by: Actor, *, leader: Post, day: date, starts: time, ends: time, place: Place, room: str = "", form: str = Form.RECEPTION,
    topic: str = "", capacity: int | None = None, backup: Post | None = None, units: Sequence[Department] = (),
) -> Visit:  # fmt: skip
    """Add one visit to the plan as a draft.

    Raises:
        WrongPerson, BadInput: it breaks a rule; ``fields`` says which in words.
    """
    office = access.check(by, access.DESK, "编制接访计划")
    with transaction.atomic():
        lock_plan()
        visit = Visit(
            office=office, period=f"{day:%Y-%m}", leader=leader, day=day, starts=starts, ends=ends, place=place,
            room=room or place.room_names[0], form=form, topic=topic, backup=backup,
        )  # fmt: skip
        _told(visit)
        _check_row(by, visit)
        _describe([visit])
        visit.form, visit.capacity = form, capacity if capacity is not None else visit.capacity
        visit.save(force_insert=True)
        visit.units.set(units)
        note(visit, "add", by, day=day, leader=leader.pk)
    return visit


def add_about(by: Actor, pattern: Pattern, **said: Any) -> Visit:
    """Add one visit about what a warning speaks of; the warning says so from then on.

    Args:
        said: as for `add`.

    Raises:
        NotSeen, WrongMoment: the warning is not seen, or was set aside. As for `add`.
    """
    with transaction.atomic():
        visit = add(by, **said)
        turned(pattern, "visit", by=by, target=visit.ref)
    return visit


def _told(visit: Visit) -> None:
    wrong: dict[str, str] = {}
    if visit.form not in Form.values:
        wrong["form"] = "没有这种形式。"
    if visit.starts >= visit.ends:
        wrong["ends"] = "结束时间要晚于开始时间。"
    if visit.place.office_id != visit.office_id or not visit.place.active:
        wrong["place"] = "请选择在用的接访地点。"
    elif visit.room not in visit.place.room_names:
        wrong["room"] = f"{visit.place.name}没有“{visit.room}”。"
    receivers = Receiver.objects.filter(office=visit.office_id, active=True).values_list("post_id", flat=True)
    if visit.leader_id not in receivers:
        wrong["leader"] = "请选择参加接访的领导。"
    if visit.backup_id is not None and visit.backup_id not in receivers:
        wrong["backup"] = "请选择参加接访的领导。"
    if not visit.capacity or visit.capacity > 500:
        wrong["capacity"] = "批次在1到500之间。"
    if wrong:
        raise BadInput(wrong)


def _check_row(by: Actor, visit: Visit) -> None:
    facts = book.facts_for(by, visit.office, visit.day, visit.day, whole=False)
    refuse(row_breaches(book.as_row(visit), facts.kept, facts))


def move(by: Actor, visit: Visit, *, reason: str = "", urgent: bool = False, **changes: Any) -> Visit:
    """Change day, time, place, room, backup, form, topic or capacity; of a published visit only with a reason, and that is published.

    Args:
        urgent: the new day is nearer than notice is given, for the reason that is published.

    Raises:
        NotSeen, WrongPerson; WrongMoment: people have come already; BadInput: no reason, too near, or a rule is broken.
    """
    access.check(by, access.DESK, "调整接访计划")
    with transaction.atomic():
        lock_plan()
        visit = locked(by, visit)
        must_be(visit, *OPEN)
        changed = {name: value for name, value in changes.items() if getattr(visit, name) != value}
        if not changed:
            return visit
        if visit.status == Status.PUBLISHED and not reason.strip():
            raise BadInput({"reason": "已经公示的安排，变更要写明原因，并重新公示。"}, rule="接访公示")
        if changed.get("day", moment.today()) < moment.today():
            raise BadInput({"day": f"{spoken(changed['day'])}已经过去。"}, rule="接访下访安排规则")
        if changed.keys() & {"day", "place"}:
            _nobody_came(visit)
        before = when_and_where(visit)
        for name, value in changed.items():
            setattr(visit, name, value)
        if visit.room not in visit.place.room_names and "room" not in changed:
            visit.room = visit.place.room_names[0]
        _told(visit)
        _check_row(by, visit)
        _enough_room(visit)
        fields = [*changed, "room", "period"]
        if "day" in changed:  # what the leader said of the other day holds no more
            visit.absence, visit.absent_on = "", None
            fields += ["absence", "absent_on"]
        visit.period = f"{visit.day:%Y-%m}"
        if visit.status == Status.PUBLISHED:
            visit.before, visit.reason, visit.changed_on = before, reason, moment.today()
            fields += ["before", "reason", "changed_on"]
            if "day" in changed:
                give_notice(visit, urgent=urgent)
                fields += ["lead_days", "urgent"]
        else:
            visit.status = Status.DRAFT  # what was approved was another
            fields.append("status")
        visit.save(update_fields=sorted(set(fields)))
        note(visit, "move", by, words=reason, before=before, after=when_and_where(visit))
        _settle(by, visit, changed.keys())
        if visit.status == Status.PUBLISHED:
            told_of_change(visit, "visit_changed", f"接访安排有变（原为{before}）")
    return visit


def _settle(by: Actor, visit: Visit, changed: Set[str]) -> None:
    """The bookings follow; whoever has another day, time or place than he knows is to be told."""
    if changed & {"day", "starts", "ends", "capacity"}:
        resettle(visit, by=by, moved="day" in changed)
    if changed & {"place", "room"}:
        owe(visit.bookings.select_for_update().filter(state=BookingState.BOOKED), Why.MOVED)


def _nobody_came(visit: Visit) -> None:
    """Refuse to move a visit from under the people who have come to it."""
    if visit.receptions.exclude(state="left").exists():
        raise WrongMoment(
            "已经有群众签到或接谈，不能改期、改地点；请接完这一场，或者先登记他们离开。", rule="接访下访安排"
        )


def _enough_room(visit: Visit) -> None:
    booked = visit.bookings.filter(state__in=[BookingState.BOOKED, BookingState.ARRIVED], slot__isnull=False).count()
    if visit.capacity < booked:
        raise BadInput({"capacity": f"已有{booked}批预约，批次不能少于此数。"}, rule="预约")


def when_and_where(visit: Visit) -> str:
    """Day, time, place and room in one line, for what a notice said before."""
    return f"{spoken(visit.day)} {visit.starts:%H:%M}—{visit.ends:%H:%M} {visit.place.name}{visit.room} {visit.leader.user.name}"


def substitute(by: Actor, visit: Visit, *, leader: Post, reason: str) -> Visit:
    """Let another leader receive.  A published visit stays on the notice as swapped, with the reason and who comes instead.

    Returns:
        the visit that stands now; its bookings have gone along.
    """
    access.check(by, access.DESK, "调整接访计划")
    if not reason.strip():
        raise BadInput({"reason": "请写明换人的原因。"}, rule="接访公示")
    with transaction.atomic():
        lock_plan()
        visit = locked(by, visit)
        must_be(visit, *OPEN)
        if leader.pk == visit.leader_id:
            raise BadInput({"leader": "这场本来就由他接访。"})
        published, was = visit.status == Status.PUBLISHED, (visit.leader, visit.backup)
        visit.leader = leader
        if visit.backup_id == leader.pk:  # the substitute that was named steps in
            visit.backup = None
        _told(visit)
        _check_row(by, visit)
        visit.leader, visit.backup = was
        check_change(by, visit, leader, "leader")
        return _hand_over(by, visit, leader, reason, published=published)


def _hand_over(by: Actor, visit: Visit, leader: Post, reason: str, *, published: bool) -> Visit:
    """Give a checked visit to another leader: in place, or as a new row where the old one has been told to the public."""
    fresh = _copied(visit, leader, reason) if published else visit
    fresh.leader, fresh.backup_id = leader, None if fresh.backup_id == leader.pk else fresh.backup_id
    capacity, form = fresh.capacity, fresh.form
    _describe([fresh])
    fresh.capacity, fresh.form = capacity, form
    if not published:
        visit.status = Status.DRAFT  # what was approved was another
        visit.absence, visit.absent_on = "", None
        visit.save(
            update_fields=["leader", "backup", "leader_title", "charge", "level", "status", "absence", "absent_on"]
        )
        note(visit, "swap", by, words=reason, leader=leader.pk)
        return visit
    fresh.save(force_insert=True)
    fresh.units.set(visit.units.all())
    for rows in (visit.bookings, visit.receptions, visit.carried, visit.briefs):
        rows.update(visit=fresh)
    owe(fresh.bookings.select_for_update().filter(state__in=LIVE), Why.SWAPPED)
    note(visit, "swap", by, words=reason, leader=leader.pk, to=fresh.ref)
    note(fresh, "swap", by, words=reason, instead_of=visit.ref)
    told_of_change(fresh, "visit_changed", f"接访换人（原由{visit.leader.user.name}接访）", also=[visit.leader])
    return fresh


def _copied(visit: Visit, leader: Post, reason: str) -> Visit:
    """A new row in the place of a published one, which stays on the notice as swapped."""
    visit.status, visit.reason, visit.changed_on = Status.SWAPPED, reason, moment.today()
    visit.save(update_fields=["status", "reason", "changed_on"])
    fresh = Visit.objects.get(pk=visit.pk)
    fresh.pk, fresh.ref, fresh.events_count = None, new_ref(), 0
    fresh._state.adding = True
    fresh.replaces, fresh.status = visit, Status.PUBLISHED
    fresh.stands_for_id = visit.stands_for_id or visit.pk
    fresh.absence, fresh.absent_on, fresh.told_for, fresh.listed_for = "", None, None, None
    return fresh


def swap(by: Actor, one: Visit, other: Visit, *, reason: str) -> tuple[Visit, Visit]:
    """Let two leaders exchange their days."""
    access.check(by, access.DESK, "调整接访计划")
    if not reason.strip():
        raise BadInput({"reason": "请写明互换的原因。"}, rule="接访公示")
    with transaction.atomic():
        lock_plan()
        one, other = locked(by, one), locked(by, other)
        must_be(one, *OPEN)
        must_be(other, *OPEN)
        if one.leader_id == other.leader_id or one.pk == other.pk:
            raise BadInput({"other": "请选择另一位领导的一场。"})
        first, second = one.leader, other.leader
        facts = book.facts_for(by, one.office, min(one.day, other.day), max(one.day, other.day), whole=False)
        rest = [row for row in facts.kept if row.key not in (one.pk, other.pk)]
        rows = [_with(one, second), _with(other, first)]
        refuse(row_breaches(rows[0], [*rest, rows[1]], facts) + row_breaches(rows[1], [*rest, rows[0]], facts), "other")
        check_change(by, one, second, "other")
        check_change(by, other, first, "other")
        done = [
            _hand_over(by, visit, leader, reason, published=visit.status == Status.PUBLISHED)
            for visit, leader in ((one, second), (other, first))
        ]
    return done[0], done[1]


def _with(visit: Visit, leader: Post) -> Row:
    return replace(book.as_row(visit), leader=leader.pk, backup=None)


def set_units(by: Actor, visit: Visit, units: Sequence[Department]) -> Visit:
    """Say which units accompany the leader."""
    access.check(by, access.DESK, "调整接访计划")
    with transaction.atomic():
        visit = locked(by, visit)
        must_be(visit, *OPEN)
        before = set(visit.units.all())
        visit.units.set(units)
        if visit.status == Status.PUBLISHED and (fresh := set(units) - before):
            tell(visit, "visit_published", "请陪同接访", units=sorted(fresh, key=lambda unit: unit.pk))
        note(visit, "units", by, units=[unit.pk for unit in units])
    return visit


def approve(by: Actor, visits: Sequence[Visit]) -> int:
    """Approve drafts as they stand; what breaks a rule is refused in words, and nothing is approved.

    Returns:
        how many were approved now.
    """
    office = access.check(by, frozenset({Role.OFFICE_HEAD}), "审定接访计划")
    with transaction.atomic():
        lock_plan()
        rows = list(
            access.rooms_of(by)
            .select_for_update(of=("self",))
            .filter(pk__in=[one.pk for one in visits], status=Status.DRAFT)
        )
        if not rows:
            return 0
        facts = book.facts_for(by, office, min(row.day for row in rows), max(row.day for row in rows), whole=False)
        for row in rows:
            refuse(row_breaches(book.as_row(row), facts.kept, facts))
        for row in rows:
            row.status = Status.APPROVED
            row.save(update_fields=["status"])
            note(row, "approve", by)
    return len(rows)


def cancel(by: Actor, visit: Visit, *, reason: str) -> Visit:
    """Take a visit out of the plan; if it was published, the notice says so and why, and the booked are to be told by telephone.

    Raises:
        BadInput: no reason.
    """
    access.check(by, access.DESK, "取消接访")
    with transaction.atomic():
        visit = locked(by, visit)
        must_be(visit, *OPEN)
        if not reason.strip():
            raise BadInput({"reason": "请写明取消的原因。"}, rule="接访公示")
        if visit.receptions.exclude(state="left").exists():
            raise BadInput({"reason": "已经有群众签到或接谈，不能取消；请结束接访。"}, rule="接访公示")
        visit.status, visit.reason, visit.changed_on = Status.CANCELLED, reason, moment.today()
        visit.save(update_fields=["status", "reason", "changed_on"])
        note(visit, "cancel", by, words=reason, bookings=call_off(visit))
        if visit.published_on is not None:
            tell(visit, "visit_cancelled", "接访取消")
    return visit


__all__ = [
    "add", "approve", "cancel", "charge_of", "draft_plan", "look", "move", "set_units", "substitute", "swap", "when_and_where",
]  # fmt: skip
