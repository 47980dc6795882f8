"""Which kinds of problem are there, and who gets what, where?  The verbs of the category tree and of the routing table."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import transaction

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment
from accounts.manage import changed, check_manages
from accounts.models import COMPETENT_KINDS, Department, Region
from petitions.models import Category, RoutingRule

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}")
MOST_HINTS, LONGEST_HINT = 60, 12
_HINT_SPLIT = re.compile(r"[\s,，、;；]+")
_OUTSIDE = re.compile(r"\s*([^:：=＝\s]{1,20})\s*[:：=＝]\s*(\S{1,40})\s*")


def category_facts(row: Category) -> dict[str, object]:
    """Return a category's fields by their names on the page."""
    outside = [f"{system}：{code}" for system, code in sorted(row.outside_codes.items())]
    return {
        "名称": row.name, "上级": row.parent.name if row.parent else "", "提示词": list(row.hints), "外部代码": outside,
        "在用": row.active,
    }  # fmt: skip


def hints_of(text: str) -> list[str]:
    """Return the hint words typed in ``text``, each once.

    Raises:
        BadInput: too many, one letter, or a whole sentence.
    """
    words = list(dict.fromkeys(filter(None, _HINT_SPLIT.split(text))))
    if len(words) > MOST_HINTS or any(not 2 <= len(word) <= LONGEST_HINT for word in words):
        raise BadInput({"hints": f"最多{MOST_HINTS}个词，每个2到{LONGEST_HINT}个字。"})
    return words


def outside_of(text: str) -> dict[str, str]:
    """Return the codes of other systems typed in ``text``, one a line: ``国家系统：0203``.

    Raises:
        BadInput: a line that is none.
    """
    found = {}
    for line in filter(str.strip, text.splitlines()):
        match = _OUTSIDE.fullmatch(line)
        if match is None:
            raise BadInput({"outside": f"“{line.strip()[:20]}”：一行写一个，例如“国家系统：0203”。"})
        found[match.group(1)] = match.group(2)
    return found


def add_category(*, by: Actor, code: str, name: str, parent: Category | None, hints: str, outside: str) -> Category:
    """Add a category of the first level, or of the second under ``parent``.

    Raises:
        WrongPerson, BadInput.
    """
    check_manages(by, "categories")
    if not _CODE.fullmatch(code):
        raise BadInput({"code": "代码用2到12位大写字母和数字，字母开头。"})
    if parent is not None and parent.parent_id is not None:
        raise BadInput({"parent": "分类只有两级。"})
    with transaction.atomic():
        if Category.objects.filter(pk=code).exists():
            raise BadInput({"code": "这个代码已经有了。"})
        _check_name(name, parent, None)
        row = Category.objects.create(
            code=code, name=name, parent=parent, hints=hints_of(hints), outside_codes=outside_of(outside)
        )
        changed(by, f"category:{code}", "新增分类", after=category_facts(row))
    return row


def _check_name(name: str, parent: Category | None, own: str | None) -> None:
    if Category.objects.filter(name=name, parent=parent, active=True).exclude(pk=own or "").exists():
        raise BadInput({"name": "同一级里已经有这个名称。"})


def edit_category(row: Category, *, by: Actor, name: str, hints: str, outside: str, reason: str = "") -> Category:
    """Rename a category, change the words that speak for it and its codes elsewhere; matters keep their category.

    Raises:
        WrongPerson, BadInput.
    """
    check_manages(by, "categories")
    with transaction.atomic():
        fresh = Category.objects.select_for_update(of=("self",)).select_related("parent").get(pk=row.pk)
        _check_name(name, fresh.parent, str(fresh.pk))
        before = category_facts(fresh)
        fresh.name, fresh.hints, fresh.outside_codes = name, hints_of(hints), outside_of(outside)
        fresh.save(update_fields=["name", "hints", "outside_codes"])
        changed(by, f"category:{fresh.pk}", "修改分类", before=before, after=category_facts(fresh), reason=reason)
    return fresh


def put_category(row: Category, *, by: Actor, active: bool, reason: str) -> Category:
    """Take a category out of use or back into it; out of use it is not offered any more.

    Raises:
        WrongPerson, WrongMoment: something in use stands below it, or what stands above it is out of use.
    """
    check_manages(by, "categories")
    with transaction.atomic():
        fresh = Category.objects.select_for_update(of=("self",)).select_related("parent").get(pk=row.pk)
        if not active and fresh.children.filter(active=True).exists():
            raise WrongMoment("下面还有在用的分类，请先停用它们。", rule="分类管理")
        if active and fresh.parent is not None and not fresh.parent.active:
            raise WrongMoment("它的上级分类已停用，请先恢复上级。", rule="分类管理")
        before = category_facts(fresh)
        fresh.active = active
        fresh.save(update_fields=["active"])
        what = "恢复分类" if active else "停用分类"
        changed(by, f"category:{fresh.pk}", what, before=before, after=category_facts(fresh), reason=reason)
    return fresh


# --- the routing table ------------------------------------------------------------------------------------------


def route_facts(row: RoutingRule) -> Mapping[str, object]:
    """Return a rule's fields by their names on the page."""
    return {
        "分类": row.category.name, "属地": row.region.name if row.region else "全县", "单位": row.department.name,
        "依据": row.note,
    }  # fmt: skip


def set_route(
    *, by: Actor, category: Category, region: Region | None, department: Department, note: str
) -> RoutingRule:
    """Say which body a category goes to in a place (everywhere, where none is given); a rule there is replaced.

    Raises:
        WrongPerson, BadInput: the body may not decide, or is no longer.
    """
    check_manages(by, "routing")
    bodies = Department.objects.in_force(today()).filter(kind__in=COMPETENT_KINDS)
    if not bodies.filter(pk=department.pk).exists():
        raise BadInput({"department": "这个单位不能承办，或者已经撤销。"})
    with transaction.atomic():
        Category.objects.select_for_update().get(pk=category.pk)
        old = RoutingRule.objects.filter(category=category, region=region).select_related(
            "category", "region", "department"
        )
        row = old.first()
        before = route_facts(row) if row else {}
        if row is None:
            row = RoutingRule(category=category, region=region)
        row.department, row.note = department, note
        row.save()
        what = "修改分派" if before else "新增分派"
        changed(by, f"route:{category.pk}", what, before=before, after=route_facts(row), reason=note)
    return row


def drop_route(row: RoutingRule, *, by: Actor, reason: str) -> None:
    """Take a rule out of the table: nothing is suggested there any more, or what holds in the wider place.

    Raises:
        WrongPerson.
    """
    check_manages(by, "routing")
    with transaction.atomic():
        rows = RoutingRule.objects.select_for_update(of=("self",)).select_related("category", "region", "department")
        fresh = rows.get(pk=row.pk)
        changed(by, f"route:{fresh.category_id}", "删除分派", before=route_facts(fresh), reason=reason)
        fresh.delete()
