"""Is what is committed in order?  Lock files, templates, imports, migrations."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded import ROOT

TEMPLATES = sorted((ROOT / "templates").glob("**/*.html"))
HASHED = re.compile(r"^[a-z0-9._-]+(\[[a-z0-9,]+\])?==[^ ]+( ;[^\\]+)? \\$")


@pytest.mark.parametrize("name", ["base", "dev"])
def test_python_lock_has_versions_and_hashes_and_no_addresses(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert entries
    assert [line for line in entries if not HASHED.match(line)] == []
    assert text.count("--hash=sha256:") >= len(entries)


def test_every_python_package_is_locked_alike_for_running_and_for_testing():
    base, dev = ((ROOT / "requirements" / f"{name}.txt").read_text().splitlines() for name in ("base", "dev"))
    assert {line for line in base if "==" in line} <= set(dev)


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_wanted_package_says_why(name):
    lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-"))]
    assert [line for line in wanted if not re.search(r"\s# \w.{10,}", line)] == []


def test_node_lock_has_hashes_and_no_addresses():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    installed = {name: entry for name, entry in lock["packages"].items() if name}
    assert installed
    assert [name for name, entry in installed.items() if "resolved" in entry or "integrity" not in entry] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_script_or_style(path: Path):
    text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(), flags=re.DOTALL)
    inline = re.findall(
        r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", text, re.IGNORECASE
    )
    allowed = [found for found in inline if "application/json" in found]
    assert [found for found in inline if found not in allowed] == []
    assert re.findall(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", text) == []


def test_imports_run_one_way():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_migrations_are_in_step():
    """In a process of its own, because some tests define models."""
    command = [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
