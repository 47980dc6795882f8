"""Which places are there?  The verbs: a town or village is added, renamed, goes out of use.  Matters keep the place they name."""

from __future__ import annotations

import re

from django.db import transaction

from accounts.actor import Actor
from accounts.errors import BadInput, WrongMoment
from accounts.manage import changed, check_manages
from accounts.models import Region, RegionLevel

# How many digits of a 12-digit code name a place of each level, and what may stand below it (GB/T 2260 and its extension).
DIGITS = {
    RegionLevel.PROVINCE: 2,
    RegionLevel.CITY: 4,
    RegionLevel.COUNTY: 6,
    RegionLevel.TOWN: 9,
    RegionLevel.VILLAGE: 12,
}
BELOW = {RegionLevel.COUNTY: RegionLevel.TOWN, RegionLevel.TOWN: RegionLevel.VILLAGE}
_CODE = re.compile(r"[0-9]{12}")


def facts(row: Region) -> dict[str, object]:
    """Return a place's fields by their names on the page."""
    return {"代码": row.pk, "名称": row.name, "上级": row.parent.name if row.parent else "", "在用": row.active}


def add(parent: Region, *, by: Actor, code: str, name: str, reason: str = "") -> Region:
    """Add a town under a county, or a village under a town.

    Raises:
        WrongPerson, BadInput: the code is not one of ``parent``'s, or is taken; nothing stands below a village.
    """
    check_manages(by, "regions")
    level = BELOW.get(RegionLevel(parent.level))
    if level is None:
        raise BadInput({"code": "这一级之下不能再增加。"})
    stem = parent.pk[: DIGITS[RegionLevel(parent.level)]]
    if not _CODE.fullmatch(code) or not code.startswith(stem) or code[DIGITS[level] :].strip("0") or code == parent.pk:
        raise BadInput({"code": f"代码共12位，以{stem}开头，第{DIGITS[level]}位以后为0。"})
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=parent.pk)
        if Region.objects.filter(pk=code).exists():
            raise BadInput({"code": "这个代码已经有了。"})
        row = Region.objects.create(
            code=code, name=name, full_name=f"{parent.full_name}{name}", level=level, parent=parent
        )
        changed(by, f"region:{code}", "新增属地", after=facts(row), reason=reason)
    return row


def rename(region: Region, *, by: Actor, name: str, reason: str) -> Region:
    """Rename a place; the full names of what lies below follow.

    Raises:
        WrongPerson.
    """
    check_manages(by, "regions")
    with transaction.atomic():
        row = Region.objects.select_for_update().get(pk=region.pk)
        before, old = facts(row), row.full_name
        row.name = name
        row.full_name = f"{row.parent.full_name if row.parent else ''}{name}"
        row.save(update_fields=["name", "full_name"])
        for below in Region.objects.filter(pk__startswith=row.pk[: DIGITS[RegionLevel(row.level)]]).exclude(pk=row.pk):
            if below.full_name.startswith(old):
                below.full_name = row.full_name + below.full_name[len(old) :]
                below.save(update_fields=["full_name"])
        changed(by, f"region:{row.pk}", "更名", before=before, after=facts(row), reason=reason)
    return row


def put(region: Region, *, by: Actor, active: bool, reason: str) -> Region:
    """Take a place out of use or back into it: out of use it is not offered any more, and stays where it is named.

    Raises:
        WrongPerson, WrongMoment: something in use lies below it, or what lies above it is out of use.
    """
    check_manages(by, "regions")
    with transaction.atomic():
        row = Region.objects.select_for_update(of=("self",)).select_related("parent").get(pk=region.pk)
        if not active and row.children.filter(active=True).exists():
            raise WrongMoment("下面还有在用的村、社区，请先停用它们。", rule="属地管理")
        if active and row.parent is not None and not row.parent.active:
            raise WrongMoment("它的上级已停用，请先恢复上级。", rule="属地管理")
        before = facts(row)
        row.active = active
        row.save(update_fields=["active"])
        changed(by, f"region:{row.pk}", "恢复" if active else "停用", before=before, after=facts(row), reason=reason)
    return row
