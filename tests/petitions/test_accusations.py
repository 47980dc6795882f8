"""Sealed reports: who is on the list, the road of a report, whom it never reaches, what stays in its record."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.db.models import F
from django.test import Client

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessLog, Delegation, Department, DepartmentKind, Post, Role, User
from petitions.accusations import access, figures, intake, papers, record, roll, words
from petitions.accusations.intake import Reporter, Told
from petitions.accusations.verbs import EFFECTS, advance
from petitions.actions import drafts
from petitions.errors import BadInput, NotSeen, Stale, WrongMoment, WrongPerson
from petitions.forms.accusations import STEP_FORMS
from petitions.law import accusations as law
from petitions.models import (
    Accusation,
    AccusationChange,
    AccusationClock,
    AccusationDecision,
    AccusationEvent,
    AccusationExport,
    AccusationMember,
    AccusationReading,
    Attachment,
    Draft,
    Filing,
    IdempotencyKey,
    Job,
    Notice,
    Petition,
)
from petitions.querycode import new_ref
from petitions.views.accusations import whole
from tests.cast import SINCE, Cast
from tests.petitions.accusations import WORDS, Sealed, last_year

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


@pytest.fixture
def sealed(cast: Cast) -> Sealed:
    return Sealed(cast)


# --- the rows of the law ------------------------------------------------------------------------------------------------


def test_every_step_has_a_form_and_an_effect_and_every_state_can_be_left_but_the_last() -> None:
    assert set(law.STEPS) == set(STEP_FORMS) == set(EFFECTS)
    for state in law.OPEN:
        assert any(state in step.from_ and step.to not in ("", state) for step in law.ROWS), state
    reached = {step.to for step in law.ROWS if step.to} | {"received"}
    assert reached == set(law.STATES)


def test_every_clock_that_starts_is_stopped_by_some_step() -> None:
    started = {name for step in law.ROWS for name in (*step.starts, *step.resumes)} | {"S1"}
    stopped = {name for step in law.ROWS for name in step.stops}
    assert started == stopped == set(law.CLOCKS)


def test_every_step_that_hands_something_over_is_guarded_and_issues_a_paper() -> None:
    guarded = {step.code for step in law.ROWS if step.guarded}
    assert guarded == {"transfer", "report", "report_on", "inform"}
    assert all(law.STEPS[code].paper in law.PAPERS for code in guarded)


# --- the list -----------------------------------------------------------------------------------------------------------


def propose(by: Actor, user: User, what: str = "add", **more: Any) -> Any:
    said: dict[str, Any] = {"duty": "handle", "valid_from": today(), "valid_to": None, "reason": "会议决定"}
    return roll.propose(by, what=what, user=user, **(said | more))


def test_one_hand_alone_changes_nothing(cast: Cast) -> None:
    change = propose(cast.head, cast.triage.user)
    assert not roll.is_on(cast.triage, "handle")
    with pytest.raises(WrongPerson, match="两个人"):
        roll.decide(change, by=cast.head, agreed=True)
    roll.decide(change, by=cast.security_admin, agreed=True)
    assert roll.is_on(cast.triage, "handle")
    with pytest.raises(WrongMoment):
        roll.decide(change, by=cast.security_admin, agreed=True)


def test_nobody_puts_himself_on_the_list_or_confirms_what_is_about_himself(cast: Cast) -> None:
    with pytest.raises(WrongPerson, match="自己"):
        propose(cast.head, cast.head.user)
    change = propose(cast.head, cast.security_admin.user)
    with pytest.raises(WrongPerson, match="自己"):
        roll.decide(change, by=cast.security_admin, agreed=True)


def test_once_there_are_recipients_one_of_the_two_hands_is_theirs(sealed: Sealed, cast: Cast) -> None:
    change = propose(cast.head, cast.leader.user)
    with pytest.raises(WrongPerson, match="名单上已有"):
        roll.decide(change, by=cast.security_admin, agreed=True)
    roll.decide(change, by=sealed.second, agreed=True)
    assert roll.is_on(cast.leader, "handle")


def test_who_receives_does_not_read_who_read_nor_the_other_way_round(sealed: Sealed, cast: Cast) -> None:
    for who, duty in ((sealed.first, "audit"), (sealed.auditor, "handle")):
        with pytest.raises(BadInput, match="只能有一项职责"):
            propose(cast.head, who.user, duty=duty)
    propose(cast.head, cast.leader.user, duty="audit")
    with pytest.raises(BadInput, match="还没有确认"):
        propose(cast.head, cast.leader.user, duty="handle")
    later = propose(cast.head, cast.triage.user, valid_from=today() + timedelta(days=9))
    roll.decide(later, by=sealed.first, agreed=True)
    with pytest.raises(BadInput, match="只能有一项职责"):
        propose(cast.head, cast.triage.user, duty="audit")


def test_two_duties_proposed_before_are_not_both_confirmed(sealed: Sealed, cast: Cast) -> None:
    said = {"what": "add", "user": cast.leader.user, "valid_from": today(), "reason": "x", "by": cast.head.post}
    both = [AccusationChange.objects.create(duty=duty, **said) for duty in ("handle", "audit")]
    roll.decide(both[0], by=sealed.first, agreed=True)
    with pytest.raises(WrongMoment, match="只能有一项职责"):
        roll.decide(both[1], by=sealed.first, agreed=True)
    roll.decide(both[1], by=sealed.first, agreed=False)
    assert [row.duty for row in AccusationMember.objects.filter(user=cast.leader.user)] == ["handle"]


def test_whoever_has_no_part_in_the_list_neither_sees_nor_changes_it(sealed: Sealed, cast: Cast) -> None:
    for outsider in (cast.leader, cast.triage, cast.system_admin, cast.auditor, cast.audit_admin):
        with pytest.raises(NotSeen):
            propose(outsider, cast.handler.user)


def test_the_list_has_days_and_a_person_leaves_it_by_two_hands_too(sealed: Sealed, cast: Cast) -> None:
    later = propose(sealed.first, cast.triage.user, valid_from=today() + timedelta(days=1))
    roll.decide(later, by=cast.head, agreed=True)
    assert not roll.is_on(cast.triage, "handle")
    gone = propose(cast.head, sealed.second.user, what="end", valid_from=today(), valid_to=today())
    roll.decide(gone, by=sealed.first, agreed=True)
    assert roll.in_force().get(user=sealed.second.user).valid_to == today()
    assert not roll.in_force(today() + timedelta(days=1)).filter(user=sealed.second.user).exists()


def test_a_wrong_proposal_names_the_field(sealed: Sealed, cast: Cast) -> None:
    for changes, name in (
        ({"reason": " "}, "reason"), ({"valid_to": SINCE}, "valid_to"), ({"valid_from": SINCE}, "valid_from"), ({"duty": "x"}, "duty"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            propose(cast.head, cast.triage.user, **changes)
        assert name in refused.value.fields
    with pytest.raises(BadInput, match="已经在名单上"):
        propose(cast.head, sealed.first.user)
    propose(cast.head, cast.triage.user)
    with pytest.raises(BadInput, match="还没有确认"):
        propose(cast.head, cast.triage.user)


def test_a_program_and_a_borrowed_post_are_not_the_person(sealed: Sealed, cast: Cast) -> None:
    assert not roll.is_on(replace(sealed.first, token="abc"), "handle")
    lent = Delegation(post=cast.head.post, to_user=sealed.first.user, valid_from=today(), valid_to=today(), reason="x")
    assert not roll.is_on(Actor(user=sealed.first.user, post=cast.head.post, delegation=lent), "handle")


def test_the_sealed_auditor_sees_no_report_and_a_recipient_no_readings(sealed: Sealed, signed_in: SignIn) -> None:
    row = sealed.received()
    auditor = signed_in(sealed.auditor)
    assert auditor.get(f"/guarded/case/{row.ref}/").status_code == 404
    log = auditor.get("/guarded/readings/").content.decode()
    assert WORDS not in log
    assert signed_in(sealed.first).get("/guarded/readings/").status_code == 404


# --- coming in ----------------------------------------------------------------------------------------------------------


def test_a_report_received_has_fifteen_days_by_article_22(sealed: Sealed) -> None:
    row = sealed.received()
    clock = AccusationClock.objects.get(accusation=row)
    assert (clock.name, clock.length, clock.working) == ("S1", 15, False)
    assert "第二十二条" in clock.rule
    assert row.due == clock.due >= today() + timedelta(days=15)


def test_nothing_of_it_stands_in_clear_in_its_rows(sealed: Sealed) -> None:
    row = sealed.transferred()
    with connection.cursor() as cursor:
        for table in ("", "event", "paper", "clock", "file"):
            cursor.execute(f"SELECT t::text FROM petitions_accusation{table} t")
            text = "\n".join(line for (line,) in cursor.fetchall())
            for said in (WORDS, "钱某", "赵举", "13900000077", "纪律检查"):
                assert said not in text
                assert said.encode().hex() not in text
    assert words.of(row)["content"] == WORDS


def test_numbers_tell_nothing_of_how_many_there_are(sealed: Sealed) -> None:
    rows = [sealed.received() for _ in range(12)]
    serials = sorted(int(row.number[-5:]) for row in rows)
    assert serials != list(range(serials[0], serials[0] + 12))
    assert len({row.slip for row in rows}) == 12
    assert all(row.slip not in row.number for row in rows)


def test_the_same_page_sent_twice_is_one_report(sealed: Sealed) -> None:
    ref = new_ref()
    assert sealed.received(ref=ref).pk == sealed.received(ref=ref).pk
    assert Accusation.objects.count() == 1
    with pytest.raises(WrongMoment):
        intake.receive(Told(content=WORDS, ref=ref), by=sealed.second)


def test_only_a_named_recipient_takes_a_report_in(sealed: Sealed, cast: Cast) -> None:
    for outsider in (cast.registrar, cast.head, cast.leader, cast.security_admin, sealed.auditor):
        with pytest.raises(NotSeen):
            intake.receive(Told(content=WORDS), by=outsider)


def test_a_recipient_who_is_accused_does_not_take_it_in(sealed: Sealed) -> None:
    with pytest.raises(WrongPerson, match="回避"):
        sealed.received(accused=[sealed.first.user.name], accused_units=[])


def test_a_missing_or_misleading_field_is_named(sealed: Sealed) -> None:
    for changes, name in (
        ({"content": " "}, "content"), ({"content": "a" * 20_001}, "content"), ({"channel": "dream"}, "channel"),
        ({"received_on": today() + timedelta(days=1)}, "received_on"), ({"ref": "../x"}, "ref"), ({"accused": ["某"] * 21}, "accused"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            sealed.received(**changes)
        assert name in refused.value.fields


def page(text: str, draft: str, **more: str) -> dict[str, str]:
    people = {
        "p-TOTAL_FORMS": "1",
        "p-INITIAL_FORMS": "0",
        "p-0-name": "赵举",
        "p-0-phone": "139 0000 0077",
        "p-0-role": "lead",
    }
    return {"content": text, "channel": "visit", "kind": "claim", "purpose": "settle", "draft": draft, **people, **more}


def test_what_a_clerk_hands_in_leaves_nothing_in_the_open_tables(
    sealed: Sealed, cast: Cast, signed_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    clerk, ref = signed_in(cast.registrar), new_ref()
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.petitions.test_registration import PNG

    clerk.post("/register/draft/", page(WORDS, ref))
    sent = page(WORDS, ref, do="hand_in") | {"files": SimpleUploadedFile("钱某.png", PNG)}
    between = clerk.post("/register/", sent)
    assert between.status_code == 302
    assert between["Location"] == f"/register/hand-in/{ref}/"
    assert Attachment.objects.count() == 1
    done = clerk.post(between["Location"], {"accused": "钱某", "unit": str(cast.bureau.pk)})
    row = Accusation.objects.get()
    assert done.status_code == 200
    assert row.slip in done.content.decode()
    for count in (Draft, Attachment, IdempotencyKey, Petition, Filing, Notice, Job):
        assert count.objects.count() == 0, count
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text LIKE ANY (%s)",
                [["%补偿款发放中%", "%赵举%", "%13900000077%", f"%{row.ref}%"]],
            )
            assert cursor.fetchone()[0] == 0 or table == "petitions_accusation", table
    assert not AccessLog.objects.filter(target__contains=row.ref).exists()
    told = words.of(row)
    assert (told["content"], told["reporters"][0]["name"], told["accused"]) == (WORDS, "赵举", ["钱某"])
    keeper = signed_in(sealed.first)
    file = row.files.get()
    assert b"".join(keeper.get(f"/guarded/files/{file.ref}/").streaming_content) == PNG  # type: ignore[attr-defined]
    assert signed_in(cast.registrar).get(f"/register/hand-in/{ref}/").status_code == 404


def test_a_long_account_is_handed_in_with_the_claims_and_place_beside_it(
    sealed: Sealed, cast: Cast, signed_in: SignIn
) -> None:
    clerk, ref, long = signed_in(cast.registrar), new_ref(), "钱某" * 10_000
    clerk.post("/register/draft/", page(long, ref, claims="查处钱某", place="檀溪镇寺前村"))
    done = clerk.post(f"/register/hand-in/{ref}/", {"accused": "钱某", "unit": str(cast.bureau.pk)})
    assert done.status_code == 200
    told = words.of(Accusation.objects.get())
    assert told["content"] == long
    assert [one["words"] for one in told["added"]] == ["查处钱某\n檀溪镇寺前村"]
    assert (
        "檀溪镇寺前村" in signed_in(sealed.first).get(f"/guarded/case/{Accusation.objects.get().ref}/").content.decode()
    )


def test_while_it_is_being_typed_its_beginning_stands_nowhere_in_clear(cast: Cast, signed_in: SignIn) -> None:
    clerk, ref = signed_in(cast.registrar), new_ref()
    clerk.post("/register/draft/", page(WORDS, ref))
    assert Draft.objects.get().title == WORDS[:60]
    assert WORDS[:20] in clerk.get("/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM petitions_draft t WHERE t::text LIKE %s", [f"%{WORDS[:10]}%"])
        assert cursor.fetchone()[0] == 0


def test_without_anybody_to_take_it_it_is_registered_and_waits_unseen_for_somebody(
    cast: Cast, signed_in: SignIn
) -> None:
    clerk, ref = signed_in(cast.registrar), new_ref()
    clerk.post("/register/", page(WORDS, ref, do="hand_in"))
    answer = clerk.post(f"/register/hand-in/{ref}/", {"accused": ""})
    row = Accusation.objects.get()
    assert answer.status_code == 200
    assert "12388" in answer.content.decode() and row.slip in answer.content.decode()
    assert (row.state, row.clocks.get().name) == ("received", "S1")
    assert not Draft.objects.exists()
    for actor in cast.everybody().values():
        with pytest.raises(NotSeen):
            access.visible_to(actor)
    assert "没有专门受理人员" in signed_in(cast.security_admin).get("/guarded/people/").content.decode()
    assert list(access.visible_to(Sealed(cast).first)) == [row]


def test_an_empty_page_is_not_handed_in(sealed: Sealed, cast: Cast, signed_in: SignIn) -> None:
    answer = signed_in(cast.registrar).post("/register/", page("", new_ref(), do="hand_in"))
    assert answer.status_code == 422
    assert "反映内容" in answer.content.decode()
    assert not Accusation.objects.exists()


# --- who sees it --------------------------------------------------------------------------------------------------------


def test_only_who_is_on_the_list_sees_it(sealed: Sealed, cast: Cast) -> None:
    sealed.received()
    for actor in cast.everybody().values():
        if actor in (sealed.first, sealed.second):
            assert access.visible_to(actor).count() == 1
        else:
            with pytest.raises(NotSeen):
                access.visible_to(actor)


def test_whoever_it_is_about_never_sees_it_though_on_the_list(sealed: Sealed, cast: Cast) -> None:
    sealed.put(cast.handler)
    about_the_unit = sealed.received()
    about_him = sealed.received(accused=[" " + cast.handler.user.name], accused_units=[])
    other = sealed.received(accused=["孙某"], accused_units=[cast.sibling])
    assert list(access.visible_to(cast.handler)) == [other]
    assert {*access.visible_to(sealed.first)} == {about_the_unit, about_him, other}


def test_whoever_works_below_the_accused_unit_does_not_see_it(sealed: Sealed, cast: Cast) -> None:
    inner = Post.objects.create(user=cast.stranger.user, department=sealed.below, role=Role.HANDLER, valid_from=SINCE)
    sealed.put(cast.leader)
    change = propose(cast.head, cast.stranger.user)
    roll.decide(change, by=sealed.first, agreed=True)
    sealed.received()
    assert not access.visible_to(Actor(user=cast.stranger.user, post=inner)).exists()


def test_the_examination_closes_it_to_whom_it_turns_out_to_be_about(sealed: Sealed, cast: Cast) -> None:
    sealed.put(cast.handler)
    row = sealed.received(accused=[], accused_units=[])
    assert access.visible_to(cast.handler).exists()
    sealed.take(row, "examine", **sealed.about())
    assert not access.visible_to(cast.handler).exists()


def test_it_is_never_left_to_nobody(sealed: Sealed, cast: Cast) -> None:
    row = sealed.received(accused=[], accused_units=[])
    names = [sealed.first.user.name, sealed.second.user.name]
    with pytest.raises(BadInput, match="12388"):
        sealed.take(row, "examine", **sealed.about(accused=names, units=[]))
    sealed.take(row, "recuse", by=sealed.second)
    with pytest.raises(WrongMoment, match="没有别人"):
        sealed.take(row, "recuse")


def test_who_stands_aside_does_not_see_it_again(sealed: Sealed) -> None:
    row = sealed.received()
    sealed.take(row, "recuse", by=sealed.second, reason="亲属")
    assert not access.visible_to(sealed.second).exists()
    with pytest.raises(NotSeen):
        sealed.take(row, "examine", by=sealed.second, **sealed.about())


# --- the road -----------------------------------------------------------------------------------------------------------


def test_a_report_goes_from_the_counter_to_an_answer(sealed: Sealed) -> None:
    row = sealed.transferred()
    letter = row.papers.get()
    html = papers.html_of(letter)
    assert letter.number == f"{row.number}转1"
    assert "纪律检查委员会" in html
    assert "第四十六条" in html
    assert sealed.cast.bureau.name in html
    assert {(one.name, one.ended) for one in row.clocks.all()} == {("S1", "met"), ("S4", "")}
    sealed.take(row, "taken_over")
    sealed.take(row, "result", result="已立案审查。")
    assert row.clocks.get(name="S3").length == law.ANSWER_DAYS
    sealed.take(row, "answer", how="letter", answer="您反映的情况已由有权处理的机关立案。")
    assert "钱某" not in papers.html_of(row.papers.get(kind="reply"))
    sealed.take(row, "close")
    assert (row.state, row.due, row.closed_on) == ("closed", None, today())
    assert record.is_whole(row, list(row.events.order_by("seq")))


def test_what_comes_back_is_passed_on_under_the_first_due_day(sealed: Sealed) -> None:
    row = sealed.take(sealed.transferred(), "returned", reason="不属本机关管辖")
    assert row.state == "examined"
    first, again = row.clocks.filter(name="S1").order_by("pk")
    assert (first.ended, again.ended) == ("met", "")
    assert (again.start, again.due) == (first.start, first.due)  # a return buys nobody time
    assert row.clocks.get(name="S4").ended == "cancelled"


def test_a_reporter_who_asked_for_it_is_in_no_letter(sealed: Sealed) -> None:
    row = sealed.transferred(hide_reporter=True)
    html = papers.html_of(row.papers.get())
    assert "赵举" not in html
    assert "13900000077" not in html
    assert "不透露身份" in html


def test_a_leader_and_the_organisation_department_are_told(sealed: Sealed, cast: Cast) -> None:
    sealed.lead()
    row = sealed.take(sealed.examined(), "report", leader=cast.other_leader.post, proposal="拟请纪委核查")
    assert row.state == "reported"
    sealed.take(row, "inform", body=sealed.organisation)
    sealed.take(row, "transfer", body=sealed.discipline)
    sealed.take(row, "report_on", leader=cast.other_leader.post, proposal="续报")
    assert row.state == "transferred"
    assert sorted(row.papers.values_list("kind", flat=True)) == ["inform", "letter", "report", "report"]


def test_an_anonymous_report_is_closed_without_an_answer(sealed: Sealed) -> None:
    row = sealed.resulted(reporters=[])
    assert not row.clocks.filter(ended="").exists()
    with pytest.raises(WrongMoment, match="匿名"):
        sealed.take(row, "answer", how="talk", answer="x")
    assert sealed.take(row, "close").state == "closed"


def test_a_real_name_is_answered_before_it_is_closed(sealed: Sealed) -> None:
    row = sealed.resulted()
    with pytest.raises(BadInput, match="先逐一答复本人"):
        sealed.take(row, "close")
    with pytest.raises(BadInput, match="不要写被反映的人和单位"):
        sealed.take(row, "answer", how="letter", answer="钱 某已被立案。")
    assert row.events.count() == 4


def test_filing_away_needs_another_recipient_than_who_examined(sealed: Sealed) -> None:
    row = sealed.examined()
    with pytest.raises(WrongPerson):
        sealed.take(row, "file_away", reason="没有线索")
    with pytest.raises(BadInput, match="先逐一答复本人"):
        sealed.take(row, "file_away", by=sealed.second, reason="没有线索")
    done = sealed.take(row, "file_away", by=sealed.second, reason="没有线索", note="已电话告知本人")
    assert done.state == "closed"


@pytest.mark.parametrize("step", law.STEPS)
def test_each_step_at_the_wrong_moment_is_refused(sealed: Sealed, step: str) -> None:
    wrong = [
        state for state in law.STATES if state not in (*law.STEPS[step].from_, "destroyed")
    ]  # that one is not found
    row = sealed.received()
    for state in wrong:
        Accusation.objects.filter(pk=row.pk).update(state=state)
        with pytest.raises(WrongMoment):
            advance(step, on=row, by=sealed.first)


@pytest.mark.parametrize("step", law.STEPS)
def test_each_step_by_an_outsider_finds_nothing(sealed: Sealed, cast: Cast, step: str) -> None:
    row = sealed.received()
    for outsider in (cast.head, cast.leader, cast.system_admin, cast.handler, sealed.auditor):
        with pytest.raises(NotSeen):
            advance(step, on=row, by=outsider)


def test_a_page_that_is_out_of_date_is_told_so(sealed: Sealed) -> None:
    row = sealed.received()
    with pytest.raises(Stale):
        sealed.take(row, "examine", seen=0, **sealed.about())


# --- never to whom it is about --------------------------------------------------------------------------------------------


def attempts(row: Accusation) -> int:
    return row.events.filter(step="refused").count()


def test_the_accused_unit_and_everything_below_it_are_refused_and_the_attempt_is_written_down(
    sealed: Sealed, cast: Cast
) -> None:
    row = sealed.examined()
    for number, body in enumerate((cast.bureau, sealed.below), start=1):
        with pytest.raises(BadInput, match="不得透露或者转给") as refused:
            sealed.take(row, "transfer", body=body)
        assert "被反映的单位" in refused.value.message
        assert "第四十六条" in refused.value.rule
        assert attempts(row) == number
    row.refresh_from_db()
    assert row.state == "examined"
    assert not row.papers.exists()
    assert record.is_whole(row, list(row.events.order_by("seq")))
    assert AccusationReading.objects.filter(accusation=row, kind="refused", user=sealed.first.user).count() == 2


def test_a_body_that_took_the_accused_unit_over_is_refused_too(sealed: Sealed, cast: Cast) -> None:
    row = sealed.examined()
    Department.objects.filter(pk=cast.bureau.pk).update(heir=cast.sibling, successor=cast.sibling)
    with pytest.raises(BadInput, match="不得透露"):
        sealed.take(row, "inform", body=cast.sibling)


def test_a_name_written_by_hand_is_no_way_round(sealed: Sealed, cast: Cast) -> None:
    row = sealed.examined()
    with pytest.raises(BadInput, match="不得透露"):
        sealed.take(row, "transfer", outside=f"{cast.bureau.name}人事科")
    other = sealed.take(sealed.received(), "examine", **sealed.about(units=[], accused_unit="某某建设公司"))
    with pytest.raises(BadInput, match="不得透露"):
        sealed.take(other, "transfer", outside="某某建设公司")
    assert attempts(row) == attempts(other) == 1


def test_the_accused_is_never_the_leader_it_is_laid_before(sealed: Sealed, cast: Cast) -> None:
    sealed.lead()
    row = sealed.take(
        sealed.received(), "examine", **sealed.about(accused=[cast.leader.user.name], units=[cast.county])
    )
    with pytest.raises(BadInput, match="不得透露"):
        sealed.take(row, "report", leader=cast.leader.post, proposal="x")
    assert sealed.take(row, "report", leader=cast.other_leader.post, proposal="x").state == "reported"


def test_a_report_about_a_county_leader_goes_above_the_county_alone(sealed: Sealed, cast: Cast) -> None:
    row = sealed.take(
        sealed.received(), "examine", **sealed.about(accused=[cast.leader.user.name], units=[cast.county])
    )
    with pytest.raises(BadInput, match="不得透露"):
        sealed.take(row, "transfer", body=sealed.discipline)
    above = sealed.body("T-JHJW", "中共金华市纪律检查委员会", DepartmentKind.DISCIPLINE, cast.city)
    assert sealed.take(row, "transfer", body=above).state == "transferred"


# --- what is written down -------------------------------------------------------------------------------------------------


def test_its_record_is_only_ever_added_to(sealed: Sealed) -> None:
    sealed.received()
    record.note_reading(sealed.first, "read")
    for model in (AccusationEvent, AccusationReading, AccusationDecision):
        for change in ("update", "delete"):
            with pytest.raises(ProgrammingError), transaction.atomic():
                model.objects.update(id=F("id")) if change == "update" else model.objects.all()._raw_delete("default")


def test_the_list_and_a_search_write_down_each_report_that_they_showed(
    sealed: Sealed, cast: Cast, signed_in: SignIn
) -> None:
    one, other = sealed.received(), sealed.received(accused=[], accused_units=[], content="另一件事")
    client = signed_in(sealed.first)
    client.get("/guarded/")
    client.post("/guarded/search/", {"text": "另一件"})
    client.post("/guarded/search/", {"text": "没有这样的字"})
    seen = list(AccusationReading.objects.order_by("pk").values_list("kind", "accusation"))
    assert seen[0] == ("list", None)
    assert {pk for kind, pk in seen[1:3]} == {one.pk, other.pk}
    assert seen[3:] == [("search", None), ("search", other.pk), ("search", None)]
    log = signed_in(sealed.auditor).get("/guarded/readings/").content.decode()
    assert log.count("查看清单") == 1, "one look is one line that names what it showed"
    assert one.number in log
    assert other.number in log


def test_an_auditor_reads_nothing_of_a_report_that_is_about_him_or_his_unit(
    sealed: Sealed, cast: Cast, signed_in: SignIn
) -> None:
    sealed.put(cast.signer, "audit")
    kept = sealed.archived()
    other = sealed.received(accused=[], accused_units=[cast.sibling])
    for row in (kept, other):
        signed_in(sealed.first).get(f"/guarded/case/{row.ref}/")
    signed_in(sealed.first).get("/guarded/?show=archive")

    def log(auditor: Actor) -> str:
        return signed_in(auditor).get("/guarded/readings/").content.decode()

    assert kept.number not in log(cast.signer)
    assert other.number in log(cast.signer)
    assert kept.number in log(sealed.auditor)
    sealed.take(sealed.take(kept, "propose_destruction", ground="settled"), "destroy", by=sealed.second)
    assert kept.number not in log(cast.signer), "nor when its bars are gone"
    assert kept.number in log(sealed.auditor)
    with pytest.raises(NotSeen):
        access.readings_for(sealed.first)


def test_the_pages_of_the_log_are_marked_and_no_serial_tells_what_is_left_out(
    sealed: Sealed, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "LATEST", 3)
    rows = [sealed.received() for _ in range(4)]
    for row in rows:
        record.note_reading(sealed.first, "read", row)
    client = signed_in(sealed.auditor)
    first = client.get("/guarded/readings/").content.decode()
    assert [row.number in first for row in rows] == [False, False, True, True]
    mark = re.search(r'href="\?before=([^"]+)"', first)
    assert mark is not None
    assert not mark[1].isdecimal()
    older = client.get(f"/guarded/readings/?before={mark[1]}").content.decode()
    assert [row.number in older for row in rows] == [True, True, False, False]
    assert client.get(f"/guarded/readings/?before={AccusationReading.objects.latest('pk').pk}").status_code == 422


def test_every_look_is_written_down_and_in_no_open_log(sealed: Sealed, signed_in: SignIn) -> None:
    row = sealed.transferred()
    client, before = signed_in(sealed.first), AccessLog.objects.count()
    paper = row.papers.get()
    for path in (f"case/{row.ref}/", f"case/{row.ref}/slip/", f"papers/{paper.ref}/", "year/"):
        assert client.get(f"/guarded/{path}").status_code == 200
    kinds = list(AccusationReading.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["read", "slip", "print", "total"]
    assert AccessLog.objects.count() == before


def test_a_changed_record_is_seen_on_its_page_and_named_without_a_number(sealed: Sealed, signed_in: SignIn) -> None:
    row = sealed.received()
    assert not list(record.broken_chains())
    Accusation.objects.filter(pk=row.pk).update(events_count=7)
    assert list(record.broken_chains()) == [row.pk]
    assert "与写下时不一致" in signed_in(sealed.first).get(f"/guarded/case/{row.ref}/").content.decode()


def test_the_slip_does_not_say_what_it_is_about(sealed: Sealed, signed_in: SignIn) -> None:
    row = sealed.received()
    text = signed_in(sealed.first).get(f"/guarded/case/{row.ref}/slip/").content.decode()
    assert row.slip in text
    for said in ("检举", "控告", "举报", "纪检", "钱某", "赵举", "专门", row.number, WORDS):
        assert said not in text, said


# --- what leaves the room as a whole --------------------------------------------------------------------------------------


def test_the_years_that_are_over_are_offered_and_no_number_is_shown(
    sealed: Sealed, cast: Cast, signed_in: SignIn
) -> None:
    """Beside what a recipient sees himself a number would tell him how many are kept from him."""
    last = last_year()
    sealed.put(cast.handler)
    row = sealed.received()
    Accusation.objects.filter(pk=row.pk).update(received_on=date(last, 12, 31))
    sealed.received()
    assert figures.years(sealed.first, back=2) == [(last, None), (last - 1, None)]
    pages = {who.user.pk: signed_in(who).get("/guarded/year/").content for who in (sealed.first, cast.handler)}
    answer = signed_in(sealed.first).post("/guarded/year/", {"year": str(last)}, follow=True).content.decode()
    assert f"已写入{last}年年度报告。" in answer
    after = {who.user.pk: signed_in(who).get("/guarded/year/").content for who in (sealed.first, cast.handler)}
    for body in (*pages.values(), *after.values()):
        assert "件</td>" not in body.decode()
        assert "1件" not in body.decode()
    with pytest.raises(NotSeen):
        figures.years(cast.head)


def test_a_year_is_over_when_nothing_can_be_dated_back_into_it(sealed: Sealed, settings: Any) -> None:
    settings.BACKDATE_DAYS = 7
    for day, newest in ((date(2027, 1, 7), 2025), (date(2027, 1, 8), 2026)):
        with time_machine.travel(datetime(day.year, day.month, day.day, 4, tzinfo=UTC), tick=False):
            assert figures.years(sealed.first, back=1)[0][0] == newest


def test_each_office_has_the_number_of_its_own_area(sealed: Sealed, cast: Cast) -> None:
    """A report taken in at a town's window counts for the county's office, and a town's office has its own number."""
    last = last_year()
    town = sealed.body("T-TZ-XF", "檀溪镇信访办", DepartmentKind.PETITION_OFFICE, cast.township)
    in_town = sealed.received()
    Accusation.objects.filter(pk=in_town.pk).update(received_on=date(last, 5, 1), office=cast.township)
    at_county = sealed.received()
    Accusation.objects.filter(pk=at_county.pk).update(received_on=date(last, 5, 1))
    sealed.put(cast.township_registrar)
    Post.objects.filter(pk=cast.township_registrar.post.pk).update(department=town)
    of_town = Actor(user=cast.township_registrar.user, post=cast.township_registrar.user.posts.get())
    given = {actor: figures.enter(actor, last) for actor in (sealed.first, of_town)}
    assert {row.office: row.count for row in given.values()} == {cast.office: 2, town: 1}
    assert figures.years(sealed.second, back=1) == [(last, given[sealed.first])]


