"""A registration taken back: in error, or because it is a report that goes into the sealed room; the rows it leaves are the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from accounts import sealer
from accounts.actor import Actor
from accounts.dates import today
from petitions import access as open_access
from petitions import attachments, exports, jobs, taking
from petitions.accusations import access, files, moved, words
from petitions.actions import Person, Registered, advance, drafts, register
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.figures import keep
from petitions.forms.steps import form_for
from petitions.lifecycle import STEPS
from petitions.models import (
    Accusation,
    Attachment,
    Clock,
    Dispute,
    Event,
    ExternalReference,
    FigureFact,
    Filing,
    IdempotencyKey,
    Job,
    Notice,
    Paper,
    Petition,
    Reach,
    Recusal,
    UrgentReport,
)
from petitions.querycode import new_ref
from petitions.search import search
from tests.cast import Cast
from tests.makes import URGENT, Makes, entry, pattern
from tests.petitions.accusations import Sealed
from tests.petitions.test_archive import columns_with
from tests.petitions.test_registration import PNG

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
WORD, PHONE, ID = "雉鸡岭", "13911112222", "330726199001011238"


@pytest.fixture
def sealed(cast: Cast) -> Sealed:
    return Sealed(cast)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


def registered(cast: Cast, days_ago: int = 3, **more: Any) -> Registered:
    """A letter that says everything twice: with a file, a claim, a place, another system's number, reported as urgent and warned of."""
    draft = drafts.draft_for(cast.registrar, new_ref())
    attachments.take(SimpleUploadedFile(f"{WORD}.png", PNG), by=cast.registrar, draft=draft)
    people = [Person(name=WORD, id_kind="111", id_number=ID, phone=PHONE, address=f"{WORD}1号")]
    said = {
        "title": f"反映{WORD}问题", "content": f"反映{WORD}所长收受好处。", "people": people, "place": f"{WORD}路口",
        "claims": [f"查处{WORD}的人"], "addressee": WORD, "channel": "letter", "backdate_reason": f"{WORD}信件晚到",
        "received_on": today() - timedelta(days=days_ago), "references": [("省系统", new_ref())],
    }  # fmt: skip
    done = register(entry(cast, **(said | more)), by=cast.registrar, draft=draft)
    register(entry(cast, people=people, content=f"再次反映{WORD}"), by=cast.registrar, under=done.petition)
    advance(
        "triage", on=done.filing, by=cast.triage, kind="claim", category=cast.category, region=cast.region, note=WORD
    )
    advance("report_urgent", on=done.petition, by=cast.triage, **(URGENT | {"people": WORD}))
    pattern(done.petition)
    return done


def in_error(cast: Cast) -> Petition:
    done = registered(cast)
    advance("retract", on=done.filing, by=cast.triage)
    return Petition.objects.get(pk=done.petition.pk)


def move(cast: Cast, done: Registered, **more: Any) -> Accusation:
    about = moved.About(accused=["钱某"], units=[cast.bureau], outside="")
    return moved.move_in(done.filing, about, **({"by": cast.triage} | more))


# --- what a report takes with it -------------------------------------------------------------------------------------------


