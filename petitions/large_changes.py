"""How is a body changed that holds much open work?  In the background, seen and stoppable, and still whole or not at all.

All of it stays one transaction (`petitions.reorganise`); how far it is stands beside it.  A worker that dies, or a person who
stops it before the end, leaves everything as it was; the preview is compared once more under the locks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.manage import check_manages
from accounts.models import Department
from petitions import jobs, reorganise, trees
from petitions.jobs import Cancelled, Run
from petitions.models import Job
from petitions.reorganise import Beat, Part, Plan, PlanChanged

CODES = ("close_body", "split_body")
AT_ONCE = 200  # open matters that move while somebody waits; more move in the background


def long(plan: Plan) -> bool:
    """Whether what ``plan`` moves takes longer than a person waits for a page."""
    return plan.many > AT_ONCE and plan.successor is not None


def begin(
    body: Department, successor: Department | None, part: Part, *, by: Actor, reason: str, mark: str,
    seen: Mapping[str, str],
) -> Job | None:  # fmt: skip
    """Write down that the change is to be made in the background; ``None`` where it is small enough to be made at once.

    Raises:
        WrongPerson, BadInput, WrongMoment; PlanChanged: what would move is no longer what was seen.
    """
    check_manages(by, "departments")
    plan = reorganise.plan(body, successor, part)
    if plan.mark != mark:
        raise PlanChanged(reorganise.differs(seen, plan.seen))
    if successor is None or not long(plan):
        return None
    settings = {
        "name": f"{body.name}：{plan.many}件在办事项转到{successor.name}", "body": body.pk, "successor": successor.pk,
        "categories": part.categories, "regions": part.regions, "posts": part.posts,
        "reason": reason, "mark": mark, "seen": dict(seen),
    }  # fmt: skip
    return jobs.start(CODES[0] if part.whole else CODES[1], by=by, settings=settings)


@jobs.kind("close_body", "合并单位", whole=True)
def close_body(run: Run) -> None:
    """Merge a body into the one that goes on with its work."""
    _change(run, reorganise.close)


@jobs.kind("split_body", "划出职能", whole=True)
def split_body(run: Run) -> None:
    """Give a part of what a body does to another one."""
    said = run.job.settings
    part = Part(tuple(said["categories"]), tuple(said["regions"]), tuple(said["posts"]))
    _change(run, lambda body, successor, **more: reorganise.split(body, successor, part, **more))


def _change(run: Run, change: Callable[..., Plan]) -> None:
    if "moved" in run.job.counts:  # it was done; its worker died before it could say so
        return
    try:
        with run.beside() as tell:
            tell(0, run.job.total)
            _made(run, change, tell)
    except BaseException as fault:
        run.undone()
        raise _told(fault) from fault
    trees.forget()


def _made(run: Run, change: Callable[..., Plan], tell: Beat) -> None:
    """The change and the note that it is made, in one transaction."""
    said: dict[str, Any] = run.job.settings
    found = Department.objects.in_bulk([said["body"], said["successor"]])
    with transaction.atomic():
        done = change(
            found[said["body"]], found[said["successor"]], by=run.by, reason=said["reason"], mark=said["mark"],
            seen=said["seen"], beat=tell,
        )  # fmt: skip
        run.step(done.many, total=done.many, moved=done.many)


def _told(fault: BaseException) -> BaseException:
    """What is to stand on the page of the work: that nothing was changed, and why."""
    if isinstance(fault, Cancelled):
        return Cancelled("已停下，没有作任何变更。")
    if isinstance(fault, PlanChanged):
        fault.message = f"预览之后有了变化，没有作任何变更，请重新预览。{'；'.join(fault.differs)}"
    return fault


__all__ = ["AT_ONCE", "CODES", "begin", "long"]
