"""``manage.py import_filings FILE --post LOGIN``: register the rows of a list, in this process, with progress and a report."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand, CommandError

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Post
from petitions import imports, jobs
from petitions.actions.register import REGISTERS
from petitions.errors import Refused
from petitions.models import Channel, Job


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
        parser.add_argument(
            "--channel", default=Channel.ONLINE, choices=[c for c in Channel.values if c != Channel.HANDED_DOWN]
        )
        parser.add_argument(
            "--column", action="append", default=[], metavar="FIELD=COLUMN", help=f"fields: {', '.join(imports.FIELDS)}"
        )
        parser.add_argument("--dry-run", action="store_true", help="look at every row, register none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what became of the rows."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"there is no file {path}")
        by = _actor(options["post"])
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
        self._run(job)

    def _run(self, job: Job) -> None:
        began = time.monotonic()
        state = jobs.run(job.ref)
        job.refresh_from_db()
        seconds = time.monotonic() - began
        counts = ", ".join(f"{name} {many}" for name, many in sorted(job.counts.items()))
        self.stdout.write(
            f"{state}: {job.done} of {job.total} rows in {seconds:.1f} s ({job.done / seconds:.0f} a second): {counts}"
        )
        for row, reason in job.problems.order_by("row", "pk").values_list("row", "reason")[:20]:
            self.stdout.write(f"  row {row}: {reason}")
        if job.counts.get("refused", 0) > 20:
            self.stdout.write(f"  and {job.counts['refused'] - 20} more")
        if state != "ended":
            raise CommandError(job.word or state)


def _columns(pairs: list[str]) -> dict[str, str]:
    found = dict(pair.partition("=")[::2] for pair in pairs)
    if unknown := set(found) - set(imports.FIELDS):
        raise CommandError(f"no such field: {', '.join(sorted(unknown))}")
    return found


def _actor(username: str) -> Actor:
    posts = Post.objects.in_force(today()).select_related("user", "department")
    post = posts.filter(user__username=username, role__in=REGISTERS, user__is_active=True).order_by("pk").first()
    if post is None:
        raise CommandError(f"{username} holds no post that registers")
    return Actor(user=post.user, post=post)
