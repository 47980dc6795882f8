"""How does a list of work under way become matters?  A template with fixed columns; each row through the verb, none twice.

The columns are ours and not guessed: dates of the law stand in them.  What a matter may have many of (people, further
filings, claims on other roads) stands in sheets beside, under the matter's number.  A number that is there already is passed
over, so that a list may be sent again, or taken up again after a stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from accounts.actor import Actor
from accounts.models import Department, Post
from petitions import attachments, imports, jobs, lifecycle, sheets
from petitions.actions import Entry, Person, road
from petitions.actions.open_case import Again, Elsewhere
from petitions.actions.take_over import IssuedPaper, OpenCase, may_take_over, take_over_many
from petitions.called import GONE, Bodies, Cells, Names, Print
from petitions.errors import BadInput, WrongPerson
from petitions.imports import Tally
from petitions.jobs import Run
from petitions.law import review, roads
from petitions.models import Channel, Kind, Mode, PartyRole, Petition, PetitionerView, Route, Support
from petitions.sheets import NotRows, Row

BATCH = 50  # rows of one transaction
MOST_PAPERS = 10
_MODES = {"转送": Mode.TRANSFER, "交办": Mode.ASSIGN, "": Mode.TRANSFER}
_STAGES = {lifecycle.STAGES[code]: code for code in road.STAGES}
_SERVED = {"直接送达": "hand", "邮寄送达": "post", "其他方式": "other", "": "other"}
_VIEWS = {label: code for code, label in PetitionerView.choices}
_CONCLUSIONS = {label: code for code, label in review.CONCLUSIONS.items()}
_ADOPTION = {label: code for code, label in roads.ADOPTION.items()}
_ROUTES = {label: code for code, label in Route.choices if code != Route.PETITION}
_PAPERS = {kind.title: code for code, kind in lifecycle.PAPERS.items()}


@dataclass(frozen=True)
class Column:
    """One column of the template.

    Attributes:
        must: whether every row fills it; ``choices``: what it may say, offered as a list.
    """

    name: str
    hint: str
    must: bool = False
    choices: tuple[str, ...] = ()


def _labels(choices: Iterable[tuple[Any, Any]]) -> tuple[str, ...]:
    return tuple(str(label) for _, label in choices)


def _review_columns(label: str, article: str) -> tuple[Column, ...]:
    return (
        Column(f"{label}机关", f"申请了{label}的必填，写单位全称、简称或代码。"),
        Column(f"申请{label}日期", f"{label}机关收到申请的日期，{label}的30日从这一天起算（{article}）。"),
        Column(f"{label}受理日期", "知道的填。"),
        Column(f"{label}意见日期", f"{label}意见书的日期；已作出的必填，并填文书文号。"),
        Column(f"{label}结论", "已作出的必填；责令重新办理的见填写说明。", choices=tuple(_CONCLUSIONS)),
        Column(f"{label}送达日期", "已送达的必填。"),
    )


_YES = ("是", "否")
COLUMNS: tuple[Column, ...] = (
    Column("编号", "原来的编号，以后不变；已经接收过的编号会跳过。", must=True),
    Column("标题", "一句话概括，120字以内。", must=True),
    Column("反映内容", "请求、事实和理由。", must=True),
    Column("诉求", "逐项，用分号隔开；不填时以标题为唯一诉求。"),
    Column("信访人", "主访人姓名；匿名的填“匿名”。", must=True),
    Column("联系电话", "可不填。"),
    Column("证件号码", "可不填。"),
    Column("住址", "可不填。"),
    Column("人数", "不填时为1人。"),
    Column("不透露姓名", "信访人要求不向责任单位透露姓名的填“是”。", choices=_YES),
    Column("收到日期", "最初收到的日期，时限从这一天起算。", must=True),
    Column("信访形式", "不填时为来信。", choices=_labels(Channel.choices)),
    Column("类别", "不填时为申诉求决；建议意见填建议意见。检举控告不在这里接收。", choices=_labels(Kind.choices)),
    Column("内容分类", "本系统分类的名称或代码；对不上的留空，由甄别人员选择。"),
    Column("问题属地", "属地名称或区划代码。"),
    Column("具体地点", "可不填。"),
    Column("外部系统", "省、市等系统的名称，与外部编号一起填。"),
    Column("外部编号", "在那个系统里的编号。"),
    Column("交转机关", "信访形式为上级交转的必填，写单位全称、简称或代码。"),
    Column("上级文号", "可不填。"),
    Column("上级期限", "上级要求反馈的日期；没有的不填。"),
    Column("上级签收日期", "上级交转、已在上级系统签收的填；提出异议的5个工作日从这一天起算。"),
    Column("上级报告日期", "已向上级报送办结报告的填。"),
    Column("阶段", "现在走到哪一步。", must=True, choices=tuple(_STAGES)),
    Column("方式", "转送或者交办；不填时为转送。", choices=("转送", "交办")),
    Column("主办单位", "已转出的必填，写单位全称、简称或代码。"),
    Column("协办单位", "用分号隔开。"),
    Column("承办人", "主办单位承办人的姓名，可不填。"),
    Column("转出日期", "转送函、交办函的日期；已转出的必填。"),
    Column("交办期限", "交办的必填：要求反馈的日期。"),
    Column("签收日期", "已签收的必填。"),
    Column("异议日期", "阶段为异议待审的必填。"),
    Column("受理日期", "已受理（建议意见：已接收研究）的必填，办理期限从这一天起算。"),
    Column("简易办理", "适用简易办理的填“是”。", choices=_YES),
    Column("延长天数", "已批准的延长天数，合计不超过30。"),
    Column("作出日期", "处理意见书（建议、履职：答复）的日期；已作出的必填。"),
    Column("处理意见", "可不填；复查、复核变更了的，填变更后的意见。", choices=_labels(Support.choices)),
    Column("送达日期", "已送达的必填，申请复查的30日从这一天起算。"),
    Column("送达方式", "可不填。", choices=("直接送达", "邮寄送达", "其他方式")),
    Column("信访人意见", "收到处理意见书时的意见。", choices=_labels(PetitionerView.choices)),
    Column("采纳情况", "建议意见已答复的填，可不填。", choices=tuple(_ADOPTION)),
    Column("协议日期", "达成调解、和解协议的日期；阶段为已达成协议的必填。"),
    Column("履行期限", "协议约定的履行期限；有协议日期的必填。"),
    Column("调解人", "经调解达成协议的填；双方自愿和解的不填。"),
    *(
        column
        for label, article in (("复查", "第三十五条"), ("复核", "第三十六条"))
        for column in _review_columns(label, article)
    ),
    Column("办结日期", "阶段为办结待审核的必填。"),
    Column("办结报告日期", "交办的事项已报送办结报告的填。"),
    *(
        column
        for n in range(1, MOST_PAPERS + 1)
        for column in (
            Column(f"文书{n}", "已出具的文书种类。", choices=tuple(_PAPERS)),
            Column(f"文书{n}文号", "原文号；本系统以后不会再用这个文号。"),
            Column(f"文书{n}日期", "文书的日期。"),
            Column(f"文书{n}送达日期", "已送达信访人的填。"),
        )
    ),
)


# What a matter may have many of: a sheet beside the first, each row under the matter's number.
PEOPLE, FILINGS, ROUTES = "人员", "来件", "其他途径"
_UNDER = Column("编号", "在办件表里那一件的编号。", must=True)
BESIDE: Mapping[str, tuple[Column, ...]] = {
    PEOPLE: (
        _UNDER,
        Column("姓名", "主访人以外的每个人一行；主访人作代表的，也写一行。", must=True),
        Column("身份", "不填时为随访人。", choices=_labels(PartyRole.choices)),
        Column("代表", "信访人代表填“是”，不超过5人（第二十条）。", choices=_YES),
        Column("证件号码", "可不填。"),
        Column("联系电话", "可不填。"),
        Column("住址", "可不填。"),
    ),
    FILINGS: (
        _UNDER,
        Column("收到日期", "同一事项以后又来的，每件一行；不填时，外部编号是最初那一件的。"),
        Column("信访形式", "不填时为来信。", choices=_labels(Channel.choices)),
        Column("外部系统", "省、市等系统的名称，与外部编号一起填。"),
        Column("外部编号", "在那个系统里的编号。"),
    ),
    ROUTES: (
        _UNDER,
        Column("诉求序号", "在办件表诉求一栏里的第几项。", must=True),
        Column("途径", "受理时导入的法定途径（第三十一条）。", must=True, choices=tuple(_ROUTES)),
        Column("受理机关", "告知信访人去的机关；申请履行职责的不填。"),
        Column("法定程序", "如民事诉讼、劳动仲裁、行政复议。"),
        Column("程序期限", "该程序的期限。"),
        Column("答复送达日期", "申请履行职责的诉求，答复已送达的填；全部诉求都是的，填在办件表的送达日期。"),
    ),
}


# --- the template -------------------------------------------------------------------------------------------------


def template() -> bytes:
    """The spreadsheet to be filled in: a row of columns, lists to choose from, sheets beside, and one that explains them all."""
    book = Workbook()
    help_, lists = cast("Any", book.active), book.create_sheet("选项")
    help_.title = "填写说明"
    help_.append(["表", "列", "必填", "怎么填"])
    help_.column_dimensions["D"].width = 60
    for at, (title, columns) in enumerate({"在办件": COLUMNS, **BESIDE}.items()):
        sheet = book.create_sheet(title, at)
        sheet.append([column.name for column in columns])
        sheet.freeze_panes = "B2"
        for number, column in enumerate(columns, start=1):
            help_.append([title, column.name, "必填" if column.must else "", column.hint])
            sheet.column_dimensions[get_column_letter(number)].width = 14
            if column.choices:
                _offer(sheet, lists, get_column_letter(number), column)
    help_.append(["在办件", "责令重新办理", "", road.REDO])
    book.active = 0
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _offer(sheet: Any, lists: Any, letter: str, column: Column) -> None:
    """Choices stand on a sheet of their own: a list written into the cell's rule may hold 255 characters only."""
    where = get_column_letter(lists.max_column + 1 if lists["A1"].value else 1)
    for row, choice in enumerate(column.choices, start=1):
        lists[f"{where}{row}"] = choice
    rule = DataValidation(type="list", formula1=f"选项!${where}$1:${where}${len(column.choices)}", allow_blank=True)
    rule.add(f"{letter}2:{letter}5000")
    sheet.add_data_validation(rule)


