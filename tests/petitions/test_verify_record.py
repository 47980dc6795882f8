"""`manage.py verify_record` against somebody who owns the database: whatever is changed is found and named."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import sealer, seals
from accounts.models import AccessLog, Seal, SealedRow
from config.postgres.base import as_owner
from petitions.actions import advance
from petitions.actions.record import digest_of
from petitions.models import Event, Paper, Petition
from tests.makes import Makes

OPEN = "ALTER TABLE {} DISABLE TRIGGER USER"
TABLES = ("petitions_event", "accounts_accesslog", "accounts_seal", "accounts_sealedrow")


@pytest.fixture(autouse=True)
def _note(settings: Any, tmp_path: Any) -> None:
    settings.SEAL_NOTE = tmp_path / "last-seal.json"


@pytest.fixture
def owner(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    """The test's connection is the owner's: he may put every trigger out of his way.  Asked for before ``make``."""
    with django_db_blocker.unblock(), as_owner(connection):
        yield


@pytest.fixture
def matter(owner: None, make: Makes) -> Petition:
    """Two matters with events, papers and readings, sealed in three seals; the second is returned, its triggers off."""
    make.signed()
    AccessLog.objects.create(kind="read", target="petition:abc")
    sealer.seal_all()
    run = make.issued()
    words = {"how": "hand", "receiver": "王小明", "view": "0", "note": "当面宣读，信访人无异议。"}
    advance("deliver", on=run, by=make.cast.handler, **words)
    AccessLog.objects.create(kind="search", data={"kind": "words"})
    sealer.seal_all()
    make.registered()
    sealer.seal_all()
    run_sql("SET CONSTRAINTS ALL IMMEDIATE", *(OPEN.format(table) for table in TABLES))
    return Petition.objects.get(pk=run.petition_id)


def run_sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def verify(*args: str, **options: Any) -> str:
    """What a whole record's report says."""
    out = StringIO()
    call_command("verify_record", *args, stdout=out, **options)
    return out.getvalue()


def findings(*args: str, **options: Any) -> list[str]:
    """What a broken record's report names."""
    out = StringIO()
    with pytest.raises(CommandError, match="NOT whole") as told:
        call_command("verify_record", *args, stdout=out, **options)
    assert told.value.returncode == 1
    found = [line.removeprefix("FOUND  ") for line in out.getvalue().splitlines() if line.startswith("FOUND")]
    assert f"{len(found)} findings" in str(told.value)
    return found


def event_of(matter: Petition, seq: int) -> Event:
    return Event.objects.get(petition=matter, seq=seq)


def test_an_honest_record_is_whole(matter: Petition) -> None:
    said = verify()
    assert "The record is whole." in said
    assert f"events: {Event.objects.count()}" in said and "seals: 3" in said
    assert "matters: 3" in said and "not sealed yet" not in said


def test_an_empty_record_is_whole(owner: None, db: None) -> None:
    assert "The record is whole." in verify()


def test_what_was_just_written_is_counted_as_not_sealed_yet(matter: Petition) -> None:
    AccessLog.objects.create(kind="read")
    assert re.search(r"access log rows: \d+ \(1 of them not sealed yet\)", verify())


def test_destroyed_keys_leave_the_record_verifiable(matter: Petition) -> None:
    assert Event.objects.filter(petition=matter).exclude(sealed=None).exists()
    Petition.objects.update(wrapped_key=None, key_destroyed_at=timezone.now())
    assert "The record is whole." in verify()


# --- somebody who owns the database --------------------------------------------------------------------------------

Tamper = Callable[[Petition], list[str]]
TAMPERS: list[Tamper] = []


def tamper(does: Tamper) -> Tamper:
    """A way to falsify; returns patterns, each of which a finding must match."""
    TAMPERS.append(does)
    return does


@tamper
def changes_a_text(matter: Petition) -> list[str]:
    event = Event.objects.filter(petition=matter).exclude(sealed=None).earliest("seq")
    Event.objects.filter(pk=event.pk).update(sealed=bytes(event.sealed)[:-1] + b"\x00")
    name = f"event {event.pk} \\(matter {matter.number}, event {event.seq} .*changed after seal 2 of"
    return [name, f"matter {matter.number}: event {event.seq} .* was changed"]


@tamper
def changes_a_date(matter: Petition) -> list[str]:
    event = event_of(matter, 2)
    Event.objects.filter(pk=event.pk).update(occurred_on=event.occurred_on - timedelta(days=20))
    return [f"event {event.pk} .*changed after seal 2", f"matter {matter.number}: event 2 .* was changed"]


@tamper
def changes_codes(matter: Petition) -> list[str]:
    event = event_of(matter, 2)
    Event.objects.filter(pk=event.pk).update(data={**event.data, "department": 1})
    return [f"event {event.pk} .*changed after seal 2"]


