"""Fill a measuring database with invented matters, many and fast."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import standing
from accounts.models import Kind
from petitions.bulk.load import generate
from petitions.demo.guard import NotADemo, demo_only
from petitions.models import Petition


class Command(BaseCommand):
    """`manage.py generate --petitions 100000`: for measuring; the demo (`manage.py demo`) goes through the verbs."""

    requires_system_checks: list[str] = []
    help = "Fill a demo database with invented matters by COPY, for measuring (2,000 a second and more)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say how many."""
        parser.add_argument("--petitions", type=int, required=True, help="how many matters")
        parser.add_argument("--seed", type=int, default=1, help="the same seed tells the same histories")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="processes (default: one a core)")
        parser.add_argument(
            "--on-an-empty-database", action="store_true", help="allow it on a given server while no matter is there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate, and say how fast it was."""
        self._check(allowed=options["on_an_empty_database"])
        started = monotonic()
        generate(
            options["petitions"], seed=options["seed"], workers=max(1, options["workers"]),
            say=lambda text: self.stdout.write(f"[{monotonic() - started:6.1f} s] {text}"),
        )  # fmt: skip
        seconds = monotonic() - started
        rate = options["petitions"] / seconds
        self.stdout.write(
            f"{options['petitions']:,} matters in {seconds:.1f} s: {rate:,.0f} a second, indexes included"
        )

    def _check(self, *, allowed: bool) -> None:
        """Never beside real matters."""
        free = standing.mark() != Kind.OFFICE
        if allowed and free and not Petition.objects.exists() and settings.OFFICE_MODE == "demo":
            return
        try:
            demo_only()
        except NotADemo as error:
            raise CommandError(str(error)) from error
