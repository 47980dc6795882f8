"""How is personal data kept unreadable to whoever holds only the disk?

Values are sealed with AES-256-GCM under a key that lives outside the database (``settings.FIELD_KEYS``) and found again
by a keyed hash (``settings.BLIND_KEY``). A sealed value is

    version (1 byte) · cipher (1) · length of key id (1) · key id · nonce (12) · ciphertext and tag

The header is authenticated with the caller's ``aad``, which says where the value belongs ("table.column"), so that a
ciphertext copied into another column does not open (copied to another row of its own column it does: the row has no id
yet when it is sealed; what must be bound to its matter is sealed under the matter's own key). Another cipher (SM4) or hash (SM3) is one entry in `CIPHERS` or
`HASHES`; old values keep opening because each names its cipher and key.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.validators import MaxLengthValidator
from django.db import models

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
# The key id of a value sealed under a matter's own key: the key is found by the matter, not by the header.
OWN_KEY = "-"


class PrivacyError(Exception):
    """A sealed value cannot be opened: wrong key, wrong place or altered. Never says anything of the content."""


class Cipher(Protocol):
    """An authenticated cipher on a 32-byte key and a 12-byte nonce."""

    def __init__(self, key: bytes) -> None: ...

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return ciphertext with its tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return the plaintext or raise InvalidTag."""


# The number is written into each value and is never given to another cipher.
CIPHERS: Mapping[str, tuple[int, type[Cipher]]] = {"aes-256-gcm": (1, AESGCM)}
HASHES: Mapping[str, Callable[..., Any]] = {"sha256": sha256}


# --- keys ------------------------------------------------------------------------------------------------------------


def current_key_id() -> str:
    """Return the id of the key that new values are sealed with: the highest of FIELD_KEYS ("10" is above "9")."""
    if not settings.FIELD_KEYS:
        raise ImproperlyConfigured("FIELD_KEYS names no key")
    return max(settings.FIELD_KEYS, key=lambda name: (len(name), name))


def _master(key_id: str) -> bytes:
    if key_id not in settings.FIELD_KEYS:
        raise PrivacyError(f"no field key {key_id!r}")
    return _raw(settings.FIELD_KEYS[key_id])


def _raw(key: bytes | str) -> bytes:
    """Return the 32 bytes of a key given as they are or in base64 (standard or URL-safe)."""
    raw = key if isinstance(key, bytes) else _decoded(key)
    if len(raw) != KEY_BYTES:
        raise ImproperlyConfigured(f"a key has {KEY_BYTES} bytes")
    return raw


