"""Fill the demo county with invented matters, and say who may sign in."""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from petitions.demo import background, tour
from petitions.demo.guard import NotADemo, demo_only
from petitions.models import Petition

SIZE = 200
REFUSED = (
    "This is a real office's database: no invented matters and no demo password may be put here.  "
    "这是正式单位的数据库，不能放入演示数据和演示帐号。"
)
BUSY = "The demo is being filled already.  演示数据正在生成，请等它完成。"


class Command(BaseCommand):
    """`manage.py demo --if-empty | --size N | --sign-ins`."""

    help = "Fill the demo county with invented matters, through the same verbs that people use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is to be done."""
        parser.add_argument("--if-empty", action="store_true", help="only where there is no matter yet")
        parser.add_argument("--size", type=int, default=None, help=f"how many matters more (default {SIZE})")
        parser.add_argument("--sign-ins", action="store_true", help="say who may sign in, and what each may look at")
        parser.add_argument("--stories", action="store_true", help="say where each kind of history can be seen")
        parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1), help="processes")
        parser.add_argument("--fill", action="store_true", help="do the work in this process (used by the others)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse in a real office; else do what was asked."""
        try:
            demo_only()
        except NotADemo as error:
            raise CommandError(REFUSED) from error
        size = SIZE if options["size"] is None else options["size"]
        if size < 1:
            raise CommandError("--size must be 1 or more.")
        if options["sign_ins"]:
            self.stdout.write(tour.table())
        elif options["stories"]:
            self.stdout.write(tour.stories())
        elif options["fill"]:
            self._fill(size, max(1, options["workers"]))
        elif options["if_empty"]:
            self._if_empty(size)
        else:
            self._more(size)

    def _fill(self, size: int, workers: int) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the other processes are ended too
        try:
            state = background.fill(size, workers)
        except background.Busy as busy:
            raise CommandError(BUSY) from busy
        if state.trouble:
            raise CommandError(state.trouble)

    def _if_empty(self, size: int) -> None:
        if background.is_busy():
            self.stdout.write(f"{BUSY}  {background.progress().words}")
            self._look_on(None)
        elif not Petition.objects.exists():
            self._look_on(size)
        elif background.progress().count and not background.progress().ended:
            self.stdout.write(
                "The demo was cut short when it was last filled; `make demo` adds more.  上次生成演示数据时中断。"
            )

    def _more(self, size: int) -> None:
        if background.is_busy():
            raise CommandError(f"{BUSY}  {background.progress().words}")
        self._look_on(size)

    def _look_on(self, size: int | None) -> None:
        """Show how far it is until it is done; Ctrl-C ends the looking on, not the work."""
        child = background.start(size) if size is not None else None
        try:
            end = background.look_on(self._say, child)
        except KeyboardInterrupt:
            self.stdout.write(
                "\nIt goes on in the background; `manage.py demo --if-empty` shows it again.  后台继续生成。"
            )
            raise SystemExit(130) from None
        self._line("")
        if end.trouble or not end.ended:
            raise CommandError(f"The demo could not be filled: {end.trouble}  演示数据没有全部生成。")
        self.stdout.write(
            f"{end.count} matters with {end.done} steps in {end.seconds:.0f} s.  已生成{end.count}件演示事项。"
        )

    _said = -1.0

    def _say(self, state: background.Progress) -> None:
        """On a terminal one line that moves; elsewhere a line every five seconds."""
        if self.stdout.isatty():
            self._line(state.words)
        elif state.seconds - self._said >= 5 or self._said < 0:
            self._said = state.seconds
            self.stdout.write(state.words)
            self.stdout.flush()

    def _line(self, words: str) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r\033[K{words}", ending="")
            self.stdout.flush()
