"""How do rows of other lists become filings?  Columns are matched, each row goes through the verb, and none comes in twice.

The same source and number are one filing (:class:`ExternalReference`): a file that is sent again, or taken up again after a
stop, finds what is there.  A row without a number of its own is known by what it says.
"""

from __future__ import annotations

import hashlib
import logging
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actor import Actor
from petitions import attachments, jobs, sheets
from petitions.actions import Entry, Person, register, told
from petitions.actions.entered import checked
from petitions.actions.register import may_register, register_many
from petitions.called import GONE, LONGEST_NUMBER, Bodies, Cells, Names, Print
from petitions.errors import BadInput, WrongPerson
from petitions.jobs import Run
from petitions.models import Channel, ExternalReference, ImportMapping, Kind, PartyRole, Purpose, Sex
from petitions.sheets import NotRows, Row

logger = logging.getLogger(__name__)
BATCH = 100  # rows of one transaction
ANONYMOUS = "匿名"
TITLE = 60  # characters of the content that stand for a title where there is none
RULE = "导入"

# A filing's fields, what they are called on the page, and how other lists call them.
FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "id": ("编号（判断重复）", ("msg_id", "id", "编号", "信访件编号", "信访件id", "留言编号", "流水号", "序号编码", "tid")),
    "title": ("标题", ("title", "标题", "概况", "留言主题", "主题", "事项名称")),
    "content": ("反映内容", ("detail", "content", "text", "内容", "投诉内容", "留言详情", "反映内容", "诉求内容", "详情")),
    "received": ("收到日期", ("time", "date", "信访日期", "登记时间", "登记日期", "留言时间", "收到日期", "来访日期", "日期")),
    "kind": ("类别（建议意见、申诉求决）", ("kind", "类别", "信访类别", "事项类别", "信访件类别")),
    "purpose": ("信访目的（求决、意见建议等）", ("purpose", "目的", "信访目的")),
    "hide_name": ("不向责任单位透露姓名（是、否）", ("hide_name", "保密", "是否保密", "要求保密", "不透露姓名", "不公开姓名")),
    "urgent": ("重大紧急（是、否）", ("urgent", "重大紧急", "是否重大紧急")),
    "name": ("姓名", ("name", "姓名", "信访人", "信访人姓名", "留言用户", "user", "联系人")),
    "sex": ("性别", ("sex", "gender", "性别")),
    "birth_date": ("出生日期", ("birth_date", "birthday", "出生日期")),
    "phone": ("手机", ("phone", "mobile", "手机", "电话", "联系电话", "手机号", "手机号码")),
    "id_number": ("证件号码", ("id_number", "证件号码", "身份证号", "身份证号码", "证件号")),
    "address": ("住址", ("address", "住址", "地址", "通信地址", "联系地址")),
    "companions": ("随访人（姓名，用分号隔开）", ("companions", "随访人", "随访人姓名", "同行人")),
    "heads": ("人数", ("heads", "人数", "信访人数")),
    "claims": ("诉求（逐项，用分号隔开）", ("claims", "诉求", "诉求事项", "具体诉求")),
    "category": ("内容分类", ("category", "label", "domain", "内容分类", "一级标签", "分类", "领域")),
    "region": ("问题属地", ("region", "district", "问题属地", "属地", "区划代码", "行政区划")),
    "place": ("具体地点", ("place", "问题发生地", "地点", "具体地点")),
    "channel": ("信访形式", ("channel", "形式", "信访形式", "来源渠道", "渠道")),
    "handed_by": ("交转机关", ("handed_by", "交转机关", "交办机关", "转送机关", "上级机关")),
    "handed_number": ("上级文号", ("handed_number", "上级文号", "交办文号", "转送文号")),
    "handed_due": ("上级期限", ("handed_due", "上级期限", "交办期限", "反馈期限")),
    "reference_system": ("另一个系统的名称", ("reference_system", "外部系统")),
    "reference_number": ("在另一个系统的编号", ("reference_number", "外部编号")),
}  # fmt: skip
_OF_A_SUPERIOR = ("handed_number", "handed_due")  # say nothing where no column says who the superior is
_LABELS = {name: label.split("（")[0] for name, (label, _) in FIELDS.items()}
_NAMELESS = re.compile(r"(?:[A-Z]{1,3}\d{4,}|匿名.*|网友.*|\*+)")
# How other lists say how it came, of which kind it is, and what for; beside our own words.
_CHANNELS = {
    **{label: value for value, label in Channel.choices}, "走访": Channel.VISIT, "信件": Channel.LETTER, "网上": Channel.ONLINE,
    "网信": Channel.ONLINE, "电话": Channel.PHONE, "电话信访": Channel.PHONE, "上级转送": Channel.HANDED_DOWN,
    "上级交办": Channel.HANDED_DOWN,
    **dict.fromkeys(("网上信访", "手机信访", "微信信访", "网上建议", "领导信箱"), Channel.ONLINE),
}  # fmt: skip
_KINDS = {
    **{label: value for value, label in Kind.choices}, **dict.fromkeys(("建议", "意见建议", "建议意见类"), Kind.SUGGESTION),
    **dict.fromkeys(("申诉", "求决", "申诉求决类"), Kind.CLAIM),
}  # fmt: skip
_PURPOSES = {
    **{label: value for value, label in Purpose.choices}, **dict.fromkeys(("建议", "建议意见", "建议意见类"), Purpose.SUGGEST),
    **dict.fromkeys(("求助", "投诉", "申诉求决", "申诉求决类"), Purpose.SETTLE),
}  # fmt: skip
_SEXES = {"男": Sex.MALE, "女": Sex.FEMALE, "1": Sex.MALE, "2": Sex.FEMALE, "未填": Sex.UNKNOWN, "0": Sex.UNKNOWN}
_SEALED = re.compile("检举|控告|揭发")
_ELSEWHERE = "这一行是检举控告，不在这里登记（第三十条）：请在登记页“这是检举、控告”处转专门受理。"
_OTHER_WORDS = "编号已有但内容不同，没有登记：不是同一件的，请改成不重复的编号，单独提交这些行。"


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
        if name and (code not in _OF_A_SUPERIOR or "handed_by" in found):
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
    if plan.channel not in Channel.values:
        wrong["channel"] = "请选择信访形式。"
    superior = plan.channel == Channel.HANDED_DOWN or any(code in plan.columns for code in _OF_A_SUPERIOR)
    if superior and "handed_by" not in plan.columns:
        wrong["column_handed_by"] = "上级交转的来件，以及上级文号、上级期限，要有一列是“交转机关”。"
    if wrong:
        raise BadInput(wrong, rule=RULE)


