"""Who looked at what, and what did administrators change?  The access log, read only; nothing of a petitioner is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.dates import day_of
from accounts.decorators import signed_in
from accounts.manage import AUDITS
from accounts.models import AccessKind, AccessLog
from petitions.errors import WrongPerson
from petitions.keyset import Mark, pack, unpack
from petitions.views.answers import actor_of, refusals

SIZE = 50
ORDER = "access"
# What the log holds as codes, in words.  What is not here is shown as it stands: an auditor is spared nothing.
_TARGETS = {
    "petition": "信访事项",
    "filing": "信访件",
    "paper": "文书",
    "draft": "登记草稿",
    "attachment": "附件",
    "department": "单位",
    "user": "人员",
    "post": "岗位",
    "delegation": "代签",
    "region": "属地",
    "category": "内容分类",
    "route": "分派",
    "calendar": "节假日",
    "local_rule": "地方规则",
    "template": "文书模板",
    "notice_rule": "通知",
    "token": "接口令牌",
    "webhook": "变动推送",
    "job": "后台任务",
}
_SEARCHED = {
    "number": "按编号", "phone": "按电话", "id": "按证件号", "initials": "按拼音首字母", "name": "按姓名",
    "words": "按标题和内容中的字", "empty": "没有填写",
}  # fmt: skip
_LOOKED_UP = {"name": "姓名", "id_number": "证件号", "phone": "电话", "text": "反映内容"}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "why": {"idle": "久未操作，自动退出", "hours": "登录已满规定时间，自动退出"},
    "page": {"digest": "一页摘要", "pack": "接访材料", "room": "接待室", "steps": "可办的步骤"},
    "paper": {"receipt": "登记回执"},
    "what": {"rate": "工作人员的浏览器里不能代信访人评价", "password": "修改密码"},
    "ok": {"True": "查到了", "False": "没有查到"},
    "kind": _SEARCHED,
}


def said(data: Mapping[str, Any]) -> str:
    """Return the codes of one line of the log in words: ``按姓名、电话查；显示了 2 件：ab12、cd34``."""
    return "；".join(_said(name, value) for name, value in sorted(data.items(), key=lambda pair: _place(pair[0])))


def _place(name: str) -> int:
    """What was asked comes first, what came of it next, its fingerprint last."""
    return {"what": -1, "by": 0, "kind": 0, "after": 2, "hash": 2, "reason": 3}.get(name, 1)


def _said(name: str, value: Any) -> str:
    match name, value:
        case "by", list():
            return f"按{'、'.join(_LOOKED_UP.get(one, str(one)) for one in value)}查"
        case "shown", list():
            return f"显示了 {len(value)} 件：{'、'.join(map(str, value))}" if value else "没有相同的"
        case "rows", _:
            return f"导出 {value} 行"
        case "list", str():
            return "信访事项" if value == "matters" else f"待办：{value.removeprefix('tray:')}"
        case "query", str():
            return f"条件：{unquote(value) or '无'}"
        case "found", _:
            return f"找到 {value} 件"
        case "person", _:
            return f"第 {value} 位信访人"
        case "number", _:
            return f"文号 {value}"
        case "what", str() if value not in _WORDS["what"]:
            return value
        case "before" | "after", dict():
            return ("原：" if name == "before" else "改为：") + "、".join(
                f"{key} {_plain(one)}" for key, one in value.items()
            )
        case "reason", _:
            return f"事由：{value}"
        case "token", _:
            return f"经接口令牌 {value}"
        case "hash", str():
            return f"检索词指纹 {value[:12]}"
    return _WORDS.get(name, {}).get(str(value)) or f"{name}：{value}"


def _plain(value: Any) -> str:
    """A field's value of an administrator's change."""
    return "、".join(map(str, value)) if isinstance(value, list) else "（空）" if value in (None, "") else str(value)


def named(target: str) -> str:
    """Return what was opened in words: ``文书 ab12``; "" where the log names nothing."""
    kind, _, ref = target.partition(":")
    return f"{_TARGETS.get(kind, kind)} {ref}".strip() if ref else ""


@require_safe
@signed_in
@refusals
def access_log(request: HttpRequest) -> HttpResponse:
    """One page of the log, the newest first, of one kind if asked."""
    actor = actor_of(request)
    if actor.role not in AUDITS:
        raise WrongPerson("访问记录只供审计人员查看。", rule="三员分立")
    kind = request.GET.get("kind", "")
    rows = AccessLog.objects.select_related("user", "post__department").order_by("-pk")
    if kind in AccessKind.values:
        rows = rows.filter(kind=kind)
    mark = unpack(request.GET.get("after", ""), ORDER)
    if mark is not None:
        rows = rows.filter(pk__lt=mark.pk)
    found = list(rows[: SIZE + 1])
    after = pack(Mark(day_of(found[SIZE - 1].at), found[SIZE - 1].pk), ORDER) if len(found) > SIZE else ""
    lines = [{"row": row, "target": named(row.target), "words": said(row.data)} for row in found[:SIZE]]
    context = {"lines": lines, "page": {"after": after, "before": ""}, "kinds": AccessKind.choices, "kind": kind}
    return render(request, "petitions/access_log.html", context)
