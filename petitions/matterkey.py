"""What opens a matter's words?  Its own key, wrapped on its row; destroying that erases them for good."""

from __future__ import annotations

from accounts.privacy import new_matter_key, unwrap_key, wrap_key
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
