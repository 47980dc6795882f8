"""Which administrator looks after what, and how is a change of theirs written down?

Three administrators with separate powers: one keeps the tables, one says who may do what, one reads what both have done
and changes nothing.  None of them sees a matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.access_log import log
from accounts.actor import Actor
from accounts.errors import WrongPerson
from accounts.models import AccessKind, AccessLog, Role

RULE = "三员分立"
AUDITS = frozenset({Role.AUDITOR, Role.AUDIT_ADMIN})
MANAGES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})


@dataclass(frozen=True)
class Section:
    """One room of the administrators.

    Attributes:
        code: name of its first page's address (``petitions:manage_<code>``) and of what the log calls its changes.
        roles: the posts that change something there.
        hint: one sentence on what is kept there.
    """

    code: str
    label: str
    roles: frozenset[Role]
    hint: str
    icon: str


_SYSTEM, _SECURITY = frozenset({Role.SYSTEM_ADMIN}), frozenset({Role.SECURITY_ADMIN})

SECTIONS: Mapping[str, Section] = {
    section.code: section
    for section in (
        Section("first_day", "启用清单", _SYSTEM, "启用以后还有什么没有做", "check"),
        Section("departments", "单位", _SYSTEM, "新设、更名、调整隶属、合并、撤销", "building"),
        Section("people", "人员", _SYSTEM, "帐号、姓名、联系方式、停用", "people"),
        Section("posts", "岗位", _SECURITY, "谁在哪个单位任什么岗位，分管哪些单位", "user"),
        Section("signins", "登录", _SECURITY, "重设密码、解除锁定", "lock"),
        Section("delegations", "代签", _SECURITY, "谁代谁签、起止日期、事由", "pen"),
        Section("tokens", "接口令牌", _SECURITY, "其他系统以哪个岗位读写，有效期", "lock"),
        Section("webhooks", "变动推送", _SECURITY, "阶段变动时告知哪些系统，没有送到的", "send"),
        Section("regions", "属地", _SYSTEM, "乡镇街道、村社区的增减和更名", "flag"),
        Section("categories", "内容分类", _SYSTEM, "两级分类、提示词、外部代码", "filter"),
        Section("routing", "分派表", _SYSTEM, "哪类问题、在哪里，由哪个单位办", "right"),
        Section("review_bodies", "复查复核机关", _SYSTEM, "谁的意见向谁申请复查、复核", "return"),
        Section("calendar", "节假日", _SYSTEM, "放假和调休，保存前看哪些时限会变", "calendar"),
        Section("local_rules", "地方规则", _SYSTEM, "比条例更严的期限，起止日期", "clock"),
        Section("retention", "保管期限", _SYSTEM, "案卷保管多久，比国家规定更长的", "file"),
        Section("templates", "文书模板", _SYSTEM, "更换、预览、恢复原样", "paper"),
        Section("notices", "通知", _SYSTEM, "哪些步骤告知谁，没有发出的", "bell"),
        Section("figures", "指标算法", _SYSTEM, "通行两种算法的指标，用哪一种", "chart"),
        Section("hall", "接待大厅", _SYSTEM, "公示内容、叫号屏、评价机", "home"),
    )
}


def sections_of(role: str) -> list[Section]:
    """Return the rooms where a post of ``role`` changes something, in the order of the table."""
    return [section for section in SECTIONS.values() if role in section.roles]


def check_manages(by: Actor, code: str) -> None:
    """Refuse who does not keep the room ``code``: asked by its pages and again by its verbs.

    Raises:
        WrongPerson: it belongs to another administrator.
    """
    section = SECTIONS[code]
    if by.role not in section.roles and not by.is_system:
        keeper = "、".join(sorted(role.label for role in section.roles))
        raise WrongPerson(f"“{section.label}”由{keeper}维护。", rule=RULE)


def changed(
    by: Actor,
    target: str,
    what: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write that an administrator changed something, in the transaction that changes it.  Call it once for each row.

    Args:
        target: what was changed: ``department:12``, ``user:7``, ``calendar:2027``.
        what: the change in one Chinese word (更名, 合并, 停用).
        before, after: what the row said, by the Chinese names of its fields; only what differs is kept, and where
            nothing does, nothing is written.  Names of bodies
            and staff may stand there; nothing of a petitioner, and never a password.
    """
    old, new = dict(before or {}), dict(after or {})
    differs = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if before is not None and after is not None and not differs:
        return
    data = {
        "what": what,
        "before": {name: _plain(old[name]) for name in differs if name in old},
        "after": {name: _plain(new[name]) for name in differs if name in new},
        "reason": reason,
    }
    log(by, AccessKind.CHANGE_SETTING, target, data={name: value for name, value in data.items() if value})


def _plain(value: Any) -> Any:
    """``value`` as JSON keeps it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    return [_plain(one) for one in value] if isinstance(value, list | tuple | set) else str(value)


def changes_of(targets: Iterable[str]) -> QuerySet[AccessLog]:
    """Return what administrators did to ``targets``, the latest first; slice it."""
    rows = AccessLog.objects.filter(target__in=list(targets), kind=AccessKind.CHANGE_SETTING)
    return rows.select_related("user").order_by("-at", "-pk")
