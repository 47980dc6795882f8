"""What stands round every page of the office?  Who is at work, the menu of the post, unread notices.  Read only when shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse

from accounts import letterhead
from accounts.actor import Actor
from accounts.duties import NOT_LENT
from accounts.manage import AUDITS, MANAGES
from accounts.models import Post
from petitions import panels
from petitions.accusations import roll
from petitions.actions.register import may_register
from petitions.figures import reads
from petitions.models import Notice
from petitions.patterns.reading import READS as READ_PATTERNS
from petitions.reports.verbs import READS as READ_REPORTS
from petitions.trays import questions_for
from petitions.views.archive import may_keep
from petitions.views.links import link
from petitions.views.list_rooms import rooms

_NO_MATTERS = AUDITS | MANAGES
AT_A_GLANCE = 7  # entries that a menu shows without folding


def office(request: HttpRequest) -> dict[str, Any]:
    """Return what `base.html` reads.  Values that cost a query are functions: a fragment never asks for them."""
    actor: Actor | None = getattr(request, "actor", None)
    common: dict[str, Any] = {
        "office_name": lambda: letterhead.words().name,
        "office_desk": lambda: letterhead.words().desk,
        "office_phone": lambda: letterhead.words().phone,
        "office_address": lambda: letterhead.words().address,
    }
    if actor is None:
        return common
    unread = cache(lambda: _unread(actor))
    return common | {
        "who": _who(actor),
        "posts": _posts(actor, getattr(request, "posts_held", [])),
        "notice_count": unread,
        "may_register": may_register(actor),
        "may_search": actor.role not in _NO_MATTERS,
        "nav": cache(lambda: menu(actor, request.path)),
        "own_menu": cache(lambda: own_menu(actor)),
    }


def _who(actor: Actor) -> dict[str, str]:
    duty = actor.post.title or actor.post.get_role_display()
    if actor.delegation is not None:
        duty = f"{duty}（代签）"
    return {
        "key": f"{actor.user.pk}-{actor.post.pk}", "name": actor.user.name, "post": duty,
        "department": actor.department.short_name,
    }  # fmt: skip


def _posts(actor: Actor, held: Sequence[Post]) -> list[dict[str, Any]]:
    """The posts one may act in, where there is a choice; a lent one says by whom."""
    if len(held) < 2:
        return []
    return [{"key": post.pk, "label": _post_label(post), "active": post.pk == actor.post.pk} for post in held]


def _post_label(post: Post) -> str:
    duty = f"{post.get_role_display()} · {post.department.short_name}"
    return f"{duty}（代{post.user.name}签）" if getattr(post, "lent_by", None) else duty


def _unread(actor: Actor) -> int:
    """How many notices of the post are unread, at most 100.

    Every page asks it: written out, because the ORM takes five times as long to put it together as the answer takes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, [actor.post.pk])
        return int(cursor.fetchone()[0])


_UNREAD = f"""
SELECT count(*) FROM
  (SELECT FROM {Notice._meta.db_table} WHERE post_id = %s AND read_at IS NULL AND channel = 'desk' LIMIT 100) unread"""  # noqa: S608  (our own name)


def own_menu(actor: Actor) -> list[dict[str, str]]:
    """What a person may change about himself: the password, and to whom the post acted in is lent."""
    lends = actor.delegation is None and actor.role not in NOT_LENT
    rows = [("委托代签", link("lend_own") if lends else ""), ("修改密码", reverse("accounts:password"))]
    return [{"label": label, "url": url} for label, url in rows if url]


def menu(actor: Actor, path: str) -> list[dict[str, Any]]:
    """Return the menu of the actor's post; an entry whose room is not there is left out.

    Where it would be longer than a glance, rooms of one kind fold together under a heading (``rooms``).  Notices have their bell.
    """
    parts = [(part, _shown(rows, path)) for part, rows in _rooms(actor)]
    if sum(len(rows) for _, rows in parts) <= AT_A_GLANCE:
        return [row for _, rows in parts for row in rows]
    return [row for part, rows in parts for row in (_folded(part, rows) if part else rows)]


_Entry = tuple[str, str, str, bool]  # label, address, icon, whether it is the post's
_Part = tuple[str, str] | None  # heading and icon of what folds together


def _rooms(actor: Actor) -> list[tuple[_Part, list[_Entry]]]:
    """Every room by parts of the menu."""
    trays, lists = questions_for(actor), rooms(actor)
    return [
        (None, [
            ("工作台", "/", "home", True),
            *[(entry.label, entry.url, entry.icon, True) for entry in panels.for_menu(actor)],
            ("登记来访", link("register"), "pen", may_register(actor)),
            ("待办", link("tray", trays[0].code) if trays else "", "inbox", bool(trays)),
            ("信访事项", link("list"), "file", actor.role not in _NO_MATTERS),
        ]),
        (("统计分析", "chart"), [
            ("苗头预警", link("patterns"), "flag", actor.role in READ_PATTERNS),
            ("指标", link("figures"), "chart", reads(actor)),
            ("台账", link("ledgers"), "file", actor.role in READ_PATTERNS),
            ("通报和报告", link("reports"), "paper", actor.role in READ_REPORTS),
        ]),
        (("其他工作", "dots"), [
            ("档案", link("archive") if may_keep(actor) else "", "paper", True),
            ("导入导出", lists[0]["url"] if lists else "", "upload", bool(lists)),
            ("专门受理", link("guarded"), "lock", roll.may_be_on(actor)),
            ("专门受理名单", link("guarded_people"), "lock", actor.role in roll.KEEPERS and not roll.may_be_on(actor)),
        ]),
        (None, [
            ("管理", link("manage"), "gear", actor.role in MANAGES),
            ("访问记录", link("access_log"), "lock", actor.role in AUDITS),
        ]),
    ]  # fmt: skip


def _shown(rows: list[_Entry], path: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": url, "icon": icon, "active": _active(url, path)}
        for label, url, icon, wanted in rows
        if wanted and url
    ]


def _folded(part: tuple[str, str], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several rooms under one heading, open where one of them is; one room alone needs none."""
    if len(rows) < 2:
        return rows
    label, icon = part
    return [{"label": label, "icon": icon, "rooms": rows, "active": any(row["active"] for row in rows)}]


# Rooms that one entry of the menu stands for.
_FAMILIES: tuple[tuple[str, ...], ...] = (("/tray/",), ("/import/", "/take-over/", "/exchange/", "/jobs/"))


def _active(url: str, path: str) -> bool:
    if url == "/":
        return path == "/"
    family = next((family for family in _FAMILIES if url.startswith(family)), (url,))
    return path.startswith(family)