# --- a row --------------------------------------------------------------------------------------------------------


def _miss(read: Cells, columns: Iterable[Column]) -> None:
    """Say which cells must be filled and are not."""
    read.wrong |= {one.name: f"请填写{one.name}。" for one in columns if one.must and not read.text(one.name)}


class Beside:
    """The rows of the sheets beside, by the number of their matter; read once for a file.

    Raises:
        BadInput: the file cannot be opened.
    """

    def __init__(self, file: IO[bytes] | None = None) -> None:
        self._found: dict[tuple[str, str], list[tuple[int, Row]]] = {}
        try:
            found = sheets.beside(file, list(BESIDE)) if file is not None else {}
        except NotRows as fault:
            raise BadInput({"file": str(fault)}, rule=road.RULE) from None
        for sheet, rows in found.items():
            for number, row in rows:
                self._found.setdefault((sheet, row.get(_UNDER.name, "")), []).append((number, row))

    def strays(self, known: set[str]) -> list[tuple[int, str]]:
        """Rows whose number no matter of the list has: (row of its sheet, what is wrong)."""
        return [
            (number, f"{sheet}表第{number}行：在办件表里没有编号“{under}”。")
            for (sheet, under), rows in self._found.items()
            if under not in known
            for number, _ in rows
        ]

    def reads(self, sheet: str, read: Cells) -> Iterator[Cells]:
        """The rows of a matter in ``sheet``, one by one; what is wrong in one is said in the matter's own row."""
        for number, row in self._found.get((sheet, read.text(_UNDER.name)), ()):
            part = Cells(row)
            _miss(part, BESIDE[sheet])
            yield part
            read.wrong |= {
                f"{sheet}{number}{name}": f"{sheet}表第{number}行：{told}" for name, told in part.wrong.items()
            }


