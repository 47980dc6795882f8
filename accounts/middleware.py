"""Who is asking?  Sets ``request.actor``: the signed-in person in the post chosen for this session, or None."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Post, User

POST_KEY = "post"  # in the session: the id of the post acted in


def actor_of(request: HttpRequest) -> Actor | None:
    """The actor of a request; the chosen post must still be held today, else the person's first one is taken."""
    user = request.user
    if not isinstance(user, User):
        return None
    held = list(Post.objects.in_force(today()).filter(user=user).select_related("department").order_by("pk"))
    chosen = next((post for post in held if post.pk == request.session.get(POST_KEY)), held[0] if held else None)
    if chosen is None:
        return None
    return Actor(user=user, post=chosen, address=request.META.get("REMOTE_ADDR"))


class ActorMiddleware:
    """Adds ``request.actor``, at the cost of one query for a signed-in person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with its actor."""
        request.actor = actor_of(request)  # type: ignore[attr-defined]
        return self.get_response(request)
