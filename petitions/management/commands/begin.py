"""Mark what the database is for, and give a new office the tables that the law gives."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import standing
from accounts.models import Kind, Office
from petitions.seeds import categories, days


class Command(BaseCommand):
    """`manage.py begin`: as OFFICE_MODE says; done once, and harmless every other time."""

    requires_system_checks: list[str] = []
    help = "Mark the database as a demo's or an office's; refuse where it is the other kind."

    def handle(self, *args: Any, **options: Any) -> None:
        """Mark and seed in one transaction."""
        kind = settings.OFFICE_MODE
        if kind == Kind.DEMO and settings.DATABASE_URL:
            raise CommandError(
                "A given database (DATABASE_URL) is a real office's: OFFICE_MODE=demo needs servers of its own."
            )
        try:
            with transaction.atomic():
                if standing.take(kind) and kind == Kind.OFFICE:
                    days.build()
                    categories.build()
                    Office.objects.create()
        except standing.WrongDatabase as wrong:
            raise CommandError(str(wrong)) from wrong
