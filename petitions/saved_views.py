"""Under which names does a post keep its lists, and who else is shown them?  No matter is read or changed here.

A view is a name for an address: the address alone says what is listed, within the scope of whoever opens it.  Two people
who open one shared view may therefore see different rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from accounts.actor import Actor
from accounts.models import Role
from accounts.text import TextRefused, clean_text
from petitions.access import unit_of
from petitions.errors import BadInput, NotSeen, WrongPerson
from petitions.models import DefaultView, SavedView

MOST = 30  # views of one post; more is a list of its own
LONGEST_NAME, LONGEST_QUERY = 30, 1000
SHARES = frozenset({Role.UNIT_HEAD, Role.OFFICE_HEAD})
RULE = "视图"
# What of an address is not part of a view: where one stands in it, and marks of the moment.
_NOT_KEPT = frozenset({"after", "before", "all", "csrfmiddlewaretoken"})


def plain(query: QueryDict) -> str:
    """Return an address in one form, so that two that list the same are equal: filled fields alone, in order of name."""
    pairs = [
        (name, value) for name in sorted(query) if name not in _NOT_KEPT and (value := query.get(name, "").strip())
    ]
    return urlencode(pairs)


def views_of(actor: Actor, page: str = "") -> QuerySet[SavedView]:
    """Return the views the actor finds: the post's own and those of its unit, ``chosen`` marking the default.

    Args:
        page: of one list only.
    """
    mine = Q(post=actor.post) | Q(unit=unit_of(actor))
    rows = SavedView.objects.filter(mine, **({"page": page} if page else {}))
    chosen = DefaultView.objects.filter(view=OuterRef("pk"), post=actor.post)
    return rows.annotate(chosen=Exists(chosen)).select_related("post__user").order_by("page", "unit", "name", "pk")


def may_share(actor: Actor) -> bool:
    """Whether the post may show a view to its whole unit: the head of it."""
    return actor.role in SHARES


def save(actor: Actor, page: str, name: str, query: str, *, shared: bool = False, default: bool = False) -> SavedView:
    """Keep an address under a name; a name that the post has for this list already stands for the new address then.

    Args:
        query: the address behind the question mark.
        shared: shown to everybody who acts for the unit.
        default: the post's list opens with it.

    Raises:
        BadInput: no name, an address that is too long, or more views than a post keeps.
        WrongPerson: somebody else than the unit's head shares.
    """
    kept = plain(QueryDict(query[: 4 * LONGEST_QUERY]))
    if len(kept) > LONGEST_QUERY:
        raise BadInput({"query": "条件太多，存不下。"}, rule=RULE)
    clean, unit = _name(name), _unit(actor, shared=shared)
    view = SavedView.objects.filter(post=actor.post, page=page, name=clean).first()
    if view is None:
        if SavedView.objects.filter(post=actor.post).count() >= MOST:
            raise BadInput({"name": f"每个岗位最多保存{MOST}个视图，请先删除不用的。"}, rule=RULE)
        view = SavedView(post=actor.post, page=page, name=clean)
    view.query, view.unit_id = kept, unit or view.unit_id
    with transaction.atomic():
        _write(view)
        if default:
            make_default(actor, view)
    return view


def _write(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise BadInput({"name": "您已经有一个同名的视图。"}, rule=RULE) from None


def _name(name: str) -> str:
    try:
        clean = clean_text(name, one_line=True).strip()
    except TextRefused as refused:
        raise BadInput({"name": f"名称有误：{refused}。"}, rule=RULE) from None
    if not clean or len(clean) > LONGEST_NAME:
        raise BadInput({"name": f"请填写名称，不超过{LONGEST_NAME}字。"}, rule=RULE)
    return clean


def _unit(actor: Actor, *, shared: bool) -> int | None:
    if not shared:
        return None
    if not may_share(actor):
        raise WrongPerson("只有单位负责人可以把视图给全单位用。", rule=RULE)
    return unit_of(actor)


def found(actor: Actor, ref: str) -> SavedView:
    """Return a view that the actor is shown.

    Raises:
        NotSeen: there is none.
    """
    view = views_of(actor).filter(ref=ref).first()
    if view is None:
        raise NotSeen
    return view


def may_change(actor: Actor, view: SavedView) -> bool:
    """Whether the view is the post's own, or a shared one of the unit that the post heads (whoever made it may be gone)."""
    return view.post_id == actor.post.pk or (may_share(actor) and view.unit_id == unit_of(actor))


def _own(actor: Actor, view: SavedView) -> None:
    if not may_change(actor, view):
        raise WrongPerson("这个视图由单位负责人维护。", rule=RULE)


def rename(actor: Actor, view: SavedView, name: str, *, shared: bool) -> None:
    """Give a view another name, and show it to the unit or to the post alone.

    Raises:
        BadInput, WrongPerson: as for `save`.
    """
    _own(actor, view)
    view.name = _name(name)
    if shared != (view.unit_id is not None):
        view.unit_id = _unit(actor, shared=shared)
    with transaction.atomic():
        _write(view)
        if view.unit_id is None:  # what others opened with is theirs no longer
            DefaultView.objects.filter(view=view).exclude(post=view.post_id).delete()


def delete(actor: Actor, view: SavedView) -> None:
    """Forget a name; no list is changed by it."""
    _own(actor, view)
    view.delete()


def make_default(actor: Actor, view: SavedView) -> None:
    """Let the post's list open with ``view``."""
    DefaultView.objects.update_or_create(post=actor.post, page=view.page, defaults={"view": view})


def no_default(actor: Actor, page: str) -> None:
    """Let the post's list open with everything again."""
    DefaultView.objects.filter(post=actor.post, page=page).delete()


def in_use(views: Iterable[SavedView], query: QueryDict) -> SavedView | None:
    """Return the view that an address is, if it is one."""
    said = plain(query)
    return next((view for view in views if view.query == said), None)
