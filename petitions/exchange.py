"""What does the province's system want to know of the filings of some days?  The fields of its record, in its own codes.

What this system does not keep goes out empty (`NOT_KEPT`, `NOT_KEPT_OF_PEOPLE`: each with why).  Of a matter whose petitioner
asked not to be named nothing personal goes out; a matter whose words were destroyed goes out by its number alone.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from openpyxl import Workbook

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import day_of
from accounts.models import AccessKind, Role
from petitions import access, jobs, lifecycle
from petitions.actions.whole import TRIGGERS
from petitions.errors import BadInput, WrongPerson
from petitions.imports import ANONYMOUS
from petitions.jobs import Run
from petitions.models import Channel, Event, Filing, IdKind, Outcome, Party, PartyRole, Petition, Sex
from petitions.sheets import plain

logger = logging.getLogger(__name__)
EXPORTS = frozenset({Role.TRIAGE, Role.OFFICE_HEAD})
FORMATS = ("xlsx", "json")
BATCH = 200
LONGEST = 366  # days of one export
WORDS = 4000  # characters of a summary or a complaint (domain of the exchange record)
RULE = "数据交换"
Value = str | int | None

# What the national list of states calls ours, by its number; what it has no word for goes out empty.
_STATES: Mapping[str, int] = {
    "registered": 0, "triaged": 0, "sent": 0, "review": 0, "objected": 0, "handling": 2, "issued": 3, "delivered": 3,
    "lapsed": 6, "closed": 3, "confirmed": 14,
}  # fmt: skip
_OVERDUE = 4  # 超期未作出处理意见
_ENDED: Mapping[str, int] = {Outcome.NOT_ACCEPTED: 1, Outcome.NO_FURTHER: 5}
_FORMS: Mapping[str, str] = {
    Channel.VISIT: "来访", Channel.LETTER: "来信", Channel.PHONE: "电话信访", Channel.ONLINE: "网上信访",
    Channel.HANDED_DOWN: "上级转送",
}  # fmt: skip
_SEXES: Mapping[str, Value] = {Sex.MALE: 1, Sex.FEMALE: 0}  # the exchange's own, not GB/T 2261.1
_SERVED: Mapping[str, Value] = {"hand": 0, "post": 1, "other": 2}
_SIGNED: Mapping[str, Value] = {"refused": 0, "signed": 1}
_NO_CODE = frozenset({IdKind.NONE, IdKind.OTHER, IdKind.CREDIT_CODE})


@dataclass(frozen=True)
class Found:
    """A filing with what its record is made of; everything is at hand."""

    filing: Filing
    day: date
    named: bool

    @property
    def petition(self) -> Petition:
        """Its matter."""
        return self.filing.petition

    @property
    def words(self) -> bool:
        """Whether the matter's words are still there."""
        return self.petition.key_destroyed_at is None

    @property
    def run(self) -> Any:
        """The latest run of handling."""
        runs = [row for row in self.petition.proceedings.all() if row.kind == "handling"]
        return max(runs, key=lambda row: row.pk, default=None)

    @property
    def lead(self) -> Any:
        """The lead unit's hold."""
        holds = [
            row for row in self.petition.assignments.all() if row.lead and row.state not in ("returned", "recalled")
        ]
        return max(holds, key=lambda row: row.pk, default=None)

    @property
    def opinion(self) -> Any:
        """The opinion in force."""
        found = [row for row in self.petition.papers.all() if row.kind == "opinion" and row.void_on is None]
        return max(found, key=lambda row: row.pk, default=None)

    @property
    def long(self) -> bool:
        """Whether the matter is open and long (a house figure, as for the figures)."""
        open_ = self.petition.closed_on is None and self.petition.stage in lifecycle.OPEN_STAGES
        return open_ and self.day > self.petition.received_on + timedelta(days=lifecycle.LONG_DAYS)

    @property
    def ended(self) -> Any:
        """The re-review after which the road has ended (Art.36)."""
        return next((row for row in self.petition.proceedings.all() if row.state == "review_ended"), None)

    @property
    def reminded_on(self) -> date | None:
        """When a unit was last urged on."""
        return max((row.reminded_on for row in self.petition.assignments.all() if row.reminded_on), default=None)

    @property
    def followed(self) -> list[Event]:
        """What was asked of the petitioner afterwards (read with the filing, `_BESIDE`)."""
        return list(self.petition.followed)  # type: ignore[attr-defined]

    def rated(self, target: str) -> Value:
        """The petitioner's verdict on ``target``: 0, 1 or 3."""
        return next((int(row.value) for row in self.petition.ratings.all() if row.target == target), None)