def _ask(sealed: Sealed, **more: Any) -> AccusationExport:
    said: dict[str, Any] = {"first": today(), "last": today(), "unit": None, "to": "市委巡察组"}
    return figures.ask(sealed.first, **(said | more))


def test_an_export_names_no_reporter_is_handed_out_once_and_leaves_nothing(
    sealed: Sealed, cast: Cast, signed_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    settings.MEDIA_ROOT = tmp_path
    mine = sealed.transferred()
    sealed.received(accused=["孙某"], accused_units=[cast.sibling])
    client = signed_in(sealed.first)
    row = _ask(sealed, unit=cast.bureau)
    assert client.post(f"/guarded/export/{row.ref}/").status_code == 409
    assert figures.make(row.ref) == "ended"
    assert figures.make(row.ref) == "taken"
    assert signed_in(sealed.second).get(f"/guarded/export/{row.ref}/").status_code == 404
    client = signed_in(sealed.first)
    assert client.get(f"/guarded/export/{row.ref}/").status_code == 200
    body = client.post(f"/guarded/export/{row.ref}/").content
    lines = list(load_workbook(BytesIO(body)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [line[0] for line in lines[1:]] == [mine.number]
    assert "赵举" not in str(lines)
    assert lines[1][-1] is None, "no result yet: a cell with nothing in it"
    assert Job.objects.count() == AccusationExport.objects.count() == 0
    assert client.post(f"/guarded/export/{row.ref}/").status_code == 404
    seen = list(AccusationReading.objects.filter(kind="export").order_by("pk").values_list("note", "accusation"))
    assert seen == [("asked", None), ("handed out", None), ("handed out", mine.pk)]
    left = mine.events.get(step="exported")
    assert record.said_in(left, mine, words.key_of(mine))["to"] == "市委巡察组"
    mine.refresh_from_db()
    assert record.is_whole(mine, list(mine.events.order_by("seq")))
    page = client.get(f"/guarded/case/{mine.ref}/").content.decode()
    assert "提供给巡视巡察机构" in page
    assert f"收到日期{today().isoformat()}至" in page


def test_an_export_about_a_body_leaves_none_out_that_is_about_it(sealed: Sealed, cast: Cast, signed_in: SignIn) -> None:
    """Written in words, known by a person who serves there, or about a body that it took over; the others are counted."""
    gone = sealed.body("T-GT", "浦江县国土资源局", DepartmentKind.BUREAU, cast.county)
    Department.objects.filter(pk=gone.pk).update(heir=cast.bureau, successor=cast.bureau, valid_to=today())
    holder = User.objects.create(username="p-qian", name="钱某")
    Post.objects.create(user=holder, department=cast.bureau, role=Role.HANDLER, valid_from=SINCE)
    about: tuple[dict[str, Any], ...] = (
        {"accused": [], "accused_units": [cast.bureau]},
        {"accused": [], "accused_units": [], "accused_unit": "县自然资源和规划局"},
        {"accused": ["钱某（副所长）"], "accused_units": []},
        {"accused": [], "accused_units": [gone]},
    )
    rows = [sealed.received(**one) for one in about]
    sealed.received(accused=["孙某"], accused_units=[])
    sealed.received(accused=[], accused_units=[cast.sibling])
    export = _ask(sealed, unit=cast.bureau)
    assert figures.make(export.ref) == "ended"
    export.refresh_from_db()
    assert figures.asked(export)["reports"] == [row.pk for row in rows]
    page = signed_in(sealed.first).get(f"/guarded/export/{export.ref}/").content.decode()
    assert "还有1件材料" in page


def test_one_report_that_does_not_open_fails_the_export_in_words(sealed: Sealed, signed_in: SignIn) -> None:
    row, export = sealed.received(), _ask(sealed)
    Accusation.objects.filter(pk=row.pk).update(words=b"x" * 80)
    assert figures.make(export.ref) == "failed"
    page = signed_in(sealed.first).get(f"/guarded/export/{export.ref}/").content.decode()
    assert f"{row.number}的内容打不开" in page
    assert signed_in(sealed.first).post(f"/guarded/export/{export.ref}/").status_code == 409


def test_who_no_longer_sees_a_report_is_not_handed_an_export_of_it(
    sealed: Sealed, settings: Any, tmp_path: Any, signed_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    row, export = sealed.transferred(), _ask(sealed)
    figures.make(export.ref)
    sealed.take(row, "recuse")
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(sealed.first).post(f"/guarded/export/{export.ref}/")
    assert answer.status_code == 409
    assert "重新导出" in answer.content.decode()
    assert not AccusationExport.objects.exists()
    assert not list(tmp_path.iterdir())
    assert not row.events.filter(step="exported").exists()


def test_an_export_nobody_fetched_is_forgotten_after_a_day(
    sealed: Sealed, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    row = _ask(sealed)
    figures.make(row.ref)
    assert figures.sweep() == 0
    AccusationExport.objects.update(asked_at=row.asked_at - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        assert figures.sweep() == 1
    assert not AccusationExport.objects.exists()
    assert not list(tmp_path.iterdir())


def test_an_export_is_made_for_who_is_still_on_the_list(sealed: Sealed, cast: Cast) -> None:
    row = _ask(sealed)
    User.objects.filter(pk=sealed.first.user.pk).update(is_active=False)
    assert figures.make(row.ref) == "failed"


def test_drafts_of_others_are_not_handed_in(sealed: Sealed, cast: Cast) -> None:
    draft = drafts.draft_for(cast.registrar, new_ref())
    with pytest.raises(NotSeen):
        intake.hand_in(Told(content=WORDS), by=cast.triage, draft=draft)
    with pytest.raises(WrongPerson):
        intake.hand_in(Told(content=WORDS), by=cast.handler, draft=draft)
    assert intake.real_name({"reporters": [vars(Reporter("赵举", "", "139", ""))]})


def test_the_time_of_refusals_is_told_and_nothing_stays(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("time_sealed", samples=2)
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines()] == [
        "/guarded/case/<ref>/", "sealed", "nobody's", "/petitions/<ref>/", "sealed", "nobody's",
    ]  # fmt: skip
    assert not Accusation.objects.exists()
    assert not AccusationMember.objects.exists()
    assert not roll.is_on(cast.triage, "handle")
