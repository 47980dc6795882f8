"""Who is asking?  Sets ``request.actor``: the signed-in person in the post chosen for this session, or None."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, Subquery, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Delegation, Post, User

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
    held = posts_held(user)
    chosen = request.session.get(POST_KEY)
    post = next((post for post in held if post.pk == chosen), held[0] if held else None)
    if post is None:
        return None
    lent_by = getattr(post, "lent_by", None)
    delegation = Delegation.objects.get(pk=lent_by) if lent_by else None
    return Actor(user=user, post=post, delegation=delegation, address=request.META.get("REMOTE_ADDR"))


def posts_held(user: User) -> list[Post]:
    """The posts a person may act in today: his own first, then those lent to him (``lent_by`` says by which delegation)."""
    day = today()
    lent = Delegation.objects.filter(to_user=user, valid_from__lte=day, valid_to__gte=day)
    mine = When(user=user, then=Value(None))
    through = Case(
        mine, default=Subquery(lent.filter(post=OuterRef("pk")).values("pk")[:1]), output_field=BigIntegerField()
    )
    rows = Post.objects.in_force(day).filter(Q(user=user) | Q(pk__in=lent.values("post"))).annotate(lent_by=through)
    return list(rows.select_related("department", "user").order_by(F("lent_by").asc(nulls_first=True), "pk"))


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