def _flag(value: object) -> int:
    return 1 if value else 0


def _day(value: date | datetime | None) -> Value:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if value else None


def _state(found: Found) -> Value:
    stage, late = found.petition.stage, found.petition.due is not None and found.petition.due < found.day
    if stage == "ended":
        return _ENDED.get(found.petition.outcome)
    return _OVERDUE if stage == "handling" and late else _STATES.get(stage)


def _from_outside(found: Found) -> Value:
    """1 where a person has shown a permit of Hong Kong, Macao or Taiwan; what else somebody is, no document says for sure."""
    shown = {party.petitioner.id_kind for party in found.filing.parties.all()} if found.named else set()
    return 1 if shown & {IdKind.HK_MACAO, IdKind.TAIWAN} else None


def _told(found: Found, value: Value) -> Value:
    """``value`` where the petitioner was given a query code."""
    return value if found.filing.query_code_hash else None


def _list(lines: Iterable[str]) -> Value:
    return "；".join(lines)[:WORDS] or None


def _supervised(found: Found) -> Value:
    rows = sorted(found.petition.supervisions.all(), key=lambda row: row.pk)
    words = lifecycle.STATES["supervision"]
    return _list(
        f"{_day(row.opened_on)} {TRIGGERS.get(row.trigger, row.trigger)} {row.department.name} {words[row.state]}"
        for row in rows
    )


def _issued(found: Found) -> Value:
    rows = sorted((row for row in found.petition.papers.all() if row.void_on is None), key=lambda row: row.pk)
    return _list(f"{_day(row.issued_on)} {row.title} {row.number}" for row in rows)


def _instructed(found: Found) -> Value:
    return _list(str(_day(row.written_on)) for row in found.petition.instructions.all() if row.written_on)


# Fields that the exchange has and this system does not keep, each with why: they go out empty, of a filing and of a person.
NOT_KEPT: Mapping[str, str] = {
    "全国初次": "only the national system knows what was brought elsewhere",
    "原因": "the values are not published; what a petitioner asks for is 目的",
    "三跨三分离": "needs where people live and are registered, which is not kept",
    "同意公开": "results are not published from here",
    "扬言": "nothing is kept that is held against a petitioner",
    "热点": "patterns are shown for problems and places, never marked on a matter",
    "所属系统": "the values are not published; the category says what it is about",
    "被反映人级别": "reports and accusations stand in a room of their own and never go out",
    "被反映人职务": "as above",
    "被反映人或单位": "as above",
    "是否逐级走访": "visits to higher levels are not counted against anybody",
    "法院、仲裁、复议是否已受理": "the petitioner is told where to go; whether that body accepted is its own record",
    "是否公开": "results are not published from here",
    "公开互联网": "as above",
    "抽查": "closures are confirmed one by one, none is drawn by lot",
    "核查": "what a supervision found is in its own paper (文书表)",
    "补充答复": "an opinion is answered by review; a changed one is a new paper",
    "终结备案": "the filing of an ended matter is made in the superior's system",
}
NOT_KEPT_OF_PEOPLE: Mapping[str, str] = {
    "民族": "not asked", "住址代码": "the address is kept as it was told", "户口所在地": "not asked", "通信地址": "the address is the one to write to",
    "工作单位": "not asked", "邮编": "not asked", "职业": "not asked", "政治面貌": "not asked", "国籍": "not asked; 涉港澳台侨外 says what a document shows",
}  # fmt: skip


def _nothing(found: Found) -> Value:
    return None


