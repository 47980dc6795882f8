"""What of a package's style sheet would the oldest browser leave out?  It is left out for everybody, so that all see one page.

``python -m config.floor`` writes the sheets of SHEETS beside the packages, after npm has installed them.  A declaration with a
later feature (config/baseline.py) is dropped; a custom property with one keeps its name and gets a value that no browser
knows, since the floor too keeps such a property and finds it of no use only where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from config.baseline import FEATURES, ROOT

# Under node_modules: what is served → what npm installed.
SHEETS = {
    ".floor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    ".floor/tom-select.min.css": "tom-select/dist/css/tom-select.min.css",
}
_UNKNOWN = "later()"
_LATER = re.compile("|".join(f"(?:{feature.pattern})" for feature in FEATURES[".css"] if "@" not in feature.pattern))
# A comment, a quoted text and an address are one piece each: a brace or a semicolon in them ends nothing.
_PIECE = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|url\([^)]*\)|[{};]|[^{};\"'/u]+|.", re.DOTALL)


def lowered(sheet: str) -> str:
    """Return a style sheet as Chromium 109 reads it: without the declarations that it does not know."""
    return "".join(_lowered(sheet))


def _lowered(sheet: str) -> Iterator[str]:
    held: list[str] = []
    for match in _PIECE.finditer(sheet):
        piece = match.group()
        if piece not in ("{", "}", ";"):
            held.append(piece)
            continue
        text = "".join(held)
        yield text if piece == "{" else _declaration(text)
        yield piece
        held = []
    yield "".join(held)


def _declaration(text: str) -> str:
    name, colon, _ = text.partition(":")
    if not colon or not _LATER.search(re.sub(r"url\([^)]*\)|\"[^\"]*\"|'[^']*'", "", text)):
        return text
    return f"{name}:{_UNKNOWN}" if name.strip().startswith("--") else ""


def write(modules: Path = ROOT / "node_modules") -> None:
    """Write every sheet of SHEETS anew."""
    for name, source in SHEETS.items():
        target = modules / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(lowered((modules / source).read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
