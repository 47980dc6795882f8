"""Measure the office over HTTP, on a database and servers of its own under var/bench."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """`manage.py bench --size 100000`; `make bench SIZE=100000`."""

    requires_system_checks: list[str] = []
    help = "Fill a measuring database of that size once, and drive the web server over HTTP; docs/performance.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say how large."""
        parser.add_argument("--size", type=int, default=100_000, help="how many matters")
        parser.add_argument("--only", default="", help="scenarios by name, parted by commas")
        parser.add_argument("--seconds", type=float, default=4.0, help="how long each run takes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        from bench.run import bench

        only = {name for name in options["only"].split(",") if name}
        bench(options["size"], lambda text: self.stdout.write(text), only=only, seconds=options["seconds"])
