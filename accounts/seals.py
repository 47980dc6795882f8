"""What is in a seal?  Pure: rows in; leaf, Merkle root, digest and signature out; the same for sealing and for verifying."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

# First bytes keep a row, an inner node and a seal apart, so that none can be passed off as another.
_ROW, _NODE, _SEAL = b"\x00", b"\x01", b"office-seal-1\x00"
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def microseconds(moment: datetime) -> int:
    """Return an aware ``moment`` as whole microseconds since 1970, UTC: all that PostgreSQL keeps."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def plain(value: Any) -> Any:
    """Return a column's value as JSON can say it, one way only; bytes (ciphertexts too) as their SHA-256."""
    if isinstance(value, datetime):
        return microseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    return value


def leaf(kind: str, values: Sequence[Any]) -> bytes:
    """Return the SHA-256 that stands for one row: its kind and its columns in their fixed order."""
    return hashlib.sha256(_ROW + _canonical([kind, *map(plain, values)]).encode()).digest()


class Tree:
    """A Merkle root (shaped as in RFC 6962) over leaves that come one by one; remembers only one node a level."""

    def __init__(self) -> None:
        self.count = 0
        self._peaks: list[tuple[int, bytes]] = []  # (leaves below, hash), each smaller than the one before

    def add(self, found: bytes) -> None:
        """Put one more leaf at the end."""
        self.count += 1
        size, node = 1, found
        while self._peaks and self._peaks[-1][0] == size:
            node = _join(self._peaks.pop()[1], node)
            size *= 2
        self._peaks.append((size, node))

    def root(self) -> bytes:
        """Return the root over the leaves so far; of no leaves, the hash of nothing."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = _join(left, node)
        return node


def _join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def digest(
    *, number: int, made_at: datetime, count: int, root: bytes, previous: bytes, settled: Mapping[str, int], key_id: str
) -> bytes:
    """Return the SHA-256 of what a seal says; the next seal names it, and the signature is over it.

    Args:
        previous: digest of the seal before; empty for number 1.
        settled: by kind of row, the id up to which every row there will ever be is in this seal or in one before.
    """
    said = [number, microseconds(made_at), count, root.hex(), previous.hex(), dict(settled), key_id]
    return hashlib.sha256(_SEAL + _canonical(said).encode()).digest()


# --- keys ------------------------------------------------------------------------------------------------------------


class NotAKey(ValueError):
    """A file that should hold public keys holds none."""


@dataclass(frozen=True)
class Signer:
    """Signs seals with the Ed25519 key of a 32-byte seed (settings.SEAL_KEY)."""

    private: Ed25519PrivateKey

    @classmethod
    def of(cls, seed: bytes) -> Signer:
        """Return the signer of a seed."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> Ed25519PublicKey:
        """The key that signatures are checked with; no secret."""
        return self.private.public_key()

    @property
    def key_id(self) -> str:
        """Which key signed."""
        return key_id(self.public)

    def sign(self, found: bytes) -> bytes:
        """Return the signature over a seal's digest."""
        return self.private.sign(_SEAL + found)


def key_id(public: Ed25519PublicKey) -> str:
    """Return the 16 hex digits by which a seal names its key."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def is_signed(public: Ed25519PublicKey, signature: bytes, found: bytes) -> bool:
    """Whether ``signature`` over the digest ``found`` was made with this key."""
    try:
        public.verify(signature, _SEAL + found)
    except InvalidSignature:
        return False
    return True


def public_pem(public: Ed25519PublicKey) -> str:
    """Return a public key as text for a file (PEM)."""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.public_bytes(*form).decode()


def read_public(text: str) -> list[Ed25519PublicKey]:
    """Return the public keys of a PEM file, which may hold several (after a key was replaced).

    Raises:
        NotAKey: it holds none, or one of another kind.
    """
    end = "-----END PUBLIC KEY-----"
    found = []
    for part in text.split(end)[:-1]:
        try:
            key = serialization.load_pem_public_key((part.strip() + "\n" + end + "\n").encode())
        except ValueError as wrong:
            raise NotAKey(f"not a public key: {wrong}") from None
        if not isinstance(key, Ed25519PublicKey):
            raise NotAKey("not an Ed25519 public key")
        found.append(key)
    if not found:
        raise NotAKey("no public key (PEM) in it")
    return found
