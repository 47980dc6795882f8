"""Which steps has a matter under way behind it, on which days, and does the law's table allow them?

The road to each stage is read off the table: its steps say which state follows, which clocks were met and which run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from accounts.models import COMPETENT_KINDS, Department, DepartmentKind
from petitions import lifecycle, review_bodies
from petitions.actions import moment, told
from petitions.actions.entered import MOST_REFERENCES, in_force
from petitions.actions.open_case import Elsewhere, IssuedPaper, OpenCase
from petitions.errors import BadInput
from petitions.law import review, roads
from petitions.lifecycle import Step
from petitions.models import Channel, Mode, PetitionerView, Route, Support
from petitions.workdays import extension_room

RULE = f"《{lifecycle.TEXT}》与纸质台账核对"
REDO = "责令重新办理的，阶段填办理中，受理日期填责令重新办理决定的日期，办理期限从这一天起算；原来的处理意见、复查情况不填。"
MOST_AGAIN = 200  # further filings of one matter


@dataclass(frozen=True)
class Leg:
    """A step that lies behind; ``day``: the field of the case that tells when, ``""`` for a step that it tells no day of."""

    step: Step
    day: str = ""


# The roads, as (step of the table, the field that tells its day).  What closes a window does so by itself.
_Legs = tuple[tuple[str, str], ...]
_ROUTED: _Legs = (("ROUTE", "routed_on"),)
_SIGNED: _Legs = (*_ROUTED, ("sign_for", "signed_on"))
_OBJECTED: _Legs = (*_SIGNED, ("object", "objected_on"))
_ACCEPTED: Mapping[str, _Legs] = {
    "handling": (*_SIGNED, ("accept", "accepted_on")),
    "study": (*_SIGNED, ("take_suggestion", "accepted_on")),
    "duty": (*_SIGNED, ("channel", "accepted_on")),
}
_ISSUED: _Legs = (*_ACCEPTED["handling"], ("sign", "issued_on"))
_DELIVERED: _Legs = (*_ISSUED, ("deliver", "delivered_on"))
_SETTLED: _Legs = (*_ACCEPTED["handling"], ("settle", "settled_on"))
_BEFORE: Mapping[str, _Legs] = {
    "registered": (), "triaged": (("triage", ""),), "sent": _ROUTED, "review": _SIGNED, "objected": _OBJECTED,
}  # fmt: skip
_ORDINARY: Mapping[str, _Legs] = {
    "handling": _ACCEPTED["handling"], "issued": _ISSUED, "delivered": _DELIVERED, "lapsed": (*_DELIVERED, ("lapse", "")),
    "settled": _SETTLED, "closed": (*_DELIVERED, ("close", "closed_on")),
}  # fmt: skip
_REVIEWED = ("in_review", "in_rereview", "review_issued", "review_delivered", "exhausted")
STAGES = (*_BEFORE, *_ORDINARY, *_REVIEWED)
_DAYS = (
    "routed_on", "signed_on", "objected_on", "accepted_on", "issued_on", "delivered_on", "settled_on", "review_applied_on",
    "review_accepted_on", "review_issued_on", "review_delivered_on", "rereview_applied_on", "rereview_accepted_on",
    "rereview_issued_on", "rereview_delivered_on", "closed_on",
)  # fmt: skip
# With which of these steps a paper of that kind can have been issued in a matter that is still open; () = at any time.
_PAPERS: Mapping[str, tuple[str, ...]] = {
    "transfer_letter": ("transfer",), "assign_letter": ("assign",), "accept_notice": ("accept",),
    "suggestion_notice": ("take_suggestion",), "channel_notice": ("accept", "channel"), "co_letter": ("accept", "take_suggestion", "channel"),
    "extension_notice": ("accept",), "opinion": ("sign",), "suggestion_reply": ("sign_reply",), "duty_reply": ("accept", "sign_reply"),
    "mediation_paper": ("settle",), "settlement_paper": ("settle",), "closing_report": ("deliver", "deliver_reply", "settle"),
    "review_accepted": ("apply_review",), "review_opinion": ("sign_review",), "rereview_opinion": ("apply_rereview",),
    "submission": (), "instruction": (), "supervision_letter": (), "reminder": ("transfer", "assign"),
}  # fmt: skip
LABELS: Mapping[str, str] = {
    "routed_on": "转出日期", "signed_on": "签收日期", "objected_on": "异议日期", "accepted_on": "受理日期", "issued_on": "作出日期",
    "delivered_on": "送达日期", "settled_on": "协议日期", "perform_by": "履行期限", "review_applied_on": "申请复查日期",
    "review_accepted_on": "复查受理日期", "review_issued_on": "复查意见日期", "review_delivered_on": "复查送达日期",
    "rereview_applied_on": "申请复核日期", "rereview_accepted_on": "复核受理日期", "rereview_issued_on": "复核意见日期",
    "rereview_delivered_on": "复核送达日期", "closed_on": "办结日期", "reported_on": "办结报告日期", "limit_on": "交办期限",
    "handed_signed_on": "上级签收日期", "handed_reported_on": "上级报告日期",
}  # fmt: skip


def road_of(case: OpenCase) -> list[Leg]:
    """The steps of the table that lead to the case's stage, in their order.

    Raises:
        KeyError: a matter of its kind never stands there.
    """
    route = "assign" if case.mode == Mode.ASSIGN else "transfer"
    return [Leg(lifecycle.STEPS[route if code == "ROUTE" else code], day) for code, day in _legs(case)]


def _legs(case: OpenCase) -> _Legs:
    if case.stage in _BEFORE:
        return _BEFORE[case.stage]
    if case.main != "handling":
        return _replied(case.main)[case.stage]
    if case.stage == "closed" and case.settled_on is not None:
        return (*_SETTLED, ("close_settled", "closed_on"))
    if case.stage in _REVIEWED or (case.stage == "closed" and case.review_applied_on is not None):
        return (*_DELIVERED, *_appealed(case))
    return _ORDINARY[case.stage]


def _replied(main: str) -> Mapping[str, _Legs]:
    """The stages of what ends in a reply: no window follows it (Art.29, 31(5))."""
    accepted = _ACCEPTED[main]
    issued = (*accepted, ("sign_reply", "issued_on"))
    delivered = (*issued, ("deliver_reply", "delivered_on"))
    closed = (*delivered, ("close_reply", "closed_on"))
    return {"handling": accepted, "issued": issued, "delivered": delivered, "closed": closed}


def _appealed(case: OpenCase) -> _Legs:
    """From the application for review on (Art.35), and for re-review (Art.36)."""
    again = case.stage == "in_rereview" or (
        case.stage not in ("in_review", "review_delivered") and case.rereview_applied_on is not None
    )
    upto = {"in_review": 0, "in_rereview": 0, "review_issued": 1}.get(case.stage, 2)
    legs = [*_run(case, "review", 2 if again else upto), *(_run(case, "rereview", upto) if again else ())]
    if case.stage in ("exhausted", "closed") and not again:
        legs.append(("lapse_review", ""))
    if case.stage == "closed":
        legs.append(("close", "closed_on"))
    return tuple(legs)


def _run(case: OpenCase, kind: str, upto: int) -> Iterator[tuple[str, str]]:
    """One application: ``upto`` 0 = under review, 1 = its opinion is signed, 2 = and served."""
    yield f"apply_{kind}", f"{kind}_applied_on"
    if getattr(case, f"{kind}_accepted_on") is not None:  # seldom kept on paper: nothing hangs on it afterwards
        yield "accept_review", f"{kind}_accepted_on"
    yield from (("sign_review", f"{kind}_issued_on"), ("deliver_review", f"{kind}_delivered_on"))[:upto]


def day_of(case: OpenCase, leg: Leg) -> date | None:
    """The day on which the step was taken, ``None`` for one that the case tells no day of."""
    found: date | None = getattr(case, leg.day) if leg.day else None
    return found


def check(case: OpenCase, received_on: date, office: Department) -> None:
    """Refuse a case that the law's table does not allow to be as it says.

    Raises:
        BadInput: ``fields`` says what contradicts what.
    """
    wrong: dict[str, str] = {}
    if case.stage not in STAGES:
        raise BadInput({"stage": "没有这个阶段，或者这个阶段的事项已经了结，不需要接收。"}, rule=RULE)
    wrong |= dict(_kinds(case)) | dict(_elsewhere(case))
    if not wrong and case.main != "handling" and case.stage not in (*_BEFORE, *_replied(case.main)):
        article = "第二十九条" if case.main == "study" else "第三十一条第五项"
        wrong["stage"] = f"建议意见和申请履行职责的事项以答复办结，没有“{lifecycle.STAGES[case.stage]}”（{article}）。"
    if wrong:
        raise BadInput(wrong, rule=RULE)
    wrong |= dict(_units(case, office)) | dict(_dates(case, received_on))
    if not wrong:
        wrong |= dict(_terms(case)) | dict(_reviews(case)) | dict(_upward(case, received_on))
        wrong |= dict(_papers(case, received_on)) | dict(_again(case, received_on))
    if wrong:
        raise BadInput(wrong, rule=RULE)


def _kinds(case: OpenCase) -> Iterator[tuple[str, str]]:
    days = {field.name: getattr(case, field.name) for field in fields(case) if field.name in LABELS}
    days |= {f"again.{n}": one.received_on for n, one in enumerate(case.again)}
    days |= {f"elsewhere.{n}": one.replied_on for n, one in enumerate(case.elsewhere)}
    for name, value in days.items():
        try:
            if value is not None:
                told.day(value)
        except told.Wrong as refused:
            yield name, f"{LABELS.get(name, '日期')}：{refused}"
    chosen: tuple[tuple[str, Sequence[Any], str], ...] = (
        ("mode", (Mode.TRANSFER, Mode.ASSIGN), "没有这个选项。"),
        ("view", PetitionerView.values, "没有这个选项。"),
        ("support", ("", *Support.values), "处理意见应为支持、部分支持、解释说明或不支持。"),
        ("adopted", ("", *roads.ADOPTION), "采纳情况应为采纳、部分采纳或未采纳。"),
        ("review_conclusion", ("", *review.CONCLUSIONS), "没有这个复查结论。"),
        ("rereview_conclusion", ("", *review.CONCLUSIONS), "没有这个复核结论。"),
    )
    for name, choices, sentence in chosen:
        if getattr(case, name) not in choices:
            yield name, sentence


def _elsewhere(case: OpenCase) -> Iterator[tuple[str, str]]:
    """Claims on other roads: each once, with who takes it by which procedure; not all of them have left (Art.31)."""
    serials, claims = [one.serial for one in case.elsewhere], max(len(case.entry.claims), 1)
    if not serials:
        return
    if len(set(serials)) < len(serials) or not set(serials) <= set(range(1, claims + 1)):
        yield "elsewhere", "其他途径：诉求序号不对，或者写了两次。"
    if case.main == "study":
        yield "elsewhere", "建议意见没有其他法定途径（第二十九条）。"
    elif case.stage in _BEFORE:
        yield "elsewhere", f"“{lifecycle.STAGES[case.stage]}”的事项还没有分途径（第三十一条）。"
    elif len(set(serials)) >= claims and case.main != "duty":
        yield "elsewhere", "所有诉求都已导入其他途径的，事项已经了结，不需要接收（第三十一条）。"
    for one in case.elsewhere:
        yield from _one_elsewhere(case, one)


def _one_elsewhere(case: OpenCase, one: Elsewhere) -> Iterator[tuple[str, str]]:
    if one.route not in Route.values or one.route == Route.PETITION:
        yield "elsewhere", "其他途径：没有这个途径。"
    elif one.route != Route.DUTY and not (one.body and one.procedure and one.limit):
        yield "elsewhere", f"诉求{one.serial}：请填写受理机关、法定程序和该程序的期限（第三十一条）。"
    if any(len(text) > most for text, most in ((one.body, 80), (one.procedure, 120), (one.limit, 120))):
        yield "elsewhere", f"诉求{one.serial}：受理机关最多80字，法定程序和期限各最多120字。"
    if one.replied_on is not None and (one.route != Route.DUTY or case.main == "duty"):
        yield "elsewhere", "答复送达日期只有另走信访程序的事项里、申请履行职责的诉求才填。"
    elif one.replied_on is not None and not (case.accepted_on or date.max) <= one.replied_on <= moment.today():
        yield "elsewhere", "答复送达日期不能早于受理日期，也不能晚于今天。"
    elif one.route == Route.DUTY and case.main == "handling" and one.replied_on is None and case.stage == "closed":
        yield "elsewhere", "履行法定职责的答复还没有送达的，不能办结（第三十一条第五项）。"


def _units(case: OpenCase, office: Department) -> Iterator[tuple[str, str]]:
    codes = {leg.step.code for leg in road_of(case)}
    label = lifecycle.STAGES[case.stage]
    routed = bool(codes & {"transfer", "assign"})
    if routed and case.lead is None:
        yield "lead", f"“{label}”的事项要写明主办单位（第二十二条）。"
    if not routed and (case.lead is not None or case.co_units):
        yield "lead", f"“{label}”的事项还没有转出，不应有承办单位。"
    if case.co_units and not codes & {"accept", "take_suggestion", "channel"}:
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
    named = [leg.day for leg in road_of(case) if leg.day]
    label, before, before_label = lifecycle.STAGES[case.stage], received_on, "收到日期"
    for name in _DAYS:
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
    """Limits, extension, report and agreement, as the articles have them."""
    codes = [leg.step.code for leg in road_of(case)]
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
    if case.view != PetitionerView.NONE and case.delivered_on is None:
        yield "view", "送达以后才有信访人意见。"
    if case.adopted and (case.main != "study" or case.issued_on is None):
        yield "adopted", "采纳情况只有已答复的建议意见才填（第二十九条）。"
    if case.support and case.main != "handling":
        yield "support", "答复没有支持不支持，建议意见请填采纳情况（第二十九条）。"
    yield from _agreement(case)


def _report(case: OpenCase, codes: list[str]) -> Iterator[tuple[str, str]]:
    answered = case.delivered_on or case.settled_on
    assert case.reported_on is not None
    if "assign" not in codes or answered is None:
        yield "reported_on", "只有交办的事项、在处理意见送达以后，才报送办结报告（第二十二条第一款第三项）。"
    elif not answered <= case.reported_on <= moment.today():
        yield "reported_on", "办结报告日期不能早于送达日期，也不能晚于今天。"


def _agreement(case: OpenCase) -> Iterator[tuple[str, str]]:
    if case.settled_on is None:
        if case.perform_by is not None or case.mediator:
            yield "perform_by", "达成协议的，阶段应为已达成协议，并填协议日期（第三十三条）。"
    elif case.perform_by is None or not timedelta(0) <= case.perform_by - case.settled_on <= timedelta(
        days=told.LONGEST_LIMIT
    ):
        yield "perform_by", "达成协议的，要填履行期限，且不早于协议日期（第三十三条）。"
    if len(case.mediator) > 60:
        yield "mediator", "调解人最多60字。"


def _reviews(case: OpenCase) -> Iterator[tuple[str, str]]:
    """Who reviews is the level above; an opinion concludes something; a redo is another road (Art.35, 36)."""
    of: Department | None = case.lead
    for kind, label, article in (("review", "复查", "第三十五条"), ("rereview", "复核", "第三十六条")):
        body: Department | None = getattr(case, f"{kind}_body")
        conclusion = getattr(case, f"{kind}_conclusion")
        if getattr(case, f"{kind}_applied_on") is None:
            if body is not None or conclusion:
                yield f"{kind}_body", f"没有申请{label}日期的，不应有{label}机关和结论（{article}）。"
            continue
        above = review_bodies.possible(of) if of is not None else []
        if body is None or body.pk not in {row.pk for row in above}:
            yield (
                f"{kind}_body",
                f"{label}机关应为上一级机关、单位：{'、'.join(row.name for row in above)}（{article}）。",
            )
        of = body
        if (getattr(case, f"{kind}_issued_on") is not None) != bool(conclusion):
            yield f"{kind}_conclusion", f"{label}结论和{label}意见日期要一起填（{article}）。"
        if conclusion == "redo":
            yield f"{kind}_conclusion", REDO
        if conclusion == "change" and not case.support:
            yield "support", f"{label}变更了处理意见的，处理意见填变更后的意见。"


def _upward(case: OpenCase, received_on: date) -> Iterator[tuple[str, str]]:
    """What was handed down: signed for, then reported (Art.22, 23)."""
    before = received_on
    for name in ("handed_signed_on", "handed_reported_on"):
        day: date | None = getattr(case, name)
        if day is None:
            continue
        if case.entry.channel != Channel.HANDED_DOWN:
            yield name, f"信访形式为上级交转的才有{LABELS[name]}（第二十三条）。"
        elif not before <= day <= moment.today():
            yield name, f"{LABELS[name]}不能早于收到日期、上级签收日期，也不能晚于今天。"
        before = day
    if case.handed_reported_on is not None and case.lead is None:
        yield "handed_reported_on", "已经转送、交办的，才向上级报送办结报告（第二十二条第一款第三项）。"


def _again(case: OpenCase, received_on: date) -> Iterator[tuple[str, str]]:
    if len(case.again) > MOST_AGAIN:
        yield "again", f"来件最多{MOST_AGAIN}件。"
    for one in case.again:
        if not received_on <= one.received_on <= moment.today():
            yield "again", "重复来件的收到日期不能早于最初收到的日期，也不能晚于今天。"
        if one.channel not in Channel.values or one.channel == Channel.HANDED_DOWN:
            yield "again", "重复来件的信访形式应为来访、来信、来电或者网上；上级交转的请到系统里登记。"
        if len(one.references) > MOST_REFERENCES or any(
            not (0 < len(system) <= 40 and 0 < len(number) <= 80) for system, number in one.references
        ):
            yield "again", "外部编号要写明系统（40字内）和编号（80字内）。"


def _papers(case: OpenCase, received_on: date) -> Iterator[tuple[str, str]]:
    codes = {leg.step.code for leg in road_of(case)}
    for paper in case.papers:
        kind = lifecycle.PAPERS.get(paper.kind)
        if kind is None or paper.kind not in _PAPERS:
            yield "papers", f"“{kind.title if kind else paper.kind}”不是在办事项会有的文书。"
        elif _PAPERS[paper.kind] and not codes & set(_PAPERS[paper.kind]):
            yield "papers", f"“{lifecycle.STAGES[case.stage]}”的事项不应有{kind.title}。"
        elif not received_on <= paper.issued_on <= moment.today():
            yield "papers", f"{paper.number}的日期不在收到日期和今天之间。"
        elif paper.served_on is not None and not paper.issued_on <= paper.served_on <= moment.today():
            yield "papers", f"{paper.number}的送达日期不能早于文书日期，也不能晚于今天。"
    if len({paper.number for paper in case.papers}) != len(case.papers):
        yield "papers", "同一文号写了两次。"
    for name, stem, article in _answers(case):
        found = [paper for paper in case.papers if paper.kind == name]
        yield from _answer(
            name, found, getattr(case, f"{stem}issued_on"), getattr(case, f"{stem}delivered_on"), article
        )


def _answers(case: OpenCase) -> Iterator[tuple[str, str, str]]:
    """The papers that answer, each with the beginning of its days' names and its article."""
    yield {
        "handling": ("opinion", "", "第三十二条"),
        "study": ("suggestion_reply", "", "第二十九条"),
        "duty": ("duty_reply", "", "第三十一条第五项"),
    }[case.main]
    yield "review_opinion", "review_", "第三十五条"
    yield "rereview_opinion", "rereview_", "第三十六条"


def _answer(
    kind: str, found: list[IssuedPaper], issued_on: date | None, delivered_on: date | None, article: str
) -> Iterator[tuple[str, str]]:
    """What has been issued and served is one paper, of the days that the steps say."""
    title = lifecycle.PAPERS[kind].title.removeprefix("信访事项")
    if issued_on is None:
        if found:
            yield "papers", f"还没有作出的，不应有{title}（{article}）。"
    elif len(found) != 1:
        yield "papers", f"已作出的，要有且只有一份{title}的文号（{article}）。"
    elif found[0].issued_on != issued_on:
        yield "papers", f"{title}的日期要与作出日期一致。"
    elif found[0].served_on != delivered_on:
        yield "papers", f"{title}的送达日期要与送达日期一致。"