@tamper
def deletes_an_event(matter: Petition) -> list[str]:
    pk = event_of(matter, 3).pk
    Event.objects.filter(pk=pk).delete()
    return [f"^event {pk}: removed after seal 2", f"matter {matter.number}: event 3 is missing$"]


@tamper
def deletes_the_last_event_and_counts_one_less(matter: Petition) -> list[str]:
    last = event_of(matter, matter.events_count)
    before = event_of(matter, matter.events_count - 1)
    Event.objects.filter(pk=last.pk).delete()
    Petition.objects.filter(pk=matter.pk).update(events_count=before.seq, chain_head=bytes(before.digest))
    return [f"^event {last.pk}: removed after seal 2"]


@tamper
def deletes_the_last_event(matter: Petition) -> list[str]:
    Event.objects.filter(petition=matter, seq=matter.events_count).delete()
    return [f"matter {matter.number}: event {matter.events_count} is missing at the end"]


@tamper
def swaps_two_events(matter: Petition) -> list[str]:
    two, three = event_of(matter, 2), event_of(matter, 3)
    for pk, seq in ((two.pk, 999), (three.pk, 2), (two.pk, 3)):
        Event.objects.filter(pk=pk).update(seq=seq)
    return [
        f"event {two.pk} .*changed",
        f"event {three.pk} .*changed",
        "event 2 .*not the one",
        "event 3 .*not the one",
    ]


@tamper
def deletes_a_reading(matter: Petition) -> list[str]:
    pk = AccessLog.objects.earliest("pk").pk
    AccessLog.objects.filter(pk=pk).delete()
    return [f"^access log row {pk}: removed after seal 1 of"]


@tamper
def deletes_a_reading_with_its_leaf(matter: Petition) -> list[str]:
    pk = AccessLog.objects.earliest("pk").pk
    SealedRow.objects.filter(kind="access", row_id=pk).delete()
    AccessLog.objects.filter(pk=pk).delete()
    return ["^seal 1: has .* leaves, and .* were sealed"]


@tamper
def changes_a_reading(matter: Petition) -> list[str]:
    pk = AccessLog.objects.latest("pk").pk
    AccessLog.objects.filter(pk=pk).update(address="10.9.8.7")
    return [f"^access log row {pk}: changed after seal 2"]


@tamper
def slips_a_reading_in(matter: Petition) -> list[str]:
    pk = AccessLog.objects.earliest("pk").pk - 1
    AccessLog.objects.create(pk=pk, kind="read", target="petition:abc")
    return [f"^access log row {pk}: put in after its neighbours were sealed"]


@tamper
def changes_a_paper(matter: Petition) -> list[str]:
    paper = Paper.objects.filter(petition=matter).earliest("pk")
    Paper.objects.filter(pk=paper.pk).update(title="另一件文书")
    return [f"paper {paper.pk} \\(matter {matter.number}, paper .*changed after seal"]


