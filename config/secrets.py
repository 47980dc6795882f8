"""Which secrets does this office keep?  Generated once into var/secrets.json (0600), or given by the environment.

The file is as dear as the database: without FIELD_KEYS no personal data can be read again.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Secrets:
    """All of them, decoded.  Keys are 32 bytes; SEAL_KEY is the seed of an Ed25519 key."""

    secret_key: str
    field_keys: dict[str, bytes]
    blind_key: bytes
    seal_key: bytes


def _fresh() -> dict[str, object]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEYS": {"1": key()}, "BLIND_KEY": key(), "SEAL_KEY": key()}


def load(folder: Path) -> Secrets:
    """Read the secrets of ``folder``, making the file when it is missing; values in the environment come first.

    FIELD_KEYS in the environment is JSON ``{"id": "base64 of 32 bytes"}``; the others are base64.  Raises ValueError
    for a key of the wrong length.
    """
    names = ("SECRET_KEY", "FIELD_KEYS", "BLIND_KEY", "SEAL_KEY")
    given: dict[str, object] = {name: os.environ[name] for name in names if os.environ.get(name)}
    if isinstance(given.get("FIELD_KEYS"), str):
        given["FIELD_KEYS"] = json.loads(str(given["FIELD_KEYS"]))
    kept = {} if len(given) == len(names) else _kept(folder)
    values = kept | given
    field_keys = values["FIELD_KEYS"]
    if not isinstance(field_keys, dict) or not field_keys:
        raise ValueError('FIELD_KEYS must be JSON like {"1": "<base64 of 32 bytes>"}')
    return Secrets(
        secret_key=str(values["SECRET_KEY"]),
        field_keys={str(name): _key("FIELD_KEYS", text) for name, text in field_keys.items()},
        blind_key=_key("BLIND_KEY", values["BLIND_KEY"]),
        seal_key=_key("SEAL_KEY", values["SEAL_KEY"]),
    )


def _key(name: str, text: object) -> bytes:
    try:
        key = base64.b64decode(str(text), validate=True)
    except ValueError as wrong:
        raise ValueError(f"{name} is not base64: {wrong}") from None
    if len(key) != 32:
        raise ValueError(f"{name} must be 32 bytes in base64, not {len(key)}")
    return key


def _kept(folder: Path) -> dict[str, object]:
    path = folder / "secrets.json"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            handle, name = tempfile.mkstemp(dir=folder)  # 0600
            with os.fdopen(handle, "w") as out:
                json.dump(_fresh(), out, indent=1)
            Path(name).replace(path)
        return dict(json.loads(path.read_text()))
