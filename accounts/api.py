"""Who asks by the API, and how often?  A token in the Authorization header, and nothing else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.throttling import SimpleRateThrottle

from accounts import tokens
from accounts.actor import Actor
from accounts.address import client_address
from accounts.models import User

SCHEME = "Bearer"
LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer xf_…``; ``request.auth`` is then the `Actor`."""

    def authenticate(self, request: Any) -> tuple[User, Actor] | None:
        """Return user and actor, ``None`` without a token.

        Raises:
            AuthenticationFailed: a token that is unknown, over, or whose post is not held today; which, is not said.
        """
        said = get_authorization_header(request).decode("latin-1").split()
        if not said or said[0].lower() != SCHEME.lower():
            return None
        words = said[1] if len(said) == 2 and len(said[1]) <= LONGEST else ""
        raw: HttpRequest = request._request
        actor = tokens.actor_of(words, client_address(raw) or None) if words else None
        if actor is None:
            raise AuthenticationFailed
        return actor.user, actor

    def authenticate_header(self, request: Any) -> str:
        """What an answer of 401 asks for."""
        return SCHEME


class TokenThrottle(SimpleRateThrottle):
    """So many requests a minute for each token (API_PER_MINUTE)."""

    scope = "token"

    def get_rate(self) -> str:
        """Return the rate in force."""
        return f"{settings.API_PER_MINUTE}/min"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        """Count by token; what carries none is refused anyway."""
        actor = request.auth
        return f"api:{actor.token}" if isinstance(actor, Actor) else None


def actor_of(request: Any) -> Actor:
    """Return who asks; behind the authentication there is always somebody."""
    actor = request.auth
    assert isinstance(actor, Actor)
    return actor
