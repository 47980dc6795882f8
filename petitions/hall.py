"""How does the reception hall run?  What is made public (Art.18), whose turn it is, which devices stand there.

Of a queue only numbers are kept, and those until the night: who came when is nobody's record.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import letterhead
from accounts.actor import Actor
from accounts.bodies import in_force
from accounts.dates import today
from accounts.duties import ROLES
from accounts.errors import BadInput, WrongMoment, WrongPerson
from accounts.manage import changed, check_manages
from accounts.models import Department, DepartmentKind, Office, Role
from accounts.privacy import blind
from petitions import lifecycle, querycode
from petitions.access import unit_of
from petitions.actions.register import may_register
from petitions.models import BoardEntry, HallDevice, Ticket

ARTICLE = f"《{lifecycle.TEXT}》第十八条"
NEXT = 6  # numbers that a screen shows as coming
CODE_LIVES = timedelta(minutes=30)
TRIES = 20  # tickets taken at the very same moment; more is a fault
LAST = 999
COUNTERS = frozenset(kind for kind, roles in ROLES.items() if Role.REGISTRAR in roles)  # kinds of bodies with counters


def main_office() -> Department | None:
    """The petition office whose hall this is: the one the system was set up for, else the first in force."""
    own = Office.objects.select_related("department").filter(department__isnull=False).first()
    if own is not None:
        return own.department
    rows = Department.objects.in_force(today()).filter(kind=DepartmentKind.PETITION_OFFICE)
    return rows.order_by("path").first()


def hall_of(code: str) -> Department | None:
    """The body in force with this code whose hall is asked for; without a code that of `main_office`."""
    if not code:
        return main_office()
    body = Department.objects.filter(code=code).first()
    return body if body is not None and has_counters(body) else None


def has_counters(body: Department) -> bool:
    """Whether numbers are given out and called in a hall of ``body``: it exists today, and somebody may register there."""
    return body.kind in COUNTERS and in_force(body)


# --- the notice board ----------------------------------------------------------------------------------------------


def board(day: date | None = None) -> QuerySet[BoardEntry]:
    """The entries that hold on ``day`` (today), in the order of the board."""
    on = day or today()
    return BoardEntry.objects.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gte=on))


# What Art.18 wants to be public in any case.
OWED = (BoardEntry.Kind.PLACE, BoardEntry.Kind.PHONE, BoardEntry.Kind.LETTER, BoardEntry.Kind.ONLINE)


def shown() -> dict[str, list[BoardEntry]]:
    """Return what the board says today, by question: its entries, and where one of `OWED` has none, what the office itself has told."""
    kinds: dict[str, list[BoardEntry]] = {}
    for row in board():
        kinds.setdefault(row.kind, []).append(row)
    own = ((row.kind, row) for row in _own())
    return {kind: [row] for kind, row in own if kind not in kinds} | kinds


def _own() -> Iterator[BoardEntry]:
    """How the office is reached, as its own telephone, address and hours say; unsaved."""
    said = letterhead.words()
    place = [f"地址：{said.address}" if said.address else "", f"接待时间：{said.hours}" if said.hours else ""]
    texts = {
        BoardEntry.Kind.PLACE: "\n".join(filter(None, place)),
        BoardEntry.Kind.PHONE: said.phone,
        BoardEntry.Kind.LETTER: f"{said.address}，{said.desk}收" if said.address else "",
    }
    yield from (BoardEntry(kind=kind, title=said.desk, text=text) for kind, text in texts.items() if text)


def owed(held: Collection[str]) -> list[str]:
    """Return the questions of `OWED` that the board answers in no way, as they are called on it; ``held``: those with entries."""
    answered = {*held, *(row.kind for row in _own())}
    return [kind.label for kind in OWED if kind.value not in answered]


def entry_facts(row: BoardEntry) -> dict[str, object]:
    """Return an entry's fields by their names on the page."""
    return {
        "栏目": BoardEntry.Kind(row.kind).label, "标题": row.title, "内容": row.text, "次序": row.place,
        "自": row.valid_from, "至": row.valid_to or "",
    }  # fmt: skip


