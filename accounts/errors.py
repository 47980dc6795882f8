"""Why was it refused?  Every refusal names its rule and carries the HTTP status that the doors answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


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


class WrongPerson(Refused):
    """The actor sees the row but may not do this (403)."""

    status = 403


class WrongMoment(Refused):
    """The row is not in a state from which this starts (409)."""

    status = 409


class BadInput(Refused):
    """What was typed cannot be taken (422); ``fields`` maps a field's name to its message."""

    status = 422

    def __init__(self, fields: Mapping[str, str], *, rule: str = "填写要求") -> None:
        super().__init__("；".join(fields.values()), rule=rule)
        self.fields = dict(fields)
