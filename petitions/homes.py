"""What is on a person's desk today?  Drafts, today's queue, what waits for a leader, what went wrong by unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from accounts.models import AccessKind, AccessLog, Delegation, Department, Post, Role, User
from petitions import lifecycle
from petitions.access import scope_of, unit_of, visible_to
from petitions.models import (
    CalendarYear,
    Category,
    Dispute,
    Draft,
    Filing,
    Instruction,
    LocalRule,
    Measure,
    Notice,
    Petition,
    Proceeding,
    Rating,
    Supervision,
    UrgentReport,
)
from petitions.querysets import units_of
from petitions.trays import QUESTIONS, by_duty, by_unit

QUEUE = 50
SHORT = 10


def todays_filings(actor: Actor, day: date) -> QuerySet[Filing]:
    """What the actor's office registered on ``day``, the newest first."""
    since = datetime.combine(day, time.min, SHANGHAI)
    rows = Filing.objects.filter(office_id=unit_of(actor), recorded_at__gte=since, petition__in=visible_to(actor))
    return rows.select_related("petition", "registrar__user").order_by("-recorded_at")[:QUEUE]


def without_receipt(filings: Iterable[Filing], actor: Actor) -> list[Filing]:
    """Return what the actor himself registered among ``filings`` and whose receipt nobody has printed yet."""
    mine = [row for row in filings if row.registrar_id == actor.post.pk]
    targets = [f"filing:{row.ref}" for row in mine]
    printed = set(AccessLog.objects.filter(kind=AccessKind.PRINT, target__in=targets).values_list("target", flat=True))
    return [row for row in mine if f"filing:{row.ref}" not in printed]


def drafts_of(actor: Actor) -> QuerySet[Draft]:
    """The actor's unfinished registrations, the latest first."""
    return Draft.objects.filter(post=actor.post, registered=None).defer("fields").order_by("-saved_at")[:SHORT]


def instructions_of(leader: Actor, seen: QuerySet[Petition]) -> tuple[list[Instruction], list[Instruction]]:
    """What is laid before the leader and waits for words, the oldest first; what was written, the latest first.

    Args:
        seen: what the leader sees, asked once.
    """
    rows = Instruction.objects.filter(leader=leader.post, petition__in=seen)
    rows = rows.select_related("petition__responsible", "department")
    asked = rows.filter(state="asked").order_by("asked_on", "pk")[:QUEUE]
    written = rows.exclude(state="asked").order_by("-written_on", "-pk")[:SHORT]
    both = list(asked.union(written, all=True))  # one question instead of two
    return (
        sorted((row for row in both if row.state == "asked"), key=lambda row: (row.asked_on, row.pk)),
        sorted(
            (row for row in both if row.state != "asked"),
            key=lambda row: (row.written_on or date.min, row.pk),
            reverse=True,
        ),
    )


@dataclass(frozen=True)
class Trouble:
    """What went wrong at one unit, and since when.

    Attributes:
        late: how many matters are overdue there, as the unit's tab counts them.
        duties: which duties, by their code, with how many matters, the commonest first.
        longest: days by which the worst is overdue.
        supervisions: how many of it have not ended, as the ledger lists them.
    """

    unit: Department
    late: int
    duties: tuple[tuple[str, int], ...]
    longest: int
    supervisions: int


def trouble_by_unit(actor: Actor, day: date) -> list[Trouble]:
    """Return the units in scope with overdue matters or open supervisions, in the order of the tree: nobody is ranked by it."""
    late, duties = by_unit(actor, QUESTIONS["overdue"], day=day), by_duty(actor, day=day)
    open_ = Supervision.objects.exclude(state="ended").filter(petition__in=visible_to(actor).values("pk"))
    units = units_of(scope_of(actor))
    if units is not None:
        open_ = open_.filter(department__in=units)
    watched = dict(open_.values_list("department_id").annotate(many=Count("pk")).order_by())
    found = Department.objects.filter(pk__in={*late, *watched}).order_by("path", "pk")
    return [_trouble(unit, late.get(unit.pk, (0, None)), duties.get(unit.pk, []), watched.get(unit.pk, 0), day) for unit in found]  # fmt: skip


def _trouble(
    unit: Department, late: tuple[int, date | None], duties: list[tuple[str, int]], supervisions: int, day: date
) -> Trouble:
    many, first = late
    return Trouble(unit, many, tuple(duties), (day - first).days if first else 0, supervisions)


def supervised(petitions: Iterable[Petition]) -> set[tuple[int, int]]:
    """Return which unit is supervised now about which of ``petitions``: (petition, department) ids."""
    rows = Supervision.objects.filter(petition__in=[row.pk for row in petitions]).exclude(state="ended")
    return set(rows.values_list("petition_id", "department_id"))


