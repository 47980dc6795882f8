"""Who accepts, when bodies do not agree? (Art.24)"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.actor import Actor
from petitions import papers
from petitions.actions import advance
from petitions.errors import BadInput, WrongMoment
from petitions.models import Clock, Notice, Paper
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]
pytestmark = pytest.mark.django_db


# --- disputes ----------------------------------------------------------------------------------------------------


def test_a_disputed_matter_waits_for_the_decision_while_its_fifteen_days_run_on(make: Makes, cast: Cast) -> None:
    row = make.dispute()
    filing = row.petition.filings.get()
    with pytest.raises(WrongMoment, match="争议"):
        advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    assert Clock.objects.filter(filing=filing, name="T1", ended="").exists()
    said = {"one": cast.bureau, "other": cast.sibling, "reason": "再提", "superior": False}
    with pytest.raises(WrongMoment):
        advance("refer_dispute", on=row.petition, by=cast.triage, **said)


def test_the_matter_goes_where_the_conference_says_and_that_body_may_not_object(make: Makes, cast: Cast) -> None:
    row = make.dispute()
    advance("coordinate_dispute", on=row, by=cast.conference, body=cast.bureau, reason="三定规定")
    filing = row.petition.filings.get()
    with pytest.raises(BadInput) as refused:
        advance("transfer", on=filing, by=cast.triage, department=cast.sibling)
    assert cast.bureau.name in refused.value.fields["department"]
    advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    held = row.petition.assignments.get()
    advance("sign_for", on=held, by=cast.signer)
    with pytest.raises(WrongMoment, match="已经确定"):
        advance("object", on=held, by=cast.signer, reason="还是不归我局管")
    words = papers.html_of(Paper.objects.get(petition=row.petition, kind="competence_notice"))
    assert "信访工作联席会议" in words and cast.sibling.name in words


def test_a_common_superior_comes_before_the_conference(make: Makes, cast: Cast) -> None:
    row = make.dispute(superior=True)
    with pytest.raises(WrongMoment):
        advance("coordinate_dispute", on=row, by=cast.conference, body=cast.bureau, reason="三定规定")
    assert not Notice.objects.filter(post=cast.conference.post).exists()
    advance("dispute_to_conference", on=row, by=cast.triage, reason="一方由市里垂直管理")
    assert Notice.objects.filter(post=cast.conference.post, step="dispute_to_conference").exists()


def test_a_dispute_is_between_two(make: Makes, cast: Cast) -> None:
    said = {"one": cast.bureau, "other": cast.bureau, "reason": "无", "superior": False}
    with pytest.raises(BadInput):
        advance("refer_dispute", on=make.registered().petition, by=cast.triage, **said)


def test_only_a_body_that_may_decide_is_chosen(make: Makes, cast: Cast) -> None:
    with pytest.raises(BadInput):
        advance("coordinate_dispute", on=make.dispute(), by=cast.conference, body=cast.city, reason="无")


def test_the_conference_finds_on_its_first_page_what_waits_for_it(make: Makes, cast: Cast, signed_in: SignIn) -> None:
    dispute, measure = make.dispute(), make.measure()
    text = signed_in(cast.conference).get("/").content.decode()
    assert dispute.petition.number in text and dispute.between in text
    assert "待决定的措施" in text and measure.petition.number in text
    advance("coordinate_dispute", on=dispute, by=cast.conference, body=cast.bureau, reason="三定规定")
    make.step_measure(measure, "decide_measure")
    text = signed_in(cast.conference).get("/").content.decode()
    assert dispute.petition.number not in text and "限期整改中" in text


# --- what a ground must name -------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["not_accept", "decline"])
def test_that_a_body_below_has_it_is_no_ground_without_naming_the_matter(make: Makes, cast: Cast, step: str) -> None:
    row, by = (make.registered().filing, cast.triage) if step == "not_accept" else (make.signed(), cast.signer)
    with pytest.raises(BadInput) as refused:
        advance(step, on=row, by=by, ground="in_progress", explanation="请等待办理")
    assert "other" in refused.value.fields
