"""``manage.py demo_visits``: receptions for the demo county, once; a real office is refused."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from petitions.demo.guard import NotADemo
from visits.demo import tell


class Command(BaseCommand):
    """Fills the plan of the demo county where it is empty."""

    help = "Give the demo county places, rules, held and coming receptions, through the verbs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell it, unless it was told before."""
        try:
            count = tell()
        except NotADemo as real:
            raise CommandError(str(real)) from None
        if count:
            self.stdout.write(f"{count} receptions of leaders.  已生成{count}场领导接访。")
