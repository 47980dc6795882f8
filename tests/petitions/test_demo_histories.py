"""The demo's histories: every kind occurs, every one is true and whole, and none is ever told in a real office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.dates import SHANGHAI, today
from petitions import figures, trays
from petitions.actions.matter import Matter
from petitions.actions.record import digest_of
from petitions.demo import background, tour
from petitions.demo.county import County, build_county, sign_ins
from petitions.demo.guard import NotADemo
from petitions.demo.histories import Told, tell_histories
from petitions.demo.roads import ROADS as DEMO_ROADS
from petitions.demo.stories import STORIES
from petitions.demo.words import Words, affairs, leftover
from petitions.models import (
    Advice,
    Assignment,
    Claim,
    Clock,
    Dispute,
    Event,
    Filing,
    Hearing,
    Instruction,
    Measure,
    Mediation,
    Paper,
    Petition,
    Proceeding,
    Rating,
    Reach,
    Recusal,
    Supervision,
    UrgentReport,
    Withdrawal,
)

COUNT = len(STORIES)


@pytest.fixture(scope="module")
def made(django_db_setup: Any, django_db_blocker: Any) -> Iterator[tuple[County, Told]]:
    """Every story once, told once for all tests of this file and rolled back after them."""
    from django.db import connection, transaction

    with django_db_blocker.unblock(), transaction.atomic():
        county = build_county()
        told = tell_histories(county, COUNT)
        connection.check_constraints()  # once: else the end of each test looks up every key of all these rows again
        yield county, told
        transaction.set_rollback(True)


@pytest.fixture
def county(db: Any, made: tuple[County, Told]) -> County:
    return made[0]


def _of(made: tuple[County, Told], name: str) -> Petition:
    return Petition.objects.get(ref=made[1].kinds[name][0])


def _clock(petition: Petition, name: str) -> Clock:
    return Clock.objects.filter(petition=petition, name=name).latest("pk")


@pytest.mark.django_db
def test_every_story_comes_to_its_end(made: tuple[County, Told]) -> None:
    told = made[1]
    assert told.stuck == []
    assert set(told.kinds) == {story.name for story in STORIES}
    assert Petition.objects.count() >= COUNT


@pytest.mark.django_db
def test_every_matter_is_whole_and_every_chain_holds(made: tuple[County, Told]) -> None:
    for petition in Petition.objects.all():
        matter = Matter.of(petition)
        assert petition.stage == matter.stage(), petition
        wanted = {(r.department_id, r.role, r.tray, r.due, r.open) for r in matter.wanted_reach().values()}
        rows = Reach.objects.filter(petition=petition).exclude(role="advised")  # written by the suggestion itself
        assert wanted == {(r.department_id, r.role, r.tray, r.due, r.open) for r in rows}
        previous, last = b"", None
        for event in Event.objects.filter(petition=petition).order_by("seq"):
            previous = digest_of(event, petition.ref, previous)
            assert bytes(event.digest) == previous
            assert last is None or event.recorded_at >= last, f"{petition}: {event.step} goes back in time"
            last = event.recorded_at
        assert bytes(petition.chain_head) == previous


@pytest.mark.django_db
def test_nothing_lies_ahead_and_people_work_in_office_hours(made: tuple[County, Told]) -> None:
    day = today()
    assert not Event.objects.filter(occurred_on__gt=day).exists()
    late = Clock.objects.filter(ended="", due__lt=day, lapse_logged_on=None, window=False)
    assert not late.exists(), "a night was left out"
    for event in Event.objects.filter(occurred_on__lt=day, step__in=["sign", "accept", "check"]):
        assert 8 <= event.recorded_at.astimezone(SHANGHAI).hour < 17


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("story", "stage"),
    [
        ("fresh", "registered"), ("to_triage", "registered"), ("triaged", "triaged"), ("to_sign", "sent"),
        ("to_accept", "review"), ("objected", "objected"), ("objection_upheld", "triaged"), ("handling", "handling"),
        ("drafted", "handling"), ("checked", "handling"), ("issued", "issued"), ("delivered", "delivered"),
        ("lapsed", "lapsed"), ("closed", "closed"), ("confirmed", "confirmed"), ("filed", "ended"),
    ],
)  # fmt: skip
def test_stages(made: tuple[County, Told], story: str, stage: str) -> None:
    assert _of(made, story).stage == stage


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("story", "clock"),
    [("t1_overdue", "T1"), ("ts_overdue", "TS"), ("t3_overdue", "T3"), ("tc_overdue", "TC"), ("t5_overdue", "T5"),
     ("td_overdue", "TD"), ("ta_overdue", "TA"), ("t8_overdue", "T8"), ("tb_overdue", "TB")],
)  # fmt: skip
def test_overdue_at_each_clock(made: tuple[County, Told], story: str, clock: str) -> None:
    rows = Clock.objects.filter(petition=_of(made, story), name=clock, ended="", due__lt=today(), shadow=False)
    assert rows.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("story", "clock"), [("t1_tomorrow", "T1"), ("t3_tomorrow", "T3"), ("t5_tomorrow", "T5")])
def test_due_on_the_next_day_that_anything_is_due(made: tuple[County, Told], story: str, clock: str) -> None:
    found = _clock(_of(made, story), clock)
    assert found.ended == "" and today() < found.due <= today() + timedelta(days=11)


@pytest.mark.django_db
def test_a_lapsed_t3_is_supervised_and_runs_in_the_shadow(made: tuple[County, Told]) -> None:
    late = _of(made, "t3_overdue")
    assert Supervision.objects.get(petition=late).trigger == "t3_lapsed"
    assert Clock.objects.get(petition=late, name="T5").shadow
    accepted = _of(made, "t3_accepted_late")
    assert Supervision.objects.get(petition=accepted).state == "ended"
    assert {clock.shadow for clock in Clock.objects.filter(petition=accepted, name="T5")} == {True, False}
    over = _of(made, "t4_over")
    assert _clock(over, "T4").ended == "lapsed"


@pytest.mark.django_db
def test_what_makes_matters_special(made: tuple[County, Told]) -> None:
    assert _of(made, "hidden").hide_name
    joint = _of(made, "joint")
    parties = joint.filings.get().parties
    assert joint.joint and parties.count() >= 5 and 1 <= parties.filter(representative=True).count() <= 5
    assert Filing.objects.get(petition=_of(made, "backdated")).backdate_reason
    assert _of(made, "repeated").filings.filter(repeat=True).count() == 2
    assert Clock.objects.filter(petition=_of(made, "handed_handling"), name="T8", filing__isnull=False).exists()
    assert Proceeding.objects.filter(petition=_of(made, "several_claims"), kind="outside").exists()
    assert _of(made, "merged").merged.count() == 1
    assert set(Filing.objects.values_list("channel", flat=True)) == {
        "visit",
        "letter",
        "phone",
        "online",
        "handed_down",
    }
    assert Proceeding.objects.get(petition=_of(made, "extended"), kind="handling").extended_days >= 15
    assert Assignment.objects.filter(petition=_of(made, "sent_elsewhere"), lead=True).count() == 2
    assert Event.objects.filter(petition=_of(made, "objection_refused"), step="refuse_objection").exists()


@pytest.mark.django_db
def test_endings_ratings_and_leaders(made: tuple[County, Told]) -> None:
    endings = {"direct_reply": "direct_reply", "filed": "filed", "redirected": "redirected", "not_accepted": "not_accepted",
               "channelled": "channelled", "legal_received": "legal",
               "confirmed": "opinion"}  # fmt: skip
    assert {name: _of(made, name).outcome for name in endings} == endings
    assert {"0", "3"} <= set(Rating.objects.values_list("value", flat=True))
    assert Rating.objects.filter(petition=_of(made, "reprinted_code"), flagged=True).exists()
    states = {name: Instruction.objects.get(petition=_of(made, name)).state for name in ("leader_asked", "instructed",
              "instruction_answered")}  # fmt: skip
    assert states == {"leader_asked": "asked", "instructed": "written", "instruction_answered": "answered"}
    assert (_of(made, "resolved").resolved, _of(made, "unresolved").resolved) == (True, False)


# Every road of the statute: story → the row that shows it, as model, and what is asked of it.
ROADS: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "suggestion_studied": (Proceeding, {"kind": "study", "state": "studying"}),
    "suggestion_to_sign": (Proceeding, {"kind": "study", "state": "reply_drafted", "conclusion": "part"}),
    "suggestion_answered": (Paper, {"kind": "suggestion_reply", "served_on__isnull": False}),
    "route_court": (Claim, {"route": 1, "proceeding__state": "outside"}),
    "route_arbitration": (Claim, {"route": 2, "proceeding__state": "outside_done"}),
    "route_party": (Claim, {"route": 3, "proceeding__outside_procedure": "党员申诉"}),
    "route_came_back": (Proceeding, {"kind": "outside", "state": "came_back"}),
    "duty_to_sign": (Claim, {"route": 5, "proceeding__state": "reply_drafted"}),
    "duty_answered": (Paper, {"kind": "duty_reply", "proceeding__outside_limit__contains": "法院"}),
    "hearing_called": (Hearing, {"state": "called"}),
    "hearing_held": (Paper, {"kind": "hearing_conclusion"}),
    "mediating": (Mediation, {"state": "mediating"}),
    "mediated": (Petition, {"outcome": "settled", "stage": "confirmed"}),
    "settlement": (Paper, {"kind": "settlement_paper"}),
    "declined": (Petition, {"outcome": "settled", "mediations__state": "agreed"}),
    "withdrawal_waiting": (Withdrawal, {"state": "asked"}),
    "withdrawn": (Petition, {"outcome": "withdrawn", "stage": "ended"}),
    "review_applied": (Clock, {"name": "TF", "ended": ""}),
    "review_under_way": (Proceeding, {"kind": "review", "state": "reviewing"}),
    "review_to_sign": (Proceeding, {"kind": "review", "state": "review_drafted"}),
    "review_upheld": (Clock, {"name": "T7", "ended": ""}),
    "review_redo": (Proceeding, {"kind": "handling", "state": "handling", "after__state": "redone"}),
    "review_lapsed": (Proceeding, {"kind": "review", "state": "review_lapsed"}),
    "rereview_paused": (Clock, {"name": "T7D", "ended": "", "pauses__basis__contains": "第三十六条"}),
    "end_of_road": (Proceeding, {"kind": "rereview", "state": "review_ended"}),
    "execution": (Clock, {"name": "TE", "ended": ""}),
    "execution_late": (Supervision, {"trigger": "not_executed"}),
    "executed": (Proceeding, {"kind": "execution", "state": "executed"}),
    "advice_sent": (Advice, {"kind": "policy", "state": "sent"}),
    "measure_proposed": (Measure, {"kind": "talk", "state": "proposed"}),
    "measure_listed": (Clock, {"name": "TZ", "ended": "", "measure__kind": "listed"}),
    "measure_answered": (Measure, {"kind": "talk", "state": "answered"}),
    "measure_ended": (Measure, {"kind": "circular", "state": "ended"}),
    "urgent_reported": (UrgentReport, {"state": "reported"}),
    "urgent_over": (UrgentReport, {"state": "over"}),
    "simplified_running": (Clock, {"name": "T5'", "ended": ""}),
    "simplified_turned": (Paper, {"kind": "ordinary_notice"}),
    "joint_answered": (Filing, {"parties__representative": True, "actual_count__gte": 5}),
    "dispute": (Dispute, {"state": "asked"}),
    "dispute_conference": (Dispute, {"state": "conference"}),
    "dispute_decided": (Dispute, {"state": "decided"}),
    "recusal_waiting": (Recusal, {"state": "asked"}),
    "recused": (Recusal, {"state": "granted"}),
    "returned_late": (Supervision, {"trigger": "repeat_overdue"}),
    "related": (Petition, {"related__isnull": False}),
    "archived": (Petition, {"archived_on__isnull": False}),
}


@pytest.mark.django_db
@pytest.mark.parametrize("story", ROADS)
def test_every_road_of_the_statute_has_a_matter_standing_on_it(made: tuple[County, Told], story: str) -> None:
    model, wanted = ROADS[story]
    of = {"pk": _of(made, story).pk} if model is Petition else {"petition": _of(made, story)}
    assert model.objects.filter(**of, **wanted).exists()


@pytest.mark.django_db
def test_no_story_of_a_road_is_left_out_of_the_table() -> None:
    assert {story.name for story in STORIES if story in DEMO_ROADS} - set(ROADS) == {"advised"}


@pytest.mark.django_db
def test_the_three_suggestions_are_answered_in_writing(made: tuple[County, Told]) -> None:
    matter = _of(made, "advised")
    assert {row.kind: (row.adopted, row.answered_on is not None) for row in matter.advices.all()} == {
        "improve": ("whole", True), "policy": ("part", True), "blame": ("whole", True),
    }  # fmt: skip
    assert Paper.objects.filter(petition=matter, kind="adoption_report").count() == 3


@pytest.mark.django_db
def test_after_the_end_of_the_road_the_same_fact_is_not_taken_again(made: tuple[County, Told]) -> None:
    ended = _of(made, "end_of_road")
    opinion = Paper.objects.get(petition=ended, kind="rereview_opinion")
    again = Petition.objects.get(outcome="no_further", title__startswith=ended.title, title__contains="复核后再次提出")
    assert Paper.objects.filter(petition=again, kind="no_further_notice").exists()
    assert again.lead_name == ended.lead_name and opinion.number


@pytest.mark.django_db
def test_nobody_of_the_tour_finds_an_empty_desk(made: tuple[County, Told]) -> None:
    county = made[0]
    for name in ("chuangkou1", "shouli1", "xinfangjuzhang", "ducha", "ziran_qianshou", "ziran_chengban1", "ziran_fenguan",
                 "ziran_juzhang", "huangzhai_qianshou", "fuxianzhang1", "zhengfa1", "fucha", "fucha2", "shifuhe", "lianxiban"):  # fmt: skip
        assert any(trays.tray_counts(county.named(name)).values()), name
    ours = trays.tray_counts(county.named("ziran_juzhang"))
    assert ours["to_issue"] and trays.tray_counts(county.named("ziran_fenguan"))["to_check"]
    assert len(tour.public_samples()) == 3
    first = tour.told_first()
    assert first["t3_overdue"] == _of(made, "t3_overdue") and len(first) >= COUNT - 1
    assert first["issued"].number in tour.stories()
    out = tour.table()
    assert all(username in out for _, username, _ in sign_ins())


@pytest.mark.django_db
def test_words_are_filled_and_titles_differ(made: tuple[County, Told]) -> None:
    from random import Random

    petitions = list(Petition.objects.values_list("title", "content"))
    titles = [title for title, _ in petitions]
    assert len(set(titles)) == len(titles)
    texts = [text for pair in petitions for text in pair] + list(Claim.objects.values_list("answer", flat=True))
    assert not [text for text in texts if leftover(text)]
    taken: set[str] = set()
    words, village = Words(Random(7)), made[0].villages[3]
    for affair in affairs() * 4:
        told = words.tell(affair, village, 2026, taken)
        assert len(told.title) <= 120 and not leftover(told.content + told.facts)
    assert len(taken) == 4 * len(affairs())


@pytest.mark.django_db
def test_the_same_numbers_tell_the_same_stories(made: tuple[County, Told]) -> None:
    def told() -> list[tuple[str, date]]:
        rows = Petition.objects.filter(pk__gt=last).order_by("filings__query_code_hash")
        return list(rows.values_list("lead_name", "received_on"))

    last = Petition.objects.latest("pk").pk
    tell_histories(made[0], 3, first=5000)
    first = told()
    last = Petition.objects.latest("pk").pk
    tell_histories(made[0], 3, first=5000)
    assert told() == first and len(first) == 3


def test_a_real_office_is_refused(db: Any, settings: Any) -> None:
    settings.OFFICE_MODE, before = "office", (Petition.objects.count(), Paper.objects.count())
    for arguments in (["--if-empty"], ["--size", "3"], ["--sign-ins"], ["--fill", "--size", "1"]):
        with pytest.raises(CommandError, match=r"real office.*正式单位"):
            call_command("demo", *arguments, stdout=StringIO())
    with pytest.raises(NotADemo):
        tell_histories(None, 1)  # type: ignore[arg-type]
    assert (Petition.objects.count(), Paper.objects.count()) == before


def test_one_filling_at_a_time(db: Any, settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path
    assert not background.is_busy()
    with background._alone():
        assert background.is_busy()
        with pytest.raises(CommandError, match="正在生成"):
            call_command("demo", "--size", "3", stdout=StringIO())
        with pytest.raises(CommandError, match="正在生成"):
            call_command("demo", "--fill", "--size", "3", stdout=StringIO())
    assert not background.is_busy()


def test_the_first_page_of_figures_of_a_demo_is_not_empty(
    db: Any, made: tuple[County, Told], settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(background, "tell_together", lambda *_, **__: made[1])
    background.fill(1, 1)
    told = figures.counts(made[0].named("xinfangjuzhang"), figures.Cut(), ("filings",))
    assert told[""]["filings"] > 0


def test_if_empty_does_nothing_where_matters_are(
    db: Any, made: tuple[County, Told], settings: Any, tmp_path: Any
) -> None:
    settings.VAR_DIR = tmp_path
    before = Petition.objects.count()
    call_command("demo", "--if-empty", stdout=StringIO())
    assert Petition.objects.count() == before > 0


def test_the_sign_in_page_of_a_demo_says_who_may_sign_in(
    made: tuple[County, Told], db: Any, client: Any, settings: Any
) -> None:
    shown = client.get("/sign-in/").content.decode()
    assert "ziran_qianshou" in shown and "Pujiang-2003" in shown
    settings.OFFICE_MODE = "office"
    hidden = client.get("/sign-in/").content.decode()
    assert "ziran_qianshou" not in hidden and "Pujiang-2003" not in hidden
