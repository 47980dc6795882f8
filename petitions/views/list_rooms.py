"""Which rooms for lists has a post?  What comes in, what is taken over, what goes out: one tab each."""

from __future__ import annotations

from typing import Any

from accounts.actor import Actor
from accounts.models import Role
from petitions.actions.register import may_register
from petitions.actions.take_over import may_take_over
from petitions.exchange import may_export
from petitions.views.links import link


def rooms(actor: Actor, active: str = "") -> list[dict[str, Any]]:
    """Return the tabs of a post, in the order of the work; empty for posts without lists."""
    found = (
        ("import", "导入来件", may_register(actor) and actor.role != Role.SIGNER),
        ("take_over", "接收在办件", may_take_over(actor)),
        ("exchange", "数据交换", may_export(actor)),
    )
    return [{"label": label, "url": link(name), "active": name == active} for name, label, may in found if may]
