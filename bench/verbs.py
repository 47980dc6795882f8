"""How long does each step of the table take?  ``python -m bench.verbs 400`` tells demo histories beside a filled database, as JSON.

Every road is walked by the people whose duty it is, a step in a transaction of its own, committed; what is measured is the verb
(check, lock, effect, clocks, papers, notices, record), without the page around it, which `bench.steps` measures for five of them.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from bench.targets import ready

AIM_MS = 100
FEW = 5  # a step that was taken fewer times is not judged; below twenty its 95th percentile is its slowest one

Times = dict[str, list[float]]


def measured(count: int, *, first: int) -> dict[str, Any]:
    """Tell ``count`` histories numbered from ``first`` on, without the nights between; say how long their steps took (ms)."""
    from django.utils import timezone

    from petitions.demo.county import build_county
    from petitions.demo.histories import Teller

    teller = Teller(build_county(), count, first, timezone.now())
    with _timed() as times:
        teller.through(teller.table.today)
    return {"histories": count, "waited_in_vain": len(teller.told.stuck), **_said(times)}


@contextmanager
def _timed() -> Iterator[Times]:
    """Whatever the demo's people advance in here is timed, by step; what was refused is left out."""
    from petitions.demo import hands, road_hands

    times: Times = defaultdict(list)
    real = hands.advance

    def advance(step: str, **said: Any) -> Any:
        began = time.perf_counter()
        done = real(step, **said)
        times[step].append((time.perf_counter() - began) * 1000)
        return done

    with mock.patch.object(hands, "advance", advance), mock.patch.object(road_hands, "advance", advance):
        yield times


def _said(times: Times) -> dict[str, Any]:
    from petitions.lifecycle import STEPS

    often = {step: _p95(took) for step, took in times.items() if len(took) >= FEW}
    slowest = sorted(often, key=lambda step: -often[step])
    every = [one for took in times.values() for one in took]
    return {
        "kinds": len(times), "of": len(STEPS), "taken": len(every), "p50_ms": round(statistics.median(every), 1), "p95_ms": _p95(every),
        "kinds_often": len(often), "over_aim": [step for step in slowest if often[step] > AIM_MS],
        "slowest": {step: {"taken": len(times[step]), "p50_ms": round(statistics.median(times[step]), 1), "p95_ms": often[step]} for step in slowest[:10]},
    }  # fmt: skip


def _p95(took: list[float]) -> float:
    return round(sorted(took)[int(len(took) * 0.95)], 1)


def _first() -> int:
    """A number after those that were told before: the same numbers tell the same histories."""
    from petitions.models import Petition

    return Petition.objects.latest("pk").pk


if __name__ == "__main__":
    ready()
    json.dump(measured(int(sys.argv[1]), first=_first()), sys.stdout, ensure_ascii=False)
