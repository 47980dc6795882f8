"""Every step through its form: who may, who may not, when not, and who does not even see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor, system_actor
from accounts.dates import today
from accounts.models import Department
from petitions import lifecycle
from petitions.actions import advance
from petitions.errors import WrongMoment, WrongPerson
from petitions.forms.steps import STEP_FORMS, form_for, of_people
from petitions.models import Assignment, Event, Instruction, Paper, Petition, Recusal, Supervision
from tests import by_index
from tests.cast import Cast
from tests.makes import URGENT, Makes
from tests.petitions.whole import complaints

SignIn = Callable[[Actor], Client]


@dataclass(frozen=True)
class Case:
    """One step: from which row, by whom, with what typed; who sees the matter but may not, and when it is too late."""

    step: str
    row: Callable[[Any], Any]
    by: str
    typed: dict[str, Any] = field(default_factory=dict)
    not_by: str = "supervisor"
    unseen: str = "stranger"
    late: Callable[[Any], Any] | None = None  # a row on which the moment is wrong


class Rows:
    """Rows to step on, made when asked for."""

    def __init__(self, cast: Cast, make: Makes) -> None:
        self.cast, self.make = cast, make

    def filing(self) -> Any:
        return self.make.registered().filing

    def repeat(self) -> Any:
        """A filing that was registered under an open matter."""
        from petitions.actions import register
        from tests.makes import entry

        return register(entry(self.cast), by=self.cast.registrar, under=self.make.sent().petition).filing

    def direct(self) -> Any:
        """A filing handed straight to the bureau."""
        from petitions.actions import register
        from tests.makes import entry

        return register(entry(self.cast), by=self.cast.signer).filing

    def direct_above(self) -> Any:
        """The same, where the bureau has a body below it."""
        if not Department.objects.filter(code="T-ZRS").exists():
            self.make.below()
        return self.direct()

    def handed(self, *steps: str) -> Any:
        """A filing that the city assigned, with its limit."""
        due = today() + timedelta(days=60)
        filing = self.make.registered(channel="handed_down", handed_by=self.cast.city, handed_due=due).filing
        told = {"object_up": {"reason": "不属于本县职权"}}
        for step in steps:
            advance(step, on=filing, by=self.cast.triage, **told.get(step, {}))
        return filing

    def handed_delivered(self) -> Any:
        """The same, with the opinion delivered."""
        due = today() + timedelta(days=60)
        return self.make.delivered(
            channel="handed_down", handed_by=self.cast.city, handed_due=due
        ).petition.filings.get()

    def answered(self) -> Any:
        """Answered at once: nothing runs."""
        done = self.make.registered()
        advance("direct_reply", on=done.filing, by=self.cast.triage, reply="周一至周五开放。")
        return Petition.objects.get(pk=done.petition.pk)

    def archived(self) -> Any:
        """The same, in the archive."""
        petition = self.answered()
        advance("archive", on=petition, by=self.cast.registrar, period="30")
        return petition

    def routed(self) -> Any:
        return self.make.sent().petition.filings.get()

    def sent(self) -> Any:
        return self.make.sent()

    def signed(self) -> Any:
        return self.make.signed()

    def objected(self) -> Any:
        held = self.make.signed()
        advance("object", on=held, by=self.cast.signer, reason="不属于本局职权")
        return held

    def accepted(self) -> Any:
        return Assignment.objects.get(pk=self.make.handling().assignment_id)

    def co(self, *steps: str) -> Any:
        run = self.make.handling()
        advance(
            "add_co_unit", on=run.assignment, by=self.cast.handler, department=self.cast.sibling, demand="请提供意见"
        )
        held = Assignment.objects.get(petition=run.petition, lead=False)
        for step in steps:
            advance(step, on=held, by=self.cast.sibling_signer)
        return held

    def legal(self) -> Any:
        done = self.make.registered()
        advance("route_legal", on=done.filing, by=self.cast.triage, department=self.cast.police)
        return Assignment.objects.get(petition=done.petition)

    def assigned_delivered(self) -> Any:
        held = self.make.sent("assign")
        advance("sign_for", on=held, by=self.cast.signer)
        advance("accept", on=held, by=self.cast.signer, handler=self.cast.handler.post)
        run = held.proceedings.get()
        answers = {1: {"support": "support", "answer": "发放"}}
        advance("draft", on=run, by=self.cast.handler, facts="事实", basis="依据", answers=answers)
        advance("check", on=run, by=self.cast.unit_leader)
        advance("sign", on=run, by=self.cast.unit_head)
        advance("deliver", on=run, by=self.cast.handler, how="hand", view="0")
        return held

    def asked(self) -> Any:
        petition = self.make.signed().petition
        advance("instruct", on=petition, by=self.cast.leader, text="请依法办理", answer_days=10)
        return Instruction.objects.get(petition=petition)

    def supervised(self, *steps: str) -> Any:
        petition = self.make.signed().petition
        advance("supervise", on=petition, by=self.cast.supervisor, trigger="shirking", demand="请说明")
        row = Supervision.objects.get(petition=petition)
        for step in steps:
            advance(step, on=row, by=self.cast.signer, answer="已改正")
        return row

    def simplified(self) -> Any:
        held = self.signed()
        advance("accept", on=held, by=self.cast.signer, simplified=True, handler=self.cast.handler.post)
        return held.proceedings.get()

    def advised(self) -> Any:
        row = self.make.advice()
        advance("answer_advice", on=row, by=self.cast.sibling_head, adopted="none", answer="另有安排")
        return row

    def executed(self) -> Any:
        run = self.make.executing()
        advance("execution_done", on=run, by=self.cast.handler, evidence="回单")
        return run

    def settled_dispute(self) -> Any:
        row = self.make.dispute()
        advance("dispute_agreed", on=row, by=self.cast.triage, body=self.cast.bureau, words="双方商定")
        return row

    def overdue(self) -> Any:
        """A matter whose unit is late."""
        from petitions.models import Clock

        run = self.make.handling()
        day = today() - timedelta(days=3)
        Clock.objects.filter(petition=run.petition, ended="").update(due=day, raw_due=day)
        Petition.objects.filter(pk=run.petition_id).update(due=day)
        return run.petition

    def merged(self) -> Any:
        done, master = self.make.registered(), self.make.registered().petition
        advance("merge", on=done.filing, by=self.cast.triage, into=master)
        return done.filing

    def related(self) -> Any:
        petition = self.signed().petition
        advance("relate", on=petition, by=self.cast.triage, to=self.signed().petition)
        petition.refresh_from_db()
        return petition

    def heard(self, *steps: str) -> Any:
        row = self.make.hearing_day()
        for step in steps:
            advance(step, on=row, by=self.cast.handler, text="笔录", people="各方")
        return row

    def denied(self) -> Any:
        row = self.make.withdrawal()
        advance("deny_withdrawal", on=row, by=self.cast.triage, words="不是本人意思")
        return row

    def outside_asked(self) -> Any:
        """Asked of a body that does not work in this system."""
        from petitions.models import ReviewBody

        ReviewBody.objects.create(of=self.cast.bureau, body=self.cast.city)
        run = self.make.delivered(view="1")
        advance("apply_review", on=run, by=self.cast.triage, body=self.cast.city, request="请求撤销", reasons="不服")
        return run.followed_by.get()

    def recusal(self, step: str = "") -> Any:
        petition = self.signed().petition
        advance(
            "ask_recusal",
            on=petition,
            by=self.cast.signer,
            person=self.cast.handler.post,
            origin="other",
            interest="是亲属",
        )
        row = Recusal.objects.get(petition=petition)
        if step:
            more = {"hides_name": True} if step == "grant_recusal" else {}
            advance(step, on=row, by=self.cast.unit_head, reason="经核实", **more)
        return row

    def petition(self, made: Any) -> Any:
        return made if isinstance(made, Petition) else made.petition


ROUTE_OUT = {"route_1": "1", "procedure_1": "民事诉讼", "body_1": "浦江县人民法院", "limit_1": "六个月"}
SORT = {"kind": "claim", "category": "T0202", "region": "330726101201", "place": ""}


def in_days(days: int) -> timedelta:
    """So many days from the day a case is tried on: a run may begin before midnight and end after."""
    return timedelta(days=days)


CASES = [
    Case("triage", Rows.filing, "triage", {**SORT, "purpose": "settle"}, late=Rows.routed),
    Case("transfer", Rows.filing, "triage", {**SORT, "department": "bureau"}, late=Rows.routed),
    Case("assign", Rows.filing, "head", {**SORT, "department": "bureau", "limit_on": in_days(30), "demand": "办结后报告"},
         late=Rows.routed),
    Case("route_legal", Rows.filing, "triage", {"department": "police"}, late=Rows.routed),
    Case("redirect", Rows.filing, "triage", {"body": "金华市信访局"}, late=Rows.routed),
    Case("not_accept", Rows.filing, "triage", {"ground": "out_of_remit", "explanation": "请向市里提出"}, late=Rows.routed),
    Case("no_further", Rows.filing, "triage",
         {"earlier": "ended", "explanation": "同一事实", "same": "yes"}, late=Rows.routed),
    Case("merge", Rows.filing, "triage", {"into": "other"}, late=Rows.routed),
    Case("file_away", Rows.filing, "head", {"explanation": "无可查内容"}, not_by="triage", late=Rows.routed),
    Case("direct_reply", Rows.filing, "triage", {"reply": "办事大厅周一至周五开放。"}, late=Rows.routed),
    Case("retract", Rows.filing, "triage", {"why": "error"}, late=Rows.routed),
    Case("take_up", Rows.direct, "signer", SORT, not_by="supervisor", late=None),
    Case("channel_direct", Rows.direct, "signer", ROUTE_OUT, not_by="supervisor", late=None),
    Case("pass_down", Rows.direct_above, "signer", {**SORT, "department": "below"}, not_by="supervisor", late=None),
    Case("assign_down", Rows.direct_above, "unit_head",
         {**SORT, "department": "below", "limit_on": in_days(30), "demand": "办结后报告"}, not_by="handler", late=None),
    Case("sign_up", Rows.handed, "registrar", {}, late=lambda rows: rows.handed("sign_up")),
    Case("object_up", lambda rows: rows.handed("sign_up"), "triage", {"reason": "属于市级职权", "body": "金华市交通运输局"},
         late=Rows.handed),
    Case("taken_back", lambda rows: rows.handed("sign_up", "object_up"), "head", {"answer": "同意"}, late=Rows.handed),
    Case("objection_refused", lambda rows: rows.handed("sign_up", "object_up"), "triage", {"answer": "不同意"},
         late=Rows.handed),
    Case("report_up", Rows.handed_delivered, "triage", {"result": "已经发放"}, not_by="signer", late=Rows.handed),
    Case("extend_up", Rows.handed, "triage", {"limit_on": in_days(120), "letter": "金信延〔2026〕3号", "reason": "委托鉴定"},
         not_by="registrar", late=Rows.filing),
    Case("add_reference", Rows.filing, "registrar", {"number": "ZJ2026-0001", "system": "省信访信息系统"}),
    Case("reissue_code", Rows.filing, "registrar", {"reason": "遗失"}),
    Case("sign_for", Rows.sent, "signer", {}, not_by="handler", unseen="sibling_signer", late=Rows.signed),
    Case("object", Rows.signed, "signer", {"reason": "属于住建部门", "suggested": "sibling"}, not_by="handler",
         unseen="sibling_signer", late=Rows.accepted),
    Case("uphold_objection", Rows.objected, "triage", {"reason": "核实无误"}, not_by="signer", late=Rows.signed),
    Case("refuse_objection", Rows.objected, "triage", {"reason": "属于该局职权"}, not_by="signer", late=Rows.signed),
    Case("accept", Rows.signed, "signer", {"route_1": "6", "handler": "handler"}, not_by="triage", late=Rows.accepted),
    Case("channel", Rows.signed, "signer", ROUTE_OUT, not_by="triage", late=Rows.accepted),
    Case("decline", Rows.signed, "signer", {"ground": "mediated", "explanation": "已达成协议", "other": "agreed"},
         late=Rows.accepted),
    Case("assign_handler", Rows.signed, "unit_leader", {"handler": "handler"}, not_by="triage", late=Rows.sent),
    Case("add_co_unit", Rows.accepted, "handler", {"department": "sibling", "demand": "请提供意见"}, late=Rows.signed),
    Case("co_sign_for", Rows.co, "sibling_signer", {}, not_by="signer",
         late=lambda rows: rows.co("co_sign_for")),
    Case("co_answer", lambda rows: rows.co("co_sign_for"), "sibling_handler", {"answer": "没有意见"}, not_by="handler",
         late=Rows.co),
    Case("legal_receive", Rows.legal, "police_signer", {}, not_by="triage", unseen="signer"),
    Case("extend_report", Rows.assigned_delivered, "triage", {"limit_on": in_days(120), "reason": "委托鉴定"}, not_by="signer",
         late=Rows.accepted),
    Case("report_back", Rows.assigned_delivered, "handler", {"result": "已经发放"}, not_by="triage", late=Rows.accepted),
    Case("interview", lambda rows: rows.make.handling(), "handler", {"text": "询问笔录", "people": "二人"}, not_by="signer",
         late=lambda rows: rows.make.issued()),
    Case("extend", lambda rows: rows.make.handling(), "unit_head", {"days": "10", "reason": "情况复杂"}, not_by="handler",
         late=lambda rows: rows.make.issued()),
    Case("draft", lambda rows: rows.make.handling(), "handler",
         {"facts": "经查", "basis": "土地管理法", "support_1": "support", "answer_1": "发放"}, not_by="signer",
         late=lambda rows: rows.make.checked()),
    Case("return_draft", lambda rows: rows.make.drafted(), "unit_leader", {"reason": "补充依据"}, not_by="handler",
         late=lambda rows: rows.make.handling()),
    Case("check", lambda rows: rows.make.drafted(), "unit_leader", {}, not_by="handler",
         late=lambda rows: rows.make.handling()),
    Case("sign", lambda rows: rows.make.checked(), "unit_head", {}, not_by="unit_leader",
         late=lambda rows: rows.make.drafted()),
    Case("deliver", lambda rows: rows.make.issued(), "handler",
         {"how": "hand", "receipt": "signed", "receiver": "王小明", "view": "0"}, not_by="triage",
         late=lambda rows: rows.make.checked()),
    Case("close", lambda rows: rows.make.delivered(), "handler", {}, not_by="triage",
         late=lambda rows: rows.make.delivered(view="1")),
    Case("confirm_closure", lambda rows: rows.make.closed(), "triage", {}, not_by="handler",
         late=lambda rows: rows.make.delivered()),
    Case("refuse_closure", lambda rows: rows.make.closed(), "triage", {"reason": "缺送达回证"}, not_by="handler",
         late=lambda rows: rows.make.delivered()),
    Case("submit_to_leader", lambda rows: rows.signed().petition, "head", {"leader": "leader", "proposal": "请批示"},
         not_by="signer", late=lambda rows: rows.make.confirmed()),
    Case("instruct", lambda rows: rows.signed().petition, "leader", {"text": "请依法办理", "answer_days": "10"},
         unseen="other_leader", late=lambda rows: rows.make.confirmed()),
    Case("answer_instruction", Rows.asked, "signer", {"answer": "已落实"}, not_by="unit_leader"),
    Case("remind", Rows.signed, "supervisor", {"demand": "请在本周内告知是否受理"}, not_by="leader", unseen="sibling_signer"),
    Case("supervise", lambda rows: rows.signed().petition, "supervisor", {"trigger": "shirking", "demand": "请说明"},
         not_by="signer", late=lambda rows: rows.make.confirmed()),
    Case("answer_supervision", Rows.supervised, "signer", {"answer": "已改正"}, not_by="triage",
         late=lambda rows: rows.supervised("answer_supervision")),
    Case("end_supervision", lambda rows: rows.supervised("answer_supervision"), "supervisor", {"finding": "属实"},
         not_by="signer", late=Rows.supervised),
    Case("ask_recusal", lambda rows: rows.signed().petition, "handler",
         {"person": "handler", "origin": "self", "interest": "承办人与信访人是近亲属"}, not_by="leader",
         late=lambda rows: rows.make.confirmed()),
    Case("grant_recusal", Rows.recusal, "unit_head", {"hides_name": "yes", "reason": "属实"}, not_by="unit_leader",
         late=lambda rows: rows.recusal("refuse_recusal")),
    Case("refuse_recusal", Rows.recusal, "unit_head", {"reason": "没有直接利害关系"}, not_by="head",
         late=lambda rows: rows.recusal("grant_recusal")),
    Case("follow_up", lambda rows: rows.make.confirmed(), "registrar", {"reached": "yes", "words": "满意", "settled": "yes"},
         not_by="signer", late=lambda rows: rows.signed().petition),
    Case("judge_resolved", lambda rows: rows.make.confirmed(), "triage", {"resolved": "yes", "ground": "款已到账"},
         not_by="signer", late=lambda rows: rows.signed().petition),
    Case("take_suggestion", lambda rows: rows.make.taken(), "signer", {"handler": "handler"}, not_by="triage", late=Rows.accepted),
    Case("draft_reply", lambda rows: rows.make.studying(), "handler", {"reply": "采纳", "basis": "规划", "adopted": "whole"},
         not_by="signer", late=lambda rows: rows.make.replied("draft_reply", "sign_reply")),
    Case("return_reply", lambda rows: rows.make.replied("draft_reply"), "unit_head", {"reason": "补充理由"}, not_by="handler",
         late=lambda rows: rows.make.studying()),
    Case("sign_reply", lambda rows: rows.make.replied("draft_reply"), "unit_head", {}, not_by="handler",
         late=lambda rows: rows.make.studying()),
    Case("deliver_reply", lambda rows: rows.make.replied("draft_reply", "sign_reply"), "handler",
         {"how": "hand", "receipt": "signed", "receiver": "王小明", "view": "9"}, not_by="triage", late=lambda rows: rows.make.replied("draft_reply")),
    Case("close_reply", lambda rows: rows.make.replied("draft_reply", "sign_reply", "deliver_reply"), "handler", {}, not_by="triage",
         late=lambda rows: rows.make.replied("draft_reply", "sign_reply")),
    Case("outside_result", lambda rows: rows.make.channelled(), "handler", {"result": "法院判决支付", "result_on": in_days(0)},
         not_by="supervisor", late=lambda rows: rows.make.handling()),
    Case("come_back", lambda rows: rows.make.channelled(), "triage", {"reason": "法院不予立案"}, late=lambda rows: rows.make.handling()),
    Case("to_ordinary", Rows.simplified, "handler", {"reason": "需要测绘"}, not_by="signer", late=lambda rows: rows.make.handling()),
    Case("call_hearing", lambda rows: rows.make.handling(), "handler",
         {"hold_on": in_days(8), "place": "镇政府", "chair": "李主持", "matters": "补偿标准"}, not_by="signer", late=lambda rows: rows.make.issued()),
    Case("hold_hearing", lambda rows: rows.make.hearing_day(), "handler", {"people": "各方", "text": "笔录"}, not_by="signer",
         late=lambda rows: rows.heard("hold_hearing")),
    Case("conclude_hearing", lambda rows: rows.heard("hold_hearing"), "handler", {"conclusion_text": "事实清楚"}, not_by="signer",
         late=lambda rows: rows.make.hearing()),
    Case("cancel_hearing", lambda rows: rows.make.hearing(), "handler", {"reason": "信访人申请改期"}, not_by="signer",
         late=lambda rows: rows.heard("hold_hearing")),
    Case("start_mediation", lambda rows: rows.make.handling(), "handler",
         {"between_them": "no", "petitioner_agrees": "yes", "other": "村委会", "other_agrees": "yes", "mediator": "周调解"},
         not_by="signer", late=lambda rows: rows.make.issued()),
    Case("mediation_session", lambda rows: rows.make.mediation(), "handler", {"people": "双方", "text": "各自陈述"}, not_by="signer",
         late=lambda rows: rows.make.agreed()),
    Case("agree_mediation", lambda rows: rows.make.mediation(), "handler", {"parties": "双方", "terms": "分期支付", "perform_by": in_days(20)},
         not_by="signer", late=lambda rows: rows.make.agreed()),
    Case("stop_mediation", lambda rows: rows.make.mediation(), "handler", {"reason": "一方不同意"}, not_by="signer",
         late=lambda rows: rows.make.agreed()),
    Case("court_confirms", lambda rows: rows.make.agreed(), "triage", {"court": "浦江县人民法院", "number": "（2026）浙司确1号"}, not_by="signer",
         late=lambda rows: rows.make.mediation()),
    Case("perform_mediation", lambda rows: rows.make.agreed(), "handler", {"evidence": "转账凭证"}, not_by="signer",
         late=lambda rows: rows.make.mediation()),
    Case("break_mediation", lambda rows: rows.make.agreed(), "triage", {"reason": "没有付款"}, not_by="signer",
         late=lambda rows: rows.make.mediation()),
    Case("settle", lambda rows: rows.make.agreed().proceeding, "unit_head", {}, not_by="handler", late=lambda rows: rows.make.handling()),
    Case("close_settled", lambda rows: rows.make.settled("perform_mediation"), "handler", {}, not_by="triage",
         late=lambda rows: rows.make.handling()),
    Case("record_withdrawal", lambda rows: rows.make.handling().petition, "registrar", {"how": "written", "words": "不再要求"},
         late=lambda rows: rows.make.confirmed()),
    Case("confirm_withdrawal", lambda rows: rows.make.withdrawal(), "triage", {"words": "电话核实属实"}, not_by="handler", late=Rows.denied),
    Case("deny_withdrawal", lambda rows: rows.make.withdrawal(), "head", {"words": "不是本人意思"}, not_by="handler", late=Rows.denied),
    Case("report_urgent", lambda rows: rows.signed().petition, "triage", dict(URGENT), not_by="handler", late=None),
    Case("urgent_measure", lambda rows: rows.make.urgent(), "triage", {"text": "已劝离"}, not_by="handler", late=None),
    Case("end_urgent", lambda rows: rows.make.urgent(), "head", {"finding": "已平息"}, not_by="handler", late=None),
    Case("look_into", lambda rows: rows.make.watched(), "supervisor", {"form": "paper", "facts_true": "yes", "claim_fair": "part", "understood": "yes", "text": "查阅案卷"}, not_by="signer", late=None),
    Case("return_answer", lambda rows: rows.supervised("answer_supervision"), "supervisor", {"reason": "没有说明原因"}, not_by="signer",
         late=lambda rows: rows.make.watched()),
    Case("propose_measure", lambda rows: rows.make.watched(), "head", {"kind": "talk", "reason": "屡催不办"}, not_by="conference", late=None),
    Case("decide_measure", lambda rows: rows.make.measure(), "conference", {"kind": "listed", "demand": "整改", "rectify_by": in_days(10)},
         late=lambda rows: rows.make.measure("decide_measure")),
    Case("reject_measure", lambda rows: rows.make.measure(), "conference", {"reason": "情节轻微"},
         late=lambda rows: rows.make.measure("decide_measure")),
    Case("answer_measure", lambda rows: rows.make.measure("decide_measure"), "handler", {"answer": "已整改"}, late=lambda rows: rows.make.measure()),
    Case("end_measure", lambda rows: rows.make.measure("decide_measure", "answer_measure"), "conference", {"finding": "到位"},
         late=lambda rows: rows.make.measure()),
    Case("reopen_measure", lambda rows: rows.make.measure("decide_measure", "answer_measure"), "conference",
         {"reason": "不到位", "rectify_by": in_days(5)}, late=lambda rows: rows.make.measure()),
    Case("advise", lambda rows: rows.make.confirmed(), "supervisor",
         {"kind": "policy", "department": "county", "facts": "政策冲突", "suggestion": "统一口径", "basis": "文件"}, not_by="signer"),
    Case("answer_advice", lambda rows: rows.make.advice(), "sibling_head", {"adopted": "whole", "answer": "已建台账"}, not_by="signer",
         late=Rows.advised),
    Case("note_advice", Rows.advised, "supervisor", {"finding": "已落实"}, not_by="signer", late=lambda rows: rows.make.advice()),
    Case("track_execution", lambda rows: rows.make.delivered(), "handler", {"executor": "bureau", "what": "发放", "due_on": in_days(20)},
         not_by="signer", late=lambda rows: rows.make.issued()),
    Case("urge_execution", lambda rows: rows.make.executing(), "supervisor", {"what": "请尽快发放"}, not_by="signer", late=Rows.executed),
    Case("execution_done", lambda rows: rows.make.executing(), "handler", {"evidence": "银行回单"}, not_by="signer", late=Rows.executed),
    Case("refer_dispute", lambda rows: rows.make.registered().petition, "triage",
         {"one": "bureau", "other": "sibling", "superior": "no", "reason": "都认为是对方的职权"}, late=lambda rows: rows.signed().petition),
    Case("dispute_to_conference", lambda rows: rows.make.dispute(superior=True), "head", {"reason": "没有共同上一级"},
         late=lambda rows: rows.make.dispute()),
    Case("decide_dispute", lambda rows: rows.make.dispute(superior=True), "triage",
         {"body": "bureau", "decider": "浦江县人民政府", "number": "浦政信〔2026〕3号", "reason": "三定规定"}, late=lambda rows: rows.make.dispute()),
    Case("coordinate_dispute", lambda rows: rows.make.dispute(), "conference", {"body": "sibling", "reason": "三定规定"},
         not_by="triage", late=lambda rows: rows.make.dispute(superior=True)),
    Case("dispute_agreed", lambda rows: rows.make.dispute(), "triage", {"body": "bureau", "words": "双方分管领导商定"}, late=Rows.settled_dispute),
    Case("merge_supervise", Rows.filing, "triage", {"into": "overdue"}, late=Rows.routed),
    Case("unmerge", Rows.merged, "triage", {"reason": "不是同一事项"}, late=Rows.filing),
    Case("split_off", Rows.repeat, "triage", {"title": "反映另一条路", "reason": "不是同一事项"}, late=Rows.merged),
    Case("relate", lambda rows: rows.signed().petition, "triage", {"to": "other"}, not_by="signer", late=lambda rows: rows.related()),
    Case("unrelate", lambda rows: rows.related(), "triage", {"reason": "不是同一问题"}, not_by="signer", late=lambda rows: rows.signed().petition),
    Case("choose_representatives", lambda rows: rows.make.joint().filing, "registrar", {"people": "1,3"}, late=Rows.filing),
    Case("count_heads", lambda rows: rows.make.joint().filing, "registrar", {"actual": "14"}, late=Rows.filing),
    Case("pass_on", lambda rows: rows.make.joint().petition, "registrar", {"text": "代表回村转告"}, late=lambda rows: rows.signed().petition),
    Case("serve_paper", lambda rows: rows.make.handling().petition, "handler",
         {"paper": "accept_notice", "how": "post", "receipt": "signed", "receiver": "王小明"}, not_by="supervisor"),
    Case("void_paper", lambda rows: rows.make.handling().petition, "unit_head", {"paper": "accept_notice", "reason": "日期有误"}, not_by="handler"),
    Case("archive", lambda rows: rows.answered(), "registrar", {"period": "30"}, not_by="supervisor", late=lambda rows: rows.signed().petition),
    Case("keep_longer", lambda rows: rows.archived(), "head", {"period": "forever", "reason": "典型案例"}, not_by="supervisor",
         late=lambda rows: rows.answered()),
    Case("recall_opinion", lambda rows: rows.make.issued(), "unit_head", {"reason": "依据引用有误"}, not_by="handler",
         late=lambda rows: rows.make.delivered()),
    Case("recall_reply", lambda rows: rows.make.replied("draft_reply", "sign_reply"), "unit_head", {"reason": "日期有误"},
         not_by="handler", late=lambda rows: rows.make.replied("draft_reply", "sign_reply", "deliver_reply")),
    Case("apply_review", lambda rows: rows.make.delivered(view="1"), "registrar",
         {"body": "review", "request": "请求撤销", "reasons": "标准不对"}, not_by="handler", late=lambda rows: rows.make.issued()),
    Case("apply_rereview", lambda rows: rows.make.review_delivered(), "registrar",
         {"body": "city_review", "request": "请求变更", "reasons": "仍不对"}, not_by="handler", late=lambda rows: rows.make.review_issued()),
    Case("accept_review", lambda rows: rows.make.asked(), "reviewer", {}, not_by="rereviewer",
         late=lambda rows: rows.make.reviewing()),
    Case("refuse_review", lambda rows: rows.make.asked(), "reviewer", {"ground": "no_opinion", "explanation": "请依法提起"},
         not_by="triage", late=lambda rows: rows.make.reviewing()),
    Case("drop_review", lambda rows: rows.make.reviewing(), "reviewer", {"words": "我不申请了"}, not_by="handler",
         late=lambda rows: rows.make.review_issued()),
    Case("draft_review", lambda rows: rows.make.reviewing(), "reviewer",
         {"conclusion": "uphold", "facts": "经复查", "basis": "土地管理法"}, not_by="unit_head", late=lambda rows: rows.make.asked()),
    Case("return_review", lambda rows: rows.make.review_drafted(), "reviewer2", {"reason": "补充依据"}, not_by="handler",
         late=lambda rows: rows.make.reviewing()),
    Case("sign_review", lambda rows: rows.make.review_drafted(), "reviewer2", {}, not_by="rereviewer",
         late=lambda rows: rows.make.reviewing()),
    Case("deliver_review", lambda rows: rows.make.review_issued(), "reviewer",
         {"how": "post", "receipt": "signed", "receiver": "王小明", "view": "9"}, not_by="handler",
         late=lambda rows: rows.make.review_drafted()),
    Case("record_review", Rows.outside_asked, "triage",
         {"accepted": "yes", "conclusion": "uphold", "number": "金复查〔2026〕1号", "issued_on": in_days(0), "words": "维持"},
         not_by="reviewer", late=None),
]  # fmt: skip


def test_every_step_that_people_take_has_a_form_and_a_case_here() -> None:
    assert set(of_people()) == set(STEP_FORMS) == {case.step for case in CASES}


@pytest.fixture
def rows(cast: Cast, make: Makes) -> Rows:
    return Rows(cast, make)


def address(case: Case, row: Any) -> str:
    ref = row.ref if isinstance(row, Petition) else row.petition.ref
    return f"/petitions/{ref}/step/{case.step}/{row.ref}/"


def typed(case: Case, rows: Rows, row: Any, **more: Any) -> dict[str, Any]:
    """What the person types: names of the cast become ids; dates are today's."""
    said = dict(case.typed)
    for name in ("department", "suggested", "body", "executor", "one", "other"):
        if name in said and case.step not in (
            "redirect",
            "object_up",
            "start_mediation",
            "decline",
        ):  # a body outside the office is named in words
            below = Department.objects.filter(code="T-ZRS") if said[name] == "below" else None
            said[name] = (below.get() if below else getattr(rows.cast, said[name])).pk
    for name in ("handler", "leader", "person"):
        if name in said:
            said[name] = getattr(rows.cast, said[name]).post.pk
    if case.step == "merge":
        said["into"] = rows.make.registered().petition.number
    if "paper" in said:
        held = row if isinstance(row, Petition) else row.petition
        said["paper"] = Paper.objects.filter(petition=held, kind=said["paper"]).latest("pk").number
    if case.step == "merge_supervise":
        said["into"] = rows.overdue().number
    if case.step == "no_further":
        said["earlier"] = rows.make.ended_by_rereview().number
    if case.step == "decline":
        said["other"] = rows.make.agreed().petition.number
    if case.step == "relate":
        said["to"] = rows.make.registered().petition.number
    said |= {name: (today() + days).isoformat() for name, days in said.items() if isinstance(days, timedelta)}
    petition = row if isinstance(row, Petition) else row.petition
    petition.refresh_from_db()
    return {"occurred_on": today().isoformat(), "seen": petition.events_count, **said, **more}