def test_it_takes_everything_along_and_its_days_run_from_the_first(sealed: Sealed, cast: Cast, media: Path) -> None:
    done = registered(cast)
    row = move(cast, done)
    known, clock = words.of(row), row.clocks.get()
    assert known["content"] == f"反映{WORD}所长收受好处。"
    assert [one["words"] for one in known["added"]] == [
        f"反映{WORD}问题\n{WORD}路口\n查处{WORD}的人", f"再次反映{WORD}",
    ]  # fmt: skip
    assert {(one["name"], one["id_number"]) for one in known["reporters"]} == {(WORD, ID)}
    assert (known["accused"], known["accused_units"], known["channel"]) == (["钱某"], [cast.bureau.pk], "letter")
    assert known["moved"]["number"] == done.petition.number and known["moved"]["references"][0].startswith("省系统")
    assert (clock.name, clock.start, row.received_on) == ("S1", done.filing.received_on, done.filing.received_on)
    assert list(access.visible_to(sealed.first)) == [row]
    file = row.files.get()
    assert b"".join(files.plain(file)[1]) == PNG and files.of_reporter(row, words.key_of(row)) == [f"{WORD}.png"]
    assert [path.name for path in media.iterdir()] == [file.stored_as]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nothing_of_it_stays_in_any_open_table_and_the_record_verifies(
    cast: Cast, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SEAL_NOTE = tmp_path / "last-seal.json"
    Sealed(cast)
    done = registered(cast)
    assert {"petitions_petition.title", "petitions_claim.text"} <= {found.split(":")[0] for found in columns_with(WORD)}
    sha, key = Attachment.objects.get().sha256, bytes(Petition.objects.get(pk=done.petition.pk).wrapped_key or b"")
    sealer.seal_all()
    move(cast, done)
    sealer.seal_all()
    assert list(columns_with(WORD, PHONE, ID, sha, key.hex())) == []
    call_command("verify_record")
    assert "The record is whole." in capsys.readouterr().out
    for gone in (Attachment, Notice, FigureFact):
        assert not gone.objects.filter(petition=done.petition).exists(), gone
    assert not search(cast.triage, WORD).groups and not search(cast.triage, PHONE).groups


def shape(petition: Petition) -> dict[str, Any]:
    """What everybody who sees the database can see of a tombstone, without what is drawn or counted up."""
    own = ("id", "ref", "number", "key_destroyed_at", "registered_at", "chain_head")
    pk = {"petition": petition.pk}
    events = [
        (one.step, one.on, one.occurred_on, one.user_id, one.sealed is None, sorted(one.data))
        for one in Event.objects.filter(**pk).order_by("seq")
    ]
    filings = Filing.objects.filter(**pk).order_by("pk")
    drawn = ("id", "petition_id", "ref", "number", "recorded_at", "query_code_made_at")
    return {
        "petition": {name: value for name, value in Petition.objects.filter(pk=petition.pk).values()[0].items() if name not in own},
        "events": events,
        "filings": [{name: value for name, value in one.items() if name not in drawn} for one in filings.values()],
        "clocks": list(Clock.objects.filter(**pk).order_by("pk").values_list("name", "start", "due", "ended", "ended_on")),
        "reach": list(Reach.objects.filter(**pk).values_list("department", "role", "tray", "due", "open")),
        "claims": list(petition.claims.values_list("serial", "text", "answer")),
        "beside": list(UrgentReport.objects.filter(**pk).values_list("state", "reported_on")),
        "papers": list(Paper.objects.filter(**pk).values_list("kind", "void_on", "receiver")),
        "references": ExternalReference.objects.filter(filing__petition=petition).count(),
        "left": [model.objects.filter(**pk).count() for model in (Attachment, Notice, FigureFact)],
        "people": petition.petitioners.count(),
    }  # fmt: skip


def test_a_report_that_was_moved_and_a_registration_in_error_leave_the_same_rows(sealed: Sealed, cast: Cast) -> None:
    wrong, done = in_error(cast), registered(cast)
    move(cast, done)
    before = shape(wrong)
    assert shape(Petition.objects.get(pk=done.petition.pk)) == before
    assert before["events"][-1][0] == "retract"
    assert (before["petition"]["outcome"], before["petition"]["category_id"]) == ("mistaken", None)
    assert before["reach"] == [(cast.office.pk, "office", "", None, False)]
    assert {ended for *_, ended, _ in before["clocks"]} == {"cancelled"}
    assert before["references"] == 1
    assert not IdempotencyKey.objects.exists()


def test_lists_and_figures_show_them_alike_and_count_neither(sealed: Sealed, cast: Cast, signed_in: SignIn) -> None:
    wrong, done = in_error(cast), registered(cast)
    move(cast, done)
    keep.rebuild()
    assert not FigureFact.objects.filter(valid_to=None).exists()
    client = signed_in(cast.head)
    for petition in (wrong, done.petition):
        page = client.get(f"/petitions/{petition.ref}/").content.decode()
        assert "登记有误，已撤销" in page and WORD not in page and "检举" not in page
        assert (
            open_access.steps_for(cast.head, Petition.objects.get(pk=petition.pk), list(petition.filings.all())) == []
        )
    assert not Petition.objects.filter(stage="ended").exclude(outcome="mistaken").exists()


def test_what_has_been_taken_up_into_figures_leaves_them(sealed: Sealed, cast: Cast) -> None:
    done = registered(cast)
    keep.rebuild()
    assert FigureFact.objects.filter(valid_to=None, petition=done.petition).exists()
    move(cast, done)
    keep.refresh()
    assert not FigureFact.objects.filter(valid_to=None, petition=done.petition).exists()


def test_what_was_decided_beside_it_stays_as_it_was_decided(cast: Cast) -> None:
    done = registered(cast)
    more: dict[str, Any] = {"petition": done.petition, "asked_on": today()}
    urgent = UrgentReport.objects.get(petition=done.petition)
    keeps_away: dict[str, Any] = {"asked_by": cast.triage.post, "decider": cast.office, **more}
    granted, asked = (
        Recusal.objects.create(person=post.post, state=state, **keeps_away)
        for post, state in ((cast.registrar, "granted"), (cast.signer, "asked"))
    )
    decided, open_still = (
        Dispute.objects.create(state=state, department=cast.bureau, **more) for state in ("decided", "asked")
    )
    advance("retract", on=done.filing, by=cast.triage)
    states = []
    for row in (granted, asked, decided, open_still, urgent):
        row.refresh_from_db()
        states.append(row.state)
    assert states == ["granted", "refused", "decided", "agreed", "over"]


# --- what had left ---------------------------------------------------------------------------------------------------------


def leaving(cast: Cast, kind: str) -> Job:
    """A list, or records for another system, that is asked for in the background."""
    day = today().isoformat()
    said = {"page": "matters", "query": ""} if kind == exports.CODE else {"first": day, "last": day, "form": "json"}
    return jobs.start(kind, by=cast.triage, settings=said)


@pytest.mark.parametrize("kind", exports.WORDS_LEAVE)
def test_files_that_hold_its_words_are_thrown_away_with_them(
    sealed: Sealed, cast: Cast, signed_in: SignIn, media: Path, django_capture_on_commit_callbacks: Any, kind: str
) -> None:
    asked = leaving(cast, kind)
    done = registered(cast)
    assert jobs.run(asked.ref) == "ended"
    path = f"/export/{asked.ref}/" if kind == exports.CODE else f"/jobs/{asked.ref}/result/"
    client = signed_in(cast.triage)
    assert client.get(path).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        row = move(cast, done)
    asked.refresh_from_db()
    assert "stored_as" not in asked.settings and client.get(path).status_code == 409
    assert [one.name for one in media.iterdir()] == [row.files.get().stored_as]


@pytest.mark.parametrize("kind", exports.WORDS_LEAVE)
@pytest.mark.parametrize("at", ["written", "kept"])
def test_an_export_under_way_keeps_nothing_of_it(
    sealed: Sealed, cast: Cast, media: Path, monkeypatch: pytest.MonkeyPatch, kind: str, at: str
) -> None:
    done, asked = registered(cast), leaving(cast, kind)
    before, rows = set(media.iterdir()), []
    step, aside = jobs.Run.step, attachments.put_aside

    def moved_meanwhile() -> None:
        if not rows:
            rows.append(move(cast, done))

    def stepped(run: jobs.Run, many: int, **more: Any) -> None:
        if at == "written" and many:
            moved_meanwhile()
        step(run, many, **more)

    def kept(file: Any) -> dict[str, str]:
        found = aside(file)
        moved_meanwhile()
        return found

    monkeypatch.setattr(jobs.Run, "step", stepped)
    monkeypatch.setattr(attachments, "put_aside", kept)
    assert jobs.run(asked.ref) == "cancelled"
    asked.refresh_from_db()
    assert rows and "stored_as" not in asked.settings and set(media.iterdir()) == before


def test_an_export_that_begins_before_the_commit_is_stopped_after_it(
    sealed: Sealed, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    done = registered(cast)
    with django_capture_on_commit_callbacks(execute=True):
        move(cast, done)
        asked = leaving(cast, exports.WORDS_LEAVE[1])
        Job.objects.filter(pk=asked.pk).update(state="running")
    asked.refresh_from_db()
    assert asked.cancelled


# --- who, when ----------------------------------------------------------------------------------------------------------------


def test_only_the_desk_moves_it_and_only_before_anybody_was_sent_it(sealed: Sealed, cast: Cast) -> None:
    done = registered(cast)
    for outsider in (cast.registrar, cast.supervisor):
        with pytest.raises(WrongPerson):
            move(cast, done, by=outsider)
    for outsider in (cast.handler, cast.leader):
        with pytest.raises(NotSeen):
            move(cast, done, by=outsider)
    advance("transfer", on=done.filing, by=cast.triage, department=cast.sibling)
    with pytest.raises(WrongMoment):
        move(cast, done)
    assert not Accusation.objects.exists()
    assert Petition.objects.get(pk=done.petition.pk).content == f"反映{WORD}所长收受好处。"


def test_what_a_superior_handed_down_is_moved_even_while_he_is_asked_to_take_it_back(
    sealed: Sealed, cast: Cast, make: Makes
) -> None:
    due = today() + timedelta(days=60)
    done = make.registered(channel="handed_down", handed_by=cast.city, handed_number=WORD, handed_due=due)
    advance("sign_up", on=done.filing, by=cast.triage)
    advance("object_up", on=done.filing, by=cast.triage, reason=WORD, body="金华市交通运输局")
    row = move(cast, done)
    known = words.of(row)
    assert known["channel"] == "handed_down"
    assert known["moved"]["references"] == [f"{cast.city.name} {WORD} （{due:%Y-%m-%d}前反馈）"]
    assert not Clock.objects.filter(petition=done.petition, ended="").exists()
    assert Filing.objects.get(pk=done.filing.pk).handed_number == ""


def test_a_move_that_breaks_off_moves_nothing(
    sealed: Sealed, cast: Cast, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from petitions import erasing

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power failed")

    done = registered(cast)
    monkeypatch.setattr(erasing, "wipe", fails)
    with pytest.raises(RuntimeError):
        move(cast, done)
    assert not Accusation.objects.exists() and Attachment.objects.filter(petition=done.petition).count() == 1
    assert len(list(media.iterdir())) == 1
    assert Petition.objects.get(pk=done.petition.pk).stage == "triaged"


def test_what_others_were_merged_into_is_not_taken_back(sealed: Sealed, cast: Cast, make: Makes) -> None:
    done, other = registered(cast), make.registered()
    advance("merge", on=other.filing, by=cast.triage, into=done.petition)
    with pytest.raises(WrongMoment, match="并入这一件"):
        move(cast, done)
    assert not Accusation.objects.exists()


def test_a_program_takes_back_nothing_that_is_a_report(sealed: Sealed, cast: Cast) -> None:
    done = registered(cast)
    with pytest.raises(WrongPerson, match="本人"):
        move(cast, done, by=replace(cast.triage, token="abc"))
    petition = Petition.objects.get(pk=done.petition.pk)
    form = form_for(STEPS["retract"], petition, done.filing, cast.triage, {"why": "report", "accused": "钱某"})
    with pytest.raises(BadInput, match="在页面上办理"):
        taking.attempt(form, key="", body={})
    assert Petition.objects.get(pk=done.petition.pk).wrapped_key


def test_without_anybody_on_the_list_it_is_moved_all_the_same_and_waits(cast: Cast) -> None:
    done = registered(cast)
    row = move(cast, done)
    assert row.due is not None and row.clocks.get().start == done.filing.received_on
    with pytest.raises(NotSeen):
        access.visible_to(cast.triage)
    assert list(access.visible_to(Sealed(cast).first)) == [row]


def test_the_same_number_of_another_system_is_not_registered_again(sealed: Sealed, cast: Cast) -> None:
    reference = ("省系统", "S-1")
    done = registered(cast, references=[reference])
    move(cast, done)
    with pytest.raises(BadInput, match="已经登记过"):
        register(entry(cast, references=[reference]), by=cast.registrar)


# --- on the page ------------------------------------------------------------------------------------------------------------------


def test_the_desk_moves_it_on_the_page_of_the_step_and_gets_the_receipt_once(
    sealed: Sealed, cast: Cast, signed_in: SignIn
) -> None:
    done, client = registered(cast), signed_in(cast.triage)
    step = f"/petitions/{done.petition.ref}/step/retract/{done.filing.ref}/"
    page = client.get(step)
    html = page.content.decode()
    assert page.status_code == 200 and "转专门受理" in html and "data-guard-unsaved" not in html
    key = "k" * 24
    sent = {"why": "report", "accused": "钱某", "unit": str(cast.bureau.pk), "idempotency_key": key, "seen": "4"}
    assert client.post(step, {**sent, "why": ""}).status_code == 422
    done_page = client.post(step, sent | {"seen": str(Petition.objects.get().events_count)})
    row = Accusation.objects.get()
    assert done_page.status_code == 200 and row.slip in done_page.content.decode()
    again = client.post(step, sent)
    assert again.status_code == 200 and row.slip in again.content.decode()
    assert Accusation.objects.count() == 1 and not IdempotencyKey.objects.exists()
    assert WORD not in client.get(f"/petitions/{done.petition.ref}/").content.decode()


def test_a_registration_in_error_is_taken_back_on_the_same_page(sealed: Sealed, cast: Cast, signed_in: SignIn) -> None:
    done, client = registered(cast), signed_in(cast.triage)
    step = f"/petitions/{done.petition.ref}/step/retract/{done.filing.ref}/"
    assert client.post(step, {"why": "error", "idempotency_key": "k" * 24}).status_code == 302
    assert Petition.objects.get(pk=done.petition.pk).outcome == "mistaken"
    assert not Accusation.objects.exists() and not IdempotencyKey.objects.exists()
    assert client.post(step, {"why": "error", "idempotency_key": "k" * 24}).status_code == 409
