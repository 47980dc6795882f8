"""Does the archive install with the network off?  Unpacked in a network namespace without a route, hashes checked, the office answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import bundle
from config.embedded import ROOT

pytestmark = pytest.mark.slow
# No route, not even to itself, until lo is brought up; --map-root-user lets ordinary users try where the kernel allows it.
ALONE = ["unshare", "--net", *(["--map-root-user"] if os.geteuid() else []), "--"]


def alone(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script in ``folder`` on a machine whose network is off."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "LANG": "C.UTF-8",
        "PIP_CONFIG_FILE": os.devnull,
        **more,
    }
    return subprocess.run(
        [*ALONE, "sh", "-euc", f"ip link set lo up\n{script}"], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=900, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of what is committed; made once."""
    if (
        shutil.which("unshare") is None
        or subprocess.run([*ALONE, "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no network namespace can be made here (root, or user namespaces, and iproute2 are needed)")
    try:
        return bundle.make(tmp_path_factory.mktemp("bundle"))
    except bundle.CannotBundle as trouble:
        pytest.skip(f"the archive cannot be made here: {trouble}")


@pytest.fixture
def unpacked(archive: Path, tmp_path: Path) -> Iterator[Path]:
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    yield tmp_path / archive.name.removesuffix(".tar.gz")
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_it_is_named_for_its_machine_and_holds_no_state(archive: Path) -> None:
    assert bundle.kind() in archive.name
    with tarfile.open(archive) as packed:
        names = {name.split("/", 1)[-1] for name in packed.getnames()}
    assert {"install", "SHA256SUMS", "manage.py", "bundle/kind", "config/bootstrap.py"} <= names
    assert not [name for name in names if name.startswith((".git/", "var/", ".venv/"))]
    assert any(name.startswith("bundle/wheels/pip-") for name in names)


def _another_python(folder: Path) -> Path:
    """A folder whose ``python3`` is another version than the archive's, where this machine has one; else an empty one."""
    (shelf := folder / "another").mkdir()
    for minor in (13, 12, 14):
        found = shutil.which(f"python3.{minor}")
        if (
            minor != sys.version_info[1]
            and found
            and subprocess.run([found, "-V"], capture_output=True, check=False).returncode == 0
        ):
            (shelf / "python3").write_text(f'#!/bin/sh\nexec {found} "$@"\n')
            (shelf / "python3").chmod(0o755)
            break
    return shelf


def test_it_installs_and_the_office_opens_with_the_network_off(unpacked: Path) -> None:
    script = """
test -z "$(ip route show)"
python3 -c 'import socket; s = socket.socket(); s.settimeout(3); print("way out:", s.connect_ex(("192.0.2.1", 443)))'
PYTHON= ./install
PORT=8123 WEB_WORKERS=1 make office >office.log 2>&1 &
office=$!
for _ in $(seq 600); do grep -q 'Ctrl-C closes it' office.log && break; kill -0 $office || break; sleep 1; done
.venv/bin/python -c '
import urllib.request
page = urllib.request.urlopen("http://127.0.0.1:8123/", timeout=30)
print(page.geturl(), page.status)'
kill -TERM $office
wait $office || true
cat office.log
"""
    path = f"{_another_python(unpacked.parent)}:{os.environ['PATH']}"
    done = alone(script, unpacked, OFFICE_VAR=str(unpacked / "var"), PATH=path)
    said = (
        done.stdout
        + done.stderr
        + ((unpacked / "office.log").read_text() if (unpacked / "office.log").exists() else "")
    )
    assert done.returncode == 0, said[-3000:]
    assert "way out: 101" in said  # ENETUNREACH
    assert "http://127.0.0.1:8123/setup/ 200" in said
    assert "首次启用" in said
    assert "[1/8] virtual environment: in step" in said  # what ./install made is not made anew


@pytest.fixture
def small_archive(tmp_path: Path) -> Path:
    """An unpacked archive of which only the first step counts, for a Python that this one is not."""
    (tmp_path / "bundle").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "bundle" / "kind").write_text("linux-x86_64-py3.99\n")
    shutil.copy(ROOT / "config" / "bootstrap.py", tmp_path / "config" / "bootstrap.py")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    return tmp_path


def _bootstrap(folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "config/bootstrap.py", "base"]
    return subprocess.run(command, cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False)


def test_another_python_hands_over_to_the_one_that_the_archive_is_for(small_archive: Path) -> None:
    for place in ("shelf", ".venv/bin"):  # on the path, or the one that ./install was told of
        other = small_archive / place / "python3.99"
        other.parent.mkdir(exist_ok=True)
        other.write_text('#!/bin/sh\necho "3.99 $*"\n')
        other.chmod(0o755)
        done = _bootstrap(small_archive, str(small_archive / "shelf"))
        assert (done.returncode, done.stdout) == (0, "3.99 config/bootstrap.py base\n"), done.stderr
        other.unlink()


def test_without_that_python_the_environment_stays_as_it_is(small_archive: Path) -> None:
    done = _bootstrap(small_archive, str(small_archive / "shelf"))
    assert done.returncode != 0 and "this archive needs Python 3.99" in done.stderr
    assert (small_archive / ".venv" / "bin").is_dir()


def test_a_changed_file_stops_it_before_anything_is_installed(unpacked: Path) -> None:
    wheel = next((unpacked / "bundle" / "wheels").glob("redis-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    done = alone("./install", unpacked)
    assert done.returncode != 0 and "damaged or was changed" in done.stderr
    assert not (unpacked / ".venv").exists()


def test_hashes_are_checked_even_where_the_list_of_sums_was_changed_too(unpacked: Path) -> None:
    wheel = next((unpacked / "bundle" / "wheels").glob("redis-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    (unpacked / "SHA256SUMS").write_text(bundle.sums(unpacked))
    done = alone("./install", unpacked)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stdout + done.stderr


def test_the_checkout_is_not_told_that_it_is_an_archive() -> None:
    assert not (ROOT / "bundle").exists()
