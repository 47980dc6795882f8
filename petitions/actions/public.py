"""As whom does a petitioner act?  As a named outside person with no post, no powers and no session."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.models import Post, User

PETITIONER = "petitioner"


def petitioner_actor() -> Actor:
    """Return the nameless outside actor that stands for "the petitioner" in events; it sees nothing by itself."""
    return Actor(user=User(), post=Post())
