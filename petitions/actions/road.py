"""Which steps has a matter under way behind it, on which days, and does the law's table allow them?

The road to each stage is read off the table: its steps say which state follows, which clocks were met and which run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, timedelta

from accounts.models import COMPETENT_KINDS, Department, DepartmentKind
from petitions import lifecycle
from petitions.actions import moment, told
from petitions.actions.entered import in_force
from petitions.actions.open_case import IssuedPaper, OpenCase
from petitions.errors import BadInput
from petitions.lifecycle import Step
from petitions.models import Mode, PetitionerView, Support
from petitions.workdays import extension_room

RULE = f"《{lifecycle.TEXT}》与纸质台账核对"
# The day of each step as an open case tells it; the window of review closes by itself.
_DAYS: Mapping[str, str] = {
    "transfer": "routed_on", "assign": "routed_on", "sign_for": "signed_on", "object": "objected_on", "accept": "accepted_on",
    "sign": "issued_on", "deliver": "delivered_on", "close": "closed_on",
}  # fmt: skip
_ROUTED = ("ROUTE",)
_SIGNED = (*_ROUTED, "sign_for")
_ACCEPTED = (*_SIGNED, "accept")
_DELIVERED = (*_ACCEPTED, "sign", "deliver")
ROADS: Mapping[str, tuple[str, ...]] = {
    "registered": (), "triaged": ("triage",), "sent": _ROUTED, "review": _SIGNED, "objected": (*_SIGNED, "object"),
    "handling": _ACCEPTED, "issued": (*_ACCEPTED, "sign"), "delivered": _DELIVERED, "lapsed": (*_DELIVERED, "lapse"),
    "closed": (*_DELIVERED, "close"),
}  # fmt: skip
# From which step on a paper of that kind can have been issued in a matter that is still open.
_PAPERS: Mapping[str, str] = {
    "transfer_letter": "transfer", "assign_letter": "assign", "accept_notice": "accept", "co_letter": "accept",
    "extension_notice": "accept", "opinion": "sign", "closing_report": "deliver", "submission": "", "instruction": "",
    "supervision_letter": "", "reminder": "transfer",
}  # fmt: skip
LABELS: Mapping[str, str] = {
    "routed_on": "转出日期", "signed_on": "签收日期", "objected_on": "异议日期", "accepted_on": "受理日期", "issued_on": "作出日期",
    "delivered_on": "送达日期", "closed_on": "办结日期", "reported_on": "办结报告日期", "limit_on": "交办期限",
}  # fmt: skip


def road_of(case: OpenCase) -> list[Step]:
    """The steps of the table that lead to the case's stage, in their order."""
    route = "assign" if case.mode == Mode.ASSIGN else "transfer"
    return [lifecycle.STEPS[route if code == "ROUTE" else code] for code in ROADS[case.stage]]


def day_of(case: OpenCase, step: Step) -> date | None:
    """The day on which ``step`` was taken, ``None`` for a step that the case tells no day of."""
    name = _DAYS.get(step.code)
    found: date | None = getattr(case, name) if name else None
    return found


def check(case: OpenCase, received_on: date, office: Department) -> None:
    """Refuse a case that the law's table does not allow to be as it says.

    Raises:
        BadInput: ``fields`` says what contradicts what.
    """
    wrong: dict[str, str] = {}
    if case.stage not in ROADS:
        raise BadInput({"stage": "没有这个阶段，或者这个阶段的事项已经了结，不需要接收。"}, rule=RULE)
    _kinds(case, wrong)
    if wrong:
        raise BadInput(wrong, rule=RULE)
    wrong |= dict(_units(case, office))
    wrong |= dict(_dates(case, received_on))
    if not wrong:
        wrong |= dict(_terms(case))
        wrong |= dict(_papers(case, received_on))
    if wrong:
        raise BadInput(wrong, rule=RULE)


def _kinds(case: OpenCase, wrong: dict[str, str]) -> None:
    for field in fields(case):
        value = getattr(case, field.name)
        if field.name.endswith("_on") and value is not None:
            try:
                told.day(value)
            except told.Wrong as refused:
                wrong[field.name] = f"{LABELS[field.name]}：{refused}"
    for name, choices in (("mode", (Mode.TRANSFER, Mode.ASSIGN)), ("view", PetitionerView.values)):
        if getattr(case, name) not in choices:
            wrong[name] = "没有这个选项。"
    if case.support and case.support not in Support.values:
        wrong["support"] = "处理意见应为支持、部分支持、解释说明或不支持。"


