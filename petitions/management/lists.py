"""What do the commands that bring lists in have in common?  Who acts, and what is said of the work."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.core.management.base import CommandError, OutputWrapper

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Post
from petitions import jobs
from petitions.models import Job


def run(job: Job, out: OutputWrapper) -> None:
    """Do the work in this process, and say what became of the rows.

    Raises:
        CommandError: it did not come to its end.
    """
    began = time.monotonic()
    state = jobs.run(job.ref)
    job.refresh_from_db()
    seconds = time.monotonic() - began
    counts = ", ".join(f"{name} {many}" for name, many in sorted(job.counts.items()))
    out.write(
        f"{state}: {job.done} of {job.total} rows in {seconds:.1f} s ({job.done / seconds:.0f} a second): {counts}"
    )
    for row, reason in job.problems.order_by("row", "pk").values_list("row", "reason")[:20]:
        out.write(f"  row {row}: {reason}")
    if job.counts.get("refused", 0) > 20:
        out.write(f"  and {job.counts['refused'] - 20} more")
    if state != "ended":
        raise CommandError(job.word or state)


def actor(username: str, roles: Iterable[str], what: str) -> Actor:
    """The person of that sign-in name in the first post of ``roles`` held today.

    Raises:
        CommandError: there is none.
    """
    posts = Post.objects.in_force(today()).select_related("user", "department")
    post = posts.filter(user__username=username, role__in=roles, user__is_active=True).order_by("pk").first()
    if post is None:
        raise CommandError(f"{username} holds no post that {what}")
    return Actor(user=post.user, post=post)
