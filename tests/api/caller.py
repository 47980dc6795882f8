"""Another system at the API: a token for a person of the cast, and the calls it makes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from accounts import tokens
from accounts.actor import Actor
from accounts.dates import today
from petitions.querycode import new_ref
from tests.cast import Cast


def token_for(cast: Cast, actor: Actor, **more: Any) -> str:
    """The words of a fresh token that acts as ``actor``."""
    given = {"name": "办公系统", "post": actor.post, "valid_to": today() + timedelta(days=30), **more}
    return tokens.make(by=cast.security_admin, **given)[1]


class Caller:
    """A program with one token."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **params: Any) -> Any:
        """GET under /api/."""
        return self.client.get(f"/api/{path}", params, headers=self.headers)

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> Any:
        """POST one JSON body, under a key of its own unless given."""
        more = {"Idempotency-Key": new_ref() if key is None else key, **headers}
        return self.client.post(
            f"/api/{path}",
            body,
            content_type="application/json",
            headers=self.headers | {k: v for k, v in more.items() if v},
        )


def entry(**changes: Any) -> dict[str, Any]:
    """An ordinary filing as another system sends it."""
    body: dict[str, Any] = {
        "channel": "online", "kind": "claim", "purpose": "settle",
        "content": "前年村里修路占了我家的承包地三分，说好的补偿款至今没有发。",
        "people": [{"name": "周桂英", "phone": "138 1234 5678", "address": "檀溪镇寺前村2号"}],
    }  # fmt: skip
    return body | changes
