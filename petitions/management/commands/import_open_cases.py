"""``manage.py import_open_cases FILE --post LOGIN``: take work under way over from paper, in this process, with a report."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand, CommandError

from petitions import jobs, open_cases
from petitions.actions.take_over import TAKES_OVER
from petitions.errors import Refused
from petitions.management import lists


class Command(BaseCommand):
    """Take work under way over."""

    help = (
        "Take over the matters of a filled-in template (--template writes an empty one); the same number never twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, who takes over, and whether only to look."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--post", default="", help="sign-in name of a triage officer or head of the petition office"
        )
        parser.add_argument("--dry-run", action="store_true", help="look at every row, take none over")
        parser.add_argument("--template", action="store_true", help="write an empty template to FILE and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what became of the rows."""
        path: Path = options["file"]
        if options["template"]:
            path.write_bytes(open_cases.template())
            return
        if not path.is_file():
            raise CommandError(f"there is no file {path}")
        by = lists.actor(options["post"], TAKES_OVER, "takes over")
        try:
            with path.open("rb") as file:
                kept = open_cases.begin(UploadedFile(File(file), name=path.name, size=path.stat().st_size), by=by)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        code = "check_open_cases" if options["dry_run"] else "import_open_cases"
        lists.run(jobs.start(code, by=by, settings=kept), self.stdout)
