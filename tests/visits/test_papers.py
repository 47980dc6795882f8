"""Papers of receptions and sponsored cases: one for each act, numbered as the house numbers, on A4 and as .docx."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from docx import Document

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Delegation
from petitions import docx, papers
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.models import Paper, Petition
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days
from tests.visits.test_day import LATER, SAID, heard, new
from visits import erasing
from visits.actions import sponsor
from visits.actions.after import revisit
from visits.actions.outcome import record
from visits.models import FollowUp, Sponsorship

pytestmark = pytest.mark.django_db


def words(paper: Paper) -> str:
    """What the file says."""
    body = docx.of(papers.html_of(paper), title=paper.title, issued_on=paper.issued_on)
    return "\n".join(one.text for one in Document(io.BytesIO(body)).paragraphs)


def of(petition: Petition, kind: str) -> Paper:
    return Paper.objects.filter(petition=petition, kind=kind).latest("pk")


def test_what_a_leader_assigns_goes_out_as_an_order_and_stays_as_a_sheet(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "assigned"))
    order, sheet = of(outcome.petition, "reception_order"), of(outcome.petition, "reception_sheet")
    assert order.number.endswith(f"信访访交字〔{today().year}〕1号")
    assert sheet.number.endswith(f"信访访登字〔{today().year}〕1号")
    code = outcome.reception.code
    assert code is not None
    for said in (
        cast.bureau.name,
        "补偿款于本月内发放",
        code,
        cast.leader.user.name,
        f"{LATER.year}年{LATER.month}月{LATER.day}日",
    ):
        assert said in words(order), said
    for said in (code, "王小明", SAID.origin, SAID.opinion, "交办", cast.triage.user.name):
        assert said in words(sheet), said
    event = outcome.petition.events.get(step="received")
    assert (event.data["paper"], event.data["sheet"]) == (order.number, sheet.number)


def test_what_is_explained_needs_no_order(days: Days) -> None:
    (outcome,) = heard(days, new(days, "explained"))
    kinds = set(Paper.objects.filter(petition=outcome.petition).values_list("kind", flat=True))
    assert kinds == {"direct_reply", "reception_sheet"}


def test_a_matter_in_its_course_is_ordered_on_paper_and_says_that_its_clocks_stay(
    days: Days, make: Makes, cast: Cast
) -> None:
    petition = make.handling().petition
    (outcome,) = heard(days, new(days, "assigned", entry=None, petition=petition))
    assert "原有的受理、办理期限不变" in words(of(petition, "reception_order"))
    assert outcome.paper == of(petition, "submission").number


def test_who_asked_not_to_be_named_is_named_in_no_paper_that_the_unit_reads(days: Days, cast: Cast) -> None:
    hidden = days.entry(hide_name=True)
    with pytest.raises(BadInput) as caught:
        heard(days, new(days, "assigned", entry=hidden, answer="请给王小明一个答复"))
    assert "信访人" in caught.value.fields["answer"]
    visit = days.visit_of_today()
    (outcome,) = record(visit, by=cast.triage, said=SAID, matters=[new(days, "assigned", entry=hidden)]).outcomes
    assert "王小明" not in words(of(outcome.petition, "reception_order")) + words(
        of(outcome.petition, "reception_sheet")
    )


def test_what_was_heard_afterwards_is_a_sheet_and_no_rating(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "explained"))
    duty = outcome.follow_ups.get()
    revisit(duty, by=cast.supervisor, reached=False)
    assert not Paper.objects.filter(kind="revisit_sheet").exists()
    revisit(duty, by=cast.supervisor, reached=True, words="解释清楚了", heard="content", at_home=True, settled=True)
    said = words(of(outcome.petition, "revisit_sheet"))
    assert "解释清楚了" in said and "表示满意" in said and "上门" in said and "未联系上1次" in said
    assert "不作为评价" in said


def test_a_sponsored_case_leaves_its_papers_from_the_charge_to_the_end(days: Days, cast: Cast) -> None:
    heard(days, new(days, "sponsored"))
    row = Sponsorship.objects.get()
    sponsor.plan(row, by=cast.leader, crux="款项滞留", plan="由财政补齐", measures=["policy"], officer="陈科长",
                 co_units=[cast.sibling], facts_true=True, claim_fair=True, team="财政、自然资源专班", legal_opinion="应予补足",
                 steps=[days.step()])  # fmt: skip
    sponsor.ask_more_time(row, by=cast.leader, until=LATER + timedelta(days=10), words="涉及三个部门")
    sponsor.decide_more_time(row, by=cast.other_leader, agree=True, words="抓紧")
    sponsor.milestone(row, by=cast.handler, words="先到账一半", step=row.milestones.get())
    with pytest.raises(BadInput):
        sponsor.report(row, by=cast.leader, result="partly", words="到账一半", agreement="余款分期支付")
    sponsor.report(row, by=cast.leader, result="partly", words="到账一半", agreement="余款分期支付", agreed_on=today())
    with pytest.raises(BadInput):
        sponsor.verify(row, by=cast.head, agree=True, finding="电话核实", checked=[])
    sponsor.verify(row, by=cast.head, agree=True, finding="电话核实", checked=["file", "phone"])
    petition = row.petition
    charge = words(of(petition, "sponsor_charge"))
    assert row.number in charge and "包解决化解" in charge
    plan = words(of(petition, "sponsor_plan"))
    due = today() + timedelta(days=20)
    for said in ("财政补齐补偿款", "陈科长", f"{due.month}月{due.day}日", "三户全部到账", "专班", "应予补足"):
        assert said in plan, said
    assert "由财政补齐" in plan and "陈科长" in plan and "属实" in plan and cast.sibling.short_name in plan
    time = words(of(petition, "sponsor_time"))
    assert "涉及三个部门" in time and "同意延期" in time and f"{LATER.month}月{LATER.day}日" in time
    end = words(of(petition, "sponsor_end"))
    for said in ("部分化解", "查阅案卷、电话核实", "余款分期支付", "已完成1步", "先到账一半", "批准延至", "包解决化解"):
        assert said in end, said


def test_each_paper_that_a_deputy_signs_names_both(days: Days, cast: Cast) -> None:
    desk, chief = _lent(cast.triage, cast.head), _lent(cast.other_leader, cast.head)
    visit = days.published()
    (outcome,) = record(days.in_room(visit), by=desk, said=SAID, matters=[new(days, "assigned")]).outcomes
    both = f"{cast.triage.user.name}（{cast.head.user.name}代签）"
    for kind in ("reception_sheet", "reception_order"):
        assert f"签发人：{both}" in words(of(outcome.petition, kind)), kind
    assert f"登记人：{both}" in words(of(outcome.petition, "reception_sheet"))
    (outcome,) = heard(days, new(days, "sponsored"), visit=visit)
    sponsored = outcome.petition
    row = Sponsorship.objects.get()
    leader = _lent(cast.leader, cast.unit_head)
    sponsor.plan(row, by=leader, crux="款项滞留", plan="由财政补齐", measures=["policy"], officer="陈科长", co_units=[],
                 steps=[days.step()])  # fmt: skip
    sponsor.ask_more_time(row, by=leader, until=LATER + timedelta(days=10), words="涉及三个部门")
    sponsor.decide_more_time(row, by=chief, agree=True, words="抓紧")
    sponsor.report(row, by=leader, result="partly", words="到账一半")
    sponsor.verify(row, by=desk, agree=True, finding="电话核实")
    assert f"签发人：{cast.leader.user.name}（{cast.unit_head.user.name}代签）" in words(of(sponsored, "sponsor_plan"))
    assert f"审批人：{cast.other_leader.user.name}（{cast.head.user.name}代签）" in words(of(sponsored, "sponsor_time"))
    assert f"核查人：{both}" in words(of(sponsored, "sponsor_end"))
    assert "代签" not in words(of(sponsored, "sponsor_charge"))


def _lent(holder: Actor, to: Actor) -> Actor:
    """The person of ``to`` in the post of ``holder``, which was lent to him for today."""
    row = Delegation.objects.create(
        post=holder.post, to_user=to.user, valid_from=today(), valid_to=today(), reason="外出"
    )
    return Actor(user=to.user, post=holder.post, delegation=row)


def test_a_case_is_put_up_without_a_reception_by_the_offices_head(days: Days, make: Makes, cast: Cast) -> None:
    run = make.handling()
    said: dict[str, Any] = {
        "sponsor": cast.leader.post, "unit": cast.bureau, "due": LATER, "crux": "款项滞留", "approval": "县长11月批准",
    }  # fmt: skip
    with pytest.raises(WrongPerson):
        sponsor.put_up(run.petition, by=cast.triage, **said)
    with pytest.raises(BadInput) as caught:
        sponsor.put_up(run.petition, by=cast.head, **said | {"unit": cast.sibling})
    assert "unit" in caught.value.fields
    with pytest.raises(BadInput) as caught:
        sponsor.put_up(run.petition, by=cast.head, **said | {"approval": " "})
    assert "approval" in caught.value.fields
    with pytest.raises(BadInput) as caught:
        sponsor.put_up(make.registered().petition, by=cast.head, **said)
    assert "还没有责任单位" in caught.value.fields["petition"]
    row = sponsor.put_up(run.petition, by=cast.head, **said)
    assert (row.outcome_id, row.notes.get().kind) == (None, "approved")
    assert "包案责任书" in of(run.petition, "sponsor_charge").title
    with pytest.raises(WrongMoment):
        sponsor.put_up(make.confirmed(), by=cast.head, **said)


def test_a_case_put_up_without_a_reception_is_asked_after_when_it_has_ended(
    days: Days, make: Makes, cast: Cast, signed_in: Any
) -> None:
    """The revisit hangs on the sponsored case; the sheet names it, and who had no hand in it asks."""
    run = make.handling()
    said: dict[str, Any] = {
        "sponsor": cast.leader.post,
        "unit": cast.bureau,
        "due": LATER,
        "crux": "款项滞留",
        "approval": "县长12月1日批准",
    }
    row = sponsor.put_up(run.petition, by=cast.head, **said)
    sponsor.report(row, by=cast.leader, result="partly", words="发放一半")
    sponsor.verify(row, by=cast.head, agree=False, finding="还差一户")
    assert not FollowUp.objects.exists(), "given back, it is not over"
    sponsor.report(row, by=cast.leader, result="partly", words="发放一半")
    sponsor.verify(row, by=cast.head, agree=True, finding="查过账")
    duty = FollowUp.objects.get()
    assert (duty.sponsorship, duty.outcome, duty.kind, duty.unit_id) == (row, None, "revisit", cast.office.pk)
    assert duty.due >= today() + timedelta(days=30)
    page = signed_in(cast.supervisor).get("/visits/follow-ups/").content.decode()
    assert f"包案{row.number}" in page and f"/visits/follow-ups/{duty.ref}/" in page
    assert signed_in(cast.supervisor).get(f"/visits/follow-ups/{duty.ref}/").status_code == 200
    with pytest.raises(WrongPerson):
        revisit(duty, by=cast.handler, reached=True, heard="not", words="只发了一半")
    revisit(duty, by=cast.supervisor, reached=True, heard="not", words="只发了一半")
    told = words(of(run.petition, "revisit_sheet"))
    assert "领导包案：" in told and row.number in told and "只发了一半" in told
    assert row.follow_ups.get(kind="second").due == today() + timedelta(days=90)
    assert erasing.hold(run.petition) == "接访以后的跟进还没有完成"


def test_a_duty_hangs_on_one_thing_and_not_on_none_or_two(days: Days, cast: Cast) -> None:
    (outcome,) = heard(days, new(days, "sponsored"))
    one = {"kind": "second", "unit": cast.office, "due": today()}
    for both in ({"outcome": outcome, "sponsorship": Sponsorship.objects.get()}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FollowUp.objects.create(**one, **both)