# --- a row ------------------------------------------------------------------------------------------------------


def entry_of(row: Row, plan: Plan, names: Names, bodies: Bodies) -> tuple[Entry, str]:
    """Return the entry that ``row`` makes, and the number it is known by.

    Raises:
        BadInput: cells that cannot be read, each with its reason; a report-accusation, which is never registered here (Art.30).
    """
    cells = Cells({name: row.get(column, "") for name, column in plan.columns.items()}, _LABELS)
    if any(_SEALED.search(cells.text(name)) for name in ("kind", "purpose")):
        raise BadInput({"kind": _ELSEWHERE}, rule="第三十条")
    content = cells.text("content") or cells.text("title")
    title = cells.text("title") or " ".join(content.split())[:TITLE]
    number = _number(cells) or hashlib.sha256(_plain(title + content)).hexdigest()[:24]
    kind, purpose = _sort(cells)
    second = cells.reference("reference_system", "reference_number", "另一个系统的名称和编号")
    sender = bodies.handed_by(cells, "handed_by", "handed_number", "handed_due")
    entry = Entry(
        title=title[:120], content=content, people=[_lead(cells), *_companions(cells)], received_on=cells.day("received"),
        channel=Channel.HANDED_DOWN if sender else _CHANNELS.get(cells.text("channel"), plan.channel), kind=kind,
        purpose=purpose, category=names.category(cells.text("category")), region=names.region(cells.text("region")),
        place=cells.text("place")[:120], claims=cells.many("claims"), head_count=cells.number("heads"),
        hide_name=cells.yes("hide_name"), urgent=cells.yes("urgent"), handed_by=sender,
        handed_number=cells.text("handed_number"), handed_due=cells.day("handed_due"),
        references=[(plan.source, number), *second], imported_from=plan.source,
    )  # fmt: skip
    if cells.wrong:
        raise BadInput(cells.wrong, rule=RULE)
    return entry, number


