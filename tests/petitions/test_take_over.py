"""Does work under way come from paper as it stands, with its clocks from their first day, and walk on to its end?"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from accounts.actor import Actor
from accounts.dates import SHANGHAI, today
from accounts.verification import Report
from petitions import jobs, lifecycle, open_cases, papers, repeats, sheets
from petitions.actions import Person, advance, moment, rate, run_night
from petitions.actions.open_case import Again, Elsewhere, IssuedPaper, OpenCase
from petitions.actions.take_over import may_take_over, take_over
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Assignment, Clock, Event, Filing, Job, Paper, Petition, Proceeding, Reach
from petitions.verification import check_chains
from tests.cast import Cast, build_cast
from tests.makes import Makes, entry

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def ago(days: int) -> date:
    """So many days before today."""
    return today() - timedelta(days=days)


_ACCEPTED = {"routed_on": 60, "signed_on": 58, "accepted_on": 50}
_SETTLED = {**_ACCEPTED, "settled_on": 5}
_OPINION = {"routed_on": 300, "signed_on": 298, "accepted_on": 290, "issued_on": 240, "delivered_on": 235}
_ASKED = {**_OPINION, "review_applied_on": 220}
_REVIEWED = {**_ASKED, "review_accepted_on": 218, "review_issued_on": 200, "review_delivered_on": 195}
_REASKED = {**_REVIEWED, "rereview_applied_on": 180}
_REREVIEWED = {**_REASKED, "rereview_issued_on": 160, "rereview_delivered_on": 155}
# How far, by a name of its own where a stage has more than one way, and the days that belong to it, counted back from today.
DAYS: dict[str, dict[str, int]] = {
    "registered": {}, "triaged": {}, "sent": {"routed_on": 1}, "review": {"routed_on": 6, "signed_on": 2},
    "objected": {"routed_on": 6, "signed_on": 2, "objected_on": 1},
    "handling": {"routed_on": 30, "signed_on": 28, "accepted_on": 20},
    "issued": {"routed_on": 60, "signed_on": 58, "accepted_on": 50, "issued_on": 2},
    "delivered": {"routed_on": 60, "signed_on": 58, "accepted_on": 50, "issued_on": 12, "delivered_on": 10},
    "lapsed": {"routed_on": 120, "signed_on": 118, "accepted_on": 110, "issued_on": 70, "delivered_on": 65},
    "closed": {"routed_on": 120, "signed_on": 118, "accepted_on": 110, "issued_on": 70, "delivered_on": 65, "closed_on": 3},
    "settled": _SETTLED, "closed, settled": {**_SETTLED, "closed_on": 2},
    "in_review": _ASKED, "in_review, accepted": {**_ASKED, "review_accepted_on": 218},
    "review_issued": {**_ASKED, "review_issued_on": 200}, "review_delivered": {**_ASKED, "review_issued_on": 12, "review_delivered_on": 9},
    "exhausted, not taken further": _REVIEWED, "in_rereview": _REASKED,
    "in_rereview, accepted": {**_REASKED, "rereview_accepted_on": 178},
    "review_issued, again": {**_REASKED, "rereview_issued_on": 160}, "exhausted": _REREVIEWED,
    "closed, reviewed": {**_REVIEWED, "closed_on": 4}, "closed, reviewed twice": {**_REREVIEWED, "closed_on": 4},
    "handling, suggestion": {"routed_on": 30, "signed_on": 28, "accepted_on": 20},
    "issued, suggestion": {**_ACCEPTED, "issued_on": 2}, "delivered, suggestion": {**_ACCEPTED, "issued_on": 4, "delivered_on": 3},
    "closed, suggestion": {**_ACCEPTED, "issued_on": 9, "delivered_on": 8, "closed_on": 3},
    "handling, duty": {"routed_on": 30, "signed_on": 28, "accepted_on": 20}, "issued, duty": {**_ACCEPTED, "issued_on": 2},
    "delivered, duty": {**_ACCEPTED, "issued_on": 4, "delivered_on": 3},
}  # fmt: skip
RECEIVED = {"registered": 5, "triaged": 5, "sent": 8, "review": 12, "objected": 12}
ANSWER = {"suggestion": "suggestion_reply", "duty": "duty_reply"}


def stage_of(name: str) -> str:
    """The stage that a name of `DAYS` stands for."""
    return name.split(",")[0]


def main_of(name: str) -> str:
    """What is asked for: ``""`` = that a claim is handled."""
    return next((kind for kind in ANSWER if name.endswith(kind)), "")


def case_at(cast: Cast, name: str, **changes: Any) -> OpenCase:
    """An ordinary matter under way at ``name``."""
    days = {field: ago(count) for field, count in DAYS[name].items()}
    received = ago(RECEIVED.get(name, max(DAYS[name].values(), default=0) + 5))
    more: dict[str, Any] = {"lead": cast.bureau} if days else {}
    kind = main_of(name)
    if "review_applied_on" in days:
        more["review_body"], more["review_conclusion"] = cast.review, "uphold" if "review_issued_on" in days else ""
    if "rereview_applied_on" in days:
        more["rereview_body"], more["rereview_conclusion"] = (
            cast.city_review,
            "uphold" if "rereview_issued_on" in days else "",
        )
    if "settled_on" in days:
        more["perform_by"], more["mediator"] = ago(-20), "王调解"
    if kind == "duty":
        more["elsewhere"] = [Elsewhere(1, 5)]
    more["papers"] = list(_answers(days, ANSWER.get(kind, "opinion")))
    about = entry(cast, received_on=received, kind="suggestion" if kind == "suggestion" else "claim")
    told = {"entry": about, "number": f"老{name[:18]}-1", "stage": stage_of(name), **days, **more}
    return OpenCase(**(told | changes))


def _answers(days: dict[str, date], kind: str) -> Iterator[IssuedPaper]:
    """The paper of each answer that has been issued."""
    for stem, code, number in (
        ("", kind, "浦资规答〔2026〕7号"),
        ("review_", "review_opinion", "浦复〔2026〕3号"),
        ("rereview_", "rereview_opinion", "金复〔2026〕5号"),
    ):
        if f"{stem}issued_on" in days:
            yield IssuedPaper(code, number, days[f"{stem}issued_on"], days.get(f"{stem}delivered_on"))


# --- as it stands -------------------------------------------------------------------------------------------------

RUNNING = {
    "registered": {"T1"}, "triaged": {"T1"}, "sent": {"TS"}, "review": {"T3", "T4"}, "objected": {"T3", "TC"},
    "handling": {"T5"}, "issued": {"TD"}, "delivered": {"T6"}, "lapsed": {"TN"}, "closed": {"TA"},
    "settled": {"TQ"}, "closed, settled": {"TA"}, "in_review": {"TF", "T6D"}, "in_review, accepted": {"T6D"},
    "review_issued": {"TD"}, "review_delivered": {"T7"}, "exhausted, not taken further": {"TN"}, "in_rereview": {"TF", "T7D"},
    "in_rereview, accepted": {"T7D"}, "review_issued, again": {"TD"}, "exhausted": {"TN"}, "closed, reviewed": {"TA"},
    "closed, reviewed twice": {"TA"}, "handling, suggestion": {"TG"}, "issued, suggestion": {"TD"},
    "delivered, suggestion": set(), "closed, suggestion": {"TA"}, "handling, duty": {"TY"}, "issued, duty": {"TD"},
    "delivered, duty": set(),
}  # fmt: skip


def _begun(case: OpenCase, petition: Petition) -> dict[str, date | None]:
    """From which day each clock has run: the first one, as on paper."""
    opinion = case.rereview_issued_on or case.review_issued_on or case.issued_on
    begun = {
        "T1": petition.received_on, "TS": case.routed_on, "T3": case.signed_on, "T4": case.signed_on, "TC": case.objected_on,
        "T5": case.accepted_on, "TG": case.accepted_on, "TY": case.accepted_on, "TD": opinion, "T6": case.delivered_on,
        "TA": case.closed_on, "TQ": case.settled_on, "TF": case.rereview_applied_on or case.review_applied_on,
        "T6D": case.review_applied_on, "T7": case.review_delivered_on, "T7D": case.rereview_applied_on,
        "TN": case.rereview_delivered_on,
    }  # fmt: skip
    if case.stage in ("lapsed", "exhausted") and case.rereview_delivered_on is None:  # since the window was over
        window = petition.clocks.get(name="T7" if case.review_applied_on else "T6")
        begun["TN"] = window.due + timedelta(days=1)
    return begun


@pytest.mark.parametrize("name", DAYS)
def test_it_stands_where_it_stood_with_its_clocks_from_their_first_day(cast: Cast, name: str) -> None:
    case = case_at(cast, name)
    petition = Petition.objects.get(pk=take_over(case, by=cast.triage).petition.pk)
    assert (petition.stage, petition.number, petition.received_on) == (case.stage, case.number, case.entry.received_on)
    running = {clock.name: clock for clock in petition.clocks.filter(ended="")}
    assert set(running) == RUNNING[name]
    begun = _begun(case, petition)
    assert {code: clock.start for code, clock in running.items()} == {code: begun[code] for code in running}
    for code, days, start in (
        ("T5", 60, case.accepted_on), ("T6D", 30, case.review_applied_on), ("T7D", 30, case.rereview_applied_on), ("T7", 30, case.review_delivered_on),
    ):  # fmt: skip
        if code in running and start:
            assert running[code].raw_due == start + timedelta(days=days)
            article = {"T5": "第三十四条", "T6D": "第三十五条"}.get(code, "第三十六条")
            assert article in running[code].rule
    assert petition.due == min((c.due for c in running.values() if not c.window), default=None)


def test_what_was_reviewed_tells_its_rounds_as_if_they_had_been_taken_here(cast: Cast) -> None:
    petition = take_over(case_at(cast, "exhausted"), by=cast.triage).petition
    runs = list(Proceeding.objects.filter(petition=petition).order_by("pk").values_list("kind", "state", "department"))
    assert runs == [
        ("handling", "exhausted", cast.bureau.pk),
        ("review", "review_appealed", cast.review.pk),
        ("rereview", "review_ended", cast.city_review.pk),
    ]
    review, again = Proceeding.objects.filter(petition=petition).order_by("pk")[1:]
    assert (again.after, review.after) == (review, Proceeding.objects.get(petition=petition, kind="handling"))
    assert dict(petition.papers.values_list("kind", "department")) == {
        "opinion": cast.bureau.pk, "review_opinion": cast.review.pk, "rereview_opinion": cast.city_review.pk,
    }  # fmt: skip
    assert set(Reach.objects.filter(petition=petition).values_list("department", "role")) == {
        (cast.office.pk, "office"), (cast.bureau.pk, "lead"), (cast.review.pk, "review"), (cast.city_review.pk, "review"),
    }  # fmt: skip
    found = repeats.last_word(petition)
    assert found is not None
    assert (found.number, found.issued_on) == ("金复〔2026〕5号", ago(160))


def test_a_review_that_changed_or_revoked_the_opinion_leaves_the_claims_so(cast: Cast) -> None:
    changed = case_at(cast, "review_delivered", review_conclusion="change", support="part", number="老甲")
    petition = take_over(changed, by=cast.triage).petition
    assert petition.claims.get().support == "part"
    assert petition.proceedings.get(kind="review").decided == {"1": "part"}
    revoked = case_at(cast, "review_delivered", review_conclusion="revoke", support="part", number="老乙", papers=[
        IssuedPaper("opinion", "浦资规答〔2026〕8号", ago(240), ago(235)), IssuedPaper("review_opinion", "浦复〔2026〕4号", ago(12), ago(9)),
    ])  # fmt: skip
    assert take_over(revoked, by=cast.triage).petition.claims.get().support == ""


@pytest.mark.parametrize(
    ("review", "rereview", "support"),
    [("revoke", "change", "part"), ("revoke", "uphold", ""), ("change", "revoke", ""), ("change", "uphold", "part")],
)
def test_the_last_review_that_changed_anything_is_what_the_claims_say(
    cast: Cast, review: str, rereview: str, support: str
) -> None:
    case = case_at(cast, "exhausted", review_conclusion=review, rereview_conclusion=rereview, support="part")
    assert take_over(case, by=cast.triage).petition.claims.get().support == support


def test_an_application_that_came_after_the_window_leaves_the_window_lapsed(cast: Cast) -> None:
    case = case_at(cast, "in_review", review_applied_on=ago(150))
    petition = take_over(case, by=cast.triage).petition
    window = petition.clocks.get(name="T6")
    assert (window.ended, window.ended_on) == ("lapsed", window.due + timedelta(days=1))


def test_claims_that_went_elsewhere_are_told_so_and_the_rest_is_handled(cast: Cast) -> None:
    claims = ["发放补偿款", "确认合同无效", "查处违法占地"]
    court = Elsewhere(2, 1, "浦江县人民法院", "民事诉讼", "六个月")
    case = case_at(
        cast, "handling", entry=entry(cast, received_on=ago(40), claims=claims), elsewhere=[court, Elsewhere(3, 5)]
    )
    petition = take_over(case, by=cast.triage).petition
    told = [
        (c.serial, c.route, c.proceeding.kind, c.proceeding.state)
        for c in petition.claims.order_by("serial")
        if c.proceeding
    ]
    assert told == [(1, 6, "handling", "handling"), (2, 1, "outside", "outside"), (3, 5, "duty", "studying")]
    court_run = petition.proceedings.get(kind="outside")
    assert (court_run.outside_body, court_run.told_on) == ("浦江县人民法院", ago(20))
    assert {clock.name: clock.start for clock in petition.clocks.filter(ended="")} == {"T5": ago(20), "TY": ago(20)}
    replied = replace(case, number="老11", elsewhere=[court, Elsewhere(3, 5, replied_on=ago(3))])
    answered = take_over(replied, by=cast.triage).petition
    assert answered.proceedings.get(kind="duty").state == "reply_delivered"
    assert answered.clocks.get(name="TY").ended_on == ago(3)


def test_people_who_came_along_and_speak_for_the_others_come_along(cast: Cast) -> None:
    people = [
        Person(name="王小明", phone="19900000001", representative=True),
        Person(name="李二", role="companion"),
        Person(name="张三", role="cosigner", representative=True),
    ]
    case = case_at(cast, "handling", entry=entry(cast, received_on=ago(40), people=people, head_count=12))
    petition = take_over(case, by=cast.triage).petition
    parties = petition.filings.get().parties.order_by("pk").values_list("petitioner__name", "role", "representative")
    assert list(parties) == [("王小明", "lead", True), ("李二", "companion", False), ("张三", "cosigner", True)]
    assert (petition.joint, petition.head_count) == (True, 12)


def test_what_came_again_has_its_own_day_and_numbers(cast: Cast) -> None:
    case = case_at(cast, "delivered", again=[Again(ago(5), "visit", [("省信访系统", "S77")]), Again(ago(20), "letter")])
    petition = take_over(case, by=cast.triage).petition
    rows = list(petition.filings.order_by("number").values_list("number", "received_on", "channel", "repeat", "state"))
    assert rows[1:] == [
        (f"{case.number}-02", ago(20), "letter", True, "merged"), (f"{case.number}-03", ago(5), "visit", True, "merged"),
    ]  # fmt: skip
    assert petition.filings.get(channel="visit", repeat=True).references.get().number == "S77"
    assert petition.filings.get(channel="letter", repeat=True).parties.get().petitioner.name == "王小明"
    assert Event.objects.get(petition=petition).data["again"] == [ago(20).isoformat(), ago(5).isoformat()]


def test_what_was_handed_down_and_signed_for_there_is_not_signed_for_again(cast: Cast, signed_in: SignIn) -> None:
    about = entry(cast, received_on=ago(40), channel="handed_down", handed_by=cast.city, handed_due=ago(-20))
    case = case_at(cast, "handling", entry=about, handed_signed_on=ago(39))
    petition = take_over(case, by=cast.triage).petition
    filing = petition.filings.get()
    window = petition.clocks.get(name="T4", filing=filing)
    assert (filing.handed_signed_on, window.start, window.ended) == (ago(39), ago(39), "lapsed")
    assert petition.clocks.get(name="T8").ended == ""
    assert "签收上级交转" not in signed_in(cast.triage).get(f"/petitions/{petition.ref}/").content.decode()
    with pytest.raises(WrongMoment):
        advance("sign_up", on=filing, by=cast.triage)
    fresh = replace(case, number="老12", entry=replace(about, received_on=ago(31)), handed_signed_on=today())
    open_window = take_over(fresh, by=cast.triage).petition.clocks.get(name="T4", filing__isnull=False)
    assert (open_window.start, open_window.ended) == (today(), "")
    reported = replace(case, number="老13", handed_reported_on=ago(1))
    assert take_over(reported, by=cast.triage).petition.clocks.get(name="T8").ended == "met"


def test_its_one_event_says_that_what_went_before_is_on_paper(cast: Cast, signed_in: SignIn) -> None:
    petition = take_over(case_at(cast, "delivered", again=[Again(ago(11))]), by=cast.triage).petition
    event = Event.objects.get(petition=petition)
    assert (event.step, event.occurred_on, event.data["stage"]) == ("take_over", today(), "delivered")
    page = signed_in(cast.triage).get(f"/petitions/{petition.ref}/").content.decode()
    assert "接收在办件" in page
    assert "此前的办理过程见纸质档案" in page
    assert "重复来件：" in page
    said: list[str] = []
    check_chains(Report(said.append))
    assert said == []


@pytest.mark.parametrize("name", DAYS)
def test_its_page_and_its_papers_can_be_read_at_every_stage(cast: Cast, signed_in: SignIn, name: str) -> None:
    petition = take_over(case_at(cast, name), by=cast.triage).petition
    page = signed_in(cast.triage).get(f"/petitions/{petition.ref}/")
    assert page.status_code == 200
    assert lifecycle.STAGES[stage_of(name)] in page.content.decode()
    for paper in petition.papers.all():
        assert "见纸质档案" in papers.html_of(paper)


@pytest.mark.parametrize("name", [name for name in DAYS if name not in ("registered", "triaged")])
def test_its_unit_finds_it_in_its_tray(cast: Cast, name: str) -> None:
    petition = take_over(case_at(cast, name), by=cast.triage).petition
    row = Reach.objects.get(petition=petition, department=cast.bureau)
    wanted = lifecycle.tray_of("lead", stage_of(name))
    assert (row.role, row.tray, row.open) == ("lead", wanted, True)


@pytest.mark.parametrize(
    ("name", "tray"),
    [("in_review", "to_review"), ("review_issued", "to_deliver"), ("in_rereview", "to_review"), ("review_issued, again", "to_deliver")],
)  # fmt: skip
def test_the_review_body_finds_it_in_its_tray(cast: Cast, name: str, tray: str) -> None:
    petition = take_over(case_at(cast, name), by=cast.triage).petition
    body = cast.city_review if "rereview_applied_on" in DAYS[name] else cast.review
    row = Reach.objects.get(petition=petition, department=body)
    assert (row.role, row.tray) == ("review", tray)


def test_an_extension_and_a_local_way_of_handling_count_from_the_first_day(cast: Cast) -> None:
    longer = take_over(case_at(cast, "handling", extended_days=20), by=cast.triage).petition
    clock = longer.clocks.get(name="T5")
    assert (clock.raw_due, clock.extended) == (ago(20) + timedelta(days=80), 20)
    assert Proceeding.objects.get(petition=longer).extended_days == 20
    short = take_over(case_at(cast, "handling", number="老2", simplified=True), by=cast.triage).petition
    assert short.clocks.get(ended="").name == "T5'"


def test_an_assigned_one_keeps_the_limit_it_was_given_until_it_has_been_reported(cast: Cast) -> None:
    assigned = {"mode": "assign", "limit_on": ago(30) + timedelta(days=90)}
    petition = take_over(case_at(cast, "handling", **assigned), by=cast.triage).petition
    assert petition.clocks.get(name="T8").due >= ago(30) + timedelta(days=90)
    told = case_at(cast, "closed", mode="assign", limit_on=ago(2), reported_on=ago(4))
    reported = take_over(replace(told, number="老9"), by=cast.triage).petition
    assert Assignment.objects.get(petition=reported).state == "reported"
    assert reported.clocks.get(name="T8").ended == "met"


def test_a_duty_that_is_assigned_keeps_the_limit_for_its_report(cast: Cast) -> None:
    case = case_at(cast, "handling, duty", mode="assign", limit_on=ago(30) + timedelta(days=90))
    petition = take_over(case, by=cast.triage).petition
    assert {clock.name for clock in petition.clocks.filter(ended="")} == {"TY", "T8"}
    assert Assignment.objects.get(petition=petition).state == "accepted"


def test_co_units_go_on_with_their_part(cast: Cast) -> None:
    case = case_at(cast, "handling", co_units=[cast.sibling], handler=cast.handler.post)
    petition = take_over(case, by=cast.triage).petition
    mine = Assignment.objects.get(petition=petition, department=cast.sibling)
    advance("co_answer", on=mine, by=cast.sibling_handler, answer="已核实。")
    assert Proceeding.objects.get(petition=petition).handler == cast.handler.post


# --- and walks on -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in DAYS if name != "objected"])
def test_it_walks_on_by_the_ordinary_steps_to_closed_and_rated(cast: Cast, name: str) -> None:
    petition = take_over(
        case_at(cast, name, handler=cast.handler.post if DAYS[name] else None), by=cast.triage
    ).petition
    _walk_on(cast, petition)
    petition.refresh_from_db()
    assert (petition.stage, petition.rateable) == ("confirmed", True)
    rate(petition.filings.get(), target="unit", value="0")
    assert not petition.clocks.filter(ended="", window=False).exists()


def _walk_on(cast: Cast, petition: Petition) -> None:
    def at() -> str:
        petition.refresh_from_db()
        return petition.stage

    filing = Filing.objects.get(petition=petition)
    if at() in ("registered", "triaged"):
        advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    held = Assignment.objects.get(petition=petition, department=cast.bureau)
    if at() == "sent":
        advance("sign_for", on=held, by=cast.signer)
    if at() == "review":
        advance("accept", on=held, by=cast.signer, handler=cast.handler.post)
    run = petition.proceedings.get(kind__in=("handling", "study", "duty"))
    if at() == "handling":
        _answer(cast, run)
    reply = "" if run.kind == "handling" else "_reply"
    if at() == "issued":
        advance(f"deliver{reply}", on=run, by=cast.handler, how="hand", receiver="王小明", view="0")
    if at() == "delivered":
        run.refresh_from_db()
        if run.petitioner_view != "0":
            Proceeding.objects.filter(pk=run.pk).update(petitioner_view="0")
        advance(f"close{reply}", on=run, by=cast.handler)
    if at() == "settled":
        advance("perform_mediation", on=petition.mediations.get(), by=cast.handler, evidence="已付清。")
        advance("close_settled", on=run, by=cast.handler)
    _review_on(cast, petition)
    if at() in ("lapsed", "exhausted"):
        advance("close", on=run, by=cast.handler)
    advance("confirm_closure", on=run, by=cast.triage)


def _answer(cast: Cast, run: Proceeding) -> None:
    """The unit's answer, up to the signature of its head."""
    if run.kind == "handling":
        answers = {1: {"support": "support", "answer": "补偿款于本月内发放。"}}
        advance("draft", on=run, by=cast.handler, facts="经查，款项滞留。", basis="土地管理法。", answers=answers)
        advance("check", on=run, by=cast.unit_leader)
        advance("sign", on=run, by=cast.unit_head)
        return
    said: dict[str, Any] = {"adopted": "whole"} if run.kind == "study" else {"remedy": "向浦江县人民政府申请行政复议。"}
    advance("draft_reply", on=run, by=cast.handler, reply="已经办到。", basis="条例。", **said)
    advance("sign_reply", on=run, by=cast.unit_head)


