"""Does the archive install with the network off?  Unpacked in a network namespace without a route, hashes checked, the office answers."""

from __future__ import annotations

import os
import shutil
import subprocess
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


def test_it_installs_and_the_office_opens_with_the_network_off(unpacked: Path) -> None:
    script = """
test -z "$(ip route show)"
python3 -c 'import socket; s = socket.socket(); s.settimeout(3); print("way out:", s.connect_ex(("192.0.2.1", 443)))'
./install
OFFICE_MODE=office PORT=8123 WEB_WORKERS=1 .venv/bin/python -m config.office >office.log 2>&1 &
office=$!
for _ in $(seq 600); do grep -q 'Ctrl-C closes it' office.log && break; kill -0 $office || break; sleep 1; done
.venv/bin/python -c '
import urllib.request
page = urllib.request.urlopen("http://127.0.0.1:8123/", timeout=30)
print(page.geturl(), page.status)'
kill -TERM $office
wait $office
cat office.log
"""
    done = alone(script, unpacked, OFFICE_VAR=str(unpacked / "var"))
    said = (
        done.stdout
        + done.stderr
        + ((unpacked / "office.log").read_text() if (unpacked / "office.log").exists() else "")
    )
    assert done.returncode == 0, said[-3000:]
    assert "way out: 101" in said  # ENETUNREACH
    assert "http://127.0.0.1:8123/setup/ 200" in said
    assert "首次启用" in said


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
