"""The sealer: every committed row is sealed once, however late it was committed; seals are chained and signed."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from accounts import seal_note, sealer, seals
from accounts.models import AccessLog, Seal, SealedRow
from accounts.tasks import seal as seal_task
from config.celery import BEAT, app
from petitions.models import Event, Paper
from tests.makes import Makes


@pytest.fixture(autouse=True)
def _note(settings: Any, tmp_path: Any) -> None:
    settings.SEAL_NOTE = tmp_path / "last-seal.json"


def read_something(times: int = 1) -> None:
    for _ in range(times):
        AccessLog.objects.create(kind="read", target="petition:abc", data={"page": 1})


def sealed(kind: str) -> list[int]:
    return list(
        SealedRow.objects.filter(kind=kind).order_by("seal__number", "position").values_list("row_id", flat=True)
    )


# --- the pure part ---------------------------------------------------------------------------------------------------


def _naive(leaves: list[bytes]) -> bytes:
    """RFC 6962 by its definition."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + _naive(leaves[:half]) + _naive(leaves[half:])).digest()


@pytest.mark.parametrize("count", [*range(18), 100])
def test_the_root_is_that_of_the_definition_for_any_number_of_leaves(count: int) -> None:
    leaves = [seals.leaf("x", [n]) for n in range(count)]
    tree = seals.Tree()
    for each in leaves:
        tree.add(each)
    assert (tree.root(), tree.count) == (_naive(leaves), count)


def test_every_part_of_a_seal_changes_its_digest() -> None:
    said: dict[str, Any] = {
        "number": 1, "made_at": timezone.now(), "count": 2, "root": b"r" * 32, "previous": b"", "settled": {"access": 3},
        "key_id": "k",
    }  # fmt: skip
    others = {
        "number": 2, "made_at": said["made_at"] + timezone.timedelta(microseconds=1), "count": 3, "root": b"s" * 32,
        "previous": b"p", "settled": {"access": 4}, "key_id": "l",
    }  # fmt: skip
    found = {seals.digest(**said)} | {seals.digest(**(said | {name: other})) for name, other in others.items()}
    assert len(found) == 1 + len(others)


def test_public_keys_are_read_from_a_file_of_several() -> None:
    signers = [seals.Signer.of(bytes([n]) * 32) for n in (1, 2)]
    keys = seals.read_public("".join(seals.public_pem(each.public) for each in signers))
    assert [seals.key_id(key) for key in keys] == [each.key_id for each in signers]
    assert seals.is_signed(keys[0], signers[0].sign(b"d"), b"d") and not seals.is_signed(
        keys[1], signers[0].sign(b"d"), b"d"
    )


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(seals.NotAKey):
        seals.read_public(text)


# --- sealing ---------------------------------------------------------------------------------------------------------


