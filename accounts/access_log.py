"""How is a reading written down?  One INSERT, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    _row(actor, kind, target, address, data).save(force_insert=True)


def log_many(actor: Actor, kind: str, read: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Write that ``actor`` did ``kind`` to many targets, each a row of its own, in one statement.

    Args:
        read: each target with its data, as :func:`log` takes them.
    """
    AccessLog.objects.bulk_create([_row(actor, kind, target, None, data) for target, data in read], batch_size=500)


def _row(actor: Actor | None, kind: str, target: str, address: str | None, data: Mapping[str, Any] | None) -> AccessLog:
    said = dict(data or {}) | ({"token": actor.token} if actor and actor.token else {})
    return AccessLog(
        kind=kind, user=actor.user if actor else None, post=actor.post if actor else None, target=target,
        address=address or (actor.address if actor else None) or None, data=said,
    )  # fmt: skip
