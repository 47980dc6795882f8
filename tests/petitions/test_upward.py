"""Does the county as the one assigned to sign for, object in time, take the answer down, and report by the superior's day?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.bodies import add, move
from accounts.dates import today
from petitions import limits, papers, trays
from petitions.actions import Registered, advance, clocks, moment, register, run_night
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Clock, Event, Filing, Notice, Petition, Reach
from petitions.trays import QUESTIONS, counts
from petitions.workdays import explain
from tests.cast import Cast
from tests.makes import Makes, entry

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
MONDAY = date(2026, 3, 2)


@contextmanager
def on(day: date) -> Iterator[None]:
    """Verbs act at noon of that day."""
    with moment.at(timezone.make_aware(datetime(day.year, day.month, day.day, 12))):
        yield


def handed(make: Makes, **changes: Any) -> Registered:
    """A matter that the city assigned, to be reported within sixty days."""
    told: dict[str, Any] = {
        "channel": "handed_down", "handed_by": make.cast.city, "handed_number": "金信交〔2026〕5号",
        "handed_due": moment.today() + timedelta(days=60),
    }  # fmt: skip
    return make.registered(**(told | changes))


# --- signing for and objecting ------------------------------------------------------------------------------------


def test_from_its_receipt_the_county_has_five_working_days_to_object(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        filing = handed(make).filing
        advance("sign_up", on=filing, by=cast.registrar)
        window = Clock.objects.get(petition=filing.petition, name="T4")
        assert (window.start, window.due, window.window) == (MONDAY, date(2026, 3, 9), True)
    with on(date(2026, 3, 9)):
        advance("object_up", on=filing, by=cast.triage, reason="属于市级职权", body="金华市交通运输局")
    window.refresh_from_db()
    filing.refresh_from_db()
    assert (window.ended, filing.handed_objected_on) == ("met", date(2026, 3, 9))
    paper = filing.petition.papers.get(kind="objection_letter")
    assert paper.number == "浦信信访异字〔2026〕1号"
    assert "属于市级职权" in papers.html_of(paper)
    assert "金华市信访局" in papers.html_of(paper)


def test_on_the_sixth_it_is_too_late(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        filing = handed(make).filing
        advance("sign_up", on=filing, by=cast.triage)
    with on(date(2026, 3, 10)), pytest.raises(WrongMoment, match="届满"):
        advance("object_up", on=filing, by=cast.triage, reason="属于市级职权")
    with on(date(2026, 3, 11)):
        run_night()
    with on(date(2026, 3, 11)), pytest.raises(WrongMoment, match="届满"):
        advance("object_up", on=filing, by=cast.triage, reason="属于市级职权")


def test_until_the_superior_has_answered_nothing_is_sent_on_and_the_limit_runs(cast: Cast, make: Makes) -> None:
    filing = handed(make).filing
    advance("sign_up", on=filing, by=cast.triage)
    advance("object_up", on=filing, by=cast.triage, reason="属于市级职权")
    with pytest.raises(WrongMoment, match="已向上级提出异议"):
        advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    assert Clock.objects.get(petition=filing.petition, name="T1").ended == ""
    advance("objection_refused", on=filing, by=cast.triage, answer="属于县级职权")
    advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    with pytest.raises(WrongMoment):
        advance("object_up", on=filing, by=cast.triage, reason="再次")


def test_taken_back_the_matter_ends_with_every_limit_and_the_petitioner_is_told(cast: Cast, make: Makes) -> None:
    filing = handed(make).filing
    advance("sign_up", on=filing, by=cast.triage)
    advance("object_up", on=filing, by=cast.triage, reason="属于市级职权")
    advance("taken_back", on=filing, by=cast.head, answer="同意，由市交通运输局办理")
    petition = Petition.objects.get(pk=filing.petition_id)
    assert (petition.stage, petition.outcome, petition.due, petition.rateable) == ("ended", "taken_back", None, False)
    assert {clock.name: clock.ended for clock in petition.clocks.all()} == {
        "T1": "cancelled",
        "T8": "cancelled",
        "T4": "met",
    }
    assert Notice.objects.filter(petition=petition, step="taken_back", channel="sms").exists()
    with pytest.raises(WrongMoment):
        advance("report_up", on=filing, by=cast.triage, result="已退")


def test_what_was_not_handed_down_has_no_superior(cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    with pytest.raises(WrongMoment):
        advance("sign_up", on=filing, by=cast.triage)
    held = handed(make, handed_due=None).filing
    advance("sign_up", on=held, by=cast.triage)
    advance("direct_reply", on=held, by=cast.triage, reply="已答复。")
    with pytest.raises(WrongMoment):
        advance("report_up", on=held, by=cast.triage, result="上级没有要求反馈")


def test_only_the_office_speaks_to_its_superior(cast: Cast, make: Makes) -> None:
    filing = make.delivered(
        channel="handed_down", handed_by=cast.city, handed_due=today() + timedelta(days=9)
    ).petition.filings.get()
    for who in (cast.registrar, cast.supervisor, cast.signer, cast.unit_head):
        with pytest.raises(WrongPerson):
            advance("report_up", on=filing, by=who, result="已办结")
    with pytest.raises(NotSeen):
        advance("report_up", on=filing, by=cast.stranger, result="已办结")
    with pytest.raises(BadInput):
        advance("report_up", on=filing, by=cast.triage, result=" ")


# --- reporting ----------------------------------------------------------------------------------------------------


def test_the_report_meets_the_superiors_limit_and_its_day_is_kept(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        filing = handed(make).filing
        advance("direct_reply", on=filing, by=cast.triage, reply="已答复。")
    limit = Clock.objects.get(petition=filing.petition, name="T8")
    assert (limit.due, limit.ended) == (date(2026, 5, 1), "")
    with on(date(2026, 3, 20)):
        advance("report_up", on=filing, by=cast.head, result="已答复信访人。")
    limit.refresh_from_db()
    filing.refresh_from_db()
    assert (limit.ended, limit.ended_on, filing.handed_reported_on) == ("met", date(2026, 3, 20), date(2026, 3, 20))
    paper = filing.petition.papers.get(kind="upward_report")
    assert paper.number == "浦信信访上报字〔2026〕1号"
    assert "金信交〔2026〕5号" in papers.html_of(paper)
    assert Event.objects.filter(petition=filing.petition, step="report_up").exists()
    with pytest.raises(WrongMoment):
        advance("report_up", on=filing, by=cast.head, result="再报一次")


def test_a_late_report_is_late_and_its_lapse_was_logged(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        filing = handed(make, handed_due=date(2026, 3, 20)).filing
        advance("direct_reply", on=filing, by=cast.triage, reply="已答复。")
    with on(date(2026, 3, 25)):
        run_night()
        advance("report_up", on=filing, by=cast.triage, result="已答复信访人。")
    assert Clock.objects.get(petition=filing.petition, name="T8").ended == "late"
    assert Event.objects.filter(petition=filing.petition, step="clock_lapsed", data__clock="T8").count() == 1


def test_a_repeat_handed_down_by_another_superior_is_reported_by_itself(cast: Cast, make: Makes) -> None:
    first = handed(make)
    more = entry(cast, channel="handed_down", handed_by=cast.city, handed_due=today() + timedelta(days=30))
    second = register(more, by=cast.registrar, under=first.petition).filing
    advance("direct_reply", on=first.filing, by=cast.triage, reply="已答复。")
    advance("report_up", on=second, by=cast.triage, result="已答复。")
    ended = dict(Clock.objects.filter(petition=first.petition, name="T8").values_list("filing_id", "ended"))
    assert ended == {first.filing.pk: "", second.pk: "met"}


# --- the superior's own day ---------------------------------------------------------------------------------------


def test_a_limit_of_the_day_of_receipt_runs_and_is_over_the_day_after(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        filing = handed(make, handed_due=MONDAY).filing
    limit = Clock.objects.get(petition=filing.petition, name="T8")
    assert (limit.length, limit.raw_due, limit.due, filing.petition.due) == (0, MONDAY, MONDAY, MONDAY)
    assert Reach.objects.get(petition=filing.petition, department=cast.office).due == MONDAY
    assert "期限就是2026年3月2日（周一）当日" in explain(clocks.explained(limit, limits.rules_on(MONDAY)))
    with on(MONDAY + timedelta(days=1)):
        run_night()
    assert Event.objects.filter(petition=filing.petition, step="clock_lapsed", data__clock="T8").exists()
    advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    assert Reach.objects.get(petition=filing.petition, department=cast.office).tray == "report_up"


def test_a_limit_before_the_receipt_is_a_slip_at_the_counter_and_late_in_a_list(cast: Cast, make: Makes) -> None:
    told: dict[str, Any] = {"received_on": MONDAY, "handed_due": MONDAY - timedelta(days=4)}
    with on(MONDAY), pytest.raises(BadInput, match="不能早于收到日期"):
        handed(make, **told)
    with on(MONDAY):
        petition = handed(make, **told, imported_from="省信访系统").petition
    limit = Clock.objects.get(petition=petition, name="T8")
    assert (limit.start, limit.length, limit.due) == (date(2026, 2, 26), 0, date(2026, 2, 26))
    assert petition.due == limit.due


def test_only_what_was_handed_down_has_a_superiors_limit(cast: Cast, make: Makes) -> None:
    """The page keeps what was typed before another channel was chosen."""
    done = make.registered(channel="letter", handed_by=cast.city, handed_due=today() + timedelta(days=9))
    assert not Clock.objects.filter(petition=done.petition, name="T8").exists()


def test_a_later_limit_that_the_superior_has_agreed_to_moves_it_and_is_told(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        filing = handed(make, handed_due=date(2026, 3, 20)).filing
        held = advance("transfer", on=filing, by=cast.triage, department=cast.bureau).petition.assignments.get()
    with on(date(2026, 3, 25)):
        run_night()
        with pytest.raises(BadInput, match="晚于原来的2026年3月20日"):
            advance("extend_up", on=filing, by=cast.triage, limit_on=date(2026, 3, 20), reason="鉴定")
        with pytest.raises(BadInput, match="请核对年份"):
            advance("extend_up", on=filing, by=cast.triage, limit_on=date(2046, 3, 20), reason="鉴定")
        event = advance(
            "extend_up", on=filing, by=cast.triage, limit_on=date(2026, 4, 10), reason="鉴定", letter="金信延3号"
        )
    limit = Clock.objects.get(petition=filing.petition, name="T8")
    filing.refresh_from_db()
    assert (limit.raw_due, limit.ended, filing.handed_due) == (date(2026, 4, 10), "", date(2026, 4, 10))
    assert event.data == {"due": "2026-04-10", "handed_due": "2026-04-10", "number": "金信延3号"}
    assert Reach.objects.get(petition=filing.petition, department=cast.office).due == limit.due
    assert Notice.objects.filter(petition=filing.petition, step="extend_up", post=cast.signer.post).exists()
    assert held.limit_on is None  # what the unit was given is the office's own affair
    with on(date(2026, 4, 13)):
        run_night()  # the new day is missed too: another lapse
    assert Event.objects.filter(petition=filing.petition, step="clock_lapsed", data__clock="T8").count() == 2


def test_a_limit_that_comes_later_starts_the_clock_until_it_is_reported(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        filing = handed(make, handed_due=None).filing
        advance("direct_reply", on=filing, by=cast.triage, reply="已答复。")
    with on(date(2026, 3, 9)):
        with pytest.raises(BadInput, match="不能早于收到日期"):
            advance("extend_up", on=filing, by=cast.head, limit_on=date(2026, 3, 1), reason="来函")
        advance("extend_up", on=filing, by=cast.head, limit_on=date(2026, 4, 1), reason="上级来函要求反馈")
    limit = Clock.objects.get(petition=filing.petition, name="T8")
    assert (limit.start, limit.raw_due, limit.department) == (MONDAY, date(2026, 4, 1), cast.office)
    assert _owed(cast.triage) == 1
    with on(date(2026, 3, 31)):
        advance("report_up", on=filing, by=cast.triage, result="已答复信访人。")
        with pytest.raises(WrongMoment):
            advance("extend_up", on=filing, by=cast.head, limit_on=date(2026, 5, 1), reason="已经报告")
    limit.refresh_from_db()
    assert limit.ended == "met"


def test_what_went_back_or_was_never_handed_down_has_no_limit_to_move(cast: Cast, make: Makes) -> None:
    said = {"limit_on": today() + timedelta(days=90), "reason": "鉴定"}
    with pytest.raises(WrongMoment):
        advance("extend_up", on=make.registered().filing, by=cast.triage, **said)
    filing = handed(make).filing
    advance("sign_up", on=filing, by=cast.triage)
    advance("object_up", on=filing, by=cast.triage, reason="属于市级职权")
    advance("taken_back", on=filing, by=cast.head, answer="同意")
    with pytest.raises(WrongMoment):
        advance("extend_up", on=filing, by=cast.triage, **said)


# --- the tray -----------------------------------------------------------------------------------------------------


def _owed(actor: Actor) -> int:
    return counts(actor, [QUESTIONS["report_up"]])[0].count


def test_what_is_owed_upward_waits_in_the_offices_tray_until_it_is_reported(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    make.registered()
    filing = handed(make).filing
    assert (_owed(cast.triage), _owed(cast.head)) == (1, 1)
    advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    row = Reach.objects.get(petition=filing.petition, department=cast.office)
    assert (row.tray, row.due) == ("report_up", Clock.objects.get(petition=filing.petition, name="T8").due)
    line = trays.page_of(cast.triage, QUESTIONS["report_up"], trays.Turn()).rows[0]
    assert (line.due, line.duty) == (row.due, "交办反馈")
    page = signed_in(cast.triage).get("/tray/report_up/").content.decode()
    assert "上级交办待反馈" in page
    assert filing.petition.number in page
    held = filing.petition.assignments.get()
    advance("sign_for", on=held, by=cast.signer)
    make.declined(held)
    assert _owed(cast.triage) == 1
    advance("report_up", on=filing, by=cast.triage, result="责任单位不予受理。")
    assert _owed(cast.triage) == 0
    assert Reach.objects.get(petition=filing.petition, department=cast.office).tray == ""


def test_an_ended_matter_that_is_owed_upward_is_nobodys_overdue_but_the_offices(cast: Cast, make: Makes) -> None:
    with on(MONDAY):
        filing = handed(make, handed_due=date(2026, 3, 20)).filing
        advance("direct_reply", on=filing, by=cast.triage, reply="已答复。")
    petition = Petition.objects.get(pk=filing.petition_id)
    assert (petition.stage, petition.due) == ("ended", None)
    assert counts(cast.triage, [QUESTIONS["overdue"]])[0].count == 1


# --- who they are -------------------------------------------------------------------------------------------------


def test_a_superior_is_named_outside_the_tree_of_the_county(cast: Cast) -> None:
    told: dict[str, Any] = {"by": cast.system_admin, "code": "ZJXF", "name": "浙江省信访局", "short_name": "省信访局", "kind": "superior",
                            "reason": "机构名录"}  # fmt: skip
    with pytest.raises(BadInput, match="不属于本县"):
        add(**told, level="province", parent=cast.county)
    with pytest.raises(BadInput, match="不属于本县"):
        add(**told, level="county", parent=None)
    province = add(**told, level="province", parent=None)
    assert province.path == f"/{province.pk}/"
    with pytest.raises(WrongMoment, match="上级机关"):
        move(province, by=cast.system_admin, parent=cast.county, reason="误")
    filing = Makes(cast).registered(channel="handed_down", handed_by=province).filing
    assert Filing.objects.get(pk=filing.pk).handed_by == province
