"""How does a list leave as a spreadsheet?  Exactly what is shown: the same filters, columns, order, scope and masks, of one moment.

The file is written row by row and kept sealed under a key of its own; only the post that asked for it is handed it, for
some days.  Every export is in the access log with its conditions and the number of its rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import SHANGHAI, today
from accounts.models import AccessKind, Department
from petitions import attachments, jobs, ledgers, lifecycle, querysets, trays
from petitions.asked import Asked
from petitions.cells import SUGGESTED, UNIT, Head, Reader, Value, in_tray, reader_for, tray_heads, written
from petitions.columns import COLUMNS, of_tray
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.figures import Behind, Cut
from petitions.figures.listed import SHOWN
from petitions.forms.suggested import Suggestion, offers_transfer, suggestions_for
from petitions.held import Question as Asking
from petitions.held import held
from petitions.keyset import Turn
from petitions.models import Job, Petition
from petitions.sheets import plain
from petitions.trays import Question, questions_for

CODE = "export"
WORDS_LEAVE = (CODE, "export_exchange")  # kinds of work whose file holds what matters say
MATTERS, FIGURE = "matters", "figure"
AT_ONCE = 1_000  # rows that are handed out at once; more are written in the background
MOST = 200_000  # rows of one file
PIECE = 500  # rows read, written and counted at a time
RULE = "导出清单"
_DAY_FORMAT = "yyyy-mm-dd"

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Sheet:
    """A list as a spreadsheet.

    Attributes:
        heads: the columns' words and widths in characters.
        question: every row of the list, in its order.
        read: a piece of found rows as rows of values.
        about: what the second sheet says of it.
    """

    title: str
    heads: Sequence[tuple[str, int]]
    question: Asking
    read: Callable[[Sequence[Row]], Iterable[list[Value]]]
    about: Sequence[tuple[str, str]] = field(default_factory=tuple)


def sheet_of(actor: Actor, page: str, query: QueryDict) -> Sheet:
    """Return the list ``page`` (``matters``, ``tray:overdue``) of an address as its reader sees it now.

    Raises:
        BadInput: its conditions are not to be met.
        NotSeen: the actor has no such list.
    """
    if page == FIGURE:
        return _figure(_behind(actor, query), reader_for(actor))
    if page.startswith(ledgers.PAGE):
        return _ledger(actor, page, query)
    return _matters(actor, query) if page == MATTERS else _tray(actor, page, query)


def refs_of(actor: Actor, page: str, query: QueryDict, most: int) -> list[str]:
    """Return the refs of up to ``most`` matters of a list, in its order.

    Raises:
        BadInput, NotSeen: as for `sheet_of`.
    """
    if page == MATTERS:
        asked = _valid(actor, query)
        whole = querysets.every(asked.scope, asked.form.wanted(today()), asked.order, (), most)
        with held(whole.question) as found:
            return [whole.petition(row).ref for piece in found.pieces(PIECE) for row in piece]
    question, unit = _question(actor, page, query)
    tray = trays.every(actor, question, [unit.pk] if unit else None, most)
    with held(tray.question) as found:
        return list(dict.fromkeys(tray.line(row).petition.ref for piece in found.pieces(PIECE) for row in piece))


def is_long(actor: Actor, page: str, query: QueryDict) -> bool:
    """Whether the list has more rows than are written while somebody waits; asked without reading it whole.

    Raises:
        BadInput, NotSeen: as for `sheet_of`.
    """
    if page == MATTERS:
        asked = _valid(actor, query)
        found = querysets.page_of(
            actor, asked.form.wanted(today()), Turn(size=1), order=asked.order, columns=(), scope=asked.scope
        )
        return (found.count or 0) >= AT_ONCE
    if page == FIGURE:
        return _behind(actor, query).count() >= AT_ONCE
    if page.startswith(ledgers.PAGE):
        return _ledger_asked(actor, page, query).rows(actor)[:AT_ONCE].count() >= AT_ONCE
    question, unit = _question(actor, page, query)
    return trays.how_many(actor, question, [unit.pk] if unit else None, AT_ONCE) >= AT_ONCE


def _question(actor: Actor, page: str, query: QueryDict) -> tuple[Question, Department | None]:
    """The tray and the one unit of it that are asked for, if the actor watches them."""
    question = next((one for one in questions_for(actor) if f"tray:{one.code}" == page), None)
    code = query.get("unit", "")
    unit = Department.objects.filter(code=code).first() if code else None
    if question is None or (code and (unit is None or unit.pk not in trays.watched(actor, question))):
        raise NotSeen
    return trays.missed(question, query.get("duty", "")), unit


def _valid(actor: Actor, query: QueryDict) -> Asked:
    asked = Asked.of(actor, query)
    if not asked.form.is_valid():
        raise BadInput({"query": "条件有误，请在列表里改好再导出。"}, rule=RULE)
    return asked


def _matters(actor: Actor, query: QueryDict) -> Sheet:
    asked = _valid(actor, query)
    whole = querysets.every(asked.scope, asked.form.wanted(today()), asked.order, asked.columns, MOST + 1)
    reader = reader_for(actor)

    def read(rows: Sequence[Row]) -> Iterable[list[Value]]:
        return [
            [written(column, petition, reader) for column in asked.columns] for petition in map(whole.petition, rows)
        ]

    conditions = "；".join(f"{chip.label}：{chip.words}" for chip in asked.form.chips()) or "无"
    about = [("清单", "信访事项"), ("条件", conditions), ("排序", asked.order.caption), ("说明", asked.order.only)]
    return Sheet("信访事项", [(one.label, one.width) for one in asked.columns], whole.question, read, about)


def _behind(actor: Actor, query: QueryDict) -> Behind:
    """The cases behind a number of a page of figures."""
    return Behind.of(actor, Cut.of(query.dict()), query.get("of", "").split("."))


def _figure(behind: Behind, reader: Reader) -> Sheet:
    columns = [COLUMNS[code] for code in SHOWN]
    whole = behind.every(columns)

    def read(rows: Sequence[Row]) -> Iterable[list[Value]]:
        return [[written(column, petition, reader) for column in columns] for petition in map(whole.petition, rows)]

    about = [
        ("清单", f"指标：{behind.label}"),
        ("条件", behind.conditions()),
        ("排序", "按日期从新到旧"),
        ("说明", "重复件列自己的编号。"),
    ]
    return Sheet("指标明细", [(one.label, one.width) for one in columns], whole.question, read, about)


def _tray(actor: Actor, page: str, query: QueryDict) -> Sheet:
    question, unit = _question(actor, page, query)
    columns = of_tray(query.get("cols", ""))
    whole = trays.every(actor, question, [unit.pk] if unit else None, MOST + 1, columns)
    reader, more = reader_for(actor), _beside(actor, question)

    def read(rows: Sequence[Row]) -> Iterable[list[Value]]:
        lines = [whole.line(row) for row in rows]
        suggested = suggestions_for([one.petition for one in lines]) if more is SUGGESTED else {}
        for one in lines:
            beside = (
                _said(suggested.get(one.petition.pk)) if more is SUGGESTED else [reader.units.name(one.department_id)]
            )
            yield in_tray(one.petition, reader, columns, due=one.due, duty=one.duty, more=beside if more else ())

    about = [
        ("清单", f"待办：{question.label}"),
        ("条件", "；".join(_narrowed(question, unit)) or "无"),
        ("排序", "先到期的在前"),
        ("说明", ""),
    ]
    return Sheet(question.label, tray_heads(columns, more), whole.question, read, about)


def _narrowed(question: Question, unit: Department | None) -> list[str]:
    """What a tray is narrowed to, in words."""
    duty = lifecycle.CLOCKS[question.duty].label if question.duty else ""
    return [words for words in (f"单位：{unit.name}" if unit else "", f"期限：{duty}" if duty else "") if words]


def _beside(actor: Actor, question: Question) -> tuple[Head, ...]:
    """The column that a tray's page has besides: who is suggested, or whose row it is."""
    if offers_transfer(actor, question):
        return SUGGESTED
    return UNIT if question.wide else ()