Field = tuple[str, Callable[[Found], Value]]
FIELDS: tuple[Field, ...] = (
    ("行政区划", lambda f: (f.petition.office.region_id or "")[:6]),
    ("信访件ID", lambda f: f.filing.ref),
    ("编号", lambda f: f.filing.number),
    ("事项编号", lambda f: f.petition.number),
    ("外部编号", lambda f: "；".join(f"{ref.system} {ref.number}" for ref in f.filing.references.all())),
    ("查询码状态", lambda f: _flag(f.filing.query_code_hash)),
    ("信访日期", lambda f: _day(f.filing.received_on)),
    ("形式", lambda f: _FORMS.get(f.filing.channel)),
    ("信访人数", lambda f: f.filing.head_count),
    ("实际来访人数", lambda f: f.filing.actual_count),
    ("涉及人数", lambda f: f.petition.head_count),
    ("登记机构名称", lambda f: f.filing.office.name),
    ("登记机构代码", lambda f: f.filing.office.code),
    ("登记机构类别", lambda f: f.filing.office.get_kind_display()),
    ("登记部门", lambda f: f.filing.registrar.department.name),
    ("登记人", lambda f: f.filing.registrar.user.name),
    ("登记时间", lambda f: _day(f.filing.recorded_at)),
    ("概况", lambda f: f.petition.title[:WORDS] if f.words else None),
    ("投诉内容", lambda f: (f.filing.content or f.petition.content)[:WORDS] if f.words else None),
    ("受信人", lambda f: f.filing.addressee),
    ("状态", _state),
    ("本机构初次", lambda f: _flag(not f.filing.repeat)),
    ("全国初次", _nothing),
    ("重复", lambda f: _flag(f.filing.repeat)),
    ("问题属地", lambda f: f.petition.region_id),
    (
        "内容分类",
        lambda f: (
            f.petition.category.outside_codes.get("国家", f.petition.category_id) if f.petition.category else None
        ),
    ),
    ("内容分类名称", lambda f: f.petition.category.name if f.petition.category else None),
    ("目的", lambda f: f.petition.get_purpose_display()),
    ("原因", _nothing),
    ("首次机构", lambda f: f.petition.office.name),
    ("首次日期", lambda f: _day(f.petition.received_on)),
    ("三跨三分离", _nothing),
    ("积案", lambda f: _flag(f.long)),
    ("复查", lambda f: _flag(any(row.kind == "review" for row in f.petition.proceedings.all()))),
    ("复核", lambda f: _flag(any(row.kind == "rereview" for row in f.petition.proceedings.all()))),
    ("办结", lambda f: _flag(f.petition.closed_on)),
    ("审核认定办结", lambda f: _flag(f.petition.confirmed_on)),
    ("联名", lambda f: _flag(f.petition.joint)),
    ("同意公开", _nothing),
    ("重大紧急", lambda f: _flag(f.petition.urgent)),
    ("匿名", lambda f: _flag(f.petition.lead_name == ANONYMOUS)),
    ("保密", lambda f: _flag(f.petition.hide_name)),
    ("扬言", _nothing),
    ("热点", _nothing),
    ("所属系统", _nothing),
    ("限办截止", lambda f: _day(f.petition.due)),
    ("被反映人级别", _nothing),
    ("被反映人职务", _nothing),
    ("被反映人或单位", _nothing),
    ("办理程序", lambda f: ("简易" if f.run.simplified else "普通") if f.run else None),
    ("是否逐级走访", _nothing),
    ("涉法涉诉", lambda f: _flag(f.petition.outcome == Outcome.LEGAL)),
    ("涉港澳台侨外", _from_outside),
    ("责任单位", lambda f: f.lead.department.name if f.lead else None),
    ("首次转交责任单位日期", lambda f: _day(f.lead.sent_on) if f.lead else None),
    ("受理意见日期", lambda f: _day(f.run.started_on) if f.run else None),
    ("处理意见日期", lambda f: _day(f.run.issued_on) if f.run else None),
    ("送达日期", lambda f: _day(f.run.delivered_on) if f.run else None),
    ("送达方式", lambda f: _SERVED.get(f.opinion.served_how) if f.opinion else None),
    ("签收", lambda f: _SIGNED.get(f.opinion.receipt) if f.opinion else None),
    ("信访人意见", lambda f: int(f.run.petitioner_view) if f.run and f.run.petitioner_view else None),
    ("办结方式", lambda f: f.petition.get_outcome_display() or None),
    ("合并件编号", lambda f: f.petition.merged_into.number if f.petition.merged_into else None),
    ("信访部门评价", lambda f: f.rated("office")),
    ("责任单位评价", lambda f: f.rated("unit")),
    ("是否可再评价", lambda f: 0),  # a verdict is the petitioner's last word
    ("查询码告知日期", lambda f: _told(f, _day(f.filing.query_code_made_at))),
    ("查询码告知机构", lambda f: _told(f, f.filing.office.name)),
    ("是否依法分类", lambda f: _flag(any(row.kind in ("outside", "duty") for row in f.petition.proceedings.all()))),
    ("法院、仲裁、复议是否已受理", _nothing),
    ("是否公开", _nothing),
    ("公开互联网", _nothing),
    ("督办", lambda f: _flag(f.petition.supervisions.all())),
    ("督办表", _supervised),
    ("催办", lambda f: _flag(f.reminded_on)),
    ("最近催办日期", lambda f: _day(f.reminded_on)),
    ("批示日期", _instructed),
    ("回访", lambda f: _flag(f.followed)),
    ("回访日期", lambda f: _list(str(_day(row.occurred_on)) for row in f.followed)),
    ("文书表", _issued),
    ("终结", lambda f: _flag(f.ended)),
    ("终结日期", lambda f: _day(f.ended.delivered_on) if f.ended else None),
    ("抽查", _nothing),
    ("核查", _nothing),
    ("补充答复", _nothing),
    ("终结备案", _nothing),
)

