"""After the visit: what is owed, carried out or asked; one form, one verb."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.dates import today
from petitions.access import visible_to
from petitions.errors import NotSeen
from petitions.views.answers import actor_of
from petitions.views.links import case_link
from visits import access, owed
from visits.actions import after as verbs
from visits.actions.brief import may_write
from visits.forms import after as forms
from visits.models import FollowUp
from visits.views import kit

SHOWN = 200


@require_safe
@kit.page
def follow_ups(request: HttpRequest) -> HttpResponse:
    """What is owed, the nearest first."""
    actor = actor_of(request)
    rows = access.follow_ups_of(actor).filter(done_on=None).select_related("unit", *_NAMED)
    found = list(rows.order_by("due", "pk")[:SHOWN])
    briefs = [row for row in owed.open_briefs(actor)[:SHOWN] if may_write(row, actor)]
    seen = set(visible_to(actor).filter(pk__in=[row.petition.pk for row in found]).values_list("pk", flat=True))
    context = {
        "lines": [_line(row, seen, kit.url("follow_up", row.ref) if verbs.may_do(row, actor) else "") for row in found],
        "briefs": [{"row": row, "late": row.due < today(), "do": kit.url("brief", row.ref)} for row in briefs],
        "more": len(found) == SHOWN,
    }  # fmt: skip
    return render(request, "visits/follow_ups.html", context)


_NAMED = (
    "outcome__petition", "outcome__reception__visit__leader__user", "sponsorship__petition", "sponsorship__sponsor__user",
)  # fmt: skip


def _line(row: FollowUp, seen: set[int], do: str) -> dict[str, Any]:
    petition = row.petition
    return {
        "row": row, "petition": petition, "came": _came(row), "late": row.due < today(), "do": do,
        "url": case_link(petition) if petition.pk in seen else "",
    }  # fmt: skip


def _came(row: FollowUp) -> str:
    """Of which reception or sponsored case the duty came, in words."""
    if row.outcome is not None:
        visit = row.outcome.reception.visit
        return f"{visit.leader.user.name}{visit.day:%-m月%-d日}接谈"
    assert row.sponsorship is not None
    return f"{row.sponsorship.sponsor.user.name}包案{row.sponsorship.number}"


@require_http_methods(["GET", "POST"])
@kit.page
def follow_up(request: HttpRequest, ref: str) -> HttpResponse:
    """Carry a duty out, or write down what was heard."""
    actor = actor_of(request)
    row = access.follow_ups_of(actor).select_related("unit", *_NAMED).filter(ref=ref).first()
    if row is None:
        raise NotSeen
    asks = row.kind in verbs.ASKING
    form: Any = forms.RevisitForm(kit.data(request)) if asks else forms.DoneForm(kit.data(request))

    def run(data: dict[str, Any]) -> None:
        if asks:
            verbs.revisit(row, by=actor, **form.changes())
        else:
            verbs.carry_out(row, by=actor, **data)

    heading = f"{row.get_kind_display()}：{row.petition.number}"
    return kit.form_page(
        request, form, run, heading=heading, button="保存", back=kit.url("follow_ups"), done="已记录。",
        intro=f"{row.petition.title} · {row.due:%-m月%-d日}前",
    )  # fmt: skip