@lru_cache(maxsize=32)
def _decoded(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/"))


def new_matter_key() -> bytes:
    """Return a fresh 32-byte key for one matter; destroying it erases what it sealed."""
    return os.urandom(KEY_BYTES)


def wrap_key(key: bytes, aad: bytes) -> bytes:
    """Return a matter's ``key`` sealed under the master key; ``aad`` names the matter (b"matter:" + ref)."""
    if len(key) != KEY_BYTES:
        raise ValueError("a matter key has 32 bytes")
    return seal(key, b"key:" + aad)


def unwrap_key(wrapped: bytes | memoryview, aad: bytes) -> bytes:
    """Return the matter's key again; raises PrivacyError."""
    return unseal_bytes(wrapped, b"key:" + aad)


def needs_new_seal(sealed: bytes | memoryview) -> bool:
    """Whether a value was sealed under another than the current master key (key rotation asks this)."""
    return bool(sealed) and _parse(bytes(sealed))[1] not in (current_key_id(), OWN_KEY)


def reseal(sealed: bytes | memoryview, aad: bytes) -> bytes:
    """Return the same value sealed under the current master key."""
    return seal(unseal_bytes(sealed, aad), aad)


# --- seal and unseal -------------------------------------------------------------------------------------------------


def seal(plaintext: str | bytes, aad: bytes) -> bytes:
    """Return ``plaintext`` sealed under the current master key, bound to ``aad``."""
    key_id = current_key_id()
    return _seal(_master(key_id), key_id, plaintext, aad)


def unseal(sealed: bytes | memoryview, aad: bytes) -> str:
    """Return the text sealed by `seal`; raises PrivacyError."""
    return unseal_bytes(sealed, aad).decode()


def unseal_bytes(sealed: bytes | memoryview, aad: bytes) -> bytes:
    """Return the bytes sealed by `seal`; raises PrivacyError."""
    sealed = bytes(sealed)
    return _open(_master(_parse(sealed)[1]), sealed, aad)


def seal_with(key: bytes, plaintext: str | bytes, aad: bytes) -> bytes:
    """Return ``plaintext`` sealed under a matter's own ``key``."""
    return _seal(key, OWN_KEY, plaintext, aad)


def unseal_with(key: bytes, sealed: bytes | memoryview, aad: bytes) -> str:
    """Return the text sealed by `seal_with`; raises PrivacyError."""
    return unseal_bytes_with(key, sealed, aad).decode()


def unseal_bytes_with(key: bytes, sealed: bytes | memoryview, aad: bytes) -> bytes:
    """Return the bytes sealed by `seal_with` (a file); raises PrivacyError."""
    return _open(key, bytes(sealed), aad)


def _seal(key: bytes, key_id: str, plaintext: str | bytes, aad: bytes) -> bytes:
    number, cipher = CIPHERS[settings.FIELD_CIPHER]
    name = key_id.encode()
    header = bytes((VERSION, number, len(name))) + name
    nonce = os.urandom(NONCE_BYTES)
    data = plaintext.encode() if isinstance(plaintext, str) else plaintext
    return header + nonce + cipher(key).encrypt(nonce, data, header + aad)


def _open(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    header, _, cipher = _parse(sealed)
    nonce_end = len(header) + NONCE_BYTES
    try:
        return cipher(key).decrypt(sealed[len(header) : nonce_end], sealed[nonce_end:], header + aad)
    except (InvalidTag, ValueError):
        raise PrivacyError("a sealed value does not open") from None


def _parse(sealed: bytes) -> tuple[bytes, str, type[Cipher]]:
    """Return header, key id and cipher of a sealed value."""
    if len(sealed) < 3 + NONCE_BYTES or sealed[0] != VERSION:
        raise PrivacyError("not a sealed value")
    header = sealed[: 3 + sealed[2]]
    for number, cipher in CIPHERS.values():
        if number == sealed[1]:
            return header, header[3:].decode("ascii", "replace"), cipher
    raise PrivacyError("sealed with an unknown cipher")


# --- blind index -----------------------------------------------------------------------------------------------------


def blind(value: str, kind: str) -> str:
    """Return 64 hex digits by which an equal ``value`` is found, or "" for an empty one.

    ``kind`` ("id", "phone", "query-code") gives each column its own key, so that columns cannot be compared. The caller
    brings ``value`` into one form first (`accounts.identity`). Without BLIND_KEY the digits cannot be tried out, which
    matters because every ID number in the country could be hashed in an hour.
    """
    if not value:
        return ""
    chosen = HASHES[settings.BLIND_HASH]
    return hmac.digest(_column_key(_raw(settings.BLIND_KEY), kind, chosen), value.encode(), chosen).hex()


@lru_cache(maxsize=32)
def _column_key(key: bytes, kind: str, chosen: Callable[..., Any]) -> bytes:
    return hmac.digest(key, b"blind:" + kind.encode(), chosen)


# --- the column ------------------------------------------------------------------------------------------------------

if TYPE_CHECKING:
    _TextField = models.Field[str, str]
else:
    _TextField = models.Field


class EncryptedTextField(_TextField):
    """Text in Python, sealed bytes in the database (bytea), bound to "table.column".

    An empty string is stored as empty bytes: whether a value is there is no secret, and costs nothing to ask. It cannot
    be searched or sorted (keep a `blind` column beside it) and is not written by serializers, so that a dump holds none
    of it in clear.
    """

    description = "Text encrypted in the column"
    empty_strings_allowed = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def get_internal_type(self) -> str:
        """Stored as bytes."""
        return "BinaryField"

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse all questions but "is it null": equal texts have different ciphertexts."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: search its blind index instead")
        return super().get_lookup(lookup_name)

    @property
    def aad(self) -> bytes:
        """Where the value belongs; a renamed table or column needs its values sealed anew."""
        return f"{self.model._meta.db_table}.{self.column}".encode()

    def seal_value(self, value: str) -> bytes:
        """Return the bytes to store for ``value`` (for COPY, which goes past the ORM)."""
        return seal(value, self.aad) if value else b""

    def to_python(self, value: Any) -> Any:
        """Return text from a form or a fixture."""
        return value if value is None or isinstance(value, str) else str(value)

    def from_db_value(self, value: bytes | memoryview | None, expression: Any, connection: Any) -> str | None:
        """Open a value read from the database."""
        if value is None:
            return None
        return unseal(value, self.aad) if len(value) else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Seal a value on its way to the database."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return connection.Database.Binary(self.seal_value(str(value)))

    def value_to_string(self, obj: models.Model) -> str:
        """Refuse to serialize: a dump in clear would undo the encryption; `manage.py backup` copies the bytes."""
        raise FieldError(f"{self.name} is encrypted and is not serialized")

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        """Return a plain text field."""
        from django import forms

        if self.max_length is not None:
            kwargs.setdefault("max_length", self.max_length)
        kwargs.setdefault("form_class", forms.CharField)
        return super().formfield(*args, **kwargs)
