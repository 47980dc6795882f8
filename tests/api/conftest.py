"""Programs that act as people of the cast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache

from accounts.actor import Actor
from tests.api.caller import Caller, token_for
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()  # how often a token has asked


@pytest.fixture
def call(cast: Cast) -> Callable[[Actor], Caller]:
    """A program with a token of somebody."""
    return lambda actor: Caller(token_for(cast, actor))
