"""Is everything in step?  ``make check``: each check is run, all are reported, one failure fails the whole."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from config.office import ROOT, has_command

PYTHON = sys.executable


def checks() -> Iterator[tuple[str, list[str]]]:
    """Title and command of each check; those of parts that are not there yet are left out."""
    module = [PYTHON, "-m"]
    yield "style", [*module, "ruff", "check", "."]
    yield "format", [*module, "ruff", "format", "--check", "."]
    yield "types", [*module, "mypy"]
    yield "imports", [str(Path(PYTHON).with_name("lint-imports"))]
    if any((ROOT / "templates").glob("**/*.html")):
        yield "templates", [*module, "djlint", "--lint", "--quiet", "templates"]
    yield "browser floor", [*module, "config.baseline"]
    yield "migrations in step", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]
    yield "deployment", [PYTHON, "manage.py", "check"]
    if has_command("print_docs"):
        yield "printed docs", [PYTHON, "manage.py", "print_docs", "--check"]


def main() -> int:
    """Run those whose title begins with an argument, or all; the exit status says whether all passed."""
    failed = []
    for title, command in checks():
        if sys.argv[1:] and not any(title.startswith(wish) for wish in sys.argv[1:]):
            continue
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
        print(
            f"{'ok    ' if done.returncode == 0 else 'FAILED'} {title} ({time.monotonic() - started:.1f} s)", flush=True
        )
        if done.returncode:
            failed.append(title)
            print(done.stdout + done.stderr, flush=True)
    print(f"{len(failed)} failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
