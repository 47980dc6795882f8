"""What leaves the sealed room as a whole?  One number a year for the annual report (Art.41), and an export for inspection bodies."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from openpyxl import Workbook

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department, DepartmentKind
from accounts.privacy import PrivacyError, seal, unseal
from petitions import attachments, limits
from petitions.access import unit_of
from petitions.accusations import access, record, roll, words
from petitions.accusations.accused import Roster
from petitions.actions import told
from petitions.errors import BadInput, NotSeen, Refused, WrongMoment
from petitions.law.accusations import STATES
from petitions.models import Accusation, AccusationExport, AccusationReading, YearTotal
from petitions.sheets import plain

KEEP = timedelta(days=1)
HEADINGS = ("编号", "收到日期", "被反映人", "被反映单位", "反映的情况", "办理状态", "转送、呈报去向", "办理结果")


def years(by: Actor, back: int = 5) -> list[tuple[int, YearTotal | None]]:
    """Return the last ``back`` years that are over, newest first, each with what the actor's office was given of it.

    No number is shown with them: beside what a recipient sees himself it would tell how many are kept from him.  A year
    is over when nothing can be dated back into it any more.

    Raises:
        NotSeen: the actor is not on the list.
        BadInput: no petition office reports for the actor's body.
    """
    if not roll.is_on(by, roll.HANDLES):
        raise NotSeen
    record.note_reading(by, AccusationReading.Kind.TOTAL)
    given = {row.year: row for row in YearTotal.objects.filter(office=_office_of(by))}
    last = (today() - timedelta(days=limits.backdate_days())).year - 1
    return [(year, given.get(year)) for year in range(last, last - back, -1)]


def enter(by: Actor, year: int) -> YearTotal:
    """Give the number of a year that is over to the annual report of the actor's office (Art.41), once.

    It is counted here, typed by nobody, and stays as it was first given: the difference of two would be single reports.

    Raises:
        NotSeen: the actor is not on the list.
        BadInput: the year is not over, or too long ago; or no petition office reports for the actor's body.
        WrongMoment: it has been given.
    """
    if year not in dict(years(by)):
        raise BadInput({"year": "请选择已经结束的年度。"}, rule="第四十一条")
    office = _office_of(by)
    area = office.parent or office
    with transaction.atomic():
        record.note_reading(by, AccusationReading.Kind.TOTAL, note=f"given {year}")
        came = Accusation.objects.filter(received_on__year=year, office__path__startswith=area.path)
        row, made = YearTotal.objects.get_or_create(
            office=office, year=year, defaults={"count": came.count(), "given_on": today()}
        )
        if not made:
            raise WrongMoment(f"{year}年的数已经写入，不再改动。", rule="第四十一条")
    return row


def _office_of(by: Actor) -> Department:
    """In whose annual report it stands: the actor's own office, or the petition office nearest above his body."""
    own = Department.objects.select_related("parent").get(pk=unit_of(by))
    if own.kind == DepartmentKind.PETITION_OFFICE:
        return own
    above = [int(pk) for pk in own.path.split("/") if pk]
    offices = Department.objects.in_force(today()).filter(kind=DepartmentKind.PETITION_OFFICE, parent__in=above)
    near = max(offices.select_related("parent").order_by("code"), key=lambda office: len(office.path), default=None)
    if near is None:
        raise BadInput({"year": "您的单位没有编制年度报告的信访部门。"}, rule="第四十一条")
    return near


# --- for an inspection (巡视巡察) ---------------------------------------------------------------------------------------


