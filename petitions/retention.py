"""For how long is a file kept?  The national table's periods, and what a place has laid down beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment
from accounts.manage import changed, check_manages
from petitions.law import archive
from petitions.law.archive import GROUNDS, label_of, shorter
from petitions.models import Petition, RetentionRule

_RESULTS = ("opinion", "settled", "duty", "suggestion", "direct_reply")


@dataclass(frozen=True)
class Period:
    """How long a file is kept at least, why, and by which rule.  ``years`` is ``None`` for good."""

    ground: str
    years: int | None
    source: str

    @property
    def words(self) -> str:
        """The period and its ground."""
        return f"{label_of(self.years)}（{GROUNDS[self.ground].label}）"


def ground_of(petition: Petition) -> str:
    """Return the first ground of the national table that fits; a file of two is kept by the longer."""
    answered = petition.outcome in _RESULTS or petition.proceedings.filter(kind__in=["review", "rereview"]).exists()
    if not answered:
        return "other"
    return "instructed" if petition.instructions.exclude(written_on=None).exists() else "answered"


def least(petition: Petition, day: date) -> Period:
    """Return how long the file of ``petition`` is kept at least, by the rules in force on ``day``."""
    return least_of(ground_of(petition), day)


def least_of(ground: str, day: date) -> Period:
    """Return how long files of ``ground`` are kept at least, by the rules in force on ``day``."""
    row = in_force(day).filter(ground=ground).order_by("-valid_from").first()
    if row is not None:
        return Period(ground, row.years, row.source)
    return Period(ground, GROUNDS[ground].years, archive.SOURCE)


def in_force(day: date) -> QuerySet[RetentionRule]:
    """Return the rules that hold on ``day``."""
    return RetentionRule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


def add(*, by: Actor, ground: str, years: int | None, source: str, valid_from: date) -> RetentionRule:
    """Add a rule of the place; the one before it of the same ground ends the day before.

    Raises:
        WrongPerson, BadInput: it is shorter than the national table, or begins in the past.
    """
    check_manages(by, "retention")
    if ground not in GROUNDS:
        raise BadInput({"ground": "请选择情形。"})
    national = GROUNDS[ground].years
    if shorter(years, national):
        why = f"国家规定这一类保管{label_of(national)}，地方规则只能更长。"
        raise BadInput({"years": why}, rule=archive.SOURCE)
    if valid_from < today():
        raise BadInput({"valid_from": "从今天或以后的某天起施行；已经归档的案卷期限不变。"})
    with transaction.atomic():
        others = RetentionRule.objects.select_for_update().filter(ground=ground)
        if others.filter(valid_from__gte=valid_from).exists():
            raise BadInput({"valid_from": "已有同一天或更晚施行的规则，请先结束那一条。"})
        others.filter(valid_to=None).update(valid_to=valid_from - timedelta(days=1))
        row = RetentionRule.objects.create(ground=ground, years=years, source=source, valid_from=valid_from)
        changed(by, "retention", "新增保管期限规则", after=facts(row), reason=source)
    return row


def end(row: RetentionRule, *, by: Actor, reason: str) -> None:
    """Let a rule hold until yesterday; one that has not begun is taken back.  Files keep the period they were given.

    Raises:
        WrongPerson, WrongMoment: it has ended before.
    """
    check_manages(by, "retention")
    yesterday = today() - timedelta(days=1)
    with transaction.atomic():
        fresh = RetentionRule.objects.select_for_update().filter(pk=row.pk).first()
        if fresh is None or (fresh.valid_to is not None and fresh.valid_to <= yesterday):
            raise WrongMoment("这条规则已经结束。", rule="保管期限规则")
        changed(by, "retention", "结束保管期限规则", before=facts(fresh), reason=reason)
        if fresh.valid_from > yesterday:
            fresh.delete()
        else:
            RetentionRule.objects.filter(pk=fresh.pk).update(valid_to=yesterday)


def facts(row: RetentionRule) -> dict[str, object]:
    """Return a rule's fields by their names on the page."""
    return {
        "情形": GROUNDS[row.ground].label, "期限": label_of(row.years), "依据": row.source, "自": row.valid_from,
        "至": row.valid_to or "",
    }  # fmt: skip
