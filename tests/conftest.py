"""What every test may ask for: the fixed cast, ready matters, a signed-in client."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import letterhead
from accounts.actor import Actor
from petitions import paper_templates, trees, wording
from petitions.accusations import roll
from tests import sweeping
from tests.cast import Cast, build_cast
from tests.makes import Makes
from tests.receiver import Receiver


def pytest_collection_finish() -> None:
    """What is loaded stays until the run ends: the collector need not walk all of it again at every few hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, Any, Any]:
    """After some tests the database is swept: see `tests.sweeping`."""
    done = yield
    sweeping.after_a_test()
    return done


@pytest.fixture(autouse=True)
def _fresh_trees() -> None:
    """Trees kept in the process (petitions/trees.py) end with each test: its rows are rolled back."""
    trees.forget()
    wording.forget()
    paper_templates.forget()
    letterhead.forget()
    roll.forget()


@pytest.fixture
def cast(db: Any) -> Cast:
    """The fixed cast (tests/cast.py)."""
    return build_cast()


@pytest.fixture
def make(cast: Cast) -> Makes:
    """Ready matters at any stage (tests/makes.py)."""
    return Makes(cast)


@pytest.fixture
def signed_in(client: Client) -> Callable[[Actor], Client]:
    """Sign a person of the cast in, in that post, and return the client."""

    def sign_in(actor: Actor) -> Client:
        client.force_login(actor.user)
        session = client.session
        session["post"] = actor.post.pk
        session.save()
        return client

    return sign_in


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Another system that is told of changes; it listens until the test is over."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