def _said(suggestion: Suggestion | None) -> list[Value]:
    return [suggestion.department.short_name, suggestion.reason] if suggestion else [None, None]


def _ledger_asked(actor: Actor, page: str, query: QueryDict) -> ledgers.Asked:
    return ledgers.Asked.of(ledgers.found(actor, page.removeprefix(ledgers.PAGE)), query)


def _ledger(actor: Actor, page: str, query: QueryDict) -> Sheet:
    """A ledger: the ids of its rows are put aside at one moment, the rows read piece by piece, each within scope again."""
    asked = _ledger_asked(actor, page, query)
    sql, params = asked.rows(actor).values_list("pk")[: MOST + 1].query.sql_with_params()

    def read(rows: Sequence[Row]) -> Iterable[list[Value]]:
        found = asked.ledger.rows(actor).in_bulk([pk for pk, *_ in rows])
        return [[column.value(found[pk]) for column in asked.columns] for pk, *_ in rows if pk in found]

    about = [
        ("清单", asked.ledger.label),
        ("条件", asked.conditions()),
        ("排序", asked.order.label),
        ("说明", asked.ledger.about),
    ]
    return Sheet(
        asked.ledger.label, [(one.label, one.width) for one in asked.columns], Asking(sql, params), read, about
    )


# --- writing -----------------------------------------------------------------------------------------------------------


