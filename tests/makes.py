"""Ready matters for tests: made through the verbs, as far along as a test asks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department, Post, User
from petitions.actions import Entry, Person, Registered, advance, moment, register
from petitions.models import (
    Advice,
    Assignment,
    Dispute,
    Filing,
    Hearing,
    Measure,
    Mediation,
    Pattern,
    PatternCase,
    Petition,
    Proceeding,
    ReviewBody,
    Supervision,
    UrgentReport,
    Withdrawal,
)
from petitions.querycode import code_hash, new_code
from tests.cast import SINCE, Cast


def review_row(cast: Cast) -> str:
    """The id of a row of the table of review bodies."""
    return str(ReviewBody.objects.create(of=cast.bureau, body=cast.review).pk)


def pattern(*matters: Petition) -> Pattern:
    """A warning that was seen in ``matters``."""
    numbers = {
        "before": [1, 0, 1, 0, 1, 0],
        "usual": 0.5,
        "season": None,
        "last_year": None,
        "chance": 1e-7,
        "season_chance": None,
    }
    first = matters[0]
    row = Pattern.objects.create(
        kind="growth", category=first.category, region=first.region, first=today() - timedelta(days=28), last=today() - timedelta(days=1),
        count=len(matters), numbers=numbers, raised_on=today(),
    )  # fmt: skip
    PatternCase.objects.bulk_create(PatternCase(pattern=row, petition=one, part="now") for one in matters)
    return row


URGENT = {
    "when_where": "今天上午，镇政府门口", "people": "约三十人", "event": "要求答复补偿", "cause": "款项滞留", "measures": "镇领导到场接待",
    "trend": "可能再次聚集", "competent": "县公安局",
}  # fmt: skip


def entry(cast: Cast, **changes: Any) -> Entry:
    """An ordinary walk-in entry; any field may be changed."""
    people = [Person(name="王小明", id_number="", phone="19900000001", address="檀溪镇寺前村1号")]
    fields: dict[str, Any] = {
        "title": "反映寺前村承包地征收补偿款未到位", "content": "本人承包地于去年被征收，补偿款至今没有发放，请求查明并按标准发放。",
        "people": people, "category": cast.category, "region": cast.region, "claims": ["发放征地补偿款"],
    }  # fmt: skip
    return Entry(**(fields | changes))


class Makes:
    """Builds matters at a given stage."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def registered(self, **changes: Any) -> Registered:
        """A walk-in, just registered."""
        return register(entry(self.cast, **changes), by=self.cast.registrar)

    def direct(self, **changes: Any) -> Any:
        """A filing handed straight to the bureau, which owes a notice within fifteen days (T2)."""
        return register(entry(self.cast, **changes), by=self.cast.signer).filing

    def below(self) -> tuple[Department, Actor]:
        """A body of the bureau's own system, with somebody who signs for it."""
        parent = self.cast.bureau
        row = Department.objects.create(
            code="T-ZRS", name="檀溪自然资源和规划所", short_name="檀溪自然资源所", kind="bureau", level=parent.level, parent=parent,
            region=parent.region, paper_prefix="檀自然资规", phone="0579-0000001", valid_from=SINCE,
        )  # fmt: skip
        row.path = f"{parent.path}{row.pk}/"
        row.save(update_fields=["path"])
        user = User.objects.create(username="t-below_signer", name="所签收人")
        post = Post.objects.create(user=user, department=row, role="signer", valid_from=SINCE)
        return row, Actor(user=user, post=post)

    def sent(self, step: str = "transfer", **changes: Any) -> Assignment:
        """Transferred to the bureau, not signed for."""
        done = self.registered(**changes)
        more: dict[str, Any] = {} if step == "transfer" else {"limit_on": done.filing.received_on + timedelta(days=90)}
        advance(step, on=done.filing, by=self.cast.triage, department=self.cast.bureau, **more)
        return Assignment.objects.get(petition=done.petition)

    def signed(self, **changes: Any) -> Assignment:
        """Signed for by the bureau."""
        held = self.sent(**changes)
        advance("sign_for", on=held, by=self.cast.signer)
        held.refresh_from_db()
        return held

    def handling(self, **changes: Any) -> Proceeding:
        """Accepted by the bureau, with its handler."""
        held = self.signed(**changes)
        advance("accept", on=held, by=self.cast.signer, handler=self.cast.handler.post)
        return Proceeding.objects.get(petition=held.petition_id, kind="handling")

    def drafted(self, **changes: Any) -> Proceeding:
        """Drafted by the handler."""
        run = self.handling(**changes)
        answers = {1: {"support": "support", "answer": "补偿款于本月内发放。"}}
        advance("draft", on=run, by=self.cast.handler, facts="经查，款项滞留。", basis="土地管理法。", answers=answers)
        return self._fresh(run)

    def checked(self, **changes: Any) -> Proceeding:
        """Checked by the leader in charge."""
        run = self.drafted(**changes)
        advance("check", on=run, by=self.cast.unit_leader)
        return self._fresh(run)

    def issued(self, **changes: Any) -> Proceeding:
        """Signed by the head."""
        run = self.checked(**changes)
        advance("sign", on=run, by=self.cast.unit_head)
        return self._fresh(run)

    def delivered(self, view: str = "0", **changes: Any) -> Proceeding:
        """Delivered by hand; the petitioner agrees unless told otherwise."""
        run = self.issued(**changes)
        advance("deliver", on=run, by=self.cast.handler, how="hand", receiver="王小明", view=view)
        return self._fresh(run)

    def asked(self, view: str = "1", **changes: Any) -> Proceeding:
        """The opinion is under application for review: the review run, not yet taken."""
        run = self.delivered(view=view, **changes)
        advance(
            "apply_review",
            on=run,
            by=self.cast.registrar,
            body=self.cast.review,
            request="请求撤销",
            reasons="标准不对",
        )
        return Proceeding.objects.get(petition=run.petition_id, kind="review")

    def reviewing(self, **changes: Any) -> Proceeding:
        """The review body has taken it."""
        run = self.asked(**changes)
        advance("accept_review", on=run, by=self.cast.reviewer)
        return self._fresh(run)

    def review_drafted(self, conclusion: str = "uphold", **changes: Any) -> Proceeding:
        """The review is drafted."""
        run = self.reviewing(**changes)
        said: dict[str, Any] = {"answers": {1: "part"}} if conclusion == "change" else {}
        advance(
            "draft_review",
            on=run,
            by=self.cast.reviewer,
            conclusion=conclusion,
            facts="经复查，款项滞留。",
            basis="土地管理法。",
            **said,
        )
        return self._fresh(run)

    def review_issued(self, conclusion: str = "uphold", **changes: Any) -> Proceeding:
        """The review is signed by another."""
        run = self.review_drafted(conclusion, **changes)
        advance("sign_review", on=run, by=self.cast.reviewer2)
        return self._fresh(run)

    def review_delivered(self, conclusion: str = "uphold", **changes: Any) -> Proceeding:
        """The review is served: thirty days for re-review run."""
        run = self.review_issued(conclusion, **changes)
        advance("deliver_review", on=run, by=self.cast.reviewer, how="hand", receiver="王小明")
        return self._fresh(run)

    def reasked(self, **changes: Any) -> Proceeding:
        """Re-review is applied for."""
        run = self.review_delivered(**changes)
        advance(
            "apply_rereview",
            on=run,
            by=self.cast.registrar,
            body=self.cast.city_review,
            request="请求变更",
            reasons="仍不对",
        )
        return Proceeding.objects.get(petition=run.petition_id, kind="rereview")

    def rereview_delivered(self) -> Proceeding:
        """The re-review is served: the road has ended."""
        run = self.reasked()
        advance("accept_review", on=run, by=self.cast.rereviewer)
        said = {"conclusion": "uphold", "facts": "经复核属实。", "basis": "土地管理法。"}
        advance("draft_review", on=run, by=self.cast.rereviewer, **said)
        advance("sign_review", on=run, by=self.cast.rereviewer2)
        advance("deliver_review", on=run, by=self.cast.rereviewer, how="hand", receiver="王小明")
        return self._fresh(run)

    def ended_by_rereview(self, number: str = "金政复核〔2025〕1号", **changes: Any) -> Petition:
        """A matter whose road ended with the opinion of a body outside: written here as `record_review` leaves it."""
        petition = self.registered(**changes).petition
        Proceeding.objects.create(
            petition=petition, department=self.cast.city_review, kind="rereview", state="review_ended", conclusion="uphold",
            started_on=date(2025, 4, 1), issued_on=date(2025, 5, 6), delivered_on=date(2025, 5, 8), outside_number=number,
        )  # fmt: skip
        return petition

    def taken(self) -> Assignment:
        """A suggestion that the bureau has signed for."""
        return self.signed(kind="suggestion", purpose="suggest", claims=["建议增设公交站"])

    def studying(self) -> Proceeding:
        """A suggestion under study."""
        held = self.taken()
        advance("take_suggestion", on=held, by=self.cast.signer, handler=self.cast.handler.post)
        return Proceeding.objects.get(petition=held.petition_id)

    def duty(self) -> Proceeding:
        """A claim that asks the unit for its duty (route 5), alone in its matter."""
        held = self.signed()
        advance(
            "channel",
            on=held,
            by=self.cast.signer,
            routes={1: 5},
            outside={1: {"procedure": "土地管理法第六十七条查处"}},
        )
        advance("assign_handler", on=held, by=self.cast.signer, handler=self.cast.handler.post)
        return Proceeding.objects.get(petition=held.petition_id)

    def replied(self, *steps: str, run: Proceeding | None = None) -> Proceeding:
        """A reply as far along as ``steps`` say: draft_reply, sign_reply, deliver_reply, close_reply."""
        run = run or self.studying()
        said: dict[str, dict[str, Any]] = {
            "draft_reply": {"reply": "已列入明年计划。", "basis": "公交规划。"}
            | ({"adopted": "part"} if run.kind == "study" else {"remedy": "浦江县人民政府；浦江县人民法院"}),
            "deliver_reply": {"how": "hand", "receiver": "王小明"},
        }  # fmt: skip
        for step in steps:
            advance(
                step,
                on=run,
                by=self.cast.unit_head if step == "sign_reply" else self.cast.handler,
                **said.get(step, {}),
            )
        return self._fresh(run)

    def channelled(self) -> Proceeding:
        """The only claim was sent to another procedure: the matter has ended."""
        held = self.signed()
        outside = {1: {"procedure": "民事诉讼", "body": "浦江县人民法院", "limit": "六个月"}}
        advance("channel", on=held, by=self.cast.signer, routes={1: 1}, outside=outside)
        return Proceeding.objects.get(petition=held.petition_id)

    def hearing(self, run: Proceeding | None = None, days: int = 8) -> Hearing:
        """A hearing called for a run of handling, or for ``run`` by its own body."""
        run = run or self.handling()
        by = {"handling": self.cast.handler, "review": self.cast.reviewer, "rereview": self.cast.rereviewer}[run.kind]
        hold_on = moment.today() + timedelta(days=days)
        advance("call_hearing", on=run, by=by, hold_on=hold_on, place="镇政府", chair="李主持", matters="补偿标准")
        return Hearing.objects.get(petition=run.petition_id)

    def hearing_day(self, run: Proceeding | None = None) -> Hearing:
        """A hearing whose announced day has come."""
        row = self.hearing(run)
        row.hold_on = moment.today()
        row.save(update_fields=["hold_on"])
        return row

    def mediation(self) -> Mediation:
        """A mediation both have agreed to."""
        run = self.handling()
        advance(
            "start_mediation",
            on=run,
            by=self.cast.handler,
            petitioner_agrees=True,
            other="寺前村委会",
            other_agrees=True,
            mediator="周调解",
        )
        return Mediation.objects.get(petition=run.petition_id)

    def agreed(self) -> Mediation:
        """A mediation that came to an agreement."""
        row = self.mediation()
        advance(
            "agree_mediation",
            on=row,
            by=self.cast.handler,
            parties="双方",
            terms="分两期支付。",
            perform_by=today() + timedelta(days=30),
        )
        row.refresh_from_db()
        return row

    def declined(self, held: Assignment) -> Assignment:
        """Not accepted by the bureau: the same people have an agreement about it, which is being performed."""
        other = self.agreed().petition
        advance("decline", on=held, by=self.cast.signer, ground="mediated", explanation="已达成协议", other=other)
        return held

    def settled(self, *steps: str) -> Proceeding:
        """A run settled by its agreement, performed where ``steps`` say so."""
        row = self.agreed()
        run = row.proceeding
        advance("settle", on=run, by=self.cast.unit_head)
        for step in steps:
            advance(step, on=row, by=self.cast.handler, evidence="转账凭证")
        return self._fresh(run)

    def withdrawal(self) -> Withdrawal:
        """A wish to withdraw, written down by the handler."""
        run = self.handling()
        advance("record_withdrawal", on=run.petition, by=self.cast.handler, how="written", words="我不告了")
        return Withdrawal.objects.get(petition=run.petition_id)

    def urgent(self) -> UrgentReport:
        """An urgent report by the office."""
        petition = self.signed().petition
        advance("report_urgent", on=petition, by=self.cast.triage, **URGENT)
        return UrgentReport.objects.get(petition=petition)

    def dispute(self, *, superior: bool = False) -> Dispute:
        """Two bureaus do not agree who accepts: before the joint conference, or before their common superior."""
        petition = self.registered().petition
        said = {
            "one": self.cast.bureau,
            "other": self.cast.sibling,
            "reason": "都认为是对方的职权",
            "superior": superior,
        }
        advance("refer_dispute", on=petition, by=self.cast.triage, **said)
        return Dispute.objects.get(petition=petition)

    def watched(self) -> Supervision:
        """A supervision of the bureau, open."""
        petition = self.signed().petition
        advance("supervise", on=petition, by=self.cast.supervisor, trigger="shirking", demand="请说明")
        return Supervision.objects.get(petition=petition)

    def measure(self, *steps: str) -> Measure:
        """A measure proposed to the conference, and as far along as ``steps`` say."""
        row = self.watched()
        advance("propose_measure", on=row, by=self.cast.supervisor, kind="talk", reason="屡催不办")
        found = Measure.objects.get(petition=row.petition)
        for step in steps:
            self.step_measure(found, step)
        return found

    def step_measure(self, row: Measure, step: str) -> None:
        """One step on a measure."""
        said: dict[str, dict[str, Any]] = {
            "decide_measure": {"kind": "listed", "demand": "十日内办结", "rectify_by": today() + timedelta(days=10)},
            "answer_measure": {"answer": "已办结"},
        }  # fmt: skip
        advance(step, on=row, by=self.cast.handler if step == "answer_measure" else self.cast.conference, **said[step])

    def advice(self, department: Any = None, **said: Any) -> Advice:
        """A suggestion to the sibling bureau."""
        petition = self.signed().petition
        words = {"kind": "improve", "facts": "多次逾期", "suggestion": "建立台账", "basis": "条例第四十条"} | said
        words |= {"article": "45"} if words["kind"] == "blame" else {}
        advance("advise", on=petition, by=self.cast.supervisor, department=department or self.cast.sibling, **words)
        return Advice.objects.get(petition=petition)

    def executing(self) -> Proceeding:
        """A supported opinion whose execution is tracked."""
        run = self.delivered()
        advance(
            "track_execution",
            on=run,
            by=self.cast.handler,
            executor=self.cast.bureau,
            what="发放补偿款",
            due_on=today() + timedelta(days=20),
        )
        return Proceeding.objects.get(petition=run.petition_id, kind="execution")

    def joint(self) -> Any:
        """A joint matter of eleven, three of them written down."""
        people = [
            Person(name=name, phone=f"1990000000{n}", role="lead" if n == 1 else "companion")
            for n, name in enumerate(("王小明", "李四", "张三丰"), 1)
        ]
        return self.registered(people=people, head_count=11)

    def closed(self, **changes: Any) -> Proceeding:
        """Closed by the unit, waiting for the office."""
        run = self.delivered(**changes)
        advance("close", on=run, by=self.cast.handler)
        return self._fresh(run)

    def confirmed(self, **changes: Any) -> Petition:
        """Confirmed by the office; may be rated."""
        run = self.closed(**changes)
        advance("confirm_closure", on=run, by=self.cast.triage)
        return Petition.objects.get(pk=run.petition_id)

    @staticmethod
    def code(petition: Petition) -> str:
        """A query code that opens the matter to its petitioner, as if written on the receipt."""
        code = new_code()
        Filing.objects.filter(petition=petition).update(query_code_hash=code_hash(code))
        return code

    @staticmethod
    def _fresh(run: Proceeding) -> Proceeding:
        run.refresh_from_db()
        return run
