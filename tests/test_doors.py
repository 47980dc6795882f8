"""Who may pass which door?  The table of tests/doors.py, tried by everybody, and what may not be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actor import Actor
from accounts.dates import today
from accounts.lending import lend
from accounts.models import ApiToken, Delegation
from petitions import attachments, imports, jobs, paper_templates, reminders
from petitions.accusations import figures, roll
from petitions.accusations.intake import Told, hand_in
from petitions.actions import advance, drafts, register
from petitions.figures import keep
from petitions.models import Assignment, BoardEntry, HallDevice, Job, LocalRule, Paper, RoutingRule, Webhook
from petitions.querycode import new_ref
from petitions.reports import verbs as reports
from petitions.saved_views import save
from tests import makes
from tests.api.caller import Caller, token_for
from tests.cast import Cast, build_cast
from tests.doors import DOORS, NO_PROGRAM, REFS, STAFF, Door
from tests.makes import entry
from tests.petitions.accusations import WORDS, Sealed
from tests.petitions.test_registration import PNG
from tests.visits.conftest import Days, next_workday
from visits.actions import tables, walls
from visits.actions.after import write_research
from visits.actions.carry import carry
from visits.actions.day import close
from visits.actions.outcome import Matter, Said, record
from visits.models import Brief, Sponsorship, Visit

pytestmark = pytest.mark.django_db
ANONYMOUS = "anonymous"
_HANDLER = ClientHandler(enforce_csrf_checks=False)  # reads the middleware once for all that knock
_TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value="|X-CSRFToken": ")[A-Za-z0-9]{64}')


@dataclass
class House:
    """Everybody's session and token, made once, and the refs of a matter that the bureau is handling."""

    sessions: dict[str, str]
    tokens: dict[str, str]
    refs: dict[str, str]
    room: Sealed

    def knock(
        self, who: str, door: Door, refs: dict[str, str] | None = None, said: dict[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        """Open ``door`` as ``who``, with ``said`` in its form; whatever it does is undone."""
        address = reverse(door.name, args=[(refs or self.refs).get(arg, arg) for arg in door.args]) + door.query
        client = Client(raise_request_exception=False)
        client.handler = _HANDLER
        if who != ANONYMOUS:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        more: dict[str, Any] = {}
        if door.program:
            caller = Caller(self.tokens.get(who, ""))
            more = {"content_type": "application/json", "headers": caller.headers | {"Idempotency-Key": new_ref()}}
        with transaction.atomic():
            response = (
                client.post(address, said or {}, **more) if door.method == "POST" else client.get(address, **more)
            )
            body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
            transaction.set_rollback(True)
        headers = {name: value for name, value in response.headers.items() if name not in ("Content-Length", "Expires")}
        return response.status_code, _TOKEN.sub(rb"\1", body), headers


@pytest.fixture(scope="module")
def house(django_db_setup: Any, django_db_blocker: Any) -> Iterator[House]:
    """One office for all doors, in a transaction that ends with the last of them."""
    with django_db_blocker.unblock(), transaction.atomic():
        house = _house()
        connection.check_constraints()  # once: else the end of each test looks up every key of these rows again
        yield house
        transaction.set_rollback(True)


def _house(*, report: bool = True) -> House:
    """The office; without a ``report`` the sealed room has its list of names and nothing else."""
    cast = build_cast()
    room = Sealed(cast)
    draft = drafts.draft_for(cast.registrar, new_ref())
    of_matter = drafts.draft_for(cast.registrar, new_ref())
    kept = _file(cast.registrar, of_matter)
    filing = register(entry(cast), by=cast.registrar, draft=of_matter).filing
    petition = filing.petition
    advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    held = Assignment.objects.get(petition=petition)
    advance("sign_for", on=held, by=cast.signer)
    advance("accept", on=held, by=cast.signer, handler=cast.handler.post)
    advance("submit_to_leader", on=petition, by=cast.head, leader=cast.leader.post, proposal="拟请限期办结")
    advance("instruct", on=petition, by=cast.leader, text="请依法办结。", answer_days=10)
    advance("supervise", on=petition, by=cast.supervisor, trigger="t5_lapsed", demand="请说明。")
    refs = {
        **_visits(cast),
        "petition": petition.ref, "run": petition.proceedings.get().ref, "filing": filing.ref, "held": held.ref, "file": kept.ref,
        "draft": draft.ref, "draft_file": _file(cast.registrar, draft).ref, "unknown": new_ref(),
        "paper": Paper.objects.get(petition=petition, kind="transfer_letter").ref,
        "public_paper": Paper.objects.get(petition=petition, kind="accept_notice").ref,
        "instruction": petition.instructions.get().ref, "supervision": petition.supervisions.get().ref,
        "local_rule": str(_local_rule().pk), "user": str(cast.handler.user.pk), "post": str(cast.handler.post.pk),
        "route": str(RoutingRule.objects.create(category=cast.category, department=cast.bureau).pk),
        "review_body": makes.review_row(cast),
        "body": str(cast.bureau.pk), "leaders_post": str(cast.leader.post.pk), "delegation": str(_lent(cast).pk), "job": _job(cast).ref,
        "reminder": reminders.put(cast.triage, petition, today(), "问进展").ref,
        "view": save(cast.triage, "matters", "待签收", "stage=sent").ref,
        "circular": _report(cast),
        "pattern": makes.pattern(petition).ref,
        **_list_change(cast),
        "template_use": str(_template_use(cast)), "board_entry": str(_board_entry().pk), "device": str(_device(cast).pk),
    }  # fmt: skip
    people = cast.everybody()
    programs = {who: token_for(cast, actor) for who, actor in people.items() if who not in NO_PROGRAM}
    refs["token"] = str(ApiToken.objects.first().pk)  # type: ignore[union-attr]
    refs["webhook"] = str(
        Webhook.objects.create(name="办公系统", url="http://127.0.0.1:9/", secret="whsec_eA==", active=False).pk
    )
    if report:
        refs |= sealed_report(room)
    return House({who: _session(actor) for who, actor in people.items()}, programs, refs, room)


def _report(cast: Cast) -> str:
    """Last year's annual report, the numbers of its day counted."""
    keep.make_day(date(today().year - 1, 12, 31))
    return reports.begin(cast.head, "annual", today().year - 1).ref


def _list_change(cast: Cast) -> dict[str, str]:
    said = {"duty": "handle", "valid_from": today(), "valid_to": None, "reason": "会议"}
    return {"list_change": roll.propose(cast.head, what="add", user=cast.leader.user, **said).ref}  # type: ignore[arg-type]


def sealed_report(room: Sealed) -> dict[str, str]:
    """A report out of the open page, passed on: with a paper, a file, and an export that waits."""
    draft = drafts.draft_for(room.cast.registrar, new_ref())
    _file(room.cast.registrar, draft)
    told = Told(content=WORDS, accused=["钱某"], accused_units=[room.cast.bureau])
    row = hand_in(told, by=room.cast.registrar, draft=draft)
    room.take(room.take(row, "examine", **room.about()), "transfer", body=room.discipline)
    export = figures.ask(room.first, first=today(), last=today(), unit=None, to="巡察组")
    return {
        "accusation": row.ref, "accusation_paper": row.papers.get().ref, "accusation_file": row.files.get().ref,
        "accusation_export": export.ref,
    }  # fmt: skip


def _job(cast: Cast) -> Job:
    kept = imports.begin(SimpleUploadedFile("list.csv", "标题\n反映道路积水".encode()), by=cast.registrar)
    return jobs.start("check_filings", by=cast.registrar, settings=kept, planned=True)


def _visits(cast: Cast) -> dict[str, str]:
    """A published visit, and rows of the tables behind the plan."""
    days = Days(cast)
    visit = days.published(next_workday(10))
    busy = tables.keep_busy(
        cast.leader, cast.leader.post, first=visit.day + timedelta(days=9), last=visit.day + timedelta(days=9)
    )
    rule = tables.adopt(cast.head, "2013", valid_from=today())[0]
    pledge = tables.adopt_pledges(cast.head, "four", valid_from=today())[0]
    booking = days.booked(visit).booking
    link = walls.make(cast.head, name="大厅", last_day=today())
    return {
        "wall_link": str(link.row.pk), "wall_token": walls.make(cast.head, name="大厅", last_day=today()).token,
        "visit": visit.ref, "place": str(days.town.pk), "busy_day": str(busy.pk), "frequency_rule": str(rule.pk), "pledge": str(pledge.pk), "booking": booking.ref,
        **_heard(days, cast, visit),
    }  # fmt: skip


def _heard(days: Days, cast: Cast, planned: Visit) -> dict[str, str]:
    """A party that waits today, one that was heard, and what came of it."""
    room = days.published(leader=cast.other_leader, room="2号室")
    heard = days.published()
    row = days.in_room(heard, "王小明", "13800000044")
    matter = Matter(
        "sponsored",
        "补偿款于本月内发放",
        entry=days.entry(),
        unit=cast.bureau,
        due=today() + timedelta(days=30),
        category=cast.category,
    )
    outcome = record(row, by=cast.triage, said=Said(), matters=[matter]).outcomes[0]
    close(heard, by=cast.triage)
    found = write_research(heard, by=cast.triage, topic="征地补偿", findings="情况", suggestion="建议", to=cast.bureau)
    carry(planned, [(outcome.petition, ["集体事项"])], by=cast.triage)
    asked = Brief.objects.create(
        visit=planned, petition=outcome.petition, unit=cast.bureau, asked_by=cast.triage.post, asked_on=today(), due=today()
    )  # fmt: skip
    return {
        "brief": asked.ref,
        "reception": days.waiting(room, "李四", "13800000045").ref, "duty": outcome.follow_ups.get(kind="carry_out").ref,
        "sponsored": Sponsorship.objects.get().ref, "report": found.ref, "carried": str(planned.carried.get().pk),
    }  # fmt: skip


def _lent(cast: Cast) -> Delegation:
    day, taker = today(), cast.handler.user
    return lend(cast.unit_head.post, taker, by=cast.unit_head, valid_from=day, valid_to=day, reason="外出")


def _device(cast: Cast) -> HallDevice:
    return HallDevice.objects.create(office=cast.office, name="评价机")


def _template_use(cast: Cast) -> int:
    """A decision on a template whose day has not come."""
    day = today() + timedelta(days=9)
    return paper_templates.use("opinion", None, by=cast.system_admin, valid_from=day, reason="统一格式").pk


def _board_entry() -> BoardEntry:
    return BoardEntry.objects.create(kind="place", title="接待大厅", valid_from=today())


def _local_rule() -> LocalRule:
    return LocalRule.objects.create(code="T1", value=10, source="本县十日", valid_from=today())


def _file(actor: Actor, draft: Any) -> Any:
    return attachments.take(SimpleUploadedFile("照片.png", PNG, "image/png"), by=actor, draft=draft)


def _session(actor: Actor) -> str:
    client = Client()
    client.force_login(actor.user)
    session = client.session
    session["post"] = actor.post.pk
    session.save()
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


# --- the table is whole ------------------------------------------------------------------------------------------


def _named(patterns: list[Any], space: str = "") -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _named(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern):
            yield f"{space}{one.name}" if one.name else f"an address without a name: {one.pattern}"


def test_every_address_of_the_project_is_in_the_table() -> None:
    assert set(_named(get_resolver().url_patterns)) == {door.name for door in DOORS}


def test_the_table_names_everybody(house: House) -> None:
    assert set(house.sessions) == STAFF


def test_every_form_of_the_project_is_sent_empty(house: House) -> None:
    """A door without a row for an empty form takes none: even those who may open it are told so."""
    sent = {door.name for door in DOORS if door.method == "POST"}
    for door in [door for door in DOORS if door.name not in sent]:
        who = next(iter(sorted(door.open_to)), ANONYMOUS)
        status, _, _ = house.knock(who, replace(door, method="POST"))
        assert status == 405, f"{door.name} takes POST: it needs a row for an empty form"


# --- everybody knocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.name} {' '.join(door.args)}".strip())
def test_each_door_answers_as_the_table_says(house: House, door: Door) -> None:
    wrong = {}
    for who in (*house.sessions, ANONYMOUS):
        status, _, _ = house.knock(who, door)
        if status not in door.expected(who):
            wrong[who] = (status, door.expected(who))
    assert not wrong, "; ".join(f"{who}: {got}, not {wanted}" for who, (got, wanted) in wrong.items())


# One of each reason not to see it: another unit, another counter, another leader's field, no matters at all.
OUTSIDE = ("sibling_handler", "township_registrar", "stranger", "other_leader", "auditor", "system_admin")
_OF_A_MATTER = [door for door in DOORS if any(arg in REFS for arg in door.args)]


@pytest.mark.parametrize("door", _OF_A_MATTER, ids=lambda door: f"{door.method} {door.name} {' '.join(door.args)}")
def test_a_ref_out_of_scope_is_a_ref_that_does_not_exist(house: House, door: Door) -> None:
    made_up = dict.fromkeys(REFS, house.refs["unknown"])
    for who in [who for who in OUTSIDE if 404 in door.expected(who)]:
        real, invented = house.knock(who, door), house.knock(who, door, house.refs | made_up)
        assert _plain(real, house.refs) == _plain(invented, house.refs), who


def _plain(answer: tuple[int, bytes, dict[str, str]], refs: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """An answer as it is, but for the address that was asked for where a page repeats it."""
    status, body, headers = answer
    for ref in refs.values():
        body = body.replace(ref.encode(), b"*")
    return status, body, headers