def write(sheet: Sheet, out: IO[bytes], by: Actor, told: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Write ``sheet`` to ``out`` row by row, and return how many rows it has.

    Args:
        told: called after each piece with the rows done and all there are; what it raises ends the writing.

    Raises:
        BadInput: more rows than one file holds.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet(_tab(sheet.title))
    page.freeze_panes = "A2"
    for number, (_, width) in enumerate(sheet.heads, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.append([_cell(page, words, bold=True) for words, _ in sheet.heads])
    try:
        done = _rows(page, sheet, told)
    except BaseException:  # the library keeps the rows in a file of its own until the book is saved
        page.close()
        page._writer.cleanup()
        raise
    _say(book, sheet, by, done)
    book.save(out)
    return done


def _rows(page: Any, sheet: Sheet, told: Callable[[int, int], None]) -> int:
    with held(sheet.question) as found:
        if found.count > MOST:
            raise BadInput({"query": f"超过{MOST:,}件，请加上条件分开导出。"}, rule=RULE)
        done = 0
        told(done, found.count)
        for rows in found.pieces(PIECE):
            for values in sheet.read(rows):
                page.append([_cell(page, value) for value in values])
            done += len(rows)
            told(done, found.count)
    return done


def _tab(title: str) -> str:
    return title[:31]


def _cell(page: Any, value: Value, *, bold: bool = False) -> Any:
    """A cell that is what it says: a day is a day, and no text is a formula."""
    cell: Any = WriteOnlyCell(page)
    cell.value = plain(value)
    if isinstance(cell.value, str):
        cell.data_type = "s"
    elif value is not None and not isinstance(value, int):
        cell.number_format = _DAY_FORMAT
    if bold:
        cell.font = Font(bold=True)
    return cell


def _say(book: Workbook, sheet: Sheet, by: Actor, rows: int) -> None:
    """The second sheet: what this is, of which moment, by whom."""
    page = book.create_sheet("说明")
    page.column_dimensions["B"].width = 60
    now = timezone.now().astimezone(SHANGHAI)
    who = f"{by.user.name}（{by.department.short_name}）"
    for name, words in (*sheet.about, ("件数", str(rows)), ("导出时间", f"{now:%Y-%m-%d %H:%M}"), ("导出人", who)):
        if words:
            page.append([_cell(page, name), _cell(page, words)])


def note(by: Actor, target: str, page: str, query: str, rows: int) -> None:
    """Write an export into the access log: which list, under which conditions, how many rows."""
    log(by, AccessKind.EXPORT, target, data={"list": page, "query": query, "rows": rows})


# --- in the background ---------------------------------------------------------------------------------------------------


@jobs.kind(CODE, "导出清单")
def export(run: jobs.Run) -> None:
    """Write the list a job names, keep it sealed and note it; begun again from the first row where a worker was lost."""
    page, query = run.job.settings["page"], run.job.settings["query"]
    sheet = sheet_of(run.by, page, QueryDict(query))

    def told(done: int, total: int) -> None:
        with transaction.atomic():
            run.step(done, total=total)

    with tempfile.TemporaryFile() as out:
        rows = write(sheet, out, run.by, told)
        kept = attachments.put_aside(File(out, name="清单.xlsx"))
    try:
        with transaction.atomic():
            run.step(rows, total=rows, rows=rows)
            run.job.settings = {**run.job.settings, **kept, "file": f"{sheet.title}-{today():%Y%m%d}.xlsx"}
            run.job.save(update_fields=["settings"])
            note(run.by, f"job:{run.job.ref}", page, query, rows)
    except BaseException:
        attachments.drop_aside(kept)
        raise


def content(job: Job) -> Iterable[bytes]:
    """Return the plain content of an export's file.

    Raises:
        WrongMoment: it is not written yet, or has been thrown away.
    """
    if job.kind != CODE:
        raise NotSeen
    if "stored_as" not in job.settings:
        raise WrongMoment(f"文件还没有写好，或者已过{settings.EXPORT_DAYS}天清除了，请重新导出。", rule=RULE)
    return attachments.open_aside(job.settings)


def forget(petition: Petition) -> None:
    """Let no export keep what ``petition`` said: its words are being wiped.

    Work that is under way stops before it keeps its file, and the files of what ended since the registration are thrown away.
    Once more after the commit: until then, work that nobody could stop yet may have begun and read the words.
    """
    _drop_since(petition.registered_at)
    transaction.on_commit(partial(_drop_since, petition.registered_at))


def _drop_since(moment: datetime) -> None:
    """First stop, then drop: what is just being kept is waited for at its row's lock, and found with its file."""
    with transaction.atomic():
        jobs_of = Job.objects.filter(kind__in=WORDS_LEAVE)
        jobs_of.filter(state="running").update(cancelled=True)
        rows = jobs_of.filter(settings__has_key="stored_as").exclude(ended_at__lt=moment)
        for job in rows.select_for_update():
            transaction.on_commit(partial(attachments.drop_aside, dict(job.settings)))
            job.settings = _without_file(job.settings)
            job.save(update_fields=["settings"])


def _without_file(settings_of: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings_of.items() if name not in ("stored_as", "wrapped_key")}


def sweep() -> int:
    """Throw away the files of exports older than EXPORT_DAYS, and return how many; their entries in the log stay."""
    old = timezone.now() - timedelta(days=settings.EXPORT_DAYS)
    rows = Job.objects.filter(kind=CODE, made_at__lt=old, settings__has_key="stored_as")
    for job in rows:
        attachments.drop_aside(job.settings)
        job.settings = _without_file(job.settings)
        job.save(update_fields=["settings"])
    return len(rows)