BY_STEP = pytest.mark.parametrize("case", CASES, ids=lambda case: case.step)


@BY_STEP
def test_the_right_person_at_the_right_moment(case: Case, rows: Rows, signed_in: SignIn) -> None:
    row = case.row(rows)
    client, url = signed_in(getattr(rows.cast, case.by)), address(case, row)
    said = typed(case, rows, row)
    with by_index.asked() as statements:
        shown = client.get(url, headers={"HX-Request": "true"})
        assert shown.status_code == 200, shown.content.decode()[:400]
        step = lifecycle.STEPS[case.step]
        assert step.article in shown.content.decode()
        answer = client.post(url, said)
        assert answer.status_code == 302, answer.content.decode()
    assert "\n".join(map(str, by_index.read_whole(statements))) == ""
    petition = row if isinstance(row, Petition) else row.petition
    event = Event.objects.filter(petition=petition).exclude(user__username="system").latest("seq")
    assert (event.step, event.user_id) == (case.step, getattr(rows.cast, case.by).user.pk)
    if step.paper:
        assert Paper.objects.filter(petition=petition, number=event.data["paper"]).exists()
    assert complaints(petition, rows.cast.everybody().values()) == []
    also = Paper.objects.filter(petition=petition, number__in=event.data.get("also", []))
    assert set(also.values_list("kind", flat=True)) >= set(step.also)


