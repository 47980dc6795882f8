"""Which ledgers do visits keep?  Visits, receptions, the matters heard, sponsored cases: the rows that are there, registered with `petitions.ledgers`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Post, Role
from petitions import lifecycle, trees
from petitions.access import scope_of
from petitions.ledgers import (
    PAGE,
    Choice,
    Column,
    Ledger,
    Order,
    Ready,
    Value,
    matter_seen,
    matters_title,
    register,
    state_choice,
)
from visits import access, indicators
from visits.actions.milestones import progress
from visits.models import Form, Kind, Milestone, Outcome, Place, Receiver, Reception, Sponsorship, Status, Visit


def _inside(actor: Actor) -> bool:
    """Whoever sees rooms of visits from inside: the petition office, and leaders."""
    return access.office_of(actor) is not None or actor.role == Role.LEADER


def _visits(actor: Actor) -> QuerySet:
    return access.rooms_of(actor).select_related("leader__user", "place").annotate(parties=Count("receptions"))


def _receptions(actor: Actor) -> QuerySet:
    rows = access.receptions_of(actor).select_related("visit__leader__user", "visit__place")
    return rows.annotate(matters=Count("outcomes"))


def _matters(actor: Actor) -> QuerySet:
    rows = Outcome.objects.filter(reception__visit__in=access.rooms_of(actor))
    taken_on = Exists(Sponsorship.objects.filter(petition=OuterRef("petition")))
    marked = rows.annotate(seen=matter_seen(actor), taken_on=taken_on, again=Exists(_brought_again(actor)))
    return marked.select_related(
        "petition__category", "petition__region", "reception__visit__leader__user", "reception__visit__place", "unit"
    )


def _brought_again(actor: Actor) -> QuerySet:
    """The row itself, where its matter was brought again within ninety days: about the matter, no visit of anybody is counted."""
    return Outcome.objects.filter(indicators.again(actor), pk=OuterRef("pk"))


def _of_seen(value: Callable[[Any], Value]) -> Callable[[Any], Value]:
    """What the matter itself says, for whoever sees it."""
    return lambda row: value(row) if row.seen else ""


def _state_of(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(petition__closed_on__isnull=value == "open")


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


# --- conditions: which unit, which leader, which place -----------------------------------------------------------------


def _leaders(actor: Actor) -> Sequence[trees.Option]:
    """Who receives for the actor's office, in the visits that he sees from inside, or has taken on a case that he sees."""
    office = Receiver.objects.filter(office_id=access.office_of(actor)).values("post")
    whose = Q(pk__in=office) | Q(pk__in=access.rooms_of(actor).values("leader"))
    whose |= Q(pk__in=access.sponsorships_of(actor).values("sponsor"))
    return trees.flat(Post.objects.filter(whose).order_by("user__name", "pk").values_list("pk", "user__name"))


def _places(actor: Actor) -> Sequence[trees.Option]:
    """The places of the actor's office or of the one that plans for him, of visits and of sponsored cases that he sees."""
    where = Q(pk__in=access.places_of(actor)) | Q(pk__in=access.rooms_of(actor).values("place"))
    where |= Q(pk__in=access.sponsorships_of(actor).values("outcome__reception__place"))
    return trees.flat(Place.objects.filter(where).values_list("pk", "name"))


def _chosen(code: str, label: str, options: Callable[[], Sequence[trees.Option]], field: str) -> Choice:
    """A condition of one body by its id."""
    return Choice(code, label, options, lambda rows, value: rows.filter(**{field: int(value)}))


def _own(code: str, label: str, mine: Callable[[Actor], Sequence[trees.Option]], field: str) -> Choice:
    """A condition of one leader or place by its id, of those that the reader has."""
    return replace(_chosen(code, label, tuple, field), mine=mine)


def _along(rows: QuerySet, value: str) -> QuerySet:
    """Visits that a unit accompanied: asked beside, since the row counts its parties."""
    with_it = Visit.units.through.objects.filter(visit=OuterRef("pk"), department=int(value))
    return rows.filter(Exists(with_it))


def _visit_url(visit: Any) -> str:
    return reverse("visits:visit", args=[visit.ref])


