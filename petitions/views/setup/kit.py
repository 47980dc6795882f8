"""What do all first-run pages share?  To whom they are open, the five steps, how a refusal is said."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import founding
from accounts.errors import BadInput, Refused
from accounts.models import Office

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Office, P], HttpResponse]
TOKEN = "first_run"  # noqa: S105  (in the session: the token of founding.open_with)
STEPS = (
    ("region", "地区"), ("office", "机关"), ("rules", "期限"), ("people", "单位和人员"), ("administrators", "管理员"),
)  # fmt: skip


def first_run(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let only the browser that used the code into a page; hand it the office's row; say refusals on a page of their own."""

    @never_cache
    @wraps(view)
    def asked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, founding.check_open(request.session.get(TOKEN, "")), *args, **kwargs)
        except founding.NotOpen:
            return HttpResponseRedirect(reverse("petitions:setup"))
        except Refused as refused:
            return refusal(request, refused)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", asked)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The page that says why; 404 in words once the pages are closed."""
    status = refused.status if founding.needed() else 404
    return render(request, "setup/refused.html", {"refused": refused, "open": status != 404}, status=status)


def done(office: Office) -> dict[str, bool]:
    """Which steps have been taken."""
    return {
        "region": office.region_id is not None, "office": office.department_id is not None, "rules": bool(office.preset),
        "people": office.staffed_at is not None, "administrators": office.finished_at is not None,
    }  # fmt: skip


def next_step(office: Office) -> str:
    """The address of the first step that has not been taken."""
    taken = done(office)
    return reverse(f"petitions:setup_{next(code for code, _ in STEPS if not taken[code])}")


def page(
    request: HttpRequest, office: Office, step: str, context: dict[str, Any], *, template: str = "", status: int = 200
) -> HttpResponse:
    """A step's page, with the five steps above it; a step can be opened once those before it are taken."""
    taken, steps, reachable = done(office), [], True
    for number, (code, label) in enumerate(STEPS, start=1):
        url = reverse(f"petitions:setup_{code}") if reachable else ""
        steps.append({"number": number, "label": label, "url": url, "done": taken[code], "here": code == step})
        reachable = reachable and taken[code]
    words = {"steps": steps, "office": office, "heading": dict(STEPS)[step], **context}
    return render(request, template or f"setup/{step}.html", words, status=status)


def put_on(form: Any, refused: BadInput) -> None:
    """Write a verb's refusal beside the fields of ``form`` that it speaks of."""
    for name, message in refused.fields.items():
        form.add_error(name if name in form.fields else None, message)
