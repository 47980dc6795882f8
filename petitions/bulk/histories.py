"""Which ways do invented matters go?  A few histories with their shares; each stops where the last day cuts it off.

What each step changes besides state and clocks stands here as the verbs' effects have it (petitions/actions/).
"""

from __future__ import annotations

from bisect import bisect
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from accounts.models import Role
from petitions.bulk.life import Life, Row, workday
from petitions.bulk.office import Body, County, Hand
from petitions.bulk.words import Composer
from petitions.models import Mode
from petitions.querycode import new_ref

# Way → share of the matters that the petition office registers.
WAYS = {
    "handled": 34,
    "replied": 30,
    "redirected": 9,
    "refused": 7,
    "declined": 6,
    "objected": 5,
    "filed": 4,
    "channelled": 5,
}
_CODES, _WEIGHTS = list(WAYS), list(accumulate(WAYS.values()))
_OWN = ("handled", "replied", "replied", "refused")  # of what a body receives directly
ASSIGNED = 0.2  # of what is sent on: with report-back
SLOW = 0.04  # runs that take longer than the law allows
AGREES = 0.7


class TooLate(Exception):
    """The next step lies beyond the last day: here the history ends for now."""


@dataclass
class Teller:
    """Tells the history of one matter after the other.  ``last``: the last day on which anything happens."""

    county: County
    random: Random
    words: Composer
    last: date

    def tell(self, life: Life, office: Body) -> None:
        """Let a registered matter live until its end or the last day."""
        own = office is not self.county.office
        way = self.random.choice(_OWN) if own else _CODES[bisect(_WEIGHTS, self.random.random() * _WEIGHTS[-1])]
        with suppress(TooLate):
            getattr(self, f"_{way}")(life, office)
        life.nights(self.last + timedelta(days=1))
        life.derive()

    def unit(self) -> Body:
        """A body to send something to: some get far more than others."""
        return self.county.units[bisect(self.county.weights, self.random.random() * self.county.weights[-1])]

    # --- days -----------------------------------------------------------------------------------------------------

    def _day(self, life: Life, after: date, least: int, most: int) -> date:
        """A workday some days after ``after``, with the nights until then behind it."""
        day = workday(after + timedelta(days=self.random.randint(least, most)))
        if day > self.last:
            raise TooLate
        life.nights(day)
        return day

    # --- steps that several ways share ----------------------------------------------------------------------------

    def _end(self, life: Life, day: date, outcome: str, *, rateable: bool = False) -> dict[str, Any]:
        life.petition |= {"outcome": outcome, "closed_on": day, "rateable": rateable}
        return {"outcome": outcome}

    def _classified(self, life: Life) -> dict[str, Any]:
        petition = life.petition
        return {"kind": petition["kind"], "category": petition["category_id"], "region": petition["region_id"]}

    def _hold(
        self, life: Life, unit: Body, sender: Body, hand: Hand, mode: Mode, day: date, *, lead: bool = True, **more: Any
    ) -> Row:
        columns = {
            "ref": new_ref(), "department_id": unit.pk, "sender_id": sender.pk, "sender_post_id": hand.post,
            "mode": str(mode), "lead": lead, "state": "sent", "sent_on": day, "limit_on": None, "demand": "",
            "received_on": None, "decided_on": None, "handler_id": None, "objected_on": None, "suggested_id": None,
        }  # fmt: skip
        held = Row("assignment", life.ids.next("assignment"), columns | more)
        life.holds.append(held)
        return held

    def _send(self, life: Life, office: Body, unit: Body, after: date) -> tuple[Row, date]:
        """Transfer or assign, and wait for the unit to sign for it."""
        day = self._day(life, after, 0, 6)
        filing, hand = life.filings[0], office.hands[Role.TRIAGE]
        data = self._classified(life) | {"department": unit.pk}
        if self.random.random() < ASSIGNED:
            limit = day + timedelta(days=90)
            held = self._hold(
                life,
                unit,
                office,
                hand,
                Mode.ASSIGN,
                day,
                limit_on=limit,
                demand=f"请就{self.words.trouble()}报告办理结果。",
            )
            data |= {"mode": "assign", "limit_on": str(limit)}
            life.take("assign", filing, hand, day, data=data, clocks_on=held, lengths={"T8": 90})
        else:
            held = self._hold(life, unit, office, hand, Mode.TRANSFER, day)
            life.take("transfer", filing, hand, day, data=data | {"mode": "transfer"}, clocks_on=held)
        day = self._day(life, day, 0, 2)
        held.columns["received_on"] = day
        life.take("sign_for", held, unit.hands[Role.SIGNER], day, data={"received_on": str(day)})
        return held, day

    def _run(self, life: Life, held: Row, day: date) -> Row:
        """Open a run of handling."""
        columns = {
            "ref": new_ref(), "assignment_id": held.pk, "department_id": held.columns["department_id"],
            "kind": "handling", "state": "handling", "simplified": False, "started_on": day,
            "handler_id": held.columns["handler_id"], "drafter_id": None, "checker_id": None, "facts": "", "basis": "",
            "extended_days": 0, "issued_on": None, "delivered_on": None, "petitioner_view": "", "outside_body": "",
            "after_id": None, "conclusion": "", "decided": "{}", "redo_days": None, "outside_number": "",
            "outside_procedure": "", "outside_limit": "", "told_on": None,
        }  # fmt: skip
        run = Row("proceeding", life.ids.next("proceeding"), columns)
        life.runs.append(run)
        return run

    def _open(self, life: Life, held: Row, day: date) -> Row:
        """One run of handling for every claim."""
        run = self._run(life, held, day)
        for claim in life.claims:
            claim |= {"proceeding_id": run.pk, "route": 6}
        return run

    # --- the ways -------------------------------------------------------------------------------------------------

    def _handled(self, life: Life, office: Body) -> None:
        """By the statute's long road: sent, signed for, accepted, answered in writing, delivered, closed, confirmed."""
        received: date = life.petition["received_on"]
        if office is not self.county.office:
            self._taken_up(life, office, received)
            return
        unit = self.unit()
        held, day = self._send(life, office, unit, received)
        self._accept(life, unit, held, day)

    def _accept(self, life: Life, unit: Body, held: Row, after: date) -> None:
        day = self._day(life, after, 1, 10)
        held.columns |= {"decided_on": day, "handler_id": unit.hands[Role.HANDLER].post}
        run = self._open(life, held, day)
        routes = {str(claim["serial"]): 6 for claim in life.claims}
        life.take(
            "accept", held, unit.hands[Role.SIGNER], day, data={"routes": routes, "simplified": False}, clocks_on=run
        )
        self._answer(life, unit, held, run, day)

    def _taken_up(self, life: Life, body: Body, received: date) -> None:
        """A body handles what was filed with it directly."""
        day, hand = self._day(life, received, 0, 9), body.hands[Role.SIGNER]
        more: dict[str, Any] = {"state": "accepted", "received_on": received, "decided_on": day}
        held = self._hold(life, body, body, hand, Mode.DIRECT, day, **more)
        run = self._open(life, held, day)
        data = self._classified(life) | {"department": body.pk, "mode": "direct"}
        life.take("take_up", life.filings[0], hand, day, data=data, clocks_on=run)
        handler = body.hands[Role.HANDLER].post
        held.columns["handler_id"] = run.columns["handler_id"] = handler
        life.take("assign_handler", held, hand, day, data={"handler": handler})
        self._answer(life, body, held, run, day)

    def _answer(self, life: Life, unit: Body, held: Row, run: Row, accepted: date) -> None:
        """Draft, check, sign, deliver."""
        slow = 30 if self.random.random() < SLOW else 0
        day = self._day(life, accepted, 4 + slow, 40 + slow)
        handler = unit.hands[Role.HANDLER]
        for claim in life.claims:
            claim |= {
                "support": self.random.choice(("support", "part", "explain", "against")),
                "answer": f"关于{claim['text']}：已核实。",
            }
        run.columns |= {
            "facts": f"经查，{self.words.trouble()}的情况属实。",
            "basis": "有关法律法规和政策。",
            "drafter_id": handler.post,
        }
        life.take("draft", run, handler, day)
        day = self._day(life, day, 0, 3)
        run.columns["checker_id"] = unit.hands[Role.UNIT_LEADER].post
        life.take("check", run, unit.hands[Role.UNIT_LEADER], day)
        day = self._day(life, day, 0, 3)
        run.columns["issued_on"] = day
        life.petition["outcome"] = "opinion"
        support = {str(claim["serial"]): claim["support"] for claim in life.claims}
        life.take("sign", run, unit.hands[Role.UNIT_HEAD], day, data={"support": support})
        self._deliver(life, unit, held, run, self._day(life, day, 0, 4))

    def _deliver(self, life: Life, unit: Body, held: Row, run: Row, day: date) -> None:
        view = "0" if self.random.random() < AGREES else "9"
        handler = unit.hands[Role.HANDLER]
        run.columns |= {"delivered_on": day, "petitioner_view": view}
        said = {"how": "hand", "receipt": "signed", "view": view}
        life.take("deliver", run, handler, day, data=said, text={"receiver": life.petition["lead_name"]})
        # Whoever agreed is closed soon; else the thirty days for review run out first (Art.35).
        due = life.running("T6").due + timedelta(days=1)
        day = self._day(life, day, 0, 3) if view == "0" else self._day(life, due, 0, 4)
        life.petition["closed_on"] = day
        life.take("close", run, handler, day)
        if held.columns["mode"] == "assign":
            life.take("report_back", held, handler, day, text={"result": "已办结，信访人已签收。"})
        self._confirm(life, run, day)

    def _confirm(self, life: Life, run: Row, closed: date) -> None:
        hand = self.county.office.hands[Role.TRIAGE]
        day = self._day(life, closed, 1, 9)
        life.petition |= {"confirmed_on": day, "rateable": True}
        life.take("confirm_closure", run, hand, day)
        self._judge(life, day)

    def _judge(self, life: Life, after: date) -> None:
        """Most are asked afterwards whether the matter is settled."""
        if self.random.random() < 0.1:
            return
        day, resolved = self._day(life, after, 2, 12), self.random.random() < 0.8
        life.petition["resolved"] = resolved
        ground = {"ground": "电话回访，信访人表示已落实。" if resolved else "电话回访，信访人仍有意见。"}
        hand = self.county.office.hands[Role.TRIAGE]
        on = Row("petition", life.petition["id"], {"state": ""})
        life.take("judge_resolved", on, hand, day, data={"resolved": resolved}, text=ground)

    def _desk(self, office: Body) -> Hand:
        return office.hands[Role.TRIAGE if office is self.county.office else Role.SIGNER]

    def _replied(self, life: Life, office: Body) -> None:
        day = self._day(life, life.petition["received_on"], 0, 9)
        data = self._end(life, day, "direct_reply", rateable=True)
        life.take(
            "direct_reply",
            life.filings[0],
            self._desk(office),
            day,
            data=data,
            text={"reply": f"关于{self.words.trouble()}，现答复如下。"},
        )
        if office is self.county.office:
            self._judge(life, day)

    def _redirected(self, life: Life, office: Body) -> None:
        day = self._day(life, life.petition["received_on"], 0, 9)
        data = self._end(life, day, "redirected")
        life.take(
            "redirect",
            life.filings[0],
            self._desk(office),
            day,
            data=data,
            text={"body": "县人民法院", "how": "立案窗口"},
        )

    def _refused(self, life: Life, office: Body) -> None:
        day = self._day(life, life.petition["received_on"], 0, 9)
        data = {"ground": "mediated"} | self._end(life, day, "not_accepted")
        life.take(
            "not_accept",
            life.filings[0],
            self._desk(office),
            day,
            data=data,
            text={"explanation": "双方已有协议，正在履行。"},
        )

    def _filed(self, life: Life, office: Body) -> None:
        day = self._day(life, life.petition["received_on"], 0, 9)
        data = self._end(life, day, "filed")
        life.take(
            "file_away",
            life.filings[0],
            office.hands[Role.OFFICE_HEAD],
            day,
            data=data,
            text={"explanation": "单纯表达情绪，没有可查内容。"},
        )

    def _declined(self, life: Life, office: Body) -> None:
        unit = self.unit()
        held, day = self._send(life, office, unit, life.petition["received_on"])
        day = self._day(life, day, 1, 10)
        held.columns["decided_on"] = day
        data = {"ground": "mediated"} | self._end(life, day, "not_accepted")
        life.take(
            "decline", held, unit.hands[Role.SIGNER], day, data=data, text={"explanation": "双方已有协议，正在履行。"}
        )

    def _objected(self, life: Life, office: Body) -> None:
        """Back to the office within five working days, and on to another unit."""
        unit = self.unit()
        held, day = self._send(life, office, unit, life.petition["received_on"])
        day = self._day(life, day, 0, 3)
        held.columns["objected_on"] = day
        life.take(
            "object", held, unit.hands[Role.SIGNER], day, data={"suggested": None}, text={"reason": "职责在其他单位。"}
        )
        day = self._day(life, day, 0, 2)
        held.columns["decided_on"] = day
        filing = life.filings[0]
        life.take(
            "uphold_objection",
            held,
            office.hands[Role.TRIAGE],
            day,
            text={"reason": "经核实，职责确在其他单位。"},
            starts=(),
        )
        filing.columns["state"] = "triaged"
        life.resume_t1()
        again = next(body for body in iter(self.unit, None) if body is not unit)
        held, day = self._send(life, office, again, day)
        self._accept(life, again, held, day)

    def _channelled(self, life: Life, office: Body) -> None:
        """Every claim belongs to another procedure (Art.31)."""
        unit = self.unit()
        held, day = self._send(life, office, unit, life.petition["received_on"])
        day = self._day(life, day, 1, 10)
        held.columns["decided_on"] = day
        for claim in life.claims:
            run = self._run(life, held, day)
            run.columns |= {
                "kind": "outside", "state": "outside", "handler_id": None, "outside_body": "县劳动人事争议仲裁委员会",
                "outside_procedure": "劳动仲裁", "outside_limit": "45日", "told_on": day,
            }  # fmt: skip
            claim |= {"proceeding_id": run.pk, "route": 2}
        data = self._end(life, day, "channelled") | {"routes": {str(claim["serial"]): 2 for claim in life.claims}}
        life.take("channel", held, unit.hands[Role.SIGNER], day, data=data)