PersonField = tuple[str, Callable[[Party], Value]]
PERSON_FIELDS: tuple[PersonField, ...] = (
    ("姓名", lambda p: p.petitioner.name),
    ("性别", lambda p: _SEXES.get(p.petitioner.sex)),
    ("民族", lambda p: None),
    ("住址", lambda p: p.petitioner.address),
    ("住址代码", lambda p: None),
    ("证件类型", lambda p: None if p.petitioner.id_kind in _NO_CODE else p.petitioner.id_kind),
    ("证件号码", lambda p: p.petitioner.id_number),
    ("手机", lambda p: p.petitioner.phone.removeprefix("+86")),
    ("户口所在地", lambda p: None),
    ("通信地址", lambda p: None),
    ("工作单位", lambda p: None),
    ("邮编", lambda p: None),
    ("出生日期", lambda p: _day(p.petitioner.birth_date)),
    ("职业", lambda p: None),
    ("政治面貌", lambda p: None),
    ("国籍", lambda p: None),
    ("主访人", lambda p: _flag(p.role == PartyRole.LEAD)),
)


# --- which ------------------------------------------------------------------------------------------------------


def may_export(actor: Actor) -> bool:
    """Whether handing records to other systems is among the duties of the post: the petition office's own."""
    return actor.role in EXPORTS and actor.department.is_petition_office


def check(actor: Actor, first: date, last: date, form: str) -> None:
    """Refuse who may not, and what cannot be.

    Raises:
        WrongPerson, BadInput.
    """
    if not may_export(actor):
        raise WrongPerson("数据交换由信访部门的受理和负责人岗位办理。", rule=RULE)
    wrong = {}
    if last < first:
        wrong["last"] = "截止日期早于开始日期。"
    elif (last - first).days >= LONGEST:
        wrong["last"] = f"一次最多{LONGEST}天，请分开导出。"
    if form not in FORMATS:
        wrong["form"] = "请选择 xlsx 或 json。"
    if wrong:
        raise BadInput(wrong, rule=RULE)


def filings(actor: Actor, first: date, last: date) -> QuerySet[Filing]:
    """The filings in the actor's scope that were registered from ``first`` to ``last`` (Asia/Shanghai, both included)."""
    begin, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (first, last + timedelta(days=1)))
    rows = Filing.objects.filter(petition__in=access.visible_to(actor), recorded_at__gte=begin, recorded_at__lt=end)
    return rows.order_by("pk")


_JOINED = (
    "petition__office",
    "petition__category",
    "petition__merged_into",
    "office",
    "registrar__department",
    "registrar__user",
)
_FOLLOWED = Event.objects.filter(step="follow_up").order_by("seq").only("petition_id", "occurred_on")
_BESIDE = (
    "references", "parties__petitioner", "petition__proceedings", "petition__assignments__department", "petition__papers",
    "petition__ratings", "petition__supervisions__department", "petition__instructions",
    Prefetch("petition__events", _FOLLOWED, to_attr="followed"),
)  # fmt: skip


