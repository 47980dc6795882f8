"""What do all rooms of the administrators share?  Who may come in, the way back, what was changed before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse

from accounts.decorators import signed_in
from accounts.errors import BadInput
from accounts.manage import SECTIONS, changes_of, check_manages
from accounts.models import AccessLog
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
LATEST = 20
_EMPTY: tuple[Any, ...] = (None, "", [])


def room(code: str) -> Callable[[View[P]], View[P]]:
    """Let only the keeper of the room ``code`` into a view; every refusal inside becomes its page."""

    def kept(view: View[P]) -> View[P]:
        @wraps(view)
        def asked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            check_manages(actor_of(request), code)
            return view(request, *args, **kwargs)

        return cast("View[P]", signed_in(refusals(asked)))

    return kept


def frame(code: str, *way: tuple[str, str]) -> dict[str, Any]:
    """Return what every page of the room ``code`` shows: its name, and the way back to it (``way``: what lies between)."""
    section = SECTIONS[code]
    here = [("管理", link("manage")), *([(section.label, link(f"manage_{code}"))] if way else []), *way[:-1]]
    return {"section": section, "crumbs": here}


def put_on(form: Any, refused: BadInput) -> None:
    """Write a verb's refusal beside the fields of ``form`` that it speaks of; the rest goes into the summary."""
    for name, message in refused.fields.items():
        form.add_error(name if name in form.fields else None, message)


def history(*targets: str) -> list[dict[str, Any]]:
    """Return the latest changes of ``targets`` in words, for the foot of a page (``manage/_history.html``)."""
    return [_said(row) for row in changes_of(targets)[:LATEST]]


def _said(row: AccessLog) -> dict[str, Any]:
    before, after = row.data.get("before", {}), row.data.get("after", {})
    names: Iterable[str] = dict.fromkeys([*before, *after])
    lines = [line for name in names if (line := _line(name, before.get(name), after.get(name), new=not before))]
    who = row.user.name if row.user else "自动程序"
    return {
        "at": row.at,
        "who": who,
        "what": row.data.get("what", ""),
        "lines": lines,
        "reason": row.data.get("reason", ""),
    }


def _line(name: str, old: Any, now: Any, *, new: bool) -> str:
    """One field: what it was and is; of something new only what is filled in."""
    if new:
        return "" if now in _EMPTY else f"{name}：{_word(now)}"
    return "" if old in _EMPTY and now in _EMPTY else f"{name}：{_word(old)} → {_word(now)}"


def _word(value: Any) -> str:
    if value in _EMPTY:
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
