"""What does a backup consist of?  manifest.json says it, with a hash of every file; written last, checked first."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict, cast

from django.conf import settings

from accounts import seals

FORMAT = 1
NAME, DUMP, MEDIA, KEYS = "manifest.json", "database.dump", "media", "secrets.json"
BACKUP = re.compile(r"office-\d{8}-\d{6}Z$")
PARTIAL = ".partial-"
_CHUNK = 2**20


class Trouble(RuntimeError):
    """It cannot be done; the message says why, and what to do."""


class File(TypedDict):
    """One file of a backup."""

    size: int
    sha256: str


class Manifest(TypedDict):
    """What manifest.json holds."""

    format: int
    made_at: str
    versions: dict[str, str]
    migrations: list[str]
    counts: dict[str, int]
    latest_seal: dict[str, Any] | None
    with_keys: bool
    key_prints: dict[str, str]
    files: dict[str, File]


def key_prints() -> dict[str, str]:
    """By name of a key of this office, by what it is recognised; says nothing of the key."""

    def of(name: str, key: bytes) -> str:
        return hashlib.sha256(b"office-key-print:" + name.encode() + b":" + key).hexdigest()[:16]

    found = {f"FIELD_KEYS {name}": of("field", _bytes(key)) for name, key in settings.FIELD_KEYS.items()}
    found["BLIND_KEY"] = of("blind", _bytes(settings.BLIND_KEY))
    return found | {"SEAL_KEY": seals.Signer.of(_bytes(settings.SEAL_KEY)).key_id}


def _bytes(key: bytes | str) -> bytes:
    return key if isinstance(key, bytes) else base64.b64decode(key)


def keys_as_text() -> str:
    """The keys of this office in the form of var/secrets.json, wherever they came from."""

    def text(key: bytes | str) -> str:
        return base64.b64encode(_bytes(key)).decode()

    field_keys = {name: text(key) for name, key in settings.FIELD_KEYS.items()}
    kept = {"SECRET_KEY": settings.SECRET_KEY, "FIELD_KEYS": field_keys}
    return json.dumps(kept | {"BLIND_KEY": text(settings.BLIND_KEY), "SEAL_KEY": text(settings.SEAL_KEY)}, indent=1)


def copy(source: Path, to: Path) -> File:
    """Copy a file (0600) and return its size and hash, both of what was written."""
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    found, size = hashlib.sha256(), 0
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as given, os.fdopen(handle, "wb") as out:
        while chunk := given.read(_CHUNK):
            found.update(chunk)
            size += out.write(chunk)
    return {"size": size, "sha256": found.hexdigest()}


def measure(path: Path) -> File:
    """Return size and hash of a file."""
    with path.open("rb") as given:
        found = hashlib.file_digest(given, "sha256").hexdigest()
    return {"size": path.stat().st_size, "sha256": found}


def write(folder: Path, manifest: Manifest) -> None:
    """Write manifest.json."""
    path = folder / NAME
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    path.chmod(0o600)


def files_below(folder: Path) -> Iterator[Path]:
    """Every regular file below a folder, in a stable order; no links are followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def read(folder: Path) -> Manifest:
    """Return the manifest of a backup; raises Trouble for what is none."""
    if folder.name.startswith(PARTIAL):
        raise Trouble(f"{folder} is the rest of a backup that did not end. Take another one.")
    if not folder.is_dir():
        raise Trouble(f"There is no folder {folder}.")
    try:
        found = json.loads((folder / NAME).read_text())
    except FileNotFoundError:
        raise Trouble(f"{folder} is no backup: it has no {NAME}.{_inside(folder)}") from None
    except (ValueError, OSError) as wrong:
        raise Trouble(f"{NAME} cannot be read: {wrong}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Trouble(f"{NAME} is not of format {FORMAT}, the only one that this version knows.")
    if set(Manifest.__annotations__) - set(found) or DUMP not in found["files"]:
        raise Trouble(f"{NAME} is not whole.")
    return cast(Manifest, found)


def _inside(folder: Path) -> str:
    found = sorted(path.name for path in folder.iterdir() if BACKUP.match(path.name))
    return f" The newest one in it is {folder / found[-1]}" if found else ""


def check_files(folder: Path, manifest: Manifest, say: Callable[[str], None]) -> None:
    """Check the size and hash of every file; raises Trouble that names the first few that are wrong."""
    wrong = []
    for number, (name, expected) in enumerate(manifest["files"].items(), 1):
        if (fault := _fault(folder, name, expected)) is not None:
            wrong.append(f"{name}: {fault}")
        if number % 1000 == 0:
            say(f"  {number:,} of {len(manifest['files']):,} files checked")
    known = set(manifest["files"]) | {NAME}
    wrong += [
        f"{name}: not in the manifest"
        for path in files_below(folder)
        if (name := path.relative_to(folder).as_posix()) not in known
    ]
    if wrong:
        more = f"\n  and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        raise Trouble("This backup is damaged; nothing was restored.\n  " + "\n  ".join(wrong[:10]) + more)


def _fault(folder: Path, name: str, expected: File) -> str | None:
    path = folder / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        return "a path that leads out of the backup"
    if not path.is_file() or path.is_symlink():
        return "missing"
    if path.stat().st_size != expected["size"]:
        return f"{path.stat().st_size:,} bytes instead of {expected['size']:,}"
    return None if measure(path) == expected else "other contents than were backed up"