def batches(rows: QuerySet[Filing], actor: Actor, day: date) -> Iterator[list[Found]]:
    """``rows`` with everything beside them, some at a time, a fixed number of queries each."""
    names, last = access.names_of(actor), 0
    joined = rows.select_related(*_JOINED).prefetch_related(*_BESIDE)
    while batch := list(joined.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        yield [Found(row, day, _named(row.petition, names)) for row in batch]


def _named(petition: Petition, names: access.Names) -> bool:
    """Whether persons go out: never against the petitioner's wish, nor what has been destroyed."""
    return not petition.hide_name and petition.key_destroyed_at is None and names.may_know(petition)


# --- the record -------------------------------------------------------------------------------------------------


def record_of(found: Found) -> dict[str, Value]:
    """The filing's fields."""
    return {name: read(found) for name, read in FIELDS}


def persons_of(found: Found) -> list[dict[str, Value]]:
    """The fields of its people; none where they are not to be named."""
    if not found.named:
        return []
    parties = sorted(found.filing.parties.all(), key=lambda party: party.pk)
    return [{name: read(party) for name, read in PERSON_FIELDS} for party in parties]


def write(out: IO[bytes], form: str, pieces: Iterator[list[Found]]) -> Iterator[int]:
    """Write the records to ``out``; yields how many after each piece."""
    return _json(out, pieces) if form == "json" else _xlsx(out, pieces)


def _json(out: IO[bytes], pieces: Iterator[list[Found]]) -> Iterator[int]:
    done = 0
    out.write(b"[")
    for piece in pieces:
        for found in piece:
            record = record_of(found) | {"信访人": persons_of(found)}
            out.write((",\n" if done else "\n").encode() + json.dumps(record, ensure_ascii=False).encode())
            done += 1
        yield done
    out.write(b"\n]\n")


def _xlsx(out: IO[bytes], pieces: Iterator[list[Found]]) -> Iterator[int]:
    book, done = Workbook(write_only=True), 0
    sheet, people = book.create_sheet("信访件"), book.create_sheet("信访人")
    sheet.append([name for name, _ in FIELDS])
    people.append(["信访件ID", *(name for name, _ in PERSON_FIELDS)])
    for piece in pieces:
        for found in piece:
            sheet.append([plain(value) for value in record_of(found).values()])
            for person in persons_of(found):
                people.append([found.filing.ref, *(plain(value) for value in person.values())])
            done += 1
        yield done
    book.save(out)


def name_of(first: date, last: date, form: str) -> str:
    """What the file is called."""
    return f"信访件交换-{first:%Y%m%d}-{last:%Y%m%d}.{form}"


@jobs.kind("export_exchange", "数据交换导出")
def export_exchange(run: Run) -> None:
    """Write the records into a sealed file that the job's page hands out; a run that was lost begins anew."""
    said = run.job.settings
    first, last, form = date.fromisoformat(said["first"]), date.fromisoformat(said["last"]), said["form"]
    check(run.by, first, last, form)
    rows = filings(run.by, first, last)
    log(run.by, AccessKind.EXPORT, f"exchange:{first}:{last}", data={"form": form, "job": run.job.ref})
    with transaction.atomic():
        run.step(0, total=rows.count())
    with tempfile.TemporaryFile() as out:
        done = 0
        for done in write(out, form, batches(rows, run.by, day_of(timezone.now()))):
            with transaction.atomic():
                run.step(done)
        run.keep(out, name_of(first, last, form), rows=done)


def start(actor: Actor, first: date, last: date, form: str) -> Any:
    """Write down that records are to be written, and return the job.

    Raises:
        WrongPerson, BadInput.
    """
    check(actor, first, last, form)
    said = {"first": first.isoformat(), "last": last.isoformat(), "form": form, "name": name_of(first, last, form)}
    return jobs.start("export_exchange", by=actor, settings=said)


def to_path(actor: Actor, first: date, last: date, form: str, path: Path) -> int:
    """Write the records to ``path`` (0600), and return how many.

    Raises:
        WrongPerson, BadInput.
    """
    check(actor, first, last, form)
    log(actor, AccessKind.EXPORT, f"exchange:{first}:{last}", data={"form": form, "file": path.name})
    done = 0
    with _own(path) as out:
        for done in write(out, form, batches(filings(actor, first, last), actor, day_of(timezone.now()))):
            logger.debug("%s records", done)
    return done


def _own(path: Path) -> IO[bytes]:
    """``path`` emptied and open for writing, its owner's alone from before its first byte, also where it was there already."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.fchmod(opened, 0o600)
    except OSError:
        os.close(opened)
        raise
    return os.fdopen(opened, "wb")


__all__: Sequence[str] = (
    "FIELDS",
    "PERSON_FIELDS",
    "check",
    "export_exchange",
    "filings",
    "may_export",
    "start",
    "to_path",
)
