"""How is a backup made?  Of one moment, under another name until it is whole."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import AccessLog, Seal
from config.keep import dump
from config.keep.manifest import (
    BACKUP,
    DUMP,
    FORMAT,
    KEYS,
    MEDIA,
    PARTIAL,
    File,
    Manifest,
    Trouble,
    copy,
    files_below,
    key_prints,
    keys_as_text,
    measure,
    write,
)  # fmt: skip
from petitions.models import Attachment, Event, Paper, Petition

Say = Callable[[str], None]
COUNTED = {
    "matters": Petition, "events": Event, "papers": Paper, "attachments": Attachment, "access log rows": AccessLog,
    "seals": Seal,
}  # fmt: skip
_SPARE = 64 * 2**20  # bytes that must be free beside the files


def backup(target: Path, *, with_keys: bool = False, keep: int | None = None, say: Say = lambda _: None) -> Path:
    """Write a backup into a folder of its own below ``target`` and return that folder.

    Args:
        with_keys: put the keys in, too: then whoever has the backup reads everything.
        keep: remove the oldest backups below ``target`` beyond so many, once the new one is whole.

    Raises:
        Trouble: it could not be done; nothing that looks like a backup is left behind.
    """
    _check_target(target)
    with _alone(target), _words_for_the_disk(target):
        for rest in target.glob(f"{PARTIAL}*"):
            shutil.rmtree(rest)
        name = f"office-{datetime.now(UTC):%Y%m%d-%H%M%S}Z"
        if (target / name).exists():
            raise Trouble("A backup was made this very second.")
        partial = target / f"{PARTIAL}{name}"
        partial.mkdir(mode=0o700)
        try:
            write(partial, _fill(partial, with_keys=with_keys, say=say))
            os.sync()
            partial.rename(target / name)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        if keep is not None:
            _drop_old(target, keep, say)
    return target / name


def _check_target(target: Path) -> None:
    media = Path(settings.MEDIA_ROOT).resolve()
    if target.resolve().is_relative_to(media):
        raise Trouble(f"{target} lies in the folder of the attachments, which is backed up itself.")
    if target.exists() and not target.is_dir():
        raise Trouble(f"{target} is not a folder.")
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Trouble(f"{target} cannot be made: {error.strerror}.") from None
    if not os.access(target, os.W_OK | os.X_OK):
        raise Trouble(f"{target} is not writable for this user.")


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    handle = os.open(target, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Trouble(f"Another backup is being written into {target}.") from None
    finally:
        os.close(handle)


@contextmanager
def _words_for_the_disk(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Trouble(f"The disk of {target} is full. The unfinished backup was removed.") from None
        raise Trouble(f"The backup could not be written: {error}") from None


def _fill(folder: Path, *, with_keys: bool, say: Say) -> Manifest:
    """Everything but the manifest, which is returned."""
    files: dict[str, File] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version')")
        snapshot, server = cursor.fetchone()
        say("database ...")
        made_by = dump.write(folder / DUMP, snapshot)
        files[DUMP] = measure(folder / DUMP)
        files |= _copy_media(folder, say)
        _check_attachments(files, say)
        if with_keys:
            files[KEYS] = _write_keys(folder)
        return {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {"django": django.__version__, "postgresql": server, "pg_dump": str(made_by)},
            "migrations": [f"{app}.{name}" for app, name in sorted(MigrationRecorder(connection).applied_migrations())],
            "counts": counts(),
            "latest_seal": latest_seal(),
            "with_keys": with_keys,
            "key_prints": key_prints(),
            "files": files,
        }


def counts() -> dict[str, int]:
    """How many rows there are of what matters most."""
    return {name: model._default_manager.count() for name, model in COUNTED.items()}


def latest_seal() -> dict[str, Any] | None:
    """Number and digest of the last seal."""
    found = Seal.objects.order_by("-number").first()
    return {"number": found.number, "digest": bytes(found.digest).hex()} if found else None


def _copy_media(folder: Path, say: Say) -> dict[str, File]:
    """Copy the attachments: read after the database's moment, so that none that it names is missing."""
    media = Path(settings.MEDIA_ROOT)
    sources = list(files_below(media)) if media.is_dir() else []
    _check_room(folder, sources)
    say(f"attachments: {len(sources):,} files ...")
    found: dict[str, File] = {}
    for number, path in enumerate(sources, 1):
        name = f"{MEDIA}/{path.relative_to(media).as_posix()}"
        try:
            found[name] = copy(path, folder / name)
        except FileNotFoundError:  # of a draft that was thrown away meanwhile
            (folder / name).unlink(missing_ok=True)
        if number % 1000 == 0:
            say(f"  {number:,} of {len(sources):,} files")
    return found


def _check_room(folder: Path, sources: list[Path]) -> None:
    wanted = _SPARE + sum(path.stat().st_size for path in sources if path.exists())
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise Trouble(
            f"The disk is too full: the attachments need {wanted // 2**20:,} MB, {free // 2**20:,} MB are free."
        )


def _check_attachments(files: dict[str, File], say: Say) -> None:
    missing = [
        name
        for name in Attachment.objects.exclude(petition=None).values_list("stored_as", flat=True).iterator(5000)
        if f"{MEDIA}/{name}" not in files
    ]
    if missing:
        say(f"WARNING: {len(missing):,} attachments of the database have no file, among them {missing[0]}.")


def _write_keys(folder: Path) -> File:
    handle = os.open(folder / KEYS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(keys_as_text())
    return measure(folder / KEYS)


def _drop_old(target: Path, keep: int, say: Say) -> None:
    """Remove the oldest whole backups; renamed first, so that half of one is never taken for a whole."""
    whole = sorted(path for path in target.iterdir() if BACKUP.match(path.name) and path.is_dir())
    for old in whole[: max(0, len(whole) - keep)]:
        doomed = old.rename(target / f"{PARTIAL}{old.name}")
        shutil.rmtree(doomed)
        say(f"removed {old.name}")