def answered_supervisions(actor: Actor) -> QuerySet[Supervision]:
    """Supervisions that the unit has answered and nobody has ended, the oldest answer first."""
    rows = Supervision.objects.filter(state="answered", petition__in=visible_to(actor))
    return rows.select_related("petition", "department").order_by("answered_on", "pk")


def disputes_before(actor: Actor) -> QuerySet[Dispute]:
    """Disputes of competence that reached the joint conference and wait for its word, the oldest first (Art.24)."""
    rows = Dispute.objects.filter(state="conference", petition__in=visible_to(actor))
    rows = rows.filter(petition__stage__in=lifecycle.OPEN_STAGES)
    return rows.select_related("petition").order_by("asked_on", "pk")[:QUEUE]


def measures_before(actor: Actor) -> QuerySet[Measure]:
    """Measures proposed, running and reported on, the oldest first (Art.39 ¶3)."""
    rows = Measure.objects.filter(state__in=["proposed", "decided", "answered"], petition__in=visible_to(actor))
    return rows.select_related("petition", "department", "supervision").order_by("proposed_on", "pk")[:QUEUE]


def urgent_among(seen: QuerySet[Petition]) -> list[UrgentReport]:
    """Major and urgent matters that are not over yet, the oldest report first (Art.25); ``seen``: what the reader sees."""
    rows = UrgentReport.objects.filter(state="reported", petition__in=seen)
    return list(rows.select_related("petition", "department").order_by("reported_on", "pk")[:SHORT])


def notices_of(actor: Actor) -> QuerySet[Notice]:
    """The post's own notices, the newest first."""
    rows = Notice.objects.filter(post=actor.post, channel="desk").select_related("petition")
    return rows.order_by("-made_at", "-pk")


def notices_after(actor: Actor, pk: int) -> QuerySet[Notice]:
    """What follows the post's notice ``pk`` on the list; everything where there is no such notice."""
    rows = notices_of(actor)
    last = rows.filter(pk=pk).first()
    return rows if last is None else rows.filter(Q(made_at__lt=last.made_at) | Q(made_at=last.made_at, pk__lt=pk))


def flagged_ratings(size: int = 50) -> QuerySet[Rating]:
    """Ratings given within 24 hours of a reprinted query code, the newest first: for audit only."""
    rows = Rating.objects.filter(flagged=True).select_related("petition", "filing", "department")
    return rows.order_by("-rated_at")[:size]


def open_work_of(posts: Iterable[Post]) -> dict[int, int]:
    """Return how many runs of handling are on the desk of each of ``posts``: numbers, for whoever ends a post."""
    rows = Proceeding.objects.filter(handler__in=[post.pk for post in posts])
    rows = rows.exclude(state__in=lifecycle.FINAL_STATES["proceeding"])
    return dict(rows.values_list("handler_id").annotate(many=Count("pk")).order_by())


# --- administrators: numbers of things, never a matter -------------------------------------------------------------

Facts = list[tuple[str, str]]


def kept_by_system_admin(day: date) -> Facts:
    """What the system administrator looks after: the tree, contents, days off, what could not be sent."""
    years = sorted(CalendarYear.objects.filter(year__gte=day.year).values_list("year", flat=True))
    missing = [f"{year}年尚未录入" for year in (day.year, day.year + 1) if year not in years]
    notices = dict(
        Notice.objects.filter(state__in=["waiting", "failed"]).values_list("state").annotate(Count("pk")).order_by()
    )
    return [
        ("在用单位", f"{Department.objects.in_force(day).count()} 个"),
        ("在任岗位", f"{Post.objects.in_force(day).exclude(role=Role.SYSTEM).count()} 个"),
        ("内容分类", f"{Category.objects.filter(active=True).count()} 项"),
        ("地方规则", f"{LocalRule.objects.filter(valid_to=None).count()} 条"),
        ("节假日", "，".join(missing) or f"已录入至{max(years)}年"),
        ("待发通知", f"{notices.get('waiting', 0)} 条"),
        ("没有发出的通知", f"{notices.get('failed', 0)} 条"),
    ]


def kept_by_security_admin(now: datetime) -> Facts:
    """What the security administrator looks after: accounts, powers lent, sign-ins that failed."""
    day = now.astimezone(SHANGHAI).date()
    failed = AccessLog.objects.filter(kind=AccessKind.SIGN_IN_FAILED, at__gte=now - timedelta(hours=24))
    users = User.objects.filter(is_active=True)
    lent = Delegation.objects.filter(valid_from__lte=day, valid_to__gte=day)
    return [
        ("在用帐号", f"{users.count()} 个"),
        ("须改密码的帐号", f"{users.filter(must_change_password=True).count()} 个"),
        ("停用帐号", f"{User.objects.filter(is_active=False).count()} 个"),
        ("现行代签", f"{lent.count()} 项"),
        ("24小时内登录失败", f"{failed.count()} 次"),
    ]
