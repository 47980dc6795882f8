"""Which seal was the last?  A note outside the database, so that seals cut off at the end are missed.

Whoever owns the database can remove the newest rows with the newest seals, and what is left fits together.  The file
``settings.SEAL_NOTE`` still names the seal that is gone.  It never moves back by itself.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from accounts.models import Seal

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Note:
    """The number and digest of a seal that the database must hold."""

    number: int
    digest: str  # hex

    @classmethod
    def parse(cls, text: str) -> Note:
        """Read "NUMBER:DIGEST"; raises ValueError."""
        number, _, digest = text.partition(":")
        if len(bytes.fromhex(digest)) != 32:
            raise ValueError("a digest has 64 hex digits")
        return cls(int(number), digest.lower())


def read() -> Note | None:
    """Return the note of this machine, if there is one; raises ValueError for a file that is none."""
    try:
        found = json.loads(Path(settings.SEAL_NOTE).read_text())
    except FileNotFoundError:
        return None
    return Note.parse(f"{found['number']}:{found['digest']}")


def is_held(note: Note) -> bool:
    """Whether the database has the seal that was noted."""
    return Seal.objects.filter(number=note.number, digest=bytes.fromhex(note.digest)).exists()


def write(seal: Seal, *, force: bool = False) -> None:
    """Note ``seal``, unless the one noted before is gone from the database: then the note stays as evidence.

    Args:
        force: note it in any case (a backup was restored).
    """
    try:
        before = read()
    except (ValueError, KeyError, TypeError):
        before = None
    if before is not None and not force and not is_held(before):
        logger.error("seal %s was noted and is gone from the database: run manage.py verify_record", before.number)
        return
    try:
        _replace(Path(settings.SEAL_NOTE), {"number": seal.number, "digest": bytes(seal.digest).hex()})
    except OSError as error:  # the seal stands all the same
        logger.error("seal %s could not be noted: %s", seal.number, error)


def _replace(path: Path, found: dict[str, object]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as out:
        json.dump(found, out)
    Path(name).replace(path)