def case_of(row: Row, names: Names, bodies: Bodies, beside: Beside) -> OpenCase:
    """Return the matter that ``row`` tells, with what the sheets beside say of it.

    Raises:
        BadInput: cells that cannot be read, each with its reason.
    """
    read = Cells(row)
    _miss(read, COLUMNS)
    stage = read.choice("阶段", _STAGES)
    lead, co_units, handler = _who(read, bodies)
    again, references = _filings(read, beside)
    case = OpenCase(
        entry=_entry(read, names, bodies, beside, references), number=read.text("编号"), stage=stage, lead=lead, co_units=co_units,
        handler=handler,
        mode=read.choice("方式", _MODES, Mode.TRANSFER), limit_on=read.day("交办期限"), routed_on=read.day("转出日期"),
        signed_on=read.day("签收日期"), objected_on=read.day("异议日期"), accepted_on=read.day("受理日期"),
        issued_on=read.day("作出日期"), delivered_on=read.day("送达日期"), closed_on=read.day("办结日期"),
        reported_on=read.day("办结报告日期"), simplified=read.yes("简易办理"), extended_days=read.number("延长天数"),
        handed_signed_on=read.day("上级签收日期"), handed_reported_on=read.day("上级报告日期"),
        settled_on=read.day("协议日期"), perform_by=read.day("履行期限"), mediator=read.text("调解人"),
        support=read.choice("处理意见", {label: code for code, label in Support.choices}),
        view=read.choice("信访人意见", _VIEWS, PetitionerView.NONE), adopted=read.choice("采纳情况", _ADOPTION),
        papers=tuple(_papers(read)), elsewhere=tuple(_elsewhere(read, beside)), again=again,
        **_reviewed(read, bodies, "review", "复查"), **_reviewed(read, bodies, "rereview", "复核"),
    )  # fmt: skip
    if read.wrong:
        raise BadInput(read.wrong, rule=road.RULE)
    return case


