"""What does every story begin with?  The cast, an office whose tables know where land matters go, and the stage."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from petitions.models import RoutingRule
from tests.cast import PASSWORD, Cast, build_cast
from tests.makes import Makes
from tests.stories.stage import Stage


@pytest.fixture
def office(transactional_db: Any) -> Cast:
    """The cast; land matters go to the bureau; the registrar has a password of her own."""
    cache.clear()
    cast = build_cast()
    RoutingRule.objects.create(category=cast.category, department=cast.bureau)
    user = cast.registrar.user
    user.set_password(PASSWORD)
    user.save()
    return cast


@pytest.fixture
def ready(office: Cast) -> Makes:
    """Ready matters, made through the verbs."""
    return Makes(office)


@pytest.fixture
def stage(live_server: Any, browser: Any, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The stage; a story fails by what its pages complained of."""
    stage = Stage(live_server.url, browser, request.node.name.removeprefix("test_"))
    yield stage
    stage.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Where a story breaks off, say what its windows showed, and take a picture of each where pictures are asked for."""
    report = yield
    stage = getattr(item, "funcargs", {}).get("stage")
    if call.when == "call" and report.failed and isinstance(stage, Stage):
        report.sections.append(("What the windows showed", stage.last_seen()))
    return report
