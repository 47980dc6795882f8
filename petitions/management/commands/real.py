"""``manage.py real``: some hundreds of real citizens' messages through the office's own pages, with a report."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from petitions.demo.county import County, build_county
from petitions.demo.guard import NotADemo, demo_only
from petitions.models import Category
from petitions.walk.desk import Desk
from petitions.walk.messages import Message, NoMessages, read
from petitions.walk.roads import Walked, walk

PATIENCE_SECONDS = 60


class Command(BaseCommand):
    """Registers, triages, routes, answers and closes messages of ../shared/data over HTTP."""

    help = "Walk real messages through the office's pages; says so when the folder of messages is absent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--messages", type=int, default=300, help="how many (300)")
        parser.add_argument("--workers", type=int, default=3, help="how many at a time (3)")
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR.parent / "shared" / "data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, walk, report."""
        try:
            messages = read(options["folder"], options["messages"])
            demo_only()
        except NoMessages as none:
            self.stdout.write(f"Skipped: {none}.  This run needs the messages of ../shared/data.")
            return
        except NotADemo as real:
            raise CommandError(str(real)) from None
        county = build_county()
        started = time.monotonic()
        times: list[float] = []
        walked = self._walk_all(messages, county, options["workers"], times)
        report = _report(walked, times, time.monotonic() - started)
        target = Path(settings.VAR_DIR) / "real.json"
        target.write_text(json.dumps(report, ensure_ascii=False, indent=1))
        self._print(report)

    def _walk_all(self, messages: list[Message], county: County, workers: int, times: list[float]) -> list[Walked]:
        port = _free_port()
        with _server(port):
            address = f"http://127.0.0.1:{port}/"
            mine = local()

            def one(numbered: tuple[int, Message]) -> Walked:
                if not hasattr(mine, "desk"):
                    mine.desk = Desk(address, county, times)
                nth, message = numbered
                done = walk(message, nth, mine.desk)
                if nth % 25 == 24:
                    self.stdout.write(f"  {nth + 1} of {len(messages)}")
                return done

            with ThreadPoolExecutor(workers) as pool:
                found = list(pool.map(one, enumerate(messages)))
        connections.close_all()
        return found

    def _print(self, report: dict[str, Any]) -> None:
        for key, value in report.items():
            if isinstance(value, dict):
                self.stdout.write(f"{key}:")
                for name, count in value.items():
                    self.stdout.write(f"  {name}: {count}")
            elif isinstance(value, list):
                self.stdout.write(f"{key}: {len(value)}")
                for line in value[:20]:
                    self.stdout.write(f"  {line}")
            else:
                self.stdout.write(f"{key}: {value}")


# --- the office's web server on a port of its own ----------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class _server:  # noqa: N801  (used as a context)
    """The web server as the office runs it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __enter__(self) -> None:
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "collectstatic", "--noinput"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
                   "--workers", "2", "--blocking-threads", "8", "--no-ws", "--log-level", "error", "config.wsgi:application"]  # fmt: skip
        self.process = subprocess.Popen(command)  # noqa: S603
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise CommandError("the web server did not start")

    def __exit__(self, *failed: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


# --- the report --------------------------------------------------------------------------------------------------


def _report(walked: list[Walked], times: list[float], seconds: float) -> dict[str, Any]:
    labelled = [row for row in walked if row.message.label and row.suggested]
    tops = dict(Category.objects.filter(parent=None).values_list("pk", "name"))
    right = sum(tops.get(row.suggested[:2]) == row.message.label for row in labelled)
    registered = [row for row in walked if row.ref]
    whole = [row for row in walked if not row.refused]
    return {
        "messages": len(walked),
        "registered": len(registered),
        "whole way without a refusal": len(whole),
        "by source": dict(Counter(row.message.source for row in walked)),
        "by road": dict(Counter(row.road for row in whole)),
        "last step reached": dict(Counter(row.reached for row in walked)),
        "category suggested": f"{sum(bool(row.suggested) for row in walked)} of {len(walked)}",
        "first level as labelled": f"{right} of {len(labelled)} suggested ones with a label",
        "place suggested": sum(row.placed for row in walked),
        "body named by the table": f"{sum(row.routed for row in walked)} of {sum(bool(row.unit) for row in walked)}",
        "similar matters shown": sum(bool(row.similar) for row in walked),
        "pages": len(times),
        "page median ms": round(statistics.median(times) * 1000, 1) if times else 0,
        "seconds": round(seconds, 1),
        "refused": [f"{row.message.id}: {row.refused}" for row in walked if row.refused],
    }
