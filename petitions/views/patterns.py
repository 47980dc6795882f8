"""Where does a problem grow?  The warnings, the evidence of one on one page, and what is done about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.decorators import signed_in
from petitions import access
from petitions.actions.once import once
from petitions.errors import BadInput, NotSeen
from petitions.forms.patterns import AsideForm, SuggestForm
from petitions.keyset import page_by
from petitions.models import Pattern, Petition
from petitions.patterns import reading, turns, verbs, wording
from petitions.patterns.growth import LEAST
from petitions.querysets import for_list
from petitions.views.answers import actor_of, body_hash, put_on, refusals
from petitions.views.links import link
from petitions.views.lists import lines, turn_of

OFFERED = 50  # matters that a suggestion may be put with
TONES = {"new": "soon", "seen": "active", "turned": "done", "aside": ""}


def _found(actor: Actor, ref: str) -> Pattern:
    reading.check_reads(actor)
    row = reading.visible_to(actor).filter(ref=ref).first()
    if row is None:
        raise NotSeen
    return row


@require_safe
@signed_in
@refusals
def patterns(request: HttpRequest) -> HttpResponse:
    """The warnings that the actor sees, by state."""
    actor = actor_of(request)
    reading.check_reads(actor)
    state = request.GET.get("state", "")
    state = state if state in Pattern.State.values else Pattern.State.NEW
    rows, order = reading.visible_to(actor), f"patterns:{state}"
    counts: dict[str, int] = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    found, turn = rows.filter(state=state), turn_of(request, order)
    page = page_by(found, "raised_on", turn, order=order, count=counts.get(state, 0))
    tabs = [
        {"label": label, "url": f"?state={code}", "count": counts.get(code, 0), "active": code == state}
        for code, label in Pattern.State.choices
    ]
    context = {"tabs": tabs, "lines": [_line(row) for row in page.rows], "page": page, "least": LEAST}
    return render(request, "patterns/list.html", context)


def _line(row: Pattern) -> dict[str, Any]:
    return {
        "row": row, "name": reading.name_of(row), "url": link("pattern", row.ref), "tone": TONES[row.state],
        "why": wording.in_short(row),
    }  # fmt: skip


@require_safe
@signed_in
@refusals
def pattern(request: HttpRequest, ref: str) -> HttpResponse:
    """One page of evidence: what grew, against what, how likely by chance, and the cases behind each number."""
    actor = actor_of(request)
    row = _found(actor, ref)
    part, mark = _asked(request)
    parts = reading.parts_of(actor, row)
    _no_small_group(parts, part, mark)
    cases = reading.cases_of(actor, row, part, mark)
    order = f"pattern:{part}:{mark}"
    page = page_by(for_list(cases), "received_on", turn_of(request, order), order=order, count=cases.count())
    context = {
        "row": row, "name": reading.name_of(row), "parts": parts, "part": part, "mark": mark,
        "why": wording.explained(row), "list_name": _list_name(part, mark), "page": page, "lines": lines(actor, page.rows, wording.COLUMNS),
        "columns": wording.COLUMNS, "tone": TONES[row.state], "steps": _steps(actor, row), "acts": reading.may_act(actor),
        "turns": turns.offered(actor, row) if row.state != "aside" else [], "aside": AsideForm(), "least": LEAST,
    }  # fmt: skip
    return render(request, "patterns/pattern.html", context)


def _asked(request: HttpRequest) -> tuple[str, str]:
    part, mark = request.GET.get("part", "now"), request.GET.get("mark", "")
    if part not in reading.PARTS or (mark and mark not in reading.MARKS):
        raise NotSeen
    return part, mark


def _no_small_group(parts: list[reading.Part], part: str, mark: str) -> None:
    """The list of a marked group smaller than LEAST is not shown, as its number is not."""
    small = any(
        one.code == part and share.mark == mark and share.count is None for one in parts for share in one.shares
    )
    if mark and small:
        raise NotSeen


def _list_name(part: str, mark: str) -> str:
    return reading.PARTS[part] + (f"，{reading.MARKS[mark]}" if mark else "")


def _steps(actor: Actor, row: Pattern) -> list[dict[str, Any]]:
    rows = row.steps.select_related("post__user", "post__department").order_by("pk")
    return [{"row": step, "url": _address(actor, step.step, step.target)} for step in rows]


def _address(actor: Actor, step: str, target: str) -> str:
    if step != "advice":
        return turns.address(step, target)
    ref = access.visible_to(actor).filter(advices__ref=target).values_list("ref", flat=True).first()
    return link("case", ref) if ref else ""


# --- what is done ---------------------------------------------------------------------------------------------------


@require_POST
@signed_in
@refusals
def look(request: HttpRequest, ref: str) -> HttpResponse:
    """Somebody has looked at the evidence."""
    actor = actor_of(request)
    verbs.look(_found(actor, ref), by=actor)
    return _back(request, ref, "已记为研判。")


@require_POST
@signed_in
@refusals
def again(request: HttpRequest, ref: str) -> HttpResponse:
    """It is taken up again."""
    actor = actor_of(request)
    verbs.take_again(_found(actor, ref), by=actor)
    return _back(request, ref, "已重新研判。")


@require_POST
@signed_in
@refusals
def aside(request: HttpRequest, ref: str) -> HttpResponse:
    """It is set aside, with a reason."""
    actor = actor_of(request)
    row = _found(actor, ref)
    verbs.check_acts(actor)
    form = AsideForm(request.POST)
    if not form.is_valid():
        raise BadInput({"reason": "请写明搁置的理由。"}, rule=verbs.RULE)
    verbs.set_aside(row, by=actor, reason=form.cleaned_data["reason"])
    return _back(request, ref, "已搁置，理由已记下。")


def _back(request: HttpRequest, ref: str, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(link("pattern", ref))


@require_http_methods(["GET", "POST"])
@signed_in
@refusals
def suggest(request: HttpRequest, ref: str) -> HttpResponse:
    """Turn a warning into a suggestion to better a policy (Art.40): drafted from its numbers, changed by a person."""
    actor = actor_of(request)
    row = _found(actor, ref)
    verbs.check_acts(actor)
    newest = reading.cases_of(actor, row, "now").order_by("-received_on", "-pk").values_list("pk", flat=True)[:OFFERED]
    matters = Petition.objects.filter(pk__in=list(newest)).order_by("-received_on", "-pk")
    first = {"facts": wording.facts(row, reading.parts_of(actor, row)), "department": row.unit_id}
    form = SuggestForm(request.POST if request.method == "POST" else None, matters=matters, initial=first)
    problems: list[dict[str, Any]] = []
    if form.is_bound and form.is_valid():
        try:
            _suggested(request, actor, row, form.cleaned_data)
        except BadInput as refused:
            problems = put_on(form, refused)
        else:
            return _back(request, ref, "完善政策建议书已制作，存入所选事项的案卷。")
    context = {"row": row, "name": reading.name_of(row), "form": form, "problems": problems}
    return render(request, "patterns/suggest.html", context, status=422 if form.is_bound else 200)


def _suggested(request: HttpRequest, actor: Actor, row: Pattern, data: dict[str, Any]) -> None:
    matter = data.pop("matter")

    def run() -> dict[str, str]:
        return {"ref": verbs.to_suggestion(row, by=actor, on=matter, **data).ref}

    key = request.POST.get("idempotency_key", "")
    if key:
        once(actor, key, body_hash(request), run)
    else:
        run()
