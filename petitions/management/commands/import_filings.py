"""``manage.py import_filings FILE --post LOGIN``: register the rows of a list, in this process, with progress and a report."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand, CommandError

from petitions import imports, jobs
from petitions.actions.register import REGISTERS
from petitions.errors import Refused
from petitions.management import lists
from petitions.models import Channel


class Command(BaseCommand):
    """Import filings."""

    help = "Register the rows of an xlsx, csv, jsonl or jsonl.gz file; the same source and number never twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, who registers, from where, and whether only to look."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--post", required=True, help="sign-in name of the person who registers, in a post that does"
        )
        parser.add_argument("--source", default="", help="the other system's name; the file's name where none is given")
        parser.add_argument("--channel", default=Channel.ONLINE, choices=Channel.values)
        parser.add_argument(
            "--column", action="append", default=[], metavar="FIELD=COLUMN", help=f"fields: {', '.join(imports.FIELDS)}"
        )
        parser.add_argument("--dry-run", action="store_true", help="look at every row, register none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what became of the rows."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"there is no file {path}")
        by = lists.actor(options["post"], REGISTERS, "registers")
        try:
            with path.open("rb") as file:
                upload = UploadedFile(File(file), name=path.name, size=path.stat().st_size)
                kept = imports.begin(upload, by=by)
            columns = {**imports.guess(kept["names"]).columns, **_columns(options["column"])}
            plan = imports.Plan(options["source"] or path.name.split(".")[0][:40], columns, options["channel"])
            imports.check_plan(plan, kept["names"])
            if not options["dry_run"]:
                imports.remember(kept["names"], plan)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        code = "check_filings" if options["dry_run"] else "import_filings"
        job = jobs.start(code, by=by, settings={**kept, **plan.said()})
        lists.run(job, self.stdout)


def _columns(pairs: list[str]) -> dict[str, str]:
    found = dict(pair.partition("=")[::2] for pair in pairs)
    if unknown := set(found) - set(imports.FIELDS):
        raise CommandError(f"no such field: {', '.join(sorted(unknown))}")
    return found
