"""Which bodies are there?  The verbs that touch no matter: a body is set up, renamed, moved in the tree, reached elsewhere.

What takes work away from a body (merging, abolishing, splitting) is :mod:`petitions.reorganise`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment
from accounts.manage import changed, check_manages
from accounts.models import Department, DepartmentKind, FormerName, Level, Region
from accounts.tree import Circle, place

RULE = "机构管理"
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
# Bodies that are part of the system: nobody sets them up or moves them here.
FIXED = frozenset({DepartmentKind.SYSTEM})
# Bodies of another government, outside the county's tree: named here so that what they hand down names them.
ELSEWHERE = frozenset({DepartmentKind.SUPERIOR})
_ABOVE = frozenset({Level.CENTRAL, Level.PROVINCE, Level.CITY})


def target(body: Department) -> str:
    """How the log names a body."""
    return f"department:{body.pk}"


def facts(body: Department) -> dict[str, object]:
    """Return a body's fields by their names on the page."""
    return {
        "代码": body.code, "名称": body.name, "简称": body.short_name, "类型": body.get_kind_display(),
        "上级": body.parent.name if body.parent else "", "发文代字": body.paper_prefix,
        "属地": body.region.full_name if body.region else "", "电话": body.phone, "地址": body.address,
        "接待时间": body.opening_hours, "撤销日期": body.valid_to or "",
    }  # fmt: skip


def in_force(body: Department) -> bool:
    """Whether the body exists today."""
    return body.valid_from <= today() and (body.valid_to is None or body.valid_to >= today())


def lock(*pks: int) -> dict[int, Department]:
    """Lock bodies, in one order for everybody, and return them fresh.

    NO KEY UPDATE: whoever only names a body in a row goes on; whoever gives it a matter (``hold``) waits.
    """
    rows = Department.objects.select_for_update(of=("self",), no_key=True).select_related("parent", "region")
    return {row.pk: row for row in rows.filter(pk__in=pks).order_by("pk")}


def add(
    *, by: Actor, code: str, name: str, short_name: str, kind: str, level: str, parent: Department | None,
    region: Region | None = None, paper_prefix: str = "", reason: str,
) -> Department:  # fmt: skip
    """Set up a body from today on; posts are given there afterwards.

    Raises:
        WrongPerson, BadInput: the code or the name is taken, the numbers would begin like another's, the parent is gone.
    """
    check_manages(by, "departments")
    if not _CODE.fullmatch(code):
        raise BadInput({"code": "代码用2到20位大写字母、数字和横线。"})
    if kind not in DepartmentKind.values or kind in FIXED or level not in Level.values:
        raise BadInput({"kind": "请选择单位类型和层级。"})
    if kind in ELSEWHERE and (parent is not None or level not in _ABOVE):
        raise BadInput({"parent": "上级机关不属于本县的机构，没有上级单位；层级为中央、省或市。"}, rule=RULE)
    if kind == DepartmentKind.INNER and (parent is None or parent.kind == DepartmentKind.INNER):
        raise BadInput({"parent": "内设机构要设在一个单位之下。"})
    with transaction.atomic():
        _check_parent(parent)
        if Department.objects.filter(code=code).exists():
            raise BadInput({"code": "这个代码已经有了。"})
        _check_names(None, name, short_name, paper_prefix)
        row = Department.objects.create(
            code=code, name=name, short_name=short_name, kind=kind, level=level, parent=parent, region=region,
            paper_prefix=paper_prefix, valid_from=today(),
        )  # fmt: skip
        place(row)
        changed(by, target(row), "新设单位", after=facts(row), reason=reason)
    return row


def rename(body: Department, *, by: Actor, name: str, short_name: str, paper_prefix: str, reason: str) -> Department:
    """Give a body another name from today on; what happened before keeps being shown under the old one.

    Raises:
        WrongPerson, WrongMoment, BadInput: the name is another's, or its numbers would begin like another's.
    """
    check_manages(by, "departments")
    with transaction.atomic():
        row = _mine(body)
        _check_names(row, name, short_name, paper_prefix)
        before = facts(row)
        if (row.name, row.short_name, row.paper_prefix) != (name, short_name, paper_prefix):
            FormerName.objects.create(
                department=row, name=row.name, short_name=row.short_name, paper_prefix=row.paper_prefix,
                until=today() - timedelta(days=1),
            )  # fmt: skip
        row.name, row.short_name, row.paper_prefix = name, short_name, paper_prefix
        row.save(update_fields=["name", "short_name", "paper_prefix"])
        changed(by, target(row), "更名", before=before, after=facts(row), reason=reason)
    return row


