"""What the worker does by itself: sending once, trying again, giving up in writing, throwing old things away."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from config.celery import BEAT, app
from petitions import tasks
from petitions.actions.send import Sent, send_waiting
from petitions.channels import Message, NotTaken, Outbox, channel
from petitions.models import Attachment, Draft, IdempotencyKey, Notice
from tests.cast import Cast, build_cast
from tests.makes import Makes

SENT: list[Message] = []


class Recorder:
    """A gateway that remembers."""

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, message: Message) -> None:
        SENT.append(message)


class Down(Recorder):
    """A gateway that takes nothing, and whose own words hold the number."""

    def send(self, message: Message) -> None:
        raise NotTaken(f"no route to {message.to}")


@pytest.fixture(autouse=True)
def _outbox(settings: Any, tmp_path: Any) -> None:
    SENT.clear()
    settings.OUTBOX_DIR = tmp_path / "outbox"


def lines(settings: Any, name: str) -> list[dict[str, str]]:
    path = settings.OUTBOX_DIR / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def waiting(**more: Any) -> Notice:
    return Notice.objects.create(channel="email", text="请签收", step="transfer", made_at=timezone.now(), **more)


def test_an_sms_to_a_petitioner_goes_into_the_file_without_a_word_of_the_matter(
    cast: Cast, make: Makes, settings: Any
) -> None:
    done = make.registered()
    assert send_waiting() == Sent(sent=1)
    (line,) = lines(settings, "sms")
    assert line["to"].endswith("19900000001") and "查询码" in line["text"]
    for secret in ("王小明", done.petition.number, done.petition.title, "寺前村"):
        assert secret not in line["text"]
    assert (settings.OUTBOX_DIR / "sms.jsonl").stat().st_mode & 0o777 == 0o600
    assert send_waiting() == Sent()
    assert len(lines(settings, "sms")) == 1


def test_staff_with_an_address_get_mail_that_names_the_number_alone(cast: Cast, make: Makes) -> None:
    cast.signer.user.email = "qianshou@example.cn"
    cast.signer.user.save()
    held = make.sent()
    assert send_waiting().sent == 3  # two to the petitioner, one mail
    (letter,) = mail.outbox
    assert letter.to == ["qianshou@example.cn"] and held.petition.number in letter.body
    assert held.petition.title not in letter.body + letter.subject and "王小明" not in letter.body
    desk = Notice.objects.get(post=cast.signer.post, channel="desk")
    assert desk.state == "sent" and desk.read_at is None


def test_which_roads_staff_are_told_by_is_a_setting(cast: Cast, make: Makes, settings: Any) -> None:
    settings.STAFF_CHANNELS = ["chat"]
    make.sent()
    send_waiting()
    assert [line["to"] for line in lines(settings, "chat")] == ["t-signer"]


def test_without_a_number_on_file_nothing_is_tried(cast: Cast, make: Makes) -> None:
    from petitions.actions import Person

    make.sent(people=[Person(name="李无号")])
    assert send_waiting() == Sent(nowhere=1)
    assert set(Notice.objects.filter(channel="sms").values_list("state", "tries")) == {("nowhere", 0)}


def test_what_is_not_taken_is_tried_again_later_and_given_up_in_writing(cast: Cast, make: Makes, settings: Any) -> None:
    settings.SMS_BACKEND, settings.NOTICE_TRIES = f"{__name__}.Down", 3
    make.registered()
    waits = []
    for outcome in (Sent(again=1), Sent(again=1), Sent(failed=1)):
        before = timezone.now()
        assert send_waiting() == outcome
        notice = Notice.objects.get(channel="sms")
        if notice.not_before and outcome.again:
            waits.append(round((notice.not_before - before).total_seconds()))
        assert send_waiting() == Sent()  # not before its time
        Notice.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert waits == [60, 120]
    assert (notice.state, notice.tries, notice.failure) == ("failed", 3, "NotTaken")  # and no number in it
    assert notice.ended_at is not None


def test_a_mail_server_that_refuses_stops_no_other_notice(cast: Cast, settings: Any, make: Makes) -> None:
    settings.EMAIL_BACKEND = "nowhere.at.all.Backend"
    cast.signer.user.email = "qianshou@example.cn"
    cast.signer.user.save()
    make.sent()
    assert send_waiting() == Sent(sent=2, again=1)
    assert Notice.objects.get(channel="email").failure == "ModuleNotFoundError"


def test_a_run_has_an_end(cast: Cast, make: Makes) -> None:
    for _ in range(3):
        make.registered()
    assert (send_waiting(2), send_waiting(2)) == (Sent(sent=2), Sent(sent=1))


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_notice_once(settings: Any) -> None:
    settings.SMS_BACKEND = f"{__name__}.Recorder"
    make = Makes(build_cast())
    for _ in range(6):
        make.registered()
    gate = threading.Barrier(3)

    def work() -> None:
        gate.wait()
        try:
            send_waiting()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    references = [message.reference for message in SENT]
    assert len(references) == len(set(references)) == 6


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_another_worker_holds_is_left_to_it(settings: Any) -> None:
    settings.SMS_BACKEND = f"{__name__}.Recorder"
    Makes(build_cast()).registered()
    found: list[Sent] = []

    def other() -> None:
        found.append(send_waiting())
        connection.close()

    with transaction.atomic():
        Notice.objects.select_for_update().get(channel="sms")
        worker = threading.Thread(target=other)
        worker.start()
        worker.join()
    assert found == [Sent()] and SENT == []
    assert send_waiting() == Sent(sent=1)


def test_a_worker_that_dies_leaves_its_notice_waiting(
    cast: Cast, make: Makes, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.registered()

    def die(self: Outbox, message: Message) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "send", die)
        with pytest.raises(SystemExit), transaction.atomic():
            send_waiting()
    assert Notice.objects.get(channel="sms").state == "waiting"
    assert send_waiting() == Sent(sent=1)


def test_every_channel_has_a_way_out(settings: Any) -> None:
    message = Message(to="群", text="请签收 <b>", reference="notice-1")
    for name in ("sms", "chat"):
        channel(name).send(message)
        assert lines(settings, name)[0]["text"] == "请签收 <b>"


# --- throwing away ----------------------------------------------------------------------------------------------


def test_old_keys_and_abandoned_drafts_go_with_their_files(
    cast: Cast, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    now = timezone.now()
    for number, days in enumerate((6, 8)):
        IdempotencyKey.objects.create(
            actor="post:1", key=str(number), body_hash="x", made_at=now - timedelta(days=days)
        )
    old, new = (Draft.objects.create(post=cast.registrar.post, title=title) for title in ("旧", "新"))
    Draft.objects.filter(pk=old.pk).update(saved_at=now - timedelta(days=31))
    stored = default_storage.save("abandoned", ContentFile(b"x"))
    Attachment.objects.create(
        draft=old, name="照片.jpg", media_type="image/jpeg", size=1, sha256="0" * 64, stored_as=stored, added_at=now
    )
    with django_capture_on_commit_callbacks(execute=True):
        done = tasks.sweep()
    assert not default_storage.exists(stored)
    assert done == {"keys": 1, "drafts": 1, "files": 1, "lists": 0, "exports": 0, "deliveries": 0, "tickets": 0}
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["0"]
    assert list(Draft.objects.all()) == [new]
    assert not Attachment.objects.exists()


def test_files_left_behind_by_a_draft_thrown_away_go_a_day_later(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    now = timezone.now()
    for number, hours in enumerate((23, 25)):
        Attachment.objects.create(
            name="照片.jpg", media_type="image/jpeg", size=1, sha256="0" * 64, added_at=now - timedelta(hours=hours),
            stored_as=default_storage.save(f"left-{number}", ContentFile(b"x")),
        )  # fmt: skip
    assert tasks.sweep()["files"] == 1
    assert [row.stored_as for row in Attachment.objects.all()] == ["left-0"]


def test_a_registered_drafts_files_stay_with_the_filing(cast: Cast, make: Makes) -> None:
    done = make.registered()
    draft = Draft.objects.create(post=cast.registrar.post, registered=done.filing)
    Draft.objects.update(saved_at=timezone.now() - timedelta(days=99))
    kept = Attachment.objects.create(
        petition=done.petition, filing=done.filing, draft=draft, name="a.pdf", media_type="application/pdf", size=1,
        sha256="0" * 64, stored_as="kept", added_at=timezone.now(),
    )  # fmt: skip
    assert tasks.sweep()["files"] == 0
    kept.refresh_from_db()
    assert kept.filing == done.filing


# --- the schedule -----------------------------------------------------------------------------------------------


def test_every_entry_of_the_schedule_is_a_task_and_runs(cast: Cast) -> None:
    app.loader.import_default_modules()
    for entry in BEAT.values():
        assert entry["task"] in app.tasks
    for name in ("petitions.night", "petitions.warnings", "petitions.send_notices", "petitions.sweep"):
        app.tasks[name].delay()


def test_an_office_that_was_closed_at_night_makes_up_for_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for task in (tasks.night, tasks.warnings, tasks.sweep):
        monkeypatch.setattr(task, "apply_async", lambda name=task.name, **_: asked.append(name))
    tasks.catch_up()
    assert asked == ["petitions.night", "petitions.warnings", "petitions.sweep"]
