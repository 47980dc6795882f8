"""The plan: a month, a quarter or a year of visits with what it breaks beside it; drafting, adding, approving and publishing it."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.dates import today
from petitions.errors import NotSeen
from petitions.models import Pattern
from petitions.patterns import reading as patterns
from petitions.patterns.reading import name_of
from petitions.views.answers import actor_of
from petitions.workdays import Calendar
from visits import access, book
from visits.actions import plan as verbs
from visits.actions.notice import publish
from visits.checking import check
from visits.forms.plan import PERIODS, SpanForm, VisitForm, span_of
from visits.models import Form, Status, Visit
from visits.planbook import reason
from visits.views import kit

TONES = {
    Status.DRAFT: "wait", Status.APPROVED: "active", Status.PUBLISHED: "active", Status.HELD: "done", Status.CANCELLED: "stop",
    Status.SWAPPED: "stop",
}  # fmt: skip


SPANS = {"month": ("本月", 1), "quarter": ("本季", 3), "year": ("本年", 12)}


def month_of(text: str) -> date:
    """Return the first day of the month named ("2026-12"), or of this one."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today().replace(day=1)


def _turn(first: date, months: int) -> str:
    count = first.month - 1 + months
    return f"{first.year + count // 12}-{count % 12 + 1:02d}"


