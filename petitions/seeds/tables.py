"""How is a data file of ours read?"""

from __future__ import annotations

from pathlib import Path


def rows(path: Path, columns: int) -> list[tuple[str, ...]]:
    """Rows of a file: cells parted by "|", missing ones empty; [headings] are rows of one cell."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            heading = line.startswith("[")
            found.append((line.strip("[]"),) if heading else tuple(cells + [""] * (columns - len(cells))))
    return found
