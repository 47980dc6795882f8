"""What leaves the sealed room as a whole?  One number a year for the annual report (Art.41), and an export for inspection bodies."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
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
from accounts.models import Department
from accounts.privacy import seal, unseal
from petitions import attachments
from petitions.accusations import access, record, roll, words
from petitions.actions import told
from petitions.errors import BadInput, NotSeen, Refused, WrongMoment
from petitions.law.accusations import STATES
from petitions.models import Accusation, AccusationExport, AccusationReading, YearTotal

logger = logging.getLogger(__name__)
KEEP = timedelta(days=1)
HEADINGS = ("编号", "收到日期", "被反映人", "被反映单位", "反映的情况", "办理状态", "转送、呈报去向", "办理结果")


def totals(by: Actor, years: int = 5) -> list[tuple[int, int]]:
    """Return (year, how many came in) for the last years that are over: one number each, and nothing to open behind it.

    The running year is left out, so that the number cannot be watched from one day to the next.

    Raises:
        NotSeen: the actor is not on the list.
    """
    if not roll.is_on(by, roll.HANDLES):
        raise NotSeen
    record.note_reading(by, AccusationReading.Kind.TOTAL)
    last = today().year - 1
    return [(year, Accusation.objects.filter(received_on__year=year).count()) for year in range(last, last - years, -1)]


def enter(by: Actor, year: int) -> YearTotal:
    """Give the number of a year that is over to the annual report (Art.41): counted here, typed by nobody, nothing behind it.

    Given once more, it is counted anew; a report that was issued keeps the number it had.

    Raises:
        NotSeen: the actor is not on the list.
        BadInput: the year is not over, or too long ago.
    """
    numbers = dict(totals(by))
    if year not in numbers:
        raise BadInput({"year": "请选择已经结束的年度。"}, rule="第四十一条")
    record.note_reading(by, AccusationReading.Kind.TOTAL, note=f"given {year}")
    said = {"count": numbers[year], "given_on": today()}
    row, _ = YearTotal.objects.update_or_create(year=year, defaults=said)
    return row


def given() -> dict[int, YearTotal]:
    """Return the numbers that were given, by year."""
    return {row.year: row for row in YearTotal.objects.all()}


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


def make(ref: str) -> str:
    """Make the export ``ref`` if it waits, and return its state; safe to call twice at once."""
    with transaction.atomic():
        row = AccusationExport.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            ref=ref, state="waiting"
        )
        found = row.select_related("by__department", "user").first()
        if found is None:
            return "taken"
        try:
            kept = attachments.put_aside(File(_book(found), name="export.xlsx"))
            found.sealed, found.state = _sealed(found, {**asked(found), "file": kept}), "ended"
        except Refused:
            found.state = "failed"
        found.save(update_fields=["sealed", "state"])
    return str(found.state)


def _book(row: AccusationExport) -> io.BytesIO:
    lines = list(_lines(Actor(user=row.user, post=row.by), asked(row)))  # refused before a sheet is begun
    book = Workbook(write_only=True)
    sheet = book.create_sheet("信访举报情况")
    sheet.append(list(HEADINGS))
    for line in lines:
        sheet.append([f"'{cell}" if cell[:1] in "=+-@" else cell for cell in line])
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def _lines(by: Actor, said: dict[str, Any]) -> Iterator[list[str]]:
    """One line for each report that the asker sees himself; who reported is left out."""
    span = (date.fromisoformat(said["first"]), date.fromisoformat(said["last"]))
    below = None
    if said["unit"]:
        unit = Department.objects.get(pk=said["unit"])
        below = set(Department.objects.under(unit).values_list("pk", flat=True))
    for row in access.visible_to(by).filter(received_on__range=span).order_by("received_on", "pk").iterator(200):
        if not row.wrapped_key:
            continue
        known = words.of(row)
        if below is not None and not below & set(known["accused_units"]):
            continue
        units = [*Department.objects.filter(pk__in=known["accused_units"]).values_list("name", flat=True)]
        yield [
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
    """Return the file of an export and forget it: it is handed out once, and that is written down.

    Raises:
        NotSeen: see `own`.
        WrongMoment: it is not made yet.
    """
    row = own(by, ref)
    if row.state != "ended":
        raise WrongMoment("导出还没有生成，请稍候。", rule="第四十一条")
    kept = asked(row)["file"]
    body = b"".join(attachments.open_aside(kept))
    with transaction.atomic():
        record.note_reading(by, AccusationReading.Kind.EXPORT, note="handed out")
        row.delete()
        transaction.on_commit(lambda: attachments.drop_aside(kept))
    return body


def sweep() -> int:
    """Forget exports that nobody fetched for a day, and return how many."""
    with transaction.atomic():
        return _forget(AccusationExport.objects.filter(asked_at__lt=timezone.now() - KEEP))


def forget_all() -> int:
    """Forget every export, in the caller's transaction: one of the reports in them is being destroyed."""
    return _forget(AccusationExport.objects.all())


def _forget(rows: QuerySet[AccusationExport]) -> int:
    old = list(rows.select_for_update(of=("self",)))
    for row in old:
        kept = asked(row).get("file")
        row.delete()
        if kept:
            transaction.on_commit(partial(attachments.drop_aside, kept))
    return len(old)
