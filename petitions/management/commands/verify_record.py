"""Was the record changed?  `manage.py verify_record`."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import seals, verification
from accounts.models import Seal
from accounts.seal_note import Note
from accounts.sealer import SOURCES
from petitions.accusations.record import broken_chains
from petitions.models import Petition
from petitions.verification import check_chains


class Command(BaseCommand):
    """Exits with 1 and names what was changed, removed, put in or reordered."""

    help = "Check every chain of events, every seal and every sealed row; exit 1 if anything was changed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How far to look, and by which key."""
        parser.add_argument("--petition", metavar="NUMBER", help="one matter: its events and papers, and their seals")
        parser.add_argument("--since", metavar="DATE", type=_day, help="what was sealed from this day on (2026-01-31)")
        parser.add_argument(
            "--public-key", metavar="FILE", action="append", help="check signatures with these public keys (PEM) alone"
        )
        parser.add_argument(
            "--noted", metavar="NUMBER:DIGEST", type=_note, help="a seal noted elsewhere that must still be there"
        )
        parser.add_argument(
            "--show-public-key", action="store_true", help="print the public key of this office's seals"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk and report."""
        if options["show_public_key"]:
            self.stdout.write(seals.public_pem(seals.Signer.of(settings.SEAL_KEY).public), ending="")
            return
        if options["petition"] and options["since"]:
            raise CommandError(
                "--petition and --since do not go together: a matter is always checked from its beginning."
            )
        keys = _keys(options["public_key"])
        report = verification.Report(
            say=lambda text: self.stdout.write(self.style.ERROR(f"FOUND  {text}")),
            progress=lambda text: self.stdout.write(f"       {text}"),
        )
        with verification.one_moment():
            last = Seal.objects.order_by("-number").first()
            if options["petition"]:
                self._one(report, keys, options["petition"], last)
            else:
                self._all(report, keys, options["since"], options["noted"], last)
        self._conclude(report, last)

    def _all(self, report: verification.Report, keys: verification.Keys, since: Any, noted: Any, last: Any) -> None:
        start = verification.start_at(since)
        self.stdout.write("seals ...")
        verification.check_note(report, noted)
        verification.check_seals(report, keys, start)
        for source in SOURCES.values():
            self.stdout.write(f"{source.title}s ...")
            verification.check_rows(report, source, start, _settled(last, source.kind))
        self.stdout.write("chains of events ...")
        check_chains(report, above=start.above("event"))
        self.stdout.write("sealed reports ...")
        for pk in broken_chains():
            report.finding(f"the record of a sealed report was changed (row {pk} of petitions_accusation)")

    def _one(self, report: verification.Report, keys: verification.Keys, number: str, last: Any) -> None:
        petition = Petition.objects.filter(number=number).only("pk").first()
        if petition is None:
            raise CommandError(f"There is no matter with the number {number}.")
        used: set[int] = set()
        for source in SOURCES.values():
            if "petition_id" in source.columns:
                settled = _settled(last, source.kind)
                used |= verification.check_rows_where(report, source, "petition_id", petition.pk, settled)
        verification.check_these_seals(report, keys, used)
        check_chains(report, petition=petition.pk)

    def _conclude(self, report: verification.Report, last: Seal | None) -> None:
        for what, count in sorted(report.seen.items()):
            waiting = report.unsealed[what]
            self.stdout.write(f"{what}: {count:,}" + (f" ({waiting:,} of them not sealed yet)" if waiting else ""))
        if last is not None:
            self.stdout.write(
                f"last seal: {last.number}:{bytes(last.digest).hex()} of {last.made_at:%Y-%m-%d %H:%M} UTC"
            )
        if report.findings:
            raise CommandError(f"The record is NOT whole: {report.findings:,} findings, named above.", returncode=1)
        self.stdout.write(self.style.SUCCESS("The record is whole."))


def _settled(last: Seal | None, kind: str) -> int:
    return int(last.settled.get(kind, 0)) if last else 0


def _day(text: str) -> datetime:
    """The beginning of a day in Shanghai."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), ZoneInfo("Asia/Shanghai"))


def _note(text: str) -> Note:
    return Note.parse(text)


def _keys(files: list[str] | None) -> verification.Keys:
    """The keys of the files; without files, the one that this office signs with."""
    if not files:
        own = seals.Signer.of(settings.SEAL_KEY)
        return {own.key_id: own.public}
    found: dict[str, Ed25519PublicKey] = {}
    for name in files:
        try:
            found |= {seals.key_id(key): key for key in seals.read_public(Path(name).read_text())}
        except (OSError, UnicodeDecodeError, seals.NotAKey) as wrong:
            raise CommandError(f"{name} cannot be used as a public key: {wrong}") from None
    return found
