"""How do rows of other lists become filings?  Columns are matched, each row goes through the verb, and none comes in twice.

The same source and number are one filing (:class:`ExternalReference`): a file that is sent again, or taken up again after a
stop, finds what is there.  A row without a number of its own is known by what it says.
"""

from __future__ import annotations

import hashlib
import logging
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actor import Actor
from accounts.models import Region
from petitions import attachments, jobs, sheets
from petitions.actions import Entry, Person, register
from petitions.actions.entered import checked
from petitions.actions.register import may_register, register_many
from petitions.errors import BadInput, WrongPerson
from petitions.jobs import Run
from petitions.models import Category, Channel, ExternalReference, ImportMapping, Purpose
from petitions.sheets import NotRows, Row

logger = logging.getLogger(__name__)
BATCH = 100  # rows of one transaction
ANONYMOUS = "匿名"
TITLE = 60  # characters of the content that stand for a title where there is none

# A filing's fields, what they are called on the page, and how other lists call them.
FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "id": ("编号（判断重复）", ("msg_id", "id", "编号", "信访件编号", "信访件id", "留言编号", "流水号", "序号编码", "tid")),
    "title": ("标题", ("title", "标题", "概况", "留言主题", "主题", "事项名称")),
    "content": ("反映内容", ("detail", "content", "text", "内容", "投诉内容", "留言详情", "反映内容", "诉求内容", "详情")),
    "received": ("收到日期", ("time", "date", "信访日期", "登记时间", "登记日期", "留言时间", "收到日期", "来访日期", "日期")),
    "name": ("姓名", ("name", "姓名", "信访人", "信访人姓名", "留言用户", "user", "联系人")),
    "phone": ("手机", ("phone", "mobile", "手机", "电话", "联系电话", "手机号", "手机号码")),
    "id_number": ("证件号码", ("id_number", "证件号码", "身份证号", "身份证号码", "证件号")),
    "address": ("住址", ("address", "住址", "地址", "通信地址", "联系地址")),
    "category": ("内容分类", ("category", "label", "domain", "内容分类", "一级标签", "分类", "领域")),
    "region": ("问题属地", ("region", "district", "问题属地", "属地", "区划代码", "行政区划")),
    "place": ("具体地点", ("place", "问题发生地", "地点", "具体地点")),
    "channel": ("信访形式", ("channel", "形式", "信访形式", "来源渠道", "渠道")),
    "heads": ("人数", ("heads", "人数", "信访人数")),
}  # fmt: skip
_NAMELESS = re.compile(r"(?:[A-Z]{1,3}\d{4,}|匿名.*|网友.*|\*+)")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
_CHANNELS = {
    **{label: value for value, label in Channel.choices}, "走访": Channel.VISIT, "信件": Channel.LETTER, "网上": Channel.ONLINE,
    "网信": Channel.ONLINE, "电话": Channel.PHONE,
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How a file's columns are read: field → column, the source's name, and the channel where no column says it."""

    source: str
    columns: Mapping[str, str]
    channel: str = Channel.ONLINE

    def said(self) -> dict[str, Any]:
        """The plan as a job keeps it."""
        return {"source": self.source, "columns": dict(self.columns), "channel": self.channel}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Plan:
        """The plan that :meth:`said` kept."""
        return cls(said["source"], said["columns"], said.get("channel", Channel.ONLINE))


# --- columns ----------------------------------------------------------------------------------------------------


def guess(names: Sequence[str]) -> Plan:
    """Return the plan kept for the same columns, else one by what the columns are called, without a source."""
    kept = ImportMapping.objects.filter(headers=sorted(names)).first()
    if kept is not None:
        return Plan(kept.source, dict(kept.columns))
    plain = {name.strip().lower(): name for name in names}
    found: dict[str, str] = {}
    for code, (_, words) in FIELDS.items():
        name = next((plain[word] for word in words if word in plain and plain[word] not in found.values()), "")
        if name:
            found[code] = name
    return Plan("", found)


def remember(names: Sequence[str], plan: Plan) -> None:
    """Keep how these columns were matched, for the next file that has the same."""
    ImportMapping.objects.update_or_create(
        headers=sorted(names), defaults={"columns": dict(plan.columns), "source": plan.source}
    )


# What other systems a county registers for, before any list of theirs has come.
SYSTEMS = ("国家信访信息系统", "省信访系统", "市信访系统", "12345政务服务便民热线")


def systems() -> list[str]:
    """Names of other systems to choose from: those lists came from, then the usual ones."""
    kept = ImportMapping.objects.order_by("source").values_list("source", flat=True).distinct()[:50]
    return list(dict.fromkeys([*kept, *SYSTEMS]))


def check_plan(plan: Plan, names: Sequence[str]) -> None:
    """Refuse a plan that cannot make a filing.

    Raises:
        BadInput.
    """
    wrong = {}
    if not plan.source.strip():
        wrong["source"] = "请填写来源系统的名称，例如“省信访系统”。"
    if "content" not in plan.columns and "title" not in plan.columns:
        wrong["column_content"] = "“反映内容”和“标题”至少要对应一列。"
    if unknown := [name for name in plan.columns.values() if name not in names]:
        wrong["column_content"] = f"文件里没有“{unknown[0]}”这一列。"
    if plan.channel not in Channel.values or plan.channel == Channel.HANDED_DOWN:
        wrong["channel"] = "请选择信访形式。"
    if wrong:
        raise BadInput(wrong, rule="导入")


# --- a row ------------------------------------------------------------------------------------------------------


def entry_of(row: Row, plan: Plan, names: Names) -> tuple[Entry, str]:
    """Return the entry that ``row`` makes, and the number it is known by.

    Raises:
        BadInput: a day that is none.
    """
    said = {name: row.get(column, "").strip() for name, column in plan.columns.items()}
    content = said.get("content") or said.get("title", "")
    title = said.get("title") or " ".join(content.split())[:TITLE]
    number = said.get("id") or hashlib.sha256("".join(f"{title}{content}".split()).encode()).hexdigest()[:24]
    called = said.get("name", "")
    person = Person(
        name=ANONYMOUS if not called or _NAMELESS.fullmatch(called) else called, phone=said.get("phone", ""),
        id_number=said.get("id_number", ""), address=said.get("address", ""),
    )  # fmt: skip
    return Entry(
        title=title[:120], content=content, people=[person], received_on=day_of(said.get("received", "")),
        channel=_CHANNELS.get(said.get("channel", ""), plan.channel), purpose=Purpose.SETTLE,
        category=names.category(said.get("category", "")), region=names.region(said.get("region", "")),
        place=said.get("place", "")[:120], head_count=_heads(said.get("heads", "")),
        references=[(plan.source, number)], imported_from=plan.source,
    ), number  # fmt: skip


def day_of(text: str) -> date | None:
    """The day that a cell says, ``None`` where it is empty.

    Raises:
        BadInput: it says none.
    """
    if not text:
        return None
    match = _DAY.search(text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    try:
        assert match is not None
        return date(*map(int, match.groups()))
    except (AssertionError, ValueError):
        raise BadInput({"received": "收到日期这一列不是日期。"}) from None


def _heads(text: str) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise BadInput({"heads": "人数这一列不是数字。"})
    return int(text)


class Names:
    """Categories and places by what other lists call them: name, code, outside code.  Read once for a file."""

    def __init__(self) -> None:
        self._categories: dict[str, Category] = {}
        for row in Category.objects.filter(active=True).select_related("parent").order_by("-parent", "code"):
            words = [row.name, str(row.pk), *row.outside_codes.values()]
            for word in (*words, f"{row.parent.name}·{row.name}") if row.parent else words:
                self._categories.setdefault(str(word), row)
        self._regions: dict[str, Region | None] = {}

    def category(self, text: str) -> Category | None:
        """The category called so; None where none is: triage chooses."""
        return self._categories.get(text)

    def region(self, text: str) -> Region | None:
        """The place of that code or name; None where there is none, or more than one."""
        if text and text not in self._regions:
            code = Region.objects.filter(pk=text, active=True).first()
            named = list(Region.objects.filter(name=text, active=True)[:2])
            self._regions[text] = code or (named[0] if len(named) == 1 else None)
        return self._regions.get(text) if text else None


# --- the work ---------------------------------------------------------------------------------------------------


def begin(upload: UploadedFile, *, by: Actor) -> dict[str, Any]:
    """Keep an uploaded list, sealed, and return what a job must know of it: where it lies, its name and columns.

    Raises:
        WrongPerson: the post registers nothing.
        BadInput: it holds no rows.
    """
    if not may_register(by):
        raise WrongPerson("导入来件由有登记职责的岗位办理。", rule="《信访工作条例》第二十一条")
    if (upload.size or 0) > sheets.LARGEST_FILE:
        raise BadInput({"file": f"文件超过{sheets.LARGEST_FILE // 2**20}MB，请分开导入。"}, rule="导入")
    try:
        names, _ = sheets.headers(cast("IO[bytes]", upload.file))
    except NotRows as fault:
        raise BadInput({"file": str(fault)}, rule="导入") from None
    return {**attachments.put_aside(upload), "name": (upload.name or "")[-100:], "names": names}


def samples(settings: Mapping[str, Any], many: int = 3) -> list[Row]:
    """The first rows of a kept list; they are read each time, since nothing of a petitioner lies outside the sealed file.

    Raises:
        WrongMoment: the list has been thrown away.
    """
    with opened(settings) as file:
        return sheets.headers(file, many)[1]


@contextmanager
def opened(settings: Mapping[str, Any]) -> Iterator[IO[bytes]]:
    """The kept list in clear, in a file without a name that is gone with the block."""
    with tempfile.TemporaryFile() as plain:
        for chunk in attachments.open_aside(settings):
            plain.write(chunk)
        plain.seek(0)
        yield plain


@jobs.kind("check_filings", "试导入：只检查，不登记")
def check_filings(run: Run) -> None:
    """Look at every row as the import would, and report what could not be taken; nothing is registered."""
    _walk(run, _look)


@jobs.kind("import_filings", "导入来件")
def import_filings(run: Run) -> None:
    """Register every row that is not there yet; a row that cannot be taken is reported and stops no other."""
    _walk(run, _take)
    attachments.drop_aside(run.job.settings)


def _walk(run: Run, each: Any) -> None:
    """Go on from where the work stands, a batch in one transaction with the note of how far it is."""
    plan, names = Plan.of(run.job.settings), Names()
    with opened(run.job.settings) as file:
        if not run.job.total:
            total = sum(1 for _ in sheets.rows(file))
            with transaction.atomic():
                run.step(0, total=total)
        waiting = islice(sheets.rows(file), run.job.done, None)
        while batch := list(islice(waiting, BATCH)):
            with transaction.atomic():
                each(run, batch, plan, names)


@dataclass
class Tally:
    """What became of a batch."""

    accepted: int = 0
    known: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def note(self, run: Run, last: int) -> None:
        """Write it down with how far the work is."""
        run.report(self.problems)
        run.step(last, accepted=self.accepted, known=self.known, refused=len(self.problems))


def _made(
    batch: Sequence[tuple[int, Row | NotRows]], plan: Plan, names: Names, tally: Tally
) -> list[tuple[int, Entry, str]]:
    """The entries of a batch that are not registered yet; what cannot be read is noted."""
    found = []
    for number, row in batch:
        try:
            if isinstance(row, NotRows):
                raise BadInput({"row": str(row)})
            entry, known_as = entry_of(row, plan, names)
            found.append((number, entry, known_as))
        except BadInput as refused:
            tally.problems.append((number, refused.message))
    there = _registered(plan.source, [known_as for *_, known_as in found])
    fresh = [one for one in found if one[2] not in there]
    tally.known += len(found) - len(fresh)
    return fresh


def _registered(source: str, numbers: Iterable[str]) -> set[str]:
    rows = ExternalReference.objects.filter(system=source, number__in=list(numbers))
    return set(rows.values_list("number", flat=True))


def _look(run: Run, batch: list[tuple[int, Row | NotRows]], plan: Plan, names: Names) -> None:
    tally, seen = Tally(), set[str]()
    for number, entry, known_as in _made(batch, plan, names, tally):
        try:
            checked(entry)
        except BadInput as refused:
            tally.problems.append((number, refused.message))
            continue
        tally.known += known_as in seen
        tally.accepted += known_as not in seen
        seen.add(known_as)
    tally.note(run, batch[-1][0])


def _take(run: Run, batch: list[tuple[int, Row | NotRows]], plan: Plan, names: Names) -> None:
    """Register a batch together; where one of them cannot be taken, one by one, so that it stops no other."""
    tally = Tally()
    fresh: dict[str, tuple[int, Entry]] = {}
    for number, entry, known_as in _made(batch, plan, names, tally):
        tally.known += known_as in fresh
        fresh.setdefault(known_as, (number, entry))
    try:
        with transaction.atomic():
            tally.accepted += len(register_many([entry for _, entry in fresh.values()], by=run.by)) if fresh else 0
    except BadInput:
        for number, entry in fresh.values():
            _take_one(number, entry, run.by, tally)
    tally.note(run, batch[-1][0])


def _take_one(number: int, entry: Entry, by: Actor, tally: Tally) -> None:
    try:
        with transaction.atomic():
            register(entry, by=by)
        tally.accepted += 1
    except BadInput as refused:
        if "references" in refused.fields:
            tally.known += 1
        else:
            tally.problems.append((number, refused.message))
