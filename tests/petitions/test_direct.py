"""What does a body do with what was filed with it directly?  It decides, channels, or sends on to its own system (Art.23, 31)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.dates import today
from petitions import lifecycle, papers, trays
from petitions.access import steps_for
from petitions.actions import advance
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.forms.steps import form_for
from petitions.models import Assignment, Claim, Clock, Notice, Paper, Petition, Proceeding, Route
from petitions.trays import QUESTIONS
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.whole import complaints

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
COURT = {"procedure": "民事诉讼", "body": "浦江县人民法院", "limit": "六个月"}
DUTY = {"procedure": "土地管理法第六十七条查处"}


def words(row: Any, kind: str) -> str:
    return papers.html_of(Paper.objects.filter(petition_id=row.petition_id, kind=kind).latest("pk"))


def running(row: Any) -> set[str]:
    return set(Clock.objects.filter(petition_id=row.petition_id, ended="").values_list("name", flat=True))


def matter(row: Any) -> Petition:
    return Petition.objects.get(pk=row.petition_id)


# --- it decides itself -------------------------------------------------------------------------------------------


def test_each_claim_takes_the_road_that_art_31_has_for_it(make: Makes, cast: Cast) -> None:
    filing = make.direct(claims=["发放补偿款", "赔偿青苗", "查处占地"])
    advance("take_up", on=filing, by=cast.signer, routes={2: 1, 3: 5}, outside={2: COURT, 3: DUTY},
            handler=cast.handler.post)  # fmt: skip
    kinds = dict(Claim.objects.filter(petition=filing.petition).values_list("serial", "proceeding__kind"))
    assert kinds == {1: "handling", 2: "outside", 3: "duty"}
    assert running(filing) == {"T5", "TY"}
    text = words(filing, "accept_notice")
    assert "浦江县人民法院" in text and "土地管理法第六十七条查处" in text and "发放补偿款" in text
    run = Proceeding.objects.get(petition=filing.petition, kind="handling")
    assert run.handler == cast.handler.post and run.department == cast.bureau
    assert complaints(filing.petition, cast.everybody().values()) == []


def test_it_may_be_handled_the_simplified_way(make: Makes, cast: Cast) -> None:
    filing = make.direct()
    advance("take_up", on=filing, by=cast.signer, simplified=True)
    assert running(filing) == {"T5'"}
    assert "10个工作日" in words(filing, "accept_notice")
    assert Proceeding.objects.get(petition=filing.petition).simplified


def test_where_no_claim_takes_the_petition_route_it_is_channelled_and_not_accepted(make: Makes, cast: Cast) -> None:
    filing = make.direct()
    with pytest.raises(BadInput) as refused:
        advance("take_up", on=filing, by=cast.signer, routes={1: 1}, outside={1: COURT})
    assert "导入法定途径" in refused.value.fields["routes"]
    with pytest.raises(BadInput):
        advance("channel_direct", on=filing, by=cast.signer, routes={1: 6}, outside={})
    advance("channel_direct", on=filing, by=cast.signer, routes={1: 1}, outside={1: COURT})
    assert (matter(filing).stage, matter(filing).outcome, running(filing)) == ("ended", "channelled", set())
    assert Clock.objects.get(petition=filing.petition, name="T2").ended == "met"
    assert "浦江县人民法院" in words(filing, "channel_notice")
    held = Assignment.objects.get(petition=filing.petition)
    assert (held.mode, held.state, held.department) == ("direct", "channelled", cast.bureau)
    assert complaints(filing.petition, cast.everybody().values()) == []


def test_what_came_back_from_another_procedure_is_handled_by_the_body_that_channelled(make: Makes, cast: Cast) -> None:
    filing = make.direct()
    advance("channel_direct", on=filing, by=cast.signer, routes={1: 1}, outside={1: COURT})
    run = Proceeding.objects.get(petition=filing.petition)
    advance("come_back", on=run, by=cast.signer, reason="法院不予立案")
    assert (matter(filing).stage, running(filing)) == ("handling", {"T5"})


def test_a_duty_that_was_asked_of_it_directly_is_done_and_answered_there(make: Makes, cast: Cast) -> None:
    filing = make.direct()
    advance("channel_direct", on=filing, by=cast.unit_head, routes={1: 5}, outside={1: DUTY})
    assert (matter(filing).stage, running(filing)) == ("handling", {"TY"})
    run = Proceeding.objects.get(petition=filing.petition)
    advance("assign_handler", on=run.assignment, by=cast.signer, handler=cast.handler.post)
    make.replied("draft_reply", "sign_reply", "deliver_reply", "close_reply", run=run)
    assert matter(filing).outcome == "duty"
    assert complaints(filing.petition, cast.everybody().values()) == []


def test_a_suggestion_takes_no_route(make: Makes, cast: Cast) -> None:
    filing = make.direct(kind="suggestion", purpose="suggest")
    advance("take_up", on=filing, by=cast.signer, handler=cast.handler.post)
    assert running(filing) == {"TG"} and "采纳" in words(filing, "suggestion_notice")
    form = form_for(lifecycle.STEPS["take_up"], filing.petition, filing, cast.signer)
    assert not form.fields["route_1"].required


def test_the_form_asks_for_the_road_of_each_claim(make: Makes, cast: Cast) -> None:
    filing = make.direct(claims=["一", "二"])
    said = {"kind": "claim", "category": cast.category.pk, "region": cast.region.pk, "place": "", "route_2": Route.DUTY}
    form = form_for(lifecycle.STEPS["take_up"], filing.petition, filing, cast.signer, said)
    assert not form.is_valid() and "procedure_2" in form.errors
    form = form_for(lifecycle.STEPS["take_up"], filing.petition, filing, cast.signer, said | {"procedure_2": "履职"})
    assert form.is_valid(), form.errors
    told = form.changes()
    assert told["routes"] == {1: 6, 2: 5} and told["outside"][2]["procedure"] == "履职" and told["kind"] == "claim"


def test_a_petition_office_does_none_of_this(make: Makes, cast: Cast) -> None:
    done = make.registered()
    for step in ("take_up", "channel_direct", "pass_down", "assign_down"):
        with pytest.raises(WrongMoment):
            advance(step, on=done.filing, by=cast.triage)


# --- it belongs to a body below ----------------------------------------------------------------------------------


def test_what_a_body_below_decides_is_sent_there_and_the_petitioner_is_told(make: Makes, cast: Cast) -> None:
    below, signer = make.below()
    filing = make.direct()
    advance("pass_down", on=filing, by=cast.signer, department=below)
    held = Assignment.objects.get(petition=filing.petition)
    assert (held.department, held.sender, held.mode, held.state) == (below, cast.bureau, "transfer", "sent")
    assert Clock.objects.get(petition=filing.petition, name="T2").ended == "met" and running(filing) == {"TS"}
    told = words(filing, "destination_notice")
    assert below.name in told and "第二十三条第一款" in told and cast.bureau.name in told
    assert Notice.objects.filter(post=signer.post, petition=filing.petition).exists()
    assert complaints(filing.petition, [*cast.everybody().values(), signer]) == []
    advance("sign_for", on=held, by=signer)
    advance("accept", on=held, by=signer)
    assert matter(filing).responsible == below


def test_only_bodies_of_its_own_system_receive_from_it(make: Makes, cast: Cast) -> None:
    below, _ = make.below()
    filing = make.direct()
    for other in (cast.sibling, cast.township, cast.bureau):
        with pytest.raises(BadInput) as refused:
            advance("pass_down", on=filing, by=cast.signer, department=other)
        assert "department" in refused.value.fields
    form = form_for(lifecycle.STEPS["pass_down"], filing.petition, filing, cast.signer)
    assert list(form.fields["department"].queryset) == [below]


def test_who_has_nobody_below_is_not_offered_it(make: Makes, cast: Cast) -> None:
    filing = make.direct()
    offered = {step.code for step, _ in steps_for(cast.signer, filing.petition, [filing])}
    assert "take_up" in offered and not {"pass_down", "assign_down"} & offered
    with pytest.raises(WrongMoment):
        advance("pass_down", on=filing, by=cast.signer, department=cast.sibling)


def test_a_handler_does_not_send_on(make: Makes, cast: Cast) -> None:
    below, _ = make.below()
    with pytest.raises(WrongPerson):
        advance("pass_down", on=make.direct(), by=cast.handler, department=below)


def test_what_was_assigned_below_is_reported_back_by_its_day(make: Makes, cast: Cast) -> None:
    below, signer = make.below()
    filing, limit = make.direct(), today() + 40 * DAY
    with pytest.raises(BadInput):
        advance("assign_down", on=filing, by=cast.signer, department=below, limit_on=today())
    advance("assign_down", on=filing, by=cast.signer, department=below, limit_on=limit, demand="办结后报告")
    held = Assignment.objects.get(petition=filing.petition)
    assert Clock.objects.get(assignment=held, name="T8").raw_due == limit
    assert "第二十三条第一款" in words(filing, "assign_letter")
    advance("sign_for", on=held, by=signer)
    advance("extend_report", on=held, by=cast.unit_head, limit_on=limit + 5 * DAY, reason="委托鉴定")
    assert Clock.objects.get(assignment=held, name="T8").raw_due == limit + 5 * DAY


def test_the_body_that_sent_it_decides_on_an_objection_and_its_days_go_on(make: Makes, cast: Cast) -> None:
    below, signer = make.below()
    filing = make.direct()
    first = Clock.objects.get(petition=filing.petition, name="T2")
    advance("pass_down", on=filing, by=cast.signer, department=below)
    held = Assignment.objects.get(petition=filing.petition)
    advance("sign_for", on=held, by=signer)
    advance("object", on=held, by=signer, reason="不属于本所职权")
    assert Notice.objects.filter(post=cast.signer.post, step="object").exists()
    waiting = trays.page_of(cast.signer, QUESTIONS["received"], trays.Turn()).rows
    assert [line.petition for line in waiting] == [filing.petition]
    with pytest.raises(WrongPerson):
        advance("uphold_objection", on=held, by=cast.triage, reason="属实")
    advance("uphold_objection", on=held, by=cast.unit_head, reason="属实")
    again = Clock.objects.get(petition=filing.petition, name="T2", ended="")
    assert again.due == first.due and running(filing) == {"T2"}
    advance("take_up", on=filing, by=cast.signer)
    assert matter(filing).stage == "handling"


def test_what_was_received_directly_waits_in_its_own_tray(make: Makes, cast: Cast) -> None:
    filing = make.direct()
    assert "received" in {question.code for question in trays.questions_for(cast.signer)}
    rows = trays.page_of(cast.unit_head, QUESTIONS["received"], trays.Turn()).rows
    assert [(line.petition, line.duty) for line in rows] == [(filing.petition, "告知是否受理（直接提出）")]