@BY_STEP
def test_somebody_else_is_refused(case: Case, rows: Rows, signed_in: SignIn) -> None:
    row = case.row(rows)
    client, url, said = signed_in(getattr(rows.cast, case.not_by)), address(case, row), typed(case, rows, row)
    before = Event.objects.count()
    assert client.get(url).status_code == 403
    answer = client.post(url, said)
    assert answer.status_code == 403
    assert lifecycle.STEPS[case.step].article in answer.content.decode()
    assert Event.objects.count() == before


@BY_STEP
def test_who_does_not_see_the_matter_finds_nothing(case: Case, rows: Rows, signed_in: SignIn) -> None:
    row = case.row(rows)
    client, url = signed_in(getattr(rows.cast, case.unseen)), address(case, row)
    assert client.get(url).status_code == 404
    assert client.post(url, typed(case, rows, row)).status_code == 404


@BY_STEP
def test_the_wrong_moment_is_refused(case: Case, rows: Rows, signed_in: SignIn) -> None:
    row = case.late(rows) if case.late else _elsewhere(case, rows)
    if row is None:
        return  # the table lets it be taken at any time
    client, url = signed_in(getattr(rows.cast, case.by)), address(case, row)
    assert client.get(url).status_code == 409
    said = typed(case, rows, row)
    before = Event.objects.count()
    answer = client.post(url, said)
    assert answer.status_code == 409, answer.content.decode()
    assert Event.objects.count() == before


