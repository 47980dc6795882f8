"""Why was a step refused?  Every refusal names its rule and carries the HTTP status that the doors answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Refused(Exception):
    """A verb said no, and nothing was changed.

    Args:
        message: what happened and what to do, in Chinese, for the screen.
        rule: which rule refused it (an article, a local rule or a house rule).
    """

    status: ClassVar[int] = 409

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule


class NotSeen(Refused):
    """The row does not exist or is outside the actor's scope; the two cannot be told apart (404)."""

    status = 404

    def __init__(self) -> None:
        super().__init__("没有找到这件信访事项，或者它不在您的职责范围内。", rule="职责范围")


class WrongPerson(Refused):
    """The actor sees the row but may not take this step (403)."""

    status = 403


class WrongMoment(Refused):
    """The row is not in a state from which this step starts (409)."""

    status = 409


class Stale(Refused):
    """Somebody has acted since the page was opened (409); ``since`` says who and what."""

    status = 409

    def __init__(self, message: str, *, since: list[Any]) -> None:
        super().__init__(message, rule="同一事项先后办理")
        self.since = since


class BadInput(Refused):
    """What was typed cannot be taken (422); ``fields`` maps a field's name to its message."""

    status = 422

    def __init__(self, fields: Mapping[str, str], *, rule: str = "填写要求") -> None:
        super().__init__("；".join(fields.values()), rule=rule)
        self.fields = dict(fields)


class KeyReused(Refused):
    """The same idempotency key came with another body (422)."""

    status = 422

    def __init__(self) -> None:
        super().__init__("这次提交与先前同一编号的提交内容不同，请刷新页面后重新提交。", rule="重复提交保护")
