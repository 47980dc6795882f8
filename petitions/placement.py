"""What changes for whom when a body is put under another one?  First shown, then done; no matter is rewritten (scope reads the tree)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from accounts import bodies
from accounts.actor import Actor
from accounts.dates import today
from accounts.manage import check_manages
from accounts.models import Department, LeaderField, Post, Role
from petitions import trees
from petitions.reorganise import WHOLE, Line, Plan, PlanChanged, differs, unfinished

_HEADS = (Role.UNIT_HEAD, Role.UNIT_LEADER, Role.OFFICE_HEAD)


def plan(body: Department, parent: Department) -> Plan:
    """Return what putting ``body`` under ``parent`` changes: what goes along, and who sees it or no longer does.  Changes nothing.

    Raises:
        BadInput, WrongMoment: it cannot be done so.
    """
    bodies.check_move(body, parent)
    return Plan(body, None, WHOLE, lines=tuple(_lines(body, parent)), title=f"{body.name}调整到{parent.name}之下")


def move(body: Department, parent: Department, *, by: Actor, reason: str, mark: str,
         seen: Mapping[str, str] | None = None) -> Plan:  # fmt: skip
    """Put ``body``, with all below it, under ``parent``, as it was previewed.

    Args:
        mark, seen: of the preview that was looked at.

    Raises:
        WrongPerson, BadInput, WrongMoment; PlanChanged (409): the tree is no longer what was seen.
    """
    check_manages(by, "departments")
    with transaction.atomic():
        rows = bodies.lock(body.pk, parent.pk)
        made = plan(rows[body.pk], rows[parent.pk])
        if made.mark != mark:
            raise PlanChanged(differs(seen or {}, made.seen))
        bodies.move(rows[body.pk], by=by, parent=rows[parent.pk], reason=reason)
    trees.forget()
    return made


def _lines(body: Department, parent: Department) -> Iterable[Line]:
    yield Line("隶属", "现在的上级", body.parent.name if body.parent else "（无）")
    yield Line("隶属", "新的上级", _way(parent))
    below = Department.objects.in_force(today()).filter(path__startswith=body.path).exclude(pk=body.pk)
    for row in below.order_by("path"):
        yield Line("随着一起调整的机构", row.name, "仍在它之下")
    yield Line("不变的", "在办事项", f"{unfinished(body).count()}件，仍由本单位办理，到期日不变", firm=False)
    yield Line("不变的", "人员岗位、文号", "不动", firm=False)
    was, now = _watchers(body.parent), _watchers(parent)
    for these, group in ((was, "从此不再看到它的事项"), (now, "从此看到它的事项")):
        other = now if these is was else was
        for pk, post in these.items():
            if pk not in other:
                yield Line(
                    group, post.user.name, f"{post.department.short_name} {post.title or post.get_role_display()}"
                )


def _way(parent: Department) -> str:
    """The parent with all above it: another place in the tree is another plan."""
    above = [int(pk) for pk in parent.path.split("/") if pk]
    names = dict(Department.objects.filter(pk__in=above).values_list("pk", "name"))
    return " › ".join(names[pk] for pk in above if pk in names)


def _watchers(above: Department | None) -> dict[int, Post]:
    """Who sees what lies below ``above``: leaders in charge of it or of one above, and the heads of these."""
    if above is None:
        return {}
    ids = [int(pk) for pk in above.path.split("/") if pk]
    held = Post.objects.in_force(today()).filter(user__is_active=True).select_related("user", "department")
    charged = held.filter(pk__in=LeaderField.objects.filter(department__in=ids).values("post"), role=Role.LEADER)
    heads = held.filter(department__in=ids, role__in=_HEADS)
    return {post.pk: post for post in [*charged.order_by("pk"), *heads.order_by("pk")]}


__all__ = ["move", "plan"]