def put_entry(row: BoardEntry | None, *, by: Actor, reason: str = "", **fields: Any) -> BoardEntry:
    """Add an entry, or change ``row``: ``kind``, ``title``, ``text``, ``place``, ``valid_from``, ``valid_to``.

    Raises:
        WrongPerson, BadInput: the days do not fit.
    """
    check_manages(by, "hall")
    if fields["valid_to"] is not None and fields["valid_to"] < fields["valid_from"]:
        raise BadInput({"valid_to": "截止日早于开始日。"})
    with transaction.atomic():
        fresh = BoardEntry.objects.select_for_update().get(pk=row.pk) if row else BoardEntry()
        before = entry_facts(fresh) if row else None
        for name, value in fields.items():
            setattr(fresh, name, value)
        fresh.save()
        what = "修改公示" if row else "新增公示"
        changed(by, f"board:{fresh.pk}", what, before=before, after=entry_facts(fresh), reason=reason)
    return fresh


def end_entry(row: BoardEntry, *, by: Actor, reason: str) -> None:
    """Take an entry off the board from today on.

    Raises:
        WrongPerson, WrongMoment: it is off already.
    """
    check_manages(by, "hall")
    with transaction.atomic():
        fresh = BoardEntry.objects.select_for_update().get(pk=row.pk)
        last = today() - timedelta(days=1)
        if fresh.valid_to is not None and fresh.valid_to <= last:
            raise WrongMoment("这一条已经撤下。", rule=ARTICLE)
        before = entry_facts(fresh)
        fresh.valid_from, fresh.valid_to = min(fresh.valid_from, last), last
        fresh.save(update_fields=["valid_from", "valid_to"])
        changed(by, f"board:{fresh.pk}", "撤下公示", before=before, after=entry_facts(fresh), reason=reason)


# --- the queue -----------------------------------------------------------------------------------------------------


def desk_of(by: Actor) -> int:
    """The body whose queue the actor serves.

    Raises:
        WrongPerson: the post is not at a counter.
    """
    if not may_register(by):
        raise WrongPerson("叫号由窗口登记人员办理。", rule="接待大厅")
    return unit_of(by)


def take(office_id: int) -> Ticket:
    """Give out the next number of today; it says nothing about who takes it.

    Raises:
        WrongMoment: the day's numbers are used up.
    """
    mine = {"office_id": office_id, "day": today()}
    for _ in range(TRIES):
        last = Ticket.objects.filter(**mine).order_by("-number").values_list("number", flat=True).first() or 0
        if last >= LAST:
            break
        try:
            with transaction.atomic():
                return Ticket.objects.create(**mine, number=last + 1)
        except IntegrityError:  # somebody took it at the same moment
            continue
    raise WrongMoment("今天的号已经发完，请到窗口登记。", rule="接待大厅")


def call(office_id: int, window: str) -> Ticket | None:
    """Call the next number to ``window``; who was there has been seen.  ``None``: nobody waits."""
    _check_window(window)
    with transaction.atomic():
        leave(office_id, window)
        waiting = Ticket.objects.filter(office=office_id, day=today(), state=Ticket.State.WAITING)
        row = waiting.select_for_update(skip_locked=True).order_by("number").first()
        if row is None:
            return None
        row.window, row.state, row.called_at = window, Ticket.State.CALLED, timezone.now()
        row.save(update_fields=["window", "state", "called_at"])
        return row


def again(office_id: int, window: str) -> Ticket | None:
    """Call the number at ``window`` once more."""
    with transaction.atomic():
        row = _there(office_id, window).select_for_update().first()
        if row is not None:
            row.called_at = timezone.now()
            row.save(update_fields=["called_at"])
        return row


def leave(office_id: int, window: str, *, missed: bool = False) -> None:
    """Nobody is at ``window`` any more: seen, or not come when called."""
    _there(office_id, window).update(state=Ticket.State.MISSED if missed else Ticket.State.DONE)


def _there(office_id: int, window: str) -> QuerySet[Ticket]:
    return Ticket.objects.filter(office=office_id, day=today(), window=window, state=Ticket.State.CALLED)


def _check_window(window: str) -> None:
    if not window or len(window) > 6:
        raise BadInput({"window": "请先填写窗口号。"}, rule="接待大厅")


@dataclass(frozen=True)
class Queue:
    """What a screen shows: who is called where, the latest call first, and who comes next."""

    called: tuple[Ticket, ...]
    coming: tuple[int, ...]
    waiting: int

    @property
    def mark(self) -> str:
        """Changes with whatever is shown or called anew: a screen that has seen it needs nothing."""
        called = [
            f"{row.number}.{row.window}.{int(row.called_at.timestamp()) if row.called_at else 0}" for row in self.called
        ]
        return "-".join([*called, *map(str, self.coming), str(self.waiting)])


