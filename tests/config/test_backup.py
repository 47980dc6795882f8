"""Backups: one is brought back to a fresh place and verified; half ones and damaged ones are never taken for whole."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import sealer
from config import embedded
from config.keep import backup as keeping
from config.keep import dump, manifest, restore
from config.keep.manifest import Trouble
from petitions import attachments
from petitions.models import Attachment, Draft, Event, Petition
from tests.makes import Makes

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000") + b"\x1f\x15\xc4\x89" + b"pixels" * 9


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "office" / "media"
    settings.SEAL_NOTE = tmp_path / "last-seal.json"


def backup(target: Path, **options: Any) -> str:
    out = StringIO()
    call_command("backup", str(target), stdout=out, **options)
    return out.getvalue()


def made_in(target: Path) -> list[Path]:
    return sorted(path for path in target.iterdir() if manifest.BACKUP.match(path.name))


# --- there and back ------------------------------------------------------------------------------------------------


def _url(login: str, name: str) -> str:
    known = settings.DB_OWNER if login == "owner" else settings.DATABASES["default"]
    who = f"{quote(known['USER'], safe='')}:{quote(known['PASSWORD'], safe='')}"
    if str(known["HOST"]).startswith("/"):
        return f"postgresql://{who}@/{name}?host={quote(str(known['HOST']), safe='')}&port={known['PORT']}"
    return f"postgresql://{who}@{known['HOST']}:{known['PORT'] or 5432}/{name}"


@pytest.fixture
def fresh() -> Iterator[str]:
    """The name of an empty database beside the test's."""
    name = f"test_fresh_{secrets.token_hex(4)}"
    owner = settings.DB_OWNER
    login = {"host": owner["HOST"], "port": owner["PORT"] or None, "user": owner["USER"], "password": owner["PASSWORD"]}
    there = psycopg2.connect(dbname=connection.settings_dict["NAME"], **login)
    there.autocommit = True
    with there.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        yield name
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    there.close()


