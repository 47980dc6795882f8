"""Who is asking?  Ends old sessions; sets ``request.actor``: the signed-in person in the post chosen, or None."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.db import connection
from django.db.models import JSONField, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from accounts import access_log
from accounts.actor import Actor
from accounts.address import client_address
from accounts.dates import today
from accounts.models import AccessKind, Delegation, Department, Post, User

POST_KEY = "post"  # in the session: the id of the post acted in


# A person who must choose a password of his own first may open these and nothing else.
_WITHOUT_OWN_PASSWORD = ("/password/", "/sign-out/", "/sign-in/", "/static/", "/q/", "/display/")


def actor_of(request: HttpRequest) -> Actor | None:
    """The actor of a request, in the post chosen for the session if it is held today, else in the person's first one.

    Powers lent to the person for today (代签) count as posts of his; the delegation is then named in every act.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    held = request.posts_held = posts_held(user)  # type: ignore[attr-defined]
    chosen = request.session.get(POST_KEY)
    post = next((post for post in held if post.pk == chosen), held[0] if held else None)
    if post is None:
        return None
    lent_by = getattr(post, "lent_by", None)
    delegation = Delegation.objects.get(pk=lent_by) if lent_by else None
    return Actor(user=user, post=post, delegation=delegation, address=client_address(request) or None)


def posts_held(user: User) -> list[Post]:
    """The posts a person may act in today: his own first, then those lent to him (``lent_by`` says by which delegation).

    Asked at every request, so that its SQL is written out: putting the same question together by the ORM takes three
    times as long as the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"user": user.pk, "day": today()})
        return [_post(row) for row in cursor.fetchall()]


_PARTS: tuple[tuple[str, type[Model]], ...] = (("p", Post), ("d", Department), ("u", User))
# JSON comes as text where no field converts it: such a column is read when somebody asks for it.
_NAMES = [[f.attname for f in model._meta.concrete_fields if not isinstance(f, JSONField)] for _, model in _PARTS]
_SHOWN = ", ".join(
    f'{alias}."{name}"' for (alias, _), names in zip(_PARTS, _NAMES, strict=True) for name in names
)  # fmt: skip
_HELD = f"""
SELECT {_SHOWN}, lent.id FROM accounts_post p
  JOIN accounts_department d ON d.id = p.department_id JOIN accounts_user u ON u.id = p.user_id
  LEFT JOIN LATERAL (SELECT l.id FROM accounts_delegation l WHERE l.post_id = p.id AND l.to_user_id = %(user)s
      AND l.valid_from <= %(day)s AND l.valid_to >= %(day)s LIMIT 1) lent ON p.user_id <> %(user)s
 WHERE p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to >= %(day)s)
   AND (p.user_id = %(user)s OR lent.id IS NOT NULL)
 ORDER BY lent.id NULLS FIRST, p.id"""  # noqa: S608  (our own names)


def _post(row: tuple[Any, ...]) -> Post:
    """A post with its department and user, and by which delegation it is lent."""
    made, start = [], 0
    for (_, model), names in zip(_PARTS, _NAMES, strict=True):
        made.append(model.from_db("default", names, row[start : start + len(names)]))
        start += len(names)
    post, post_department, post_user = made
    assert isinstance(post, Post)
    post.department, post.user = post_department, post_user  # type: ignore[assignment]
    post.lent_by = row[-1]  # type: ignore[attr-defined]
    return post


# In the session: when its person signed in, and when he was last heard of (seconds since 1970).
BEGAN_KEY, SEEN_KEY = "began", "seen"
SEEN_STEP = 60  # seconds between two writes of SEEN_KEY, so that most requests write nothing


def begin(request: HttpRequest, **_: Any) -> None:
    """Signed in just now (django.contrib.auth.user_logged_in)."""
    request.session[BEGAN_KEY] = request.session[SEEN_KEY] = int(time.time())


class NoCookiesMiddleware:
    """Takes the cookies away from whatever asks under ``/api/``: a browser's session is never a way in there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on without them."""
        if request.path_info.startswith("/api/"):
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)


class SessionEndMiddleware:
    """Ends a session that was idle for SESSION_IDLE_MINUTES, or began SESSION_HOURS ago; what follows sees nobody signed in.

    A page then leads to the sign-in page and back; a part of a page, an autosave or a form is answered 401
    (accounts.decorators), and what was typed waits in the browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """End it, or note that its person is still there."""
        if SESSION_KEY in request.session:
            self._look(request, int(time.time()))
        return self.get_response(request)

    @staticmethod
    def _look(request: HttpRequest, now: int) -> None:
        session = request.session
        if SEEN_KEY not in session:
            begin(request)
            return
        idle, whole = now - session[SEEN_KEY], now - session.get(BEGAN_KEY, now)
        # The last request may have been up to a step after the last note of it.
        too_idle = idle > settings.SESSION_IDLE_MINUTES * 60 + SEEN_STEP
        if too_idle or whole > settings.SESSION_HOURS * 3600:
            access_log.log(actor_of(request), AccessKind.SIGN_OUT, data={"why": "idle" if too_idle else "hours"})
            logout(request)
        elif idle >= SEEN_STEP:
            session[SEEN_KEY] = now


class NotAllowedMiddleware:
    """Gives an empty 405 a page: an address that only takes a form is opened by itself after a sign-in or by a telephone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, in words where a person reads them."""
        response = self.get_response(request)
        wants_page = "text/html" in request.headers.get("Accept", "") and not request.headers.get("HX-Request")
        if response.status_code == 405 and not response.content and wants_page:
            response.content = render_to_string("405.html", {}, request).encode()
        return response


class ActorMiddleware:
    """Adds ``request.actor``, and sends a person with a password given by somebody else to choose his own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with its actor."""
        request.actor = actor_of(request)  # type: ignore[attr-defined]
        if self._owes_password(request):
            return HttpResponseRedirect("/password/")
        return self.get_response(request)

    @staticmethod
    def _owes_password(request: HttpRequest) -> bool:
        owes = isinstance(request.user, User) and request.user.must_change_password
        return owes and not request.path.startswith(_WITHOUT_OWN_PASSWORD)
