"""How is a file of a sealed report opened?  By the report's own key, which wraps the file's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.utils.http import content_disposition_header

from accounts.privacy import unseal_bytes_with, unseal_with
from petitions import attachments
from petitions.accusations import words
from petitions.models import AccusationFile


def opened(file: AccusationFile, key: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what is known of a file (name, media_type, size), and its own key."""
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
