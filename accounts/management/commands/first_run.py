"""Print a new one-time code for the first-run pages."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import founding


class Command(BaseCommand):
    """`manage.py first_run`: prints where to go and the code; nothing where the office has begun."""

    requires_system_checks: list[str] = []
    help = "Make and print a new one-time code for the first-run pages; the one before ends."

    def handle(self, *args: Any, **options: Any) -> None:
        """To the terminal alone: whoever reads it may set the office up."""
        if founding.needed():
            self.stdout.write(
                f"The office has to be set up: open the address above and type this code once / 首次启用，启用码：\n\n    {founding.new_code()}\n"
            )
