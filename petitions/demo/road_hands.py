"""How is each step of the other roads taken?  As in ``hands``, by the person whose duty it is, through the verbs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from accounts.actor import Actor
from accounts.models import Department, Role
from petitions import retention, review_bodies
from petitions.actions import Registered, advance, moment, register
from petitions.demo.hands import Case
from petitions.law import archive, oversight
from petitions.models import (
    Advice,
    Assignment,
    Dispute,
    Hearing,
    Measure,
    Mediation,
    Petition,
    Proceeding,
    Recusal,
    Supervision,
    UrgentReport,
    Withdrawal,
)

_REVIEWERS = {"review": ("fucha", "fucha2"), "rereview": ("shifuhe", "shifuhe2")}
# To whom each of the three suggestions goes (Art.40); the first to the unit itself.
_ADVISED = {"policy": "CZ", "blame": "JW"}
_STUDIED = {
    "whole": "所提建议切合实际，予以采纳，即日起安排落实。",
    "part": "所提建议有现实可行性，予以部分采纳：能够马上做的自下月起实行，其余列入明年计划，届时再向您反馈。",
    "none": "所提建议目前不具备条件，暂不采纳，理由如下，感谢您的关心。",
}
_ADVICE = {
    "improve": (
        "同类事项今年已有多件逾期告知，内部流转环节过多。",
        "指定专人负责签收和告知，两个工作日内转到承办科室。",
    ),
    "policy": ("补助标准多年没有调整，同类诉求反复发生。", "会同主管部门重新测算标准，完善申领办法。"),
    "blame": ("经督办仍未按期告知，且提供的情况与核实的不一致。", "请依规依纪对有关责任人员作出处理。"),
}
_ANSWERED = {
    "improve": ("whole", "已调整流转环节，指定两名同志专责，自本月起执行。"),
    "policy": ("part", "标准测算列入明年预算安排；申领办法先行修订，已征求意见。"),
    "blame": ("whole", "已对有关责任人员批评教育、责令检查，结果随函报送。"),
}
_URGENT: dict[str, Any] = {
    "people": "约四十名村民，情绪比较激动，没有过激行为。", "event": "村民在施工现场聚集，要求停工并当面答复。",
    "cause": "补偿款未按承诺日期发放。", "measures": "镇村干部和派出所到场疏导，引导推选代表到便民服务中心商谈。",
    "trend": "如不尽快明确发放日期，可能再次聚集；建议县分管领导召集有关单位研究。",
}  # fmt: skip

Row = TypeVar("Row", Hearing, Mediation, Withdrawal, UrgentReport, Dispute, Measure, Recusal)


class RoadCase(Case):
    """One matter in the making, on whichever road of the statute."""

    later: Registered  # the filing of the same fact after the end of the road

    # --- who and what -----------------------------------------------------------------------------------------------

    def _reviewer(self, run: Proceeding, place: int = 0) -> Actor:
        """Who drafts, and (``place`` 1) who signs."""
        return self.county.named(_REVIEWERS[run.kind][place])

    def _latest(self, *kinds: str) -> Proceeding:
        return Proceeding.objects.filter(petition=self.petition, kind__in=kinds).latest("pk")

    def _review(self) -> Proceeding:
        return self._latest("review", "rereview")

    def _one_of(self, model: type[Row]) -> Row:
        found: Row = model._default_manager.get(petition=self.petition)
        return found

    # --- suggestions and route 5 --------------------------------------------------------------------------------------

    def _take_suggestion(self) -> None:
        advance("take_suggestion", on=self._held(), by=self._one(Role.SIGNER), handler=self._first_handler())

    def _draft_reply(self, word: str = "") -> None:
        run, told = self._latest("study", "duty"), self.subject.told
        more: dict[str, Any]
        if run.kind == "study":
            more = {"adopted": word, "reply": _STUDIED[word]}
        else:
            reply = f"{told.facts}已责令改正，并将处理决定送达当事人。"
            more = {"remedy": "浦江县人民政府；浦江县人民法院", "reply": reply}
        advance("draft_reply", on=run, by=self._handler(run), basis=told.basis, **more)

    def _sign_reply(self) -> None:
        advance("sign_reply", on=self._latest("study", "duty"), by=self._head())

    def _deliver_reply(self) -> None:
        run = self._latest("study", "duty")
        advance("deliver_reply", on=run, by=self._handler(run), how="post", receiver=self.petition.lead_name)

    def _close_reply(self) -> None:
        run = self._latest("study", "duty")
        advance("close_reply", on=run, by=self._handler(run))

    def _confirm_closure(self) -> None:
        advance("confirm_closure", on=self._latest("handling", "study", "duty"), by=self._office(Role.TRIAGE))

    # --- routes 1 to 4 --------------------------------------------------------------------------------------------------

    def _outside_result(self) -> None:
        for run in self._outside():
            advance("outside_result", on=run, by=self._one(Role.SIGNER), result_on=moment.today(),
                    result=f"{run.outside_body}决定不予受理，告知可以向主管部门反映。")  # fmt: skip

    def _outside(self) -> list[Proceeding]:
        return list(Proceeding.objects.filter(petition=self.petition, kind="outside").order_by("pk"))

    def _come_back(self) -> None:
        for run in self._outside():
            advance("come_back", on=run, by=self._one(Role.SIGNER), reason="该程序不予受理，按信访程序继续办理。")

    # --- hearing, mediation, withdrawal -----------------------------------------------------------------------------------

    def _call_hearing(self, word: str = "") -> None:
        run = self._review() if word == "again" else self._run()
        by = self._reviewer(run) if word == "again" else self._handler(run)
        advance("call_hearing", on=run, by=by, hold_on=moment.today() + timedelta(days=10), place="县社会矛盾纠纷调处化解中心二楼听证室",
                chair="何建平（县司法局，未经办本事项）", matters="诉求所涉事实是否属实，处理意见的依据是否充分。")  # fmt: skip

    def _hearer(self, hearing: Hearing) -> Actor:
        run = hearing.proceeding
        return self._reviewer(run) if run.kind in _REVIEWERS else self._handler(run)

    def _hold_hearing(self) -> None:
        row = self._one_of(Hearing)
        advance("hold_hearing", on=row, by=self._hearer(row), people=f"主持人、听证员二人、{self.petition.lead_name}、承办单位、记录人",
                text="信访人陈述事实和理由；承办单位说明处理意见的依据；双方质证，听证员提问。笔录交各方核对签字。")  # fmt: skip

    def _conclude_hearing(self) -> None:
        row = self._one_of(Hearing)
        words = "听证认为主要事实清楚，争议在于标准的适用；建议按现行规定书面说明计算过程。"
        advance("conclude_hearing", on=row, by=self._hearer(row), conclusion_text=words)

    def _start_mediation(self, word: str = "") -> None:
        run, between = self._run(), word == "between"
        advance("start_mediation", on=run, by=self._handler(run), petitioner_agrees=True, other="村民委员会", other_agrees=True,
                mediator="" if between else "镇人民调解委员会", between_them=between)  # fmt: skip

    def _mediation_session(self) -> None:
        row = self._one_of(Mediation)
        advance("mediation_session", on=row, by=self._handler(row.proceeding), people=f"{self.petition.lead_name}、村民委员会、调解员",
                text="双方对事实没有争议，就金额和期限达成初步意向。")  # fmt: skip

    def _agree_mediation(self) -> None:
        row = self._one_of(Mediation)
        advance("agree_mediation", on=row, by=self._handler(row.proceeding), parties=f"{self.petition.lead_name}；村民委员会",
                terms="一、村民委员会在约定日期前一次性支付；二、双方就此事不再有其他争议。", perform_by=moment.today() + timedelta(days=30))  # fmt: skip

    def _settle(self) -> None:
        advance("settle", on=self._run(), by=self._head())

    def _perform_mediation(self) -> None:
        row = self._one_of(Mediation)
        advance("perform_mediation", on=row, by=self._handler(row.proceeding), evidence="银行转账凭证、信访人签收条。")

    def _close_settled(self) -> None:
        run = self._run()
        advance("close_settled", on=run, by=self._handler(run))

    def _record_withdrawal(self) -> None:
        words = "事情已经自己商量好了，这次就不再反映了。"
        advance("record_withdrawal", on=self.petition, by=self._office(Role.REGISTRAR), how="written", words=words)

    def _confirm_withdrawal(self) -> None:
        words = "电话联系本人，确认是自愿撤回，知道以后还可以再提出。"
        advance("confirm_withdrawal", on=self._one_of(Withdrawal), by=self._office(Role.TRIAGE), words=words)

    # --- review and re-review ---------------------------------------------------------------------------------------------

    def _apply(self, step: str, run: Proceeding) -> None:
        advance(step, on=run, by=self._office(Role.REGISTRAR), body=review_bodies.possible(run.department)[0],
                request="请求撤销原意见，重新核实并支持第一项诉求。", reasons="原意见没有采信我提交的收据，认定的事实和实际不符。",
                attached=True)  # fmt: skip

    def _apply_review(self) -> None:
        self._apply("apply_review", self._run())

    def _apply_rereview(self) -> None:
        self._apply("apply_rereview", self._review())

    def _accept_review(self) -> None:
        run = self._review()
        advance("accept_review", on=run, by=self._reviewer(run))

    def _draft_review(self, word: str) -> None:
        run, redo = self._review(), word == "redo"
        basis = (
            "原意见对信访人提交的收据没有核实，主要事实不清，责令重新办理。"
            if redo
            else f"{self.subject.told.basis}。原意见认定事实清楚，依据充分，予以维持。"
        )
        advance("draft_review", on=run, by=self._reviewer(run), conclusion=word, redo_days=45 if redo else None, basis=basis,
                facts="调阅了原办理案卷，听取了申请人和原办理机关的意见，核对了申请人提交的材料。")  # fmt: skip

    def _sign_review(self) -> None:
        run = self._review()
        advance("sign_review", on=run, by=self._reviewer(run, 1))

    def _deliver_review(self) -> None:
        run = self._review()
        advance("deliver_review", on=run, by=self._reviewer(run), how="post", receiver=self.petition.lead_name)

    def _register_again(self, word: str = "复核") -> None:
        """The same person comes once more with the same fact and the same reason."""
        entry = self.desk.entry(self.subject, moment.today(), content=self.words.again())
        self.later = register(
            replace(entry, title=f"{entry.title}（{word}后再次提出）"), by=self._office(Role.REGISTRAR)
        )

    def _refuse_again(self) -> None:
        advance("no_further", on=self.later.filing, by=self._office(Role.TRIAGE), earlier=self.petition,
                explanation="该事项已作出复核意见，现以同一事实和理由再次提出，不再受理。")  # fmt: skip

    def _decline_again(self) -> None:
        """What was settled comes again: the unit does not accept it while the agreement is being performed."""
        advance(
            "transfer",
            on=self.later.filing,
            by=self._office(Role.TRIAGE),
            department=self.unit,
            category=self._category(),
        )
        held = Assignment.objects.get(petition=self.later.petition)
        advance("sign_for", on=held, by=self._one(Role.SIGNER))
        advance("decline", on=held, by=self._one(Role.SIGNER), ground="mediated", other=self.petition,
                explanation="双方已达成协议，正在履行期内；对方不履行的，可以向人民法院起诉。")  # fmt: skip

    # --- execution ----------------------------------------------------------------------------------------------------------

    def _track_execution(self, word: str = "") -> None:
        run, days = self._run(), 5 if word == "late" else 30
        advance("track_execution", on=run, by=self._handler(run), executor=self.unit, due_on=moment.today() + timedelta(days=days),
                what="按处理意见书支持的诉求落实到位，并留存凭证。")  # fmt: skip

    def _urge_execution(self) -> None:
        advance(
            "urge_execution",
            on=self._latest("execution"),
            by=self._office(Role.SUPERVISOR),
            what="请抓紧落实，按期报送凭证。",
        )

    def _execution_done(self) -> None:
        run = self._latest("execution")
        advance("execution_done", on=run, by=self._handler(run), evidence="款项已拨付到户，附银行回单。")

    # --- supervision, suggestions, measures ---------------------------------------------------------------------------------

    def _look_into(self) -> None:
        row = Supervision.objects.filter(petition=self.petition).latest("pk")
        advance("look_into", on=row, by=self._office(Role.SUPERVISOR), form="paper", facts_true="yes",
                claim_fair="part", understood="part", cause="科室之间推诿。", text="调阅案卷并约见信访人。")  # fmt: skip

    def _advised(self, kind: str) -> Department:
        return self.county.departments[_ADVISED[kind]] if kind in _ADVISED else self.unit

    def _advise(self, kind: str) -> None:
        facts, suggestion = _ADVICE[kind]
        advance("advise", on=self.petition, by=self._office(Role.SUPERVISOR), kind=kind, department=self._advised(kind), facts=facts,
                suggestion=suggestion, basis="《信访工作条例》第四十条。", article="45" if kind == "blame" else "")  # fmt: skip

    def _answer_advice(self, kind: str) -> None:
        adopted, answer = _ANSWERED[kind]
        row = Advice.objects.get(petition=self.petition, kind=kind)
        advance("answer_advice", on=row, by=self._one(Role.SIGNER, row.department), adopted=adopted, answer=answer)

    def _note_advice(self) -> None:
        row = Advice.objects.filter(petition=self.petition, state="answered").earliest("pk")
        advance(
            "note_advice", on=row, by=self._office(Role.SUPERVISOR), finding="已收到书面反馈，采纳情况列入年度报告。"
        )

    def _propose_measure(self, kind: str) -> None:
        advance("propose_measure", on=self._supervision("answered"), by=self._office(Role.SUPERVISOR), kind=kind,
                reason="两次督办后仍未按承诺推进，群众意见较大。")  # fmt: skip

    def _decide_measure(self, kind: str) -> None:
        advance("decide_measure", on=self._one_of(Measure), by=self.county.named("lianxiban"), kind=kind,
                demand=f"{oversight.MEASURES[kind]}你单位主要负责人，限期整改并书面报告。", rectify_by=moment.today() + timedelta(days=20))  # fmt: skip

    def _answer_measure(self) -> None:
        advance(
            "answer_measure",
            on=self._one_of(Measure),
            by=self._one(Role.SIGNER),
            answer="已召开专题会议，逐项整改，信访人对进度表示认可。",
        )

    def _end_measure(self) -> None:
        advance(
            "end_measure", on=self._one_of(Measure), by=self.county.named("lianxiban"), finding="整改属实，措施解除。"
        )

    # --- urgent, simplified, joint ------------------------------------------------------------------------------------------

    def _report_urgent(self) -> None:
        where = f"今日上午，{self.subject.village.full_name}"
        advance(
            "report_urgent",
            on=self.petition,
            by=self._office(Role.TRIAGE),
            when_where=where,
            competent=self.unit.name,
            **_URGENT,
        )

    def _urgent_measure(self) -> None:
        text = "已与代表商谈，约定三日内书面答复，人员全部返回。"
        advance("urgent_measure", on=self._one_of(UrgentReport), by=self._office(Role.TRIAGE), text=text)

    def _end_urgent(self) -> None:
        finding = "现场平稳一周，诉求已按程序办理。"
        advance("end_urgent", on=self._one_of(UrgentReport), by=self._office(Role.TRIAGE), finding=finding)

    def _to_ordinary(self) -> None:
        run = self._run()
        advance("to_ordinary", on=run, by=self._handler(run), reason="需要委托鉴定，十个工作日内不能办结。")

    def _count_heads(self) -> None:
        actual = len(self.subject.people) + self.rng.randint(3, 9)
        advance("count_heads", on=self.filing, by=self._office(Role.REGISTRAR), actual=actual)

    def _choose_representatives(self) -> None:
        advance("choose_representatives", on=self.filing, by=self._office(Role.REGISTRAR), people="1,2")

    def _pass_on(self) -> None:
        run = self._run()
        advance(
            "pass_on",
            on=self.petition,
            by=self._handler(run),
            people="两名代表",
            text="代表在村民群里转发了意见书，并逐户告知。",
        )

    # --- competence, recusal, what belongs together -----------------------------------------------------------------------

    def _refer_dispute(self) -> None:
        other = self.county.departments[next(code for code in ("ZHZF", "ZJ") if code != self.subject.unit)]
        advance("refer_dispute", on=self.petition, by=self._office(Role.TRIAGE), one=self.unit, other=other, superior=True,
                reason="双方都认为主管职责在对方，两次协商没有一致。")  # fmt: skip

    def _dispute_to_conference(self) -> None:
        reason = "县政府批转联席会议协调。"
        advance("dispute_to_conference", on=self._one_of(Dispute), by=self._office(Role.TRIAGE), reason=reason)

    def _decide_dispute(self) -> None:
        advance("decide_dispute", on=self._one_of(Dispute), by=self._office(Role.OFFICE_HEAD), body=self.unit, decider="浦江县人民政府",
                number=f"浦政函〔{moment.today().year}〕{self.rng.randint(20, 200)}号", reason="按职责清单，由主管部门受理。")  # fmt: skip

    def _ask_recusal(self) -> None:
        handler = self._handler(self._run())
        interest = "信访人是本人的近亲属。"
        advance("ask_recusal", on=self.petition, by=handler, person=handler.post, origin="self", interest=interest)

    def _grant_recusal(self) -> None:
        advance(
            "grant_recusal", on=self._one_of(Recusal), by=self._head(), hides_name=False, reason="情况属实，应当回避。"
        )

    def _assign_other(self) -> None:
        away = self._one_of(Recusal).person.user_id
        other = next(actor for actor in self.by_post[self.unit.pk, Role.HANDLER] if actor.user.pk != away)
        advance("assign_handler", on=self._held(), by=self._one(Role.SIGNER), handler=other.post)

    def _others(self) -> Petition:
        assert self.other is not None
        return self.other.petition

    def _merge_supervise(self) -> None:
        assert self.other is not None
        advance("merge_supervise", on=self.other.filing, by=self._office(Role.TRIAGE), into=self.petition)

    def _relate(self) -> None:
        advance("relate", on=self._others(), by=self._office(Role.TRIAGE), to=self.petition)

    # --- the archive --------------------------------------------------------------------------------------------------------

    def _archive(self) -> None:
        self.petition.refresh_from_db()
        years = retention.least(self.petition, moment.today()).years
        period = next(code for code, (_, length) in archive.PERIODS.items() if length == years)
        advance("archive", on=self.petition, by=self._office(Role.REGISTRAR), period=period)