def _review_on(cast: Cast, petition: Petition) -> None:
    """A review under way to the end of its road: nobody goes further."""
    for kind, one, other in (
        ("review", cast.reviewer, cast.reviewer2),
        ("rereview", cast.rereviewer, cast.rereviewer2),
    ):
        run = petition.proceedings.filter(kind=kind).first()
        if run is None:
            continue
        if run.state == "applied":
            advance("accept_review", on=run, by=one)
        run.refresh_from_db()
        if run.state == "reviewing":
            advance("draft_review", on=run, by=one, conclusion="uphold", facts="原意见事实清楚。", basis="条例。")
            advance("sign_review", on=run, by=other)
        run.refresh_from_db()
        if run.state == "review_issued":
            advance("deliver_review", on=run, by=one, how="hand", receiver="王小明")
    if petition.proceedings.filter(state="review_delivered").exists():
        day = today() + timedelta(days=60)
        with moment.at(datetime(day.year, day.month, day.day, 1, tzinfo=SHANGHAI)):
            run_night()


def test_an_objection_taken_over_is_decided_and_goes_back_to_the_first_limit(cast: Cast) -> None:
    petition = take_over(case_at(cast, "objected"), by=cast.triage).petition
    first = petition.clocks.get(name="T1")
    advance("uphold_objection", on=Assignment.objects.get(petition=petition), by=cast.triage, reason="确不属职责。")
    petition.refresh_from_db()
    again = petition.clocks.get(name="T1", ended="")
    assert (petition.stage, again.start, again.due) == ("triaged", first.start, first.due)