@tamper
def changes_a_leaf_with_its_row(matter: Petition) -> list[str]:
    pk = AccessLog.objects.earliest("pk").pk
    AccessLog.objects.filter(pk=pk).update(target="petition:other")
    source = sealer.SOURCES["access"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {source.select} FROM {source.table} r WHERE id = %s", [pk])
        SealedRow.objects.filter(kind="access", row_id=pk).update(leaf=source.leaf(cursor.fetchone()))
    return ["^seal 1: its leaves were changed"]


@tamper
def changes_a_seal(matter: Petition) -> list[str]:
    Seal.objects.filter(number=2).update(made_at=timezone.now() - timedelta(days=3))
    return ["^seal 2: was changed, or made without the key", "^seal 3: does not follow"]


@tamper
def changes_a_seals_digest(matter: Petition) -> list[str]:
    Seal.objects.filter(number=3).update(digest=b"\x00" * 32)
    return ["^seal 3: its digest was changed", "^seal 3 was noted outside"]


@tamper
def removes_a_seal(matter: Petition) -> list[str]:
    SealedRow.objects.filter(seal__number=2).delete()
    Seal.objects.filter(number=2).delete()
    return ["^seal 2 is missing$", "put in after its neighbours"]


@tamper
def cuts_the_newest_off(matter: Petition) -> list[str]:
    """The last seal, its leaves, its rows and the matter's count: what is left fits together."""
    rows = SealedRow.objects.filter(seal__number=3)
    gone = list(rows.filter(kind="event").values_list("row_id", flat=True))
    papers = list(rows.filter(kind="paper").values_list("row_id", flat=True))
    newest = Petition.objects.latest("pk")
    assert newest.pk != matter.pk and not papers
    rows.delete()
    Seal.objects.filter(number=3).delete()
    Event.objects.filter(pk__in=gone).delete()
    Petition.objects.filter(pk=newest.pk).update(events_count=0, chain_head=b"")
    return ["^seal 3 was noted outside the database and is not in it"]


@tamper
def chains_everything_anew_without_the_key(matter: Petition) -> list[str]:
    """Another text, every digest after it made anew, every leaf and seal made anew, signed with a key of his own."""
    event = event_of(matter, 2)
    Event.objects.filter(pk=event.pk).update(step="filed")
    head = b""
    for each in Event.objects.filter(petition=matter).order_by("seq"):
        head = digest_of(each, matter.ref, head)
        Event.objects.filter(pk=each.pk).update(digest=head)
    Petition.objects.filter(pk=matter.pk).update(chain_head=head)
    SealedRow.objects.all().delete()
    Seal.objects.all().delete()
    note, key = sealer.settings.SEAL_NOTE.read_text(), sealer.settings.SEAL_KEY
    sealer.settings.SEAL_KEY = hashlib.sha256(b"his own").digest()
    sealer.seal_all()
    Seal.objects.update(key_id=seals.Signer.of(key).key_id)
    sealer.settings.SEAL_KEY = key
    sealer.settings.SEAL_NOTE.write_text(note)
    return ["^seal 1: was changed, or made without the key", "^seal 3 was noted outside"]


@pytest.mark.parametrize("does", TAMPERS, ids=lambda does: does.__name__)
def test_whoever(does: Tamper, matter: Petition) -> None:
    patterns = does(matter)
    found = findings()
    for pattern in patterns:
        assert any(re.search(pattern, each) for each in found), (pattern, found)


def test_nothing_else_is_named(matter: Petition) -> None:
    changes_a_date(matter)
    assert len(findings()) == 2
    deletes_a_reading(matter)
    assert len(findings()) == 3


# --- parts and keys --------------------------------------------------------------------------------------------------


def test_one_matter_is_checked_with_its_seals(matter: Petition) -> None:
    assert "The record is whole." in verify(petition=matter.number)
    other = Petition.objects.earliest("pk")
    changes_a_text(matter)
    changes_a_seal(matter)
    assert "The record is whole." in verify(petition=other.number)
    found = findings(petition=matter.number)
    assert {each.split(":")[0].split(" ")[0] for each in found} == {"event", "matter", "seal"}


def test_a_matter_that_is_not_there_is_said_so(owner: None, db: None) -> None:
    with pytest.raises(CommandError, match="There is no matter with the number XF-1"):
        verify(petition="XF-1")


def test_since_a_day_looks_at_what_was_sealed_from_then_on(matter: Petition) -> None:
    changes_a_reading(matter)
    assert findings("--since", "2019-01-01")
    assert "The record is whole." in verify("--since", f"{timezone.now() + timedelta(days=2):%Y-%m-%d}")


def test_since_goes_on_from_the_seal_before(matter: Petition) -> None:
    """Seals 1 and 2 are of long ago, made so with the key: the chain from 3 on is sound, and older rows are not read."""
    long_ago, key = timezone.now() - timedelta(days=9), sealer.settings.SEAL_KEY
    previous = b""
    for seal in Seal.objects.order_by("number"):
        seal.made_at = long_ago if seal.number < 3 else seal.made_at
        seal.previous, seal.digest = previous, b""
        seal.digest = previous = sealer.digest_of(seal)
        seal.signature = seals.Signer.of(key).sign(previous)
        seal.save()
    sealer.seal_note.write(seal, force=True)
    since = f"{timezone.now() - timedelta(days=2):%Y-%m-%d}"
    said = verify("--since", since)
    assert "seals: 1" in said and "matters: 1" in said
    newest = Event.objects.latest("pk")
    Event.objects.filter(pk=newest.pk).update(step="filed")
    assert any(each.startswith(f"event {newest.pk} ") for each in findings("--since", since))


def test_signatures_are_checked_with_a_public_key_alone(matter: Petition, tmp_path: Any, settings: Any) -> None:
    out = StringIO()
    call_command("verify_record", "--show-public-key", stdout=out)
    right, wrong = tmp_path / "right.pem", tmp_path / "wrong.pem"
    right.write_text(out.getvalue())
    wrong.write_text(seals.public_pem(seals.Signer.of(b"7" * 32).public))
    settings.SEAL_KEY = b"8" * 32  # this machine's own is another
    assert "The record is whole." in verify("--public-key", str(wrong), "--public-key", str(right))
    assert len([each for each in findings("--public-key", str(wrong)) if "not known here" in each]) == 3


def test_what_is_no_key_is_said_so(tmp_path: Any, owner: None, db: None) -> None:
    with pytest.raises(CommandError, match="cannot be used as a public key"):
        verify("--public-key", str(tmp_path / "nothing.pem"))


def test_a_seal_noted_on_paper_must_still_be_there(matter: Petition) -> None:
    seal = Seal.objects.get(number=2)
    assert "whole" in verify("--noted", f"2:{bytes(seal.digest).hex()}")
    assert findings("--noted", f"2:{'00' * 32}") == [
        "seal 2 was noted outside the database and is not in it: seals were cut off"
    ]
