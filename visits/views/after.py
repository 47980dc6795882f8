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
from visits import access
from visits.actions import after as verbs
from visits.forms import after as forms
from visits.views import kit

SHOWN = 200


@require_safe
@kit.page
def follow_ups(request: HttpRequest) -> HttpResponse:
    """What is owed, the nearest first."""
    actor = actor_of(request)
    rows = access.follow_ups_of(actor).filter(done_on=None).select_related(
        "unit", "outcome__petition", "outcome__reception__visit__leader__user"
    )  # fmt: skip
    found = list(rows.order_by("due", "pk")[:SHOWN])
    seen = set(visible_to(actor).filter(pk__in={row.outcome.petition_id for row in found}).values_list("pk", flat=True))
    lines = [{"row": row, "late": row.due < today(), "url": case_link(row.outcome.petition) if row.outcome.petition_id in seen else "",
              "do": kit.url("follow_up", row.ref) if verbs.may_do(row, actor) else ""} for row in found]  # fmt: skip
    return render(request, "visits/follow_ups.html", {"lines": lines, "more": len(found) == SHOWN})


@require_http_methods(["GET", "POST"])
@kit.page
def follow_up(request: HttpRequest, ref: str) -> HttpResponse:
    """Carry a duty out, or write down what was heard."""
    actor = actor_of(request)
    row = (
        access.follow_ups_of(actor)
        .select_related("outcome__petition", "outcome__reception__visit", "unit")
        .filter(ref=ref)
        .first()
    )
    if row is None:
        raise NotSeen
    asks = row.kind in verbs.ASKING
    form: Any = forms.RevisitForm(kit.data(request)) if asks else forms.DoneForm(kit.data(request))

    def run(data: dict[str, Any]) -> None:
        if asks:
            verbs.revisit(row, by=actor, **form.changes())
        else:
            verbs.carry_out(row, by=actor, **data)

    heading = f"{row.get_kind_display()}：{row.outcome.petition.number}"
    return kit.form_page(
        request, form, run, heading=heading, button="保存", back=kit.url("follow_ups"), done="已记录。",
        intro=f"{row.outcome.petition.title} · {row.due:%-m月%-d日}前",
    )  # fmt: skip
