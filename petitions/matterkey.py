"""What opens a matter's words?  Its own key, wrapped on its row; destroying that erases them for good."""

from __future__ import annotations

import base64

from accounts.privacy import new_matter_key, seal_with, unseal_with, unwrap_key, wrap_key
from petitions.models import Petition


def _aad(petition: Petition) -> bytes:
    """What binds a wrapped key to its own matter, so that two cannot be swapped."""
    return b"matter-key:" + petition.ref.encode()


def give_key(petition: Petition) -> bytes:
    """Make ``petition``'s own key, set it wrapped on the row (the caller saves) and return it."""
    key = new_matter_key()
    petition.wrapped_key = wrap_key(key, _aad(petition))
    return key


def key_of(petition: Petition) -> bytes | None:
    """Return the matter's key, ``None`` where it has been destroyed."""
    return unwrap_key(petition.wrapped_key, _aad(petition)) if petition.wrapped_key else None


_MARK = "key:"


def under_key(petition: Petition, words: str, place: str) -> str:
    """Return ``words`` sealed under the matter's key, as text: for a table that only grows, so that they go with the key.

    Raises:
        ValueError: the key has been destroyed.
    """
    key = key_of(petition)
    if key is None:
        raise ValueError("a matter whose key is destroyed takes no words")
    return _MARK + base64.b64encode(seal_with(key, words, place.encode())).decode()


def from_key(petition: Petition, kept: str, place: str) -> str:
    """Return what :func:`under_key` sealed, empty where the key has been destroyed; words kept before that are as they are."""
    if not kept.startswith(_MARK):
        return "" if petition.key_destroyed_at else kept
    key = key_of(petition)
    return unseal_with(key, base64.b64decode(kept.removeprefix(_MARK)), place.encode()) if key else ""