def _who(read: Cells, bodies: Bodies) -> tuple[Department | None, list[Department], Post | None]:
    try:
        lead = bodies.body(read.text("主办单位"), "主办单位")
        others = [body for word in read.many("协办单位") if (body := bodies.body(word, "协办单位")) is not None]
        return lead, others, bodies.handler(read.text("承办人"), lead)
    except BadInput as refused:
        read.wrong |= refused.fields
        return None, [], None


def _reviewed(read: Cells, bodies: Bodies, kind: str, label: str) -> dict[str, Any]:
    """The columns of a review or a re-review, by the names of the case."""
    return {
        f"{kind}_body": _body(read, bodies, f"{label}机关"), f"{kind}_applied_on": read.day(f"申请{label}日期"),
        f"{kind}_accepted_on": read.day(f"{label}受理日期"), f"{kind}_issued_on": read.day(f"{label}意见日期"),
        f"{kind}_conclusion": read.choice(f"{label}结论", _CONCLUSIONS), f"{kind}_delivered_on": read.day(f"{label}送达日期"),
    }  # fmt: skip


def _body(read: Cells, bodies: Bodies, column: str) -> Department | None:
    try:
        return bodies.body(read.text(column), column)
    except BadInput as refused:
        read.wrong |= refused.fields
        return None


def _entry(read: Cells, names: Names, bodies: Bodies, beside: Beside, references: Sequence[tuple[str, str]]) -> Entry:
    own = _reference(read)
    handed_by = bodies.handed_by(read, "交转机关", "上级文号", "上级期限")
    channel = read.choice("信访形式", {label: code for code, label in Channel.choices}, Channel.LETTER)
    return Entry(
        title=read.text("标题"), content=read.text("反映内容"), people=_people(read, beside), received_on=read.day("收到日期"),
        channel=Channel.HANDED_DOWN if handed_by else channel,
        kind=read.choice("类别", {label: code for code, label in Kind.choices}, Kind.CLAIM),
        category=names.category(read.text("内容分类")), region=names.region(read.text("问题属地")),
        place=read.text("具体地点"), claims=read.many("诉求"), head_count=read.number("人数"),
        hide_name=read.yes("不透露姓名"), handed_by=handed_by,
        handed_number=read.text("上级文号"), handed_due=read.day("上级期限"), references=[*own, *references],
    )  # fmt: skip


