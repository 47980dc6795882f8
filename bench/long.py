"""How long does long work take?  ``python -m bench.long NAME`` beside a filled database does it as a worker would; prints it as JSON.

Everything goes through the functions that the worker itself calls (`jobs.run`, the night's): what is measured is the work, with its notes
of how far it is, its leases and its reports; not the wait for a worker.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bench.targets import BUSY, office_id, post_of, ranked, ready, registered, this_day

PAPERS = 500
Row = dict[str, Any]


def acceptances() -> Row:
    """500 notices of acceptance, numbered and fixed, in one piece of bulk work of the busiest unit."""
    from petitions import bulk_steps, jobs, lifecycle
    from petitions.models import Assignment, Job, Paper, Petition

    unit = ranked()[BUSY]
    signer = _actor(unit, "signer")
    _signed_for(unit, PAPERS)
    held = Assignment.objects.filter(department=unit, state="signed", lead=True, petition__kind="claim")
    refs = list(held.order_by("-pk").values_list("petition__ref", flat=True)[:PAPERS])
    step = lifecycle.STEPS["accept"]
    rows = bulk_steps.picked(signer, step, [(ref, None) for ref in refs])
    said = {"handler": str(post_of(unit, "handler").pk), "occurred_on": this_day().isoformat()}
    job = bulk_steps.start(signer, step, rows, said, "")
    before = Paper.objects.count()
    seconds = _timed(lambda: jobs.run(job))
    found = Job.objects.get(ref=job)
    papers = Paper.objects.count() - before
    assert Petition.objects.filter(ref__in=refs).count() == len(refs) == papers, (found.state, found.counts, papers)
    return {"papers": papers, "state": found.state, "seconds": seconds, "a_second": _rate(papers, seconds)}


def _signed_for(unit: int, count: int) -> None:
    """As many matters as are asked for wait for acceptance at the unit; what is missing is registered, sent and signed for."""
    from accounts.models import Department
    from petitions.actions import advance
    from petitions.models import Assignment, Category

    waiting = Assignment.objects.filter(department=unit, state="signed", lead=True, petition__kind="claim").count()
    by, signer, body = _actor(office_id(), "triage"), _actor(unit, "signer"), Department.objects.get(pk=unit)
    category = Category.objects.exclude(parent=None)[0]
    for filing in registered(post_of(office_id(), "registrar"), max(0, count - waiting)):
        sent = advance("transfer", on=filing, by=by, department=body, category=category)
        advance("sign_for", on=Assignment.objects.get(petition=sent.petition, department=body), by=signer)


def _export(most: int) -> Callable[[], Row]:
    def export() -> Row:
        """The newest matters of the office, up to ``most``, as a spreadsheet kept sealed."""
        from petitions import exports, jobs
        from petitions.models import Job

        triage = _actor(office_id(), "triage")
        job = jobs.start(exports.CODE, by=triage, settings={"page": exports.MATTERS, "query": _since(most)})
        seconds = _timed(lambda: jobs.run(job.ref))
        found = Job.objects.get(pk=job.pk)
        assert found.state == "ended", (found.state, found.counts)
        size = sum(map(len, exports.content(found)))
        rows = found.counts["rows"]
        return {"rows": rows, "seconds": seconds, "a_second": _rate(rows, seconds), "mib": round(size / 2**20, 1)}

    return export


def _since(most: int) -> str:
    """The condition that lets through as many of the newest matters as can be, whole days, and no more than ``most``."""
    from petitions.access import visible_to

    seen = visible_to(_actor(office_id(), "triage")).order_by("-received_on", "-pk")
    edge = seen.values_list("received_on", flat=True)[most : most + 1]
    return f"received_from={edge[0] + timedelta(days=1)}" if edge else ""


def figures_kept() -> Row:
    """What was written since is taken into the figures, as every few minutes."""
    from petitions import figures

    seconds = _timed(figures.refresh)
    return {"seconds": seconds}


def figures_checked() -> Row:
    """Every fact and total is compared with the record."""
    from petitions import figures

    wrong: list[int] = []
    seconds = _timed(lambda: wrong.append(figures.compare(lambda _: None)))
    return {"seconds": seconds, "wrong": wrong[0]}


def patterns_night() -> Row:
    """The night's look for problems that grow, over every town."""
    from petitions.models import Pattern, PatternNight
    from petitions.patterns.night import run_night

    PatternNight.objects.filter(day=this_day()).delete()
    raised: list[int] = []
    seconds = _timed(lambda: raised.append(run_night()))
    return {"seconds": seconds, "raised": raised[0], "warnings": Pattern.objects.count()}


def warned() -> Row:
    """The morning's look for limits that run out."""
    from petitions.actions.warn import warn

    said: list[Any] = []
    seconds = _timed(lambda: said.append(warn()))
    return {"seconds": seconds, "said": str(said[0])}


def _actor(department: int, role: str) -> Any:
    from accounts.actor import Actor

    post = post_of(department, role)
    return Actor(user=post.user, post=post)


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return round(time.monotonic() - began, 2)


def _rate(many: int, seconds: float) -> float:
    return round(many / max(seconds, 0.01), 1)


WORKS: Mapping[str, Callable[[], Row]] = {
    "acceptances": acceptances, "export_100000": _export(100_000), "export_200000": _export(200_000), "figures_kept": figures_kept,
    "figures_checked": figures_checked, "patterns_night": patterns_night, "warned": warned,
}  # fmt: skip


def done(name: str) -> Row:
    """Do one piece of work; what came of it, and the memory that this process had at most (MiB)."""
    row = WORKS[name]()
    return {"work": name, **row, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


if __name__ == "__main__":
    ready()
    json.dump(done(sys.argv[1]), sys.stdout, ensure_ascii=False)