def ask(by: Actor, *, first: date, last: date, unit: Department | None, to: str) -> AccusationExport:
    """Ask for an export of what came in between two days about a unit and those below it (all, where none is named).

    Raises:
        NotSeen: the actor is not on the list.
        BadInput: the days are the wrong way round, or it is not said for whom.
    """
    if not roll.is_on(by, roll.HANDLES):
        raise NotSeen
    to = told.words(to, 80, one_line=True)
    wrong = {} if to else {"to": "请写明提供给哪个巡视巡察机构。"}
    if last < first:
        wrong["last"] = "结束日期不能早于开始日期。"
    if wrong:
        raise BadInput(wrong, rule="第四十一条")
    row = AccusationExport(by=by.post, user=by.user)
    asked = {"first": first.isoformat(), "last": last.isoformat(), "unit": unit.pk if unit else None, "to": to}
    row.sealed = _sealed(row, asked)
    with transaction.atomic():
        row.save()
        record.note_reading(by, AccusationReading.Kind.EXPORT, note="asked")
    return row


def _aad(row: AccusationExport) -> bytes:
    return b"accusation-export:" + row.ref.encode()


def _sealed(row: AccusationExport, said: dict[str, Any]) -> bytes:
    return seal(json.dumps(said, ensure_ascii=False), _aad(row))


def asked(row: AccusationExport) -> dict[str, Any]:
    """Return what was asked, and where the file lies once it is made."""
    found: dict[str, Any] = json.loads(unseal(row.sealed, _aad(row)))
    return found


def waiting() -> list[str]:
    """Return the refs of exports that are not made yet."""
    return list(AccusationExport.objects.filter(state="waiting").order_by("pk").values_list("ref", flat=True))


@dataclass
class _Gathered:
    """What an export holds: its lines, of which reports they are, and how many could be placed under no body."""

    lines: list[list[str]] = field(default_factory=list)
    reports: list[int] = field(default_factory=list)
    unplaced: int = 0


class _Unreadable(Exception):
    """A report's words do not open: its number."""


def make(ref: str) -> str:
    """Make the export ``ref`` if it waits, and return its state; safe to call twice at once.

    One in which a report stands that is destroyed meanwhile goes on waiting, and is made anew without it.
    """
    with transaction.atomic():
        row = AccusationExport.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            ref=ref, state="waiting"
        )
        found = row.select_related("by__department", "user").first()
        if found is None:
            return "taken"
        found.state, more = _made(found)
        if found.state != "waiting":
            found.sealed = _sealed(found, {**asked(found), **more})
            found.save(update_fields=["sealed", "state"])
    return str(found.state)


def _made(row: AccusationExport) -> tuple[str, dict[str, Any]]:
    """Return what becomes of an export, and what is to be known of it then."""
    try:
        gathered = _gathered(Actor(user=row.user, post=row.by), asked(row))
    except Refused:
        return "failed", {"why": "要求导出的人已经不在名单上。"}
    except _Unreadable as number:
        return "failed", {"why": f"{number}的内容打不开，与写下时不一致：请立即报告，查明以后重新导出。"}
    kept = attachments.put_aside(File(_book(gathered.lines), name="export.xlsx"))
    if not _still_there(gathered.reports):
        attachments.drop_aside(kept)
        return "waiting", {}
    return "ended", {"file": kept, "reports": gathered.reports, "unplaced": gathered.unplaced}


def _still_there(reports: list[int]) -> bool:
    """Whether none of them was destroyed since it was read; none can be until the caller's transaction ends."""
    held = Accusation.objects.select_for_update(of=("self",)).filter(pk__in=reports).order_by("pk")
    return all(row.wrapped_key for row in held.only("pk", "wrapped_key"))


def _book(lines: list[list[str]]) -> io.BytesIO:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("信访举报情况")
    sheet.append(list(HEADINGS))
    for line in lines:
        sheet.append([plain(cell) for cell in line])
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def _gathered(by: Actor, said: dict[str, Any]) -> _Gathered:
    """One line for each report that the asker sees himself; who reported is left out.

    A unit's reports are those about any body at or below it, about one that it took over, or about a person in a post there.
    """
    span = (date.fromisoformat(said["first"]), date.fromisoformat(said["last"]))
    rows = access.visible_to(by).filter(received_on__range=span, wrapped_key__isnull=False)
    roster, found = Roster(), _Gathered()
    wanted = roster.span(roster.bodies[said["unit"]]) if said["unit"] else None
    for row in rows.order_by("received_on", "pk").iterator(200):
        known = _opened(row)
        about = roster.with_heirs(known)
        if wanted is None or about & wanted:
            found.reports.append(row.pk)
            found.lines.append(_line(row, known, roster))
        elif not about:
            found.unplaced += 1
    return found