@dataclass(frozen=True)
class Span:
    """What is shown: a month, a quarter or a year, from its first day to its last."""

    code: str
    first: date
    months: int

    @classmethod
    def of(cls, asked: QueryDict) -> Span:
        """As an address or a button says; the month where it says nothing."""
        code = asked.get("span", "")
        code = code if code in SPANS else "month"
        months, first = SPANS[code][1], month_of(asked.get("month", ""))
        return cls(code, first.replace(month=(first.month - 1) // months * months + 1), months)

    @property
    def last(self) -> date:
        """Its last day."""
        return month_of(_turn(self.first, self.months)) - timedelta(days=1)

    @property
    def words(self) -> str:
        """What it is called."""
        year, month = self.first.year, self.first.month
        return {"month": f"{year}年{month}月", "quarter": f"{year}年第{(month + 2) // 3}季度", "year": f"{year}年"}[
            self.code
        ]

    @property
    def this(self) -> str:
        """What it is called where one is in it."""
        return SPANS[self.code][0]

    def turned(self, by: int) -> str:
        """The address of the one before or after."""
        return f"?span={self.code}&month={_turn(self.first, by * self.months)}"

    @property
    def firsts(self) -> list[date]:
        """The first day of each of its months."""
        return [month_of(_turn(self.first, number)) for number in range(self.months)]


@require_safe
@kit.page
def plan(request: HttpRequest) -> HttpResponse:
    """A month, a quarter or a year as a calendar, and what is not in order with it."""
    actor = actor_of(request)
    span = Span.of(request.GET)
    first, last = span.first, span.last
    rows = list(
        access.visible_to(actor)
        .filter(day__range=(first, last))
        .select_related("leader__user", "place")
        .order_by("day", "starts", "room")
    )
    inside = access.office_of(actor) is not None
    calendar = book.calendar(first - timedelta(days=7), last + timedelta(days=7))
    context = {
        "span": span, "before": span.turned(-1), "after": span.turned(1), "inside": inside,
        "months": [_month(day, rows, calendar) for day in span.firsts],
        "spans": [{"label": label[1], "url": f"?span={code}&month={first:%Y-%m}", "on": code == span.code} for code, (label, _) in SPANS.items()],
        "plans": access.may(actor, access.DESK), "heads": actor.role == "office_head" and inside,
        "drafts": sum(row.status == Status.DRAFT for row in rows), "approved": sum(row.status == Status.APPROVED for row in rows),
        "breaches": _breaches(actor, first, last) if inside else [], "count": len(rows), "leads": access.receives(actor),
    }  # fmt: skip
    return render(request, "visits/plan.html", context)


def _month(first: date, rows: list[Visit], calendar: Calendar) -> dict[str, Any]:
    mine = [row for row in rows if (row.day.year, row.day.month) == (first.year, first.month)]
    return {"first": first, "count": len(mine), "weeks": _weeks(first, mine, calendar), "url": f"?month={first:%Y-%m}"}


def _weeks(first: date, rows: list[Visit], calendar: Calendar) -> list[list[dict[str, Any]]]:
    by_day: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append({"row": row, "url": kit.url("visit", row.ref), "tone": TONES[Status(row.status)]})
    now = today()
    return [
        [
            {
                "day": day,
                "other": day.month != first.month,
                "today": day == now,
                "visits": by_day[day],
                "rest": not calendar.is_workday(day),
                "off": calendar.names.get(day, "") if (day.weekday() >= 5) == calendar.is_workday(day) else "",
            }
            for day in week
        ]
        for week in Weeks().monthdatescalendar(first.year, first.month)
    ]


def _breaches(actor: Actor, first: date, last: date) -> list[Any]:
    office_id = access.office_of(actor)
    assert office_id is not None
    facts = book.facts_for(
        actor, actor.department if actor.department.pk == office_id else _office(office_id), first, last
    )
    ahead = [row for row in facts.kept if row.day >= facts.today]
    return [breach for breach in check(facts.kept, facts) if breach.row is None or breach.row in ahead]


def _office(pk: int) -> Any:
    from accounts.models import Department

    return Department.objects.get(pk=pk)


@require_http_methods(["GET", "POST"])
@kit.page
def draft(request: HttpRequest) -> HttpResponse:
    """Draft a month, a quarter or a year: first to look at, then to keep."""
    actor = actor_of(request)
    access.check(actor, access.DESK, "编制接访计划")
    period = request.GET.get("period", "month")
    first, last = span_of(period if period in PERIODS else "month")
    form = SpanForm(kit.data(request), initial={"first": first, "last": last})

    def write(data: dict[str, Any]) -> str:
        made = verbs.draft_plan(actor, data["first"], data["last"], _period(data["first"], data["last"]))
        return f"{kit.url('plan')}?month={(made[0].day if made else data['first']):%Y-%m}"

    more: dict[str, Any] = {"periods": [{"label": label, "url": f"?period={code}"} for code, label in PERIODS.items()]}
    if request.method == "POST" and "look" in request.POST and form.is_valid():
        more |= _looked(actor, form)
        return render(request, "visits/draft.html", {"form": form, "back": kit.url("plan"), **more})
    return kit.form_page(
        request, form, write, heading="编制计划", button="写入计划（草稿）", back=kit.url("plan"), more=more,
        done="已写入草稿，请核对后由负责人审定。", template="visits/draft.html",
    )  # fmt: skip


def _looked(actor: Actor, form: SpanForm) -> dict[str, Any]:
    found = verbs.look(actor, form.cleaned_data["first"], form.cleaned_data["last"])
    facts = found.facts
    shown = [{"row": row, "leader": facts.leaders[row.leader].name, "place": facts.sites[row.site].name,
              "why": reason(facts.leaders[row.leader], facts.sites[row.site]),
              "backup": facts.leaders[row.backup].name if row.backup else ""} for row in found.rows]  # fmt: skip
    return {"looked": True, "rows": shown, "breaches": found.breaches, "stands": len(facts.kept)}


def _period(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    if (last - first).days > 100:
        return f"{first.year}"
    return f"{first.year}-Q{(first.month - 1) // 3 + 1}"


@require_http_methods(["GET", "POST"])
@kit.page
def add(request: HttpRequest) -> HttpResponse:
    """Add one visit."""
    actor = actor_of(request)
    office = access.check(actor, access.DESK, "编制接访计划")
    pattern = _pattern(actor, request.GET.get("pattern", ""))
    first = {name: request.GET.get(name, "") for name in ("day", "place", "topic", "form")}
    first = {name: value for name, value in first.items() if value} | (_about(pattern) if pattern else {})
    form = VisitForm(kit.data(request), office_id=office.pk, initial=first)

    def run(data: dict[str, Any]) -> str:
        made = verbs.add(actor, **data) if pattern is None else verbs.add_about(actor, pattern, **data)
        return kit.url("visit", made.ref)

    intro = f"由苗头预警转来：{name_of(pattern)}。" if pattern else ""
    return kit.form_page(
        request, form, run, heading="增加一场接访", button="增加", back=kit.url("plan"), done="已增加，待审定。", intro=intro,
    )  # fmt: skip


def _pattern(actor: Actor, ref: str) -> Pattern | None:
    """The warning that the visit is about, if the address names one."""
    if not ref:
        return None
    found = patterns.visible_to(actor).filter(ref=ref).first()
    if found is None:
        raise NotSeen
    return found


def _about(pattern: Pattern) -> dict[str, Any]:
    """What the form begins with: the topic, and the form that fits one."""
    return {"topic": name_of(pattern)[:80], "form": Form.THEMATIC}


def _of_span(actor: Actor, span: Span, status: Status) -> list[Visit]:
    return list(access.rooms_of(actor).filter(day__range=(span.first, span.last), status=status))


@require_POST
@kit.page
def approve_month(request: HttpRequest) -> HttpResponse:
    """Approve what is drafted in the month, quarter or year shown."""
    actor, span = actor_of(request), Span.of(request.POST)
    return kit.press(
        request, lambda: verbs.approve(actor, _of_span(actor, span, Status.DRAFT)), back=f"{kit.url('plan')}{span.turned(0)}",
        done=f"{span.words}的草稿已审定。",
    )  # fmt: skip


@require_POST
@kit.page
def publish_month(request: HttpRequest) -> HttpResponse:
    """Publish what is approved in the month, quarter or year shown."""
    actor, span = actor_of(request), Span.of(request.POST)
    rows = _of_span(actor, span, Status.APPROVED)
    back = f"{kit.url('plan')}{span.turned(0)}"
    return kit.press(request, lambda: publish(actor, rows), back=back, done=f"已公示{len(rows)}场。")
