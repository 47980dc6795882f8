"""`manage.py restore /srv/backups/office-20260131-020000Z`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.keep.manifest import Trouble
from config.keep.restore import restore


class Command(BaseCommand):
    """Into an empty database and an empty folder of attachments; the record is verified in the end."""

    help = "Bring a backup back to an empty place, and verify the record."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """From where."""
        parser.add_argument("source", type=Path, help="the folder of one backup (office-...)")
        parser.add_argument("--public-key", metavar="FILE", action="append", help="handed on to verify_record")

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring it back, verify, say so."""
        try:
            found = restore(options["source"].absolute(), say=self.stdout.write)
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        call_command("verify_record", public_key=options["public_key"], stdout=self.stdout)
        self.stdout.write(self.style.SUCCESS(f"Restored: the office as it was at {found['made_at']}."))