def _elsewhere(case: Case, rows: Rows) -> Any:
    """The step's own row, put where the table does not let it be taken from; nothing where it may be taken from anywhere."""
    step = lifecycle.STEPS[case.step]
    known = lifecycle.STAGES if step.on == "petition" else lifecycle.STATES[step.on]
    wrong = next((state for state in known if state not in step.from_), None)
    if wrong is None:
        return None
    row = case.row(rows)
    type(row).objects.filter(pk=row.pk).update(**{"stage" if isinstance(row, Petition) else "state": wrong})
    row.refresh_from_db()
    return row


@BY_STEP
def test_what_the_paper_needs_and_was_not_told_is_named(case: Case, rows: Rows, signed_in: SignIn) -> None:
    row = case.row(rows)
    client, url, actor = signed_in(getattr(rows.cast, case.by)), address(case, row), getattr(rows.cast, case.by)
    petition = row if isinstance(row, Petition) else row.petition
    form = form_for(lifecycle.STEPS[case.step], petition, row, actor)
    needed = [field_ for field_ in form.visible_fields() if field_.field.required]
    if not needed:
        return  # it asks for nothing
    said = typed(case, rows, row) | dict.fromkeys([field_.name for field_ in needed], "")
    before = Event.objects.count()
    answer = client.post(url, said)
    assert answer.status_code == 422, answer.status_code
    page = answer.content.decode()
    assert [f.label for f in needed if f.label not in page] == []
    assert Event.objects.count() == before


