"""Print the documents that are made from code, or check that they are fresh."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from petitions.api.document import openapi
from petitions.printed import lifecycle_page


def pages() -> dict[Path, str]:
    """Every printed document, by its path."""
    base = Path(settings.BASE_DIR)
    return {base / "docs" / "lifecycle.md": lifecycle_page(), base / "openapi.yaml": openapi()}


class Command(BaseCommand):
    """`manage.py print_docs` writes them; `--check` fails when one is stale."""

    help = "Print docs/lifecycle.md from the table and openapi.yaml from the API."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --check."""
        parser.add_argument("--check", action="store_true", help="fail when a document is stale, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        for path, text in pages().items():
            if not options["check"]:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError(f"{path.name} is stale: run `manage.py print_docs`")
