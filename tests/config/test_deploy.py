"""Are the units and the compose file sound?  systemd's own verifier where it is there; the compose file by its shape alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.embedded import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SERVICES = [path for path in UNITS if path.suffix == ".service"]
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
# Every key that the compose specification gives a service and that is used here; a misspelt one is caught.
KEYS = {
    "image", "build", "restart", "environment", "volumes", "networks", "healthcheck", "security_opt", "command", "depends_on", "ports",
    "stop_grace_period", "cap_drop", "read_only", "tmpfs",
}  # fmt: skip


def placed(tmp_path: Path) -> Path:
    """The units with paths and user that this machine has, so that only the units themselves can be wrong."""
    for path in UNITS:
        text = (
            path.read_text().replace("/srv/office/.venv/bin/python", sys.executable).replace("/srv/office", str(ROOT))
        )
        text = re.sub(r"^(User|Group)=office$", r"\1=root", text, flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text)
    return tmp_path


@needs_systemd
@pytest.mark.parametrize("unit", [path.name for path in UNITS])
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path, unit: str) -> None:
    folder = placed(tmp_path)
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(folder / unit)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if str(folder) in line or unit in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
@pytest.mark.parametrize("unit", [path.name for path in SERVICES])
def test_a_service_exposes_little(tmp_path: Path, unit: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=45", str(placed(tmp_path) / unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-800:] + done.stderr


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_every_service_is_hardened_and_runs_what_is_there(path: Path) -> None:
    text = path.read_text()
    for line in (
        "User=office",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "UMask=0077",
    ):
        assert f"\n{line}\n" in text
    command = re.findall(r"^ExecStart=/srv/office/\.venv/bin/python (.+)$", text, re.MULTILINE)[0].split()
    if command[0] == "-m":
        assert (ROOT / (command[1].replace(".", "/") + ".py")).is_file()
    else:
        assert list(ROOT.glob(f"*/management/commands/{command[1]}.py"))


def test_the_office_comes_back_by_itself_and_backups_are_nightly() -> None:
    assert "\nRestart=always\n" in (DEPLOY / "office.service").read_text()
    assert "OnCalendar=*-*-*" in (DEPLOY / "office-backup.timer").read_text()
    for timer in DEPLOY.glob("*.timer"):
        assert timer.with_suffix(".service").exists()


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_the_compose_file_holds_together(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(compose) == {"name", "services", "volumes", "networks"}
    for name, service in services.items():
        assert set(service) <= KEYS, name
        assert ("image" in service) != ("build" in service)
        assert set(service["networks"]) <= set(compose["networks"])
        assert set(service.get("depends_on", {})) <= set(services)
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), volume
    build = services["office"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_only_the_office_is_reached_from_outside_and_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["office"]
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("database", "broker"):
        assert services[name]["networks"] == ["inside"]
    text = (DEPLOY / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    offered = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "compose.env.example").read_text(), re.MULTILINE))
    assert asked == offered
    assert not re.search(r"PASSWORD: (?!\$\{)", text)


def test_examples_name_settings_that_there_are() -> None:
    known = set(re.findall(r"`([A-Z][A-Z0-9_]*)`", (ROOT / "docs" / "operations.md").read_text()))
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (DEPLOY / "office.env.example").read_text(), re.MULTILINE))
    given = set(yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["office"]["environment"])
    assert named | given <= known


def test_a_command_by_hand_meets_the_offices_own_servers(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    shutil.copy(DEPLOY / "manage", tmp_path / "deploy" / "manage")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$PWD $* $OFFICE_VAR $DATABASE_URL $PORT"\n')
    python.chmod(0o755)
    (tmp_path / "office.env").write_text("# settings\nPORT=443\nDATABASE_URL=postgresql://office_app:a=b@db/office")
    me = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    environment = {"PATH": "/usr/bin:/bin", "OFFICE_ENV": str(tmp_path / "office.env"), "OFFICE_USER": me}
    done = subprocess.run(
        [tmp_path / "deploy" / "manage", "first_run", "--x"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    wanted = f"{tmp_path} manage.py first_run --x /var/lib/office postgresql://office_app:a=b@db/office 443\n"
    assert (done.stdout, done.stderr) == (wanted, "")


def test_the_compose_file_says_how_it_is_started() -> None:
    said = re.findall(r"docker compose .*up", (DEPLOY / "compose.yaml").read_text())
    assert said and all("--env-file compose.env" in line for line in said)
