"""Which cases do the demo's leaders answer for?  One at each stage, from the plan to the end, by the verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from accounts.actor import Actor
from accounts.models import Department, Post
from petitions.actions import moment
from petitions.models import Petition
from visits.actions import sponsor
from visits.actions.milestones import Planned
from visits.demo.teller import Party, Teller, at_ten
from visits.models import Outcome, Sponsorship, Visit

_PARTIES: tuple[Party, ...] = tuple(
    (name, people, title, content, "assigned", "请依法办理并答复信访人。")
    for name, people, title, content in (
        ("金法根", 4, "反映安置房漏水三年没有修好", "顶楼十二户连年漏水，报修多次，开发商和物业互相推。"),
        ("徐小英", 2, "反映宅基地审批搁置", "老屋成危房，申请重建四年没有批下来。"),
        ("毛荣华", 5, "反映矿区水井干涸", "矿山开采以后，村里三口水井干了，吃水要到邻村拉。"),
        ("柳素芬", 1, "反映工伤待遇没有落实", "十年前受伤，企业注销以后待遇没有人管。"),
    )
)


def sponsor_all(teller: Teller, visit: Visit, now: date) -> None:
    """Four old cases of a reception, put into a leader's hands afterwards: planned, asking for time, reported, ended."""
    teller.hold(visit, _PARTIES)
    stages: tuple[Callable[[Teller, Sponsorship, date], None], ...] = (_planned, _asking, _reported, _ended)
    outcomes = Outcome.objects.filter(reception__visit=visit).select_related("petition", "unit").order_by("pk")
    for outcome, stage in zip(outcomes, stages, strict=True):
        assert outcome.unit is not None
        row = _put_up(teller, outcome.petition, visit.leader, outcome.unit, now)
        stage(teller, row, now)


def _put_up(teller: Teller, petition: Petition, leader: Post, unit: Department, now: date) -> Sponsorship:
    with moment.at(at_ten(now - timedelta(days=30))):
        return sponsor.put_up(
            petition, sponsor=leader, unit=unit, due=now + timedelta(days=25), by=teller.head, crux="责任单位不明确，多年没有结论。",
            approval="县长在包案审批表上批准。",
        )  # fmt: skip


def _plan(teller: Teller, row: Sponsorship, now: date) -> None:
    helper = next(unit for unit in teller.units if unit.pk != row.unit_id)
    with moment.at(at_ten(now - timedelta(days=26))):
        sponsor.plan(
            row, by=_of(row), crux="责任单位不明确，多年没有结论。", plan="先查清责任，再按政策落实，最后当面答复信访人。",
            measures=["policy", "mediation"], officer="承办科科长", co_units=[helper], facts_true=True, claim_fair=True,
            team="责任单位、协同单位、属地乡镇", legal_opinion="法律顾问意见：责任单位应当履行法定职责。",
            steps=[
                Planned("查清历年情况和责任", row.unit, now - timedelta(days=12), "形成调查报告，列明责任单位", "承办科科长"),
                Planned("协调资金和方案", helper, now - timedelta(days=2), "资金文件下达"),
                Planned("落实到户并当面答复信访人", row.unit, now + timedelta(days=20), "信访人收到书面答复"),
            ],
        )  # fmt: skip


def _of(row: Sponsorship) -> Actor:
    """The sponsor himself."""
    return Actor(row.sponsor.user, row.sponsor)


def _done(row: Sponsorship, now: date, count: int) -> None:
    for number, step in enumerate(list(row.milestones.all())[:count]):
        with moment.at(at_ten(now - timedelta(days=13 - 4 * number))):
            sponsor.milestone(row, by=_of(row), words="已经做到，材料入卷。", step=step, met=number == 0)


def _planned(teller: Teller, row: Sponsorship, now: date) -> None:
    _plan(teller, row, now)
    _done(row, now, 1)


def _asking(teller: Teller, row: Sponsorship, now: date) -> None:
    _plan(teller, row, now)
    _done(row, now, 2)
    with moment.at(at_ten(now - timedelta(days=1))):
        until = row.due + timedelta(days=30)
        sponsor.ask_more_time(row, by=_of(row), until=until, words="房屋鉴定要到下月中旬才能出结果。")


def _reported(teller: Teller, row: Sponsorship, now: date) -> None:
    _plan(teller, row, now)
    _done(row, now, 3)
    with moment.at(at_ten(now - timedelta(days=1))):
        sponsor.report(row, by=_of(row), result="settled", words="新水井已经打成，全村接通自来水，信访人表示认可。")


def _ended(teller: Teller, row: Sponsorship, now: date) -> None:
    _plan(teller, row, now)
    _done(row, now, 3)
    with moment.at(at_ten(now - timedelta(days=4))):
        sponsor.report(
            row, by=_of(row), result="partly", words="工伤保险基金先行支付已经办结，差额部分双方达成协议。",
            agreement="差额分三期支付，最后一期在明年六月底以前。", agreed_on=now - timedelta(days=5),
        )  # fmt: skip
    with moment.at(at_ten(now - timedelta(days=3))):
        sponsor.verify(
            row, by=teller.head, agree=True, checked=["file", "face"], finding="当面问过信访人，第一期款项已经收到。"
        )
