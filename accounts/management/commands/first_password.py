"""Print a new first password for an administrator who has never signed in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import founding
from accounts.errors import WrongMoment


class Command(BaseCommand):
    """`manage.py first_password NAME`: when the sheet of the first day was lost."""

    requires_system_checks: list[str] = []
    help = "A new first password for an administrator who has never signed in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it once; it is written down that it was issued."""
        try:
            slip = founding.new_first_password(options["username"])
        except WrongMoment as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(f"{slip.user.name} {slip.duty}  {slip.user.username}  {slip.password}")
