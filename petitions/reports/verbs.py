"""How is a report begun, edited and issued?  A draft reads its numbers anew; issuing freezes words, numbers, file and number."""

from __future__ import annotations

import hashlib
import json
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import SHANGHAI
from accounts.models import AccessKind, Role
from petitions import access, numbers
from petitions.actions import moment
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.figures import CURRENT, days
from petitions.models import Report
from petitions.reports import contents, document
from petitions.reports.contents import Contents

READS = frozenset({Role.TRIAGE, Role.OFFICE_HEAD, Role.SUPERVISOR, Role.CONFERENCE})
DRAFTS = frozenset({Role.TRIAGE, Role.OFFICE_HEAD, Role.SUPERVISOR})
RULE = "《信访工作条例》第四十一条"
SERIES = "report"  # reports have a series of their own: 浦信信访报字〔2026〕3号
MARK = "报"
LONGEST = 5_000
YEARS = range(2000, 2101)
_FROZEN = (
    "number", "document", "contents", "as_of", "issued_on", "issued_by", "digest", "contents_digest", "day",
)  # fmt: skip


def check(actor: Actor, roles: frozenset[Role] = READS) -> None:
    """Let only posts of the petition office pass: the report is the petition office's (Art.41).

    Raises:
        WrongPerson.
    """
    if actor.role not in roles or not access.scope_of(actor).all:
        raise WrongPerson("通报和年度报告由信访部门编制。", rule=RULE)


def visible_to(actor: Actor) -> QuerySet[Report]:
    """Return the reports of the actor's office."""
    check(actor)
    return Report.objects.filter(office=access.unit_of(actor)).defer("document")


def found(actor: Actor, ref: str) -> Report:
    """Return a report of the actor's office.

    Raises:
        WrongPerson, NotSeen.
    """
    row = visible_to(actor).select_related("office", "issued_by__user").filter(ref=ref).first()
    if row is None:
        raise NotSeen
    return row


def begin(by: Actor, kind: str, year: int, month: int | None = None) -> Report:
    """Begin the draft of a month or a year, or return the one that is there.

    Raises:
        WrongPerson; BadInput: no such period, it has not begun, or it ended before the first filing.
    """
    check(by, DRAFTS)
    if kind not in Report.Kind.values or year not in YEARS or (kind == "monthly" and month not in range(1, 13)):
        raise BadInput({"year": "请选择年度（和月份）。"}, rule=RULE)
    first, last = _span(kind, year, month or 1)
    if first > moment.today():
        raise BadInput({"year": "这段时间还没有开始。"}, rule=RULE)
    if last < moment.today() and not days.ready(last):
        days.check_after_the_first(last)  # else its page would have nothing but a button that refuses
    row, _ = Report.objects.get_or_create(
        office_id=access.unit_of(by),
        kind=kind,
        first=first,
        issued_on=None,
        defaults={"last": last, "made_by": by.post},
    )
    return row


def _span(kind: str, year: int, month: int) -> tuple[date, date]:
    if kind == "annual":
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def day_of(report: Report) -> date:
    """The day at whose end its numbers stood so; of a draft whose period is not over: `CURRENT`.

    Each number of a report opens its cases for good, because figures can be had of every day that is over and of no
    moment within a day.
    """
    if report.issued_on is None and report.last >= moment.today():
        return CURRENT
    return report.day or report.last


def counted(report: Report) -> bool:
    """Whether the figures of its day are there; ends of months are by themselves, other days are counted in the background."""
    day = day_of(report)
    return report.issued_on is not None or day == CURRENT or days.ready(day)


def contents_of(report: Report, actor: Actor) -> Contents:
    """Return what stands in it: frozen where issued, else as the figures of its day give it.

    Raises:
        WrongMoment: those of its day are not counted yet, or what was issued is no longer what it was.
    """
    if report.issued_on is not None:
        if contents_digest(report) != report.contents_digest:
            raise WrongMoment("页面内容与印发时的摘要不一致，请联系系统管理员核查。", rule=RULE)
        return Contents.from_json(report.contents)
    day = day_of(report)
    if not counted(report):
        raise WrongMoment(f"{day}日终的数字还没有统计，请先统计。", rule=RULE)
    return contents.drafted(actor, report.kind, report.first, report.last, report.texts, day)