def _units(case: OpenCase, office: Department) -> Iterator[tuple[str, str]]:
    routed = any(step.code in ("transfer", "assign") for step in road_of(case))
    label = lifecycle.STAGES[case.stage]
    if routed and case.lead is None:
        yield "lead", f"“{label}”的事项要写明主办单位（第二十二条）。"
    if not routed and (case.lead is not None or case.co_units):
        yield "lead", f"“{label}”的事项还没有转出，不应有承办单位。"
    accepted = any(step.code == "accept" for step in road_of(case))
    if case.co_units and not accepted:
        yield "co_units", "协办单位在受理以后才有（第二十四条）。"
    bodies = [*([case.lead] if case.lead else []), *case.co_units]
    for body in bodies:
        if body.kind not in COMPETENT_KINDS or body.kind == DepartmentKind.PETITION_OFFICE or body.pk == office.pk:
            yield "lead", f"{body.name}不是有权处理的机关、单位（第二十二条）。"
        elif not in_force(body, moment.today()):
            yield "lead", f"{body.name}已撤销或尚未设立，请填承接其职能的单位（第二十四条）。"
    if len({body.pk for body in bodies}) != len(bodies):
        yield "co_units", "同一单位不能既主办又协办，也不能写两次。"
    if case.handler is not None and (case.lead is None or case.handler.department_id != case.lead.pk):
        yield "handler", "承办人不在主办单位。"


def _dates(case: OpenCase, received_on: date) -> Iterator[tuple[str, str]]:
    """Each step behind it has its day, none ahead of it has one, and they follow each other."""
    named = [name for step in road_of(case) if (name := _DAYS.get(step.code))]
    label, before, before_label = lifecycle.STAGES[case.stage], received_on, "收到日期"
    for name in dict.fromkeys(_DAYS.values()):
        day: date | None = getattr(case, name)
        if name not in named:
            if day is not None:
                yield name, f"“{label}”的事项不应有{LABELS[name]}。"
            continue
        if day is None:
            yield name, f"“{label}”的事项要有{LABELS[name]}。"
            continue
        if day > moment.today():
            yield name, f"{LABELS[name]}不能晚于今天。"
        elif day < before:
            yield name, f"{LABELS[name]}不能早于{before_label}。"
        before, before_label = day, LABELS[name]


def _terms(case: OpenCase) -> Iterator[tuple[str, str]]:
    """Limits, extension and report, as the articles have them."""
    codes = [step.code for step in road_of(case)]
    if "assign" in codes and (
        case.limit_on is None or case.routed_on is None
        or not case.routed_on < case.limit_on <= case.routed_on + timedelta(days=told.LONGEST_LIMIT)
    ):  # fmt: skip
        yield "limit_on", "交办的事项要有交办期限，且晚于交办日期（第二十二条第一款第三项）。"
    if "assign" not in codes and case.limit_on is not None:
        yield "limit_on", "转送的事项没有交办期限；有期限的，方式应为交办。"
    if (case.extended_days or case.simplified) and "accept" not in codes:
        yield "extended_days", "受理以后才有延长和简易办理（第三十四条）。"
    if not 0 <= case.extended_days <= extension_room(0):
        yield "extended_days", "延长合计不超过30日（第三十四条）。"
    if case.simplified and case.extended_days:
        yield "extended_days", "简易办理的事项不能延长。"
    if case.reported_on is not None:
        yield from _report(case, codes)
    if case.view != PetitionerView.NONE and "deliver" not in codes:
        yield "view", "送达以后才有信访人意见。"


def _report(case: OpenCase, codes: list[str]) -> Iterator[tuple[str, str]]:
    assert case.reported_on is not None
    if "assign" not in codes or case.delivered_on is None:
        yield "reported_on", "只有交办的事项、在处理意见送达以后，才报送办结报告（第二十二条第一款第三项）。"
    elif not case.delivered_on <= case.reported_on <= moment.today():
        yield "reported_on", "办结报告日期不能早于送达日期，也不能晚于今天。"


def _papers(case: OpenCase, received_on: date) -> Iterator[tuple[str, str]]:
    codes = [step.code for step in road_of(case)]
    for paper in case.papers:
        kind = lifecycle.PAPERS.get(paper.kind)
        if kind is None or paper.kind not in _PAPERS:
            yield "papers", f"“{kind.title if kind else paper.kind}”不是在办事项会有的文书。"
        elif _PAPERS[paper.kind] and _PAPERS[paper.kind] not in codes:
            yield "papers", f"“{lifecycle.STAGES[case.stage]}”的事项不应有{kind.title}。"
        elif not received_on <= paper.issued_on <= moment.today():
            yield "papers", f"{paper.number}的日期不在收到日期和今天之间。"
        elif paper.served_on is not None and not paper.issued_on <= paper.served_on <= moment.today():
            yield "papers", f"{paper.number}的送达日期不能早于文书日期，也不能晚于今天。"
    if len({paper.number for paper in case.papers}) != len(case.papers):
        yield "papers", "同一文号写了两次。"
    yield from _opinion(case, [paper for paper in case.papers if paper.kind == "opinion"])


def _opinion(case: OpenCase, found: list[IssuedPaper]) -> Iterator[tuple[str, str]]:
    """What has been issued and served is one opinion, of the days that the steps say (Art.32)."""
    if case.issued_on is None:
        return
    if len(found) != 1:
        yield "papers", "已作出处理意见的事项，要有且只有一份处理意见书的文号（第三十二条）。"
    elif found[0].issued_on != case.issued_on:
        yield "papers", "处理意见书的日期要与作出日期一致。"
    elif found[0].served_on != case.delivered_on:
        yield "papers", "处理意见书的送达日期要与送达日期一致。"
