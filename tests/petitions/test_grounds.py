"""On which ground may a matter be refused?  Each is borne out by the record, or it is none (domain.md §2.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.dates import today
from petitions import lifecycle, papers
from petitions.actions import advance
from petitions.errors import BadInput
from petitions.forms.steps import form_for
from petitions.models import Clock, Event, Mediation, Paper, Petition
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
WORDS = {"explanation": "已有结论，可以向人民法院提起诉讼。"}


def test_a_first_matter_is_not_refused_for_good_without_a_re_review_opinion(make: Makes, cast: Cast) -> None:
    filing = make.registered().filing
    with pytest.raises(BadInput) as refused:
        advance("not_accept", on=filing, by=cast.triage, ground="re_reviewed", **WORDS)
    assert "不再受理" in refused.value.fields["ground"]
    assert Petition.objects.get(pk=filing.petition_id).stage == "registered"


def test_a_unit_refuses_after_a_re_review_only_with_the_opinion_on_record(make: Makes, cast: Cast) -> None:
    held, ended, first = make.signed(), make.ended_by_rereview(), make.registered().petition
    for other in (None, first):
        with pytest.raises(BadInput) as refused:
            advance("decline", on=held, by=cast.unit_head, ground="re_reviewed", other=other, **WORDS)
        assert "other" in refused.value.fields
    ended.reach.create(department=cast.bureau, role="former", received_on=ended.received_on, open=False)
    advance("decline", on=held, by=cast.signer, ground="re_reviewed", other=ended, **WORDS)
    petition = Petition.objects.get(pk=held.petition_id)
    assert petition.outcome == "no_further"
    paper = Paper.objects.get(petition=petition, kind="no_further_notice")
    assert "金政复核〔2025〕1号" in papers.html_of(paper)
    event = Event.objects.get(petition=petition, step="decline")
    assert (event.data["opinion_number"], event.data["other"]) == ("金政复核〔2025〕1号", ended.number)


@pytest.mark.parametrize("step", ["not_accept", "decline"])
def test_that_there_is_an_agreement_is_a_ground_only_while_it_holds(make: Makes, cast: Cast, step: str) -> None:
    row, by = (make.registered().filing, cast.triage) if step == "not_accept" else (make.signed(), cast.signer)
    agreed = make.agreed()
    said = {"ground": "mediated", "other": agreed.petition, **WORDS}
    for state, perform_by in (("broken", today()), ("agreed", today() - timedelta(days=1)), ("mediating", None)):
        Mediation.objects.filter(pk=agreed.pk).update(state=state, perform_by=perform_by)
        with pytest.raises(BadInput) as refused:
            advance(step, on=row, by=by, **said)
        assert "履行" in refused.value.fields["other"]
    Mediation.objects.filter(pk=agreed.pk).update(state="agreed", perform_by=today())
    advance(step, on=row, by=by, **said)
    event = Event.objects.get(petition=row.petition, step=step)
    assert (event.data["ground"], event.data["other"]) == ("mediated", agreed.petition.number)


def test_that_a_window_has_closed_is_a_ground_only_where_the_record_says_so(make: Makes, cast: Cast) -> None:
    filing, run = make.registered().filing, make.delivered(view="1")
    said = {"ground": "window_lapsed", "other": run.petition, **WORDS}
    with pytest.raises(BadInput) as refused:
        advance("not_accept", on=filing, by=cast.triage, **said)
    assert "申请期限" in refused.value.fields["other"]
    Clock.objects.filter(proceeding=run, name="T6").update(ended="lapsed", ended_on=today())
    advance("not_accept", on=filing, by=cast.triage, **said)
    assert Petition.objects.get(pk=filing.petition_id).outcome == "not_accepted"


def test_what_is_under_review_after_all_has_no_closed_window(make: Makes, cast: Cast) -> None:
    filing, asked = make.registered().filing, make.asked()
    Clock.objects.filter(petition=asked.petition, name="T6").update(ended="lapsed", ended_on=today())
    with pytest.raises(BadInput):
        advance("not_accept", on=filing, by=cast.triage, ground="window_lapsed", other=asked.petition, **WORDS)


@pytest.mark.parametrize("ground", ["in_progress", "mediated", "window_lapsed"])
def test_another_persons_matter_is_no_ground(make: Makes, cast: Cast, ground: str) -> None:
    from petitions.actions import Person

    other = make.registered(people=[Person(name="李四", phone="19900000009")]).petition
    with pytest.raises(BadInput) as refused:
        advance("not_accept", on=make.registered().filing, by=cast.triage, ground=ground, other=other, **WORDS)
    assert "不是同一信访人" in refused.value.fields["other"]


def test_a_unit_that_was_sent_what_is_not_its_remit_objects_and_never_refuses(make: Makes, cast: Cast) -> None:
    held = make.signed()
    with pytest.raises(BadInput) as refused:
        advance("decline", on=held, by=cast.signer, ground="out_of_remit", **WORDS)
    assert "提出异议" in refused.value.fields["ground"]


def test_that_an_address_is_unknown_refuses_nothing(make: Makes, cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        advance("not_accept", on=make.registered().filing, by=cast.triage, ground="no_address", **WORDS)
    assert "ground" in refused.value.fields


@pytest.mark.parametrize("step", ["not_accept", "decline"])
def test_the_form_offers_the_grounds_of_its_step_and_no_others(make: Makes, cast: Cast, step: str) -> None:
    held = make.signed()
    row, by = (make.registered().filing, cast.triage) if step == "not_accept" else (held, cast.signer)
    form = form_for(lifecycle.STEPS[step], row.petition, row, by)
    assert [code for code, _ in form.fields["ground"].choices if code] == list(lifecycle.GROUNDS_OF[step])