def manage(database: str, var: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of another office: its own database, its own var."""
    urls = {"DATABASE_URL": _url("app", database), "DATABASE_OWNER_URL": _url("owner", database)}
    if len(set(urls.values())) == 1:
        del urls["DATABASE_OWNER_URL"]  # a given server with a single login: it becomes the app role by itself
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OFFICE_", "DJANGO_", "PYTEST"))}
    var.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=embedded.ROOT, text=True, capture_output=True, check=False,
        env={**kept, **urls, "REDIS_URL": "redis://127.0.0.1:1/0", "OFFICE_VAR": str(var), **environment},
    )  # fmt: skip


def with_a_file(make: Makes) -> Petition:
    """A matter with a file, known to the one who reads it back."""
    run = make.issued()
    by = make.cast.registrar
    draft = Draft.objects.create(post=by.post)
    row = attachments.take(SimpleUploadedFile("照片.png", PNG), by=by, draft=draft)
    attachments.hand_over([row], run.petition, run.petition.filings.get().pk)
    return run.petition


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_brought_back_to_a_fresh_place_and_verified(make: Makes, fresh: str, tmp_path: Path) -> None:
    petition = with_a_file(make)
    sealer.seal_all()
    said = backup(tmp_path / "safe", with_keys=True)
    (made,) = made_in(tmp_path / "safe")
    assert "WARNING" in said and (made / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert made.stat().st_mode & 0o777 == 0o700 and (made / "database.dump").stat().st_mode & 0o777 == 0o600

    var = tmp_path / "fresh"
    done = manage(fresh, var, "restore", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The record is whole." in done.stdout and "Restored: the office as it was" in done.stdout

    (kept,) = (var / "media").iterdir()
    assert kept.read_bytes() == (Path(settings.MEDIA_ROOT) / kept.name).read_bytes()
    read = (
        "from petitions.models import *; from petitions import attachments as a; from django.db import connection as c;"
        f"p = Petition.objects.get(number='{petition.number}'); e = c.cursor();"
        "print(p.title, Event.objects.count(), b''.join(a.open_plain(p.attachments.get())).hex());"
        "e.execute(\"SELECT current_user, has_table_privilege('petitions_event', 'UPDATE'),"
        " has_table_privilege('petitions_event', 'INSERT'), has_table_privilege('petitions_petition', 'UPDATE')\");"
        "print(*e.fetchone())"
    )
    looked = manage(fresh, var, "shell", "-v", "0", "-c", read)
    assert looked.stdout.splitlines() == [
        f"{petition.title} {Event.objects.count()} {PNG.hex()}", f"{settings.DB_APP_ROLE} False True True",
    ], looked.stderr  # fmt: skip

    again = manage(fresh, var, "restore", str(made))
    assert again.returncode == 1 and "The database is not empty" in again.stderr


@pytest.mark.django_db(transaction=True)
def test_without_the_keys_of_that_office_nothing_is_restored(make: Makes, fresh: str, tmp_path: Path) -> None:
    make.registered()
    backup(tmp_path / "safe")
    (made,) = made_in(tmp_path / "safe")
    assert not (made / "secrets.json").exists()
    refused = manage(fresh, tmp_path / "fresh", "restore", str(made))
    assert (
        refused.returncode == 1 and "not the keys of that office (BLIND_KEY, FIELD_KEYS 1, SEAL_KEY)" in refused.stderr
    )
    assert not (tmp_path / "fresh" / "media").exists()
    (tmp_path / "fresh" / "secrets.json").write_text(manifest.keys_as_text())
    done = manage(fresh, tmp_path / "fresh", "restore", str(made))
    assert done.returncode == 0, done.stdout + done.stderr


# --- what is in it -------------------------------------------------------------------------------------------------


@pytest.fixture
def whole(db: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A backup with two attachments and a stand-in for the dump."""

    def fill(folder: Path, *, with_keys: bool, say: Any) -> Any:
        (folder / "database.dump").write_bytes(b"PGDMP" * 100)
        files = {"database.dump": manifest.measure(folder / "database.dump"), **keeping._copy_media(folder, say)}
        return {
            "format": 1, "made_at": "2026-01-31T02:00:00+00:00", "versions": {"pg_dump": "18"}, "migrations": [],
            "counts": {}, "latest_seal": None, "with_keys": False, "key_prints": manifest.key_prints(), "files": files,
        }  # fmt: skip

    monkeypatch.setattr(keeping, "_fill", fill)
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True)
    for name in ("a" * 32, "b" * 32):
        (media / name).write_bytes(name.encode() * 1000)
    return keeping.backup(tmp_path / "safe")


def test_the_manifest_names_every_file_with_size_and_hash(whole: Path) -> None:
    found = manifest.read(whole)
    manifest.check_files(whole, found, print)
    assert set(found["files"]) == {"database.dump", "media/" + "a" * 32, "media/" + "b" * 32}
    assert found["files"]["media/" + "a" * 32]["size"] == 32000
    assert all(len(file["sha256"]) == 64 for file in found["files"].values())


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda at: (at / "media" / ("a" * 32)).unlink(), "missing"),
        (lambda at: (at / "media" / ("a" * 32)).write_bytes(b"short"), "5 bytes instead of 32,000"),
        (lambda at: (at / "media" / ("a" * 32)).write_bytes(b"x" * 32000), "other contents"),
        (lambda at: (at / "media" / "more").write_bytes(b"x"), "not in the manifest"),
        (lambda at: (at / "manifest.json").write_text("{"), "cannot be read"),
        (lambda at: (at / "manifest.json").write_text('{"format": 9}'), "not of format 1"),
        (lambda at: (at / "manifest.json").write_text('{"format": 1, "files": {}}'), "not whole"),
        (lambda at: (at / "manifest.json").unlink(), "it has no manifest.json"),
    ],
)
def test_a_damaged_backup_is_refused_with_what_is_wrong(damage: Any, words: str, whole: Path) -> None:
    damage(whole)
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(whole), stdout=StringIO())


