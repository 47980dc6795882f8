"""The ordinary road, from the counter to a closed, rated matter, through the verbs alone."""

from __future__ import annotations

from petitions import papers
from petitions.actions import advance, rate
from petitions.models import Clock, Event, Paper, Petition, Reach
from tests.cast import Cast
from tests.makes import Makes


def test_a_walk_in_goes_from_the_counter_to_a_rated_case(cast: Cast, make: Makes) -> None:
    petition = make.confirmed()
    assert (petition.stage, petition.outcome, petition.rateable) == ("confirmed", "opinion", True)
    filing = petition.filings.get()
    rate(filing, target="office", value="0")
    rate(filing, target="unit", value="1", comment="慢了一点")
    petition.refresh_from_db()
    assert petition.ratings.count() == 2
    assert petition.events_count == Event.objects.filter(petition=petition).count()


def test_the_window_for_review_is_the_only_clock_left_when_the_matter_is_closed(make: Makes) -> None:
    petition = make.confirmed()
    assert [c.name for c in Clock.objects.filter(petition=petition, ended="")] == ["T6"]


def test_a_transfer_reaches_the_unit_and_leaves_the_office(cast: Cast, make: Makes) -> None:
    held = make.sent()
    rows = {r.department_id: (r.role, r.tray) for r in Reach.objects.filter(petition=held.petition)}
    assert rows == {cast.office.pk: ("office", ""), cast.bureau.pk: ("lead", "to_sign")}


def test_the_opinion_is_numbered_and_its_words_are_fixed(make: Makes) -> None:
    make.issued()
    paper = Paper.objects.get(kind="opinion")
    assert paper.number.startswith("浦自然资规信访答字〔") and paper.number.endswith("〕1号")
    assert "关于“反映寺前村承包地征收补偿款未到位”信访事项的处理意见书" in papers.html_of(paper)


def test_a_title_that_was_cut_is_no_title_of_an_opinion(make: Makes) -> None:
    run = make.issued(title="去年十月起我在黄宅镇工业园区一家针织厂做工，老板拖欠我和同组六个人的工资共四万…")
    html = papers.html_of(Paper.objects.get(kind="opinion"))
    assert f"关于{run.petition.number}号信访事项的处理意见书" in html and "四万…" not in html


def test_an_upheld_objection_brings_back_t1_with_its_first_due_day(cast: Cast, make: Makes) -> None:
    held = make.signed()
    first = Clock.objects.get(petition=held.petition, name="T1")
    advance("object", on=held, by=cast.signer, reason="属于住建部门职权", suggested=cast.sibling)
    advance("uphold_objection", on=held, by=cast.triage, reason="核实无误")
    again = Clock.objects.get(petition=held.petition, name="T1", ended="")
    assert (again.start, again.due) == (first.start, first.due)
    assert Petition.objects.get(pk=held.petition_id).stage == "triaged"
    assert not Clock.objects.filter(petition=held.petition, name="T3", ended="").exists()