AUTOMATIC = [code for code, step in lifecycle.STEPS.items() if set(step.who) == {"system"}]


@pytest.mark.parametrize("code", AUTOMATIC)
def test_what_comes_by_itself_is_taken_by_nobody_and_at_no_other_moment(code: str, rows: Rows) -> None:
    step = lifecycle.STEPS[code]
    made: dict[str, Callable[[], Any]] = {
        "filing": rows.filing, "assignment": rows.signed, "proceeding": rows.make.delivered,
    }  # fmt: skip
    row = made[step.on]()
    states = [state for state in lifecycle.STATES[step.on] if state not in step.from_]
    type(row).objects.filter(pk=row.pk).update(state=states[0])
    with pytest.raises(WrongMoment):
        advance(code, on=row, by=system_actor())
    type(row).objects.filter(pk=row.pk).update(state=step.from_[0])
    with pytest.raises((WrongPerson, WrongMoment)):
        advance(code, on=row, by=rows.cast.head)


def test_every_field_has_a_chinese_label(cast: Cast, make: Makes) -> None:
    rows = Rows(cast, make)
    for case in CASES:
        row = case.row(rows)
        petition = row if isinstance(row, Petition) else row.petition
        form = form_for(lifecycle.STEPS[case.step], petition, row, getattr(cast, case.by))
        for field_ in form.visible_fields():
            assert any("一" <= mark <= "鿿" for mark in str(field_.label)), (case.step, field_.name)