def test_a_path_out_of_the_backup_is_refused(whole: Path) -> None:
    found = manifest.read(whole)
    found["files"]["media/../../../outside"] = {"size": 1, "sha256": ""}
    manifest.write(whole, found)
    with pytest.raises(CommandError, match="leads out of the backup"):
        call_command("restore", str(whole), stdout=StringIO())


def test_a_place_in_use_is_refused(whole: Path) -> None:
    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("restore", str(whole), stdout=StringIO())


def test_a_backup_of_newer_code_is_refused(whole: Path) -> None:
    found = manifest.read(whole)
    found["migrations"] = ["accounts.0001_initial", "petitions.9999_of_tomorrow"]
    manifest.write(whole, found)
    with pytest.raises(Trouble, match=r"petitions\.9999_of_tomorrow"):
        restore.restore(whole)


def test_the_folder_of_all_backups_is_none_and_the_newest_is_named(whole: Path) -> None:
    with pytest.raises(Trouble, match=f"The newest one in it is {whole}"):
        manifest.read(whole.parent)


def test_what_did_not_end_is_not_taken_for_a_backup(
    whole: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keeping, "write", full)
    with pytest.raises(CommandError, match=r"The disk of .* is full"):
        backup(tmp_path / "other")
    assert list((tmp_path / "other").iterdir()) == []
    killed = whole.rename(whole.with_name(f".partial-{whole.name}"))
    with pytest.raises(Trouble, match="did not end"):
        manifest.read(killed)


def test_the_rest_of_a_killed_one_is_swept_away_and_old_ones_are_dropped(whole: Path) -> None:
    target = whole.parent
    (target / ".partial-office-20250101-000000Z").mkdir()
    (target / "not ours").mkdir()
    for day in (1, 2, 3):
        (target / f"office-2025010{day}-000000Z").mkdir()
    whole.rename(target / "office-20250104-000000Z")
    said = backup(target, keep=2)
    assert [path.name for path in made_in(target)][:1] == ["office-20250104-000000Z"]
    assert len(made_in(target)) == 2 and said.count("removed office-") == 3
    assert (target / "not ours").exists() and not list(target.glob(".partial*"))


def test_bad_targets_are_refused_in_words(db: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target, words in (
        (tmp_path / "file", "is not a folder"),
        (tmp_path / "file" / "below", "cannot be made"),
        (Path(settings.MEDIA_ROOT) / "inside", "is backed up itself"),
    ):
        with pytest.raises(CommandError, match=words):
            backup(target)
    with pytest.raises(CommandError, match="1 or more"):
        backup(tmp_path / "safe", keep=0)


def test_two_backups_into_one_folder_wait_for_nobody(whole: Path) -> None:
    with keeping._alone(whole.parent), pytest.raises(CommandError, match="Another backup is being written"):
        backup(whole.parent)


def test_a_tool_too_old_for_the_server_is_said_so() -> None:
    with pytest.raises(Trouble, match=r"pg_dump 99 or newer is needed; found only version 18"):
        dump.tool("pg_dump", 99)


@pytest.mark.django_db(transaction=True)
def test_a_dump_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "_dsn", lambda: "host=/nowhere dbname=none")
    with pytest.raises(CommandError, match="pg_dump failed"):
        backup(tmp_path / "safe")
    assert list((tmp_path / "safe").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_an_attachment_without_its_file_is_told(make: Makes, tmp_path: Path) -> None:
    with_a_file(make)
    (Path(settings.MEDIA_ROOT) / Attachment.objects.get().stored_as).unlink()
    assert "1 attachments of the database have no file" in backup(tmp_path / "safe")
    assert json.loads((made_in(tmp_path / "safe")[0] / "manifest.json").read_text())["counts"]["attachments"] == 1
