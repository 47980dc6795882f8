"""Does a sealed report's address take longer to refuse than one that nobody has?  Reported, never asserted."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from statistics import quantiles
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.test import Client

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Post, Role
from petitions.accusations import intake, roll
from petitions.accusations.intake import Told
from petitions.models import AccusationChange, AccusationMember
from petitions.querycode import new_ref

DOORS = ("/guarded/case/{}/", "/petitions/{}/")


class Command(BaseCommand):
    """Asks for both kinds of address in turn, as somebody who is not on the list, and undoes everything it made."""

    requires_system_checks: list[str] = []
    help = (
        "Time refusals of a sealed report's address against those of an address that nobody has (demo databases only)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How often."""
        parser.add_argument("--samples", type=int, default=2_000, help="of each kind, at each door (default 2000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure in a transaction that is rolled back."""
        if settings.OFFICE_MODE == "office":
            raise CommandError("This makes an invented report, for a moment: it is for demo databases only.")
        posts = Post.objects.in_force(today()).select_related("user", "department")
        outsider, keeper = posts.filter(role=Role.TRIAGE).first(), posts.filter(role=Role.REGISTRAR).first()
        if outsider is None or keeper is None:
            raise CommandError("This needs a database with a registrar and a triage officer: `make demo` makes one.")
        with transaction.atomic():
            ref = _report(Actor(user=keeper.user, post=keeper))
            client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])  # any other name is refused before the door
            client.force_login(outsider.user)
            for door in DOORS:
                for line in _compared(client, door, ref, options["samples"]):
                    self.stdout.write(line)
            transaction.set_rollback(True)
        roll.forget()


def _report(by: Actor) -> str:
    """A report, and somebody on the list who may receive it."""
    change = AccusationChange.objects.create(
        what="add", user=by.user, duty="handle", valid_from=today(), reason="-", by=by.post
    )
    AccusationMember.objects.create(user=by.user, duty="handle", valid_from=today(), change=change)
    roll.forget()
    return intake.receive(Told(content="只为测量，测完即撤销。", accused=["某人"]), by=by).ref


def _compared(client: Client, door: str, ref: str, samples: int) -> Iterator[str]:
    """Both kinds in turn, so that what else the machine does falls on both alike."""
    taken: dict[str, list[float]] = {"sealed": [], "nobody's": []}
    for number in range(samples + 20):
        order = list(taken) if number % 2 else list(taken)[::-1]
        for kind in order:
            path = door.format(ref if kind == "sealed" else new_ref())
            began = perf_counter()
            answer = client.get(path)
            took = perf_counter() - began
            if answer.status_code != 404:
                raise CommandError(f"{door} answered {answer.status_code}")
            if number >= 20:  # the first warm the templates
                taken[kind].append(took * 1000)
    yield f"{door.format('<ref>')}  {samples} samples of each, in ms"
    for kind, found in taken.items():
        cuts = quantiles(found, n=100)
        yield f"  {kind:<9} p5 {cuts[4]:.2f}  median {cuts[49]:.2f}  p95 {cuts[94]:.2f}  p99 {cuts[98]:.2f}"