def test_another_matters_row_is_not_found(rows: Rows, signed_in: SignIn) -> None:
    one, other = rows.signed(), rows.signed()
    answer = signed_in(rows.cast.signer).get(f"/petitions/{one.petition.ref}/step/accept/{other.ref}/")
    assert answer.status_code == 404
    assert signed_in(rows.cast.signer).get(f"/petitions/{one.petition.ref}/step/nonsense/{one.ref}/").status_code == 404


def test_a_bad_form_keeps_what_was_typed(rows: Rows, signed_in: SignIn) -> None:
    run = rows.make.handling()
    url = f"/petitions/{run.petition.ref}/step/draft/{run.ref}/"
    answer = signed_in(rows.cast.handler).post(url, {"facts": "查明的一段很长的事实", "basis": "", "seen": ""})
    text = answer.content.decode()
    assert answer.status_code == 422 and "查明的一段很长的事实" in text and 'role="alert"' in text


def test_a_stale_page_says_who_did_what_and_offers_to_go_on(rows: Rows, signed_in: SignIn) -> None:
    run = rows.make.handling()
    seen = Petition.objects.get(pk=run.petition_id).events_count
    advance("interview", on=run, by=rows.cast.handler, text="先到一步")
    url = f"/petitions/{run.petition.ref}/step/interview/{run.ref}/"
    data = {"text": "我记下的笔录内容", "occurred_on": today().isoformat(), "seen": seen}
    answer = signed_in(rows.cast.handler).post(url, data, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 409 and "我记下的笔录内容" in text
    assert rows.cast.handler.user.name in text and "记录接谈调查" in text and "核对过了，继续" in text
    assert f'name="seen" value="{seen + 1}"' in text
    again = signed_in(rows.cast.handler).post(url, data | {"seen": seen + 1}, headers={"HX-Request": "true"})
    assert again.status_code == 204 and again["HX-Redirect"] == f"/petitions/{run.petition.ref}/"


def test_a_stale_page_whose_step_is_gone_keeps_the_text_but_offers_nothing(rows: Rows, signed_in: SignIn) -> None:
    held = rows.signed()
    seen = Petition.objects.get(pk=held.petition_id).events_count
    advance("accept", on=held, by=rows.cast.signer)
    url = f"/petitions/{held.petition.ref}/step/object/{held.ref}/"
    answer = signed_in(rows.cast.signer).post(url, {"reason": "写了很久的异议理由", "seen": seen})
    text = answer.content.decode()
    assert (
        answer.status_code == 409
        and "写了很久的异议理由" in text
        and "data-primary" not in text.replace("[data-primary]", "")
    )  # the sheet of keys names it


def test_dating_back_wants_a_reason_and_has_an_end(rows: Rows, signed_in: SignIn) -> None:
    held = rows.make.sent(received_on=today() - timedelta(days=6), backdate_reason="补登")
    Assignment.objects.filter(pk=held.pk).update(sent_on=today() - timedelta(days=6))
    url = f"/petitions/{held.petition.ref}/step/sign_for/{held.ref}/"
    client = signed_in(rows.cast.signer)
    day = (today() - timedelta(days=2)).isoformat()
    assert client.post(url, {"occurred_on": day, "seen": ""}).status_code == 422
    too_far = client.post(url, {"occurred_on": (today() - timedelta(days=9)).isoformat(), "late_reason": "忙"})
    assert too_far.status_code == 422 and "最多可补录" in too_far.content.decode()
    assert client.post(url, {"occurred_on": day, "late_reason": "出差回来补签"}).status_code == 302
    text = client.get(f"/petitions/{held.petition.ref}/").content.decode()
    assert "发生后2天补录" in text and "出差回来补签" in text


@pytest.mark.parametrize("words", ["\x00零", "右\u202e左", "长" * 30_000])
def test_words_that_cannot_be_taken(rows: Rows, signed_in: SignIn, words: str) -> None:
    held = rows.signed()
    url = f"/petitions/{held.petition.ref}/step/object/{held.ref}/"
    answer = signed_in(rows.cast.signer).post(url, {"reason": words})
    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        assert "\x00" not in signed_in(rows.cast.signer).get(f"/petitions/{held.petition.ref}/").content.decode()
