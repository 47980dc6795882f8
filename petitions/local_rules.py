"""Which limits does this place set for itself?  Rows with the days they hold; tighter than the law, or none.

A local rule may tighten an office's duty; it never lengthens one, and never touches a window in which a petitioner or a unit
may act (house.md §3).  A clock keeps the rule it began under, so that ending or adding a rule moves nothing that runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment
from accounts.manage import changed, check_manages
from petitions import lifecycle
from petitions.lifecycle import ClockRule
from petitions.models import LocalRule

WEEK, WORKDAYS = 7, 5
LONGEST = 365


def settable() -> Mapping[str, ClockRule]:
    """The clocks that a local rule may set: duties of offices whose length is not set case by case."""
    clocks = {code: rule for code, rule in lifecycle.CLOCKS.items() if not rule.window and rule.length}
    return clocks | dict(lifecycle.NUMBERS)


def fewest_days(length: int, *, working: bool) -> int:
    """Return the calendar days that ``length`` days take at the very least: working days without a holiday between."""
    return length + (length - 1) // WORKDAYS * (WEEK - WORKDAYS) if working else length


def refusal(code: str, value: int, *, working: bool) -> str:
    """Return why a rule cannot be taken, with the article; ``""`` where it can."""
    rule = lifecycle.CLOCKS.get(code) or lifecycle.NUMBERS.get(code)
    if rule is None:
        return "没有这个时限。"
    article = f"《{lifecycle.TEXT}》{rule.article}"
    if rule.window:
        return f"“{rule.label}”是法定的申请、异议期限，地方不得缩短或延长（{article}）。"
    if code not in settable():
        return f"“{rule.label}”由交办或批示的机关逐件确定，不设地方规则。"
    if not 1 <= value <= LONGEST:
        return f"天数在1到{LONGEST}之间。"
    if rule.capped and value > rule.length:
        return f"“{rule.label}”最多{rule.length}日：复核中听证的时间不计入期限，不能再延长（{article}）。"
    if rule.local:
        return ""
    kind = "个工作日" if rule.working else "日"
    if _always_longer(rule, value, working=working):
        return f"“{rule.label}”的法定期限是{rule.length}{kind}，地方规则只能更严，不能延长（{article}）。"
    return ""


def _always_longer(rule: ClockRule, value: int, *, working: bool) -> bool:
    """Whether the rule could never end a duty earlier.  Where it sometimes would, the earlier of the two days counts."""
    if rule.working == working:
        return value > rule.length
    return fewest_days(value, working=working) > fewest_days(rule.length, working=rule.working)


def add(
    *, by: Actor, code: str, value: int, working: bool, source: str, valid_from: date, valid_to: date | None = None
) -> LocalRule:
    """Add a rule that holds from ``valid_from`` to ``valid_to`` (Asia/Shanghai dates, both included; None: until ended).

    A rule of the same code that is open ends on the day before.

    Raises:
        WrongPerson, BadInput: it is longer than the law, or two rules would hold on one day.
    """
    check_manages(by, "local_rules")
    if why := refusal(code, value, working=working):
        raise BadInput({"value": why}, rule="地方规则只能更严")
    if valid_from < today():
        raise BadInput({"valid_from": "从今天或以后的某天起施行；已经起算的时限不受影响。"})
    if valid_to is not None and valid_to < valid_from:
        raise BadInput({"valid_to": "截止日早于施行日。"})
    with transaction.atomic():
        others = list(LocalRule.objects.select_for_update().filter(code=code).order_by("valid_from"))
        _make_room(others, valid_from, valid_to, by)
        row = LocalRule.objects.create(
            code=code, value=value, working=working, source=source, valid_from=valid_from, valid_to=valid_to
        )
        changed(by, _target(row), "新增地方规则", after=facts(row), reason=source)
    return row


def _make_room(others: list[LocalRule], first: date, last: date | None, by: Actor) -> None:
    """End the open rule before ``first``; refuse to overlap any other."""
    for row in others:
        if (row.valid_to is not None and row.valid_to < first) or (last is not None and row.valid_from > last):
            continue
        if row.valid_to is None and row.valid_from < first:
            _end(row, first - timedelta(days=1), by, "由新的规则代替")
            continue
        until = f"{row.valid_to}" if row.valid_to else "另行修改"
        raise BadInput({"valid_from": f"与{row.valid_from}起、至{until}的规则重叠，请先结束那一条。"})


def end(row: LocalRule, *, by: Actor, on_day: date, reason: str) -> LocalRule:
    """Let a rule hold up to and including ``on_day``; one that has not begun is taken back whole.

    Raises:
        WrongPerson, WrongMoment: it has ended before.
        BadInput: the day is over: what clocks began under is not changed afterwards.
    """
    check_manages(by, "local_rules")
    if on_day < today() - timedelta(days=1):
        raise BadInput({"on_day": "最早到昨天为止：以前按这条规则起算的时限不变。"})
    with transaction.atomic():
        fresh = LocalRule.objects.select_for_update().filter(pk=row.pk).first()
        if fresh is None or (fresh.valid_to is not None and fresh.valid_to < today()):
            raise WrongMoment("这条规则已经结束。", rule="地方规则")
        if fresh.valid_from > on_day:
            changed(by, _target(fresh), "撤回地方规则", before=facts(fresh), reason=reason)
            fresh.delete()
            return fresh
        _end(fresh, on_day, by, reason)
    return fresh


def _end(row: LocalRule, on_day: date, by: Actor, reason: str) -> None:
    before = facts(row)
    row.valid_to = on_day
    row.save(update_fields=["valid_to"])
    changed(by, _target(row), "结束地方规则", before=before, after=facts(row), reason=reason)


def _target(row: LocalRule) -> str:
    return f"local_rule:{row.code}"


def facts(row: LocalRule) -> dict[str, object]:
    """Return a rule's fields by their names on the page."""
    return {
        "时限": settable()[row.code].label if row.code in settable() else row.code,
        "天数": f"{row.value}{'个工作日' if row.working else '日'}",
        "依据": row.source, "自": row.valid_from, "至": row.valid_to or "",
    }  # fmt: skip
