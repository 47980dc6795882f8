"""The day itself: the board for all rooms, and one room on a tablet, with its queue and the record that is filled in while listening."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from accounts.identity import show_phone
from accounts.models import AccessKind
from petitions.access import visible_to
from petitions.actions.once import once
from petitions.errors import BadInput, NotSeen
from petitions.querycode import grouped
from petitions.views.answers import actor_of, body_hash, is_part, put_on
from visits import access
from visits.actions import day as verbs
from visits.actions.outcome import record as write_record
from visits.board import board_for
from visits.forms.day import RoomForm, SessionForm, matter_set
from visits.models import Reception, Visit
from visits.pack import Sheet, sheet_for
from visits.views import kit


@require_safe
@kit.page
def board(request: HttpRequest) -> HttpResponse:
    """All rooms of a day; asked again every few seconds, the part alone.  ``?wall=1``: for a projector, with nothing to press."""
    actor = actor_of(request)
    if access.office_of(actor) is None and not access.receives(actor):
        access.check(actor, access.WATCH, "查看接访大屏")
    found = board_for(actor, _day(request.GET.get("day", "")))
    name = "wall" if "wall" in request.GET else "board"
    template = f"visits/{'_' if is_part(request) else ''}{name}.html"
    context = {"board": found, "works": access.may(actor, access.ROOM), "today": today(), "desk": access.may(actor, access.DESK),
               "source": f"{kit.url('board')}?day={found.day:%Y-%m-%d}&wall=1"}  # fmt: skip
    return render(request, template, context)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today()


@never_cache  # the tablet goes by who is in the room now
@require_safe
@kit.page
def room(request: HttpRequest, ref: str) -> HttpResponse:
    """One room: who is in it, the record, who waits."""
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    context = _room(actor, visit)
    if is_part(request):
        return render(request, "visits/_queue.html", context)
    inside = context["inside"]
    if inside is not None and context["records"]:
        log(actor, AccessKind.READ, f"reception:{inside.ref}")
        context |= _forms(actor, inside)
    context["sheet"] = _sheet(actor, inside)
    return render(request, "visits/room.html", context)


def _room(actor: Actor, visit: Visit) -> dict[str, Any]:
    rows = list(visit.receptions.select_related("field").order_by("queue_number"))
    waiting = sorted((row for row in rows if row.state == "waiting"), key=verbs.turn)
    return {
        "visit": visit, "inside": next((row for row in rows if row.state == "in_room"), None), "waiting": waiting,
        "done": [row for row in rows if row.state == "done"], "works": access.may(actor, access.ROOM),
        "records": access.may(actor, access.RECORDS), "open": visit.status == "published",
    }  # fmt: skip


def _forms(actor: Actor, row: Reception, data: Any = None) -> dict[str, Any]:
    initial = {"name": row.name, "phone": show_phone(row.phone) if row.phone else "", "people": row.people,
               "representatives": row.representatives}  # fmt: skip
    first = [{"number": row.filed_number, "content": row.matter, "title": row.matter[:60].split("\n")[0]}]
    along = visible_to(actor).filter(pk__in=row.visit.carried.values("petition")).only("number", "title").order_by("pk")
    return {
        "form": SessionForm(data, initial=initial),
        "matters": matter_set(actor, data, first),
        "carried": list(along),
    }


def _sheet(actor: Actor, row: Reception | None) -> Sheet | None:
    """What is known of the matter that the party in the room brought, where it gave a number; each reading is logged."""
    if row is None or not row.filed_number or not access.reads_pack(actor):
        return None
    found = sheet_for(actor, row.visit, row.filed_number, today())
    if found is not None:
        log(actor, AccessKind.READ, f"petition:{found.petition.ref}", data={"page": "room"})
    return found


@require_POST
@kit.page
def call(request: HttpRequest, ref: str) -> HttpResponse:
    """Call the next party, or the one chosen."""
    actor = actor_of(request)
    visit = kit.visit_for(actor, ref, inside=True)
    chosen = visit.receptions.filter(ref=request.POST.get("reception", "")).first()
    return kit.press(request, lambda: verbs.call_next(visit, by=actor, reception=chosen), back=kit.url("room", ref))


def reception_for(actor: Actor, ref: str) -> Reception:
    """Return the party ``ref`` if the actor sees its room.

    Raises:
        NotSeen: it does not exist or is outside the actor's scope.
    """
    row = (
        access.receptions_of(actor)
        .select_related("visit__leader__user", "visit__place", "place")
        .filter(ref=ref)
        .first()
    )
    if row is None:
        raise NotSeen
    return row


@require_http_methods(["GET", "POST"])
@kit.page
def to_room(request: HttpRequest, ref: str) -> HttpResponse:
    """Another room."""
    actor = actor_of(request)
    row = reception_for(actor, ref)
    access.check(actor, access.ROOM, "调整接待室")
    back = kit.url("room", row.visit.ref)
    form = RoomForm(kit.data(request), reception=row)

    def run(data: dict[str, Any]) -> None:
        verbs.to_room(row, data["to"], by=actor)

    return kit.form_page(
        request, form, run, heading=f"{row.queue_number}号换接待室", button="换", back=back, done="已换接待室。"
    )


@require_POST
@kit.page
def leave(request: HttpRequest, ref: str) -> HttpResponse:
    """Gone before it was heard."""
    actor = actor_of(request)
    row = reception_for(actor, ref)
    return kit.press(
        request, lambda: verbs.leave(row, by=actor), back=kit.url("room", row.visit.ref), done="已登记离开。"
    )


@require_POST
@kit.page
def back(request: HttpRequest, ref: str) -> HttpResponse:
    """Called by mistake."""
    actor = actor_of(request)
    row = reception_for(actor, ref)
    return kit.press(request, lambda: verbs.back(row, by=actor), back=kit.url("room", row.visit.ref))


@require_http_methods(["POST"])
@kit.page
def record(request: HttpRequest, ref: str) -> HttpResponse:
    """Take the record of a party: once for each key, however often a tablet sends it."""
    actor = actor_of(request)
    row = reception_for(actor, ref)
    access.check(actor, access.RECORDS, "接访登记")
    found = _forms(actor, row, kit.with_row(request, "m") if "add_row" in request.POST else request.POST)
    if "add_row" in request.POST:
        return _refused(request, actor, row, found, status=200)
    form, matters = found["form"], found["matters"]
    problems: list[dict[str, Any]] = []
    if form.is_valid() and matters.is_valid():
        try:
            answer = _once(request, actor, row, form, matters)
        except BadInput as refused:
            problems = put_on(form, _in_rows(matters, refused))
        else:
            messages.success(request, answer["said"])
            return kit.go(request, kit.url("room", answer["visit"]))
    return _refused(request, actor, row, found, problems=problems)


def _in_rows(matters: Any, refused: BadInput) -> BadInput:
    """Put what is wrong with a matter beside it where there is only one; else it stays in the summary."""
    if len(matters.forms) == 1:
        only = matters.forms[0]
        for name in [name for name in refused.fields if name in only.fields]:
            only.add_error(name, refused.fields.pop(name))
    return refused


def _once(request: HttpRequest, actor: Actor, row: Reception, form: SessionForm, matters: Any) -> dict[str, str]:
    key = request.POST.get("idempotency_key", "")

    def run() -> dict[str, str]:
        told = [one.matter(form.cleaned_data) for one in matters.forms]
        done = write_record(row, by=actor, said=form.said(), matters=told)
        codes = "".join(f"；{number}查询码 {grouped(code)}" for number, code in done.codes.items())
        return {"said": f"已登记 {done.code}{codes}。", "visit": row.visit.ref}

    return once(actor, key, body_hash(request), run)[0] if key else run()


def _refused(
    request: HttpRequest, actor: Actor, row: Reception, found: dict[str, Any], *, status: int = 422, problems: Any = None
) -> HttpResponse:  # fmt: skip
    context = {**_room(actor, row.visit), **found, "problems": problems or []}
    context["inside"] = context["inside"] or row
    context["sheet"] = _sheet(actor, context["inside"])
    return render(request, "visits/room.html", context, status=status)
