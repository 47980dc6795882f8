"""How is a file destroyed?  One person draws up a register, another decides; never before its period is over, never while it is open.

What is destroyed is gone: the matter's key, the columns in clear, the files.  The tombstone stays with its number, days and
bodies and with who destroyed it; lists and figures still count it, and the chain of its events still verifies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.models import Department, Role
from petitions import access, erasing, holds, notices, numbers
from petitions.access import unit_of
from petitions.actions import moment, record
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.law import archive as law
from petitions.models import ArchiveFile, Destruction, Notice, Petition

PROPOSES = frozenset({Role.REGISTRAR, Role.TRIAGE, Role.OFFICE_HEAD})
DECIDES = frozenset({Role.OFFICE_HEAD})
KEEPS = PROPOSES
RULE = f"{law.DESTROYING}、两人销毁"


def files_of(actor: Actor) -> QuerySet[ArchiveFile]:
    """Return the files that the actor's office keeps, of matters that he sees.

    Raises:
        WrongPerson: his post keeps no archive.
    """
    if actor.role not in KEEPS or not actor.department.is_petition_office:
        raise WrongPerson("案卷由信访部门的窗口、受理岗位和负责人管理。", rule="档案管理")
    rows = ArchiveFile.objects.filter(department=unit_of(actor), petition__in=access.visible_to(actor))
    return rows.select_related("petition", "archived_by__user", "destruction")


def ending(actor: Actor, day: date) -> QuerySet[ArchiveFile]:
    """Return the files whose period is over on ``day`` and that stand on no register, the longest over first."""
    rows = files_of(actor).filter(destroyed_on=None, destruction=None, keep_until__lt=day)
    return rows.order_by("keep_until", "pk")


def why_not(file: ArchiveFile, day: date) -> str:
    """Return why a file may not be destroyed on ``day``; ``""`` where it may."""
    if file.destroyed_on is not None:
        return "已经销毁"
    if file.keep_until is None:
        return "永久保管"
    if file.keep_until >= day:
        return f"保管期限到{file.keep_until.year}年{file.keep_until.month}月{file.keep_until.day}日为止"
    return holds.why_open(file.petition)


def propose(refs: Sequence[str], reason: str, *, by: Actor) -> Destruction:
    """Draw up a register of files whose period is over; each is looked at, and none is taken that must stay.

    Raises:
        WrongPerson, NotSeen: one is not the office's; BadInput: none, too many, no reason; WrongMoment: one must stay.
    """
    wanted = list(dict.fromkeys(refs))
    if not wanted or len(wanted) > law.MOST:
        raise BadInput({"pick": f"请勾选1到{law.MOST}件期满的案卷。"}, rule=RULE)
    if not reason.strip():
        raise BadInput({"reason": "请写明鉴定意见：为什么没有保存价值。"}, rule=law.DESTROYING)
    with transaction.atomic():
        rows = files_of(by).select_for_update(of=("self",)).filter(ref__in=wanted).order_by("pk")
        files = list(rows)
        if len(files) != len(wanted):
            raise NotSeen
        for file in files:
            why = "已列入另一份清册" if file.destruction_id else why_not(file, moment.today())
            if why:
                raise WrongMoment(f"{file.number}不能列入销毁清册：{why}。", rule=RULE)
        register = _register(by, reason.strip()[:500])
        ArchiveFile.objects.filter(pk__in=[file.pk for file in files]).update(destruction=register)
    return register


def _register(by: Actor, reason: str) -> Destruction:
    body, day = Department.objects.get(pk=unit_of(by)), moment.today()
    serial = numbers.take(body.pk, "destruction", day.year)
    return Destruction.objects.create(
        number=numbers.paper_number(body.paper_prefix or body.short_name, "销", day.year, serial), department=body,
        reason=reason, proposed_by=by.post, proposed_on=day,
    )  # fmt: skip


def register_of(actor: Actor, ref: str) -> Destruction:
    """Return a register of the actor's office.

    Raises:
        WrongPerson, NotSeen.
    """
    rows = Destruction.objects.filter(department=files_of_unit(actor), ref=ref)
    found = rows.select_related("department", "proposed_by__user", "decided_by__user").first()
    if found is None:
        raise NotSeen
    return found


def files_of_unit(actor: Actor) -> int:
    """Return the office whose archive the actor keeps.

    Raises:
        WrongPerson.
    """
    files_of(actor)
    return unit_of(actor)


@dataclass
class Done:
    """What became of the files of a register: destroyed, or kept with why."""

    destroyed: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)


def refuse(register: Destruction, decision: str, *, by: Actor) -> None:
    """Decide that nothing of it is destroyed; its files are free again.

    Raises:
        WrongPerson, WrongMoment, BadInput.
    """
    if not decision.strip():
        raise BadInput({"decision": "请写明不予销毁的理由。"})
    with transaction.atomic():
        held = _held(register, by)
        _decided(held, Destruction.State.REFUSED, decision, by)
        ArchiveFile.objects.filter(destruction=held, destroyed_on=None).update(destruction=None)


def approve(register: Destruction, decision: str, *, by: Actor) -> Done:
    """Destroy the files of a register: each whole or not at all, one that must stay is taken off it and told.

    Another person than who drew it up decides.  One transaction: a register is never half done.

    Raises:
        WrongPerson: the same person, or no head of the office; WrongMoment: it has been decided; NotSeen.
    """
    with transaction.atomic():
        held, done = _held(register, by), Done()
        for file in held.files.select_for_update(of=("self",)).filter(destroyed_on=None).order_by("pk"):
            petition = Petition.objects.select_for_update(of=("self",)).get(pk=file.petition_id)
            file.petition = petition
            if why := why_not(file, moment.today()):
                ArchiveFile.objects.filter(pk=file.pk).update(destruction=None)
                done.kept.append((file.number, why))
                continue
            _destroy(file, held, by)
            done.destroyed.append(file.number)
        _decided(held, Destruction.State.DONE, decision, by)
    return done


def _held(register: Destruction, by: Actor) -> Destruction:
    files_of(by)
    held = Destruction.objects.select_for_update(of=("self",)).select_related("proposed_by")
    found = held.filter(pk=register.pk, department=unit_of(by)).first()
    if found is None:
        raise NotSeen
    if found.state != Destruction.State.PROPOSED:
        raise WrongMoment("这份清册已经审批过了。", rule=RULE)
    if by.role not in DECIDES:
        raise WrongPerson("销毁由信访部门负责人审批。", rule=RULE)
    if found.proposed_by.user_id == by.user.pk:
        raise WrongPerson("提出销毁的人不能自己审批，要由另一人决定。", rule=RULE)
    return found


def _decided(held: Destruction, state: str, decision: str, by: Actor) -> None:
    held.state, held.decision = state, decision.strip()[:500]
    held.decided_by, held.decided_on = by.post, moment.today()
    held.save(update_fields=["state", "decision", "decided_by", "decided_on"])


def _destroy(file: ArchiveFile, register: Destruction, by: Actor) -> None:
    """The event first, in clear, by whom and on which register; then nothing of the matter can be read any more."""
    data = {"file": file.number, "register": register.number, "proposed_by": register.proposed_by_id}
    event = record.make_event(file.petition, "destroyed", by=by, data=data)
    file.petition.save(update_fields=["events_count", "chain_head"])
    event.save(force_insert=True)
    erasing.wipe(file.petition, moment.now())
    file.destroyed_on = moment.today()
    file.save(update_fields=["destroyed_on"])


def remind(day: date) -> int:
    """Tell each office once of files whose period ends within three months; safe to run again or late."""
    soon = day + timedelta(days=law.REMIND_DAYS)
    with transaction.atomic():
        rows = ArchiveFile.objects.select_for_update(skip_locked=True).filter(
            destroyed_on=None, destruction=None, reminded_on=None, keep_until__lte=soon
        )
        files = list(rows.order_by("pk")[:10_000])
        for office in {file.department_id for file in files}:
            mine = [file for file in files if file.department_id == office]
            last = min(file.keep_until for file in mine if file.keep_until)
            text = f"{len(mine)}件案卷的保管期限将满（最早{last.year}年{last.month}月{last.day}日），请鉴定：延长或者列入销毁清册"
            _tell(office, text)
        ArchiveFile.objects.filter(pk__in=[file.pk for file in files]).update(reminded_on=day)
    return len(files)


def _tell(office: int, text: str) -> None:
    now = moment.now()
    posts = notices.posts_of(office, Role.OFFICE_HEAD, Role.TRIAGE)
    Notice.objects.bulk_create(
        Notice(post=post, step="archive", text=text, made_at=now, ended_at=now, state=Notice.State.SENT)
        for post in posts
    )
