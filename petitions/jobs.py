"""How is long work done in the background?  Step by step, seen from outside, stopped when asked, taken up again when its worker dies.

A kind of work is a function that is told its :class:`Run`.  It goes on from ``run.job.done``, and calls ``run.step`` inside the
transaction of each piece: the piece and how far the work is are written together, so that a killed worker leaves nothing half
done and nothing is done twice.  Whoever holds the lease works; a lease not renewed for :data:`LEASE` is anybody's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from django.core.files import File
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Delegation, Post
from petitions import attachments
from petitions.errors import NotSeen, Refused, WrongPerson
from petitions.models import Job, JobProblem
from petitions.querycode import new_ref

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
MOST_PROBLEMS = 20_000  # rows of a report; a file with more is the wrong file
MOST_LOSSES = 5  # workers that may be lost over one piece of work before it is left alone


class Cancelled(Exception):
    """The work was stopped by a person; said with words where they are to stand on its page."""


class Later(Exception):
    """What the work needs is not there yet: it waits, with these words on its page, and is tried again with the minute."""


class Lost(Exception):
    """Another worker has taken the work up: this one's lease ran out."""


@dataclass
class Run:
    """A piece of long work under way.

    Attributes:
        by: who asked for it; every verb is told so.
    """

    job: Job
    by: Actor

    def step(self, done: int, *, total: int | None = None, **counts: int) -> None:
        """Write down how far the work is, inside the transaction of what was just done.

        Args:
            counts: added to the job's own (``accepted=1``).

        Raises:
            Cancelled, Lost: what was just done must be undone: let it pass through the transaction.
        """
        row = Job.objects.select_for_update().filter(pk=self.job.pk, runner=self.job.runner, state="running").first()
        if row is None:
            raise Lost
        if row.cancelled:
            raise Cancelled
        row.done = done
        row.total = row.total if total is None else total
        row.counts = {**row.counts, **{name: row.counts.get(name, 0) + many for name, many in counts.items()}}
        row.beat_at = timezone.now()
        row.save(update_fields=["done", "total", "counts", "beat_at"])
        self.job.done, self.job.total, self.job.counts = row.done, row.total, row.counts

    @contextmanager
    def beside(self) -> Iterator[Callable[[int, int], None]]:
        """Give ``tell(done, total)`` for work that is one transaction: how far it is, over a connection of its own.

        What is told is seen at once and renews the lease, although nothing of the work itself is written yet.  The last
        step belongs into the transaction (``step``), and ``tell`` must not be used after it.

        Raises:
            Cancelled, Lost: out of ``tell``; they must undo the transaction.
        """

        def told(done: int, total: int) -> None:
            with transaction.atomic():
                self.step(done, total=total)

        with ThreadPoolExecutor(1) as hand:
            try:
                yield lambda done, total: hand.submit(told, done, total).result()
            finally:
                hand.submit(lambda: connection.close()).result()  # its own, not ours

    def undone(self) -> None:
        """Write down that nothing is done: what the pieces did has been undone together."""
        Job.objects.filter(pk=self.job.pk, runner=self.job.runner).update(done=0)
        self.job.done = 0

    def keep(self, out: IO[bytes], name: str, **counts: int) -> None:
        """Keep the file that the work made, sealed, for whoever asked for it; thrown away after DRAFT_DAYS.

        Args:
            name: what it is called when it is handed out.

        Raises:
            Cancelled, Lost: nothing is kept.
        """
        kept = attachments.put_aside(File(out, name=name))
        try:
            with transaction.atomic():
                self.step(self.job.done, **counts)
                self.job.settings = {**self.job.settings, **kept, "result": name}
                self.job.save(update_fields=["settings"])
        except BaseException:
            attachments.drop_aside(kept)
            raise

    def report(self, problems: Iterable[tuple[int, str]]) -> None:
        """Add rows that failed, each with its reason, inside the same transaction."""
        rows = [JobProblem(job=self.job, row=row, reason=reason[:300]) for row, reason in problems]
        room = max(0, MOST_PROBLEMS - self.job.counts.get("refused", 0))
        JobProblem.objects.bulk_create(rows[:room])


Runner = Callable[[Run], None]


@dataclass(frozen=True)
class Kind:
    """A kind of work: what it is called, what does it, and whether it is done whole or not at all."""

    label: str
    runner: Runner
    whole: bool = False

    @property
    def left(self) -> str:
        """What becomes of the pieces that were done when it does not come to its end."""
        return "没有作任何变更" if self.whole else "已经完成的部分保留"


KINDS: dict[str, Kind] = {}