def _plain(text: str) -> bytes:
    return "".join(text.split()).encode("utf-8", "surrogatepass")


def _number(cells: Cells) -> str:
    """The row's own number as it is kept."""
    try:
        return told.words(cells.text("id"), LONGEST_NUMBER, one_line=True)
    except told.Wrong as refused:
        cells.wrong["id"] = f"编号：{refused}"
        return "—"


def _sort(cells: Cells) -> tuple[str, str]:
    """Kind and purpose (Art.29, 31): each says the other where a list has but one of the two."""
    kind, purpose = cells.choice("kind", _KINDS), cells.choice("purpose", _PURPOSES)
    kind = kind or (Kind.SUGGESTION if purpose == Purpose.SUGGEST else Kind.CLAIM)
    return kind, purpose or (Purpose.SUGGEST if kind == Kind.SUGGESTION else Purpose.SETTLE)


def _lead(cells: Cells) -> Person:
    called = cells.text("name")
    return Person(
        name=ANONYMOUS if not called or _NAMELESS.fullmatch(called) else called, phone=cells.text("phone"),
        id_number=cells.text("id_number"), address=cells.text("address"), sex=cells.choice("sex", _SEXES, Sex.UNKNOWN),
        birth_date=cells.day("birth_date"),
    )  # fmt: skip


def _companions(cells: Cells) -> Iterator[Person]:
    return (Person(name=name, role=PartyRole.COMPANION) for name in cells.many("companions"))


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
        raise BadInput({"file": f"文件超过{sheets.LARGEST_FILE // 2**20}MB，请分开导入。"}, rule=RULE)
    try:
        names, _ = sheets.headers(cast("IO[bytes]", upload.file))
    except NotRows as fault:
        raise BadInput({"file": str(fault)}, rule=RULE) from None
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


def rows_of(file: IO[bytes]) -> Iterator[tuple[int, Row | NotRows]]:
    """The rows of a kept list, for long work: a file that turns out to be broken is refused with its reason.

    Raises:
        BadInput.
    """
    try:
        yield from sheets.rows(file)
    except NotRows as fault:
        raise BadInput({"file": str(fault)}, rule=RULE) from None


@dataclass
class _Work:
    """An import under way: how its rows are read, and what a look has seen of them so far."""

    run: Run
    plan: Plan
    names: Names = field(default_factory=Names)
    bodies: Bodies = field(default_factory=Bodies)
    seen: dict[str, Print] = field(default_factory=dict)


@dataclass(frozen=True)
class _Filed:
    """A row that was read: its place in the file, what it makes, what it is known by, and what it says."""

    row: int
    entry: Entry
    known_as: str
    said: Print


Numbered = Sequence[tuple[int, Row | NotRows]]


def _walk(run: Run, each: Callable[[_Work, Numbered, Tally], None]) -> None:
    """Go on from where the work stands, a batch in one transaction with the note of how far it is."""
    work = _Work(run, Plan.of(run.job.settings))
    with opened(run.job.settings) as file:
        if not run.job.total:
            total = sum(1 for _ in rows_of(file))
            with transaction.atomic():
                run.step(0, total=total)
        waiting = islice(rows_of(file), run.job.done, None)
        while batch := list(islice(waiting, BATCH)):
            with transaction.atomic():
                tally = Tally()
                each(work, batch, tally)
                tally.note(run, batch[-1][0])


@dataclass
class Tally:
    """What became of a batch."""

    accepted: int = 0
    known: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def again(self, row: int, said: Print, before: Print) -> None:
        """The number of ``row`` is there already: passed over where it says the same, else a line of the report."""
        if said.agrees(before):
            self.known += 1
        else:
            self.problems.append((row, _OTHER_WORDS))

    def note(self, run: Run, last: int) -> None:
        """Write it down with how far the work is."""
        run.report(self.problems)
        run.step(last, accepted=self.accepted, known=self.known, refused=len(self.problems))


