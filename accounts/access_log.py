"""How is a reading written down?  One INSERT, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.actor import Actor
from accounts.models import AccessLog


def log(
    actor: Actor | None,
    kind: str,
    target: str = "",
    *,
    address: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write that ``actor`` did ``kind`` to ``target``.

    Args:
        target: what was read, by its random ref: ``petition:<ref>``, ``paper:<ref>``, ``draft:<ref>``.
        address: the network address, where the actor does not carry it (public pages).
        data: codes only; never a name, a number or a phone in clear.
    """
    said = dict(data or {}) | ({"token": actor.token} if actor and actor.token else {})
    AccessLog.objects.create(
        kind=kind, user=actor.user if actor else None, post=actor.post if actor else None, target=target,
        address=address or (actor.address if actor else None) or None, data=said,
    )  # fmt: skip