def kind(code: str, label: str, *, whole: bool = False) -> Callable[[Runner], Runner]:
    """Name the function that does a kind of work.

    Args:
        whole: it is one transaction, and what was done is undone where it does not come to its end.
    """

    def register(function: Runner) -> Runner:
        KINDS[code] = Kind(label, function, whole)
        return function

    return register


def label_of(code: str) -> str:
    """The words for a kind of work."""
    return KINDS[code].label if code in KINDS else code


def is_whole(code: str) -> bool:
    """Whether a kind of work is done whole or not at all."""
    return code in KINDS and KINDS[code].whole


def start(code: str, *, by: Actor, settings: dict[str, Any], planned: bool = False) -> Job:
    """Write down that work is to be done and return its row; a worker is woken by whoever calls, after the commit.

    Args:
        settings: what the work must know, as JSON; it lies in clear, so that nothing of a petitioner belongs there.
        planned: it is only being prepared, and no worker takes it.
    """
    lent = by.delegation.pk if by.delegation else None
    state = "planned" if planned else "waiting"
    return Job.objects.create(kind=code, post=by.post, settings={**settings, "delegation": lent}, state=state)


def waiting() -> list[str]:
    """Return the refs of work that nobody does: not begun, or its worker is gone."""
    late = Q(state="running", beat_at__lt=timezone.now() - LEASE)
    return list(Job.objects.filter(Q(state="waiting") | late).order_by("pk").values_list("ref", flat=True))


def run(ref: str) -> str:
    """Do the work ``ref`` if nobody does, and return its state; safe to call at any time and twice at once."""
    job = _claim(ref)
    if job is None:
        return "taken"
    known = KINDS[job.kind]
    if job.losses >= MOST_LOSSES:
        return _end(job, "failed", f"后台程序多次中断，已停下；{known.left}，请联系系统管理员后再继续。")
    try:
        known.runner(Run(job, _actor_of(job)))
    except Lost:
        return "lost"
    except Later as later:
        return _put_off(job, str(later))
    except Cancelled as stop:
        return _end(job, "cancelled", str(stop))
    except Refused as refused:
        return _end(job, "failed", refused.message)
    except Exception:
        logger.exception("job %s (%s) failed", job.ref, job.kind)
        return _end(job, "failed", f"程序出错，已记入系统日志；{known.left}，可以再次执行。")
    return _end(job, "ended")


def _claim(ref: str) -> Job | None:
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).filter(ref=ref).first()
        if job is None or job.kind not in KINDS:
            return None
        gone = job.state == "running" and (job.beat_at is None or job.beat_at < timezone.now() - LEASE)
        if job.state != "waiting" and not gone:
            return None
        job.state, job.runner, job.beat_at, job.losses = "running", new_ref(), timezone.now(), job.losses + gone
        job.save(update_fields=["state", "runner", "beat_at", "losses"])
        return job


def _actor_of(job: Job) -> Actor:
    """Who asked for it, if that post, and the power lent for it, are still held: an act of nobody's is none."""
    assert job.post_id is not None
    post = Post.objects.in_force(today()).select_related("user", "department").filter(pk=job.post_id).first()
    lent = Delegation.objects.filter(pk=job.settings.get("delegation")).select_related("to_user").first()
    if post is None or (lent is not None and not lent.valid_from <= today() <= lent.valid_to):
        raise WrongPerson("要求这项工作的岗位或者代签已经结束，请由现任岗位重新发起。", rule="岗位")
    return Actor(user=lent.to_user if lent else post.user, post=post, delegation=lent)


def _put_off(job: Job, word: str) -> str:
    Job.objects.filter(pk=job.pk, runner=job.runner).update(state="waiting", word=word[:200])
    return "waiting"


def _end(job: Job, state: str, word: str = "") -> str:
    Job.objects.filter(pk=job.pk, runner=job.runner).update(state=state, word=word[:200], ended_at=timezone.now())
    return state


def own(actor: Actor, ref: str) -> Job:
    """Return the post's own work ``ref``.

    Raises:
        NotSeen: it is another's, or there is none.
    """
    found = Job.objects.filter(post=actor.post, ref=ref).first()
    if found is None:
        raise NotSeen
    return found


def cancel(job: Job) -> None:
    """Ask that the work stop before its next piece; what is done stays."""
    Job.objects.filter(pk=job.pk, state="waiting").update(state="cancelled", ended_at=timezone.now())
    Job.objects.filter(pk=job.pk).exclude(state__in=["ended", "failed"]).update(cancelled=True)


def again(job: Job) -> None:
    """Let work that was stopped or failed go on where it stands."""
    Job.objects.filter(pk=job.pk, state__in=["cancelled", "failed"]).update(
        state="waiting", cancelled=False, ended_at=None, word="", losses=0
    )
