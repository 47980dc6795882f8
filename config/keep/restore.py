"""How is a backup brought back?  Into an empty place only, checked before and after."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql

from accounts import seal_note
from accounts.append_only import TRIGGER
from accounts.models import Seal
from config import secrets
from config.keep import dump, manifest
from config.keep.backup import counts, latest_seal
from config.keep.manifest import DUMP, KEYS, MEDIA, Manifest, Trouble

Say = Callable[[str], None]
_NAMES = ("SECRET_KEY", "FIELD_KEYS", "BLIND_KEY", "SEAL_KEY")


def restore(source: Path, *, say: Say = lambda _: None) -> Manifest:
    """Bring the backup in the folder ``source`` back, and return its manifest.  The record is not verified yet.

    Raises:
        Trouble: it cannot be done.  Up to the database's own step nothing has been changed.
    """
    found = manifest.read(source)
    say(f"backup of {found['made_at']}: checking {len(found['files']):,} files ...")
    manifest.check_files(source, found, say)
    _check_code(found)
    _check_empty()
    _check_keys(found)
    media = Path(settings.MEDIA_ROOT)
    partial = media.with_name(f"{media.name}.restoring")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _copy_media(source, found, partial, say)
        say("database ...")
        dump.read(source / DUMP, int(found["versions"]["pg_dump"]))
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, OSError):
            raise Trouble(_disk(error, media)) from None
        raise
    if media.is_dir():
        media.rmdir()
    partial.rename(media)
    _settle(source, found, say)
    return found


def _disk(error: OSError, place: Path) -> str:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return (
        f"The disk of {place} is full; nothing was restored." if full else f"The files could not be restored: {error}"
    )


# --- before ------------------------------------------------------------------------------------------------------


def _check_code(found: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    apps = {name.split(".")[0] for name in known}
    newer = [name for name in found["migrations"] if name.split(".")[0] in apps and name not in known]
    if newer:
        raise Trouble(f"This backup was made by a newer version: it knows the migration {newer[0]}. Update first.")


def _check_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
        tables = cursor.fetchone()[0]
    if tables:
        raise Trouble(
            f"The database is not empty: it has {tables} tables. A backup is restored to an empty place only; "
            "see docs/operations.md, “Backup and restore”."
        )
    media = Path(settings.MEDIA_ROOT)
    if media.is_dir() and any(media.iterdir()):
        raise Trouble(f"{media} is not empty. A backup is restored to an empty place only: move it away first.")


def _check_keys(found: Manifest) -> None:
    """The keys here must be those of the backup, unless it brings them and nothing else says what they are."""
    here = manifest.key_prints()
    other = sorted(name for name, mark in found["key_prints"].items() if here.get(name) != mark)
    if not other:
        return
    given = [name for name in _NAMES if os.environ.get(name)]
    if not found["with_keys"]:
        raise Trouble(
            f"These are not the keys of that office ({', '.join(other)}): nothing could be read. "
            f"Put its secrets.json into {settings.VAR_DIR} (or set the variables), then again."
        )
    if given:
        raise Trouble(f"The environment gives other keys than the backup holds: unset {', '.join(given)}, then again.")


# --- bringing back -----------------------------------------------------------------------------------------------


def _copy_media(source: Path, found: Manifest, to: Path, say: Say) -> None:
    files = {name: file for name, file in found["files"].items() if name.startswith(f"{MEDIA}/")}
    to.mkdir(parents=True, mode=0o700)
    wanted, free = sum(file["size"] for file in files.values()), shutil.disk_usage(to).free
    if free < wanted:
        raise Trouble(
            f"The disk is too full: the attachments need {wanted // 2**20:,} MB, {free // 2**20:,} MB are free."
        )
    say(f"attachments: {len(files):,} files ...")
    for name, file in files.items():
        if manifest.copy(source / name, to / name.removeprefix(f"{MEDIA}/")) != file:
            raise Trouble(f"{name} has changed while it was being restored; nothing was restored.")


def _settle(source: Path, found: Manifest, say: Say) -> None:
    """After the data: keys, rights, newer migrations, the note of the last seal; then count."""
    if found["with_keys"]:
        _bring_keys(source, say)
    _close_history()
    say("tables brought in step ...")
    call_command("migrate", verbosity=0, interactive=False)
    if (last := Seal.objects.order_by("-number").first()) is not None:
        seal_note.write(last, force=True)
    here: dict[str, Any] = {"counts": counts(), "latest_seal": latest_seal()}
    if here != {"counts": found["counts"], "latest_seal": found["latest_seal"]}:
        raise Trouble(f"What was restored is not what was backed up: {here} instead of {found['counts']}.")


def _bring_keys(source: Path, say: Say) -> None:
    """Put the backup's keys in place; keys that this place made for itself are moved aside, not lost."""
    place = Path(settings.VAR_DIR) / KEYS
    if place.exists():
        aside = place.with_name(f"{KEYS}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
        place.rename(aside)
        say(f"the keys that were here are now {aside}")
    manifest.copy(source / KEYS, place)
    kept = secrets.load(Path(settings.VAR_DIR))
    settings.FIELD_KEYS, settings.BLIND_KEY, settings.SEAL_KEY = kept.field_keys, kept.blind_key, kept.seal_key


def _close_history() -> None:
    """Take from the app role what default rights gave it on history; migrate then gives what it should have."""
    role = settings.DB_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND rolname <> current_user)", [role])
        if not cursor.fetchone()[0]:
            return
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s", [f"{TRIGGER}_update"])
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.SQL(table), sql.Identifier(role)))