def _reference(read: Cells) -> list[tuple[str, str]]:
    return read.reference("外部系统", "外部编号", "外部系统和外部编号")


def _people(read: Cells, beside: Beside) -> list[Person]:
    """Whoever leads, from the matter's own row; the others, and who represents them, from theirs."""
    lead = _person(read, read.text("信访人"), PartyRole.LEAD)
    others = []
    for part in beside.reads(PEOPLE, read):
        role = part.choice("身份", {label: code for code, label in PartyRole.choices}, PartyRole.COMPANION)
        person = _person(part, part.text("姓名"), role)
        if role != PartyRole.LEAD:
            others.append(person)
        elif person.name != lead.name:
            part.wrong["姓名"] = "主访人要与在办件表的信访人一致。"
        else:
            known = {name: getattr(person, name) or getattr(lead, name) for name in ("id_number", "phone", "address")}
            lead = replace(lead, representative=person.representative, **known)
    return [lead, *others]


def _person(read: Cells, name: str, role: str) -> Person:
    return Person(
        name=name, role=role, representative=read.yes("代表"), phone=read.text("联系电话"),
        id_number=read.text("证件号码"), address=read.text("住址"),
    )  # fmt: skip


def _filings(read: Cells, beside: Beside) -> tuple[tuple[Again, ...], list[tuple[str, str]]]:
    """What came again, and further numbers of what came first."""
    again: list[Again] = []
    first: list[tuple[str, str]] = []
    for part in beside.reads(FILINGS, read):
        day, outside = part.day("收到日期"), _reference(part)
        channel = part.choice("信访形式", {label: code for code, label in Channel.choices}, Channel.LETTER)
        if day is not None:
            again.append(Again(day, channel, outside))
        elif outside:
            first += outside
        elif not part.wrong:
            part.wrong["收到日期"] = "请填写收到日期；只有外部编号的，填外部系统和外部编号。"
    return tuple(again), first


def _elsewhere(read: Cells, beside: Beside) -> Iterator[Elsewhere]:
    for part in beside.reads(ROUTES, read):
        yield Elsewhere(
            part.number("诉求序号"), part.choice("途径", _ROUTES, 0), part.text("受理机关"), part.text("法定程序"),
            part.text("程序期限"), part.day("答复送达日期"),
        )  # fmt: skip


_ANSWERS = ("opinion", "suggestion_reply", "duty_reply")  # the papers that 送达方式 is about


def _papers(read: Cells) -> Iterator[IssuedPaper]:
    for n in range(1, MOST_PAPERS + 1):
        kind, number, day = read.choice(f"文书{n}", _PAPERS), read.text(f"文书{n}文号"), read.day(f"文书{n}日期")
        if kind and number and day:
            how = read.choice("送达方式", _SERVED, "other") if kind in _ANSWERS else "other"
            yield IssuedPaper(kind, number, day, read.day(f"文书{n}送达日期"), how)
        elif kind or number or day:
            read.wrong[f"文书{n}"] = f"文书{n}的种类、文号和日期要一起填。"


# --- the work -----------------------------------------------------------------------------------------------------


def begin(upload: UploadedFile, *, by: Actor) -> dict[str, Any]:
    """Keep a filled-in template, sealed, and return what a job must know of it.

    Raises:
        WrongPerson: the post does not take over.
        BadInput: it holds no rows, or columns are missing.
    """
    if not may_take_over(by):
        raise WrongPerson("接收在办件由信访部门的受理和负责人岗位办理。", rule=road.RULE)
    if (upload.size or 0) > sheets.LARGEST_FILE:
        raise BadInput({"file": "文件太大，请分开接收。"}, rule=road.RULE)
    try:
        names, _ = sheets.headers(cast("IO[bytes]", upload.file))
    except NotRows as fault:
        raise BadInput({"file": str(fault)}, rule=road.RULE) from None
    missing = [column.name for column in COLUMNS if column.must and column.name not in names]
    if missing:
        raise BadInput({"file": f"缺少这些列：{'、'.join(missing)}。请用下载的模板填写。"}, rule=road.RULE)
    return {**attachments.put_aside(upload), "name": (upload.name or "")[-100:]}