def _opened(row: Accusation) -> dict[str, Any]:
    try:
        return words.of(row)
    except PrivacyError:
        raise _Unreadable(row.number) from None


def _line(row: Accusation, known: dict[str, Any], roster: Roster) -> list[str]:
    units = [roster.bodies[pk].name for pk in known["accused_units"] if pk in roster.bodies]
    return [
        row.number, row.received_on.isoformat(), "、".join(known["accused"]),
        "、".join(filter(None, [*units, known["accused_unit"]])), known["content"], STATES[row.state],
        "、".join(f"{one['to']}（{one['on']}）" for one in known.get("sent", [])), known.get("result", ""),
    ]  # fmt: skip


def own(by: Actor, ref: str) -> AccusationExport:
    """Return the actor's own export.

    Raises:
        NotSeen: he is not on the list, or it is another's, or it has been forgotten.
    """
    found = AccusationExport.objects.filter(ref=ref, user=by.user).first() if roll.is_on(by, roll.HANDLES) else None
    if found is None:
        raise NotSeen
    return found


def hand_out(by: Actor, ref: str) -> bytes:
    """Return the file of an export and forget it: it is handed out once, and each report in it says to whom.

    Raises:
        NotSeen: see `own`; or another press was quicker.
        WrongMoment: it is not made yet, or the actor no longer sees all that stands in it.
    """
    row = own(by, ref)
    if row.state != "ended":
        raise WrongMoment("导出还没有生成，请稍候。", rule="第四十一条")
    with transaction.atomic():
        body = _taken(by, row)
    if body is None:
        raise WrongMoment("生成以后材料有变化，这份导出已经清除，请重新导出。", rule="第四十一条")
    return body


def _taken(by: Actor, row: AccusationExport) -> bytes | None:
    """Lock the reports and then the export, as a destruction does; forget the export, and write down what left."""
    said = asked(row)
    seen = access.visible_to(by).filter(pk__in=said["reports"]).order_by("pk")
    reports = list(seen.select_for_update(of=("self",)))
    if not _forget(AccusationExport.objects.filter(pk=row.pk)):
        raise NotSeen
    if len(reports) != len(said["reports"]):
        return None
    body = b"".join(attachments.open_aside(said["file"]))
    for report in reports:
        told = {"to": said["to"], "note": f"收到日期{said['first']}至{said['last']}的材料"}
        record.write(report, "exported", by=by, key=words.key_of(report), said=told)
        report.save(update_fields=["events_count", "chain_head"])
    record.note_readings(by, AccusationReading.Kind.EXPORT, reports, note="handed out")
    return body


def sweep() -> int:
    """Forget exports that nobody fetched for a day, and return how many."""
    with transaction.atomic():
        return _forget(AccusationExport.objects.filter(asked_at__lt=timezone.now() - KEEP))


def forget_with(report: Accusation) -> int:
    """Forget every export that is made and holds ``report``, in the transaction that destroys it, and return how many.

    One that is being made now waits for the report's lock, finds it destroyed, and is made without it.
    """
    made = AccusationExport.objects.filter(state="ended")
    holding = [row.pk for row in made if report.pk in asked(row).get("reports", [report.pk])]
    return _forget(made.filter(pk__in=holding))


def _forget(rows: QuerySet[AccusationExport]) -> int:
    old = list(rows.select_for_update(of=("self",)))
    for row in old:
        kept = asked(row).get("file")
        row.delete()
        if kept:
            transaction.on_commit(partial(attachments.drop_aside, kept))
    return len(old)
