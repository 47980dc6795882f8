"""Make the figures again from the record, or compare them with it."""

from __future__ import annotations

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from petitions import figures
from petitions.errors import WrongMoment


class Command(BaseCommand):
    """`manage.py rebuild_figures [--check]`: in batches, beside an office at work."""

    help = "Make facts and totals of the figures again from the record; --check compares and changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say whether only to compare."""
        parser.add_argument(
            "--check", action="store_true", help="compare with the record; an error if anything differs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild or compare, and say how long it took."""
        started = monotonic()

        def say(text: str) -> None:
            self.stdout.write(f"[{monotonic() - started:6.1f} s] {text}")

        if options["check"]:
            try:
                wrong = figures.compare(say)
            except WrongMoment as other:
                raise CommandError(
                    "facts and totals are not in the measures of now, or are being made anew: nothing was compared."
                ) from other
            if wrong:
                raise CommandError(
                    f"{wrong:,} rows differ from the record: run rebuild_figures, and tell who keeps the system."
                )
            say("no difference")
            return
        say(f"{figures.rebuild(say):,} rows made anew")