# --- papers -------------------------------------------------------------------------------------------------------


def test_a_number_brought_in_is_never_given_again(cast: Cast, make: Makes) -> None:
    year = today().year
    day = date(year, 1, 5)
    case = OpenCase(
        entry=entry(cast, received_on=day), number=f"浦信{year}-000041", stage="handling", lead=cast.bureau, routed_on=day,
        signed_on=day, accepted_on=day,
        papers=[IssuedPaper("transfer_letter", f"浦信 信访转字（{year}）17号", day),
                IssuedPaper("accept_notice", f"浦自然资规信访受字[{year}]23号", day, day)],
    )  # fmt: skip
    take_over(case, by=cast.triage)
    assert set(Paper.objects.values_list("number", flat=True)) == {
        f"浦信信访转字〔{year}〕17号",
        f"浦自然资规信访受字〔{year}〕23号",
    }
    run = make.handling()
    assert run.petition.number == f"浦信{year}-000042"
    assert set(run.petition.papers.values_list("number", flat=True)) == {
        f"浦信信访转字〔{year}〕18号",
        f"浦信信访去字〔{year}〕1号",
        f"浦自然资规信访受字〔{year}〕24号",
    }
    with pytest.raises(BadInput, match="已经"):
        take_over(replace(case, number="老5"), by=cast.triage)
    assert Petition.objects.count() == 2


