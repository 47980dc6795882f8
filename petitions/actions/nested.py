"""Is this verb taken alone, or as part of a larger one that is all or nothing anyway?  The larger one saves its savepoints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_part: ContextVar[bool] = ContextVar("part", default=False)


@contextmanager
def whole() -> Iterator[None]:
    """One transaction, and no savepoints within: a refusal of any part takes all of it back, and must not be caught inside."""
    with transaction.atomic():
        token = _part.set(True)
        try:
            yield
        finally:
            _part.reset(token)


def atomic() -> transaction.Atomic:
    """The transaction of a verb; as part of a :func:`whole` one without a savepoint of its own."""
    return transaction.atomic(savepoint=not _part.get())


__all__ = ["atomic", "whole"]
