"""How does a clerk pass what turned out to be a report-accusation into the sealed room?  One page between, then nothing is left."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from petitions.accusations import intake, moved
from petitions.accusations.intake import Reporter, Told
from petitions.actions import drafts
from petitions.actions.register import may_register
from petitions.errors import NotSeen, Refused, WrongPerson
from petitions.forms import registration as forms
from petitions.forms.accusations import HandInForm
from petitions.forms.triage import RetractForm
from petitions.models import Draft, Filing
from petitions.views.answers import actor_of, put_on, refusals
from petitions.views.links import link


@never_cache
@signed_in
@refusals
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask whom it is about, and hand it in: the answer is the receipt, shown this once."""
    actor = actor_of(request)
    if not may_register(actor):
        raise WrongPerson("登记来件不是您这个岗位的职责。", rule=intake.RULE)
    draft = drafts.open_draft(actor, ref)
    form = HandInForm(request.POST if request.method == "POST" else None)
    problems: list[dict[str, Any]] = []
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            row = intake.hand_in(_told(draft, form), by=actor, draft=draft)
        except NotSeen:
            raise
        except Refused as refused:
            problems, status = put_on(form, refused), refused.status
        else:
            context = {
                "row": row,
                "nobody": intake.waits(row),
                "day": today(),
                "back_url": link("register"),
                "back_label": "再登记一件",
            }
            return render(request, "accusations/slip.html", context)
    context = {"form": form, "problems": problems, "back": link("draft", draft.ref)}
    return render(request, "accusations/hand_in.html", context, status=status)


def move_in(request: HttpRequest, form: RetractForm) -> HttpResponse:
    """Move what was registered openly into the room and take the registration back: the answer is the receipt, shown this once.

    Raises:
        NotSeen, WrongMoment, WrongPerson, Stale, BadInput: nothing has been changed.
    """
    assert isinstance(form.row, Filing)
    about = moved.About(form.names(), form.units(), form.cleaned_data["accused_unit"])
    key, seen = form.cleaned_data["idempotency_key"], form.cleaned_data.get("seen")
    row = moved.move_in(form.row, about, by=form.actor, seen=seen, key=key)
    context = {
        "row": row, "nobody": intake.waits(row), "day": today(), "back_url": link("case", form.petition.ref), "back_label": "返回",
    }  # fmt: skip
    return render(request, "accusations/slip.html", context)


def ready(sheet_form: Any, people: Any) -> bool:
    """Whether the open page says enough to be handed in: what is told, and rows of people that can be read."""
    return "content" not in sheet_form.errors and people.is_valid()


def _told(draft: Draft, form: HandInForm) -> Told:
    """What the draft says, as the sealed room takes it."""
    data = drafts.typed_in(draft)
    entry, people = forms.EntryForm(data), forms.people_set(data)
    entry.is_valid()
    said = entry.cleaned_data
    rows = people.people() if people.is_valid() else []
    content, *beside = [words for name in ("content", "claims", "place") if (words := said.get(name))] or [""]
    return Told(
        content=content, beside=beside, reporters=[Reporter(one.name, one.id_number, one.phone, one.address) for one in rows],
        accused=form.names(), accused_units=form.units(), accused_unit=form.cleaned_data["accused_unit"],
        channel=said.get("channel") or "visit", received_on=said.get("received_on"),
        hide_reporter=bool(said.get("hide_name")),
    )  # fmt: skip


def typed(actor: Actor, ref: str, data: Any) -> str:
    """Keep what is typed as the clerk's draft and return the address of the page between."""
    return link("hand_in", drafts.save(actor, ref, data).ref)