def _read(work: _Work, batch: Numbered, tally: Tally) -> Iterator[_Filed]:
    """The rows of a batch that can be read; the others are noted."""
    titled = bool(work.plan.columns.get("title"))
    for row, cells in batch:
        try:
            if isinstance(cells, NotRows):
                raise BadInput({"row": str(cells)})
            entry, known_as = entry_of(cells, work.plan, work.names, work.bodies)
        except BadInput as refused:
            tally.problems.append((row, refused.message))
        else:
            yield _Filed(row, entry, known_as, Print.of(entry.title, entry.content, titled=titled))


def _fresh(work: _Work, batch: Numbered, tally: Tally) -> list[_Filed]:
    """The rows of a batch that are not registered yet; of the others it is noted what they are."""
    read = list(_read(work, batch, tally))
    there = _registered(pair for one in read for pair in one.entry.references)
    found = []
    for one in read:
        own, *more = one.entry.references
        if own in there:
            tally.again(one.row, one.said, there[own])
        elif any(pair in there for pair in more):
            tally.problems.append((one.row, "它在另一个系统的编号已经登记过，请先查找。"))
        else:
            found.append(one)
    return found


_FILED = (
    "filing__content",
    "filing__petition__title",
    "filing__petition__content",
    "filing__petition__key_destroyed_at",
)


def _registered(references: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Print]:
    """Which of these (system, number) are registered, each with what its filing says."""
    wanted = set(references)
    rows = ExternalReference.objects.filter(number__in={number for _, number in wanted})
    return {
        (system, number): _print_of(*filed) for system, number, *filed in rows.values_list("system", "number", *_FILED)
        if (system, number) in wanted
    }  # fmt: skip


def _print_of(own: str, title: str, content: str, wiped: datetime | None) -> Print:
    """What a registered filing says: a repeat has words of its own and no title; one that was taken back has none."""
    if wiped is not None:
        return GONE
    return Print.of("", own, titled=False) if own else Print.of(title, content)


def _look(work: _Work, batch: Numbered, tally: Tally) -> None:
    for one in _fresh(work, batch, tally):
        if (before := work.seen.get(one.known_as)) is not None:
            tally.again(one.row, one.said, before)
            continue
        try:
            checked(one.entry)
        except BadInput as refused:
            tally.problems.append((one.row, refused.message))
        else:
            tally.accepted += 1
            work.seen[one.known_as] = one.said


def _take(work: _Work, batch: Numbered, tally: Tally) -> None:
    """Register a batch together; where one of them cannot be taken, one by one, so that it stops no other."""
    fresh, firsts = _fresh(work, batch, tally), dict[str, _Filed]()
    for one in fresh:
        firsts.setdefault(one.known_as, one)
    taken: dict[str, Print] = {}
    try:
        with transaction.atomic():
            if firsts:
                register_many([one.entry for one in firsts.values()], by=work.run.by)
    except BadInput:
        waiting = fresh
    else:
        tally.accepted += len(firsts)
        taken = {known_as: one.said for known_as, one in firsts.items()}
        waiting = [one for one in fresh if firsts[one.known_as] is not one]
    for one in waiting:
        _take_one(one, work.run.by, tally, taken)


def _take_one(one: _Filed, by: Actor, tally: Tally, taken: dict[str, Print]) -> None:
    """Register one row, unless one above it of the same number has been."""
    if (before := taken.get(one.known_as)) is not None:
        tally.again(one.row, one.said, before)
        return
    try:
        with transaction.atomic():
            register(one.entry, by=by)
    except BadInput as refused:
        _refused(one, refused, tally)
    else:
        tally.accepted += 1
        taken[one.known_as] = one.said


def _refused(one: _Filed, refused: BadInput, tally: Tally) -> None:
    """Why a row was not registered: somebody else may have registered its number a moment ago."""
    own = one.entry.references[0]
    before = _registered([own]).get(own) if "references" in refused.fields else None
    if before is None:
        tally.problems.append((one.row, refused.message))
    else:
        tally.again(one.row, one.said, before)