def test_a_paper_brought_in_shows_that_its_words_are_on_paper(cast: Cast, signed_in: SignIn) -> None:
    petition = take_over(case_at(cast, "delivered"), by=cast.triage).petition
    paper = petition.papers.get()
    assert (paper.number, paper.serial, paper.served_on) == ("浦资规答〔2026〕7号", None, ago(10))
    assert "见纸质档案" in papers.html_of(paper)
    assert "见纸质档案" in signed_in(cast.handler).get(f"/papers/{paper.ref}/").content.decode()


# --- what the law does not allow ----------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "ended": ("registered", {"stage": "confirmed"}, "不需要接收"),
    "no unit": ("sent", {"lead": None}, "主办单位"),
    "a unit too early": ("registered", {"lead": "bureau"}, "还没有转出"),
    "no day": ("handling", {"accepted_on": None}, "要有受理日期"),
    "a day too many": ("review", {"accepted_on": 0}, "不应有受理日期"),
    "days turned round": ("handling", {"signed_on": 10}, "受理日期不能早于签收日期"),
    "tomorrow": ("sent", {"routed_on": -1}, "不能晚于今天"),
    "before receipt": ("sent", {"routed_on": 300}, "不能早于收到日期"),
    "a late objection": ("objected", {"routed_on": 11, "signed_on": 11}, "5个工作日"),
    "too long": ("handling", {"extended_days": 31}, "不超过30日"),
    "simple and extended": ("handling", {"extended_days": 5, "simplified": True}, "不能延长"),
    "assigned without limit": ("handling", {"mode": "assign"}, "交办期限"),
    "transferred with limit": ("handling", {"limit_on": 1}, "没有交办期限"),
    "not over yet": ("lapsed", {"delivered_on": 5, "issued_on": 6, "papers": ((6, 5),)}, "才届满"),
    "closed too early": ("closed", {"delivered_on": 10, "issued_on": 11, "papers": ((11, 10),)}, "第三十五条"),
    "closed while re-review is open": (
        "closed, reviewed",
        {"review_issued_on": 62, "review_delivered_on": 60, "closed_on": 50, "papers": "review delivered"},
        "申请复核的期限到.+才届满（第三十六条）",
    ),
    "no opinion": ("issued", {"papers": ()}, "处理意见书的文号"),
    "opinion of another day": ("issued", {"papers": ((3, None),)}, "与作出日期一致"),
    "the office itself": ("sent", {"lead": "office"}, "不是有权处理"),
    "a stranger's handler": ("handling", {"lead": "sibling", "handler": "handler"}, "不在主办单位"),
    "reported when transferred": ("delivered", {"reported_on": 1}, "交办的事项"),
    "no number": ("registered", {"number": "  "}, "原来的编号"),
    "reviewed by itself": ("in_review", {"review_body": "sibling"}, "应为上一级机关"),
    "no conclusion": ("review_issued", {"review_conclusion": ""}, "要一起填"),
    "done anew": ("review_issued", {"review_conclusion": "redo"}, "阶段填办理中"),
    "changed into nothing": ("review_issued", {"review_conclusion": "change"}, "变更后的意见"),
    "re-review before review": ("in_rereview", {"review_delivered_on": None}, "要有复查送达日期"),
    "re-review of a review under way": ("in_review", {"rereview_applied_on": 3}, "不应有申请复核日期"),
    "not gone further yet": (
        "exhausted, not taken further",
        {"review_delivered_on": 5, "papers": "review"},
        "复核的期限",
    ),
    "a reviewer without review": ("delivered", {"review_body": "review"}, "不应有复查机关"),
    "no opinion of the review": ("review_issued", {"papers": ((240, 235),)}, "复查意见书的文号"),
    "an opinion not given yet": ("in_review", {"papers": "review"}, "还没有作出"),
    "agreed to nothing": ("settled", {"perform_by": None}, "履行期限"),
    "an agreement nowhere": ("handling", {"perform_by": "tomorrow"}, "已达成协议"),
    "a suggestion reviewed": ("handling, suggestion", {"stage": "lapsed"}, "以答复办结"),
    "a suggestion supported": ("issued, suggestion", {"support": "support"}, "采纳情况"),
    "a claim adopted": ("delivered", {"adopted": "whole"}, "建议意见才填"),
    "an opinion on a suggestion": ("issued, suggestion", {"papers": ((2, None),)}, "只有一份建议采纳情况回复的文号"),
    "a claim that is not there": ("handling", {"elsewhere": [Elsewhere(2, 5)]}, "诉求序号不对"),
    "elsewhere with everything": ("handling", {"elsewhere": [Elsewhere(1, 1, "法院", "诉讼", "六个月")]}, "已经了结"),
    "elsewhere nowhere": ("handling", {"elsewhere": [Elsewhere(1, 1)]}, "请填写受理机关"),
    "elsewhere too early": ("review", {"elsewhere": [Elsewhere(1, 5)]}, "还没有分途径"),
    "again before the first": ("sent", {"again": [Again(date(2020, 1, 6))]}, "不能早于最初"),
    "again from above": ("sent", {"again": [Again(ago(1), "handed_down")]}, "上级交转的请到系统里登记"),
    "signed for above without being handed down": ("sent", {"handed_signed_on": 1}, "上级交转的才有"),
    "co-units too early": ("review", {"co_units": "sibling"}, "受理以后才有"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_contradicts_the_table_is_refused_with_its_reason(cast: Cast, name: str) -> None:
    stage, told, reason = WRONG[name]
    case = case_at(cast, stage)
    changes = {key: _meant(cast, key, value) for key, value in told.items()}
    with pytest.raises(BadInput, match=reason):
        take_over(replace(case, **changes), by=cast.triage)
    assert not Petition.objects.exists()


def _meant(cast: Cast, key: str, value: Any) -> Any:
    if value == "tomorrow":
        return ago(-1)
    if value == "review":  # a body, or the papers of a review that has been issued
        opinion, served = IssuedPaper("opinion", "浦资规答〔2026〕7号", ago(240), ago(235)), ago(5)
        return (
            cast.review
            if key == "review_body"
            else [opinion, IssuedPaper("review_opinion", "浦复〔2026〕3号", ago(200), served)]
        )
    if value == "review delivered":
        opinion = IssuedPaper("opinion", "浦资规答〔2026〕7号", ago(240), ago(235))
        return [opinion, IssuedPaper("review_opinion", "浦复〔2026〕3号", ago(62), ago(60))]
    if key == "papers":
        return [IssuedPaper("opinion", "浦资规答〔2026〕7号", ago(a), None if b is None else ago(b)) for a, b in value]
    if key in ("lead", "handler", "review_body") and value:
        found = getattr(cast, value)
        return found.post if isinstance(found, Actor) else found
    if key == "co_units":
        return [getattr(cast, value)]
    return ago(value) if key.endswith("_on") and value is not None else value


def test_only_the_petition_office_takes_over(cast: Cast) -> None:
    for who, actor in cast.everybody().items():
        assert may_take_over(actor) == (who in ("triage", "head")), who
    with pytest.raises(WrongPerson):
        take_over(case_at(cast, "registered"), by=cast.registrar)


def test_a_number_that_is_there_is_refused(cast: Cast) -> None:
    take_over(case_at(cast, "registered"), by=cast.triage)
    with pytest.raises(BadInput, match="已经有了"):
        take_over(case_at(cast, "registered"), by=cast.head)


def test_its_steps_are_refused_at_the_wrong_moment_and_to_the_wrong_person(cast: Cast) -> None:
    petition = take_over(case_at(cast, "handling"), by=cast.triage).petition
    with pytest.raises(WrongMoment):
        advance("sign_for", on=Assignment.objects.get(petition=petition), by=cast.signer)
    with pytest.raises(WrongPerson):
        advance("extend", on=Proceeding.objects.get(petition=petition), by=cast.handler, days=5, reason="复杂")
    with pytest.raises(NotSeen):
        advance("extend", on=Proceeding.objects.get(petition=petition), by=cast.sibling_head, days=5, reason="复杂")


# --- the list -----------------------------------------------------------------------------------------------------


def filled(*rows: dict[str, Any], **beside: Sequence[dict[str, Any]]) -> bytes:
    """The template with rows in it, and in its sheets beside."""
    book = load_workbook(io.BytesIO(open_cases.template()))
    for title, lines in {"在办件": rows, **beside}.items():
        sheet = book[title]
        names = [cell.value for cell in sheet[1]]
        for row in lines:
            sheet.append([row.get(str(name), "") for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_of(number: str, **changes: Any) -> dict[str, Any]:
    """A row that can be taken over, of a matter being handled."""
    told = {
        "编号": number, "标题": "反映道路破损", "反映内容": "村道破损两年没有修。", "诉求": "修复村道；说明计划", "信访人": "王小明",
        "收到日期": ago(40), "阶段": "办理中", "主办单位": "浦江县自然资源和规划局", "转出日期": ago(30), "签收日期": ago(28),
        "受理日期": ago(20), "内容分类": "土地征收", "问题属地": "寺前村", "外部系统": "省信访系统", "外部编号": f"S{number}",
        "文书1": "受理告知书", "文书1文号": f"浦资规受〔2026〕{number}号", "文书1日期": ago(20), "文书1送达日期": ago(19),
    }  # fmt: skip
    return told | changes


def _job(cast: Cast, content: bytes, code: str = "import_open_cases") -> Job:
    kept = open_cases.begin(SimpleUploadedFile("在办件.xlsx", content), by=cast.triage)
    job = jobs.start(code, by=cast.triage, settings=kept)
    jobs.run(job.ref)
    job.refresh_from_db()
    return job


def test_a_filled_template_is_taken_over_once_and_its_bad_rows_are_reported(cast: Cast) -> None:
    bad = row_of("3", 受理日期="", 阶段="办理完")
    content = filled(row_of("1"), row_of("2"), bad, row_of("1"), row_of("4", 签收日期=ago(35)))
    looked = _job(cast, content, "check_open_cases")
    assert not Petition.objects.exists()
    done = _job(cast, content)
    assert looked.counts == done.counts == {"accepted": 2, "known": 1, "refused": 2}
    reasons = dict(done.problems.values_list("row", "reason"))
    assert "阶段没有这个选项" in reasons[3]
    assert "签收日期不能早于转出日期" in reasons[5]
    petition = Petition.objects.get(number="1")
    assert (petition.stage, petition.category, petition.region) == ("handling", cast.category, cast.region)
    assert [claim.text for claim in petition.claims.all()] == ["修复村道", "说明计划"]
    assert petition.filings.get().references.get().number == "S1"
    assert _job(cast, content).counts == {"accepted": 0, "known": 3, "refused": 2}


def test_the_sheets_beside_bring_people_further_filings_and_claims_on_other_roads(cast: Cast) -> None:
    people = [
        {"编号": "1", "姓名": "王小明", "身份": "主访人", "代表": "是", "联系电话": "13800138000"},
        {"编号": "1", "姓名": "李二", "身份": "联名人"},
        {"编号": "1", "姓名": "张三"},
    ]
    filings: list[dict[str, Any]] = [
        {"编号": "1", "收到日期": ago(10), "信访形式": "来访"},
        {"编号": "1", "外部系统": "市信访系统", "外部编号": "J8"},
    ]
    court = {
        "编号": "1",
        "诉求序号": 2,
        "途径": "诉讼与涉法涉诉",
        "受理机关": "浦江县人民法院",
        "法定程序": "民事诉讼",
        "程序期限": "六个月",
    }
    done = _job(cast, filled(row_of("1", 人数=8), row_of("2"), 人员=people, 来件=filings, 其他途径=[court]))
    assert list(done.problems.values_list("reason", flat=True)) == []
    petition = Petition.objects.get(number="1")
    first = petition.filings.get(repeat=False)
    assert list(first.parties.order_by("pk").values_list("petitioner__name", "role", "representative")) == [
        ("王小明", "lead", True), ("李二", "cosigner", False), ("张三", "companion", False),
    ]  # fmt: skip
    assert set(first.references.values_list("system", "number")) == {("省信访系统", "S1"), ("市信访系统", "J8")}
    assert petition.filings.get(repeat=True).received_on == ago(10)
    assert petition.claims.get(serial=2).route == 1
    assert Petition.objects.get(number="2").filings.count() == 1


def test_a_bad_row_beside_stops_its_matter_and_one_of_no_matter_is_reported(cast: Cast) -> None:
    people = [{"编号": "1", "姓名": "李二", "身份": "邻居"}, {"编号": "9", "姓名": "张三"}]
    filings = [{"编号": "2", "信访形式": "来访"}]
    done = _job(cast, filled(row_of("1"), row_of("2"), row_of("3"), 人员=people, 来件=filings))
    assert done.counts == {"accepted": 1, "known": 0, "refused": 3}
    reasons = sorted(done.problems.values_list("row", "reason"))
    assert [row for row, _ in reasons] == [1, 2, 2]
    told = "".join(reason for _, reason in reasons)
    for words in ("人员表第1行：身份没有这个选项", "人员表第2行：在办件表里没有编号“9”", "来件表第1行：请填写收到日期"):
        assert words in told


def test_a_review_under_way_comes_from_the_list(cast: Cast) -> None:
    answered = {
        "文书2": "信访事项处理意见书", "文书2文号": "浦资规答〔2026〕9号", "文书2日期": ago(15), "文书2送达日期": ago(14), "阶段": "复查中",
        "作出日期": ago(15), "送达日期": ago(14), "申请复查日期": ago(7), "复查机关": "浦江县信访事项复查复核委员会", "复查受理日期": ago(5),
        "上级签收日期": "", "类别": "申诉求决",
    }  # fmt: skip
    done = _job(cast, filled(row_of("1", **answered)))
    assert list(done.problems.values_list("reason", flat=True)) == []
    petition = Petition.objects.get()
    assert petition.stage == "in_review"
    clock = petition.clocks.get(ended="")
    assert (clock.name, clock.start, petition.due) == ("T6D", ago(7), clock.due)


def test_the_template_offers_every_open_stage_in_every_list_of_choices(cast: Cast) -> None:
    book = load_workbook(io.BytesIO(open_cases.template()))
    assert book.sheetnames[:4] == ["在办件", "人员", "来件", "其他途径"]
    offered = {rule.formula1: str(rule.sqref) for sheet in book for rule in sheet.data_validations.dataValidation}
    lists = [[cell.value for cell in column if cell.value] for column in book["选项"].columns]
    stages = {lifecycle.STAGES[stage] for stage in lifecycle.OPEN_STAGES}
    assert stages in [set(column) for column in lists]
    assert len(lists) == len(offered)


def test_a_number_that_stands_twice_is_taken_from_the_row_that_can_be(cast: Cast) -> None:
    done = _job(cast, filled(row_of("1", 签收日期=ago(35)), row_of("1"), row_of("1", 标题="又一次")))
    assert done.counts == {"accepted": 1, "known": 0, "refused": 2}
    assert "编号已有但内容不同" in done.problems.get(row=3).reason
    assert Petition.objects.get().title == "反映道路破损"


def test_another_matter_under_a_number_that_is_there_is_a_line_of_the_report(cast: Cast) -> None:
    _job(cast, filled(row_of("1")))
    for code in ("check_open_cases", "import_open_cases"):
        again = _job(cast, filled(row_of("1"), row_of("1", 反映内容="另一件事。")), code)
        assert again.counts == {"accepted": 0, "known": 1, "refused": 1}
        assert "编号已有但内容不同" in again.problems.get(row=2).reason


def test_what_was_taken_over_in_error_is_known_by_its_number(cast: Cast) -> None:
    bare = {name: "" for name in row_of("1") if name not in ("编号", "标题", "反映内容", "信访人")}
    content = filled(row_of("1", **bare | {"收到日期": ago(2), "阶段": "待甄别"}))
    assert _job(cast, content).counts["accepted"] == 1
    advance("retract", on=Filing.objects.get(), by=cast.triage)
    for code in ("check_open_cases", "import_open_cases"):
        assert _job(cast, content, code).counts == {"accepted": 0, "known": 1, "refused": 0}


def test_a_wish_that_cannot_be_read_is_asked_after_and_a_superiors_limit_names_its_superior(cast: Cast) -> None:
    rows = (
        row_of("1", 不透露姓名="看情况"),
        row_of("2", 上级期限=ago(-9)),
        row_of("3", 交转机关="浦江县自然资源和规划局"),
    )
    done = _job(cast, filled(*rows, row_of("4", 不透露姓名="是", 交转机关="金华市信访局", 上级期限=ago(-9))))
    reasons = dict(done.problems.values_list("row", "reason"))
    assert "不透露姓名请填" in reasons[1]
    assert "写明交转机关" in reasons[2]
    assert "上级机关" in reasons[3]
    petition = Petition.objects.get()
    filing = petition.filings.get()
    assert (petition.hide_name, filing.channel, filing.handed_by) == (True, "handed_down", cast.city)
    assert petition.clocks.get(name="T8").raw_due == ago(-9)


def test_a_list_that_breaks_on_the_way_says_why(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 25)  # beyond what is looked at when the file is sent
    done = _job(cast, filled(*(row_of(str(number)) for number in range(30))))
    assert (done.state, done.word) == ("failed", "最多25行，请分开导入。")
    assert not Petition.objects.exists()


def test_who_came_to_the_counter_and_waits_for_the_office_is_taken_over_with_its_first_limit(cast: Cast) -> None:
    bare = {
        name: "" for name in row_of("1") if name not in ("编号", "标题", "反映内容", "信访人", "内容分类", "问题属地")
    }
    visit = row_of("1", **bare | {"信访形式": "来访", "收到日期": ago(6), "阶段": "待甄别"})
    letter = row_of("2", **bare | {"信访形式": "来信", "收到日期": ago(9), "阶段": "待转送"})
    done = _job(cast, filled(visit, letter))
    assert list(done.problems.values_list("reason", flat=True)) == []
    for number, day, channel in (("1", ago(6), "visit"), ("2", ago(9), "letter")):
        petition = Petition.objects.get(number=number)
        clock = petition.clocks.get(ended="")
        assert (clock.name, clock.start, petition.due) == ("T1", day, clock.due)
        assert (petition.responsible, petition.filings.get().channel) == (None, channel)
        _walk_on(cast, petition)
        petition.refresh_from_db()
        assert petition.stage == "confirmed"


def test_a_list_asks_as_much_for_fifty_rows_as_for_ten(cast: Cast) -> None:
    asked = []
    for many, first in ((1, 1), (10, 100), (50, 200)):  # the first reads what is kept
        kept = filled(*(row_of(str(first + n)) for n in range(many)))
        with CaptureQueriesContext(connection) as queries:
            assert _job(cast, kept).counts["accepted"] == many
        asked.append(len(queries))
    assert asked[1] == asked[2]


def test_other_columns_than_the_templates_are_refused(cast: Cast) -> None:
    book = Workbook()
    book.active.append(["编号", "内容"])  # type: ignore[union-attr]
    book.active.append(["1", "道路"])  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(BadInput, match="缺少这些列：标题、"):
        _job(cast, out.getvalue())


def test_the_command_takes_a_list_over(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "open.xlsx"
    path.write_bytes(filled(row_of("1"), row_of("2", 阶段="")))
    who = cast.triage.user.username
    call_command("import_open_cases", str(path), "--post", who, "--dry-run")
    assert "accepted 1, known 0, refused 1" in capsys.readouterr().out
    assert not Petition.objects.exists()
    call_command("import_open_cases", str(path), "--post", who)
    assert "row 2: 请填写阶段。" in capsys.readouterr().out
    assert Petition.objects.get().stage == "handling"


@pytest.mark.django_db(transaction=True)
def test_from_the_template_to_the_matters_on_the_pages(signed_in: SignIn) -> None:
    cast = build_cast()
    client = signed_in(cast.head)
    page = client.get("/take-over/")
    assert "模板" in page.content.decode()
    sheet = client.get("/take-over/template/")
    assert load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).sheetnames[0] == "在办件"  # type: ignore[attr-defined]
    assert client.post("/take-over/", {"file": SimpleUploadedFile("a.xlsx", b"x")}).status_code == 422
    sent = client.post("/take-over/", {"file": SimpleUploadedFile("a.xlsx", filled(row_of("1")))}, follow=True)
    text = sent.content.decode()
    assert "可以登记" in text
    assert not Petition.objects.exists()
    ref = Job.objects.get().ref
    done = client.post(f"/take-over/{ref}/", follow=True).content.decode()
    assert "接收在办件" in done
    assert Petition.objects.count() == 1
    assert Clock.objects.filter(ended="").count() == 1