def test_events_papers_and_readings_are_sealed_once(make: Makes) -> None:
    make.issued()
    read_something(3)
    everything = Event.objects.count() + AccessLog.objects.count() + Paper.objects.count()
    assert Paper.objects.exists()
    assert sealer.seal_all() == everything
    assert sealer.seal_all() == 0
    for kind, model in (("event", Event), ("access", AccessLog), ("paper", Paper)):
        assert sealed(kind) == list(model.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db
def test_seals_are_chained_signed_and_noted_outside_the_database() -> None:
    for _ in range(3):
        read_something(2)
        sealer.seal_all()
    found = list(Seal.objects.order_by("number"))
    public = seals.Signer.of(settings.SEAL_KEY).public
    assert [s.number for s in found] == [1, 2, 3]
    assert [bytes(s.previous) for s in found] == [b"", bytes(found[0].digest), bytes(found[1].digest)]
    assert all(sealer.digest_of(s) == bytes(s.digest) for s in found)
    assert all(seals.is_signed(public, bytes(s.signature), bytes(s.digest)) for s in found)
    note = json.loads(settings.SEAL_NOTE.read_text())
    assert note == {"number": 3, "digest": bytes(found[2].digest).hex()}


@pytest.mark.django_db
def test_a_great_many_rows_make_several_seals_in_order() -> None:
    read_something(23)
    assert sealer.seal_all(batch=10) == 23
    assert list(Seal.objects.order_by("number").values_list("count", flat=True)) == [10, 10, 3]
    assert sealed("access") == list(AccessLog.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_run_ends_when_its_time_is_over_and_the_next_goes_on() -> None:
    read_something(23)
    assert sealer.seal_all(batch=10, seconds=0) == 10
    assert sealer.seal_all(batch=10) == 13


@pytest.mark.django_db
def test_nothing_new_makes_no_seal() -> None:
    assert sealer.seal_all() == 0
    assert not Seal.objects.exists()


@pytest.mark.django_db
def test_a_note_of_a_seal_that_is_gone_is_kept_as_evidence(caplog: pytest.LogCaptureFixture) -> None:
    settings.SEAL_NOTE.write_text(json.dumps({"number": 9, "digest": "ab" * 32}))
    read_something()
    sealer.seal_all()
    assert json.loads(settings.SEAL_NOTE.read_text())["number"] == 9
    assert "seal 9 was noted and is gone" in caplog.text
    seal_note.write(Seal.objects.get(), force=True)
    assert json.loads(settings.SEAL_NOTE.read_text())["number"] == 1


@pytest.mark.django_db
def test_a_note_that_cannot_be_written_stops_no_seal(caplog: pytest.LogCaptureFixture, tmp_path: Any) -> None:
    settings.SEAL_NOTE = tmp_path / "no such folder" / "note"
    read_something()
    assert sealer.seal_all() == 1
    assert "could not be noted" in caplog.text


@pytest.mark.django_db
def test_each_minute_reads_only_what_is_above_the_settled_rows(django_assert_num_queries: Any) -> None:
    read_something(5)
    sealer.seal_all()
    last = AccessLog.objects.latest("pk").pk
    assert Seal.objects.get().settled["access"] == last
    read_something()
    sealer.seal_all()
    assert Seal.objects.get(number=2).settled["access"] == last + 1


def test_the_clock_knows_the_task() -> None:
    assert (BEAT["seal"]["task"], BEAT["seal"]["schedule"]) == ("accounts.seal", 60)
    assert seal_task.name in app.tasks


# --- with real transactions --------------------------------------------------------------------------------------------


class Elsewhere(threading.Thread):
    """A transaction of another connection, held open until told."""

    def __init__(self, work: Any) -> None:
        super().__init__(daemon=True)
        self.work, self.ready, self.go_on = work, threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.work()
                self.ready.set()
                self.go_on.wait(20)
        finally:
            self.ready.set()
            connection.close()

    def __enter__(self) -> Elsewhere:
        self.start()
        assert self.ready.wait(20)
        return self

    def __exit__(self, *_: Any) -> None:
        self.end()

    def end(self) -> None:
        self.go_on.set()
        self.join(20)


@pytest.mark.django_db(transaction=True)
def test_a_row_committed_after_a_higher_one_was_sealed_is_not_missed() -> None:
    with Elsewhere(read_something) as late:
        read_something()
        high = AccessLog.objects.get().pk
        assert sealer.seal_all(patience=0.1) == 1
        assert Seal.objects.get().settled["access"] < high - 1
        late.end()
        low = AccessLog.objects.earliest("pk").pk
        assert low < high
        assert sealer.seal_all() == 1
        assert sealed("access") == [high, low]
        assert Seal.objects.get(number=2).settled["access"] == high


@pytest.mark.django_db(transaction=True)
def test_a_number_taken_before_the_row_is_written_is_waited_for_too() -> None:
    taken: list[int] = []

    def take() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_accesslog', 'id'))")
            taken.append(cursor.fetchone()[0])

    with Elsewhere(take) as late:
        read_something()
        sealer.seal_all(patience=0.1)
        assert Seal.objects.get().settled["access"] < taken[0]
        late.end()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_comes_below_the_settled_ones_is_never_sealed() -> None:
    read_something(2)
    sealer.seal_all()
    low = AccessLog.objects.earliest("pk").pk - 1
    AccessLog.objects.create(pk=low, kind="read", target="petition:slipped-in")
    assert sealer.seal_all() == 0


@pytest.mark.django_db(transaction=True)
def test_two_sealers_never_run_at_once() -> None:
    def lock() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealer.LOCK])

    read_something()
    with Elsewhere(lock) as other:
        assert seal_task() == 0
        other.end()
    assert seal_task() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["accounts_seal", "accounts_sealedrow", "accounts_accesslog", "petitions_event"])
@pytest.mark.parametrize("breach", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_app_cannot_change_what_is_sealed(table: str, breach: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(breach.format(table))
