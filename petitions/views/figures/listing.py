"""Which cases are behind this number?  The list that every number of a page of figures opens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import signed_in
from petitions.columns import COLUMNS
from petitions.figures import Behind, days
from petitions.figures.cut import Cut
from petitions.figures.listed import ORDER, SHOWN
from petitions.views.answers import actor_of, refusals
from petitions.views.links import link
from petitions.views.lists import lines, turn_of


@require_safe
@signed_in
@refusals
def cases(request: HttpRequest) -> HttpResponse:
    """The filings that were counted, newest first, with their exact number."""
    actor, cut = actor_of(request), Cut.of(request.GET.dict())
    board = f"{link('figures')}?{cut.address()}"
    if not days.ready(cut.day):
        return HttpResponseRedirect(board)
    behind = Behind.of(actor, cut, request.GET.get("of", "").split("."))
    columns = [COLUMNS[code] for code in SHOWN]
    page = behind.page(turn_of(request, ORDER), columns)
    context = {
        "behind": behind, "conditions": behind.conditions(), "page": page, "columns": columns, "lines": lines(actor, page.rows, columns),
        "crumbs": [("指标", board)], "export": {"page": "figure", "query": cut.address(of=".".join(behind.measures))},
    }  # fmt: skip
    return render(request, "petitions/figures/list.html", context)