def begin() -> None:
    """Register the ledgers (AppConfig.ready)."""
    register(VISITS, *_VISITS_READY)
    register(RECEPTIONS, *_RECEPTIONS_READY)
    register(MATTERS, *_MATTERS_READY)
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
    choices=(
        state_choice(tuple(Status.choices), "status"), state_choice(tuple(Form.choices), "form", "形式"),
        _own("leader", "领导", _leaders, "leader"), Choice("unit", "陪同单位", trees.bodies, _along), _own("place", "地点", _places, "place"),
    ),
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
    choices=(
        state_choice(tuple(Reception.State.choices)), _own("leader", "接访领导", _leaders, "visit__leader"), _own("place", "地点", _places, "place"),
    ),
    orders=(Order("newest", "最近", "day"), Order("oldest", "最早", "day", ascending=True)),
    day="day", rows=_receptions, url=lambda row: _visit_url(row.visit), open_to=_inside,
)  # fmt: skip
_RECEPTIONS_READY = (
    Ready("本年接访", "今年已接谈的", f"{PAGE}receptions",
          lambda day: urlencode({"state": "done", "first": day.replace(month=1, day=1)})),
)  # fmt: skip

MATTERS = Ledger(
    code="received", label="接谈事项台账", about="每行是接谈的一件事项和它的结果；不列姓名。",
    columns=(
        Column("number", "编号", lambda row: row.petition.number, "ref", 22),
        Column("code", "接访编号", lambda row: row.reception.code, "ref", 18),
        Column("day", "接谈日期", lambda row: row.recorded_on, "day"),
        Column("leader", "接访领导", lambda row: row.reception.visit.leader.user.name, "name", 12),
        Column("title", "主要问题", matters_title, "title", 48),
        Column("category", "内容分类", _of_seen(lambda row: row.petition.category.name if row.petition.category else ""), width=20),
        Column("region", "发生地", _of_seen(lambda row: row.petition.region.name if row.petition.region else ""), width=16),
        Column("origin", "产生原因", _of_seen(lambda row: row.reception.origin), "title", 40),
        Column("kind", "处理意见", lambda row: row.get_kind_display()),
        Column("unit", "责任单位", lambda row: row.unit.short_name if row.unit else "", "name", 18),
        Column("due", "期限", lambda row: row.due, "day"),
        Column("sponsored", "包案", lambda row: "包案" if row.taken_on else ""),
        Column("stage", "现在", lambda row: lifecycle.STAGES[row.petition.stage]),
        Column("closed", "办结日期", lambda row: row.petition.closed_on, "day"),
        Column("again", "90日内再次来件", lambda row: "是" if row.again else ""),
    ),
    choices=(
        Choice("state", "状态", lambda: (("open", "未办结", 0), ("closed", "已办结", 0)), _state_of),
        state_choice(tuple(Kind.choices), "kind", "处理意见"),
        _chosen("unit", "责任单位", trees.bodies, "unit"), _own("leader", "接访领导", _leaders, "reception__visit__leader"),
        _own("place", "地点", _places, "reception__place"),
    ),
    orders=(
        Order("newest", "最近", "recorded_on"), Order("oldest", "最早", "recorded_on", ascending=True),
        Order("due", "期限先到", "due", ascending=True),
    ),
    day="recorded_on", rows=_matters, open_to=_inside,
    url=lambda row: reverse("petitions:case", args=[row.petition.ref]) if row.seen else _visit_url(row.reception.visit),
)  # fmt: skip
_MATTERS_READY = (
    Ready("接谈以后还没有办结的", "期限先到的在前", f"{PAGE}received", lambda day: urlencode({"state": "open", "sort": "due"})),
    Ready("本年接谈的事项", "今年接谈的，最近的在前", f"{PAGE}received", lambda day: urlencode({"first": day.replace(month=1, day=1)})),
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
        Choice("slow", "进度", lambda: trees.flat(_SLOW), _slow),
        _own("sponsor", "包案领导", _leaders, "sponsor"), _chosen("unit", "责任单位", trees.bodies, "unit"),
        _own("place", "接访地点", _places, "outcome__reception__place"),
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