@jobs.kind("check_open_cases", "试接收：只检查，不登记")
def check_open_cases(run: Run) -> None:
    """Take every row over and undo it, and report what could not be taken."""
    _walk(run, keep=False)


@jobs.kind("import_open_cases", "接收在办件")
def import_open_cases(run: Run) -> None:
    """Take over every row whose number is not there yet; a row that cannot be taken stops no other."""
    _walk(run, keep=True)
    attachments.drop_aside(run.job.settings)


def _walk(run: Run, *, keep: bool) -> None:
    names, bodies = Names(), Bodies()
    with imports.opened(run.job.settings) as file:
        beside = Beside(file)
        if not run.job.total:
            _count(run, file, beside)
        waiting = islice(imports.rows_of(file), run.job.done, None)
        seen: dict[str, Print] = {}
        while batch := list(islice(waiting, BATCH)):
            with transaction.atomic():
                tally = Tally()
                _take(_fresh(batch, (names, bodies, beside), tally, seen), run.by, tally, seen, keep=keep)
                tally.note(run, batch[-1][0])


def _count(run: Run, file: IO[bytes], beside: Beside) -> None:
    """How many rows there are, and which rows of the sheets beside belong to none of them."""
    called, total = set(), 0
    for total, (_, row) in enumerate(imports.rows_of(file), start=1):  # noqa: B007  (how far it came is how many there are)
        if not isinstance(row, NotRows):
            called.add(row.get(_UNDER.name, ""))
    strays = beside.strays(called)
    with transaction.atomic():
        run.report(strays)
        run.step(0, total=total, refused=len(strays))


Numbered = list[tuple[int, OpenCase]]


def _fresh(
    batch: Sequence[tuple[int, Row | NotRows]],
    known: tuple[Names, Bodies, Beside],
    tally: Tally,
    seen: dict[str, Print],
) -> Numbered:
    """The matters of a batch that are not there yet, each with its row's number; what cannot be read is noted."""
    called = [row.get("编号", "").strip() for _, row in batch if not isinstance(row, NotRows)]
    there = Petition.objects.filter(number__in=called).values_list("number", "title", "content", "key_destroyed_at")
    seen |= {number: GONE if wiped else Print.of(title, content) for number, title, content, wiped in there}
    found: Numbered = []
    for number, row in batch:
        try:
            if isinstance(row, NotRows):
                raise BadInput({"row": str(row)})
            if (before := seen.get(row.get("编号", "").strip())) is not None:
                tally.again(number, Print.of(row.get("标题", ""), row.get("反映内容", "")), before)
                continue
            found.append((number, case_of(row, *known)))
        except BadInput as refused:
            tally.problems.append((number, refused.message))
    return found


def _print_of(case: OpenCase) -> Print:
    return Print.of(case.entry.title, case.entry.content)


def _take(fresh: Numbered, by: Actor, tally: Tally, seen: dict[str, Print], *, keep: bool) -> None:
    """Take a batch over together; where one of them cannot be taken, one by one, so that it stops no other."""
    called = {case.number: _print_of(case) for _, case in fresh}
    try:
        if len(called) < len(fresh):
            raise BadInput({"number": "清单里有重复的编号。"}, rule=road.RULE)
        _keep([case for _, case in fresh], by, keep=keep)
    except BadInput:
        for number, case in fresh:
            _take_one(number, case, by, tally, seen, keep=keep)
    else:
        tally.accepted += len(fresh)
        seen |= called


def _take_one(number: int, case: OpenCase, by: Actor, tally: Tally, seen: dict[str, Print], *, keep: bool) -> None:
    if (before := seen.get(case.number)) is not None:  # it was taken from a row above
        tally.again(number, _print_of(case), before)
        return
    try:
        _keep([case], by, keep=keep)
    except BadInput as refused:
        tally.problems.append((number, refused.message))
    else:
        tally.accepted += 1
        seen[case.number] = _print_of(case)


def _keep(cases: list[OpenCase], by: Actor, *, keep: bool) -> None:
    """Take ``cases`` over, all or none; where they are not to be kept, undo it."""
    with transaction.atomic():
        if cases:
            take_over_many(cases, by=by)
        transaction.set_rollback(not keep)
