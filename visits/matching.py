"""Which cases should be brought to a visit?  Ranked by what is pressing about the matter, with the reasons in words; a person decides.

Facts of matters alone count: nothing of a person is looked at, and there is no score to be seen.  A matter in a legal
procedure, and one that the leader must keep away from, is left out, and it is said how many and why (domain.md §3.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from accounts.actor import Actor
from accounts.dates import today
from petitions.access import visible_to
from petitions.lifecycle import LONG_DAYS, OPEN_STAGES
from petitions.models import Petition
from visits.actions.conflict import conflicts
from visits.models import Consent, Visit
from visits.pressure import WEIGHTS, in_law, pressing, within
from visits.sharing import shared

MOST, LOOKED_AT = 50, 2_000
READ = 400  # characters of a narrative in which a project or policy is looked for
SAME_KIND = 3
_SAID = {
    "overdue": "已超期", "joint": "集体事项", "long": f"超过{LONG_DAYS}日未办结", "returned": "曾被退回", "dissatisfied": "评价不满意",
}  # fmt: skip


@dataclass(frozen=True)
class Suggested:
    """One case with the reasons for bringing it; ``weight`` orders the list and is shown to nobody."""

    petition: Petition
    reasons: list[str]
    weight: int = field(repr=False, default=0)


@dataclass(frozen=True)
class Matched:
    """The ranked cases, and what was left out and why."""

    cases: list[Suggested]
    left_out: list[str]


@dataclass(frozen=True)
class Together:
    """How many open matters are of each category, and which name the same project or policy."""

    kinds: Counter[Any]
    named: Mapping[int, tuple[str, int]]


def cases_for(visit: Visit, by: Actor) -> Matched:
    """Return the cases that ``by`` may see and that fit ``visit``, the most pressing first."""
    found = within(visible_to(by), visit.place).filter(stage__in=OPEN_STAGES)
    facts = pressing(today())
    marked = found.annotate(
        in_law=in_law(), is_returned=facts["returned"], is_dissatisfied=facts["dissatisfied"],
        again=Count("filings", filter=Q(filings__repeat=True), distinct=True),
    ).select_related("responsible", "category", "region")  # fmt: skip
    rows: list[Any] = list(marked.order_by("due", "pk")[: LOOKED_AT + 1])
    beyond = found.count() - LOOKED_AT if len(rows) > LOOKED_AT else 0
    rows = rows[:LOOKED_AT]
    lawful = [row for row in rows if not row.in_law]
    apart = conflicts(visit.leader, lawful)
    fields = set(visit.leader.fields.values_list("department_id", flat=True))
    unwilling = _unwilling(visit)
    together = Together(
        Counter(row.category_id for row in lawful),
        shared((row.pk, f"{row.title}。{row.content[:READ]}") for row in lawful),
    )
    cases = [_case(row, fields, together, visit) for row in lawful if row.pk not in apart and row.pk not in unwilling]
    cases = [case for case in cases if case.reasons]
    cases.sort(key=lambda case: (-case.weight, case.petition.received_on))
    return Matched(cases[:MOST], _left_out(len(rows) - len(lawful), apart, len(unwilling), beyond))


def _unwilling(visit: Visit) -> set[int]:
    """The matters whose petitioners said that they do not wish this visit."""
    return set(visit.carried.filter(consent=Consent.DECLINED).values_list("petition_id", flat=True))


def _left_out(legal: int, apart: dict[int, str], unwilling: int, beyond: int) -> list[str]:
    said = (
        [f"这里未办结的太多：只排了期限最早的{LOOKED_AT}件，还有{beyond}件没有排，请按地点或单位在事项列表里看。"]
        if beyond
        else []
    )
    said += [f"{legal}件已在诉讼、仲裁、复议等法定程序中，没有列出。"] if legal else []
    said += [f"{unwilling}件信访人本人不愿意，没有列出。"] if unwilling else []
    return said + [f"{count}件没有列出：{why}。" for why, count in Counter(apart.values()).items()]


def _case(row: Any, fields: set[int], together: Together, visit: Visit) -> Suggested:
    day = today()
    facts = {
        "overdue": row.due is not None and row.due < day, "joint": row.joint, "long": (day - row.received_on).days > LONG_DAYS,
        "returned": row.is_returned, "dissatisfied": row.is_dissatisfied,
    }  # fmt: skip
    reasons = [_words(name, row) for name, true in facts.items() if true]
    weight = sum(WEIGHTS[name] for name, true in facts.items() if true)
    if row.again:
        reasons.append(f"同一事项再次来件{row.again}件")
        weight += 1
    if row.responsible_id in fields:
        reasons.append(f"责任单位{row.responsible.short_name}由这位领导分管")
        weight += 1
    beside = _beside(row, together, visit)
    return Suggested(row, reasons + beside, weight + len(beside))


def _beside(row: Any, together: Together, visit: Visit) -> list[str]:
    """What it shares with other open matters here: project or policy, kind of trouble, the visit's own topic."""
    said = []
    if row.pk in together.named:
        name, count = together.named[row.pk]
        said.append(f"涉及同一{'政策' if name.startswith('《') else '项目'}“{name.strip('《》')}”未办结{count}件")
    if row.category_id and together.kinds[row.category_id] >= SAME_KIND:
        said.append(f"同类（{row.category.name}）未办结{together.kinds[row.category_id]}件")
    if visit.topic and visit.topic in f"{row.title}{row.content}":
        said.append(f"与这次的主题“{visit.topic}”相关")
    return said


def _words(name: str, row: Any) -> str:
    if name == "overdue":
        return f"已超期{(today() - row.due).days}天"
    if name == "joint":
        return f"集体事项（{row.head_count}人）"
    if name == "long":
        return f"收到{(today() - row.received_on).days}天未办结"
    return _SAID[name]
