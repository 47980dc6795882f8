"""Why was a step refused?  The refusals of accounts, and those that only a matter has."""

from __future__ import annotations

from typing import Any

from accounts.errors import BadInput, Refused, WrongMoment, WrongPerson


class NotSeen(Refused):
    """The row does not exist or is outside the actor's scope; the two cannot be told apart (404)."""

    status = 404

    def __init__(self) -> None:
        super().__init__("没有找到这件信访事项，或者它不在您的职责范围内。", rule="职责范围")


class Stale(Refused):
    """Somebody has acted since the page was opened (409); ``since`` says who and what."""

    status = 409

    def __init__(self, message: str, *, since: list[Any]) -> None:
        super().__init__(message, rule="同一事项先后办理")
        self.since = since


class KeyReused(Refused):
    """The same idempotency key came with another body (422)."""

    status = 422

    def __init__(self) -> None:
        super().__init__("这次提交与先前同一编号的提交内容不同，请刷新页面后重新提交。", rule="重复提交保护")


__all__ = ["BadInput", "KeyReused", "NotSeen", "Refused", "Stale", "WrongMoment", "WrongPerson"]