def queue(office_id: int) -> Queue:
    """Return today's queue of an office."""
    rows = Ticket.objects.filter(office=office_id, day=today(), state__in=(Ticket.State.WAITING, Ticket.State.CALLED))
    found = list(rows.order_by("number"))
    called = sorted(
        (row for row in found if row.called_at), key=lambda row: row.called_at or timezone.now(), reverse=True
    )
    waiting = [row.number for row in found if row.called_at is None]
    return Queue(tuple(called), tuple(waiting[:NEXT]), len(waiting))


# --- devices -------------------------------------------------------------------------------------------------------


def add_device(office: Department, *, by: Actor, name: str) -> tuple[HallDevice, str]:
    """Add a device and return it with the code that is typed on it once, within half an hour.

    Raises:
        WrongPerson.
    """
    check_manages(by, "hall")
    code = querycode.new_code()
    with transaction.atomic():
        row = HallDevice.objects.create(
            office=office, name=name, code_hash=_hash(code), code_made_at=timezone.now()
        )  # fmt: skip
        changed(by, f"device:{row.pk}", "新增大厅设备", after={"名称": name, "单位": office.name})
    return row, code


def end_device(row: HallDevice, *, by: Actor, reason: str) -> None:
    """A device is no longer one of the hall's: what it holds opens nothing from now on.

    Raises:
        WrongPerson, WrongMoment: it is none any more.
    """
    check_manages(by, "hall")
    with transaction.atomic():
        fresh = HallDevice.objects.select_for_update().get(pk=row.pk)
        if fresh.ended_at is not None:
            raise WrongMoment("这台设备已经停用。", rule="接待大厅")
        fresh.ended_at, fresh.code_hash, fresh.token_hash = timezone.now(), "", ""
        fresh.save(update_fields=["ended_at", "code_hash", "token_hash"])
        changed(by, f"device:{fresh.pk}", "停用大厅设备", after={"名称": fresh.name}, reason=reason)


def open_device(code: str) -> str | None:
    """Return the token of the device whose code this is, once; ``None`` where there is none."""
    digest = _hash(querycode.normalise(code))
    late = timezone.now() - CODE_LIVES
    with transaction.atomic():
        rows = HallDevice.objects.select_for_update().exclude(code_hash="").filter(ended_at=None)
        row = rows.filter(code_hash=digest, code_made_at__gte=late).first()
        if row is None:
            return None
        token = secrets.token_urlsafe(32)
        row.code_hash, row.token_hash, row.opened_at = "", _hash(token), timezone.now()
        row.save(update_fields=["code_hash", "token_hash", "opened_at"])
        return token


def device_of(token: str) -> HallDevice | None:
    """Return the device that holds ``token``."""
    if not token or len(token) > 100:
        return None
    rows = HallDevice.objects.filter(token_hash=_hash(token), ended_at=None).select_related("office")
    return rows.first()


def _hash(secret: str) -> str:
    return blind(secret, "hall-device")


# --- the way of a matter, for the board ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """One step of the way in plain words; ``days``: how long it may take."""

    title: str
    words: str
    days: str = ""


def way() -> Iterable[Stop]:
    """The procedure as a petitioner goes through it; the numbers of days are the table's own (`lifecycle.CLOCKS`)."""
    day = {code: rule.length for code, rule in lifecycle.CLOCKS.items()}
    return (
        Stop("登记", "您来访、写信、打电话、上网，都当场或及时登记。给您一张告知单，上面有查询码。", "当场"),
        Stop("转到该办的单位", "不属于我们自己办的，转给有权处理的单位，并可查到转给了谁。", f"{day['T1']}日内"),
        Stop("告诉您受不受理", "单位收到以后，书面告诉您受理还是不受理、走什么程序。", f"{day['T3']}日内"),
        Stop("办理并书面答复", "听您说，查清楚，写出处理意见书，逐条答复。情况复杂的，可以延长，不超过30日，并告诉您理由。", f"{day['T5']}日内"),
        Stop("您不满意，可以要求复查", f"收到处理意见书{day['T6']}日内，请上一级机关复查；对复查还不服，{day['T6']}日内再请复核。", f"{day['T6']}日内提出"),
        Stop("您来评价", "办完以后，用查询码给信访部门和办理单位分别评价。满意不满意，由您自己说。", "办结以后"),
    )  # fmt: skip
