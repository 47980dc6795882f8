"""`manage.py backup /srv/backups`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.keep.backup import backup
from config.keep.manifest import KEYS, Trouble


class Command(BaseCommand):
    """Database and attachments, with a manifest; the office goes on working."""

    help = "Back the office up: database, attachments, manifest; keys only if told so."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and what."""
        parser.add_argument("target", type=Path, help="a folder; each backup is a folder of its own in it")
        parser.add_argument("--with-keys", action="store_true", help="put the keys in, too (see docs/operations.md)")
        parser.add_argument("--keep", type=int, metavar="N", help="afterwards remove the oldest beyond N")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say what it is."""
        keep, with_keys = options["keep"], options["with_keys"]
        if keep is not None and keep < 1:
            raise CommandError("--keep must be 1 or more.")
        try:
            made = backup(options["target"].absolute(), with_keys=with_keys, keep=keep, say=self.stdout.write)
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        settings.BACKUP_NOTE.write_text(timezone.now().isoformat() + "\n")  # for the list of what is still to do
        self.stdout.write(self.style.SUCCESS(f"Backed up to {made}"))
        if with_keys:
            self.stdout.write(
                self.style.WARNING(
                    f"WARNING: {made / KEYS} opens everything in this backup: ID numbers, phones, every sealed word. "
                    "Whoever has this folder can read it. Keep it as you keep the office's safe."
                )
            )
        else:
            self.stdout.write("The keys are not in it. Without var/secrets.json nobody can read what is encrypted:")
            self.stdout.write("keep a copy of that file apart from the backups.")