def check_move(body: Department, parent: Department | None) -> None:
    """Refuse to put ``body`` where it cannot stand.

    Raises:
        WrongMoment, BadInput: the parent is gone, is below it, or an inner office would act for another body.
    """
    if body.kind in ELSEWHERE:
        raise WrongMoment("上级机关不在本县的机构之内，不能调整隶属。", rule=RULE)
    _check_parent(parent)
    if parent is None:
        return
    if DepartmentKind.INNER in (body.kind, parent.kind):
        raise BadInput({"parent": "内设机构代表本单位办理，不能在单位之间调整；请新设后调整人员岗位。"}, rule=RULE)
    if parent.path.startswith(body.path):
        raise BadInput({"parent": f"{parent.name}在{body.name}之下，不能作为它的上级。"})


def move(body: Department, *, by: Actor, parent: Department, reason: str) -> Department:
    """Put a body, with all below it, under another one.  No matter changes: scope reads the tree.

    Raises:
        WrongPerson, WrongMoment, BadInput: the parent is gone, is below it, or an inner office would act for another body.
    """
    check_manages(by, "departments")
    with transaction.atomic():
        rows = lock(body.pk, parent.pk)
        row = _mine(body, rows)
        check_move(row, rows.get(parent.pk))
        before = facts(row)
        row.parent = rows[parent.pk]
        try:
            place(row)
        except Circle as circle:
            raise BadInput({"parent": str(circle)}) from None
        row.save(update_fields=["parent"])
        changed(by, target(row), "调整隶属", before=before, after=facts(row), reason=reason)
    return row


def correct(body: Department, *, by: Actor, reason: str = "", **fields: Any) -> Department:
    """Correct how a body is reached: ``phone``, ``address``, ``opening_hours``, ``region``.

    Raises:
        WrongPerson, WrongMoment: it is no longer.
    """
    check_manages(by, "departments")
    known: Mapping[str, Any] = {name: fields[name] for name in ("phone", "address", "opening_hours", "region")}
    with transaction.atomic():
        row = _mine(body)
        before = facts(row)
        for name, value in known.items():
            setattr(row, name, value)
        row.save(update_fields=list(known))
        changed(by, target(row), "更正", before=before, after=facts(row), reason=reason)
    return row


def _mine(body: Department, rows: Mapping[int, Department] | None = None) -> Department:
    row = (rows or lock(body.pk))[body.pk]
    if row.kind in FIXED:
        raise WrongMoment("这个单位不由本县调整。", rule=RULE)
    if not in_force(row):
        raise WrongMoment("这个单位已经撤销。", rule=RULE)
    return row


def _check_parent(parent: Department | None) -> None:
    if parent is not None and (parent.kind in FIXED | ELSEWHERE or not in_force(parent)):
        raise BadInput({"parent": "上级单位已经撤销，或者不由本县调整。"})


def beginnings() -> dict[str, str]:
    """Return how the numbers of every body that is or was begin, each with that body's name; no new body's may begin so."""
    once = FormerName.objects.values_list("paper_prefix", "short_name", "name")
    rows = [*once, *Department.objects.values_list("paper_prefix", "short_name", "name")]
    return {prefix or short: name for prefix, short, name in rows}


def _check_names(own: Department | None, name: str, short_name: str, paper_prefix: str) -> None:
    """No two bodies of one day bear one name, and no body's numbers ever begin like those of another that lives apart.

    A successor may go on with the 代字 of the body it followed: its numbers go on where those stopped.
    """
    pk = own.pk if own else 0
    others = Department.objects.exclude(pk=pk)
    if others.filter(Q(valid_to=None) | Q(valid_to__gte=today()), name=name).exists():
        raise BadInput({"name": "已经有同名的单位。"})
    begins = paper_prefix or short_name
    alike = Q(paper_prefix=begins) | Q(paper_prefix="", short_name=begins)
    strangers = others.exclude(heir=pk) if pk else others
    once = FormerName.objects.filter(alike).exclude(department=pk)
    once = once.exclude(department__heir=pk) if pk else once
    if strangers.filter(alike).exists() or once.exists():
        raise BadInput({"paper_prefix": f"“{begins}”是别的单位用过的发文代字，文号会重复。"}, rule="文号不重复")
