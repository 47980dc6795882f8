"""What was done in a period?  Transferred, assigned, supervised, extended: each act on its own day, read back to any day, with its ledger.

A matter that was registered in December and transferred in January is a transfer of January: acts are counted where they happened,
not where their matter began.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import DepartmentKind
from petitions import access
from petitions.law import oversight
from petitions.ledgers import (
    PAGE,
    Choice,
    Column,
    Ledger,
    Order,
    Ready,
    case_of,
    looks_over,
    matter_choices,
    register,
    state_choice,
    stood_choice,
    unit_choice,
    written,
)
from petitions.lifecycle import STATES
from petitions.models import Assignment, Clock, Event, Mode, Proceeding, Supervision
from petitions.models.figures import CURRENT

SENT, SUPERVISED, EXTENDED = "sent", "supervisions", "extensions"
MODES = ((Mode.TRANSFER.value, "转送"), (Mode.ASSIGN.value, "交办"))
_STATES = (("open", "待反馈"), ("answered", "已反馈"), ("ended", "已结束"))


# --- read back to a day -----------------------------------------------------------------------------------------------


def sent_at(rows: QuerySet, day: date) -> QuerySet:
    """The transfers and assignments that were in the record by the end of ``day``; one dated back is not there before it was written."""
    if day != CURRENT:
        sent = Q(step__in=("transfer", "assign"), occurred_on=OuterRef("sent_on")) | Q(step="take_over")
        rows = rows.filter(written(day, sent))
    return rows


def supervised_at(rows: QuerySet, day: date) -> QuerySet:
    """The supervisions that were in the record by the end of ``day``: opened by a person, by a step or by the night."""
    if day != CURRENT:
        opened = Q(step="supervision_opened") | Q(data__has_key="supervision")
        rows = rows.filter(written(day, opened & Q(occurred_on=OuterRef("opened_on"))))
    return rows


def extended_at(rows: QuerySet, day: date) -> QuerySet:
    """The extensions that were in the record by the end of ``day``; each is an event of its own."""
    return rows if day == CURRENT else rows.filter(recorded_at__date__lte=day)


# --- whose ------------------------------------------------------------------------------------------------------------


def sent(actor: Actor) -> QuerySet:
    """What petition offices have transferred and assigned (Art.22), of the matters that ``actor`` sees."""
    rows = Assignment.objects.filter(
        petition__in=access.visible_to(actor).values("pk"), mode__in=[mode for mode, _ in MODES],
        sender__kind=DepartmentKind.PETITION_OFFICE,
    )  # fmt: skip
    return rows.select_related("petition", "department")


def supervised(actor: Actor) -> QuerySet:
    """The supervisions (Art.40) of the matters that ``actor`` sees, each with the day its answer is due as ``due``."""
    rows = Supervision.objects.filter(petition__in=access.visible_to(actor).values("pk"))
    # By the matter first: its clocks are indexed, and a supervision's own are among them.
    answer = Clock.objects.filter(petition=OuterRef("petition"), supervision=OuterRef("pk"), name="TV")
    due = Subquery(answer.exclude(ended__in=["cancelled", "replaced"]).order_by("-pk").values("due")[:1])
    return rows.annotate(due=due).select_related("petition", "department")


def extended(actor: Actor) -> QuerySet:
    """The extensions of handling (Art.34) of the matters that ``actor`` sees, each with its ``unit`` by name."""
    rows = Event.objects.filter(step="extend", petition__in=access.visible_to(actor).values("pk"))
    unit = Proceeding.objects.filter(pk=OuterRef("on_id")).values("department__short_name")[:1]
    return rows.annotate(unit=Subquery(unit)).select_related("petition")


# --- their ledgers ----------------------------------------------------------------------------------------------------


def _unanswered(rows: QuerySet, value: str) -> QuerySet:
    """Open supervisions whose day for the answer is over."""
    return rows.filter(state="open", due__lt=today())


def _of_unit(rows: QuerySet, unit: int) -> QuerySet:
    """Extensions of one body, asked by the run that was extended."""
    return rows.filter(on_id__in=Proceeding.objects.filter(department=unit).values("pk"))


def _day_of(row: Any) -> date | None:
    said = row.data.get("due")
    return date.fromisoformat(said) if said else None


_NUMBER = Column("number", "编号", lambda row: row.petition.number, "ref", 22)
_TITLE = Column("title", "事项", lambda row: row.petition.title, "title", 48)


def begin() -> None:
    """Register the ledgers (AppConfig.ready)."""
    for ledger, ready in _LEDGERS:
        register(ledger, *ready)


_SUPERVISIONS = (
    Ledger(
        code=SUPERVISED, label="督办台账", about="每行是对一个单位的一次督办（《信访工作条例》第四十条）。",
        columns=(
            _NUMBER, _TITLE,
            Column("unit", "被督办单位", lambda row: row.department.short_name, "name", 18),
            Column("trigger", "情形", lambda row: oversight.TRIGGERS.get(row.trigger, row.trigger), width=26),
            Column("form", "方式", lambda row: oversight.FORMS.get(row.form, row.form)),
            Column("opened", "督办日期", lambda row: row.opened_on, "day"),
            Column("due", "反馈期限", lambda row: row.due, "day"),
            Column("answered", "反馈日期", lambda row: row.answered_on, "day"),
            Column("ended", "结束日期", lambda row: row.ended_on, "day"),
            Column("state", "状态", lambda row: dict(_STATES).get(row.state, row.state)),
        ),
        choices=(
            stood_choice(supervised_at),
            state_choice((("-ended", "未结束"), *_STATES)),
            Choice("late", "反馈", lambda: (("yes", "逾期未反馈", 0),), _unanswered),
            state_choice(tuple(oversight.TRIGGERS.items()), "trigger", "情形"),
            unit_choice("department", "被督办单位"), *matter_choices(),
        ),
        orders=(
            Order("newest", "最近督办", "opened_on"), Order("oldest", "最早督办", "opened_on", ascending=True),
            Order("due", "反馈期限先到", "due", ascending=True), Order("answered", "最近反馈", "answered_on"),
        ),
        day="opened_on", rows=supervised, url=case_of, open_to=looks_over,
    ),
    (
        Ready("未结督办", "还没有结束的督办", f"{PAGE}{SUPERVISED}", lambda day: urlencode({"state": "-ended", "sort": "oldest"})),
        Ready("逾期未反馈的督办", "反馈期限已过还没有反馈的，期限最早的在前", f"{PAGE}{SUPERVISED}", lambda day: urlencode({"late": "yes", "sort": "due"})),
        Ready("本年督办", "今年开始的督办", f"{PAGE}{SUPERVISED}", lambda day: urlencode({"first": day.replace(month=1, day=1)})),
    ),
)  # fmt: skip
_SENDINGS = (
    Ledger(
        code=SENT, label="转送交办台账", about="每行是信访部门的一次转送或者交办（《信访工作条例》第二十二条）；退回以后再转送的，另是一次。",
        columns=(
            _NUMBER, _TITLE,
            Column("mode", "方式", lambda row: row.get_mode_display(), width=10),
            Column("unit", "去向单位", lambda row: row.department.short_name, "name", 18),
            Column("sent", "发出日期", lambda row: row.sent_on, "day"),
            Column("received", "签收日期", lambda row: row.received_on, "day"),
            Column("limit", "指定期限", lambda row: row.limit_on, "day"),
            Column("state", "现在", lambda row: STATES["assignment"].get(row.state, row.state)),
        ),
        choices=(
            stood_choice(sent_at), state_choice(MODES, "mode", "方式"), unit_choice("department", "去向单位"), *matter_choices(),
        ),
        orders=(
            Order("newest", "最近发出", "sent_on"), Order("oldest", "最早发出", "sent_on", ascending=True),
            Order("limit", "指定期限先到", "limit_on", ascending=True),
        ),
        day="sent_on", rows=sent, url=case_of, open_to=looks_over,
    ),
    (Ready("本年交办", "今年交办、要报送办理结果的", f"{PAGE}{SENT}", lambda day: urlencode({"mode": "assign", "first": day.replace(month=1, day=1)})),),
)  # fmt: skip
_EXTENSIONS = (
    Ledger(
        code=EXTENDED, label="延长办理期限台账", about="每行是一次延长办理期限（《信访工作条例》第三十四条，合计不超过30日）。",
        columns=(
            _NUMBER, _TITLE,
            Column("unit", "办理单位", lambda row: row.unit, "name", 18),
            Column("day", "延长日期", lambda row: row.occurred_on, "day"),
            Column("days", "延长天数", lambda row: row.data.get("days"), "number", 10),
            Column("due", "延长到", _day_of, "day"),
        ),
        choices=(stood_choice(extended_at), unit_choice(_of_unit, "办理单位"), *matter_choices()),
        orders=(Order("newest", "最近延长", "occurred_on"), Order("oldest", "最早延长", "occurred_on", ascending=True)),
        day="occurred_on", rows=extended, url=case_of, open_to=looks_over,
    ),
    (),
)  # fmt: skip
_LEDGERS: tuple[tuple[Ledger, tuple[Ready, ...]], ...] = (_SUPERVISIONS, _SENDINGS, _EXTENSIONS)


__all__ = [
    "EXTENDED",
    "MODES",
    "SENT",
    "SUPERVISED",
    "extended",
    "extended_at",
    "sent",
    "sent_at",
    "supervised",
    "supervised_at",
]
