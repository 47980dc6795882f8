"""Which ledgers do visits keep?  Visits, receptions, sponsored cases: the rows that are there, registered with `petitions.ledgers`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Role
from petitions.access import scope_of
from petitions.ledgers import (
    PAGE,
    Choice,
    Column,
    Ledger,
    Order,
    Ready,
    matter_seen,
    matters_title,
    register,
    state_choice,
)
from visits import access
from visits.actions.milestones import progress
from visits.models import Form, Milestone, Reception, Sponsorship, Status


def _inside(actor: Actor) -> bool:
    """Whoever sees rooms of visits from inside: the petition office, and leaders."""
    return access.office_of(actor) is not None or actor.role == Role.LEADER


def _visits(actor: Actor) -> QuerySet:
    return access.rooms_of(actor).select_related("leader__user", "place").annotate(parties=Count("receptions"))


def _receptions(actor: Actor) -> QuerySet:
    rows = access.receptions_of(actor).select_related("visit__leader__user", "visit__place")
    return rows.annotate(matters=Count("outcomes"))


def _sponsored(actor: Actor) -> QuerySet:
    rows = access.sponsorships_of(actor).select_related("petition", "sponsor__user", "unit")
    extended = Count("notes", filter=Q(notes__kind="extended"))
    return rows.annotate(seen=matter_seen(actor), extended=extended).prefetch_related("milestones")


def _next_day(row: Any) -> Any:
    step = progress(row.milestones.all(), today()).next
    return step.due if step is not None and row.state != Sponsorship.State.ENDED else None


def _slow(rows: QuerySet, value: str) -> QuerySet:
    """Open cases of which a step, or the whole, is past its day; ``extended``: that were given more time."""
    if value == "extended":
        return rows.filter(extended__gt=0)
    late = Exists(Milestone.objects.filter(sponsorship=OuterRef("pk"), done_on=None, due__lt=today()))
    past = Q(due__lt=today()) if value == "due" else late
    return rows.filter(past).exclude(state=Sponsorship.State.ENDED)


_SLOW = (("step", "步骤已过期"), ("due", "化解期限已过"), ("extended", "批准过延期"))


def _visit_url(visit: Any) -> str:
    return reverse("visits:visit", args=[visit.ref])


def begin() -> None:
    """Register the ledgers (AppConfig.ready)."""
    register(VISITS, *_VISITS_READY)
    register(RECEPTIONS, *_RECEPTIONS_READY)
    register(SPONSORED, *_SPONSORED_READY)


VISITS = Ledger(
    code="visits", label="接访下访台账", about="每行是一位领导的一场接访或下访（《信访工作条例》第十八条）。",
    columns=(
        Column("day", "日期", lambda row: row.day, "day"),
        Column("leader", "领导", lambda row: row.leader.user.name, "title", 12),
        Column("office", "职务", lambda row: row.leader_title, width=20),
        Column("form", "形式", lambda row: row.get_form_display()),
        Column("topic", "主题", lambda row: row.topic, width=30),
        Column("place", "地点", lambda row: row.place.name, "name", 24),
        Column("parties", "接待批次", lambda row: row.parties, "number", 10),
        Column("status", "状态", lambda row: row.get_status_display()),
    ),
    choices=(state_choice(tuple(Status.choices), "status"), state_choice(tuple(Form.choices), "form", "形式")),
    orders=(Order("newest", "最近", "day"), Order("oldest", "最早", "day", ascending=True)),
    day="day", rows=_visits, url=_visit_url, open_to=_inside,
)  # fmt: skip
_VISITS_READY = (
    Ready("本年下访", "今年领导到基层的", f"{PAGE}visits",
          lambda day: urlencode({"form": "down_visit", "first": day.replace(month=1, day=1)})),
    Ready("已举行的接访下访", "已经举行的，最近的在前", f"{PAGE}visits", lambda day: urlencode({"status": "held"})),
)  # fmt: skip

RECEPTIONS = Ledger(
    code="receptions", label="接访登记台账", about="每行是接待的一批群众；不列姓名，姓名在接访登记表里。",
    columns=(
        Column("code", "接访编号", lambda row: row.code, "ref", 18),
        Column("day", "日期", lambda row: row.day, "day"),
        Column("leader", "接访领导", lambda row: row.visit.leader.user.name, "title", 12),
        Column("place", "地点", lambda row: row.visit.place.name, "name", 24),
        Column("people", "人数", lambda row: row.people, "number", 8),
        Column("matters", "登记事项", lambda row: row.matters, "number", 10),
        Column("state", "状态", lambda row: row.get_state_display()),
    ),
    choices=(state_choice(tuple(Reception.State.choices)),),
    orders=(Order("newest", "最近", "day"), Order("oldest", "最早", "day", ascending=True)),
    day="day", rows=_receptions, url=lambda row: _visit_url(row.visit), open_to=_inside,
)  # fmt: skip
_RECEPTIONS_READY = (
    Ready("本年接访", "今年已接谈的", f"{PAGE}receptions",
          lambda day: urlencode({"state": "done", "first": day.replace(month=1, day=1)})),
)  # fmt: skip

SPONSORED = Ledger(
    code="sponsorships", label="领导包案台账", about="每行是一件领导包案，从包案到销号。",
    columns=(
        Column("number", "包案编号", lambda row: row.number, "ref", 18),
        Column("title", "事项", matters_title, "title", 48),
        Column("sponsor", "包案领导", lambda row: row.sponsor.user.name, "name", 12),
        Column("unit", "责任单位", lambda row: row.unit.short_name, "name", 18),
        Column("taken", "包案日期", lambda row: row.taken_on, "day"),
        Column("due", "化解期限", lambda row: row.due, "day"),
        Column("progress", "进度", lambda row: progress(row.milestones.all(), today()).words, width=14),
        Column("next", "下一步期限", _next_day, "day"),
        Column("measures", "措施", lambda row: row.measures, width=24),
        Column("extended", "延期次数", lambda row: row.extended, "number", 10),
        Column("state", "状态", lambda row: row.get_state_display()),
        Column("result", "结果", lambda row: row.get_result_display() if row.result else ""),
        Column("ended", "销号日期", lambda row: row.ended_on, "day"),
    ),
    choices=(
        state_choice((("-ended", "未销号"), *Sponsorship.State.choices)),
        state_choice(tuple((value, label) for value, label in Sponsorship.Result.choices if value), "result", "结果"),
        Choice("slow", "进度", lambda: _SLOW, _slow),
    ),
    orders=(Order("newest", "最近包案", "taken_on"), Order("due", "期限先到", "due", ascending=True)),
    day="taken_on", rows=_sponsored, url=lambda row: reverse("visits:sponsorship", args=[row.ref]),
    open_to=lambda actor: _inside(actor) or not scope_of(actor).empty,
)  # fmt: skip
_SPONSORED_READY = (
    Ready("步骤已过期的包案", "方案里有一步过了期限还没有完成的", f"{PAGE}sponsorships", lambda day: urlencode({"slow": "step", "sort": "due"})),
    Ready("待核查包案", "已报请核查，等信访部门核查销号的", f"{PAGE}sponsorships", lambda day: urlencode({"state": "reported", "sort": "due"})),
    Ready("未销号包案", "还没有销号的，期限先到的在前", f"{PAGE}sponsorships", lambda day: urlencode({"state": "-ended", "sort": "due"})),
    Ready("已化解销号", "核查认定已化解的", f"{PAGE}sponsorships", lambda day: urlencode({"result": "settled"})),
)  # fmt: skip
