"""``manage.py export_exchange --from DAY --to DAY --format xlsx|json --post LOGIN FILE``: records for the province's system."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from petitions import exchange
from petitions.errors import Refused
from petitions.management import lists


class Command(BaseCommand):
    """Write exchange records."""

    help = "Write the filings registered from one day to another, in the fields and codes of the exchange record."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The days, the form, who asks, and where to."""
        parser.add_argument("file", type=Path, help="written with mode 0600; it holds names and numbers in clear")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY")
        parser.add_argument(
            "--to", dest="last", type=date.fromisoformat, metavar="DAY", help="the same day if not given"
        )
        parser.add_argument("--format", dest="form", choices=exchange.FORMATS, default="xlsx")
        parser.add_argument(
            "--post", required=True, help="sign-in name of a triage officer or head of the petition office"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them, and say how many."""
        by = lists.actor(options["post"], exchange.EXPORTS, "exchanges records")
        first, last = options["first"], options["last"] or options["first"]
        try:
            done = exchange.to_path(by, first, last, options["form"], options["file"])
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(f"{done} filings in {options['file']}")
