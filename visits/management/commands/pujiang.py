"""``manage.py pujiang``: the Pujiang day again, over real HTTP, with processes killed; says whether everything is whole."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Plays the day on a database of its own under var/pujiang; nobody's is touched."""

    help = "Replay the reception day of 18 September 2003: 436 groups, 667 people, 14 rooms."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--groups", type=int, default=436, help="how many groups are received (436)")
        parser.add_argument(
            "--speed", type=float, default=0.0, help="60 = the day in about ten minutes; 0 = as fast as it goes"
        )
        parser.add_argument("--folder", type=Path, help="where its servers live")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, check, print."""
        from bench.pujiang.replay import play

        report = play(options["groups"], self.stdout.write, speed=options["speed"], folder=options["folder"])
        found = report["found"]
        self.stdout.write(
            f"\n{found['groups']} groups, {found['people']} people: {found['resolved']} settled on the spot, {found['explained']} "
            f"explained, {found['assigned']} assigned; {found['absent']} absent, {found['walk_ins']} walk-ins; "
            f"{report['seconds']} s, killed {report['kills']}, sent again {report['again']} times\n"
        )
        self.stdout.write(
            f"{found['messages']} messages sent, {found['handed_over_again']} of them handed over again after the worker's death"
        )
        self.stdout.write(f"{'operation':<12} {'count':>6} {'p95 ms':>8}")
        for what, value in report["p95_ms"].items():
            self.stdout.write(f"{what:<12} {report['count'][what]:>6} {value:>8}")
        if report["wrong"]:
            raise CommandError("Not whole: " + "; ".join(report["wrong"][:20]))
        self.stdout.write("\nEvery group has exactly one record; nothing is lost or doubled.")
