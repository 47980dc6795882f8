"""Which matters are there, and what is known of one?  The list and the case, in the shapes of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access_log import log
from accounts.actor import Actor
from accounts.api import actor_of
from accounts.dates import today
from accounts.models import AccessKind
from petitions import access, trees
from petitions.api import shapes
from petitions.api.bodies import only
from petitions.api.document import READ, operation
from petitions.api.fields import faults
from petitions.api.files import line as file_line
from petitions.asked import SIZES
from petitions.columns import COLUMNS, DEFAULT
from petitions.dossier import Dossier, dossier_of
from petitions.errors import BadInput
from petitions.filters import Filters
from petitions.keyset import Turn, unpack
from petitions.models import Petition
from petitions.orders import NEWEST, ORDERS, Order, offered_to
from petitions.querysets import page_of
from petitions.views import case_parts as parts
from petitions.views.answers import petition_for
from petitions.views.timeline import timeline
from petitions.workdays import days_left

_OF_THE_PLACE = ("category", "region", "responsible")  # what there is to choose differs from office to office

# What a line says, as the columns that are read for it.
_COLUMNS = (*DEFAULT, *(COLUMNS[code] for code in ("region", "heads", "closed", "outcome", "resolved")))


def _parameters() -> list[OpenApiParameter]:
    found = [_parameter(name, field) for name, field in Filters.base_fields.items()]
    mark = "A mark out of an answer; not together with the other."
    return [
        *found,
        OpenApiParameter(
            "sort", str, enum=list(ORDERS), description="The order; `due` and `closed` list only what has such a day."
        ),
        OpenApiParameter("size", OpenApiTypes.INT, enum=SIZES, description=f"Rows of a page; {SIZES[0]} if not said."),
        OpenApiParameter("after", str, description=mark),
        OpenApiParameter("before", str, description=mark),
    ]


def _parameter(name: str, field: Any) -> OpenApiParameter:
    if not hasattr(field, "known"):
        return OpenApiParameter(name, OpenApiTypes.DATE, description=str(field.label))
    options = None if name in _OF_THE_PLACE else [value for value, _, _ in field.widget.options()]
    words = "with everything below it" if name in _OF_THE_PLACE else ""
    return OpenApiParameter(name, str, enum=options, description=f"{field.label} {words}".strip())


@operation("list_petitions", status=200, shape=shapes.Lines, refuses=READ, parameters=_parameters(),
           summary="信访事项：范围内的全部，可筛选，新的在前")  # fmt: skip
@api_view(["GET"])
def matters(request: Request) -> Response:
    """The matters in scope, newest first, narrowed by the filters of the list page."""
    actor = actor_of(request)
    scope = access.scope_of(actor)
    form, order, turn = _asked(request.query_params, scope)
    page = page_of(actor, form.wanted(today()), turn, order=order, columns=_COLUMNS, scope=scope)
    names = access.names_of(actor)
    said = {"count": page.count, "before": page.before, "after": page.after}
    return Response(shapes.Lines(said | {"results": [line(row, names) for row in page.rows]}).data)


def _asked(said: Any, scope: access.Scope) -> tuple[Filters, Order, Turn]:
    """The filters, the order and the page that an address asks for.

    Raises:
        BadInput: a filter that is not there, or with a value that it does not know.
    """
    only(said, *Filters.base_fields, "sort", "size", "after", "before")
    if twice := [name for name in said if len(said.getlist(name)) > 1]:
        raise BadInput(dict.fromkeys(twice, "只能写一次。"))
    size = said.get("size", str(SIZES[0]))
    if size not in map(str, SIZES):
        raise BadInput({"size": f"可以是{'、'.join(map(str, SIZES))}。"})
    if said.get("after") and said.get("before"):
        raise BadInput({"before": "不能和 after 同时写。"})
    offered = {one.code: one for one in offered_to(scope)}
    order = offered.get(said.get("sort", NEWEST.code))
    if order is None:
        raise BadInput({"sort": f"可以是{'、'.join(offered)}。"})
    form = Filters(said)
    if not form.is_valid():
        raise BadInput(faults(form))
    after, before = (unpack(said.get(name, ""), order.code) for name in ("after", "before"))
    return form, order, Turn(after, before, int(size))


def line(row: Petition, names: access.Names) -> dict[str, Any]:
    """Return what a list says of a matter."""
    return {
        "ref": row.ref, "number": row.number, "title": row.title, "stage": row.stage,
        "name": row.lead_name if names.may_know(row) else None, "received_on": row.received_on, "due": row.due,
        "days_left": days_left(row.due, today()) if row.due else None,
        "category": _named(trees.categories(), row.category_id), "region": _named(trees.regions(), row.region_id),
        "responsible": _named(trees.departments(), row.responsible_id), "head_count": row.head_count,
        "joint": row.joint, "urgent": row.urgent, "closed_on": row.closed_on, "outcome": row.outcome or None,
        "resolved": row.resolved,
    }  # fmt: skip


def _named(tree: trees.Tree, key: Any) -> dict[str, str] | None:
    return {"code": str(key), "label": tree.name(key)} if key else None


@operation("read_petition", status=200, shape=shapes.Matter, refuses=READ, summary="一件信访事项")
@api_view(["GET"])
def matter(request: Request, ref: str) -> Response:
    """One matter with its people masked, its clocks with their reasons, and what has happened; the reading is logged."""
    actor = actor_of(request)
    only(request.query_params)
    petition = petition_for(actor, ref)
    log(actor, AccessKind.READ, f"petition:{ref}")
    found = dossier_of(petition)
    named = access.names_of(actor)
    return Response(shapes.Matter(line(petition, named) | _whole(found, actor)).data)


def _whole(found: Dossier, actor: Actor) -> dict[str, Any]:
    petition, named = found.petition, access.sees_name(actor, found.petition)
    state = parts.state(found)
    return {
        "state": state["label"], "holder": state["unit"], "seen": petition.events_count,
        "content": petition.content, "place": petition.place,
        "merged_into": petition.merged_into.number if petition.merged_into else None,
        "clocks": [vars(badge) for badge in parts.clocks(found, today())],
        "past_clocks": [_past(one) for one in parts.past_clocks(found)],
        "people": [_person(one) for one in parts.people(found, actor)],
        "claims": [_claim(one) for one in parts.claims(found)],
        "filings": [_filing(one) for one in parts.filings(found)],
        "units": [one | {"ref": one["row"].ref} for one in parts.units(found)],
        "papers": [_paper(one) for one in parts.papers(found)],
        "files": [file_line(one) for one in parts.files(found, named=named)],
        "events": _events(found, named=named),
    }  # fmt: skip


def _past(one: Mapping[str, Any]) -> dict[str, Any]:
    row = one["row"]
    return {"name": one["label"], "start": row.start, "due": row.due, "ended_on": row.ended_on, "late": one["late"]}


def _person(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": one["name"], "role": one["role"],
        "facts": [{"label": label, "value": value} for label, value in one["bits"]],
    }  # fmt: skip


def _claim(one: Mapping[str, Any]) -> dict[str, Any]:
    """A draft's answer is not told before it is signed."""
    row, open_ = one["row"], not one["draft"]
    return {
        "serial": row.serial, "text": row.text, "route": one["route"], "support": one["support"] if open_ else "",
        "answer": row.answer if open_ else "",
    }  # fmt: skip


def _filing(one: Mapping[str, Any]) -> dict[str, Any]:
    row = one["row"]
    return {
        "ref": row.ref, "number": row.number, "channel": row.get_channel_display(), "received_on": row.received_on,
        "recorded_at": row.recorded_at, "repeat": row.repeat, "state": one["state"], "office": one["office"],
        "head_count": row.head_count, "content": row.content, "references": [vars(ref) for ref in one["references"]],
    }  # fmt: skip


def _paper(one: Mapping[str, Any]) -> dict[str, Any]:
    row = one["row"]
    return {
        "ref": row.ref, "number": row.number, "title": row.title, "department": one["department"],
        "issued_on": row.issued_on, "served": one["served"],
    }  # fmt: skip


def _events(found: Dossier, *, named: bool) -> list[dict[str, Any]]:
    """The timeline, the newest first, each line with its number and step."""
    lines = zip(reversed(found.events), timeline(found, named=named), strict=True)
    return [
        line | {"seq": event.seq, "step": event.step, "papers": [paper["label"] for paper in line["papers"]]}
        for event, line in lines
    ]
