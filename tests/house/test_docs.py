"""Do the documents speak of what is there?  Settings, links, pictures, named tests, the changelog."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.embedded import ROOT

SKIPPED = {".venv", "node_modules", "var", ".git", ".pytest_cache", ".hypothesis"}
PAGES = sorted(path for path in ROOT.glob("**/*.md") if not SKIPPED & set(path.relative_to(ROOT).parts))
READS = (
    re.compile(r"""\benv\.\w+\(\s*["']([A-Z][A-Z0-9_]*)["']"""),
    re.compile(r"""os\.environ(?:\.get|\.setdefault|\.pop)?[(\[]\s*["']([A-Z][A-Z0-9_]*)["']"""),
    re.compile(r"""os\.getenv\(\s*["']([A-Z][A-Z0-9_]*)["']"""),
)
# config/secrets.py and config/embedded.py read several at once, out of a tuple of names.
NAMES = re.compile(r"""^\s*names = \(([^)]*)\)|key in \(([^)]*)\)""", re.MULTILINE)


def variables() -> set[str]:
    """Every environment variable that config/ reads."""
    found: set[str] = set()
    for path in (ROOT / "config").glob("**/*.py"):
        text = path.read_text()
        found |= {name for reads in READS for name in reads.findall(text)}
        found |= {name for row in NAMES.findall(text) for name in re.findall(r'"([A-Z][A-Z0-9_]+)"', "".join(row))}
    return found


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Relative links and pictures of a page, code left out."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"""(?:src|href)=["']([^"']+)["']""", text)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def test_the_settings_that_are_read_are_found() -> None:
    assert {"DATABASE_URL", "FIELD_KEYS", "WEB_WORKERS", "OFFICE_VAR", "TZDIR"} <= variables()


def test_every_setting_is_explained() -> None:
    explained = set(re.findall(r"`([A-Z][A-Z0-9_]*)`", (ROOT / "docs" / "operations.md").read_text()))
    assert variables() - explained == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_is_named_is_there(page: Path) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", page.read_text())
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / "tests" / file).exists() or f"def {name}(" not in (ROOT / "tests" / file).read_text()
    ]
    assert missing == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    pictures = sorted((ROOT / "docs" / "img").glob("*")) if (ROOT / "docs" / "img").exists() else []
    assert [path.name for path in pictures if path.resolve() not in shown] == []
    assert [path.name for path in pictures if path.stat().st_size > 150_000] == []


def test_the_changelog_says_what_is_not_released_yet() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## \[Unreleased\]$", text, re.MULTILINE)