def contents_digest(report: Report) -> str:
    """The SHA-256 of what the page of an issued report shows: its number, days, words and numbers, as JSON with sorted keys."""
    shown = [report.number, str(report.issued_on), str(report.day), report.contents]
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def set_day(report: Report, *, by: Actor, day: date | None) -> Report:
    """Let the numbers be of the end of ``day``: not before the period ends, and of a day that is over; ``None``: of the period's end.

    Raises:
        WrongPerson, NotSeen; WrongMoment: it was issued. BadInput: no such day.
    """
    check(by, DRAFTS)
    with transaction.atomic():
        row = _locked(report, by)
        if day is not None and not row.last <= day < moment.today():
            raise BadInput({"day": "数据截至的日子不早于报告期的最后一天，且早于今天。"}, rule=RULE)
        row.day = day
        row.save(update_fields=["day"])
    return row


def as_of_words(report: Report) -> str:
    """Of which moment its numbers are, in words."""
    day = report.day if report.issued_on else day_of(report)
    if day is None:
        return said(report.as_of)
    return said(moment.now()) if day == CURRENT else f"{day.year}年{day.month}月{day.day}日日终"


def change(report: Report, *, by: Actor, texts: Mapping[str, str]) -> Report:
    """Keep an editor's words; a paragraph left empty, or as it was drafted, goes on following the figures.

    Raises:
        WrongPerson, NotSeen; WrongMoment: it was issued. BadInput: too long.
    """
    check(by, DRAFTS)
    with transaction.atomic():
        row = _locked(report, by)
        known = {one.code: one for part in contents_of(row, by).parts for one in part.paragraphs}
        said = {code: text.strip().replace("\r\n", "\n") for code, text in texts.items() if code in known}
        if any(len(text) > LONGEST for text in said.values()):
            raise BadInput({"texts": f"一段不超过{LONGEST}字。"}, rule=RULE)
        row.texts = {code: text for code, text in said.items() if text and text != known[code].drafted}
        row.save(update_fields=["texts"])
    return row


def issue(report: Report, *, by: Actor) -> Report:
    """Issue it: numbered, its words, numbers and file frozen, each with a digest, and written into the access log.

    Raises:
        WrongPerson: only the head issues. NotSeen.
        WrongMoment: it was issued, its period is not over, or the figures of its day are not counted yet.
    """
    check(by, frozenset({Role.OFFICE_HEAD}))
    with transaction.atomic():
        row = _locked(report, by)
        if row.last >= moment.today():
            raise WrongMoment("报告期还没有结束，数据还会变；可以先看草稿。", rule=RULE)
        now, day = moment.now(), moment.today()
        found, row.day = contents_of(row, by), day_of(row)
        serial = numbers.take(row.office_id, SERIES, day.year)
        row.number = numbers.paper_number(row.office.paper_prefix or row.office.short_name, MARK, day.year, serial)
        row.document = document.of(found, office=row.office.name, number=row.number, on_day=day, as_of=as_of_words(row))
        row.contents, row.as_of, row.issued_on, row.issued_by = found.as_json(), now, day, by.post
        row.digest, row.contents_digest = hashlib.sha256(row.document).hexdigest(), contents_digest(row)
        row.save(update_fields=_FROZEN)
        digests = {"digest": row.digest, "contents_digest": row.contents_digest}
        log(by, AccessKind.PRINT, f"report:{row.ref}", data={"number": row.number, **digests})
    return row


def file_of(report: Report, actor: Actor) -> bytes:
    """Return the .docx: of an issued one the very bytes that were issued, of a draft as it stands.

    Raises:
        WrongMoment: the bytes are no longer those that were issued, or the figures of a draft's day are not counted yet.
    """
    if report.issued_on is None:
        found, words = contents_of(report, actor), as_of_words(report)
        return document.of(found, office=report.office.name, number="", on_day=moment.today(), as_of=words)
    kept = bytes(Report.objects.values_list("document", flat=True).get(pk=report.pk))
    if hashlib.sha256(kept).hexdigest() != report.digest:
        raise WrongMoment("文件与印发时的摘要不一致，请联系系统管理员核查。", rule=RULE)
    return kept


def said(at: Any) -> str:
    """A moment in words."""
    here = at.astimezone(SHANGHAI)
    return f"{here.year}年{here.month}月{here.day}日{here:%H:%M}"


def _locked(report: Report, by: Actor) -> Report:
    row = Report.objects.select_for_update(of=("self",)).select_related("office").filter(
        pk=report.pk, office=access.unit_of(by)
    ).first()  # fmt: skip
    if row is None:
        raise NotSeen
    if row.issued_on is not None:
        raise WrongMoment(f"已经以{row.number}印发，不能再改。", rule=RULE)
    return row
