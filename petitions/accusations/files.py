"""How is a file of a sealed report taken in and opened?  By the report's own key, which wraps the file's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.http import content_disposition_header

from accounts.privacy import seal_with, unseal_bytes_with, unseal_with
from petitions import attachments
from petitions.accusations import words
from petitions.models import Accusation, AccusationFile, Attachment

FROM_REPORTER = "reporter"  # whose files go on with a letter; files without an origin came in with the report


def opened(file: AccusationFile, key: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what is known of a file (name, media_type, size; later ones also origin and day), and its own key."""
    place = file.stored_as.encode()
    meta: dict[str, Any] = json.loads(unseal_with(key, file.sealed, b"accusation-meta:" + place))
    return meta, unseal_bytes_with(key, file.sealed_key, b"accusation-file:" + place)


def plain(file: AccusationFile) -> tuple[str, Iterator[bytes]]:
    """Return the header under which a file is handed out, and its content.

    Raises:
        WrongMoment: the bytes are not those that were kept.
    """
    meta, own = opened(file, words.key_of(file.accusation))
    pieces = attachments.open_with(file.stored_as, own)
    first = next(pieces, b"")  # what cannot be opened is refused before anything is sent
    return content_disposition_header(True, meta["name"]) or "attachment", chain([first], pieces)


def of_reporter(row: Accusation, key: bytes) -> list[str]:
    """Return the names of the files that came from who reports, in their order: what goes on with a letter."""
    known = [opened(file, key)[0] for file in row.files.order_by("pk")]
    return [meta["name"] for meta in known if meta.get("origin", FROM_REPORTER) == FROM_REPORTER]


def add(
    row: Accusation, uploads: Sequence[UploadedFile], *, key: bytes, origin: str, day: date, written: list[str]
) -> list[str]:
    """Check and keep uploaded files with a report whose lock is held, and return their names.

    Args:
        written: where they lie is noted here one by one, so that the caller throws them away should the rest fail.

    Raises:
        BadInput: one of them cannot be taken, or there would be too many.
    """
    held = [opened(file, key)[0]["size"] for file in row.files.all()]
    attachments.check_room(held, [upload.size or 0 for upload in uploads], "一件材料")
    names = []
    for upload in uploads:
        meta, stored_as, own = attachments.take_apart(upload)
        written.append(stored_as)
        _keep(row, key, meta | {"origin": origin, "on": day.isoformat()}, stored_as, own)
        names.append(meta["name"])
    return names


def take_over(row: Accusation, files: Sequence[Attachment], key: bytes) -> None:
    """Let files of the open tables change hands: their bytes stay, their key is sealed anew."""
    for file in files:
        meta = {"name": file.name, "media_type": file.media_type, "size": file.size}
        stored_as, own = attachments.release(file)
        _keep(row, key, meta, stored_as, own)


def _keep(row: Accusation, key: bytes, meta: dict[str, Any], stored_as: str, own: bytes) -> None:
    place = stored_as.encode()
    AccusationFile.objects.create(
        accusation=row, stored_as=stored_as, sealed_key=seal_with(key, own, b"accusation-file:" + place),
        sealed=seal_with(key, json.dumps(meta, ensure_ascii=False), b"accusation-meta:" + place),
    )  # fmt: skip
